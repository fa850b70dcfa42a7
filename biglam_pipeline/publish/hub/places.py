"""Where a file stands in a repository's history, and whether it can still be had from there."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import quote

import httpx2
from huggingface_hub import get_session, hf_raise_for_status
from huggingface_hub.errors import HfHubHTTPError, RepositoryNotFoundError, RevisionNotFoundError
from huggingface_hub.utils._headers import build_hf_headers

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.publish.hub.judging import status_of
from biglam_pipeline.publish.hub.line import DATASET, Line

_GONE = {404, 410}


@dataclass(frozen=True, slots=True)
class Place:
    """One address of a file that must vanish. Worth keeping: once it is gone, no listing names it any more."""

    revision: str
    """A commit, or the name of a tag or other ref."""
    path: str
    sha256: str
    """Of a large file; of a small one git's id, 40 letters."""
    size: int
    """Bytes."""
    xet_hash: str = ""
    """The name under which the content store knows it, where it does."""


@dataclass(frozen=True, slots=True)
class Ref:
    """A branch, tag, conversion or pull request, with its history."""

    name: str
    """`v2026.01.02` of a tag, `refs/pr/3` of a pull request, else the branch."""
    kind: str
    """branch, convert, tag or pull."""
    commits: tuple[str, ...]
    """The youngest first."""


def list_refs(line: Line, repository: str) -> list[Ref]:
    """Every ref of a repository with its commits."""
    refs = line.refs(repository)
    if refs is None:
        return []
    kinds = {"branch": refs.branches, "convert": refs.converts, "tag": refs.tags, "pull": refs.pull_requests or []}
    return [
        Ref(ref.ref if kind in {"pull", "convert"} else ref.name, kind, _history(line, repository, ref.target_commit))
        for kind, found in kinds.items()
        for ref in found
    ]


def _history(line: Line, repository: str, commit: str) -> tuple[str, ...]:
    rows = line.ask(lambda: line.api.list_repo_commits(repository, revision=commit, repo_type=DATASET))
    return tuple(row.commit_id for row in rows)


def find_places(line: Line, repository: str, refs: Iterable[Ref], blobs: Collection[str]) -> set[Place]:
    """Every address at which one of these files stands: one listing for each commit that a ref leads to."""
    found: set[Place] = set()
    listed: dict[str, list[Place]] = {}
    for ref in refs:
        for commit in ref.commits:
            if commit not in listed:
                listed[commit] = _in_commit(line, repository, commit, blobs)
            found.update(listed[commit])
        if ref.commits:
            newest = listed[ref.commits[0]]
            found.update(Place(ref.name, one.path, one.sha256, one.size, one.xet_hash) for one in newest)
    return found


def _in_commit(line: Line, repository: str, commit: str, blobs: Collection[str]) -> list[Place]:
    found = []
    for path, entry in line.files(repository, commit).items():
        name = entry.lfs.sha256 if entry.lfs else entry.blob_id
        if name in blobs:
            found.append(Place(commit, path, name, entry.size, entry.xet_hash or ""))
    return found


# --- what can still be had ---


class Reach:
    """Fetches as a user would who noted every address in time."""

    def __init__(self, line: Line, repository: str) -> None:
        self._line, self._repository = line, repository
        self._page = f"{line.endpoint}/datasets/{repository}"
        self._headers = build_hf_headers(token=line.api.token, library_name="biglam-pipeline")

    def by_address(self, places: Collection[Place]) -> list[str]:
        """Of these, the addresses that still answer with content."""
        pages = {(quote(one.revision, safe=""), quote(one.path)) for one in places}
        urls = [f"{self._page}/resolve/{revision}/{path}" for revision, path in sorted(pages)]
        return [url for url in urls if self._answers(url)]

    def by_lfs(self, places: Collection[Place]) -> list[str]:
        """Of these, the large files that git-lfs is still given."""
        sizes = {one.sha256: one.size for one in places if len(one.sha256) == 64}
        objects = [{"oid": oid, "size": size} for oid, size in sorted(sizes.items())]
        found = []
        for begin in range(0, len(objects), 100):
            body = {"operation": "download", "transfers": ["basic"], "objects": objects[begin : begin + 100]}
            answer = self._call("POST", f"{self._page}.git/info/lfs/objects/batch", json=body)
            for row in answer.json().get("objects", []) if answer else []:
                url = row.get("actions", {}).get("download", {}).get("href")
                if url and self._answers(url):
                    found.append(f"LFS object {row['oid']}")
        return found

    def by_store(self, places: Collection[Place], commit: str) -> list[str]:
        """Of these, the files that the content store still puts together. commit: one that exists, for the key."""
        names = sorted({one.xet_hash for one in places if one.xet_hash})
        api = f"{self._line.endpoint}/api/datasets/{self._repository}"
        key = self._call("GET", f"{api}/xet-read-token/{commit}") if names else None
        if key is None:
            return []
        given = key.json()
        headers = {"Authorization": f"Bearer {given['accessToken']}"}
        urls = {name: f"{given['casUrl']}/v1/reconstructions/{name}" for name in names}
        return [f"Xet file {name}" for name, url in urls.items() if self._call("GET", url, headers=headers)]

    def _answers(self, url: str) -> bool:
        return self._call("GET", url, headers={"Range": "bytes=0-0"}) is not None

    def _call(
        self, method: str, url: str, *, headers: dict[str, str] | None = None, json: object = None
    ) -> httpx2.Response | None:
        """The answer, or None where nothing is there."""

        def call() -> httpx2.Response:
            response = get_session().request(method, url, headers={**self._headers, **(headers or {})}, json=json)
            hf_raise_for_status(response)
            return response

        try:
            return self._line.ask(call)
        except (RepositoryNotFoundError, RevisionNotFoundError):
            return None
        except (HfHubHTTPError, SourceChanged) as cause:
            if status_of(cause) in _GONE:
                return None
            raise
