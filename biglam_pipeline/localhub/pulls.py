"""How does a pull request begin, grow, clash with `main` and become part of it?"""

import difflib
from collections.abc import Callable
from pathlib import PurePosixPath

from biglam_pipeline.localhub.discussions import PULL, Discussion, Status
from biglam_pipeline.localhub.exchange import Refusal
from biglam_pipeline.localhub.hub import USER, Hub
from biglam_pipeline.localhub.markdown import render
from biglam_pipeline.localhub.repositories import Commit, Entry, Repository, Tree, now

MAX_DIFF_BYTES = 100_000


def open_discussion(repository: Repository, title: str, text: str, base: str | None, status: Status) -> Discussion:
    """A new discussion; with a commit as its base, a pull request. Numbers are never given twice."""
    repository.last_number += 1
    discussion = Discussion(repository.last_number, title, status, USER, now(), base)
    if text:
        discussion.comment(USER, discussion.created, text, render(text))
    if base is not None:
        repository.pulls[discussion.ref] = base
    repository.discussions[str(discussion.num)] = discussion
    return discussion


def note_commit(repository: Repository, branch: str, commit_id: str) -> None:
    """Tell a pull request of a commit on its ref."""
    if branch.startswith(PULL):
        data = {"subject": repository.commits[commit_id].title, "oid": commit_id}
        repository.discussions[branch.removeprefix(PULL)].tell("commit", USER, now(), data)


def clashing(tree: Tree) -> list[str]:
    """The paths that lie in a folder which is also a file."""
    return [path for path in tree if any(str(parent) in tree for parent in PurePosixPath(path).parents)]


def _changes(before: Tree, after: Tree) -> dict[str, Entry | None]:
    """The paths that differ, with what is there afterwards; None where nothing is."""
    paths = sorted(before.keys() | after.keys())
    return {path: after.get(path) for path in paths if before.get(path) != after.get(path)}


def _sides(hub: Hub, repository: Repository, discussion: Discussion) -> tuple[Tree, Tree, Tree]:
    """The trees of the base, the pull request and `main`."""
    assert discussion.base is not None
    head, main = repository.pulls.get(discussion.ref, discussion.base), repository.head("main")
    base, theirs, ours = (hub.repositories.tree(repository, at) for at in (discussion.base, head, main))
    return base, theirs, ours


def conflicts(hub: Hub, repository: Repository, discussion: Discussion) -> list[str]:
    """The paths that both sides changed since the base, and not alike; none once the pull request has ended."""
    if discussion.base is None or discussion.ref not in repository.pulls or discussion.status == "merged":
        return []
    base, theirs, ours = _sides(hub, repository, discussion)
    wanted, there = _changes(base, theirs), _changes(base, ours)
    both = {path for path in wanted.keys() & there.keys() if wanted[path] != there[path]}
    return sorted(both | set(clashing(_merged(ours, wanted))))


def _merged(ours: Tree, wanted: dict[str, Entry | None]) -> Tree:
    tree = {path: entry for path, entry in ours.items() if path not in wanted}
    return tree | {path: entry for path, entry in wanted.items() if entry is not None}


def merge(hub: Hub, repository: Repository, discussion: Discussion) -> str:
    """Move `main` by one commit that holds all changes of the pull request; returns its id."""
    if discussion.base is None or discussion.ref not in repository.pulls:
        raise Refusal(400, f"Discussion {discussion.num} has no commits to merge")
    if discussion.status != "open":
        remedy = ": set its status to open first" if discussion.status == "draft" else ""
        raise Refusal(400, f"Pull request {discussion.num} is {discussion.status}{remedy}")
    if clash := conflicts(hub, repository, discussion):
        raise Refusal(409, f"Pull request {discussion.num} conflicts with main in {', '.join(clash[:20])}")
    base, theirs, ours = _sides(hub, repository, discussion)
    name = hub.repositories.write_tree(repository.id, _merged(ours, _changes(base, theirs)))
    title = f"{discussion.title} (#{discussion.num})"
    text = "\n".join(event["data"]["subject"] for event in discussion.events if event["type"] == "commit")
    discussion.merged = repository.add("main", Commit(repository.head("main"), name, title, text, now(), USER))
    discussion.become("merged", USER, now())
    return discussion.merged


def diff(hub: Hub, repository: Repository, discussion: Discussion) -> str:
    """What a pull request changes, as git would print it."""
    base, theirs, _ = _sides(hub, repository, discussion)
    lines: list[str] = []
    for path in _changes(base, theirs):
        lines.append(f"diff --git a/{path} b/{path}\n")
        before, after = (_text(hub.text, tree.get(path)) for tree in (base, theirs))
        if before is None or after is None:
            lines.append(f"Binary files a/{path} and b/{path} differ\n")
            continue
        lines += difflib.unified_diff(before, after, f"a/{path}", f"b/{path}")
    return "".join(lines)


def _text(read: Callable[[Entry, int], str], entry: Entry | None) -> list[str] | None:
    """The lines of a small regular file; None where a diff of it is of no use."""
    if entry is None:
        return []
    if entry.lfs or entry.size > MAX_DIFF_BYTES:
        return None
    return [f"{line}\n" for line in read(entry, MAX_DIFF_BYTES).splitlines()]
