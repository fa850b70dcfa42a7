"""Servers that do not come to the end of their list: spans of dates, and records one by one."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.harvest.protocols.oai_pmh import OaiPmh, window
from biglam_pipeline.harvest.protocols.oai_pmh.page import read_page
from biglam_pipeline.harvest.protocols.oai_pmh.request import Dates, Request
from biglam_pipeline.records import RawObject
from biglam_pipeline_tests.harvest.conftest import Outcome, Shelf
from biglam_pipeline_tests.harvest.repository import error
from biglam_pipeline_tests.servers.oai import Archive, Kept
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer

BAD_TOKEN = error("badResumptionToken", "expired")


@pytest.fixture
def archive(server: ScriptedServer) -> Archive:
    """A hundred records, one a day from January on."""
    made = Archive(server)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    made.records = [Kept(f"oai:a:{day:03d}", f"{start + timedelta(days=day):%Y-%m-%dT%H:%M:%SZ}") for day in range(100)]
    return made


def identifiers(objects: Sequence[RawObject]) -> list[str]:
    return [one for page in objects for one in read_page(page.content or b"", page.url).identifiers]


def whole(archive: Archive, outcome: Outcome) -> bool:
    """All records came, each at least once."""
    return set(identifiers(outcome.objects)) == {one.identifier for one in archive.records}


def reasons(outcome: Outcome) -> list[str]:
    return [one.reason for one in outcome.missing]


def dies_at(most: int) -> Callable[[dict[str, str], Sequence[Kept]], Reply | None]:
    """Tokens reach so far into a list, whatever list it is."""

    def ill(asked: dict[str, str], records: Sequence[Kept]) -> Reply | None:
        return BAD_TOKEN if int(asked.get("resumptionToken", "0|").split("|")[0]) >= most else None

    return ill


def test_f09_a_list_whose_tokens_die_is_asked_for_in_halves(archive: Archive, shelf: Shelf) -> None:
    """metha #6, zenodo #2555: no list gets beyond 60 records; its halves have fewer."""
    archive.ill = dies_at(60)
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    assert whole(archive, outcome)
    assert (reasons(outcome), outcome.evidence.complete) == ([], True)
    firsts = [(one.get("from", ""), one.get("until", "")) for one in archive.asked() if "resumptionToken" not in one]
    assert firsts[:2] == [("", ""), ("", "")], "once more first"
    assert firsts[2][0] == ""
    assert firsts[2][1], "then the earlier half"
    assert firsts[-1][1] == "", "and the last has no end, whatever the server's clock says"
    assert "2 spans of dates to their ends; 100 of 100 records" in outcome.evidence.proof
    assert outcome.evidence.cursor["records"] == "100"


@pytest.mark.parametrize(("most", "newest_first"), [(30, False), (10, False), (1, False), (60, True)])
def test_f09_spans_are_cut_again_where_tokens_die_again(
    most: int, newest_first: bool, archive: Archive, shelf: Shelf
) -> None:
    """As long as another span came to its end meanwhile; tokens that never work are no hindrance."""
    archive.ill, archive.newest_first = dies_at(most), newest_first
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    assert (whole(archive, outcome), reasons(outcome), outcome.evidence.complete) == (True, [], True)


@pytest.mark.parametrize("newest_first", [True, False])
def test_f09_after_five_failures_it_ends(newest_first: bool, archive: Archive, shelf: Shelf) -> None:
    """Half a year, a quarter, and in all of them the server forgets what it was asked."""
    archive.ill = dies_at(1)
    archive.records = [Kept(f"{one.identifier}-{hour}", one.datestamp) for hour in range(20) for one in archive.records]
    archive.newest_first = newest_first
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    assert reasons(outcome) == ["token_refused"]
    assert "forgot its list 5 times" in outcome.missing[0].detail
    assert (outcome.evidence.complete, outcome.evidence.cursor) == (False, {})
    firsts = [(one.get("from", ""), one.get("until", "")) for one in archive.asked() if "resumptionToken" not in one]
    assert firsts[0] == firsts[1]
    assert len(firsts) == 5 if not newest_first else len(firsts) < 40


@pytest.mark.parametrize("granularity", ["YYYY-MM-DD", "YYYY-MM-DDThh:mm:ssZ"])
def test_f09_more_records_of_one_second_than_tokens_reach_come_one_by_one(
    granularity: str, archive: Archive, shelf: Shelf
) -> None:
    """An import dates a thousand records alike (metha #6: not even a day comes): no span is smaller."""
    for one in archive.records[20:]:
        one.datestamp = "2026-05-05T00:00:00Z"
    reaches = dies_at(30)
    archive.ill = lambda asked, shown: reaches(asked, shown) if asked["verb"] == "ListRecords" else None
    archive.granularity = granularity
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    assert (whole(archive, outcome), outcome.missing, outcome.evidence.complete) == (True, [], True)
    assert "records came one by one" in outcome.evidence.proof


@pytest.mark.representative(1)  # killed elsewhere
@pytest.mark.parametrize("most", [60, 30])
def test_f32_a_night_killed_among_halves_asks_for_no_shelved_page_again(
    most: int, archive: Archive, shelf: Shelf
) -> None:
    archive.ill = dies_at(most)
    harvester = OaiPmh(url=(archive.address,))
    undisturbed = shelf.visit(harvester)
    for done in range(1, len(undisturbed.objects)):
        shelf.held, shelf.cursor = {}, {}
        del archive.server.asked[:]
        outcome = shelf.resume(harvester, tuple(undisturbed.objects[:done]))
        assert set(identifiers([*undisturbed.objects[:done], *outcome.objects])) == set(
            identifiers(undisturbed.objects)
        ), done
        assert outcome.evidence.complete
        assert outcome.evidence.cursor["records"] == "100"
        keys = [one.key for one in [*undisturbed.objects[:done], *outcome.objects]]
        assert len(set(keys)) == len(keys)
        last = undisturbed.objects[done - 1]
        assert last.url not in [f"{archive.server.url}{asked.path}" for asked in archive.server.asked] or (
            read_page(last.content or b"", "").token
        ), "the page that came last is not asked for again but where its token is dead"


def test_f14_a_list_that_is_short_is_asked_for_once_more(archive: Archive, shelf: Shelf) -> None:
    lost = iter([True])

    def ill(asked: dict[str, str], records: Sequence[Kept]) -> Reply | None:
        return error("noRecordsMatch") if asked.get("resumptionToken", "").startswith("90|") and next(lost, 0) else None

    archive.ill = ill
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    assert (whole(archive, outcome), outcome.evidence.complete, outcome.evidence.unproven) == (True, True, "")
    assert outcome.evidence.proof == "last page without token; 100 of 100 records"


@pytest.mark.parametrize(("records", "unproven"), [(1, True), (2, False)])
def test_f14_one_in_a_hundred_may_lack_where_people_say_how_many_are_due(
    records: int, unproven: bool, archive: Archive, shelf: Shelf
) -> None:
    def ill(asked: dict[str, str], shown: Sequence[Kept]) -> Reply | None:
        return error("noRecordsMatch") if asked.get("resumptionToken", "").startswith(f"{100 - records}|") else None

    archive.ill, archive.page = ill, 100 - records
    evidence = shelf.visit(OaiPmh(url=(archive.address,))).evidence
    assert evidence.complete is unproven
    assert bool(evidence.unproven) is unproven
    assert len(archive.asked()) == 4
    assert [(one.offered, one.harvested) for one in evidence.coverage] == [(100, 100 - records)]


def test_f17_what_is_added_while_pages_come_is_no_lack(archive: Archive, shelf: Shelf) -> None:
    """The list says 200 on its first page and 201 on its last; the new record comes the next night."""
    archive.records += [replace(one, identifier=f"{one.identifier}b") for one in archive.records]
    said = iter([200] * 19)

    def ill(asked: dict[str, str], shown: Sequence[Kept]) -> Reply | None:
        if asked["verb"] != "ListRecords":
            return None
        start = int(asked.get("resumptionToken", "0|").split("|")[0])
        token = f"{start + 10}||||" if start + 10 < 200 else ""
        size = next(said, 201)
        body = "".join(one.whole for one in shown)
        return Reply(
            b"<OAI-PMH><ListRecords>"
            + f'{body}<resumptionToken completeListSize="{size}">{token}</resumptionToken>'.encode()
            + b"</ListRecords></OAI-PMH>"
        )

    archive.ill = ill
    evidence = shelf.visit(OaiPmh(url=(archive.address,))).evidence
    assert (evidence.complete, evidence.unproven) == (True, "")
    assert len(archive.asked()) == 20, "and is not asked for again"


# --- a page that does not come, while the server is well ---


def poisoned(identifier: str, reply: Reply) -> Callable[[dict[str, str], Sequence[Kept]], Reply | None]:
    """One record kills every answer that would hold it."""

    def ill(asked: dict[str, str], records: Sequence[Kept]) -> Reply | None:
        holds = any(one.identifier == identifier for one in records)
        return reply if holds and asked["verb"] != "ListIdentifiers" else None

    return ill


CUT = Reply(b"<OAI-PMH><ListRecords><record><header><identifier>oai:a:000</identifier></header></record><record><he")


@pytest.mark.representative(3)  # other answers, and where the page has no list
@pytest.mark.parametrize("reply", [Reply(status=500), Reply(status=502), Reply(status=504), CUT])
@pytest.mark.parametrize("announces", [True, False])
def test_f40_a_record_that_kills_its_page_is_skipped_and_missing(
    announces: bool, reply: Reply, archive: Archive, shelf: Shelf
) -> None:
    """datacite #1442: the 99 others come, in smaller spans and one by one."""
    archive.ill, archive.announces = poisoned("oai:a:042", reply), announces
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    assert set(identifiers(outcome.objects)) == {one.identifier for one in archive.records} - {"oai:a:042"}
    assert [one.key for one in outcome.missing] == ["oai:a:042"]
    assert not outcome.evidence.complete
    assert '`ignore: "oai:a:042"`' in outcome.missing[0].detail
    assert "1 records cannot be had" in outcome.evidence.proof
    again = OaiPmh.model_validate({"url": archive.address, "ignore": "oai:a:042"})
    shelf.held, shelf.cursor = {}, {}
    outcome = shelf.visit(again)
    assert (outcome.missing, outcome.evidence.complete) == ([], True)
    assert outcome.evidence.left_out == {"ignored": 1}


def poisoned_in_both(*identifiers: str) -> Callable[[dict[str, str], Sequence[Kept]], Reply | None]:
    """Records that kill every answer that would hold them, and every list of identifiers as well."""
    return lambda asked, records: Reply(status=500) if any(one.identifier in identifiers for one in records) else None


@pytest.mark.representative(2)  # other granularities
@pytest.mark.parametrize("granularity", ["YYYY-MM-DD", "YYYY-MM-DDThh:mm:ssZ"])
@pytest.mark.parametrize("announces", [True, False])
def test_f40_a_record_that_kills_both_lists_is_a_window_that_is_missing_by_name(
    announces: bool, granularity: str, archive: Archive, shelf: Shelf
) -> None:
    """The rest comes; what changed in that second, or that day, can be left out by its dates."""
    archive.ill, archive.announces, archive.granularity = poisoned_in_both("oai:a:042"), announces, granularity
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    came = set(identifiers(outcome.objects))
    lost = {one.identifier for one in archive.records} - came
    assert lost >= {"oai:a:042"}
    assert len(lost) == 1 if "h" in granularity else len(lost) <= 2, "a window has two dates at most"
    assert not outcome.evidence.complete
    assert outcome.missing
    for one in outcome.missing:
        since, _, until = one.key.partition("/")
        assert since <= "2026-02-12T00:00:00Z"
        assert until >= "2026-02-12"
        assert "tell the custodian" in one.detail
        assert f"what changed in {one.key}" in outcome.evidence.proof or len(outcome.missing) > 1
    assert len(outcome.missing) <= 2
    assert len(archive.asked()) < 200
    wide = outcome.missing[0].detail.rpartition('ignore: "')[2].rstrip('"`')
    shelf.held, shelf.cursor = {}, {}
    shelf.now += timedelta(days=1, seconds=1)  # so that it is cut elsewhere
    outcome = shelf.visit(OaiPmh.model_validate({"url": archive.address, "ignore": wide}))
    assert (outcome.missing, outcome.evidence.complete) == ([], True)
    assert outcome.evidence.left_out["ignored"] >= 1
    assert set(identifiers(outcome.objects)) == came


def test_f40_the_next_night_too_only_the_window_is_missing(archive: Archive, shelf: Shelf) -> None:
    """A record that is changed, and kills both lists since, is all that they would hold."""
    shelf.visit(OaiPmh(url=(archive.address,)))
    archive.now = "2026-11-23T12:00:00Z"
    shelf.now += timedelta(days=1)
    archive.keep("oai:a:042", date="2026-11-23T01:02:03Z")
    archive.ill = poisoned_in_both("oai:a:042")
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    assert not outcome.evidence.complete
    assert {one.reason for one in outcome.missing} == {"unavailable"}
    assert all("2026-11-23T01:02:03Z" in one.key for one in outcome.missing)


def test_a_server_whose_lists_never_come_is_busy(archive: Archive, shelf: Shelf) -> None:
    """Though Identify answers, it is no record: nothing is declared missing, and few requests find that out."""
    archive.ill = lambda asked, _: Reply(status=500) if asked["verb"] != "Identify" else None
    with pytest.raises(ServerBusy):
        shelf.visit(OaiPmh(url=(archive.address,)))
    assert len(archive.asked()) <= 3 * 5


@pytest.mark.slow  # behind a record, it stays
def test_f32_killed_behind_a_window_that_is_missing_it_is_missing_still(archive: Archive, shelf: Shelf) -> None:
    archive.ill = poisoned_in_both("oai:a:042")
    harvester = OaiPmh(url=(archive.address,))
    undisturbed = shelf.visit(harvester)
    for done in range(4, len(undisturbed.objects), 3):
        shelf.held, shelf.cursor = {}, {}
        came = tuple(undisturbed.objects[:done])
        outcome = shelf.resume(harvester, came)
        assert not outcome.evidence.complete, done
        assert any("2026-02-12T00:00:00Z" in one.key for one in outcome.missing), done
        both = set(identifiers([*came, *outcome.objects]))
        assert both == {one.identifier for one in archive.records} - {"oai:a:042"}, done


def ends_nowhere(asked: dict[str, str], records: Sequence[Kept]) -> Reply | None:
    """A list without `until` comes no further than its first page, and from a date on not at all."""
    at, since, until = (asked.get("resumptionToken") or f"0|{asked.get('from', '')}|{asked.get('until', '')}").split(
        "|"
    )[:3]
    dies = asked["verb"] == "ListRecords" and not until and (since or int(at))
    return Reply(status=500) if dies else None


@pytest.mark.slow  # `test_f32_a_night_killed_while_records_came_one_by_one_goes_on` stays
def test_f32_killed_behind_a_record_that_is_missing_it_is_missing_still(
    archive: Archive, shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing on the shelf says so: a span that ended one by one is asked for again."""
    monkeypatch.setattr(window, "FEW", 70)
    for day, one in enumerate(archive.records[80:], start=1):
        one.datestamp = f"2026-09-{day:02d}T00:00:00Z"
    ill = poisoned("oai:a:042", Reply(status=500))
    archive.ill = lambda asked, records: ends_nowhere(asked, records) or ill(asked, records)
    harvester = OaiPmh(url=(archive.address,))
    undisturbed = shelf.visit(harvester)
    last = len(undisturbed.objects)
    for done in {*range(1, last, last // 4), last - 1, last}:
        shelf.held, shelf.cursor = {}, {}
        came = tuple(undisturbed.objects[:done])
        outcome = shelf.resume(harvester, came)
        assert not outcome.evidence.complete, done
        assert {one.key for one in outcome.missing} == {"oai:a:042"}, done
        both = set(identifiers([*came, *outcome.objects]))
        assert both == {one.identifier for one in archive.records} - {"oai:a:042"}, done


def test_f40_a_record_that_cannot_be_read_is_a_reject_and_no_lack(archive: Archive, shelf: Shelf) -> None:
    """It came: the formats reject it, and count it (issue on truth)."""
    archive.page = 100
    body = "".join(one.whole for one in archive.records).replace("<dc:title>oai:a:042<", "<dc:title><b>a<")
    archive.ill = lambda asked, _: (
        Reply(f"<OAI-PMH><ListRecords>{body}</ListRecords></OAI-PMH>".encode())
        if asked["verb"] == "ListRecords"
        else None
    )
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    assert (outcome.missing, outcome.evidence.complete) == ([], True)
    assert outcome.evidence.proof == "last page without token; 100 records; 1 of them cannot be read"


def test_a_list_that_times_out_comes_by_identifiers(archive: Archive, shelf: Shelf) -> None:
    """All of one day, as after a migration: no span is smaller, and ListRecords never answers."""
    for one in archive.records:
        one.datestamp = "2026-05-05T00:00:00Z"
    archive.ill = lambda asked, _: Reply(status=504) if asked["verb"] == "ListRecords" else None
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    assert (whole(archive, outcome), outcome.missing, outcome.evidence.complete) == (True, [], True)
    assert "100 records came one by one" in outcome.evidence.proof


@pytest.mark.parametrize("status", [503, 429])
def test_f01_a_server_that_wants_to_be_left_alone_is_asked_nothing_else(
    status: int, archive: Archive, shelf: Shelf
) -> None:
    archive.ill = lambda asked, _: Reply(status=status) if "resumptionToken" in asked else None
    with pytest.raises(ServerBusy):
        shelf.visit(OaiPmh(url=(archive.address,)))
    assert not archive.asked("ListIdentifiers")
    assert len(archive.asked("Identify")) == 1
    assert all("until" not in one for one in archive.asked())


def test_a_server_that_is_down_is_asked_nothing_else(archive: Archive, shelf: Shelf) -> None:
    down = iter([False] * 3)
    archive.ill = lambda asked, _: Reply(status=500) if next(down, True) else None
    with pytest.raises(ServerBusy):
        shelf.visit(OaiPmh(url=(archive.address,)))
    assert not archive.asked("ListIdentifiers")


def test_f32_a_night_killed_while_records_came_one_by_one_goes_on(archive: Archive, shelf: Shelf) -> None:
    archive.ill = lambda asked, _: (
        Reply(status=504) if "resumptionToken" in asked and asked["verb"] == "ListRecords" else None
    )
    harvester = OaiPmh(url=(archive.address,))
    undisturbed = shelf.visit(harvester)
    assert whole(archive, undisturbed)
    for done in range(2, len(undisturbed.objects), 30):
        shelf.held, shelf.cursor = {}, {}
        del archive.server.asked[:]
        came = tuple(undisturbed.objects[:done])
        outcome = shelf.resume(harvester, came)
        assert sorted(identifiers([*came, *outcome.objects])) == sorted(identifiers(undisturbed.objects))
        assert outcome.evidence.complete
        assert len(archive.asked("GetRecord")) == len(undisturbed.objects) - done


# --- spans ---


@pytest.mark.parametrize("granularity", ["day", "second"])
def test_halves_leave_no_date_out(granularity: str) -> None:
    """Both have the date of the cut: ruby-oai #52 takes `until` of a day for its first second."""
    low, high = datetime(2020, 1, 1, tzinfo=UTC), datetime(2026, 11, 22, 12, 30, tzinfo=UTC)
    pieces = [Request("https://host/oai", granularity=granularity)]
    for _ in range(5):
        pieces = [half for one in pieces for half in (one.halves(Dates(low), high) or (one,))]
    assert len(pieces) == 32
    assert (pieces[0].since, pieces[-1].until) == ("", "")
    for one, following in pairwise(pieces):
        assert one.until == following.since
        assert one.rest(one.until) is None
        rest = Request("https://host/oai", granularity=granularity).rest(one.until)
        assert rest is not None
        assert rest.since == following.since
    for since, until in (("2026-01-01", "2026-01-01"), ("2026-01-01", "2026-01-02")):
        assert Request("https://host/oai", since, "day", until).halves(Dates(low), high) is None


def test_f16_a_server_that_takes_until_for_the_beginning_of_a_day_loses_nothing(archive: Archive, shelf: Shelf) -> None:
    archive.ill, archive.granularity, plain = dies_at(60), "YYYY-MM-DD", archive._list
    for one in archive.records:
        one.datestamp = one.datestamp.replace("T00:", "T12:")

    def midnight(asked: dict[str, str], verb: str) -> Reply:
        until = asked.get("until")
        return plain(asked | ({"until": f"{until}T00:00:00Z"} if until else {}), verb)

    archive._list = midnight  # type: ignore[method-assign]
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    assert (whole(archive, outcome), outcome.evidence.complete) == (True, True)


@pytest.mark.parametrize("announces", [True, False])
def test_f16_a_server_that_finds_nothing_where_until_is_said_is_not_whole(
    announces: bool, archive: Archive, shelf: Shelf
) -> None:
    """gbif/registry #62: an empty span is no proof that nothing lies in it."""
    dead, archive.announces = dies_at(60), announces

    def ill(asked: dict[str, str], shown: Sequence[Kept]) -> Reply | None:
        return error("noRecordsMatch") if "until" in asked else dead(asked, shown)

    archive.ill = ill
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    assert not outcome.evidence.complete
    assert "announced more than it sent" in outcome.evidence.proof


def test_f10_other_tokens_that_bring_the_same_page_are_a_loop(archive: Archive, shelf: Shelf) -> None:
    """kor #55: a new token each time, and always the first page."""
    numbers = iter(range(10**6))
    body = "".join(one.whole for one in archive.records[:10])
    archive.ill = lambda asked, _: (
        Reply(
            f"<OAI-PMH><ListRecords>{body}<resumptionToken>{next(numbers)}||||</resumptionToken></ListRecords></OAI-PMH>".encode()
        )
        if asked["verb"] == "ListRecords"
        else None
    )
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    assert reasons(outcome) == ["loop"]
    assert len(archive.asked()) == 11


def test_f16_a_server_that_ignores_until_sends_everything_twice_at_most(archive: Archive, shelf: Shelf) -> None:
    """Its halves are the whole list again: all came, and what came twice is read once."""
    dead = iter([True, True])
    plain = archive._list

    def blind(asked: dict[str, str], verb: str) -> Reply:
        if asked.get("resumptionToken", "").startswith("60|") and next(dead, False):
            return BAD_TOKEN
        return plain({name: value for name, value in asked.items() if name not in ("from", "until")}, verb)

    archive._list = blind  # type: ignore[method-assign]
    outcome = shelf.visit(OaiPmh(url=(archive.address,)))
    assert (whole(archive, outcome), outcome.evidence.complete) == (True, True)
