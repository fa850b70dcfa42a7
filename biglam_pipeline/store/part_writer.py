"""Writes one part: row groups cut by the rows alone, zstd, content-defined pages, a bloom filter on `id`."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

GROUP_BYTES = 100 * 2**20
"""A row group's uncompressed size; the Hub's viewer refuses groups above 286 MiB."""

_FEW_VALUES = {
    "source_id",
    "custodian",
    "collection",
    "type",
    "publisher",
    "date_precision",
    "date_qualifier",
    "date_type",
    "rights_uri",
    "rights_tier",
    "rights_basis",
    "attribution",
    "text_unit",
    "text_origin",
    "ocr_engine",
    "record_format",
    "media_type",
}


def write_part(path: Path, schema: pa.Schema, steps: Iterable[pa.Table]) -> int:
    """Writes one part to a scratch path; the rows written.

    steps: tables of a few rows whose borders follow from the rows alone, each well below a row group: a row group is
    made of whole steps, so that it does not depend on how the rows came to be in memory.
    """
    few = [name for name in schema.names if name in _FEW_VALUES]
    rows = 0
    with pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=3,
        use_content_defined_chunking=True,
        write_page_index=True,
        use_dictionary=few or False,
        bloom_filter_options={"id": {"ndv": 100_000, "fpp": 0.01}},
    ) as writer:
        for group in _groups(steps):
            writer.write_table(group, row_group_size=max(group.num_rows, 1))
            rows += group.num_rows
    return rows


def _groups(steps: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Whole steps together until they make a group; what would make it more than twice one begins the next."""
    waiting: list[pa.Table] = []
    size = 0
    for step in steps:
        if waiting and size + step.nbytes > 2 * GROUP_BYTES:
            yield pa.concat_tables(waiting).combine_chunks()
            waiting, size = [], 0
        waiting.append(step)
        size += step.nbytes
        if size >= GROUP_BYTES:
            yield pa.concat_tables(waiting).combine_chunks()
            waiting, size = [], 0
    if waiting:
        yield pa.concat_tables(waiting).combine_chunks()


def count_rows(stream: BinaryIO) -> int:
    """Rows of a Parquet file, from its footer."""
    return int(pq.ParquetFile(stream).metadata.num_rows)
