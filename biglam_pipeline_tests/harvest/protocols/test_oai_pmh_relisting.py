"""Full listings by identifiers: what came late by its date, what is gone, and what must not go."""

from collections.abc import Sequence
from datetime import timedelta

import pytest

from biglam_pipeline.harvest.protocols.oai_pmh import OaiPmh
from biglam_pipeline.harvest.protocols.oai_pmh.known import Known, packed, stamp_of, unpacked
from biglam_pipeline.harvest.protocols.oai_pmh.page import Head, read_page
from biglam_pipeline_tests.harvest.conftest import Outcome, Shelf
from biglam_pipeline_tests.harvest.repository import STARTED, error
from biglam_pipeline_tests.servers.oai import Archive, Kept
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer

MONTH = timedelta(days=29)


@pytest.fixture
def archive(server: ScriptedServer) -> Archive:
    """Two hundred records that a server would not miss."""
    made = Archive(server, deleted="no", page=50)
    made.keep(*(f"oai:a:{number:03d}" for number in range(200)))
    return made


def source(archive: Archive, **more: str) -> OaiPmh:
    return OaiPmh.model_validate({"url": archive.address, **more})


def rows(shelf: Shelf) -> set[str]:
    """Identifiers that readers make rows of: the last word on each counts."""
    there: dict[str, bool] = {}
    for held in sorted(shelf.held.values(), key=lambda one: (one.harvest, one.key)):
        for head in read_page(shelf.bytes_of[held.sha256], held.url).heads:
            there[head.identifier] = not head.deleted
    return {name for name, live in there.items() if live}


def offered(archive: Archive) -> set[str]:
    return {one.identifier for one in archive.records if not one.deleted}


def night(archive: Archive, shelf: Shelf, after: timedelta = MONTH, **more: str) -> Outcome:
    """The next visit, with the server's clock going on too."""
    shelf.now += after
    archive.now = f"{shelf.now:%Y-%m-%dT%H:%M:%SZ}"
    del archive.server.asked[:]
    return shelf.visit(source(archive, **more))


# --- F18 ---


def test_f18_without_deletions_a_record_is_gone_when_two_listings_lack_it(archive: Archive, shelf: Shelf) -> None:
    """By identifiers: the records themselves do not come again."""
    shelf.visit(source(archive))
    archive.drop("oai:a:007")
    outcome = night(archive, shelf)
    assert len(archive.asked("ListIdentifiers")) == 4
    assert [one.get("from") for one in archive.asked()] == ["2026-11-22T11:00:00Z"]
    assert (outcome.objects, outcome.evidence.complete, outcome.evidence.unchanged) == ([], True, False)
    assert "1 are missing for the first time and stay" in outcome.evidence.proof
    assert "oai:a:007" in rows(shelf)
    assert night(archive, shelf, timedelta(days=1)).evidence.unchanged, "not before it is due again"
    assert not archive.asked("ListIdentifiers")
    outcome = night(archive, shelf)
    assert "1 that are missing from two listings are gone" in outcome.evidence.proof
    assert [one.key for one in outcome.objects] == ["00004/000000.xml"]
    assert rows(shelf) == offered(archive)
    assert b"Not an answer of the server" in (outcome.objects[0].content or b"")
    assert night(archive, shelf).objects == [], "once is enough"


def test_f18_a_record_that_was_missing_once_and_is_there_again_stays(archive: Archive, shelf: Shelf) -> None:
    shelf.visit(source(archive))
    [lost] = [one for one in archive.records if one.identifier == "oai:a:007"]
    for _ in range(2):
        archive.drop("oai:a:007")
        night(archive, shelf)
        archive.records.append(lost)
        assert night(archive, shelf).objects == []
    assert rows(shelf) == offered(archive)


@pytest.mark.parametrize("gone", [10, 11, 40])
def test_f18_more_than_a_share_never_goes_at_once(gone: int, archive: Archive, shelf: Shelf) -> None:
    """geonetwork #419: a server that lost half of its records must not take them from us. The remedy works."""
    shelf.visit(source(archive))
    archive.drop(*(f"oai:a:{number:03d}" for number in range(gone)))
    night(archive, shelf)
    outcome = night(archive, shelf)
    stays = gone > 10
    assert len(rows(shelf)) == (200 if stays else 200 - gone)
    assert outcome.evidence.complete
    if stays:
        remedy = outcome.evidence.proof.partition("write `deletions: ")[2].partition("`")[0]
        night(archive, shelf, deletions=remedy)
        assert rows(shelf) == offered(archive)


def cut(asked: dict[str, str], shown: Sequence[Kept]) -> Reply | None:
    """A list of identifiers that ends in the middle."""
    ended = asked["verb"] == "ListIdentifiers" and asked.get("resumptionToken", "").startswith("100")
    return error("noRecordsMatch") if ended else None


def test_f18_a_listing_that_is_cut_takes_nothing_away(archive: Archive, shelf: Shelf) -> None:
    """Then all is listed with its records, as where a server does not list identifiers."""
    shelf.visit(source(archive))
    archive.ill = cut
    for _ in range(3):
        outcome = night(archive, shelf)
        assert outcome.evidence.complete
        assert [one for one in archive.asked() if "from" not in one]
    assert rows(shelf) == offered(archive)


def test_f18_a_server_that_lists_no_identifiers_is_listed_by_records(archive: Archive, shelf: Shelf) -> None:
    archive.ill = lambda asked, _: error("badVerb") if asked["verb"] == "ListIdentifiers" else None
    shelf.visit(source(archive))
    archive.drop("oai:a:007")
    night(archive, shelf)
    assert "oai:a:007" in rows(shelf)
    night(archive, shelf)
    assert rows(shelf) == offered(archive)


def test_f18_a_shorter_listing_by_records_takes_no_more_than_a_share(archive: Archive, shelf: Shelf) -> None:
    archive.ill = lambda asked, _: error("badVerb") if asked["verb"] == "ListIdentifiers" else None
    shelf.visit(source(archive))
    archive.drop(*(f"oai:a:{number:03d}" for number in range(50)))
    outcome = night(archive, shelf)
    assert "so much shorter" in outcome.evidence.proof
    assert len(rows(shelf)) == 200


def test_f18_a_persistent_server_that_lists_no_identifiers_is_asked_no_more_than_that(
    archive: Archive, shelf: Shelf
) -> None:
    archive.deleted = "persistent"
    archive.ill = lambda asked, _: error("badVerb") if asked["verb"] == "ListIdentifiers" else None
    shelf.visit(source(archive))
    evidence = night(archive, shelf).evidence
    assert (evidence.complete, len(archive.asked("ListIdentifiers"))) == (True, 1)
    assert [one.get("from") for one in archive.asked()] == ["2026-11-22T11:00:00Z"]
    assert night(archive, shelf, timedelta(days=1)).evidence.unchanged
    assert not archive.asked("ListIdentifiers"), "and not again before it is time"


def test_f18_a_record_that_left_one_set_is_not_gone(archive: Archive, shelf: Shelf) -> None:
    """It is in another set of the source; once it left both, it goes."""
    for one in archive.records:
        one.sets = ("maps", "all")
    both = OaiPmh.model_validate({"url": f"{archive.address}?set={{maps,all}}"})
    [moved] = [one for one in archive.records if one.identifier == "oai:a:007"]
    shelf.visit(both)
    for sets in (("all",), ("all",), ("all",), ()):
        moved.sets = sets
        shelf.now += MONTH
        archive.now = f"{shelf.now:%Y-%m-%dT%H:%M:%SZ}"
        shelf.visit(both)
        assert "oai:a:007" in rows(shelf)
    shelf.now += MONTH
    shelf.visit(both)
    assert rows(shelf) == offered(archive) - {"oai:a:007"}


def test_f44_what_a_takedown_left_of_a_record_is_not_asked_for(archive: Archive, shelf: Shelf) -> None:
    """Its header stands on the shelf as deleted, with the server's own date."""
    shelf.visit(source(archive))
    for sha256, body in shelf.bytes_of.items():
        shelf.bytes_of[sha256] = body.replace(
            b"<header><identifier>oai:a:007", b'<header status="deleted"><identifier>oai:a:007'
        )
    assert "oai:a:007" not in rows(shelf)
    assert night(archive, shelf).objects == []
    assert not archive.asked("GetRecord")


def test_f18_a_deletion_that_was_filed_under_an_earlier_date_is_heard_of(archive: Archive, shelf: Shelf) -> None:
    """The list says it all: servers that know no such record any more (idDoesNotExist) are not asked for it."""
    archive.deleted = "persistent"
    shelf.visit(source(archive))
    archive.keep("oai:a:007", date="2025-01-01T00:00:00Z", deleted=True)
    outcome = night(archive, shelf)
    assert not archive.asked("GetRecord")
    assert b"<datestamp>2025-01-01T00:00:00Z" in (outcome.objects[0].content or b"")
    assert rows(shelf) == offered(archive)
    assert night(archive, shelf).objects == [], "once is enough"


def test_f18_records_that_are_listed_and_not_there_are_asked_for_twice(archive: Archive, shelf: Shelf) -> None:
    """dataverse #8005: two thousand phantoms; of forty each is asked for in two months, and not again in the third."""
    shelf.visit(source(archive))
    archive.keep(*(f"oai:b:{number:04d}" for number in range(40)), date="2020-01-01T00:00:00Z")
    archive.ill = lambda asked, _: error("idDoesNotExist") if asked["verb"] == "GetRecord" else None
    for asked in (40, 40, 0, 0):
        outcome = night(archive, shelf)
        assert (len(archive.asked("GetRecord")), outcome.missing, outcome.evidence.complete) == (asked, [], True)
        assert [(one.offered, one.harvested) for one in outcome.evidence.coverage] == [(240, 200)]


def test_f18_one_that_a_server_did_not_know_for_a_night_comes_the_next_month(archive: Archive, shelf: Shelf) -> None:
    """As while its index is built."""
    shelf.visit(source(archive))
    archive.keep("oai:b:late", date="2020-01-01T00:00:00Z")
    archive.ill = lambda asked, _: error("idDoesNotExist") if asked["verb"] == "GetRecord" else None
    night(archive, shelf)
    assert "oai:b:late" not in rows(shelf)
    archive.ill = lambda asked, _: None
    night(archive, shelf)
    assert rows(shelf) == offered(archive)


# --- F19, F20, F22 ---


def test_f19_a_record_that_was_deleted_returns(archive: Archive, shelf: Shelf) -> None:
    """With a new date it comes by itself, with its old date by the listing; its history stays on the shelf."""
    archive.deleted = "persistent"
    shelf.visit(source(archive))
    for date, after in (("2026-12-24T00:00:00Z", timedelta(days=1)), ("2026-01-01T00:00:00Z", MONTH)):
        archive.keep("oai:a:007", date=f"{shelf.now + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}", deleted=True)
        night(archive, shelf, timedelta(days=1))
        assert "oai:a:007" not in rows(shelf)
        archive.keep("oai:a:007", date=date)
        night(archive, shelf, after)
        assert rows(shelf) == offered(archive)
    versions = sum(one.sha256 is not None and b"oai:a:007" in shelf.bytes_of[one.sha256] for one in shelf.held.values())
    assert versions >= 4


@pytest.mark.parametrize("deleted", ["no", "persistent"])
@pytest.mark.parametrize("date", ["2019-01-01T00:00:00Z", "2026-11-20T00:00:00Z"])
def test_f22_a_record_that_was_filed_under_an_earlier_date_comes_within_a_month(
    date: str, deleted: str, archive: Archive, shelf: Shelf
) -> None:
    """dlt #2269: no `from` ever asks for it."""
    archive.deleted = deleted
    shelf.visit(source(archive))
    archive.keep("oai:a:late", date=date)
    assert night(archive, shelf, timedelta(days=1)).evidence.unchanged
    outcome = night(archive, shelf)
    assert [one["identifier"] for one in archive.asked("GetRecord")] == ["oai:a:late"]
    assert [one.key for one in outcome.objects] == ["00003/000000.xml"]
    assert rows(shelf) == offered(archive)
    assert [(one.offered, one.harvested) for one in outcome.evidence.coverage] == [(201, 201)]


def test_f22_a_datestamp_in_the_future_is_asked_for_with_a_lag(archive: Archive, shelf: Shelf) -> None:
    """Filed at noon under eleven o'clock: within the lag it comes the next night."""
    shelf.visit(source(archive))
    archive.keep("oai:a:late", date="2026-11-22T11:30:00Z")
    archive.keep("oai:a:early", date="2030-01-01T00:00:00Z")
    night(archive, shelf, timedelta(days=1))
    assert rows(shelf) == offered(archive)


def test_f22_more_late_records_than_are_asked_for_singly_come_as_a_list(archive: Archive, shelf: Shelf) -> None:
    shelf.visit(source(archive))
    archive.keep(*(f"oai:b:{number:04d}" for number in range(1100)), date="2020-01-01T00:00:00Z")
    archive.page = 500
    outcome = night(archive, shelf)
    assert not archive.asked("GetRecord")
    assert rows(shelf) == offered(archive)
    assert (outcome.evidence.mode, outcome.evidence.complete) == ("extend", True)


def test_f20_the_same_record_twice_in_a_visit_is_one(archive: Archive, shelf: Shelf) -> None:
    """Of what is known of it the latest date counts; that it came twice is said once a list is laid over another."""
    known = Known()
    known.add([Head("a", "2026-01-02", False), Head("a", "2026-01-01", False), Head("b", "2026", True)])
    settled = known.settled()
    assert len(settled.marks) == 2
    assert sorted(settled.stamps) == [20260000000000, 20260102000000]
    assert len(settled.there) == 1


# --- F21 ---


def test_f21_other_identifiers_for_everything_halt_the_source(archive: Archive, shelf: Shelf) -> None:
    """dlme #179: http and https, a new prefix; half of the records would be new, and half gone."""
    shelf.visit(source(archive))
    for one in archive.records[:100]:
        one.identifier, one.datestamp = one.identifier.replace("oai:a", "oai:new"), "2020-01-01T00:00:00Z"
    outcome = night(archive, shelf)
    assert [one.reason for one in outcome.missing] == ["id_churn"]
    assert not outcome.evidence.complete
    assert len(rows(shelf)) == 200
    outcome = night(archive, shelf, deletions="..1")
    assert outcome.evidence.complete
    outcome = night(archive, shelf, deletions="..1")
    assert rows(shelf) == offered(archive)


def test_f21_also_where_a_full_list_would_replace_everything(archive: Archive, shelf: Shelf) -> None:
    shelf.visit(source(archive))
    for one in archive.records:
        one.identifier, one.datestamp = one.identifier.replace("oai:a", "oai:new"), "2026-11-23T12:00:00Z"
    outcome = night(archive, shelf, timedelta(days=1))
    assert [one.reason for one in outcome.missing] == ["id_churn"]
    assert not outcome.evidence.complete
    assert {f"oai:a:{number:03d}" for number in range(200)} <= rows(shelf)


# --- the nights around ---


def test_a_listing_that_finds_nothing_costs_its_pages_and_brings_nothing(archive: Archive, shelf: Shelf) -> None:
    archive.deleted = "persistent"
    shelf.visit(source(archive))
    outcome = night(archive, shelf)
    assert (outcome.objects, outcome.missing, outcome.evidence.complete) == ([], [], True)
    assert (len(archive.asked("ListIdentifiers")), len(archive.asked()), len(archive.server.asked)) == (4, 1, 5)
    assert night(archive, shelf, timedelta(days=1)).evidence.unchanged
    assert len(archive.server.asked) == 1


def test_relist_never_is_never(archive: Archive, shelf: Shelf) -> None:
    shelf.visit(source(archive, relist="never"))
    night(archive, shelf, timedelta(days=400), relist="never")
    assert not archive.asked("ListIdentifiers")


def test_f35_cursors_are_of_the_servers_clock_where_it_is_behind(archive: Archive, shelf: Shelf) -> None:
    """Ours a day ahead: asked from there, it would pass over a day."""
    archive.now, shelf.now = STARTED, shelf.now + timedelta(days=1)
    assert shelf.visit(source(archive)).evidence.cursor["from"] == "2026-11-22T11:00:00Z"


def test_f32_a_night_that_was_killed_before_its_deletions_makes_them_once(archive: Archive, shelf: Shelf) -> None:
    shelf.visit(source(archive))
    archive.drop("oai:a:007")
    night(archive, shelf)
    archive.keep("oai:a:late", date="2019-01-01T00:00:00Z")
    held, cursor = dict(shelf.held), dict(shelf.cursor)
    undisturbed = night(archive, shelf)
    assert len(undisturbed.objects) == 2
    for done in (1, 2):
        shelf.held, shelf.cursor = dict(held), dict(cursor)
        outcome = shelf.resume(source(archive), tuple(undisturbed.objects[:done]))
        assert [one.key for one in outcome.objects] == [one.key for one in undisturbed.objects[done:]]
        assert outcome.evidence.complete
        assert rows(shelf) == offered(archive)


def test_what_is_remembered_is_packed() -> None:
    known = Known()
    known.add(Head(f"oai:a:{number}", "2026-01-01", False) for number in range(1000))
    marks = known.settled().marks
    assert list(unpacked(packed(marks))) == list(marks)
    assert len(packed(marks)) == 16_000
    assert len(unpacked("no such thing")) == 0
    assert [stamp_of(one) for one in ("2026-01-01", "2026-01-01T00:00:00Z", "2026-01-01T02:03:04.5Z", "soon", "")] == [
        20260101000000,
        20260101000000,
        20260101020304,
        0,
        0,
    ]
