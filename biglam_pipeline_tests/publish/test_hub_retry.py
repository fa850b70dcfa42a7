"""A Hub that fails or is silent is waited for so long in all, aloud, and then left: inside the clients below too."""

import logging
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from biglam_pipeline.environment import read_environment
from biglam_pipeline.errors import ConfigError, ServerBusy, SourceChanged
from biglam_pipeline.publish.draft import Draft
from biglam_pipeline.publish.hub import Hub, door, retry
from biglam_pipeline_tests.publish.conftest import Sender
from biglam_pipeline_tests.publish.drafts import a_clearance, held, wanted
from biglam_pipeline_tests.publish.faults import COMMIT, Fault, arrange, refusing, status
from biglam_pipeline_tests.servers.hub import HubServer


@contextmanager
def silent(server: HubServer, at: str, stage: str = "before") -> Iterator[None]:
    """Takes these requests and says nothing, until the block ends."""
    ended = threading.Event()

    def play(request: Request, when: str) -> Response | None:
        if when == stage and re.match(at, f"{request.method} {request.url.path}"):
            ended.wait(60)
            return JSONResponse({}, 500)
        return None

    server.fault = play
    try:
        yield
    finally:
        server.fault = None
        ended.set()


def sends(server: HubServer, draft: Draft, seconds: float) -> Callable[[], object]:
    """Publishes with these retries, and real waits."""
    return lambda: Hub(server.endpoint, retry_seconds=seconds).commit(draft, a_clearance(draft.digest))


@pytest.mark.parametrize(
    "at",
    [
        "GET .*/revision/main",
        COMMIT,
        "POST .*/preupload/",
        "GET .*/xet-write-token/",
        "POST .*/xorbs/",
        "POST .*/v2/shards",
        "POST .*/tag/",
    ],
)
def test_a_silent_hub_is_left_when_the_time_is_over(
    xet_sender: Sender, at: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """hf_xet by itself asks five times for six minutes each; what it is in the middle of is ended too."""
    monkeypatch.setattr(retry, "REPORT_SECONDS", 0.3)
    caplog.set_level(logging.INFO)
    draft, began = xet_sender.draft(), time.monotonic()
    publish = sends(xet_sender.server, draft, 1.5)
    with silent(xet_sender.server, at), pytest.raises(ServerBusy, match="and says nothing; what was sent is kept"):
        publish()
    assert time.monotonic() - began < 60
    assert len([one for one in caplog.messages if "it is waited for" in one]) >= 2, "aloud"
    assert publish(), "the next run goes on"
    there = held(xet_sender.server, draft.repository)
    assert (there.files, there.titles) == (wanted(draft), [draft.message])


def test_a_file_that_is_read_is_waited_for_no_longer(xet_sender: Sender) -> None:
    """Ranges of a footer, as a release is read back."""
    draft = xet_sender.draft()
    sends(xet_sender.server, draft, 30)()
    hub = Hub(xet_sender.server.endpoint, retry_seconds=1.5)
    with hub.open(draft.repository, "main", "README.md") as stream:
        assert stream.read(3) == b"---"
    began = time.monotonic()
    with (
        silent(xet_sender.server, "GET .*(resolve|reconstructions|xorbs)/"),
        pytest.raises(ServerBusy, match="did not give a file"),
        hub.open(draft.repository, "main", min(draft.files)) as stream,
    ):
        stream.read()
    assert time.monotonic() - began < 60


def test_what_is_asked_before_the_work_does_not_hold_it_up(xet_sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_BEFORE_SECONDS", 0.5)
    hub, began = Hub(xet_sender.server.endpoint, retry_seconds=600), time.monotonic()
    with silent(xet_sender.server, "GET .*/auth-check"), pytest.raises(ServerBusy, match="did not let us write"):
        hub.may_write(xet_sender.draft().repository)
    assert time.monotonic() - began < 60


@pytest.mark.slow  # `test_a_silent_hub_is_left_when_the_time_is_over` stays
def test_a_process_ends_though_a_call_of_it_hangs(xet_sender: Sender) -> None:
    """Neither a thread nor hf_xet's own runtime holds up the end."""
    script = (
        "import sys\n"
        "from biglam_pipeline.errors import ServerBusy\n"
        "from biglam_pipeline.publish.hub import Hub\n"
        "from biglam_pipeline_tests.publish.drafts import a_clearance, a_draft\n"
        "from pathlib import Path\n"
        "draft = a_draft(Path(sys.argv[2]), sys.argv[3])\n"
        "try:\n"
        "    Hub(sys.argv[1], retry_seconds=1.5).commit(draft, a_clearance(draft.digest))\n"
        "except ServerBusy:\n"
        "    print('left')\n"
    )
    arguments = [xet_sender.server.endpoint, str(xet_sender.folder / "p"), xet_sender.draft().repository]
    with silent(xet_sender.server, "POST .*/xorbs/"):
        done = subprocess.run(
            [sys.executable, "-c", script, *arguments],
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            timeout=40,
            check=False,
        )
    assert done.stdout == "left\n", done.stderr


@pytest.mark.parametrize("at", [COMMIT, "GET .*/revision/main", "POST .*/preupload/", "GET .*/tree/"])
def test_who_asks_for_a_day_is_left_at_once_and_says_when(xet_sender: Sender, at: str) -> None:
    refusing(xet_sender.server, at, status(429, Retry_After="86400"))
    draft, began = xet_sender.draft(), time.monotonic()
    publish = sends(xet_sender.server, draft, 600)
    with pytest.raises(ServerBusy, match=r"stay away until \d{4}-\d\d-\d\d \d\d:\d\d UTC; run again then") as busy:
        publish()
    assert busy.value.retry_after_seconds == 86400
    assert time.monotonic() - began < 60


def test_waits_that_are_asked_for_count_too(xet_sender: Sender) -> None:
    """A Hub that says 100 s each time gets nine of them, then no more."""
    refusing(xet_sender.server, COMMIT, status(429, Retry_After="100"))
    reported = xet_sender.publish(xet_sender.draft())
    assert (reported["error"], reported["asked"]) == ("ServerBusy", 100)
    assert 7 <= len(reported["pauses"]) <= 9
    assert sum(reported["pauses"]) <= 900


def test_every_wait_is_aloud(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    monkeypatch.setattr(retry, "REPORT_SECONDS", 0.1)
    caplog.set_level(logging.INFO)
    retry.Retries().pause(0.5)
    assert len([one for one in caplog.messages if "the Hub is asked again in" in one]) >= 4


def test_what_is_large_may_take_its_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Patience is for a Hub that fails; bytes under way are none of it."""
    monkeypatch.setattr(retry, "SLOWEST_BYTES_A_SECOND", 1_000)
    asked = retry.Retries(0.2)
    assert asked.within(lambda: time.sleep(0.5) or "done", "x", "take it", size=2_000) == "done"
    assert asked.left == 0.2
    with pytest.raises(ServerBusy):
        asked.within(lambda: time.sleep(2), "x", "take it", size=0)


def test_a_hub_without_room_says_so(xet_sender: Sender) -> None:
    refusing(xet_sender.server, COMMIT, status(507))
    publish = sends(xet_sender.server, xet_sender.draft(), 30)
    with pytest.raises(SourceChanged, match=r"the disk of the Hub at .* is full .*make room there, then run again"):
        publish()


def test_a_card_that_the_hub_refuses_is_a_sentence(xet_sender: Sender) -> None:
    said = {"errors": [{"message": '"language[0]" must be one of'}], "warnings": []}
    refusing(xet_sender.server, "POST /api/validate-yaml", lambda: JSONResponse(said, 400))
    reported = xet_sender.publish(xet_sender.draft())
    assert (reported["error"], reported["pauses"]) == ("CardRefused", [])
    assert '"language[0]" must be one of' in reported["said"]
    assert "correct the key where it was written" in reported["said"]


def test_a_404_that_stays_is_a_sentence(xet_sender: Sender) -> None:
    arrange(xet_sender.server, Fault("", COMMIT, status(404), times=10**6))
    reported = xet_sender.publish(xet_sender.draft())
    assert reported["error"] == "SourceChanged"
    assert "check that the repository is still there" in reported["said"]


@pytest.mark.parametrize(("text", "seconds"), [("", 900), ("2", 120), ("0.5", 30), ("1440", 86_400)])
def test_the_setting(text: str, seconds: float) -> None:
    assert read_environment({"BIGLAM_HUB_RETRY_MINUTES": text}).hub_retry_seconds == seconds


@pytest.mark.parametrize("text", ["0", "-1", "1441", "ten", "1e3"])
def test_a_setting_that_is_none(text: str) -> None:
    with pytest.raises(ConfigError, match=f"BIGLAM_HUB_RETRY_MINUTES={text}: not a number of minutes"):
        read_environment({"BIGLAM_HUB_RETRY_MINUTES": text})
