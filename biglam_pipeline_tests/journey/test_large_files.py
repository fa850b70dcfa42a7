"""A large file is cut at record borders: it is published as if it were not, and little of it is read again."""

import csv
import io
import json
import random
import shutil
from collections import Counter
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.engine import slices as engine
from biglam_pipeline.errors import ShelfDamaged, SourceChanged
from biglam_pipeline.harvest.protocols import folder
from biglam_pipeline.normalize import stretching
from biglam_pipeline.normalize.stretching import Sizes
from biglam_pipeline.store import disk
from biglam_pipeline.store.normalized import NormalizedShelf, Slice
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.test_rows_kept import desk, manifest_of, take
from biglam_pipeline_tests.normalize.formats.marc_records import FIXED, iso2709

SMALL = Sizes(above=4000, least=1000, spread=1000, most=4000, block=2000)
WITH_ID = "{type: table, map: {id: id, title: title, extra: {note: note}}}"
WITHOUT = "{type: table, map: {title: title, extra: {note: note, n: id}}}"
LOOSE = "expect: {rows: 1.., rejects: ..0.9}"


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files of some kilobytes are large, lie by themselves, and are worth several processes."""
    monkeypatch.setattr(stretching, "SIZES", SMALL)
    monkeypatch.setattr(folder, "_KEPT_BYTES", 3000)
    monkeypatch.setattr(engine, "WORTH_BYTES", 0)


def rows_of(number: int, equal: int = 0) -> list[list[str]]:
    """So many rows, of which each `equal`th is the same as others."""
    drawn = random.Random(number)
    rows = [[str(at), f'Title "{at}", {drawn.random()}', f"line\nof {drawn.randint(1, 9)}"] for at in range(number)]
    return [["1", "The same", "x"] if equal and at % equal == 0 else row for at, row in enumerate(rows)]


def table(rows: list[list[str]], *more: str) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows([["id", "title", "note"], *rows])
    return text.getvalue() + "".join(more)


def json_lines(rows: list[list[str]]) -> str:
    return "".join(
        json.dumps(dict(zip(("id", "title", "note"), row, strict=False)) | ({"seldom": "x"} if at == 3 else {})) + "\n"
        for at, row in enumerate(rows)
    )


def normalize(bench: Bench, processes: int = 1) -> int:
    """A visit; how many slices were read."""
    source = bench.source("desk")
    pipeline.harvest_source(bench.run, source, bench.folder)
    return pipeline.normalize_source(replace(bench.run, processes=processes), source, bench.folder).read


def slices(bench: Bench) -> list[Slice]:
    shelf = bench.run.normalized(bench.source("desk"))
    current = shelf.current()
    assert current is not None
    return shelf.slices(current)


def outcome(bench: Bench) -> dict[str, Any]:
    """All that is made of the source, but how it lies in slices."""
    source, found = bench.source("desk"), slices(bench)
    laid = pipeline.dedup_source(bench.run, source, bench.folder)
    shelf = bench.run.normalized(source)
    return {
        "parts": [part.sha256 for part in laid.manifest.parts],
        "tally": laid.manifest.tally,
        "problems": sum((Counter(one.problems) for one in found), Counter()),
        "unmapped": sum((Counter(one.unmapped) for one in found), Counter()),
        "filled": sum((Counter(one.filled) for one in found), Counter()),
        "left out": sum(one.left_out for one in found),
        "rejects": [reject for one in found for reject in shelf.rejects(one.key)],
        "places": [
            row
            for one in found
            for row in shelf.columns(one.key, ["id", "trace_position", "trace_raw_sha256"]).to_pylist()
        ],
    }


def begin_again(bench: Bench, *rooms: str) -> None:
    for room in rooms or ("raw", "normalized", "shards"):
        shutil.rmtree(bench.folder / "state" / "shelves" / "desk" / room, ignore_errors=True)


BAD = ("1,2\n", "\n", "8,9,10,11\n", '"a\nb",c\n')
SOURCES = {
    "with an id": (WITH_ID, table(rows_of(400))),
    "repeated ids": (WITH_ID, table(rows_of(400, equal=7))),
    "rejects": (WITH_ID, table(rows_of(400), *BAD, *(f"{n},x,{n}\n" for n in range(500, 700)), *BAD)),
    "no id": (WITHOUT, table(rows_of(400))),
    "no id, equal rows": (WITHOUT, table(rows_of(400, equal=7))),
    "no id, all equal": (WITHOUT, table(rows_of(400, equal=1))),
    "no id, where": (
        "{type: table, where: {title: The same}, map: {title: title, extra: {n: id}}}",
        table(rows_of(400, equal=7)),
    ),
    "an id of several": (
        "{type: table, map: {id: {all: [id, title], join: '/'}, title: title}}",
        table(rows_of(400, equal=5)),
    ),
}


@pytest.mark.representative(2)  # repeated identifiers and rejects; formats/ holds both of whole files
@pytest.mark.parametrize("kind", SOURCES)
def test_cut_and_whole_give_the_same(bench: Bench, monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    read, text = SOURCES[kind]
    desk(bench, read, LOOSE, big__csv=text, small__csv="id,title,note\n9001,a,b\n")
    assert normalize(bench) > 3
    cut = outcome(bench)
    begin_again(bench)
    monkeypatch.setattr(stretching, "SIZES", replace(SMALL, above=10**9))
    assert normalize(bench) == 1
    assert outcome(bench) == cut


@pytest.mark.representative(1)  # without identifiers: `test_cut_and_whole_give_the_same` has both
@pytest.mark.parametrize("read", [WITH_ID, WITHOUT])
def test_json_lines(bench: Bench, monkeypatch: pytest.MonkeyPatch, read: str) -> None:
    """A key that stands in one line alone is no less one of the file."""
    read = read.replace("note: note", "note: note, s: seldom")
    desk(bench, read, LOOSE, big__jsonl=json_lines(rows_of(300, equal=9)) + '{"id": 1\n')
    assert normalize(bench) > 5
    cut = outcome(bench)
    begin_again(bench)
    monkeypatch.setattr(stretching, "SIZES", replace(SMALL, above=10**9))
    assert normalize(bench) == 1
    assert outcome(bench) == cut


def test_a_key_that_never_comes_stops_the_source(bench: Bench) -> None:
    desk(bench, WITH_ID.replace("note: note", "note: nota"), LOOSE, big__jsonl=json_lines(rows_of(300)))
    for _ in range(2):
        with pytest.raises(SourceChanged, match=r"big\.jsonl has no column 'nota'"):
            normalize(bench)


def test_a_column_that_is_not_there_stops_the_source(bench: Bench) -> None:
    desk(bench, WITH_ID.replace("note: note", "note: nota"), LOOSE, big__csv=table(rows_of(300)))
    with pytest.raises(SourceChanged, match=r"big\.csv has no column 'nota'; it has id, note, title"):
        normalize(bench)


# --- the next night --------------------------------------------------------------------------------------------


@pytest.mark.representative(1)  # another change of one row
@pytest.mark.parametrize(
    ("read", "change"),
    [
        (WITHOUT, "inserted"),
        (WITH_ID, "corrected"),
        (WITHOUT, "removed"),
        (WITHOUT, "corrected"),
        (WITH_ID, "inserted"),
        (WITH_ID, "removed"),
    ],
)
def test_one_row_costs_one_stretch(bench: Bench, monkeypatch: pytest.MonkeyPatch, read: str, change: str) -> None:
    """And two nights give what they give of a file that is read whole, whichever slices are older."""
    rows, at = rows_of(600, equal=50), 310
    new = {
        "corrected": [*rows[:at], ["300", "Corrected", "x"], *rows[at + 1 :]],
        "inserted": [*rows[:at], ["9000", "Inserted", "x"], *rows[at:]],
        "removed": [*rows[:at], *rows[at + 1 :]],
    }[change]
    nights = []
    for sizes in (SMALL, replace(SMALL, above=10**9)):
        monkeypatch.setattr(stretching, "SIZES", sizes)
        begin_again(bench)
        desk(bench, read, LOOSE, big__csv=table(rows, *BAD))
        many = normalize(bench)
        assert many == 1 or many > 10
        outcome(bench)
        assert normalize(bench) == 0
        (bench.folder / "desk" / "big.csv").write_text(table(new, *BAD))
        assert 1 <= normalize(bench) <= 2
        nights.append(outcome(bench))
        assert normalize(bench) == 0
        del nights[-1]["places"]  # of a file of before, with its digest, where a stretch was not read again
        rejects = nights[-1].pop("rejects")
        assert [one["reason"] for one in rejects] == ["row_width"] * 3
    assert nights[0] == nights[1]


@pytest.mark.slow  # test_slices.py: `test_a_slice_does_not_change_the_next`
def test_slices_say_nothing_of_where_they_stand(bench: Bench) -> None:
    """A shelf that grew has the digest of one that began today."""
    rows = rows_of(600, equal=50)
    desk(bench, WITHOUT, LOOSE, big__csv=table(rows, *BAD))
    normalize(bench)
    (bench.folder / "desk" / "big.csv").write_text(table([["9000", "Inserted", "x"], *rows], *BAD))
    assert normalize(bench) <= 2
    grown = bench.run.normalized(bench.source("desk")).current()
    begin_again(bench)
    assert normalize(bench) > 10
    begun = bench.run.normalized(bench.source("desk")).current()
    assert grown is not None
    assert begun is not None
    assert (grown.digest, grown.slices) == (begun.digest, begun.slices)


@pytest.mark.slow  # the notes of names again: `test_damaged_notes_...` stays
def test_a_new_equal_row_renumbers_those_behind_it_and_no_other(bench: Bench) -> None:
    rows = rows_of(600)
    twin = ["7", "A twin", "x"]
    rows[500] = twin
    desk(bench, WITHOUT, LOOSE, big__csv=table(rows))
    many = normalize(bench)
    rows.insert(50, twin)
    (bench.folder / "desk" / "big.csv").write_text(table(rows))
    assert 2 <= normalize(bench) <= 3 < many
    source = bench.source("desk")
    pipeline.dedup_source(bench.run, source, bench.folder)
    shelf = bench.run.normalized(source)
    names = [name for one in slices(bench) for name in shelf.columns(one.key, ["id", "title"]).to_pylist()]
    twins = [one["id"].rpartition("#")[2] for one in names if one["title"] == "A twin"]
    assert twins[1] == f"{twins[0]}-2"


def files_by_any_number_of_processes(bench: Bench) -> int:
    """How many files the slices have, which are the same by one process and by two."""
    found = []
    for processes in (1, 2):
        begin_again(bench, "normalized")
        normalize(bench, processes)
        shelf = bench.run.normalized(bench.source("desk")).shelf
        found.append({name: disk.digest_file(shelf.local(name))[0] for name in shelf.list("slices/")})
    assert found[0] == found[1]
    return len(found[0])


@pytest.mark.slow
def test_any_number_of_processes(bench: Bench) -> None:
    desk(bench, WITHOUT, LOOSE, big__csv=table(rows_of(300, equal=9)))
    assert files_by_any_number_of_processes(bench) > 20


def test_a_run_that_was_cut_off_goes_on_where_it_was(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    desk(bench, WITHOUT, LOOSE, big__csv=table(rows_of(300, equal=9)))
    many = normalize(bench)
    whole = outcome(bench)
    begin_again(bench, "normalized", "shards")
    shelve, left = NormalizedShelf.shelve, [3]

    def dies(self: NormalizedShelf, path: Path, one: Slice) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise KeyboardInterrupt
        shelve(self, path, one)

    with monkeypatch.context() as patch:
        patch.setattr(NormalizedShelf, "shelve", dies)
        with pytest.raises(KeyboardInterrupt):
            normalize(bench)
    assert normalize(bench) == many - 3
    assert outcome(bench) == whole


def test_other_bytes_than_came_are_not_read(bench: Bench) -> None:
    """Before it is cut the whole file is proved, and each stretch whenever it is read."""
    desk(bench, WITH_ID, LOOSE, big__csv=table(rows_of(300)))
    pipeline.harvest_source(bench.run, bench.source("desk"), bench.folder)
    [file] = (bench.folder / "state" / "shelves" / "desk" / "raw" / "files").iterdir()
    data = file.read_bytes()
    for _ in range(2):
        file.write_bytes(data.replace(b"Title", b"Tilte", 1))
        with pytest.raises(ShelfDamaged):
            normalize(bench)
        file.write_bytes(data)
        normalize(bench)
        begin_again(bench, "normalized")


def test_damaged_notes_of_names_are_made_again(bench: Bench) -> None:
    """Numbers of equal rows would come out otherwise."""
    desk(bench, WITHOUT, LOOSE, big__csv=table(rows_of(300, equal=9)))
    normalize(bench)
    whole = outcome(bench)
    shelf = bench.folder / "state" / "shelves" / "desk" / "normalized"
    for name in sorted(path.name for path in (shelf / "numbers").iterdir() if path.suffix != ".json")[::5]:
        path = shelf / "numbers" / name
        path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])
        shutil.rmtree(shelf / "slices")
        try:
            normalize(bench)
        except ShelfDamaged:
            normalize(bench)
        assert outcome(bench) == whole


# --- takedown ------------------------------------------------------------------------------------------------------


def by_name(bench: Bench) -> dict[str, tuple[Any, ...]]:
    return {row["source_record_id"]: (row["title"], row["note"], row["id"]) for row in bench.rows("desk")}


@pytest.mark.slow
@pytest.mark.parametrize("read", [WITH_ID, WITHOUT])
@pytest.mark.parametrize("whole_before", [False, True])
def test_a_takedown_reaches_into_a_stretch(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, read: str, whole_before: bool
) -> None:
    """Two of many rows, one after the other; then everything is read again, with another `map`, and whole."""
    rows = rows_of(150, equal=29)
    if whole_before:
        monkeypatch.setattr(stretching, "SIZES", replace(SMALL, above=10**9))
    desk(bench, read, LOOSE, big__csv=table(rows))
    bench.night("desk")
    before = by_name(bench)
    gone = [name for name, row in sorted(before.items()) if row[1] == "line\nof 4"][:2]
    shelf = bench.folder / "state" / "shelves" / "desk"
    for name in gone:
        take(bench, name)
        title = before.pop(name)[0].replace('"', '""')
        assert by_name(bench) == before
        [file] = (shelf / "raw" / "files").iterdir()
        assert title not in file.read_text()
        assert file.read_text().count("\n") == table(rows).count("\n")
        assert title not in (shelf / "raw" / "redacted.json").read_text()
    monkeypatch.setattr(stretching, "SIZES", SMALL)
    kept = bench.parts("desk"), manifest_of(bench).tally
    assert kept[1].taken_down == 2
    bench.night("desk")
    assert normalize(bench) == 0
    for sizes in (SMALL, replace(SMALL, above=10**9), SMALL):
        monkeypatch.setattr(stretching, "SIZES", sizes)
        begin_again(bench, "normalized")
        bench.night("desk")
        assert (bench.parts("desk"), manifest_of(bench).tally) == kept
    desk(bench, read.replace("title: title", "title: title, description: title"), LOOSE)
    bench.night("desk")
    assert by_name(bench) == before
    assert manifest_of(bench).tally == kept[1]


@pytest.mark.slow  # a corrected row costs one stretch, above; test_takedown_neighbours.py
def test_a_takedown_in_a_cut_file_reads_no_other_stretch_again(bench: Bench) -> None:
    desk(bench, WITH_ID, LOOSE, big__csv=table(rows_of(150)))
    bench.night("desk")
    many = len(slices(bench))
    take(bench, "90")
    notes = json.loads((bench.folder / "state" / "shelves" / "desk" / "raw" / "redacted.json").read_text())
    [(_, copy)] = notes["copies"].items()
    assert len(copy["known"][""]["gone"]) == 1
    assert normalize(bench) == 0
    assert len(slices(bench)) == many


# --- MARC ---


def catalogue(numbers: Iterable[int], changed: int = -1) -> bytes:
    """Records of ISO 2709, of which one says something else."""

    def record(number: int) -> bytes:
        title = f"Title {number} {random.Random(number).random()}{' corrected' * (number == changed)}"
        return iso2709([("001", f"n{number:05d}"), ("008", FIXED), ("245", f"10$a{title}"), ("500", "  $aA note.")])

    return b"".join(map(record, numbers))


@pytest.mark.slow  # normalize/formats/test_marc_stretches.py cuts them; tables stay here
def test_a_catalogue_in_iso_2709_is_cut_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is published as if it were not; one corrected record re-reads one stretch, on any number of processes."""
    desk(bench, "marc", LOOSE, big__mrc=catalogue(range(150)))
    assert normalize(bench, processes=2) > 6
    cut = outcome(bench)
    places = [row["trace_position"] for row in cut["places"]]
    assert sorted(places) == sorted(f"record {number}" for number in range(1, 151))
    desk(bench, "marc", LOOSE, big__mrc=catalogue(range(150), changed=70))
    assert normalize(bench) <= 2
    desk(bench, "marc", LOOSE, big__mrc=catalogue(range(150)))
    begin_again(bench)
    monkeypatch.setattr(stretching, "SIZES", replace(SMALL, above=10**9))
    assert normalize(bench) == 1
    assert outcome(bench) == cut


@pytest.mark.slow  # test_takedown_neighbours.py takes records out of files
@pytest.mark.parametrize("sizes", [SMALL, replace(SMALL, above=10**9)], ids=["cut", "whole"])
def test_a_takedown_in_a_catalogue_is_no_tombstone_of_the_source(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, sizes: Sizes
) -> None:
    """From then on the file is read whole, and says the same however it was read before."""
    monkeypatch.setattr(stretching, "SIZES", sizes)
    desk(bench, "marc", LOOSE, big__mrc=catalogue(range(150)))
    bench.night("desk")
    take(bench, "n00090")
    names = {row["source_record_id"] for row in bench.rows("desk")}
    assert names == {f"n{number:05d}" for number in range(150)} - {"n00090"}
    tally = manifest_of(bench).tally
    assert (tally.taken_down, tally.deleted, tally.seen) == (1, 0, 150)
    [file] = (bench.folder / "state" / "shelves" / "desk" / "raw" / "files").iterdir()
    assert b"Title 90 " not in file.read_bytes()
    for sizes in (SMALL, replace(SMALL, above=10**9)):
        monkeypatch.setattr(stretching, "SIZES", sizes)
        begin_again(bench, "normalized")
        bench.night("desk")
        assert {row["source_record_id"] for row in bench.rows("desk")} == names
        assert manifest_of(bench).tally == tally
    desk(bench, "marc", LOOSE, big__mrc=catalogue(range(150), changed=20))  # it comes again, record 90 and all
    bench.night("desk")
    assert {row["source_record_id"] for row in bench.rows("desk")} == names
