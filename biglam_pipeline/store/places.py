"""Which row lies where in a part: the file beside it, and the digest of what the part says."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq

from biglam_pipeline.store.footers import as_spelled_first
from biglam_pipeline.store.reading import packed

PROFILE = "parquet/1: zstd 3, content-defined chunking, page index, bloom filter on id"
"""Names the writer's settings; a new one rewrites every part, so it is part of each part's content digest."""

PLACES = pa.schema([("id", pa.string()), ("first_seen", pa.int32()), ("row_key", pa.binary(16))])


def places_of(file: str) -> str:
    """The name of the file beside a part that says which row lies where."""
    return file.removesuffix(".parquet") + ".places.parquet"


def packed_places(places: pa.Table) -> bytes:
    """As they are shelved."""
    return packed(places.select(PLACES.names).cast(PLACES))


class PlacesWriter:
    """Writes the places of one part to a scratch file, some at a time, and digests them.

    The digest is a logical one: of schema, writer profile and the ordered rows. Not of file bytes: those change with
    every release of the Parquet writer.
    """

    def __init__(self, schema: pa.Schema, path: Path | None = None) -> None:
        """schema: of the part; path: None where only the digest is wanted."""
        reported = as_spelled_first(schema).to_string(show_schema_metadata=True)
        self._digest = hashlib.sha256(f"{PROFILE}\x00{reported}".encode())
        self._writer = path and pq.ParquetWriter(path, PLACES, compression="zstd", write_page_checksum=True)
        self.rows = 0

    def add(self, rows: pl.DataFrame) -> None:
        """Rows with id, first_seen and row_key, in the order in which they lie."""
        self.rows += rows.height
        places = rows.select(PLACES.names)
        for name, first_seen, key in places.iter_rows():
            self._digest.update(f"{name}\x00{first_seen}\x00".encode())
            self._digest.update(key)
        if self._writer:
            self._writer.write_table(places.to_arrow().cast(PLACES))

    def close(self) -> str:
        """The digest of all rows."""
        if self._writer:
            self._writer.close()
        return self._digest.hexdigest()


def content_digest(schema: pa.Schema, places: Iterable[pl.DataFrame]) -> str:
    """Logical digest of a part; see PlacesWriter."""
    writer = PlacesWriter(schema)
    for rows in places:
        writer.add(rows)
    return writer.close()
