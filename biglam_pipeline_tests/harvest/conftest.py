"""A scripted server, a client that does not sleep, and a visit to hand to a harvester."""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from biglam_pipeline.harvest.closing import carried
from biglam_pipeline.harvest.harvester import Harvester
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Evidence, Missing, RawObject, StoredObject, Unchanged
from biglam_pipeline.store import disk
from biglam_pipeline.store.raw_listing import Listing
from biglam_pipeline.web import Web
from biglam_pipeline_tests.harvest.repository import Repository
from biglam_pipeline_tests.servers.web import ScriptedServer, scripted_server


@dataclass
class Outcome:
    """What one visit yielded, sorted by kind."""

    objects: list[RawObject]
    kept: list[str]
    missing: list[Missing]
    evidence: Evidence


@dataclass
class Shelf:
    """As much of the raw shelf as a harvester can notice."""

    web: Web
    base: Path
    scratch: Path
    bytes_of: dict[str, bytes] = field(default_factory=dict)
    held: dict[str, StoredObject] = field(default_factory=dict)
    cursor: dict[str, str] = field(default_factory=dict)
    number: int = 0
    now: datetime = datetime(2026, 11, 22, 12, tzinfo=UTC)

    def visit(self, harvester: Harvester, *, shelved: tuple[RawObject, ...] = ()) -> Outcome:
        """One whole visit, and closes the harvest."""
        self.number += 1
        return self.resume(harvester, shelved)

    def resume(self, harvester: Harvester, shelved: tuple[RawObject, ...]) -> Outcome:
        """Takes up an open harvest that had already shelved some objects."""
        taken = {one.key: self._hold(one) for one in shelved}
        web = self.web.visiting(
            harvester.begins_at,
            headers=harvester.secret_headers,
            public=harvester.public_names,
            beside=harvester.beside,
        )
        visit = Visit(
            self.number,
            dict(self.held),
            dict(self.cursor),
            taken,
            self._read,
            self.scratch,
            self.now,
            web,
            self.base,
            self.scratch.parent / "parts",
        )
        objects, kept, missing = list[RawObject](), list[str](), list[Missing]()
        for found in harvester.visit(visit):
            match found:
                case RawObject():
                    objects.append(found)
                case Unchanged():
                    kept.append(found.key)
                case Missing():
                    missing.append(found)
                case Evidence():
                    evidence = found
        laid = {one.key: self._hold(one) for one in objects}
        earlier = {key: self.held[key] for key in kept}
        whole = evidence.complete and not missing
        self.held = {**carried(Listing.of(self.held.values()), evidence, complete=whole), **earlier, **taken, **laid}
        self.cursor = dict(evidence.cursor)
        return Outcome(objects, kept, missing, evidence)

    def _hold(self, one: RawObject) -> StoredObject:
        content = one.content if one.content is not None else disk.read_file(one.path or Path())
        self.bytes_of[one.sha256] = content
        return StoredObject(
            one.key, one.url, one.final_url, one.retrieved_at, one.status, one.media_type, one.etag, one.last_modified,
            one.sha256, one.size, self.number, "batch", "", one.archive,
        )  # fmt: skip

    def _read(self, held: StoredObject) -> bytes:
        return self.bytes_of[held.sha256]


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with scripted_server() as running:
        yield running


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def shelf(tmp_path: Path, slept: list[float]) -> Iterator[Shelf]:
    with Web(
        contact="keeper@example.org", rewrite={}, allow_private=True, locks=tmp_path / "locks", sleep=slept.append
    ) as web:
        yield Shelf(web, tmp_path / "base", tmp_path / "scratch")


@pytest.fixture
def real() -> Callable[[str], Path]:
    """A folder of files that real institutions published; the test is skipped where they are not."""
    beside = Path(__file__).parents[2].parent / "shared" / "real"
    root = Path(os.environ.get("BIGLAM_REAL_DATA") or beside)

    def find(folder: str) -> Path:
        if not (root / folder).is_dir():
            pytest.skip(f"no {root / folder}")
        return root / folder

    return find


@pytest.fixture
def repository(server: ScriptedServer) -> Repository:
    return Repository(server)
