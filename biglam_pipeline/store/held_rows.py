"""Listings of raw objects: read and written some thousands of rows at a time, for a harvest may have a million."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from itertools import islice

import pyarrow as pa

from biglam_pipeline.records import StoredObject
from biglam_pipeline.store.reading import read_batches, sound
from biglam_pipeline.store.shelf import Shelf

_ROWS = 16_384

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


def read_held(
    shelf: Shelf, name: str, columns: list[str] | None = None, schema: pa.Schema | None = None
) -> Iterator[StoredObject]:
    """The objects that a listing names, one after the other; see `read_batches`."""
    for table in read_batches(shelf, name, columns, schema):
        with sound(shelf, name):
            found = [StoredObject(**row) for row in table.to_pylist()]
        yield from found


def tables_of(objects: Iterable[StoredObject]) -> Iterator[pa.Table]:
    """The listing of a harvest, in tables of some thousands of rows."""
    coming = iter(objects)
    while some := [asdict(held) for held in islice(coming, _ROWS)]:
        yield pa.Table.from_pylist(some, HELD)
