"""The only door to the Hub: one atomic commit a release, planned against what is there, retried, tagged, read back."""

import hashlib
import logging
import os
import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, BinaryIO, TypeVar

os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
os.environ.setdefault("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")  # a token found on disk must never go to our endpoint

import httpx2 as hub_http  # what huggingface_hub 2.x talks through: its errors are raised as they are
from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    DatasetCardData,
    HfApi,
    HfFileSystem,
)
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.hf_api import RepoFile

from biglam_pipeline.clearance import Clearance
from biglam_pipeline.environment import is_loopback
from biglam_pipeline.errors import ConfigError, RightsWithheld, ServerBusy, SourceChanged
from biglam_pipeline.publish.draft import Draft, Release

log = logging.getLogger(__name__)

T = TypeVar("T")
ATTEMPTS = 6
_AGAIN = {408, 409, 412, 425, 429, 500, 502, 503, 504}


def header_yaml(fields: dict[str, Any]) -> str:
    """A card's YAML header, dumped by the Hub's own client: it quotes `no` and keeps `1.10`."""
    return DatasetCardData(**fields).to_yaml()


class Hub:
    """A Hub at one address. The token is handed in, and read from nowhere else."""

    def __init__(
        self,
        endpoint: str,
        token: str = "",
        *,
        publish: bool = False,
        remedy: str = "check BIGLAM_HUB_ENDPOINT",
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """publish: whether anything may leave loopback; remedy: what to do where nothing answers."""
        self._allowed = is_loopback(endpoint) or bool(publish and token)
        self.endpoint = endpoint.rstrip("/")
        self._api = HfApi(endpoint=self.endpoint, token=token or False, library_name="biglam-pipeline")
        self._files: HfFileSystem | None = None
        self._remedy = remedy
        self._sleep = sleep

    def url(self, repository: str, commit: str = "") -> str:
        """The page of a repository, or of one commit in it."""
        page = f"{self.endpoint}/datasets/{repository}"
        return f"{page}/commit/{commit}" if commit else page

    # --- publishing ---

    def commit(self, draft: Draft, clearance: Clearance) -> Release:
        """Makes the draft true of the repository in one commit, or finds that it already is.

        RightsWithheld where the clearance was granted for other data. ServerBusy after six attempts.
        """
        if not isinstance(clearance, Clearance) or clearance.digest != draft.digest:
            raise RightsWithheld(f"{draft.repository}: the clearance was granted for other data; publish again")
        head = self._head(draft.repository)
        if head is None:
            self._try(lambda: self._api.create_repo(draft.repository, repo_type="dataset", private=True, exist_ok=True))
            head = self._head(draft.repository)
        commit, sent, paths = self._land(draft, head or "")
        tag = self._tag(draft, commit)
        url = self.url(draft.repository, commit)
        release = Release(draft.repository, draft.content, commit, tag, draft.rows, url, files_sent=sent)
        return replace(release, changed=tuple(sorted(paths)))

    def stands(self, last: Release, files: dict[str, str]) -> bool:
        """Whether the last release is still what the repository holds: three requests, no byte up.

        files: path in the repository -> sha256 of each part.
        """
        if self._head(last.repository) != last.commit:
            return False
        there = self.listing(last.repository, last.commit)
        if any(there.get(path, (0, ""))[1] != sha256 for path, sha256 in files.items()):
            return False
        self._try(
            lambda: self._api.create_tag(
                last.repository, tag=last.tag, revision=last.commit, repo_type="dataset", exist_ok=True
            )
        )
        return True

    def _land(self, draft: Draft, head: str) -> tuple[str, int, set[str]]:
        """The commit that holds the draft, how many operations it took (none where it was there already), and the
        paths that were sent by this or by an attempt whose answer was lost.
        """
        sent: set[str] = set()
        for attempt in range(1, ATTEMPTS + 1):
            add, gone = self._plan(draft, head)
            if not add and not gone:
                return head, 0, sent  # also: our commit landed and its answer was lost
            sent.update(one.path_in_repo for one in add)
            try:
                done = self._api.create_commit(
                    draft.repository,
                    [*gone, *add],
                    commit_message=draft.message,
                    repo_type="dataset",
                    parent_commit=head,
                )
            except (HfHubHTTPError, hub_http.TransportError, ConnectionError) as cause:
                self._wait(cause, attempt)
                head = self._head(draft.repository) or head
                continue
            log.info("%s: committed %d files, deleted %d", draft.repository, len(add), len(gone))
            return str(done.oid), len(add) + len(gone), sent
        raise ServerBusy(
            f"{draft.repository}: the Hub did not take the commit in {ATTEMPTS} attempts", retry_after_seconds=300
        )

    def _plan(self, draft: Draft, head: str) -> tuple[list[CommitOperationAdd], list[CommitOperationDelete]]:
        """What is not there yet, and what must go; operations are made anew for each attempt."""
        there = {
            entry.path: entry
            for entry in self._try(
                lambda: list(
                    self._api.list_repo_tree(draft.repository, recursive=True, revision=head, repo_type="dataset")
                )
            )
            if isinstance(entry, RepoFile)
        }
        add = []
        for path, file in sorted(draft.files.items()):
            entry = there.get(path)
            if entry is None or entry.lfs is None or entry.lfs.sha256 != file.sha256:
                operation = CommitOperationAdd(path, str(file.path))
                operation.upload_info.sha256 = bytes.fromhex(file.sha256)
                add.append(operation)
        for path, data in sorted(draft.texts.items()):
            entry = there.get(path)
            if entry is None or not _holds(entry, data):
                add.append(CommitOperationAdd(path, data))
        wanted = draft.files.keys() | draft.texts.keys()
        gone = [p for p in sorted(there) if p.startswith(draft.owned) and p not in wanted]
        return add, [CommitOperationDelete(path) for path in gone]

    def _tag(self, draft: Draft, commit: str) -> str:
        """The release's tag, made where it is not there yet."""
        taken = self._tags(draft.repository)
        mine = [tag for tag, target in taken.items() if target == commit]
        name = mine[0] if mine else _free(draft.tag, set(taken))
        self._try(
            lambda: self._api.create_tag(
                draft.repository, tag=name, revision=commit, repo_type="dataset", exist_ok=True
            )
        )
        return name

    def free_tag(self, repository: str, tag: str) -> str:
        """The tag that a release gets, known before its card is written; a day's second release gets `.1`."""
        return _free(tag, set(self._tags(repository)))

    def _tags(self, repository: str) -> dict[str, str]:
        """Tag -> commit; none where there is no such repository yet."""
        try:
            refs = self._try(lambda: self._api.list_repo_refs(repository, repo_type="dataset"))
        except RepositoryNotFoundError:
            return {}
        return {tag.name: tag.target_commit for tag in refs.tags}

    def _head(self, repository: str) -> str | None:
        """The commit that `main` points to; None where there is no such repository."""
        try:
            return str(self._try(lambda: self._api.repo_info(repository, repo_type="dataset", revision="main")).sha)
        except (RepositoryNotFoundError, RevisionNotFoundError):
            return None

    # --- reading back ---

    def listing(self, repository: str, commit: str) -> dict[str, tuple[int, str]]:
        """Path -> size and sha256 (empty for small files) of everything in a commit."""
        entries = self._try(
            lambda: list(self._api.list_repo_tree(repository, recursive=True, revision=commit, repo_type="dataset"))
        )
        return {
            entry.path: (entry.size, entry.lfs.sha256 if entry.lfs else "")
            for entry in entries
            if isinstance(entry, RepoFile)
        }

    def open(self, repository: str, commit: str, path: str) -> BinaryIO:
        """A file of a commit, read over the wire as users read it: only the ranges that are asked for."""
        # One file system for all: what it remembers of a commit stays true, a commit does not change.
        if self._files is None:
            self._files = HfFileSystem(endpoint=self.endpoint, token=self._api.token, skip_instance_cache=True)
        stream: BinaryIO = self._files.open(f"datasets/{repository}@{commit}/{path}", "rb")
        return stream

    # --- patience ---

    def _try(self, call: Callable[[], T]) -> T:
        """A call that the client itself does not retry; ConfigError where this Hub may not be asked at all."""
        if not self._allowed:
            raise ConfigError(
                f"BIGLAM_HUB_ENDPOINT={self.endpoint} is not on this machine: publishing there needs BIGLAM_PUBLISH=1 "
                "and BIGLAM_HUB_TOKEN"
            )
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return call()
            except (RepositoryNotFoundError, RevisionNotFoundError):
                raise
            except (HfHubHTTPError, hub_http.TransportError, ConnectionError) as cause:
                self._wait(cause, attempt)
        raise ServerBusy(f"{self.endpoint} did not answer in {ATTEMPTS} attempts", retry_after_seconds=300)

    def _wait(self, cause: Exception, attempt: int) -> None:
        """Sleeps before the next attempt; raises at once where another attempt cannot help."""
        if isinstance(cause, hub_http.ConnectError):
            raise ConfigError(f"no Hub answers at {self.endpoint}; {self._remedy}") from cause
        status = cause.response.status_code if isinstance(cause, HfHubHTTPError) and cause.response is not None else 0
        refused = "403" in str(cause) or "401" in str(cause) if isinstance(cause, ConnectionError) else False
        if status in {401, 403} or refused:
            raise SourceChanged(
                f"{self.endpoint} refuses to write ({status or 'through its store'}); the token in BIGLAM_HUB_TOKEN "
                "needs write access to the repository's owner"
            ) from cause
        if status and status not in _AGAIN:
            raise cause
        asked = cause.response.headers.get("Retry-After", "") if status and isinstance(cause, HfHubHTTPError) else ""
        pause = float(asked) if asked.isdigit() else min(30.0, 2.0**attempt) * (0.5 + random.random())
        log.warning("the Hub answered %s; attempt %d, waiting %.0f s", status or type(cause).__name__, attempt, pause)
        self._sleep(pause)


def _free(tag: str, taken: set[str]) -> str:
    names = [tag, *(f"{tag}.{n}" for n in range(1, 1000))]
    return next(name for name in names if name not in taken)


def _holds(entry: RepoFile, data: bytes) -> bool:
    """Whether a small file is this one. The Hub keeps even a small Parquet file as a pointer: its blob is not it."""
    if entry.lfs is not None:
        return bool(entry.lfs.sha256 == hashlib.sha256(data).hexdigest())
    return bool(entry.blob_id == _git_sha1(data))


def _git_sha1(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\x00" % len(data) + data, usedforsecurity=False).hexdigest()
