"""More changed files than one commit takes: batches on a pull request, one merge, and `main` moves once."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from huggingface_hub import CommitOperationAdd, HfApi
from starlette.requests import Request
from starlette.responses import Response

from biglam_pipeline.publish.draft import Draft
from biglam_pipeline.publish.hub import Hub
from biglam_pipeline.publish.hub.line import Line
from biglam_pipeline.publish.hub.planning import plan_changes
from biglam_pipeline.publish.hub.retry import Retries
from biglam_pipeline_tests.publish.conftest import Sender
from biglam_pipeline_tests.publish.drafts import a_clearance, content_bytes, data_bytes, held, wanted
from biglam_pipeline_tests.publish.faults import Fault, arrange, refusing, says, status
from biglam_pipeline_tests.servers.hub import HubServer, LostAnswer

BATCH = 3


def merges(server: HubServer, repository: str) -> int:
    """Merges that the server made."""
    return sum(
        method == "POST" and repository in path and path.endswith("/merge") and code == 200
        for method, path, _, code in server.log
    )


def check(sender: Sender, draft: Draft, *, commits: int = 1) -> None:
    """`main` moved once for the draft, holds it, is tagged, and nothing is left open."""
    there = held(sender.server, draft.repository)
    assert there.files == wanted(draft)
    assert len(there.titles) == commits, there.titles
    assert there.titles[-1].startswith(f"{draft.message} [release {draft.content[:12]} on ")
    assert there.tags[draft.tag] == there.head
    assert there.open_pulls == 0
    line = Line(sender.server.endpoint, "", publish=False, remedy="", retries=Retries(sleep=lambda _: None))
    assert plan_changes(line, draft, there.head).done


@pytest.fixture
def draft(sender: Sender) -> Draft:
    """Eleven files: four batches of three."""
    return sender.draft(parts=8, size=3_000)


@pytest.mark.representative(1)
def test_main_moves_once(sender: Sender, draft: Draft) -> None:
    log = sender.server.log
    begin = len(log)
    reported = sender.publish(draft, batch=BATCH)
    check(sender, draft)
    assert reported["release"]["files_sent"] == 11
    assert set(reported["release"]["changed"]) == wanted(draft).keys()
    assert sum("/commit/refs" in row[1] for row in log[begin:]) == 4
    assert data_bytes(log[begin:]) <= 1.02 * content_bytes(draft) + 2_000
    begin = len(log)
    again = sender.publish(draft, batch=BATCH)
    assert again["release"]["files_sent"] == 0
    assert not [row for row in log[begin:] if row[0] != "GET"]


@pytest.mark.parametrize(("changes", "pulls"), [(500, 0), (501, 1)])
def test_500_changes_are_one_commit_and_501_are_not(xet_sender: Sender, changes: int, pulls: int) -> None:
    texts = {f".biglam/{number:04d}.txt": b"%d" % number for number in range(changes)}
    draft = replace(xet_sender.draft(), files={}, texts=texts)
    begin = len(xet_sender.server.log)
    assert "release" in xet_sender.publish(draft)
    there = held(xet_sender.server, draft.repository)
    assert (there.files, len(there.titles)) == (wanted(draft), 1)
    paths = [path for method, path, _, _ in xet_sender.server.log[begin:] if method == "POST"]
    assert sum(path.endswith("/merge") for path in paths) == pulls
    assert sum("/commit/" in path for path in paths) == 1 + pulls


@pytest.mark.representative(1)  # the same without Xet
def test_deletions_go_with_the_batches(sender: Sender, draft: Draft) -> None:
    sender.publish(draft, batch=BATCH)
    second = sender.draft(draft.repository, tag="v2026.01.03", parts=2, kept=draft)
    reported = sender.publish(second, batch=BATCH)
    check(sender, second, commits=2)
    assert reported["release"]["previous_tag"] == draft.tag


PULL = "/discussions/[0-9]+"
FAULTS = [
    Fault("500_on_the_list", "GET .*/discussions$", status(500)),
    Fault("pull_request_lost_before", "POST .*/discussions$", LostAnswer),
    Fault("pull_request_lost_after", "POST .*/discussions$", LostAnswer, stage="after"),
    Fault("500_on_a_batch", "POST .*/commit/refs", status(500)),
    Fault("409_on_a_batch", "POST .*/commit/refs", status(409), times=2, pauses=2),
    Fault("429_on_a_batch", "POST .*/commit/refs", status(429, Retry_After="3"), pauses=(3.0,)),
    Fault("batch_lost_after", "POST .*/commit/refs", LostAnswer, stage="after"),
    Fault("504_after_a_batch", "POST .*/commit/refs", status(504), stage="after", times=4, pauses=4),
    Fault("503_on_the_details", f"GET .*{PULL}$", status(503)),
    Fault("status_lost_before", f"POST .*{PULL}/status", LostAnswer),
    Fault("status_lost_after", f"POST .*{PULL}/status", LostAnswer, stage="after", pauses=0),
    Fault("500_on_the_merge", f"POST .*{PULL}/merge", status(500)),
    Fault("504_after_the_merge", f"POST .*{PULL}/merge", status(504), stage="after", pauses=0),
    Fault("merge_lost_before", f"POST .*{PULL}/merge", LostAnswer),
    Fault("merge_lost_after", f"POST .*{PULL}/merge", LostAnswer, stage="after", pauses=0),
    Fault("409_on_the_merge", f"POST .*{PULL}/merge", status(409)),
]


@pytest.mark.representative(8)  # further requests, tried again by the same code; test_bad_wire.py has every fault
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_one_merge_lands(sender: Sender, draft: Draft, fault: Fault) -> None:
    begin = len(sender.server.log)
    arrange(sender.server, fault)
    reported = sender.publish(draft, batch=BATCH)
    assert "release" in reported, reported
    check(sender, draft)
    expected = fault.pauses if isinstance(fault.pauses, int) else len(fault.pauses)
    assert len(reported["pauses"]) == expected
    assert reported["release"]["files_sent"] == 11
    assert data_bytes(sender.server.log[begin:]) <= 1.02 * content_bytes(draft) + 2_000


@pytest.mark.representative(1)  # the same without Xet
def test_what_a_failed_attempt_left_is_gone_on_with(sender: Sender, draft: Draft) -> None:
    """Two batches were taken; the next run goes on with the third on the same pull request."""
    taken = 0

    def fault(request: Request, stage: str) -> Response | None:
        nonlocal taken
        if "/commit/refs" in request.url.path and stage == "before":
            taken += 1
            return status(503)() if taken > 2 else None
        return None

    sender.server.fault = fault
    assert sender.publish(draft, batch=BATCH)["error"] == "ServerBusy"
    assert held(sender.server, draft.repository).titles == []
    sender.server.fault = None
    begin = len(sender.server.log)
    assert "release" in sender.publish(draft, batch=BATCH)
    check(sender, draft)
    rows = sender.server.log[begin:]
    assert sum("/commit/refs" in row[1] for row in rows) == 2
    assert not [row for row in rows if row[1].endswith("/discussions") and row[0] == "POST"]
    assert data_bytes(rows) < content_bytes(draft) / 2


def at_first_merge(server: HubServer, meddle: Callable[[], None], at: str = "/status") -> None:
    """Somebody does something just before the first merge is asked for, or with `/merge` while it is."""
    done = False

    def fault(request: Request, stage: str) -> Response | None:
        nonlocal done
        if not done and stage == "before" and request.url.path.endswith(at):
            done = True
            meddle()
        return None

    server.fault = fault


@pytest.mark.representative(2)  # the same without Xet
@pytest.mark.parametrize("path", ["notes.txt", "data/default/part-00000.parquet"])
def test_main_moves_before_the_merge(sender: Sender, draft: Draft, path: str) -> None:
    """Everything begins again on the new head, also where both changed the same file."""
    api = HfApi(endpoint=sender.server.endpoint, token=False)

    def meddle() -> None:
        theirs = [CommitOperationAdd(path, b"theirs")]
        api.create_commit(draft.repository, theirs, commit_message="theirs", repo_type="dataset")

    at_first_merge(sender.server, meddle)
    assert "release" in sender.publish(draft, batch=BATCH)
    there = held(sender.server, draft.repository)
    assert there.files.items() >= wanted(draft).items()
    assert len(there.titles) == 2
    assert there.titles[0] == "theirs"
    assert there.tags == {draft.tag: there.head}
    assert there.open_pulls == 0
    assert merges(sender.server, draft.repository) == 1


@pytest.mark.representative(1)  # the same without Xet
def test_main_moves_while_it_is_merged(sender: Sender, draft: Draft) -> None:
    """The Hub's merge knows no parent: what it mixed is found afterwards, and put right."""
    api = HfApi(endpoint=sender.server.endpoint, token=False)

    def meddle() -> None:
        theirs = [CommitOperationAdd("data/default/stray.txt", b"theirs")]
        api.create_commit(draft.repository, theirs, commit_message="theirs", repo_type="dataset")

    at_first_merge(sender.server, meddle, "/merge")
    reported = sender.publish(draft, batch=BATCH)
    there = held(sender.server, draft.repository)
    assert there.files == wanted(draft)
    assert [title.partition(" [")[0] for title in there.titles] == ["theirs", draft.message, draft.message]
    assert there.tags == {draft.tag: there.head}
    assert reported["release"]["files_sent"] == 12
    assert there.open_pulls == 0


@pytest.mark.representative(1)  # the same without Xet
def test_the_pull_request_is_closed_in_between(sender: Sender, draft: Draft) -> None:
    api = HfApi(endpoint=sender.server.endpoint, token=False)

    def meddle() -> None:
        api.change_discussion_status(draft.repository, 1, "closed", repo_type="dataset")

    at_first_merge(sender.server, meddle)
    assert "release" in sender.publish(draft, batch=BATCH)
    check(sender, draft)
    assert merges(sender.server, draft.repository) == 1


@pytest.mark.representative(1)  # the same without Xet
def test_a_stranger_under_our_title_is_closed(sender: Sender, draft: Draft) -> None:
    """Anybody may open a pull request: one that brings a file of its own along is never merged."""
    sender.publish(draft, batch=BATCH)
    second = sender.draft(draft.repository, tag="v2026.01.03", parts=8, size=3_000)
    api = HfApi(endpoint=sender.server.endpoint, token=False)
    head = held(sender.server, draft.repository).head
    title = f"{second.message} [release {second.content[:12]} on {head[:12]}]"
    num = api.create_pull_request(draft.repository, title, repo_type="dataset").num
    foreign = [CommitOperationAdd("load.py", b"import os")]
    api.create_commit(draft.repository, foreign, commit_message="x", revision=f"refs/pr/{num}", repo_type="dataset")
    assert "release" in sender.publish(second, batch=BATCH)
    check(sender, second, commits=2)
    assert api.get_discussion_details(draft.repository, num, repo_type="dataset").status == "closed"


@pytest.mark.representative(1)  # other refusals; without Xet
@pytest.mark.parametrize("ref", [200, 403, 404, 500])
def test_what_older_attempts_left_is_closed_by_a_small_release(sender: Sender, draft: Draft, ref: int) -> None:
    """Also on a Hub that does not let its ref be deleted, or fails to once."""
    refusing(sender.server, "POST .*/merge", says(503, "later"))
    assert sender.publish(draft, batch=BATCH)["error"] == "ServerBusy"
    sender.server.fault = None
    if ref != 200:
        arrange(sender.server, Fault("", "DELETE .*/branch/refs", status(ref)))
    assert held(sender.server, draft.repository).open_pulls == 1
    other = sender.draft(draft.repository, parts=2)
    assert "release" in sender.publish(other)
    there = held(sender.server, draft.repository)
    assert (there.files, there.titles, there.open_pulls) == (wanted(other), [other.message], 0)


@pytest.mark.representative(1)  # the same without Xet
def test_a_pull_request_of_somebody_else_stays(sender: Sender, draft: Draft) -> None:
    sender.publish(draft)
    api = HfApi(endpoint=sender.server.endpoint, token=False)
    num = api.create_pull_request(draft.repository, "A better card", repo_type="dataset").num
    sender.publish(sender.draft(draft.repository, tag="v2026.01.03", parts=8, size=3_000), batch=BATCH)
    assert api.get_discussion_details(draft.repository, num, repo_type="dataset").status == "draft"


@pytest.mark.representative(1)  # the same without Xet
def test_a_clearance_opens_batches_too(sender: Sender, draft: Draft) -> None:
    hub = Hub(sender.server.endpoint, batch=1)
    assert hub.commit(draft, a_clearance(draft.digest)).files_sent == 11
