"""A large file whose night was cut off: the next one goes on with it, and nothing is left over once it is whole."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.harvest.protocols.files import Files
from biglam_pipeline.harvest.shelving import Visited, shelve_visit
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.web import Limits, Web
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer

WHOLE = os.urandom(16) * 62_500
ETAG = {"ETag": '"1"'}


def rest(asked: Asked) -> Reply:
    begin = int(asked.headers.get("Range", "bytes=0-")[6:-1])
    if not begin:
        return Reply(WHOLE, headers=ETAG)
    return Reply(WHOLE[begin:], 206, {"Content-Range": f"bytes {begin}-{len(WHOLE) - 1}/{len(WHOLE)}", **ETAG})


@pytest.fixture
def raw(tmp_path: Path) -> RawShelf:
    return RawShelf(open_shelf(str(tmp_path / "home"), tmp_path / "state").at("one/raw"))


MakeNight = Callable[..., Callable[[], Visited]]


@pytest.fixture
def make_night(tmp_path: Path, server: ScriptedServer, raw: RawShelf) -> MakeNight:
    return lambda *names: partial(_night, Files(url=tuple(f"{server.url}/{name}" for name in names)), tmp_path, raw)


@pytest.fixture
def night(make_night: MakeNight) -> Callable[[], Visited]:
    return make_night("a.bin", "b.csv")


def _night(harvester: Files, tmp_path: Path, raw: RawShelf) -> Visited:
    limits = Limits(mark_bytes=100_000, kept_bytes=1000)
    raw.shelf.tidy()  # as every run does
    with Web(
        contact="k@a.org",
        rewrite={},
        allow_private=True,
        locks=tmp_path / "locks",
        limits=limits,
        sleep=lambda _: None,
    ) as web:
        return shelve_visit(
            harvester,
            web.visiting(harvester.begins_at),
            raw,
            base=tmp_path,
            request="asked",
            now=lambda: datetime(2026, 11, 22, tzinfo=UTC),
        )


def test_f23_a_night_that_was_cut_off_is_gone_on_with(
    night: Callable[[], Visited], server: ScriptedServer, raw: RawShelf
) -> None:
    server.on("/a.bin", Reply(WHOLE, headers=ETAG, cut=450_000), Reply(silent=True))
    server.on("/b.csv", Reply(b"x"))
    with pytest.raises(ServerBusy):
        night()
    assert raw.shelf.under_way.is_dir()
    server.on("/a.bin", rest)
    server.asked.clear()
    harvest = night().harvest
    assert (harvest.complete, raw.contents(raw.objects(1).values())["a.bin"]) == (True, WHOLE)
    assert [asked.headers.get("Range") for asked in server.asked] == ["bytes=450000-", None]
    assert not raw.shelf.under_way.exists()


def test_a_file_that_never_comes_whole_leaves_a_harvest_that_is_not_and_its_bytes_wait(
    night: Callable[[], Visited], server: ScriptedServer, raw: RawShelf
) -> None:
    """A night that is closed without it, and the next that has it."""
    server.on("/a.bin", Reply(WHOLE, headers={**ETAG, "Repr-Digest": "sha-256=:AAAA:"}, cut=450_000))
    server.on("/b.csv", Reply(b"x"))
    harvest = night().harvest
    assert (harvest.complete, [miss["reason"] for miss in harvest.missing]) == (False, ["truncated"])
    server.on("/a.bin", rest)
    server.asked.clear()
    assert night().harvest.complete
    assert server.asked[0].headers["Range"] == "bytes=450000-"


def test_a_source_that_is_removed_leaves_nothing_of_its_files_under_way(
    night: Callable[[], Visited], server: ScriptedServer, raw: RawShelf
) -> None:
    server.on("/a.bin", Reply(WHOLE, headers=ETAG, cut=450_000), Reply(silent=True))
    with pytest.raises(ServerBusy):
        night()
    raw.shelf.clear()
    assert not raw.shelf.under_way.exists()


def test_what_was_said_of_a_file_holds_for_the_rest_of_it(
    night: Callable[[], Visited], server: ScriptedServer, raw: RawShelf
) -> None:
    """An answer to If-Range says neither name nor kind nor date again (RFC 9110, 15.3.7)."""
    said = {"Content-Disposition": "attachment; filename=d.csv", "Content-Type": "text/csv", "Last-Modified": "Monday"}
    server.on("/a.bin", Reply(b"x"))
    server.on("/b.csv", Reply(b"x"))

    def bare(asked: Asked) -> Reply:
        begin = int(asked.headers["Range"][6:-1])
        head = f'HTTP/1.1 206 P\r\nETag: "1"\r\nContent-Range: bytes {begin}-{len(WHOLE) - 1}/{len(WHOLE)}\r\n'
        return Reply(raw=f"{head}Content-Length: {len(WHOLE) - begin}\r\n\r\n".encode() + WHOLE[begin:])

    server.on("/a.bin", Reply(WHOLE, headers={**ETAG, **said}, cut=450_000), Reply(silent=True))
    with pytest.raises(ServerBusy):
        night()
    server.on("/a.bin", bare)
    assert night().harvest.complete
    held = raw.objects(1)["a.bin"]
    assert (held.media_type, held.last_modified, held.etag) == ("text/csv", "Monday", '"1"')


def lying(
    part: str, *, end: int | None = None, more: bytes = b"", etag: str = 'ETag: "1"\r\n'
) -> Callable[[Asked], Reply]:
    """A rest that is another one than it says, in chunks that end as they should."""

    def reply(asked: Asked) -> Reply:
        if "Range" not in asked.headers:
            return Reply(WHOLE, headers=ETAG)
        begin = int(asked.headers["Range"][6:-1])
        body = WHOLE[begin:end] + more
        head = f"HTTP/1.1 206 P\r\n{etag}Content-Range: bytes {begin}-{len(WHOLE) - 1}/{part}\r\n"
        head += f"Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n{len(body):x}\r\n"
        return Reply(raw=head.encode() + body + b"\r\n0\r\n\r\n")

    return reply


@pytest.mark.parametrize(
    "script",
    [
        lying("*", end=-1000),
        lying(str(len(WHOLE)), end=-1000),
        lying(str(len(WHOLE)), more=b"x" * 500),
        lying(str(len(WHOLE)), end=500_000, more=b"N" * 500_000, etag=""),
    ],
    ids=["short", "short of its total", "long", "of a file that nobody named"],
)
def test_f25_a_rest_that_is_not_what_it_says_is_no_rest(
    script: Callable[[Asked], Reply], night: Callable[[], Visited], server: ScriptedServer, raw: RawShelf
) -> None:
    """By its length, or without the ETag that each 206 has to have; then the whole is asked for."""
    server.on("/a.bin", Reply(WHOLE, headers=ETAG, cut=450_000), Reply(silent=True))
    server.on("/b.csv", Reply(b"x"))
    with pytest.raises(ServerBusy):
        night()
    server.on("/a.bin", script)
    assert night().harvest.complete
    assert raw.contents(raw.objects(1).values())["a.bin"] == WHOLE


@pytest.mark.parametrize(
    "away",
    [
        Reply(status=404),
        Reply(b"<!DOCTYPE html><title>Are you a robot?</title>", headers={"Content-Type": "text/html"}),
        Reply(b"<!DOCTYPE html><title>Down</title>", 400),
    ],
)
def test_f23_a_night_without_it_costs_nothing_of_what_came(
    away: Reply, make_night: MakeNight, server: ScriptedServer, raw: RawShelf
) -> None:
    """Half of it came, then one night had a wall or nothing in its place: the third goes on where the first ended."""
    night = make_night("a.tif", "b.csv")
    server.on("/a.tif", Reply(WHOLE, headers=ETAG, cut=450_000), Reply(silent=True))
    server.on("/b.csv", Reply(b"x"))
    with pytest.raises(ServerBusy):
        night()
    server.on("/a.tif", away)
    for _ in range(2):
        assert not night().harvest.complete
    server.on("/a.tif", rest)
    server.asked.clear()
    harvest = night().harvest
    assert (harvest.complete, raw.contents(raw.objects(harvest.number).values())["a.tif"]) == (True, WHOLE)
    assert server.asked[0].headers["Range"] == "bytes=450000-"
    assert not raw.shelf.under_way.exists()
