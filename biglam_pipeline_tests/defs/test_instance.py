"""Dagster's home: prepared once, locked by the server that serves it, swept of runs that nobody executes."""

import hashlib
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.events import EngineEventData

from biglam_pipeline.defs.history import failed_last
from biglam_pipeline.defs.instance import prepare_home, serving_lock, sweep
from biglam_pipeline.defs.queueing import Queue
from biglam_pipeline.errors import Exit, RunBusy, ServerBusy
from biglam_pipeline.store.locks import is_held
from biglam_pipeline_tests.defs.server import wait_until

PREPARE = """
import os, pathlib, sys, traceback
from biglam_pipeline.defs.instance import prepare_home
pids = []
for _ in range(4):
    pids.append(os.fork())
    if pids[-1] == 0:
        prepare_home(pathlib.Path({!r}))
        os._exit(0)
sys.exit(sum(os.waitpid(pid, 0)[1] != 0 for pid in pids))
"""
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
from pathlib import Path
import dagster as dg
from biglam_pipeline.defs.executing import held

@dg.asset
def slow():
    print("going", flush=True)
    time.sleep(60)

job = dg.Definitions(assets=[slow]).resolve_implicit_global_asset_job_def()
run_id = "5b3c8d1e-0d0b-4a55-9d0b-3f1f6a3a9f11"
with dg.DagsterInstance.from_config(sys.argv[1]) as instance, held(Path(sys.argv[1]), run_id):
    job.execute_in_process(instance=instance, run_id=run_id, tags={"biglam/source": "letters"})
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
        assert not instance.run_retries_enabled
        queue = instance.get_concurrency_config().run_queue_config
        assert queue is not None
        limits = [(one["key"], one["limit"]) for one in queue.tag_concurrency_limits]
        assert limits == [("biglam/place", 4), ("biglam/host", 1)]
        assert isinstance(instance.run_coordinator, Queue)
        assert instance.run_launcher.supports_check_run_worker_health
    (home / "dagster.yaml").write_text("telemetry: {enabled: false}\n")
    prepare_home(home)
    assert (home / "dagster.yaml").read_text() == "telemetry: {enabled: false}\n"


@pytest.mark.slow  # `test_a_home_has_one_server_and_the_lock_outlives_...` stays
def test_four_processes_make_one_home(tmp_path: Path) -> None:
    home = str(tmp_path / "dagster")
    process = start(PREPARE.format(home))
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 0, said
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


def test_a_sweep_fails_the_run_of_a_killed_process_and_no_other(prepared: Path, tmp_path: Path) -> None:
    home = prepared.parent / tmp_path.name
    home.mkdir()
    prepare_home(home)
    process = start(RUN, str(home))
    try:
        assert first_line(process) == "going"
        with dg.DagsterInstance.from_config(str(home)) as instance:
            [run] = instance.get_runs()
            launcher = instance.run_launcher
            assert sweep(instance) == ()  # its process lives: `biglam run` beside the UI is left alone
            assert _status(instance, run.run_id) == dg.DagsterRunStatus.STARTED
            assert launcher.check_run_worker_health(run).status.value == "RUNNING"
            end(process)
            assert launcher.check_run_worker_health(run).status.value == "NOT_FOUND"
            assert sweep(instance) == (run.run_id,)
            assert _status(instance, run.run_id) == dg.DagsterRunStatus.FAILURE
            [failed] = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
            assert "What came is kept; start it again" in failed.message
            assert sweep(instance) == ()
            assert not list((home / "running").iterdir())
    finally:
        end(process)


@pytest.mark.slow  # `test_a_sweep_fails_the_run_of_a_killed_process_...` stays
def test_a_killed_run_is_one_that_failed_for_whoever_asks_first(prepared: Path, tmp_path: Path) -> None:
    """Else `biglam run --failed` says that there is nothing to run."""
    home = prepared.parent / tmp_path.name
    home.mkdir()
    prepare_home(home)
    process = start(RUN, str(home))
    try:
        assert first_line(process) == "going"
        assert failed_last(home, ["letters"]) == set()
    finally:
        end(process)
    assert failed_last(home, ["letters", "maps"]) == {"letters"}


def _status(instance: dg.DagsterInstance, run_id: str) -> dg.DagsterRunStatus:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status


def test_a_run_that_no_process_ever_had_is_given_a_minute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its process may be about to take its lock. Process numbers are not asked: in a container they come again."""
    prepare_home(tmp_path)
    with dg.DagsterInstance.from_config(str(tmp_path)) as instance:
        job = dg.Definitions(assets=[_trifle]).resolve_implicit_global_asset_job_def()
        run = instance.create_run_for_job(job, status=dg.DagsterRunStatus.STARTED)
        instance.report_engine_event("this process works on it", run, EngineEventData.in_process(os.getpid()))
        assert sweep(instance) == ()
        monkeypatch.setattr("biglam_pipeline.defs.instance._YOUNG_SECONDS", -60)
        assert sweep(instance) == (run.run_id,)


def test_a_home_with_settings_of_an_earlier_version_gets_todays(tmp_path: Path) -> None:
    """Unedited ones only: they named pools, and a queue that does not know hosts."""
    prepare_home(tmp_path)
    today = (tmp_path / "dagster.yaml").read_bytes()
    (tmp_path / "dagster.yaml").write_text("# of a maintainer\n")
    prepare_home(tmp_path)
    assert (tmp_path / "dagster.yaml").read_text() == "# of a maintainer\n"
    with pytest.MonkeyPatch.context() as patch:
        digest = hashlib.sha256(b"# of a maintainer\n").hexdigest()[:16]
        patch.setattr("biglam_pipeline.defs.instance._SHIPPED_BEFORE", {digest})
        prepare_home(tmp_path)
    assert (tmp_path / "dagster.yaml").read_bytes() == today


DAEMON = """
import sys
from dagster._daemon.cli import run_command
run_command(["-w", sys.argv[1]])
"""


@pytest.mark.slow
def test_a_second_daemon_on_a_home_is_refused(prepared: Path, tmp_path: Path) -> None:
    """Beside `biglam dev` too, whose daemon is the first then. Two have started most runs twice."""
    home, workspace = tmp_path / "home", tmp_path / "workspace.yaml"
    shutil.copytree(prepared, home)
    workspace.write_text("load_from: []\n")
    environment = {**os.environ, "DAGSTER_HOME": str(home)}
    command = [sys.executable, "-c", DAEMON, str(workspace)]
    first = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: is_held(home / "daemon.lock"), 60)
        second = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)
        assert second.returncode == Exit.BUSY
        assert (
            f"a daemon serves {home} already, and two would start every run twice: process {first.pid}" in second.stderr
        )
        assert "Traceback" not in second.stderr
        with pytest.raises(RunBusy, match=f"process {first.pid} has it"), serving_lock(home):
            pass
    finally:
        first.kill()
        first.wait()
    with serving_lock(home):
        """The kernel has freed what the killed one held."""


@dg.asset
def _trifle() -> None:
    """Nothing."""
