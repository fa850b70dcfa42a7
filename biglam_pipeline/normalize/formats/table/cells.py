"""How is a CSV file read? As it is: no cell guessed, no row bent to fit, every line of the file accounted for."""

import csv
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.formats.table.blocks import Ahead, is_plain, looks_doubtful, may_be_plain, plain_records
from biglam_pipeline.normalize.formats.table.dialect import Dialect, Open, Wanted, find_dialect, open_lines
from biglam_pipeline.normalize.formats.table.emptying import empty_lines
from biglam_pipeline.normalize.formats.table.even import columns_of
from biglam_pipeline.normalize.formats.table.leftover import Known
from biglam_pipeline.normalize.formats.table.lines import MAX_CELL_BYTES, Broken, LineCount, Lines
from biglam_pipeline.parsing.charsets import charset_of
from biglam_pipeline.place import Place
from biglam_pipeline.records import Item, Reject

_CUT_LINES = 1000
"""A cell may go on over so many lines where the file is cut off behind them."""

csv.field_size_limit(MAX_CELL_BYTES)


@dataclass(frozen=True, slots=True)
class Row:
    """One row: column -> cell, and where it stands."""

    cells: dict[str, Any]
    line: int
    """Of the file, counted from 1: where the row begins."""
    lines: int = 1
    """How many it has."""
    problems: tuple[str, ...] = ()

    @property
    def place(self) -> Place:
        """In its file."""
        return Place("line", self.line)


@dataclass(frozen=True, slots=True)
class RowBlock:
    """Many rows at once: column -> the cell of each, and where each stands."""

    cells: dict[str, Sequence[Any]]
    lines: Sequence[int]
    row: Callable[[int], Mapping[str, Any]]
    """The cells of one of them, as `Row` has them."""
    problems: Sequence[tuple[str, ...]] = ()
    """Of each; empty where none has any."""


class Cells:
    """The rows of one file, streamed. After them, `count` says where every line has gone."""

    def __init__(self, item: Item, open_item: Open, wanted: Wanted) -> None:
        """open_item: opens the file's bytes, inflated. SourceChanged where it cannot be said how it is written."""
        self._item, self._open = item, open_item
        self.dialect = find_dialect(open_item, wanted, item.name, charset_of(item.media_type), Known.of(item))
        self.names: list[str] = list(self.dialect.wanted.header or ())
        """Of the columns; known once the header is read."""
        self.count = LineCount()
        self.noted: tuple[str, ...] = self.dialect.problems
        """Problems of the file and not of one of its rows, to be counted once."""

    def rows(self, *, many: bool = False) -> Iterator[Row | Reject | RowBlock]:
        """A record of another width than the header, or not written as RFC 4180 has it, is a Reject.

        many: whether rows in whose lines nothing is odd are given together. Behind them, or before what is odd, one
        record is read by itself, and so is all of the lines that were taken with it.
        """
        with open_lines(self._open, self.dialect) as text:
            ahead = Ahead(text)
            lines = self.dialect.lines(ahead if many else text)
            self.count = lines.count
            for cells in split_records(lines, self.dialect, self._item):
                if isinstance(cells, Reject):
                    lines.count.rejected += 1
                    self._refuse_header(cells)
                    yield cells
                    continue  # the lines behind it are given back now
                if not self.names:
                    self.names = name_columns(cells)
                    lines.count.header += len(lines.taken)
                    lines.widen(len(cells))
                else:
                    yield self._row(lines, cells)
                while many and self._is_even(ahead, lines) and (block := self._block(ahead, lines)):
                    yield block
            self.noted += tuple(lines.noted)

    def known(self, gone: Mapping[int, str]) -> Known:
        """What is noted of the file as it came when these rows go: what the entry says itself is not."""
        dialect, wanted = self.dialect, self.dialect.wanted
        known = Known(None if wanted.encoding else dialect.found, gone=gone)
        if wanted.quote is not None:
            return known
        problem = "".join(one for one in dialect.problems if one != dialect.found.problem)
        return replace(known, delimiter=dialect.delimiter, quote=dialect.quote, problem=problem)

    def _is_even(self, ahead: Ahead, lines: Lines) -> bool:
        return ahead.is_even and lines.is_even and may_be_plain(self.dialect, len(self.names)) and self._item.whole

    def _block(self, ahead: Ahead, lines: Lines) -> RowBlock | None:
        """The rows at the beginning of the next lines, if they are plain."""
        taken, records, ends = ahead.take(), list[list[str]](), list[int]()
        text = "".join(taken)
        if taken and is_plain(text, self.dialect):
            if not looks_doubtful(text, self.dialect) and (even := self._even(text, len(taken), lines)):
                return even
            records, ends = plain_records(taken, self.dialect, len(self.names))
        ahead.give_back(taken[ends[-1] if ends else 0 :])
        if not records:
            return None
        starts, first = (0, *ends[:-1]), lines.number + 1
        problems: list[tuple[str, ...]] = []
        if ends[-1] > len(ends) or self.names in records or looks_doubtful(text, self.dialect):
            spans = zip(starts, ends, records, strict=True)
            problems = [tuple(self._doubts(taken[start:end], cells)) for start, end, cells in spans]
        lines.pass_rows(ends[-1])
        return RowBlock(
            dict(zip(self.names, zip(*records, strict=True), strict=True)),
            [first + start for start in starts],
            lambda at: dict(zip(self.names, records[at], strict=True)),
            problems,
        )

    def _even(self, text: str, count: int, lines: Lines) -> RowBlock | None:
        """The rows of so many lines, if each is a row of which nothing has to be said."""
        if (columns := columns_of(text, count, self.names, self.dialect)) is None:
            return None
        first = lines.number + 1
        lines.pass_rows(count)
        return RowBlock(
            dict(columns), range(first, first + count), lambda at: {name: one[at] for name, one in columns.items()}
        )

    def _row(self, lines: Lines, cells: list[str]) -> Row | Reject:
        taken, first = len(lines.taken), lines.number - len(lines.taken) + 1
        if len(cells) != len(self.names):
            if taken > 2 and self._are_rows(lines.taken[1:]):
                lines.give_back()
                taken = 1
            lines.count.rejected += taken
            return _wrong_width(self._item, first, taken, (len(self.names), len(cells)), self.dialect)
        lines.count.rows += taken
        problems = (*lines.noted, *self._doubts(lines.taken, cells))
        lines.noted.clear()
        return Row(dict(zip(self.names, cells, strict=True)), first, taken, problems)

    def _doubts(self, taken: Sequence[str | None], cells: list[str]) -> Iterator[str]:
        """What is read as it stands, and was perhaps not meant so."""
        first, delimiter = taken[0] or "", self.dialect.delimiter
        if len(taken) > 2 and self._look_like_rows(taken[1:-1]):
            yield "quote: a cell of several lines holds lines as wide as a row; is a quote loose?"
        if f'{delimiter} "' in first and any(cell.startswith(' "') for cell in cells):
            yield "quote: a blank stands before it, so that it is a letter"
        if first.startswith("#") and delimiter in "\t " and not self.dialect.wanted.comment:
            yield "comment: a line that begins with # is a row; if it is none, say `comment`"
        if cells == self.names and len(cells) > 1:
            yield "row: it repeats the header"

    def _are_rows(self, taken: list[str | None]) -> bool:
        """Whether each of these lines, read by itself, is as wide as a row: then a loose quote had eaten them.

        Of two lines alone it cannot be said: the second may be the end of a cell, and a row made of it an invention.
        """
        try:
            return all(len(next(self.dialect.records([line]))) == len(self.names) for line in taken)
        except (csv.Error, StopIteration):
            return False

    def _look_like_rows(self, taken: Sequence[str | None]) -> bool:
        divided = len(self.names) - 1
        return divided > 0 and all(line is not None and line.count(self.dialect.delimiter) == divided for line in taken)

    def _refuse_header(self, reject: Reject) -> None:
        if not self.names:
            hint = "say `header`, `quote` or `skip` (the lines before the header)"
            raise SourceChanged(f"{reject.item} {reject.position}: the header cannot be read: {reject.detail}; {hint}")


def split_records(lines: Lines, dialect: Dialect, item: Item) -> Iterator[list[str] | Reject]:
    """The cells of each record, while `lines.taken` holds its lines; a Reject for a line that begins no whole record.

    Behind a reject the next line is read as a new record, so that a loose quote costs the line that it stands in.
    """
    rows = dialect.records(lines)
    while True:
        lines.begin()
        try:
            cells = next(rows)
        except StopIteration:
            return
        except (csv.Error, Broken) as error:
            first, closed = lines.number - len(lines.taken) + 1, "unexpected end" in str(error)
            if closed and not item.whole and len(lines.taken) <= _CUT_LINES:
                return  # it goes on where the beginning of the file ends, which is all that was given
            yield Reject(*_explain(error, lines.taken[0] or ""), item.name, f"line {first}")
            lines.give_back(closed)
            continue
        if not item.whole and not lines.ended:
            return
        yield cells


def _explain(error: Exception, line: str) -> tuple[str, str]:
    if isinstance(error, Broken):
        return error.reason, error.args[0]
    message = str(error)
    if "unexpected end" in message:
        return "quote_open", "a quote opens here and never closes; if quotes are letters here, say `quote: none`"
    if "field limit" in message:
        return "cell_size", f"a cell is larger than {MAX_CELL_BYTES} characters; a quote is probably not closed"
    detail = "behind a closing quote stands neither a delimiter nor a line end; a quote is loose in a cell"
    hint = "if \\ makes a letter of a quote, say `escape: \\`"
    if "\\" not in line:
        hint = "if quotes are letters here, say `quote: none`"
    return "quote_loose", f"{detail} (RFC 4180 doubles it); {hint}"


def _wrong_width(item: Item, first: int, taken: int, widths: tuple[int, int], dialect: Dialect) -> Reject:
    where = f"line {first}" if taken <= 1 else f"line {first} to line {first + taken - 1}"
    cause = "a delimiter or a quote in a cell is loose"
    if dialect.quote is None and dialect.wanted.quote is None:
        cause = "quotes are letters here; if they hold cells together, say `quote: '\"'`"
    if dialect.delimiter == " ":
        cause = "every blank divides, also one behind another and one at the end of a line"
    hint = "; lines that are comments are named by `comment`" if widths[1] == 1 and not dialect.wanted.comment else ""
    detail = f"{widths[0]} cells are expected and {widths[1]} found, at {where}; {cause}{hint}"
    return Reject("row_width", detail, item.name, f"line {first}")


def name_columns(cells: list[str]) -> list[str]:
    """The header's names; an empty one is called by its place, a second one of the same name gets a number."""
    given = [cell.strip().lstrip("\ufeff") or f"column_{place}" for place, cell in enumerate(cells, 1)]
    taken, last = set(given), dict[str, int]()
    names: list[str] = []
    for name in given:  # of a file without a header the first row is one, and may be 100,000 times 0
        unique, number = name, last.get(name, 0) + 1
        while number > 1 and unique in taken:
            unique, number = f"{name}_{number}", number + 1
        last[name] = max(number - 1, 1)
        taken.add(unique)
        names.append(unique)
    return names


def blank_rows(item: Item, open_item: Open, wanted: Wanted, lines: Collection[int]) -> Iterator[bytes]:
    """The file's bytes with the lines of these rows empty; the others keep their bytes, and the number of their line.

    lines: where the rows begin, as `Row.line` says.
    """
    table = Cells(item, open_item, wanted)
    taken, before = set[int](), table.dialect.begins - 1
    for row in table.rows():
        if isinstance(row, Row) and row.line in lines:
            taken.update(range(row.line - before, row.line - before + row.lines))
    yield from empty_lines(open_item, table.dialect.found, taken)
