"""The token for the Hub is a secret: it is looked for wherever a run leaves something, with everything told aloud."""

import base64
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from biglam_pipeline_tests.servers.hub import HubServer

TOKEN = "hf_LeakTestLeakTestLeakTest1234567890"
WRONG = "hf_WrongWrongWrongWrongWrongWrong12345"
SOURCES = """
sources:
  table:
    title: A table
    custodian: A library
    harvest: file:table.csv
    normalize: {map: {id: id, title: name}}
    rights: {license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-31}
    expect: {rows: 2..}
"""
ALOUD = """
import http.client, logging, sys
logging.basicConfig(level=logging.DEBUG)
logging.getLogger().setLevel(logging.DEBUG)
from biglam_pipeline import cli
logging.basicConfig = lambda **_: None
sys.argv = ["biglam", *sys.argv[1:]]
cli.main()
"""
"""The command with every library's every word: only its own choice of a quiet level is taken away."""


@pytest.fixture(scope="module")
def guarded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    """A Hub that answers nobody without the token."""
    with HubServer(tmp_path_factory.mktemp("guarded"), auth=TOKEN) as server:
        yield server


def run(folder: Path, hub: HubServer, token: str, *, multiprocess: bool = False) -> subprocess.CompletedProcess[bytes]:
    """One whole journey, told aloud, with everything it keeps below `folder`."""
    (folder / "table.csv").write_text("id,name\n1,One\n2,Two\n")
    (folder / "sources.yaml").write_text(SOURCES)
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith(("BIGLAM_", "HF_", "DAGSTER_"))},
        "HOME": str(folder),
        "HF_HOME": str(folder / "hf"),
        "HF_DEBUG": "1",
        "HF_HUB_VERBOSITY": "debug",
        "RUST_LOG": "debug",
        "BIGLAM_HUB_ENDPOINT": hub.endpoint,
        "BIGLAM_HUB_TOKEN": token,
        "BIGLAM_HUB_OWNER": folder.name.replace("_", "-")[:40].strip("-"),
    }
    if multiprocess:
        words = ["-m", "dagster", "asset", "materialize", "-m", "biglam_pipeline.definitions", "--select", "*"]
        environment["DAGSTER_HOME"] = str(folder / "dagster")
        (folder / "dagster").mkdir()
    else:
        words = ["-c", ALOUD, "run", "table"]
    return subprocess.run(
        [sys.executable, *words], cwd=folder, env=environment, capture_output=True, check=False, timeout=200
    )


def leaks(folder: Path, done: subprocess.CompletedProcess[bytes], token: str) -> list[str]:
    """Where the token stands, plain or in base64: what was said, and every file that was left."""
    forms = [token.encode(), base64.b64encode(token.encode()).rstrip(b"="), token[3:].encode()]
    places = {"stdout": done.stdout, "stderr": done.stderr}
    places |= {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert len(places) > 10, sorted(places)
    return [name for name, data in places.items() if any(form in data for form in forms)]


@pytest.mark.slow
def test_a_run_reported_aloud_leaves_no_trace_of_the_token(tmp_path: Path, guarded: HubServer) -> None:
    done = run(tmp_path, guarded, TOKEN)
    assert done.returncode == 0, done.stderr[-3000:]
    assert b"2 rows at" in done.stdout
    assert b"DEBUG" in done.stderr, "it was not told aloud"
    assert leaks(tmp_path, done, TOKEN) == []


@pytest.mark.slow
def test_a_refusal_does_not_show_the_token_that_was_refused(tmp_path: Path, guarded: HubServer) -> None:
    done = run(tmp_path, guarded, WRONG)
    assert done.returncode == 1
    assert b"BIGLAM_HUB_TOKEN" in done.stderr, "the remedy is reported"
    assert leaks(tmp_path, done, WRONG) == []


@pytest.mark.slow
def test_dagsters_own_command_leaves_no_trace_of_the_token(tmp_path: Path, guarded: HubServer) -> None:
    """Steps in processes of their own: what is handed to them must not hold it either."""
    done = run(tmp_path, guarded, TOKEN, multiprocess=True)
    assert done.returncode == 0, done.stderr[-3000:]
    assert leaks(tmp_path, done, TOKEN) == []


def test_the_search_finds_what_is_there(tmp_path: Path) -> None:
    for number in range(12):
        (tmp_path / f"{number}.log").write_text("nothing")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "headers").write_bytes(b"Basic " + base64.b64encode(TOKEN.encode()))
    done = subprocess.CompletedProcess([], 0, stdout=b"", stderr=f"Bearer {TOKEN}".encode())
    assert sorted(leaks(tmp_path, done, TOKEN)) == ["stderr", "sub/headers"]


def test_a_job_that_the_hub_trusts_gets_its_token_as_the_page_says(tmp_path: Path) -> None:
    """The command of docs/publishing.md, with the exchange answered as the Hub answers it (RFC 8693)."""
    page = (Path(__file__).parents[2] / "docs" / "publishing.md").read_text()
    (command,) = re.findall(r'BIGLAM_HUB_TOKEN=\$\(python -c "(.+?)"\)', page)
    asked: list[str] = []

    def exchange(request: Request, stage: str) -> Response | None:
        if request.url.path != "/oauth/token" or stage != "before":
            return None
        asked.append(request.method)
        return JSONResponse({"access_token": TOKEN, "token_type": "bearer", "expires_in": 3600})

    with HubServer(tmp_path / "hub", auth=TOKEN) as server:
        server.fault = exchange
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("HF_")},
            "HF_ENDPOINT": server.endpoint,
            "HF_HOME": str(tmp_path),
            "HF_OIDC_RESOURCE": "datasets/biglam/my_source",
            "HF_OIDC_ID_TOKEN": "the.jobs.own",
        }
        done = subprocess.run(
            [sys.executable, "-c", command], env=environment, capture_output=True, text=True, check=False, timeout=60
        )
    assert done.stdout.strip() == TOKEN, done.stderr
    assert asked == ["POST"]
