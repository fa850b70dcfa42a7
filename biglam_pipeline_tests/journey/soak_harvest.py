"""Kills a harvest of 200 batches with SIGKILL, again and again; its shelf ends as that of one nobody disturbed.

`make soak`, or `python -m biglam_pipeline_tests.journey.soak_harvest --kills 100 --seed 1`: over the pages of an
OAI-PMH list, and over files. Moments come from the seed: so many requests after a start, and some milliseconds.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq

from biglam_pipeline_tests.harvest.repository import Repository, page
from biglam_pipeline_tests.journey.killing import NIGHT, Driver, open_driver
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server

BATCHES = 200
SOURCES = """
sources:
  pages:
    title: Pages of a list
    custodian: Aldermere Free Library
    harvest: {oai}?metadataPrefix=oai_dc
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-31}}
  files:
    title: Many files
    custodian: Aldermere Free Library
    harvest: {address}/files/{{001..200}}.csv
    normalize: {{map: {{id: id, title: title}}}}
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-31}}
"""
_SAME = ("url", "final_url", "status", "media_type", "etag", "last_modified", "sha256", "size", "file", "archive")
"""Of an object, what does not depend on when it was asked for."""
_OF_ITS_TIME = ("index", "sealed", "costs")
"""Of a harvest, digests of what also says when each object was asked for; and its costs: a process that is killed takes
along the count of what it asked for since it began.
"""


@dataclass(frozen=True)
class Moment:
    """When a harvest is killed."""

    request: int
    """At this request of it."""
    seconds: float
    """And so much later: while it is answered, read, or shelved."""


def moment_of(chance: random.Random) -> Moment:
    """A few requests after the start, so that a harvest meets many."""
    return Moment(chance.randint(1, 4), chance.choice([0.0, chance.uniform(0.0, 0.03)]))


class Library:
    """A list in 200 pages and 200 files; it kills whoever asks, when it is due."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server, self.pid, self.count, self.due = server, 0, 0, Moment(0, 0.0)
        repository = Repository(server)
        self.address = repository.address
        for number in range(BATCHES):
            ids = [f"oai:x:{number}-{one}" for one in range(5)]
            reply = page(ids, str(number + 1) if number + 1 < BATCHES else "", str(5 * BATCHES))
            repository.tokens[str(number)] = [reply]
        repository.first = repository.tokens["0"]
        server.spoil = self._watch
        for number in range(1, BATCHES + 1):
            server.on(f"/files/{number:03}.csv", self._file)

    def _file(self, asked: Asked) -> Reply:
        body = f"id,title\n{asked.path},Sheet {asked.path}\n".encode()
        tag = hashlib.sha256(body).hexdigest()[:16]
        return Reply(body, headers={"ETag": f'"{tag}"', "Content-Type": "text/csv"})

    def _watch(self, reply: Reply) -> Reply:
        self.count += 1
        if self.pid and self.count == self.due.request:
            pid, self.pid = self.pid, 0
            if self.due.seconds:
                threading.Timer(self.due.seconds, _kill, [pid]).start()
            else:
                _kill(pid)
        return reply


def _kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)  # it is a child that its parent has not waited for yet, or this raises


class Harvests:
    """Harvests of one source, each with a state folder of its own."""

    def __init__(self, folder: Path, library: Library, driver: Driver, source: str) -> None:
        self.folder, self.library, self.source, self._driver = folder, library, source, driver
        self.killed = 0
        self.last_asked = 0
        """Requests of the last run."""
        self._sources = folder / f"{source}.yaml"
        self._sources.write_text(SOURCES.format(oai=library.address, address=library.server.url))
        self._read: dict[Path, set[str]] = {}
        assert not self.lives("calm")

    def lives(self, state: str, moment: Moment | None = None) -> bool:
        """One run of this harvest, to its end or its death; whether it died. What is shelved must not be asked for."""
        held, before = self._shelved(state), len(self.library.server.asked)
        order = {
            "environment": {
                "BIGLAM_STATE": str(self.folder / state),
                "BIGLAM_ALLOW_PRIVATE_HOSTS": self.library.server.url.removeprefix("http://"),
            },
            "sources": str(self._sources),
            "source": self.source,
            "now": NIGHT,
            "stages": 1,
        }
        self.library.count, self.library.due = 0, moment or Moment(0, 0.0)
        pid = self._driver.begin(order)
        self.library.pid = pid if moment else 0
        ended = self._driver.end()
        self.library.pid = 0
        asked = self.library.server.asked[before:]
        self.last_asked = len(asked)
        again = held & {one.path for one in asked}
        assert not again, f"asked for again though shelved: {sorted(again)[:3]}"
        self.killed += ended["signal"] == signal.SIGKILL
        return bool(ended["signal"])

    def goes_through(self, state: str, chance: random.Random, kills: int) -> None:
        """A harvest that is killed until it ends, or so many times; then its shelf is that of the calm one."""
        most = self.killed + kills
        while self.killed < most and self.lives(state, moment_of(chance)):
            pass
        if not (self._raw(state) / "harvests" / "00001.json").exists():
            assert not self.lives(state)
        [cost] = json.loads((self._raw(state) / "harvests" / "00001.json").read_bytes())["costs"].values()
        assert cost["requests"] == self.last_asked, "a kill takes the count along; what the last run asked is all there"
        assert self.shelf(state) == self.shelf("calm")
        assert not list((self.folder / state).rglob(".put-*"))
        scratch = self.folder / state / "scratch"
        assert not [path for path in scratch.rglob("*") if path.is_file()]

    def shelf(self, state: str) -> dict[str, Any]:
        """All that a harvest says, and of each object what came, with its bytes."""
        raw = self._raw(state)
        harvest = json.loads((raw / "harvests" / "00001.json").read_bytes())
        rows = [row for path in sorted((raw / "batches").iterdir()) for row in pq.read_table(path).to_pylist()]
        assert len(list((raw / "batches").iterdir())) == BATCHES == len({row["key"] for row in rows}) == len(rows)
        for row in rows:
            assert hashlib.sha256(row["content"]).hexdigest() == row["sha256"]
        return {row["key"]: [row[name] for name in _SAME] for row in rows} | {
            "harvest": {name: value for name, value in harvest.items() if name not in _OF_ITS_TIME}
        }

    def _raw(self, state: str) -> Path:
        return self.folder / state / "shelves" / self.source / "raw"

    def _shelved(self, state: str) -> set[str]:
        """Path and query of what stands in the batches."""
        found: set[str] = set()
        for path in (self._raw(state) / "batches").glob("*.parquet"):
            if path not in self._read:
                addresses = map(urlsplit, pq.read_table(path, columns=["url"])["url"].to_pylist())
                self._read[path] = {f"{one.path}?{one.query}".removesuffix("?") for one in addresses}
            found |= self._read[path]
        return found


@contextmanager
def open_harvests(folder: Path, driver: Driver, source: str) -> Iterator[Harvests]:
    """After one that nobody disturbed."""
    folder.mkdir(parents=True, exist_ok=True)
    with scripted_server() as server:
        yield Harvests(folder, Library(server), driver, source)


def _kill_until(harvests: Harvests, kills: int, chance: random.Random) -> None:
    number = 0
    while harvests.killed < kills:
        number += 1
        harvests.goes_through(f"killed-{number}", chance, kills - harvests.killed)
        print(f"{harvests.source}: {harvests.killed} of {kills} kills, {number} harvests", flush=True)


def main() -> None:
    """The soak of `make soak`."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    asked.add_argument("--kills", type=int, default=100, help="of each kind of source")
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    with open_driver() as driver:
        for source in ("pages", "files"):
            with (
                tempfile.TemporaryDirectory(prefix="soak-") as folder,
                open_harvests(Path(folder), driver, source) as one,
            ):
                _kill_until(one, given.kills, random.Random(given.seed))
    print("every shelf is that of an undisturbed harvest, and nothing that was shelved was asked for again")


if __name__ == "__main__":
    main()
