"""The bytes of a web archive as they are read, gzip or plain, and where in the file each record of its own lies.

ISO 28500:2017, annex D: a record is a gzip member. Files that are one gzip stream, or of members that end anywhere (as
bgzip makes them), are about as old as the advice, and are read as well.
"""

import zlib
from collections.abc import Iterator
from typing import BinaryIO

from biglam_pipeline.parsing.gzip import MAGIC, Gunzip

_BLOCK = 1 << 18
_PADDING = b"\0 \t\r\n"
_MEMBER = MAGIC + b"\x08"
_PROBE_BYTES = 1 << 12


class Damage(Exception):
    """Nothing more can be read from here: the packed bytes are cut or spoiled."""

    def __init__(self, reason: str, detail: str) -> None:
        """reason: short code; detail: cause and remedy."""
        super().__init__(detail)
        self.reason, self.detail = reason, detail


class Inflated:
    """A buffer over the file: what is taken is gone, and what is given back comes again."""

    def __init__(self, stream: BinaryIO) -> None:
        """stream: the file as it lies, from its first byte."""
        self._stream = stream
        self._packed = stream.read(_BLOCK)
        self._packed_at = 0
        """Where in the file `_packed` begins."""
        self.is_packed = self._packed.startswith(MAGIC)
        self._chunks = self._members() if self.is_packed else self._plain()
        self._member_at = 0
        self.buffer = bytearray()
        self.at = 0
        """Of the bytes as they are read, the number of the first in the buffer."""
        self.starts: dict[int, int] = {}
        """Where gzip members begin, and the file ends: place among the bytes as they are read -> place in the file."""
        self._made = 0
        self._damage: Damage | None = None

    def fill(self, count: int) -> int:
        """Makes so many bytes stand in the buffer, and says how many do: fewer at the end of the file, or at damage.

        What stands before the damage is whole, so it is raised by `take` alone, and by `check`.
        """
        while len(self.buffer) < count and self._damage is None:
            try:
                chunk = next(self._chunks, b"")
            except Damage as damage:
                self._damage = damage
                break
            if not chunk:
                break
            self.buffer += chunk
        return len(self.buffer)

    def check(self) -> None:
        """Damage where that, and not the end of the file, is why no more bytes come."""
        if self._damage is not None:
            raise self._damage

    def take(self, count: int) -> bytes:
        """The next bytes; fewer at the end of the file."""
        if self.fill(count) < count:
            self.check()
        taken = bytes(memoryview(self.buffer)[:count])
        del self.buffer[: len(taken)]
        self.at += len(taken)
        return taken

    def give_back(self, data: bytes) -> None:
        """Puts bytes that were taken before those that come."""
        self.buffer[:0] = data
        self.at -= len(data)

    def forget(self) -> None:
        """Members that begin before this place are behind."""
        self.starts = {place: lies for place, lies in self.starts.items() if place >= self.at}

    def next_member(self) -> bool:
        """After Damage: goes on with the next member that begins a record. False where there is none."""
        self._damage = None
        self.buffer.clear()
        self.at = self._made
        self._step_to(self._member_at + 1)
        while self._find_member():
            if _begins_record(self._packed[:_PROBE_BYTES]):
                self._chunks = self._members()
                return True
            self._step_to(self._packed_at + 1)
        return False

    # --- the file ---

    def _plain(self) -> Iterator[bytes]:
        while self._packed:
            chunk, self._packed = self._packed, b""
            self._made += len(chunk)
            yield chunk
            self._packed = self._stream.read(_BLOCK)

    def _members(self) -> Iterator[bytes]:
        """Member after member. Damage where one is cut or spoiled, or more comes of it than of any text."""
        while self._more() and (rest := self._packed.lstrip(_PADDING)):
            self._packed_at += len(self._packed) - len(rest)
            self._packed = rest
            self._member_at = self._packed_at
            self.starts[self._made] = self._packed_at
            yield from self._member()
        self.starts[self._made] = self._packed_at

    def _member(self) -> Iterator[bytes]:
        member = zlib.decompressobj(31)
        guard = Gunzip()
        while not member.eof:
            if not self._more():
                raise Damage("gzip_cut", "the file ends inside of its gzip stream; harvest it again")
            try:
                chunk = member.decompress(self._packed, _BLOCK)
            except zlib.error as error:
                raise Damage("gzip_damaged", f"its gzip member is damaged ({error}); harvest it again") from error
            rest = member.unused_data if member.eof else member.unconsumed_tail
            guard.read += len(self._packed) - len(rest)
            guard.written += len(chunk)
            self._packed_at += len(self._packed) - len(rest)
            self._packed = rest
            if guard.written > guard.free_bytes and guard.written > guard.read * guard.ratio:
                raise Damage(
                    "gzip_bomb", f"{guard.read} bytes inflated to more than {guard.written}; have it looked at"
                )
            if chunk:
                self._made += len(chunk)
                yield chunk

    def _more(self) -> bool:
        while not self._packed:
            self._packed = self._stream.read(_BLOCK)
            if not self._packed:
                return False
        return True

    def _step_to(self, place: int) -> None:
        """Goes to a place in the file; the damaged member may have been inflated past it."""
        if place < self._packed_at and self._stream.seekable():
            self._stream.seek(place)
            self._packed, self._packed_at = b"", place
            return
        place = max(place, self._packed_at)
        self._packed, self._packed_at = self._packed[place - self._packed_at :], place

    def _find_member(self) -> bool:
        while self._more():
            found = self._packed.find(_MEMBER)
            if found >= 0:
                self._packed_at += found
                self._packed = self._packed[found:]
                if len(self._packed) < _PROBE_BYTES:
                    self._packed += self._stream.read(_BLOCK)
                return True
            kept = self._packed[-2:]
            more = self._stream.read(_BLOCK)
            self._packed_at += len(self._packed) - len(kept)
            self._packed = kept + more if more else b""
        return False


def _begins_record(packed: bytes) -> bool:
    try:
        return zlib.decompressobj(31).decompress(packed, 16).startswith(b"WARC/")
    except zlib.error:
        return False


def readable(stream: BinaryIO) -> Iterator[bytes]:
    """All that can be read of the file, past whatever is damaged, at the places that `Inflated` counts."""
    data = Inflated(stream)
    while True:
        while there := data.fill(_BLOCK):
            yield data.take(there)
        try:
            data.check()
        except Damage:
            if data.is_packed and data.next_member():
                continue
        return
