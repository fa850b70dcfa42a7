"""What a commit must change so that a revision holds the draft."""

import hashlib
import logging
from dataclasses import dataclass, field
from typing import Literal

from huggingface_hub import CommitOperationAdd, CommitOperationDelete
from huggingface_hub.hf_api import RepoFile

from biglam_pipeline.publish.draft import CARD, Draft, Overtaken
from biglam_pipeline.publish.hub.line import Line

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Plan:
    """Operations for one attempt: the client marks them, so each attempt has its own."""

    operations: list[CommitOperationDelete | CommitOperationAdd] = field(default_factory=list)
    """Deletions first."""
    paths: set[str] = field(default_factory=set)
    """What is sent."""
    rest: dict[str, str] = field(default_factory=dict)
    """Path -> git's id of each file that is none of the draft's."""

    @property
    def size(self) -> int:
        """Bytes that are sent at most."""
        return sum(one.upload_info.size for one in self.operations if isinstance(one, CommitOperationAdd))

    @property
    def done(self) -> bool:
        """Whether the revision holds the draft already."""
        return not self.operations


def plan_changes(line: Line, draft: Draft, revision: str) -> Plan:
    """What is not there yet, and what must go; one listing, no byte of a part is read.

    Overtaken where a card or a file of data stands there that nobody has looked at.
    """
    there = line.files(draft.repository, revision)
    _check_looked(draft, there)
    return plan_from(draft, there)


def plan_from(draft: Draft, there: dict[str, RepoFile]) -> Plan:
    """The same, of a listing."""
    wanted = draft.files.keys() | draft.texts.keys()
    plan = Plan()
    for path in sorted(there):
        if path in wanted:
            continue
        if path.startswith(draft.owned) or path in draft.gone:
            plan.operations.append(CommitOperationDelete(path))
        else:
            plan.rest[path] = there[path].blob_id
    additions = [*_parts(draft, there), *_texts(draft, there)]
    plan.operations += additions
    plan.paths = {one.path_in_repo for one in additions}
    return plan


def id_of(entry: RepoFile) -> str:
    """sha256 of a large file, git's id of a small one."""
    return str(entry.lfs.sha256 if entry.lfs else entry.blob_id)


def _check_looked(draft: Draft, there: dict[str, RepoFile]) -> None:
    if draft.looked is None:
        return
    for path, entry in there.items():
        if path != CARD and not path.startswith(draft.owned):
            continue
        own = draft.files[path].sha256 == id_of(entry) if path in draft.files else False
        own = own or (path in draft.texts and _holds(entry, draft.texts[path]))
        if not own and draft.looked.get(path) != id_of(entry):
            raise Overtaken(
                f"{draft.repository}: {path} was changed while the release was being made; run again",
                retry_after_seconds=5,
            )


def changes_between(was: dict[str, RepoFile], now: dict[str, RepoFile]) -> dict[str, Literal["new", "changed", "gone"]]:
    """Path -> what became of it between two revisions."""
    same = {path for path in was.keys() & now.keys() if was[path].blob_id == now[path].blob_id}
    return {
        path: "gone" if path not in now else "changed" if path in was else "new"
        for path in sorted((was.keys() | now.keys()) - same)
    }


def report_changes(draft: Draft, was: dict[str, RepoFile], now: dict[str, RepoFile], commit: str) -> None:
    """What others changed, and what this release makes of it: before it is undone, not after.

    was, now: listings of the commit that we knew and of the one that is there. What is there as the draft wants it is
    our own doing, by an attempt that was cut off or whose answer was lost.
    """
    wanted, plan = draft.files.keys() | draft.texts.keys(), plan_from(draft, now)
    for path, what in changes_between(was, now).items():
        if path == CARD:
            continue  # of which two write, and which is reported by what was written
        if path in wanted:
            then = "is put back" if what == "gone" else "is written again"
        else:
            then = "is deleted: the release owns that folder" if path.startswith(draft.owned) else "stays"
        if path in plan.paths or (path not in wanted and what != "gone"):
            log.warning(
                "%s: somebody else's commit %s: %s is %s there, and %s", draft.repository, commit[:12], path, what, then
            )


def _parts(draft: Draft, there: dict[str, RepoFile]) -> list[CommitOperationAdd]:
    added = []
    for path, file in sorted(draft.files.items()):
        entry = there.get(path)
        if entry is None or entry.lfs is None or entry.lfs.sha256 != file.sha256:
            operation = CommitOperationAdd(path, str(file.path))
            operation.upload_info.sha256 = bytes.fromhex(file.sha256)
            added.append(operation)
    return added


def _texts(draft: Draft, there: dict[str, RepoFile]) -> list[CommitOperationAdd]:
    return [
        CommitOperationAdd(path, data)
        for path, data in sorted(draft.texts.items())
        if path not in there or not _holds(there[path], data)
    ]


def _holds(entry: RepoFile, data: bytes) -> bool:
    """Whether a small file is this one. The Hub keeps even a small Parquet file as a pointer: its blob is not it."""
    if entry.lfs is not None:
        return bool(entry.lfs.sha256 == hashlib.sha256(data).hexdigest())
    return bool(entry.blob_id == _git_sha1(data))


def _git_sha1(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\x00" % len(data) + data, usedforsecurity=False).hexdigest()
