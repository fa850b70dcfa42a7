"""Where do the records of a table end? Found by the quotes in it, a block at a time, as its reader sees them.

Quotes open and close in turns. Where each one that opens stands at the beginning of a cell, and each one that closes at
the end of one or before its duplicate, `csv.reader` sees the same records, since it was never asked to guess. Where one
quote stands elsewhere the file is not cut: behind a loose quote the reader finds its way by rules of its own.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import asdict
from typing import Any, BinaryIO

import numpy as np

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.formats.table.cells import Cells
from biglam_pipeline.normalize.formats.table.dialect import Dialect
from biglam_pipeline.normalize.formats.table.jsonl import JsonLines
from biglam_pipeline.normalize.stretching import LINE_ENDS, Block, NotCut, Places, by_lines
from biglam_pipeline.parsing.encodings import Found, keeps_ascii
from biglam_pipeline.parsing.gzip import MAGIC

_MARK = b"\xef\xbb\xbf"
_ONE_BYTE = re.compile(r"(iso8859-\d+|cp\d+|koi8-\w+|mac-\w+)")
_CR, _LF = 0x0D, 0x0A


class JsonLineEnds:
    """JSON Lines: every line feed ends a record."""

    counts = "line feed"
    first = 0

    def __init__(self, source: JsonLines) -> None:
        """NotCut where a line feed may be part of a character."""
        _refuse_encoding(source.found)
        self.head: dict[str, Any] = {"found": asdict(source.found)}

    def blocks(self, stream: BinaryIO) -> Iterator[Block]:
        """See `Borders.blocks`."""
        return by_lines(stream, self._ends)

    def _ends(self, block: bytes, *, first: bool, last: bool) -> Places:
        _refuse_odd(block, first=first)
        return LINE_ENDS[self.counts](block)


class RowEnds:
    """CSV and its like: a line end outside of quotes ends a record."""

    counts = "any"

    def __init__(self, table: Cells) -> None:
        """NotCut where quotes may not mean what they seem to, or the header cannot be read."""
        dialect = table.dialect
        _refuse_encoding(dialect.found)
        if dialect.wanted.escape:
            raise NotCut("a character makes letters of quotes")
        if not dialect.delimiter.isascii() or not (dialect.quote or "").isascii():
            raise NotCut("cells are divided or quoted by more than one byte")
        self.first = _read_header(table)
        self.head: dict[str, Any] = {
            "found": asdict(dialect.found),
            "delimiter": dialect.delimiter,
            "quote": dialect.quote,
            "problem": "".join(one for one in dialect.problems if one != dialect.found.problem),
            "skip": dialect.wanted.skip,
            "names": table.names,
        }
        self._quote = ord(dialect.quote) if dialect.quote else -1
        self._skip, self._inside = dialect.wanted.skip, 0
        self._begins = _bytes_of(dialect.delimiter, "\r\n", dialect.quote or "")
        self._comments = _quoted_comments(dialect)

    def blocks(self, stream: BinaryIO) -> Iterator[Block]:
        """See `Borders.blocks`."""
        return by_lines(stream, self._ends)

    def _ends(self, block: bytes, *, first: bool, last: bool) -> Places:
        _refuse_odd(block, first=first)
        begin = _behind_lines(block, self._skip) if first else 0
        if self._quote < 0 or (not self._inside and self._quote not in block):
            found = LINE_ENDS["line feed"](block)
        else:
            found = self._outside_of_quotes(block, begin, last=last)
        found = found[found > begin]
        if not len(found) and not last:
            raise NotCut(f"no record ends within {len(block):,} bytes")
        return found

    def _outside_of_quotes(self, block: bytes, begin: int, *, last: bool) -> Places:
        if any(comment.search(block, begin) for comment in self._comments):
            raise NotCut("a comment line holds a quote")
        data = np.frombuffer(block, np.uint8)
        quotes = np.flatnonzero(data[begin:] == self._quote) + begin
        opening, closing = quotes[self._inside :: 2], quotes[1 - self._inside :: 2]
        before = np.where(opening > begin, data[opening - 1], _LF)
        after = np.where(closing + 1 < len(data), data[np.minimum(closing + 1, len(data) - 1)], _LF)
        if not (self._begins[before].all() and self._begins[after].all()):
            raise NotCut("a quote stands in the midst of a cell")
        feeds = np.flatnonzero(data == _LF)
        inside = (np.searchsorted(quotes, feeds) + self._inside) % 2
        self._inside = (self._inside + len(quotes)) % 2
        if last and self._inside:
            raise NotCut("a quote is not closed")
        ends: Places = feeds[inside == 0] + 1
        return ends


def _refuse_encoding(found: Found) -> None:
    """A byte of ASCII must be that character wherever it stands, and no state may go from one stretch to the next."""
    encoding = found.encoding
    simple = encoding.startswith("utf-8") or (
        _ONE_BYTE.fullmatch(encoding) and len(bytes(range(256)).decode(encoding, "replace")) == 256
    )
    # In mac-arabic and mac-farsi a byte above 127 is a quote or a comma too, which a search for bytes would not see.
    twice = _ONE_BYTE.fullmatch(encoding) and min(bytes(range(128, 256)).decode(encoding, "replace")) < "\x80"
    if not simple or twice or not keeps_ascii(encoding):
        raise NotCut(f"it is written in {found.name}")


def _refuse_odd(block: bytes, *, first: bool) -> None:
    """What is read otherwise where a file begins than in its midst."""
    if first and block.startswith(MAGIC):
        raise NotCut("it is packed as gzip, which is inflated from its beginning")
    if b"\0" in block:
        raise NotCut("it holds NUL")
    if block.find(_MARK, 3 if first else 0) >= 0:
        raise NotCut("it holds a mark of byte order in its midst")
    if b"\n" + MAGIC in block:
        raise NotCut("a line begins as gzip does")


def _read_header(table: Cells) -> int:
    """How many lines stand before the first row; the names of the columns are known afterwards."""
    try:
        for _ in table.rows():
            break
    except SourceChanged as why:
        raise NotCut(str(why)) from why
    if not table.names:
        raise NotCut("it has no header")
    count = table.count
    return count.header + count.comments + count.blank + count.skipped


def _behind_lines(block: bytes, skip: int) -> int:
    """Behind the mark of byte order and the lines that are skipped."""
    ends = LINE_ENDS["any"](block)[:skip]
    if len(ends) < skip:
        raise NotCut(f"the {skip} lines to be skipped are longer than {len(block):,} bytes")
    return int(ends[-1]) if skip else 3 * block.startswith(_MARK)


def _bytes_of(*texts: str) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    table = np.zeros(256, np.bool_)
    for text in texts:
        table[list(text.encode("ascii"))] = True
    return table


def _quoted_comments(dialect: Dialect) -> Collection[re.Pattern[bytes]]:
    """Find a quote in a comment line, or in what looks like one."""
    if dialect.quote is None:
        return ()
    quote, encoding = re.escape(dialect.quote.encode()), dialect.found.encoding.removesuffix("-sig")
    starts = [re.escape(one.encode(encoding, "replace")) for one in dialect.wanted.comment]
    return [re.compile(rb"(?m:^|\r)" + start + rb"[^\r\n]*" + quote) for start in starts]
