"""A bench for tests of the whole journey: real shelves, a real Hub and a real institution, all on this machine."""

import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from biglam_pipeline import pipeline
from biglam_pipeline.context import RunContext, open_context
from biglam_pipeline.demo.server import Running
from biglam_pipeline.environment import read_environment
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.releasing import remembered
from biglam_pipeline.source import Catalog, Source, load_sources
from biglam_pipeline_tests.servers.hub import HubServer

DEMO_SOURCES = Path(pipeline.__file__).parent / "demo" / "sources.yaml"


@cache
def _demonstration() -> Catalog:
    return load_sources([DEMO_SOURCES])


def demonstration() -> Catalog:
    """The demonstration's entries, read once a process: a catalog of one's own, over entries that are frozen."""
    read = _demonstration()
    return Catalog(dict(read.sources), dict(read.bases), dict(read.faults))


@dataclass
class Bench:
    """What a test of the journey works with."""

    folder: Path
    hub: HubServer
    institution: Running
    run: RunContext
    catalog: Catalog = field(default_factory=demonstration)

    def write(self, text: str, name: str = "sources.yaml") -> Catalog:
        """Writes a sources file and loads it; the catalog is then its."""
        path = self.folder / name
        path.write_text(textwrap.dedent(text))
        self.catalog = load_sources([path])
        return self.catalog

    def source(self, name: str) -> Source:
        """One source of the catalog."""
        return self.catalog.get(name)

    def base(self, source: Source) -> Path:
        """The folder of its sources file."""
        return self.catalog.bases[source.name]

    def build(self, name: str) -> Source:
        """raw, normalized and shards."""
        source = self.source(name)
        pipeline.harvest_source(self.run, source, self.base(source))
        pipeline.normalize_source(self.run, source, self.base(source))
        pipeline.dedup_source(self.run, source, self.base(source))
        return source

    def night(self, name: str) -> Release:
        """The whole journey, once."""
        source = self.build(name)
        return pipeline.publish_source(self.run, source, self.base(source))

    def rows(self, name: str) -> list[dict[str, Any]]:
        """The rows that the Hub serves at the last release, in the order of the parts."""
        source = self.source(name)
        release = remembered.last_release(self.run, source)
        assert release is not None
        listing = self.run.hub.listing(release.repository, release.commit)
        found: list[dict[str, Any]] = []
        for path in sorted(listing):
            if path.startswith("data/"):
                with self.run.hub.open(release.repository, release.commit, path) as stream:
                    found += pq.read_table(stream).to_pylist()
        return found

    def card(self, name: str) -> str:
        """What the card of the published repository says."""
        release = remembered.last_release(self.run, self.source(name))
        assert release is not None
        with self.run.hub.open(release.repository, release.commit, "README.md") as stream:
            return str(stream.read(), "utf-8")

    def parts(self, name: str) -> dict[str, str]:
        """Path in the repository -> sha256 of each part at the last release."""
        release = remembered.last_release(self.run, self.source(name))
        assert release is not None
        listing = self.run.hub.listing(release.repository, release.commit)
        return {path: sha256 for path, (_, sha256) in listing.items() if path.startswith("data/")}

    def commits(self, name: str) -> int:
        """Commits that the Hub took for this source."""
        repository = self.run.repository(self.source(name))
        return self.hub.count("POST", f"/api/datasets/{repository}/commit/")


class Clock:
    """A clock that a test moves; it starts on the institution's day."""

    def __init__(self) -> None:
        """2026-01-02, early."""
        self.time = datetime(2026, 1, 2, 4, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        """Now."""
        return self.time

    def advance(self, days: int = 1) -> None:
        """Later."""
        self.time += timedelta(days=days)


@contextmanager
def open_bench(folder: Path, hub: HubServer, institution: Running, owner: str, **more: str) -> Iterator[Bench]:
    """A bench whose repositories belong to `owner`, so that tests on one Hub do not meet."""
    environment = read_environment(
        {
            "BIGLAM_STATE": str(folder / "state"),
            "BIGLAM_HUB_ENDPOINT": hub.endpoint,
            "BIGLAM_HUB_OWNER": owner,
            "BIGLAM_REWRITE": institution.rewrite,
            "BIGLAM_ALLOW_PRIVATE_HOSTS": "1",
            "BIGLAM_WAIT_SECONDS": "2",
            **more,
        }
    )
    with open_context(environment, Clock()) as run:
        yield Bench(folder, hub, institution, run)
