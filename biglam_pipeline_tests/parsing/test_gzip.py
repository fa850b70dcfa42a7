"""One guard around gzip, for what is sent and for what was shelved."""

import gzip
from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

import pytest

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.archives import survey
from biglam_pipeline.parsing.gzip import Gunzip, GzipTrouble, gunzip
from biglam_pipeline.parsing.inflate import Unreadable, open_plain, read_whole
from biglam_pipeline.web.body import inflated
from biglam_pipeline.web.limits import Limits
from biglam_pipeline.web.retry import Retry
from biglam_pipeline_tests.normalize.bundles import item

PLAIN = b"<a>one</a>\n" * 500
PACKED = gzip.compress(PLAIN, mtime=0)
WHOLE = [
    (PACKED, PLAIN),
    (PACKED + gzip.compress(b"more", mtime=0), PLAIN + b"more"),  # RFC 1952, 2.2: a file is a series of members
    (gzip.compress(b"", mtime=0) + PACKED, PLAIN),
    (PACKED + bytes(512), PLAIN),  # what tapes and dd pad with
    (PACKED + b"\r\n", PLAIN),  # an empty line that a script printed
    (PACKED + bytes(20) + gzip.compress(b"more", mtime=0), PLAIN + b"more"),
]
BROKEN = [
    (PACKED[:-1], "cut"),
    (PACKED[:-9], "cut"),
    (PACKED[:12], "cut"),
    (b"", "cut"),
    (PACKED + PACKED[:5], "cut"),
    (PACKED + b"<html>Notice", "damaged"),  # it may be a member whose head was hit
    (PACKED + b"\x1f\x8c" + PACKED[2:], "damaged"),
    (PACKED[:-8] + b"\0\0\0\0" + PACKED[-4:], "damaged"),  # the checksum
    (PACKED[:40] + b"\xff\xff\xff" + PACKED[43:], "damaged"),
    (b"\x1f\x8b\x07" + PACKED[3:], "damaged"),
    (gzip.compress(bytes(30_000_000), mtime=0), "bomb"),
    (gzip.compress(b"", mtime=0) * 10 + gzip.compress(bytes(30_000_000), mtime=0), "bomb"),
]


def in_pieces(data: bytes, size: int) -> Iterable[bytes]:
    return (data[start : start + size] for start in range(0, len(data), size))


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize(("packed", "plain"), WHOLE)
def test_members_and_padding(packed: bytes, plain: bytes, size: int) -> None:
    assert b"".join(gunzip(in_pieces(packed, size), Gunzip())) == plain


@pytest.mark.parametrize(("packed", "plain"), WHOLE)
def test_a_file_is_unpacked_as_a_transfer_is(packed: bytes, plain: bytes, tmp_path: Path) -> None:
    """Python's own gzip takes blanks behind the end for damage: whole as a transfer, the same bytes were no file."""
    path = tmp_path / "a.xml.gz"
    path.write_bytes(packed)
    (member,) = survey(path).members
    assert (member.name, member.size, member.sha256) == ("a.xml", len(plain), sha256(plain).hexdigest())


@pytest.mark.parametrize(("packed", "kind"), [one for one in BROKEN if one[0]])
def test_a_file_that_cannot_be_unpacked_whole_is_no_archive(packed: bytes, kind: str, tmp_path: Path) -> None:
    path = tmp_path / "a.xml.gz"
    path.write_bytes(packed)
    with pytest.raises(ObjectFailed) as failed:
        survey(path)
    assert failed.value.reason == {"cut": "truncated", "damaged": "damaged", "bomb": "too_large"}[kind]


@pytest.mark.parametrize("size", [1, 7, 1 << 20])
@pytest.mark.parametrize(("packed", "kind"), BROKEN)
def test_what_cannot_be_unpacked_whole_says_so(packed: bytes, kind: str, size: int) -> None:
    if kind == "bomb" and size == 1:
        size = 1000
    with pytest.raises(GzipTrouble) as caught:
        for _ in gunzip(in_pieces(packed, size), Gunzip()):
            pass
    assert caught.value.kind == kind


def test_a_bomb_is_met_in_steps_and_not_in_memory() -> None:
    guard, sizes = Gunzip(), list[int]()
    with pytest.raises(GzipTrouble):
        sizes.extend(map(len, gunzip([gzip.compress(bytes(200_000_000))], guard)))
    assert max(sizes) <= 1 << 20
    assert guard.written <= 25_000_000


def test_an_honest_file_that_packs_well_is_no_bomb() -> None:
    """A table of few different lines packs to a hundredth: the ratio counts from 10 MB on, and of the whole file."""
    plain = b"".join(b"<row><a>%d</a></row>\n" % number for number in range(600_000)) + b" " * 5_000_000
    assert read_whole(item("a.xml", gzip.compress(plain))) == plain


@pytest.mark.parametrize(("kind", "packed"), [("gzip_damaged", PACKED[:-3]), ("gzip_damaged", PACKED + b"junk")])
def test_a_file_says_it_as_a_reject(kind: str, packed: bytes) -> None:
    with open_plain(item("a.xml", packed)) as stream, pytest.raises(Unreadable) as caught:
        stream.read()
    assert caught.value.reason == kind


def test_a_transfer_says_it_as_something_to_ask_for_again() -> None:
    with pytest.raises(Retry):
        list(inflated([PACKED[:-3]], "https://example.org/a", Limits()))
    with pytest.raises(ObjectFailed, match="bomb"):
        list(inflated([gzip.compress(bytes(30_000_000))], "https://example.org/a", Limits()))
    assert b"".join(inflated(in_pieces(PACKED, 1), "https://example.org/a", Limits())) == PLAIN
    assert b"".join(inflated([b"", b"plain"], "https://example.org/a", Limits())) == b"plain"
