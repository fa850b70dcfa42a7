"""Many changes, in batches on a pull request's own ref and then merged, so that `main` moves once."""

import logging
import re

from huggingface_hub import Discussion
from huggingface_hub.errors import HfHubHTTPError

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.publish.draft import Draft
from biglam_pipeline.publish.hub.judging import UNSURE, Moved, status_of
from biglam_pipeline.publish.hub.line import DATASET, Line
from biglam_pipeline.publish.hub.planning import Plan, plan_changes

log = logging.getLogger(__name__)

_MARK = re.compile(r"\[release (\S+) on [0-9a-f]{12}\]$")
_NO_SUCH_CALL = {400, 403, 404, 405, 501}
"""A Hub that keeps the refs of pull requests says so in one of these ways; a purge's proof tells what that leaves."""


def merge_in_batches(line: Line, draft: Draft, plan: Plan, head: str, batch: int) -> None:
    """Brings the plan into `main` by one merge. plan: made against `head`, the commit of `main` now.

    Raises Moved where `main` or the pull request changed in between: then everything is to be planned again. A killed
    attempt's pull request is gone on with where it began at the same head; where it did not, it is closed.
    The Hub's merge knows no parent: who calls this looks afterwards whether `main` holds the draft.
    """
    pull = _own_pull(line, draft, head)
    _fill(line, draft, pull, plan, batch)
    _merge(line, draft, pull, head)


def close_leftovers(line: Line, repository: str) -> None:
    """Closes every pull request that a publication left behind; to be called where one has just ended well."""
    for pull in _marked(line, repository):
        drop_pull(line, repository, pull.num)


def drop_pull(line: Line, repository: str, num: int) -> None:
    """Closes a pull request and deletes its ref, which alone may hold files. Where it is done already, nothing."""
    if _state(line, repository, num) in {"draft", "open"}:
        try:
            line.ask(lambda: line.api.change_discussion_status(repository, num, "closed", repo_type=DATASET), "close")
        except (HfHubHTTPError, SourceChanged):
            if _state(line, repository, num) in {"draft", "open"}:
                raise
    try:
        line.ask(lambda: line.api.delete_branch(repository, branch=f"refs/pr/{num}", repo_type=DATASET))
    except (HfHubHTTPError, SourceChanged) as cause:
        if status_of(cause) not in _NO_SUCH_CALL:
            raise
        log.info("%s: the ref of pull request %d stays: %d", repository, num, status_of(cause))


# --- which one ---


def _mark(draft: Draft, head: str) -> str:
    return f"[release {draft.content[:12]} on {head[:12]}]"


def _marked(line: Line, repository: str) -> list[Discussion]:
    """The pull requests of ours that await an end, the oldest first."""
    found = line.ask(
        lambda: list(
            line.api.get_repo_discussions(
                repository, discussion_type="pull_request", discussion_status="open", repo_type=DATASET
            )
        )
    )
    return sorted((one for one in found if _MARK.search(one.title)), key=lambda one: one.num)


def _own_pull(line: Line, draft: Draft, head: str) -> int:
    """The number of the one pull request for this draft on this head; what is left of others is closed."""
    own = _pick(line, draft, head)
    if own is not None:
        log.info("%s: going on with pull request %d", draft.repository, own)
        return own
    # Not asked twice: where the answer is lost, the next attempt finds it by its title.
    title = f"{draft.message[:150]} {_mark(draft, head)}"
    text = "One release in several commits. It is merged, or closed, by the program that opened it."
    made = line.once(
        lambda: line.api.create_pull_request(draft.repository, title, description=text, repo_type=DATASET),
        "open a pull request",
    ).num
    own = _pick(line, draft, head, made)
    if own is None:
        raise Moved(f"pull request {made} was closed in between")
    return own


def _pick(line: Line, draft: Draft, head: str, made: int = 0) -> int | None:
    """The oldest that will do: two processes that publish the same agree on it. made: one that was just opened."""
    own: int | None = None
    for pull in _marked(line, draft.repository):
        marked = _MARK.search(pull.title)
        fits = pull.title.endswith(_mark(draft, head))
        if own is None and fits and (pull.num == made or _is_usable(line, draft, pull, head)):
            own = pull.num
        elif marked and marked[1] == draft.content[:12]:
            drop_pull(line, draft.repository, pull.num)
    return own


def _is_usable(line: Line, draft: Draft, pull: Discussion, head: str) -> bool:
    """Whether it was opened by us, and holds nothing beside the draft that `main` does not hold: anybody may open one
    under this title.
    """
    if line.has_token and pull.author != line.ask(lambda: line.api.whoami(cache=True)).get("name"):
        return False
    at = line.head(draft.repository, f"refs/pr/{pull.num}")
    if at is None:
        return False
    return plan_changes(line, draft, at).rest == plan_changes(line, draft, head).rest


def _state(line: Line, repository: str, num: int) -> str:
    """draft, open, closed or merged."""
    return str(line.ask(lambda: line.api.get_discussion_details(repository, num, repo_type=DATASET)).status)


# --- what is done with it ---


def _fill(line: Line, draft: Draft, pull: int, main: Plan, batch: int) -> None:
    """Commits to the pull request's ref until it holds the draft. main: the plan made against `main`."""
    repository, ref = draft.repository, f"refs/pr/{pull}"
    attempts = line.attempts("take a batch")
    while True:
        at = line.head(repository, ref)
        if at is None:
            raise Moved(f"{ref} is gone")
        plan = plan_changes(line, draft, at)
        if plan.rest != main.rest:
            drop_pull(line, repository, pull)
            raise Moved(f"{ref} holds files that are not of this release")
        if plan.done:
            return
        try:
            for begin in range(0, len(plan.operations), batch):
                operations = plan.operations[begin : begin + batch]
                message = f"{draft.message} ({begin + len(operations)} of {len(plan.operations)})"
                at = _commit_batch(line, draft, Plan(operations), message, ref, at)
                line.retries.restore()  # it goes on
                attempts = line.attempts("take a batch")
        except UNSURE as cause:
            if _state(line, repository, pull) not in {"draft", "open"}:
                raise Moved(f"{ref} was closed in between") from cause
            attempts.failed(cause)


def _commit_batch(line: Line, draft: Draft, batch: Plan, message: str, ref: str, at: str) -> str:
    """The ref's commit after it. at: before it."""
    done = line.once(
        lambda: line.api.create_commit(
            draft.repository,
            batch.operations,
            commit_message=message,
            revision=ref,
            repo_type=DATASET,
            parent_commit=at,
        ),
        "take a batch",
        batch.size,
    )
    return str(done.oid)


def _merge(line: Line, draft: Draft, pull: int, head: str) -> None:
    repository = draft.repository
    attempts = line.attempts("merge")
    while True:
        state = line.ask(lambda: line.api.get_discussion_details(repository, pull, repo_type=DATASET))
        if state.status == "merged":
            return
        if state.status == "closed" or state.conflicting_files or line.head(repository) != head:
            raise Moved(f"main moved, or pull request {pull} was {state.status}, before it could be merged")
        try:
            if state.status == "draft":
                line.once(
                    lambda: line.api.change_discussion_status(repository, pull, "open", repo_type=DATASET),
                    "open a pull request",
                )
                continue
            line.once(lambda: line.api.merge_pull_request(repository, pull, repo_type=DATASET), "merge")
        except UNSURE as cause:
            if _state(line, repository, pull) == state.status:
                attempts.failed(cause)
        else:
            log.info("%s: merged pull request %d", repository, pull)
            return
