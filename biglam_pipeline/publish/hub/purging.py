"""Takedown that reaches history: what must vanish goes from every revision, and it is proven that it is gone."""

import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from huggingface_hub.errors import RevisionNotFoundError

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.publish.hub.line import DATASET, Line
from biglam_pipeline.publish.hub.places import Place, Reach, Ref, find_places, list_refs
from biglam_pipeline.publish.hub.pulls import drop_pull

log = logging.getLogger(__name__)

_TOLD = 20


@dataclass(frozen=True, slots=True)
class Purged:
    """What a purge did, and how it is known that nothing is left."""

    commit: str
    """The one commit of `main`; it holds the release as before, and takes the place of `Release.commit`."""
    tag: str
    """The release's tag, which names that commit now."""
    blobs_deleted: int
    """Large files that were deleted by this run."""
    tags_deleted: tuple[str, ...]
    """Tags of older releases that led to what had to go, deleted by this run."""
    proof: tuple[str, ...]
    """What was tried and found nothing, in sentences."""


def purge(
    line: Line, release: Release, files: Mapping[str, str], blobs: Collection[str], known: Iterable[Place]
) -> Purged:
    """See `Hub.purge`."""
    repository = release.repository
    _check_main(line, release, files, blobs)
    refs = list_refs(line, repository)
    places = set(known) | find_places(line, repository, refs, blobs)
    held = {one.revision for one in places}
    dirty = [ref for ref in refs if held.intersection(ref.commits)]
    for ref in dirty:
        if ref.kind == "pull":
            drop_pull(line, repository, int(ref.name.rpartition("/")[2]))
    tags = tuple(ref.name for ref in dirty if ref.kind == "tag")
    for tag in tags:
        _drop_tag(line, repository, tag)
    deleted = _delete_blobs(line, repository, blobs)
    commit = _squash(line, release)
    _move_tag(line, release, commit)
    proof = _prove(line, repository, commit, places, blobs)
    log.info("%s: %d files and %d tags are gone from its history", repository, deleted, len(tags))
    return Purged(commit, release.tag, deleted, tuple(tag for tag in tags if tag != release.tag), proof)


def _check_main(line: Line, release: Release, files: Mapping[str, str], blobs: Collection[str]) -> None:
    """SourceChanged where `main` is not the release, or holds what is to vanish: it would break."""
    there = line.files(release.repository, "main")
    names = {path: entry.lfs.sha256 if entry.lfs else entry.blob_id for path, entry in there.items()}
    wrong = sorted(path for path, sha256 in files.items() if names.get(path) != sha256)
    if wrong:
        raise SourceChanged(
            f"{release.repository}: {wrong[0]} is not what was published as {release.tag}; publish again, then purge"
        )
    kept = sorted(path for path, name in names.items() if name in blobs)
    if kept:
        raise SourceChanged(
            f"{release.repository}: {kept[0]} still is part of {release.tag}; publish without it, then purge"
        )


def _drop_tag(line: Line, repository: str, tag: str) -> None:
    try:
        line.ask(lambda: line.api.delete_tag(repository, tag=tag, repo_type=DATASET))
    except RevisionNotFoundError:
        log.info("%s: tag %s was gone already", repository, tag)


def _delete_blobs(line: Line, repository: str, blobs: Collection[str]) -> int:
    """Deletes the large files in every revision, and their names there too."""
    rows = line.ask(lambda: list(line.api.list_lfs_files(repository, repo_type=DATASET)))
    doomed = [row for row in rows if row.file_oid in blobs]
    if doomed:
        line.ask(lambda: line.api.permanently_delete_lfs_files(repository, doomed, repo_type=DATASET), "delete files")
    return len(doomed)


def _squash(line: Line, release: Release) -> str:
    """Makes one commit of `main`, so that old cards and manifests go as well; the commit."""
    repository = release.repository
    history = line.ask(lambda: line.api.list_repo_commits(repository, revision="main", repo_type=DATASET))
    if len(history) > 1:
        title = f"{release.tag}: {release.rows} rows; the history before was removed"
        line.ask(
            lambda: line.api.super_squash_history(repository, branch="main", commit_message=title, repo_type=DATASET),
            "squash",
        )
    head = line.head(repository)
    if head is None:
        raise SourceChanged(f"{repository} has no main any more; publish again")
    return head


def _move_tag(line: Line, release: Release, commit: str) -> None:
    now = line.tags(release.repository).get(release.tag)
    if now == commit:
        return
    if now is not None:
        _drop_tag(line, release.repository, release.tag)
    line.ask(
        lambda: line.api.create_tag(
            release.repository, tag=release.tag, revision=commit, repo_type=DATASET, exist_ok=True
        )
    )


def _prove(line: Line, repository: str, commit: str, places: set[Place], blobs: Collection[str]) -> tuple[str, ...]:
    """Tries every way that a reader has; SourceChanged with whatever can still be had."""
    refs: list[Ref] = list_refs(line, repository)
    reach = Reach(line, repository)
    left = [f"{one.path} at {one.revision}" for one in find_places(line, repository, refs, blobs)]
    left += reach.by_address(places)
    left += reach.by_lfs([*places, *(Place("", "", sha256, 1) for sha256 in blobs)])
    left += reach.by_store(places, commit)
    rows = line.ask(lambda: list(line.api.list_lfs_files(repository, repo_type=DATASET)))
    left += [f"listed file {row.file_oid}" for row in rows if row.file_oid in blobs]
    if left:
        more = f" and {len(left) - _TOLD} more" if len(left) > _TOLD else ""
        raise SourceChanged(
            f"{repository}: not everything is gone; still to be had: {', '.join(sorted(left)[:_TOLD])}{more}. Purge "
            "again in an hour; where it stays, ask the Hub's support, and keep the repository private until then"
        )
    commits = {one for ref in refs for one in ref.commits}
    revisions = {one.revision for one in places}
    stored = {one.xet_hash for one in places if one.xet_hash}
    return (
        f"none of the {len(blobs)} files is in any of the {len(commits)} commits that {len(refs)} refs lead to",
        f"none of {len(places)} addresses at {len(revisions)} old revisions answers",
        f"git-lfs is given none of {len(blobs)} files",
        f"the content store puts none of {len(stored)} files together",
        "the list of large files names none of them",
    )
