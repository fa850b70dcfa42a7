"""Interfaces that answer anything: each value of a good answer is something else once, and no visit falls over it."""

import itertools
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from biglam_pipeline.harvest.listing import FromListing
from biglam_pipeline.harvest.protocols.doi import Doi
from biglam_pipeline.harvest.protocols.internet_archive import InternetArchive
from biglam_pipeline.harvest.protocols.object_store import ObjectStore
from biglam_pipeline.harvest.protocols.wikimedia import Wikimedia
from biglam_pipeline_tests.harvest.protocols import archive_org, buckets, commons, records
from biglam_pipeline_tests.harvest.protocols.archive_org import Archive
from biglam_pipeline_tests.harvest.protocols.buckets import Gcs
from biglam_pipeline_tests.harvest.protocols.commons import Commons
from biglam_pipeline_tests.harvest.protocols.conftest import MakeShelf
from biglam_pipeline_tests.harvest.protocols.records import Dataverse, Figshare, Zenodo
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer

JUNK = (None, "", "\u2028\x00..", [], [None], {"a": {}}, -1, 2**70, "9" * 5000)


def zenodo(server: ScriptedServer) -> FromListing:
    Zenodo(server).publish(1, 2, {"a.csv": b"1", "b.csv": b"2"})
    return Doi(url=("zenodo:2",))


def figshare(server: ScriptedServer) -> FromListing:
    article = Figshare(server, 3)
    article.publish([article.file(1, "a.csv", b"1")], folder_structure={"1": "x"}, is_embargoed=False)
    return Doi(url=("figshare:3.v1",))


def dataverse(server: ScriptedServer) -> FromListing:
    dataset, table = Dataverse(server), {"originalFileFormat": "text/csv", "embargo": {"dateAvailable": "2020-01-01"}}
    dataset.publish("1.0", [dataset.file(7, "a.tab", b"1", "x", dataFile=table)])
    return Doi(url=("dataverse:data.example.org/doi:10.5072/FK2/ABC?version=1.0",))


def internet_archive(server: ScriptedServer) -> FromListing:
    archive = Archive(server)
    archive.collection("cards")
    archive.item("drawer", {"a.txt": b"1"}, within="cards")
    return InternetArchive(url=("ia:cards",))


def google(server: ScriptedServer) -> FromListing:
    bucket = Gcs(server, page_size=2)
    for name in ("a.txt", "b.txt", "c.txt", "d.txt"):
        bucket.put(name, b"1")
    return ObjectStore(url=("gs://prints/",))


def wikimedia(server: ScriptedServer) -> FromListing:
    made = Commons(server)
    made.file(10, "A.png", b"1")
    made.category("Prints", "A.png")
    return Wikimedia(url=("wikimedia:Category:Prints",))


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Where the values of an answer are, the answer itself first."""
    yield path
    inside = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, value in inside:
        yield from places(value, (*path, name))


def replaced(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    if not path:
        return value
    copy = dict(data) if isinstance(data, dict) else list(data)
    copy[path[0]] = replaced(data[path[0]], path[1:], value)
    return copy


OFFERED = [zenodo, figshare, dataverse, internet_archive, google, wikimedia]


@pytest.mark.representative(len(OFFERED), rest="soak")
@pytest.mark.parametrize(("every", "offered"), [(every, offered) for every in (3, 1) for offered in OFFERED])
def test_no_value_of_an_answer_ends_a_visit(
    offered: Callable[[ScriptedServer], FromListing], every: int, server: ScriptedServer, shelf_of: MakeShelf
) -> None:
    """Whole, or with the reason: what is missing has a key that can be shown, and words."""
    source = offered(server)
    hosts = records.rewrite(server) | archive_org.rewrite(server) | buckets.rewrite(server) | commons.rewrite(server)
    shelf = shelf_of(hosts)
    answers: list[bytes] = []
    server.spoil = lambda reply: answers.append(reply.body) or reply  # type: ignore[func-returns-value]
    assert shelf.visit(source).evidence.complete
    good = [json.loads(body) for body in answers if body.startswith((b"{", b"["))]
    tried = 0
    for number, data in enumerate(good):
        for path, junk in itertools.islice(itertools.product(places(data), JUNK), 0, None, every):
            asked = -1

            def spoil(reply: Reply, number: int = number, path: tuple[Any, ...] = path, junk: Any = junk) -> Reply:
                nonlocal asked
                if not reply.body.startswith((b"{", b"[")):
                    return reply
                asked += 1
                if asked != number:
                    return reply
                spoilt = replaced(json.loads(reply.body), path, junk)
                return Reply(json.dumps(spoilt).encode(), reply.status, reply.headers)

            server.spoil = spoil
            outcome = shelf.visit(source)
            assert outcome.evidence.complete != bool(outcome.missing)
            assert all(one.detail and one.key.isprintable() for one in outcome.missing)
            tried += 1
    assert tried > 200 // every
