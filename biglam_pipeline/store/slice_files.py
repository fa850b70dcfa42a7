"""The files of a slice that is finished and not shelved yet: its index is read, and rows are added to it."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from biglam_pipeline.store import disk
from biglam_pipeline.store.normalized import INDEX, LEFT_OUT, TAKEN_DOWN, Slice
from biglam_pipeline.store.slice_writer import worth_dictionary

_NAME = "index.parquet"


def read_index(folder: Path) -> pl.DataFrame:
    """The narrow index of the slice whose files lie in this folder."""
    return pl.DataFrame(pl.from_arrow(pq.read_table(folder / _NAME)))


def add_to_index(folder: Path, one: Slice, rows: Sequence[Mapping[str, Any]]) -> Slice:
    """Adds rows of which the slice holds nothing else, records taken down and tombstones, in the order of `seq`."""
    if not rows:
        return one
    path = folder / _NAME
    index = pa.concat_tables([pq.read_table(path, schema=INDEX), pa.Table.from_pylist(list(rows), INDEX)])
    index = index.sort_by("seq")
    pq.write_table(index, path, compression="zstd", use_dictionary=worth_dictionary(INDEX))
    digest = hashlib.sha256(one.digest.encode())
    for row in sorted(rows, key=lambda row: (row["id"], row["row_digest"] or b"", row["datestamp"] or "")):
        digest.update(f"{row['row']}\x00{row['id']}\x00{row['datestamp']}\x00".encode())
        digest.update(row["row_digest"] or b"gone")
        digest.update((row.get("config") or "").encode())
    return replace(
        one,
        deleted=one.deleted + sum(row["deleted"] and row["row"] != LEFT_OUT for row in rows),
        taken_down=one.taken_down + sum(row["row"] == TAKEN_DOWN for row in rows),
        digest=digest.hexdigest(),
        files={**one.files, _NAME: disk.digest_file(path)[0]},
    )
