"""Dagster's files, made and kept open by ours: what lies there is what Dagster itself makes and reads."""

import sqlite3
from contextlib import closing
from pathlib import Path

import dagster as dg
import pytest

from biglam_pipeline.defs.database import instance_at
from biglam_pipeline.defs.events import Events
from biglam_pipeline.defs.instance import prepare_home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    prepare_home(tmp_path / "home")
    return tmp_path / "home"


def made(path: Path) -> tuple[set[tuple[str, str]], list[str], str]:
    """Tables and indexes, Alembic's revision, and how it is written."""
    with closing(sqlite3.connect(path)) as database:
        parts = {(name, sql) for name, sql in database.execute("SELECT name, sql FROM sqlite_master")}
        revisions = [number for (number,) in database.execute("SELECT version_num FROM alembic_version")]
        [(mode,)] = database.execute("PRAGMA journal_mode")
    return parts, revisions, mode


def test_the_file_of_a_later_run_is_as_dagster_makes_one(home: Path) -> None:
    """The first of a process is made by Dagster, and the others like it, without Alembic."""
    with instance_at(home) as instance:
        ours = instance.event_log_storage
        assert isinstance(ours, Events)
        for run in ("first", "second"):
            with ours.run_connection(run):
                pass
        paths = [Path(ours.path_for_shard(run)) for run in ("first", "second", "dagsters")]
    with dg.DagsterInstance.from_config(str(home)) as plain, plain.event_log_storage.run_connection("dagsters"):
        pass
    first, second, dagsters = map(made, paths)
    assert first == second == dagsters
    assert second[1]


def test_what_is_written_is_read_by_dagster_while_it_stays_open(home: Path) -> None:
    """The page reads a run that the command is at; and the next run does not lose the one before."""

    @dg.asset
    def letters() -> None:
        """Nothing."""

    with instance_at(home) as instance:
        runs = [dg.materialize([letters], instance=instance).run_id for _ in range(3)]
        with dg.DagsterInstance.from_config(str(home)) as plain:
            assert {run.run_id for run in plain.get_runs()} == {*runs}
            for run in runs:
                kinds = {entry.dagster_event.event_type_value for entry in plain.all_logs(run) if entry.dagster_event}
                assert {"PIPELINE_START", "ASSET_MATERIALIZATION", "PIPELINE_SUCCESS"} <= kinds
            assert len(plain.fetch_materializations(dg.AssetKey("letters"), limit=10).records) == 3


def test_a_file_that_somebody_made_meanwhile_is_taken_as_it_is(home: Path) -> None:
    with instance_at(home) as instance:
        ours = instance.event_log_storage
        with ours.run_connection("first"):
            pass
        with dg.DagsterInstance.from_config(str(home)) as plain, plain.event_log_storage.run_connection("second"):
            pass
        with ours.run_connection("second") as connection:
            assert connection.exec_driver_sql("SELECT count(*) FROM event_logs").scalar() == 0


def test_records_that_are_kept_elsewhere_are_opened_as_dagster_yaml_says(home: Path, tmp_path: Path) -> None:
    with (home / "dagster.yaml").open("a") as settings:
        settings.write(f"\nstorage:\n  sqlite:\n    base_dir: {tmp_path / 'elsewhere'}\n")
    with instance_at(home) as instance:
        assert Path(instance.event_log_storage.path_for_shard("x")).is_relative_to(tmp_path / "elsewhere")


def test_a_commit_is_not_forced_onto_the_disk(home: Path) -> None:
    """It was a third of the time of a quiet source. A killed process loses nothing: the kernel has its log."""
    with instance_at(home) as instance:
        ours = instance.event_log_storage
        assert isinstance(ours, Events)
        for connect in (ours.index_connection, lambda: ours.run_connection("first")):
            with connect() as connection:
                assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 1, "NORMAL"
                assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal", "without it that is unsafe"
