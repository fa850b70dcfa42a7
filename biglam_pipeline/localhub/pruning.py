"""What may be removed for good? The content that no revision names, and the chunks that no file consists of."""

import json

from biglam_pipeline.localhub.blobs import Blobs
from biglam_pipeline.localhub.contents import Contents
from biglam_pipeline.localhub.repositories import Repositories, Repository, gone
from biglam_pipeline.localhub.state import StateFolder
from biglam_pipeline.localhub.xorbs import Xorbs


class Pruner:
    """Removes in two steps, so that a kill in between is made good at the next start.

    First the candidates are noted on the disk; then the references go; then each candidate is removed unless it is
    still needed. What is needed is counted again each time, so a note too many does no harm.
    """

    def __init__(
        self, state: StateFolder, blobs: Blobs, xorbs: Xorbs, contents: Contents, repositories: Repositories
    ) -> None:
        self._state, self._blobs, self._xorbs, self._contents = state, blobs, xorbs, contents
        self._repositories = repositories
        self._path = state.root / "pruning.json"

    def named(self, repository: Repository) -> set[str]:
        """The sha256 of all files that some revision of a repository needs."""
        return {
            entry.sha256
            for name in repository.trees()
            for entry in self._repositories.named_tree(repository.id, name).values()
            if not gone(repository, entry)
        }

    def note(self, candidates: set[str]) -> None:
        """Write down what may have to go."""
        files, xorbs = self._noted()
        if not candidates:
            return
        files |= candidates
        for sha256 in files:
            found = self._contents.xet_hash(sha256)
            file = self._contents.get(found) if found else None
            xorbs |= {term.xorb for term in file.terms} if file else set()
        self._state.write(self._path, json.dumps({"files": sorted(files), "xorbs": sorted(xorbs)}).encode())

    def _noted(self) -> tuple[set[str], set[str]]:
        if not self._path.exists():
            return set(), set()
        document = json.loads(self._path.read_bytes())
        return set(document["files"]), set(document["xorbs"])

    def sweep(self) -> None:
        """Remove what was noted and nothing needs."""
        files, xorbs = self._noted()
        if not files and not xorbs:
            return
        with self._repositories.lock, self._xorbs.lock:
            for repository in self._repositories.all():
                files -= self.named(repository)
            if files:
                self._remove(files, xorbs)
            self._state.remove(self._path)

    def _remove(self, files: set[str], xorbs: set[str]) -> None:
        for sha256 in sorted(files):
            self._contents.remove(sha256)
            self._blobs.remove(sha256)
        if xorbs:
            self._xorbs.begin_epoch()
        for xorb, needed in self._contents.needed_chunks(xorbs).items():
            self._xorbs.keep_only(xorb, needed)
