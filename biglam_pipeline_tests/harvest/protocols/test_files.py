"""Files at web addresses as a source."""

import gzip
import io
import zipfile
from pathlib import Path

import pytest

from biglam_pipeline.errors import ServerBusy, SourceChanged
from biglam_pipeline.harvest.protocols.files import Files
from biglam_pipeline_tests.contracts.offers import Offer
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer, scripted_server


def a_zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("0002647/1824/0107/a.xml", "<alto/>" * 100)
    return buffer.getvalue()


def validated(body: bytes) -> "object":
    def reply(asked: Asked) -> Reply:
        if asked.headers.get("If-None-Match") == '"1"':
            return Reply(status=304)
        return Reply(body, headers={"ETag": '"1"'})

    return reply


def offer(server: ScriptedServer, folder: Path) -> Offer:
    objects = {f"data/{name}.csv": f"x,y\n{name},1\n".encode() for name in "abc"}

    def find(key: str) -> None:
        server.on(f"/{key}", validated(objects[key]))  # type: ignore[arg-type]

    for key in objects:
        find(key)

    def lose(key: str) -> None:
        server.on(f"/{key}", Reply(status=404))

    return Offer({"url": [f"{server.url}/data/{{a,b,c}}.csv"]}, objects, lose, find)


def test_each_file_costs_one_request_a_night(server: ScriptedServer, shelf: Shelf) -> None:
    urls = [server.on(f"/data/{name}.csv", validated(b"x,y\n")) for name in ("a", "b")]  # type: ignore[arg-type]
    outcome = shelf.visit(Files(url=tuple(urls)))
    assert [(one.key, one.content) for one in outcome.objects] == [("data/a.csv", b"x,y\n"), ("data/b.csv", b"x,y\n")]
    assert outcome.evidence.complete
    assert outcome.evidence.proof == "2 files asked for, 2 came whole, 0 unchanged, 0 missing"
    outcome = shelf.visit(Files(url=tuple(urls)))
    assert (outcome.objects, outcome.kept) == ([], ["data/a.csv", "data/b.csv"])
    assert outcome.evidence.complete
    assert len(server.asked) == 4


def test_a_server_without_validators_costs_the_bytes_but_nothing_is_shelved(
    server: ScriptedServer, shelf: Shelf
) -> None:
    harvester = Files(url=(server.on("/a.csv", Reply(b"x,y\n")),))
    shelf.visit(harvester)
    assert shelf.visit(harvester).kept == ["a.csv"]


def test_a_changed_file_comes_again(server: ScriptedServer, shelf: Shelf) -> None:
    harvester = Files(url=(server.on("/a.csv", Reply(b"1"), Reply(b"2")),))
    shelf.visit(harvester)
    assert [one.content for one in shelf.visit(harvester).objects] == [b"2"]


def test_one_failure_leaves_the_rest_and_the_proof_says_so(server: ScriptedServer, shelf: Shelf) -> None:
    server.on("/a.csv", Reply(b"1"))
    server.on("/b.csv", Reply(status=404))
    server.on("/c.csv", Reply(b"<html>wall"))
    server.on("/d.csv", Reply(b"4"))
    outcome = shelf.visit(Files(url=(f"{server.url}/{{a,b,c,d}}.csv",)))
    assert [one.key for one in outcome.objects] == ["a.csv", "d.csv"]
    assert [(one.key, one.reason) for one in outcome.missing] == [("b.csv", "not_found"), ("c.csv", "wall")]
    assert not outcome.evidence.complete


def test_an_archive_is_surveyed_before_it_counts(server: ScriptedServer, shelf: Shelf) -> None:
    whole = a_zip()
    broken = bytearray(whole)
    broken[60] ^= 0xFF
    server.on("/whole.zip", Reply(whole))
    server.on("/cut.zip", Reply(whole[:200]))
    server.on("/damaged.zip", Reply(bytes(broken)))
    server.on("/marc.utf8.gz", Reply(gzip.compress(b"00714cam")))
    outcome = shelf.visit(Files(url=(f"{server.url}/{{whole,cut,damaged}}.zip", f"{server.url}/marc.utf8.gz")))
    assert [(one.key, one.archive, one.content) for one in outcome.objects] == [
        ("whole.zip", True, None),
        ("damaged.zip", True, None),
        ("marc.utf8.gz", True, None),
    ]
    surveys = [one.survey for one in outcome.objects if one.survey]
    assert [[one.name for one in survey.members] for survey in surveys] == [
        ["0002647/1824/0107/a.xml"],
        [],
        ["marc.utf8"],
    ]
    assert [one.reason for survey in surveys for one in survey.left_out] == ["damaged"]
    assert all(one.path is not None and one.path.parent == shelf.scratch for one in outcome.objects)
    assert [(one.key, one.reason) for one in outcome.missing] == [("cut.zip", "truncated")]


def test_large_answers_go_through_scratch_space(server: ScriptedServer, shelf: Shelf) -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("scan.tif", bytes(range(256)) * 130_000)
    server.on("/scans.zip", Reply(buffer.getvalue()))
    server.on("/table.csv", Reply(b"a,b\n" * 9_000_000))
    harvester = Files(url=(f"{server.url}/scans.zip", f"{server.url}/table.csv"))
    outcome = shelf.visit(harvester)
    assert [(one.archive, one.content is None, one.path is not None) for one in outcome.objects] == [
        (True, True, True),
        (False, True, True),
    ]
    assert shelf.visit(harvester).kept == ["scans.zip", "table.csv"]
    server.on("/scans.zip", Reply(buffer.getvalue()[:33_000_000]))
    assert [one.reason for one in shelf.visit(harvester).missing] == ["truncated"]


def test_keys_do_not_know_the_host_unless_they_must(server: ScriptedServer, shelf: Shelf) -> None:
    with scripted_server() as other:
        urls = (
            server.on("/a/x.csv", Reply(b"1")),
            other.on("/a/x.csv", Reply(b"2")),
            server.on("/y.csv", Reply(b"3")),
            server.on("/get?id=1", Reply(b"4")),
            server.on("/get?id=2", Reply(b"5")),
        )
        outcome = shelf.visit(Files(url=urls))
        here, there = f"127.0.0.1:{server.port}", f"127.0.0.1:{other.port}"
        assert [one.key for one in outcome.objects] == [
            f"{here}/a/x.csv",
            f"{there}/a/x.csv",
            "y.csv",
            f"{here}/get?id=1",
            f"{here}/get?id=2",
        ]


def test_f32_what_is_shelved_is_not_asked_again(server: ScriptedServer, shelf: Shelf) -> None:
    urls = tuple(server.on(f"/{name}.csv", Reply(name.encode())) for name in "abc")
    first = shelf.visit(Files(url=urls))
    shelf.held.clear()
    outcome = shelf.resume(Files(url=urls), tuple(first.objects[:2]))
    assert [one.key for one in outcome.objects] == ["c.csv"]
    assert outcome.evidence.complete
    assert server.paths() == ["/a.csv", "/b.csv", "/c.csv", "/c.csv"]


def test_a_moved_address_is_asked_without_the_old_validators(server: ScriptedServer, shelf: Shelf) -> None:
    shelf.visit(Files(url=(server.on("/a.csv", validated(b"1")),)))  # type: ignore[arg-type]
    with scripted_server() as other:
        outcome = shelf.visit(Files(url=(other.on("/a.csv", validated(b"2")),)))  # type: ignore[arg-type]
        assert [one.content for one in outcome.objects] == [b"2"]


def test_f05_a_refusal_ends_the_visit(server: ScriptedServer, shelf: Shelf) -> None:
    urls = (server.on("/a.csv", Reply(status=403)), server.on("/b.csv", Reply(b"1")))
    with pytest.raises(SourceChanged):
        shelf.visit(Files(url=urls))
    assert server.paths() == ["/a.csv"]


def test_f30_an_outage_ends_the_visit_for_later(server: ScriptedServer, shelf: Shelf) -> None:
    with pytest.raises(ServerBusy):
        shelf.visit(Files(url=(server.on("/a.csv", Reply(status=502)),)))
