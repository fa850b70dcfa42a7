"""A table to look rows up in by a key, on scratch for the length of a run: larger than memory, and linear to build.

SQLite: https://www.sqlite.org/lang_createindex.html (an index made after the rows is made by sorting).
"""

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

_AT_ONCE = 1_000


class LookupIndex:
    """Key (16 bytes) -> rows, in the order in which they came. Pickles as its path: each process opens it."""

    def __init__(self, path: Path) -> None:
        """path: where `build` made it."""
        self.path = path
        self._open: sqlite3.Connection | None = None

    @classmethod
    def build(cls, path: Path, rows: Iterable[tuple[bytes, bytes, str]]) -> "LookupIndex":
        """rows: key, what is given for it, and where it stands, for a message."""
        path.parent.mkdir(parents=True, exist_ok=True)
        there = cls(path)
        table = there._connection
        table.execute("PRAGMA journal_mode = OFF")
        table.execute("PRAGMA synchronous = OFF")
        table.execute("CREATE TABLE held (key BLOB, row BLOB, place TEXT)")
        for some in _batches(rows):
            table.executemany("INSERT INTO held VALUES (?, ?, ?)", some)
        table.execute("CREATE INDEX by_key ON held (key)")
        table.commit()
        return there

    def find(self, key: bytes) -> list[bytes]:
        """The rows of this key, none or more."""
        found = self._connection.execute("SELECT row FROM held WHERE key = ? ORDER BY rowid", (key,))
        return [row for (row,) in found]

    def repeated(self) -> list[str]:
        """Where the rows of one key that has several stand, the first few; empty where every key has one."""
        found = self._connection.execute(
            "SELECT place FROM held WHERE key = (SELECT key FROM held GROUP BY key HAVING count(*) > 1 LIMIT 1) "
            "ORDER BY rowid LIMIT 3"
        )
        return [place for (place,) in found]

    @property
    def _connection(self) -> sqlite3.Connection:
        if self._open is None:
            self._open = sqlite3.connect(self.path)
        return self._open

    def close(self) -> None:
        """Closes the file; asked again, it is opened again."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def __getstate__(self) -> Path:
        """A connection stays in its process."""
        return self.path

    def __setstate__(self, path: Path) -> None:
        self.path, self._open = path, None


def _batches(rows: Iterable[tuple[bytes, bytes, str]]) -> Iterator[list[tuple[bytes, bytes, str]]]:
    waiting: list[tuple[bytes, bytes, str]] = []
    for row in rows:
        waiting.append(row)
        if len(waiting) == _AT_ONCE:
            yield waiting
            waiting = []
    yield waiting
