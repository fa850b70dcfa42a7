"""The one guard around gzip: members after each other, a cut stream, padding, and bombs, wherever the bytes come from.

The format: https://www.rfc-editor.org/rfc/rfc1952 (2.2: a file is a series of members).
"""

import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

MAGIC = b"\x1f\x8b"
MAX_RATIO = 100
"""Bytes out for a byte in. Deflate itself ends at 1,032 (https://zlib.net/zlib_tech.html), which only bombs come near;
markup and tables that repeat themselves reach some tens.
"""
FREE_BYTES = 10_000_000
"""So much may come out at any ratio: it does no harm, and a stream may begin with a long run of zeros."""
_STEP = 1 << 20
_PADDING = b"\0 \t\r\n"


class GzipTrouble(Exception):
    """A stream that cannot be unpacked whole."""

    def __init__(self, kind: Literal["bomb", "cut", "damaged"], detail: str) -> None:
        """detail: what was wrong, without a remedy: that depends on who asked."""
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


@dataclass(slots=True)
class Gunzip:
    """Unpacks what is fed to it. `GzipTrouble` where more than `ratio` bytes come of one, beyond `free_bytes`.

    zlib, and not a client's own unpacking: httpx takes a cut body for a whole one, and inflates without bound.
    """

    ratio: int = MAX_RATIO
    free_bytes: int = FREE_BYTES
    read: int = 0
    """Bytes taken in."""
    written: int = 0
    """Bytes given out."""
    _member: "zlib._Decompress | None" = None
    _ended: bool = False
    """A member ended, and only padding came behind it."""

    def feed(self, block: bytes) -> Iterator[bytes]:
        """What these bytes unpack to, at most 1 MB at a time."""
        self.read += len(block)
        rest = block
        while rest:
            if self._member is None:
                rest = self._begin(rest)
                continue
            try:
                out = self._member.decompress(rest, _STEP)
            except zlib.error as error:
                raise GzipTrouble("damaged", f"the gzip stream is damaged ({error})") from error
            self.written += len(out)
            if self.written > self.free_bytes and self.written > self.read * self.ratio:
                raise GzipTrouble("bomb", f"{self.read} bytes inflated to more than {self.written}")
            rest = self._member.unused_data if self._member.eof else self._member.unconsumed_tail
            if self._member.eof:
                self._member, self._ended = None, True
            if out:
                yield out

    def _begin(self, rest: bytes) -> bytes:
        """Starts the next member. Tapes and some tools pad with zeros or blanks; anything else is damage, since it may
        be a member whose head was hit, and its bytes would be gone in silence.
        """
        rest = rest.lstrip(_PADDING) if self._ended else rest
        if rest and self._ended and not MAGIC.startswith(rest[:2]):
            raise GzipTrouble("damaged", "something that is not gzip stands behind the end of the gzip stream")
        if rest:
            self._member, self._ended = zlib.decompressobj(31), False
        return rest

    def close(self) -> None:
        """`GzipTrouble` where the stream ended in the middle."""
        if self._member is not None or not self._ended:
            raise GzipTrouble("cut", "the gzip stream ended in the middle")


def gunzip(blocks: Iterable[bytes], guard: Gunzip) -> Iterator[bytes]:
    """The same bytes, unpacked."""
    for block in blocks:
        yield from guard.feed(block)
    guard.close()
