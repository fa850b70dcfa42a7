"""The community tab as the client sees it: discussions and pull requests."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from starlette.responses import JSONResponse, Response

from biglam_pipeline.localhub.discussions import PULL, Discussion
from biglam_pipeline.localhub.exchange import Call, Endpoint, Refusal
from biglam_pipeline.localhub.hub import USER, Hub
from biglam_pipeline.localhub.markdown import render
from biglam_pipeline.localhub.pulls import conflicts, diff, merge, open_discussion
from biglam_pipeline.localhub.repositories import Repository, now

PAGE = 50


def _row(repository: Repository, discussion: Discussion) -> dict[str, Any]:
    return {
        "num": discussion.num,
        "title": discussion.title,
        "status": discussion.status,
        "author": {"name": discussion.author, "type": "user"},
        "createdAt": discussion.created,
        "isPullRequest": discussion.base is not None,
        "numComments": sum(event["type"] == "comment" for event in discussion.events),
        "pinned": False,
        "repo": {"name": repository.id, "type": "dataset"},
    }


def find(repository: Repository, num: str) -> Discussion:
    """The discussion of a number."""
    try:
        return repository.discussions[num]
    except KeyError:
        raise Refusal(404, f"No discussion {num[:20]} in {repository.id}") from None


@contextmanager
def _changing(hub: Hub, call: Call) -> Iterator[tuple[Repository, Discussion]]:
    hub.repository(call)
    with hub.repositories.changing(call.repo_id) as repository:
        yield repository, find(repository, call.at["num"])


def listed(hub: Hub, call: Call) -> Response:
    """The discussions, youngest first, by `type`, `status` and `author`, a page at a time."""
    repository = hub.repository(call)
    kind, status, author = call.query("type", "all"), call.query("status", "all"), call.query("author")
    found = [
        _row(repository, discussion)
        for discussion in reversed(repository.discussions.values())
        if kind in ("all", "discussion" if discussion.base is None else "pull_request")
        and status in ("all", "open" if discussion.is_open else "closed")
        and author in ("", discussion.author)
    ]
    page = call.query("p", "0")
    start = PAGE * int(page) if page.isascii() and page.isdecimal() else 0
    closed = sum(not discussion.is_open for discussion in repository.discussions.values())
    rows = found[start : start + PAGE]
    return JSONResponse({"discussions": rows, "count": len(found), "start": start, "numClosedDiscussions": closed})


def details(hub: Hub, call: Call) -> Response:
    """One discussion with its events; of a pull request also its conflicts and, with `diff`, its changes."""
    repository = hub.repository(call)
    discussion = find(repository, call.at["num"])
    row = _row(repository, discussion) | {"events": discussion.events}
    if discussion.base is not None:
        row["changes"] = {"base": "refs/heads/main"}
        if discussion.merged:
            row["changes"]["mergeCommitId"] = discussion.merged
        row["filesWithConflicts"] = conflicts(hub, repository, discussion)
        if call.asks("diff") and discussion.ref in repository.pulls:
            row["diff"] = diff(hub, repository, discussion)
    return JSONResponse(row)


def create(hub: Hub, call: Call) -> Response:
    """A discussion, or a pull request, which is a draft until it is opened."""
    document = call.json()
    title = _title(document)
    hub.repository(call)
    with hub.repositories.changing(call.repo_id) as repository:
        text = str(document.get("description") or "")
        if document.get("pullRequest"):
            discussion = open_discussion(repository, title, text, repository.head("main"), "draft")
        else:
            discussion = open_discussion(repository, title, text, None, "open")
    url = f"{call.base}/datasets/{call.repo_id}/discussions/{discussion.num}"
    return JSONResponse({"num": discussion.num, "url": url, "pullRequest": discussion.base is not None})


def _title(document: dict[str, Any]) -> str:
    title = str(document.get("title") or "").strip()
    if not 3 <= len(title) <= 200:
        raise Refusal(400, "A title has 3 to 200 letters")
    return title


def _text(document: dict[str, Any], key: str) -> str:
    text = str(document.get(key) or "").strip()
    if not text:
        raise Refusal(400, f"The {key} is empty")
    return text


def comment(hub: Hub, call: Call) -> Response:
    """Add a comment."""
    text = _text(call.json(), "comment")
    with _changing(hub, call) as (_, discussion):
        event = discussion.comment(USER, now(), text, render(text))
    return JSONResponse({"newMessage": event})


def edit_comment(hub: Hub, call: Call) -> Response:
    """Replace the text of a comment; the former one is kept in its history."""
    text = _text(call.json(), "content")
    with _changing(hub, call) as (_, discussion):
        event = _find_comment(discussion, call.at["comment"])
        data = event["data"]
        if data["hidden"]:
            raise Refusal(403, "A hidden comment cannot be edited")
        data["history"].append(data["latest"])
        data["latest"] = {"raw": text, "html": render(text), "updatedAt": now(), "author": {"name": USER}}
        data.update(edited=True, numEdits=len(data["history"]))
    return JSONResponse({"updatedComment": event})


def hide_comment(hub: Hub, call: Call) -> Response:
    """Remove the text of a comment for good."""
    with _changing(hub, call) as (_, discussion):
        event = _find_comment(discussion, call.at["comment"])
        event["data"]["latest"] |= {"raw": "", "html": "", "updatedAt": now()}
        event["data"].update(hidden=True, history=[])
    return JSONResponse({"updatedComment": event})


def _find_comment(discussion: Discussion, name: str) -> dict[str, Any]:
    for event in discussion.events:
        if event["type"] == "comment" and event["id"] == name:
            return event
    raise Refusal(404, f"No comment {name[:40]} in discussion {discussion.num}")


def rename(hub: Hub, call: Call) -> Response:
    """Another title."""
    title = _title(call.json())
    with _changing(hub, call) as (_, discussion):
        event = discussion.tell("title-change", USER, now(), {"from": discussion.title, "to": title})
        discussion.title = title
    return JSONResponse({"newTitle": event})


def change_status(hub: Hub, call: Call) -> Response:
    """Close or open again; the ref of a closed pull request stays until it is deleted."""
    document = call.json()
    status = document.get("status")
    if status not in ("open", "closed"):
        raise Refusal(400, f"Unknown status: {status}")
    with _changing(hub, call) as (repository, discussion):
        if discussion.status in (status, "merged"):
            raise Refusal(400, f"Discussion {discussion.num} is {discussion.status} already")
        if status == "open" and discussion.base is not None and discussion.ref not in repository.pulls:
            raise Refusal(400, f"The commits of pull request {discussion.num} have been deleted")
        _remark(discussion, document)
        event = discussion.become("open" if status == "open" else "closed", USER, now())
    return JSONResponse({"newStatus": event})


def _remark(discussion: Discussion, document: dict[str, Any]) -> None:
    if text := str(document.get("comment") or "").strip():
        discussion.comment(USER, now(), text, render(text))


def merge_pull(hub: Hub, call: Call) -> Response:
    """Bring a pull request into `main`: one commit, or a refusal that names the conflicts."""
    document = call.json() if call.body not in (b"", b"null") else {}
    with _changing(hub, call) as (repository, discussion):
        _remark(discussion, document)
        commit_id = merge(hub, repository, discussion)
    return JSONResponse({"success": True, "mergeCommitId": commit_id})


def delete(hub: Hub, call: Call) -> Response:
    """Forget a discussion; of a pull request also its ref, and the files that only it led to."""
    hub.repository(call)
    with hub.pruning(call.repo_id) as repository:
        discussion = find(repository, call.at["num"])
        repository.pulls.pop(discussion.ref, None)
        del repository.discussions[call.at["num"]]
    return JSONResponse({})


def drop_ref(repository: Repository, ref: str) -> None:
    """Remove the ref of a pull request, which is closed by that; the discussion stays."""
    discussion = find(repository, ref.removeprefix(PULL))
    if repository.pulls.pop(ref, None) is None:
        raise Refusal(404, f"Pull request {discussion.num} has no ref", "RevisionNotFound")
    if discussion.is_open:
        discussion.become("closed", USER, now())


LIST = "/api/datasets/{ns}/{name}/discussions"
ONE = LIST + "/{num}"
ENDPOINTS = (
    Endpoint("GET", LIST, listed),
    Endpoint("POST", LIST, create, writes=True),
    Endpoint("GET", ONE, details),
    Endpoint("DELETE", ONE, delete, writes=True),
    Endpoint("POST", ONE + "/comment", comment, writes=True),
    Endpoint("POST", ONE + "/comment/{comment}/edit", edit_comment, writes=True),
    Endpoint("POST", ONE + "/comment/{comment}/hide", hide_comment, writes=True),
    Endpoint("POST", ONE + "/title", rename, writes=True),
    Endpoint("POST", ONE + "/status", change_status, writes=True),
    Endpoint("POST", ONE + "/merge", merge_pull, writes=True),
)
