"""What do the cells of a column come to? Made once for each distinct one, and remembered."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import repeat
from typing import Any

import orjson

MAX_HELD = 4 * 2**20
"""Of each column values of about so many bytes are remembered; then it begins again."""
_TRIED = 1000
"""So many cells show whether it is worth it to remember what the cells of a column come to."""
_SORTED = orjson.OPT_SORT_KEYS


@dataclass(slots=True)
class Made:
    """Columns of a row; and what was said while they were made, with its place among all that is said of a record."""

    values: dict[str, Any]
    said: list[tuple[int, str]] = field(default_factory=list)


class Beside(str):
    """The name of what is worked out with columns and is none: itself alone, whatever a column may be called."""

    __slots__ = ()
    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        """Only itself."""
        return self is other

    def __ne__(self, other: object) -> bool:
        """Only itself."""
        return self is not other


ODD = object()
"""A value of which something would have to be said."""
Make = Callable[[Mapping[str, Any]], Made]
"""What fills columns from the cells of a record."""


class Distinct(dict[Any, tuple[Any, ...]]):
    """One cell, or a tuple of several -> the values of the columns it gives, their JSON, and Said. It fills itself."""

    def __init__(
        self, cells: Sequence[str], gives: Sequence[str], make: Make, quick: Callable[[str], Any] | None = None
    ) -> None:
        """cells: the columns of the table that it looks at; gives: those of the row that it fills.

        quick: the value of its one column for one cell with a text; ODD where `make` has to see to it.
        """
        super().__init__()
        self.cells, self.gives, self._make, self._quick = tuple(cells), tuple(gives), make, quick
        self._held = self._asked = self._made = 0

    def __missing__(self, key: Any) -> tuple[Any, ...]:
        """Fills the columns, and remembers them."""
        value = self._quickly(key)
        if value is not ODD:
            found: tuple[Any, ...] = (value, as_json(value), ())
        else:
            cells = (key,) if len(self.cells) == 1 else key
            made = self._make({name: thawed(cell) for name, cell in zip(self.cells, cells, strict=True)})
            values = [made.values[name] for name in self.gives]
            found = (*values, *(b"" if isinstance(name, Beside) else as_json(made.values[name]) for name in self.gives))
            found = (*found, tuple(made.said))
        self._held += len(found[-2]) + 100
        self._made += 1
        self[key] = found
        return found

    def _begin_again(self) -> None:
        if self._held > MAX_HELD:
            self.clear()
            self._held = 0

    def _quickly(self, key: Any) -> Any:
        return self._quick(key) if self._quick is not None and type(key) is str and key else ODD

    def of(self, columns: Mapping[str, Sequence[Any]], rows: int) -> list[tuple[Any, ...]]:
        """What each of so many records comes to. columns: at least those that it looks at."""
        self._begin_again()
        if len(self.cells) == 1:
            keys: Iterable[Any] = columns[self.cells[0]]
        else:
            keys = zip(*(columns[name] for name in self.cells), strict=True) if self.cells else [()] * rows
        self._asked += rows
        return list(map(self.__getitem__, keys))

    def parts(self, columns: Mapping[str, Sequence[Any]], rows: int) -> list[Sequence[Any]]:
        """The same by columns: the values of each, the JSON of each, and at last what is said."""
        if self._quick in (itself, listed) and (values := _as_they_are(columns[self.cells[0]], self._quick is listed)):
            return [values, all_as_json(values), ()]
        if self._quick is not None and self._asked > _TRIED and self._made > 0.8 * self._asked:
            return self._each_made(columns[self.cells[0]])
        return [*zip(*self.of(columns, rows), strict=True)]

    def _each_made(self, cells: Sequence[Any]) -> list[Sequence[Any]]:
        """As `parts`, of cells that differ from row to row: remembered are only those that are odd."""
        self._begin_again()
        values = [*map(self._quickly, cells)]
        odd = [at for at, value in enumerate(values) if value is ODD]
        said: list[Any] = [()] * len(values) if odd else []
        for at in odd:
            values[at], _, said[at] = self[cells[at]]
        return [values, all_as_json(values), said]


def itself(cell: str) -> Any:
    """For a column that is the cell."""
    return cell if cell.isprintable() else ODD


def listed(cell: str) -> Any:
    """For one that is a list of the cell."""
    return [cell] if cell.isprintable() else ODD


def _as_they_are(cells: Sequence[Any], are_lists: bool) -> list[Any] | None:
    """The values of a column that is its cells; None where one of them is no text, or is odd."""
    if not (set(map(type, cells)) == {str} and all(map(str.isprintable, cells))):
        return None
    return [[cell] if cell else None for cell in cells] if are_lists else [cell or None for cell in cells]


def frozen(cell: Any) -> Any:
    """The same as what can be looked up: a list or an object as JSON."""
    return _trimmed((orjson.dumps(cell), b"")) if isinstance(cell, list | dict) else cell


def thawed(cell: Any) -> Any:
    """The cell again. A cell itself is a text, a list, an object or None, so bytes are JSON, and a tuple a list."""
    if isinstance(cell, bytes):
        return orjson.loads(cell)
    return list(cell) if isinstance(cell, tuple) else cell


def all_as_json(values: Iterable[Any]) -> list[bytes]:
    """`as_json` of each."""
    return [*map(_trimmed, zip(map(orjson.dumps, values, repeat(None), repeat(_SORTED)), repeat(b"")))]


def as_json(value: Any) -> bytes:
    """As it stands in what a row's digests are made of."""
    return b"null" if value is None else _trimmed((orjson.dumps(value, None, _SORTED), b""))


_trimmed = b"".join
"""Of what orjson gives, and nothing behind it, a copy as long as it is. orjson 3.12 leaves each of its bytes in a
buffer of 4 KB and more, for as long as it is kept: https://github.com/home-assistant/core/pull/181245
"""
