"""A column of texts that nobody has made objects of yet: of a wide table most columns are only counted."""

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import overload

import pyarrow as pa
import pyarrow.compute as pc


class TextColumn(Sequence[str]):
    """The cells of one column, each a text."""

    def __init__(self, cells: pa.ChunkedArray) -> None:
        """cells: strings, none of them null."""
        self._cells = cells

    @cached_property
    def texts(self) -> list[str]:
        """The cells."""
        made: list[str] = self._cells.to_pylist()
        return made

    @property
    def filled(self) -> int:
        """How many are not empty."""
        return len(self) - (pc.sum(pc.equal(pc.binary_length(self._cells), 0)).as_py() or 0)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._cells)

    @overload
    def __getitem__(self, at: int) -> str: ...
    @overload
    def __getitem__(self, at: slice) -> list[str]: ...
    def __getitem__(self, at: int | slice) -> str | list[str]:
        """One of them, or some."""
        return self.texts[at]

    def __iter__(self) -> Iterator[str]:
        """Each of them."""
        return iter(self.texts)
