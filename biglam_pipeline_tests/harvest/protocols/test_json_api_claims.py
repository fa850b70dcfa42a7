"""What servers say beside their records: totals in headers, searches that gave up, faults with status 200."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from biglam_pipeline.harvest.protocols.json_api import JsonApi
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.protocols.test_json_api import answer, reasons, records, whole
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer

FIVE = records(5)


def cut(asked: Asked, name: str, base: int = 0) -> list[dict[str, Any]]:
    """Two records of five, by a parameter that counts pages from `base`."""
    at = int(asked.query.get(name, str(base))) - base
    return FIVE[2 * at : 2 * at + 2]


@pytest.mark.parametrize(
    ("header", "said"),
    [("X-Total-Count", "50"), ("X-WP-Total", "50"), ("Omeka-Total-Results", "50"), ("Omeka-S-Total-Results", "50"),
     ("Total-Results", "50"), ("Content-Range", "items 0-4/50")],
)  # fmt: skip
def test_a_total_in_a_header_is_heard(header: str, said: str, server: ScriptedServer, shelf: Shelf) -> None:
    """Also on the next night, whose 304 has none."""

    def reply(asked: Asked) -> Reply:
        if asked.headers.get("If-None-Match") == '"same"':
            return Reply(status=304)
        return answer(FIVE, {header: said, "ETag": '"same"'})

    source = JsonApi(url=(server.on("/api", reply),))
    for _ in range(2):
        outcome = shelf.visit(source)
        assert reasons(outcome) == ["unproven"]
        assert "5 of 50 records came" in outcome.missing[0].detail
        assert "`next: none` if this is all" in outcome.missing[0].detail
    whole(shelf.visit(JsonApi.model_validate({"url": source.url, "total": "none", "next": "none"})))


def test_a_header_that_counts_the_page_ends_no_list(server: ScriptedServer, shelf: Shelf) -> None:
    def reply(asked: Asked) -> Reply:
        return answer(mine := cut(asked, "page", 1), {"X-Total-Count": str(len(mine))})

    outcome = shelf.visit(JsonApi(url=(f"{server.on('/api', reply)}?page=1&limit=2",)))
    whole(outcome)
    assert "; 5 records" in outcome.evidence.proof


def test_omeka_classic_pages_by_link_header_and_is_held_against_its_total(server: ScriptedServer, shelf: Shelf) -> None:
    """https://omeka.readthedocs.io/en/latest/Reference/api/requests.html"""
    total = ["5"]

    def reply(asked: Asked) -> Reply:
        page = int(asked.query.get("page", "1"))
        link = {"Link": f"<{server.url}/api?page={page + 1}>; rel='next'"} if page < 3 else {}
        return answer(cut(asked, "page", 1), {"Omeka-Total-Results": total[0], **link})

    source = JsonApi(url=(server.on("/api", reply),))
    first = shelf.visit(source)
    whole(first)
    assert first.evidence.proof == "last page leads no further; 5 of 5 records (Link header, 3 pages)"
    total[0] = "7"
    assert "5 of 7 records came" in shelf.visit(source).missing[0].detail


HITS = {"total": {"value": 5, "relation": "eq"}, "hits": [{"_id": one["id"]} for one in FIVE]}


@pytest.mark.parametrize(
    ("body", "word"),
    [
        ({"timed_out": True, "hits": HITS}, "timed_out"),
        ({"timed_out": False, "_shards": {"total": 5, "failed": 2}, "hits": HITS}, "_shards.failed"),
        ({"responseHeader": {"partialResults": True}, "response": {"numFound": 5, "docs": FIVE}}, "partialResults"),
        ({"response": {"numFound": 5, "numFoundExact": False, "docs": FIVE}}, "numFoundExact"),
        ({"total_count": 5, "incomplete_results": True, "items": FIVE}, "incomplete_results"),
        ({"data": {"objects": FIVE}, "errors": [{"message": "timeout", "path": ["objects", 3]}]}, "errors"),
    ],
)
def test_a_search_that_gave_up_is_not_whole(body: Any, word: str, server: ScriptedServer, shelf: Shelf) -> None:
    """It counts only what it found, so that the total is no witness."""
    outcome = shelf.visit(JsonApi(url=(server.on("/api", answer(body)),)))
    assert reasons(outcome) == ["unproven"]
    assert word in outcome.missing[0].detail


@pytest.mark.parametrize(
    "body",
    [
        {"features": FIVE, "exceededTransferLimit": True},
        {"type": "FeatureCollection", "properties": {"exceededTransferLimit": True}, "features": FIVE},
        {"items": FIVE, "nextCursor": 1.5e9},
        {"items": FIVE, "nextCursor": {"after": 7}},
        {"continue": {"apcontinue": "B", "continue": "-||"}, "query": {"allpages": FIVE}},
    ],
)
def test_what_says_a_way_on_that_cannot_be_followed_that_there_is_more(
    body: Any, server: ScriptedServer, shelf: Shelf
) -> None:
    outcome = shelf.visit(JsonApi(url=(server.on("/api", answer(body)),)))
    assert reasons(outcome) == ["unproven"]
    assert "looks like one page of several" in outcome.missing[0].detail


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"status": "error", "message": "backend timeout", "items": []}, "backend timeout"),
        ({"success": False, "items": []}, "success"),
        ({"stat": "fail", "code": 100, "message": "Invalid API Key"}, "Invalid API Key"),
        ({"message": "quota exceeded"}, "quota exceeded"),
        ({"type": "about:blank", "title": "Busy", "status": 503, "detail": "come back"}, "come back"),
    ],
)
def test_a_fault_with_status_200_is_no_end_and_no_record(
    body: Any, words: str, server: ScriptedServer, shelf: Shelf
) -> None:
    source = JsonApi(url=(f"{server.url}/api?page=1&limit=2",))
    server.on("/api?page=2&limit=2", answer(body))
    server.on("/api", answer({"status": "ok", "items": records(2)}))
    server.on("/alone", answer(body))
    for outcome in (shelf.visit(source), shelf.visit(JsonApi(url=(f"{server.url}/alone",)))):
        assert reasons(outcome) == ["refused"]
        assert words in outcome.missing[0].detail


@pytest.mark.parametrize("body", [{"state": "maintenance"}, {"items": None}, {"data": {"x": 1}}])
def test_a_document_without_list_and_name_is_no_record_unless_the_entry_says_so(
    body: Any, server: ScriptedServer, shelf: Shelf
) -> None:
    """Of two addresses, one that is down must not take the rows of its list away."""
    url = server.on("/api", answer(body))
    outcome = shelf.visit(JsonApi(url=(url,)))
    assert reasons(outcome) == ["no_records"]
    assert "`next: none` if the whole document is one record" in outcome.missing[0].detail
    whole(shelf.visit(JsonApi.model_validate({"url": url, "next": "none"})))
    whole(shelf.visit(JsonApi(url=(server.on("/one", answer({"data": {"id": 7}, "info": {}})),))))


def test_null_and_a_total_of_none_is_no_record(server: ScriptedServer, shelf: Shelf) -> None:
    """The Met, where a search finds nothing."""
    outcome = shelf.visit(JsonApi(url=(server.on("/api", answer({"total": 0, "objectIDs": None})),)))
    assert reasons(outcome) == ["nothing"]


def express(asked: Asked) -> dict[str, Any]:
    page = int(asked.query.get("page", "1"))
    return {"count": 2, "pagination": {"next": {"page": page + 1, "limit": 2}} if page < 3 else {}}


def within(asked: Asked) -> dict[str, Any]:
    page = int(asked.query.get("page", "1"))
    return {"next": {"page": f"/api?page={page + 1}"} if page < 3 else None}


def hal(asked: Asked) -> dict[str, Any]:
    page = int(asked.query.get("page", "1"))
    return {"_links": {"next": [{"href": f"/api?page={page + 1}"}]} if page < 3 else {}}


def siren(asked: Asked) -> dict[str, Any]:
    page = int(asked.query.get("page", "1"))
    follow = [{"rel": ["next"], "href": f"/api?page={page + 1}"}] if page < 3 else []
    return {"links": [{"rel": ["self"], "href": "/api"}, *follow]}


def blank(asked: Asked) -> dict[str, Any]:
    page = int(asked.query.get("page", "1"))
    return {"next": f" HTTP://{asked.headers['Host']}/api?page={page + 1} " if page < 3 else ""}


def relay(asked: Asked) -> dict[str, Any]:
    page = int(asked.query.get("page", "1"))
    return {"pageInfo": {"hasNextPage": page < 3, "nextCursor": str(page + 1)}}


@pytest.mark.parametrize("around", [express, within, hal, siren, blank, relay])
def test_ways_on_that_are_written_otherwise(
    around: Callable[[Asked], dict[str, Any]], server: ScriptedServer, shelf: Shelf
) -> None:
    """An object with the number of the next page; HAL's list of links; Siren's list of relations; a cursor behind which
    `hasNextPage` says that nothing is (https://relay.dev/graphql/connections.htm).
    """
    server.on("/api", lambda asked: answer({**around(asked), "data": cut(asked, "page", 1)}))
    url = f"{server.url}/api" + ("?page=1" if around is relay else "")
    said = {"next": {"page": "pageInfo.nextCursor"}} if around is relay else {}
    outcome = shelf.visit(JsonApi.model_validate({"url": url, **said}))
    whole(outcome)
    assert outcome.evidence.proof.startswith("last page leads no further; 5 records")
    assert len(server.asked) == 3


@pytest.mark.parametrize(("parameter", "step"), [("page", 2), ("from", 1)])
def test_a_page_that_calls_itself_another_than_was_asked_for_ends_the_list(
    parameter: str, step: int, server: ScriptedServer, shelf: Shelf
) -> None:
    """It counts for people from 1 and for programs from 0: then a page would be passed over. The remedy cures."""

    def reply(asked: Asked) -> Reply:
        given = int(asked.query.get(parameter, "0"))
        return answer({parameter: given + 1, "items": FIVE[step * given : step * given + 2]})

    outcome = shelf.visit(JsonApi(url=(server.on("/api", reply),)))
    assert reasons(outcome) == ["not_paged"]
    assert f"such as …{parameter}=0" in outcome.missing[0].detail
    cured = shelf.visit(JsonApi(url=(f"{server.url}/api?{parameter}=0",)))
    whole(cured)
    assert "; 5 records" in cured.evidence.proof


def test_a_cursor_that_stays_while_records_come_is_no_end(server: ScriptedServer, shelf: Shelf) -> None:
    """As scrolls have it, whose server keeps where they are."""
    begins = iter((0, 2, 4))
    url = server.on("/api", lambda asked: answer({"items": FIVE[(at := next(begins)) : at + 2], "nextCursor": "same"}))
    outcome = shelf.visit(JsonApi(url=(f"{url}?cursor=*",)))
    assert reasons(outcome) == ["not_paged"]
    assert "say another way" in outcome.missing[0].detail


def test_a_total_that_falls_while_pages_come_is_not_whole(server: ScriptedServer, shelf: Shelf) -> None:
    """One of the first page was taken away: what was behind it moved there, and as many came as were announced."""

    def reply(asked: Asked) -> Reply:
        offset = int(asked.query["offset"])
        mine = records(6)[1:] if offset else records(6)
        return answer({"total": len(mine), "items": mine[offset : offset + 2]})

    outcome = shelf.visit(JsonApi(url=(f"{server.on('/api', reply)}?offset=0&limit=2",)))
    assert reasons(outcome) == ["unproven"]
    assert "the total fell from 6 to 5" in outcome.missing[0].detail


def test_records_that_stand_in_parts_of_the_answer_are_said(server: ScriptedServer, shelf: Shelf) -> None:
    """Deutsche Digitale Bibliothek: `results` has one object, and that has the `docs`."""

    def reply(asked: Asked) -> Reply:
        begins = int(asked.query["offset"])
        docs = FIVE[begins : begins + 2]
        return answer({"numberOfResults": 5, "results": [{"docs": docs, "name": "single", "numberOfDocs": len(docs)}]})

    url = f"{server.on('/api', reply)}?rows=2&offset=0"
    outcome = shelf.visit(JsonApi(url=(url,)))
    assert "write `records: results[].docs[]`" in outcome.missing[0].detail
    whole(shelf.visit(JsonApi.model_validate({"url": url, "records": "results[].docs[]"})))


def test_numbers_beyond_a_float_tell_records_apart(server: ScriptedServer, shelf: Shelf) -> None:
    long = b'{"total": 2, "items": [{"id": 12345678901234567890123}, {"id": 12345678901234567890124}]}'
    whole(shelf.visit(JsonApi(url=(server.on("/api", Reply(long)),))))


@pytest.mark.parametrize("page", [{"status": "OK"}, {"items": {}}])
def test_a_page_behind_the_last_without_its_list_is_an_end_where_that_is_said(
    page: dict[str, Any], server: ScriptedServer, shelf: Shelf
) -> None:
    """An empty object is PHP's empty list; of a list that is not there the message says what to write, and it cures."""
    server.on("/api", lambda asked: answer({"items": mine} if (mine := cut(asked, "page", 1)) else page))
    url = f"{server.url}/api?page=1&limit=2"
    outcome = shelf.visit(JsonApi(url=(url,)))
    if page == {"items": {}}:
        whole(outcome)
        return
    assert "`records: items || `[]``" in outcome.missing[0].detail
    whole(shelf.visit(JsonApi.model_validate({"url": url, "records": "items || `[]`"})))


def test_a_cursor_without_end_is_said(server: ScriptedServer, shelf: Shelf) -> None:
    url = server.on("/api", answer({"items": FIVE, "nextCursor": "x" * 1_000_000}))
    outcome = shelf.visit(JsonApi(url=(url,)))
    assert reasons(outcome) == ["not_paged"]
    assert len(outcome.missing[0].detail) < 500


def test_a_password_in_a_next_link_is_not_used(server: ScriptedServer, shelf: Shelf) -> None:
    link = f"{server.url.replace('//', '//me:S3CRET@')}/api?page=2"
    outcome = shelf.visit(JsonApi(url=(server.on("/api", answer({"items": FIVE, "next": link})),)))
    assert reasons(outcome) == ["not_paged"]
    assert "S3CRET" not in json.dumps([one.detail for one in outcome.missing])
    assert len(server.asked) == 1
