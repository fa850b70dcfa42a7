"""No wait without an end: one limit for a head, for a block, and for a visit."""

import time
from datetime import timedelta
from pathlib import Path

import pytest

from biglam_pipeline.errors import ServerBusy, SourceChanged
from biglam_pipeline.web import Limits
from biglam_pipeline.web.gate import Gate
from biglam_pipeline_tests.servers.web import Reply, ScriptedServer
from biglam_pipeline_tests.web.conftest import NOW, Clock, MakeWeb

OK = b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize(
    "reply",
    [
        Reply(raw=b"", endless=b"HTTP/1.1 100 Continue\r\n\r\n", drip_seconds=0.05),
        Reply(raw=b"", endless=b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", drip_seconds=0.05),
        Reply(raw=OK + b"X-Long: ", endless=b"x", drip_seconds=0.05),
        Reply(raw=OK, endless=b"X: y\r\n", drip_seconds=0.05),
        Reply(raw=b"HTTP/1", endless=b".", drip_seconds=0.05),
    ],
    ids=["continue", "hints", "line", "lines", "status"],
)
def test_h36_a_head_without_an_end_ends(reply: Reply, server: ScriptedServer, make_web: MakeWeb) -> None:
    web = make_web(limits=Limits(head_seconds=1.0))
    began = time.monotonic()
    with pytest.raises(ServerBusy, match=r"has not ended within|no answer within|connection broke"):
        web.get(server.on("/a.csv", reply))
    assert time.monotonic() - began < 60
    assert len(server.asked) <= 3


@pytest.mark.parametrize(
    "raw",
    [
        OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Trailer: ",
        OK + b"Transfer-Encoding: chunked\r\n\r\n1;extension=",
    ],
    ids=["trailer", "extension"],
)
def test_h36_what_drips_beside_the_body_ends_too(raw: bytes, server: ScriptedServer, make_web: MakeWeb) -> None:
    web = make_web(limits=Limits(read_seconds=0.5, tries=2))
    began = time.monotonic()
    with pytest.raises(ServerBusy):
        web.get(server.on("/a.csv", Reply(raw=raw, endless=b"y", drip_seconds=0.05)))
    assert time.monotonic() - began < 60


def test_a_slow_head_that_ends_is_an_answer(server: ScriptedServer, make_web: MakeWeb) -> None:
    """Interim answers are legal (RFC 9110, 15.2), and a server may think for a while after them."""
    raw = b"HTTP/1.1 102 Processing\r\n\r\n" * 3 + OK + b"Content-Length: 1\r\n\r\nx"
    assert make_web().get(server.on("/a", Reply(raw=raw, delay_seconds=0.2))).content == b"x"


def test_a_visit_ends_after_its_time_and_goes_on_later(server: ScriptedServer, make_web: MakeWeb) -> None:
    url = server.on("/a", Reply(b"x"))
    web = make_web(limits=Limits(visit_seconds=0.01)).visiting([url])
    time.sleep(0.02)
    with pytest.raises(ServerBusy, match="BIGLAM_VISIT_HOURS") as caught:
        web.get(url)
    assert "the next run goes on" in str(caught.value)
    assert server.asked == []


def test_a_visit_ends_in_the_middle_of_a_body(server: ScriptedServer, make_web: MakeWeb) -> None:
    """A terabyte at a kilobyte a second is not slow enough for any limit of one read."""
    url = server.on("/a", Reply(b"x" * 6_000, drip_seconds=0.02))
    began = time.monotonic()
    with pytest.raises(ServerBusy, match="BIGLAM_VISIT_HOURS"):
        make_web(limits=Limits(visit_seconds=0.3)).visiting([url]).get(url)
    assert time.monotonic() - began < 60


def test_h35_a_visit_has_a_most_of_bytes_and_of_answers(server: ScriptedServer, make_web: MakeWeb) -> None:
    url = server.on("/a", Reply(b"x" * 600))
    web = make_web(limits=Limits(visit_bytes=1_000)).visiting([url])
    web.get(url)
    with pytest.raises(SourceChanged, match="BIGLAM_VISIT_GIGABYTES"):
        web.get(url)
    web = make_web(limits=Limits(visit_answers=2)).visiting([url])
    web.carry(1, 0)  # what an attempt that was killed had brought
    web.get(url)
    with pytest.raises(SourceChanged, match="BIGLAM_VISIT_ANSWERS"):
        web.get(url)


def test_each_visit_has_its_own_end(server: ScriptedServer, make_web: MakeWeb) -> None:
    url, web = server.on("/a", Reply(b"x")), make_web(limits=Limits(visit_answers=1))
    for _ in range(3):
        assert web.visiting([url]).get(url).status == 200


# --- the clock of the machine ---


def test_f35_a_clock_that_was_ahead_keeps_nobody_away(tmp_path: Path, make_web: MakeWeb, clock: Clock) -> None:
    gate = Gate(tmp_path, Limits(), clock.sleep, clock)
    clock.now = NOW + timedelta(days=365)
    with gate.turn("h:80", spared=False):
        pass
    clock.now = NOW
    with gate.turn("h:80", spared=False):
        pass
    assert sum(clock.slept) <= 1


def test_c05_what_a_server_asked_for_is_waited_for_once(tmp_path: Path, clock: Clock) -> None:
    """The wait counts from when the clock was seen to be wrong: it does not begin again at every run."""
    gate = Gate(tmp_path, Limits(), clock.sleep, clock)
    clock.now = NOW + timedelta(days=365)
    gate.slow_down("h:80", 86_400)
    clock.now = NOW
    with pytest.raises(ServerBusy) as caught, gate.turn("h:80", spared=False):
        pass
    assert caught.value.retry_after_seconds == 86_400
    clock.now = NOW + timedelta(hours=23)
    with pytest.raises(ServerBusy) as caught, gate.turn("h:80", spared=False):
        pass
    assert caught.value.retry_after_seconds == pytest.approx(3_600)
    clock.now = NOW + timedelta(hours=24)
    with gate.turn("h:80", spared=False):
        pass


@pytest.mark.parametrize("noted", ['{"not_before": 9e99, "slowness": 1e9}', '{"not_before": Infinity, "slowness": 1}'])
def test_c05_a_note_that_no_server_can_have_asked_for_is_bounded(noted: str, tmp_path: Path, clock: Clock) -> None:
    (tmp_path / "h_80.pace").write_text(noted)
    gate = Gate(tmp_path, Limits(), clock.sleep, clock)
    with pytest.raises(ServerBusy) as caught, gate.turn("h:80", spared=False):
        pass
    assert caught.value.retry_after_seconds <= 7 * 86_400
