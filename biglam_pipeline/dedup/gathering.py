"""Whole rows from the slices that hold them, in the order in which they are laid."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from biglam_pipeline.dedup.ordering import OPEN_SLICES, Ordered, Stretch
from biglam_pipeline.store.normalized import NormalizedShelf
from biglam_pipeline.store.partitions import Partitions
from biglam_pipeline.store.parts import PartSize
from biglam_pipeline.store.slice_rows import SliceRows

_OFTEN = 4
"""Times that slices may be opened, each, before it is sooner done to read each once and put its rows aside."""
_WINDOW_BYTES = 64 * 2**20
_FAN = 128
"""Windows that rows are dealt out into at once. What is put aside in turns has a piece for each window in each, so that
the pieces would grow by the square of the rows: above this many windows, they are dealt out twice.
"""
_ROW_BYTES = 1024
"""What a row weighs beside its text and picture, about."""
_POSITION = "position"
"""In the order of all rows that are laid."""

Numbers = npt.NDArray[np.int64]


class Gathering(Protocol):
    """One way to come by rows."""

    def take(self, rows: pl.DataFrame) -> pa.Table:
        """These rows, in this order. rows: slice, row, position."""


def gathering_for(
    shelf: NormalizedShelf, slices: Sequence[str], columns: list[str], ordered: Ordered, wanted: list[Stretch],
    scratch: Path, size: PartSize,
) -> Gathering:  # fmt: skip
    """Straight from the slices where the order of rows is about theirs; by way of scratch where it is not.

    slices: keys, as `slice` counts them; wanted: stretches of rows that are asked for, each once and in order.
    """
    if len(slices) <= OPEN_SLICES or ordered.openings <= _OFTEN * len(slices):
        return Nearby(shelf, slices, columns)
    return Scattered(shelf, slices, columns, ordered, wanted, scratch, size)


class Nearby:
    """Keeps the slices open that were asked for last."""

    def __init__(self, shelf: NormalizedShelf, slices: Sequence[str], columns: list[str]) -> None:
        """See gathering_for."""
        self._shelf, self._slices, self._columns = shelf, slices, columns
        self._open: OrderedDict[int, SliceRows] = OrderedDict()

    def take(self, rows: pl.DataFrame) -> pa.Table:
        """See Gathering."""
        slices, places = rows["slice"].to_numpy(), rows["row"].to_numpy().astype(np.int64)
        tables, order = [], []
        for number in dict.fromkeys(slices.tolist()):
            (mine,) = np.nonzero(slices == number)
            tables.append(self._slice(number).take(places[mine]))
            order.append(mine)
        return _in_order(tables, order)

    def _slice(self, number: int) -> SliceRows:
        if number in self._open:
            self._open.move_to_end(number)
            return self._open[number]
        if len(self._open) >= OPEN_SLICES:
            self._open.popitem(last=False)[1].close()
        self._open[number] = self._shelf.rows(self._slices[number], self._columns)
        return self._open[number]


class Scattered:
    """Reads each slice once, and deals its rows out into windows of the order in which they are laid.

    A catalogue may number its records as it likes: taken in that order from two hundred slices, each thousand rows
    would open all of them.
    """

    def __init__(
        self, shelf: NormalizedShelf, slices: Sequence[str], columns: list[str], ordered: Ordered,
        wanted: list[Stretch], scratch: Path, size: PartSize,
    ) -> None:  # fmt: skip
        """See gathering_for."""
        by_slice = Partitions(scratch / "by slice", len(slices))
        self._starts = _deal(ordered, wanted, by_slice)
        self._together = -(-len(self._starts) // _FAN)
        self._scratch, self._group = scratch, -1
        self._groups = self._partitions("groups", -(-len(self._starts) // self._together))
        self._windows = self._partitions("no group", self._together)
        for number, key in enumerate(slices):
            found = [pl.DataFrame(pl.from_arrow(table)) for table in by_slice.read(number)]
            if found:
                opened = shelf.rows(key, columns)
                self._put_aside(opened, pl.concat(found).sort("row"), size)
                opened.close()
        self._open: OrderedDict[int, tuple[pa.Table, Numbers]] = OrderedDict()

    def _partitions(self, name: str, count: int) -> Partitions:
        return Partitions(self._scratch / name, count, _WINDOW_BYTES)

    def _put_aside(self, opened: SliceRows, rows: pl.DataFrame, size: PartSize) -> None:
        places, positions = (rows[name].to_numpy().astype(np.int64) for name in ("row", _POSITION))
        for start, end in steps_of(rows["size"].to_numpy(), size):
            table = opened.take(places[start:end]).append_column(_POSITION, pa.array(positions[start:end]))
            self._groups.add(table, self._window(positions[start:end]) // self._together)

    def _window(self, positions: Numbers) -> Numbers:
        return np.searchsorted(self._starts, positions, side="right") - 1

    def _read(self, window: int) -> Iterator[pa.Table]:
        """The rows of a window, from its group; that is dealt out into its windows when the first of them is read."""
        if self._together == 1:
            return self._groups.read(window)
        group, within = divmod(window, self._together)
        if group != self._group:
            self._windows.drop()
            self._windows = self._partitions(f"group {group}", self._together)
            for table in self._groups.read(group):
                self._windows.add(table, self._window(table[_POSITION].to_numpy()) - group * self._together)
            self._group = group
        return self._windows.read(within)

    def take(self, rows: pl.DataFrame) -> pa.Table:
        """See Gathering."""
        positions = rows[_POSITION].to_numpy()
        windows = self._window(positions)
        tables, order = [], []
        for number in np.unique(windows).tolist():
            (mine,) = np.nonzero(windows == number)
            table, places = self._opened(number)
            tables.append(table.take(pa.array(np.searchsorted(places, positions[mine]))))
            order.append(mine)
        return _in_order(tables, order)

    def _opened(self, number: int) -> tuple[pa.Table, Numbers]:
        if number not in self._open:
            self._open.clear()
            table = pa.concat_tables(self._read(number))
            places = table[_POSITION].to_numpy()
            order = np.argsort(places)
            self._open[number] = table.drop_columns([_POSITION]).take(pa.array(order)), places[order]
        return self._open[number]


def _deal(ordered: Ordered, wanted: list[Stretch], by_slice: Partitions) -> Numbers:
    """Deals out by slice which of its rows are wanted, and where they go: the position at which each window begins."""
    starts, filled = [0], 0
    for stretch in wanted:
        at = stretch.start
        for rows in ordered.rows.read(stretch.start, stretch.end, ["slice", "row", "size"]):
            positions = np.arange(at, at + rows.height, dtype=np.int64)
            ends = np.cumsum(rows["size"].to_numpy() + _ROW_BYTES) + filled
            borders = np.flatnonzero(np.diff(ends // _WINDOW_BYTES, prepend=filled // _WINDOW_BYTES))
            starts += positions[borders].tolist()
            filled, at = int(ends[-1]), at + rows.height
            table = rows.with_columns(position=positions).to_arrow(compat_level=pl.CompatLevel.oldest())
            by_slice.add(table, rows["slice"].to_numpy())
    return np.unique(np.array(starts, np.int64))


def _in_order(tables: list[pa.Table], order: list[Numbers]) -> pa.Table:
    """Rows of several tables together, each where `order` says."""
    found = pa.concat_tables(tables).combine_chunks()
    return found if len(tables) == 1 else found.take(pa.array(np.argsort(np.concatenate(order), kind="stable")))


def steps_of(sizes: Numbers, size: PartSize) -> Iterator[tuple[int, int]]:
    """Start and end of each step: so many rows, or as many as hold so many bytes, but one at least.

    sizes: bytes of each row. The borders follow from the rows alone.
    """
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        by_bytes = int(np.searchsorted(ends, before + size.step_bytes, side="right"))
        end = min(max(start + 1, by_bytes), start + size.step, len(sizes))
        yield start, end
        start = end
