"""A server process: found, started, kept, ended, and killed without losing a commit."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from huggingface_hub import HfApi

from biglam_pipeline.localhub import ensure_running, serve
from biglam_pipeline.localhub.lifetime import Activity, process_start
from biglam_pipeline.localhub.state import StateBusy, StateFolder
from biglam_pipeline_tests.servers.hub import HubServer
from biglam_pipeline_tests.servers.ports import free_port


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return False
    return True


def health(endpoint: str) -> dict[str, object]:
    return dict(httpx.get(f"{endpoint}/health").json())


def wait_until(happens: Callable[[], bool], seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)


@pytest.fixture
def started(tmp_path: Path) -> Iterator[list[int]]:
    """Process ids of servers that a test starts through ensure_running; ended afterwards."""
    pids: list[int] = []
    yield pids
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(pid, 0)


def ensure(state: Path, port: int, started: list[int], keep_for: int | None = None) -> str:
    endpoint = ensure_running(state, port, keep_for)
    pid = health(endpoint)["pid"]
    assert isinstance(pid, int)
    if pid not in started:
        started.append(pid)
    return endpoint


def test_ensure_running_starts_then_attaches(tmp_path: Path, started: list[int]) -> None:
    port = free_port()
    endpoint = ensure(tmp_path / "state", port, started)
    assert endpoint == f"http://127.0.0.1:{port}"
    assert health(endpoint)["state"] == str((tmp_path / "state").resolve())
    assert ensure(tmp_path / "state", port, started, keep_for=os.getpid()) == endpoint
    assert len(started) == 1
    assert health(endpoint)["keeps_for"] == [os.getpid()]
    assert (tmp_path / "state" / "hub.log").exists()
    with pytest.raises(RuntimeError, match=r"(?s)other.*BIGLAM_HUB_PORT"):
        ensure_running(tmp_path / "other", port)
    with pytest.raises(RuntimeError, match="already served"):
        ensure_running(tmp_path / "state", free_port())


@pytest.mark.slow  # `test_ensure_running_starts_then_attaches` stays
def test_two_callers_at_once_share_one_server(tmp_path: Path, started: list[int]) -> None:
    port = free_port()
    script = (
        "import sys, pathlib; from biglam_pipeline.localhub import ensure_running; "
        "ensure_running(pathlib.Path(sys.argv[1]), int(sys.argv[2]))"
    )
    command = [sys.executable, "-c", script, str(tmp_path / "state"), str(port)]
    callers = [subprocess.Popen(command) for _ in range(3)]
    assert [caller.wait(40) for caller in callers] == [0, 0, 0]
    ensure(tmp_path / "state", port, started)


def test_foreign_program_on_the_port(tmp_path: Path) -> None:
    with subprocess.Popen(
        [
            sys.executable,
            "-m",
            "http.server",
            "--bind",
            "127.0.0.1",
            "--directory",
            str(tmp_path),
            str(port := free_port()),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as other:
        try:
            wait_until(lambda: listens(port))
            with pytest.raises(RuntimeError, match=r"another program.*BIGLAM_HUB_PORT"):
                ensure_running(tmp_path / "state", port)
        finally:
            other.terminate()


def test_one_writer_for_a_state_folder(tmp_path: Path) -> None:
    with HubServer(tmp_path), pytest.raises(StateBusy, match=f"process {os.getpid()}"):
        StateFolder(tmp_path)
    StateFolder(tmp_path).close()


def test_ends_when_idle_but_not_while_kept(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as kept_for:
        command = [sys.executable, "-m", "biglam_pipeline.localhub", "--state", str(tmp_path), "--port"]
        command += [str(port := free_port()), "--idle-minutes", "0.005", "--keep-for", str(kept_for.pid)]
        with subprocess.Popen(command) as server:
            try:
                wait_until(lambda: listens(port))
                time.sleep(1)
                assert server.poll() is None
                assert health(f"http://127.0.0.1:{port}")["keeps_for"] == [kept_for.pid]
            finally:
                kept_for.communicate(b"\n")
            assert server.wait(60) == 0


def test_activity(tmp_path: Path) -> None:
    activity = Activity()
    activity.begin()
    time.sleep(0.02)
    assert activity.idle_seconds() == 0
    activity.end()
    time.sleep(0.02)
    assert activity.idle_seconds() > 0.01
    assert not activity.keep_for(2**22 + 5)
    assert activity.keep_for(os.getpid())
    assert activity.idle_seconds() == 0
    assert process_start(-1) is None


def test_only_loopback_unless_allowed(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="--allow-remote"):
        serve(tmp_path, host="0.0.0.0")


def start(state: Path, port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "biglam_pipeline.localhub", "--state", str(state), "--port", str(port)]
    server = subprocess.Popen(command)
    wait_until(lambda: listens(port))
    return server


WRITE_FOR_EVER = """
import sys
from huggingface_hub import CommitOperationAdd, HfApi
api = HfApi(endpoint=sys.argv[1], token=False)
at = int(sys.argv[2])
while True:
    at += 1
    content = f"text {at} ".encode() * at
    operations = [CommitOperationAdd(f"notes/{at}.txt", content), CommitOperationAdd("last.bin", b"\\0" + content)]
    oid = api.create_commit("biglam/kill", operations, commit_message=str(at), repo_type="dataset").oid
    print(oid, f"notes/{at}.txt", flush=True)
"""


def test_killed_at_any_moment_keeps_every_answered_commit(tmp_path: Path) -> None:
    state, port = tmp_path / "state", free_port()
    endpoint = f"http://127.0.0.1:{port}"
    answered: dict[str, str] = {}
    for turn, wait in enumerate((0.05, 0.11, 0.02)):
        server = start(state, port)
        HfApi(endpoint=endpoint, token=False).create_repo("biglam/kill", repo_type="dataset", exist_ok=True)
        # The client goes on trying for minutes after the server's end, so it is a process that can be ended too.
        command = [sys.executable, "-c", WRITE_FOR_EVER, endpoint, str(turn * 1000)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as writer:
            assert writer.stdout is not None
            lines = [writer.stdout.readline() for _ in range(3)]
            time.sleep(wait)
            server.kill()
            assert server.wait(10) == -signal.SIGKILL
            time.sleep(0.1)  # an answer sent before the kill may still be on its way to the writer's output
            writer.kill()
            lines += writer.stdout.readlines()
        answered |= dict(line.split() for line in lines)
        check_whole(state, answered)


def check_whole(state: Path, answered: dict[str, str]) -> None:
    """Every answered commit can be read, and no commit names what is not there."""
    with HubServer(state) as server:
        hub = server.app.state.hub
        repository = hub.repositories.get("biglam/kill")
        for commit_id in repository.commits:
            for entry in hub.repositories.tree(repository, commit_id).values():
                assert len(b"".join(hub.read(entry, 0, entry.size))) == entry.size
        history = [commit_id for commit_id, _ in repository.history(repository.resolve("main"))]
        assert answered.keys() <= set(history)
        for commit_id, path in answered.items():
            assert path in hub.repositories.tree(repository, commit_id)
    assert not list((state / "tmp").iterdir())
    assert json.loads((state / "repositories/biglam/kill/repository.json").read_bytes())["id"] == "biglam/kill"
