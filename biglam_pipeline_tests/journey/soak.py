"""Kills the real command with SIGKILL, again and again, and compares what it ends with with a run nobody disturbed.

`make soak`, or `python -m biglam_pipeline_tests.journey.soak --kills 60 --seed 1`: moments come from the seed.
"""

import argparse
import hashlib
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import dagster as dg
from huggingface_hub import HfApi

from biglam_pipeline import pipeline
from biglam_pipeline.context import open_context
from biglam_pipeline.environment import read_environment
from biglam_pipeline.source import load_sources
from biglam_pipeline_tests.servers.ports import free_port
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server

FILES = 40
ROWS = 60
CONFIGS = ("maps", "plans", "views", "letters", "deeds")
SOURCES = """
sources:
  soaked:
    title: A catalogue in many files
    custodian: Aldermere Free Library
    harvest: {address}/soaked/{{01..40}}.csv
    normalize: {{map: {{id: id, title: title, description: about, config: shelf}}}}
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-31}}
  neighbour:
    title: Another catalogue of the same host
    custodian: Aldermere Free Library
    harvest: {address}/neighbour/01.csv
    normalize: {{map: {{id: id, title: title, config: shelf}}}}
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-31}}
"""
FROM_START, ROOM = 4.0, 120.0
"""A run after a kill has this many times what an undisturbed one took, and these seconds on top, to end in."""


class Library:
    """Forty tables behind validators; each night a few of them change, some rows go and some come."""

    def __init__(self, server: ScriptedServer) -> None:
        self.night, self.seen = 0, 0
        self.on_request: Callable[[int], None] = lambda number: None
        for number in range(1, FILES + 1):
            server.on(f"/soaked/{number:02}.csv", self._answer)
        server.on("/neighbour/01.csv", self._answer)

    def _answer(self, asked: Asked) -> Reply:
        self.seen += 1
        self.on_request(self.seen)
        body = self._table(int(asked.path[-6:-4])).encode()
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        if asked.headers.get("If-None-Match") == tag:
            return Reply(status=304, headers={"ETag": tag})
        return Reply(body, headers={"ETag": tag, "Content-Type": "text/csv"}, delay_seconds=0.01)

    def _table(self, number: int) -> str:
        changes = self.night // 7 + (number % 7 < self.night % 7)  # each night another seventh of the files
        chance = random.Random(number)
        lines = ["id,title,about,shelf"]
        for row in range(changes, ROWS + 2 * changes):
            words = " ".join(
                chance.choice(["north", "south", "east", "west", "old", "new", "great", "little"]) for _ in range(12)
            )
            lines.append(f"{number}-{row},Sheet {row} of {changes},{words},{CONFIGS[(number + row) % len(CONFIGS)]}")
        return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Moment:
    """When the command is killed: after so many seconds, at a request of the night, or at a line that it says."""

    seconds: float = 0.0
    request: int = 0
    line: str = ""


class Soak:
    """One state folder in which commands are killed, and a twin in which the same nights pass undisturbed."""

    def __init__(self, folder: Path, server: ScriptedServer) -> None:
        self.folder, self.library = folder, Library(server)
        self.sources = folder / "sources.yaml"
        self.sources.write_text(SOURCES.format(address=server.url))
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("BIGLAM_", "DAGSTER_HOME"))}
        self.settings = clean | {
            "BIGLAM_SOURCES": str(self.sources),
            "BIGLAM_STATE": str(folder / "state"),
            "BIGLAM_ALLOW_PRIVATE_HOSTS": server.url.removeprefix("http://"),
            "BIGLAM_HUB_PORT": str(free_port()),
            "BIGLAM_HUB_OWNER": "soak",
            "PYTHONPATH": str(Path(__file__).parents[2]),
        }
        self.calm_seconds, self.killed = 0.0, 0

    def start(self, *names: str) -> subprocess.Popen[str]:
        """The command as a person types it."""
        return subprocess.Popen(
            [sys.executable, "-m", "biglam_pipeline.cli", "run", *names],
            env=self.settings,
            cwd=self.folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )

    def goes_through(self, *names: str) -> None:
        """A run that nobody kills ends well, in its time; what a dead one left is no hindrance and needs no hand."""
        limit = FROM_START * self.calm_seconds + ROOM
        began = time.monotonic()
        process = self.start(*names)
        try:
            _, said = process.communicate(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            raise AssertionError(f"still going after {limit:.0f} s: {process.communicate()[1]}") from None
        assert process.returncode == 0, said
        self.calm_seconds = self.calm_seconds or time.monotonic() - began

    def dies(self, moment: Moment) -> bool:
        """A run that is killed at a moment; False where it had ended before."""
        process = self.start("soaked")
        self.library.seen = 0
        self.library.on_request = lambda number: process.kill() if number == moment.request else None
        timer = threading.Timer(moment.seconds, process.kill)
        if moment.seconds:
            timer.start()
        assert process.stderr is not None
        for line in process.stderr:
            if moment.line and moment.line in line:
                process.kill()
        status = process.wait()
        timer.cancel()
        self.library.on_request = lambda number: None
        process.stderr.close()
        assert status in (0, -9), f"{moment}: {status}"
        self.killed += status == -9
        return status == -9

    def round(self, moment: Moment) -> bool:
        """A night on which a run is killed, and another goes through; then everything is as it would have been."""
        self.library.night += 1
        died = self.dies(moment)
        self.goes_through("soaked", "neighbour")
        self.twin()
        self.compare()
        return died

    def twin(self) -> None:
        """The same night, in a state folder of its own, without a command."""
        settings = self.settings | {"BIGLAM_STATE": str(self.folder / "twin"), "BIGLAM_HUB_OWNER": "twin"}
        settings["BIGLAM_HUB_ENDPOINT"] = self.endpoint
        catalog = load_sources([self.sources])
        source, base = catalog.get("soaked"), self.folder
        with open_context(read_environment(settings)) as run:
            pipeline.harvest_source(run, source, base)
            pipeline.normalize_source(run, source, base)
            pipeline.dedup_source(run, source, base)
            pipeline.publish_source(run, source, base)

    @property
    def endpoint(self) -> str:
        """The embedded Hub that the command started."""
        return f"http://127.0.0.1:{self.settings['BIGLAM_HUB_PORT']}"

    def compare(self) -> None:
        """Parts bit for bit, here and on the Hub; a release a night; no run that says it is still going."""
        ours, theirs = (_parts(self.folder / name / "shelves" / "soaked") for name in ("state", "twin"))
        assert ours == theirs
        rows = sorted(digest for path, digest in ours.items() if not path.endswith(".places.parquet"))
        assert len({path.split("/")[1] for path in ours}) >= len(CONFIGS)
        assert self.published("soak/soaked") == self.published("twin/soaked") == rows
        assert self.releases("soak/soaked") == self.releases("twin/soaked") == self.library.night + 1
        with dg.DagsterInstance.from_config(str(self.folder / "state" / "dagster")) as instance:
            runs = instance.get_runs()
            assert all(run.is_finished for run in runs), [run.status for run in runs if not run.is_finished]
        assert not list((self.folder / "state" / "shelves").rglob(".put-*"))

    def published(self, repository: str) -> list[str]:
        """sha256 of the parts in the repository."""
        api = HfApi(endpoint=self.endpoint, token=False)
        tree = api.list_repo_tree(repository, "data", repo_type="dataset", recursive=True)
        return sorted(entry.lfs.sha256 for entry in tree if getattr(entry, "lfs", None))

    def releases(self, repository: str) -> int:
        """How many releases it has had."""
        return len(HfApi(endpoint=self.endpoint, token=False).list_repo_refs(repository, repo_type="dataset").tags)

    def close(self) -> None:
        """Ends the Hub that the command started."""
        with suppress(OSError, ValueError):
            os.kill(int((self.folder / "state" / "hub" / "lock").read_text()), 15)


@contextmanager
def open_soak(folder: Path) -> Iterator[Soak]:
    """After a first night, so that a kill meets parts that are published; its Hub ends with the block."""
    folder.mkdir(parents=True, exist_ok=True)
    with scripted_server() as server:
        soak = Soak(folder, server)
        try:
            soak.goes_through("soaked")
            soak.calm_seconds = 0.0
            soak.library.night = 0
            soak.goes_through("soaked", "neighbour")
            soak.twin()
            soak.compare()
            yield soak
        finally:
            soak.close()


def _parts(shelf: Path) -> dict[str, str]:
    files = (path for path in (shelf / "shards" / "data").rglob("*.parquet"))
    return {
        path.relative_to(shelf / "shards").as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }


def main() -> None:
    """The soak of `make soak`."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--kills", type=int, default=60)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    chance = random.Random(given.seed)
    with tempfile.TemporaryDirectory(prefix="soak-") as folder, open_soak(Path(folder)) as soak:
        while soak.killed < given.kills:
            moment = Moment(seconds=chance.uniform(0.05, 1.1 * soak.calm_seconds))
            died = soak.round(moment)
            print(
                f"{soak.killed:3} of {given.kills}: {moment.seconds:5.2f} s {'' if died else '(had ended)'}", flush=True
            )
    print(f"{soak.killed} kills; every next run went through, and all parts are those of an undisturbed run")


if __name__ == "__main__":
    main()
