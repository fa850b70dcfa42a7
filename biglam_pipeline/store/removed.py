"""Rows that were dropped, and why: the file that is published beside the parts."""

from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

REMOVED = pa.schema(
    [
        ("id", pa.string()),
        ("source_record_id", pa.string()),
        ("keeper", pa.string()),
        ("reason", pa.string()),
        ("similarity", pa.float32()),
        ("first_seen", pa.int32()),
    ]
)
"""Their rank among duplicates does not change from night to night, so `first_seen` is kept."""
GROUP_ROWS = 2**20
"""Of a row group: as Arrow cuts a table that it is given whole."""


def write_removed(path: Path, removed: Iterable[pl.DataFrame]) -> int:
    """Writes them, given some at a time, to a scratch file: how many there are."""
    rows, waiting = 0, [pl.DataFrame(pl.from_arrow(REMOVED.empty_table()))]
    with pq.ParquetWriter(path, REMOVED, compression="zstd") as writer:
        for some in removed:
            rows += some.height
            waiting.append(some.select(REMOVED.names))
            while sum(one.height for one in waiting) > GROUP_ROWS:
                together = pl.concat(waiting)
                writer.write_table(_table(together.head(GROUP_ROWS)), GROUP_ROWS)
                waiting = [together.slice(GROUP_ROWS)]
        writer.write_table(_table(pl.concat(waiting)), GROUP_ROWS)
    return rows


def _table(rows: pl.DataFrame) -> pa.Table:
    return rows.to_arrow().cast(REMOVED).combine_chunks()
