"""Lists in JSON against servers that answer in the shape of real APIs, and against those that lie."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from biglam_pipeline.errors import ServerBusy, SourceChanged
from biglam_pipeline.harvest.protocols.json_api import JsonApi
from biglam_pipeline.harvest.protocols.json_api.ways import with_parameter
from biglam_pipeline.harvest.shelving import shelve_visit
from biglam_pipeline.parsing.link_header import next_of
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.web import Web
from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.harvest.conftest import Outcome, Shelf
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server

Records = Sequence[dict[str, Any]]
Around = Callable[[Asked, int, int], dict[str, Any]]
"""What stands around the records of a page: the request, where the page begins, and how many records there are."""


def records(count: int, key: str = "id") -> list[dict[str, Any]]:
    return [{key: f"o{number}", "title": f"Object {number}"} for number in range(count)]


def answer(body: Any, headers: Mapping[str, str] | None = None) -> Reply:
    return Reply(json.dumps(body).encode(), headers={"Content-Type": "application/json", **(headers or {})})


def offer(server: ScriptedServer, folder: Path) -> Offer:
    """Three pages as the Art Institute of Chicago has them, with a total and the address of the next."""

    def body(number: int) -> bytes:
        follow = f"{server.url}/artworks?page={number + 1}" if number < 3 else None
        mine = records(6)[2 * number - 2 : 2 * number]
        return json.dumps({"pagination": {"total": 6, "next_url": follow}, "data": mine}).encode()

    paths = {f"{number - 1:06d}.json": f"/artworks{f'?page={number}' if number > 1 else ''}" for number in (1, 2, 3)}
    bodies = {key: body(number) for number, key in enumerate(paths, 1)}

    def find(key: str) -> None:
        server.on(paths[key], Reply(bodies[key]))

    for key in paths:
        find(key)
    return Offer(
        {"url": [f"json+{server.url}/artworks"]},
        bodies,
        lambda key: server.on(paths[key], Reply(b"", 404)) and None,
        find,
    )


# --- the APIs, in their own shapes ---


def numbered(
    mine: Records, size: int, around: Around, *, start: str, pages: bool = False, base: int = 0, at: str = "records"
) -> Callable[[Asked], Reply]:
    """A server that cuts by a parameter: a number of the page, or of the first record."""

    def reply(asked: Asked) -> Reply:
        number = int(asked.query.get(start, str(base)))
        begin = (number - base) * size if pages else number - base
        body = around(asked, begin, len(mine))
        inside = body
        *outer, last = at.split(".")
        for name in outer:
            inside = inside.setdefault(name, {})
        inside[last] = list(mine[begin : begin + size])
        return answer(body)

    return reply


def chicago(server: ScriptedServer) -> Callable[[Asked], Reply]:
    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        page = begin // 2 + 1
        follow = {"next_url": f"{server.url}/api?page={page + 1}&limit=2"} if begin + 2 < total else {}
        said = {"total": total, "limit": 2, "offset": begin, "total_pages": 3, "current_page": page, **follow}
        return {
            "preference": None,
            "pagination": said,
            "info": {"version": "1.10"},
            "config": {"website_url": "http://a"},
        }

    return numbered(records(5), 2, around, start="page", pages=True, base=1, at="data")


def vam(server: ScriptedServer) -> Callable[[Asked], Reply]:
    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        said = {"record_count": total, "pages": 3, "page": begin // 2 + 1, "page_size": 2, "image_count": 1}
        return {"info": {"version": "2.0", **said}, "clusters": {"category": {"terms": [{"id": "x"}, {"id": "y"}]}}}

    return numbered(records(5, "systemNumber"), 2, around, start="page", pages=True, base=1)


def cleveland(server: ScriptedServer) -> Callable[[Asked], Reply]:
    return numbered(records(5), 2, lambda asked, begin, total: {"info": {"total": total}}, start="skip", at="data")


def harvard(server: ScriptedServer) -> Callable[[Asked], Reply]:
    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        page = begin // 2 + 1
        follow = {"next": f"{server.url}/api?apikey=S3CRET&page={page + 1}"} if begin + 2 < total else {}
        return {"info": {"totalrecordsperquery": 2, "totalrecords": total, "pages": 3, "page": page, **follow}}

    return numbered(records(5), 2, around, start="page", pages=True, base=1)


def rijksmuseum(server: ScriptedServer) -> Callable[[Asked], Reply]:
    """Activity Streams, whose collection has no records itself."""

    def reply(asked: Asked) -> Reply:
        part = {"id": f"{server.url}/api", "type": "OrderedCollection", "totalItems": 5}
        if "token" not in asked.query:
            return answer({**part, "first": {"id": f"{server.url}/api?token=0", "type": "OrderedCollectionPage"}})
        begin = int(asked.query["token"])
        follow = {"next": {"id": f"{server.url}/api?token={begin + 2}"}} if begin + 2 < 5 else {}
        page = {"id": server.url + asked.path, "type": "OrderedCollectionPage", "partOf": part, **follow}
        return answer(
            {**page, "orderedItems": [{"id": f"https://id/{one['id']}"} for one in records(5)[begin : begin + 2]]}
        )

    return reply


def dpla(server: ScriptedServer) -> Callable[[Asked], Reply]:
    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        return {"count": total, "start": begin + 1, "limit": 2, "facets": []}

    return numbered(records(5), 2, around, start="page", pages=True, base=1, at="docs")


def europeana(server: ScriptedServer) -> Callable[[Asked], Reply]:
    def reply(asked: Asked) -> Reply:
        begin = 0 if asked.query["cursor"] == "*" else int(asked.query["cursor"].split("=")[0])
        body = {
            "apikey": "k",
            "success": True,
            "itemsCount": 2,
            "totalResults": 5,
            "items": records(5)[begin : begin + 2],
        }
        return answer({**body, **({"nextCursor": f"{begin + 2}=+/"} if begin + 2 < 5 else {})})

    return reply


def smithsonian(server: ScriptedServer) -> Callable[[Asked], Reply]:
    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        return {"status": 200, "responseCode": 1, "response": {"rowCount": total, "message": "content found"}}

    return numbered(records(5), 2, around, start="start", at="response.rows")


def met(server: ScriptedServer) -> Callable[[Asked], Reply]:
    return lambda asked: answer({"total": 5, "objectIDs": [1, 2, 3, 4, 5]})


def smk(server: ScriptedServer) -> Callable[[Asked], Reply]:
    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        return {"offset": begin, "rows": 2, "found": total, "facets": {}, "facets_ranges": {}}

    return numbered(records(5), 2, around, start="offset", at="items")


def tepapa(server: ScriptedServer) -> Callable[[Asked], Reply]:
    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        return {"_metadata": {"resultset": {"count": total, "from": begin, "size": 2}}, "facets": [{"a": 1}, {"a": 2}]}

    return numbered(records(5), 2, around, start="from", at="results")


def finna(server: ScriptedServer) -> Callable[[Asked], Reply]:
    return numbered(
        records(5),
        2,
        lambda asked, begin, total: {"resultCount": total, "status": "OK"},
        start="page",
        pages=True,
        base=1,
    )


def nypl(server: ScriptedServer) -> Callable[[Asked], Reply]:
    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        said = {"headers": {"status": "success"}, "numResults": str(total)}
        return {"nyplAPI": {"request": {"page": str(begin // 2 + 1), "perPage": "2"}, "response": said}}

    return numbered(records(5), 2, around, start="page", pages=True, base=1, at="nyplAPI.response.result")


def congress(server: ScriptedServer) -> Callable[[Asked], Reply]:
    """`total` is of the pages there."""

    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        page = begin // 2 + 1
        follow = f"{server.url}/api?fo=json&sp={page + 1}" if begin + 2 < total else None
        said = {
            "current": page,
            "from": begin + 1,
            "next": follow,
            "of": total,
            "perpage": 2,
            "total": 3,
            "to": begin + 2,
        }
        return {"facets": [{"f": 1}], "pagination": said, "views": {"current": "list"}}

    return numbered(records(5), 2, around, start="sp", pages=True, base=1, at="results")


def digitalnz(server: ScriptedServer) -> Callable[[Asked], Reply]:
    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        return {"search": {"result_count": total, "per_page": 2, "page": begin // 2 + 1, "facets": {}}}

    return numbered(records(5), 2, around, start="page", pages=True, base=1, at="search.results")


def solr(server: ScriptedServer) -> Callable[[Asked], Reply]:
    """The same cursorMark again is the end: https://solr.apache.org/guide/solr/latest/query-guide/pagination-of-results.html."""

    def reply(asked: Asked) -> Reply:
        begin = 0 if asked.query["cursorMark"] == "*" else int(asked.query["cursorMark"])
        found = {"numFound": 5, "start": 0, "docs": records(5)[begin : begin + 2]}
        return answer({"responseHeader": {"QTime": 1}, "response": found, "nextCursorMark": str(min(begin + 2, 5))})

    return reply


def spring(server: ScriptedServer) -> Callable[[Asked], Reply]:
    """DSpace 7 and what is made with Spring Data: pages are counted from 0."""

    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        return {
            "page": {"size": 2, "totalElements": total, "totalPages": 3, "number": begin // 2},
            "_links": {"self": {}},
        }

    return numbered(records(5), 2, around, start="page", pages=True, at="_embedded.objects")


def hal(server: ScriptedServer) -> Callable[[Asked], Reply]:
    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        follow = {"next": {"href": f"/api?start={begin + 2}"}} if begin + 2 < total else {}
        return {"total": total, "_links": {"self": {"href": "/api"}, **follow}}

    return numbered(records(5), 2, around, start="start", at="_embedded.items")


def omeka(server: ScriptedServer) -> Callable[[Asked], Reply]:
    """A Link header, and nothing in the page: Omeka S, WordPress, GitHub."""

    def reply(asked: Asked) -> Reply:
        page = int(asked.query.get("page", "1"))
        link = f'<{server.url}/api?page=1>; rel="first", <{server.url}/api?page={page + 1}>; rel=next; title="a, b"'
        body = [{"o:id": one["id"], "id": one["id"]} for one in records(5)[2 * page - 2 : 2 * page]]
        return answer(body, {"Link": link} if page < 3 else {"Link": f"<{server.url}/api?page=1>; rel=first"})

    return reply


def features(server: ScriptedServer) -> Callable[[Asked], Reply]:
    """OGC API Features: links are a list."""

    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        links = [{"rel": "self", "href": "/api"}]
        links += [{"rel": "next", "href": f"{server.url}/api?offset={begin + 2}"}] if begin + 2 < total else []
        return {"type": "FeatureCollection", "numberMatched": total, "numberReturned": 2, "links": links}

    return numbered(records(5), 2, around, start="offset", at="features")


def rest_framework(server: ScriptedServer) -> Callable[[Asked], Reply]:
    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        return {"count": total, "next": f"{server.url}/api?offset={begin + 2}" if begin + 2 < total else None}

    return numbered(records(5), 2, around, start="offset", at="results")


def scrape(server: ScriptedServer) -> Callable[[Asked], Reply]:
    """The Internet Archive's scrape API."""

    def reply(asked: Asked) -> Reply:
        begin = int(asked.query.get("cursor", "0"))
        body = {"items": records(5, "identifier")[begin : begin + 2], "count": 2, "total": 5}
        return answer({**body, **({"cursor": str(begin + 2)} if begin + 2 < 5 else {})})

    return reply


def archivesspace(server: ScriptedServer) -> Callable[[Asked], Reply]:
    def around(asked: Asked, begin: int, total: int) -> dict[str, Any]:
        return {"first_page": 1, "last_page": 3, "this_page": begin // 2 + 1, "total": total}

    return numbered(records(5), 2, around, start="page", pages=True, base=1, at="results")


SHAPES: Mapping[str, tuple[Callable[[ScriptedServer], Callable[[Asked], Reply]], str, str]] = {
    "Art Institute of Chicago": (chicago, "limit=2", "next link"),
    "Victoria and Albert Museum": (vam, "images_exist=1&page_size=2", "`page` counts pages"),
    "Cleveland Museum of Art": (cleveland, "skip=0&limit=2", "`skip` counts records"),
    "Harvard Art Museums": (harvard, "size=2", "next link"),
    "Rijksmuseum": (rijksmuseum, "type=painting", "next link"),
    "DPLA": (dpla, "page=1&page_size=2", "`page` counts pages"),
    "Europeana": (europeana, "query=*&rows=2&cursor=*", "cursor"),
    "Smithsonian": (smithsonian, "q=*&start=0&rows=2", "`start` counts records"),
    "The Met": (met, "departmentIds=1", "no other page"),
    "SMK": (smk, "keys=*&offset=0&rows=2", "`offset` counts records"),
    "Te Papa": (tepapa, "size=2", "`from` counts records"),
    "Finna": (finna, "lookfor=&page=1&limit=2", "`page` counts pages"),
    "NYPL": (nypl, "q=x&page=1&per_page=2", "`page` counts pages"),
    "Library of Congress": (congress, "fo=json&c=2", "next link"),
    "DigitalNZ": (digitalnz, "per_page=2", "`page` counts pages"),
    "Solr": (solr, "q=*:*&rows=2&cursorMark=*", "cursor"),
    "Spring Data": (spring, "size=2", "`page` counts pages"),
    "HAL": (hal, "", "next link"),
    "Omeka S": (omeka, "", "Link header"),
    "OGC API Features": (features, "limit=2", "next link"),
    "Django REST framework": (rest_framework, "limit=2", "next link"),
    "Internet Archive": (scrape, "q=x&count=2", "cursor"),
    "ArchivesSpace": (archivesspace, "page=1&page_size=2", "`page` counts pages"),
}


def whole(outcome: Outcome, pages: int | None = None) -> None:
    assert outcome.missing == []
    assert pages is None or len(outcome.objects) == pages
    assert outcome.evidence.complete, outcome.evidence.proof


def reasons(outcome: Outcome) -> list[str]:
    return [one.reason for one in outcome.missing]


@pytest.mark.parametrize("shape", SHAPES)
def test_the_way_is_found_out_from_the_first_page(shape: str, server: ScriptedServer, shelf: Shelf) -> None:
    """Each API's own shape, as far as known (`words.py`), with made-up content."""
    make, query, way = SHAPES[shape]
    server.on("/api", make(server))
    source = JsonApi(url=(f"json+{server.url}/api?{query}".rstrip("?"),))
    outcome = shelf.visit(source)
    whole(outcome)
    pages = f"{len(outcome.objects)} page" + "s" * (len(outcome.objects) > 1)
    total = "" if shape == "Omeka S" else " of 5"
    assert outcome.evidence.proof == f"last page leads no further; 5{total} records ({way}, {pages})"
    assert [(one.offered, one.harvested) for one in outcome.evidence.coverage] == ([(5, 5)] if total else [])
    assert [one.key for one in outcome.objects][:2] == ["000000.json", "000001.json"][: len(outcome.objects)]
    asked = len(server.asked)
    again = shelf.visit(source)
    whole(again)
    assert (again.objects, len(again.kept)) == ([], len(outcome.objects))
    assert len(server.asked) <= 2 * asked


@pytest.mark.representative(6)  # further APIs; each is found out above
@pytest.mark.parametrize("shape", SHAPES)
def test_every_way_holds_where_pages_are_kept_by_their_validators(
    shape: str, server: ScriptedServer, shelf: Shelf
) -> None:
    """A 304 has no Link header, and a page that was kept may be followed by one that is new."""
    make, query, _ = SHAPES[shape]
    served = make(server)

    def with_etag(asked: Asked) -> Reply:
        reply = served(asked)
        tag = f'"{hash(reply.body)}"'
        if asked.headers.get("If-None-Match") == tag:
            return Reply(status=304)
        return Reply(reply.body, headers={**reply.headers, "ETag": tag})

    server.on("/api", with_etag)
    source = JsonApi(url=(f"{server.url}/api?{query}".rstrip("?"),))
    first = shelf.visit(source)
    again = shelf.visit(source)
    whole(again)
    assert again.evidence.proof == first.evidence.proof
    assert (again.objects, len(again.kept)) == ([], len(first.objects))


def test_a_page_more_behind_a_link_header_is_found_though_all_before_are_unchanged(
    server: ScriptedServer, shelf: Shelf
) -> None:
    """The last page is full; tonight its body is the same, and only its header leads on."""
    more = [False]

    def reply(asked: Asked) -> Reply:
        page = int(asked.query.get("page", "1"))
        if asked.headers.get("If-None-Match") == f'"{page}"':
            return Reply(status=304)
        leads = page < (3 if more[0] else 2)
        link = {"Link": f'</api?page={page + 1}>; rel="next"'} if leads else {}
        return answer(records(6)[2 * page - 2 : 2 * page], {"ETag": f'"{page}"', **link})

    source = JsonApi(url=(server.on("/api", reply),))
    whole(shelf.visit(source))
    more[0] = True
    outcome = shelf.visit(source)
    whole(outcome)
    assert ([one.key for one in outcome.objects], outcome.kept) == (["000002.json"], ["000000.json", "000001.json"])


# --- what the entry says ---


def odd(server: ScriptedServer, *, cap: int = 2) -> str:
    """Nothing of it shows how it goes on."""

    def reply(asked: Asked) -> Reply:
        begin = int(asked.query.get("ab", "0"))
        after = {"weiter": f"{server.url}/odd?ab={begin + cap}", "merke": str(begin + cap)} if begin + cap < 5 else {}
        return answer({"anzahl": 5, "treffer": records(5)[begin : begin + cap], **after})

    server.on(
        "/page",
        lambda asked: answer({"anzahl": 5, "treffer": records(5)[2 * int(asked.query.get("blatt", "1")) - 2 :][:2]}),
    )
    return server.on("/odd", reply)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/odd", {"next": "weiter"}),
        ("/odd", {"next": {"ab": "merke"}}),
        ("/odd", {"next": {"ab": "+100"}}),
        ("/odd?ab=0", {"next": {"ab": "+2"}}),
        ("/page", {"next": {"blatt": "+1"}}),
    ],
)
@pytest.mark.parametrize("more", [{}, {"total": "anzahl"}, {"records": "treffer[]"}])
def test_what_does_not_show_is_said(
    server: ScriptedServer, shelf: Shelf, path: str, said: dict[str, Any], more: dict[str, str]
) -> None:
    odd(server)
    outcome = shelf.visit(JsonApi.model_validate({"url": f"{server.url}{path}", **said, **more}))
    whole(outcome)
    assert outcome.evidence.proof.startswith("last page leads no further; 5 ")


@pytest.mark.parametrize(
    ("body", "query"),
    [
        ({"treffer": records(2), "total": 5}, ""),
        ({"items": records(2)}, "limit=2"),
        ({"items": records(2)}, "$top=2"),
        ({"items": records(7), "hasMore": True}, ""),
        ({"items": records(7), "total_pages": 3}, ""),
        ({"items": records(20)}, ""),
        (records(100), ""),
    ],
)
def test_one_page_of_several_is_not_taken_for_all(server: ScriptedServer, shelf: Shelf, body: Any, query: str) -> None:
    """A larger total, as many as were asked for, a word that says so, or as many as pages have by themselves."""
    url = f"{server.on('/api', answer(body))}?{query}".rstrip("?")
    outcome = shelf.visit(JsonApi(url=(url,)))
    assert reasons(outcome) == ["unproven"]
    assert "`next: none` if this is all" in outcome.missing[0].detail
    assert not outcome.evidence.complete
    assert len(outcome.objects) == 1
    said = JsonApi.model_validate({"url": url, "next": "none", "total": "none"})
    whole(shelf.visit(said))


@pytest.mark.parametrize("body", [records(7), {"items": records(7)}, {"total": 7, "items": records(7)}, {"id": "a"}])
def test_what_is_one_page_is_whole(server: ScriptedServer, shelf: Shelf, body: Any) -> None:
    outcome = shelf.visit(JsonApi(url=(server.on("/api", answer(body)),)))
    whole(outcome)
    assert outcome.evidence.proof.endswith("(no other page, 1 page)")


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ({"next": {"page": "+1", "x": "y"}}, "names one parameter"),
        ({"next": "a["}, "is no JMESPath"),
        ({"total": "a["}, "is no JMESPath"),
        ({"records": "a["}, "is no JMESPath"),
        ({"url": "json+https://a.org/x#*.json"}, "choose by the API's own parameters"),
        ({"url": "json+https://www.artic.edu/collection?q=cat"}, "json\\+https://api.artic.edu/api/v1/artworks"),
        ({"url": "json+https://collections.vam.ac.uk/search/?q=x"}, "json\\+https://api.vam.ac.uk/v2/objects/search"),
        ({"url": "json+https://www.loc.gov/photos/?q=x"}, "add fo=json"),
        ({"url": "json+https://api.harvardartmuseums.org/object?apikey=abcdef"}, "a secret in an address"),
    ],
)
def test_what_cannot_be_asked_so_is_refused(said: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        JsonApi.model_validate({"url": "json+https://a.org/api", **said})


# --- servers that lie ---


def lying(total: int, count: int = 5, size: int = 2) -> Callable[[Asked], Reply]:
    return numbered(records(count), size, lambda asked, begin, real: {"total": total}, start="offset", at="items")


@pytest.mark.parametrize(
    ("total", "words"),
    [(6, "5 of 6 records came"), (3, "5 records came where the server announced 3"), (900, "5 of 900 records came")],
)
def test_a_total_that_lies_is_reported_with_a_remedy_that_cures(
    server: ScriptedServer, shelf: Shelf, total: int, words: str
) -> None:
    url = f"{server.on('/api', lying(total))}?offset=0"
    outcome = shelf.visit(JsonApi(url=(url,)))
    assert reasons(outcome) == ["unproven"]
    assert words in outcome.missing[0].detail
    assert "`total: none`" in outcome.missing[0].detail
    assert not outcome.evidence.complete
    cured = shelf.visit(JsonApi.model_validate({"url": url, "total": "none"}))
    whole(cured)
    assert cured.evidence.proof == "last page leads no further; 5 records (`offset` counts records, 4 pages)"


@pytest.mark.parametrize("end", [answer({"items": [], "total": 2500}), Reply(b"no", 400), Reply(b"no", 404)])
def test_where_a_window_ends_is_reported_with_what_to_do(server: ScriptedServer, shelf: Shelf, end: Reply) -> None:
    """Elasticsearch gives no more than a window, and says the whole total."""
    served = numbered(records(2500), 500, lambda asked, begin, real: {"total": real}, start="offset", at="items")
    server.on("/api", lambda asked: end if int(asked.query["offset"]) >= 1000 else served(asked))
    outcome = shelf.visit(JsonApi(url=(f"{server.url}/api?offset=0",)))
    assert not outcome.evidence.complete
    assert "ask for parts that have fewer" in outcome.missing[0].detail


def test_a_window_that_is_refused_with_403_ends_the_visit_and_says_so(server: ScriptedServer, shelf: Shelf) -> None:
    served = numbered(records(2500), 500, lambda asked, begin, real: {"total": real}, start="offset", at="items")
    server.on("/api", lambda asked: Reply(b"", 403) if int(asked.query["offset"]) >= 1000 else served(asked))
    with pytest.raises(SourceChanged, match="1000 records came before it, as where a window ends: ask for parts"):
        shelf.visit(JsonApi(url=(f"{server.url}/api?offset=0",)))


@pytest.mark.parametrize("relation", ["eq", "gte"])
def test_a_total_that_is_only_a_bound_proves_nothing(server: ScriptedServer, shelf: Shelf, relation: str) -> None:
    def around(asked: Asked, begin: int, real: int) -> dict[str, Any]:
        return {"took": 3, "timed_out": False, "hits": {"total": {"value": 5, "relation": relation}}}

    served = numbered(
        [{"_id": one["id"], "_source": one} for one in records(5)], 2, around, start="from", at="hits.hits"
    )
    outcome = shelf.visit(JsonApi(url=(f"{server.on('/api', served)}?from=0&size=2",)))
    assert outcome.evidence.complete == (relation == "eq")
    assert [one.detail for one in outcome.missing if "track_total_hits=true" in one.detail] == [
        one.detail for one in outcome.missing
    ]
    assert len(outcome.missing) == (relation == "gte")


def test_exactly_ten_thousand_records_look_like_a_window(server: ScriptedServer, shelf: Shelf) -> None:
    served = numbered(records(10_000), 5000, lambda asked, begin, real: {"total": real}, start="offset", at="items")
    url = f"{server.on('/api', served)}?offset=0"
    outcome = shelf.visit(JsonApi(url=(url,)))
    assert reasons(outcome) == ["unproven"]
    assert "write `total: PATH` if that is true" in outcome.missing[0].detail
    whole(shelf.visit(JsonApi.model_validate({"url": url, "total": "total"})))


@pytest.mark.parametrize("parameter", ["offset", "page"])
def test_a_server_that_does_not_look_at_the_number_is_found_out(
    server: ScriptedServer, shelf: Shelf, parameter: str
) -> None:
    """https://github.com/dlt-hub/dlt/issues/2586: a hundred rows, and success."""
    server.on("/api", answer({"items": records(2), "total": 5}))
    outcome = shelf.visit(JsonApi(url=(f"{server.url}/api?{parameter}=0",)))
    assert reasons(outcome) == ["loop"]
    assert "`next: {page: +1}`" in outcome.missing[0].detail
    assert len(server.asked) == 2


@pytest.mark.parametrize("end", [answer({"items": []}), Reply(b"", 404), Reply(b"", 400)])
@pytest.mark.parametrize("query", ["page=1", "page=1&limit=1000"])
def test_without_a_total_a_short_page_is_no_end(server: ScriptedServer, shelf: Shelf, query: str, end: Reply) -> None:
    """One record of the second page was held back; and the server gives a hundred though a thousand were asked for.

    Behind the last page some answer with an empty one, and some refuse the number.
    """

    def reply(asked: Asked) -> Reply:
        begin = 100 * int(asked.query["page"]) - 100
        mine = [one for one in records(250)[begin : begin + 100] if one["id"] != "o150"]
        return answer({"items": mine}) if mine else end

    outcome = shelf.visit(JsonApi(url=(f"{server.on('/api', reply)}?{query}",)))
    whole(outcome)
    assert "249 records" in outcome.evidence.proof


def test_an_offset_that_counts_pages_is_found_out(server: ScriptedServer, shelf: Shelf) -> None:
    """Most records were passed over, and nothing told; the remedy, done as it is written, brings them all."""
    served = numbered(records(20_050), 100, lambda asked, begin, real: {}, start="offset", pages=True, at="items")
    url = server.on("/api?limit=100", served)
    server.on("/api", served)
    outcome = shelf.visit(JsonApi(url=(f"{url}&offset=0",)))
    assert not outcome.evidence.complete
    [missing] = outcome.missing
    assert "`offset` seems to count pages" in missing.detail
    assert "write `next: {offset: +1}`" in missing.detail
    cured = shelf.visit(JsonApi(url=(f"{url}&offset=0",), next={"offset": "+1"}))
    whole(cured)
    assert "20050 records" in cured.evidence.proof


def test_an_answer_without_content_is_the_end(server: ScriptedServer, shelf: Shelf) -> None:
    """204 behind the last page, also a full one; where the server announced more, or of the first page, it is none."""
    served = numbered(records(300), 100, lambda asked, begin, real: {}, start="offset", at="items")
    ended = server.on("/api", lambda asked: Reply(status=204) if asked.query["offset"] == "300" else served(asked))
    outcome = shelf.visit(JsonApi(url=(f"{ended}?offset=0",)))
    whole(outcome)
    assert "300 records" in outcome.evidence.proof
    counted = numbered(records(300), 100, lambda asked, begin, real: {"total": 300}, start="offset", at="items")
    server.on("/cut", lambda asked: Reply(status=204) if asked.query["offset"] == "200" else counted(asked))
    assert reasons(shelf.visit(JsonApi(url=(f"{server.url}/cut?offset=0",)))) == ["nothing"]
    assert reasons(shelf.visit(JsonApi(url=(server.on("/none?offset=0", Reply(status=204)),)))) == ["nothing"]


def test_a_page_that_is_refused_behind_a_full_one_is_missing(server: ScriptedServer, shelf: Shelf) -> None:
    served = numbered(records(300), 100, lambda asked, begin, real: {}, start="offset", at="items")
    server.on("/api", lambda asked: Reply(b"", 404) if asked.query["offset"] == "200" else served(asked))
    assert reasons(shelf.visit(JsonApi(url=(f"{server.url}/api?offset=0",)))) == ["not_found"]


@pytest.mark.parametrize(
    "body",
    [
        {"hits_nb": 523, "items": records(7)},
        {"meta": {"Anzahl_total": "1,234"}, "items": records(7)},
        {"total": "1.234", "items": records(7)},
        {"next_page": 2, "items": records(7)},
        {"next": "ftp://a.org/2", "items": records(7)},
        {"next": "weiter", "items": records(7)},
        {
            "category": [
                {"code": "newspaper", "records": {"n": 20, "total": 99, "next": "/v3/result?s=2", "article": []}}
            ]
        },
    ],
)
def test_what_speaks_of_more_is_not_passed_over(server: ScriptedServer, shelf: Shelf, body: Any) -> None:
    """A number by a name that nobody knows, one with marks for thousands, and Trove's lists in a list."""
    outcome = shelf.visit(JsonApi(url=(server.on("/api", answer(body)),)))
    assert reasons(outcome)[:1] == ["unproven"]
    assert not outcome.evidence.complete


def test_a_next_link_that_is_no_address_is_no_end(server: ScriptedServer, shelf: Shelf) -> None:
    server.on("/api?page=2", answer({"items": records(4)[2:], "next": "gopher://a.org/3"}))
    outcome = shelf.visit(JsonApi(url=(server.on("/api", answer({"items": records(2), "next": "?page=2"})),)))
    assert reasons(outcome) == ["not_paged"]


@pytest.mark.parametrize("link", ["http://backend.invalid:8080/api?page=2", "http://10.0.0.9/api?page=2"])
def test_a_next_link_to_an_inner_name_says_what_to_do(
    server: ScriptedServer, shelf: Shelf, tmp_path: Path, link: str
) -> None:
    server.on("/api", answer({"items": records(2), "next": link}))
    mine = frozenset([server.url.removeprefix("http://")])
    with Web(contact="a@b.org", rewrite={}, allow_private=mine, locks=tmp_path / "l", sleep=lambda _: None) as web:
        shelf.web = web
        with pytest.raises(SourceChanged, match="a next link of the server led there: say the way by `next"):
            shelf.visit(JsonApi(url=(f"{server.url}/api",)))


@pytest.mark.parametrize("link", ["https://", "http://[a/", r"/a\ud800", r"/a\u0000"])
def test_a_next_link_that_nobody_can_follow_is_missing(server: ScriptedServer, shelf: Shelf, link: str) -> None:
    server.on("/api", Reply(b'{"items": [{"id": 1}], "next": "%b"}' % link.encode()))
    outcome = shelf.visit(JsonApi(url=(f"{server.url}/api",)))
    assert reasons(outcome) in (["not_paged"], ["unproven"], ["not_json"])
    assert not outcome.evidence.complete


def test_a_number_of_the_next_page_is_said(server: ScriptedServer, shelf: Shelf) -> None:
    def reply(asked: Asked) -> Reply:
        page = int(asked.query.get("seite", "1"))
        return answer({"items": records(7)[3 * page - 3 : 3 * page], "next_page": page + 1 if page < 3 else None})

    whole(shelf.visit(JsonApi.model_validate({"url": server.on("/api", reply), "next": {"seite": "next_page"}})), 3)


def test_lists_in_a_list_are_said(server: ScriptedServer, shelf: Shelf) -> None:
    def reply(asked: Asked) -> Reply:
        begin = int(asked.query.get("s", "0"))
        inside = {"n": 2, "total": 5, "article": records(5)[begin : begin + 2]}
        more = {"next": f"/v3/result?s={begin + 2}"} if begin + 2 < 5 else {}
        return answer({"query": "", "category": [{"code": "newspaper", "records": {**inside, **more}}]})

    said = {name: f"category[0].records.{path}" for name, path in
            (("next", "next"), ("total", "total"), ("records", "article"))}  # fmt: skip
    whole(shelf.visit(JsonApi.model_validate({"url": server.on("/v3/result", reply), **said})), 3)


def test_a_next_page_for_ever_ends_where_all_came_that_was_announced(server: ScriptedServer, shelf: Shelf) -> None:
    def reply(asked: Asked) -> Reply:
        page = int(asked.query.get("page", "1"))
        return answer({"total": 5, "items": records(5)[2 * page - 2 : 2 * page], "next": f"/api?page={page + 1}"})

    outcome = shelf.visit(JsonApi(url=(server.on("/api", reply),)))
    whole(outcome)
    assert len(server.asked) == 4


def test_a_next_link_that_forgets_what_was_asked_is_found_out(server: ScriptedServer, shelf: Shelf) -> None:
    """Then the whole collection comes, and its own total agrees."""

    def reply(asked: Asked) -> Reply:
        mine = records(80) if "q" in asked.query else records(400)
        begin = int(asked.query.get("offset", "0"))
        follow = f"/api?offset={begin + 40}" if begin + 40 < len(records(400)) else None
        return answer({"total": len(mine), "results": mine[begin : begin + 40], "next": follow})

    outcome = shelf.visit(JsonApi(url=(f"{server.on('/api', reply)}?q=map",)))
    assert reasons(outcome) == ["unproven"]
    assert "forgets what the address asks" in outcome.missing[0].detail


def test_a_cursor_that_goes_back_ends(server: ScriptedServer, shelf: Shelf) -> None:
    def reply(asked: Asked) -> Reply:
        begin = int(asked.query.get("cursor", "0"))
        return answer({"items": records(6)[begin : begin + 2], "next_cursor": str((begin + 2) % 6)})

    outcome = shelf.visit(JsonApi(url=(server.on("/api", reply),)))
    assert reasons(outcome) == ["loop"]
    assert len(server.asked) == 4


def test_endless_pages_end(server: ScriptedServer, shelf: Shelf) -> None:
    def reply(asked: Asked) -> Reply:
        page = int(asked.query.get("page", "1"))
        return answer({"items": [{"id": f"{page}-{at}"} for at in range(3)], "next": f"/api?page={page + 1}"})

    outcome = shelf.visit(JsonApi.model_validate({"url": server.on("/api", reply), "max_pages": 20}))
    assert reasons(outcome) == ["too_large"]
    assert len(server.asked) == 20


def test_records_that_slide_from_page_to_page_are_not_whole(server: ScriptedServer, shelf: Shelf) -> None:
    """A record was filed in front while the pages came: one comes twice, one is passed over."""

    def reply(asked: Asked) -> Reply:
        begin = int(asked.query["offset"])
        mine = records(5) if not begin else [{"id": "new"}, *records(5)]
        return answer({"items": mine[begin : begin + 2], "total": len(mine)})

    outcome = shelf.visit(JsonApi(url=(f"{server.on('/api', reply)}?offset=0",)))
    assert reasons(outcome) == ["unproven"]
    assert "their order changes from page to page" in outcome.missing[0].detail


def test_pages_that_were_filtered_after_they_were_cut_lose_nothing(server: ScriptedServer, shelf: Shelf) -> None:
    """A short page in the middle is no end where more was announced."""

    def reply(asked: Asked) -> Reply:
        begin = 2 * int(asked.query["page"]) - 2
        return answer({"items": [one for one in records(6)[begin : begin + 2] if one["id"] != "o3"], "total": 5})

    whole(shelf.visit(JsonApi(url=(f"{server.on('/api', reply)}?page=1",))), 3)


@pytest.mark.parametrize(
    ("body", "reason", "words"),
    [
        (b"<!doctype html><html><title>Collection</title></html>", "wall", "look for the institution's API"),
        (b"<?xml version='1.0'?><records/>", "wall", "format=json"),
        (b"callback({})", "not_json", "is no JSON"),
        (b'{"items": [{"id": 1}], "to', "not_json", "is no JSON"),
        (b'{"error": {"code": 400, "message": "unknown parameter"}}', "refused", "unknown parameter"),
        (b'{"items": [], "errors": ["no such index"]}', "refused", "no such index"),
        (b'{"items": [], "total": 0}', "nothing", "lists no record"),
        (b"{}", "nothing", "lists no record"),
        (b'"come back later"', "no_records", "neither an object nor a list"),
        (b"null", "no_records", "neither an object nor a list"),
        (b"[" * 200_000, "not_json", "is no JSON"),
    ],
)
def test_what_is_no_page_says_what_it_is(
    server: ScriptedServer, shelf: Shelf, body: bytes, reason: str, words: str
) -> None:
    outcome = shelf.visit(JsonApi(url=(server.on("/api", Reply(body)),)))
    assert reasons(outcome) == [reason]
    assert words in outcome.missing[0].detail
    assert not outcome.evidence.complete


def test_a_later_page_without_the_list_is_no_end(server: ScriptedServer, shelf: Shelf) -> None:
    server.on("/api?page=2", answer({"message": "busy"}))
    server.on("/api", answer({"items": records(2), "next": "/api?page=2"}))
    outcome = shelf.visit(JsonApi(url=(f"{server.url}/api",)))
    assert reasons(outcome) == ["refused"]
    assert "busy" in outcome.missing[0].detail
    server.on("/api?page=2", answer({"name": "x"}))
    outcome = shelf.visit(JsonApi(url=(f"{server.url}/api",)))
    assert reasons(outcome) == ["no_records"]


def test_records_that_no_json_reader_takes_do_not_stop_the_list(server: ScriptedServer, shelf: Shelf) -> None:
    """NaN, and 5,000 digits: the reader rejects the record or keeps the number, and the list goes on."""
    server.on("/api?page=2", Reply(b'{"items": [{"id": ' + b"9" * 5000 + b'}], "total": 3}'))
    server.on("/api", Reply(b'{"items": [{"id": NaN}, {"id": "b\xff"}], "next": "?page=2", "total": 3}'))
    whole(shelf.visit(JsonApi(url=(f"{server.url}/api",))), 2)


@pytest.mark.parametrize("status", [429, 503])
def test_a_busy_server_is_left_alone_and_the_list_goes_on_later(
    server: ScriptedServer, shelf: Shelf, tmp_path: Path, status: int
) -> None:
    """By a Link header, whose shelved page says nothing of the next: only that one page is asked for again."""
    raw = RawShelf(open_shelf(str(tmp_path / "home"), tmp_path / "local").at("x/raw"))
    source = JsonApi(url=(f"{server.url}/api",))
    served = omeka(server)

    def visit() -> None:
        shelve_visit(source, shelf.web, raw, base=tmp_path, request="r", now=shelf.web.now)

    server.on("/api", served)
    server.on("/api?page=3", Reply(b"", status, {"Retry-After": "9999"}))
    with pytest.raises(ServerBusy):
        visit()
    del server.asked[:]
    server.on("/api?page=3", served)
    visit()
    latest = raw.latest()
    assert latest is not None
    assert (latest.complete, latest.proof) == (True, "last page leads no further; 5 records (Link header, 3 pages)")
    assert server.paths().count("/api?page=3") == 1
    assert len(server.asked) <= 3


# --- keys and other hosts ---


def test_a_key_goes_into_a_header_and_to_no_other_host(server: ScriptedServer, shelf: Shelf, tmp_path: Path) -> None:
    with scripted_server() as other:
        other.on("/api", answer({"items": records(4)[2:], "total": 4}))
        server.on("/api", answer({"items": records(2), "total": 4, "next": f"{other.url}/api?page=2"}))
        secrets = {"MUSEUM_KEY": "S3CRET-KEY"}
        with Web(
            contact="a@example.org", rewrite={}, allow_private=True, locks=tmp_path / "l", secrets=secrets, sleep=print
        ) as web:
            source = JsonApi.model_validate({"url": f"{server.url}/api", "headers": {"X-Api-Key": "env:MUSEUM_KEY"}})
            shelf.web = web.visiting(source.begins_at, headers=source.secret_headers)
            outcome = shelf.visit(source)
        whole(outcome)
        assert [one.headers.get("X-Api-Key") for one in server.asked] == ["S3CRET-KEY"]
        assert [one.headers.get("X-Api-Key") for one in other.asked] == [None]


def test_a_key_that_a_server_puts_into_its_links_is_followed_and_not_kept(server: ScriptedServer, shelf: Shelf) -> None:
    server.on("/api", harvard(server))
    outcome = shelf.visit(JsonApi(url=(f"{server.url}/api?size=2",)))
    whole(outcome)
    assert outcome.objects[1].url.endswith("apikey=***&page=2")
    assert "apikey=S3CRET&page=2" in server.paths()[1]


def test_json_is_asked_for(server: ScriptedServer, shelf: Shelf) -> None:
    """Of a server that shows people a page, and programs JSON, at one address."""

    def reply(asked: Asked) -> Reply:
        return answer(records(3)) if "application/json" in asked.headers["Accept"] else Reply(b"<html></html>")

    whole(shelf.visit(JsonApi(url=(server.on("/api", reply),))), 1)


# --- parts ---


@pytest.mark.parametrize(
    ("header", "address"),
    [
        ('<https://a.org/?page=2>; rel="next"', "https://a.org/?page=2"),
        ("</x>; rel=prev, </y>; rel=next", "/y"),
        ('</x>; title="a, <b>; rel=next"; rel="last"', ""),
        ('</x>; rel="prev next"', "/x"),
        ("</x>;REL=Next", "/x"),
        ("</a,b>; rel=next", "/a,b"),
        ("", ""),
        ("nonsense; rel=next", ""),
    ],
)
def test_link_headers(header: str, address: str) -> None:
    assert next_of(header) == address


@pytest.mark.parametrize(
    ("url", "name", "value", "made"),
    [
        ("https://a.org/x", "page", "2", "https://a.org/x?page=2"),
        ("https://a.org/x?page=1&q=a+b%2Cc", "page", "2", "https://a.org/x?page=2&q=a+b%2Cc"),
        ("https://a.org/x?q=*&cursor=*", "cursor", "a/b=+", "https://a.org/x?q=*&cursor=a%2Fb%3D%2B"),
        ("https://a.org/x?$skip=0", "$skip", "2", "https://a.org/x?$skip=2"),
        ("https://a.org/x?page=1&page=1", "page", "2", "https://a.org/x?page=2"),
    ],
)
def test_all_else_of_an_address_stays_as_it_is_written(url: str, name: str, value: str, made: str) -> None:
    assert with_parameter(url, name, value) == made
