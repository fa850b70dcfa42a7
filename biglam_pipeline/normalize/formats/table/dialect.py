"""How is a table written: what divides its cells, what quotes them, which lines are none of it?

Where it is divided by comma, semicolon or bar, quotes are those of RFC 4180 (https://www.rfc-editor.org/rfc/rfc4180).
Files divided by tabs or blanks come of programs that know no quotes (text/tab-separated-values of IANA has none; CoNLL,
CoNLL-U and most corpora of tokens neither) and of spreadsheets that write them, so the whole file is asked.
"""

import codecs
import csv
import io
import re
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, replace
from typing import Any, BinaryIO

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.formats.table.leftover import Known
from biglam_pipeline.normalize.formats.table.lines import MAX_CELL_BYTES, Broken, Lines, Text
from biglam_pipeline.parsing.encodings import BYTES, Found, find_encoding, keeps_ascii, open_text

Open = Callable[[], BinaryIO]

_SAMPLE_BYTES = 256 * 1024
_SAMPLE_ROWS = 200
_DIVIDERS = (",", ";", "\t", "|")
_BY_RFC = ",;|"
SEP = re.compile(r'\ufeff?"?sep=([^\w\r\n"])"?(?=[\r\n])', re.IGNORECASE)
"""Excel takes such a first line for what divides the others."""
_CLEAR = 0.3
"""So much larger must the share of even rows be for one delimiter to be preferred to another."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the entry says of how its tables are written; None where it says nothing."""

    header: tuple[str, ...] | None = None
    delimiter: str | None = None
    encoding: str | None = None
    quote: str | None = None
    """One character, or `none`."""
    escape: str | None = None
    comment: tuple[str, ...] = ()
    skip: int = 0


@dataclass(frozen=True, slots=True)
class Dialect:
    """How one file is written."""

    found: Found
    delimiter: str
    quote: str | None
    """None: quotes are letters."""
    wanted: Wanted
    problems: tuple[str, ...] = ()
    """What had to be guessed of it, to be counted once."""
    gone: Collection[int] = ()
    """Lines at which a row began that was taken down."""
    begins: int = 1
    """The number of the first line that is read."""

    def lines(self, text: Text) -> Lines:
        """The lines of the file, between whose records comments and blank lines are passed over."""
        wanted = self.wanted
        lines = Lines(
            text,
            mends=not self.found.is_clean,
            comment=wanted.comment,
            escape=wanted.escape or "",
            skip=wanted.skip,
            gone=self.gone,
        )
        lines.widen(2 if self.delimiter == " " else len(wanted.header or ()))
        lines.number = self.begins - 1
        return lines

    def records(self, lines: Any) -> Any:
        """The `csv.reader` of these lines: strict, so that behind a closing quote stands a delimiter or a line end."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote,
            escapechar=self.wanted.escape,
            quoting=csv.QUOTE_NONE if self.quote is None else csv.QUOTE_MINIMAL,
            strict=True,
        )


def find_dialect(
    open_item: Open, wanted: Wanted, name: str, server_charset: str, known: Known | None = None
) -> Dialect:
    """How the file is written, from the entry, from a sample (the delimiter) and from the whole (encoding and quotes).

    known: of what a takedown left of a file, which is not judged again. SourceChanged where two delimiters fit as
    well, or none.
    """
    known = known or Known()
    if known.begins and known.found:
        return _of_a_stretch(known, known.found, wanted)
    held = None if wanted.encoding else known.found
    with open_item() as stream:
        sample = stream.read(_SAMPLE_BYTES)
        more = bool(stream.read(1))
    early = held or find_encoding(sample, declared=wanted.encoding, server_charset=server_charset)
    wanted = _as_excel_says(sample.decode(early.encoding, BYTES)[:16], wanted)
    delimiter = wanted.delimiter or known.delimiter or _find_delimiter(sample, more, early, wanted, name)
    asks = wanted.quote is None and delimiter not in _BY_RFC
    quotes = _Quotes(delimiter, early.encoding) if asks and delimiter != known.delimiter else None
    with open_item() as stream:
        watch = quotes.add if quotes else None
        found = find_encoding(stream, declared=wanted.encoding, server_charset=server_charset, watch=watch)
    found = held or found
    quote, problem = None if wanted.quote == "none" else wanted.quote or '"', ""
    if asks:
        quote, problem = quotes.verdict() if quotes else (known.quote, known.problem)
    problems = tuple(one for one in (found.problem, problem) if one)
    return Dialect(found, delimiter, quote, wanted, problems, known.gone)


def _of_a_stretch(known: Known, found: Found, wanted: Wanted) -> Dialect:
    """As its file is written. What was guessed of that is said once, with the first stretch."""
    wanted = replace(wanted, skip=known.skip, header=known.names if known.is_later else wanted.header)
    problems = () if known.is_later else tuple(one for one in (found.problem, known.problem) if one)
    return Dialect(found, known.delimiter, known.quote, wanted, problems, known.gone, known.begins)


def _as_excel_says(beginning: str, wanted: Wanted) -> Wanted:
    """Excel takes a first line `sep=;` for what divides the others, and programs that write for it put one there."""
    said = None if wanted.skip else SEP.match(beginning)
    return replace(wanted, skip=1, delimiter=wanted.delimiter or said[1]) if said else wanted


# --- the delimiter -------------------------------------------------------------------------------------------


def _find_delimiter(sample: bytes, more: bool, early: Found, wanted: Wanted, name: str) -> str:
    """What divides the first rows into as many cells as the header has. SourceChanged where that is not one only."""
    text = sample.decode(early.encoding, BYTES)
    shares: dict[str, float] = {}
    for delimiter in _DIVIDERS:
        widths = _widths(text, more, early, delimiter, wanted)
        expected = len(wanted.header) if wanted.header else widths[0] if widths else 0
        share = sum(width == expected for width in widths) / len(widths) if widths else 0.0
        if expected > 1 and share > (0.5 if wanted.header else 0):
            shares[delimiter] = share
    tabs = name.lower().endswith((".tsv", ".tab"))
    if not shares:
        if wanted.header and len(wanted.header) > 1 and sample.strip():
            detail = f"neither comma, semicolon, tab nor | divides it into the {len(wanted.header)} cells of `header`"
            raise SourceChanged(f"{name}: {detail}; say `delimiter`")
        return "\t" if tabs else ","  # one column
    best = max(shares.values())
    close = [delimiter for delimiter, share in shares.items() if best - share < _CLEAR]
    if len(close) > 1 and not (tabs and "\t" in close):
        detail = f"its rows are as even divided by {' as by '.join(map(repr, close))}"
        raise SourceChanged(f"{name}: {detail}; say which with `delimiter`")
    return "\t" if tabs and "\t" in close else close[0]


def _widths(text: str, more: bool, early: Found, delimiter: str, wanted: Wanted) -> list[int]:
    quote = None if wanted.quote == "none" else wanted.quote or ('"' if delimiter in _BY_RFC else None)
    dialect = Dialect(early, delimiter, quote, wanted)
    lines = dialect.lines(io.StringIO(text, newline=""))
    widths: list[int] = []
    for cells in _whole_records(dialect, lines):
        widths.append(len(cells))
        if len(widths) > _SAMPLE_ROWS:
            break
    return widths[:-1] if more and not lines.ended and len(widths) > 1 else widths


def _whole_records(dialect: Dialect, lines: Lines) -> Iterator[list[str]]:
    rows = dialect.records(lines)
    while True:
        lines.begin()
        try:
            yield next(rows)
        except StopIteration:
            return
        except (csv.Error, Broken) as error:
            lines.give_back("unexpected end" in str(error))


# --- quotes --------------------------------------------------------------------------------------------------


class _Quotes:
    """Looks for cells that begin with a quote, block by block: may the quotes go?

    They may where each such cell ends with one too, in its own line, and holds only doubled ones between: then it has
    neither delimiter nor line end in it, and its quotes were written by a program.
    """

    def __init__(self, delimiter: str, encoding: str) -> None:
        plain = delimiter.isascii() and keeps_ascii(encoding)
        self._encoding = "" if plain else encoding
        self._rest = b"\n"
        mark = delimiter.encode()
        self._begins = (mark + b'"', b'\n"', b'\r"')
        ends = re.escape(mark) + rb"\r\n"
        begins = rb'"(?<=[' + ends + rb']")' if len(mark) == 1 else rb"(?:(?<=[\r\n])|(?<=" + re.escape(mark) + rb'))"'
        inner = rb'[^"' + ends + rb']*+(?:""[^"' + ends + rb"]*+)*+"
        self._loose = re.compile(begins + rb"(?!" + inner + rb'"[' + ends + rb"])")
        self._decode = _decoder(encoding) if self._encoding else None
        self._is_first = True
        self._cells = 0
        self._letters = False

    def add(self, block: bytes) -> None:
        """One block more of the file's bytes."""
        if self._letters:
            return
        if self._decode is not None:
            block = self._decode(block)
        if self._is_first:
            block, self._is_first = block.removeprefix(codecs.BOM_UTF8), False
        end = max(block.rfind(b"\n"), block.rfind(b"\r"))
        if end >= 0:
            self._look(self._rest + block[: end + 1])
            self._rest = block[end:]
        elif len(self._rest) <= 4 * MAX_CELL_BYTES:
            self._rest += block  # else a line that is refused when it is read

    def _look(self, data: bytes) -> None:
        if b'"' not in data:
            return
        begun = sum(data.count(begin) for begin in self._begins)
        self._letters = begun > 0 and self._loose.search(data) is not None
        self._cells += begun

    def verdict(self) -> tuple[str | None, str]:
        """The quote, or None where quotes are letters; and the guess, in words."""
        self._look(self._rest + b"\n")
        if self._letters:
            return None, "quote: cells that begin with \" keep it; say `quote: '\"'` if this file quotes its cells"
        if not self._cells:
            return None, ""
        seen = f"quote: removed from {self._cells} cells, none of which holds a delimiter or a line end"
        return '"', f"{seen}; say `quote: none` if they are letters"


def _decoder(encoding: str) -> Callable[[bytes], bytes]:
    """Turns blocks of another encoding into UTF-8, in which a quote is one byte."""
    decoder = codecs.getincrementaldecoder(encoding)(BYTES)
    return lambda block: decoder.decode(block).encode("utf-8", "surrogatepass")


def open_lines(open_item: Open, dialect: Dialect) -> io.TextIOWrapper:
    """The file's text, its line ends as they are."""
    return open_text(open_item(), dialect.found)
