"""Packs an archive again without the bytes of some members, everything else in it as it was, and proves it."""

import bz2
import gzip
import lzma
import struct
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.parsing import archives
from biglam_pipeline.store import disk

_BLOCK = 1 << 20
_LOCAL_HEADER = 30
_SQUEEZERS: dict[bytes, tuple[str, Callable[..., Any]]] = {
    b"\x1f\x8b": ("gz", gzip.open),
    b"BZh": ("bz2", bz2.open),
    b"\xfd7zXZ\x00": ("xz", lzma.open),
}

Left = Mapping[str, Path | None]
"""Member -> the file that takes its place; None: the member stays, and is empty."""


def repack(path: Path, target: Path, left: Left, name: str) -> None:
    """Writes the archive at `path` to `target` with other bytes for these members.

    name: the archive's own, since a compressed file's one member is called after it. ShelfDamaged where any other
    member is not what it was: then nothing was lost, since `path` is left alone.
    """
    if archives.is_zip(path):
        _repack_zip(path, target, left)
    else:
        _repack_stream(path, target, left)
    before = {one.name: one.sha256 for one in archives.survey(path, name)[0]}
    after = {one.name: one.sha256 for one in archives.survey(target, name)[0]}
    wrong = [member for member in before if member not in left and after.get(member) != before[member]]
    wrong += [member for member, file in left.items() if after.get(member) != _digest(file)]
    if wrong:
        raise ShelfDamaged(f"{name}: could not be packed again without a member: {wrong[0]!r} came out otherwise")


def _digest(file: Path | None) -> str:
    return disk.digest_file(file)[0] if file else disk.digest_bytes(b"")


def _blocks(file: Path | None) -> Iterator[bytes]:
    if file is None:
        return
    with disk.open_file(file) as stream:
        while block := stream.read(_BLOCK):
            yield block


def _repack_zip(path: Path, target: Path, left: Left) -> None:
    """The members' bytes are overwritten where they lie; the other members are not touched, nor unpacked."""
    disk.copy_file(path, target)
    with disk.edit_file(target) as file, zipfile.ZipFile(file, "a") as archive:
        for info in list(archive.infolist()):
            name = archives.zip_name(info)
            if name not in left:
                continue
            _blank(file, info)
            archive.filelist.remove(info)
            archive.NameToInfo.pop(info.filename, None)
            if any(archives.zip_name(one) == name for one in archive.filelist):
                continue  # named twice: only the last one is written again
            new = zipfile.ZipInfo(name, info.date_time)
            new.compress_type, new.external_attr = info.compress_type, info.external_attr
            with archive.open(new, "w") as member:
                for block in _blocks(left[name]):
                    member.write(block)


def _blank(file: BinaryIO, info: zipfile.ZipInfo) -> None:
    """Zeros where a member's packed bytes lay."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER)
    names: tuple[int, int] = struct.unpack("<HH", header[26:30])
    file.seek(info.header_offset + _LOCAL_HEADER + sum(names))
    for start in range(0, info.compress_size, _BLOCK):
        file.write(bytes(min(_BLOCK, info.compress_size - start)))


def _repack_stream(path: Path, target: Path, left: Left) -> None:
    """A TAR is copied member by member; of a compressed file the one member is packed anew."""
    with disk.open_file(path) as source:
        head = source.read(6)
    kind, squeeze = next((found for magic, found in _SQUEEZERS.items() if head.startswith(magic)), ("", None))
    with disk.open_file(path) as source, disk.edit_file(target) as file:
        try:
            with (
                tarfile.open(fileobj=source, mode="r|*") as old,
                tarfile.open(fileobj=file, mode=f"w|{kind}") as new,  # type: ignore[call-overload]
            ):
                _copy_members(old, new, left)
            return
        except tarfile.ReadError:
            if squeeze is None:
                raise
        file.seek(0)
        file.truncate()
        with squeeze(file, "wb") as packed:
            for block in _blocks(next(iter(left.values()))):
                packed.write(block)


def _copy_members(old: tarfile.TarFile, new: tarfile.TarFile, left: Left) -> None:
    for info in old:
        if not info.isreg():
            new.addfile(info)
        elif info.name in left:
            file = left[info.name]
            info.size = disk.digest_file(file)[1] if file else 0
            if file is None:
                new.addfile(info)
                continue
            with disk.open_file(file) as stream:
                new.addfile(info, stream)
        else:
            new.addfile(info, old.extractfile(info))
