"""What stands in a sheet, by expat and without the library that reads it: how far it goes, and what of it is odd.

The library lays a sheet out as one dense table, so that two cells far apart ask for 550 GB and end the process
(tafia/calamine #693); it gives error cells, and formulas whose value nobody kept, as empty; it knows nothing of
hidden rows. All that is asked here, and how many rows hold anything, which is what the reader is held against.
"""

import re
from collections import Counter
from dataclasses import dataclass, field

from biglam_pipeline.parsing.inflate import Unreadable

MOST_CELLS = 2**24
"""As many as the largest sheet of XLS has (65,536 rows of 256 columns): half a gigabyte while it is read."""
HEAD_ROWS = 50
"""Among so many rows that hold anything the header is looked for."""
_ADDRESS = re.compile(r"([A-Za-z]{1,7})([0-9]{1,9})")


@dataclass(slots=True)
class Sheet:
    """One sheet, as its XML has it. Rows and columns count from 1."""

    name: str
    visible: bool = True
    filled: int = 0
    """Rows that hold anything."""
    head: dict[int, int] = field(default_factory=dict)
    """Of the first rows that hold anything: how many cells do."""
    columns: set[int] = field(default_factory=set)
    """Those that hold anything."""
    last_row: int = 0
    last_column: int = 0
    hidden: list[tuple[int, int]] = field(default_factory=list)
    """Rows that are hidden, from first to last."""
    merged: list[tuple[int, int]] = field(default_factory=list)
    """Rows over which a cell is merged from above, where the library does not say so."""
    hidden_columns: int = 0
    errors: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    """Row -> the columns in which an error stands, and which."""
    texts: dict[int, list[tuple[int, str]]] = field(default_factory=dict)
    """Row -> columns in which the library reads a text otherwise than it stands there, and what does."""
    unkept: Counter[int] = field(default_factory=Counter)
    """Row -> how many formulas in it have no value."""

    def put(self, row: int, filled: int, last: int, times: int = 1) -> None:
        """A row, or several that are equal, that hold anything."""
        for number in range(row, row + min(times, HEAD_ROWS - len(self.head))):
            self.head[number] = filled
        self.filled += times
        self.reach(row + times - 1, last)

    def reach(self, row: int, column: int) -> None:
        """Something is written at this place. Unreadable where that makes the sheet too large to be laid out."""
        self.last_row, self.last_column = max(self.last_row, row), max(self.last_column, column)
        self.refuse_above(self.last_row, self.last_column)

    def refuse_above(self, row: int, column: int) -> None:
        """Unreadable where so many rows of so many columns are more than can be laid out."""
        if row * column > MOST_CELLS:
            detail = f"the sheet {self.name!r} reaches to row {row:,} and column {column:,}"
            hint = f"more than {MOST_CELLS:,} cells; save it as CSV, and harvest that"
            raise Unreadable("workbook_too_large", f"{detail}, {hint}")


def place_of(address: str) -> tuple[int, int]:
    """Row and column of `B12`. Unreadable for what is no address."""
    if not (found := _ADDRESS.fullmatch(address)):
        raise Unreadable(
            "workbook_damaged", f"a cell of it stands at {address[:20]!r}, which is no place; save it as CSV"
        )
    column = 0
    for letter in found[1].upper():
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column
