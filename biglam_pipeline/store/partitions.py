"""Rows put aside on scratch and read back in another order: dealt out by a number, or one after the other by position.

So that what is decided about all rows of a source needs no more memory than what is decided about a share of them.
"""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.ipc as ipc

from biglam_pipeline.store import disk

FLUSH_BYTES = 32 * 2**20
HELD_BYTES = 2**20
"""What is no more than this is read from memory: most sources are small, and have dozens of these."""
BATCH_ROWS = 8192
_PACKED = ipc.IpcWriteOptions(compression="lz4", use_threads=False)

Numbers = npt.NDArray[np.int64]


class Partitions:
    """Tables of one schema, dealt out by a number: added in any order, read number by number.

    What was added is written in runs, each a file with one batch a number (https://arrow.apache.org/docs/format/
    Columnar.html#ipc-file-format), so that as many numbers as are wanted need no more open files.
    """

    def __init__(self, folder: Path, count: int, flush_bytes: int = FLUSH_BYTES) -> None:
        """folder: scratch of its own; count: numbers go from 0 to below it."""
        self._folder, self._count, self._flush_bytes = folder, count, flush_bytes
        self._waiting: list[tuple[pa.Table, Numbers]] = []
        self._bytes = 0
        self._held: list[pa.Table] | None = None
        self._runs: list[Path] = []

    def add(self, table: pa.Table, numbers: Numbers) -> None:
        """Puts rows aside; numbers: (rows,)."""
        self._held = None
        if table.num_rows:
            self._waiting.append((table, numbers))
            self._bytes += table.nbytes
        if self._bytes >= self._flush_bytes:
            self.flush()

    def flush(self) -> None:
        """Writes what is waiting as one run."""
        if not self._waiting:
            return
        dealt = self._dealt()
        self._waiting, self._bytes, self._held = [], 0, None
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{len(self._runs):06d}.arrow"
        with ipc.new_file(path, dealt[0].schema, options=_PACKED) as writer:
            for table in dealt:
                writer.write_batch(_one_batch(table))
        self._runs.append(path)

    def _dealt(self) -> list[pa.Table]:
        """What is waiting, number by number."""
        table = pa.concat_tables([table for table, _ in self._waiting]).combine_chunks()
        if self._count == 1:
            return [table]
        numbers = np.concatenate([numbers for _, numbers in self._waiting])
        order = np.argsort(numbers, kind="stable")
        bounds = np.searchsorted(numbers[order], np.arange(self._count + 1)).tolist()
        table = table.take(pa.array(order))
        return [table.slice(start, end - start) for start, end in pairwise(bounds)]

    def read(self, number: int, columns: list[str] | None = None) -> Iterator[pa.Table]:
        """The rows of one number, run by run, in the order in which they were added; all columns, or those named."""
        if not self._runs and self._bytes <= HELD_BYTES:
            if self._held is None:
                self._held = self._dealt() if self._waiting else []
            for table in self._held[number : number + 1]:
                if table.num_rows:
                    yield table.select(columns) if columns else table
            return
        self.flush()
        for path in self._runs:
            with pa.OSFile(str(path)) as file:
                batch = _open(file, columns).get_batch(number)
            if batch.num_rows:
                table = pa.Table.from_batches([batch])
                yield table.select(columns) if columns else table  # they come in the order of the file

    def drop(self) -> None:
        """Nothing will be read any more: gives the room on scratch back."""
        for path in self._runs:
            disk.remove(path)
        self._waiting, self._bytes, self._held, self._runs = [], 0, None, []


class RowFile:
    """Rows of one schema in one order, read by position."""

    def __init__(self, path: Path, schema: pa.Schema, batch_rows: int = BATCH_ROWS) -> None:
        """path: a scratch file that is not there yet."""
        self._path, self._batch_rows = path, batch_rows
        self._writer = ipc.new_file(path, schema, options=_PACKED)
        self._waiting: list[pa.Table] = []
        self._left = 0
        self.rows = 0

    def append(self, table: pa.Table) -> None:
        """Rows that come after all others."""
        self._waiting.append(table)
        self._left += table.num_rows
        self.rows += table.num_rows
        if self._left >= self._batch_rows:
            self._write(self._left - self._left % self._batch_rows)

    def close(self) -> None:
        """From now on it is read."""
        self._write(self._left)
        self._writer.close()

    def _write(self, rows: int) -> None:
        if not rows:
            return
        table = pa.concat_tables(self._waiting)
        for start in range(0, rows, self._batch_rows):
            self._writer.write_batch(_one_batch(table.slice(start, min(self._batch_rows, rows - start))))
        rest = table.slice(rows)
        self._waiting, self._left = [rest] if rest.num_rows else [], rest.num_rows

    def read(self, start: int, end: int, columns: list[str] | None = None) -> Iterator[pa.Table]:
        """The rows from one position up to another, in tables of at most a batch."""
        with pa.OSFile(str(self._path)) as file:
            reader = _open(file, columns)
            for number in range(start // self._batch_rows, -(-end // self._batch_rows)):
                first = number * self._batch_rows
                table = pa.Table.from_batches([reader.get_batch(number)])
                begin = max(start - first, 0)
                table = table.select(columns) if columns else table
                yield table.slice(begin, min(end - first, table.num_rows) - begin)


def _one_batch(table: pa.Table) -> pa.RecordBatch:
    columns = [pa.concat_arrays(column.chunks) if column.num_chunks else column.combine_chunks() for column in table]
    return pa.RecordBatch.from_arrays(columns, schema=table.schema)


def _open(file: pa.OSFile, columns: list[str] | None) -> ipc.RecordBatchFileReader:
    if columns is None:
        return ipc.open_file(file, options=ipc.IpcReadOptions(use_threads=False))
    names = ipc.open_file(file).schema.names
    chosen = [names.index(name) for name in columns]
    return ipc.open_file(file, options=ipc.IpcReadOptions(included_fields=chosen, use_threads=False))
