"""The Dagster UI behind its door: what a page of another origin could send, as raw requests, and what its own send."""

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from biglam_pipeline.defs.instance import serving_lock
from biglam_pipeline.defs.serving import listen
from biglam_pipeline.demo.server import Running
from biglam_pipeline.errors import ConfigError, ServerBusy
from biglam_pipeline_tests.bench import open_bench
from biglam_pipeline_tests.defs.desk import Desk, open_desk
from biglam_pipeline_tests.defs.server import DagsterServer, served, wait_until
from biglam_pipeline_tests.raw_requests import answer, status, websocket
from biglam_pipeline_tests.servers.hub import HubServer
from biglam_pipeline_tests.servers.ports import free_port

LAUNCH = """mutation {launchRun(executionParams: {mode: "default", selector: {repositoryName: "__repository__",
  repositoryLocationName: "biglam", pipelineName: "__ASSET_JOB", assetSelection: [{path: ["demo_letters", "raw"]}],
  assetCheckSelection: []}}) {__typename ... on LaunchRunSuccess {run {id}}}}"""
RUNS = "{runsOrError(limit: 99) {... on Runs {results {id}}}}"
JSON = {"Content-Type": "application/json"}
EVIL = "https://evil.example"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, hub: HubServer) -> Iterator[Desk]:
    """The demo, with nothing harvested."""
    folder = tmp_path_factory.mktemp("door")
    with (
        Running() as institution,
        open_bench(folder, hub, institution, "door") as bench,
        open_desk(bench, folder / "dagster") as opened,
    ):
        yield opened


@pytest.fixture(scope="module")
def server(desk: Desk) -> Iterator[DagsterServer]:
    """The UI as `biglam dev` serves it."""
    with served(desk.settings, desk.bench.folder / "log.txt") as running:
        yield running


def question(query: str) -> bytes:
    return json.dumps({"query": query}).encode()


ATTACKS = {
    "another Host": ("POST", "/graphql", {"Host": "evil.example"} | JSON),
    "another Host, of its Origin": ("POST", "/graphql", {"Host": "evil.example", "Origin": "http://evil.example"}),
    "another Origin": ("POST", "/graphql", {"Origin": EVIL} | JSON),
    "an Origin that is hidden": ("POST", "/graphql", {"Origin": "null"} | JSON),
    "another port": ("POST", "/graphql", {"Origin": "http://127.0.0.1:1"} | JSON),
    "a type that asks no leave": ("POST", "/graphql", {"Origin": EVIL, "Content-Type": "text/plain; application/json"}),
    "a form": ("POST", "/graphql?query=" + quote(LAUNCH), {"Origin": EVIL}),
    "without Origin": ("POST", "/graphql", {"Sec-Fetch-Site": "cross-site"} | JSON),
    "asked beforehand": ("OPTIONS", "/graphql", {"Origin": EVIL, "Access-Control-Request-Method": "POST"}),
    "a picture": ("GET", "/graphql?query=" + quote(LAUNCH), {"Accept": "image/*"}),
    "a picture of our own": ("GET", "/graphql?query=" + quote(LAUNCH), {"Sec-Fetch-Site": "same-origin"}),
    "a coded path": ("GET", "/%67raphql?query=" + quote(LAUNCH), {"Accept": "image/*"}),
    "a page in a frame": ("GET", "/", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "iframe"}),
    "a script": ("GET", "/server_info", {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Dest": "script"}),
    "a report": ("POST", "/report_asset_materialization/demo_letters/raw", {"Origin": EVIL}),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_what_a_page_of_another_origin_sends_is_refused(server: DagsterServer, name: str) -> None:
    method, path, headers = ATTACKS[name]
    body = question(LAUNCH) if method == "POST" else b""
    assert status(server.address, path, method=method, body=body, headers=headers) in (403, 421)
    assert server.ask(RUNS)["runsOrError"]["results"] == []


@pytest.mark.parametrize("origin", [None, EVIL, "null", "http://localhost:1"])
def test_a_websocket_of_another_origin_is_not_opened(server: DagsterServer, origin: str | None) -> None:
    assert websocket(server.address, "/graphql", **({"Origin": origin} if origin else {})) == 403
    assert websocket(server.address, "/graphql", Origin=server.address) == 101


def test_a_link_shows_a_page_and_executes_nothing(server: DagsterServer) -> None:
    """The page for questions is shown to whoever follows a link; the question in its address is not asked."""
    link = {"Accept": "text/html", "Sec-Fetch-Site": "cross-site"}
    link |= {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
    for path in ("/", "/runs", "/graphql?query=" + quote(LAUNCH)):
        found = answer(server.address, path, headers=link)
        assert found.startswith(b"HTTP/1.1 200 ")
        assert b"<html" in found
    assert server.ask(RUNS)["runsOrError"]["results"] == []


def test_no_page_fetches_pictures_from_elsewhere_or_stands_in_anothers_frame(server: DagsterServer) -> None:
    head = answer(server.address, "/").partition(b"\r\n\r\n")[0].decode().lower()
    policies = [line for line in head.splitlines() if line.startswith("content-security-policy:")]
    assert any("img-src 'self' data: blob:;" in line for line in policies)
    assert any("frame-ancestors 'self'" in line for line in policies)


@pytest.mark.parametrize("said", [{}, {"Origin": "own"}, {"Origin": "own", "Sec-Fetch-Site": "same-origin"}])
def test_its_own_pages_and_programs_of_this_machine_ask_and_start(server: DagsterServer, said: dict[str, str]) -> None:
    headers = JSON | {name: server.address if value == "own" else value for name, value in said.items()}
    found = answer(server.address, "/graphql", method="POST", body=question("{version}"), headers=headers)
    assert found.endswith(b'"}}')


def test_a_port_that_is_taken_is_said_before_anything_starts() -> None:
    with listen(0) as taken, pytest.raises(ConfigError, match="choose another one with --port"):
        listen(taken.getsockname()[1])


LOCKED = """
import pathlib, sys
from biglam_pipeline.defs.instance import serving_lock
from biglam_pipeline.defs.serving import listen, serve
home = pathlib.Path(sys.argv[1])
with serving_lock(home) as lock:
    sys.exit(serve(home, listen(int(sys.argv[2])), lambda app: app, held=[lock]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_whatever_ends_a_server_leaves_no_daemon_and_no_lock(prepared: Path, tmp_path: Path, number: int) -> None:
    """A daemon left alone would start runs beside those of the next one. A Ctrl-C is an end as it should be."""
    home = Path(shutil.copytree(prepared, tmp_path / "dagster"))
    port = free_port()
    process = subprocess.Popen([sys.executable, "-c", LOCKED, str(home), str(port)], start_new_session=True)
    try:
        server = DagsterServer(f"http://127.0.0.1:{port}")
        wait_until(server.answers)
        server.close()
        process.send_signal(number)
        assert process.wait(60) == (-number if number == signal.SIGKILL else 0)
        wait_until(lambda: not locked(home), 60)
    finally:
        process.kill()
        process.wait()


def locked(home: Path) -> bool:
    try:
        with serving_lock(home):
            return False
    except ServerBusy:
        return True
