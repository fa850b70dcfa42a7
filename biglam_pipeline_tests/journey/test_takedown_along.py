"""What another READ makes of a record that is taken down goes with it: counted, named before, never a reject."""

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.dedup.laying import LaidOut
from biglam_pipeline.retraction import Outcome, Plan, Request, plan_takedown, take_down
from biglam_pipeline.store.redaction import Redactions
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_nights import advance
from biglam_pipeline_tests.normalize.drawn import draw
from biglam_pipeline_tests.normalize.formats.mets_alto.made import area, div, fptr, group, mets, page

ENTRY = """
sources:
  house:
    title: The holdings of a house
    custodian: A house
    harvest: {harvest}
    normalize: {normalize}
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-11-20, quote: CC0}}
    languages: [en]
    {more}
"""


def read(kind: str, config: str, /, **more: Any) -> dict[str, Any]:
    named = {"config": {"const": config}} if config else {}
    return {"type": kind, "files": "*", **more, "map": {**more.get("map", {}), **named}}


PAGES, ARTICLES = read("mets_alto", "pages"), read("mets_alto", "articles", rows="article")
ISSUES = read("mets_alto", "issues", rows="issue")


def write(bench: Bench, *reads: dict[str, Any], more: str = "", harvest: str = "file:data") -> None:
    bench.write(ENTRY.format(harvest=harvest, normalize=json.dumps(list(reads)), more=more))


def put(bench: Bench, files: Mapping[str, bytes]) -> None:
    for name, data in files.items():
        path = bench.folder / "data" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def plan(bench: Bench, record: str, **more: Any) -> tuple[Plan, Request]:
    source, request = bench.source("house"), Request(record, "privacy", **more)
    return plan_takedown(bench.run, source, bench.base(source), request), request


def retract(bench: Bench, record: str, **more: Any) -> tuple[Plan, Outcome]:
    source = bench.source("house")
    foreseen, request = plan(bench, record, **more)
    return foreseen, take_down(bench.run, source, bench.base(source), foreseen, request)


def laid(bench: Bench) -> LaidOut:
    source = bench.build("house")
    return pipeline.dedup_source(bench.run, source, bench.base(source))


def texts(bench: Bench) -> dict[str, str]:
    return {row["source_record_id"]: row.get("text") or row["title"] for row in bench.rows("house")}


def lose_what_was_read(bench: Bench) -> None:
    shutil.rmtree(bench.folder / "state" / "shelves" / "house" / "normalized")


def notes(bench: Bench) -> Redactions:
    return bench.run.raw(bench.source("house")).redactions


# --- print ---

LONG = ["words that run on", "and on to the next page", "a letter to the editor", "coals and iron", "an auction"]


def issue(articles: Mapping[str, list[tuple[str, str]]], pages: int = 2) -> dict[str, bytes]:
    """An issue whose page N has a block for each of five texts; articles: ID -> the pages and blocks of it."""
    files = group(*((f"F{n}", f"{n}.xml") for n in range(1, pages + 1)))
    physical = div(*(div(fptr(f"F{n}")) for n in range(1, pages + 1)))
    logical = div(
        *(
            div(*(area(*place) for place in places), type_="ARTICLE", ID=name, LABEL=f"Title of {name}")
            for name, places in articles.items()
        ),
        type_="ISSUE",
    )
    made = {f"i/{n}.xml": page(*(f"{text} {n}" for text in LONG)) for n in range(1, pages + 1)}
    return {"i/i_mets.xml": mets(files, ("PHYSICAL", physical), ("LOGICAL", logical)), **made}


OVER = {"a": [("F1", "B1")], "over": [("F1", "B2"), ("F2", "B1")], "c": [("F2", "B2")], "d": [("F2", "B3")]}


@pytest.mark.representative(1)  # the other order of the READs makes the same rows
@pytest.mark.parametrize("reads", [(PAGES, ARTICLES), (ARTICLES, PAGES)], ids=["pages first", "articles first"])
def test_a_page_takes_its_articles_along(bench: Bench, reads: tuple[dict[str, Any], ...]) -> None:
    """Also the one that goes on over the leaf: half an article is not published. What else stands there stays."""
    put(bench, issue(OVER))
    write(bench, *reads)
    bench.night("house")
    before = texts(bench)
    foreseen, done = retract(bench, "pages:i/1")
    assert foreseen.along == done.along == ("articles:i/a", "articles:i/over")
    assert foreseen.loses == ()
    assert set(foreseen.parts) == {"data/articles/part-00000.parquet", "data/pages/part-00000.parquet"}
    assert done.because == "", "the way of every night is open"
    assert bench.commits("house") == 2, "all in the commit of the page"
    assert texts(bench) == {one: before[one] for one in ("pages:i/2", "articles:i/c", "articles:i/d")}
    manifest = laid(bench).manifest
    assert manifest.tally.adds_up
    assert (manifest.tally.taken_down, manifest.tally.rejected) == (3, 0)


@pytest.mark.slow  # test_takedown.py: `test_f44_a_record_goes_...` holds the nights after
def test_the_nights_after_ask_for_nothing(bench: Bench) -> None:
    """Also where what was read is lost, the entry is edited, or the issue comes again with a change."""
    put(bench, issue(OVER))
    write(bench, PAGES, ARTICLES)
    bench.night("house")
    _, done = retract(bench, "pages:i/1")
    before = laid(bench).manifest
    quiet = bench.night("house")
    assert done.release is not None
    assert (quiet.files_sent, quiet.tag) == (0, done.release.tag)
    lose_what_was_read(bench)
    again = laid(bench).manifest
    assert (again.tally, again.parts) == (before.tally, before.parts)
    write(bench, PAGES, {**ARTICLES, "map": {**ARTICLES["map"], "extra": {"way": {"const": "printed"}}}})
    bench.night("house")
    assert laid(bench).manifest.tally == before.tally
    put(bench, {"i/1.xml": page(*(f"{text} 1, corrected" for text in LONG))})
    bench.night("house")
    assert texts(bench).keys() == {"pages:i/2", "articles:i/c", "articles:i/d"}
    assert laid(bench).manifest.tally == before.tally


@pytest.mark.slow  # added later; READs that stand there from the beginning stay
def test_a_read_that_is_added_later_rejects_nothing(bench: Bench) -> None:
    """It never saw what is gone; that it is not there is known from what the takedown noted beside the files."""
    put(bench, issue(OVER))
    write(bench, PAGES)
    bench.night("house")
    retract(bench, "i/1" if "config" not in PAGES["map"] else "pages:i/1")
    write(bench, PAGES, ARTICLES, ISSUES)
    bench.night("house")
    assert texts(bench).keys() == {"pages:i/2", "articles:i/c", "articles:i/d", "issues:i"}
    assert "words that run on 1" not in texts(bench)["issues:i"]
    assert laid(bench).manifest.tally.rejected == 0


@pytest.mark.slow  # another way into the ledger; `test_a_page_takes_its_articles_along` stays
def test_a_line_that_a_person_wrote_takes_along_too(bench: Bench) -> None:
    put(bench, issue(OVER))
    write(bench, PAGES, ARTICLES)
    bench.night("house")
    ledger(bench, "pages:i/1", "removed")
    bench.night("house")
    assert texts(bench).keys() == {"pages:i/2", "articles:i/c", "articles:i/d"}
    assert laid(bench).manifest.tally.taken_down == 3


def ledger(bench: Bench, record: str, action: str) -> None:
    with (bench.folder / "takedowns.jsonl").open("a") as file:
        file.write(json.dumps({"source_id": "house", "record_id": record, "action": action}) + "\n")


def test_a_page_that_is_restored_brings_its_articles_back(bench: Bench) -> None:
    """And those alone: of another page, that was taken down at once with it, nothing."""
    places = {"a": [("F1", "B1")], "b": [("F2", "B1")], "c": [("F3", "B1")]}
    put(bench, issue(places, pages=3))
    write(bench, PAGES, ARTICLES, more="expect: {rows: 1..}")
    bench.night("house")
    before = texts(bench)
    for number in (1, 2):
        ledger(bench, f"pages:i/{number}", "removed")
    bench.night("house")
    assert texts(bench).keys() == {"pages:i/3", "articles:i/c"}
    ledger(bench, "pages:i/1", "restored")
    bench.night("house")
    assert texts(bench) == {one: text for one, text in before.items() if one not in ("pages:i/2", "articles:i/b")}
    assert laid(bench).manifest.tally.taken_down == 2


@pytest.mark.slow  # of issues `test_an_issue_takes_all_along` stays
def test_an_issue_stays_while_it_has_a_page(bench: Bench) -> None:
    put(bench, issue(OVER))
    write(bench, PAGES, ISSUES)
    bench.night("house")
    foreseen, done = retract(bench, "pages:i/1")
    assert (foreseen.along, foreseen.loses, done.along) == ((), ("issues:i",), ())
    assert "words that run on 1" not in texts(bench)["issues:i"]
    assert "words that run on 2" in texts(bench)["issues:i"]
    write(bench, PAGES, ISSUES, more="expect: {rows: 0..}")
    foreseen, done = retract(bench, "pages:i/2")
    assert foreseen.along == done.along == ("issues:i",)
    tally = laid(bench).manifest.tally
    assert (tally.taken_down, tally.rejected, tally.published) == (3, 0, 0)


def test_an_issue_takes_all_along(bench: Bench) -> None:
    other = {name.replace("i", "j", 2): data.replace(b"on", b"un") for name, data in issue(OVER).items()}
    put(
        bench,
        issue(OVER)
        | {name: data if "mets" not in name else issue(OVER)["i/i_mets.xml"] for name, data in other.items()},
    )
    write(bench, PAGES, ARTICLES, ISSUES)
    bench.night("house")
    there = set(texts(bench))
    assert len(there) == 14
    foreseen, _ = retract(bench, "issues:i")
    gone = {one for one in there if one.partition(":")[2].partition("/")[0] == "i"}
    assert {"issues:i", *foreseen.along} == gone
    assert set(texts(bench)) == there - gone
    assert laid(bench).manifest.tally.rejected == 0


def test_a_page_loses_the_words_of_an_article_and_the_plan_says_so(bench: Bench) -> None:
    put(bench, issue(OVER))
    write(bench, PAGES, ARTICLES, ISSUES)
    bench.night("house")
    foreseen, done = retract(bench, "articles:i/over")
    assert (foreseen.along, foreseen.loses) == ((), ("issues:i", "pages:i/1", "pages:i/2"))
    assert done.because == ""
    after = texts(bench)
    assert "articles:i/over" not in after
    assert not [one for one, text in after.items() if f"{LONG[1]} 1" in text or f"{LONG[0]} 2" in text]
    assert f"{LONG[0]} 1" in after["pages:i/1"], "the rest of the page"
    assert (laid(bench).manifest.tally.taken_down, laid(bench).manifest.tally.rejected) == (1, 0)


@pytest.mark.slow  # `test_a_page_loses_the_words_of_an_article_...` stays
def test_articles_that_share_a_page_lose_it_and_are_named(bench: Bench) -> None:
    """Where METS links pages as wholes nobody knows where an article ends; the other stays, without that page."""
    whole = {"a": [("F1", ""), ("F2", "")], "b": [("F2", ""), ("F3", "")], "same": [("F1", "")]}
    put(bench, issue(whole, pages=3))
    write(bench, ARTICLES)
    bench.night("house")
    foreseen, done = retract(bench, "articles:i/a")
    assert (foreseen.along, foreseen.loses) == (("articles:i/same",), ("articles:i/b",))
    assert done.along == ("articles:i/same",)
    assert texts(bench).keys() == {"articles:i/b"}
    assert "2" not in texts(bench)["articles:i/b"], "the slice that was read before has no word of it either"
    before = laid(bench).manifest
    assert (before.tally.taken_down, before.tally.rejected) == (2, 0)
    lose_what_was_read(bench)
    assert laid(bench).manifest.parts == before.parts


@pytest.mark.slow  # both at once; each alone stays, above
def test_two_that_are_named_at_once_are_both_erased(bench: Bench) -> None:
    """A page and its article: whichever is erased first, the other is found, and counts by its own name."""
    put(bench, issue(OVER))
    for reads in ((PAGES, ARTICLES), (ARTICLES, PAGES)):
        shutil.rmtree(bench.folder / "state" / "shelves", ignore_errors=True)
        (bench.folder / "takedowns.jsonl").unlink(missing_ok=True)
        write(bench, *reads, more="expect: {rows: 1..}")
        bench.build("house")
        ledger(bench, "pages:i/1", "removed")
        ledger(bench, "articles:i/over", "removed")
        tally = laid(bench).manifest.tally
        assert (tally.taken_down, tally.rejected, tally.published) == (3, 0, 3)
        lose_what_was_read(bench)
        assert laid(bench).manifest.tally == tally
        assert b"Title of over" not in held(bench)
        assert f"{LONG[0]} 2".encode() not in held(bench)


def held(bench: Bench) -> bytes:
    """All bytes of the raw shelf's objects."""
    raw = bench.run.raw(bench.source("house"))
    there = [one for objects in raw.every_object() for one in objects.values()]
    return b"".join(raw.contents(there, lambda one: tuple(raw.redactions.left(one))).values())


# --- the same record, read twice ---

SOULS = "number,name,born\n5,Ann Smith,1801\n6,Bo Baker,1812\n9,Ann Smith,1840\n"
PERSON = read("table", "people", map={"id": "number", "title": "name", "date": "born"})
NAMED = read("table", "names", map={"id": "number", "title": "name"})


@pytest.mark.slow  # rows of a table; `test_a_page_takes_its_articles_along` stays
@pytest.mark.parametrize("name", ["souls.csv", "souls.jsonl"])
def test_a_line_that_two_reads_make_rows_of(bench: Bench, name: str) -> None:
    """The other row is counted too. A row that merely equals it is another person, and stays."""
    rows = [line.split(",") for line in SOULS.splitlines()[1:]]
    lines = [{"number": one, "name": two, "born": three} for one, two, three in rows]
    put(bench, {name: SOULS.encode() if name.endswith("csv") else "\n".join(map(json.dumps, lines)).encode() + b"\n"})
    write(bench, PERSON, NAMED, more="expect: {rows: 1..}")
    bench.night("house")
    foreseen, done = retract(bench, "people:5")
    assert foreseen.along == done.along == ("names:5",)
    assert texts(bench).keys() == {"people:6", "people:9", "names:6", "names:9"}
    tally = laid(bench).manifest.tally
    assert tally.adds_up
    assert (tally.taken_down, tally.published) == (2, 4)
    lose_what_was_read(bench)
    assert laid(bench).manifest.tally == tally
    data = (bench.folder / "data" / name).read_text()
    (bench.folder / "data" / name).write_text(data.replace("1812", "1813"))
    bench.night("house")
    assert texts(bench).keys() == {"people:6", "people:9", "names:6", "names:9"}
    assert laid(bench).manifest.tally.taken_down == 2
    ledger(bench, "people:5", "restored")
    bench.night("house")
    assert {"people:5", "names:5"} < texts(bench).keys()
    assert laid(bench).manifest.tally.taken_down == 0


@pytest.mark.slow  # of hidden ones `test_an_identifier_that_discloses_...` of test_takedown.py stays
def test_a_hidden_identifier_hides_the_other_too(bench: Bench) -> None:
    put(bench, {"souls.csv": SOULS.replace("5,", "ann-smith-1801,").encode()})
    write(bench, PERSON, NAMED, more="expect: {rows: 1..}")
    bench.run = type(bench.run)(**{**_fields(bench.run), "takedown_key": "a key that is kept for good"})
    bench.night("house")
    foreseen, _ = retract(bench, "people:ann-smith-1801", hidden=True)
    assert foreseen.along == ("names:ann-smith-1801",)
    assert texts(bench).keys() == {"people:6", "people:9", "names:6", "names:9"}
    assert laid(bench).manifest.tally.taken_down == 2
    shelves = bench.folder / "state" / "shelves" / "house"
    held = [path for path in shelves.rglob("*") if path.is_file() and b"ann-smith-1801" in path.read_bytes()]
    assert held == []
    lose_what_was_read(bench)
    assert laid(bench).manifest.tally.taken_down == 2


def _fields(run: Any) -> dict[str, Any]:
    return {name: getattr(run, name) for name in type(run).__dataclass_fields__}


@pytest.mark.slow  # from a server; `test_a_page_takes_its_articles_along` stays
def test_a_record_of_a_server_that_two_reads_make_rows_of(bench: Bench) -> None:
    """Visits are laid over each other; what stands in the page for it is no tombstone of the server's."""
    address = "oai+https://institution.example/oai?metadataPrefix=oai_dc&set=catalogue"
    records, words = read("oai_dc", "records"), read("oai_dc", "texts", map={"text": "dc:title"})
    write(bench, records, words, harvest=address, more="expect: {rows: 1..}")
    bench.night("house")
    before = laid(bench).manifest
    record = sorted(one for one in texts(bench) if one.startswith("records:"))[3]
    other = record.replace("records:", "texts:")
    foreseen, done = retract(bench, record)
    assert foreseen.along == done.along == (other,)
    assert not {record, other} & texts(bench).keys()
    advance(bench)
    bench.institution.institution.correct("catalogue", [record.removeprefix("records:")])
    bench.institution.institution.add("catalogue", 2)
    bench.night("house")
    assert not {record, other} & texts(bench).keys()
    after = laid(bench).manifest
    assert after.tally.adds_up
    assert (after.tally.taken_down, after.tally.rejected) == (2, before.tally.rejected)
    assert after.tally.deleted == before.tally.deleted
    lose_what_was_read(bench)
    source = bench.source("house")
    pipeline.normalize_source(bench.run, source, bench.base(source))
    assert pipeline.dedup_source(bench.run, source, bench.base(source)).manifest.tally == after.tally


# --- pictures ---


@pytest.mark.slow  # of pictures test_takedown_pictures.py stays
def test_a_picture_goes_from_every_row_that_shows_it(bench: Bench) -> None:
    """Its own row in another READ goes; a row that says more than that stays, without it."""
    pictures = {f"p{n}.jpg": draw("JPEG", (60, 40), n) for n in range(3)}
    put(bench, {**pictures, "list.csv": b"file,title\np0.jpg,The mill\np1.jpg,The church\n"})
    shown = {"type": "table", "files": "list.csv", "with": {"image": {"files": "*.jpg", "by": {"file": "$name"}}}}
    shown["map"] = {"config": {"const": "objects"}, "id": "file", "title": "title"}
    alone = {"type": "images", "files": "*.jpg", "map": {"title": "$stem", "config": {"const": "pictures"}}}
    other = {"type": "images", "files": "*.jpg", "map": {"config": {"const": "bare"}}}
    write(bench, shown, alone, other, more="expect: {rows: 1..}")
    bench.night("house")
    foreseen, done = retract(bench, "pictures:p1.jpg")
    assert (foreseen.along, foreseen.loses) == (("bare:p1.jpg",), ("objects:p1.jpg",))
    assert done.lost == ("p1.jpg",)
    rows = {row["source_record_id"]: row for row in bench.rows("house")}
    assert not {"pictures:p1.jpg", "bare:p1.jpg"} & rows.keys()
    assert rows["objects:p1.jpg"]["image"] is None
    assert rows["objects:p1.jpg"]["title"] == "The church"
    assert rows["objects:p0.jpg"]["image"] is not None
    assert (laid(bench).manifest.tally.taken_down, laid(bench).manifest.tally.rejected) == (2, 0)
    assert bench.night("house").files_sent == 0


# --- where the way of every night is closed, or cut off ---


def gap(bench: Bench) -> None:
    """What the entry expects does not hold, whatever is taken down."""
    write(bench, PAGES, ARTICLES, more="expect: {rows: 1.., fill: {creators: 0.9..}}")


@pytest.mark.slow  # test_takedown_always.py holds removals from parts
def test_what_goes_along_goes_from_the_published_parts_too(bench: Bench) -> None:
    put(bench, issue(OVER))
    write(bench, PAGES, ARTICLES)
    bench.night("house")
    gap(bench)
    foreseen, done = retract(bench, "pages:i/1")
    assert "expectations_hold" in done.because
    assert foreseen.along == done.along == ("articles:i/a", "articles:i/over")
    assert texts(bench).keys() == {"pages:i/2", "articles:i/c", "articles:i/d"}


@pytest.mark.slow  # the same by published parts; test_takedown_always.py holds those
def test_a_row_that_cannot_be_cut_waits_for_the_next_night(bench: Bench) -> None:
    """A published part is not written with other words: the page is out until it can be read again."""
    put(bench, issue(OVER))
    write(bench, PAGES, ARTICLES)
    bench.night("house")
    gap(bench)
    _, done = retract(bench, "articles:i/a")
    assert done.because
    assert "pages:i/1" in " ".join(done.left)
    assert texts(bench).keys() == {"pages:i/2", "articles:i/over", "articles:i/c", "articles:i/d"}
    write(bench, PAGES, ARTICLES)
    bench.night("house")
    assert texts(bench).keys() == {"pages:i/1", "pages:i/2", "articles:i/over", "articles:i/c", "articles:i/d"}
    assert f"{LONG[0]} 1" not in texts(bench)["pages:i/1"]


@pytest.mark.representative(1)  # the next night by another way
@pytest.mark.parametrize("step", ["replaced", "read again"])
def test_killed_in_between_it_ends_the_same(bench: Bench, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also on a night that brings a page again: that is known from the ledger, which did not change."""
    from biglam_pipeline import erasing, withholding

    put(bench, issue(OVER))
    write(bench, PAGES, ARTICLES)
    bench.night("house")
    retract(bench, "pages:i/1")
    put(bench, {"i/1.xml": page(*(f"{text} 1, corrected" for text in LONG))})
    source = bench.source("house")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    room, name = (erasing, "replace_copies") if step == "replaced" else (withholding, "read_missing")
    done, calls = getattr(room, name), []

    def killed(*given: Any) -> Any:
        calls.append(given)
        found = done(*given)
        if step == "replaced" or len(calls) > 2:
            raise KeyboardInterrupt
        return found

    monkeypatch.setattr(room, name, killed)
    with pytest.raises(KeyboardInterrupt):
        pipeline.normalize_source(bench.run, source, bench.base(source))
    monkeypatch.undo()
    bench.night("house")
    assert texts(bench).keys() == {"pages:i/2", "articles:i/c", "articles:i/d"}
    tally = laid(bench).manifest.tally
    assert (tally.taken_down, tally.rejected) == (3, 0)
    assert not notes(bench).again


@pytest.mark.slow  # without slices; `test_looking_beforehand_changes_nothing` stays
def test_what_cannot_be_foreseen_is_said(bench: Bench) -> None:
    """The shelf of slices is gone: what goes along is found on the way, and reported then."""
    put(bench, issue(OVER))
    write(bench, PAGES, ARTICLES)
    bench.night("house")
    lose_what_was_read(bench)
    foreseen, done = retract(bench, "pages:i/1")
    assert "the normalized shelf is not whole" in " ".join(foreseen.left)
    assert (foreseen.along, done.along) == ((), ("articles:i/a", "articles:i/over"))
    assert texts(bench).keys() == {"pages:i/2", "articles:i/c", "articles:i/d"}


def test_looking_beforehand_changes_nothing(bench: Bench) -> None:
    put(bench, issue(OVER))
    write(bench, PAGES, ARTICLES)
    bench.night("house")

    def shelved() -> dict[Path, bytes]:
        shelves = bench.folder / "state" / "shelves"
        return {path: path.read_bytes() for path in shelves.rglob("*") if path.is_file() and "lock" not in path.name}

    before = shelved()
    foreseen, _ = plan(bench, "pages:i/1")
    assert foreseen.along
    assert shelved() == before
