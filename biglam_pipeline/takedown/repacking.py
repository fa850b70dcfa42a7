"""Packs an archive again without the bytes of some members, every other member in it as it was, and proves it."""

import bz2
import gzip
import lzma
import re
import tarfile
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, BinaryIO, cast

from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.parsing import archives
from biglam_pipeline.parsing.archives.entries import Tap
from biglam_pipeline.parsing.archives.kinds import OPENERS, is_tar
from biglam_pipeline.parsing.archives.names import tar_name
from biglam_pipeline.parsing.archives.rewriting import rewrite_zip
from biglam_pipeline.store import disk

_BLOCK = 1 << 20
_SQUEEZERS: dict[bytes, tuple[str, Callable[..., Any]]] = {
    b"\x1f\x8b": ("gz", gzip.open),
    b"BZh": ("bz2", bz2.open),
    b"\xfd7zXZ\x00": ("xz", lzma.open),
}

_OF_BYTES = re.compile(r"size$|GNU\.sparse\.")
"""Extended headers that say how the bytes lie: POSIX pax, and GNU's sparse files of it."""

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
    with disk.open_file(path) as source, disk.edit_file(target) as file:
        file.truncate()
        rewrite_zip(source, file, {name: partial(_blocks, other) for name, other in left.items()}, names)


def _repack_stream(path: Path, target: Path, left: Left, names: str) -> None:
    """A TAR is copied member by member; of a compressed file the one member is packed again."""
    with disk.open_file(path) as source, disk.edit_file(target) as file:
        head = source.read(6)
        source.seek(0)
        file.truncate()
        magic = next((magic for magic in OPENERS if head.startswith(magic)), b"")
        kind, squeeze = _SQUEEZERS.get(magic, ("", None))
        unpacked = Tap(OPENERS[magic](source) if magic else source)  # all its streams: tarfile reads the first alone
        if squeeze is None or is_tar(unpacked.peek(archives.HEAD_BYTES)):
            with (
                tarfile.open(fileobj=cast(BinaryIO, unpacked), mode="r|", encoding="utf-8") as old,
                tarfile.open(fileobj=file, mode=f"w|{kind}", encoding="utf-8") as new,  # type: ignore[call-overload]
            ):
                _copy_members(old, new, left, names)
            return
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
            _as_plain(info, {})
            info.size = disk.digest_file(file)[1] if file else 0
            if file is None:
                new.addfile(info)
                continue
            with disk.open_file(file) as stream:
                new.addfile(info, stream)
        else:
            content = old.extractfile(info)
            _as_plain(info, {key: value for key, value in info.pax_headers.items() if not _OF_BYTES.match(key)})
            new.addfile(info, content)


def _as_plain(info: tarfile.TarInfo, kept: dict[str, str]) -> None:
    """A file of holes is written with them filled, and its old size is not said again; tarfile would say both."""
    if info.type == tarfile.GNUTYPE_SPARSE:
        info.type = tarfile.REGTYPE
    info.sparse = None
    info.pax_headers = kept
