"""Reads tables, row by row: CSV, TSV, JSON Lines, workbooks (XLSX, XLS, ODS), SQLite databases and DBF.

CSV: https://www.rfc-editor.org/rfc/rfc4180 ; JSON Lines: https://jsonlines.org/ ; the others: `parsing.spreadsheets`,
`parsing.sqlite`, `parsing.dbf`
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator, model_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.errors import ConfigError, SourceChanged
from biglam_pipeline.normalize.block import Encoding, OneOrEach
from biglam_pipeline.normalize.cut import Cut, Fields, Found
from biglam_pipeline.normalize.equals import Times, gone_with
from biglam_pipeline.normalize.formats.table.cells import Cells, Row, RowBlock, blank_rows
from biglam_pipeline.normalize.formats.table.containers import (
    belongs,
    cut_grid,
    expected_of,
    grids_of,
    may_be_beside,
    several_in,
)
from biglam_pipeline.normalize.formats.table.dialect import Wanted
from biglam_pipeline.normalize.formats.table.documented import ACCOUNTS, NOTES
from biglam_pipeline.normalize.formats.table.expecting import expected_lines, expected_rows
from biglam_pipeline.normalize.formats.table.forms import DATABASES, DBF, JSON, LINES, WORKBOOKS, Form, form_of
from biglam_pipeline.normalize.formats.table.grids import Asked, refuse_foreign
from biglam_pipeline.normalize.formats.table.jsonl import JsonLines, blank_lines
from biglam_pipeline.normalize.formats.table.leftover import Known
from biglam_pipeline.normalize.formats.table.naming import digest, lines_of, named, named_in, refuse_pointer
from biglam_pipeline.normalize.formats.table.record_ends import JsonLineEnds, RowEnds
from biglam_pipeline.normalize.mapping.paths import ColumnName, PathLanguage
from biglam_pipeline.normalize.mapping.references import joined_references, mapped_paths
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.stretching import NotCut
from biglam_pipeline.normalize.walking import listed
from biglam_pipeline.parsing.charsets import charset_of
from biglam_pipeline.parsing.counted import added
from biglam_pipeline.parsing.inflate import open_plain, packed_as
from biglam_pipeline.records import Block, Bundle, Item, Record, Reject, Unmapped
from biglam_pipeline.settings import Accounts, Misplaced, Texts


class Table(Reader):
    """One row of a table is one row; a PATH is the name of a column (of a top-level key in JSON Lines)."""

    type: Literal["table"] = "table"
    """CSV, TSV and JSON Lines; workbooks (XLSX, XLS, ODS), SQLite databases and DBF."""
    table: Texts = ()
    """Of a workbook the sheet, of a database the table or view, by its name, or a list of such: only where a file holds
    several. `$table` says of each row which it is."""
    rows: Annotated[str, OneOrEach("row")] = "row"
    """What one row is: a row, or $NAME for each that `with` finds under this name."""
    header: tuple[str, ...] | None = None
    """The names of the columns, for a file that does not say them itself."""
    delimiter: str | None = None
    """What divides cells: one character, `tab` or `blank`; found out by itself among comma, semicolon, tab and |, or
    said by the file in a first line `sep=;`."""
    encoding: Encoding = None
    """The encoding of the text; by default a byte order mark, UTF-8, what the server says, then a guess, counted."""
    quote: str | None = None
    """What quotes a cell: one character, or `none` where quotes are letters. By default `"`; in a file divided by
    tabs or blanks only where no quoted cell holds one of these or a line end, else quotes are letters."""
    escape: str | None = None
    """The character behind which a delimiter, a quote or itself is a letter, such as \\; none by default."""
    comment: Texts = ()
    """How comment lines begin, such as `# `, or a list of such: counted, and no rows. None by default."""
    skip: int | None = Field(default=None, ge=0)
    """How many lines, or rows of a sheet, stand before the header; before the first row where `header` is said. None by
    default; of a sheet, those that fill half of its columns or fewer, as titles do."""
    null: Texts = ()
    """Words that mean an empty cell where they are all of it, such as NULL or n/a; by default only empty does."""

    accounts: ClassVar[Accounts] = ACCOUNTS
    notes: ClassVar[tuple[str, str]] = NOTES
    extensions: ClassVar[tuple[str, ...]] = (".csv", ".tsv", ".tab", *JSON, *WORKBOOKS, *DATABASES, *DBF)
    version: ClassVar[int] = 4
    own_facts: ClassVar[tuple[str, ...]] = ("line", "table")
    blanks: ClassVar[bool] = True
    has_blocks: ClassVar[bool] = True
    reads_beginnings: ClassVar[bool] = True
    path_language: ClassVar[PathLanguage] = ColumnName()
    fills: ClassVar[bool] = False
    default_modality: ClassVar[Modality] = "metadata"
    record_format: ClassVar[str] = "table"
    guessed_from: ClassVar[tuple[str, ...]] = tuple(one.removeprefix(".") for one in extensions)
    called: ClassVar[tuple[str, ...]] = (
        *guessed_from,
        *("jsonlines", "spreadsheet", "tables", "excel", "workbook", "db", "database", "dbase", "foxpro"),
    )
    names_records: ClassVar[bool] = False
    hears_rights: ClassVar[bool] = False

    @field_validator("header")
    @classmethod
    def _different(cls, header: tuple[str, ...] | None) -> tuple[str, ...] | None:
        twice = [name for name, times in Counter(header or ()).items() if times > 1 or not name]
        if twice or header == ():
            raise ValueError(f"every column needs a name of its own, not {twice or 'an empty list'}")
        return header

    @field_validator("delimiter")
    @classmethod
    def _one_character(cls, delimiter: str | None) -> str | None:
        words = {"tab": "\t", "\\t": "\t", "blank": " ", "space": " "}
        delimiter = words.get(delimiter or "", delimiter)
        if delimiter is not None and (len(delimiter) != 1 or delimiter in '"\r\n'):
            raise ValueError(f"{delimiter!r} cannot divide cells; write one character, tab or blank")
        return delimiter

    @field_validator("quote", "escape")
    @classmethod
    def _one_mark(cls, mark: str | None, info: ValidationInfo) -> str | None:
        may_be_none = info.field_name == "quote"
        if mark is None or (may_be_none and mark == "none"):
            return mark
        if len(mark) != 1 or mark.isalnum() or mark.isspace():
            raise ValueError(f"{mark!r} is no mark; write one character{', or none' if may_be_none else ''}")
        return mark

    @field_validator("comment", "null")
    @classmethod
    def _not_empty(cls, words: tuple[str, ...]) -> tuple[str, ...]:
        if "" in words:
            raise ValueError("an empty text begins every line and is every empty cell; leave it out")
        return words

    @model_validator(mode="after")
    def _different_marks(self) -> "Table":
        marks = [mark for mark in (self.delimiter, self.quote, self.escape) if mark not in (None, "none")]
        if len(set(marks)) < len(marks):
            raise Misplaced((("delimiter",), "`delimiter`, `quote` and `escape` are different characters"))
        return self

    def cut(self, item: Item) -> Iterator[Found]:
        """Row by row; a line that is none is a Reject."""
        return self._cut(item, many=False)

    def bundles(self, names: Sequence[str]) -> Mapping[str, list[str]]:
        """Each file alone; a DBF with its memos and its code page, an SQLite database with its log."""
        alone = super().bundles(names)
        beside = [name for name in names if may_be_beside(name)]
        if not beside:
            return alone
        return {one: [*files, *sorted(each for each in beside if belongs(each, one))] for one, files in alone.items()}

    def streams(self, bundle: Bundle) -> Iterator[tuple[Item, Iterable[Found]]]:
        """What is cut; what lies beside a table is read with it."""
        return self._streams(bundle, many=False)

    def in_blocks(self, bundle: Bundle) -> Iterator[tuple[Item, Iterable[Found]]]:
        """The same, many rows at once where nothing about them is odd."""
        return self._streams(bundle, many=True)

    def _streams(self, bundle: Bundle, *, many: bool) -> Iterator[tuple[Item, Iterable[Found]]]:
        for item in _tables(bundle):
            yield item, self._cut(item, many=many, beside=bundle.items)

    def _cut(self, item: Item, *, many: bool, beside: Sequence[Item] = ()) -> Iterator[Found]:
        refuse_pointer(item)
        if (form := form_of(item)) not in LINES:
            with grids_of(item, form, beside, self._asked(item, form)) as grids:
                for grid in grids:
                    self._refuse_empty_map(item, grid.names)
                    yield from cut_grid(item, grid, self.fixed, self._filled)
        else:
            yield from self._cut_lines(item, many=many)

    def _cut_lines(self, item: Item, *, many: bool) -> Iterator[Found]:
        known = Known.of(item)
        source, times, numbered = self._source(item), Times(known.gone, known.before), self._reads_lines
        fixed, met = self.fixed, False
        for row in source.rows(many=many):
            if isinstance(row, Reject):
                yield row
                continue
            if not met:
                self._refuse_empty_map(item, source.names)
                if isinstance(source, Cells):
                    yield Fields(source.names)
            met = True
            if isinstance(row, RowBlock):
                named_at, cleaned = partial(named_in, item, times, row), self._filled_cell if self.null else None
                yield Block(item, row.cells, row.lines, named_at, row.problems, cleaned)
                continue
            times.come_to(row.line)
            yield Cut(
                self._filled(row.cells),
                partial(named, item, times, row.cells),
                fixed=fixed,
                place=row.place,
                facts={"line": f"{row.line:09d}"} if numbered else {},
                problems=row.problems,
                filled=(name for name, cell in row.cells.items() if cell not in (None, "", [])),
            )
        if source.names:
            self._refuse_empty_map(item, source.names)
            if isinstance(source, Cells) or (item.whole and item.known is None):
                yield Fields(source.names)  # a key may come for the first time in the last line, or in one taken down
        yield Unmapped(0, source.count.reported(), 0, source.noted)
        if known.begins and isinstance(source, JsonLines):
            yield Fields(source.names, final=False, of_stretch=True)
        if not item.whole:  # a key that has not come yet may come later
            yield Fields(source.names, final=False)

    def expected(self, bundle: Bundle) -> int | None:
        """By quotes and line ends, or by what holds the table: see `expecting` and `expected_of`."""
        return added(self._expected_of(item, bundle.items) for item in _tables(bundle))

    def _expected_of(self, item: Item, beside: Sequence[Item]) -> int | None:
        form = form_of(item)
        if form not in LINES:
            return expected_of(item, form, beside, self._asked)
        return expected_lines(item, self.encoding) if form == "json" else expected_rows(item, self._wanted)

    def may_begin(self, item: Item) -> bool:
        """Only of lines of text."""
        return form_of(item) in LINES

    def how_cut(self, item: Item) -> str:
        """See `Reader.how_cut`."""
        form = form_of(item)
        if self._reads_lines or form not in LINES:
            return ""
        return f"{'json' if form == 'json' else 'cells'} {self._wanted} {charset_of(item.media_type)}"

    def borders(self, item: Item) -> RowEnds | JsonLineEnds:
        """See `Reader.borders`."""
        try:
            source = self._source(item)
        except SourceChanged as why:
            raise NotCut(str(why)) from why
        return JsonLineEnds(source) if isinstance(source, JsonLines) else RowEnds(source)

    @property
    def _reads_lines(self) -> bool:
        paths = (path for _, value in self.places for path in value.paths())
        return any(path.reference and path.reference.name == "line" for path in paths)

    @property
    def fixed(self) -> Mapping[str, Any]:
        """What stands beneath the columns of every row: a text in a table was written for it, unless the entry says."""
        return {"text_unit": "row", "text_origin": "born_digital"} if self.chosen_modality == "text" else {}

    @property
    def maps_something(self) -> bool:
        """Whether a row holds anything of its table, or at least a picture."""
        mapped = [*self.map.values.values(), *self.map.extra.values()]
        return (
            self._is_joined or self.picture is not None or any(mapped_paths(mapped)) or any(joined_references(mapped))
        )

    def columns_of(self, item: Item) -> list[str] | None:
        """The names of a file's columns; None of JSON Lines of which only the beginning is there: more may come."""
        if (form := form_of(item)) not in LINES:
            if not item.whole:
                return None
            with grids_of(item, form, (), self._asked(item, form)) as grids:
                return list(dict.fromkeys(name for grid in grids for name in grid.names))
        source = self._source(item)
        lines = source.rows()
        while next(lines, None) is not None and (isinstance(source, JsonLines) or not source.names):
            pass
        return None if isinstance(source, JsonLines) and not item.whole else list(dict.fromkeys(source.names))

    def several_in(self, item: Item) -> Sequence[str]:
        """See `containers.several_in`."""
        return several_in(item)

    def _source(self, item: Item) -> "Cells | JsonLines":
        refuse_foreign(item, "a table of lines", {"table": self.table})
        if form_of(item) == "json":
            return JsonLines(item, partial(open_plain, item), self.encoding)
        return Cells(item, partial(open_plain, item), self._wanted)

    @property
    def _wanted(self) -> Wanted:
        return Wanted(
            self.header, self.delimiter, self.encoding, self.quote, self.escape, tuple(self.comment), self.skip or 0
        )

    def _asked(self, item: Item, form: Form) -> Asked:
        of_text: dict[str, object] = {
            "delimiter": self.delimiter,
            "quote": self.quote,
            "escape": self.escape,
            "comment": self.comment,
        }
        of_text |= {} if form == "dbf" else {"encoding": self.encoding}
        of_text |= {"header": self.header, "skip": self.skip} if form in ("dbf", "sqlite") else {}
        refuse_foreign(item, f"no table of lines ({form})", of_text)
        read = frozenset(path.path for _, value in self.places for path in value.paths())
        return Asked(tuple(self.table), self.header, self.skip, self.encoding, read)

    def _refuse_empty_map(self, item: Item, names: Collection[str]) -> None:
        if not self.maps_something:
            raise ConfigError(
                f"{item.name}: nothing of the table is mapped, so its rows would be empty; it has the columns "
                f"{listed(names)}. Say in `map` which goes where: map: {{title: COLUMN, extra: [COLUMN, COLUMN]}}"
            )

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> Mapping[str, Iterable[bytes] | None]:
        """The rows' lines are empty, all other bytes are as they were; a file that holds no lines goes as a whole."""
        left: dict[str, Iterable[bytes] | None] = {}
        for item in bundle.items:
            lines, plain = lines_of(item, records), partial(open_plain, item)
            if lines and (form := form_of(item)) not in LINES:
                left |= {one.name: None for one in bundle.items if one is item or may_be_beside(one.name)}
            elif lines and form == "json":
                left[item.name] = packed_as(item, blank_lines(item, plain, self.encoding, lines))
            elif lines:
                left[item.name] = packed_as(item, blank_rows(item, plain, self._wanted, lines))
        return left

    def remember(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, dict[str, Any]]:
        """How each file is written, and where a row of it is gone."""
        reported: dict[str, dict[str, Any]] = {}
        for item in bundle.items:
            if (lines := lines_of(item, records)) and form_of(item) in LINES:
                source = self._source(item)
                rows = ((row.line, digest(row.cells)) for row in source.rows() if isinstance(row, Row))
                reported[item.name] = source.known(gone_with(Known.of(item).gone, rows, lines)).reported()
        return reported

    def _filled(self, cells: dict[str, Any]) -> dict[str, Any]:
        """The cells without those that hold a word for nothing. The row's own digest is of all."""
        if not self.null:
            return cells
        return {name: self._filled_cell(cell) for name, cell in cells.items()}

    def _filled_cell(self, cell: Any) -> Any:
        if isinstance(cell, list):
            return [one for one in cell if not self._is_null(one)]
        return None if self._is_null(cell) else cell

    def _is_null(self, cell: Any) -> bool:
        return isinstance(cell, str) and cell.strip() in self.null


def _tables(bundle: Bundle) -> Iterator[Item]:
    return (one for one in bundle.items if one.name == bundle.name or not may_be_beside(one.name))
