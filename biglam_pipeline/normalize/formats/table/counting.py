"""How many records has a table? Counted by the quotes and line ends in its bytes, beside `csv.reader`, which reads it.

RFC 4180 (2): quotes open where a cell begins and close where it ends, so they come in turns, and a line end outside of
them ends a record. Where one stands elsewhere the file is no RFC 4180, only rules say what a record is, and the count
is not known.
"""

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from biglam_pipeline.parsing.counted import AtLeast

_BLOCK = 1 << 22
_LF, _CR, _BLANK, _ESCAPED = 0x0A, 0x0D, 0x20, 0x01
_DIVIDERS = b",;\t| "
_LONGEST = 1 << 24
"""A line that is longer is a reject by a rule of its own."""
Places = npt.NDArray[np.int64]


class Unsure(Exception):
    """Where records end is a matter of rules."""


@dataclass(frozen=True, slots=True)
class Written:
    """How the file is written, as far as it decides where records end."""

    quote: bytes = b'"'
    """Empty where quotes are letters."""
    delimiter: bytes = b""
    """Empty where it is one of the usual."""
    escape: bytes = b""
    """What makes a letter of the next character, be it a quote or a line end."""
    comment: tuple[bytes, ...] = ()
    skip: int = 0
    header: bool = True
    """Whether the first record names the columns."""
    blanks: bool = True
    """Whether a line of blanks alone is a blank line: in tables of several columns."""


def in_lines(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in blocks that end with a line feed, without the mark at their beginning."""
    left, first = b"", True
    for block in blocks:
        block = left + block
        block, first = (block.removeprefix(codecs.BOM_UTF8) if first else block), False
        end = block.rfind(b"\n") + 1
        left = block[end:]
        if end:
            yield block[:end]
        if len(left) > _LONGEST:
            raise Unsure("a line is longer than anybody reads")
    if left:
        yield left


def blocks_of(stream: BinaryIO) -> Iterator[bytes]:
    """Block after block."""
    return iter(lambda: stream.read(_BLOCK), b"")


def count_lines(blocks: Iterable[bytes]) -> int:
    """The lines in which something stands: of JSON Lines each is a record."""
    return sum(bool(line) and not line.isspace() for block in in_lines(blocks) for line in block.split(b"\n"))


def count_records(blocks: Iterable[bytes], written: Written) -> int:
    """How many records there are behind the header; AtLeast where one has several lines.

    Unsure where rules decide: also where one has several lines, and what divides cells is not known.
    """
    return _Count(written).of(blocks)


def _letter_for(found: re.Match[bytes]) -> bytes:
    return b"\x01\n" if found[0].endswith(b"\n") else b"xx"


def _refuse(escaped: npt.NDArray[np.bool_]) -> None:
    if escaped.any():
        raise Unsure("a line end that is escaped, and stands in no quotes")


class _Count:
    def __init__(self, written: Written) -> None:
        self._written, self._inside, self._skip = written, 0, written.skip
        self._quote = ord(written.quote) if written.quote else -1
        self._several = False
        """Whether a record has several lines: where a loose quote had eaten them, each is a record."""
        self._escaped = re.compile(re.escape(written.escape) + rb"(?s:.)") if written.escape else None
        self._borders = np.zeros(256, np.bool_)
        self._borders[[*(written.delimiter or _DIVIDERS), _LF, _CR, self._quote]] = True

    def of(self, blocks: Iterable[bytes]) -> int:
        count = sum(self._in_block(block) for block in in_lines(blocks))
        if self._inside:
            raise Unsure("a quote does not close")
        found = max(count - self._written.header, 0)
        return AtLeast(found) if self._several else found

    def _in_block(self, block: bytes) -> int:
        if b"\0" in block or codecs.BOM_UTF8 in block:
            raise Unsure("it holds NUL, or marks of byte order in its midst")
        block = self._behind_skipped(block)
        if self._escaped is not None:
            if self._written.escape + b"\r" in block:
                raise Unsure("a line end of two characters, of which one is escaped")
            block = self._escaped.sub(_letter_for, block)
        data = np.frombuffer(block, np.uint8)
        if not len(data):
            return 0
        ends, begun_inside = self._ends(block, data), self._inside_before
        starts = np.concatenate([[0], ends])
        starts = starts[(starts < len(data))][begun_inside:]
        return len(starts) - self._beside(block, data, starts)

    def _behind_skipped(self, block: bytes) -> bytes:
        while self._skip and block:
            _, _, block = block.partition(b"\r" if b"\r" in block.partition(b"\n")[0][:-1] else b"\n")
            self._skip -= 1
        return block

    def _ends(self, block: bytes, data: npt.NDArray[np.uint8]) -> Places:
        """Behind each line end that is outside of quotes."""
        ends = data == _LF
        if b"\r" in block:
            lone = data == _CR
            lone[:-1] &= data[1:] != _LF
            ends = ends | lone
        places: Places = np.flatnonzero(ends)
        self._inside_before = self._inside
        escaped = data[places - 1] == _ESCAPED if self._escaped is not None else np.zeros(len(places), np.bool_)
        if self._quote < 0 or (not self._inside and self._written.quote not in block):
            _refuse(escaped)
            return places + 1
        quotes = np.flatnonzero(data == self._quote)
        opening, closing = quotes[self._inside :: 2], quotes[1 - self._inside :: 2]
        before = np.where(opening > 0, data[opening - 1], _LF)
        after = np.where(closing + 1 < len(data), data[np.minimum(closing + 1, len(data) - 1)], _LF)
        if not (self._borders[before].all() and self._borders[after].all()):
            raise Unsure("a quote stands in the midst of a cell")
        outside = (np.searchsorted(quotes, places) + self._inside) % 2 == 0
        _refuse(escaped & outside)
        if not outside.all():
            self._several = True
            if not self._written.delimiter:
                raise Unsure("a record of several lines")
        self._inside = (self._inside + len(quotes)) % 2
        found: Places = places[outside] + 1
        return found

    def _beside(self, block: bytes, data: npt.NDArray[np.uint8], starts: Places) -> int:
        """How many of the lines that begin here are blank or comments."""
        firsts, beside = data[starts], 0
        odd = (firsts == _LF) | (firsts == _CR)
        beside += int(odd.sum())
        wanted = {*(one[0] for one in self._written.comment), *([_BLANK] if self._written.blanks else [])}
        for at in starts[np.isin(firsts, [*wanted])].tolist() if wanted else ():
            if self._written.comment and block.startswith(self._written.comment, at):
                beside += 1
            elif self._written.blanks and block[at] == _BLANK:
                end = min((place for place in (block.find(b"\n", at), block.find(b"\r", at)) if place >= 0), default=-1)
                beside += not block[at : end if end >= 0 else len(block)].strip(b" ")
        return beside
