"""A run that waits, is stopped, or runs in a pipe: what the command says, and the exit status that a script reads."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from biglam_pipeline.demo.server import Running
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.defs.server import wait_until
from biglam_pipeline_tests.servers.hub import HubServer
from biglam_pipeline_tests.servers.ports import free_port
from biglam_pipeline_tests.servers.web import Reply, scripted_server

GOOD = """
  good_table:
    title: A table
    custodian: A library
    harvest: file:table.csv
    normalize: {map: {id: id, title: name}}
    rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-31}
    expect: {rows: 2..}
"""
Biglam = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def biglam(tmp_path: Path, command: Command, prepared: Path, hub: HubServer, institution: Running) -> Biglam:
    """Runs the command in a folder with a table and its entry."""
    shutil.copytree(prepared, tmp_path / ".biglam" / "dagster")
    (tmp_path / "table.csv").write_text("id,name\n1,One\n2,Two\n")
    (tmp_path / "sources.yaml").write_text(f"sources:\n{GOOD}")
    settings = {
        "BIGLAM_HUB_ENDPOINT": hub.endpoint,
        "BIGLAM_HUB_OWNER": f"cli{tmp_path.name}"[:40].replace("_", "-").strip("-"),
        "BIGLAM_REWRITE": institution.rewrite,
        "BIGLAM_WAIT_SECONDS": "7",
        "BIGLAM_ALLOW_PRIVATE_HOSTS": institution.address.removeprefix("http://"),
    }

    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return command(*words, folder=tmp_path, settings=settings)

    return run


def test_shelves_that_lost_their_entry_are_named_in_the_status(biglam: Biglam, tmp_path: Path) -> None:
    """A renamed or forgotten entry leaves them behind, and nobody would ask for its source again."""
    assert biglam("run", "good_table", "--to", "raw").returncode == 0
    (tmp_path / "sources.yaml").write_text(f"sources:\n{GOOD.replace('good_table', 'better_table')}")
    (tmp_path / ".biglam" / "shelves" / "somebody_elses").mkdir()
    assert json.loads(biglam("status", "--json").stdout)["lost"] == ["good_table"]
    assert "no entry good_table: it has shelves and no entry" in biglam("status").stdout
    (tmp_path / "sources.yaml").write_text(f"sources:\n{GOOD.replace('license', 'licence')}")
    assert json.loads(biglam("status", "--json").stdout)["lost"] == [], "a broken entry is one"


def test_an_entry_with_faults_is_reported_of_before_the_hub_is_asked_for(tmp_path: Path, command: Command) -> None:
    """The port belongs to another program, which the embedded Hub would report; the entry is what has to be mended."""
    (tmp_path / "sources.yaml").write_text(f"sources:\n{GOOD.replace('license', 'licence')}")
    with scripted_server() as other:
        settings = {"BIGLAM_HUB_PORT": other.url.rpartition(":")[2]}
        said = command("run", "good_table", folder=tmp_path, settings=settings)
    assert said.returncode == 1
    assert "licence" in said.stderr
    assert "Port" not in said.stderr


@pytest.mark.representative(1)  # other days that never come
@pytest.mark.parametrize("schedule", ['"0 2 31 2 *"', '"0 2 30 2 1"', '"0 0 31 4,6 *"'])
def test_a_day_that_never_comes_is_a_fault_of_the_entry(biglam: Biglam, tmp_path: Path, schedule: str) -> None:
    """Dagster would refuse it, and then every other schedule with it."""
    (tmp_path / "sources.yaml").write_text(f"sources:\n{GOOD}    schedule: {schedule}\n")
    said = biglam("check")
    assert said.returncode == 1
    assert "sources.yaml:10: good_table.schedule" in said.stdout
    assert "has no day" in said.stdout


def test_f34_a_run_that_waits_for_another_says_for_whom_and_ends_with_a_status_of_its_own(
    biglam: Biglam, tmp_path: Path
) -> None:
    shelf = open_shelf(str(tmp_path / "shelves"), tmp_path / ".biglam").at("good_table")
    with shelf.lock("run", doing="a run of good_table"):
        said = biglam("run", "good_table", "--to", "raw")
    assert said.returncode == 75, said.stderr
    assert f"process {os.getpid()} has it since" in said.stderr
    assert "waiting, 7 s at most" in said.stderr
    assert "Waited 7 s. Run again when it has ended" in said.stderr


STOPS = [([signal.SIGINT], 130), ([signal.SIGTERM], 143), ([signal.SIGTERM] * 2, 143), ([signal.SIGINT] * 3, 130)]


@pytest.mark.representative(1)  # other signals, and twice
@pytest.mark.parametrize(("numbers", "status"), STOPS)
def test_a_run_that_is_stopped_says_that_what_came_is_kept(
    tmp_path: Path, command: Command, numbers: list[signal.Signals], status: int
) -> None:
    """No traceback, no word of Dagster; its run is canceled, which is no failure; the next one goes on.

    `timeout` signals its child and then the group, and a runner passes a Ctrl-C on: that is one wish, not two.
    """
    with scripted_server() as web:
        address = web.on("/slow.csv", Reply(b"id,name\n1,One\n2,Two\n", delay_seconds=60))
        entry = GOOD.replace("file:table.csv", address)
        (tmp_path / "sources.yaml").write_text(f"sources:\n{entry}{entry.replace('good_table', 'other')}")
        settings = {"BIGLAM_STATE": str(tmp_path / "state"), "BIGLAM_ALLOW_PRIVATE_HOSTS": "1"}
        process = command.start("run", "good_table", "other", "--to", "raw", folder=tmp_path, settings=settings)
        wait_until(lambda: bool(web.paths()), 60)
        for number in numbers:
            os.kill(process, number)
            time.sleep(0.02)  # so that the kernel does not make one signal of them
        ended = command.ended()
    assert ended.returncode == status
    assert "good_table: stopped; what came is kept; `biglam run good_table` goes on from there" in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr
    assert "Dagster" not in ended.stdout + ended.stderr
    with dg.DagsterInstance.from_config(str(tmp_path / "state" / "dagster")) as instance:
        assert [run.status for run in instance.get_runs()] == [dg.DagsterRunStatus.CANCELED]


def test_a_preview_that_is_stopped_says_so_too(tmp_path: Path, command: Command) -> None:
    """Typer makes a bare exit status of a Ctrl-C that falls into a verb."""
    with scripted_server() as web:
        address = web.on("/slow.csv", Reply(b"id,name\n1,One\n2,Two\n", delay_seconds=60))
        (tmp_path / "sources.yaml").write_text(f"sources:\n{GOOD.replace('file:table.csv', address)}")
        settings = {"BIGLAM_STATE": str(tmp_path / "state"), "BIGLAM_ALLOW_PRIVATE_HOSTS": "1"}
        process = command.start("preview", "good_table", folder=tmp_path, settings=settings)
        wait_until(lambda: bool(web.paths()), 60)
        os.kill(process, signal.SIGINT)
        ended = command.ended()
    assert ended.returncode == 130
    assert "stopped; what was done is kept" in ended.stderr


def test_a_command_that_is_stopped_while_it_begins_says_so_too(tmp_path: Path) -> None:
    """Its libraries take a second and more to import."""
    code = (
        "import os, signal, sys; sys.argv = ['biglam', 'status'];"
        "signal.signal(signal.SIGINT, signal.default_int_handler);"
        "from biglam_pipeline.cli import main; import threading;"
        "threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start(); main()"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr.startswith("stopped; ")
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_run_in_a_pipe_ends_when_it_ends(tmp_path: Path) -> None:
    """The Hub that it starts lives on, and has nothing of the pipe."""
    (tmp_path / "table.csv").write_text("id,name\n1,One\n2,Two\n")
    (tmp_path / "sources.yaml").write_text(f"sources:\n{GOOD}")
    environment = {**os.environ, "BIGLAM_STATE": str(tmp_path / "state"), "BIGLAM_HUB_PORT": str(free_port())}
    command = f"{sys.executable} -m biglam_pipeline.cli run good_table 2>&1 | cat"
    began = time.monotonic()
    try:
        done = subprocess.run(
            ["/bin/sh", "-c", command], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120
        )
        assert "2 rows at biglam/good_table" in done.stdout
        assert time.monotonic() - began < 100
    finally:
        hub = int((tmp_path / "state" / "hub" / "lock").read_text())
        os.kill(hub, signal.SIGTERM)


def test_where_all_that_failed_is_a_wait_the_status_says_so(command: Command, tmp_path: Path) -> None:
    """A failed source beside it is a failure, like any other."""
    with scripted_server() as web:
        address = web.on("/day.csv", Reply(b"", 503, {"Retry-After": "86400"}))
        entry = GOOD.replace("good_table", "later").replace("file:table.csv", address)
        gone = GOOD.replace("good_table", "gone").replace("table.csv", "gone.csv")
        (tmp_path / "sources.yaml").write_text(f"sources:\n{GOOD}{entry}{gone}")
        (tmp_path / "table.csv").write_text("id,name\n1,One\n2,Two\n")
        said = [
            command("run", "--to", "raw", *names, folder=tmp_path, settings={"BIGLAM_ALLOW_PRIVATE_HOSTS": "1"})
            for names in (["good_table", "later"], ["later", "gone"])
        ]
    assert [one.returncode for one in said] == [69, 1]
    assert "left alone for 86400 s" in said[0].stderr
    assert "not before 20" in said[0].stderr


@pytest.mark.slow  # test_cli.py: `test_a_fault_in_one_entry_does_not_stop_...`
def test_a_damaged_source_is_one_that_failed_and_ends_no_other(biglam: Biglam, tmp_path: Path) -> None:
    """And what Dagster's own files lack is said without its words, by the verb that reads them first, too."""
    entries = GOOD + GOOD.replace("good_table", "other") + GOOD.replace("good_table", "never_asked")
    (tmp_path / "sources.yaml").write_text(f"sources:\n{entries}")
    assert biglam("run", "good_table", "other", "--to", "raw").returncode == 0
    closing = tmp_path / ".biglam" / "shelves" / "good_table" / "raw" / "harvests" / "00001.json"
    closing.write_bytes(b"")
    done = biglam("run", "--failed", "--to", "raw")
    assert done.returncode == 1
    assert "good_table: failed after nothing" in done.stderr
    assert str(closing) in done.stderr
    assert "1 of 2 sources came through" in done.stdout  # never_asked is left to its name
    home = tmp_path / ".biglam" / "dagster"
    for name, remedy in (("dagster.yaml", "mend it, or delete it"), ("history/runs.db", f"delete the folder {home}")):
        whole = (home / name).read_bytes()
        (home / name).write_bytes(b"a: [")
        broken = biglam("run", "--failed")
        assert broken.returncode == 2
        assert remedy in broken.stderr
        assert "Traceback" not in broken.stderr
        (home / name).write_bytes(whole)
