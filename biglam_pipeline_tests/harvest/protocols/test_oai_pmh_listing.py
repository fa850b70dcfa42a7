"""What a server lists in full, when it is listed in full, and what is then gone."""

from datetime import timedelta

import pytest

from biglam_pipeline.harvest.protocols.oai_pmh import OaiPmh
from biglam_pipeline.harvest.protocols.oai_pmh.fullness import may_be_everything, older_than_asked
from biglam_pipeline.harvest.relisting import Relist, is_due
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.repository import Repository, error, identify, page
from biglam_pipeline_tests.servers.web import Reply

OLD, LATER, LAST = "2026-11-22T12:00:00Z", "2026-11-23T12:00:00Z", "2026-11-24T12:00:00Z"


def two(first: Reply, second: Reply) -> Reply:
    """The records of both pages in one."""
    body, more = first.body.decode(), second.body.decode()
    records = more[more.index("<record>") : more.rindex("</record>") + len("</record>")]
    return Reply(body.replace("</ListRecords>", records + "</ListRecords>").encode())


def ids(shelf: Shelf) -> set[str]:
    """Identifiers on all pages that the last harvest has."""
    found = set()
    for held in shelf.held.values():
        text = shelf.bytes_of[held.sha256].decode()
        found |= {part.partition("<")[0] for part in text.split("<identifier>")[1:]}
    return found


def test_f16_a_server_that_ignores_from_is_seen_and_believed_in_full(repository: Repository, shelf: Shelf) -> None:
    """Old datestamps in an answer to `from`, and the same list without it: record 3 is not there, so it is gone."""
    everything = two(page(["1", "2"], date=OLD), page(["4"], date=LATER))
    old = Reply(everything.body.replace(OLD.encode(), b"2024-01-01T00:00:00Z", 3))
    repository.first = [Reply(page(["1", "2", "3"]).body.replace(b"2026-11-22T12:00:00Z</dates", b"2024-01-01</dates"))]
    shelf.visit(OaiPmh(url=(repository.address,)))
    repository.first = [old]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.mode == "replace"
    assert "answered `from` 2026-11-22T11:00:00Z with everything it has, 2 of it older" in outcome.evidence.proof
    assert ids(shelf) == {"1", "2", "4"}
    assert [asked.get("from") for asked in repository.lists] == [None, "2026-11-22T11:00:00Z", None]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.mode == "replace"
    assert [asked.get("from") for asked in repository.lists][3:] == [None], "it is not asked by date any more"


def test_a_server_that_was_indexed_again_lists_everything(repository: Repository, shelf: Shelf) -> None:
    """Every datestamp is new: what is not among them is gone, and the next night asks by date as before."""
    repository.first = [page([str(number) for number in range(20)])]
    shelf.visit(OaiPmh(url=(repository.address,)))
    repository.first = [page([str(number) for number in range(19)], date=LATER)]
    shelf.now += timedelta(days=1)
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.mode == "replace"
    assert ids(shelf) == {str(number) for number in range(19)}
    repository.first = [error("noRecordsMatch")]
    assert shelf.visit(OaiPmh(url=(repository.address,))).evidence.unchanged
    assert repository.lists[-1]["from"] == "2026-11-23T11:00:00Z"


@pytest.mark.parametrize(
    "without",
    [
        page([str(number) for number in range(20, 40)], date=OLD),
        page([str(number) for number in range(19)], "t", "400", date=LATER),
        Reply(b"gone away", status=404),
    ],
)
def test_a_large_change_is_not_taken_for_everything(without: Reply, repository: Repository, shelf: Shelf) -> None:
    """Nineteen of twenty changed, which the list without a date shows, or denies: nothing is gone."""
    repository.first = [page([str(number) for number in range(20)])]
    shelf.visit(OaiPmh(url=(repository.address,)))
    repository.first = [page([str(number) for number in range(19)], date=LATER), without]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.mode == "extend"
    assert ids(shelf) == {str(number) for number in range(20)}


def test_some_old_records_are_counted_and_not_taken_for_everything(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page([str(number) for number in range(20)])]
    shelf.visit(OaiPmh(url=(repository.address,)))
    some = two(page(["1", "2"], date=LATER), page(["3"], date="2024-01-01"))
    repository.first = [Reply(some.body)]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.mode == "extend"
    assert "1 records are older than was asked for" in outcome.evidence.proof
    assert len(repository.lists) == 2


def test_without_deletions_a_record_is_gone_when_two_full_listings_lack_it(
    repository: Repository, shelf: Shelf
) -> None:
    """deletedRecord=no: nothing else shows that record 2 was removed, and one listing without it may be a slip."""
    repository.identify = identify(deleted="no")
    repository.first = [page(["1", "2"])]
    source = OaiPmh(url=(repository.address,))
    assert "stay until they are missing from two full listings (monthly)" in shelf.visit(source).evidence.proof
    repository.first = [error("noRecordsMatch")]
    assert shelf.visit(source).evidence.unchanged
    shelf.now += timedelta(days=29)
    repository.first = [page(["1", "3"], date=LATER)]
    outcome = shelf.visit(source)
    assert "from" not in repository.lists[-1]
    assert outcome.evidence.mode == "extend"
    assert ids(shelf) == {"1", "2", "3"}, "missing once"
    repository.first = [page(["3"], date=LAST)]
    shelf.visit(source)
    assert repository.lists[-1]["from"] == "2026-11-23T11:00:00Z"
    shelf.now += timedelta(days=29)
    repository.first = [page(["1", "3"], date=LAST)]
    outcome = shelf.visit(source)
    assert "what was missing the last time too is gone" in outcome.evidence.proof
    assert ids(shelf) == {"1", "3"}, "missing twice"


def test_f19_a_record_that_was_missing_once_comes_back(repository: Repository, shelf: Shelf) -> None:
    repository.identify = identify(deleted="transient")
    source = OaiPmh(url=(repository.address,), relist="weekly")
    for listed in (["1", "2"], ["1"], ["1", "2"], ["1"]):
        repository.first = [page(listed)]
        shelf.visit(source)
        shelf.now += timedelta(days=7)
        assert ids(shelf) == {"1", "2"}
    repository.first = [page(["1"])]
    shelf.visit(source)
    assert ids(shelf) == {"1"}


def test_an_incomplete_full_listing_takes_nothing_away(repository: Repository, shelf: Shelf) -> None:
    repository.identify = identify(deleted="no")
    source = OaiPmh(url=(repository.address,))
    repository.first = [page(["1", "2"])]
    shelf.visit(source)
    shelf.now += timedelta(days=29)
    repository.first = [page(["1"])]
    assert shelf.visit(source).evidence.complete
    assert ids(shelf) == {"1", "2"}, "missing once"
    for _ in range(3):
        shelf.now += timedelta(days=29)
        repository.first = [page(["1"], "t", "2")]
        repository.tokens = {"t": [Reply(b"", status=404)]}
        outcome = shelf.visit(source)
        assert not outcome.evidence.complete
    assert ids(shelf) == {"1", "2"}


@pytest.mark.parametrize(
    ("relist", "days", "due"),
    [("monthly", 27, False), ("monthly", 28, True), ("weekly", 5, False), ("weekly", 6, True), ("never", 400, False)],
)
def test_when_a_full_listing_is_due(relist: Relist, days: int, due: bool, shelf: Shelf) -> None:
    """Of every server: records that are filed under an earlier date come no other way."""
    listed = shelf.now.isoformat()
    assert is_due(relist, listed, shelf.now + timedelta(days=days)) is due
    assert not is_due(relist, "", shelf.now)


def test_older_allows_for_clocks_a_day_apart() -> None:
    stamps = ["2026-11-21T23:00:00Z", "2026-11-21", "2026-11-20T23:59:59Z", "2024", "", "soon"]
    assert older_than_asked(stamps, "2026-11-22T11:00:00Z") == 1
    assert may_be_everything(2, 3, 0)
    assert not may_be_everything(1, 3, 0)
    assert may_be_everything(0, 18, 20)
    assert not may_be_everything(0, 17, 20)


def test_the_newest_first_are_not_everything(repository: Repository, shelf: Shelf) -> None:
    """Both answers begin alike where the newest stand first, and without completeListSize nothing else is said."""
    repository.first = [page([str(number) for number in range(40)])]
    shelf.visit(OaiPmh(url=(repository.address,)))
    new, old = [str(number) for number in range(38)], ["38", "39"]
    repository.first = [page(new[:20], "a", date=LATER), page(new[:20], "b", date=LATER)]
    repository.tokens = {"a": [page(new[20:], date=LATER)], "b": [page([*new[20:], *old], date=LATER)]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.mode == "extend"
    assert ids(shelf) == {str(number) for number in range(40)}


def test_everything_on_several_pages_without_its_size_is_counted(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page([str(number) for number in range(40)])]
    shelf.visit(OaiPmh(url=(repository.address,)))
    new = [str(number) for number in range(38)]
    repository.first = [page(new[:20], "a", date=LATER)]
    repository.tokens = {"a": [page(new[20:], date=LATER)]}
    assert shelf.visit(OaiPmh(url=(repository.address,))).evidence.mode == "replace"
    assert ids(shelf) == set(new)


def test_a_size_that_is_the_size_of_the_page_says_nothing(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page([str(number) for number in range(20)])]
    shelf.visit(OaiPmh(url=(repository.address,)))
    new = [str(number) for number in range(19)]
    repository.first = [page(new, "", "19", date=LATER), page(new, "a", "19", date=LATER)]
    repository.tokens = {"a": [page(["19"], "", "1")]}
    assert shelf.visit(OaiPmh(url=(repository.address,))).evidence.mode == "extend"
    assert ids(shelf) == {str(number) for number in range(20)}


def test_f17_a_list_that_repeats_a_record_may_have_passed_over_another(repository: Repository, shelf: Shelf) -> None:
    """Pages cut out of an order that is not stable: as many records as announced, one of them twice, one not at all."""
    source = OaiPmh(url=(repository.address,))
    old = "2024-01-01T00:00:00Z"

    def lists(*listed: str) -> str:
        whole = page(list(listed), "", str(len(listed)))
        body = whole.body.replace(b"2026-11-22T12:00:00Z</dates", old.encode() + b"</dates")
        repository.first = [Reply(body)]
        return shelf.visit(source).evidence.proof

    lists("1", "2", "3")
    lists("1", "2", "3")
    assert "1 records came twice" in lists("1", "2", "2")
    assert ids(shelf) == {"1", "2", "3"}
    lists("1", "2", "2")
    assert ids(shelf) == {"1", "2"}, "missing twice"


def test_f22_a_server_whose_clock_runs_ahead_is_asked_from_our_time(repository: Repository, shelf: Shelf) -> None:
    """Local time written as UTC: asked from there, it would pass over what changes in the hours between."""
    repository.first = [page(["1"], date="2026-11-23T02:00:00Z")]
    assert shelf.visit(OaiPmh(url=(repository.address,))).evidence.cursor["from"] == "2026-11-22T11:00:00Z"
    repository.first = [page(["1"], date="2026-11-22T02:00:00Z")]
    assert shelf.visit(OaiPmh(url=(repository.address,))).evidence.cursor["from"] == "2026-11-22T01:00:00Z"
