"""A large file in parts: what an earlier run brought is gone on with, where it is sure to be of the same file."""

import contextlib
import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

import pytest

from biglam_pipeline.errors import ObjectFailed, ServerBusy
from biglam_pipeline.web import Answer, Limits
from biglam_pipeline_tests.servers.web import Asked, Reply, Script, ScriptedServer
from biglam_pipeline_tests.web.conftest import NOW, MakeWeb

WHOLE = os.urandom(16) * 62_500
SIZE = len(WHOLE)
TIGHT = Limits(mark_bytes=100_000, kept_bytes=1000, tries=1)
MADE = format_datetime(NOW - timedelta(days=9), usegmt=True)
"""A Last-Modified long before the Date."""


def of(whole: bytes = WHOLE, cut: int | None = None, **headers: str) -> Callable[[Asked], Reply]:
    """A server that knows Range and If-Range as RFC 9110 has them; cut: so much it sends before it breaks off."""
    validator = headers.get("ETag") or headers.get("Last-Modified") or ""

    def reply(asked: Asked) -> Reply:
        begin = int(asked.headers.get("Range", "bytes=0-")[6:-1])
        if not begin or asked.headers.get("If-Range", validator) != validator:
            return Reply(whole, headers=headers, cut=cut)
        part = {"Content-Range": f"bytes {begin}-{len(whole) - 1}/{len(whole)}", **headers}
        return Reply(whole[begin:], 206, part, cut=cut)

    return reply


BROKEN = (Reply(WHOLE, headers={"ETag": '"1"'}, cut=450_000), Reply(silent=True))
"""Breaks off, and does not answer any more."""


def ranges(server: ScriptedServer) -> list[tuple[str | None, str | None]]:
    return [(asked.headers.get("Range"), asked.headers.get("If-Range")) for asked in server.asked]


@pytest.fixture
def get(server: ScriptedServer, make_web: MakeWeb, tmp_path: Path) -> Callable[..., Answer]:
    """Each call is a run of its own."""

    def ask(*script: Script, limits: Limits = TIGHT) -> Answer:
        url = server.on("/a.zip", *script) if script else f"{server.url}/a.zip"
        return make_web(limits=limits).get(url, into=tmp_path / "scratch", parts=tmp_path / "parts")

    return ask


Get = Callable[..., Answer]


def broken(get: Get, *script: Script) -> None:
    with pytest.raises((ObjectFailed, ServerBusy)):
        get(*script)


def is_whole(answer: Answer, whole: bytes = WHOLE) -> bool:
    assert answer.path is not None
    return (answer.sha256, answer.size, answer.status, answer.path.read_bytes()) == (
        sha256(whole).hexdigest(), len(whole), 200, whole
    )  # fmt: skip


@pytest.mark.parametrize(
    "headers",
    [{"ETag": '"1"'}, {"Last-Modified": MADE, "Accept-Ranges": "bytes"}, {"ETag": '"1"', "Last-Modified": MADE}],
)
def test_f23_the_next_run_asks_for_the_rest(headers: dict[str, str], server: ScriptedServer, get: Get) -> None:
    broken(get, Reply(WHOLE, headers=headers, cut=450_000), Reply(silent=True))
    server.asked.clear()
    assert is_whole(get(of(**headers)))
    assert ranges(server) == [("bytes=450000-", headers.get("ETag", MADE))]


@pytest.mark.parametrize(
    "headers",
    [
        {"ETag": 'W/"1"'},
        {"Last-Modified": MADE},
        {"Last-Modified": format_datetime(NOW + timedelta(days=900), usegmt=True), "Accept-Ranges": "bytes"},
        {"ETag": '"1"', "Accept-Ranges": "none"},
        {},
    ],
)
def test_f23_what_nothing_vouches_for_is_asked_for_whole(
    headers: dict[str, str], server: ScriptedServer, get: Get
) -> None:
    """RFC 9110, 13.1.5: a weak ETag, or a date of the second in which the file may have been written twice."""
    broken(get, Reply(WHOLE, headers=headers, cut=450_000))
    server.asked.clear()
    assert is_whole(get(of(**headers)))
    assert ranges(server) == [(None, None)]


def test_f25_a_file_that_is_another_by_now_is_started_over(server: ScriptedServer, get: Get) -> None:
    broken(get, *BROKEN)
    other = WHOLE[::-1]
    assert is_whole(get(of(other, ETag='"2"')), other)
    assert ranges(server)[-1][0] is not None
    assert len(server.asked) <= 3


def test_f25_a_server_that_sends_the_rest_of_another_file_is_not_believed(server: ScriptedServer, get: Get) -> None:
    """One that knows Range and not If-Range."""
    broken(get, *BROKEN)
    other = WHOLE[::-1]

    def careless(asked: Asked) -> Reply:
        said = {name: value for name, value in asked.headers.items() if name != "If-Range"}
        return of(other, ETag='"2"')(Asked("GET", asked.path, said))

    assert is_whole(get(careless, limits=Limits(mark_bytes=100_000, kept_bytes=1000, tries=3)), other)


def test_f26_a_server_that_ignores_range_is_started_over_and_nothing_is_appended(
    server: ScriptedServer, get: Get
) -> None:
    broken(get, *BROKEN)
    assert is_whole(get(Reply(WHOLE, headers={"ETag": '"1"'})))


@pytest.mark.parametrize(
    "content_range",
    [
        "bytes 0-999999/1000000",
        "bytes 300000-999999/1000000",
        "bytes {}-899999/1000000",
        "bytes {}-999999/2000000",
        "bytes {}-999999/*",
        "items {}-999999/1000000",
        "",
    ],
)
def test_f26_another_range_than_was_asked_for_is_not_taken(
    content_range: str, server: ScriptedServer, get: Get
) -> None:
    """`*` is a length that the server does not know; the file's was announced before."""
    broken(get, *BROKEN)

    def odd(asked: Asked) -> Reply:
        begin = int(asked.headers["Range"][6:-1])
        return Reply(WHOLE[begin:], 206, {"ETag": '"1"', "Content-Range": content_range.format(begin)})

    answer = get(odd, of(ETag='"1"'), limits=Limits(mark_bytes=100_000, kept_bytes=1000, tries=3))
    assert is_whole(answer)
    assert [one[0] is None for one in ranges(server)][-1] == ("*" not in content_range)


@pytest.mark.parametrize("status", [416, 412])
def test_f26_a_refused_range_is_started_over(status: int, server: ScriptedServer, get: Get) -> None:
    broken(get, *BROKEN)
    answer = get(Reply(status=status), of(ETag='"1"'), limits=Limits(mark_bytes=100_000, kept_bytes=1000, tries=3))
    assert is_whole(answer)
    assert ranges(server)[-1] == (None, None)


def test_f26_a_shorter_range_in_the_same_transfer_is_not_taken_for_the_end(
    server: ScriptedServer, make_web: MakeWeb
) -> None:
    def short(asked: Asked) -> Reply:
        begin = int(asked.headers["Range"][6:-1])
        return Reply(WHOLE[begin:900_000], 206, {"ETag": '"1"', "Content-Range": f"bytes {begin}-899999/{SIZE}"})

    url = server.on("/a.bin", Reply(WHOLE, headers={"ETag": '"1"'}, cut=300_000), short, of(ETag='"1"'))
    assert make_web().get(url).content == WHOLE


@pytest.mark.parametrize("spoil", ["shorter", "another", "note", "no note"])
def test_f32_what_is_not_what_was_noted_is_thrown_away(
    spoil: str, server: ScriptedServer, get: Get, tmp_path: Path
) -> None:
    """As after a power cut, or where somebody has tidied up."""
    broken(get, *BROKEN)
    note = next((tmp_path / "parts").glob("*.json"))
    body = note.with_suffix("")
    size = json.loads(note.read_bytes())["size"]
    assert 100_000 <= size <= body.stat().st_size
    with body.open("r+b") as stream:
        if spoil == "shorter":
            stream.truncate(size - 1)
        elif spoil == "another":
            stream.seek(50_000)
            stream.write(b"\0" * 5000)
    if spoil == "note":
        note.write_bytes(b"{")
    if spoil == "no note":
        note.unlink()
    server.asked.clear()
    assert is_whole(get(of(ETag='"1"')))
    assert ranges(server) == [(None, None)]


def test_a_small_file_leaves_nothing_behind(server: ScriptedServer, get: Get, tmp_path: Path) -> None:
    broken(get, Reply(b"x" * 99_999, headers={"ETag": '"1"'}, cut=50_000))
    assert not list(tmp_path.glob("parts/*"))


def test_f24_what_comes_compressed_is_not_gone_on_with(server: ScriptedServer, get: Get, tmp_path: Path) -> None:
    """Its parts would be of another compression."""
    broken(get, Reply(WHOLE, headers={"ETag": '"1"', "Content-Encoding": "gzip"}, cut=450_000))
    assert not list(tmp_path.glob("parts/*"))


KILLED = """
import sys
from pathlib import Path
from biglam_pipeline.web import Limits, Web
folder = Path(sys.argv[2])
limits = Limits(mark_bytes=100_000, kept_bytes=1000)
with Web(contact="k@a.org", rewrite={}, allow_private=True, locks=folder / "locks", limits=limits) as web:
    print(web.get(sys.argv[1], into=folder / "scratch", parts=folder / "parts").sha256, flush=True)
"""


@pytest.mark.slow  # `test_f32_what_is_not_what_was_noted_is_thrown_away` stays
def test_f32_a_killed_process_costs_no_more_than_the_last_mark(server: ScriptedServer, tmp_path: Path) -> None:
    """SIGKILL in the middle of the body, three times; each next process begins where the last mark is."""
    step = 250_000

    def slow(asked: Asked) -> Reply:
        reply = of(ETag='"1"')(asked)
        return reply if len(reply.body) <= step else replace(reply, cut=step, hold_seconds=30)

    url = server.on("/a.zip", slow)
    command = [sys.executable, "-c", KILLED, url, str(tmp_path)]
    killed, output = 0, ""
    while not output and killed < 20:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        begun = noted(tmp_path)
        deadline = time.monotonic() + 60
        while process.poll() is None and noted(tmp_path) <= begun + step // 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        if process.poll() is None and noted(tmp_path) > begun:
            process.send_signal(signal.SIGKILL)
            killed += 1
        output, _ = process.communicate(timeout=60)
    assert output.strip() == sha256(WHOLE).hexdigest()
    assert killed >= 3
    begins = [int((asked or "bytes=0-")[6:-1]) for asked, _ in ranges(server)]
    assert begins == sorted(set(begins))
    assert all(later - before > step // 2 for before, later in itertools.pairwise(begins))


def noted(folder: Path) -> int:
    """How much of the file is sure."""
    found = 0
    for note in folder.glob("parts/*.json"):
        with contextlib.suppress(OSError, ValueError):
            found = json.loads(note.read_bytes())["size"]
    return found
