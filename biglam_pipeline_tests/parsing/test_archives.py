"""Archives as folders: whole ones are read, broken and hostile ones are named."""

import bz2
import gzip
import io
import lzma
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from biglam_pipeline.errors import ObjectFailed, ShelfDamaged
from biglam_pipeline.parsing import archives
from biglam_pipeline.parsing.archives import entries, is_archive, open_member, read_members, survey

FILES = {"b/2.xml": b"<b/>", "a.txt": os.urandom(70_000), "ü.txt": b"", "c/long.txt": b"abc" * 200_000}


def make_zip(files: dict[str, bytes] | list[tuple[str, bytes]], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items() if isinstance(files, dict) else files:
            archive.writestr(name, content)
    return buffer.getvalue()


def make_tar(files: dict[str, bytes], mode: str = "w") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


MAKERS: dict[str, Callable[[], bytes]] = {
    "zip": lambda: make_zip(FILES),
    "stored.zip": lambda: make_zip(FILES, zipfile.ZIP_STORED),
    "tar": lambda: make_tar(FILES),
    "tar.gz": lambda: make_tar(FILES, "w:gz"),
    "tar.bz2": lambda: make_tar(FILES, "w:bz2"),
    "tar.xz": lambda: make_tar(FILES, "w:xz"),
}


@pytest.fixture(params=MAKERS)
def archive(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    # Named by a digest on the shelf: what it is, its bytes have to say.
    path = tmp_path / "0123abcd"
    path.write_bytes(MAKERS[request.param]())
    return path


def put(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "archive"
    path.write_bytes(content)
    return path


def test_a_whole_archive_is_surveyed(archive: Path) -> None:
    found = survey(archive)
    assert [(one.name, one.size, one.sha256) for one in found.members] == [
        (name, len(content), sha256(content).hexdigest()) for name, content in FILES.items()
    ]
    assert (found.left_out, found.counts) == ((), {})


def test_members_are_read_in_the_archives_order(archive: Path) -> None:
    assert list(read_members(archive, ["c/long.txt", "b/2.xml"])) == [
        ("b/2.xml", FILES["b/2.xml"]),
        ("c/long.txt", FILES["c/long.txt"]),
    ]
    assert list(read_members(archive, [])) == []
    with pytest.raises(ShelfDamaged, match="no member 'x'"):
        list(read_members(archive, ["x", "a.txt"]))


def test_one_member_is_streamed(archive: Path) -> None:
    with open_member(archive, "c/long.txt") as stream:
        assert stream.read(3) == b"abc"
        assert stream.read() == FILES["c/long.txt"][3:]
    with pytest.raises(ShelfDamaged):
        open_member(archive, "x")


def test_an_archive_is_known_by_its_bytes_and_its_name(archive: Path) -> None:
    head = archive.read_bytes()[: archives.HEAD_BYTES]
    assert is_archive("download", head)
    assert not is_archive("Inventory.XLSX", head)
    assert not is_archive("book.epub", head)
    for first in ("[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "xl/workbook.xml"):
        document = b"PK\x03\x04" + bytes(22) + len(first).to_bytes(2, "little") + b"\0\0" + first.encode() + b"<xml/>"
        assert not is_archive("download", document)
        assert is_archive("download.zip", document)
    assert is_archive("download", b"PK\x03\x04" + bytes(26) + b"data/xl/workbook.xml")
    assert is_archive("a.zip", b"garbage")
    assert not is_archive("a.xml", b"<?xml version='1.0'?>" + b" " * 600)


@pytest.mark.parametrize("squeeze", [gzip.compress, bz2.compress, lzma.compress])
def test_a_compressed_file_is_a_folder_of_one(squeeze: Callable[[bytes], bytes], tmp_path: Path) -> None:
    path = put(tmp_path, squeeze(b"<mets/>" * 100))
    assert is_archive("x.xml.gz", path.read_bytes())
    for name in ("x/part01.xml.gz", "x/part01.xml.bz2", "x/part01.xml"):
        assert [(one.name, one.size) for one in survey(path, name).members] == [("part01.xml", 700)]
        assert list(read_members(path, ["part01.xml"], name)) == [("part01.xml", b"<mets/>" * 100)]
    # On the shelf it has only its digest for a name, and still gives what it was surveyed as.
    assert list(read_members(path, ["part01.xml"])) == [("part01.xml", b"<mets/>" * 100)]
    with open_member(path, "part01.xml") as stream:
        assert stream.read(7) == b"<mets/>"


@pytest.mark.parametrize("squeeze", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("between", [b"", b"\0" * 4, b"\0" * 1000])
def test_a_compressed_file_is_all_its_streams(
    squeeze: Callable[[bytes], bytes], between: bytes, tmp_path: Path
) -> None:
    """Zeros between and behind them are padding (xz 2.2, tapes)."""
    path = put(tmp_path, squeeze(b"first ") + between + squeeze(b"second ") + between + squeeze(b"third") + between)
    assert dict(read_members(path, ["x"])) == {"x": b"first second third"}


@pytest.mark.parametrize("squeeze", [gzip.compress, bz2.compress, lzma.compress])
@pytest.mark.parametrize("harm", ["head", "cut", "junk"])
def test_a_stream_that_is_damaged_is_not_the_end(squeeze: Callable[[bytes], bytes], harm: str, tmp_path: Path) -> None:
    """The standard library takes a second bzip2 or xz stream whose first bytes are hit for rubbish behind the end."""
    second = squeeze(b"second")
    content = {"head": b"XX" + second[2:], "cut": second[:-3], "junk": second + b"junk"}[harm]
    with pytest.raises(ObjectFailed):
        survey(put(tmp_path, squeeze(b"first") + content), "x")


def test_h21_gzip_under_an_xml_name_is_seen(tmp_path: Path) -> None:
    assert is_archive("a.xml", gzip.compress(b"<a/>"))


@pytest.mark.representative(6)  # cut elsewhere
@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("share", [0.5, 0.9, 0.99])
def test_h25_a_truncated_archive_is_not_whole(kind: str, share: float, tmp_path: Path) -> None:
    content = MAKERS[kind]()
    path = put(tmp_path, content[: int(len(content) * share)])
    if kind == "tar" and share == 0.99:
        path.write_bytes(content[: content.rstrip(b"\0").__len__() // 512 * 512 + 512])  # at a member's border
    with pytest.raises(ObjectFailed, match="ends too early") as caught:
        survey(path, f"a.{kind}")
    assert caught.value.reason == "truncated"


@pytest.mark.parametrize("kind", ["tar.gz", "tar.bz2", "tar.xz"])
def test_h25_a_flipped_byte_breaks_a_stream(kind: str, tmp_path: Path) -> None:
    content = bytearray(MAKERS[kind]())
    content[len(content) // 3] ^= 0xFF
    with pytest.raises(ObjectFailed) as caught:
        survey(put(tmp_path, bytes(content)))
    assert caught.value.reason in ("damaged", "truncated")


@pytest.mark.parametrize("kind", ["zip", "stored.zip"])
def test_h25_a_flipped_byte_costs_a_zip_one_member(kind: str, tmp_path: Path) -> None:
    content = bytearray(MAKERS[kind]())
    content[len(content) // 3] ^= 0xFF
    found = survey(put(tmp_path, bytes(content)))
    assert len(found.members) == len(FILES) - 1
    assert [one.reason for one in found.left_out] == ["damaged"]


def test_h25_a_broken_tar_header_is_not_the_end(tmp_path: Path) -> None:
    content = bytearray(make_tar({"a": b"x", "b": b"y", "c": b"z"}))
    content[1024 + 148] ^= 0x01  # the checksum of the second header
    with pytest.raises(ObjectFailed, match="header in the middle"):
        survey(put(tmp_path, bytes(content)))


def test_h25_a_zip_that_lies_about_a_size_is_damaged(tmp_path: Path) -> None:
    content = bytearray(make_zip({"a": b"x" * 1000}))
    where = content.index(b"PK\x01\x02") + 24
    content[where : where + 4] = struct.pack("<I", 999)
    found = survey(put(tmp_path, bytes(content)))
    assert [(one.name, one.reason) for one in found.left_out] == [("a", "damaged")]


def test_h22_a_bomb_is_stopped(tmp_path: Path) -> None:
    zeros = b"\0" * 50_000_000
    for content in (bz2.compress(zeros), gzip.compress(gzip.compress(zeros)), make_zip({"a.gz": gzip.compress(zeros)})):
        with pytest.raises(ObjectFailed, match="bomb") as caught:
            survey(put(tmp_path, content), "a.gz")
        assert caught.value.reason == "too_large"


def test_archives_inside_archives_are_folders(tmp_path: Path) -> None:
    inner = make_zip({"deep.xml": b"<a/>"})
    for content in (make_tar({"inner.zip": inner}), make_zip({"inner.zip": inner}, zipfile.ZIP_STORED)):
        path = put(tmp_path, content)
        assert [one.name for one in survey(path).members] == ["inner.zip/deep.xml"]
        assert list(read_members(path, ["inner.zip/deep.xml"])) == [("inner.zip/deep.xml", b"<a/>")]
        with open_member(path, "inner.zip/deep.xml") as stream:
            assert stream.read() == b"<a/>"


def test_h22_a_zip_bomb_is_stopped(tmp_path: Path) -> None:
    with pytest.raises(ObjectFailed, match="bomb"):
        survey(put(tmp_path, make_zip({"a": b"\0" * 50_000_000}, zipfile.ZIP_BZIP2)))


def test_h22_members_that_share_their_bytes_are_a_bomb(tmp_path: Path) -> None:
    content = make_zip({"a": b"x" * 1000}, zipfile.ZIP_STORED)
    start = content.index(b"PK\x01\x02")
    end = content.index(b"PK\x05\x06")
    entry = content[start:end]
    closing = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 50, 50, len(entry) * 50, start, 0)
    with pytest.raises(ObjectFailed, match="overlap"):
        survey(put(tmp_path, content[:start] + entry * 50 + closing))


def test_h22_a_million_members_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(entries, "MAX_MEMBERS", 2)
    with pytest.raises(ObjectFailed, match="2 members"):
        survey(put(tmp_path, make_zip({"a": b"", "b": b"", "c": b""})))


OUTSIDE = ["../evil", "a/../../evil", "/etc/passwd", "C:/evil", "c:evil", "..\\evil", "\\\\server\\share", "a/.."]


@pytest.mark.parametrize("name", OUTSIDE)
@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_h23_names_that_lead_out_are_missing(
    make: Callable[[dict[str, bytes]], bytes], name: str, tmp_path: Path
) -> None:
    """APPNOTE 4.4.17.1: no drive letter, no leading slash, forward slashes."""
    found = survey(put(tmp_path, make({name: b"x", "good": b"y"})))
    assert [one.name for one in found.members] == ["good"]
    assert [(one.name, one.reason) for one in found.left_out] == [(name, "name")]


@pytest.mark.parametrize("name", ["a\\b.csv", "./a/b.csv", "a//b.csv", ".\\a\\.\\b.csv"])
@pytest.mark.parametrize("make", [make_zip, make_tar])
def test_a_name_is_a_path_with_slashes(make: Callable[[dict[str, bytes]], bytes], name: str, tmp_path: Path) -> None:
    """.NET before 4.6.1 wrote backslashes: https://github.com/dotnet/corefx/issues/32788"""
    path = put(tmp_path, make({name: b"x"}))
    assert [one.name for one in survey(path).members] == ["a/b.csv"]
    assert list(read_members(path, ["a/b.csv"])) == [("a/b.csv", b"x")]


def test_h24_a_name_with_two_contents_is_missing(tmp_path: Path) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        path = put(tmp_path, make_zip([("a", b"first"), ("a", b"second")]))
    found = survey(path)
    assert [one.sha256 for one in found.members] == [sha256(b"first").hexdigest()]
    assert [(one.name, one.reason) for one in found.left_out] == [("a~2", "named_twice")]
    assert list(read_members(path, ["a"])) == [("a", b"first")]
    with open_member(path, "a") as stream:
        assert stream.read() == b"first"


def test_h26_encrypted_members_are_named(tmp_path: Path) -> None:
    content = bytearray(make_zip({"secret": b"x", "open": b"y"}))
    content[content.index(b"PK\x01\x02") + 8] |= 0x1
    found = survey(put(tmp_path, bytes(content)))
    assert [one.name for one in found.members] == ["open"]
    assert [(one.name, one.reason) for one in found.left_out] == [("secret", "encrypted")]


def test_h26_utf8_names_without_the_flag_are_read(tmp_path: Path) -> None:
    content = make_zip({"éa.txt": b"x"})
    flagless = content.replace(struct.pack("<H", 0x800), b"\0\0")
    assert [one.name for one in survey(put(tmp_path, flagless)).members] == ["éa.txt"]


def test_h27_links_that_lead_out_and_devices_are_missing(tmp_path: Path) -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind in (("link", tarfile.SYMTYPE), ("hard", tarfile.LNKTYPE), ("pipe", tarfile.FIFOTYPE)):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
        for name in ("../up", "folder/.hidden", "__MACOSX/x", "good"):
            archive.addfile(tarfile.TarInfo(name))
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        archive.addfile(folder)
    found = survey(put(tmp_path, buffer.getvalue()))
    assert [one.name for one in found.members] == ["folder/.hidden", "good"]
    assert {(one.name, one.reason) for one in found.left_out} == {
        ("link", "link"), ("hard", "link"), ("pipe", "device"), ("../up", "name")
    }  # fmt: skip
    assert found.counts == {"litter": 1}


@pytest.mark.parametrize("name", ["x" * 4096, "line\nbreak", "CON", "e\u0301", "é"])
def test_h28_names_are_data(name: str, tmp_path: Path) -> None:
    path = put(tmp_path, make_zip({name: b"x"}))
    assert [one.name for one in survey(path).members] == [name]
    assert list(read_members(path, [name])) == [(name, b"x")]


def test_something_else_is_not_an_archive(tmp_path: Path) -> None:
    with pytest.raises(ObjectFailed, match="known kind"):
        survey(put(tmp_path, b"garbage"), "a.zip")
