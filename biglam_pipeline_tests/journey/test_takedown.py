"""A takedown reaches everything: rows, slices, raw bytes of all visits, duplicates, the repository and its history."""

import json
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from huggingface_hub.errors import HfHubHTTPError
from starlette.requests import Request as WireRequest
from starlette.responses import Response

from biglam_pipeline import pipeline
from biglam_pipeline.errors import ConfigError, RightsWithheld, SourceChanged
from biglam_pipeline.harvest import under_way
from biglam_pipeline.releasing import remembered
from biglam_pipeline.retraction import Outcome, Request, plan_takedown, take_down
from biglam_pipeline.store.parts import Manifest
from biglam_pipeline_tests.bench import DEMO_SOURCES, Bench
from biglam_pipeline_tests.dedup.noise import page


@dataclass(frozen=True)
class Case:
    """A made-up source, and a record of it."""

    name: str
    collection: str
    own: str
    """How the institution calls it."""

    def __str__(self) -> str:
        return self.name


CASES = [
    Case("demo_letters", "letters", "letter-005"),
    Case("demo_mercury", "mercury", "mercury-1851-06-14/art0003"),
    Case("demo_catalogue", "catalogue", "oai:institution.example:c-0007"),
    Case("demo_plates", "plates", "p-0011"),
]


@pytest.fixture
def desk(small: Bench) -> Bench:
    """A bench whose sources file, and so whose ledger, is its own."""
    small.write(DEMO_SOURCES.read_text())
    return small


@pytest.fixture(autouse=True)
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every object is shelved in a batch of its own."""
    monkeypatch.setattr(under_way, "SHELVE_EVERY_SECONDS", 0.0)


def rows(bench: Bench, name: str) -> dict[str, dict[str, Any]]:
    """What is published, by the source's own identifier."""
    return {row["source_record_id"]: row for row in bench.rows(name)}


def the_id(bench: Bench, case: Case) -> str:
    """The identifier under which the record is published."""
    if case.collection != "mercury":
        return case.own
    issue, article = case.own.split("/")
    return next(one for one in rows(bench, case.name) if issue in one and one.endswith(article))


def retract(bench: Bench, name: str, record: str, **more: Any) -> Outcome:
    """What the command does."""
    source = bench.source(name)
    request = Request(record, "privacy", "asked for by the family", **more)
    return take_down(bench.run, source, bench.base(source), plan_of(bench, name, request), request)


def plan_of(bench: Bench, name: str, request: Request) -> Any:
    source = bench.source(name)
    return plan_takedown(bench.run, source, bench.base(source), request)


def manifest_of(bench: Bench, name: str) -> Manifest:
    manifest = bench.run.shards(bench.source(name)).current()
    assert manifest is not None
    return manifest


def advance(bench: Bench) -> None:
    """A day passes, here and there."""
    bench.institution.institution.advance()
    bench.run.now.advance()  # type: ignore[attr-defined]


def shelf(bench: Bench, name: str) -> Path:
    return bench.folder / "state" / "shelves" / name


def texts(path: Path) -> Iterator[str]:
    """All that a shelved file says, unpacked; of ALTO the words in a row."""
    if path.suffix == ".parquet":
        for row in pq.read_table(path).to_pylist():
            content = row.pop("content", None)
            yield json.dumps(row, default=str, ensure_ascii=False)
            if content:
                yield said(content)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            yield from (said(archive.read(one)) for one in archive.namelist())
        yield path.read_bytes().decode("latin-1")
    else:
        yield said(path.read_bytes())


def said(data: bytes) -> str:
    text = data.decode("utf-8", "replace")
    return text + " " + " ".join(re.findall(r'CONTENT="([^"]*)"', text))


def where_it_stands(bench: Bench, case: Case, words: list[str]) -> set[str]:
    """Shelved files that hold one of these phrases."""
    folder = shelf(bench, case.name)
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and any(word in text for text in texts(path) for word in words)
    }


def phrases(bench: Bench, name: str, record: str, copy: str = "") -> list[str]:
    """What only this record, and its copy, says of all that was ever read: four words in a row, a title, an address."""
    found: dict[str, set[str]] = {}
    for path in (shelf(bench, name) / "normalized" / "slices").glob("*.parquet"):
        if path.name.count(".") == 1:
            for row in pq.read_table(path).to_pylist():
                words = f"{row.get('text') or ''} {row.get('description') or ''}".split()
                said = {" ".join(words[at : at + 4]) for at in range(len(words) - 3)}
                said |= {row.get("title") or "", row.get("image_url") or ""}
                found.setdefault(row["source_record_id"], set()).update(said)
    others = {one for other, said in found.items() if other not in {record, copy} for one in said}
    own = sorted(one for one in found[record] - others if len(one) > 12 and not re.search(r"[-'\"&<]", one))
    assert own
    return own


@pytest.mark.representative(1, slow=2, rest="soak")  # a folder; slow an archive and OAI; further sources
@pytest.mark.parametrize("case", CASES, ids=str)
def test_f44_a_record_goes_from_everywhere_and_does_not_come_back(desk: Bench, case: Case) -> None:
    name, library = case.name, desk.institution.institution
    desk.night(name)
    first = rows(desk, name)
    record = the_id(desk, case)
    words = phrases(desk, name, record)
    held = where_it_stands(desk, case, words)
    assert {one.partition("/")[0] for one in held} >= {"raw", "normalized", "shards"}

    outcome = retract(desk, name, record)
    assert outcome.records == (record,)
    assert (outcome.erased, outcome.lost) == (1, ())
    second = rows(desk, name)
    assert {key: row for key, row in first.items() if key != record} == second
    assert where_it_stands(desk, case, words) == set()
    tally = manifest_of(desk, name).tally
    assert tally.taken_down == 1
    assert tally.adds_up

    before = manifest_of(desk, name)
    advance(desk)
    asked = len(desk.hub.log)
    entry = desk.source(name)
    assert pipeline.harvest_source(desk.run, entry, desk.base(entry)).unchanged
    done = pipeline.normalize_source(desk.run, entry, desk.base(entry))
    assert (done.read, done.erased) == (0, 0)
    laid = pipeline.dedup_source(desk.run, entry, desk.base(entry))
    assert (laid.written, laid.manifest) == (0, before)
    assert pipeline.publish_source(desk.run, entry, desk.base(entry)).files_sent == 0
    assert len(desk.hub.log) - asked == 3

    library.correct(case.collection, [case.own])  # it comes again, in other bytes
    advance(desk)
    entry = desk.build(name)
    assert where_it_stands(desk, case, words) == set()
    assert pipeline.publish_source(desk.run, entry, desk.base(entry)).files_sent == 0
    assert rows(desk, name) == second
    assert manifest_of(desk, name).tally.taken_down == 1


@pytest.mark.representative(1, slow=2, rest="soak")  # a folder; slow an archive and OAI; further sources
@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_is_left_of_raw_makes_the_same_dataset_again(desk: Bench, case: Case) -> None:
    desk.night(case.name)
    retract(desk, case.name, the_id(desk, case))
    before = manifest_of(desk, case.name)
    for path in (shelf(desk, case.name) / "normalized").rglob("*.*"):
        path.unlink()
    entry = desk.source(case.name)
    assert pipeline.normalize_source(desk.run, entry, desk.base(entry)).erased == 0
    laid = pipeline.dedup_source(desk.run, entry, desk.base(entry))
    assert laid.manifest.tally == before.tally
    assert laid.manifest.parts == before.parts
    assert laid.manifest.content == before.content


@pytest.mark.representative(1, slow=2, rest="soak")  # a folder; slow an archive and OAI; further sources
@pytest.mark.parametrize("case", CASES, ids=str)
def test_earlier_visits_are_searched_too(desk: Bench, case: Case) -> None:
    """Two versions of the record lie on the shelf, one of them in objects that no harvest names any more."""
    name, library = case.name, desk.institution.institution
    desk.night(name)
    record = the_id(desk, case)
    words = phrases(desk, name, record)
    advance(desk)
    library.correct(case.collection, [case.own])
    desk.night(name)
    words += phrases(desk, name, record)
    for path in (shelf(desk, name) / "raw" / "harvests").glob("00001*"):
        path.unlink()
    outcome = retract(desk, name, record)
    assert outcome.erased == 2
    assert where_it_stands(desk, case, words) == set()
    assert record not in rows(desk, name)


@pytest.mark.representative(1, slow=2, rest="soak")  # a folder; slow an archive and OAI; further sources
@pytest.mark.parametrize("case", CASES, ids=str)
def test_a_takedown_that_is_taken_back(desk: Bench, case: Case) -> None:
    """Its bytes are gone, so the source is asked for them again; until it gives them, the record is just not there."""
    desk.night(case.name)
    first, record = rows(desk, case.name), the_id(desk, case)
    retract(desk, case.name, record)
    with (desk.folder / "takedowns.jsonl").open("a") as ledger:
        ledger.write(json.dumps({"source_id": case.name, "record_id": record, "action": "restored"}) + "\n")
    advance(desk)
    entry = desk.source(case.name)
    pipeline.normalize_source(desk.run, entry, desk.base(entry))
    without = pipeline.dedup_source(desk.run, entry, desk.base(entry)).manifest
    assert without.tally.published == len(first) - 1
    assert without.tally.adds_up
    advance(desk)
    desk.night(case.name)
    again = rows(desk, case.name)
    assert {**again[record], "first_seen": 1} == first[record]
    assert {key: row for key, row in again.items() if key != record} == {
        key: row for key, row in first.items() if key != record
    }
    assert manifest_of(desk, case.name).tally.taken_down == 0


# --- duplicates ---


def doubles_of(bench: Bench, name: str) -> dict[str, str]:
    """Duplicate, dropped or marked -> its keeper."""
    removed = bench.run.shards(bench.source(name)).removed(manifest_of(bench, name)).to_dicts()
    found = {row["source_record_id"]: row["keeper"] for row in removed}
    found |= {name: row["dup_of"] for name, row in rows(bench, name).items() if row["similarity"] == 1}
    return {record: keeper.removeprefix(f"{name}:") for record, keeper in found.items()}


@pytest.mark.representative(1)
@pytest.mark.parametrize("name", ["demo_plates", "demo_letters"])
def test_no_copy_is_promoted(desk: Bench, name: str) -> None:
    desk.night(name)
    first = rows(desk, name)
    copy, keeper = next(iter(doubles_of(desk, name).items()))
    plan = plan_of(desk, name, Request(keeper, "copyright"))
    assert plan.duplicates == (copy,)
    words = phrases(desk, name, keeper, copy)
    outcome = retract(desk, name, keeper)
    assert outcome.records == (keeper, copy)
    assert rows(desk, name).keys() == first.keys() - {keeper, copy}
    assert where_it_stands(desk, Case(name, "", ""), words) == set()
    assert manifest_of(desk, name).tally.taken_down == 2
    lines = [json.loads(one) for one in (desk.folder / "takedowns.jsonl").read_text().splitlines()]
    assert [one["record_id"] for one in lines] == [keeper, copy, keeper, copy]
    assert lines[1]["basis"] == f"exact duplicate of {keeper}; asked for by the family"


FOLDER = """
    sources:
      desk:
        title: Letters on the desk
        custodian: Aldermere Free Library
        harvest: file:desk
        normalize: {type: table, map: {id: no, text: text, title: title}}
        rights: {license: CC0-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}
        languages: [en]
        expect: {rows: 1..}
"""
SECRET = "Dear Mrs Harrow, the matter of the orphan must never be spoken of in the town again"
OTHER = "Dear Sir, your account for coals delivered in the month of March is now due for payment"


def write(bench: Bench, file: str, lines: list[tuple[str, str, str]]) -> None:
    folder = bench.folder / "desk"
    folder.mkdir(exist_ok=True)
    text = "no,title,text\n" + "".join(f'{no},{title},"{text}"\n' for no, title, text in lines)
    (folder / file).write_text(text)


@pytest.mark.slow  # of duplicates `test_no_copy_is_promoted` stays
def test_a_duplicate_that_comes_later_is_kept_out_and_a_duplicate_in_words_alone_is_reported(small: Bench) -> None:
    small.write(FOLDER)
    write(small, "a.csv", [("1", "Harrow", SECRET), ("2", "Coals", OTHER), ("3", "Mrs Harrow", SECRET)])
    small.night("desk")
    plan = plan_of(small, "desk", Request("1", "privacy"))
    assert (plan.duplicates, plan.cluster) == ((), ("3",))
    retract(small, "desk", "1")
    assert rows(small, "desk").keys() == {"2", "3"}
    write(small, "b.csv", [("4", "Harrow", SECRET), ("5", "Coals again", OTHER + " at once")])
    small.night("desk")
    assert rows(small, "desk").keys() == {"2", "3", "5"}
    tally = manifest_of(small, "desk").tally
    assert (tally.taken_down, tally.current) == (2, 5)
    retract(small, "desk", "3")
    assert where_it_stands(small, Case("desk", "", ""), [SECRET]) == set()
    assert rows(small, "desk").keys() == {"2", "5"}


@pytest.mark.slow  # of duplicates `test_no_copy_is_promoted` stays
def test_a_duplicate_in_a_slice_that_was_read_before_goes_too(small: Bench) -> None:
    """The record itself comes tonight; its duplicate has been there since yesterday, and nobody could know."""
    small.write(FOLDER)
    write(small, "a.csv", [("2", "Coals", OTHER), ("9", "Harrow", SECRET)])
    small.night("desk")
    retract(small, "desk", "1", unseen=True)
    assert rows(small, "desk").keys() == {"2", "9"}
    write(small, "b.csv", [("1", "Harrow", SECRET)])
    small.night("desk")
    assert rows(small, "desk").keys() == {"2"}
    assert manifest_of(small, "desk").tally.taken_down == 2
    assert where_it_stands(small, Case("desk", "", ""), [SECRET]) == set()


@pytest.mark.slow  # bytes of another visit: `test_earlier_visits_are_searched_too` stays
def test_the_same_bytes_that_come_once_more_are_blanked_too(small: Bench) -> None:
    """The address is written otherwise, so that everything is asked for again; slices stay what they are."""
    small.write(FOLDER)
    write(small, "a.csv", [("1", "Harrow", SECRET), ("2", "Coals", OTHER), ("3", "Candles", OTHER + " too")])
    small.night("desk")
    retract(small, "desk", "1")
    small.write(FOLDER.replace("file:desk", "file:./desk"))
    entry = small.source("desk")
    assert not pipeline.harvest_source(small.run, entry, small.base(entry)).unchanged
    assert where_it_stands(small, Case("desk", "", ""), [SECRET])
    done = pipeline.normalize_source(small.run, entry, small.base(entry))
    assert (done.read, done.erased) == (0, 1)
    assert where_it_stands(small, Case("desk", "", ""), [SECRET]) == set()
    assert small.night("desk").rows == 2


# --- the ledger, the command, the gate ---


@pytest.mark.slow  # `test_f44_a_record_goes_from_everywhere_...` reads it too
def test_the_ledger_tells_what_was_done(desk: Bench) -> None:
    before = desk.night("demo_letters")
    outcome = retract(desk, "demo_letters", "letter-005", note="Taken down on request", requester="family")
    first, second = ((desk.folder / "takedowns.jsonl").read_text()).splitlines()
    assert json.loads(first) == {
        "id": json.loads(first)["id"],
        "date_received": "2026-01-02",
        "source_id": "demo_letters",
        "record_id": "letter-005",
        "ground": "privacy",
        "requester_type": "family",
        "action": "removed",
        "basis": "asked for by the family",
        "note_public": "Taken down on request",
    }
    assert outcome.release is not None
    [published] = json.loads(second)["datasets"]
    assert published == {
        "repo": before.repository,
        "revision_before": before.commit,
        "revision_after": outcome.release.commit,
    }
    assert json.loads(second)["date_actioned"] == "2026-01-02"
    retract(desk, "demo_letters", "letter-005")
    assert len((desk.folder / "takedowns.jsonl").read_text().splitlines()) == 2, "a command run again adds no line"


def test_a_line_that_is_taken_out_of_the_ledger_stops_publication(desk: Bench) -> None:
    """Check ledger_only_grows, also where nothing else is new."""
    desk.night("demo_letters")
    retract(desk, "demo_letters", "letter-005")
    retract(desk, "demo_letters", "letter-006")
    path = desk.folder / "takedowns.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    entry = desk.source("demo_letters")
    for wrong in ([*lines[:1], *lines[2:]], [lines[0].replace("privacy", "other"), *lines[1:]]):
        path.write_text("".join(wrong))
        with pytest.raises(RightsWithheld, match=r"ledger_only_grows: 1 of 4 lines .* put them back"):
            pipeline.publish_source(desk.run, entry, desk.base(entry))
        with pytest.raises(RightsWithheld, match="ledger_only_grows"):
            desk.night("demo_letters")
    path.write_text("".join(lines))
    assert desk.night("demo_letters").files_sent == 0


@pytest.mark.slow  # the command writes the same line
def test_a_takedown_written_by_hand_goes_the_same_way(desk: Bench) -> None:
    desk.night("demo_letters")
    words = phrases(desk, "demo_letters", "letter-005")
    short = {"source_id": "demo_letters", "record_id": "letter-005", "action": "removed", "ground": "on request"}
    (desk.folder / "takedowns.jsonl").write_text(json.dumps(short))
    entry = desk.source("demo_letters")
    with pytest.raises(RightsWithheld, match="the takedown ledger changed since rows were normalized"):
        pipeline.publish_source(desk.run, entry, desk.base(entry))
    desk.night("demo_letters")
    assert "letter-005" not in rows(desk, "demo_letters")
    assert where_it_stands(desk, CASES[0], words) == set()


@pytest.mark.slow  # a way that is shorter than that of `test_f44_a_record_goes_...`
def test_nothing_needs_to_be_published_or_even_harvested(desk: Bench) -> None:
    source = desk.source("demo_letters")
    assert retract(desk, "demo_letters", "letter-005", unseen=True).rows is None
    desk.build("demo_letters")
    outcome = retract(desk, "demo_letters", "letter-006")
    assert (outcome.release, outcome.rows) == (None, 38)
    assert pipeline.publish_source(desk.run, source, desk.base(source)).rows == 37
    with pytest.raises(ConfigError, match=r"has no record 'letter-00'; did you mean letter-0.*--unseen"):
        plan_of(desk, "demo_letters", Request("letter-00", "other"))


def test_a_whole_source_is_stopped(desk: Bench) -> None:
    desk.night("demo_letters")
    line = {"id": "1", "source_id": "demo_letters", "scope": "dataset", "ground": "custodian_request"}
    path = desk.folder / "takedowns.jsonl"
    path.write_text(json.dumps(line | {"action": "removed"}) + "\n")
    entry = desk.source("demo_letters")
    for stage in (pipeline.harvest_source, pipeline.normalize_source, pipeline.dedup_source, pipeline.publish_source):
        with pytest.raises(RightsWithheld, match=r"taken down as a whole .*datasets/.*/demo_letters in its settings"):
            stage(desk.run, entry, desk.base(entry))
    assert desk.night("demo_plates").rows == 59
    with path.open("a") as ledger:
        ledger.write(json.dumps(line | {"action": "restored"}) + "\n")
    desk.night("demo_letters")


def test_an_identifier_that_discloses_is_kept_as_a_digest(desk: Bench) -> None:
    desk.run = replace(desk.run, takedown_key="a key of the library")
    case = CASES[2]
    desk.night(case.name)
    assert where_it_stands(desk, case, [case.own])
    outcome = retract(desk, case.name, case.own, hidden=True)
    assert outcome.erased == 1
    assert case.own not in rows(desk, case.name)
    assert where_it_stands(desk, case, [case.own]) == set()
    assert case.own not in (desk.folder / "takedowns.jsonl").read_text()
    advance(desk)
    desk.institution.institution.correct(case.collection, [case.own])
    desk.night(case.name)
    assert case.own not in rows(desk, case.name)
    assert where_it_stands(desk, case, [case.own]) == set()
    assert manifest_of(desk, case.name).tally.taken_down == 1


def test_f44_history_is_purged_and_nothing_of_it_is_left(small: Bench) -> None:
    """Its texts are its own: what another repository holds too stays in the Hub's store, for that one."""
    small.write(FOLDER)
    owner = small.run.owner
    letters = [(str(at), f"Letter {at}", f"{owner} writes {page(f'letter {at}')}") for at in range(30)]
    write(small, "a.csv", letters)
    first = small.night("desk")
    old = set(small.parts("desk").values())
    advance(small)
    write(small, "b.csv", [("x", "Another", f"{owner} writes once more, about other things")])
    second = small.night("desk")
    old |= set(small.parts("desk").values())
    advance(small)
    outcome = retract(small, "desk", "7", purge=True)
    assert outcome.purged is not None
    assert outcome.release is not None
    now = set(small.parts("desk").values())
    assert outcome.purged.blobs_deleted >= len(old - now) > 0
    assert not (old - now) & small.run.hub.large_files(outcome.release.repository)
    for commit in (first.commit, second.commit):
        with pytest.raises(HfHubHTTPError):
            small.run.hub.listing(first.repository, commit)
    released = remembered.last_release(small.run, small.source("desk"))
    assert released is not None
    assert released.commit == small.run.hub.head(released.repository) == outcome.purged.commit
    last = json.loads((small.folder / "takedowns.jsonl").read_text().splitlines()[-1])
    assert last["history_purged"] is True
    assert last["datasets"][0]["revision_before"] == second.commit
    assert last["datasets"][0]["revision_after"] == outcome.purged.commit
    before = manifest_of(small, "desk")
    advance(small)
    assert small.night("desk").files_sent == 0
    assert manifest_of(small, "desk") == before
    assert rows(small, "desk").keys() == {*(no for no, _, _ in letters), "x"} - {"7"}


@pytest.mark.slow  # publish/test_purge.py cuts one off in `make test`
def test_a_purge_that_was_broken_off_goes_on(small: Bench) -> None:
    """Its first attempt noted what had to go: afterwards no listing names it any more, and it still is proved gone."""
    small.write(FOLDER)
    owner = small.run.owner
    write(small, "a.csv", [(str(at), f"Letter {at}", f"{owner} sends {page(f'letter {at}')}") for at in range(20)])
    before = small.night("desk")
    old = set(small.parts("desk").values())
    advance(small)

    def at_squash(request: WireRequest, stage: str) -> Response | None:
        return Response(status_code=403) if "super-squash" in request.url.path and stage == "before" else None

    small.hub.fault = at_squash
    try:
        with pytest.raises(SourceChanged, match=r"refuses to squash|BIGLAM_HUB_TOKEN"):
            retract(small, "desk", "7", purge=True)
    finally:
        small.hub.fault = None
    outcome = retract(small, "desk", "7", purge=True)
    assert outcome.purged is not None
    assert outcome.purged.blobs_deleted == 0, "they were gone already"
    assert any(f"none of {len(old)} addresses" in one or "addresses at" in one for one in outcome.purged.proof)
    lines = [json.loads(one) for one in (small.folder / "takedowns.jsonl").read_text().splitlines()]
    assert [line.get("history_purged", False) for line in lines] == [False, True]
    assert lines[1]["datasets"][0]["revision_before"] == before.commit
    assert not [one for one in small.run.shelf.list("desk/hub/") if "takedown" in one]
    assert small.night("desk").files_sent == 0
