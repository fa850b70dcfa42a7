"""Writes one slice: rows, index and rejects in batches to scratch files, which are shelved whole afterwards."""

import hashlib
import operator
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from itertools import accumulate, groupby, repeat
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from biglam_pipeline.store import disk
from biglam_pipeline.store.normalized import ENDINGS, INDEX, LEFT_OUT, REJECTS, TRACE, Slice
from biglam_pipeline.store.problems import Problems

_COUNTED = ("filled", "tiers", "layers", "rejects", "withdrawn")
BATCH_ROWS = 8000
BATCH_BYTES = 8 * 2**20
"""Rows are flushed when they hold so much text and picture: neither thousands of whole books are kept in memory, nor
does whoever takes rows out of the slice again have to read more than this for one.
"""


class SliceWriter:
    """One slice under way; what is in memory is one batch of it, however large the file that is read."""

    def __init__(self, folder: Path, key: str, schema: pa.Schema, *, moves: bool = False) -> None:
        """folder: for the files, each named by its ending; schema: the content columns; the trace is added here.

        moves: whether lines before it may come and go while its content stays: then the digest is not of positions.
        """
        self._moves = moves
        self._folder, self._key = folder, key
        self._names = schema.names
        self._schemas = (pa.schema([*schema, *TRACE]), INDEX, REJECTS)
        self._stack = ExitStack()
        self._waiting: tuple[list[dict[str, Any] | pa.Table], ...] = ([], [], [])
        self._awaited = [0, 0, 0]
        """Rows that wait."""
        self._size = 0
        self._rows = 0
        self._digest = hashlib.sha256()
        self._rejected = hashlib.sha256()
        self._counts: dict[str, Counter[str]] = {name: Counter() for name in _COUNTED}
        self._deleted = 0

    def __enter__(self) -> Self:
        """Opens the scratch files."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._paths = [self._folder / ending for ending in ENDINGS]
        self._writers = [
            self._stack.enter_context(
                pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=worth_dictionary(schema))
            )
            for path, schema in zip(self._paths, self._schemas, strict=True)
        ]
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Closes the files."""
        self._stack.close()

    @property
    def written(self) -> int:
        """Rows, tombstones and rejects so far."""
        return self._rows + self._deleted + self._counts["rejects"].total()

    def add(self, row: dict[str, Any], index: dict[str, Any]) -> None:
        """One row with its trace, and what the index shall say of it."""
        self._note({**index, "deleted": False, "row": self._rows})
        self._rows += 1
        self._size += index["size"] or 0
        self._counts["tiers"][index["tier"]] += 1
        self._counts["layers"][index.get("tiers") or index["tier"]] += 1
        self._put(0, row)
        if self._size >= BATCH_BYTES:
            self._flush(0)

    def add_many(self, rows: Mapping[str, pa.Array], index: Mapping[str, Sequence[Any]]) -> None:
        """Many rows with their traces, by columns, and what the index shall say of them, also by columns.

        The files come out as if they had been added one by one.
        """
        several = len(index["id"])
        self._digest.update(b"".join(_noted(index)))
        self._counts["tiers"].update(index["tier"])
        self._counts["layers"].update(index["tiers"])
        reported = {**index, "deleted": [False] * several, "row": range(self._rows, self._rows + several)}
        arrays = [
            pa.array(reported[one.name], one.type) if one.name in reported else pa.nulls(several, one.type)
            for one in INDEX
        ]
        self._put_table(1, pa.Table.from_arrays(arrays, schema=INDEX), [0] * several)
        schema = self._schemas[0]
        self._put_table(0, pa.Table.from_arrays([rows[name] for name in schema.names], schema=schema), index["size"])
        self._rows += several

    def _put_table(self, which: int, table: pa.Table, sizes: Sequence[int]) -> None:
        start = 0
        while start < len(table):
            most = min(len(table), start + BATCH_ROWS - self._awaited[which])
            sums = [*accumulate(sizes[start:most], initial=self._size)]
            end = min(most, start + bisect_left(sums, BATCH_BYTES))
            self._size = sums[end - start]
            self._waiting[which].append(table.slice(start, end - start))
            self._awaited[which] += end - start
            if self._awaited[which] >= BATCH_ROWS or (which == 0 and self._size >= BATCH_BYTES):
                self._flush(which)
            start = end

    def delete(self, index: dict[str, Any], reason: str = "") -> None:
        """One tombstone. reason: of one that the source did not mark as such."""
        self._note({**index, "deleted": True, "row": -1})
        self._deleted += 1
        self._counts["withdrawn"].update([reason] if reason else [])

    def leave_out(self, index: dict[str, Any]) -> None:
        """A version of a record that makes no row, so that it takes the place of older ones. It is not counted."""
        self._note({**index, "deleted": True, "row": LEFT_OUT})

    def reject(self, row: dict[str, Any]) -> None:
        """One thing that could not be read, and whose version of which visit it is, where that is known."""
        self._counts["rejects"][row["reason"]] += 1
        position = "" if self._moves else row["position"]
        self._rejected.update(f"{row['reason']}\x00{row['item']}\x00{position}\x00".encode())
        self._put(2, row)

    def _note(self, index: dict[str, Any]) -> None:
        self._digest.update(_identity(index["id"], index["datestamp"], index["row_digest"], index.get("config")))
        self._put(1, index)

    def _put(self, which: int, row: dict[str, Any]) -> None:
        self._waiting[which].append(row)
        self._awaited[which] += 1
        if self._awaited[which] >= BATCH_ROWS:
            self._flush(which)

    def _flush(self, which: int) -> None:
        waiting = self._waiting[which]
        if waiting:
            table = _table(waiting, self._schemas[which])
            if which == 0:
                self._counts["filled"].update(_filled(table.select(self._names)))
            self._writers[which].write_table(table)
            waiting.clear()
            self._awaited[which] = 0
            self._size = self._size if which else 0

    def close(
        self,
        *,
        bundles: int,
        problems: Problems,
        unmapped: Counter[str],
        left_out: int,
        statements: Counter[str],
        rights: Counter[str] | None = None,
        lacking: Sequence[str] = (),
        counted: Mapping[str, int] | None = None,
        differing: Sequence[Mapping[str, Any]] = (),
    ) -> Slice:
        """Ends the slice's files; answers its numbers."""
        files = {}
        for which, (ending, path) in enumerate(zip(ENDINGS, self._paths, strict=True)):
            self._flush(which)
            self._writers[which].close()
            files[ending] = disk.digest_file(path)[0]
        self._digest.update(self._rejected.digest())
        return Slice(
            key=self._key,
            bundles=bundles,
            rows=self._rows,
            deleted=self._deleted,
            rejects=dict(self._counts["rejects"]),
            problems=dict(problems),
            unmapped=dict(unmapped),
            left_out=left_out,
            tiers=dict(self._counts["tiers"]),
            statements=dict(statements),
            filled=dict(self._counts["filled"]),
            digest=self._digest.hexdigest(),
            files=files,
            rights=dict(rights or {}),
            layers=dict(self._counts["layers"]),
            examples=problems.examples,
            lacking=list(lacking),
            counted=dict(counted or {}),
            differing=[dict(one) for one in differing],
            withdrawn=dict(self._counts["withdrawn"]),
        )


def _noted(index: Mapping[str, Sequence[Any]]) -> Iterator[bytes]:
    """What `_identity` gives of each row."""
    configs = index.get("config") or repeat(None)
    return map(_identity, index["id"], index["datestamp"], index["row_digest"], configs)


def _identity(name: str, datestamp: str, row_digest: bytes | None, config: str | None) -> bytes:
    """What a slice's digest says of one row or tombstone."""
    return f"{name}\x00{datestamp}\x00".encode() + (row_digest or b"gone") + (config or "").encode()


def _table(rows: Sequence[dict[str, Any] | pa.Table], schema: pa.Schema) -> pa.Table:
    """Rows that came one by one, and tables of many, as one table; a column that a row has not is null in it."""
    kinds = groupby(rows, lambda row: isinstance(row, dict))
    tables = [one for single, some in kinds for one in ([_by_columns([*some], schema)] if single else some)]
    return tables[0] if len(tables) == 1 else pa.concat_tables(tables).combine_chunks()


def _by_columns(rows: list[dict[str, Any]], schema: pa.Schema) -> pa.Table:
    if any(len(row) < len(schema) for row in rows):
        return pa.Table.from_pylist(rows, schema)
    columns = zip(*map(operator.itemgetter(*schema.names), rows), strict=True)
    return pa.Table.from_arrays(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )


def _filled(table: pa.Table) -> dict[str, int]:
    """How many values of each column are there: an empty text and an empty list are none."""
    counts = {}
    for name, column in zip(table.column_names, table.columns, strict=True):
        empty = 0
        if pa.types.is_string(column.type):
            empty = pc.sum(pc.equal(column, "")).as_py() or 0
        elif pa.types.is_list(column.type):
            empty = pc.sum(pc.equal(pc.list_value_length(column), 0)).as_py() or 0
        if filled := len(column) - column.null_count - empty:
            counts[name] = filled
    return counts


_EACH_ITS_OWN = {"id", "source_record_id", "source_url", "title", "text", "description"}
_EACH_ITS_OWN |= {"seq", "row", "trace_seq", "trace_position"}


def worth_dictionary(schema: pa.Schema) -> list[str]:
    """The columns that are worth a dictionary. Not a picture's bytes, which would only be copied into one, nor what
    differs from row to row: identifiers, digests, places, whole texts.
    """
    return [
        field.name
        for field in schema
        if not (pa.types.is_nested(field.type) or pa.types.is_fixed_size_binary(field.type))
        and field.name not in _EACH_ITS_OWN
    ]
