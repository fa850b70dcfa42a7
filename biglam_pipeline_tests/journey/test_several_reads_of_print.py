"""Pages and articles of the same METS and ALTO files: two READs of one harvest, whose rows hold the same words."""

import json

import pytest

from biglam_pipeline import pipeline
from biglam_pipeline.dedup.laying import LaidOut
from biglam_pipeline.retraction import Request, plan_takedown, take_down
from biglam_pipeline_tests.bench import Bench

ENTRY = """
sources:
  mercury:
    title: The Mercury
    custodian: Aldermere Free Library
    harvest: https://institution.example/files/mercury/mercury-1851-06-{{07,14}}.zip
    normalize: {normalize}
    rights: {{license: PDM-1.0, evidence: https://institution.example/rights, checked: 2026-11-20}}
    languages: [en]
    expect: {{rows: 1..}}
"""
PAGES = {"type": "mets_alto", "files": "*", "rows": "page", "map": {"config": {"const": "pages"}}}
ARTICLES = {"type": "mets_alto", "files": "*", "rows": "article", "map": {"config": {"const": "articles"}}}


def build(bench: Bench, *reads: dict[str, object]) -> LaidOut:
    bench.write(ENTRY.format(normalize=json.dumps(reads)))
    source = bench.build("mercury")
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    return LaidOut(manifest, 0)


def texts(bench: Bench) -> dict[str, str]:
    """Identifier -> text, of all rows that are laid."""
    source = bench.source("mercury")
    shards = bench.run.shards(source)
    manifest = shards.current()
    assert manifest is not None
    rows = [row for part in manifest.parts for row in shards.table(part, ["source_record_id", "text"]).to_pylist()]
    return {row["source_record_id"]: row["text"] for row in rows}


def test_each_read_makes_what_it_makes_alone(bench: Bench) -> None:
    alone = {**_of(bench, PAGES), **_of(bench, ARTICLES)}
    laid = build(bench, PAGES, ARTICLES)
    assert laid.manifest.tally.adds_up
    assert laid.manifest.doubles.get("flagged", 0) == 0
    assert texts(bench) == alone
    assert {one.partition(":")[0] for one in alone} == {"pages", "articles"}
    source = bench.source("mercury")
    again = pipeline.dedup_source(bench.run, source, bench.base(source))
    assert again.written == 0


def _of(bench: Bench, read: dict[str, object]) -> dict[str, str]:
    build(bench, read)
    return texts(bench)


@pytest.mark.slow  # out of an archive; test_takedown_along.py holds loose ones
def test_a_page_in_an_archive_takes_its_articles_along(bench: Bench) -> None:
    build(bench, PAGES, ARTICLES)
    before = texts(bench)
    bench.night("mercury")
    record = min(one for one in before if one.startswith("pages:"))
    source, request = bench.source("mercury"), Request(record, "privacy")
    plan = plan_takedown(bench.run, source, bench.base(source), request)
    done = take_down(bench.run, source, bench.base(source), plan, request)
    assert done.because == ""
    assert before.keys() - texts(bench).keys() == {record, *plan.along}
    assert len(plan.along) == 3
    assert all(text == before[one] for one, text in texts(bench).items())
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    assert (manifest.tally.taken_down, manifest.tally.rejected) == (4, 0)


@pytest.mark.slow  # test_takedown_along.py: `test_a_page_loses_the_words_of_an_article_...`
@pytest.mark.parametrize("first", [PAGES, ARTICLES], ids=["pages first", "articles first"])
def test_an_article_that_is_taken_down_stands_on_no_page(bench: Bench, first: dict[str, object]) -> None:
    build(bench, first, ARTICLES if first is PAGES else PAGES)
    before = texts(bench)
    bench.night("mercury")
    record = max((one for one in before if one.startswith("articles:")), key=lambda one: len(before[one]))
    words = before[record].split()
    source, request = bench.source("mercury"), Request(record, "privacy")
    take_down(
        bench.run,
        source,
        bench.base(source),
        plan_takedown(bench.run, source, bench.base(source), request),
        request,
    )
    after = texts(bench)
    assert before.keys() - after.keys() == {record}
    changed = {one for one in after if after[one] != before[one]}
    assert changed
    assert all(one.startswith("pages:") for one in changed)
    longest = " ".join(words[2:10])
    assert any(longest in " ".join(text.split()) for one, text in before.items() if one.startswith("pages:"))
    assert not any(longest in " ".join(text.split()) for text in after.values())
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    assert manifest.tally.adds_up
    assert manifest.tally.taken_down == 1
