"""What does an uploaded shard say about files: of which chunks they consist, and their sha256?

Format: https://huggingface.co/docs/xet/en/shard
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from biglam_pipeline.localhub.xorbs import Damaged

ROW_BYTES = 48
BOOKEND = b"\xff" * 32
HAS_VERIFICATION = 1 << 31
HAS_SHA256 = 1 << 30


@dataclass(frozen=True, slots=True)
class Term:
    """Consecutive chunks of one xorb, `last` exclusive, and their unpacked bytes."""

    xorb: str
    first: int
    last: int
    size: int


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file as terms in order; sha256 is None where the shard does not tell it."""

    xet_hash: str
    sha256: str | None
    terms: tuple[Term, ...]

    @property
    def size(self) -> int:
        """Bytes of the file."""
        return sum(term.size for term in self.terms)


def hash_text(raw: bytes) -> str:
    """A hash as the client prints it: four little-endian 64-bit words."""
    return "".join(f"{word:016x}" for word in struct.unpack("<4Q", raw))


def parse_shard(data: bytes) -> list[StoredFile]:
    """The files of a shard. Its second half, the chunk hashes of the xorbs, is for deduplication and not needed."""
    rows = _rows(data)
    files = []
    try:
        next(rows)  # the shard's own header
        while (row := next(rows))[:32] != BOOKEND:
            files.append(_file(row, rows))
    except StopIteration:
        raise Damaged("the shard ends before its list of files does") from None
    return files


def _rows(data: bytes) -> Iterator[bytes]:
    for at in range(0, len(data) - ROW_BYTES + 1, ROW_BYTES):
        yield data[at : at + ROW_BYTES]


def _file(header: bytes, rows: Iterator[bytes]) -> StoredFile:
    flags, count = struct.unpack_from("<II", header, 32)
    terms = []
    for _ in range(count):
        row = next(rows)
        _, size, first, last = struct.unpack_from("<4I", row, 32)
        terms.append(Term(hash_text(row[:32]), first, last, size))
    if flags & HAS_VERIFICATION:
        for _ in range(count):
            next(rows)
    sha256 = hash_text(next(rows)[:32]) if flags & HAS_SHA256 else None
    return StoredFile(hash_text(header[:32]), sha256, tuple(terms))
