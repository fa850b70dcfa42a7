"""From an OAI-PMH server that does not keep its word to what is published: deletions, coverage, what is unproven."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from biglam_pipeline import clearing
from biglam_pipeline.clearance import Finding
from biglam_pipeline.errors import BiglamError
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.command import Command
from biglam_pipeline_tests.harvest.repository import error
from biglam_pipeline_tests.servers.oai import Archive, Kept
from biglam_pipeline_tests.servers.web import Reply, scripted_server

ENTRY = """
    sources:
      letters:
        title: Letters
        custodian: A Library
        harvest: {harvest}
        normalize: oai_dc
        rights: {{license: CC0-1.0, evidence: https://example.org/r, checked: 2026-11-20, quote: CC0}}
        languages: [en]
        dedup: {{exact: none, near: none}}
"""


@pytest.fixture
def archive() -> Iterator[Archive]:
    with scripted_server() as server:
        made = Archive(server, deleted="no", page=50)
        made.keep(*(f"oai:a:{number:03d}" for number in range(200)))
        yield made


def pass_days(bench: Bench, days: int) -> None:
    for _ in range(days):
        bench.run.now.advance()  # type: ignore[attr-defined]


def ids(bench: Bench) -> set[str]:
    return {row["source_record_id"] for row in bench.rows("letters")}


def test_f18_what_two_listings_lack_is_published_no_more(bench: Bench, archive: Archive) -> None:
    """And what was filed under an earlier date is; the card says how much of what is offered came."""
    bench.write(ENTRY.format(harvest=archive.address))
    bench.night("letters")
    assert len(ids(bench)) == 200
    assert "Of 200 that the source lists, 200 were harvested (100%)." in bench.card("letters").replace("\u00a0", "")
    archive.drop("oai:a:007")
    archive.keep("oai:a:late", date="2001-01-01T00:00:00Z")
    pass_days(bench, 29)
    bench.night("letters")
    assert len(ids(bench)) == 201
    pass_days(bench, 29)
    bench.night("letters")
    assert ids(bench) == {one.identifier for one in archive.records}
    commits, pages = bench.commits("letters"), len(archive.server.asked)
    pass_days(bench, 29)
    bench.night("letters")
    assert bench.commits("letters") == commits, "a listing that finds nothing publishes nothing"
    assert len(archive.server.asked) == pages + 1 + 4


def findings(bench: Bench) -> dict[str, Finding]:
    source = bench.source("letters")
    manifest = bench.run.shards(source).current()
    assert manifest is not None
    view = clearing.view_of(bench.run, source, bench.base(source), manifest.digest)
    names = frozenset({"newest_is_read", "expectations_hold"})
    return {one.check: one for one in clearing.run_checks(view, names)}


EMPTIED = {"an empty element": "<metadata/>", "no element": "", "a blank": "<metadata>\n </metadata>"}


@pytest.mark.representative(1)  # empty in other ways
@pytest.mark.parametrize("body", EMPTIED.values(), ids=EMPTIED)
def test_f19_what_an_institution_empties_is_published_no_more(bench: Bench, archive: Archive, body: str) -> None:
    """And comes back with its next version; a record that came empty at once is none either."""
    bench.write(ENTRY.format(harvest=archive.address))
    archive.deleted = "persistent"
    archive.keep("oai:a:never", body=body)
    bench.night("letters")
    assert len(ids(bench)) == 200
    archive.now = "2026-11-23T12:00:00Z"
    archive.keep("oai:a:007", date=archive.now, body=body)
    bench.night("letters")
    manifest = bench.run.shards(bench.source("letters")).current()
    assert manifest is not None
    assert manifest.tally.adds_up
    assert (manifest.tally.deleted, manifest.tally.superseded, manifest.tally.rejected) == (2, 1, 0)
    assert len(ids(bench)) == 199
    assert "oai:a:007" not in ids(bench)
    archive.now = "2026-11-24T12:00:00Z"
    archive.keep("oai:a:007", date=archive.now)
    bench.night("letters")
    assert "oai:a:007" in ids(bench)


def test_f37_a_server_that_empties_everything_takes_nothing_away(bench: Bench, archive: Archive) -> None:
    """A crosswalk that breaks empties thousands of records in one night; those count as what could not be read."""
    bench.write(ENTRY.format(harvest=archive.address))
    archive.deleted = "persistent"
    bench.night("letters")
    archive.now = "2026-11-23T12:00:00Z"
    archive.keep(*(f"oai:a:{number:03d}" for number in range(40)), date=archive.now, body="<metadata/>")
    with pytest.raises(BiglamError, match=r"metadata_missing \(40\)"):
        bench.night("letters")
    assert len(ids(bench)) == 200


@pytest.mark.slow  # advice; test_f19 holds what is withdrawn
def test_a_newer_version_that_cannot_be_read_is_told(bench: Bench, archive: Archive) -> None:
    """The version before it stays; a reader's trouble is no word of the institution."""
    bench.write(ENTRY.format(harvest=archive.address))
    archive.deleted = "persistent"
    archive.keep("oai:a:new", body="<metadata><mods xmlns='x'><a/></mods></metadata>")
    bench.night("letters")
    assert findings(bench)["newest_is_read"].passed, "there is no older version of it"
    archive.now = "2026-11-23T12:00:00Z"
    archive.keep("oai:a:007", date=archive.now, body="<metadata><mods xmlns='x'><a/></mods></metadata>")
    bench.night("letters")
    assert "oai:a:007" in ids(bench)
    found = findings(bench)["newest_is_read"]
    assert not found.passed
    assert found.advice
    assert found.numbers == {"superseded_by_reject": 1}
    assert "of 1 record a newer version came that could not be read" in found.summary
    assert "oai:a:007" in found.summary
    archive.now = "2026-11-24T12:00:00Z"
    archive.keep("oai:a:007", date=archive.now)
    bench.night("letters")
    assert findings(bench)["newest_is_read"].passed


def short(asked: dict[str, str], records: Sequence[Kept]) -> Reply | None:
    """The last page of 200 is one that nobody gets."""
    return error("noRecordsMatch") if asked.get("resumptionToken", "").startswith("198") else None


def test_f14_unproven_is_published_only_where_people_say_how_many_are_due(bench: Bench, archive: Archive) -> None:
    archive.ill, archive.page = short, 198
    bench.write(ENTRY.format(harvest=archive.address))
    with pytest.raises(BiglamError, match=r"unproven: .*2 records fewer .*expect: \{rows: NUMBER\.\.\}"):
        bench.night("letters")
    bench.write(ENTRY.format(harvest=archive.address) + "        expect: {rows: 200..}\n")
    with pytest.raises(BiglamError, match="198"):
        bench.night("letters")
    bench.write(ENTRY.format(harvest=archive.address) + "        expect: {rows: 198..}\n")
    bench.night("letters")
    assert len(ids(bench)) == 198


@pytest.mark.slow
def test_several_sets_by_the_command(command: Command, tmp_path: Path) -> None:
    """Rows, status and card of a server whose tokens die; what it says it has stands beside what came, by set."""
    with scripted_server() as server:
        archive = Archive(server, page=10)
        for number in range(120):
            name, day = f"oai:a:{number:03d}", f"2026-{1 + number // 28:02d}-{1 + number % 28:02d}T00:00:00Z"
            archive.keep(name, date=day, sets=(("maps", "letters")[number % 2],))
        archive.ill = lambda asked, _: (
            error("badResumptionToken") if asked.get("resumptionToken", "0").startswith("40") else None
        )
        entry = ENTRY.format(harvest=f"{archive.address}?set={{maps,letters}}").replace("\n    ", "\n")
        (tmp_path / "sources.yaml").write_text(entry)
        settings = {"BIGLAM_ALLOW_PRIVATE_HOSTS": "1"}
        ran = command("run", "letters", "--to", "shards", folder=tmp_path, settings=settings)
        assert ran.returncode == 0, ran.stderr
        assert "120 current, 160 repeated, 120 published" in ran.stderr
        [state] = json.loads(command("status", "--json", folder=tmp_path, settings=settings).stdout)["sources"]
        assert [(one["part"].rpartition("=")[2], one["offered"], one["harvested"]) for one in state["coverage"]] == [
            ("maps", 60, 60),
            ("letters", 60, 60),
        ]
