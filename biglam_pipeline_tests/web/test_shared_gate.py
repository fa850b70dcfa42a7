"""Several processes are one guest: the host sees its rate kept to, however many of them ask it."""

import itertools
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer

pytestmark = pytest.mark.slow
PAUSE = 0.15
PROCESSES, REQUESTS = 5, 3
_GUEST = """
import sys
from pathlib import Path
from biglam_pipeline.web import Web
from biglam_pipeline.web.limits import Limits

limits = Limits(pause_least_seconds={pause}, backoff_seconds=0.2)
web = Web(contact="a@example.org", rewrite={{}}, allow_private=True, locks=Path(sys.argv[1]), limits=limits,
          spare_loopback=False)
for number in range({requests}):
    web.get(f"{{sys.argv[2]}}/file-{{sys.argv[3]}}-{{number}}")
"""


class Watched:
    """A host that notes when each request came and when its answer had gone."""

    def __init__(self, server: ScriptedServer, *, busy_at: int = -1) -> None:
        self.spans: list[tuple[float, float]] = []
        self._busy_at, self._lock = busy_at, threading.Lock()
        server.on("/robots.txt", self._answer)
        server.on("/.well-known/tdmrep.json", self._answer)
        for process in range(PROCESSES):
            for number in range(REQUESTS):
                server.on(f"/file-{process}-{number}", self._answer)

    def _answer(self, asked: Asked) -> Reply:
        came = time.monotonic()
        time.sleep(0.01)
        with self._lock:
            self.spans.append((came, time.monotonic()))
            if len(self.spans) == self._busy_at:
                return Reply(status=429, headers={"Retry-After": "1"})
        return Reply(status=404) if asked.path.startswith(("/robots", "/.well")) else Reply(b"x")

    @property
    def gaps(self) -> list[float]:
        """Seconds between an answer and the next request."""
        spans = sorted(self.spans)
        return [after[0] - before[1] for before, after in itertools.pairwise(spans)]


def ask(server: ScriptedServer, locks: Path) -> None:
    code = _GUEST.format(pause=PAUSE, requests=REQUESTS)
    guests = [
        subprocess.Popen([sys.executable, "-c", code, str(locks), server.url, str(number)])
        for number in range(PROCESSES)
    ]
    assert [guest.wait(120) for guest in guests] == [0] * PROCESSES


def test_five_processes_keep_to_the_pace_of_one(server: ScriptedServer, tmp_path: Path) -> None:
    watched = Watched(server)
    ask(server, tmp_path / "locks")
    assert len(watched.spans) == PROCESSES * (REQUESTS + 2)
    assert server.most_under_way == 1
    assert min(watched.gaps) >= PAUSE * 0.9  # the server sees an answer gone a little before its reader does


def test_a_refusal_of_one_is_heeded_by_all(server: ScriptedServer, tmp_path: Path) -> None:
    watched = Watched(server, busy_at=6)
    ask(server, tmp_path / "locks")
    assert len(watched.spans) == PROCESSES * (REQUESTS + 2) + 1
    assert server.most_under_way == 1
    assert watched.gaps[5] >= 0.9
    assert min(watched.gaps[5:8]) >= PAUSE * 1.5
