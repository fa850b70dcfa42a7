"""A run that is killed anywhere ends, when it is run again, as if nobody had disturbed it."""

import json
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from biglam_pipeline.demo.server import Running
from biglam_pipeline_tests.bench import DEMO_SOURCES
from biglam_pipeline_tests.dedup.noise import collection
from biglam_pipeline_tests.journey.killing import Death, Driver, Stage, open_stage, owner_name
from biglam_pipeline_tests.servers.hub import HubServer

SOURCES = """
sources:
  cards:
    title: Cards on local history
    custodian: Aldermere Free Library
    harvest: oai+https://institution.example/oai?metadataPrefix=oai_dc&set=catalogue:local
    normalize: oai_dc
    rights: {from: $rights, accept: open, evidence: https://institution.example/rights, checked: 2026-11-20}
  desk:
    title: Index cards of the reading desk
    custodian: Aldermere Free Library
    harvest: file:cards
    normalize: {type: table, modality: metadata, map: {id: no, title: title}}
    rights: {license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}
  letters:
    title: Letters
    custodian: Aldermere Free Library
    harvest: https://institution.example/files/letters.jsonl
    normalize: {modality: text, map: {id: id, text: text, date: date}}
    rights: {license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}
  pages:
    title: Pages, some of them read twice
    custodian: Aldermere Free Library
    harvest: file:pages.jsonl
    normalize: {modality: text, map: {id: id, text: text, text_origin: {const: ocr}}}
    rights: {license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}
    dedup: {near: drop}
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    path = tmp_path / "sources.yaml"
    path.write_text(SOURCES)
    lines = [json.dumps({"id": name, "text": text}) for name, text in collection().items()]
    (tmp_path / "pages.jsonl").write_text("\n".join(lines))
    (tmp_path / "cards").mkdir()
    (tmp_path / "cards" / "a.csv").write_text("no,title\n" + "".join(f"a{at},title {at}\n" for at in range(20)))
    (tmp_path / "cards" / "b.csv").write_text("no,title\n" + "".join(f"b{at},other {at}\n" for at in range(20)))
    return path


@pytest.fixture
def stage(
    tmp_path: Path, sources: Path, driver: Driver, hub: HubServer, institution: Running, request: pytest.FixtureRequest
) -> Iterator[Stage]:
    with open_stage(driver, tmp_path / "runs", sources, request.param, hub, institution) as opened:
        yield opened


def kill_everywhere(stage: Stage, what: str, when: str, *, every: int = 1) -> int:
    """At each write or request of a run, or at each so many, the last among them; how many there were."""
    stage.run(owner_name())  # what the Hub's store holds already is not sent again: later runs ask a little less
    calm = owner_name()
    ended = stage.run(calm)
    due = ended.writes if what == "write" else ended.requests
    for number in range(due, 0, -every):
        assert stage.dies(Death(what, number, when), calm), f"{what} {number} did not come"
    return due


@pytest.mark.representative(1)
@pytest.mark.parametrize("stage", ["cards"], indirect=True)
@pytest.mark.parametrize(
    ("what", "when", "every"), [("write", "before", 13), ("write", "before", 7), ("request", "after", 7)]
)
def test_f32_killed_at_every_seventh(stage: Stage, what: str, when: str, every: int) -> None:
    """A request took effect, and its answer never came. `test_killed_everywhere` leaves none out."""
    assert kill_everywhere(stage, what, when, every=every) > 10


@pytest.mark.slow
@pytest.mark.parametrize(
    ("stage", "what", "when"), [("desk", "write", "after"), ("letters", "request", "before")], indirect=["stage"]
)
def test_killed_at_every_third(stage: Stage, what: str, when: str) -> None:
    """The other moments, of the other sources."""
    assert kill_everywhere(stage, what, when, every=3) > 10


@pytest.mark.soak
@pytest.mark.parametrize("stage", ["cards", "desk", "letters"], indirect=True)
@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("what", ["write", "request"])
def test_killed_everywhere(stage: Stage, what: str, when: str) -> None:
    assert kill_everywhere(stage, what, when) > 10


@pytest.mark.parametrize("stage", ["pages"], indirect=True)
@pytest.mark.parametrize(
    ("when", "every"),
    [
        pytest.param("after", 3, marks=pytest.mark.slow),
        pytest.param("before", 1, marks=pytest.mark.soak),
        pytest.param("after", 1, marks=pytest.mark.soak),
    ],
)
def test_killed_where_near_duplicates_are_looked_for(stage: Stage, when: str, every: int) -> None:
    """Fingerprints and judged pairs are shelved on the way; the clusters are those of an undisturbed run."""
    assert kill_everywhere(stage, "write", when, every=every) > 10


@pytest.mark.slow  # test_publication_kills.py kills behind the commit
@pytest.mark.parametrize("stage", ["letters"], indirect=True)
def test_a_commit_whose_run_was_killed_is_not_made_again_the_next_day(stage: Stage) -> None:
    """Its card names the release, which is called after the day on which it was begun."""
    calm = owner_name()
    writes = stage.run(calm).writes
    assert stage.dies(Death("write", writes, "before"), calm, again="2026-01-03T04:00:00+00:00")


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["cards"], indirect=True)
def test_a_visit_made_twice_brings_no_row_twice(stage: Stage) -> None:
    """What changed within the hour is asked for again after a kill: the same rows, first seen when they were."""
    calm, killed = owner_name(), owner_name()
    for owner in (calm, killed):
        stage.run(owner)
    library = stage.institution.institution
    library.advance()
    library.add("catalogue", 6)
    library.correct("catalogue", ["oai:institution.example:c-0003"])
    now = "2026-01-03T04:00:00+00:00"
    harvested = stage.run(calm, now=now).writes
    closed = next(at for at in range(1, harvested) if _closes(stage, killed, at, now))
    assert closed
    assert not stage.run(killed, now=now).killed
    assert len(list((stage.shelf(killed) / "raw" / "harvests").glob("*.json"))) == 3
    assert stage.published(killed) == stage.published(calm)
    assert len(stage.history(killed)) == len(stage.history(calm))


def _closes(stage: Stage, owner: str, at: int, now: str) -> bool:
    """Kills after that write; whether the second visit is closed then."""
    assert stage.run(owner, Death("write", at, "after"), now).killed
    return (stage.shelf(owner) / "raw" / "harvests" / "00002.json").exists()


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("demo_catalogue", marks=pytest.mark.slow),
        pytest.param("demo_mercury", marks=pytest.mark.soak),
        pytest.param("demo_plates", marks=pytest.mark.soak),
    ],
)
def test_killed_anywhere_on_the_second_night(
    tmp_path: Path, driver: Driver, hub: HubServer, institution: Running, name: str
) -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    with open_stage(driver, tmp_path, DEMO_SOURCES, name, hub, institution) as stage:
        calm, others = owner_name(), [owner_name() for _ in range(12)]
        for owner in (calm, *others):
            assert not stage.run(owner).killed
        befall(institution, name)
        night = "2026-01-04T04:00:00+00:00"
        ended = stage.run(calm, now=night)
        died = 0
        for owner in others:
            what = chance.choice(["write", "request"])
            due = ended.writes if what == "write" else ended.requests
            death = Death(what, chance.randint(1, due), chance.choice(["before", "after"]))
            died += stage.dies(death, calm, owner=owner, night=night, visit=2)
        assert died >= 9, "a few may have ended before: what the Hub holds already is not sent again"


def befall(institution: Running, name: str) -> None:
    """Changes of a day, and a day on which they settle: no visit asks for them twice."""
    library, collection = institution.institution, name.removeprefix("demo_")
    library.advance()
    ids = library.ids(collection)
    library.correct(collection, [ids[2], ids[-3]])
    library.remove(collection, [ids[5]])
    if collection != "mercury":
        library.add(collection, 3)
    library.advance()
