"""What do the paths of a VALUE refer to? The record itself, what is known beside it, or what `with` joins."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING

from biglam_pipeline.columns import BLOCKS, CORE
from biglam_pipeline.normalize.mapping.columns import COLUMNS
from biglam_pipeline.normalize.mapping.each import EACH, Each, inside_each
from biglam_pipeline.normalize.mapping.paths import FACTS
from biglam_pipeline.normalize.mapping.values import FromPath, Value
from biglam_pipeline.normalize.rows.rights_of import KEPT
from biglam_pipeline.settings import nearest

if TYPE_CHECKING:
    from biglam_pipeline.normalize.mapping.joining import Join

_KNOWN = {*FACTS, *KEPT, *(column.name for column in (*CORE, *(one for block in BLOCKS.values() for one in block)))}


def unknown_references(values: Iterable[Value], captured: Iterable[str]) -> Iterator[str]:
    """The `$NAME`s that stand for nothing."""
    known = {*_KNOWN, *captured}
    for value in values:
        for path in value.paths():
            if path.reference is not None and not path.reference.column and path.reference.name not in known:
                yield path.path


def joined_references(values: Iterable[Value]) -> Iterator[tuple[str, str]]:
    """Of every `$NAME.COLUMN` the two, which only `with` can explain."""
    for value in values:
        for path in value.paths():
            if path.reference is not None and path.reference.column:
                yield path.reference.name, path.reference.column


def mapped_paths(values: Iterable[Value]) -> Iterator[FromPath]:
    """The paths into the record itself."""
    for value in values:
        yield from (path for path in value.paths() if path.reference is None)


def unknown_joined(joins: Mapping[str, "Join"], value: Value) -> Iterator[tuple[tuple[str, ...], str]]:
    """What is wrong with each `$NAME.COLUMN` that `with` does not explain, and with what stands beside `each`.

    Each with its place in the value: nothing, or a key of `each`.
    """
    if isinstance(value, Each) and value.name not in joins:
        yield (EACH,), f"${value.name}: {_not_joined(joins, value.name)}"
        return
    for name, column in dict.fromkeys(joined_references([value])):
        join = joins.get(name)
        if join is None:
            yield (), f"${name}.{column}: {_not_joined(joins, name)}"
        elif inside := inside_each(column, join.raw):
            keys = [key for key, at in value.columns.items() if at == column] if isinstance(value, Each) else []
            for fault in _unknown_inside(join, name, inside):
                yield from (((key,), fault) for key in keys)
        elif join.column(column) is None:
            hint = f"name it there: map: {{extra: {{{column}: PATH}}}}"
            near = nearest(column, _columns_of(join))
            meant = f"did you mean `${name}.{near}`? else " if near else ""
            yield (), f"${name}.{column}: `with: {name}` gives no column of this name; {meant}{hint}"


def _columns_of(join: "Join") -> Iterator[str]:
    """Those of a joined record that have a name: the entry's, and what the format fills by itself."""
    yield from (*join.read.map.extra, *join.read.captures, *join.read.map.values)
    yield from COLUMNS if join.read.fills else ()


def _not_joined(joins: Mapping[str, "Join"], name: str) -> str:
    there = f"`with` joins {', '.join(joins)}" if joins else "nothing is joined; write `with`"
    return f"nothing of the name {name} is joined; {there}"


def _unknown_inside(join: "Join", name: str, inside: Value) -> Iterator[str]:
    """The same of a value that is read in what is joined."""
    try:
        inside = inside.speaking(join.read.path_language)
    except ValueError as error:
        yield f"{error}, which is how `with: {name}` is read"
        return
    known = [*join.read.captures, *join.read.own_facts, *join.read.map.extra]
    for one in dict.fromkeys(unknown_references([inside], known)):
        yield f"{one}: no fact and no column of `with: {name}`, in which it is read"
    yield from (fault for _, fault in unknown_joined(join.read.joins, inside))
