"""The Dagster UI as `biglam dev` serves it, from `with` to its end, and the questions that its pages ask by GraphQL."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx

from biglam_pipeline_tests.defs.desk import ROOT
from biglam_pipeline_tests.servers.ports import free_port

ENDED = {"SUCCESS", "FAILURE", "CANCELED"}
SERVE = """
import os, pathlib, sys
from biglam_pipeline.defs.serving import listen, serve
from biglam_pipeline.localhub.door import Door
home, workspace = pathlib.Path(os.environ["DAGSTER_HOME"]), pathlib.Path(sys.argv[2])
sys.exit(serve(home, listen(int(sys.argv[1])), Door, workspace=workspace))
"""


class DagsterServer:
    """Webserver, daemon and code server of one home."""

    def __init__(self, address: str) -> None:
        """address: http://127.0.0.1:PORT."""
        self.address = address
        self._client = httpx.Client(base_url=address, timeout=60)

    def answers(self) -> bool:
        """Whether the webserver is up and has loaded every code location."""
        try:
            found = self.ask("{workspaceOrError {... on Workspace {locationEntries {loadStatus}}}}")
        except (httpx.TransportError, httpx.HTTPStatusError):
            return False
        entries = found["workspaceOrError"]["locationEntries"]
        return bool(entries) and all(one["loadStatus"] == "LOADED" for one in entries)

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """One GraphQL question; an error in the answer fails the test."""
        answer = self._client.post("/graphql", json={"query": query, "variables": variables})
        answer.raise_for_status()
        body: dict[str, Any] = answer.json()
        assert "errors" not in body, body["errors"]
        found: dict[str, Any] = body["data"]
        return found

    def ended(self, run_id: str, seconds: float = 90) -> str:
        """The status with which a run ends."""
        query = "query Run($id: ID!) {runOrError(runId: $id) {... on Run {status}}}"
        wait_until(lambda: self.ask(query, id=run_id)["runOrError"]["status"] in ENDED, seconds)
        return str(self.ask(query, id=run_id)["runOrError"]["status"])

    def close(self) -> None:
        """Closes the client, not the server."""
        self._client.close()


def wait_until(ready: Callable[[], bool], seconds: float = 90) -> None:
    """Looks twice a second; a failed test where it never comes."""
    deadline = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < deadline, f"not within {seconds:.0f} s"
        time.sleep(0.5)


@contextmanager
def served(
    settings: Mapping[str, str], log: Path, workspace: Path = ROOT / "workspace.yaml"
) -> Iterator[DagsterServer]:
    """Serves a workspace. settings: environment on top of this process's own; log: where its output goes."""
    port = free_port()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(port), str(workspace)],
            cwd=ROOT,
            env={**os.environ, **settings},
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=_default_signals,
        )
    server = DagsterServer(f"http://127.0.0.1:{port}")
    try:
        wait_until(lambda: process.poll() is not None or server.answers())
        assert process.poll() is None, log.read_text()
        yield server
    finally:
        server.close()
        process.send_signal(signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            process.wait(30)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _default_signals() -> None:
    """A shell's background job ignores SIGINT, and Dagster would then ignore SIGTERM too."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
