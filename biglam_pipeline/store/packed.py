"""Rows that are kept packed: some fifty bytes each, of which a thousand at a time are unpacked.

A listing of a million objects would be more than a gigabyte of Python objects. Compressed Arrow holds it in sixty
megabytes, since keys and addresses differ in a few letters from the row before; unpacking a row takes a microsecond.
"""

from collections import OrderedDict
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

BLOCK_ROWS = 1024
_UNPACKED = 4
"""Blocks that stay unpacked: what is asked for lies in a few runs, as the pages and pictures of one delivery do."""
_PACKING = pa.ipc.IpcWriteOptions(compression="zstd", use_threads=False)

Rows = npt.NDArray[np.int64]


class Packed:
    """Rows of one schema, which are never changed."""

    def __init__(self, schema: pa.Schema, blocks: Sequence[bytes] = (), sizes: Sequence[int] = ()) -> None:
        """blocks: as `Packer` makes them; sizes: the rows of each."""
        self.schema = schema
        self._blocks, self._sizes = tuple(blocks), tuple(sizes)
        self._starts = np.cumsum([0, *sizes], dtype=np.int64)
        self._unpacked: OrderedDict[int, list[tuple[Any, ...]]] = OrderedDict()

    def __len__(self) -> int:
        """How many rows."""
        return int(self._starts[-1])

    def __add__(self, other: "Packed") -> "Packed":
        """These rows, and others behind them; none is copied."""
        return Packed(self.schema, self._blocks + other._blocks, self._sizes + other._sizes)

    def row(self, row: int) -> tuple[Any, ...]:
        """One row."""
        block = int(np.searchsorted(self._starts, row, "right")) - 1
        return self.rows_of(block)[row - int(self._starts[block])]

    def start_of(self, block: int) -> int:
        """The number of a block's first row."""
        return int(self._starts[block])

    def rows_of(self, block: int) -> list[tuple[Any, ...]]:
        """All rows of a block."""
        found = self._unpacked.get(block)
        if found is None:
            columns = [column.to_pylist() for column in self._read(block).columns]
            found = self._unpacked[block] = list(zip(*columns, strict=True))
            if len(self._unpacked) > _UNPACKED:
                self._unpacked.popitem(last=False)
        else:
            self._unpacked.move_to_end(block)
        return found

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        """Row by row."""
        for block in range(len(self._blocks)):
            yield from self.rows_of(block)

    def batches(self, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
        """Some columns, block by block."""
        return (self._read(block, names) for block in range(len(self._blocks)))

    def numbers(self, name: str) -> npt.NDArray[Any]:
        """A whole column of numbers."""
        found = [batch[name].to_numpy(zero_copy_only=False) for batch in self.batches([name])]
        return np.concatenate(found) if found else np.zeros(0, np.int64)

    def take(self, rows: Rows, names: Sequence[str]) -> pa.Table:
        """Some columns of some rows, in the order in which they are asked for; each block is unpacked once."""
        block = np.searchsorted(self._starts, rows, "right") - 1
        order = np.argsort(block, kind="stable")
        parts = []
        for begin, end in pairwise(np.flatnonzero(np.diff(block[order], prepend=-1, append=-1)).tolist()):
            which = order[begin:end]
            number = int(block[which[0]])
            parts.append(self._read(number, names).take(pa.array(rows[which] - self._starts[number])))
        schema = pa.schema([self.schema.field(name) for name in names])
        table = pa.Table.from_batches(parts, schema)
        if np.any(order[1:] < order[:-1]):
            back = np.empty(len(order), np.int64)
            back[order] = np.arange(len(order))
            table = table.take(pa.array(back))
        return table

    def _read(self, block: int, names: Sequence[str] | None = None) -> pa.RecordBatch:
        fields = None if names is None else [self.schema.get_field_index(name) for name in names]
        options = pa.ipc.IpcReadOptions(included_fields=fields, use_threads=False)
        with pa.ipc.open_stream(self._blocks[block], options=options) as stream:
            batch = stream.read_next_batch()
        return batch if names is None else batch.select(list(names))


class Packer:
    """Takes rows in, and packs them."""

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._blocks: list[bytes] = []
        self._sizes: list[int] = []
        self._waiting: list[tuple[Any, ...]] = []

    def __len__(self) -> int:
        """Rows taken in so far."""
        return sum(self._sizes) + len(self._waiting)

    def add(self, row: tuple[Any, ...]) -> None:
        """One row, its values in the order of the schema."""
        self._waiting.append(row)
        if len(self._waiting) == BLOCK_ROWS:
            self._pack_waiting()

    def add_tables(self, tables: Iterable[pa.Table]) -> "Packer":
        """Many rows, in tables of this schema; answers itself."""
        for table in tables:
            for batch in table.to_batches(BLOCK_ROWS):
                self._pack(batch)
        return self

    def packed(self) -> Packed:
        """All that was taken in."""
        self._pack_waiting()
        return Packed(self._schema, self._blocks, self._sizes)

    def _pack_waiting(self) -> None:
        if self._waiting:
            columns = zip(*self._waiting, strict=True)
            arrays = [pa.array(column, one.type) for column, one in zip(columns, self._schema, strict=True)]
            self._waiting = []
            self._pack(pa.record_batch(arrays, self._schema))

    def _pack(self, batch: pa.RecordBatch) -> None:
        if not batch.num_rows:
            return
        self._pack_waiting()
        sink = pa.BufferOutputStream()
        with pa.ipc.new_stream(sink, self._schema, options=_PACKING) as stream:
            stream.write_batch(batch)
        self._blocks.append(sink.getvalue().to_pybytes())
        self._sizes.append(batch.num_rows)
