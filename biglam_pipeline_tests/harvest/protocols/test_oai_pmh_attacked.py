"""Deletions and corrections that come by no date, and remedies that are done as they are written."""

import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import pytest
from ruamel.yaml import YAML

from biglam_pipeline.harvest.protocols.oai_pmh import relisting
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.protocols.test_oai_pmh_relisting import night, offered, rows, source
from biglam_pipeline_tests.harvest.repository import envelope, error
from biglam_pipeline_tests.servers.oai import Archive, Kept
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer


@pytest.fixture
def archive(server: ScriptedServer) -> Archive:
    """Two hundred records."""
    made = Archive(server, deleted="persistent", page=50)
    made.keep(*(f"oai:a:{number:03d}" for number in range(200)))
    return made


@pytest.mark.parametrize("most", [5, 0])
def test_f18_so_is_one_among_more_than_are_asked_for_singly(
    most: int, archive: Archive, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of a server that lists deletions by their identifiers alone."""
    monkeypatch.setattr(relisting, "FEW", most)
    shelf.visit(source(archive))
    for number in range(7):
        archive.keep(f"oai:a:{number:03d}", date="2025-01-01T00:00:00Z", deleted=True)
    plain = archive._list

    def alone(asked: dict[str, str], verb: str) -> Reply:
        kept = archive.records
        archive.records = [one for one in kept if verb == "ListIdentifiers" or not one.deleted]
        try:
            return plain(asked, verb)
        finally:
            archive.records = kept

    archive._list = alone  # type: ignore[method-assign]
    night(archive, shelf)
    assert rows(shelf) == offered(archive)


@pytest.mark.representative(1)  # asked for by another verb
@pytest.mark.parametrize("deleted", [True, False])
def test_f40_what_no_page_brings_and_the_list_says_is_deleted_goes(
    deleted: bool, archive: Archive, shelf: Shelf
) -> None:
    """GetRecord of it is answered with idDoesNotExist; one that lives and cannot be had stays as it came."""
    shelf.visit(source(archive))
    archive.keep("oai:a:007", date="2026-11-23T00:00:00Z", deleted=deleted)
    archive.keep("oai:a:new", date="2026-11-23T00:00:00Z")

    def ill(asked: dict[str, str], records: Sequence[Kept]) -> Reply | None:
        if asked["verb"] == "ListRecords":
            return Reply(status=500)
        known = asked["verb"] != "GetRecord" or asked["identifier"] != "oai:a:007"
        return None if known else error("idDoesNotExist")

    archive.ill = ill
    outcome = shelf.visit(source(archive))
    assert outcome.evidence.complete
    assert rows(shelf) == offered(archive)
    for done in range(1, len(outcome.objects)):
        other = Shelf(shelf.web, shelf.base, shelf.scratch, dict(shelf.bytes_of), dict(shelf.held))
        other.resume(source(archive), tuple(outcome.objects[:done]))
        assert rows(other) == offered(archive), "killed in between"


def test_f22_a_record_that_went_back_comes_again(archive: Archive, shelf: Shelf) -> None:
    """A backup was restored, and with it what the record said: of two visits the later counts, whatever the dates."""
    shelf.visit(source(archive))
    archive.keep("oai:a:007", date="2025-01-01T00:00:00Z")
    outcome = night(archive, shelf)
    assert [one["identifier"] for one in archive.asked("GetRecord")] == ["oai:a:007"]
    assert [b"2025-01-01" in (one.content or b"") for one in outcome.objects] == [True]
    assert night(archive, shelf).objects == [], "once is enough"


def test_f22_a_list_of_other_dates_than_the_records_have_is_said_and_costs_nothing(
    archive: Archive, shelf: Shelf
) -> None:
    """By day alone, in local time, or of when they were made; the first two are no others."""
    shelf.visit(source(archive))
    for date, said in (("2026-01-01", False), ("2025-12-31T23:00:00Z", False), ("2020-01-01", True)):
        archive.ill = lambda asked, records, date=date: (  # type: ignore[misc]
            Reply(archive_page(asked, records, date)) if asked["verb"] == "ListIdentifiers" else None
        )
        outcome = night(archive, shelf)
        assert (outcome.objects, outcome.evidence.complete) == ([], True)
        assert ("200 are listed under an earlier date than they came with" in outcome.evidence.proof) is said


def archive_page(asked: dict[str, str], records: Sequence[Kept], date: str) -> bytes:
    """A page of identifiers that are dated differently."""
    start = int(asked.get("resumptionToken", "0|").partition("|")[0])
    heads = "".join(replace(one, datestamp=date).head for one in records)
    token = f"{start + len(records)}||||" if start + len(records) < 200 else ""
    return envelope(f"<ListIdentifiers>{heads}<resumptionToken>{token}</resumptionToken></ListIdentifiers>")


# --- what a visit leaves to the next ---


@pytest.mark.parametrize("later", ["oai:a:new", ""])
def test_h15_a_page_that_was_cut_is_left_behind_when_the_list_came_whole(
    later: str, archive: Archive, shelf: Shelf
) -> None:
    """Also where the list has nothing by then: it would count as a reject for ever."""
    shelf.visit(source(archive))
    archive.keep("oai:a:007", date="2026-11-23T00:00:00Z")
    cut = Reply(envelope(f"<ListRecords>{Kept('oai:a:007', '2026-11-23T00:00:00Z').whole}<record><he")[:-10])
    archive.ill = lambda asked, _: cut if asked["verb"] == "ListRecords" else error("badVerb")
    outcome = shelf.visit(source(archive))
    assert {one.key.endswith(".cut.xml") for one in outcome.objects} == {True}
    archive.ill = lambda asked, _: None
    archive.drop("oai:a:007")
    archive.keep(*filter(None, [later]), date="2026-11-23T00:00:00Z")
    evidence = shelf.visit(source(archive)).evidence
    assert (evidence.complete, evidence.unchanged) == (True, False)
    assert not [key for key in shelf.held if key.endswith(".cut.xml")]
    assert shelf.visit(source(archive)).evidence.unchanged or later


@pytest.mark.parametrize(("relist", "listed"), [("monthly", True), ("never", False)])
@pytest.mark.parametrize("announces", [True, False])
def test_f17_what_a_change_pushed_over_the_border_of_a_page_comes_the_next_night(
    announces: bool, relist: str, listed: bool, archive: Archive, shelf: Shelf
) -> None:
    """The first of a page is changed while the second is asked for: it stands last by then, and one is passed over."""
    archive.announces = announces

    def ill(asked: dict[str, str], _: Sequence[Kept]) -> Reply | None:
        if asked.get("resumptionToken", "").startswith("50"):
            archive.keep("oai:a:000", date="2026-11-22T11:59:00Z")
        return None

    archive.ill = ill
    outcome = shelf.visit(source(archive, relist=relist))
    assert outcome.evidence.complete
    assert len(rows(shelf)) == 199, "nobody can know which"
    assert "1 records came twice, so others may have been passed over" in outcome.evidence.proof
    archive.ill = lambda asked, _: None
    night(archive, shelf, timedelta(days=1), relist=relist)
    assert (rows(shelf) == offered(archive)) is listed
    night(archive, shelf, timedelta(days=1), relist=relist)
    assert not archive.asked("ListIdentifiers"), "once"


@pytest.mark.parametrize(
    "reply", [error("badArgument", "expired"), error("badArgument", status=400), Reply(b"no", 404), Reply(b"", 410)]
)
def test_f09_a_token_that_is_forgotten_in_other_words(reply: Reply, archive: Archive, shelf: Shelf) -> None:
    """The token is the only argument of its request; what its list had comes in smaller spans."""
    for number, one in enumerate(archive.records):
        one.datestamp = f"2026-01-01T{number // 60:02}:{number % 60:02}:00Z"

    def ill(asked: dict[str, str], _: Sequence[Kept]) -> Reply | None:
        return reply if int(asked.get("resumptionToken", "0|").partition("|")[0]) >= 100 else None

    archive.ill = ill
    outcome = shelf.visit(source(archive))
    assert (outcome.missing, outcome.evidence.complete) == ([], True)
    assert rows(shelf) == offered(archive)


@pytest.mark.parametrize("killed", [False, True])
def test_f14_a_list_that_ends_early_and_says_so_of_itself_is_short(
    killed: bool, archive: Archive, shelf: Shelf
) -> None:
    """OJS 3.3.0 counts what is left, and ends its second page without a token (pkp-lib #7214)."""

    archive.ill = ends_early
    outcome = shelf.visit(source(archive))
    if killed:
        shelf.held, shelf.cursor = {}, {}
        outcome = shelf.resume(source(archive), tuple(outcome.objects[:1]))
    assert not outcome.evidence.complete
    assert "100 of 200 records: the server announced more than it sent" in outcome.evidence.proof


def test_f18_nor_does_such_a_list_of_identifiers_take_anything_away(archive: Archive, shelf: Shelf) -> None:
    shelf.visit(source(archive))
    archive.ill = lambda asked, shown: ends_early(asked, shown) if asked["verb"] == "ListIdentifiers" else None
    for _ in range(3):
        night(archive, shelf, deletions="..1")
    assert rows(shelf) == offered(archive)


def ends_early(asked: dict[str, str], shown: Sequence[Kept]) -> Reply | None:
    """Its second page has no token, and counts what was left before it."""
    size, token = ("100", "") if asked.get("resumptionToken", "").startswith("50") else ("200", "50||||")
    inside = "".join(one.whole if asked["verb"] == "ListRecords" else one.head for one in shown)
    token = f'<resumptionToken completeListSize="{size}">{token}</resumptionToken>'
    return Reply(envelope(f"<{asked['verb']}>{inside}{token}</{asked['verb']}>"))


# --- remedies ---


@pytest.mark.representative(2)  # further signs of patterns and of YAML
@pytest.mark.parametrize(
    "identifier",
    [
        "oai:esri:{4F1A-22}",
        "*odd",
        "a: b",
        '"q"',
        "/a",
        "#1",
        "a\\b",
        "a:{b,c}",
        "!odd",
        "- b",
        "'q'",
        "a/b",
        "[1]",
        "é",
    ],
)
def test_the_remedy_for_a_record_that_cannot_be_had_cures(identifier: str, archive: Archive, shelf: Shelf) -> None:
    """As YAML reads it, and as a pattern."""
    archive.records = archive.records[:3]
    archive.keep(identifier)

    def ill(asked: dict[str, str], records: Sequence[Kept]) -> Reply | None:
        return Reply(status=500) if asked["verb"] == "ListRecords" or asked.get("identifier") == identifier else None

    archive.ill = ill
    [missing] = shelf.visit(source(archive)).missing
    found = re.search(r"leave it out with `(ignore: .*)`$", missing.detail)
    assert found is not None
    shelf.held, shelf.cursor = {}, {}
    outcome = shelf.visit(source(archive, **YAML(typ="safe").load(found[1])))
    assert (outcome.missing, outcome.evidence.complete, outcome.evidence.left_out) == ([], True, {"ignored": 1})
