"""What Dagster remembers of a source's rows is cleared after a takedown: previews, events and logs of its runs.

Its own records keep the first rows of each materialization as metadata, and what was logged. They go by the supported
ways (`delete_run`, `wipe_assets`, `delete_logs`). SQLite leaves what was deleted in the pages of its file until these
are written again (https://sqlite.org/lang_vacuum.html), so that is done too.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import dagster as dg

from biglam_pipeline.defs.assets import STAGES
from biglam_pipeline.store import disk

_GOING = {dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING}
_WAIT_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Forgotten:
    """What was cleared."""

    runs: int = 0
    left: tuple[str, ...] = ()
    """What was not, each with what to do."""


def forget_source(home: Path, name: str) -> Forgotten:
    """Deletes a source's runs, their events and logs, and the events of its assets; other sources' runs stay.

    home: DAGSTER_HOME; where there is none, there is nothing to forget. The history of the source's runs is lost.
    """
    if not (home / "dagster.yaml").exists():
        return Forgotten()
    keys = [dg.AssetKey([name.replace("-", "_"), stage]) for stage in STAGES]
    try:
        with dg.DagsterInstance.from_config(str(home)) as instance:
            return _forget(instance, keys)
    except Exception as why:  # noqa: BLE001 - a database that is broken, busy or of another version; all are reported
        said = (
            f"Dagster's own records in {home} may show it in previews and logs, and could not be cleared ({why}): end "
            f"what works there, such as `biglam dev`, and do this again; or delete the folder {home}, with which "
            "the history of all runs is lost, and nothing else"
        )
        return Forgotten(left=(said,))


def _forget(instance: dg.DagsterInstance, keys: list[dg.AssetKey]) -> Forgotten:
    runs, left = 0, []
    for run in _runs(instance, keys):
        if run.status in _GOING:
            left.append(
                f"Dagster's run {run.run_id} is at work, and its log may show it; when it has ended, do this again"
            )
            continue
        instance.delete_run(run.run_id)
        instance.compute_log_manager.delete_logs(prefix=[run.run_id])
        _delete_shard(instance, run.run_id)
        runs += 1
    instance.wipe_assets(keys)
    _rewrite(instance)
    return Forgotten(runs, tuple(left))


def _runs(instance: dg.DagsterInstance, keys: list[dg.AssetKey]) -> Iterator[dg.DagsterRun]:
    """Every run that worked on one of these assets, whoever started it."""
    tag, wanted = keys[0].path[0], set(keys)
    touched = {record.run_id for key in keys for record in instance.fetch_materializations(key, limit=10_000).records}
    for run in instance.get_runs():
        chosen = wanted.intersection(run.asset_selection or ())
        if chosen or run.run_id in touched or run.tags.get("biglam/source") == tag:
            yield run


def _part(instance: dg.DagsterInstance, name: str) -> Path | None:
    """The SQLite file of one run's events, or of the index; None where events are kept elsewhere."""
    path_of = getattr(instance.event_log_storage, "path_for_shard", None)
    return Path(path_of(name)) if path_of else None


def _delete_shard(instance: dg.DagsterInstance, run_id: str) -> None:
    path = _part(instance, run_id)
    if path is not None:
        for ending in ("", "-wal", "-shm"):
            disk.remove(path.with_name(path.name + ending))


def _rewrite(instance: dg.DagsterInstance) -> None:
    path = _part(instance, "index")
    if path is not None and disk.look(path) is not None:
        with closing(sqlite3.connect(path, timeout=_WAIT_SECONDS)) as database:
            database.execute("VACUUM")
            database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
