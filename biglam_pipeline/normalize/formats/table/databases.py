"""How is a table of an SQLite database read? Row by row in the order of its ids; each cell has a type of its own."""

import hashlib
import math
from collections.abc import Iterator
from typing import Any

from biglam_pipeline.normalize.formats.table.grids import Asked, GridRow, Offer
from biglam_pipeline.parsing.sqlite import Database, Mended, Table
from biglam_pipeline.records import Item


def tables_in(item: Item, database: Database, asked: Asked) -> list["TableGrid"]:
    """The tables that are read. See `Offer.chosen`."""
    chosen = offered_tables(database).chosen(item, asked.tables)
    return [TableGrid(database, database.table(name)) for name in chosen]


def offered_tables(database: Database) -> Offer:
    """Tables; views and what a search index keeps only by name."""
    return Offer("table", *database.tables())


class TableGrid:
    """One table or view, row by row."""

    def __init__(self, database: Database, table: Table) -> None:
        self._database, self._table = database, table
        self.name, self.names = table.name, table.columns
        self.noted: list[str] = []

    def rows(self) -> Iterator[GridRow]:
        """All rows. SourceChanged where the database is damaged."""
        for number, row in self._database.rows(self._table):
            problems, values, whole = list[str](), dict[str, str | None](), dict[str, str | None]()
            for name, cell in zip(self.names, row, strict=True):
                values[name], whole[name], problem = _read(cell)
                if problem:
                    problems.append(f"{name}: {problem}")
            yield GridRow(values, number, 1, tuple(problems), f"table {self.name}, row {number}", whole)

    def counted(self) -> dict[str, int]:
        """Every row is one."""
        return {}

    def expected(self) -> int | None:
        """As SQLite counts them."""
        return self._database.count(self._table)


def _read(cell: Any) -> tuple[str | None, str | None, str]:
    """What the cell says, what it is told apart by, and what is wrong with it."""
    if cell is None or type(cell) is str:
        return cell, cell, ""
    if isinstance(cell, Mended):
        return str(cell), str(cell), "is not UTF-8"
    if isinstance(cell, bytes):
        text = _text_in(cell)
        return text, text or hashlib.sha256(cell).hexdigest(), "" if text is not None else "holds bytes and no text"
    if isinstance(cell, float) and not math.isfinite(cell):
        return None, repr(cell), "is infinite"
    return repr(cell), repr(cell), ""


def _text_in(data: bytes) -> str | None:
    """Of programs that bind texts as bytes; a zero is in none."""
    try:
        return None if b"\0" in data else data.decode()
    except UnicodeDecodeError:
        return None
