"""The rows of a Parquet file, a stretch of a row group at a time: each column is read when it is first asked for."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.parsing.parquet.cells import Problems, cells_of
from biglam_pipeline.parsing.parquet.opening import DAMAGE, Labels, Opened


class Lost(Exception):
    """A column of a row group cannot be read."""


class _Stream:
    """One column of one row group, read forward."""

    def __init__(self, opened: Opened, group: int, name: str, rows: int) -> None:
        self._batches, self._name = opened.column(group, name, rows), name
        self._left: list[pa.Array] = []
        self._at = 0

    def take(self, first: int, rows: int) -> pa.Array:
        """So many rows from `first` on; what lies before goes."""
        self._pass(first - self._at)
        return self._pass(rows)

    def _pass(self, rows: int) -> pa.Array:
        taken, there = list[pa.Array](), 0
        while there < rows:
            if not self._left:
                batch = next(self._batches, None)
                if batch is None:
                    raise Lost(f"{self._name} has {self._at + there} rows where more are due")
                self._left.append(batch.column(batch.schema.get_field_index(self._name)))
            one = self._left.pop()
            if len(one) > rows - there:
                self._left.append(one.slice(rows - there))
                one = one.slice(0, rows - there)
            taken.append(one)
            there += len(one)
        self._at += there
        if len(taken) == 1:
            return taken[0]
        return pa.concat_arrays([_plain(one) for one in taken]) if taken else pa.nulls(0)


def _plain(column: pa.Array) -> pa.Array:
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


@dataclass
class Window:
    """Some rows of one row group."""

    opened: Opened
    streams: dict[str, _Stream]
    group: int
    first: int
    rows: int
    begins: int
    """Rows of the file before it."""
    asked: set[str]
    """Gets the names of columns that somebody read by name."""
    broken: str = ""
    """Why none of them can be read."""
    problems: dict[int, list[str]] = field(default_factory=dict)
    """Of a row in it, what was guessed of its cells."""
    _cells: dict[str, list[Any]] = field(default_factory=dict)

    def cells(self, name: str) -> list[Any]:
        """A column. Lost where it cannot be read."""
        if name not in self._cells:
            several: Problems = []
            try:
                if name not in self.streams:
                    self.streams[name] = _Stream(self.opened, self.group, name, self.rows)
                found = cells_of(self.streams[name].take(self.first, self.rows), several)
            except DAMAGE as why:
                raise Lost(f"{name}: {str(why).partition(chr(10))[0][:200]}") from why
            if len(found) != self.rows:
                raise Lost(f"{name} has {len(found)} cells in {self.rows} rows")
            self._cells[name] = self._named(name, found)
            for at, what in several:
                self.problems.setdefault(at, []).append(f"{name}: {what}")
        return self._cells[name]

    def _named(self, name: str, found: list[Any]) -> list[Any]:
        """Numbers of a ClassLabel by what they stand for: -1 is no label."""
        classes = self.opened.classes.get(name)
        return found if classes is None else [_label(one, classes) for one in found]


def _label(value: Any, classes: Labels) -> Any:
    if isinstance(value, list):
        return [_label(one, classes) for one in value]
    if isinstance(classes, Mapping):
        named = isinstance(value, dict) and {
            name: _label(value[name], classes[name]) for name in classes if name in value
        }
        return {**value, **named} if named else value
    known = isinstance(value, int) and not isinstance(value, bool) and 0 <= value < len(classes)
    return classes[value] if known else None if value == -1 else value


class Row(Mapping[str, Any]):
    """One row: a cell is read when it is asked for. What nobody foresaw and cannot be read ends the source."""

    __slots__ = ("_at", "_item", "_window")

    def __init__(self, item: str, window: Window, at: int) -> None:
        self._item, self._window, self._at = item, window, at

    def __getitem__(self, name: str) -> Any:
        """A cell."""
        if name not in self._window.opened.known:
            raise KeyError(name)
        self._window.asked.add(name)
        return self._cell(name)

    def whole(self) -> dict[str, Any]:
        """All cells; that says nothing of any of them."""
        return {name: self._cell(name) for name in self._window.opened.names}

    def _cell(self, name: str) -> Any:
        try:
            return self._window.cells(name)[self._at]
        except Lost as why:
            detail = f"{self._item}: a column cannot be read ({why}); harvest the file again"
            raise SourceChanged(detail) from why

    def __contains__(self, name: object) -> bool:
        """Whether the file has such a column."""
        return name in self._window.opened.known

    def __iter__(self) -> Iterator[str]:
        """The columns."""
        return iter(self._window.opened.names)

    def __len__(self) -> int:
        """How many."""
        return len(self._window.opened.names)


def windows_of(opened: Opened, wanted: Collection[str], asked: set[str]) -> Iterator[Window]:
    """All rows, in order, with the columns that are wanted read already; `broken` where one of these cannot be.

    asked: see `Window`.
    """
    asked.update(wanted)
    streams, now, begins, broken = dict[str, _Stream](), -1, 0, ""
    for group, first, rows in opened.steps():
        if group != now:
            streams, now, broken = {}, group, ""
        window = Window(opened, streams, group, first, rows, begins, asked)
        begins += rows
        try:
            for name in wanted if not broken else ():
                window.cells(name)
        except Lost as why:
            broken = str(why)  # nobody can say where the next page of a column begins
        window.broken = broken
        yield window


def unread(opened: Opened, asked: Collection[str]) -> dict[str, int]:
    """Columns that nobody read -> rows in which they are filled, as far as their statistics say; else all rows."""
    found: dict[str, int] = {}
    for group in range(opened.file.metadata.num_row_groups):
        there = opened.file.metadata.row_group(group)
        for number in range(there.num_columns):
            try:
                column = there.column(number)
                path = column.path_in_schema
            except DAMAGE:  # encrypted by itself, or its name is damaged
                continue
            name = path if path in opened.known else _front(path)
            if name in opened.known and name not in asked:
                said = column.statistics if column.is_stats_set else None
                nulls = said.null_count if said is not None and said.has_null_count else 0
                filled = there.num_rows - nulls if path == name else there.num_rows
                found[f"{group} {name}"] = max(filled, found.get(f"{group} {name}", 0))
    summed: dict[str, int] = {}
    for key, rows in found.items():
        name = key.partition(" ")[2]
        summed[name] = summed.get(name, 0) + rows
    return {name: rows for name, rows in summed.items() if rows}


def _front(path: str) -> str:
    return path.partition(".")[0]
