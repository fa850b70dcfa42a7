"""Listings of raw objects: read and written some thousands of rows at a time, for a harvest may have a million."""

from collections.abc import Iterator

import pyarrow as pa

from biglam_pipeline.store.reading import read_batches, read_schema
from biglam_pipeline.store.shelf import Shelf

LISTED_ROWS = 16_384
"""Of a row group of a harvest's listing."""

HELD = pa.schema(
    [
        ("key", pa.string()),
        ("url", pa.string()),
        ("final_url", pa.string()),
        ("retrieved_at", pa.timestamp("us", tz="UTC")),
        ("status", pa.int32()),
        ("media_type", pa.string()),
        ("etag", pa.string()),
        ("last_modified", pa.string()),
        ("sha256", pa.string()),
        ("size", pa.int64()),
        ("harvest", pa.int32()),
        ("batch", pa.string()),
        ("file", pa.string()),
        ("archive", pa.bool_()),
        ("survey", pa.string()),
    ]
)
BATCH = HELD.append(pa.field("content", pa.large_binary()))


def held_tables(shelf: Shelf, name: str) -> Iterator[pa.Table]:
    """The objects that a listing or a batch names, without their bytes, in tables of HELD; see `read_batches`."""
    found = read_schema(shelf, name).names
    lacking = [one for one in HELD.names if one not in found and one != "survey"]  # which an older shelf has not
    if lacking or [one for one in found if one not in BATCH.names]:
        raise shelf.spoiled(name, "its columns are others")
    columns = [one for one in HELD.names if one in found]
    for table in read_batches(shelf, name, columns, BATCH, LISTED_ROWS // 2):
        if "survey" not in found:
            table = table.append_column(HELD.field("survey"), pa.array([""] * table.num_rows))
        yield table.select(HELD.names)
