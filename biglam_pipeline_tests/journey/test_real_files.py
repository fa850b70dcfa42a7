"""Files as real institutions delivered them, from their bytes to rows that the Hub serves."""

import csv
import hashlib
import html
import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server

ENTRY = """
    sources:
      real:
        title: As it was delivered
        custodian: A library
        harvest: {harvest}
        normalize: {normalize}
        rights: {{license: CC0-1.0, evidence: "https://institution.example/rights", checked: 2026-11-20}}
        {more}
"""
_STRING = re.compile(r"<String\b([^>]*)/?>")
_CONTENT = re.compile(r"\bCONTENT=(?:\"([^\"]*)\"|'([^']*)')")


@pytest.fixture
def web() -> Iterator[ScriptedServer]:
    with scripted_server() as server:
        yield server


def digest(values: list[str]) -> str:
    """16 hexadecimal digits for a list of texts, whatever its order."""
    return hashlib.sha256("\x1e".join(sorted(values)).encode()).hexdigest()[:16]


# --- an issue of METS and ALTO ---


def zipped(folder: Path) -> bytes:
    """The issue as a ZIP, its files in a folder."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.glob("*.xml")):
            archive.write(path, f"issue/{path.name}")
    return out.getvalue()


def counted(folder: Path) -> tuple[int, int]:
    """Words of all pages without a parser, and how many of them are second halves."""
    words = halves = 0
    for path in folder.glob("*_0*.xml"):
        if path.stem.endswith("mets"):
            continue
        for found in _STRING.finditer(path.read_text(encoding="utf-8")):
            content = _CONTENT.search(found[1])
            number = len(html.unescape(content[1] or content[2] or "").split()) if content else 0
            words += number
            halves += bool(number) and "HypPart2" in found[1]
    return words, halves


@pytest.mark.representative(1)  # another unit of rows
@pytest.mark.parametrize(
    ("rows", "count", "golden"), [("page", 4, "62f67cd350d07c73"), ("article", 27, "8746cd2310b37436")]
)
def test_an_issue_of_a_newspaper(
    bench: Bench, web: ScriptedServer, real_data: Path, rows: str, count: int, golden: str
) -> None:
    folder = real_data / "mets-alto" / "bl-newspapers-0002647-18240217"
    address = web.on("/issue.zip", Reply(zipped(folder)))
    bench.write(ENTRY.format(harvest=address, normalize=f"{{type: mets_alto, rows: {rows}}}", more="languages: [en]"))
    release = bench.night("real")
    found = bench.rows("real")
    assert release.rows == len(found) == count
    assert release.read_back == ()
    words, halves = counted(folder)
    published = sum(len(row["text"].split()) for row in found)
    outside = _outside(bench)
    if rows == "page":
        assert published == words - halves - 1 == 21798, "one word is broken without a mark, and stands whole elsewhere"
    else:
        # Words outside articles are counted before halves are joined.
        assert words - halves <= published + outside <= words
        assert outside == 1144
    assert {row["date_edtf"] for row in found} == {"1824-02-17"}
    assert {row["text_unit"] for row in found} == {rows}
    assert digest([row["text"] for row in found]) == golden
    assert len(web.asked) == 1
    asked = len(bench.hub.log)
    bench.night("real")
    assert len(bench.hub.log) - asked == 3


def _outside(bench: Bench) -> int:
    normalized = bench.run.normalized(bench.source("real"))
    current = normalized.current()
    assert current is not None
    return sum(one.unmapped.get("words in no article", 0) for one in normalized.slices(current))


# --- a table of volunteers' annotations ---


@pytest.mark.slow  # test_real_tables.py has tables
def test_a_table_of_annotations(bench: Bench, web: ScriptedServer, real_data: Path) -> None:
    path = real_data / "csv" / "bl-books-genre" / "annotations.csv"
    address = web.on("/annotations.csv", Reply(path.read_bytes()))
    mapped = (
        "{modality: metadata, map: {id: classification_id, title: title, date: date_pub, publisher: publisher, "
        "extra: {genre: genre, FAST_genre_terms: FAST_genre_terms, subject: subject_ids}}}"
    )
    bench.write(ENTRY.format(harvest=address, normalize=mapped, more="languages: [en]"))
    release = bench.night("real")
    with path.open(encoding="utf-8", newline="") as stream:
        due = {row["classification_id"]: row for row in csv.DictReader(stream)}
    found = {row["source_record_id"]: row for row in bench.rows("real")}
    manifest = bench.run.shards(bench.source("real")).current()
    assert manifest is not None
    tally = manifest.tally
    assert found.keys() | _removed(bench) == due.keys()
    assert tally.adds_up
    assert (release.rows, tally.rejected) == (len(found), 0)
    assert tally.published + tally.duplicate == tally.current == len(due)
    for name, row in found.items():
        assert (row["genre"] or "").split() == due[name]["genre"].split()
        assert (row["subject"] or "") == due[name]["subject_ids"]
    assert digest([f"{row['source_record_id']} {row['title']}" for row in found.values()]) == "d4fc901618f9558f"


def _removed(bench: Bench) -> set[str]:
    shards = bench.run.shards(bench.source("real"))
    manifest = shards.current()
    assert manifest is not None
    return {row["source_record_id"] for row in shards.removed(manifest).to_dicts()}


# --- four pages of OAI-PMH ---


@pytest.mark.slow  # `test_an_issue_of_a_newspaper` stays
def test_a_list_of_four_pages(bench: Bench, web: ScriptedServer, real_data: Path) -> None:
    """Eight records under one identifier, the last deletions without any: one row, one tombstone, one reject."""
    folder = real_data / "oai-pmh" / "sickle"

    def answer(asked: Asked) -> Reply:
        name = asked.query.get("resumptionToken") or {
            "Identify": "Identify.xml",
            "ListRecords": "noRecordsMatch.xml" if "from" in asked.query else "ListRecords.xml",
        }.get(asked.query["verb"], "badArgument.xml")
        return Reply((folder / name).read_bytes(), headers={"Content-Type": "text/xml"})

    web.on("/oai", answer)
    harvest = f"oai+{web.url}/oai?metadataPrefix=oai_dc"
    bench.write(ENTRY.format(harvest=harvest, normalize="oai_dc", more="expect: {rejects: ..0.5}"))
    source = bench.source("real")
    visited = pipeline.harvest_source(bench.run, source, bench.base(source))
    assert visited.harvest.complete, visited.harvest.proof
    assert "8 of 8 records" in visited.harvest.proof
    assert [asked.query["verb"] for asked in web.asked] == ["Identify"] + ["ListRecords"] * 4
    pipeline.normalize_source(bench.run, source, bench.base(source))
    tally = pipeline.dedup_source(bench.run, source, bench.base(source)).manifest.tally
    assert (tally.current, tally.deleted, tally.rejected) == (1, 1, 1)
    assert tally.adds_up
    release = pipeline.publish_source(bench.run, source, bench.base(source))
    (row,) = bench.rows("real")
    assert (release.rows, row["title"]) == (1, "Sample Title")
    assert Counter(type(one) for one in row.values())[type(None)] < len(row)
    web.asked.clear()
    assert bench.night("real").commit == release.commit
    assert [asked.query["verb"] for asked in web.asked] == ["ListIdentifiers", "ListRecords"], "records came twice"
    web.asked.clear()
    assert bench.night("real").commit == release.commit
    assert len(web.asked) == 1
