"""Kills a run of the pipeline at any request or write, runs it again, and compares with a run that nobody disturbed."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pyarrow.parquet as pq
from huggingface_hub import HfApi
from starlette.requests import Request
from starlette.responses import Response

from biglam_pipeline.demo.server import Running
from biglam_pipeline_tests.servers.hub import HubServer

NIGHT = "2026-01-02T04:00:00+00:00"


@dataclass(frozen=True)
class Ended:
    """How a run ended."""

    killed: bool
    writes: int
    requests: int


@dataclass(frozen=True)
class Death:
    """Where a run is killed."""

    what: str
    """write or request."""
    number: int
    when: str
    """before or after it takes effect."""


class Killer:
    """Counts the requests that reach Hub and institution, and kills the client at one of them."""

    def __init__(self, hub: HubServer, institution: Running) -> None:
        hub.fault, institution.fault = self.at_hub, self.at_institution
        self.pid, self.count, self.death = 0, 0, Death("", 0, "")

    def begin(self, pid: int, death: Death | None) -> None:
        """From now on the requests are those of this process."""
        self.pid, self.count, self.death = pid, 0, death or Death("", 0, "")

    def _due(self) -> bool:
        return self.death.what == "request" and self.count == self.death.number

    def _kill(self) -> None:
        if self.pid:
            os.kill(self.pid, signal.SIGKILL)
            self.pid = 0

    def at_hub(self, request: Request, stage: str) -> Response | None:
        """Called by the Hub before and after it has handled a request."""
        if stage == "before":
            self.count += 1
        if self._due() and stage == self.death.when:
            self._kill()
            return Response(status_code=503)
        return None

    def at_institution(self, request: Request) -> Response | None:
        """Called by the institution before it answers: to ask has no effect there."""
        self.count += 1
        if self._due():
            self._kill()
            return Response(status_code=503) if self.death.when == "before" else None
        return None


class Driver:
    """A warm process that runs the pipeline in children, each once its killer knows it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def begin(self, order: dict[str, Any]) -> int:
        """The child that waits for `end`."""
        return int(self._ask(order)["pid"])

    def end(self) -> dict[str, Any]:
        """Lets it run, to its end or its death; `signal` is 0 or SIGKILL's."""
        ended = self._ask({})
        assert "error" not in ended, ended["error"]
        assert ended["signal"] in {0, signal.SIGKILL}, ended
        return ended

    def _ask(self, line: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()
        heard: dict[str, Any] = json.loads(self._process.stdout.readline())
        return heard


@contextmanager
def open_driver() -> Iterator[Driver]:
    """It ends with the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "biglam_pipeline_tests.journey.driver"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
        env={name: value for name, value in os.environ.items() if not name.startswith("BIGLAM_")},
    ) as process:
        yield Driver(process)


class Stage:
    """One driver, one Hub, one institution; every shelf and every owner is used for one death."""

    def __init__(
        self, driver: Driver, folder: Path, sources: Path, source: str, hub: HubServer, institution: Running
    ) -> None:
        self.folder, self.sources, self.source = folder, sources, source
        self.hub, self.institution = hub, institution
        self._driver, self._killer = driver, Killer(hub, institution)

    def run(self, owner: str, death: Death | None = None, now: str = NIGHT, takedown: str = "") -> Ended:
        """One run on the shelf of this owner, to its end or to its death; or the takedown of a record."""
        order = {
            "environment": {
                "BIGLAM_STATE": str(self.folder / owner),
                "BIGLAM_HUB_ENDPOINT": self.hub.endpoint,
                "BIGLAM_HUB_OWNER": owner,
                "BIGLAM_REWRITE": self.institution.rewrite,
                "BIGLAM_ALLOW_PRIVATE_HOSTS": "1",
            },
            "sources": str(self.sources),
            "source": self.source,
            "now": now,
            "takedown": takedown,
        }
        if death and death.what == "write":
            order |= {"write": death.number, "when": death.when}
        self._killer.begin(self._driver.begin(order), death)
        ended = self._driver.end()
        requests = self._killer.count
        self._killer.begin(0, None)
        return Ended(bool(ended["signal"]), ended.get("writes", 0), requests)

    # --- what is compared ---

    def shelf(self, owner: str) -> Path:
        """The source's shelves."""
        return self.folder / owner / "shelves" / self.source

    def shards(self, owner: str) -> dict[str, bytes]:
        """All files of the shards, and what the normalized pointer says."""
        home = self.shelf(owner)
        files = [path for path in (home / "shards").rglob("*") if path.is_file()]
        found = {path.relative_to(home).as_posix(): path.read_bytes() for path in files}
        return found | {"normalized": (home / "normalized" / "manifest.json").read_bytes()}

    def shelved(self, owner: str, visit: int) -> set[str]:
        """Path and query of what this visit's batches on the shelf hold."""
        found = set()
        for path in (self.shelf(owner) / "raw" / "batches").glob(f"{visit:05d}-*.parquet"):
            for url in pq.read_table(path, columns=["url"])["url"].to_pylist():
                parts = urlsplit(url)
                found.add(f"{parts.path}?{parts.query}" if parts.query else parts.path)
        return found

    def history(self, owner: str) -> list[tuple[str, list[str]]]:
        """Title and tags of each commit, the newest first."""
        api, name = HfApi(endpoint=self.hub.endpoint, token=False), f"{owner}/{self.source}"
        tags = api.list_repo_refs(name, repo_type="dataset").tags
        commits = api.list_repo_commits(name, repo_type="dataset")
        return [
            (commit.title, [tag.name for tag in tags if tag.target_commit == commit.commit_id]) for commit in commits
        ]

    def published(self, owner: str) -> dict[str, str]:
        """Path -> sha256 of the parts in the repository."""
        api = HfApi(endpoint=self.hub.endpoint, token=False)
        tree = api.list_repo_tree(f"{owner}/{self.source}", "data/default", repo_type="dataset")
        return {entry.path: entry.lfs.sha256 for entry in tree if getattr(entry, "lfs", None)}

    def dies(
        self, death: Death, undisturbed: str, *, owner: str = "", night: str = NIGHT, again: str = "", visit: int = 1
    ) -> bool:
        """Kills a run on a fresh shelf, or on this owner's, and runs again; False where it had ended before that."""
        owner = owner or f"{undisturbed}-{death.what}-{death.when}-{death.number}"
        killed = self.run(owner, death, night).killed
        held, before = self.shelved(owner, visit), len(self.institution.log)
        assert not self.run(owner, now=again or night).killed
        fetched = {path for _, path, status, _ in self.institution.log[before:] if status == 200}
        assert not fetched & held, f"{death}: fetched again though shelved"
        self.compare(owner, undisturbed, death)
        return killed

    def compare(self, owner: str, undisturbed: str, death: Death) -> None:
        """Bit for bit, here and on the Hub; one commit, one tag; nothing half done is left."""
        assert self.shards(owner) == self.shards(undisturbed), death
        assert self.history(owner) == self.history(undisturbed), death
        assert self.published(owner) == self.published(undisturbed), death
        assert not list(self.shelf(owner).rglob(".put-*")), f"{death}: a half-written file is left"
        scratch = self.folder / owner / "scratch" / self.source
        assert not [path for path in scratch.rglob("*") if path.is_file()], f"{death}: scratch is left"


@contextmanager
def open_stage(
    driver: Driver, folder: Path, sources: Path, source: str, hub: HubServer, institution: Running
) -> Iterator[Stage]:
    """A stage whose faults end with the block."""
    try:
        yield Stage(driver, folder, sources, source, hub, institution)
    finally:
        hub.fault = institution.fault = None


def owner_name() -> str:
    """An owner that no other test has."""
    return f"k{next(tempfile._get_candidate_names())}".replace("_", "x")  # type: ignore[attr-defined]
