"""A broken database of Dagster: which folder may be deleted, and what is lost by it."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from biglam_pipeline.defs.database import instance_at
from biglam_pipeline.errors import BiglamError, NoRoom, RunBusy, ShelfDamaged


def garbage(path: Path) -> None:
    path.write_bytes(b"not a database" * 100)


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def cut(path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def without_its_tables(path: Path) -> None:
    with sqlite3.connect(path) as database:
        names = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        for name in names:
            if not name.startswith("sqlite_"):
                database.execute(f"drop table {name}")


@pytest.fixture
def home(prepared: Path, tmp_path: Path) -> Path:
    """A home of one's own, as `biglam` makes it."""
    return Path(shutil.copytree(prepared, tmp_path / "dagster"))


@pytest.mark.parametrize("way", [garbage, emptied, cut, a_folder, without_its_tables])
@pytest.mark.parametrize("name", ["history/runs.db", "history/runs/index.db", "schedules/schedules.db"])
def test_a_broken_database_is_named_or_mended(home: Path, name: str, way: Callable[[Path], None]) -> None:
    for side in home.glob(f"{name}-*"):  # SQLite's journal would repair it
        side.unlink()
    way(home / name)
    said = ""
    try:
        used(home)
    except (ShelfDamaged, NoRoom) as damage:
        said = str(damage)
    assert f"delete the folder {home}" in said or not said, said


def used(home: Path) -> None:
    """As a run does."""
    with instance_at(home) as instance:
        instance.get_runs(limit=1)
        instance.all_instigator_state()
        instance.event_log_storage.get_latest_materialization_events([])
        instance.event_log_storage.all_asset_keys()


@pytest.mark.parametrize(
    ("code", "error"),
    [
        (sqlite3.SQLITE_BUSY, RunBusy),
        (sqlite3.SQLITE_FULL, NoRoom),
        (sqlite3.SQLITE_READONLY, NoRoom),
        (sqlite3.SQLITE_CANTOPEN, NoRoom),
        (sqlite3.SQLITE_CORRUPT, ShelfDamaged),
        (sqlite3.SQLITE_NOTADB, ShelfDamaged),
        (sqlite3.SQLITE_IOERR, NoRoom),  # as a full disk and a limit on files give it: deleting would cure nothing
    ],
)
def test_codes_of_sqlite(home: Path, code: int, error: type[BiglamError]) -> None:
    trouble = sqlite3.OperationalError("told")
    trouble.sqlite_errorcode = code
    with pytest.raises(error, match=str(home)), instance_at(home):
        raise RuntimeError("a library's own") from trouble


def test_other_errors_stay_what_they_are(home: Path) -> None:
    with pytest.raises(RuntimeError, match="of ours"), instance_at(home):
        raise RuntimeError("of ours")
