"""Two versions of one part compared, row by row and cell by cell: what somebody edited by hand."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pyarrow as pa
import pyarrow.parquet as pq

MOST_CELLS = 10_000
"""Changed cells that are kept; more are an edit by a program, which nobody reads cell by cell."""
_SLICE = 500


@dataclass(slots=True)
class PartEdits:
    """What is otherwise in the edited version."""

    cells: list[tuple[str, str, Any, Any]] = field(default_factory=list)
    """id, column, value before, value after."""
    added: dict[str, dict[str, Any]] = field(default_factory=dict)
    """id -> row."""
    removed: list[str] = field(default_factory=list)
    """Ids."""
    odd: list[str] = field(default_factory=list)
    """What cannot be said of rows, in words: columns that came or went, ids that stand twice, a file that is none."""
    whole: bool = True
    """False where there are more cells than are kept."""


def compare_parts(before: BinaryIO, after: BinaryIO) -> PartEdits:
    """Reads both, column by column. Rows are the same by `id`; their order says nothing."""
    found = PartEdits()
    old = pq.ParquetFile(before)
    try:
        new = pq.ParquetFile(after)
        old_ids, new_ids = _ids(old), _ids(new)
    except (pa.ArrowException, KeyError, OSError) as cause:
        found.odd.append(f"is no Parquet file with a column `id` ({cause})")
        return found
    twice = [name for name, times in Counter(new_ids).items() if times > 1]
    found.odd += [f"the id {name} stands more than once" for name in twice[:5]]
    places = {name: at for at, name in enumerate(new_ids)}
    was = dict.fromkeys(old_ids)
    found.removed = [name for name in old_ids if name not in places]
    common = [(at, places[name]) for at, name in enumerate(old_ids) if name in places]
    names_old, names_new = old.schema_arrow.names, new.schema_arrow.names
    found.odd += [f"the column `{name}` is gone" for name in names_old if name not in names_new]
    found.odd += [f"the column `{name}` is new" for name in names_new if name not in names_old]
    fresh = [at for name, at in places.items() if name not in was]
    found.added = {str(new_ids[at]): {} for at in fresh}
    for name in names_new:
        column = new.read([name], use_threads=False)[name]  # over the wire a thread would outlive its reader
        for at in fresh[:MOST_CELLS]:
            found.added[str(new_ids[at])][name] = column[at].as_py()
        if name in names_old:
            rows = [str(old_ids[at]) for at, _ in common]
            one = old.read([name], use_threads=False)[name].take(pa.array([at for at, _ in common], pa.int64()))
            other = column.take(pa.array([at for _, at in common], pa.int64()))
            _add_cells(found, name, rows, one, other)
    return found


def _ids(file: pq.ParquetFile) -> list[str]:
    return [str(one) for one in file.read(["id"], use_threads=False)["id"].to_pylist()]


def _add_cells(found: PartEdits, name: str, rows: list[str], one: pa.ChunkedArray, other: pa.ChunkedArray) -> None:
    if one.type != other.type:
        found.odd.append(f"the column `{name}` is {other.type}, and was {one.type}")
    elif not one.equals(other):
        for row, before, after in _differing(rows, one, other):
            if len(found.cells) >= MOST_CELLS:
                found.whole = False
                return
            found.cells.append((row, name, before, after))


def _differing(rows: list[str], one: pa.ChunkedArray, other: pa.ChunkedArray) -> Iterator[tuple[str, Any, Any]]:
    """Slice by slice: a column may hold pictures."""
    for begin in range(0, len(rows), _SLICE):
        left, right = one.slice(begin, _SLICE), other.slice(begin, _SLICE)
        if not left.equals(right):
            pairs = zip(rows[begin : begin + _SLICE], left.to_pylist(), right.to_pylist(), strict=True)
            yield from ((row, a, b) for row, a, b in pairs if a != b)


def footer_of(stream: BinaryIO) -> tuple[int, dict[str, str]]:
    """Rows, and column -> type, of a Parquet file, from its footer alone."""
    file = pq.ParquetFile(stream)
    return int(file.metadata.num_rows), {one.name: str(one.type) for one in file.schema_arrow}
