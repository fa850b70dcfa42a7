"""What is a repository here: refs, commits, and for each commit the whole tree, so that any revision can be read?"""

import copy
import hashlib
import json
import re
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from biglam_pipeline.localhub.discussions import PULL, Discussion
from biglam_pipeline.localhub.exchange import Refusal, no_repository, no_revision
from biglam_pipeline.localhub.state import StateFolder, discard

# The client's own rule for names (huggingface_hub.utils._validators), plus: no leading dot, as names are folders here.
NAME = re.compile(r"(?!.*(--|\.\.))[A-Za-z0-9_]([A-Za-z0-9._-]{0,94}[A-Za-z0-9_])?")
REF_NAME = re.compile(r"(?!.*(\.\.|//|@\{|\.lock$))[^\x00-\x20~^:?*\[\\/.-][^\x00-\x20~^:?*\[\\]*(?<![/.])")
COMMIT_ID = re.compile(r"[0-9a-f]{7,40}")


class Entry(NamedTuple):
    """One file of a tree. `oid` is git's name for it: of the pointer, where the file is `lfs`."""

    oid: str
    size: int
    sha256: str
    lfs: bool
    xet_hash: str | None = None


Tree = dict[str, Entry]


@dataclass(slots=True)
class Commit:
    """A commit; `tree` names the tree document."""

    parent: str | None
    tree: str
    title: str
    message: str
    date: str
    author: str


@dataclass(slots=True)
class Repository:
    """What one repository's JSON holds."""

    id: str
    created: str
    private: bool = False
    gated: Literal["auto", "manual", False] = False
    branches: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    commits: dict[str, Commit] = field(default_factory=dict)
    pulls: dict[str, str] = field(default_factory=dict)  # refs/pr/N to its commit
    discussions: dict[str, Discussion] = field(default_factory=dict)  # by number; JSON has no other keys than text
    last_number: int = 0
    deleted: list[str] = field(default_factory=list)  # sha256 of large files that trees name but that are gone

    def resolve(self, revision: str) -> str:
        """The commit that a branch, tag, full ref, pull request or commit id of seven letters or more means."""
        if revision.startswith("refs/heads/"):
            found = self.branches.get(revision.removeprefix("refs/heads/"))
        elif revision.startswith("refs/tags/"):
            found = self.tags.get(revision.removeprefix("refs/tags/"))
        else:
            found = self.branches.get(revision) or self.tags.get(revision) or self.pulls.get(revision)
        if found is None and COMMIT_ID.fullmatch(revision):
            begins = [commit for commit in self.commits if commit.startswith(revision)]
            found = begins[0] if len(begins) == 1 else None
        if found is None:
            raise no_revision(revision)
        return found

    def branch(self, revision: str) -> str:
        """The name of an existing branch; of a pull request that still awaits an end, its ref."""
        name = revision.removeprefix("refs/heads/")
        if name in self.pulls:
            discussion = self.discussions[name.removeprefix(PULL)]
            if not discussion.is_open:
                raise Refusal(403, f"Pull request {discussion.num} is {discussion.status}")
        elif name not in self.branches:
            raise no_revision(revision)
        return name

    def head(self, branch: str) -> str:
        """The youngest commit of a branch or of a pull request's ref."""
        return self._moving(branch)[branch]

    def _moving(self, branch: str) -> dict[str, str]:
        return self.pulls if branch.startswith(PULL) else self.branches

    def refs(self) -> Iterator[tuple[str, str]]:
        """Every full ref with its commit, `main` first."""
        yield from ((f"refs/heads/{name}", at) for name, at in sorted(self.branches.items(), key=_main_first))
        yield from ((f"refs/tags/{name}", at) for name, at in sorted(self.tags.items()))
        yield from self.pulls.items()

    def history(self, commit_id: str) -> Iterator[tuple[str, Commit]]:
        """The commit and its ancestors, youngest first."""
        at: str | None = commit_id
        while at is not None:
            yield at, self.commits[at]
            at = self.commits[at].parent

    def add(self, branch: str, commit: Commit) -> str:
        """Move a branch to a new commit; returns its id."""
        commit_id = self.keep(commit)
        self._moving(branch)[branch] = commit_id
        return commit_id

    def keep(self, commit: Commit) -> str:
        """Name a commit; it is lost again unless a ref comes to lead to it."""
        # A random word keeps two equal commits made in one instant apart.
        text = json.dumps([asdict(commit), self.id, secrets.token_hex(8)])
        commit_id = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()
        self.commits[commit_id] = commit
        return commit_id

    def forget_unreachable(self) -> None:
        """Drop the commits that no branch, no tag and no pull request leads to."""
        kept = {at for _, ref in self.refs() for at, _ in self.history(ref)}
        self.commits = {commit_id: commit for commit_id, commit in self.commits.items() if commit_id in kept}

    def trees(self) -> set[str]:
        """The names of all tree documents that a commit needs."""
        return {commit.tree for commit in self.commits.values()}


def gone(repository: Repository, entry: Entry) -> bool:
    """Whether a tree names a large file whose content has been deleted for good."""
    return entry.lfs and entry.sha256 in repository.deleted


def _main_first(ref: tuple[str, str]) -> tuple[bool, str]:
    return ref[0] != "main", ref[0]


def now() -> str:
    """The time as the Hub writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _parse(document: dict[str, Any]) -> Repository:
    commits = {commit_id: Commit(**commit) for commit_id, commit in document.pop("commits").items()}
    discussions = {num: Discussion(**row) for num, row in document.pop("discussions", {}).items()}
    return Repository(**document, commits=commits, discussions=discussions)


class Repositories:
    """All repositories. Read from memory; every change goes to the disk before it is seen."""

    def __init__(self, state: StateFolder) -> None:
        self._state = state
        self._root = state.root / "repositories"
        self.lock = threading.RLock()
        self._known: dict[str, Repository] = {}
        for path in sorted(self._root.glob("*/*/repository.json")):
            repository = _parse(json.loads(path.read_bytes()))
            self._known[repository.id] = repository
        self._read_tree = lru_cache(maxsize=64)(self._load_tree)

    def all(self) -> list[Repository]:
        """Every repository, by name."""
        with self.lock:
            return sorted(self._known.values(), key=lambda repository: repository.id)

    def get(self, repo_id: str) -> Repository:
        """The repository as it is now; do not change it."""
        try:
            return self._known[repo_id]
        except KeyError:
            raise no_repository(repo_id) from None

    def create(self, repo_id: str, tree: Tree, *, private: bool, author: str) -> None:
        """A repository with one commit. Refuses a name that cannot be one, or that exists."""
        parts = repo_id.split("/")
        if len(parts) != 2 or not all(NAME.fullmatch(part) and not part.endswith(".git") for part in parts):
            raise Refusal(400, f"Invalid repository name: {repo_id}")
        with self.lock:
            # Case matters to the Hub's addresses, but not to its names.
            if any(repo_id.lower() == known.lower() for known in self._known):
                raise Refusal(409, "You already created this dataset repo")
            repository = Repository(repo_id, now(), private)
            commit = Commit(None, self.write_tree(repo_id, tree), "initial commit", "", now(), author)
            repository.add("main", commit)
            self._save(repository)

    def delete(self, repo_id: str) -> None:
        """Forget a repository. Its files stay: others may hold the same."""
        with self.lock:
            self.get(repo_id)
            # Renamed first: a kill while the folder is being emptied must not leave half a repository.
            scratch = self._state.scratch()
            self._folder(repo_id).rename(scratch)
            del self._known[repo_id]
        shutil.rmtree(scratch)

    @contextmanager
    def changing(self, repo_id: str) -> Iterator[Repository]:
        """A copy to change; it is kept when the block ends well, and thrown away otherwise."""
        with self.lock:
            repository = copy.deepcopy(self.get(repo_id))
            yield repository
            self._save(repository)

    def _save(self, repository: Repository) -> None:
        data = json.dumps(asdict(repository)).encode()
        self._state.write(self._folder(repository.id) / "repository.json", data)
        self._known[repository.id] = repository

    def _folder(self, repo_id: str) -> Path:
        return self._root / repo_id

    def write_tree(self, repo_id: str, tree: Tree) -> str:
        """Keep a tree under the digest of its content; returns that name."""
        data = json.dumps({path: tree[path] for path in sorted(tree)}).encode()
        name = hashlib.sha256(data).hexdigest()
        path = self._folder(repo_id) / "trees" / f"{name}.json"
        if not path.exists():
            self._state.write(path, data)
        return name

    def tree(self, repository: Repository, commit_id: str) -> Tree:
        """The files of a commit by path, in order; do not change it."""
        return self.named_tree(repository.id, repository.commits[commit_id].tree)

    def named_tree(self, repo_id: str, name: str) -> Tree:
        """The files of a tree document."""
        return self._read_tree(repo_id, name)

    def drop_trees(self, repository: Repository) -> None:
        """Remove the tree documents that no commit needs."""
        needed = repository.trees()
        for path in (self._folder(repository.id) / "trees").glob("*.json"):
            if path.stem not in needed:
                discard(path)

    def _load_tree(self, repo_id: str, name: str) -> Tree:
        data = (self._folder(repo_id) / "trees" / f"{name}.json").read_bytes()
        return {path: Entry(*row) for path, row in json.loads(data).items()}
