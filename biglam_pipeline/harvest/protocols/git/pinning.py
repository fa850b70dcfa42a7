"""At which commit is a repository harvested? Chosen once a visit, so that files of two commits never mix."""

import logging
import re
from collections.abc import Iterable
from dataclasses import replace

from biglam_pipeline.errors import ObjectFailed, SourceChanged
from biglam_pipeline.harvest.protocols.git.places import Repository, Selection
from biglam_pipeline.harvest.protocols.git.refs import COMMIT, commit_of, read_refs
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import StoredObject

log = logging.getLogger(__name__)


def pin(visit: Visit, selection: Selection, taken: Iterable[StoredObject]) -> tuple[Repository, str]:
    """The repository where it is now, and the commit: the one of what this visit shelved before it was cut off, the one
    that the entry names, or the one at which its branch stands, which costs a request.

    taken: objects of this repository that are shelved already. ObjectFailed where there is no such commit.
    """
    repository = selection.repository
    for held in taken:
        path, commit = repository.origin_of(held.url)
        if commit:
            return replace(repository, path=path), commit
    if COMMIT.fullmatch(repository.ref):
        return repository, repository.ref
    return _ask(visit, selection)


def _ask(visit: Visit, selection: Selection) -> tuple[Repository, str]:
    repository, where = selection.repository, selection.repository.written
    try:
        answer = visit.web.get(repository.refs_url)
    except SourceChanged as refusal:
        if refusal.status != 401:
            raise
        raise ObjectFailed(
            "refused",
            f"{where}: is private, or not there: its host says the same of both (HTTP 401); open {repository.url} in a "
            "browser, and correct the name",
        ) from refusal
    commit = commit_of(read_refs(answer.content or b"", where), repository.ref, where)
    return _followed(selection, answer.final_url), commit


def _followed(selection: Selection, final_url: str) -> Repository:
    """A repository that was renamed or given away: its host leads there, and says so to nobody else."""
    repository = selection.repository
    found = re.search(r"://[^/]+/(.+?)(?:\.git)?/info/refs", final_url)
    path = "/".join(found[1].split("/")[-len(repository.path.split("/")) :] if found else [])
    if not path or path.casefold() == repository.path.casefold():
        return repository
    moved = replace(repository, path=path)
    log.warning("%s has moved to %s; write that in the entry", selection.written, moved.written)
    return moved
