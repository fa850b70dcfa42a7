"""Small tables that an entry brings along, `lookups: {NAME: {key: value}}`, for the step `lookup(NAME)`."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Annotated, Any

from pydantic import BeforeValidator, StringConstraints

MOST = 10_000
"""Keys of one table: what is larger is harvested, and joined by `with`."""

Table = dict[str, str]
_TABLES: ContextVar[Mapping[str, Table] | None] = ContextVar("tables of the block that is being read", default=None)
_JOINED: ContextVar[Mapping[str, Any] | None] = ContextVar("what the block that is being read joins", default=None)


@contextmanager
def own_tables(raw: Any) -> Iterator[None]:
    """For the length of a block, steps know its tables; those of the block around it are not seen."""
    tables = {str(name): _texts(table) for name, table in _block(raw, "lookups").items() if isinstance(table, dict)}
    token, beside = _TABLES.set(tables), _JOINED.set(_block(raw, "with"))
    try:
        yield
    finally:
        _JOINED.reset(beside)
        _TABLES.reset(token)


@contextmanager
def tables_of_joined(name: str) -> Iterator[None]:
    """For the length of a value that is read in what `with` joins under this name, steps know the tables of that."""
    with own_tables((_JOINED.get() or {}).get(name)):
        yield


def _block(raw: Any, key: str) -> dict[str, Any]:
    found = raw.get(key) if isinstance(raw, dict) else None
    return found if isinstance(found, dict) else {}


def table_of(name: str) -> Table:
    """The table of this name. ValueError where there is none, with what there is."""
    known = _TABLES.get()
    if known is None:
        raise ValueError(
            f"`lookup({name})`: the tables of `lookups` are known in their READ alone; write key=value here"
        )
    if name not in known:
        there = (
            f"`lookups` has {', '.join(known)}"
            if known
            else "write it under `lookups` of the READ whose records it reads, or key=value here"
        )
        raise ValueError(f"`lookup({name})`: there is no table of this name; {there}")
    return known[name]


def _texts(table: Mapping[Any, Any]) -> Table:
    return {str(key).strip(): str(value).strip() for key, value in table.items()}


def _checked(raw: Any) -> Any:
    if not isinstance(raw, dict):
        raise ValueError("a table is {key: value}, or the name of a file of two columns beside the sources file")
    if wrong := [
        key for key, value in raw.items() if not isinstance(value, str | int | float) or isinstance(value, bool)
    ]:
        raise ValueError(f"{wrong[0]!r} has no text as its value; write {{key: value}}")
    if len(raw) > MOST:
        raise ValueError(f"{len(raw):,} keys are more than {MOST:,}; harvest the table, and join it by `with`")
    return _texts(raw)


Lookups = dict[
    Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_-]*$")], Annotated[Table, BeforeValidator(_checked)]
]
"""Name -> key -> value."""
