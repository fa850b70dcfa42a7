"""Takes rows out of a published part, and proves of any two parts that the second is the first without some rows."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import BinaryIO

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from biglam_pipeline.columns import DUPLICATES, IMAGE_FEATURE
from biglam_pipeline.store.part_writer import write_part

_NAMING = ("dup_of", "dup_cluster_id")
"""Columns in which a row may name another one."""
_DUPLICATES = frozenset(column.name for column in DUPLICATES)


def cut_part(part: Path, target: Path, gone: Collection[str]) -> bool:
    """Writes a part without the rows of these ids; whether a row that stays had named one of them.

    Such a row keeps nothing of what made it a duplicate: who its keeper was would name what is gone.
    """
    named = False

    def left() -> Iterator[pa.Table]:
        nonlocal named
        for group in _groups(part):
            table, forgotten = _forget(_others(group, gone), gone)
            named = named or forgotten
            yield table

    write_part(target, pq.read_schema(part), left())
    return named


def ids_of(part: Path | BinaryIO) -> pl.DataFrame:
    """`id` and the ids that its row names, of each row of a part, in order. ArrowException where it has no ids."""
    with pq.ParquetFile(part) as file:
        names = [name for name in ("id", *_NAMING) if name in file.schema_arrow.names]
        if "id" not in names:
            raise pa.ArrowKeyError("it has no column id")
        return pl.DataFrame(pl.from_arrow(file.read(names)))


def rows_titled(part: Path | BinaryIO, titles: Collection[object] | None) -> Iterator[dict[str, object]]:
    """The rows with one of these titles (None: all), without the bytes of pictures: copies have the same title, or
    none either.
    """
    wanted = pa.array(list(titles or ()), pa.string())
    with pq.ParquetFile(part) as file:
        light = [f"{name}.path" if name == IMAGE_FEATURE else name for name in file.schema_arrow.names]
        for number in range(file.metadata.num_row_groups):
            mine = pc.is_in(file.read_row_group(number, ["title"])["title"], value_set=wanted)
            if titles is None:
                yield from file.read_row_group(number, light).to_pylist()
            elif pc.any(mine).as_py():
                yield from file.read_row_group(number, light).filter(mine).to_pylist()


def find_added(old: Path, new: Path) -> tuple[set[str], list[str]]:
    """The ids that only the old part holds, and what the new one holds that the old did not, in sentences.

    Proved row by row, in every column: rows may be missing, and a row may have forgotten whose duplicate it is.
    """
    if not pq.read_schema(new).equals(pq.read_schema(old), check_metadata=True):
        return set(), ["its columns are others"]
    kept = pq.read_table(new, columns=["id"])["id"].combine_chunks()
    ids = pq.read_table(old, columns=["id"])["id"]
    gone = set(ids.to_pylist()) - set(kept.to_pylist())
    pending, problems = _Pending(new), []
    for group in _groups(old):
        due = group.filter(pc.is_in(group["id"], value_set=kept))
        found = pending.take(due.num_rows)
        if found.num_rows < due.num_rows:
            problems.append("rows of it are in another order, or are there more than once")
            break
        problems += [f"`{name}` is not what was published" for name in due.column_names if not _less(due, found, name)]
    left = pending.take(len(kept)).num_rows
    if left and not problems:
        problems.append(f"{left} of its rows were not in the published part")
    return gone, list(dict.fromkeys(problems))


class _Pending:
    """The rows of a part, some at a time, whatever its row groups."""

    def __init__(self, part: Path) -> None:
        self._groups, self._rest = _groups(part), pq.read_schema(part).empty_table()

    def take(self, rows: int) -> pa.Table:
        """The next rows, fewer at the end."""
        while self._rest.num_rows < rows and (more := next(self._groups, None)) is not None:
            self._rest = pa.concat_tables([self._rest, more])
        taken, self._rest = self._rest.slice(0, rows), self._rest.slice(rows)
        return taken


def _groups(part: Path) -> Iterator[pa.Table]:
    with pq.ParquetFile(part) as file:
        for number in range(file.metadata.num_row_groups):
            yield file.read_row_group(number)


def _others(table: pa.Table, gone: Collection[str]) -> pa.Table:
    return table.filter(pc.invert(pc.is_in(table["id"], value_set=pa.array(list(gone), pa.string()))))


def _forget(table: pa.Table, gone: Collection[str]) -> tuple[pa.Table, bool]:
    """The rows without what names one that is gone."""
    value_set = pa.array(list(gone), pa.string())
    names = [name for name in _NAMING if name in table.column_names]
    if not names or not table.num_rows:
        return table, False
    naming = pc.is_in(table[names[0]], value_set=value_set)
    for name in names[1:]:
        naming = pc.or_(naming, pc.is_in(table[name], value_set=value_set))
    if not pc.any(naming).as_py():
        return table, False
    for place, column in enumerate(table.schema):
        if column.name in _DUPLICATES:
            nothing = pa.scalar(None, column.type)
            table = table.set_column(place, column, pc.if_else(naming, nothing, table[column.name]))
    return table, True


def _less(old: pa.Table, new: pa.Table, name: str) -> bool:
    """Whether a column holds what it held; one about duplicates may have forgotten it."""
    before, after = old[name].combine_chunks(), new[name].combine_chunks()
    if before.equals(after):
        return True
    if name in _DUPLICATES:
        same = pc.fill_null(pc.equal(before, after), fill_value=False)
        return bool(pc.all(pc.or_(pc.is_null(after), same)).as_py())
    if pa.types.is_floating(before.type):  # not a number is not equal to itself
        same = pc.or_(pc.fill_null(pc.equal(before, after), fill_value=False), _nothing(before, after))
        return bool(pc.all(same).as_py())
    return False


def _nothing(before: pa.Array, after: pa.Array) -> pa.Array:
    nan = pc.and_(pc.fill_null(pc.is_nan(before), fill_value=False), pc.fill_null(pc.is_nan(after), fill_value=False))
    return pc.or_(nan, pc.and_(pc.is_null(before), pc.is_null(after)))


def read_removed(file: BinaryIO) -> pl.DataFrame:
    """The rows of a removed.parquet that lies elsewhere."""
    return pl.DataFrame(pl.from_arrow(pq.read_table(file)))
