"""Rows of a slice by their position: from memory where the slice is small, by row groups where it is one huge file."""

from collections import OrderedDict
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

WHOLE_BYTES = 256 * 2**20
"""A slice up to this size (uncompressed) is read at once; of a larger one, the row groups that are asked for."""
_OPEN_GROUPS = 64

Positions = npt.NDArray[np.int64]


class SliceRows:
    """Some columns of one slice, opened for taking rows out of it."""

    def __init__(self, path: Path, columns: list[str], whole_bytes: int = WHOLE_BYTES) -> None:
        """path: the slice's Parquet file on this machine."""
        self._file = pq.ParquetFile(path, memory_map=True)
        self._columns = columns
        meta = self._file.metadata
        groups = [meta.row_group(n) for n in range(meta.num_row_groups)]
        self._starts: Positions = np.cumsum([0, *(group.num_rows for group in groups)])
        small = sum(group.total_byte_size for group in groups) <= whole_bytes
        self._whole: pa.Table | None = self._file.read(columns).combine_chunks() if small else None
        self._open: OrderedDict[int, pa.Table] = OrderedDict()

    def take(self, positions: Positions) -> pa.Table:
        """These rows, in this order."""
        if self._whole is not None:
            return _take(self._whole, positions)
        groups = np.searchsorted(self._starts, positions, side="right") - 1
        tables, order = [], []
        for group in np.unique(groups):
            (mine,) = np.nonzero(groups == group)
            tables.append(_take(self._group(int(group)), positions[mine] - self._starts[group]))
            order.append(mine)
        found = pa.concat_tables(tables).combine_chunks()
        return _take(found, np.argsort(np.concatenate(order), kind="stable"))

    def _group(self, number: int) -> pa.Table:
        if number not in self._open:
            self._open[number] = self._file.read_row_group(number, self._columns)
            if len(self._open) > _OPEN_GROUPS:
                self._open.popitem(last=False)
        self._open.move_to_end(number)
        return self._open[number]


def _take(table: pa.Table, positions: Positions) -> pa.Table:
    """Rows that lie together are cut out, not gathered: Arrow's take copies a column's chunks each time."""
    first, count = int(positions[0]), len(positions)
    if int(positions[-1]) - first == count - 1 and (count == 1 or bool((np.diff(positions) == 1).all())):
        return table.slice(first, count)
    return table.take(pa.array(positions))
