"""The Hub as one object: its state folder, what lies in it, and who may do what."""

import hashlib
import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from biglam_pipeline.localhub.blobs import Blobs, git_oid, lfs_pointer
from biglam_pipeline.localhub.contents import Contents
from biglam_pipeline.localhub.exchange import Call, Refusal, no_entry, no_repository
from biglam_pipeline.localhub.lifetime import Activity
from biglam_pipeline.localhub.pruning import Pruner
from biglam_pipeline.localhub.repositories import Entry, Repositories, Repository, Tree
from biglam_pipeline.localhub.state import StateFolder, read_file
from biglam_pipeline.localhub.xorbs import Xorbs

USER = "local"
PART_BYTES = 1 << 30


class Hub:
    """Everything an endpoint needs. `auth` is the token that writes and private reads must show; None asks for none."""

    def __init__(self, root: Path, auth: str | None = None, part_bytes: int = PART_BYTES) -> None:
        self.state = StateFolder(root)
        self.auth = auth
        self.part_bytes = max(1, part_bytes)
        self.blobs = Blobs(self.state)
        self.xorbs = Xorbs(self.state)
        self.contents = Contents(self.state, self.xorbs)
        self.repositories = Repositories(self.state)
        self.activity = Activity()
        self.pruner = Pruner(self.state, self.blobs, self.xorbs, self.contents, self.repositories)
        self.pruner.sweep()

    def close(self) -> None:
        """Give the state folder back."""
        self.state.close()

    def authorized(self, call: Call) -> bool:
        """Whether the call shows the token, or none is asked for."""
        shown = call.headers.get("authorization", "")
        return self.auth is None or hmac.compare_digest(shown.encode(), f"Bearer {self.auth}".encode())

    def sign(self, what: str) -> str:
        """A proof, made with the state's secret, that this Hub handed out an address."""
        return hmac.new(self.state.secret.encode(), what.encode(), hashlib.sha256).hexdigest()

    def check_signature(self, call: Call, what: str) -> None:
        """Refuse an address that this Hub did not hand out; only where tokens are asked for at all."""
        if self.auth and not hmac.compare_digest(call.query("signature"), self.sign(what)):
            raise Refusal(403, "The signature is missing or wrong")

    def repository(self, call: Call) -> Repository:
        """The repository named in the path, if the caller may know of it."""
        repository = self.repositories.get(call.repo_id)
        if repository.private and not self.authorized(call):
            raise no_repository(call.repo_id)
        return repository

    @contextmanager
    def pruning(self, repo_id: str) -> Iterator[Repository]:
        """As `repositories.changing`; then what no revision of any repository names any more is removed for good."""
        with self.repositories.lock:
            before = self.repositories.get(repo_id)
            with self.repositories.changing(repo_id) as repository:
                yield repository
                repository.forget_unreachable()
                self.pruner.note(self.pruner.named(before) - self.pruner.named(repository))
            self.repositories.drop_trees(repository)
            self.pruner.sweep()

    def forget(self, repo_id: str) -> None:
        """Remove a repository, and the files that no other names."""
        with self.repositories.lock:
            self.pruner.note(self.pruner.named(self.repositories.get(repo_id)))
            self.repositories.delete(repo_id)
            self.pruner.sweep()

    def revision(self, call: Call) -> tuple[Repository, str, Tree]:
        """The repository, commit and tree named in the path; `main` where no revision is."""
        repository = self.repository(call)
        commit_id = repository.resolve(call.at.get("rev", "main"))
        return repository, commit_id, self.repositories.tree(repository, commit_id)

    def large_entry(self, sha256: str) -> Entry | None:
        """The entry of a large file that has been uploaded, in chunks or whole; None where it has not."""
        from_chunks = self.contents.xet_hash(sha256)
        file = self.contents.get(from_chunks) if from_chunks else None
        size = file.size if file else self.blobs.size(sha256)
        if size is None:
            return None
        return Entry(pointer_oid(sha256, size), size, sha256, True, from_chunks)

    def read(self, entry: Entry, start: int, end: int) -> Iterator[bytes]:
        """The bytes [start, end) of a file."""
        if self.blobs.size(entry.sha256) is not None:
            return read_file(self.blobs.path(entry.sha256), start, end)
        found = self.contents.xet_hash(entry.sha256)
        file = self.contents.get(found) if found else None
        if file is None:
            raise no_entry(entry.sha256)
        return self.contents.read(file, start, end)

    def text(self, entry: Entry, max_bytes: int) -> str:
        """The beginning of a file as text; nothing where its content is gone."""
        try:
            return b"".join(self.read(entry, 0, min(entry.size, max_bytes))).decode("utf-8", "replace")
        except Refusal:
            return ""


def pointer_oid(sha256: str, size: int) -> str:
    """git's name for the pointer of a large file."""
    return git_oid(lfs_pointer(sha256, size))
