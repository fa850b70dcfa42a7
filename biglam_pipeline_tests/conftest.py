"""What all tests share: an environment of their own, no network but loopback, and a bench."""

import atexit
import gc
import logging
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import zlib
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import certifi

_HOME = tempfile.mkdtemp(prefix="biglam-tests-")
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
# The Hub's client reads these when it is imported, so they stand before everything else.
os.environ.update(
    HF_HOME=f"{_HOME}/hf",
    HF_HUB_DISABLE_TELEMETRY="1",
    HF_HUB_DISABLE_PROGRESS_BARS="1",
    HF_HUB_DISABLE_IMPLICIT_TOKEN="1",
    DAGSTER_DISABLE_TELEMETRY="1",
)
# The client of Xet reads all the certificates of the machine, six times a commit, and here nobody shows one.
_ROOT = Path(certifi.where()).read_text(encoding="ascii").partition("-----BEGIN")
Path(_HOME, "root.pem").write_text("-----BEGIN" + _ROOT[2].partition("-----END")[0] + "-----END CERTIFICATE-----\n")
Path(_HOME, "no-more-roots").mkdir()
os.environ.update(SSL_CERT_FILE=f"{_HOME}/root.pem", SSL_CERT_DIR=f"{_HOME}/no-more-roots")
gc.disable()  # until all is collected: a quarter of the time of collecting
# Hundreds of processes are started: where no bytecode is written, each compiles the whole package again.
sys.dont_write_bytecode = False
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
for _name in [name for name in os.environ if name.startswith("BIGLAM_") and name != "BIGLAM_REAL_DATA"]:
    del os.environ[_name]

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402
from hypothesis.internal.conjecture import providers  # noqa: E402

from biglam_pipeline.collecting import seldom  # noqa: E402
from biglam_pipeline.demo.institution import Institution  # noqa: E402
from biglam_pipeline.demo.server import Running  # noqa: E402
from biglam_pipeline_tests.bench import Bench, open_bench  # noqa: E402
from biglam_pipeline_tests.command import Command, open_command  # noqa: E402
from biglam_pipeline_tests.examples import FEWER  # noqa: E402
from biglam_pipeline_tests.servers.hub import HubServer  # noqa: E402

# A loaded machine is slow, not wrong; a run finds the same as the run before, so that no test fails by chance; and what
# it found is told in its output, not kept in a folder. What exploring finds becomes an `@example` of its test.
settings.register_profile("biglam", deadline=None, database=None, print_blob=True, derandomize=True)
settings.register_profile("explore", deadline=None, database=None, print_blob=True, derandomize=False)
settings.load_profile("biglam")
settings.register_profile("fewer", max_examples=FEWER)  # `make test`; `make check` tries all of them too

ROOT = Path(__file__).parents[1]
_LONG = {"hub", "command"}
"""Fixtures of tests that take tenths of a second or more."""
_connect = socket.socket.connect


def pytest_configure(config: pytest.Config) -> None:
    """Examples follow from the test alone, but where somebody explores.

    Hypothesis also draws what stands as a constant in any module of ours that is loaded, derandomised or not: what a
    test is given would depend on the tests that its worker ran before it (hypothesis/internal/conjecture/providers.py).
    """
    if config.getoption("--hypothesis-profile") != "explore":
        providers._get_local_constants = providers.Constants  # type: ignore[assignment]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Of a test that is `representative(n)`, what follows its first n sets of parameters is slow, or what `rest` says;
    where it says `slow=m`, m of them are slow all the same.

    Files that take long begin first, or one worker would be alone with one at the end: those whose tests publish or run
    the command, each a hundred times as long as another, and those that ask for more time than all tests have.
    """
    seen = Counter[str]()
    for item in items:
        if mark := item.get_closest_marker("representative"):
            test = item.nodeid.partition("[")[0]
            seen[test] += 1
            if seen[test] > mark.args[0]:
                still = seen[test] <= mark.args[0] + mark.kwargs.get("slow", 0)
                item.add_marker("slow" if still else mark.kwargs.get("rest", "slow"))
    longest = Counter[Path]()
    for item in items:
        mark = item.get_closest_marker("timeout")
        asked = mark.args[0] if mark else 0
        longest[item.path] += asked if asked > 300 else 100 if _LONG & set(getattr(item, "fixturenames", ())) else 1
    items.sort(key=lambda item: -longest[item.path])


@pytest.hookimpl(wrapper=True)
def pytest_report_to_serializable(report: object) -> Generator[None, Any, Any]:
    """Nobody asks for the keywords of what passed, and to send them three times a test was a quarter of sending it."""
    sent = yield
    if sent is not None and sent.get("outcome") == "passed":
        sent["keywords"] = {}
    return sent


def pytest_collection_finish() -> None:
    """Ten thousand tests and their modules are no garbage, and are not looked through again and again."""
    seldom()
    gc.enable()


def _loopback_only(self: socket.socket, address: Any) -> None:
    if isinstance(address, tuple) and address[0] not in {"127.0.0.1", "::1", "localhost"}:
        raise AssertionError(f"a test asked {address[0]}; tests talk to this machine only")
    _connect(self, address)


@pytest.fixture(scope="session", autouse=True)
def loopback_only() -> Iterator[None]:
    """No test leaves this machine, and nothing that tests share."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(socket.socket, "connect", _loopback_only)
        yield


@pytest.fixture(scope="session")
def hub(tmp_path_factory: pytest.TempPathFactory) -> Iterator[HubServer]:
    """One embedded Hub for all tests of a process; each test publishes under an owner of its own."""
    server = HubServer(tmp_path_factory.mktemp("hub"))
    yield server
    server.close()


@pytest.fixture(scope="session")
def served() -> Iterator[Running]:
    """One institution for all tests of a process: to end its server takes longer than most of them."""
    with Running() as running:
        yield running


@pytest.fixture
def institution(served: Running) -> Running:
    """The made-up institution, as on its first night, with an empty log and no fault."""
    vars(served.institution).update(vars(Institution()))
    served.log.clear()
    served.fault = None
    return served


@pytest.fixture
def bench(tmp_path: Path, hub: HubServer, institution: Running, request: pytest.FixtureRequest) -> Iterator[Bench]:
    """Shelves, Hub and institution for one test."""
    owner = f"t{zlib.crc32(request.node.nodeid.encode())}"  # the same in every run: a name may stand in a text
    with open_bench(tmp_path, hub, institution, owner) as opened:
        yield opened


@pytest.fixture(scope="session")
def command(prepared: Path) -> Iterator[Command]:
    """The command `biglam`, in processes of its own."""
    with open_command(prepared) as opened:
        yield opened


@pytest.fixture(scope="session")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home of Dagster as `biglam` makes it: dagster.yaml and the empty databases."""
    from biglam_pipeline.defs.instance import prepare_home

    logging.getLogger("dagster").setLevel(logging.ERROR)
    home = tmp_path_factory.mktemp("dagster") / "home"
    prepare_home(home)
    return home


@pytest.fixture(scope="session")
def real_data() -> Path:
    """Files of real institutions; a test that needs them is skipped where they are not."""
    folder = Path(os.environ.get("BIGLAM_REAL_DATA") or ROOT.parent / "shared" / "real")
    if not folder.is_dir():
        pytest.skip(f"no files of real institutions at {folder}; set BIGLAM_REAL_DATA")
    return folder


@pytest.fixture
def client(tmp_path: Path) -> Callable[..., str]:
    """Runs Python in a process of its own, whose libraries know the endpoint from the environment; it must succeed."""

    def run(endpoint: str, script: str, *arguments: str, **environment: str) -> str:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
        clean |= {
            "HF_ENDPOINT": endpoint,
            "HF_HOME": str(tmp_path / "hf-home"),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            env=clean | environment,
            cwd=tmp_path,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run
