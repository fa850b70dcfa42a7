"""An archive without the bytes of one member: the others are what they were, and the proof would notice."""

import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from inflate64 import Deflater

from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.normalize.repacking import repack
from biglam_pipeline.parsing import archives
from biglam_pipeline_tests.parsing.raw_zip import Part, raw_zip

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
