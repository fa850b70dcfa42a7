"""Night after night, per protocol: what upstream changed is what changes, and nothing else moves."""

import csv
import io
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.demo.server import Running
from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.releasing import remembered
from biglam_pipeline.store.parts import Manifest
from biglam_pipeline_tests.bench import Bench, open_bench
from biglam_pipeline_tests.servers.hub import HubServer

OAI = "oai:institution.example:c-{:04d}".format
JULY = "https://institution.example/files/mercury/mercury-1851-07-05.zip"
"""Issues appear at addresses of their own: a new one is one more in the entry."""
MENDED = "Compared with the original"


@dataclass(frozen=True)
class Source:
    """A made-up source, and what befalls it."""

    name: str
    collection: str
    corrected: tuple[str, str]
    removed: str

    def __str__(self) -> str:
        return self.name


SOURCES = [
    Source("demo_letters", "letters", ("letter-003", "letter-020"), "letter-030"),
    Source("demo_catalogue", "catalogue", (OAI(3), OAI(20)), OAI(30)),
    Source(
        "demo_mercury",
        "mercury",
        ("mercury-1851-06-07/art0003", "mercury-1851-06-21/art0004"),
        "mercury-1851-06-14/art0011",  # the last of its issue: the others keep their place in it
    ),
    Source("demo_plates", "plates", ("p-0003", "p-0020"), "p-0030"),
]


def advance(bench: Bench) -> None:
    """A day passes, here and there."""
    bench.institution.institution.advance()
    bench.run.now.advance()  # type: ignore[attr-defined]


def rows(bench: Bench, name: str) -> dict[str, dict[str, Any]]:
    """What is published, by the source's own identifier."""
    return {row["source_record_id"]: row for row in bench.rows(name)}


def manifest_of(bench: Bench, name: str) -> Manifest:
    """The shards of today."""
    manifest = bench.run.shards(bench.source(name)).current()
    assert manifest is not None
    return manifest


def touched(bench: Bench, name: str, ids: set[str]) -> set[str]:
    """Paths of the parts that hold one of these rows."""
    shards = bench.run.shards(bench.source(name))
    return {
        part.path
        for part in manifest_of(bench, name).parts
        if ids & set(shards.table(part, ["source_record_id"])["source_record_id"].to_pylist())
    }


def ordered(found: list[dict[str, Any]]) -> bool:
    """By first_seen, then by id."""
    keys = [(row["first_seen"], row["id"]) for row in found]
    return keys == sorted(keys)


def add(bench: Bench, source: Source) -> list[str]:
    """Three new records, or one new issue, whose address the entry is given."""
    library = bench.institution.institution
    if source.collection != "mercury":
        return library.add(source.collection, 3)
    entry = bench.source(source.name)
    harvest = entry.harvest.model_copy(update={"url": (*entry.harvest.url, JULY)})
    bench.catalog.sources[source.name] = entry.model_copy(update={"harvest": harvest})
    return library.add("mercury", 1)


def called(source: Source, own: str) -> str:
    """How the institution calls what is published under this identifier: mercury-1851-06-07/art0003 of an article."""
    if source.collection != "mercury":
        return own
    issue = next(part for part in own.replace(".zip", "").replace("#", "/").split("/") if part.startswith("mercury-"))
    return f"{issue}/{own.rpartition('#')[2].rpartition('/')[2]}"


@pytest.mark.representative(1)
@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_what_upstream_changes_is_what_changes(small: Bench, source: Source) -> None:
    name, library = source.name, small.institution.institution
    small.night(name)
    first, first_parts = rows(small, name), small.parts(name)
    assert len(first_parts) >= 3
    assert {row["first_seen"] for row in first.values()} == {1}
    ids = {called(source, own): own for own in first}

    advance(small)
    fresh = set(add(small, source))
    library.correct(source.collection, source.corrected)
    library.remove(source.collection, [source.removed])
    gone, mended = ids[source.removed], {ids[one] for one in source.corrected}
    hit = touched(small, name, {gone, *mended})
    small.night(name)
    second, second_parts = rows(small, name), small.parts(name)
    new = second.keys() - first.keys()
    assert {called(source, own) for own in new} == fresh
    assert first.keys() - second.keys() == {gone}
    changed = {key for key in first.keys() & second.keys() if first[key] != second[key]}
    assert changed == mended
    assert all(MENDED in str(second[key]) for key in mended)
    assert {second[key]["first_seen"] for key in first.keys() & second.keys()} == {1}
    assert {second[key]["first_seen"] for key in new} == {2}
    assert {path for path, sha in first_parts.items() if second_parts.get(path) != sha} == hit
    assert ordered(small.rows(name))

    advance(small)
    library.restore(source.collection, [source.removed])
    small.night(name)
    third, third_parts = rows(small, name), small.parts(name)
    assert third[gone]["first_seen"] == 3
    assert {**third[gone], "first_seen": 1} == first[gone]
    assert {key: row for key, row in third.items() if key != gone} == second
    assert ordered(small.rows(name))
    assert {path for path, sha in second_parts.items() if third_parts.get(path) != sha} == set()
    assert small.commits(name) == 3
    assert manifest_of(small, name).tally.adds_up


@pytest.mark.representative(1)  # other sources; of OAI the night of a set, below
@pytest.mark.parametrize("source", SOURCES, ids=str)
def test_a_night_with_nothing_new_costs_next_to_nothing(small: Bench, source: Source) -> None:
    name = source.name
    small.night(name)
    before, release = manifest_of(small, name), remembered.last_release(small.run, small.source(name))
    advance(small)
    small.institution.log.clear()
    asked = len(small.hub.log)
    entry = small.source(name)
    visited = pipeline.harvest_source(small.run, entry, small.base(entry))
    assert visited.unchanged
    if source.collection == "catalogue":
        assert [path.partition("from=")[2][:10] for _, path, _, _ in small.institution.log] == ["2026-01-02"]
    else:
        assert [status for _, _, status, _ in small.institution.log] == [304] * len(entry.harvest.url)
    assert pipeline.normalize_source(small.run, entry, small.base(entry)).read == 0
    laid = pipeline.dedup_source(small.run, entry, small.base(entry))
    assert (laid.written, laid.manifest) == (0, before)
    again = pipeline.publish_source(small.run, entry, small.base(entry))
    assert (again.commit, again.tag, again.files_sent) == (release and release.commit, release and release.tag, 0)
    assert len(small.hub.log) - asked == 3
    assert small.commits(name) == 1
    assert remembered.last_release(small.run, entry) == release


def test_a_night_of_an_oai_set_reads_its_own_pages_only(small: Bench) -> None:
    """What earlier visits brought is not read again, though the list is laid over them from now on."""
    small.night("demo_catalogue")
    for number in range(2):
        advance(small)
        small.institution.institution.correct("catalogue", [OAI(5 + number)])
        small.institution.log.clear()
        entry = small.source("demo_catalogue")
        pipeline.harvest_source(small.run, entry, small.base(entry))
        assert len(small.institution.log) == 1
        assert pipeline.normalize_source(small.run, entry, small.base(entry)).read == 1
        tally = pipeline.dedup_source(small.run, entry, small.base(entry)).manifest.tally
        assert (tally.superseded, tally.published) == ((1, 3)[number], 110), "an hour is asked for twice"


@pytest.mark.slow  # publish/test_whose_repository.py holds it
def test_a_second_release_of_a_day_gets_a_tag_of_its_own(small: Bench) -> None:
    tags = [small.night("demo_letters").tag]
    small.institution.institution.correct("letters", ["letter-005"])
    release = small.night("demo_letters")
    tags.append(release.tag)
    assert tags == ["v2026.01.02", "v2026.01.02.1"]
    with small.run.hub.open(release.repository, release.commit, "README.md") as stream:
        assert f'revision="{release.tag}"' in stream.read().decode()


# --- a folder ---

FOLDER = """
    sources:
      desk:
        title: Index cards of the reading desk
        custodian: Aldermere Free Library
        harvest: file:cards
        normalize: {type: table, modality: metadata, map: {id: no, title: title, extra: [shelf]}}
        rights: {license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}
        languages: [en]
"""


def write_cards(bench: Bench, name: str, cards: dict[str, str]) -> None:
    """One CSV of the folder."""
    text = io.StringIO(newline="")
    table = csv.writer(text)
    table.writerow(["no", "title", "shelf"])
    table.writerows([number, title, f"shelf {number[-1]}"] for number, title in cards.items())
    path = bench.folder / "cards" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text.getvalue())


def test_a_folder_night_after_night(small: Bench) -> None:
    small.write(FOLDER)
    cards = {name: {f"{name}{at:02d}": f"{name} {at}, a title" for at in range(30)} for name in "ab"}
    for name, one in cards.items():
        write_cards(small, f"{name}.csv", one)
    small.night("desk")
    first, first_parts = rows(small, "desk"), small.parts("desk")
    assert len(first) == 60
    assert len(first_parts) >= 3

    advance(small)
    one = cards["a"]
    removed = one.pop("a07")
    one |= {"a03": "a title, corrected", "a12": "another", "a30": "new", "a31": "new too", "a0-new": "and new"}
    write_cards(small, "a.csv", one)
    entry = small.source("desk")
    pipeline.harvest_source(small.run, entry, small.base(entry))
    assert pipeline.normalize_source(small.run, entry, small.base(entry)).read == 1, "the other file is not read"
    hit = touched(small, "desk", {"a07", "a03", "a12"})
    pipeline.dedup_source(small.run, entry, small.base(entry))
    pipeline.publish_source(small.run, entry, small.base(entry))
    second, second_parts = rows(small, "desk"), small.parts("desk")
    assert {key: row["title"] for key, row in second.items()} == one | cards["b"]
    assert {path for path, sha in first_parts.items() if second_parts.get(path) != sha} == hit
    assert [row["source_record_id"] for row in small.rows("desk")][-3:] == ["a0-new", "a30", "a31"]

    advance(small)
    one["a07"] = removed
    write_cards(small, "a.csv", one)
    small.night("desk")
    third = rows(small, "desk")
    assert {**third["a07"], "first_seen": 1} == first["a07"]
    assert third["a07"]["first_seen"] == 3
    assert {key: row for key, row in third.items() if key != "a07"} == second

    advance(small)
    asked, before = len(small.hub.log), manifest_of(small, "desk")
    assert pipeline.harvest_source(small.run, entry, small.base(entry)).unchanged
    assert pipeline.normalize_source(small.run, entry, small.base(entry)).read == 0
    assert pipeline.dedup_source(small.run, entry, small.base(entry)).written == 0
    pipeline.publish_source(small.run, entry, small.base(entry))
    assert (len(small.hub.log) - asked, manifest_of(small, "desk")) == (3, before)
    assert small.commits("desk") == 3


def test_a_file_that_is_gone_takes_its_rows_along(small: Bench) -> None:
    small.write(FOLDER)
    for name in "abcdef":
        write_cards(small, f"{name}.csv", {f"{name}{at:02d}": f"{name} {at}" for at in range(10)})
    small.night("desk")
    (small.folder / "cards" / "b.csv").unlink()
    small.night("desk")
    assert {key[0] for key in rows(small, "desk")} == set("acdef")


# --- other shelves, other runs ---


@pytest.mark.slow
def test_object_storage_ends_as_a_folder_does(
    small: Bench, tmp_path: Path, hub: HubServer, institution: Running
) -> None:
    """The same nights on shelves that are no folder: the same parts, and nothing asked or read twice."""
    home = {"BIGLAM_HOME": f"memory://{uuid.uuid4()}/shelves"}
    with open_bench(tmp_path / "objects", hub, institution, small.run.owner + "o", **home) as objects:
        objects.run = replace(objects.run, part_size=small.run.part_size)
        for name in ("demo_plates", "demo_mercury"):
            small.night(name)
            objects.night(name)
            assert objects.parts(name) == small.parts(name)
        advance(small)
        institution.institution.correct("plates", ["p-0004"])
        institution.institution.remove("plates", ["p-0005"])
        small.night("demo_plates")
        objects.night("demo_plates")
        assert objects.parts("demo_plates") == small.parts("demo_plates")
        assert manifest_of(objects, "demo_plates") == manifest_of(small, "demo_plates")
        entry = objects.source("demo_mercury")
        assert pipeline.harvest_source(objects.run, entry, objects.base(entry)).unchanged
        assert pipeline.normalize_source(objects.run, entry, objects.base(entry)).read == 0
        assert pipeline.dedup_source(objects.run, entry, objects.base(entry)).written == 0


def test_f34_two_runs_of_one_source_do_not_meet(small: Bench) -> None:
    entry = small.source("demo_letters")
    with small.run.alone(entry), pytest.raises(ServerBusy, match="another run is at work on demo_letters"):
        pipeline.harvest_source(small.run, entry, small.base(entry))
    assert small.night("demo_letters").rows == 39
