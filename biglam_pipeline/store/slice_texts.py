"""Texts of rows that lie in several slices, for processes that work beside each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from biglam_pipeline.store.normalized import NormalizedShelf
from biglam_pipeline.store.slice_rows import SliceRows

_BATCH_BYTES = 8 * 2**20
Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SliceTexts:
    """Reads the texts of rows by their number here. It can be pickled: names and numbers, no open file.

    A slice is fetched, and its digest looked at, when the first of its texts is asked for. It stays open until a text
    of another one is: so texts are best asked for in the order of slices.
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
    _open: dict[int, SliceRows] = field(default_factory=dict, init=False, repr=False, compare=False)

    @classmethod
    def of(cls, rows: pl.DataFrame, shelf: NormalizedShelf, keys: Sequence[str]) -> Self:
        """rows: of the index, with `slice`, a number that counts `keys`, `row` and `size`."""
        slices, places = rows["slice"].to_numpy(), rows["row"].cast(pl.Int64).to_numpy()
        return cls(shelf, tuple(keys), slices, places, rows["size"].to_numpy())

    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]:
        """Without what is open."""
        return type(self), (self.shelf, self.keys, self.slices, self.rows, self.sizes)

    def close(self) -> None:
        """Lets go of the slice that was read last."""
        self._open.clear()

    def __call__(self, positions: Positions) -> Iterator[list[str | None]]:
        """The texts of these rows, in this order, in batches of bounded bytes."""
        for begin, end in _batches(self.sizes[positions]):
            chosen = positions[begin:end]
            texts: list[str | None] = [None] * len(chosen)
            for number in np.unique(self.slices[chosen]).tolist():
                (mine,) = np.nonzero(self.slices[chosen] == number)
                found = self._slice(number).take(self.rows[chosen[mine]])["text"].to_pylist()
                for place, text in zip(mine.tolist(), found, strict=True):
                    texts[place] = text
            yield texts

    def _slice(self, number: int) -> SliceRows:
        if number not in self._open:
            self._open.clear()
            self._open[number] = self.shelf.rows(self.keys[number], ["text"])
        return self._open[number]


def _batches(sizes: Positions) -> Iterator[tuple[int, int]]:
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + _BATCH_BYTES, side="right")))
        yield start, end
        start = end
