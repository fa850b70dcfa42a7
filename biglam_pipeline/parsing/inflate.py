"""What lies in a harvested file? Its bytes, inflated where they are gzip, and never more than a cap."""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from biglam_pipeline.records import Item

_GZIP = b"\x1f\x8b"
_FREE_BYTES = 10_000_000
_MAX_RATIO = 100
MAX_DOCUMENT_BYTES = 512 * 1024 * 1024
"""The largest file that is held in memory at once: an XML document, which is read as a tree."""


class Unreadable(Exception):
    """A file or a record that cannot be read; becomes a `Reject` with this reason."""

    def __init__(self, reason: str, detail: str, position: str = "") -> None:
        """reason: short code; detail: what was wrong and what to do; position: where in the file."""
        super().__init__(detail)
        self.reason = reason
        self.detail = detail
        self.position = position


class _Capped(io.RawIOBase):
    """A gzip stream that ends in `Unreadable` where 200 KB turn into 200 MB."""

    def __init__(self, packed: BinaryIO, packed_bytes: int) -> None:
        self._packed = packed
        self._plain = gzip.GzipFile(fileobj=packed)
        self._left = max(_FREE_BYTES, _MAX_RATIO * packed_bytes)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._plain.read(min(len(buffer), 1 << 20))
        except (OSError, EOFError, zlib.error) as error:
            raise Unreadable("gzip_damaged", f"the gzip stream is damaged ({error}); harvest it again") from error
        self._left -= len(data)
        if self._left < 0:
            detail = f"it inflates to more than {_MAX_RATIO} times its size; have a person look at it"
            raise Unreadable("gzip_bomb", detail)
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        self._plain.close()
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
    if head != _GZIP:
        return stream
    return cast(BinaryIO, io.BufferedReader(_Capped(stream, item.size), 1 << 18))


def packed_as(item: Item, blocks: Iterable[bytes]) -> Iterator[bytes]:
    """These bytes, gzip where the file is: what is put in its place is packed as it was."""
    with item.open() as stream:
        packed = stream.read(2) == _GZIP
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
