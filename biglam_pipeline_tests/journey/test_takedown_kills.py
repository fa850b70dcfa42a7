"""A takedown that is killed anywhere ends, when it is run again, as if nobody had disturbed it."""

import json
import re
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from biglam_pipeline.demo.server import Running
from biglam_pipeline_tests.journey.killing import Death, Driver, Stage, open_stage, owner_name
from biglam_pipeline_tests.servers.hub import HubServer

SOURCES = """
sources:
  letters:
    title: Letters
    custodian: Aldermere Free Library
    harvest: https://institution.example/files/letters.jsonl
    normalize: {modality: text, map: {id: id, text: text, date: date}}
    rights: {license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}
  mercury:
    title: Mercury
    custodian: Aldermere Free Library
    harvest: https://institution.example/files/mercury/mercury-1851-06-{07,14}.zip
    normalize: {type: mets_alto, rows: article}
    rights: {license: PDM-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}
    languages: [en]
"""
RECORDS = {
    "letters": "letter-005",
    "mercury": "files/mercury/mercury-1851-06-14.zip/mercury-1851-06-14/art0003",
}
DAY = "2026-01-03T04:00:00+00:00"


@pytest.fixture
def stage(
    tmp_path: Path, driver: Driver, hub: HubServer, institution: Running, request: pytest.FixtureRequest
) -> Iterator[Stage]:
    with open_stage(driver, tmp_path, tmp_path / "sources.yaml", request.param, hub, institution) as opened:
        yield opened


def published(stage: Stage) -> str:
    """An owner whose source is published, with a sources file and a ledger of its own."""
    owner = owner_name()
    stage.sources = stage.folder / f"{owner}-files" / "sources.yaml"
    stage.sources.parent.mkdir()
    stage.sources.write_text(SOURCES)
    assert not stage.run(owner).killed
    return owner


def everything(stage: Stage, owner: str) -> dict[str, object]:
    """All that lies on the shelves and in the ledger, but for what names a time or an owner's commit."""
    home = stage.shelf(owner)
    files = {path.relative_to(home).as_posix(): path for path in home.rglob("*") if path.is_file()}
    names = sorted(re.sub(r"^hub/card-[0-9a-f]{16}", "hub/card", name) for name in files)  # the owner stands in it
    found: dict[str, object] = {"files": names, "history": stage.history(owner)}
    for name, path in files.items():
        if name == "shards/manifest.json":
            manifest = json.loads(path.read_bytes())
            found[name] = manifest | {"takedowns": len(manifest["takedowns"]), "sealed": ""}
        elif name.startswith("raw/batches/"):
            found[name] = pq.read_table(path, columns=["key", "sha256", "content"]).to_pylist()
        elif not name.startswith(("hub/", "raw/harvests/", "normalized/slices/")):
            found[name] = path.read_bytes()
    lines = map(json.loads, (stage.sources.parent / "takedowns.jsonl").read_bytes().splitlines())
    return found | {"ledger": [line | {"datasets": len(line.get("datasets", []))} for line in lines]}


def close_the_way(stage: Stage) -> None:
    """From now on the entry expects what cannot hold, so that the gate of every night refuses."""
    stage.sources.write_text(
        stage.sources.read_text().replace("    rights:", "    expect: {rows: 5000..}\n    rights:")
    )


def killed(stage: Stage, record: str, what: str, when: str, *, step: int = 1, closed: bool = False) -> int:
    """At every write, or request to the Hub, or at some; how many there are."""

    def ready() -> str:
        owner = published(stage)
        if closed:
            close_the_way(stage)
        return owner

    calm = ready()
    ended = stage.run(calm, now=DAY, takedown=record)
    due = ended.writes if what == "write" else ended.requests
    wanted = everything(stage, calm)
    for number in range(1, due + 1, step) if what == "write" else count(1, step):
        owner = ready()
        if not stage.run(owner, Death(what, number, when), DAY, record).killed:
            assert what == "request", "every run writes alike; of requests an upload may need some more or fewer"
            return number - 1
        assert not stage.run(owner, now=DAY, takedown=record).killed
        found = everything(stage, owner)
        odd = [name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name)]
        reported = {name: (wanted.get(name), found.get(name)) for name in odd}
        assert not odd, f"killed {when} {what} {number} of {due}: {reported}"
    return due


@pytest.mark.representative(1)
@pytest.mark.parametrize("stage", ["letters"], indirect=True)
@pytest.mark.parametrize("step", [29, 5])
def test_killed_before_some_writes(stage: Stage, step: int) -> None:
    assert killed(stage, RECORDS[stage.source], "write", "before", step=step) > 10


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["letters"], indirect=True)
def test_killed_where_it_is_made_of_the_published_parts(stage: Stage) -> None:
    assert killed(stage, RECORDS[stage.source], "write", "before", step=7, closed=True) > 10


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["mercury"], indirect=True)
@pytest.mark.parametrize(("when", "closed"), [("after", False), ("before", True)])
def test_killed_at_some_writes_of_an_issue(stage: Stage, when: str, closed: bool) -> None:
    assert killed(stage, RECORDS[stage.source], "write", when, step=5, closed=closed) > 10


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["letters"], indirect=True)
def test_killed_at_some_requests_to_the_hub(stage: Stage) -> None:
    assert killed(stage, RECORDS[stage.source], "request", "after", step=4, closed=True) > 10


@pytest.mark.soak
@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("stage", ["letters", "mercury"], indirect=True)
def test_killed_at_every_write(stage: Stage, when: str, closed: bool) -> None:
    assert killed(stage, RECORDS[stage.source], "write", when, closed=closed) > 10


@pytest.mark.soak
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("stage", ["letters"], indirect=True)
def test_killed_at_every_request_to_the_hub(stage: Stage, when: str) -> None:
    assert killed(stage, RECORDS[stage.source], "request", when, closed=True) > 10
