"""An OAI-PMH repository as a source: visits, resumption, and real responses."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from biglam_pipeline.harvest.protocols.oai_pmh import OaiPmh
from biglam_pipeline.web import Web
from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.repository import Repository, error, identify, page
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer


def offer(server: ScriptedServer, folder: Path) -> Offer:
    pages = {"": page(["1", "2"], "t1", "5"), "t1": page(["3", "4"], "t2", "5"), "t2": page(["5"])}
    names = {f"00001/{number:06d}.xml": token for number, token in enumerate(pages)}
    lost: set[str] = set()

    def answer(asked: Asked) -> Reply:
        if asked.query.get("verb") == "Identify":
            return identify()
        token = asked.query.get("resumptionToken", "")
        if token in lost:
            return Reply(status=500)
        return error("noRecordsMatch") if "from" in asked.query else pages[token]

    address = server.on("/oai", answer)
    return Offer(
        {"url": [f"oai+{address}"]},
        {name: pages[token].body for name, token in names.items()},
        lambda key: lost.add(names[key]),
        lambda key: lost.remove(names[key]),
    )


def test_the_first_visit_takes_everything(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1", "2"], "t1", "5")]
    repository.tokens = {"t1": [page(["3", "4"], "t2", "5")], "t2": [page(["5"])]}
    outcome = shelf.visit(OaiPmh(url=(f"{repository.address}?metadataPrefix=mods&set=maps",)))
    assert [one.key for one in outcome.objects] == ["00001/000000.xml", "00001/000001.xml", "00001/000002.xml"]
    assert outcome.missing == []
    evidence = outcome.evidence
    assert (evidence.mode, evidence.complete, evidence.unchanged) == ("replace", True, False)
    assert evidence.proof == "last page without token; 5 of 5 records"
    assert evidence.cursor == {
        "address": f"{repository.address.removeprefix('oai+')}?metadataPrefix=mods&set=maps",
        "from": "2026-11-22T11:00:00Z",
        "first_response": "2026-11-22T12:00:00+00:00",
        "granularity": "second",
        "deleted_record": "persistent",
        "listed_at": "2026-11-22T12:00:00+00:00",
        "listed_in": "1",
        "records": "5",
        "offered": "5",
    }
    assert repository.lists == [
        {"verb": "ListRecords", "metadataPrefix": "mods", "set": "maps"},
        {"verb": "ListRecords", "resumptionToken": "t1"},
        {"verb": "ListRecords", "resumptionToken": "t2"},
    ]
    assert len(repository.server.asked) == 4  # and one Identify


def test_an_unchanged_night_is_one_request(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1"]), error("noRecordsMatch")]
    shelf.visit(OaiPmh(url=(repository.address,)))
    before = len(repository.server.asked)
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert len(repository.server.asked) == before + 1
    assert repository.lists[-1] == {"verb": "ListRecords", "metadataPrefix": "oai_dc", "from": "2026-11-22T11:00:00Z"}
    evidence = outcome.evidence
    assert (evidence.mode, evidence.complete, evidence.unchanged) == ("extend", True, True)
    assert outcome.objects == []


def test_the_next_visit_brings_what_changed(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1", "2"]), page(["2"], date="2026-11-23T12:00:00Z")]
    shelf.visit(OaiPmh(url=(repository.address,)))
    shelf.now += timedelta(days=1)
    outcome = shelf.visit(OaiPmh(url=(repository.address,), lag_seconds=3600))
    assert [one.key for one in outcome.objects] == ["00002/000000.xml"]
    assert outcome.evidence.mode == "extend"
    assert not outcome.evidence.unchanged
    assert outcome.evidence.cursor["from"] == "2026-11-23T11:00:00Z"


def test_several_sets_cost_one_request_each(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1"]), page(["2"]), error("noRecordsMatch"), error("noRecordsMatch"), page(["3"])]
    harvester = OaiPmh(url=(f"{repository.address}?set={{a,b}}",))
    outcome = shelf.visit(harvester)
    assert [one.key for one in outcome.objects] == ["00001/000/000000.xml", "00001/001/000000.xml"]
    before = len(repository.server.asked)
    outcome = shelf.visit(harvester)
    assert outcome.evidence.unchanged
    assert len(repository.server.asked) == before + 2
    repository.first = [error("noRecordsMatch"), page(["3"])]
    outcome = shelf.visit(harvester)
    assert not outcome.evidence.unchanged
    assert [one.key for one in outcome.objects] == ["00003/001/000000.xml"]


@pytest.mark.parametrize("answer", [error("noRecordsMatch"), page([])])
def test_a_first_visit_that_finds_nothing_is_no_success(answer: Reply, repository: Repository, shelf: Shelf) -> None:
    """noRecordsMatch is also what servers say of a set that was renamed, or a metadataPrefix with a slip."""
    repository.first = [answer]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert (outcome.evidence.complete, outcome.evidence.unchanged) == (False, False)
    assert [one.reason for one in outcome.missing] == ["nothing"]
    assert shelf.cursor == {}


@pytest.mark.parametrize("answer", [error("noRecordsMatch"), page([])])
def test_a_later_visit_that_finds_nothing_is_an_unchanged_night(
    answer: Reply, repository: Repository, shelf: Shelf
) -> None:
    repository.first = [page(["1"]), answer]
    shelf.visit(OaiPmh(url=(repository.address,)))
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert (outcome.evidence.complete, outcome.evidence.unchanged, outcome.missing) == (True, True, [])


def test_a_server_that_cannot_identify_itself_is_asked_by_day(repository: Repository, shelf: Shelf) -> None:
    repository.identify = Reply(status=404)
    repository.first = [page(["1"])]
    evidence = shelf.visit(OaiPmh(url=(repository.address,))).evidence
    assert (evidence.complete, evidence.cursor["from"]) == (True, "2026-11-21")


@pytest.mark.parametrize("token", ["", "  \n "])
def test_an_empty_token_is_the_end(token: str, repository: Repository, shelf: Shelf) -> None:
    # https://github.com/miku/metha/issues/43
    repository.first = [page(["1"], token)]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert outcome.evidence.complete
    assert len(repository.lists) == 1


# --- resuming ---


def test_f32_a_cut_off_harvest_goes_on_at_its_last_token(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1", "2"], "t1", "5", date="2026-11-20T00:00:00Z")]
    repository.tokens = {"t1": [page(["3", "4"], "t2", "5")], "t2": [page(["5"])]}
    harvester = OaiPmh(url=(repository.address,))
    whole = shelf.visit(harvester)
    for done in (1, 2, 3):
        shelf.held, shelf.cursor = {}, {}
        del repository.server.asked[:]
        outcome = shelf.resume(harvester, tuple(whole.objects[:done]))
        assert [one.key for one in outcome.objects] == [one.key for one in whole.objects[done:]]
        assert outcome.evidence.proof == "last page without token; 5 of 5 records" or done == 3
        assert outcome.evidence.complete
        assert outcome.evidence.cursor["from"] == "2026-11-19T23:00:00Z"
        assert len(repository.lists) == 3 - done


def test_f09_a_token_that_expired_meanwhile_restarts_the_window(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1"], "t1", "2")]
    repository.tokens = {"t1": [page(["2"])]}
    harvester = OaiPmh(url=(repository.address,))
    whole = shelf.visit(harvester)
    shelf.held, shelf.cursor = {}, {}
    repository.tokens = {"t1": [error("badResumptionToken"), page(["2"])]}
    outcome = shelf.resume(harvester, tuple(whole.objects[:1]))
    assert [one.key for one in outcome.objects] == ["00001/000001.xml", "00001/000002.xml"]
    assert outcome.evidence.proof == "last page without token; 2 of 2 records"


def test_an_incomplete_visit_does_not_move_the_cursor(repository: Repository, shelf: Shelf) -> None:
    repository.first = [page(["1"]), Reply(b"<html>down"), page(["2"])]
    harvester = OaiPmh(url=(repository.address,))
    shelf.visit(harvester)
    before = dict(shelf.cursor)
    assert not shelf.visit(harvester).evidence.complete
    assert shelf.cursor == before
    shelf.visit(harvester)
    assert repository.lists[1] == repository.lists[2]


# --- real responses ---


def test_the_pages_of_sickle_come_whole(server: ScriptedServer, shelf: Shelf, real: Callable[[str], Path]) -> None:
    folder = real("oai-pmh/sickle")

    def answer(asked: Asked) -> Reply:
        name = {"Identify": "Identify.xml"}.get(
            asked.query["verb"], asked.query.get("resumptionToken", "ListRecords.xml")
        )
        return Reply((folder / name).read_bytes())

    outcome = shelf.visit(OaiPmh(url=("oai+" + server.on("/oai", answer),)))
    assert len(outcome.objects) == 4
    assert outcome.missing == []
    assert outcome.evidence.complete
    twice = "5 records came twice, so others may have been passed over: the next visit lists them all"
    assert outcome.evidence.proof == f"last page without token; 8 of 8 records; {twice}"
    assert outcome.evidence.cursor["granularity"] == "day"


@pytest.mark.parametrize(
    ("name", "reasons"),
    [
        ("sickle/ListRecordsBroken.xml", ["xml_cut"]),
        ("sickle/undefinedError.xml", ["refused"]),
        ("sickle/badArgument.xml", ["refused"]),
        ("sickle/noSetHierarchy.xml", ["refused"]),
        ("sickle/noRecordsMatch.xml", ["nothing"]),
        ("vufindharvest/arbitrary_error_response.xml", ["refused"]),
        ("vufindharvest/list_records_response.xml", []),
    ],
)
def test_real_answers(
    name: str, reasons: list[str], repository: Repository, shelf: Shelf, real: Callable[[str], Path]
) -> None:
    repository.first = [Reply((real("oai-pmh") / name).read_bytes())]
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert [one.reason for one in outcome.missing] == reasons
    assert outcome.evidence.complete == (not reasons)


def test_a_real_page_that_announces_more_is_short(
    repository: Repository, shelf: Shelf, real: Callable[[str], Path]
) -> None:
    repository.first = [Reply((real("oai-pmh") / "dpla-oai" / "oai-page.xml").read_bytes())]
    repository.tokens = {"AoEuYXJuMDAwMDdjMDAwMTE=:botanicals:10:mods": [page(["x"])]}
    outcome = shelf.visit(OaiPmh(url=(repository.address,)))
    assert not outcome.evidence.complete
    assert outcome.evidence.proof.startswith("last page without token; 11 of 4147 records")


def test_every_request_of_a_visit_holds_the_headers_of_the_entry(repository: Repository, shelf: Shelf) -> None:
    repository.first, repository.tokens = [page(["1"], "t1")], {"t1": [page(["2"])]}
    entry = OaiPmh.model_validate({"url": repository.address, "headers": {"X-Api-Key": "env:A_KEY"}})
    with Web(
        contact="", rewrite={}, allow_private=True, locks=shelf.scratch / "locks", secrets={"A_KEY": "S3CRET"}
    ) as web:
        shelf.web = web.visiting(entry.url, headers=entry.secret_headers)
        assert shelf.visit(entry).evidence.complete
    assert [asked.headers.get("X-Api-Key") for asked in repository.server.asked] == ["S3CRET"] * 3


def test_c05_a_full_listing_that_is_noted_for_a_day_to_come_is_done_again(repository: Repository, shelf: Shelf) -> None:
    """A clock that ran a year ahead for one night must not keep what was removed for a year."""
    repository.identify, repository.first = identify(deleted="no"), [page(["1"])]
    shelf.now += timedelta(days=365)
    shelf.visit(OaiPmh(url=(repository.address,)))
    shelf.now -= timedelta(days=365)
    shelf.visit(OaiPmh(url=(repository.address,)))
    assert "from" not in repository.lists[-1]
