"""Opens a Parquet file of somebody else, and holds what its footer says against the file.

https://parquet.apache.org/docs/file-format/ ; its limits: https://arrow.apache.org/docs/python/generated/pyarrow.parquet.ParquetFile.html
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

import pyarrow as pa
import pyarrow.parquet as pq

from biglam_pipeline.parsing.inflate import Unreadable

DAMAGE = (pa.ArrowException, OSError, ValueError, TypeError, KeyError, MemoryError, OverflowError, RecursionError)
"""What pyarrow raises on bytes that somebody damaged; `ArrowInvalid` is a ValueError, `UnicodeDecodeError` too."""
MOST_ROWS_A_BYTE = 1000
"""Of what one byte may hold: equal values are told as a run of any length, and a kilobyte can say 10^9 rows."""
MOST_COLUMNS = 20_000
"""A footer names each of them once a row group."""
INT96_UNIT = "us"
"""Spark, Hive and Impala wrote moments as INT96. In nanoseconds 64 bits begin in 1677, and 1500 comes out as 2084:
https://github.com/apache/parquet-format/blob/master/LogicalTypes.md#timestamp , `coerce_int96_timestamp_unit`.
"""
_STEP_ROWS, _STEP_BYTES = 2048, 8 * 2**20
_AGAIN = "harvest it again, and if it comes the same, tell the institution"


Labels = tuple[str, ...] | Mapping[str, Any]
"""Names that stand behind numbers; of a struct with such inside, those of its fields."""


class Paths(frozenset[str]):
    """Names of columns and fields. `name.*` is a map, which may have any key."""

    __slots__ = ()

    def __contains__(self, path: object) -> bool:
        """Whether rows may have a value there."""
        if super().__contains__(path) or not isinstance(path, str):
            return super().__contains__(path)
        dots = (at for at, letter in enumerate(path) if letter == ".")
        return any(super(Paths, self).__contains__(f"{path[:at]}.*") for at in dots)


@dataclass(frozen=True, slots=True)
class Opened:
    """A file whose footer holds together."""

    file: pq.ParquetFile
    names: tuple[str, ...]
    """Its columns, each once."""
    rows: int
    """As the footer says."""
    classes: Mapping[str, Labels]
    """Column -> names that stand behind its numbers, or those in it, as `datasets` notes a ClassLabel."""

    known: frozenset[str]
    """The same, to look a name up."""

    def column_of(self, path: str) -> str:
        """The column in which a path begins: the longest name that it is, or that a dot follows; else empty."""
        if path in self.known:
            return path
        dots = [at for at, letter in enumerate(path) if letter == "."]
        return next((path[:at] for at in reversed(dots) if path[:at] in self.known), "")

    @property
    def paths(self) -> "Paths":
        """Every column and every field in one, with dots between."""
        schema = self.file.schema_arrow
        return Paths(path for one in schema for path in _paths_in(one.name, one.type))

    def steps(self) -> Iterator[tuple[int, int, int]]:
        """Row group, first row in it and number of rows, of stretches that are held in memory at once."""
        for group in range(self.file.metadata.num_row_groups):
            there = self.file.metadata.row_group(group)
            step = max(1, min(_STEP_ROWS, _STEP_BYTES * there.num_rows // max(there.total_byte_size, 1)))
            for first in range(0, there.num_rows, step):
                yield group, first, min(step, there.num_rows - first)

    def close(self) -> None:
        """Lets go of the stream."""
        self.file.close(force=True)

    def column(self, group: int, name: str, rows: int) -> Iterator[pa.RecordBatch]:
        """One column of a row group, some rows at a time. DAMAGE where it cannot be read."""
        return cast(
            Iterator[pa.RecordBatch],
            self.file.iter_batches(rows, row_groups=[group], columns=[name], use_threads=False),
        )


def open_parquet(opened: Callable[[], BinaryIO]) -> Opened:
    """The file, which must be one that can be sought in. Unreadable says what is wrong with it."""
    stream = opened()
    size = stream.seek(0, 2)  # what a takedown left of a file is smaller than what came
    stream.seek(0)
    _look_at_ends(stream, size)
    try:
        file = pq.ParquetFile(
            stream,
            pre_buffer=False,
            buffer_size=1 << 20,
            page_checksum_verification=True,
            coerce_int96_timestamp_unit=INT96_UNIT,
        )
        metadata, schema = file.metadata, file.schema_arrow
        groups = [metadata.row_group(number) for number in range(metadata.num_row_groups)]
    except DAMAGE as why:
        if "decrypt" in str(why).lower() or "encrypt" in str(why).lower():
            raise _encrypted() from why
        raise Unreadable("parquet_footer", f"its footer cannot be read ({_said(why)}); {_AGAIN}") from why
    told, found = metadata.num_rows, [group.num_rows for group in groups]
    if told != sum(found) or min(found, default=0) < 0:
        detail = f"its footer says {told:,} rows, and its row groups say {sum(found):,}; {_AGAIN}"
        raise Unreadable("parquet_footer", detail)
    if told > MOST_ROWS_A_BYTE * max(size, 1):
        raise Unreadable("parquet_bomb", f"it says {told:,} rows in {size:,} bytes; have a person look at it")
    _look_at_columns(schema)
    return Opened(file, tuple(schema.names), told, _classes_of(schema), frozenset(schema.names))


def _look_at_ends(stream: BinaryIO, size: int) -> None:
    head = stream.read(4)
    stream.seek(max(size - 4, 0))
    tail = stream.read(4)
    stream.seek(0)
    if b"PARE" in (head, tail):
        raise _encrypted()
    if head != b"PAR1":
        what = "a Git LFS pointer" if head == b"vers" else "no Parquet"
        raise Unreadable(
            "parquet_missing", f"its first bytes say that it is {what}; harvest the file itself, or {_NOT}"
        )
    if tail != b"PAR1" or size < 12:
        raise Unreadable("parquet_cut", f"its end is missing, and with it what says where its columns lie; {_AGAIN}")


_NOT = "leave it out by `files`"


def _encrypted() -> Unreadable:
    return Unreadable("parquet_encrypted", f"it is encrypted; ask the institution for it as it is, or {_NOT}")


def _look_at_columns(schema: pa.Schema) -> None:
    if len(schema.names) > MOST_COLUMNS:
        detail = f"it has {len(schema.names):,} columns, more than {MOST_COLUMNS:,}; split it before it is harvested"
        raise Unreadable("too_many_columns", detail)
    twice = [name for name, times in Counter(schema.names).items() if times > 1]
    twice += [name for one in schema for name in _twice_in(one.type)]
    if twice:
        detail = f"several of its columns are called {twice[0]!r}, and nobody can say which is meant; {_AGAIN}"
        raise Unreadable("columns_repeated", detail)


def _twice_in(kind: pa.DataType) -> list[str]:
    """Names that two fields of one struct have: of the two an object would keep the last."""
    if not pa.types.is_nested(kind):
        return []
    fields = [kind.field(at) for at in range(kind.num_fields)]
    names = [one.name for one in fields] if pa.types.is_struct(kind) else []
    return [*(one for one in names if names.count(one) > 1), *(name for one in fields for name in _twice_in(one.type))]


def _said(why: BaseException) -> str:
    return str(why).partition("\n")[0][:200]


def _paths_in(path: str, kind: pa.DataType) -> Iterator[str]:
    yield path
    lists = (pa.types.is_list, pa.types.is_large_list, pa.types.is_fixed_size_list, pa.types.is_list_view)
    while any(is_one(kind) for is_one in lists):
        kind = kind.value_type
    if pa.types.is_map(kind):
        yield f"{path}.*"
    elif pa.types.is_struct(kind):
        for field in kind:
            yield from _paths_in(f"{path}.{field.name}", field.type)


def _classes_of(schema: pa.Schema) -> dict[str, Labels]:
    """https://huggingface.co/docs/datasets/package_reference/main_classes#datasets.ClassLabel"""
    try:
        said = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        features: Mapping[str, Any] = said["info"]["features"]
        found = {name: _names_of(feature) for name, feature in features.items()}
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return {name: names for name, names in found.items() if names}


def _names_of(feature: Any) -> Labels:
    """Of a list, what its items have; of a struct (sets of boxes have `objects.category`), what its fields have."""
    if isinstance(feature, list):
        return _names_of(feature[0]) if feature else ()
    if not isinstance(feature, dict):
        return ()
    kind = feature.get("_type")
    if kind in ("Sequence", "List", "LargeList"):
        return _names_of(feature.get("feature"))
    if not isinstance(kind, str):
        inside = {name: _names_of(one) for name, one in feature.items()}
        return {name: names for name, names in inside.items() if names}
    names = feature.get("names") if kind == "ClassLabel" else None
    return tuple(names) if isinstance(names, list) and all(isinstance(one, str) for one in names) else ()
