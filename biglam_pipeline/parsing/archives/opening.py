"""Opens an archive of any kind, on disk or inside another one."""

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.archives.directory import has_directory
from biglam_pipeline.parsing.archives.entries import (
    MAX_RATIO,
    RATIO_FROM_BYTES,
    STEP,
    Bounds,
    Bytes,
    Entry,
    Opened,
    Tap,
)
from biglam_pipeline.parsing.archives.kinds import HEAD_BYTES, OPENERS, ZIP_MAGIC, is_tar, plain_name
from biglam_pipeline.parsing.archives.tars import open_tar
from biglam_pipeline.parsing.archives.zips import open_zip
from biglam_pipeline.store import disk

_UNKNOWN = "is not an archive of a known kind (ZIP, TAR, gzip, bzip2, xz)"


def open_on_disk(path: Path, name: str, names: str, stack: contextlib.ExitStack) -> Opened:
    """name: what the archive is called; names: the encoding of names in it, or "". Open as long as `stack` is."""
    file = stack.enter_context(disk.open_file(path))
    tap = Tap(file)
    head = tap.peek(HEAD_BYTES)
    # By its end only where the beginning says nothing else: the last member of a TAR may well be a ZIP.
    if head.startswith(ZIP_MAGIC) or (not _is_stream(head) and has_directory(file)):
        return open_zip(file, names)
    return _open_stream(tap, name, names, stack)


def open_inside(tap: Tap, name: str, names: str, stack: contextlib.ExitStack, folder: Path, bounds: Bounds) -> Opened:
    """The same of a member. A ZIP is laid aside, in `folder` where it is large, since it is read from its end."""
    head = tap.peek(HEAD_BYTES)
    if _is_stream(head):
        return _open_stream(tap, name, names, stack)
    file = stack.enter_context(disk.scratch_file(folder))
    while block := tap.read(STEP):
        bounds.spend(len(block))
        file.write(block)
    if not head.startswith(ZIP_MAGIC) and not has_directory(file):
        raise ObjectFailed("damaged", _UNKNOWN)
    return open_zip(file, names)


def is_zip(path: Path) -> bool:
    """Can its members be read in any order?"""
    with disk.open_file(path) as file:
        head = file.read(HEAD_BYTES)
        return head.startswith(ZIP_MAGIC) or not _is_stream(head)


def _is_stream(head: bytes) -> bool:
    return head.startswith((*OPENERS,)) or is_tar(head)


def _open_stream(tap: Tap, name: str, names: str, stack: contextlib.ExitStack) -> Opened:
    opener = next((opener for magic, opener in OPENERS.items() if tap.peek(HEAD_BYTES).startswith(magic)), None)
    unpacked = tap
    if opener is not None:
        unpacked = stack.enter_context(contextlib.closing(_Inflated(opener(tap), tap)))
    if is_tar(unpacked.peek(HEAD_BYTES)):
        return open_tar(unpacked, names)
    if opener is None:
        raise ObjectFailed("damaged", _UNKNOWN)
    entry = Entry(plain_name(name), "file", lambda: unpacked)
    return Opened(_one(entry), alone=True, broken=lambda: unpacked.broken)


def _one(entry: Entry) -> Iterator[Entry]:
    yield entry


class _Inflated(Tap):
    """What comes out of a compressed file, as long as it is not far more than went in."""

    def __init__(self, source: Bytes, packed: Tap) -> None:
        super().__init__(source)
        self._packed = packed

    def _take(self, size: int) -> bytes:
        block = super()._take(size)
        if self.tell() + len(block) > max(RATIO_FROM_BYTES, self._packed.tell() * MAX_RATIO):
            self.broken = True
            raise ObjectFailed("too_large", f"unpacks to more than {self.tell()} bytes; that is a bomb, not data")
        return block


def stream_of(source: Bytes, stack: contextlib.ExitStack) -> BinaryIO:
    """A member, and all that has to be closed after it."""
    return io.BufferedReader(_Held(source, stack), STEP)


class _Held(io.RawIOBase):
    def __init__(self, source: Bytes, stack: contextlib.ExitStack) -> None:
        super().__init__()
        self._source, self._stack = source, stack

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        block = self._source.read(len(buffer))
        buffer[: len(block)] = block
        return len(block)

    def close(self) -> None:
        if not self.closed:
            self._stack.close()
        super().close()
