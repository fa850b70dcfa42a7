"""How is a xorb, a block of compressed chunks, kept and unpacked?

Format: https://huggingface.co/docs/xet/en/xorb
"""

import re
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate, pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from biglam_pipeline.localhub.state import StateFolder

CHUNK_HEADER_BYTES = 8
NONE, LZ4, BYTE_GROUPED_LZ4 = 0, 1, 2
GONE = 255  # our own mark, never on the wire: the chunk has been wiped, its length is kept
HASH = re.compile(r"[0-9a-f]{64}")


class Damaged(ValueError):
    """Bytes that are not what their format says."""


@dataclass(frozen=True, slots=True)
class Chunks:
    """The chunks of one xorb; `starts` and `sizes` are cumulative and one longer than the number of chunks."""

    schemes: tuple[int, ...]
    starts: tuple[int, ...]  # byte where a chunk's header begins
    sizes: tuple[int, ...]  # unpacked bytes before a chunk

    def __len__(self) -> int:
        return len(self.schemes)


def index_chunks(data: bytes | memoryview, *, ours: bool = False) -> Chunks:
    """Walk the chunk headers: version, packed length (3 bytes), scheme, unpacked length (3 bytes)."""
    schemes, packed, unpacked = [], [], []
    at = 0
    # Older clients end a xorb with a footer that begins with the letters XETBLOB; a chunk begins with 0.
    while at < len(data) and data[at] == 0:
        header = data[at : at + CHUNK_HEADER_BYTES]
        if len(header) < CHUNK_HEADER_BYTES:
            raise Damaged("a chunk header is cut short")
        length = int.from_bytes(header[1:4], "little")
        schemes.append(header[4])
        packed.append(CHUNK_HEADER_BYTES + length)
        unpacked.append(int.from_bytes(header[5:8], "little"))
        at += packed[-1]
    if at > len(data) or not schemes:
        raise Damaged("the chunks do not fill the xorb")
    if at < len(data) and bytes(data[at : at + 7]) != b"XETBLOB":
        raise Damaged(f"byte {at} begins neither a chunk nor the footer")
    unknown = {scheme for scheme in schemes if scheme > BYTE_GROUPED_LZ4 and not (ours and scheme == GONE)}
    if unknown:
        raise Damaged(f"unknown compression scheme {max(unknown)}")
    return Chunks(tuple(schemes), (0, *accumulate(packed)), (0, *accumulate(unpacked)))


def unpack_chunk(packed: bytes, scheme: int, size: int) -> bytes:
    """The content of one chunk."""
    if scheme == GONE:
        raise Damaged("a chunk has been removed for good")
    if scheme == NONE:
        content = packed
    else:
        try:
            # Arrow's "lz4" is the frame format, which is what the client writes.
            content = pa.decompress(packed, decompressed_size=size, codec="lz4", asbytes=True)
        except OSError as error:
            raise Damaged(f"a chunk cannot be unpacked: {error}") from error
        if scheme == BYTE_GROUPED_LZ4:
            content = ungroup(content)
    if len(content) != size:
        raise Damaged(f"a chunk of {size} bytes unpacks to {len(content)}")
    return content


def ungroup(grouped: bytes) -> bytes:
    """Undo byte grouping: all bytes at positions 0 mod 4 came first, then those at 1 mod 4, and so on."""
    source = np.frombuffer(grouped, np.uint8)
    plain = np.empty_like(source)
    at = 0
    for position in range(4):
        count = len(plain[position::4])
        plain[position::4] = source[at : at + count]
        at += count
    return plain.tobytes()


class Xorbs:
    """Xorbs by their Xet hash: written once; chunks that no file needs any more are wiped in place."""

    def __init__(self, state: StateFolder) -> None:
        self._state = state
        self._root = state.root / "xet" / "xorbs"
        self._epoch = state.root / "xet" / "epoch"
        self._index = lru_cache(maxsize=512)(self._read_index)
        self.lock = threading.RLock()  # held while chunks are wiped, and while a file's record is written

    def path(self, xorb: str) -> Path:
        """Where the xorb is or would be."""
        if not HASH.fullmatch(xorb):
            raise Damaged(f"not a Xet hash: {xorb[:80]}")
        return self._root / xorb[:2] / xorb

    def has(self, xorb: str, first: int = 0, last: int | None = None) -> bool:
        """Whether the xorb is here, with these chunks of it; with all by default."""
        try:
            return GONE not in self.chunks(xorb).schemes[first:last]
        except FileNotFoundError:
            return False

    def put(self, xorb: str, data: bytes) -> bool:
        """Keep a xorb whose chunks can be walked; False where it was here before, whole."""
        index_chunks(data)
        if not self.path(xorb).exists():
            self._state.write(self.path(xorb), data)
            return True
        with self.lock:
            if self.has(xorb):
                return False
            self._state.write(self.path(xorb), data)
        return True

    def chunks(self, xorb: str) -> Chunks:
        """Where the chunks of a xorb are. FileNotFoundError where it is not here."""
        return self._index(xorb, self.path(xorb).stat().st_mtime_ns)

    def _read_index(self, xorb: str, _: int) -> Chunks:
        return index_chunks(self.path(xorb).read_bytes(), ours=True)

    def read(self, xorb: str, first: int, last: int) -> Iterator[bytes]:
        """The unpacked chunks first..last (exclusive)."""
        chunks = self.chunks(xorb)
        with self.path(xorb).open("rb") as file:
            file.seek(chunks.starts[first])
            for number in range(first, last):
                packed = file.read(chunks.starts[number + 1] - chunks.starts[number])
                size = chunks.sizes[number + 1] - chunks.sizes[number]
                yield unpack_chunk(packed[CHUNK_HEADER_BYTES:], chunks.schemes[number], size)

    @property
    def epoch(self) -> int:
        """How often chunks have been removed: a client's memory of chunks holds for one epoch only."""
        return int(self._epoch.read_text()) if self._epoch.exists() else 0

    def begin_epoch(self) -> None:
        """Announce that chunks are about to go."""
        self._state.write(self._epoch, str(self.epoch + 1).encode())

    def keep_only(self, xorb: str, needed: set[int]) -> None:
        """Wipe the chunks of a xorb that are not needed; the whole xorb where none is. Chunk numbers stay."""
        try:
            chunks = self.chunks(xorb)
        except FileNotFoundError:
            return
        if not needed:
            self._state.remove(self.path(xorb))
        elif any(scheme != GONE and at not in needed for at, scheme in enumerate(chunks.schemes)):
            scratch = self._state.scratch()
            with self.path(xorb).open("rb") as old, scratch.open("wb") as new:
                _copy_needed(old, new, chunks, needed)
            self._state.move_in(scratch, self.path(xorb))


def _copy_needed(old: BinaryIO, new: BinaryIO, chunks: Chunks, needed: set[int]) -> None:
    """Copy a xorb with holes, which take no room on the disk, in place of the chunks that are not needed."""
    for number, (start, end) in enumerate(pairwise(chunks.starts)):
        old.seek(start)
        new.seek(start)
        if number in needed:
            new.write(old.read(end - start))
        else:
            header = bytearray(old.read(CHUNK_HEADER_BYTES))
            header[4] = GONE
            new.write(header)
    new.seek(chunks.starts[-1])
    old.seek(chunks.starts[-1])
    new.write(old.read())
    new.truncate(old.tell())
