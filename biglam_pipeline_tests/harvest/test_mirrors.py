"""Files that lie elsewhere too: tried in order where they cannot be had at their own address."""

import hashlib
from pathlib import Path

import pytest
from pydantic import ValidationError

from biglam_pipeline.errors import ServerBusy, SourceChanged
from biglam_pipeline.harvest.address import read_address
from biglam_pipeline.harvest.protocols.files import Files
from biglam_pipeline.web import Web
from biglam_pipeline_tests.harvest.conftest import Shelf
from biglam_pipeline_tests.harvest.protocols.test_files import validated
from biglam_pipeline_tests.servers.ports import free_port
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer, scripted_server


@pytest.fixture
def mirror() -> ScriptedServer:
    with scripted_server() as running:
        yield running  # type: ignore[misc]


def files(server: ScriptedServer, *mirrors: ScriptedServer, **keys: object) -> Files:
    places = {f"{server.url}/": [f"{one.url}/copy/" for one in mirrors]}
    return Files(url=(f"{server.url}/{{a,b}}.csv",), mirrors=places, **keys)


@pytest.mark.parametrize("reply", [Reply(status=404), Reply(status=502), Reply(b"x" * 9, cut=3), Reply(b"<html>")])
def test_what_cannot_be_had_is_had_from_a_mirror(
    reply: Reply, server: ScriptedServer, mirror: ScriptedServer, shelf: Shelf
) -> None:
    server.on("/a.csv", reply)
    server.on("/b.csv", Reply(b"own"))
    mirror.on("/copy/a.csv", Reply(b"a"))
    mirror.on("/copy/b.csv", Reply(b"b"))
    outcome = shelf.visit(files(server, mirror))
    assert outcome.evidence.complete
    (one, _) = outcome.objects
    assert (one.key, one.content, one.url) == ("a.csv", b"a", f"{server.url}/a.csv")
    assert one.final_url == f"{mirror.url}/copy/a.csv"
    assert mirror.paths()[0] == "/copy/a.csv"


def test_a_host_that_is_gone_is_asked_once_and_the_order_holds(
    mirror: ScriptedServer, server: ScriptedServer, shelf: Shelf
) -> None:
    """Two files: the second is not asked for at a host that did not answer."""
    for name in "ab":
        server.on(f"/copy/{name}.csv", Reply(name.encode()))
    dead = f"http://127.0.0.1:{free_port()}"
    harvester = Files(
        url=(f"{dead}/{{a,b}}.csv",), mirrors={dead: [f"{mirror.url}/none", f"{server.url}/copy"]}
    )  # fmt: skip
    outcome = shelf.visit(harvester)
    assert [one.content for one in outcome.objects] == [b"a", b"b"]
    assert mirror.paths() == ["/none/a.csv", "/none/b.csv"]
    gone = Files(url=("http://nowhere.invalid/a.csv",), mirrors={"http://nowhere.invalid": f"{server.url}/copy"})
    assert [one.content for one in shelf.visit(gone).objects] == [b"a"]


def test_where_no_mirror_has_it_either_the_own_server_is_believed(
    server: ScriptedServer, mirror: ScriptedServer, shelf: Shelf
) -> None:
    server.on("/b.csv", Reply(b"b"))
    outcome = shelf.visit(files(server, mirror))
    ((reason, detail),) = [(one.reason, one.detail) for one in outcome.missing]
    assert (reason, f"nor had {mirror.url}/copy/a.csv it" in detail) == ("not_found", True)
    server.on("/a.csv", Reply(status=500))
    with pytest.raises(ServerBusy, match=f"{server.port}/a.csv"):
        shelf.visit(files(server, mirror))


def test_f05_a_refusal_is_a_word_and_no_outage(server: ScriptedServer, mirror: ScriptedServer, shelf: Shelf) -> None:
    server.on("/a.csv", Reply(status=403))
    mirror.on("/copy/a.csv", Reply(b"a"))
    with pytest.raises(SourceChanged, match="refused with HTTP 403"):
        shelf.visit(files(server, mirror))
    assert mirror.asked == []


def test_validators_go_back_to_the_server_that_gave_them(
    server: ScriptedServer, mirror: ScriptedServer, shelf: Shelf
) -> None:
    """The same words of two servers may mean two states; a mirror that stays costs no bytes either."""
    for name in "ab":
        server.on(f"/{name}.csv", Reply(status=404))
        mirror.on(f"/copy/{name}.csv", validated(b"mirrored"))  # type: ignore[arg-type]
    harvester = files(server, mirror)
    shelf.visit(harvester)
    assert shelf.visit(harvester).kept == ["a.csv", "b.csv"]
    assert [asked.headers.get("If-None-Match") for asked in mirror.asked] == [None, None, '"1"', '"1"']
    assert shelf.visit(harvester).kept == ["a.csv", "b.csv"]
    server.on("/a.csv", validated(b"own"))  # type: ignore[arg-type]
    outcome = shelf.visit(harvester)
    assert [one.content for one in outcome.objects] == [b"own"]
    assert all("If-None-Match" not in asked.headers for asked in server.asked)
    server.on("/a.csv", Reply(status=404))
    shelf.visit(harvester)
    assert mirror.asked[-2].headers.get("If-None-Match") is None


def test_a_mirror_that_lags_behind_undoes_no_correction(
    server: ScriptedServer, mirror: ScriptedServer, shelf: Shelf
) -> None:
    def dated(body: bytes, day: int) -> Reply:
        return Reply(body, headers={"Last-Modified": f"Sat, {day:02} Nov 2025 10:00:00 GMT"})

    server.on("/b.csv", Reply(b"b"))
    server.on("/a.csv", dated(b"corrected", 8))
    shelf.visit(files(server, mirror))
    server.on("/a.csv", Reply(status=404))
    mirror.on("/copy/a.csv", dated(b"before that", 1))
    outcome = shelf.visit(files(server, mirror))
    assert (outcome.objects, [one.reason for one in outcome.missing]) == ([], ["not_found"])
    server.on("/a.csv", dated(b"corrected", 8))
    shelf.visit(files(server, mirror))
    server.on("/a.csv", Reply(status=404))
    mirror.on("/copy/a.csv", dated(b"newer", 15))
    assert [one.content for one in shelf.visit(files(server, mirror)).objects] == [b"newer"]


def test_h33_a_mirror_is_sent_no_key(
    server: ScriptedServer, mirror: ScriptedServer, shelf: Shelf, tmp_path: Path
) -> None:
    with Web(
        contact="k@a.org", rewrite={}, allow_private=True, locks=tmp_path / "locks", secrets={"KEY": "s3cret"}
    ) as web:
        shelf.web = web
        server.on("/a.csv", Reply(status=404))
        server.on("/b.csv", Reply(b"b"))
        mirror.on("/copy/a.csv", Reply(b"a"))
        shelf.visit(files(server, mirror, headers={"X-Key": "env:KEY"}))
    assert {asked.headers.get("X-Key") for asked in server.asked} == {"s3cret"}
    assert [asked.headers.get("X-Key") for asked in mirror.asked] == [None]


def test_a_list_and_what_it_names_come_from_a_mirror_under_their_own_addresses(
    server: ScriptedServer, mirror: ScriptedServer, shelf: Shelf
) -> None:
    digest = hashlib.sha256(b"a").hexdigest()
    mirror.on("/copy/sums.txt", Reply(f"{digest}  a.csv\n".encode()))
    mirror.on("/copy/a.csv", Reply(b"another"))
    harvester = Files(url=(f"{server.url}/sums.txt#*",), mirrors={server.url: f"{mirror.url}/copy"})
    assert [one.reason for one in shelf.visit(harvester).missing] == ["not_found"]
    server.on("/a.csv", Reply(b"wrong"))
    assert [one.reason for one in shelf.visit(harvester).missing] == ["checksum"]
    mirror.on("/copy/a.csv", Reply(b"a"))
    (one,) = shelf.visit(harvester).objects
    assert (one.key, one.url, one.content) == ("a.csv", f"{server.url}/a.csv", b"a")


def test_mirrors_change_no_digest_and_no_manner() -> None:
    bare = Files(url="https://a.org/x.csv")
    with_mirror = Files(url="https://a.org/x.csv", mirrors={"https://a.org/": "https://b.org/"})
    assert bare.manner == with_mirror.manner
    assert with_mirror.hosts == ("a.org", "b.org")
    assert with_mirror.elsewhere("https://a.org/x.csv") == ("https://b.org/x.csv",)
    assert with_mirror.elsewhere("https://a.organ/x.csv") == ()


@pytest.mark.parametrize(
    ("mirrors", "words"),
    [
        ("https://b.org/x.csv", r"write \{https://a.org/: https://b.org/\}"),
        (["https://b.org/"], r"write \{https://a.org/: https://b.org/\}"),
        ({"https://c.org/": "https://b.org/"}, "no address of the entry begins so"),
        ({"https://a.org/": []}, "names no other place"),
        ({"https://a.org/": "b.org"}, "is not a web address"),
        ({"https://a.org/": "https://b.org/?token=abcd"}, "a secret in an address"),
        ({"https://a.org/": "https://b.org/{1..3}/"}, "is only how addresses begin"),
    ],
)
def test_mirrors_that_are_refused(mirrors: object, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        Files(**read_address({"url": "https://a.org/x.csv", "mirrors": mirrors}))
