"""Rows of a source dealt out by the hash of a key: a share of them is in memory at a time, and all of one key together.

Deciding about an identifier, or about what equals what, needs only the rows of the same key. So nothing here holds all
rows of a source; what it takes to sort them is a share as well.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

import numpy as np
import polars as pl
import pyarrow as pa

from biglam_pipeline.store.partitions import Partitions, RowFile

ROWS = 65_536
"""About as many rows are in one share."""
MOST = 512
"""Shares: of a source of more than 30 million rows they grow."""
_SAMPLE = 16_384
_NTH, _SHARE = "number of the row", "share of the row"
"""Names that no column of a row has."""
_OLDEST = pl.CompatLevel.oldest()

Schema = Mapping[str, pl.DataType | type[pl.DataType]]


class Room:
    """Scratch for one laying, and into how many shares everything is dealt."""

    def __init__(self, folder: Path, rows: int, share: int = ROWS) -> None:
        """folder: gone afterwards; rows: about as many there are; share: rows of one."""
        self._folder, self._made = folder, 0
        self.shares = range(min(MOST, max(1, -(-rows // share))))

    def dealt(self, schema: Schema) -> "Dealt":
        """An empty one."""
        return Dealt(Partitions(self.path(), len(self.shares)), schema, len(self.shares))

    def path(self) -> Path:
        """A name that nothing has yet."""
        self._made += 1
        return self._folder / f"{self._made:03d}"


class Dealt:
    """Rows in shares; those of one key are in the same, and of two that are dealt alike in the one of equal number."""

    def __init__(self, partitions: Partitions, schema: Schema, shares: int) -> None:
        """schema: columns with their types."""
        self._partitions, self._shares = partitions, shares
        self._empty = _nothing(tuple(schema.items()))
        self._schema = self._empty.schema
        self.rows = 0

    def add(self, rows: pl.DataFrame, by: str) -> None:
        """Deals rows out by a column, whatever else they hold beside the schema's columns."""
        if self._shares == 1:
            self.put(rows, 0)
        else:
            self._put(rows, rows.select(pl.col(by).hash() % self._shares).to_series().to_numpy().astype(np.int64))

    def put(self, rows: pl.DataFrame, share: int) -> None:
        """Rows that belong to one share."""
        self._put(rows, np.full(rows.height, share, np.int64))

    def place(self, rows: pl.DataFrame, shares: pl.Series) -> None:
        """Rows with the share of each."""
        self._put(rows, shares.to_numpy().astype(np.int64))

    def _put(self, rows: pl.DataFrame, shares: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
        self.rows += rows.height
        self._partitions.add(_as(rows, self._schema).to_arrow(compat_level=_OLDEST), shares)

    def chunks(self, share: int, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """The rows of a share, some at a time: however many have the same key."""
        for table in self._partitions.read(share, list(columns) if columns else None) if self.rows else ():
            yield _frame(table, self._schema)

    def read(self, share: int, columns: Sequence[str] | None = None) -> pl.DataFrame:
        """All rows of a share, in the order in which they were added."""
        chunks = list(self.chunks(share, columns))
        if not chunks:
            return self._empty.select(columns) if columns else self._empty
        return pl.concat(chunks) if len(chunks) > 1 else chunks[0]


class Ranked:
    """Rows in one order, read by position."""

    def __init__(self, path: Path, schema: Schema) -> None:
        """path: a scratch file; schema: columns with their types."""
        empty = _nothing(tuple(schema.items()))
        self._schema = empty.schema
        self._file = RowFile(path, empty.to_arrow(compat_level=_OLDEST).schema)

    @property
    def rows(self) -> int:
        """How many there are."""
        return self._file.rows

    def append(self, rows: pl.DataFrame) -> None:
        """Rows that come after all others."""
        self._file.append(_as(rows, self._schema).to_arrow(compat_level=_OLDEST))

    def close(self) -> None:
        """From now on it is read."""
        self._file.close()

    def read(self, start: int, end: int, columns: Sequence[str] | None = None) -> Iterator[pl.DataFrame]:
        """The rows from one position up to another, some thousands at a time."""
        for table in self._file.read(start, end, list(columns) if columns else None) if start < end else ():
            yield _frame(table, self._schema)


def in_order(room: Room, frames: Iterable[pl.DataFrame], by: Sequence[str], schema: Schema) -> Iterator[pl.DataFrame]:
    """All rows sorted by these columns, nulls last, some at a time. The first frames stand for the others: their rows
    are a chance choice, as those of a share are.
    """
    dealt, coming = room.dealt(schema), iter(frames)
    sample: list[pl.DataFrame] = []
    for frame in coming:
        sample.append(frame)
        if sum(one.height for one in sample) >= _SAMPLE:
            break
    borders = _borders([frame.select(by) for frame in sample], by, len(room.shares))
    while sample:
        frame = sample.pop(0)
        dealt.place(frame, _among(borders, frame.select(by), by))
    for frame in coming:
        dealt.place(frame, _among(borders, frame.select(by), by))
    for share in room.shares:
        if (rows := dealt.read(share)).height:
            yield rows.sort(by, nulls_last=True)


def _borders(sample: list[pl.DataFrame], by: Sequence[str], shares: int) -> pl.DataFrame:
    """Where each share but the first begins."""
    if not sample:
        return pl.DataFrame()
    rows = pl.concat(sample).sort(by, nulls_last=True)
    return rows[sorted({rows.height * number // shares for number in range(1, shares)} - {rows.height})]


def _among(borders: pl.DataFrame, rows: pl.DataFrame, by: Sequence[str]) -> pl.Series:
    """For each row, how many borders do not come after it."""
    nth = pl.int_range(pl.len(), dtype=pl.Int64).alias(_NTH)
    both = pl.concat([borders.with_columns(pl.lit(-1, pl.Int64).alias(_NTH)), rows.with_columns(nth)])
    both = both.sort([*by, _NTH], nulls_last=True).with_columns((pl.col(_NTH) < 0).cum_sum().alias(_SHARE))
    return both.filter(pl.col(_NTH) >= 0).sort(_NTH)[_SHARE]


@lru_cache(maxsize=64)
def _nothing(schema: tuple[tuple[str, Any], ...]) -> pl.DataFrame:
    """No rows of these columns: the same few are asked for all the time, and a small source is little else."""
    return pl.DataFrame(schema=dict(schema))


def _as(rows: pl.DataFrame, schema: pl.Schema) -> pl.DataFrame:
    """The rows in these columns and types. Most have them, and each expression costs as much as all rows of a table."""
    chosen = rows if rows.columns == list(schema) else rows.select(list(schema))
    return chosen if chosen.schema == schema else chosen.cast(schema)


def _frame(table: pa.Table, schema: pl.Schema) -> pl.DataFrame:
    rows = cast(pl.DataFrame, pl.from_arrow(table))
    return _as(rows, pl.Schema({name: schema[name] for name in table.column_names}))
