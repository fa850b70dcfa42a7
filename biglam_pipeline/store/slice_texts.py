"""Texts of rows that lie in several slices, for processes that work beside each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

from biglam_pipeline.store.normalized import NormalizedShelf
from biglam_pipeline.store.slice_rows import SliceRows

_BATCH_BYTES = 8 * 2**20
_OPEN = 2
"""Slices that one process has open at once."""

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SliceTexts:
    """Reads the texts of rows by their number here. It can be pickled: names and numbers, no open file. A slice is
    fetched, and its digest looked at, when the first of its texts is asked for.
    """

    shelf: NormalizedShelf
    keys: tuple[str, ...]
    """Of the slices."""
    slices: Positions
    """Of each row, which of the slices."""
    rows: Positions
    """Of each row, its place in there."""
    sizes: Positions
    """Of each row, about its bytes."""

    @classmethod
    def of(cls, rows: pl.DataFrame, shelf: NormalizedShelf, keys: Sequence[str]) -> Self:
        """rows: of the index, with `slice`, a number that counts `keys`, `row` and `size`."""
        slices, places = rows["slice"].to_numpy(), rows["row"].cast(pl.Int64).to_numpy()
        return cls(shelf, tuple(keys), slices, places, rows["size"].to_numpy())

    def __call__(self, positions: Positions) -> Iterator[list[str | None]]:
        """The texts of these rows, in this order, in batches of bounded bytes."""
        opened: dict[int, SliceRows] = {}
        for begin, end in _batches(self.sizes[positions]):
            chosen = positions[begin:end]
            texts: list[str | None] = [None] * len(chosen)
            for number in np.unique(self.slices[chosen]).tolist():
                (mine,) = np.nonzero(self.slices[chosen] == number)
                found = self._slice(opened, number).take(self.rows[chosen[mine]])["text"].to_pylist()
                for place, text in zip(mine.tolist(), found, strict=True):
                    texts[place] = text
            yield texts

    def _slice(self, opened: dict[int, SliceRows], number: int) -> SliceRows:
        if number not in opened:
            if len(opened) >= _OPEN:
                opened.pop(next(iter(opened)))
            opened[number] = self.shelf.rows(self.keys[number], ["text"])
        return opened[number]


def _batches(sizes: Positions) -> Iterator[tuple[int, int]]:
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + _BATCH_BYTES, side="right")))
        yield start, end
        start = end
