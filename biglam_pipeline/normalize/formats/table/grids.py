"""What have sheets, tables of a database and DBF in common? Named columns, and rows that stand at a number.

Which of several is read, what it is called, and how its rows are cut.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from biglam_pipeline.errors import ConfigError, SourceChanged
from biglam_pipeline.normalize.formats.table.cells import Row
from biglam_pipeline.normalize.walking import listed
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.place import Place
from biglam_pipeline.records import Item, Reject


@dataclass(frozen=True, slots=True)
class GridRow(Row):
    """One row of a grid; `line` is the number that it stands at."""

    where: str = ""
    """As it is printed: `sheet Maps, row 12`."""
    whole: Mapping[str, Any] | None = None
    """What the row is told apart by, where that is more than its cells."""

    @property
    def place(self) -> Place:
        """In its file, which may hold several grids."""
        return Place("row", self.line, self.where)


class Grid(Protocol):
    """One sheet, or one table."""

    @property
    def name(self) -> str:
        """Its own."""

    @property
    def names(self) -> Sequence[str]:
        """Of its columns."""

    @property
    def noted(self) -> Sequence[str]:
        """Problems of the grid and not of one of its rows, to be counted once."""

    def rows(self) -> Iterator[GridRow | Reject]:
        """Its rows, in order; one that cannot be read is a Reject."""

    def counted(self) -> dict[str, int]:
        """What is no row and no reject, once all rows were given."""

    def expected(self) -> int | None:
        """How many rows and rejects it should give, by another way than its rows are read."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the entry says of grids."""

    tables: tuple[str, ...] = ()
    header: tuple[str, ...] | None = None
    skip: int | None = None
    """None: the header is found."""
    encoding: str | None = None
    read: frozenset[str] = frozenset()
    """The columns that rows are made of."""


@dataclass(slots=True)
class Offer:
    """The grids of one file."""

    word: str
    """What they are called: sheet, table."""
    candidates: Sequence[str]
    """Those that may be meant where the entry names none."""
    others: Sequence[str] = field(default_factory=list)
    """Those that are read only by name."""

    def chosen(self, item: Item, asked: Sequence[str]) -> list[str]:
        """The grids that are read. ConfigError where there are several and none is named."""
        there = [*self.candidates, *self.others]
        missing = [name for name in asked if name not in there]
        if missing:
            hint = f"it has {listed(there)}. Change `table`, or `files` if this is another file."
            raise SourceChanged(f"{item.name} has no {self.word} {', '.join(map(repr, missing))}; {hint}")
        if asked:
            return list(dict.fromkeys(asked))
        if not self.candidates:
            beside = f"; of others, it has {listed(self.others)}, which can be named by `table`" if self.others else ""
            raise Unreadable("table_empty", f"it holds no {self.word} with anything in it{beside}")
        if len(self.candidates) > 1:
            several = f"{item.name} holds {len(self.candidates)} {self.word}s: {listed(self.candidates)}"
            hint = (
                f"Say which is read: {{type: table, table: {self.candidates[0]!r}}}; for others, a list, or a READ each"
            )
            raise ConfigError(f"{several}. {hint}")
        return [self.candidates[0]]


def refuse_foreign(item: Item, what: str, said: Mapping[str, object]) -> None:
    """ConfigError for keys of the entry that say nothing of a file of this kind. said: key -> what is written."""
    written = [name for name, value in said.items() if value not in (None, (), "", 0)]
    if written:
        keys = ", ".join(f"`{one}`" for one in written)
        raise ConfigError(f"{item.name} is {what}, of which {keys} says nothing; leave it out")
