"""Dagster's home: made once with the settings that the package ships, and swept of runs that nobody executes any more.

https://docs.dagster.io/deployment/oss/dagster-yaml
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib import resources
from pathlib import Path

import dagster as dg

from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.store import disk

_GOING = [dg.DagsterRunStatus.STARTING, dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.CANCELING]
_YOUNG_SECONDS = 60
"""A run that has named no process yet may be about to: it is left alone for this long."""


def prepare_home(home: Path) -> None:
    """Makes `home` ready, once: dagster.yaml, and the databases, which two processes must not create at a time.

    A dagster.yaml that is there already is the maintainer's own, and stays.
    """
    home.mkdir(parents=True, exist_ok=True)
    with disk.file_lock(home / "prepare.lock", wait_seconds=60, busy=f"{home} is being prepared by another process"):
        settings = home / "dagster.yaml"
        if not settings.exists():
            disk.put_whole(settings, resources.files("biglam_pipeline").joinpath("dagster.yaml").read_bytes())
        if not (home / "prepared").exists():
            with dg.DagsterInstance.from_config(str(home)) as instance:
                instance.get_runs(limit=1)
            disk.put_whole(home / "prepared", b"")


@contextmanager
def serving_lock(home: Path) -> Iterator[int]:
    """Held for as long as a server serves `home`; ServerBusy where another one does.

    Yields the lock's file descriptor: given to the server with `pass_fds`, the lock outlives a parent that is killed.
    """
    home.mkdir(parents=True, exist_ok=True)
    handle = os.open(home / "serving.lock", os.O_RDWR | os.O_CREAT, 0o644)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            busy = f"Dagster already serves {home}; use that one, or end it first"
            raise ServerBusy(busy, retry_after_seconds=60) from None
        yield handle
    finally:
        os.close(handle)


def sweep(home: Path) -> tuple[str, ...]:
    """Fails the runs that a server left going when it ended, and frees their pools; the ids of those runs.

    Only for the holder of `serving_lock`, before its server starts. A stopped server's run says STARTED for ever, and
    the next run for its host waits as long. A run whose process lives (`biglam run` beside the UI) is left alone.
    """
    with dg.DagsterInstance.from_config(str(home)) as instance:
        lost = [
            record.dagster_run
            for record in instance.get_run_records(filters=dg.RunsFilter(statuses=_GOING))
            if not _is_executed(instance, record)
        ]
        for run in lost:
            instance.report_run_failed(run, "The process of this run ended before the run did. Start it again.")
            instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
    return tuple(run.run_id for run in lost)


def _is_executed(instance: dg.DagsterInstance, record: dg.RunRecord) -> bool:
    """Whether a process that works on the run is alive, as far as the run's own events tell."""
    processes = []
    for entry in instance.all_logs(record.dagster_run.run_id, of_type=dg.DagsterEventType.ENGINE_EVENT):
        event = entry.dagster_event
        pid = event.engine_event_data.metadata.get("pid") if event else None
        if pid is not None and str(pid.value).isdigit():
            processes.append((int(str(pid.value)), entry.timestamp))
    if not processes:
        return time.time() - record.update_timestamp.timestamp() < _YOUNG_SECONDS
    return any(_lives(pid, since) for pid, since in processes)


def _lives(pid: int, since: float) -> bool:
    """Whether the process that had this number at that time still has it; after a reboot it may be another's."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    started = _started(pid)
    return started is None or started <= since + 5  # the clocks differ a little


def _started(pid: int) -> float | None:
    """When a process began, in seconds since 1970; None where the system does not say; infinite for a zombie."""
    with suppress(OSError, StopIteration):
        # The name, in parentheses, may hold anything; state and start time come after it.
        fields = Path(f"/proc/{pid}/stat").read_text("ascii", "replace").rpartition(")")[2].split()
        if fields[0] == "Z":
            return float("inf")
        lines = Path("/proc/stat").read_text("ascii").splitlines()
        booted = next(int(line.split()[1]) for line in lines if line.startswith("btime "))
        return booted + int(fields[19]) / os.sysconf("SC_CLK_TCK")
    return None
