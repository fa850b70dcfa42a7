"""What a TAR may hold: later members hold, links are followed, and whatever is no file is missing.

https://www.gnu.org/software/tar/manual/html_section/Formats.html , POSIX pax
"""

import gzip
import hashlib
import io
import tarfile
from collections.abc import Callable
from pathlib import Path

import pytest

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.archives import open_member, read_members, survey
from biglam_pipeline.records import Survey
from biglam_pipeline_tests.parsing.raw_zip import Part, raw_zip


def member(name: str, data: bytes = b"x", **fields: object) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.size = len(data)
    for field, value in fields.items():
        setattr(info, field, value)
    return info, data


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tuple[tarfile.TarInfo, bytes]:
    return member(name, b"", type=kind, linkname=target)


def a_tar(*members: tuple[tarfile.TarInfo, bytes], mode: str = "w", **options: object) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=mode, **options) as archive:  # type: ignore[call-overload]
        for info, data in members:
            archive.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def look(tmp_path: Path, content: bytes, names: str = "") -> Survey:
    path = tmp_path / "a.tar"
    path.write_bytes(content)
    return survey(path, names=names)


def left_out(found: Survey) -> dict[str, str]:
    return {one.name: one.reason for one in found.left_out}


def test_h24_of_equal_names_the_later_holds_and_is_counted(tmp_path: Path) -> None:
    """As tar unpacks an archive that was appended to (`tar --append`, `--update`)."""
    content = a_tar(member("a", b"old"), member("b"), member("./a", b"newer"), member("c"), member("a", b"newest"))
    found = look(tmp_path, content)
    assert {one.name: one.size for one in found.members} == {"a": 6, "b": 1, "c": 1}
    assert (left_out(found), found.counts) == ({}, {"repeated": 2})
    newest = next(one.sha256 for one in found.members if one.name == "a")
    path = tmp_path / "a.tar"
    read = dict(
        read_members(
            path, ["a", "b"], good=lambda name, data: name == "b" or hashlib.sha256(data).hexdigest() == newest
        )
    )
    assert read == {"b": b"x", "a": b"newest"}
    with open_member(path, "a", last=True) as stream:
        assert stream.read() == b"newest"


def test_a_later_link_takes_a_files_place(tmp_path: Path) -> None:
    found = look(tmp_path, a_tar(member("a", b"old"), member("b"), link("a", "b"), link("c", "b"), member("c", b"new")))
    assert [one.name for one in found.members] == ["b", "c"]
    assert found.counts == {"linked": 1, "repeated": 2}


def test_an_archive_inside_gives_way_to_a_later_one(tmp_path: Path) -> None:
    old, new = raw_zip(Part(b"gone"), Part(b"kept", b"old")), raw_zip(Part(b"kept", b"new!"))
    found = look(tmp_path, a_tar(member("in.zip", old), member("in.zip", new)))
    assert [(one.name, one.size) for one in found.members] == [("in.zip/kept", 4)]
    assert found.counts == {"repeated": 2, "archives_inside": 2}


def test_h27_links_are_followed_inside_and_missing_outside(tmp_path: Path) -> None:
    found = look(
        tmp_path,
        a_tar(
            member("in/data"), link("hard", "in/data", tarfile.LNKTYPE), link("in/soft", "data"), link("folder", "in"),
            link("deep/way", "../folder/soft"), link("in/self", ".."), link("out", "../x"), link("abs", "/etc/passwd"),
            link("hard-out", "/in/data", tarfile.LNKTYPE), link("gone", "none"), link("a", "b"), link("b", "a"),
        ),
    )  # fmt: skip
    assert [one.name for one in found.members] == ["in/data"]
    assert found.counts == {"linked": 5}
    assert left_out(found) == dict.fromkeys(["out", "abs", "hard-out", "gone", "a", "b"], "link")


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE])
def test_h27_devices_and_pipes_are_missing(kind: bytes, tmp_path: Path) -> None:
    assert left_out(look(tmp_path, a_tar(member("dev", b"", type=kind), member("b")))) == {"dev": "device"}


@pytest.mark.parametrize("kind", [b"M", b"N", b"Z", b"Q"])
def test_a_type_that_nobody_knows_is_missing(kind: bytes, tmp_path: Path) -> None:
    found = look(tmp_path, a_tar(member("odd", b"data", type=kind), member("b")))
    assert [one.name for one in found.members] == ["b"]
    assert left_out(found) == {"odd": "unsupported"}


def test_the_archives_own_label_is_no_member(tmp_path: Path) -> None:
    found = look(tmp_path, a_tar(member("Backup of Monday", b"", type=b"V"), member("b")))
    assert ([one.name for one in found.members], found.left_out) == (["b"], ())


def test_a_sparse_file_has_its_holes(tmp_path: Path) -> None:
    """Old GNU format, as `tar --sparse --format=oldgnu` writes it: 5 bytes at 8192 of a file of 10,000."""
    header = bytearray(tarfile.TarInfo("holes").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[124:136] = b"%011o\0" % 512
    header[386:398], header[398:410] = b"%011o\0" % 8192, b"%011o\0" % 512
    header[483:495] = b"%011o\0" % 10_000
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    content = bytes(header) + b"ALTO!".ljust(512, b"\0") + a_tar(member("b"))
    path = tmp_path / "a.tar"
    found = look(tmp_path, content)
    assert [(one.name, one.size) for one in found.members] == [("holes", 10_000), ("b", 1)]
    assert dict(read_members(path, ["holes"]))["holes"][8192:8197] == b"ALTO!"


def test_a_file_of_holes_is_a_bomb(tmp_path: Path) -> None:
    header = bytearray(tarfile.TarInfo("holes").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[386:398], header[398:410] = b"%011o\0" % 0o7777777777, b"%011o\0" % 0
    header[483:495] = b"%011o\0" % 0o7777777777
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    with pytest.raises(ObjectFailed, match="bomb"):
        look(tmp_path, bytes(header) + a_tar(member("b")))


@pytest.mark.parametrize("layout", [tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_long_names_are_names(layout: int, tmp_path: Path) -> None:
    name = "/".join(["ordner-ü" * 10] * 20) + "/x.csv"
    found = look(tmp_path, a_tar(member(name), link("l", name), format=layout))
    assert [one.name for one in found.members] == [name]
    assert found.counts == {"linked": 1}


@pytest.mark.parametrize(("encoding", "names", "guessed"), [("utf-8", "", {}), ("cp866", "cp866", {})])
def test_names_are_utf8_or_as_the_entry_says(
    encoding: str, names: str, guessed: dict[str, int], tmp_path: Path
) -> None:
    found = look(tmp_path, a_tar(member("Москва.csv"), format=tarfile.GNU_FORMAT, encoding=encoding), names)
    assert [one.name for one in found.members] == ["Москва.csv"]
    assert found.counts == guessed


def test_a_name_that_is_no_utf8_is_guessed_and_counted(tmp_path: Path) -> None:
    """tarfile would hand out lone surrogates, which no shelf can hold."""
    found = look(tmp_path, a_tar(member("Zürich.csv"), format=tarfile.GNU_FORMAT, encoding="latin-1"))
    assert [one.name for one in found.members] == ["Zürich.csv"]
    assert found.counts == {"names_guessed": 1}
    assert dict(read_members(tmp_path / "a.tar", ["Zürich.csv"])) == {"Zürich.csv": b"x"}


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_what_stands_behind_the_end_is_missing(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """`cat a.tar b.tar`: tar stops at the first end, and says nothing of the rest."""
    found = look(tmp_path, pack(a_tar(member("a")) + a_tar(member("b"))))
    assert [one.name for one in found.members] == ["a"]
    assert left_out(found) == {"(behind the end)": "damaged"}


def test_a_gzip_of_several_streams_is_one(tmp_path: Path) -> None:
    """RFC 1952, 2.2: members are simply concatenated."""
    content = a_tar(member("a", b"A" * 5000), member("b"))
    half = len(content) // 2
    found = look(tmp_path, gzip.compress(content[:half]) + gzip.compress(content[half:]))
    assert [one.name for one in found.members] == ["a", "b"]


def test_a_pax_header_without_sense_is_damage(tmp_path: Path) -> None:
    content = bytearray(a_tar(member("ü" * 200), member("b"), format=tarfile.PAX_FORMAT))
    at = content.index(b" path=")
    content[at - 3 : at] = b"abc"
    with pytest.raises(ObjectFailed) as caught:
        look(tmp_path, bytes(content))
    assert caught.value.reason == "damaged"


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_size_beyond_all_bounds_ends_at_once(pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """GNU tar's binary sizes reach 2**88; going there block by block would take for ever."""
    content = bytearray(a_tar(member("a"), member("b")))
    content[1024 + 124 : 1024 + 136] = b"\x80" + (1 << 80).to_bytes(11, "big")
    content[1024 + 148 : 1024 + 156] = b" " * 8
    content[1024 + 148 : 1024 + 156] = b"%06o\0 " % sum(content[1024:1536])
    with pytest.raises(ObjectFailed) as caught:
        look(tmp_path, pack(bytes(content)))
    assert caught.value.reason == "truncated"


def test_archives_in_a_tar_are_read_in_one_pass(tmp_path: Path) -> None:
    inner = a_tar(member("deep.csv", b"id\n1\n"), mode="w:gz")
    content = a_tar(
        member("in.tar.gz", inner), member("t.csv.gz", gzip.compress(b"id\n2\n")), member("last"), mode="w:gz"
    )
    found = look(tmp_path, content)
    assert [one.name for one in found.members] == ["in.tar.gz/deep.csv", "t.csv.gz/t.csv", "last"]
    read = dict(read_members(tmp_path / "a.tar", [one.name for one in found.members]))
    assert read == {"in.tar.gz/deep.csv": b"id\n1\n", "t.csv.gz/t.csv": b"id\n2\n", "last": b"x"}


def test_an_outer_stream_that_breaks_ends_it_all(tmp_path: Path) -> None:
    inner = raw_zip(Part(b"a", bytes(range(256)) * 400, method=0))
    content = a_tar(member("in.zip", inner), member("b"), mode="w:gz")
    with pytest.raises(ObjectFailed) as caught:
        look(tmp_path, content[: len(content) // 2])
    assert caught.value.reason == "truncated"
