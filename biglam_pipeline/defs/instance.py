"""Dagster's home: made once with the settings that the package ships, and swept of runs that nobody executes any more.

https://docs.dagster.io/deployment/oss/dagster-yaml
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

import dagster as dg

from biglam_pipeline.defs.database import instance_at
from biglam_pipeline.defs.executing import is_executed
from biglam_pipeline.defs.queueing import daemon_lock
from biglam_pipeline.errors import RunBusy
from biglam_pipeline.store import disk
from biglam_pipeline.store.locks import file_lock, holder, is_held

_GOING = [
    dg.DagsterRunStatus.NOT_STARTED,
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]
_YOUNG_SECONDS = 60
"""A run that no process has said to execute yet may be about to be: it is left alone for this long."""
_SHIPPED_BEFORE = {"da18316141a621f4", "a9210282c75719a1", "bc3e80252fca2440"}
"""Digests of the dagster.yaml of earlier versions: where one lies unedited, today's takes its place."""

ENDED = (
    "The process of this run ended before the run did. What came is kept; start it again, and it goes on from there."
)


def prepare_home(home: Path) -> None:
    """Makes `home` ready, once: dagster.yaml, and the databases, which two processes must not create at a time.

    A dagster.yaml that a maintainer wrote or edited stays.
    """
    home.mkdir(parents=True, exist_ok=True)
    with file_lock(home / "prepare.lock", wait_seconds=60, busy=f"{home} is being prepared by another process"):
        settings, shipped = home / "dagster.yaml", resources.files("biglam_pipeline").joinpath("dagster.yaml")
        if not settings.exists() or _digest(settings.read_bytes()) in _SHIPPED_BEFORE:
            disk.put_whole(settings, shipped.read_bytes())
        if not (home / "prepared").exists():
            with instance_at(home) as instance:
                instance.get_runs(limit=1)
            disk.put_whole(home / "prepared", b"")


@contextmanager
def serving_lock(home: Path) -> Iterator[int]:
    """Held for as long as a server serves `home`; RunBusy where another one, or a daemon alone, does.

    Yields the lock's descriptor, for `pass_fds` of the server.
    """
    busy = f"Dagster already serves {home}; use that one, or end it first"
    with file_lock(home / "serving.lock", wait_seconds=0, busy=busy, doing="the Dagster UI") as lock:
        if is_held(daemon_lock(home)):
            raise RunBusy(f"{busy}: {holder(daemon_lock(home))}", retry_after_seconds=60)
        yield lock


def sweep(instance: dg.DagsterInstance) -> tuple[str, ...]:
    """Fails the runs whose process is gone, so that they hold no place in the queue; the ids of those runs.

    Safe at any time and from any process: a run is dead when nobody has its lock, and only then.
    """
    home = Path(instance.root_directory)
    dead = []
    for record in instance.get_run_records(filters=dg.RunsFilter(statuses=_GOING)):
        run_id = record.dagster_run.run_id
        if is_dead(home, record):
            now = instance.get_run_by_id(run_id)
            if now is not None and now.status in _GOING:  # it may have ended well between the two looks
                instance.report_run_failed(now, ENDED)
                dead.append(run_id)
    for path in (home / "running").glob("*.lock"):
        run = instance.get_run_by_id(path.stem)
        if run is not None and run.is_finished and not is_held(path):
            disk.remove(path)
    return tuple(dead)


def sweep_home(home: Path) -> tuple[str, ...]:
    """`sweep`, for who has a prepared home only."""
    with instance_at(home) as instance:
        return sweep(instance)


def going(instance: dg.DagsterInstance) -> list[dg.DagsterRun]:
    """The runs that wait in the queue or are executed by a process that lives."""
    sweep(instance)
    return list(instance.get_runs(filters=dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED, *_GOING])))


def is_dead(home: Path, record: dg.RunRecord) -> bool:
    """Whether nobody executes a run that says it is going. One that waits for its process to begin is not dead."""
    executed = is_executed(home, record.dagster_run.run_id)
    if executed is not None:
        return not executed
    if record.dagster_run.status in (dg.DagsterRunStatus.NOT_STARTED, dg.DagsterRunStatus.STARTING):
        return False  # the daemon's own `start_timeout_seconds` ends it
    return time.time() - record.update_timestamp.timestamp() > _YOUNG_SECONDS


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
