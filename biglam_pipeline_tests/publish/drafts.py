"""Drafts of chance bytes, which no store has seen before, and what a repository must hold once one is published."""

import base64
import hashlib
import json
import os
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from huggingface_hub import HfApi
from huggingface_hub.hf_api import RepoFile

from biglam_pipeline.checks import CHECKS
from biglam_pipeline.clearance import Clearance, Finding, required
from biglam_pipeline.publish.draft import Draft, LocalFile
from biglam_pipeline_tests.servers.hub import HubServer

CARD = "---\nlicense: cc0-1.0\npretty_name: {name}\n---\n\n# {name}\n\nRelease {tag}.\n"


def a_name(owner: str = "drafts") -> str:
    """A repository that no other test has."""
    return f"{owner}/r{uuid.uuid4().hex[:12]}"


def a_draft(
    folder: Path,
    repository: str,
    tag: str = "v2026.01.02",
    *,
    parts: int = 3,
    size: int = 20_000,
    kept: Draft | None = None,
) -> Draft:
    """kept: a draft whose first part stays as it is."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {}
    for number in range(parts):
        path = folder / f"{uuid.uuid4().hex}.parquet"
        path.write_bytes(os.urandom(size))
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        files[f"data/default/part-{number:05d}.parquet"] = LocalFile(path, size, sha256)
    if kept is not None:
        first = min(kept.files)
        files[first] = kept.files[first]
    manifest = json.dumps({path: file.sha256 for path, file in files.items()}).encode()
    digest = hashlib.sha256(manifest).hexdigest()
    return Draft(
        repository=repository,
        digest=digest,
        content=digest,
        files=files,
        texts={
            "README.md": CARD.format(name=repository, tag=tag).encode(),
            ".biglam/manifest.json": manifest,
            ".biglam/removed.parquet": os.urandom(300),
        },
        message=f"{tag}: {parts} rows",
        tag=tag,
        rows=parts,
    )


def a_clearance(digest: str) -> Clearance:
    """For the data of this digest."""
    assert CHECKS  # importing them is what makes them known to the gate
    return Clearance.grant("x", [Finding(name, "shards", digest, True, "good") for name in required()], digest)


def written(draft: Draft) -> dict[str, Any]:
    """A draft as JSON."""
    plain = {name: getattr(draft, name) for name in ("repository", "digest", "content", "message", "tag", "rows")}
    files = {path: [str(file.path), file.size, file.sha256] for path, file in draft.files.items()}
    return plain | {
        "files": files,
        "texts": {path: base64.b64encode(data).decode() for path, data in draft.texts.items()},
    }


def read(row: dict[str, Any]) -> Draft:
    """A draft from JSON."""
    files = {path: LocalFile(Path(name), size, sha256) for path, (name, size, sha256) in row["files"].items()}
    return Draft(
        **{**row, "files": files, "texts": {path: base64.b64decode(text) for path, text in row["texts"].items()}}
    )


def wanted(draft: Draft) -> dict[str, str]:
    """Path -> sha256 of a large file, git's id of a small one."""
    small = {
        path: hashlib.sha256(data).hexdigest() if path.endswith(".parquet") else _git_id(data)
        for path, data in draft.texts.items()
    }
    return {path: file.sha256 for path, file in draft.files.items()} | small


def _git_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


@dataclass(frozen=True)
class Held:
    """What a repository holds."""

    files: dict[str, str]
    """Path -> sha256 or git's id, of the draft's folders and the card."""
    head: str
    titles: list[str]
    """Of the commits of `main`, the oldest first, without the one that it is born with."""
    tags: dict[str, str]
    open_pulls: int


def held(server: HubServer, repository: str) -> Held:
    """Asks as a stranger would."""
    api = HfApi(endpoint=server.endpoint, token=False)
    entries = api.list_repo_tree(repository, recursive=True, repo_type="dataset")
    files = {
        entry.path: entry.lfs.sha256 if entry.lfs else entry.blob_id for entry in entries if isinstance(entry, RepoFile)
    }
    files.pop(".gitattributes", None)
    commits = api.list_repo_commits(repository, repo_type="dataset")
    titles = [commit.title for commit in reversed(commits) if commit.title != "initial commit"]
    tags = {tag.name: tag.target_commit for tag in api.list_repo_refs(repository, repo_type="dataset").tags}
    pulls = list(api.get_repo_discussions(repository, discussion_status="open", repo_type="dataset"))
    return Held(files, commits[0].commit_id, titles, tags, len(pulls))


def data_bytes(rows: list[tuple[str, str, int, int]]) -> int:
    """Bytes of content that the server took. rows: of its log."""
    taken = {"PUT", "POST"}
    return sum(count for method, path, count, status in rows if method in taken and _is_data(path) and status == 200)


def _is_data(path: str) -> bool:
    return path.startswith("/lfs/") or "/v1/xorbs/" in path


def content_bytes(draft: Draft) -> int:
    """Bytes of its large files."""
    return sum(file.size for file in draft.files.values()) + len(draft.texts[".biglam/removed.parquet"])
