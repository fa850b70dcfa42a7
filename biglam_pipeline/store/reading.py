"""Reads and packs the JSON and Parquet of the shelves: a file that is not what was put there is ShelfDamaged, named.

Parquet is packed with a checksum of each page (https://parquet.apache.org/docs/file-format/data-pages/checksumming/).
"""

import errno
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from biglam_pipeline.store.shelf import Shelf

BATCH_ROWS = 65_536

_DAMAGES = (pa.ArrowException, OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError)
"""What readers raise at bytes that mean nothing: Arrow also a plain OSError, gzip EOFError, a dataclass TypeError."""


@contextmanager
def sound(shelf: Shelf, name: str) -> Iterator[None]:
    """Around the reading of one shelved file: what its library says of damage becomes ShelfDamaged.

    An error of the disk itself, with a number, is none of the file: it goes on as it is.
    """
    try:
        yield
    except _DAMAGES as damage:
        if isinstance(damage, OSError) and damage.errno not in (None, errno.EIO):
            raise
        said = " ".join(str(damage).split())[:200] or type(damage).__name__
        raise shelf.spoiled(name, said) from damage


def read_json(shelf: Shelf, name: str) -> Any:
    """A shelved JSON file."""
    with sound(shelf, name):
        return json.loads(shelf.read(name))


def read_table(
    shelf: Shelf, name: str, columns: list[str] | None = None, filters: Any = None, schema: pa.Schema | None = None
) -> pa.Table:
    """A shelved Parquet file; all columns, or those named. schema: what it was written with, where that is known.

    The footer has no checksum: an altered byte in it can make other columns of the same pages.
    """
    path = shelf.local(name)
    with sound(shelf, name):
        table = _read(path, columns, filters)
    if schema is not None and any(schema.field(one.name) != one for one in table.schema if one.name in schema.names):
        raise shelf.spoiled(name, "its columns are others")
    return table


def _read(path: Path, columns: list[str] | None, filters: Any) -> pa.Table:
    """A whole file, or what the filters leave of it; the columns in the order in which they are named."""
    if filters is not None:
        return pq.read_table(path, columns=columns, filters=filters, page_checksum_verification=True)
    with pq.ParquetFile(path, page_checksum_verification=True) as file:
        threads = file.metadata.num_rows > BATCH_ROWS  # what is small is read before its threads have begun
        table = file.read(columns, use_threads=threads)
    return table.select(columns) if columns is not None else table


def read_batches(
    shelf: Shelf, name: str, columns: list[str] | None = None, schema: pa.Schema | None = None, rows: int = BATCH_ROWS
) -> Iterator[pa.Table]:
    """The same, some thousands of rows at a time."""
    path = shelf.local(name)
    with sound(shelf, name), pq.ParquetFile(path, page_checksum_verification=True) as file:
        found = file.schema_arrow
        if schema is not None and any(schema.field(one.name) != one for one in found if one.name in schema.names):
            raise shelf.spoiled(name, "its columns are others")
        for batch in file.iter_batches(rows, columns=columns, use_threads=False):
            yield pa.Table.from_batches([batch])


def read_schema(shelf: Shelf, name: str) -> pa.Schema:
    """The schema in a shelved Parquet file's footer."""
    path = shelf.local(name)
    with sound(shelf, name):
        return pq.read_schema(path)


def write_packed(path: Path | pa.NativeFile, tables: Iterable[pa.Table], schema: pa.Schema) -> None:
    """Tables, one after the other, as one Parquet file for the shelves."""
    with pq.ParquetWriter(path, schema, compression="zstd", write_page_checksum=True) as writer:
        for table in tables:
            writer.write_table(table)


class PackedWriter:
    """The same bit by bit: what was added is packed, and nothing else of it is in memory."""

    def __init__(self, schema: pa.Schema) -> None:
        self._sink = pa.BufferOutputStream()
        self._writer = pq.ParquetWriter(self._sink, schema, compression="zstd", write_page_checksum=True)

    def add(self, table: pa.Table) -> None:
        """A row group."""
        self._writer.write_table(table)

    def whole(self) -> bytes:
        """The file, to its end."""
        self._writer.close()
        return bytes(self._sink.getvalue())


def packed(table: pa.Table, group_rows: int | None = None) -> bytes:
    """A table as Parquet for the shelves."""
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", row_group_size=group_rows, write_page_checksum=True)
    return bytes(sink.getvalue())
