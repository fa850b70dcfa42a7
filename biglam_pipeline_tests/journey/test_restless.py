"""A field that changes by itself is named, is not left out by itself, and is left out where the entry says so."""

import json
from collections.abc import Iterator

import pytest

from biglam_pipeline import clearing
from biglam_pipeline.clearance import Finding
from biglam_pipeline.dedup.restless import changed_alone
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.harvest.repository import Repository, envelope
from biglam_pipeline_tests.servers.web import Reply, scripted_server

DC = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
ENTRY = """
sources:
  restless:
    title: Maps of a parish
    custodian: A record office
    harvest: {address}
    normalize: {{type: oai_dc{more}}}
    rights: {{license: CC0-1.0, evidence: https://example.org/rights, checked: 2026-01-01}}
    dedup: {{exact: none, near: none}}
"""


def listed(visit: int, titles: dict[int, str] | None = None, serving: str = "dc:relation") -> Reply:
    """Five records, each with a field that says by which visit it was served."""
    records = "".join(
        f"<record><header><identifier>oai:x:{one}</identifier><datestamp>2026-11-2{visit}T00:00:00Z</datestamp>"
        f"</header><metadata><oai_dc:dc {DC}><dc:title>{(titles or {}).get(one, f'Map {one}')}</dc:title>"
        f"<{serving}>served {visit}</{serving}></oai_dc:dc></metadata></record>"
        for one in range(5)
    )
    return Reply(envelope(f"<ListRecords>{records}</ListRecords>", f"2026-11-2{visit}T00:00:00Z"))


@pytest.fixture
def repository() -> Iterator[Repository]:
    with scripted_server() as server:
        yield Repository(server)


def nights(bench: Bench, repository: Repository, visits: list[Reply], more: str = "") -> list[int]:
    """Files sent at each of these visits."""
    bench.write(ENTRY.format(address=repository.address, more=more))
    sent = []
    for one in visits:
        repository.first = [one]
        sent.append(bench.night("restless").files_sent)
    return sent


def advice(bench: Bench) -> Finding:
    """What the check says now."""
    source = bench.source("restless")
    view = clearing.view_of(bench.run, source, bench.base(source), "d")
    [finding] = clearing.run_checks(view, frozenset({"records_are_settled"}))
    return finding


def test_h55_a_field_that_changes_at_every_visit_is_named(bench: Bench, repository: Repository) -> None:
    sent = nights(bench, repository, [listed(visit) for visit in range(1, 4)])
    assert all(sent), "nothing is left out by itself"
    assert advice(bench).passed, "two changes are no habit yet"
    nights(bench, repository, [listed(4)])
    found = advice(bench)
    assert not found.passed
    assert found.advice
    assert "write `normalize: {volatile: [dc:relation]}`" in found.summary


def test_h55_what_the_entry_calls_volatile_makes_no_release(bench: Bench, repository: Repository) -> None:
    sent = nights(bench, repository, [listed(visit) for visit in range(1, 4)], ", volatile: [dc:relation]")
    assert sent[0] > 0
    assert sent[1:] == [0, 0]
    assert all("served" not in row["raw_record"] for row in bench.rows("restless"))
    assert nights(bench, repository, [listed(4, {2: "Map of the mill"})], ", volatile: [dc:relation]")[0] > 0


@pytest.mark.slow  # the other way round; `test_h55_a_field_that_changes_...` stays
def test_a_change_of_substance_is_no_restlessness(bench: Bench, repository: Repository) -> None:
    """Half of the records get a new title as well: then the field does not change alone in more than half."""
    visits = [listed(visit, {one: f"Map {one}, sheet {visit}" for one in range(3)}) for visit in range(1, 5)]
    nights(bench, repository, visits)
    assert advice(bench).passed


@pytest.mark.parametrize(
    ("was", "now", "field"),
    [
        ("<a><b>1</b><c>2</c></a>", "<a><b>1</b><c>3</c></a>", "c"),
        ("<a><b>1</b></a>", "<a><b>1</b><c>3</c></a>", "c"),
        ("<a><b>1</b><c>2</c></a>", "<a><b>0</b><c>3</c></a>", ""),
        ("<a><b t='1'/></a>", "<a><b t='2'/></a>", "b"),
        ("<a><b><c>1</c></b></a>", "<a><b><c>2</c></b></a>", "b/c"),
        ("<a>1</a>", "<a>2</a>", "."),
        ("<a><b>1</b></a>", "<a><b>1</b></a>", ""),
        ("<a><b>1</b><b>2</b></a>", "<a><b>2</b><b>1</b></a>", "b"),
        ("not xml", "<a/>", ""),
        (None, "<a/>", ""),
    ],
)
def test_which_field_changed_alone(was: str | None, now: str, field: str) -> None:
    assert changed_alone({"title": "x", "raw_record": was}, {"title": "x", "raw_record": now}) == field
    assert changed_alone({"title": "y", "raw_record": was}, {"title": "x", "raw_record": now}) == ""


@pytest.mark.parametrize("path", ["[", "x:y", "'text'", "count(dc:relation)"])
def test_a_path_that_selects_nothing_is_a_fault(path: str, bench: Bench) -> None:
    bench.write(ENTRY.format(address="oai+https://example.org/oai", more=f", volatile: [{json.dumps(path)}]"))
    assert "restless" not in bench.catalog.sources
