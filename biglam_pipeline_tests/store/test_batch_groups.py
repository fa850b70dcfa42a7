"""A batch's row groups hold about a megabyte, however unequal its objects: a slice reads those that it needs."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biglam_pipeline.records import RawObject
from biglam_pipeline.store.batch_writer import GROUP_BYTES, BatchWriter
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.raw_listing import Listing


@pytest.mark.slow  # a matter of size
def test_a_large_object_ends_its_row_group(tmp_path: Path) -> None:
    raw = RawShelf(open_shelf(str(tmp_path / "home"), tmp_path / "local").at("letters/raw"))
    writer, held = BatchWriter(raw, 1, Listing.of([])), {}
    sizes = [10, 10, 3 * GROUP_BYTES, 10, GROUP_BYTES // 2, GROUP_BYTES // 2, 10]
    for number, size in enumerate(sizes):
        data = bytes([number]) * size
        found = RawObject(str(number), "u", datetime.now(UTC), hashlib.sha256(data).hexdigest(), size, data)
        held[found.key] = writer.add(found)
    writer.flush()
    file = pq.ParquetFile(raw.shelf.local(held["0"].batch))
    assert [file.metadata.row_group(at).num_rows for at in range(file.metadata.num_row_groups)] == [3, 3, 1]
    found_bytes = raw.contents(held.values())
    assert [len(found_bytes[key]) for key in held] == sizes
