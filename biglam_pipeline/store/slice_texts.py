"""Texts of rows that lie in several slices, for processes that work beside each other."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from biglam_pipeline.store.normalized import NormalizedShelf
from biglam_pipeline.store.slice_rows import SliceRows

_BATCH_BYTES = 8 * 2**20

Positions = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class SliceTexts:
    """Where the texts of rows lie: called with numbers of rows, it gives their texts to be read, here or elsewhere."""

    shelf: NormalizedShelf
    keys: Sequence[str]
    """Of the slices."""
    rows: pl.DataFrame
    """Of the index, with `slice`, a number that counts `keys`, `row` and `size`."""

    def __call__(self, positions: Positions) -> "SomeTexts":
        """The texts of these rows, in this order; nothing is read yet."""
        chosen = self.rows.select("slice", pl.col("row").cast(pl.Int64), "size")[positions]
        slices, rows, sizes = (chosen[name].to_numpy() for name in chosen.columns)
        return SomeTexts(self.shelf, {at: self.keys[at] for at in np.unique(slices).tolist()}, slices, rows, sizes)


@dataclass(frozen=True, slots=True)
class SomeTexts:
    """Texts that are read when they are gone through. It can be pickled: names and numbers, no open file.

    A slice is fetched, and its digest looked at, when a process wants the first of its texts. There it stays open until
    a text of another one is wanted: so texts are best asked for in the order of slices.
    """

    shelf: NormalizedShelf
    keys: dict[int, str]
    """Of the slices, by number."""
    slices: Positions
    """Of each row, which of the slices."""
    rows: Positions
    """Of each row, its place in there."""
    sizes: Positions
    """Of each row, about its bytes."""

    def __iter__(self) -> Iterator[list[str | None]]:
        """In batches of bounded bytes."""
        for begin, end in _batches(self.sizes):
            slices, rows = self.slices[begin:end], self.rows[begin:end]
            texts: list[str | None] = [None] * len(rows)
            for number in np.unique(slices).tolist():
                (mine,) = np.nonzero(slices == number)
                found = _opened(self.shelf, self.keys[number]).take(rows[mine])["text"].to_pylist()
                for place, text in zip(mine.tolist(), found, strict=True):
                    texts[place] = text
            yield texts


_OPEN: dict[tuple[str, str], SliceRows] = {}
"""The one slice that this process has open."""


def _opened(shelf: NormalizedShelf, key: str) -> SliceRows:
    name = (shelf.shelf.full(""), key)
    if name not in _OPEN:
        _OPEN.clear()
        _OPEN[name] = shelf.rows(key, ["text"])
    return _OPEN[name]


def close_slice() -> None:
    """Lets go of the slice that this process read last."""
    _OPEN.clear()


def _batches(sizes: Positions) -> Iterator[tuple[int, int]]:
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + _BATCH_BYTES, side="right")))
        yield start, end
        start = end
