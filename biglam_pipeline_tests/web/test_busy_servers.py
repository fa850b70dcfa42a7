"""Servers that are busy, broken or gone."""

import gzip
import shutil
from collections.abc import Callable
from datetime import timedelta
from email.utils import format_datetime
from hashlib import sha256
from pathlib import Path

import pytest

from biglam_pipeline.errors import Exit, NoRoom, ObjectFailed, ServerBusy, SourceChanged
from biglam_pipeline.web import Limits, Web
from biglam_pipeline_tests.servers.ports import free_port
from biglam_pipeline_tests.servers.web import Asked, Reply, ScriptedServer
from biglam_pipeline_tests.web.conftest import HTML, NOW, XML, Clock, MakeWeb


@pytest.mark.parametrize("status", [429, 503])
def test_f01_retry_after_seconds_is_waited_out(status: int, server: ScriptedServer, web: Web, clock: Clock) -> None:
    url = server.on("/a", Reply(status=status, headers={"Retry-After": "20"}), Reply(b"x"))
    assert web.get(url).content == b"x"
    assert clock.slept == [20]


def test_f02_retry_after_as_a_date_is_waited_out(server: ScriptedServer, web: Web, clock: Clock) -> None:
    when = format_datetime(NOW + timedelta(seconds=30), usegmt=True)
    url = server.on("/a", Reply(status=503, headers={"Retry-After": when}), Reply(b"x"))
    assert web.get(url).content == b"x"
    assert clock.slept == [30]


def test_f03_busy_without_retry_after_backs_off_and_gives_up(server: ScriptedServer, web: Web, clock: Clock) -> None:
    url = server.on("/a", Reply(status=503))
    with pytest.raises(ServerBusy, match="HTTP 503"):
        web.get(url)
    assert len(server.asked) == 3
    assert len(clock.slept) == 2
    assert 5 <= clock.slept[0] < clock.slept[1] <= 12.5


def test_f03_retry_after_zero_does_not_loop(server: ScriptedServer, web: Web, clock: Clock) -> None:
    url = server.on("/a", Reply(status=429, headers={"Retry-After": "0"}))
    with pytest.raises(ServerBusy):
        web.get(url)
    assert clock.slept == [1, 1, 1, 1]


def test_f04_retry_after_beyond_the_budget_ends_at_once(server: ScriptedServer, web: Web, clock: Clock) -> None:
    url = server.on("/a", Reply(status=503, headers={"Retry-After": "86400"}))
    with pytest.raises(ServerBusy, match="86400 s") as caught:
        web.get(url)
    assert caught.value.retry_after_seconds == 86400
    assert (len(server.asked), clock.slept) == (1, [])


def test_f04_a_long_ban_is_remembered_by_the_next_process(server: ScriptedServer, make_web: MakeWeb) -> None:
    server.on("/robots.txt", Reply(status=404))
    url = server.on("/a", Reply(status=503, headers={"Retry-After": "86400"}))
    with pytest.raises(ServerBusy):
        make_web(spare_loopback=False).get(url)
    before = len(server.asked)
    with pytest.raises(ServerBusy, match="remembered in") as caught:
        make_web(spare_loopback=False).get(url)
    assert caught.value.retry_after_seconds > 86000
    assert len(server.asked) == before


@pytest.mark.parametrize("status", [401, 403])
def test_f05_refused_stops_at_once_and_says_whom_to_ask(status: int, server: ScriptedServer, web: Web) -> None:
    url = server.on("/a", Reply(HTML, status=status))
    with pytest.raises(SourceChanged, match="Write to the custodian"):
        web.get(url)
    assert len(server.asked) == 1


@pytest.mark.parametrize("expect", ["xml", "json"])
def test_f06_a_web_page_instead_of_data_is_a_wall(expect: str, server: ScriptedServer, web: Web) -> None:
    url = server.on("/oai", Reply(b"\n<!-- x -->" + HTML, headers={"Content-Type": "text/xml"}))
    with pytest.raises(ObjectFailed, match="Are you a robot") as caught:
        web.get(url, expect=expect)  # type: ignore[arg-type]
    assert caught.value.reason == "wall"


@pytest.mark.parametrize("name", ["a.zip", "a.xml", "a.csv", "a.json", "a.jpg"])
def test_h18_a_web_page_under_a_data_name_is_a_wall(name: str, server: ScriptedServer, web: Web) -> None:
    with pytest.raises(ObjectFailed) as caught:
        web.get(server.on(f"/{name}", Reply(HTML)))
    assert caught.value.reason == "wall"


def test_h18_a_web_page_is_data_where_one_was_asked_for(server: ScriptedServer, web: Web) -> None:
    assert web.get(server.on("/page.hocr.html", Reply(HTML))).content == HTML


def test_h18_xml_sent_as_text_html_is_still_xml(server: ScriptedServer, web: Web) -> None:
    url = server.on("/oai", Reply(XML, headers={"Content-Type": "text/html"}))
    assert web.get(url, expect="xml").content == XML


def test_f07_an_empty_answer_is_asked_for_once_more(server: ScriptedServer, web: Web) -> None:
    url = server.on("/oai", Reply(b""), Reply(XML))
    assert web.get(url, expect="xml").content == XML
    url = server.on("/empty", Reply(b""))
    with pytest.raises(ObjectFailed) as caught:
        web.get(url, expect="xml")
    assert caught.value.reason == "empty"
    assert server.paths().count("/empty") == 2


def test_f23_a_body_shorter_than_announced_is_asked_for_again(server: ScriptedServer, web: Web, tmp_path: Path) -> None:
    body = b"x" * 10_000
    url = server.on("/a", Reply(body, cut=5000), Reply(body))
    assert web.get(url).content == body
    url = server.on("/b", Reply(body, cut=5000))
    with pytest.raises(ObjectFailed) as caught:
        web.get(url, into=tmp_path)
    assert caught.value.reason == "truncated"
    assert server.paths().count("/b") == 3


def test_f23_a_cut_file_leaves_nothing_behind(server: ScriptedServer, make_web: MakeWeb, tmp_path: Path) -> None:
    web = make_web(limits=Limits(kept_bytes=100))
    with pytest.raises(ObjectFailed):
        web.get(server.on("/b", Reply(b"x" * 10_000_000, cut=5_000_000)), into=tmp_path / "scratch")
    assert not list((tmp_path / "scratch").glob("*"))


WHOLE = bytes(range(256)) * 4000


def in_parts(etag: str = '"1"', size: int = 300_000) -> Callable[[Asked], Reply]:
    """A server whose transfers break off after `size` bytes, and that knows how to go on."""

    def reply(asked: Asked) -> Reply:
        start = int(asked.headers.get("Range", "bytes=0-")[6:-1])
        if not start or asked.headers["If-Range"] != etag:
            return Reply(WHOLE, headers={"ETag": etag}, cut=size)
        headers = {"ETag": etag, "Content-Range": f"bytes {start}-{len(WHOLE) - 1}/{len(WHOLE)}"}
        return Reply(WHOLE[start:], 206, headers, cut=size if start + size < len(WHOLE) else None)

    return reply


@pytest.mark.parametrize("kept_bytes", [100, 10_000_000])
def test_f23_a_broken_transfer_goes_on_where_it_stopped(
    kept_bytes: int, server: ScriptedServer, make_web: MakeWeb, tmp_path: Path
) -> None:
    answer = make_web(limits=Limits(kept_bytes=kept_bytes)).get(server.on("/a.zip", in_parts()), into=tmp_path)
    assert answer.sha256 == sha256(WHOLE).hexdigest()
    assert answer.size == len(WHOLE)
    assert [asked.headers.get("Range") for asked in server.asked] == [
        None, "bytes=300000-", "bytes=600000-", "bytes=900000-"
    ]  # fmt: skip


def test_f25_a_file_that_changed_in_between_is_started_over(server: ScriptedServer, web: Web, clock: Clock) -> None:
    url = server.on("/a.zip", in_parts('"1"'), in_parts('"2"'), Reply(WHOLE[::-1], headers={"ETag": '"2"'}))
    assert web.get(url).content == WHOLE[::-1]
    assert [asked.headers.get("Range") for asked in server.asked] == [None, "bytes=300000-", None]


def test_f26_a_server_that_ignores_range_is_started_over(server: ScriptedServer, web: Web, clock: Clock) -> None:
    cut = Reply(WHOLE, headers={"ETag": '"1"'}, cut=300_000)
    url = server.on("/a.zip", cut, Reply(WHOLE, headers={"ETag": '"1"'}))
    assert web.get(url).content == WHOLE
    assert [asked.headers.get("Range") for asked in server.asked] == [None, "bytes=300000-", None]


def test_f23_a_connection_that_breaks_before_the_answer_is_busy(server: ScriptedServer, web: Web) -> None:
    url = server.on("/a", Reply(silent=True), Reply(b"x"))
    assert web.get(url).content == b"x"
    url = server.on("/b", Reply(silent=True))
    with pytest.raises(ServerBusy, match="the connection broke"):
        web.get(url)


def test_f24_a_truncated_gzip_transfer_is_not_taken_for_whole(server: ScriptedServer, web: Web) -> None:
    whole = gzip.compress(XML * 1000)
    cut = Reply(whole[:-20], headers={"Content-Encoding": "gzip"})
    url = server.on("/a", cut, Reply(whole, headers={"Content-Encoding": "gzip"}))
    assert web.get(url).content == XML * 1000
    with pytest.raises(ObjectFailed) as caught:
        web.get(server.on("/b", cut))
    assert caught.value.reason == "truncated"


def test_f28_a_move_to_another_host_is_followed_and_reported(
    server: ScriptedServer, make_web: MakeWeb, caplog: pytest.LogCaptureFixture
) -> None:
    web = make_web(allow_private=frozenset({"1", f"localhost:{server.port}"}))
    url = server.on("/old", Reply(status=301, headers={"Location": f"http://localhost:{server.port}/new"}))
    server.on("/new", Reply(b"x"))
    answer = web.get(url)
    assert (answer.url, answer.final_url) == (url, f"http://localhost:{server.port}/new")
    assert "write the new address in sources.yaml" in caplog.text


def test_f29_an_unknown_host_is_not_asked_again(make_web: MakeWeb, clock: Clock) -> None:
    with pytest.raises((SourceChanged, ServerBusy), match=r"nowhere\.invalid"):
        make_web().get("http://nowhere.invalid/a")


def test_f29_a_server_that_is_down_is_busy(web: Web, clock: Clock) -> None:
    with pytest.raises(ServerBusy, match="no connection"):
        web.get(f"http://127.0.0.1:{free_port()}/a")
    assert len(clock.slept) == 2


def test_f29_a_certificate_nobody_vouches_for_is_refused(secure_server: ScriptedServer, web: Web) -> None:
    with pytest.raises(SourceChanged, match="certificate was refused"):
        web.get(f"https://localhost:{secure_server.port}/a")
    assert secure_server.asked == []


def test_f31_a_body_that_drips_is_given_up(server: ScriptedServer, make_web: MakeWeb) -> None:
    web = make_web(limits=Limits(drip_window_seconds=0.2, tries=2))
    with pytest.raises(ServerBusy, match="too slow"):
        web.get(server.on("/a", Reply(b"x" * 1000, drip_seconds=0.02)))
    assert len(server.asked) == 2


def test_f31_a_server_that_falls_silent_is_busy(server: ScriptedServer, make_web: MakeWeb) -> None:
    web = make_web(limits=Limits(read_seconds=0.1, tries=2))
    with pytest.raises(ServerBusy, match="no answer within"):
        web.get(server.on("/a", Reply(b"x", delay_seconds=0.5)))


@pytest.mark.parametrize("status", [404, 410])
def test_what_is_not_there_fails_alone(status: int, server: ScriptedServer, web: Web) -> None:
    with pytest.raises(ObjectFailed, match="correct the address") as caught:
        web.get(server.on("/a", Reply(status=status)))
    assert caught.value.reason == "not_found"


def test_an_error_that_explains_itself_in_xml_can_be_read(server: ScriptedServer, web: Web) -> None:
    assert web.get(server.on("/a", Reply(XML, status=422)), expect="xml", also_status=(422,)).status == 422
    with pytest.raises(ObjectFailed, match="HTTP 422"):
        web.get(server.on("/b", Reply(HTML, status=422)), expect="xml", also_status=(422,))


@pytest.mark.parametrize("body", [HTML, XML, b"", b"no"])
def test_so_can_one_in_json_and_a_wall_is_none(body: bytes, server: ScriptedServer, web: Web) -> None:
    url = server.on("/a", Reply(b' {"message": "Permission denied."}', status=403))
    assert web.get(url, expect="json", also_status=(403,)).status == 403
    with pytest.raises(SourceChanged, match="HTTP 403"):
        web.get(server.on("/b", Reply(body, status=403)), expect="json", also_status=(403,))


def test_a_git_lfs_pointer_is_not_the_file(server: ScriptedServer, web: Web) -> None:
    body = b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 317000000\n"
    with pytest.raises(ObjectFailed, match="Git LFS pointer") as caught:
        web.get(server.on("/Artworks.csv", Reply(body)))
    assert caught.value.reason == "lfs_pointer"


def test_f04_retry_after_the_end_of_all_dates_is_a_time_that_can_be_reported(server: ScriptedServer, web: Web) -> None:
    """`Fri, 31 Dec 9999` means never; what is reported is a date (datetime ends with that year)."""
    url = server.on("/a", Reply(status=503, headers={"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}))
    with pytest.raises(ServerBusy) as caught:
        web.get(url)
    assert NOW + timedelta(seconds=caught.value.retry_after_seconds) < NOW.replace(year=NOW.year + 4)


def test_f33_what_the_disk_has_no_room_for_is_not_begun(
    server: ScriptedServer, make_web: MakeWeb, tmp_path: Path
) -> None:
    """By what the server announces: not a byte is written, nothing is tried again, and the exit status is its own."""
    announced = shutil.disk_usage(tmp_path).free + 10**9
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {announced}\r\n\r\n".encode()
    url = server.on("/a.bin", Reply(raw=head + b"x" * 1000))
    web = make_web(limits=Limits(total_bytes=2 * announced, visit_bytes=2 * announced))
    with pytest.raises(NoRoom, match="there is no room for") as found:
        web.get(url, into=tmp_path)
    assert found.value.exit_status == Exit.NO_ROOM
    assert server.paths() == ["/a.bin"]
    assert not list(tmp_path.glob("body-*"))
