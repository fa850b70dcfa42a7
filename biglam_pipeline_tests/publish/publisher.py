"""Publishes drafts on order, in a process of its own: by Xet, or by LFS where HF_HUB_DISABLE_XET=1 stood in its
environment when the Hub's client was imported.

Orders come as lines of JSON. With `fork`, a list of orders, each is carried out by a forked child of its own, all at
once; their pids are reported before they begin, and they may be killed. The parent imports everything and calls
nothing, so that no thread is lost in the fork.
"""

import json
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from biglam_pipeline.errors import BiglamError
from biglam_pipeline.publish.hub import BATCH, Hub
from biglam_pipeline_tests.publish.drafts import a_clearance, read

LONGEST_SECONDS = 100


def publish(order: dict[str, Any]) -> dict[str, Any]:
    """The release, or the error; and the seconds that were waited: not really, unless `waits` says so."""
    pauses: list[float] = []

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        time.sleep(min(seconds, order.get("waits", 0)))

    hub = Hub(order["endpoint"], order.get("token", ""), sleep=sleep, batch=order.get("batch", BATCH))
    draft = read(order["draft"])
    try:
        release = hub.commit(draft, a_clearance(draft.digest))
    except BiglamError as cause:
        asked = getattr(cause, "retry_after_seconds", None)
        return {"error": type(cause).__name__, "said": str(cause), "asked": asked, "pauses": pauses}
    except OSError as cause:  # the client's own, for which there is nothing that a person could do
        return {"error": type(cause).__name__, "said": str(cause), "asked": None, "pauses": pauses}
    return {"release": asdict(release), "pauses": pauses}


def night(order: dict[str, Any]) -> dict[str, Any]:
    """A whole run of one source; only in a child, since the driver hurries the pipeline along."""
    from biglam_pipeline_tests.journey import driver

    try:
        return {"writes": driver.run(order)}
    except BiglamError as cause:
        return {"error": type(cause).__name__, "said": str(cause)}


def _child(order: dict[str, Any], start: int, end: int) -> None:
    os.read(start, 1)
    signal.alarm(LONGEST_SECONDS)
    try:
        reported = night(order["night"]) if "night" in order else publish(order)
    except BaseException:  # noqa: BLE001 - told to the parent, whatever it is
        reported = {"error": "", "said": traceback.format_exc()}
    os.write(end, json.dumps(reported).encode()[-60_000:])
    os._exit(0)


def _fork(orders: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One child for each order, let go together."""
    start, go = os.pipe()
    pids, ends = [], []
    for order in orders:
        reported, end = os.pipe()
        pid = os.fork()
        if pid == 0:
            os.close(go)
            _child(order, start, end)
        os.close(end)
        pids.append(pid)
        ends.append(reported)
    os.close(start)
    print(json.dumps({"pids": pids}), flush=True)
    sys.stdin.readline()
    os.write(go, b"!" * len(pids))
    os.close(go)
    return [_ended(pid, reported) for pid, reported in zip(pids, ends, strict=True)]


def _ended(pid: int, reported: int) -> dict[str, Any]:
    said = b""
    while block := os.read(reported, 65_536):
        said += block
    os.close(reported)
    _, status = os.waitpid(pid, 0)
    killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0
    return {"signal": killed} | (json.loads(said) if said else {})


class Publisher:
    """The process, as a test sees it."""

    def __init__(self, *, xet: bool) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith("BIGLAM_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "biglam_pipeline_tests.publish.publisher"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
            env=clean if xet else clean | {"HF_HUB_DISABLE_XET": "1"},
        )

    def say(self, line: dict[str, Any]) -> None:
        """One order, or the word to begin."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def hear(self) -> dict[str, Any]:
        """One answer."""
        assert self._process.stdout is not None
        heard: dict[str, Any] = json.loads(self._process.stdout.readline())
        return heard

    def __call__(self, order: dict[str, Any]) -> dict[str, Any]:
        """Carries out one order in the process itself."""
        self.say(order)
        return self.hear()

    def fork(self, orders: list[dict[str, Any]], begins: Callable[[list[int]], None]) -> list[dict[str, Any]]:
        """Carries out all orders at once, each in a child. begins: reported the pids, before anything happens."""
        self.say({"fork": orders})
        begins(self.hear()["pids"])
        self.say({})
        ended: list[dict[str, Any]] = self.hear()["ended"]
        return ended

    def close(self) -> None:
        """Ends it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


@contextmanager
def open_publisher(*, xet: bool) -> Iterator[Publisher]:
    """A process that ends with the block."""
    publisher = Publisher(xet=xet)
    try:
        yield publisher
    finally:
        publisher.close()


if __name__ == "__main__":
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps({"ended": _fork(order["fork"])} if "fork" in order else publish(order)), flush=True)
