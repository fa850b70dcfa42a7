"""An archive without the bytes of one member: the others are what they were, and the proof would notice."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.normalize.repacking import repack
from biglam_pipeline.parsing import archives

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
