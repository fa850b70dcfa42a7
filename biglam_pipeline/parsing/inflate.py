"""What lies in a harvested file? Its bytes, inflated where they are gzip, and never more than a cap."""

import io
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from biglam_pipeline.parsing.gzip import MAGIC, Gunzip, GzipTrouble, gunzip
from biglam_pipeline.records import Item

MAX_DOCUMENT_BYTES = 128 * 1024 * 1024
"""The largest file that is held in memory at once: a document that is read as one tree. Larger ones of many records are
read one record at a time. The largest single documents that institutions publish (finding aids, METS of a bound volume)
are of some tens of MB.
"""
_BLOCK = 1 << 18


class Unreadable(Exception):
    """A file or a record that cannot be read; becomes a `Reject` with this reason."""

    def __init__(self, reason: str, detail: str, position: str = "") -> None:
        """reason: short code; detail: what was wrong and what to do; position: where in the file."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.position = position


class _Inflated(io.RawIOBase):
    """A gzip stream as plain bytes; `Unreadable` where it is cut, damaged or a bomb."""

    def __init__(self, packed: BinaryIO, packed_bytes: int) -> None:
        """packed_bytes: the file's size, of which the guard's ratio is taken: it may begin with a long run of zeros."""
        guard = Gunzip()
        guard.free_bytes = max(guard.free_bytes, guard.ratio * packed_bytes)
        self._packed = packed
        self._blocks = gunzip(iter(lambda: packed.read(_BLOCK), b""), guard)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._left:
            self._left = self._next()
        count = min(len(buffer), len(self._left))
        buffer[:count] = self._left[:count]
        self._left = self._left[count:]
        return count

    def _next(self) -> bytes:
        try:
            return next(self._blocks, b"")
        except GzipTrouble as trouble:
            if trouble.kind == "bomb":
                raise Unreadable("gzip_bomb", f"{trouble.detail}; have a person look at it") from trouble
            raise Unreadable("gzip_damaged", f"{trouble.detail}; harvest it again") from trouble

    def close(self) -> None:
        self._packed.close()
        super().close()


def open_plain(item: Item) -> BinaryIO:
    """The file's bytes as a stream. The first bytes decide, not the name: `.xml` is often gzip, `.gz` often not."""
    stream = item.open()
    head = stream.read(2)
    if stream.seekable():
        stream.seek(0)
    else:
        stream.close()
        stream = item.open()
    if head != MAGIC:
        return stream
    return cast(BinaryIO, io.BufferedReader(_Inflated(stream, item.size), _BLOCK))


def packed_as(item: Item, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """These bytes, gzip where the file is: what is put in its place is packed as it was."""
    with item.open() as stream:
        packed = stream.read(2) == MAGIC
    if not packed:
        yield from blocks
        return
    packer = zlib.compressobj(wbits=31)
    for block in blocks:
        yield packer.compress(block)
    yield packer.flush()


def read_whole(item: Item) -> bytes:
    """The file's bytes at once. Unreadable above `MAX_DOCUMENT_BYTES`."""
    with open_plain(item) as stream:
        data = stream.read(MAX_DOCUMENT_BYTES + 1)
    if len(data) > MAX_DOCUMENT_BYTES:
        raise Unreadable("too_large", f"it is larger than {MAX_DOCUMENT_BYTES} bytes; split it before it is harvested")
    return data
