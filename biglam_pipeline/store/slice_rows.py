"""Rows of a slice by their position: from memory where the slice is small, by row groups where it is one huge file."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from biglam_pipeline.columns import IMAGE_FEATURE

WHOLE_BYTES = 256 * 2**20
"""A slice up to this size (uncompressed) is read at once; of a larger one, the row groups that are asked for."""
PICTURES_BYTES = 16 * 2**20
"""The same of a slice with pictures: its rows are asked for about as they lie, so little is gained by holding them."""
OPEN_BYTES = 64 * 2**20
"""So much of a larger slice's row groups stays in memory, beside the one that was asked for last."""

Positions = npt.NDArray[np.int64]


class SliceRows:
    """Some columns of one slice, opened for taking rows out of it."""

    def __init__(
        self, path: Path, columns: list[str], whole_bytes: int | None = None, open_bytes: int | None = None
    ) -> None:
        """path: the slice's Parquet file on this machine."""
        meta = pq.read_metadata(path)
        groups = [meta.row_group(n) for n in range(meta.num_row_groups)]
        heavy = IMAGE_FEATURE in columns and _holds_pictures(meta, groups)
        whole_bytes = whole_bytes if whole_bytes is not None else PICTURES_BYTES if heavy else WHOLE_BYTES
        open_bytes = open_bytes if open_bytes is not None else PICTURES_BYTES if heavy else OPEN_BYTES
        self._columns = columns
        self._starts: Positions = np.cumsum([0, *(group.num_rows for group in groups)])
        small = sum(group.total_byte_size for group in groups) <= whole_bytes
        self._file = pq.ParquetFile(path, metadata=meta, memory_map=not heavy and not small)
        self._whole: pa.Table | None = self._file.read(columns).combine_chunks() if small else None
        if small:
            self._file.close()
        self._open: OrderedDict[int, pa.Table] = OrderedDict()
        self._open_bytes = open_bytes
        self.held_bytes: int = self._whole.nbytes if self._whole is not None else 0
        """Arrow bytes that stay in memory between two takes."""

    def close(self) -> None:
        """Lets go of the file: pages of it that were looked at count as memory while it is mapped."""
        self._file.close()

    def take(self, positions: Positions) -> pa.Table:
        """These rows, in this order."""
        if self._whole is not None:
            return _take(self._whole, positions)
        groups = np.searchsorted(self._starts, positions, side="right") - 1
        tables, order = [], []
        for group in np.unique(groups):
            (mine,) = np.nonzero(groups == group)
            tables.append(_copy(self._group(int(group)), positions[mine] - self._starts[group]))
            order.append(mine)
        found = pa.concat_tables(tables).combine_chunks()
        return _take(found, np.argsort(np.concatenate(order), kind="stable"))

    def _group(self, number: int) -> pa.Table:
        if number not in self._open:
            self._open[number] = self._file.read_row_group(number, self._columns).combine_chunks()
            self.held_bytes += self._open[number].nbytes
            while len(self._open) > 1 and self.held_bytes > self._open_bytes:
                self.held_bytes -= self._open.popitem(last=False)[1].nbytes
        self._open.move_to_end(number)
        return self._open[number]


def _take(table: pa.Table, positions: Positions) -> pa.Table:
    """Rows that lie together are cut out, not gathered: Arrow's take copies a column's chunks each time."""
    first, count = int(positions[0]), len(positions)
    if int(positions[-1]) - first == count - 1 and (count == 1 or bool((np.diff(positions) == 1).all())):
        return table.slice(first, count)
    return table.take(pa.array(positions))


def _copy(table: pa.Table, positions: Positions) -> pa.Table:
    """The same, copied out: one row that is cut out would keep its whole row group in memory."""
    whole = len(positions) == table.num_rows and bool((np.diff(positions) == 1).all())
    return table if whole else table.take(pa.array(positions))


def _holds_pictures(meta: pq.FileMetaData, groups: list[pq.RowGroupMetaData]) -> bool:
    """Whether most of a slice is bytes of pictures: one with addresses of pictures is as light as a text."""
    paths = [meta.schema.column(n).path for n in range(meta.num_columns)]
    if f"{IMAGE_FEATURE}.bytes" not in paths:
        return False
    place = paths.index(f"{IMAGE_FEATURE}.bytes")
    pictures = sum(group.column(place).total_uncompressed_size for group in groups)
    return bool(2 * pictures > sum(group.total_byte_size for group in groups))
