"""Opens Dagster's databases, and says of one that is broken what may be deleted and what is lost by it.

Result codes: https://www.sqlite.org/rescode.html
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from biglam_pipeline.errors import BiglamError, ConfigError, NoRoom, RunBusy, ShelfDamaged
from biglam_pipeline.store import disk, room

Instance = dg.DagsterInstance


@contextmanager
def instance_at(home: Path) -> Iterator[Instance]:
    """The instance of a DAGSTER_HOME; what SQLite says while it is used becomes an error with its remedy."""
    from biglam_pipeline.defs.events import open_instance  # with SQLAlchemy, which loading the sources does not ask for

    opened = False
    try:
        with open_instance(home) as instance:
            opened = True
            yield instance
    except BiglamError:
        raise
    except Exception as cause:
        trouble = _trouble(cause)
        if trouble is not None:
            raise _reported(home, trouble) from cause
        if opened or isinstance(cause, OSError):
            raise
        raise _unusable(home, cause) from cause


def _unusable(home: Path, cause: Exception) -> ConfigError:
    """dagster.yaml, which a maintainer may edit, is not what Dagster reads; it has many errors for that."""
    said = " ".join(str(cause).split())
    return ConfigError(
        f"{home / 'dagster.yaml'} cannot be used ({said[:300]}); mend it, or delete it: then it is made again"
    )


def _trouble(cause: BaseException | None) -> sqlite3.Error | None:
    """SQLite's own error under those of the libraries above it."""
    seen = set[int]()
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        if isinstance(cause, sqlite3.Error):
            return cause
        cause = cause.__cause__ or cause.__context__
    return None


def _reported(home: Path, trouble: sqlite3.Error) -> BiglamError:
    code = (getattr(trouble, "sqlite_errorcode", None) or 0) & 0xFF
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return RunBusy(f"Dagster's databases in {home} are in use ({trouble}); run again", retry_after_seconds=30)
    if code == sqlite3.SQLITE_IOERR:  # of a full disk too: the file that is shared beside a journal finds no room
        return NoRoom(
            f"Dagster's databases in {home} cannot be read or written ({trouble}): the disk is full, a limit on files "
            f"is reached, or the disk fails; {room.free_in(home)}. Make room there, then run again; nothing need be "
            "deleted"
        )
    shut = (sqlite3.SQLITE_FULL, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)
    if code in shut and not any(path.suffix == ".db" and disk.is_folder(path) for path in disk.names_below(home)):
        return NoRoom(
            f"Dagster's databases in {home} cannot be written ({trouble}); make room there, or let this user write to "
            "it, then run again"
        )
    return ShelfDamaged(
        f"Dagster's databases in {home} are damaged ({trouble}); end what uses them, delete the folder {home}, then "
        "run again. Only the history of runs, checks and schedules is lost; shelves, ledger and Hub are elsewhere"
    )
