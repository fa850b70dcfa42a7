"""What the repository says itself: whose it is, and, where the shelf was lost, which row lies in which part."""

import json
import logging
from dataclasses import replace

from biglam_pipeline.context import RunContext
from biglam_pipeline.errors import ConfigError, ServerBusy, ShelfDamaged, SourceChanged
from biglam_pipeline.publish.draft import MANIFEST
from biglam_pipeline.releasing.remembered import last_release, released_here, remembers
from biglam_pipeline.source import Source
from biglam_pipeline.store.parts import Manifest, decode

log = logging.getLogger(__name__)

Listing = dict[str, tuple[int, str]]


def recover_shards(run: RunContext, source: Source) -> Manifest | None:
    """The published manifest, with the places of its rows, put back on the shards shelf; None where nothing was
    published. The raw shelf may be lost too: then the visits that it had counted go on being counted.

    ShelfDamaged where the shelf says that something was published and the Hub cannot be asked: to lay everything
    again would send the whole dataset again and forget when each row was first seen.
    """
    repository = run.repository(source)
    try:
        published = published_manifest(run, source)
    except (ConfigError, ServerBusy) as cause:
        if known_to_the_shelf(run, source):
            raise ShelfDamaged(
                f"{source.name}: its shards are lost, and {repository} cannot be asked where its rows lie: {cause}"
            ) from cause
        return None
    if published is None:
        return None
    commit, manifest = published
    if not _counted_here(run, source, manifest):
        manifest = replace(manifest, harvest=0, visits_before=manifest.harvest + manifest.visits_before)
    run.shards(source).recover(manifest, lambda part: run.hub.open(repository, commit, part.path))
    run.shelf.at(f"{source.name}/hub").put(
        "recovered.json", json.dumps({"commit": commit, "repository": repository}).encode()
    )
    rows = sum(part.rows for part in manifest.parts)
    log.warning(
        "%s: the shards shelf is empty; the places of %d rows were read back from %s at %s",
        source.name,
        rows,
        repository,
        commit[:8],
    )
    return manifest


def laid_before(run: RunContext, source: Source) -> Manifest | None:
    """The shards of today; of a shelf that was lost, or never published from here, what the repository tells."""
    before = run.shards(source).current()
    if before is not None and known_to_the_shelf(run, source):
        return before
    return recover_shards(run, source) or before


def held_by(run: RunContext, source: Source, commit: str | None) -> tuple[Listing, Manifest | None]:
    """What a repository holds, and the manifest in it. SourceChanged where it is another source's."""
    repository = run.repository(source)
    there = run.hub.listing(repository, commit) if commit else {}
    if commit is None or MANIFEST not in there:
        return there, None
    with run.hub.open(repository, commit, MANIFEST) as stream:
        manifest = _read(repository, stream.read())
    if manifest.source != source.name:
        raise SourceChanged(
            f"{repository} holds the source `{manifest.source}`, not `{source.name}`, and nothing is written over it; "
            f"give one of them another `publish.repository`, or `{manifest.source}` its old name back"
        )
    return there, manifest


def head_to_write_on(run: RunContext, source: Source) -> str | None:
    """The commit of `main` that a release may go on from; None where the repository is to be made.

    SourceChanged where it is gone, has another name, or holds another source's release. One request on a night on
    which nobody else was there.
    """
    head, here = run.hub.head(run.repository(source)), released_here(run, source)
    if head is None and here is not None:
        from biglam_pipeline.publish.hub import gone

        raise gone(here)
    if head is not None and (here is None or head not in {here.commit, here.head}):
        held_by(run, source, head)
    before = last_release(run, source)
    if before is not None and here is None and before.commit != head:
        log.warning(
            "%s: was published as %s at %s until now, which stays as it is: hide or delete it there by hand",
            *(source.name, before.tag, before.url.partition("/commit/")[0]),
        )
    return head


def _read(repository: str, data: bytes) -> Manifest:
    try:
        return decode(data)
    except (ValueError, KeyError, TypeError) as cause:
        raise SourceChanged(
            f"{repository}: {MANIFEST} cannot be read ({cause}); restore it there from the last release, or name "
            "another `publish.repository`"
        ) from cause


def published_manifest(run: RunContext, source: Source) -> tuple[str, Manifest] | None:
    """The head of the repository and the manifest in it; None where there is no repository, or nothing in it.

    SourceChanged where the repository holds another source, or parts that its manifest does not know.
    """
    repository = run.repository(source)
    commit = run.hub.head(repository)
    there, manifest = held_by(run, source, commit)
    if commit is None or manifest is None:
        return None
    parts = {part.path: part.sha256 for part in manifest.parts}
    data = {path: sha256 for path, (_, sha256) in there.items() if path.startswith("data/")}
    if data != parts:
        odd = sorted(path for path in data.keys() | parts.keys() if data.get(path) != parts.get(path))
        raise SourceChanged(
            f"{repository} was changed by hand: {', '.join(odd[:5])} is not what its manifest says; restore the last "
            "release there, then run again"
        )
    return commit, manifest


def known_to_the_shelf(run: RunContext, source: Source) -> bool:
    """Whether this shelf ever published the source to the repository that the entry names now, or was about to."""
    shelf = run.shelf.at(f"{source.name}/hub")
    notes = [name for name in ("release.json", "intent.json", "recovered.json") if shelf.exists(name)]
    return any(remembers(shelf.read(name), run, source) for name in notes)


def refuse_to_overwrite(run: RunContext, source: Source, manifest: Manifest) -> None:
    """SourceChanged where the repository holds a release that these shards do not go on from."""
    if known_to_the_shelf(run, source):
        return
    published, last = published_manifest(run, source), last_release(run, source)
    if last is not None and published is not None and published[0] == last.commit:
        return  # the repository got another name, and the entry says so
    if published is not None and published[1].content != manifest.content:
        rows = sum(part.rows for part in published[1].parts)
        raise SourceChanged(
            f"{run.repository(source)} holds a release of {rows} rows that this shelf does not know; materialize "
            "shards again while the Hub answers, so that every row keeps its place"
        )


def _counted_here(run: RunContext, source: Source, manifest: Manifest) -> bool:
    """Whether the harvest that the manifest names is on this raw shelf, so that numbers go on where they were."""
    raw = run.raw(source)
    latest = raw.latest()
    if latest is None or latest.number < manifest.harvest:
        return False
    return raw.harvest(manifest.harvest).digest == manifest.harvest_digest
