"""Rows are not thrown away: what a row is decides what happens to one that repeats another."""

import csv
import hashlib
import json
import logging
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.checks import CHECKS
from biglam_pipeline.errors import RightsWithheld
from biglam_pipeline.records import Tally
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline.store.parts import Manifest, decode, encode
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.dedup.noise import page

ENTRY = """
sources:
  desk:
    title: A desk
    custodian: A library
    harvest: file:desk
    normalize: {normalize}
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-01}}
    languages: [en]
    {more}
"""
LETTER = "Dear Sir, the roof of the reading room lets in the rain again, and nobody mends it."


def desk(bench: Bench, normalize: str, more: str = "", **files: bytes | str) -> None:
    """files: name, with `__` for a full stop, -> content."""
    for name, content in files.items():
        path = bench.folder / "desk" / name.replace("__", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    bench.write(ENTRY.format(normalize=normalize, more=more))


def lines(*rows: dict[str, str]) -> str:
    return "\n".join(json.dumps(row) for row in rows) + "\n"


def manifest_of(bench: Bench) -> Manifest:
    manifest = bench.run.shards(bench.source("desk")).current()
    assert manifest is not None
    assert manifest.tally.adds_up
    return manifest


def removed(bench: Bench) -> dict[str, tuple[str, str]]:
    """Identifier -> keeper and reason."""
    rows = bench.run.shards(bench.source("desk")).removed(manifest_of(bench)).to_dicts()
    return {row["source_record_id"]: (row["keeper"].removeprefix("desk:"), row["reason"]) for row in rows}


def flagged(bench: Bench) -> dict[str, str]:
    rows = bench.rows("desk")
    return {row["source_record_id"]: row["dup_of"].removeprefix("desk:") for row in rows if row["dup_of"]}


# --- what a row is ---


def test_t07_the_answers_of_two_items_are_two_answers(bench: Bench) -> None:
    """The item is content: that two were answered alike by one person makes them no repetition of each other."""
    answers = "item,who,answer\na,w1,yes\nb,w1,yes\nc,w1,no\na,w2,yes\n"
    desk(bench, "{type: table, map: {parent_id: item, extra: [who, answer]}}", answers__csv=answers)
    assert bench.night("desk").rows == 4
    assert flagged(bench) == {}


def test_t08_tokens_that_repeat_are_all_there(bench: Bench) -> None:
    """Nothing was superseded, and nothing repeated: each line is a token; by its line it keeps its place."""
    words = ["the", "king", "of", "the", "isle", "of", "the", "sea"]
    tokens = "token\n" + "".join(f"{word}\n" for word in words)
    numbered = "{type: table, modality: text, map: {text: token}}"
    desk(bench, numbered, "dedup: {exact: none, near: none}", tokens__tsv=tokens)
    assert bench.night("desk").rows == 8
    assert sorted(row["text"] for row in bench.rows("desk")) == sorted(words)
    assert manifest_of(bench).tally == Tally(seen=8, current=8, published=8)
    desk(bench, "{type: table, modality: text, map: {id: $line, seq: $line, text: token}}", "expect: {rows: 8}")
    bench.run.shards(bench.source("desk")).shelf.delete("manifest.json")
    bench.build("desk")
    shards = bench.run.shards(bench.source("desk"))
    assert [row for part in manifest_of(bench).parts for row in shards.table(part)["text"].to_pylist()] == words


TEXT = "{type: table, modality: text, map: {id: id, text: text, text_unit: unit}}"
KINDS = ["issue", "book", "document", "page", "article", "line", "row", "leaflet", ""]
"""The last two are no unit that is known, and none at all."""


def test_a_whole_that_repeats_is_dropped_and_anything_else_is_marked(bench: Bench) -> None:
    """Of each unit two rows that are equal and one that is like no other."""
    texts = {"a": "", "b": "", "c": " and another"}
    rows = [
        {"id": f"{unit}-{name}", "text": page(f"{unit}{more}"), "unit": unit}
        for unit in KINDS
        for name, more in texts.items()
    ]
    desk(bench, TEXT, desk__jsonl=lines(*rows))
    wholes = {"issue", "book", "document"}
    assert bench.night("desk").rows == len(rows) - len(wholes)
    assert removed(bench) == {f"{unit}-b": (f"{unit}-a", "exact_row") for unit in wholes}
    assert flagged(bench) == {f"{unit}-b": f"{unit}-a" for unit in KINDS if unit not in wholes}


@pytest.mark.slow  # `test_a_whole_that_repeats_is_dropped_...` stays
def test_a_dublin_core_text_whose_unit_is_not_understood_is_no_whole(bench: Bench) -> None:
    """Without a word of the entry it is a document; a word that nobody understands makes it unknown again."""
    record = (
        "<dc xmlns='http://purl.org/dc/elements/1.1/'><identifier>{}</identifier><description>{}</description></dc>"
    )
    files = {f"{name}__xml": record.format(name, LETTER) for name in "ab"}
    desk(bench, "{type: oai_dc, map: {text: dc:description}}", **files)
    assert bench.night("desk").rows == 1
    desk(bench, "{type: oai_dc, map: {text: dc:description, text_unit: dc:type}}", "expect: {rows: 2}")
    assert bench.night("desk").rows == 2
    assert {row["text_unit"] for row in bench.rows("desk")} == {"row"}


def test_equal_rows_of_a_table_are_marked_and_may_be_dropped(bench: Bench) -> None:
    table = "id,who,answer\n" + "".join(f"{at},w{at % 3},yes\n" for at in range(60))
    desk(bench, "{type: table, map: {id: id, extra: [who, answer]}}", desk__csv=table)
    assert bench.night("desk").rows == 60, "that half of the answers are yes is no mistake of the source"
    assert len(flagged(bench)) == 57
    assert "57 rows in 3 clusters, equal in everything but identifiers" in bench.card("desk")
    desk(bench, "{type: table, map: {id: id, extra: [who, answer]}}", "dedup: {exact: none}")
    assert bench.night("desk").rows == 60
    assert flagged(bench) == {}


ALTO = """<alto xmlns="http://www.loc.gov/standards/alto/ns-v3#"><Layout><Page ID="P"><PrintSpace><TextBlock ID="B">
<TextLine>{}</TextLine></TextBlock></PrintSpace></Page></Layout></alto>"""


def alto(text: str) -> str:
    return ALTO.format("<SP/>".join(f'<String CONTENT="{word}"/>' for word in text.split()))


def test_pages_of_a_book_that_came_twice_go_together(bench: Bench) -> None:
    """The third is the same but for its last page, and keeps all of them; a form inside the first stays too."""
    form = page("a form")
    books = {
        "one": [form, page("1"), form, "PLATE"],
        "two": [form, page("1"), form, "PLATE"],
        "three": [form, page("1")],
    }
    files = {f"{book}/{at}__xml": alto(text) for book, pages in books.items() for at, text in enumerate(pages)}
    desk(bench, "{type: mets_alto, rows: page}", "dedup: {largest_cluster: ..1.0}", **files)
    assert bench.night("desk").rows == 6
    assert removed(bench) == {f"two/{at}": (f"one/{at}", "exact_parent") for at in range(4)}
    assert flagged(bench) == {"one/2": "one/0", "three/0": "one/0", "three/1": "one/1"}
    assert "parts of a whole that was delivered twice, each part equal and in order (4)" in bench.card("desk")


# --- the share that is dropped ---


def copies(count: int, others: int) -> str:
    """Documents that repeat another, each once, and such as repeat none."""
    twice = [
        {"id": f"{name}{at}", "text": page(f"twice {at}"), "unit": "document"} for at in range(count) for name in "ab"
    ]
    alone = [{"id": f"c{at}", "text": page(f"alone {at}"), "unit": "document"} for at in range(others)]
    return lines(*twice, *alone)


def test_a_fifth_that_is_dropped_stops_publication(bench: Bench) -> None:
    desk(bench, TEXT, "dedup: {near: none}", desk__jsonl=copies(20, 20))
    with pytest.raises(RightsWithheld, match=r"duplicates_are_few: 20 of 60 rows were dropped .*33\.3%") as refused:
        bench.night("desk")
    assert "20 equal in everything but identifiers" in str(refused.value)
    for remedy in ("largest_share: ..0.4", "exact: flag"):
        assert f"dedup: {{{remedy}}}" in str(refused.value)
        desk(bench, TEXT, f"dedup: {{{remedy}}}")
        bench.night("desk")


@pytest.mark.representative(1)  # the other bound
@pytest.mark.parametrize(("count", "others"), [(19, 0), (20, 60)], ids=["few", "a small share"])
def test_few_dropped_rows_are_no_question(bench: Bench, count: int, others: int) -> None:
    desk(bench, TEXT, desk__jsonl=copies(count, others))
    assert bench.night("desk").rows == count + others


def test_a_limit_that_would_hold_nothing_is_not_proposed(bench: Bench) -> None:
    rows = [{"id": str(at), "text": LETTER, "unit": "document"} for at in range(60)]
    desk(bench, TEXT, "dedup: {largest_cluster: ..1.0}", desk__jsonl=lines(*rows))
    with pytest.raises(RightsWithheld) as refused:
        bench.night("desk")
    assert "59 of 60 rows were dropped" in str(refused.value)
    assert "exact: flag" in str(refused.value)
    assert "largest_share" not in str(refused.value)
    assert "duplicates_are_few" in CHECKS["shards"]


# --- a default that changes, and what is counted ---


def test_rows_that_come_back_are_counted_and_reported(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    """They keep the night on which they first came, and no other row moves."""
    normalize = "{type: table, map: {id: id, title: title}}"
    desk(bench, normalize, "dedup: {exact: rows}", desk__csv="id,title\n1,Plan\n2,Plan\n3,Map\n")
    assert bench.night("desk").rows == 2
    assert removed(bench) == {"2": ("1", "exact_row")}
    bench.run.now.advance()  # type: ignore[attr-defined]
    desk(bench, normalize, desk__csv="id,title\n1,Plan\n2,Plan\n3,Map\n4,Chart\n")
    source = bench.source("desk")
    pipeline.harvest_source(bench.run, source, bench.base(source))
    pipeline.normalize_source(bench.run, source, bench.base(source))
    with caplog.at_level(logging.WARNING):
        laid = pipeline.dedup_source(bench.run, source, bench.base(source))
    assert laid.returned == 1
    assert "1 rows that the last run dropped as duplicates (exact_row) are among the rows again" in caplog.text
    pipeline.publish_source(bench.run, source, bench.base(source))
    rows = [(row["source_record_id"], row["first_seen"]) for row in bench.rows("desk")]
    assert rows == [("1", 1), ("3", 1), ("2", 1), ("4", 2)]
    assert removed(bench) == {}


def test_a_manifest_of_before_repeats_were_counted_is_read(bench: Bench) -> None:
    desk(bench, "{type: table, map: {id: id, title: title}}", desk__csv="id,title\n1,Plan\n1,Plan\n2,Map\n")
    bench.night("desk")
    manifest = manifest_of(bench)
    assert manifest.tally == Tally(seen=3, current=2, repeated=1, published=2)
    older = json.loads(encode(manifest))
    older["tally"]["superseded"] = older["tally"].pop("repeated")
    assert decode(json.dumps(older).encode()).tally == Tally(seen=3, current=2, superseded=1, published=2)
    assert decode(json.dumps(older).encode()).tally.adds_up


@pytest.mark.representative(2)  # other ranges
@pytest.mark.parametrize(("rows", "holds"), [("3", True), ("4", False), ("..3", True), ("4..", False), ("..2", False)])
def test_expect_rows_counts_what_is_published(bench: Bench, rows: str, holds: bool) -> None:
    """Five lines: one is the same again, and one a document that repeats another."""
    texts = [{"id": name, "text": text, "unit": "document"} for name, text in zip("abbcd", "11123", strict=True)]
    content = lines(*({**row, "text": page(row["text"])} for row in texts))
    desk(bench, TEXT, f"expect: {{rows: {rows}}}", desk__jsonl=content)
    if holds:
        assert bench.night("desk").rows == 3
        return
    with pytest.raises(RightsWithheld, match=r"3 rows to publish \(1 repeated, 1 duplicate, of 5 seen\); .* expects"):
        bench.night("desk")


# --- identifiers ---


def test_t09_identifiers_of_no_known_scheme_are_kept(bench: Bench) -> None:
    table = "id,title,qid,ulan,shelfmark\n1,Plan,Q231861,500020631,MS 14.b\n2,Map,Q42,,PPN 123456789\n"
    desk(bench, "{type: table, map: {id: id, title: title, identifiers: {all: [qid, ulan, shelfmark]}}}", d__csv=table)
    bench.night("desk")
    assert [[one["value"] for one in row["identifiers"]] for row in bench.rows("desk")] == [
        ["Q231861", "500020631", "MS 14.b"],
        ["Q42", "123456789"],  # which says its scheme itself
    ]
    said = "{type: table, map: {id: id, title: title, identifiers: {wikidata: qid, ulan: ulan, shelfmark: shelfmark}}}"
    desk(bench, said)
    bench.night("desk")
    assert [[tuple(one.values()) for one in row["identifiers"]] for row in bench.rows("desk")] == [
        [("wikidata", "Q231861"), ("ulan", "500020631"), ("shelfmark", "MS 14.b")],
        [("wikidata", "Q42"), ("shelfmark", "PPN 123456789")],
    ]


@pytest.mark.slow  # `test_t09_identifiers_of_no_known_scheme_are_kept` stays
def test_every_identifier_of_a_museum_is_kept(bench: Bench, real_data: Path) -> None:
    """Counted by hand: each cell of two columns that holds something is an identifier of its scheme."""
    path = real_data / "museum" / "moma" / "Artists.csv"
    normalize = (
        "{type: table, map: {id: ConstituentID, title: DisplayName, identifiers: {wikidata: Wiki QID, ulan: ULAN}}}"
    )
    desk(bench, normalize, artists__csv=path.read_bytes())
    bench.night("desk")
    with path.open(encoding="utf-8-sig", newline="") as stream:
        due = {row["ConstituentID"]: [row["Wiki QID"], row["ULAN"]] for row in csv.DictReader(stream)}
    found = {row["source_record_id"]: row["identifiers"] or [] for row in bench.rows("desk")}
    assert {name: [one["value"] for one in ids] for name, ids in found.items()} == {
        name: [one.strip() for one in ids if one.strip()] for name, ids in due.items()
    }


# --- takedown ---


def plan_of(bench: Bench, record: str) -> Any:
    source = bench.source("desk")
    return plan_takedown(bench.run, source, bench.base(source), Request(record, "privacy"))


def take(bench: Bench, record: str) -> None:
    source = bench.source("desk")
    request = Request(record, "privacy")
    take_down(
        bench.run,
        source,
        bench.base(source),
        plan_takedown(bench.run, source, bench.base(source), request),
        request,
    )


@pytest.mark.slow  # test_takedown.py holds copies
def test_a_copy_under_another_parent_goes_with_the_record(bench: Bench) -> None:
    """Two volumes hold one letter: they are two parts for duplicates, and one content for who asked to have it gone."""
    rows = [
        {"id": "1", "volume": "A", "text": LETTER},
        {"id": "2", "volume": "B", "text": LETTER},
        {"id": "3", "volume": "B", "text": page("3")},
    ]
    normalize = "{type: table, modality: text, map: {id: id, text: text, parent_id: volume}}"
    desk(bench, normalize, "expect: {rows: 1..}", desk__jsonl=lines(*rows))
    assert bench.night("desk").rows == 3
    assert plan_of(bench, "1").duplicates == ("2",)
    take(bench, "1")
    assert [row["source_record_id"] for row in bench.rows("desk")] == ["3"]
    bench.run.now.advance()  # type: ignore[attr-defined]
    desk(bench, normalize, "expect: {rows: 1..}", late__jsonl=lines({"id": "4", "volume": "C", "text": LETTER}))
    assert bench.night("desk").rows == 1, "and so does one that comes later"
    assert manifest_of(bench).tally.taken_down == 3


@pytest.mark.slow  # shelves of an earlier release; the key of today stays
def test_notes_of_before_copies_had_a_key_of_their_own_are_read(bench: Bench) -> None:
    """What such a shelf calls `double_key` is the copy key: a copy that comes later is kept out as it always was."""
    normalize = "{type: table, modality: text, map: {id: id, text: text, parent_id: volume}}"
    rows = [{"id": str(at), "volume": "A", "text": LETTER if at == 1 else page(str(at))} for at in range(1, 4)]
    desk(bench, normalize, "expect: {rows: 1..}", desk__jsonl=lines(*rows))
    bench.night("desk")
    take(bench, "1")
    path = bench.folder / "state" / "shelves" / "desk" / "raw" / "redacted.json"
    notes = json.loads(path.read_text())
    del notes["key_version"], notes["sealed"]
    [[note]] = notes["bundles"].values()
    note["double_key"] = note.pop("copy_key")
    for name in ("part_key", "unit", "parent", "parent_seq"):
        del note[name]
    path.write_text(json.dumps(notes))
    bench.run.now.advance()  # type: ignore[attr-defined]
    desk(bench, normalize, "expect: {rows: 1..}", late__jsonl=lines({"id": "9", "volume": "B", "text": LETTER}))
    assert bench.night("desk").rows == 2
    assert manifest_of(bench).tally.taken_down == 2


def test_a_shelf_of_an_older_version_can_be_planned_for(bench: Bench) -> None:
    """Its indexes hold no copy key yet: what they call `double_key` was it."""
    normalize = "{type: table, modality: text, map: {id: id, text: text}}"
    desk(bench, normalize, desk__jsonl=lines({"id": "1", "text": LETTER}, {"id": "2", "text": LETTER}))
    bench.night("desk")
    folder = bench.folder / "state" / "shelves" / "desk" / "normalized" / "slices"
    [index] = folder.glob("*.index.parquet")
    table = pq.read_table(index)
    older = table.set_column(table.schema.get_field_index("double_key"), "double_key", table["copy_key"])
    pq.write_table(older.drop_columns(["copy_key", "part_key", "unit", "parent", "parent_seq"]), index)
    [numbers] = folder.glob("*.json")
    slice_ = json.loads(numbers.read_text())
    del slice_["sealed"]
    slice_["files"]["index.parquet"] = hashlib.sha256(index.read_bytes()).hexdigest()
    numbers.write_text(json.dumps(slice_))
    assert plan_of(bench, "1").duplicates == ("2",)


def _dublin_core(*words: str) -> str:
    dc = "<dc><description xmlns='http://purl.org/dc/elements/1.1/'>{}</description></dc>"
    return f"<all>{''.join(map(dc.format, words))}</all>"


@pytest.mark.slow  # test_takedown.py: `test_no_copy_is_promoted`
@pytest.mark.parametrize(
    ("normalize", "ending", "file"),
    [
        ("{type: oai_dc, map: {text: dc:description}}", "xml", _dublin_core),
        ("{type: table, modality: text, map: {text: token}}", "tsv", lambda *words: "\n".join(["token", *words, ""])),
    ],
    ids=["oai_dc", "table"],
)
def test_equal_records_without_a_name_go_together_and_stay_gone(
    bench: Bench, normalize: str, ending: str, file: Callable[..., str]
) -> None:
    """They say too little to be copies of any other; but of three the second becomes the first when that is gone."""
    said = ["the", "king", "of", "the", "isle", "of", "the"]
    desk(bench, normalize, "expect: {rows: 1..}", **{f"a__{ending}": file(*said), f"b__{ending}": file("the")})
    assert bench.night("desk").rows == 8
    name = min(row["source_record_id"] for row in bench.rows("desk") if row["text"] == "the")
    assert plan_of(bench, name).duplicates == (f"{name}-2", f"{name}-3")
    take(bench, name)
    left = ["isle", "king", "of", "of", "the"]
    assert sorted(row["text"] for row in bench.rows("desk")) == left, "the file b is another"
    before = bench.parts("desk")
    shutil.rmtree(bench.folder / "state" / "shelves" / "desk" / "normalized")
    bench.night("desk")
    assert bench.parts("desk") == before
    bench.run.now.advance()  # type: ignore[attr-defined]
    desk(bench, normalize, "expect: {rows: 1..}", **{f"a__{ending}": file(*said, "the", "roar")})
    bench.night("desk")
    assert sorted(row["text"] for row in bench.rows("desk")) == sorted([*left, "roar"])
    assert manifest_of(bench).tally.taken_down == 4
