"""What is left of a Parquet file without some of its rows: the same columns, footers and row groups, other bytes."""

from collections.abc import Collection, Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from biglam_pipeline.parsing.parquet.opening import Opened

_BLOCK = 1 << 20


class _Sink:
    """A file that is written and never read: what was written is handed on."""

    def __init__(self) -> None:
        self.blocks: list[bytes] = []
        self.closed = False
        self._at = 0

    def write(self, data: bytes) -> int:
        """Takes bytes in."""
        block = bytes(data)
        self.blocks.append(block)
        self._at += len(block)
        return len(block)

    def tell(self) -> int:
        """How many there were."""
        return self._at

    def flush(self) -> None:
        """Nothing waits."""

    def close(self) -> None:
        """Nothing more comes."""
        self.closed = True

    def readable(self) -> bool:
        """No."""
        return False

    def writable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """No."""
        return False

    def taken(self) -> Iterator[bytes]:
        """What came since this was asked last."""
        yield from self.blocks
        self.blocks.clear()


def without_rows(opened: Opened, gone: Collection[int]) -> Iterator[bytes]:
    """The bytes of the file without these rows, which are counted from 1 through the file as it is."""
    sink, file, gone = _Sink(), opened.file, set(gone)
    writer = pq.ParquetWriter(sink, file.schema_arrow, compression="zstd")
    number = 0
    for group, _, rows in _groups(opened):
        for batch in file.iter_batches(rows, row_groups=[group], use_threads=False):
            kept = [at for at in range(batch.num_rows) if number + at + 1 not in gone]
            number += batch.num_rows
            if kept:
                writer.write_batch(batch if len(kept) == batch.num_rows else batch.take(pa.array(kept, pa.int64())))
            yield from sink.taken()
    writer.close()
    opened.close()
    yield from sink.taken()


def _groups(opened: Opened) -> Iterator[tuple[int, int, int]]:
    """Each row group once, with how many of its rows are held in memory at once."""
    return (step for step in opened.steps() if step[1] == 0)
