"""What OAI-PMH servers do to those who list their records."""

from collections.abc import Callable
from pathlib import Path

import pytest

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.harvest.protocols.oai_pmh import OaiPmh
from biglam_pipeline.harvest.shelving import shelve_visit
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.web import Web
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.repository import Repository, envelope, error, identify, page
from biglam_pipeline_tests.servers.web import Asked, Reply


def test_h34_tokens_are_escaped(repository: Repository, shelf: Shelf) -> None:
    token = "a&b=c#d%20e+f é/?"
    repository.first = [page(["1"], token.replace("&", "&amp;"))]
    repository.tokens = {token: [page(["2"])]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.complete
    assert repository.lists[1]["resumptionToken"] == token


def test_h34_a_token_of_a_megabyte_is_refused(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1"], "x" * 1_000_000)]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert [one.reason for one in outcome.missing] == ["refused"]


def test_f06_a_wall_leaves_the_harvest_incomplete(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1"], "t1")]
    repository.tokens = {"t1": [Reply(b"<!DOCTYPE html><title>Robot check</title>")]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert len(outcome.objects) == 1
    assert [one.reason for one in outcome.missing] == ["wall"]
    assert not outcome.evidence.complete
    assert outcome.evidence.cursor == {}


def test_f07_an_empty_answer_to_a_token_restarts_the_window(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1"], "t1")]
    repository.tokens = {"t1": [Reply(b""), Reply(b""), page(["2"])]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert [one.key for one in outcome.objects] == ["00001/000000.xml", "00001/000001.xml", "00001/000002.xml"]
    assert outcome.evidence.complete


def test_f08_notices_around_the_xml_are_passed_over(repository: Repository, shelf: Shelf) -> None:
    whole = page(["1"]).body
    repository.first = [Reply(b"\n<br />Notice: undefined index\n" + whole + b"\n<b>Warning</b>: headers already sent")]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.complete
    assert outcome.objects[0].content == repository.first[0].body  # the shelf keeps what came


def test_f09_a_bad_token_restarts_the_window_once(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1"], "t1", "2"), page(["1"], "t2", "2")]
    repository.tokens = {"t1": [error("badResumptionToken", "expired")], "t2": [page(["2"])]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert [one.key for one in outcome.objects] == ["00001/000000.xml", "00001/000001.xml", "00001/000002.xml"]
    assert outcome.evidence.proof == "last page without token; 2 of 2 records"


def test_f09_five_bad_tokens_end_it_where_no_date_cuts_the_list(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1"], "t1")]
    repository.tokens = {"t1": [error("badResumptionToken")]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert [one.reason for one in outcome.missing] == ["token_refused"]
    assert not outcome.evidence.complete
    assert len(repository.lists) == 10, "five times"


def test_f10_the_same_token_with_the_same_records_is_a_loop(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1"], "t")]
    repository.tokens = {"t": [page(["2"], "t")]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert [one.reason for one in outcome.missing] == ["loop"]
    assert not outcome.evidence.complete
    assert len(repository.lists) == 3


def test_f10_a_longer_circle_is_a_loop_too(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1"], "a")]
    repository.tokens = {"a": [page(["2"], "b")], "b": [page(["3"], "a")]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert [one.reason for one in outcome.missing] == ["loop"]


def test_f11_the_same_token_with_new_records_goes_on(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1"], "t")]
    repository.tokens = {"t": [page(["2"], "t"), page(["3"], "t"), page(["4"])]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert len(outcome.objects) == 4
    assert outcome.evidence.complete


def test_f12_ten_empty_pages_are_enough(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page([], "t")]
    repository.tokens = {"t": [page([], "t")]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert [one.reason for one in outcome.missing] == ["loop"]
    assert len(repository.lists) == 10


@pytest.mark.parametrize(("size", "complete"), [("", True), ("1", True), ("9", False)])
def test_f13_a_token_too_many_is_the_end_if_the_count_agrees(
    size: str, complete: bool, repository: Repository, shelf: Shelf
) -> None:
    repository.first = [page(["1"], "t", size)]
    repository.tokens = {"t": [error("noRecordsMatch")]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.complete is complete


@pytest.mark.parametrize(("size", "complete"), [("2", True), ("ssss", True), ("2932", False), ("1", True)])
def test_f14_fewer_records_than_announced_are_not_all(
    size: str, complete: bool, repository: Repository, shelf: Shelf
) -> None:
    repository.first = [page(["1"], "t", size)]
    repository.tokens = {"t": [page(["2"])]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.complete is complete
    assert ("announced more" in outcome.evidence.proof) is not complete


def test_f15_a_refused_granularity_is_asked_by_day_and_remembered(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1"]), error("badArgument", "granularity"), page(["2"])]
    shelf.visit(OaiPmh(url=(repository.address,)))
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.complete
    assert [one.get("from") for one in repository.lists] == [None, "2026-11-22T11:00:00Z", "2026-11-22"]
    assert (outcome.evidence.cursor["granularity"], outcome.evidence.cursor["from"]) == ("day", "2026-11-21")


def test_day_granularity_reaches_back_a_day(repository: Repository, shelf: Shelf) -> None:
    repository.identify = identify("YYYY-MM-DD")
    repository.first = [page(["1"], date="2026-11-23T02:16:02+05:45")]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.cursor["from"] == "2026-11-21"


@pytest.mark.parametrize("deleted", ["no", "transient", ""])
def test_f18_a_server_that_forgets_deletions_is_reported_of(deleted: str, repository: Repository, shelf: Shelf) -> None:
    repository.identify = identify(deleted=deleted)
    repository.first = [page(["1"])]
    for _ in range(2):
        assert (
            f"deletedRecord={deleted or 'not stated'}" in shelf.visit(OaiPmh(url=(repository.address,))).evidence.proof
        )


@pytest.mark.parametrize("status", [200, 400, 404, 422])
def test_other_errors_of_the_protocol_are_passed_on(status: int, repository: Repository, shelf: Shelf) -> None:
    repository.first = [error("cannotDisseminateFormat", "no mods here", status)]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert [one.reason for one in outcome.missing] == ["refused"]
    assert "cannotDisseminateFormat: no mods here" in outcome.missing[0].detail


def test_an_empty_window_answered_with_422_is_an_unchanged_night(repository: Repository, shelf: Shelf) -> None:
    # https://github.com/miku/metha/issues/39
    repository.first = [page(["1"]), error("noRecordsMatch", status=422)]
    shelf.visit(OaiPmh(url=(repository.address,)))
    assert shelf.visit(OaiPmh(url=(repository.address,))).evidence.unchanged


def test_something_else_that_is_xml_is_not_a_list(repository: Repository, shelf: Shelf) -> None:
    for body, reason in ((b"<rss/>", "wall"), (envelope(""), "refused")):
        repository.first = [Reply(body)]
        outcome = shelf.visit(OaiPmh(url=(repository.address,)))
        assert [one.reason for one in outcome.missing] == [reason]
        assert not outcome.evidence.complete


def test_h15_a_page_cut_in_the_middle_is_tried_once_more(repository: Repository, shelf: Shelf) -> None:
    cut = Reply(page(["1"]).body[:-40])
    repository.first = [cut, page(["1"])]
    assert shelf.visit(OaiPmh(url=(repository.address,))).evidence.complete
    repository.first = [cut]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert [one.reason for one in outcome.missing] == ["xml_cut"]
    assert not outcome.evidence.complete


def test_h01_entities_are_not_resolved(repository: Repository, shelf: Shelf, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    bait = f'<!DOCTYPE x [<!ENTITY x SYSTEM "file://{tmp_path}/secret">]>'.encode()
    body = page(["1"], "&x;").body.replace(b"?>\n", b"?>\n" + bait)
    repository.first = [Reply(body)]
    repository.tokens = {"&x;": [page(["2"])]}
    shelf.visit(OaiPmh(url=(repository.address,)))
    assert repository.lists[1]["resumptionToken"] == "&x;"


def test_h35_endless_tokens_end(repository: Repository, shelf: Shelf) -> None:
    numbers = iter(range(10**6))
    repository.first = [page(["1"], "t")]
    queue: Callable[[Asked], Reply] = lambda asked: page([str(next(numbers))], f"t{next(numbers)}")  # noqa: E731
    first = repository.first[0]
    repository.server.on("/oai", identify(), first, queue)
    outcome = shelf.visit(OaiPmh(url=(repository.address,), max_pages=7))
    assert [one.reason for one in outcome.missing] == ["too_large"]
    assert len(outcome.objects) == 7


def test_an_error_of_the_protocol_that_says_the_secret_again_is_not_kept(
    repository: Repository, tmp_path: Path
) -> None:
    """The words stand in an answer that came well, and go on the shelf, into Dagster and onto the card."""
    repository.first = [error("badArgument", "no access for A%2BS3CRET, see https://a.org/?u=b&amp;token=S3CRET")]
    harvester = OaiPmh(url=(repository.address,), headers={"X-Api-Key": "env:A_KEY"})
    raw = RawShelf(open_shelf(str(tmp_path / "shelf"), tmp_path / "local").at("letters/raw"))
    locks = tmp_path / "locks"
    with Web(contact="", rewrite={}, allow_private=True, locks=locks, secrets={"A_KEY": "A+S3CRET"}) as web:
        guest = web.visiting(harvester.url, headers=harvester.secret_headers)
        shelve_visit(harvester, guest, raw, base=tmp_path, request="", now=web.now)
    harvest = raw.latest()
    assert harvest is not None
    reported = repr(harvest)
    assert "no access for ***" in reported
    assert "S3CRET" not in reported


@pytest.mark.parametrize(
    ("admin", "whom"),
    [
        ("\n oai@library.example\n", "Write to the custodian, or to oai@library.example, and name"),
        ("", "Write to the custodian, or to the web master of 127.0.0.1, and name"),
        ("ring the bell\n[click](https://evil.example)", "or to the web master of 127.0.0.1, and name"),
        ("x" * 10_000 + "@a.org", "or to the web master of 127.0.0.1, and name"),
    ],
)
def test_f05_a_server_that_refuses_has_said_whom_to_write_to(
    admin: str, whom: str, repository: Repository, shelf: Shelf
) -> None:
    """Its adminEmail (OAI-PMH, 4.2), at the first visit and at later ones, which do not ask for it again."""
    repository.identify = identify(admin=admin)
    refused = Reply(b"<!DOCTYPE html><title>Forbidden</title>", 403)
    repository.first = [page(["1"], date="2026-11-20T00:00:00Z"), refused]
    shelf.visit(OaiPmh(url=(repository.address,)))
    with pytest.raises(SourceChanged) as found:
        shelf.visit(OaiPmh(url=(repository.address,)))
    assert whom in str(found.value)
    shelf.cursor, repository.first = {}, [refused]
    with pytest.raises(SourceChanged) as found:
        shelf.visit(OaiPmh(url=(repository.address,)))
    assert whom in str(found.value)
