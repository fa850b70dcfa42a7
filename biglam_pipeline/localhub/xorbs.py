"""How is a xorb, a block of compressed chunks, kept and unpacked?

Format: https://huggingface.co/docs/xet/en/xorb
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

import numpy as np
import pyarrow as pa

from biglam_pipeline.localhub.state import StateFolder

CHUNK_HEADER_BYTES = 8
NONE, LZ4, BYTE_GROUPED_LZ4 = 0, 1, 2
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


def index_chunks(data: bytes | memoryview) -> Chunks:
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
    if max(schemes) > BYTE_GROUPED_LZ4:
        raise Damaged(f"unknown compression scheme {max(schemes)}")
    return Chunks(tuple(schemes), (0, *accumulate(packed)), (0, *accumulate(unpacked)))


def unpack_chunk(packed: bytes, scheme: int, size: int) -> bytes:
    """The content of one chunk."""
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
    """Xorbs by their Xet hash: written once, never changed."""

    def __init__(self, state: StateFolder) -> None:
        self._state = state
        self._root = state.root / "xet" / "xorbs"
        self.chunks = lru_cache(maxsize=512)(self._chunks)

    def path(self, xorb: str) -> Path:
        """Where the xorb is or would be."""
        if not HASH.fullmatch(xorb):
            raise Damaged(f"not a Xet hash: {xorb[:80]}")
        return self._root / xorb[:2] / xorb

    def has(self, xorb: str) -> bool:
        """Whether the xorb is here."""
        return self.path(xorb).exists()

    def put(self, xorb: str, data: bytes) -> bool:
        """Keep a xorb whose chunks can be walked; False where it was here before."""
        index_chunks(data)
        if self.has(xorb):
            return False
        self._state.write(self.path(xorb), data)
        return True

    def _chunks(self, xorb: str) -> Chunks:
        return index_chunks(self.path(xorb).read_bytes())

    def read(self, xorb: str, first: int, last: int) -> Iterator[bytes]:
        """The unpacked chunks first..last (exclusive)."""
        chunks = self.chunks(xorb)
        with self.path(xorb).open("rb") as file:
            file.seek(chunks.starts[first])
            for number in range(first, last):
                packed = file.read(chunks.starts[number + 1] - chunks.starts[number])
                size = chunks.sizes[number + 1] - chunks.sizes[number]
                yield unpack_chunk(packed[CHUNK_HEADER_BYTES:], chunks.schemes[number], size)
