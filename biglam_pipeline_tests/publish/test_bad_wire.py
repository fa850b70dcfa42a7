"""Every fault of the wire that has a name, on both ways up: one commit lands, it is right, no content goes twice."""

import threading
import time
from email.utils import formatdate

import pytest
from huggingface_hub import CommitOperationAdd, HfApi, close_session
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from biglam_pipeline.publish.hub import line
from biglam_pipeline_tests.publish.conftest import Sender
from biglam_pipeline_tests.publish.drafts import content_bytes, data_bytes, held, wanted
from biglam_pipeline_tests.publish.faults import COMMIT, Fault, arrange, refusing, says, status
from biglam_pipeline_tests.servers.hub import LostAnswer

ABSENT = "Your push was rejected: LFS pointer pointed to a file that does not exist"


def in_a_minute() -> Response:
    """Retry-After as a date."""
    return Response(status_code=429, headers={"Retry-After": formatdate(time.time() + 60, usegmt=True)})


FAULTS = [
    Fault(
        "409_while_the_head_has_not_moved",
        COMMIT,
        says(409, "Another commit operation is in progress"),
        times=2,
        pauses=2,
    ),
    Fault("408_on_the_commit", COMMIT, status(408)),
    Fault("412_on_the_commit", COMMIT, says(412, "A commit has happened since. Please refresh and try again.")),
    Fault("429_with_seconds", COMMIT, status(429, Retry_After="7"), pauses=(7.0,)),
    Fault("429_with_a_date", COMMIT, in_a_minute, pauses=(60.0,)),
    Fault("429_with_a_rate_limit", COMMIT, status(429, RateLimit='"api";r=0;t=11', Retry_After="900"), pauses=(11.0,)),
    Fault("429_with_nothing", COMMIT, status(429)),
    Fault("500_on_the_commit", COMMIT, status(500)),
    Fault("502_on_the_commit", COMMIT, status(502)),
    Fault("503_on_the_commit", COMMIT, status(503, Retry_After="5"), pauses=(5.0,)),
    Fault("504_before_the_commit", COMMIT, status(504)),
    Fault("504_after_the_commit", COMMIT, status(504), stage="after", sent=False),
    Fault("500_after_the_commit", COMMIT, status(500), stage="after", sent=False),
    Fault("commit_lost_on_its_way", COMMIT, LostAnswer),
    Fault("answer_lost_after_the_commit", COMMIT, LostAnswer, stage="after", sent=False),
    Fault("blob_not_known_yet_once", COMMIT, says(400, ABSENT)),
    Fault("blob_not_known_yet_twice", COMMIT, says(400, ABSENT), times=2, pauses=2),
    Fault("500_on_repo_info", "GET .*/revision/main", status(500), times=2, pauses=2),
    Fault("repo_info_lost", "GET .*/revision/main", LostAnswer),
    Fault("repo_info_cut_short", "GET .*/revision/main", lambda: Response(b'{"id": "x', media_type="application/json")),
    Fault("502_on_create_repo", "POST /api/repos/create", status(502)),
    Fault("create_repo_lost_after_it_was_made", "POST /api/repos/create", LostAnswer, stage="after"),
    Fault("500_on_refs", "GET .*/refs", status(500)),
    Fault("500_on_the_tag", "POST .*/tag/", status(500)),
    Fault("tag_lost_after_it_was_made", "POST .*/tag/", LostAnswer, stage="after"),
    Fault("409_on_the_tag", "POST .*/tag/", status(409)),
    Fault("validate_yaml_lost", "POST /api/validate-yaml", LostAnswer),
    Fault("validate_yaml_with_a_page", "POST /api/validate-yaml", lambda: Response("<h1>Bad Gateway</h1>", 502)),
    Fault(
        "preupload_503_which_the_client_itself_tries_again",
        "POST .*/preupload/",
        status(503, Retry_After="0"),
        pauses=0,
    ),
]


@pytest.mark.representative(len(FAULTS))
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_one_commit_lands(sender: Sender, fault: Fault) -> None:
    draft, log = sender.draft(), sender.server.log
    begin = len(log)
    arrange(sender.server, fault)
    reported = sender.publish(draft)
    assert "release" in reported, reported
    rows = [row for row in log[begin:] if draft.repository in row[1] or row[1].startswith(("/lfs", "/cas"))]
    there = held(sender.server, draft.repository)
    assert there.files == wanted(draft)
    assert there.titles == [draft.message]
    assert there.tags == {draft.tag: there.head}
    release = reported["release"]
    assert (release["commit"], release["tag"]) == (there.head, draft.tag)
    assert release["files_sent"] == (len(wanted(draft)) if fault.sent else 0)
    assert set(release["changed"]) == wanted(draft).keys(), "also where the answer was lost: it is read back"
    expected = fault.pauses if isinstance(fault.pauses, int) else len(fault.pauses)
    assert len(reported["pauses"]) == expected, reported["pauses"]
    if isinstance(fault.pauses, tuple):
        assert reported["pauses"] == pytest.approx(fault.pauses, abs=2)
    assert content_bytes(draft) <= data_bytes(rows) <= 1.01 * content_bytes(draft) + 500, "no content goes twice"


@pytest.mark.representative(1)  # the same without Xet
def test_a_second_attempt_sends_no_content(sender: Sender) -> None:
    """What goes up after the first commit was refused: its own small files, and who is where."""
    draft, log = sender.draft(), sender.server.log
    arrange(sender.server, Fault("", COMMIT, status(503)))
    begin = len(log)
    assert "release" in sender.publish(draft)
    rows = log[begin:]
    first = next(at for at, row in enumerate(rows) if "/commit/" in row[1])
    assert data_bytes(rows[:first]) >= content_bytes(draft)
    assert data_bytes(rows[first:]) == 0
    control = sum(count for method, path, count, _ in rows[first + 1 :] if "/shards" in path or "/info/lfs" in path)
    assert control < 1_500


@pytest.mark.representative(1)
def test_the_head_moves_in_between(sender: Sender) -> None:
    """Somebody else's file stays, the draft is planned again against it, and both commits are there."""
    draft, moved = sender.draft(), False
    api = HfApi(endpoint=sender.server.endpoint, token=False)

    def fault(request: Request, stage: str) -> Response | None:
        nonlocal moved
        if moved or stage != "before" or "/commit/" not in request.url.path:
            return None
        moved = True
        theirs = [CommitOperationAdd("notes.txt", b"theirs"), CommitOperationAdd("data/default/stray.txt", b"x")]
        api.create_commit(draft.repository, theirs, commit_message="theirs", repo_type="dataset")
        return None

    sender.server.fault = fault
    begin = len(sender.server.log)
    reported = sender.publish(draft)
    there = held(sender.server, draft.repository)
    assert there.titles == ["theirs", draft.message]
    assert there.files.keys() == wanted(draft).keys() | {"notes.txt"}
    assert there.tags == {draft.tag: there.head}
    assert len(reported["pauses"]) == 1
    assert data_bytes(sender.server.log[begin:]) <= 1.01 * content_bytes(draft) + 500


def test_a_blob_that_never_comes_is_an_error_of_the_hub(sender: Sender) -> None:
    refusing(sender.server, COMMIT, says(400, ABSENT))
    reported = sender.publish(sender.draft())
    assert (reported["error"], len(reported["pauses"])) == ("SourceChanged", 2)
    assert "does not take the commit" in reported["said"]
    assert ABSENT in reported["said"]


@pytest.mark.parametrize("at", [COMMIT, "GET .*/revision/main", "POST .*/preupload/", "GET .*/tree/"])
def test_a_wait_of_an_hour_is_not_waited(sender: Sender, at: str) -> None:
    """Neither by us nor by the client, which sleeps for as long as it is told."""
    refusing(sender.server, at, status(429, RateLimit='"api";r=0;t=3600'))
    begin = time.monotonic()
    reported = sender.publish(sender.draft())
    assert (reported["error"], reported["asked"], reported["pauses"]) == ("ServerBusy", 3600.0, [])
    assert time.monotonic() - begin < 600  # far from an hour, however loaded the machine is


@pytest.mark.representative(1)  # the same without Xet
def test_a_hub_that_stays_ill_is_left_when_the_time_for_retries_is_over(sender: Sender) -> None:
    draft = sender.draft()
    refusing(sender.server, COMMIT, status(503))
    reported = sender.publish(draft)
    assert reported["error"] == "ServerBusy"
    assert 870 < sum(reported["pauses"]) <= 900
    assert "attempts and 15 min" in reported["said"]
    assert "the next run goes on where this one stopped" in reported["said"]
    sender.server.fault = None
    begin = len(sender.server.log)
    assert "release" in sender.publish(draft)
    assert data_bytes(sender.server.log[begin:]) == 0, "what was sent before is not sent again"


@pytest.mark.parametrize(
    "at", [COMMIT, "GET .*/revision/main", "POST /api/repos/create", "POST .*/tag/", "GET .*/tree/"]
)
def test_a_token_that_ran_out_is_to_be_renewed(sender: Sender, at: str) -> None:
    refusing(sender.server, at, says(401, "Invalid credentials in Authorization header"))
    reported = sender.publish(sender.draft(), token="hf_spent")
    assert (reported["error"], reported["pauses"]) == ("SourceChanged", [])
    assert "renew BIGLAM_HUB_TOKEN" in reported["said"]
    assert "hf_spent" not in reported["said"]


def test_a_hub_that_takes_the_commit_and_says_nothing(xet_sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """The client itself would wait for ever; the commit is found, and not made again."""
    monkeypatch.setattr(line, "ANSWER_SECONDS", 0.5)
    close_session()
    answered = threading.Event()

    def silent() -> Response:
        answered.wait(10)
        return JSONResponse({}, 500)

    draft = xet_sender.draft()
    arrange(xet_sender.server, Fault("", COMMIT, silent, stage="after"))
    reported = xet_sender.publish(draft)
    answered.set()
    monkeypatch.undo()
    close_session()
    assert len(reported["pauses"]) == 1
    there = held(xet_sender.server, draft.repository)
    assert (there.files, there.titles) == (wanted(draft), [draft.message])


def test_a_401_that_is_called_not_found_is_a_401(sender: Sender) -> None:
    """The Hub tells strangers that there is no such repository; to make one would be refused too."""
    hidden = {"X-Error-Code": "RepoNotFound"}
    refusing(sender.server, "GET .*/revision/main", lambda: JSONResponse({}, 401, hidden))
    reported = sender.publish(sender.draft(), token="hf_spent")
    assert (reported["error"], reported["pauses"]) == ("SourceChanged", [])
    assert "renew BIGLAM_HUB_TOKEN" in reported["said"]


@pytest.mark.parametrize("at", [COMMIT, "POST /api/repos/create", "POST .*/tag/", "POST .*/preupload/"])
def test_a_token_that_may_not_write(sender: Sender, at: str) -> None:
    refusing(sender.server, at, says(403, "your request needs to be approved by the organization"))
    reported = sender.publish(sender.draft(), token="hf_reader")
    assert (reported["error"], reported["pauses"]) == ("SourceChanged", [])
    assert "BIGLAM_HUB_TOKEN needs write access" in reported["said"]
    assert "approved by the organization" in reported["said"]
