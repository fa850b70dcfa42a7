"""Random histories of harvests, against a model of the rules that knows neither slices nor tables.

A record is added, corrected, repeated, claimed by another, deleted, taken out; in files that replace each other, and in
visits to an OAI server that are laid over each other. Every night the tally is counted once more by the model.
"""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random
from typing import Any
from xml.sax.saxutils import escape

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.normalize import reading
from biglam_pipeline.records import Tally
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.harvest.repository import Repository, envelope
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server

ENTRY = """
sources:
  desk:
    title: A desk
    custodian: A library
    harvest: {harvest}
    normalize: {normalize}
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-01}}
    languages: [en]
    expect: {{rejects: ..1.0}}
"""
NAMES = [f"r{at}" for at in range(6)]
Said = tuple[str, int, str, str]
"""Identifier, visit, datestamp, title; a title of `-` is a tombstone."""


@dataclass
class Model:
    """What the rules of DESIGN say of everything that is on the shelf, in the order of reading."""

    live: dict[str, str] = field(default_factory=dict)
    """Identifier -> title of the current row."""
    tally: Tally = field(default_factory=Tally)

    @classmethod
    def of(cls, said: list[Said], rejected: int) -> "Model":
        """said: what every visit said; rejected: what could not be read."""
        model, counts = cls(), dict.fromkeys(("superseded", "repeated", "deleted", "rejected"), 0)
        counts["rejected"] = rejected
        for name in {one[0] for one in said}:
            model._judge(name, [one for one in said if one[0] == name], counts)
        current = len(model.live)
        model.tally = Tally(seen=len(said) + rejected, current=current, published=current, **counts)
        return model

    def _judge(self, name: str, mine: list[Said], counts: dict[str, int]) -> None:
        """One identifier, visit after visit."""
        last = ""
        for visit in sorted({one[1] for one in mine}):
            offered = [(datestamp, title) for _, number, datestamp, title in mine if number == visit]
            titles = {title for _, title in offered}
            counts["repeated"] += len(offered) - len(titles)
            if any(datestamp for datestamp, _ in offered):
                newest = max(range(len(offered)), key=lambda at: (offered[at][0], at))
                chosen = offered[newest][1]
                counts["superseded"] += len(titles) - 1
            else:
                chosen = offered[0][1]
                counts["rejected"] += len(titles) - 1
            counts["superseded"] += bool(last)
            last = chosen
        if last == "-":
            counts["deleted"] += 1
        else:
            self.live[name] = last


@pytest.fixture(autouse=True)
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    """A slice for every few files, so that a record meets itself in another one."""
    monkeypatch.setattr(reading, "slice_bytes_for", lambda size: 300)


def rows(bench: Bench) -> list[dict[str, Any]]:
    """What the parts hold, in their order."""
    shards = bench.run.shards(bench.source("desk"))
    manifest = shards.current()
    assert manifest is not None
    assert manifest.tally.adds_up
    return [row for part in manifest.parts for row in shards.table(part).to_pylist()]


def tally(bench: Bench) -> Tally:
    manifest = bench.run.shards(bench.source("desk")).current()
    assert manifest is not None
    return manifest.tally


def by_name(found: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {row["source_record_id"]: row for row in found}


def rebuild(bench: Bench) -> None:
    """All slices read once more from raw, and all parts cut once more: what is kept is when a row first came."""
    shutil.rmtree(bench.folder / "state" / "shelves" / "desk" / "normalized")
    source = bench.source("desk")
    pipeline.normalize_source(bench.run, source, bench.base(source))
    pipeline.dedup_source(bench.run, source, bench.base(source), rebuild=True)


# --- files, which replace each other ---


def change(files: dict[str, list[tuple[str, str]]], chance: Random) -> None:
    """One night's changes at the institution: lines of (identifier, title), file by file."""
    for _ in range(chance.randrange(4)):
        lines = files.setdefault(chance.choice("abcde") + ".jsonl", [])
        what, at = (
            chance.choice(["add", "add", "correct", "repeat", "remove", "break"]),
            chance.randrange(len(lines) + 1),
        )
        if what == "add" or not lines:
            lines.insert(at, (chance.choice(NAMES), chance.choice("xyz")))
        elif what == "correct":
            lines[at - 1] = (lines[at - 1][0], chance.choice("xyz"))
        elif what == "repeat":
            lines.insert(at, lines[at - 1])
        elif what == "remove":
            lines.pop(at - 1)
        else:
            lines.insert(at, ("", "broken"))
    if len(files) > 2 and chance.random() < 0.2:
        files.pop(chance.choice(sorted(files)))


@pytest.mark.representative(1, rest="soak")
@pytest.mark.parametrize("seed", range(6))
def test_files_that_replace_each_other(bench: Bench, seed: int) -> None:
    """Without datestamps the first of an identifier stays, in the order of files and lines; what is gone is gone."""
    chance, files = Random(seed), {"a.jsonl": [("r0", "x"), ("r1", "y"), ("r1", "y")]}
    normalize = "{type: table, files: '*.jsonl', map: {id: id, title: title}}"
    bench.write(ENTRY.format(harvest="file:desk", normalize=normalize))
    seen: dict[str, int] = {}
    for _ in range(8):
        shutil.rmtree(bench.folder / "desk", ignore_errors=True)
        (bench.folder / "desk").mkdir()
        for name, lines in files.items():
            text = "".join(json.dumps({"id": one, "title": title}) + "\n" if one else "{\n" for one, title in lines)
            (bench.folder / "desk" / name).write_text(text)
        bench.build("desk")
        ordered = [line for name in sorted(files) for line in files[name]]
        model = Model.of([(one, 0, "", title) for one, title in ordered if one], sum(not one for one, _ in ordered))
        assert {row["source_record_id"]: row["title"] for row in rows(bench)} == model.live
        assert tally(bench) == model.tally
        harvest = bench.run.raw(bench.source("desk")).latest()
        assert harvest is not None
        seen = {name: seen.get(name, harvest.number) for name in model.live}
        assert {row["source_record_id"]: row["first_seen"] for row in rows(bench)} == seen
        bench.run.now.advance()  # type: ignore[attr-defined]
        change(files, chance)
    before, counted = by_name(rows(bench)), tally(bench)
    rebuild(bench)
    assert (by_name(rows(bench)), tally(bench)) == (before, counted)


# --- visits, which are laid over each other ---


@pytest.fixture
def web() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        yield server


def record(name: str, datestamp: str, title: str) -> str:
    head = f"<identifier>{name}</identifier><datestamp>{datestamp}</datestamp>"
    if title == "-":
        return f'<record><header status="deleted">{head}</header></record>'
    dc = f"<dc xmlns='http://purl.org/dc/elements/1.1/'><title>{escape(title)}</title></dc>"
    return f"<record><header>{head}</header><metadata>{dc}</metadata></record>"


def page(records: list[Said], token: str, day: int) -> Reply:
    listed = "".join(record(name, datestamp, title) for name, _, datestamp, title in records)
    end = f"<resumptionToken>{token}</resumptionToken>"
    return Reply(envelope(f"<ListRecords>{listed}{end}</ListRecords>", f"2026-01-{day:02d}T04:00:00Z"))


@pytest.mark.representative(1, rest="soak")
@pytest.mark.parametrize("seed", range(6))
def test_visits_that_are_laid_over_each_other(bench: Bench, web: ScriptedServer, seed: int) -> None:
    """The newest datestamp of a visit counts, then the later visit; what a visit says twice counts once."""
    chance, repository = Random(seed), Repository(web)
    bench.write(ENTRY.format(harvest=repository.address + "?metadataPrefix=oai_dc", normalize="oai_dc"))
    said: list[Said] = []
    for visit in range(1, 7):
        days = [f"2026-01-{visit:02d}T{chance.randrange(5, 24):02d}:00:00Z" for _ in range(3)]  # changed since
        new = [
            (chance.choice(NAMES), visit, chance.choice(days), chance.choice("xxyz-"))
            for _ in range(chance.randrange(1, 8))  # fewer than would look like a repository indexed again
        ]
        new += chance.sample(new, min(2, len(new)))  # a record that moved while the list was read comes twice
        middle = chance.randrange(1, len(new) + 1)
        repository.first, repository.tokens = [page(new[:middle], f"t{visit}", visit)], {}
        repository.tokens[f"t{visit}"] = [page(new[middle:], "", visit)]
        bench.build("desk")
        said += new
        model = Model.of(said, 0)
        assert {row["source_record_id"]: row["title"] for row in rows(bench)} == model.live
        assert tally(bench) == model.tally
        bench.run.now.advance()  # type: ignore[attr-defined]
    before, counted = by_name(rows(bench)), tally(bench)
    rebuild(bench)
    assert (by_name(rows(bench)), tally(bench)) == (before, counted)


# --- duplicates, night after night ---

TEXTS = {name: f"{name} says the same as it ever said, letter by letter, in every copy" for name in "xyz"}


def due(books: dict[str, str], seen: dict[str, int], unit: str) -> set[str]:
    """Identifiers of the rows that stay: of each text the document that was there first, then the smaller identifier;
    of books of equal pages the one that was complete first.
    """
    if unit == "document":
        said = {f"{book}/{at}": (book, text) for book, pages in books.items() for at, text in enumerate(pages)}
        groups = [[name for name, other in said.items() if other == one] for one in set(said.values())]
        return {min(group, key=lambda name: (seen[name], name)) for group in groups}

    def rank(book: str) -> tuple[int, int, str]:
        nights = [seen[f"{book}/{at}"] for at in range(len(books[book]))]
        return (max(nights), min(nights), f"{book}/0")

    kept = {min((one for one in books if books[one] == pages), key=rank) for pages in books.values()}
    return {f"{book}/{at}" for book in kept for at in range(len(books[book]))}


@pytest.mark.representative(1)
@pytest.mark.parametrize("unit", ["document", "page"])
@pytest.mark.parametrize("seed", range(3))
def test_keepers_stay_night_after_night(bench: Bench, unit: str, seed: int) -> None:
    """A copy that comes later, or a copy that becomes one, moves no row that is published."""
    chance, books = Random(seed), {"a": "xy"}
    normalize = (
        "{type: table, modality: text, map: {id: id, text: text, parent_id: book, seq: at, text_unit: {const: %s}}}"
    )
    entry = ENTRY.format(harvest="file:desk", normalize=normalize % unit).rstrip() + "\n    dedup: {near: none}\n"
    bench.write(entry)
    (bench.folder / "desk").mkdir()
    seen: dict[str, int] = {}
    for night in range(1, 10):
        lines = [
            {"id": f"{book}/{at}", "book": book, "at": str(at), "text": TEXTS[text]}
            for book, pages in books.items()
            for at, text in enumerate(pages)
        ]
        (bench.folder / "desk" / "a.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines) or "\n")
        bench.build("desk")
        harvest = bench.run.raw(bench.source("desk")).latest()
        assert harvest is not None
        seen = {line["id"]: seen.get(line["id"], harvest.number) for line in lines}
        assert {row["source_record_id"]: row["first_seen"] for row in rows(bench)} == {
            name: seen[name] for name in due(books, seen, unit)
        }, night
        bench.run.now.advance()  # type: ignore[attr-defined]
        name = chance.choice("abcd")
        copied = chance.choice(sorted(books.values())) if books else "x"
        books[name] = chance.choice(
            [copied, copied, copied + chance.choice("xyz"), "".join(chance.choices("xyz", k=2))]
        )
        if len(books) > 2 and chance.random() < 0.3:
            books.pop(chance.choice(sorted(books)))
