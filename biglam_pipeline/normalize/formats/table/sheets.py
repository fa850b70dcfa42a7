"""How is a sheet read? Its header is found beneath titles, every row below it is a row, and what is odd is said.

A row is a title where it fills half of the table's columns or fewer: titles, dates and notes stand in one cell or two.
The widest of the first fifty rows that hold anything says how many columns there are. A row that is taken for the
header and is none cannot go by in silence, since the entry names the columns that it reads.
"""

from collections.abc import Iterable, Iterator, Sequence

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.formats.table.cells import name_columns
from biglam_pipeline.normalize.formats.table.grids import Asked, GridRow, Offer
from biglam_pipeline.parsing.inflate import Unreadable, read_whole
from biglam_pipeline.parsing.spreadsheets.cells import Value, is_doubtful, is_rounded, text_of
from biglam_pipeline.parsing.spreadsheets.surveying import Sheet
from biglam_pipeline.parsing.spreadsheets.workbooks import Form, Laid, survey
from biglam_pipeline.records import Item

_HIDDEN = "row: hidden in the workbook"
_MERGED = "row: a cell is merged over it from above, and its value stands in the first row only"
_ROUNDED = "{}: a number of more than 15 digits, the last of which are rounded; as an identifier it should be a text"

_MIDNIGHT = "{}: midnight, or a day that is none: a date of 0 or less"

_EXPECTED: dict[tuple[str, Form, Asked], list[int | None]] = {}
"""Of the workbook that was surveyed last."""


def sheets_in(item: Item, form: Form, asked: Asked) -> list["SheetGrid"]:
    """The sheets that are read. See `Offer.chosen`; Unreadable where the file is no workbook that can be read."""
    data = read_whole(item)
    sheets = survey(data, form, asked.tables)
    chosen = offered_sheets(sheets).chosen(item, asked.tables)
    known = {one.name: one for one in sheets}
    left = [one.name for one in sheets if one.name not in chosen and one.filled and not one.visible]
    grids = [SheetGrid(item, data, known[name], asked) for name in chosen]
    grids[0].noted += [f"workbook: a hidden sheet is not read: {name!r}" for name in left]
    _EXPECTED.clear()
    _EXPECTED[item.sha256, form, asked] = [grid.expected() for grid in grids]
    return grids


def offered_sheets(sheets: Sequence[Sheet]) -> Offer:
    """Those that hold anything and are seen; empty and hidden ones only by name."""
    visible = [one.name for one in sheets if one.visible and one.filled]
    return Offer("sheet", visible, [one.name for one in sheets if one.name not in visible])


def header_row(sheet: Sheet, asked: Asked) -> int:
    """The row that names the columns; that before the first row, where the entry names them."""
    if asked.header is not None:
        return asked.skip or 0
    head = {row: filled for row, filled in sheet.head.items() if row > (asked.skip or 0)}
    widest = max(head.values(), default=0)
    fits = [row for row, filled in head.items() if asked.skip is not None or 2 * filled > widest]
    return fits[0] if fits else asked.skip or 0


def expected_rows(sheet: Sheet, asked: Asked) -> int | None:
    """By the survey's rows; None where so many are skipped that it does not know how many of them held anything."""
    header = header_row(sheet, asked)
    if header >= max(sheet.head, default=0) and sheet.filled > len(sheet.head):
        return None
    return sheet.filled - sum(row <= header for row in sheet.head)


def expected_in(item: Item, form: Form, asked: Asked) -> list[int | None]:
    """The same of each sheet that is read, which the library is not asked for. A workbook is mostly read before it is
    counted, and to survey it twice was a third of the time.
    """
    known_before = _EXPECTED.get((item.sha256, form, asked))
    if known_before is not None:
        return known_before
    sheets = survey(read_whole(item), form, asked.tables)
    known = {one.name: one for one in sheets}
    return [expected_rows(known[name], asked) for name in offered_sheets(sheets).chosen(item, asked.tables)]


class SheetGrid:
    """One sheet, row by row."""

    def __init__(self, item: Item, data: bytes, sheet: Sheet, asked: Asked) -> None:
        """Unreadable where it is empty; SourceChanged where the entry names more or fewer columns than it has."""
        self._item, self._sheet, self._asked = item, sheet, asked
        self.name = sheet.name
        if not sheet.filled:
            raise Unreadable("table_empty", f"its sheet {sheet.name!r} holds nothing")
        self._laid = Laid(data, sheet.name)
        self._header = header_row(sheet, asked)
        self._columns = sorted(sheet.columns)
        self.names = self._named()
        self.noted = [f"sheet: {sheet.hidden_columns} columns or spans of them are hidden"] * bool(sheet.hidden_columns)
        self._titles = self._blank = 0

    def _named(self) -> list[str]:
        given = self._asked.header
        if given is not None:
            if len(given) != len(self._columns):
                detail = f"has {len(self._columns)} columns with anything in them, and `header` names {len(given)}"
                raise SourceChanged(f"{self._item.name}: the sheet {self.name!r} {detail}")
            return list(given)
        _, first, laid = next((row for row in self._laid.rows() if row[0] == self._header), (0, 1, []))
        cells = _put_right(laid, first, self._sheet.texts.get(self._header, ()))
        texts = {first + at: text_of(cell) or "" for at, cell in enumerate(cells)}
        width = max(self._columns, default=0)
        every = name_columns([" ".join(texts.get(column, "").split()) for column in range(1, width + 1)])
        return [every[column - 1] for column in self._columns]

    def rows(self) -> Iterator[GridRow]:
        """All rows below the header that hold anything, also hidden ones, which are counted."""
        below = [(first + 1, last) for first, last in self._laid.merged_rows()]
        merged = _spread([*below, *self._sheet.merged])
        hidden, errors = _spread(self._sheet.hidden), self._sheet.errors
        for number, first, laid in self._every_row():
            cells = _put_right(laid, first, self._sheet.texts.get(number, ()))
            wrong = dict(errors.get(number, ()))
            if not wrong and all(cell == "" for cell in cells):
                self._blank += 1
                continue
            if number <= self._header:
                self._titles += 1
                continue
            problems = [_HIDDEN] * (number in hidden) + [_MERGED] * (number in merged)
            values: dict[str, str | None] = {}
            for name, column in zip(self.names, self._columns, strict=True):
                at = column - first
                value = cells[at] if 0 <= at < len(cells) else ""
                if column in wrong:
                    problems.append(f"{name}: {wrong[column]}, an error and no value")
                    value = ""
                elif is_rounded(value):
                    problems.append(_ROUNDED.format(name))
                elif is_doubtful(value):
                    problems.append(_MIDNIGHT.format(name))
                values[name] = text_of(value)
            yield GridRow(values, number, 1, tuple(problems), f"sheet {self.name}, row {number}")

    def _every_row(self) -> Iterator[tuple[int, int, list[Value]]]:
        """With those of nothing but errors, which the library leaves out at the end of a sheet."""
        number = 0
        for number, first, cells in self._laid.rows():
            yield number, first, cells
        yield from ((row, 1, []) for row in sorted(self._sheet.errors) if row > number)

    def counted(self) -> dict[str, int]:
        """Rows above the header, rows without anything, and formulas of which nobody kept what they come to."""
        said = {
            "(rows above the header)": self._titles - (self._asked.header is None and self._titles > 0),
            "(blank rows)": self._blank,
            "(formulas without a value)": sum(self._sheet.unkept.values()),
        }
        return {name: number for name, number in said.items() if number}

    def expected(self) -> int | None:
        """See `expected_rows`."""
        return expected_rows(self._sheet, self._asked)


def _put_right(cells: list[Value], first: int, texts: Sequence[tuple[int, str]]) -> list[Value]:
    """With the texts that the library reads without what divides their words."""
    right = list(cells) if texts else cells
    for column, text in texts:
        if 0 <= column - first < len(right):
            right[column - first] = text
    return right


def _spread(spans: Iterable[tuple[int, int]]) -> set[int]:
    return {row for first, last in spans for row in range(first, min(last, 2**20) + 1)}
