"""Opens an SQLite database of somebody else: to read only, beside no other file, with nothing of it trusted.

https://www.sqlite.org/fileformat2.html ; what to beware of: https://www.sqlite.org/security.html#untrusted_sqlite_database_files
"""

import io
import re
import sqlite3
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.parsing.inflate import MAX_DOCUMENT_BYTES, Unreadable, open_plain, read_whole
from biglam_pipeline.records import Item
from biglam_pipeline.store import disk

MAGIC = b"SQLite format 3\0"
_HEADER_BYTES = 100
_BLOCK = 1 << 20
_HOT = b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7"
"""A journal that has to be played back begins so (fileformat2, 3); one that was done with is emptied or zeroed."""
_STEPS = 1_000_000
"""Of its virtual machine, behind which SQLite asks whether it should go on: some hundredths of a second."""
_MOST_STEPS = 20_000
"""So often before one row comes: minutes. A view can count to any number without giving one."""
_LEAST_ROWS = 1_000_000
"""So many rows a view may give, or as many as its file has bytes: a recursive one gives rows for ever."""
_SETTINGS = (
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "query_only = ON",
    "temp_store = MEMORY",
    "ignore_check_constraints = ON",  # what a CHECK asks of a value is no damage, and may be a program's own function
)
_PRAGMAS = frozenset({"table_xinfo", "quick_check"})
_ALLOWED = frozenset({sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE})
_VIRTUAL = re.compile(r"\s*CREATE\s+VIRTUAL\s", re.IGNORECASE)
_COLLATION = re.compile(r"""\bCOLLATE\s+(?:"([^"]+)"|'([^']+)'|`([^`]+)`|\[([^\]]+)\]|(\w+))""", re.IGNORECASE)
_ROW_IDS = ("rowid", "_rowid_", "oid")
_AGAIN = "harvest it again, and if it comes the same, tell the institution"


class Mended(str):
    """A text that was not UTF-8."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Table:
    """A table or a view."""

    name: str
    is_view: bool
    columns: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    """Its primary key."""


@dataclass(slots=True)
class Database:
    """One that is open. `close` it."""

    connection: sqlite3.Connection
    name: str
    size: int
    _waited: int = field(default=0)

    def close(self) -> None:
        """Lets go of the file."""
        self.connection.close()

    def tables(self) -> tuple[list[str], list[str]]:
        """The names of its tables, and of what can only be named: views, and what programs keep beside a search index.

        Those whose name begins with `sqlite_` are the library's own (fileformat2, 2.6). Of a virtual table the rows lie
        in tables named after it, and so they are none of the source's (https://www.sqlite.org/vtab.html#xshadowname).
        """
        self._stand_in()
        found = self._asked("SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view') ORDER BY rowid")
        named = [(str(name), kind, str(sql or "")) for name, kind, sql in found if not str(name).startswith("sqlite_")]
        virtual = [name for name, _, sql in named if _VIRTUAL.match(sql)]
        plain = [
            name
            for name, kind, _ in named
            if kind == "table" and name not in virtual and not name.startswith(tuple(f"{one}_" for one in virtual))
        ]
        return plain, [name for name, _, _ in named if name not in plain]

    def table(self, name: str) -> Table:
        """What is known of one."""
        where = "name = ? COLLATE NOCASE AND type IN ('table', 'view')"  # a trigger may have the name of its table
        [(kind, made)] = self._asked(f"SELECT type, sql FROM sqlite_master WHERE {where}", name)  # noqa: S608
        if _VIRTUAL.match(str(made or "")):
            detail = f"{name!r} is virtual: a module makes its rows out of other tables; name one of those by `table`"
            raise Unreadable("table_virtual", detail)
        told = self._asked(f"PRAGMA table_xinfo({_quoted(name)})")
        columns = tuple(str(one[1]) for one in told if one[6] != 1)  # 1: of a virtual table, for its arguments only
        keys = sorted((int(one[5]), str(one[1])) for one in told if one[5])
        return Table(name, kind == "view", columns, tuple(column for _, column in keys))

    def rows(self, table: Table) -> Iterator[tuple[int, Sequence[Any]]]:
        """Row id and cells, in the order of the ids; where there are none, by the primary key, and counted.

        SourceChanged where the database is damaged midway: nobody can say how many rows lie behind that.
        """
        identity = self._row_id(table)
        wanted = ", ".join(([identity] if identity else []) + [_quoted(one) for one in table.columns])
        order = [identity] if identity else [_quoted(one) for one in table.key]
        asked = f"SELECT {wanted} FROM {_quoted(table.name)}"  # noqa: S608 - names are quoted
        asked += f" ORDER BY {', '.join(order)}" if order else ""
        last, number = 0, 0
        try:
            for number, row in enumerate(self.connection.execute(asked), 1):
                self._waited = 0
                last = row[0] if identity else number
                yield last, (row[1:] if identity else row)
                if table.is_view and number > max(self.size, _LEAST_ROWS):
                    raise SourceChanged(f"{self.name}: the view {table.name!r} gives rows without end; name a table")
        except sqlite3.Error as why:
            what = f"{self.name}: the table {table.name!r} cannot be read behind row {last} ({why})"
            raise SourceChanged(f"{what}; {_AGAIN}, or leave the file out by `files`") from why
        self._check(table, number)

    def count(self, table: Table) -> int:
        """How many rows it has, by itself: by an index where there is one. SourceChanged where that is damaged."""
        try:
            asked = f"SELECT count(*) FROM {_quoted(table.name)}"  # noqa: S608 - the name is quoted
            return int(self.connection.execute(asked).fetchone()[0])
        except sqlite3.Error as why:
            raise SourceChanged(f"{self.name}: {table.name!r} cannot be counted ({why}); {_AGAIN}") from why

    def _check(self, table: Table, rows: int) -> None:
        """Pages that are lost give no error while a table is read, only fewer rows."""
        if table.is_view:
            return
        found = [str(one) for (one,) in self._asked(f"PRAGMA quick_check({_quoted(table.name)})")]
        if found != ["ok"] or self.count(table) != rows:
            said = found[0][:200] if found != ["ok"] else f"an index has {self.count(table):,} rows, and it {rows:,}"
            raise SourceChanged(f"{self.name}: the table {table.name!r} is damaged ({said}); {_AGAIN}")

    def _stand_in(self) -> None:
        """Orders of a program of its own (Android's LOCALIZED), without which no index that has one can be proved.

        Rows are read by their ids, and `quick_check` compares no two texts: https://www.sqlite.org/pragma.html#pragma_quick_check
        """
        made = self._asked("SELECT sql FROM sqlite_master WHERE sql LIKE '%COLLATE%'")
        for name in {"".join(found) for (sql,) in made for found in _COLLATION.findall(str(sql))}:
            if name.casefold() not in ("binary", "nocase", "rtrim"):
                self.connection.create_collation(name, lambda one, other: (one > other) - (one < other))

    def _row_id(self, table: Table) -> str:
        """The name that its row id goes by; nothing of a view and a table WITHOUT ROWID."""
        taken = {one.casefold() for one in table.columns}
        free = [] if table.is_view else [one for one in _ROW_IDS if one not in taken]
        for name in free[:1]:
            try:
                self.connection.execute(f"SELECT {name} FROM {_quoted(table.name)} LIMIT 0")  # noqa: S608
            except sqlite3.OperationalError:
                return ""
            return name
        return ""

    def _asked(self, question: str, *values: str) -> list[Any]:
        try:
            return self.connection.execute(question, values).fetchall()
        except sqlite3.Error as why:
            raise Unreadable("sqlite_damaged", f"its schema cannot be read ({why}); {_AGAIN}") from why

    def goes_on(self) -> int:
        """Not 0 where a statement has worked too long for one row."""
        self._waited += 1
        return int(self._waited > _MOST_STEPS)


def open_database(item: Item, beside: Sequence[Item] = ()) -> Database:
    """The database, from its file where it is one, else in memory. beside: the files that came with it.

    Unreadable where it is none, is cut or asks for a password, or where a part of it lies beside it.
    """
    log = next((one for one in beside if one.size and one.name == f"{item.name}-wal"), None)
    if log is not None:
        hint = "let the program that writes it end, or run `PRAGMA wal_checkpoint(TRUNCATE)` on a copy"
        raise Unreadable("sqlite_unfinished", f"{log.name} beside it holds changes that are not in it; {hint}")
    journal = next((one for one in beside if one.name == f"{item.name}-journal"), None)
    if journal is not None and read_whole(journal).startswith(_HOT):
        detail = f"{journal.name} beside it says that it was copied while it was written; ask for it once more"
        raise Unreadable("sqlite_unfinished", detail)
    path = _path_of(item)
    try:
        if path is not None:
            address = f"file:{quote(str(path))}?mode=ro&immutable=1"
            connection = sqlite3.connect(address, uri=True, check_same_thread=False)
        else:
            data = read_whole(item)
            _look_at_header(data[:_HEADER_BYTES], len(data))
            connection = sqlite3.connect(":memory:", check_same_thread=False)
            connection.deserialize(data[:18] + b"\1\1" + data[20:])  # no log is kept beside it: fileformat2, 1.3.3
    except sqlite3.Error as why:
        raise Unreadable("sqlite_damaged", f"it cannot be opened ({why}); {_AGAIN}") from why
    opened = Database(connection, item.name, item.size)
    for setting in _SETTINGS:
        connection.execute(f"PRAGMA {setting}")
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MAX_DOCUMENT_BYTES)
    connection.text_factory = _text
    connection.set_authorizer(_may)
    connection.set_progress_handler(opened.goes_on, _STEPS)
    return opened


def _path_of(item: Item) -> Path | None:
    """Where it lies on this machine; unpacked first where it is packed and too large for memory, which is None."""
    with open_plain(item) as stream:
        head = stream.read(_HEADER_BYTES)
        _look_at_header(head, None)
        if isinstance(stream, io.BufferedReader) and isinstance(stream.raw, io.FileIO):  # a ZIP's member has a name too
            path = Path(str(stream.name))
        elif item.scratch is None or (stream.seekable() and item.size <= MAX_DOCUMENT_BYTES):
            return None
        else:
            path = item.scratch / f"{item.sha256}.sqlite"
            disk.write_stream(path, chain([head], iter(lambda: stream.read(_BLOCK), b"")))
    _look_at_header(head, disk.size_of(path))
    return path


def _look_at_header(head: bytes, there: int | None) -> None:
    """there: bytes of the file, where they are known."""
    if not head.startswith(MAGIC):
        what = "it is empty" if not head else "its first bytes are not those of SQLite: it is encrypted, or none"
        raise Unreadable("sqlite_missing", f"{what}; ask the institution for it as it is, or leave it out by `files`")
    if len(head) < _HEADER_BYTES:
        raise Unreadable("sqlite_cut", f"its header is cut; {_AGAIN}")
    size = struct.unpack_from(">H", head, 16)[0]
    due = struct.unpack_from(">I", head, 28)[0] * (65536 if size == 1 else size)
    if there is not None and head[24:28] == head[92:96] and due > there:  # else old programs left it as it was
        raise Unreadable("sqlite_cut", f"it should have {due:,} bytes and has {there:,}; {_AGAIN}")


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return Mended(data.decode("utf-8", "replace"))


def _may(action: int, one: str | None, *_: object) -> int:
    """Whether a statement may be made that a schema asks for: nothing is written, attached or loaded."""
    fine = action in _ALLOWED or (action == sqlite3.SQLITE_PRAGMA and (one or "").casefold() in _PRAGMAS)
    return sqlite3.SQLITE_OK if fine else sqlite3.SQLITE_DENY


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
