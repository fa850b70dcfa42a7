"""The pager, through a second protocol that has nothing of its own but how a page is read."""

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.harvest.shelving import shelve_visit
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline_tests.harvest.conftest import Outcome, Shelf
from biglam_pipeline_tests.recipe import next_link
from biglam_pipeline_tests.recipe.next_link import NextLink
from biglam_pipeline_tests.servers.web import Asked, Reply, Script, ScriptedServer


def page(identifiers: Sequence[str], follow: str = "", total: int | None = None, etag: str = "") -> Script:
    body = json.dumps(
        {"records": [{"id": one} for one in identifiers], "next": follow or None, "total": total}
    ).encode()

    def reply(asked: Asked) -> Reply:
        if etag and asked.headers.get("If-None-Match") == etag:
            return Reply(status=304)
        return Reply(body, headers={"ETag": etag} if etag else {})

    return reply


def three_pages(server: ScriptedServer, *, total: int | None = 5, etag: str = "") -> str:
    server.on("/list?page=3", page(["e"], total=total, etag=etag))
    server.on("/list?page=2", page(["c", "d"], f"{server.url}/list?page=3", total, etag))
    return server.on("/list", page(["a", "b"], f"{server.url}/list?page=2", total, etag))


def reasons(outcome: Outcome) -> list[str]:
    return [one.reason for one in outcome.missing]


def test_a_typical_protocol_is_short() -> None:
    assert len(Path(next_link.__file__).read_text(encoding="utf-8").splitlines()) <= 60


def test_every_page_is_shelved_and_the_total_proves_it(server: ScriptedServer, shelf: Shelf) -> None:
    outcome = shelf.visit(NextLink(url=(f"next+{three_pages(server)}",)))
    assert [one.key for one in outcome.objects] == ["000000.json", "000001.json", "000002.json"]
    assert (outcome.evidence.mode, outcome.evidence.complete) == ("replace", True)
    assert outcome.evidence.proof == "last page leads no further; 5 of 5 records"


@pytest.mark.parametrize("etag", ["", '"1"'])
def test_what_has_not_changed_is_kept(server: ScriptedServer, shelf: Shelf, etag: str) -> None:
    """By its validator, and by its bytes where there is none; a page that changed comes alone."""
    source = NextLink(url=(three_pages(server, etag=etag),))
    shelf.visit(source)
    outcome = shelf.visit(source)
    assert (outcome.objects, outcome.kept) == ([], ["000000.json", "000001.json", "000002.json"])
    assert outcome.evidence.proof == "last page leads no further; 5 of 5 records"
    server.on("/list?page=3", page(["f"], total=5))
    assert [one.key for one in shelf.visit(source).objects] == ["000002.json"]
    assert len(server.asked) == 9


def test_a_shorter_list_leaves_the_rest_behind(server: ScriptedServer, shelf: Shelf) -> None:
    source = NextLink(url=(three_pages(server),))
    shelf.visit(source)
    server.on("/list?page=2", page(["c", "d"], total=4))
    shelf.visit(source)
    assert sorted(shelf.held) == ["000000.json", "000001.json"]


@pytest.mark.parametrize(
    ("last", "proof"),
    [
        (page(["e"], total=6), "5 of 6 records: the server announced more than it sent"),
        (page(["d"], total=5), "5 of 5 records, 1 of them twice: the server announced more than it sent"),
        (page([], total=5), "4 of 5 records: the server announced more than it sent"),
    ],
)
def test_fewer_than_announced_is_not_whole(server: ScriptedServer, shelf: Shelf, last: Script, proof: str) -> None:
    """The total is of records, so that one that came twice hides none that was passed over."""
    source = NextLink(url=(three_pages(server),))
    server.on("/list?page=3", last)
    outcome = shelf.visit(source)
    assert not outcome.evidence.complete
    assert outcome.evidence.proof == f"last page leads no further; {proof}"


def _back(server: ScriptedServer) -> str:
    three_pages(server)
    server.on("/list?page=3", page(["e"], f"{server.url}/list?page=2"))
    return server.url + "/list"


def _itself(server: ScriptedServer) -> str:
    return server.on("/list", page(["a"], f"{server.url}/list"))


def _deaf(server: ScriptedServer) -> str:
    """It counts on, and does not look at the number: https://github.com/dlt-hub/dlt/issues/2586."""

    def reply(asked: Asked) -> Reply:
        number = int(asked.query.get("page", "1"))
        script = page(["a", "b"], f"{server.url}/list?page={number + 1}")
        return script(asked) if callable(script) else script

    return server.on("/list", reply)


def _empty(server: ScriptedServer) -> str:
    """A next page though there is nothing: https://github.com/infrae/pyoai/pull/8."""

    def reply(asked: Asked) -> Reply:
        number = int(asked.query.get("page", "1"))
        script = page([], f"{server.url}/list?page={number + 1}")
        return script(asked) if callable(script) else script

    return server.on("/list", reply)


@pytest.mark.parametrize("loop", [_back, _itself, _deaf, _empty])
def test_a_list_that_has_no_end_is_ended(server: ScriptedServer, shelf: Shelf, loop: object) -> None:
    assert callable(loop)
    outcome = shelf.visit(NextLink(url=(loop(server),)))
    assert reasons(outcome) == ["loop"]
    assert not outcome.evidence.complete
    assert len(server.asked) <= 12


@pytest.mark.parametrize("limit", ["max_pages", "max_records"])
def test_limits_are_keys_of_the_entry(server: ScriptedServer, shelf: Shelf, limit: str) -> None:
    address = three_pages(server, total=None)
    outcome = shelf.visit(NextLink.model_validate({"url": address, limit: 2}))
    assert reasons(outcome) == ["too_large"]
    assert f"raise {limit}" in outcome.missing[0].detail
    outcome = shelf.visit(NextLink.model_validate({"url": address, limit: 5}))
    assert outcome.evidence.complete
    assert outcome.evidence.proof == "last page leads no further; 5 records"


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        (Reply(b"<html><body>Service under maintenance</body></html>"), "wall"),
        (Reply(b'{"error": "no such page"}'), "not_json"),
        (Reply(b"", 404), "not_found"),
        (Reply(b'{"records": [{"id": "c"}], "ne', cut=20), "truncated"),
    ],
)
def test_a_page_that_is_none_leaves_the_list_incomplete(
    server: ScriptedServer, shelf: Shelf, reply: Reply, reason: str
) -> None:
    source = NextLink(url=(three_pages(server),))
    server.on("/list?page=2", reply)
    outcome = shelf.visit(source)
    assert (reasons(outcome), outcome.evidence.complete) == ([reason], False)
    assert "stopped at page" in outcome.evidence.proof


def test_each_address_is_a_list_of_its_own(server: ScriptedServer, shelf: Shelf) -> None:
    """So that none of `{a,b}` is passed over; and a link may be written from the page's own address on."""
    server.on("/x/list", page(["a", "b"], "list?page=2", 3))
    server.on("/x/list?page=2", page(["c"], "", 3))
    server.on("/y/list", page(["d"], "/y/list?page=2", 3))
    server.on("/y/list?page=2", page(["e"], "", 3))
    outcome = shelf.visit(NextLink(url=(f"next+{server.url}/{{x,y}}/list",)))
    assert [one.key for one in outcome.objects] == [
        f"{place}/00000{page}.json" for place in ("000", "001") for page in (0, 1)
    ]
    assert not outcome.evidence.complete
    first, second = outcome.evidence.proof.split("; 3 of 3 records; ")
    assert first == f"{server.url}/x/list: last page leads no further"
    assert second.startswith(f"{server.url}/y/list: last page leads no further; 2 of 3 records")


def test_a_link_that_says_a_secret_is_followed_and_not_kept(server: ScriptedServer, shelf: Shelf) -> None:
    """Some servers send the key back in `next`: it is asked in full, and shelved and reported without it."""
    server.on("/list", page(["a", "b"], f"{server.url}/list?page=2&api_key=S3CRET", 4))
    server.on("/list?page=2&api_key=S3CRET", page(["c"], f"{server.url}/list?page=3&api_key=S3CRET", 4))
    server.on("/list?page=3&api_key=S3CRET", Reply(b"", 404))
    source = NextLink(url=(f"{server.url}/list",))
    outcome = shelf.visit(source)
    assert reasons(outcome) == ["not_found"]
    assert outcome.objects[1].url == f"{server.url}/list?page=2&api_key=***"
    assert "S3CRET" not in repr([outcome.evidence, outcome.missing, [one.url for one in outcome.objects]])
    assert shelf.visit(source).kept == ["000000.json", "000001.json"]


def test_a_list_of_nothing_is_no_list(server: ScriptedServer, shelf: Shelf) -> None:
    outcome = shelf.visit(NextLink(url=(server.on("/list", page([])),)))
    assert (reasons(outcome), outcome.evidence.complete) == (["nothing"], False)


@pytest.mark.parametrize("nights", [0, 1])
def test_a_visit_that_was_cut_off_goes_on_where_it_was(
    server: ScriptedServer, shelf: Shelf, tmp_path: Path, nights: int
) -> None:
    """On the real shelf; at the first visit and at a later one, where pages that were kept lie between new ones."""
    raw = RawShelf(open_shelf(str(tmp_path / "home"), tmp_path / "local").at("x/raw"))
    source = NextLink(url=(three_pages(server),))

    def visit() -> object:
        return shelve_visit(source, shelf.web, raw, base=tmp_path, request="r", now=shelf.web.now)

    for _ in range(nights):
        visit()
    server.on("/list", page(["a", "new"], f"{server.url}/list?page=2", 5))
    server.on("/list?page=3", Reply(b"", 503, {"Retry-After": "9999"}))
    with pytest.raises(ServerBusy):
        visit()
    del server.asked[:]
    server.on("/list?page=3", page(["e", "f"], total=6))
    server.on("/list?page=2", page(["c", "d"], f"{server.url}/list?page=3", 6))
    visit()
    assert server.paths() == ["/list?page=2", "/list?page=3"][1 - nights :]
    latest = raw.latest()
    assert latest is not None
    assert (latest.number, latest.objects) == (nights + 1, 3)
    assert latest.complete, latest.proof
    assert latest.proof == "last page leads no further; 6 of 6 records"
