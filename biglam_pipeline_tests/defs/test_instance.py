"""Dagster's home: prepared once, locked by the server that serves it, swept of runs that nobody executes."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import EngineEventData

from biglam_pipeline.defs.instance import prepare_home, serving_lock, sweep
from biglam_pipeline.errors import ServerBusy
from biglam_pipeline_tests.defs.server import wait_until

PREPARE = (
    "import sys, pathlib; from biglam_pipeline.defs.instance import prepare_home; prepare_home(pathlib.Path({!r}))"
)
SERVE = """
import pathlib, subprocess, sys
from biglam_pipeline.defs.instance import serving_lock
with serving_lock(pathlib.Path({!r})) as handle:
    child = subprocess.Popen(["sleep", "60"], pass_fds=[handle], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    print(child.pid, flush=True)
    child.wait()
"""
RUN = """
import sys, time
import dagster as dg

@dg.asset(pool="institution.example")
def slow():
    print("going", flush=True)
    time.sleep(60)

job = dg.Definitions(assets=[slow]).resolve_implicit_global_asset_job_def()
with dg.DagsterInstance.from_config(sys.argv[1]) as instance:
    job.execute_in_process(instance=instance)
"""


def start(code: str, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def end(process: subprocess.Popen[str]) -> None:
    process.kill()
    process.communicate()


def test_a_home_is_made_with_our_settings_and_a_maintainers_stay(tmp_path: Path) -> None:
    home = tmp_path / "deep" / "dagster"
    prepare_home(home)
    shipped = Path(sys.modules["biglam_pipeline"].__path__[0], "dagster.yaml").read_text()
    assert (home / "dagster.yaml").read_text() == shipped
    with dg.DagsterInstance.from_config(str(home)) as instance:
        assert instance.managed_python_loggers == ["biglam_pipeline"]
        assert instance.telemetry_enabled is False
        assert instance.run_retries_enabled
        assert instance.get_settings("run_retries")["retry_on_asset_or_op_failure"] is False
        limits = instance.get_concurrency_config().pool_config
        assert (str(limits.pool_granularity.value if limits.pool_granularity else ""), limits.default_pool_limit) == (
            "op",
            1,
        )
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    prepare_home(home)
    assert (home / "dagster.yaml").read_text() == "telemetry: {enabled: false}\n"


def test_four_processes_make_one_home(tmp_path: Path) -> None:
    home = str(tmp_path / "dagster")
    processes = [start(PREPARE.format(home)) for _ in range(4)]
    said = [process.communicate(timeout=60)[1] for process in processes]
    assert [process.returncode for process in processes] == [0, 0, 0, 0], said
    with dg.DagsterInstance.from_config(home) as instance:
        assert instance.get_runs() == []


def test_a_home_has_one_server_and_the_lock_outlives_a_killed_parent(tmp_path: Path) -> None:
    with serving_lock(tmp_path), pytest.raises(ServerBusy, match="already serves"), serving_lock(tmp_path):
        pass
    parent = start(SERVE.format(str(tmp_path)))
    child = int(first_line(parent))
    end(parent)
    with pytest.raises(ServerBusy), serving_lock(tmp_path):
        pass
    os.kill(child, signal.SIGKILL)
    wait_until(lambda: not _locked(tmp_path), 10)


def _locked(home: Path) -> bool:
    try:
        with serving_lock(home):
            return False
    except ServerBusy:
        return True


def test_a_sweep_fails_a_dead_servers_run_and_frees_its_pool(prepared: Path, tmp_path: Path) -> None:
    home = prepared.parent / tmp_path.name
    home.mkdir()
    prepare_home(home)
    process = start(RUN, str(home))
    try:
        assert first_line(process) == "going"
        with dg.DagsterInstance.from_config(str(home)) as instance:
            [run] = instance.get_runs()
            slots = instance.event_log_storage
            slots.set_concurrency_slots("institution.example", 1)
            assert slots.claim_concurrency_slot("institution.example", run.run_id, "slow").is_claimed
            assert sweep(home) == ()  # its process lives: `biglam run` beside the UI is left alone
            assert _status(instance, run.run_id) == dg.DagsterRunStatus.STARTED
            end(process)
            assert sweep(home) == (run.run_id,)
            assert _status(instance, run.run_id) == dg.DagsterRunStatus.FAILURE
            assert slots.get_concurrency_info("institution.example").claimed_slots == []
            assert sweep(home) == ()
    finally:
        end(process)


def _status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def test_a_sweep_does_not_take_another_process_of_the_same_number_for_the_runs(tmp_path: Path) -> None:
    """After a reboot, and in a container always, numbers come again."""
    prepare_home(tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        job = dg.Definitions(assets=[_trifle]).resolve_implicit_global_asset_job_def()
        run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        instance.report_engine_event("this process works on it", run, EngineEventData.in_process(os.getpid()))
        assert sweep(tmp_path) == ()
        # The event says what this process did, but before it began: so it was another's.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr("biglam_pipeline.defs.instance._started", lambda pid: float("inf"))
            assert sweep(tmp_path) == (run.run_id,)


@dg.asset
def _trifle() -> None:
    """Nothing."""
