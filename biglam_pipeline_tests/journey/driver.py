"""Runs the pipeline in a forked child that dies at a stated write, while its warm parent lives on.

Orders come as lines of JSON; for each, the child's pid is answered, a line lets it start, and its end is answered.
The parent imports everything and calls nothing, so that no thread is lost in the fork.
"""

import json
import os
import signal
import sys
import traceback
from datetime import datetime
from pathlib import Path
from typing import Any

from biglam_pipeline import pipeline
from biglam_pipeline.context import open_context
from biglam_pipeline.environment import read_environment
from biglam_pipeline.harvest import under_way
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline.source import load_sources
from biglam_pipeline.store import disk

LONGEST_SECONDS = 100
under_way.SHELVE_EVERY_SECONDS = 0.0  # every object is a batch of its own, at which a run can be cut off


def die_at_write(at: int, when: str) -> None:
    """SIGKILL before or after the write of that number, counted from 1."""
    put, done = disk.put_whole, 0

    def counting(path: Path, data: bytes | Path) -> None:
        nonlocal done
        done += 1
        if done == at and when == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        put(path, data)
        if done == at:
            os.kill(os.getpid(), signal.SIGKILL)

    disk.put_whole = counting


def count_writes() -> list[str]:
    """The names that are written from now on."""
    put, names = disk.put_whole, []

    def noting(path: Path, data: bytes | Path) -> None:
        names.append(path.name)
        put(path, data)

    disk.put_whole = noting
    return names


def run(order: dict[str, Any]) -> int:
    """The four stages of one source, or the first alone, or a takedown; the number of writes."""
    names: list[str] = []
    if order.get("write"):
        die_at_write(order["write"], order["when"])
    else:
        names = count_writes()
    now = datetime.fromisoformat(order["now"])
    catalog = load_sources([Path(order["sources"])])
    source = catalog.get(order["source"])
    base = catalog.bases[source.name]
    with open_context(read_environment(order["environment"]), lambda: now) as run:
        if order.get("takedown"):
            request = Request(order["takedown"], "privacy", "on request")
            take_down(run, source, base, plan_takedown(run, source, base, request), request)
            return len(names)
        pipeline.harvest_source(run, source, base)
        if order.get("stages") == 1:
            return len(names)
        pipeline.normalize_source(run, source, base)
        pipeline.dedup_source(run, source, base)
        pipeline.publish_source(run, source, base)
    return len(names)


def child(order: dict[str, Any], start: int, end: int) -> None:
    """Waits to be let go, runs, and tells its writes, or what went wrong."""
    os.read(start, 1)
    signal.alarm(LONGEST_SECONDS)
    try:
        reported = {"writes": run(order)}
    except BaseException:  # noqa: BLE001 - told to the parent, whatever it is
        reported = {"error": traceback.format_exc()}
    os.write(end, json.dumps(reported).encode()[-60_000:])
    os._exit(0)


def obey(order: dict[str, Any]) -> dict[str, Any]:
    """One child, from fork to end."""
    start, go = os.pipe()
    reported, end = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(go)
        os.close(reported)
        child(order, start, end)
    os.close(start)
    os.close(end)
    print(json.dumps({"pid": pid}), flush=True)
    sys.stdin.readline()
    os.write(go, b"!")
    os.close(go)
    said = b""
    while block := os.read(reported, 65_536):
        said += block
    os.close(reported)
    _, status = os.waitpid(pid, 0)
    return {"signal": os.WTERMSIG(status) if os.WIFSIGNALED(status) else 0} | (json.loads(said) if said else {})


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(obey(json.loads(line))), flush=True)
