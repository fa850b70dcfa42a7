"""An archive without the bytes of one member: the others are what they were, and the proof would notice."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from inflate64 import Deflater

from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.parsing import archives
from biglam_pipeline.takedown.repacking import repack
from biglam_pipeline_tests.parsing.raw_zip import STREAMED, UTF8, Part, raw_zip, unicode_path

MEMBERS = {
    "a/first.xml": b"<first/>" * 500,
    "a/secret.xml": b"what nobody may read " * 300,
    "a/Zürich.txt": "Zürich".encode() * 100,
    "last.bin": bytes(range(256)) * 40,
}


def a_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in MEMBERS.items():
            archive.writestr(name, data, zipfile.ZIP_STORED if name.endswith("secret.xml") else zipfile.ZIP_DEFLATED)


def a_zip_with_a_name_twice(path: Path) -> None:
    a_zip(path)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("a/secret.xml", b"what nobody may read either")


def a_tar(path: Path, mode: str = "w") -> None:
    with tarfile.open(path, mode) as archive:  # type: ignore[call-overload]
        for name, data in MEMBERS.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))


ARCHIVES: dict[str, Callable[[Path], None]] = {
    "zip": a_zip,
    "zip twice": a_zip_with_a_name_twice,
    "tar": a_tar,
    "tar.gz": lambda path: a_tar(path, "w:gz"),
    "tar.xz": lambda path: a_tar(path, "w:xz"),
    "tar.bz2": lambda path: a_tar(path, "w:bz2"),
}


def packed(make: Callable[[Path], None], *inside: tuple[str, Callable[[Path], None]]) -> Callable[[Path], None]:
    """An archive with others in it, beside its own members."""

    def write(path: Path) -> None:
        make(path)
        for name, maker in inside:
            inner = path.with_name(f"{path.name}-inner")
            maker(inner)
            if make is a_zip:
                with zipfile.ZipFile(path, "a") as archive:
                    archive.write(inner, name)
            else:
                with tarfile.open(path, "a") as archive:
                    archive.add(inner, name)

    return write


INSIDE = {
    "zip in zip": packed(a_zip, ("in.zip", a_zip)),
    "tar.gz in zip": packed(a_zip, ("deep/in.tar.gz", lambda path: a_tar(path, "w:gz"))),
    "zip in tar": packed(a_tar, ("in.zip", a_zip)),
    "zip in tar in zip": packed(a_zip, ("in.tar", packed(a_tar, ("in.zip", a_zip)))),
}


@pytest.mark.parametrize("kind", INSIDE)
def test_a_member_of_an_archive_inside_goes_alone(tmp_path: Path, kind: str) -> None:
    path, target = tmp_path / "archive", tmp_path / "target"
    INSIDE[kind](path)
    before = {one.name: one for one in archives.survey(path).members}
    secret = max((name for name in before if name.endswith("secret.xml")), key=len)
    assert secret.count("/") >= 2
    repack(path, target, {secret: None, "a/first.xml": None}, "archive")
    after = {one.name: one for one in archives.survey(target).members}
    assert after.keys() == before.keys()
    assert {name for name in after if after[name] != before[name]} == {secret, "a/first.xml"}
    assert after[secret].size == 0


def test_a_member_that_windows_packed_goes(tmp_path: Path) -> None:
    """Deflate64 is not written here; what takes the place is packed by deflate."""
    path, target, file = tmp_path / "archive", tmp_path / "target", tmp_path / "instead"
    packer = Deflater()
    path.write_bytes(raw_zip(Part(b"x\\secret", b"secret", 9, packed=packer.deflate(b"secret") + packer.flush())))
    file.write_bytes(b"blank")
    repack(path, target, {"x/secret": file}, "archive")
    assert [(one.name, one.size) for one in archives.survey(target).members] == [("x/secret", 5)]


def test_both_of_a_name_go(tmp_path: Path) -> None:
    path, target = tmp_path / "archive", tmp_path / "target"
    with tarfile.open(path, "w") as archive:
        for data in (b"secret of old", b"secret of late"):
            info = tarfile.TarInfo("Москва".encode("cp866").decode("utf-8", "surrogateescape"))
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    repack(path, target, {"Москва": None}, "archive", "cp866")
    assert b"secret" not in target.read_bytes()


def unpacked(path: Path) -> bytes:
    """All bytes of the archive, and of what is packed in it."""
    members = [one.name for one in archives.survey(path).members]
    return path.read_bytes() + b"".join(data for _, data in archives.read_members(path, members))


@pytest.mark.parametrize("kind", ARCHIVES)
@pytest.mark.parametrize("instead", [None, b"<blank/>"])
def test_a_member_goes_and_the_others_stay(tmp_path: Path, kind: str, instead: bytes | None) -> None:
    path, target, file = tmp_path / "archive", tmp_path / "target", tmp_path / "instead"
    ARCHIVES[kind](path)
    before = {one.name: one for one in archives.survey(path).members}
    assert b"nobody may read" in unpacked(path)
    file.write_bytes(instead or b"")
    repack(path, target, {"a/secret.xml": file if instead else None}, "archive")
    after = {one.name: one for one in archives.survey(target).members}
    assert after.keys() == before.keys() == MEMBERS.keys()
    assert {name for name in after if after[name] != before[name]} == {"a/secret.xml"}
    assert after["a/secret.xml"].size == len(instead or b"")
    assert b"nobody may read" not in unpacked(target)
    assert b"nobody may read" in unpacked(path), "the archive itself is put in place by the store"


def test_a_compressed_file_is_one_member(tmp_path: Path) -> None:
    path, target, file = tmp_path / "table.csv.gz", tmp_path / "target", tmp_path / "instead"
    path.write_bytes(gzip.compress(b"id,secret\n1,x\n"))
    file.write_bytes(b"id,secret\n\n")
    repack(path, target, {"table.csv": file}, "table.csv.gz")
    assert gzip.decompress(target.read_bytes()) == b"id,secret\n\n"
    repack(path, target, {"table.csv": None}, "table.csv.gz")
    assert gzip.decompress(target.read_bytes()) == b""


def test_a_member_that_is_not_there_is_noticed(tmp_path: Path) -> None:
    path, target = tmp_path / "archive", tmp_path / "target"
    a_zip(path)
    with pytest.raises(ShelfDamaged, match=r"without a member: 'a/other\.xml' came out otherwise"):
        repack(path, target, {"a/other.xml": None}, "archive")


SECRET, OTHER = Part(b"secret", b"what nobody may read"), Part(b"other", b"what everybody may")
SIGNATURE = struct.pack("<4sH", b"PK\x05\x05", 4) + b"sign"
ZIPS = {
    "a name with the flag that is no UTF-8": raw_zip(SECRET, OTHER, Part(b"b\xe9", b"b", flags=UTF8)),
    "a Unicode Path, as WinZip and Info-ZIP write it": raw_zip(
        SECRET, OTHER, Part(b"b\x82", b"b", extra=unicode_path(b"b\x82", "bé"))
    ),
    "a broken extra field": raw_zip(SECRET, OTHER, Part(b"b", b"b", extra=struct.pack("<HH", 0xD935, 100) + b"...")),
    "70 KB behind the end": raw_zip(SECRET, OTHER, behind=bytes(70_000)),
    "a signature behind the directory (4.3.13)": raw_zip(SECRET, OTHER).replace(
        b"PK\x05\x06", SIGNATURE + b"PK\x05\x06"
    ),
    "sizes behind the data": raw_zip(
        Part(b"secret", SECRET.data, flags=STREAMED), Part(b"other", b"x", flags=STREAMED)
    ),
    "an encrypted member": raw_zip(SECRET, OTHER, Part(b"locked", b"\xff" * 20, flags=1, method=0)),
    "what was deleted, and a program before it": raw_zip(
        Part(b"secret", b"what nobody may read, of old", 0, listed=False), SECRET, OTHER, front=b"what nobody may read"
    ),
}


@pytest.mark.parametrize("kind", ZIPS)
def test_every_zip_that_is_read_can_be_packed_again(tmp_path: Path, kind: str) -> None:
    """What zipfile refuses or reads otherwise would keep what is to go."""
    path, target = tmp_path / "archive", tmp_path / "target"
    path.write_bytes(ZIPS[kind])
    before = archives.survey(path)
    repack(path, target, {"secret": None}, "archive")
    after = archives.survey(target)
    assert [(one.name, one.size and one.sha256) for one in after.members] == [
        (one.name, 0 if one.name == "secret" else one.sha256) for one in before.members
    ]
    assert (after.left_out, after.counts) == (before.left_out, before.counts)
    assert b"nobody may read" not in unpacked(target)


@pytest.mark.filterwarnings("error")
def test_what_was_packed_again_is_a_zip_for_others_too(tmp_path: Path) -> None:
    path, target, file = tmp_path / "archive", tmp_path / "target", tmp_path / "instead"
    a_zip(path)
    file.write_bytes(b"<blank/>")
    repack(path, target, {"a/secret.xml": file}, "archive")
    with zipfile.ZipFile(target) as archive:
        assert archive.testzip() is None
        assert {name: archive.read(name) for name in archive.namelist()} == MEMBERS | {"a/secret.xml": b"<blank/>"}


@pytest.mark.parametrize("squeeze", [gzip.compress, bz2.compress, lzma.compress])
def test_a_tar_in_several_streams_is_packed_again_whole(tmp_path: Path, squeeze: Callable[[bytes], bytes]) -> None:
    """As pbzip2, lbzip2 and `xz -T` write, and `cat` joins."""
    plain, path, target = tmp_path / "plain", tmp_path / "archive", tmp_path / "target"
    a_tar(plain)
    content = plain.read_bytes()
    path.write_bytes(squeeze(content[:700]) + squeeze(content[700:]))
    repack(path, target, {"a/secret.xml": None}, "archive")
    assert [one.name for one in archives.survey(target).members] == list(MEMBERS)
    assert b"nobody may read" not in unpacked(target)


def test_a_file_of_holes_stays_beside_what_goes(tmp_path: Path) -> None:
    """GNU tar's --sparse: https://www.gnu.org/software/tar/manual/html_node/PAX-1.html"""
    path, target = tmp_path / "archive", tmp_path / "target"
    stored = b"1\n1000000\n5\n".ljust(512, b"\0") + b"bytes"
    with tarfile.open(path, "w", format=tarfile.PAX_FORMAT) as archive:
        holes = tarfile.TarInfo("GNUSparseFile.0/holes.bin")
        holes.size = len(stored)
        holes.pax_headers = {
            "GNU.sparse.major": "1", "GNU.sparse.minor": "0",
            "GNU.sparse.name": "holes.bin", "GNU.sparse.realsize": "1000005",
        }  # fmt: skip
        archive.addfile(holes, io.BytesIO(stored))
        secret = tarfile.TarInfo("secret")
        secret.size, secret.pax_headers = 6, {"size": "6", "comment": "secret"}
        archive.addfile(secret, io.BytesIO(b"secret"))
    repack(path, target, {"secret": None}, "archive")
    assert [(one.name, one.size) for one in archives.survey(target).members] == [
        ("holes.bin", 1_000_005),
        ("secret", 0),
    ]
    assert target.read_bytes().count(b"secret") == 1  # its name
