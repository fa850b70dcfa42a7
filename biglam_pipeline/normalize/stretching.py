"""How is a large file of many records cut, so that every core reads it and one corrected row re-reads little of it?

At record borders, by content, as in content-defined chunking (Muthitacharoen, Chen and Mazieres, SOSP 2001): a border
is where the hash of the record before it is small, so that an insertion moves no border but those beside it.
"""

import hashlib
import zlib
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, BinaryIO, Protocol, TypeVar

import numpy as np
import numpy.typing as npt

from biglam_pipeline.records import StoredObject
from biglam_pipeline.store import disk
from biglam_pipeline.store.cuts import CutFile, Stretch
from biglam_pipeline.store.raw import RawShelf

MB = 2**20
Places = npt.NDArray[np.int64]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large files are cut, in bytes. Other sizes make other slices: every large file is then read again."""

    above: int = 32 * MB
    """A smaller file is read as a whole."""
    least: int = 4 * MB
    spread: int = 4 * MB
    """So many bytes behind `least` a stretch ends on average."""
    most: int = 16 * MB
    block: int = 4 * MB
    """So much is read at once, and a record ends in each; so none is longer than two of these."""


SIZES = Sizes()


class NotCut(Exception):
    """Where records end is not certain. The file is read as a whole, and the reason is reported."""


class Borders(Protocol):
    """Where the records of one file end. A format that is cut gives one for each file, by `Reader.borders`."""

    head: dict[str, Any]
    """What every stretch must know of the file, as JSON: its encoding, the names of its columns; FRAME. `unnamed` says
    that a record may have no name of its own, so that equal ones are numbered through the file."""
    first: int
    """So many lines at least must be in the first stretch: what stands before the first record."""
    counts: str
    """What places count: a key of `LINE_ENDS`, or RECORDS."""

    def blocks(self, stream: BinaryIO) -> Iterator["Block"]:
        """All bytes of the file, in blocks of about `Sizes.block`. NotCut where the reader might see other records."""


Block = tuple[bytes, Places]
"""Bytes that end with a line or a record, and the offsets behind the records that end among them."""


class Ends(Protocol):
    """Finds where records end in one block of a file after the other."""

    def __call__(self, block: bytes, *, first: bool, last: bool) -> Places:
        """The offsets behind the records that end in the block. NotCut where the reader might see other records."""


# --- lines -------------------------------------------------------------------------------------------------------


def _any_line_end(block: bytes) -> Places:
    data = np.frombuffer(block, np.uint8)
    ends = data == 0x0A
    if b"\r" in block:
        ends[:-1] |= (data[:-1] == 0x0D) & (data[1:] != 0x0A)
        ends[-1] |= data[-1] == 0x0D
    return np.flatnonzero(ends) + 1


def _line_feeds(block: bytes) -> Places:
    return np.flatnonzero(np.frombuffer(block, np.uint8) == 0x0A) + 1


RECORDS = "record"
FRAME = "frame"
"""In `Borders.head`: what is put before each stretch but the first, and behind each but the last, to read it."""
_OF_PLACE = ("begins", "passed", "gone", "before", "unnamed")
"""What a stretch is told of where it stands in its file, and of the rows beside it: no part of what it is."""
LINE_ENDS: dict[str, Callable[[bytes], Places]] = {"any": _any_line_end, "line feed": _line_feeds}
"""The offsets behind each line of a block that ends with a line feed: where carriage returns end lines too, as in CSV,
and where they do not, as in JSON Lines."""


def blocks_of(stream: BinaryIO, size: int, longest: int) -> Iterator[bytes]:
    """The bytes in blocks that end with a line feed. NotCut where a line is longer than `longest`."""
    while block := stream.read(size):
        if not block.endswith(b"\n"):
            block += stream.readline(longest)
            if not block.endswith(b"\n") and stream.read(1):
                raise NotCut(f"a line is longer than {longest:,} bytes, or lines do not end with a line feed")
        yield block


def blocks_of_marked(stream: BinaryIO, size: int, mark: bytes) -> Iterator[bytes]:
    """The same of records that each end with a mark. NotCut where one is longer than a block."""
    before = left = b""
    while more := stream.read(size):
        end = more.rfind(mark) + len(mark) if mark in more else 0
        if end:
            if before:
                yield before
            before, left = left + more[:end], more[end:]
        elif len(left) > size:
            raise NotCut(f"no record ends within {size:,} bytes")
        else:
            left += more
    if before or left:  # what stands behind the last record belongs to it
        yield before + left


def by_lines(stream: BinaryIO, ends: Ends) -> Iterator[Block]:
    """`Borders.blocks` of a format whose records are lines, or end with some."""
    return _with_ends(blocks_of(stream, SIZES.block, SIZES.block), ends)


def by_marks(stream: BinaryIO, mark: bytes, ends: Ends) -> Iterator[Block]:
    """The same of one whose records end with a mark of one byte."""
    return _with_ends(blocks_of_marked(stream, SIZES.block, mark), ends)


def _with_ends(blocks: Iterator[bytes], ends: Ends) -> Iterator[Block]:
    for number, (block, last) in enumerate(_with_last(blocks)):
        yield block, ends(block, first=number == 0, last=last)


# --- cutting -----------------------------------------------------------------------------------------------------


def cut_stream(stream: BinaryIO, borders: Borders) -> tuple[CutFile, str]:
    """Cuts a file in one pass; answers where, and the sha256 of the whole. NotCut where it is not certain."""
    digest, stretches, waiting = hashlib.sha256(), list[Stretch](), _Waiting(LINE_ENDS.get(borders.counts))
    for (block, ends), last in _with_last(borders.blocks(stream)):
        digest.update(block)
        waiting.add(block, ends)
        while size := waiting.border(last=last):
            stretches.append(waiting.take(size))
    if stretches and stretches[0].places < borders.first:
        raise NotCut(f"its first record stands behind line {borders.first}")
    met = Counter[str]()
    for at, one in enumerate(stretches):
        met[one.sha256] += 1
        stretches[at] = replace(one, number=met[one.sha256])
    return CutFile(ends=borders.counts, head=borders.head, stretches=tuple(stretches)), digest.hexdigest()


def _with_last(blocks: Iterator[T]) -> Iterator[tuple[T, bool]]:
    """Each block, and whether it is the last."""
    before = next(blocks, None)
    for block in blocks:
        assert before is not None
        yield before, False
        before = block
    if before is not None:
        yield before, True


class _Waiting:
    """The bytes behind the last border, and where records end in them."""

    def __init__(self, line_ends: Callable[[bytes], Places] | None) -> None:
        """line_ends: what places count; None where they count records."""
        self._line_ends = line_ends
        self._data = bytearray()
        self._ends: list[int] = []
        self._offset, self._line = 0, 1

    def add(self, block: bytes, ends: Places) -> None:
        self._ends += (ends + len(self._data)).tolist()
        self._data += block

    def border(self, *, last: bool) -> int:
        """How long the next stretch is; 0 where that cannot be said yet, or nothing is left.

        Behind the first record in reach whose hash is small, in proportion to its length; without one, behind the one
        whose hash is the smallest: that too is a matter of content.
        """
        if len(self._data) < SIZES.most and not last:
            return 0
        rest = len(self._data) if last and len(self._data) <= SIZES.most else 0
        best, least = rest, float("inf")
        with memoryview(self._data) as data:
            at = bisect_left(self._ends, SIZES.least)
            for begin, end in pairwise([self._ends[at - 1] if at else 0, *self._ends[at:]]):
                if end > SIZES.most:
                    break
                share = zlib.crc32(data[begin:end]) / 2**32 * SIZES.spread / (end - begin)
                if share < 1:
                    return end
                if share < least and not rest:
                    best, least = end, share
        if self._data and not best:
            raise NotCut(f"no record ends between {SIZES.least:,} and {SIZES.most:,} bytes behind another")
        return best

    def take(self, size: int) -> Stretch:
        """Ends a stretch here."""
        data = bytes(self._data[:size])
        del self._data[:size]
        ended = bisect_right(self._ends, size)
        self._ends = [end - size for end in self._ends[ended:]]
        lines = ended if self._line_ends is None else _count(self._line_ends(data), size)
        sha256 = hashlib.sha256(data).hexdigest()
        taken = Stretch(self._line, lines, sha256, 1, self._offset, size, sha256)
        self._offset, self._line = self._offset + size, self._line + lines
        return taken


def _count(ends: Places, size: int) -> int:
    """Lines, also one that is not ended."""
    return len(ends) + int(len(ends) == 0 or ends[-1] < size)


def measure_again(stream: BinaryIO, cut: CutFile) -> CutFile:
    """The same stretches in other bytes of as many lines: those that a takedown left of the file."""
    line_ends, left, found = LINE_ENDS[cut.ends], list(cut.stretches), list[Stretch]()
    waiting, lines, offset = bytearray(), 0, 0
    for block, last in _with_last(blocks_of(stream, SIZES.block, len(cut.stretches) * SIZES.most)):
        waiting += block
        lines += len(line_ends(block))
        while left and (last or lines >= left[0].places):
            one = left.pop(0)
            data = bytes(waiting)
            if left:
                data = data[: line_ends(data)[one.places - 1]]
            del waiting[: len(data)]
            lines -= one.places
            found.append(replace(one, offset=offset, size=len(data), stands=hashlib.sha256(data).hexdigest()))
            offset += len(data)
    return replace(cut, stretches=tuple(found))


def measured(raw: RawShelf, held: StoredObject, cut: str) -> CutFile | None:
    """Where the stretches of a file lie in its bytes as they stand; None where it was not cut yet.

    cut: digest of the file as it came and of how it is read. ShelfDamaged where other bytes stand there than came, or
    than a takedown left.
    """
    left = raw.redactions.left(held)
    stands = left[-1] if left else held.sha256
    found = raw.cuts.read(cut, stands)
    if found is None and left and (found := raw.cuts.any(cut)) is not None:
        stands, _ = disk.digest_file(raw.path(held))  # a run that was killed may have noted more than it did
        if stands not in (held.sha256, *left):
            raise raw.shelf.spoiled(held.file)
        again = raw.cuts.read(cut, stands)
        if again is None and found.stretches:
            with raw.open_file(held) as stream:
                again = measure_again(stream, found)
            raw.cuts.keep(cut, stands, again)
        found = again or found
    return found


def known_of(file: CutFile, at: int) -> dict[str, Any]:
    """`Item.known` of one of its stretches: what holds for all, and where this one stands."""
    stretch = file.stretches[at]
    known = {**file.head, "begins": stretch.begins}
    if FRAME in file.head:
        before, behind = file.head[FRAME]
        before, behind = before if at else "", behind if at < len(file.stretches) - 1 else ""
        known |= {FRAME: (before, behind), "passed": stretch.offset - len(as_bytes(before))}
    return known


def framed(data: bytes, known: Mapping[str, Any] | None) -> bytes:
    """The bytes of a stretch as they are read, between those that its format puts around each."""
    before, behind = (known or {}).get(FRAME, ("", ""))
    return as_bytes(before) + data + as_bytes(behind)


def as_bytes(text: str) -> bytes:
    """What is put around a stretch; bytes that are not UTF-8 are in it as surrogates, as JSON can hold them."""
    return text.encode("utf-8", "surrogateescape")


def written(stretch: Stretch, known: Mapping[str, Any], before: str) -> Sequence[str]:
    """What a slice is known by, of a stretch: its bytes, and what it knows of its file, but not where it stands.

    before: digest of what it knows of rows in earlier stretches.
    """
    reported = {name: value for name, value in known.items() if name not in _OF_PLACE}
    if stretch.begins > 1:  # what was guessed of the file is counted with its first stretch
        reported |= {"problem": "", "skip": 0, "found": {**reported.get("found", {}), "problem": ""}}
    first = "first" if stretch.begins == 1 else ""
    return (stretch.sha256, str(stretch.number), first, before, repr(sorted(reported.items())))
