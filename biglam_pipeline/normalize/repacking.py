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
from biglam_pipeline.parsing.archives.names import tar_name, zip_name
from biglam_pipeline.store import disk

_BLOCK = 1 << 20
_LOCAL_HEADER = 30
_SQUEEZERS: dict[bytes, tuple[str, Callable[..., Any]]] = {
    b"\x1f\x8b": ("gz", gzip.open),
    b"BZh": ("bz2", bz2.open),
    b"\xfd7zXZ\x00": ("xz", lzma.open),
}

_WRITTEN = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA}
"""Methods that zipfile packs by; by another, such as Deflate64, a member is packed by deflate again."""

Left = Mapping[str, Path | None]
"""Member -> the file that takes its place; None: the member stays, and is empty."""


def repack(path: Path, target: Path, left: Left, name: str, names: str = "") -> None:
    """Writes the archive at `path` to `target` with other bytes for these members, also of archives that stand in it.

    name: the archive's own, since a compressed file's one member is called after it; names: the encoding of names that
    do not say theirs, or "". ShelfDamaged where any other member is not what it was: then nothing was lost, since
    `path` is left alone.
    """
    own = dict(left)
    for number, (inner, members) in enumerate(archives.inside_of(path, left, name, names).items()):
        inside = {member: own.pop(f"{inner}/{member}") for member in members}
        own[inner] = _repacked_inside(path, target.with_name(f"{target.name}-{number}"), inner, inside, name, names)
    if archives.is_zip(path):
        _repack_zip(path, target, own, names)
    else:
        _repack_stream(path, target, own, names)
    before = {one.name: one.sha256 for one in archives.survey(path, name, names).members}
    after = {one.name: one.sha256 for one in archives.survey(target, name, names).members}
    wrong = [member for member in before if member not in left and after.get(member) != before[member]]
    wrong += [member for member, file in left.items() if after.get(member) != _digest(file)]
    if wrong:
        raise ShelfDamaged(f"{name}: could not be packed again without a member: {wrong[0]!r} came out otherwise")


def _repacked_inside(path: Path, target: Path, inner: str, left: Left, name: str, names: str) -> Path:
    """The archive in the archive, packed again in the same way."""
    copy = target.with_name(f"{target.name}-old")
    with archives.open_member(path, inner, name, names, last=not archives.is_zip(path)) as stream:
        disk.write_stream(copy, iter(lambda: stream.read(_BLOCK), b""))
    repack(copy, target, left, inner, names)
    disk.remove(copy)
    return target


def _digest(file: Path | None) -> str:
    return disk.digest_file(file)[0] if file else disk.digest_bytes(b"")


def _blocks(file: Path | None) -> Iterator[bytes]:
    if file is None:
        return
    with disk.open_file(file) as stream:
        while block := stream.read(_BLOCK):
            yield block


def _repack_zip(path: Path, target: Path, left: Left, names: str) -> None:
    """The members' bytes are overwritten where they lie; the other members are not touched, nor unpacked."""
    disk.copy_file(path, target)
    with disk.edit_file(target) as file, zipfile.ZipFile(file, "a") as archive:
        for info in list(archive.infolist()):
            name = _name(info, names)
            if name not in left:
                continue
            _blank(file, info)
            archive.filelist.remove(info)
            archive.NameToInfo.pop(info.filename, None)
            if any(_name(one, names) == name for one in archive.filelist):
                continue  # named twice: only the last one is written again
            new = zipfile.ZipInfo(name, info.date_time)
            new.external_attr = info.external_attr
            new.compress_type = info.compress_type if info.compress_type in _WRITTEN else zipfile.ZIP_DEFLATED
            with archive.open(new, "w") as member:
                for block in _blocks(left[name]):
                    member.write(block)


def _name(info: zipfile.ZipInfo, names: str) -> str:
    """What a member is called in the survey."""
    utf8 = bool(info.flag_bits & 0x800)
    return zip_name(info.orig_filename.encode("utf-8" if utf8 else "cp437"), info.extra, names, utf8=utf8).text


def _blank(file: BinaryIO, info: zipfile.ZipInfo) -> None:
    """Zeros where a member's packed bytes lay."""
    file.seek(info.header_offset)
    header = file.read(_LOCAL_HEADER)
    names: tuple[int, int] = struct.unpack("<HH", header[26:30])
    file.seek(info.header_offset + _LOCAL_HEADER + sum(names))
    for start in range(0, info.compress_size, _BLOCK):
        file.write(bytes(min(_BLOCK, info.compress_size - start)))


def _repack_stream(path: Path, target: Path, left: Left, names: str) -> None:
    """A TAR is copied member by member; of a compressed file the one member is packed anew."""
    with disk.open_file(path) as source:
        head = source.read(6)
    kind, squeeze = next((found for magic, found in _SQUEEZERS.items() if head.startswith(magic)), ("", None))
    with disk.open_file(path) as source, disk.edit_file(target) as file:
        try:
            with (
                tarfile.open(fileobj=source, mode="r|*", encoding="utf-8") as old,
                tarfile.open(fileobj=file, mode=f"w|{kind}", encoding="utf-8") as new,  # type: ignore[call-overload]
            ):
                _copy_members(old, new, left, names)
            return
        except tarfile.ReadError:
            if squeeze is None:
                raise
        file.seek(0)
        file.truncate()
        with squeeze(file, "wb") as packed:
            for block in _blocks(next(iter(left.values()))):
                packed.write(block)


def _copy_members(old: tarfile.TarFile, new: tarfile.TarFile, left: Left, names: str) -> None:
    for info in old:
        name = tar_name(info.name, names).text
        if not info.isreg():
            new.addfile(info)
        elif name in left:
            file = left[name]
            info.size = disk.digest_file(file)[1] if file else 0
            if file is None:
                new.addfile(info)
                continue
            with disk.open_file(file) as stream:
                new.addfile(info, stream)
        else:
            new.addfile(info, old.extractfile(info))
