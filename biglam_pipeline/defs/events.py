"""Dagster's own SQLite files, written by a process that takes many sources through: opened once, not for each event.

Dagster keeps the events of each run in a file of its own, and opens it for every event, beside the index of all runs;
a new file is made by Alembic, which loads every migration that there ever was. Of a night on which nothing is new that
was half of what a source costs (`make bench-startup`). Files, tables and what is written into them stay Dagster's.
"""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.instance.ref import InstanceRef
from dagster._core.storage.event_log.sqlite.sqlite_event_log import INDEX_SHARD_NAME, SqliteEventLogStorage
from dagster._core.storage.sqlite import SQLITE_BUSY_TIMEOUT_SECONDS
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine, event


class Events(SqliteEventLogStorage):
    """Keeps the index and the file of the last run open, for one process and all its threads."""

    def __init__(self, base_dir: str) -> None:
        """base_dir: where Dagster keeps them."""
        self._engines: dict[str, Engine] = {}
        self._there: set[str] = set()
        self._schema: tuple[str, ...] = ()
        super().__init__(base_dir)

    @contextmanager
    def _connect(self, part: str) -> Iterator[Connection]:
        with self._db_lock:
            engine = self._engine(part)
            with engine.connect() as connection, connection.begin():
                yield connection

    def _engine(self, part: str) -> Engine:
        if part in self._engines:
            return self._engines[part]
        for earlier in self._engines.keys() - {INDEX_SHARD_NAME, part}:
            self._engines.pop(earlier).dispose()
        address = self.conn_string_for_shard(part)
        engine = create_engine(address, connect_args={"timeout": SQLITE_BUSY_TIMEOUT_SECONDS})
        event.listen(engine, "connect", _unhurried)
        if part not in self._initialized_dbs:
            if not self._copied(Path(self.path_for_shard(part))):
                self._initdb(engine)
                self._schema = self._schema or _schema_of(Path(self.path_for_shard(part)))
            self._initialized_dbs.add(part)
        self._engines[part] = engine
        return engine

    def _copied(self, path: Path) -> bool:
        """Whether the file of a new run was made like that of the run before."""
        if not self._schema or path.exists():
            return False
        database = sqlite3.connect(path, timeout=SQLITE_BUSY_TIMEOUT_SECONDS)
        try:
            database.execute("PRAGMA journal_mode=WAL")
            database.executescript("BEGIN; " + "; ".join(self._schema) + "; COMMIT")
        except sqlite3.OperationalError:  # somebody who looks at the run makes it at the same moment
            return False
        finally:
            database.close()
        return True

    def has_table(self, table_name: str) -> bool:
        """Asked at each event of a check. A table that is there stays."""
        if table_name not in self._there and super().has_table(table_name):
            self._there.add(table_name)
        return table_name in self._there

    def dispose(self) -> None:
        """Closes what is open."""
        with self._db_lock:
            for engine in self._engines.values():
                engine.dispose()
            self._engines.clear()
        super().dispose()


def _unhurried(connection: sqlite3.Connection, _: object) -> None:
    """A commit is not forced onto the disk. With a write-ahead log a killed process loses nothing by that; a machine
    that loses its power may lose the last events of a run (https://sqlite.org/pragma.html#pragma_synchronous).
    """
    connection.execute("PRAGMA synchronous=NORMAL")


def _schema_of(path: Path) -> tuple[str, ...]:
    """The statements that make the tables of a file, and say by which revision they were made."""
    database = sqlite3.connect(path, timeout=SQLITE_BUSY_TIMEOUT_SECONDS)
    try:
        rows = database.execute("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY type DESC, rowid")
        made = [str(sql) for (sql,) in rows if "sqlite_sequence" not in sql]
        by = "SELECT 'INSERT INTO alembic_version VALUES (' || quote(version_num) || ')' FROM alembic_version"
        stamped = [str(sql) for (sql,) in database.execute(by)]
    finally:
        database.close()
    return (*made, *stamped)


class Storage(DagsterSqliteStorage):
    """Dagster's storage in SQLite, with the events as above."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        """See DagsterSqliteStorage."""
        super().__init__(base_dir, inst_data)
        self._event_log_storage = Events(self._event_log_storage._base_dir)

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]) -> "Storage":
        """See ConfigurableClass."""
        return cls(inst_data=inst_data, **config_value)


@contextmanager
def open_instance(home: Path) -> Iterator[dg.DagsterInstance]:
    """The instance of a DAGSTER_HOME; one that keeps its records elsewhere is opened as its dagster.yaml says."""
    ref = InstanceRef.from_dir(str(home))
    kept = ref.storage_data
    if kept is not None and kept.class_name == DagsterSqliteStorage.__name__:
        ref = ref._replace(storage_data=ConfigurableClassData(__name__, Storage.__name__, kept.config_yaml))
    with dg.DagsterInstance.from_ref(ref) as instance:
        yield instance
