"""Carries a takedown out: ledger, slices and raw objects, shards, repository, history.

The way of every night is tried first. Where it ends before the Hub, whatever the reason, what is published is published
again from its own parts without the record, and what is left on the shelves is named. Every step is done again without
harm: a command that was killed is run again, and ends where it would have ended.
"""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import polars as pl

from biglam_pipeline import pipeline
from biglam_pipeline.context import Named, RunContext
from biglam_pipeline.errors import BiglamError, ServerBusy, SourceChanged
from biglam_pipeline.inputs import ledger_of, published_schemas
from biglam_pipeline.normalize.reading import Normalizing
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.publish.hub import Place, Purged
from biglam_pipeline.releasing import remembered
from biglam_pipeline.retraction.left import elsewhere, kept_by_storage, not_searched, said_by_people, uncut
from biglam_pipeline.retraction.notes import begin, end, enter, note, under_way
from biglam_pipeline.retraction.plan import Plan
from biglam_pipeline.retraction.published import DAMAGE, last_published
from biglam_pipeline.retraction.removal import remove_published
from biglam_pipeline.retraction.request import Request, Unlisted
from biglam_pipeline.source import Source
from biglam_pipeline.store.normalized import TAKEN_DOWN
from biglam_pipeline.takedown import Ledger, Published

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done."""

    records: tuple[str, ...]
    """Records that are kept out from now on, by this takedown."""
    along: tuple[str, ...]
    """Records that went with them, since they were made of them."""
    erased: int
    """Raw objects that held one of them, and hold it no longer."""
    lost: tuple[str, ...]
    """Raw files of which nothing is left."""
    rows: int | None
    """Rows that are left; None where nothing was normalized yet."""
    release: Release | None
    purged: Purged | None
    because: str = ""
    """Why what is left was published from the published parts alone; empty where the way of every night was open."""
    left: tuple[str, ...] = ()
    """What still holds the record, or may, each with what to do."""


@dataclass(frozen=True, slots=True)
class _Gone:
    """What the way of every night came to."""

    done: Normalizing | None = None
    release: Release | None = None
    because: str = ""
    """Why it ended before the Hub; empty where it did not."""


def take_down(run: RunContext, source: Named, base: Path, plan: Plan, request: Request) -> Outcome:
    """The ledger first, so that what fails late is kept out from now on; then everything that can be reached."""
    released = last_published(run, source)
    before = begin(run, source, request, released, duplicates=plan.duplicates, along=plan.along, loses=plan.loses)
    records = (request.record, *plan.duplicates)
    for record in records:
        enter(run, source, base, request, record)
    if released is None and _nothing_is_there(run, source):
        end(run, source, request)
        return Outcome(records, (), 0, (), None, None, None)
    way = _every_night(run, source, base, released)
    release, left = way.release, [*not_searched(run, source, way.done), *elsewhere(released, way.release)]
    if way.because:
        release, copies, more = _other_way(run, source, base, released, plan, way)
        left += more
        records = tuple(dict.fromkeys([*records, *copies]))
        for record in copies:
            enter(run, source, base, request, record)
    purged = None
    if release is not None:
        if request.purge:
            release, purged = _purge(run, source, request, release)
        reported = Published(repo=release.repository, revision_before=before, revision_after=release.commit)
        for record in records:
            enter(run, source, base, request, record, reported)
        release = _take_note(run, source, base, release, way)
    end(run, source, request)
    rows = sum(one.rows for one in way.done.slices) if way.done else (release.rows if release else None)
    erased, lost = (way.done.erased, way.done.lost) if way.done else (0, ())
    left += kept_by_storage(run, source)
    left += said_by_people(run, source, base, request, release, records, purged=purged is not None)
    return Outcome(
        records, _along(run, source, base, plan, records), erased, lost, rows, release, purged, way.because, tuple(left)
    )


def _along(run: RunContext, source: Named, base: Path, plan: Plan, records: Sequence[str]) -> tuple[str, ...]:
    """What went along, as the raw shelf has noted it by now, or as it was foreseen where that cannot be asked."""
    ledger = ledger_of(run, base, source)
    try:
        noted = run.raw(source).redactions.along_with(ledger.shown(f"{source.name}:{one}") for one in records)
    except DAMAGE:
        noted = []
    found = (one.removeprefix(f"{source.name}:") for one in noted)
    return tuple(dict.fromkeys([*plan.along, *(one for one in found if not ledger.is_hidden(f"{source.name}:{one}"))]))


def _nothing_is_there(run: RunContext, source: Named) -> bool:
    try:
        return run.raw(source).latest() is None
    except DAMAGE:
        return False


def _every_night(run: RunContext, source: Named, base: Path, released: Release | None) -> _Gone:
    """Slices and raw objects, shards, and what is left published by the gate that every release meets."""
    if not isinstance(source, Source):
        return _Gone(because=source.why if isinstance(source, Unlisted) else f"{source.name} has no entry")
    done = None
    try:
        done = pipeline.normalize_source(run, source, base)
        pipeline.dedup_source(run, source, base)
        return _Gone(done, pipeline.publish_source(run, source, base) if released else None)
    except ServerBusy:
        raise
    except Exception as why:  # noqa: BLE001 - whatever it is: somebody asked, and does not wait until it is mended
        log.warning("%s: the way of every night is not open: %s", source.name, why)
        return _Gone(done, None, str(why) or type(why).__name__)


def _other_way(
    run: RunContext, source: Named, base: Path, released: Release | None, plan: Plan, way: _Gone
) -> tuple[Release | None, tuple[str, ...], list[str]]:
    """Where the way of every night was not open. The release, where something is published; copies; what is left."""
    there = released if released is not None and _is_there(run, released) else None
    if there is not None and isinstance(source, Source):
        remembered.withdraw(run, source, source.closed_because)
    with_it = {f"{source.name}:{one}" for one in (*plan.along, *plan.loses)}
    left = _clear_shelves(run, source, ledger_of(run, base, source), way, with_it, published=there is not None)
    if there is not None:
        release, copies, more = _from_parts(run, source, base, there, plan, way.because)
        unknown = [f"{one}; look for it in what is published" for one in plan.left]
        return release, copies, [*left, *more, *uncut(source, plan), *unknown]
    if released is not None:
        left.append(
            f"{released.repository} is not there, or this token may not see it, so nothing was taken out of it: look "
            f"whether it goes on elsewhere. {way.because}"
        )
    return None, (), left


def _is_there(run: RunContext, released: Release) -> bool:
    """Deleted, there is nothing to take a record out of, and nothing that somebody has to mend first."""
    try:
        return run.hub.head(released.repository) is not None
    except SourceChanged:  # it has another name now: the removal itself says so
        return True


def _from_parts(
    run: RunContext, source: Named, base: Path, released: Release, plan: Plan, because: str
) -> tuple[Release, tuple[str, ...], tuple[str, ...]]:
    """The release without the record, made of the published parts alone; the copies that went with it, what is left."""
    ledger = ledger_of(run, base, source)
    schemas = published_schemas(source) if isinstance(source, Source) else {}
    try:
        with_it = {
            f"{source.name}:{one}"
            for one in (*_along(run, source, base, plan, [plan.record, *plan.duplicates]), *plan.loses)
        }
        removed = remove_published(run, source, ledger, released, schemas, with_it, search=not plan.indexed)
    except ServerBusy:
        raise
    except BiglamError as why:
        raise type(why)(
            f"{because}\n{why}\nThe ledger keeps the record out from now on; {released.url} still holds it and "
            f"{remembered.hide(run, source, released)}. Mend this and run the same command again"
        ) from why
    copies = tuple(one.removeprefix(f"{source.name}:") for one in removed.copies)
    return removed.release, copies, removed.left


def _take_note(run: RunContext, source: Named, base: Path, release: Release, way: _Gone) -> Release:
    """Of the lines that say what was done, so that the next night is a quiet one, and misses none of them."""
    if not way.because and isinstance(source, Source):
        pipeline.dedup_source(run, source, base)
        return pipeline.publish_source(run, source, base)
    lines = tuple(dict.fromkeys([*release.takedowns, *ledger_of(run, base, source).lines]))
    release = replace(release, takedowns=lines)
    remembered.keep_release(run, source, release)
    return release


# --- the shelves, where they could not be worked through ---


def _clear_shelves(
    run: RunContext, source: Named, ledger: Ledger, way: _Gone, with_it: set[str], *, published: bool
) -> list[str]:
    """Takes away what is made again from raw, as far as it holds the record; what is left, in sentences."""
    with run.alone(source):
        shards = run.shards(source)
        if not published and shards.shelf.exists("manifest.json"):
            shards.clear()
        if way.done is not None:
            return []
        _drop_slices(run, source, ledger, with_it)
    name = source.name
    if isinstance(source, Source):
        remedy = f"mend that, or delete {name}/raw from the shelves and run `biglam run {name}`"
    else:
        remedy = f"put its entry in order; where the source was given up, delete the folder {name} from the shelves"
    return [f"{name}/raw on the shelves may hold it, since it could not be read; {remedy}; then run this command again"]


def _drop_slices(run: RunContext, source: Named, ledger: Ledger, with_it: set[str]) -> None:
    """Slices that hold a record, or a copy of one, or that cannot be looked into: they are read again from raw."""
    shelf = run.normalized(source)
    try:
        shelf.current()
    except DAMAGE:
        shelf.shelf.delete("manifest.json")
    keys = sorted({name.split("/")[1].partition(".")[0] for name in shelf.shelf.list("slices/")})
    indexes: dict[str, pl.DataFrame] = {}
    for key in keys:
        try:
            indexes[key] = shelf.index(key)
        except DAMAGE:
            shelf.drop(key)
    named = {
        key: index.filter(pl.col("id").is_in(ledger.among(index["id"].to_list()))) for key, index in indexes.items()
    }
    copies = {one for found in named.values() for one in found["copy_key"].drop_nulls().to_list()}
    for key, index in indexes.items():
        ids = [*named[key]["id"].to_list(), *with_it]
        mine = pl.col("id").is_in(ids) | pl.col("copy_key").is_in(list(copies))
        if not index.filter(mine & (pl.col("row") != TAKEN_DOWN) & ~pl.col("deleted")).is_empty():
            shelf.drop(key)


# --- the repository's history ---


def _purge(run: RunContext, source: Named, request: Request, release: Release) -> tuple[Release, Purged]:
    """Removes every large file that today's release does not hold from the repository's history.

    All of them, not only those that held the record: older versions of its part did, and only reading each of them
    would tell which.
    """
    with run.alone(source):
        hub = run.hub
        manifest = run.shards(source).current()
        assert manifest is not None  # it was published a moment ago
        noted = under_way(run, source, request)
        if "blobs" not in noted:
            listing = hub.listing(release.repository, release.commit)
            now = {sha256 for _, sha256 in listing.values()}
            noted["blobs"] = sorted(hub.large_files(release.repository) - now)
            noted["places"] = [asdict(one) for one in hub.places(release.repository, noted["blobs"])]
            note(run, source, request, noted)
        known = [Place(**one) for one in noted["places"]]
        files = {part.path: part.sha256 for part in manifest.parts}
        purged = hub.purge(release, files, set(noted["blobs"]), known)
        url = hub.url(release.repository, purged.commit)
        after = replace(release, commit=purged.commit, tag=purged.tag, url=url, previous_tag="", seen="")
        remembered.keep_release(run, source, after)
    log.info("%s: %d files are gone from its history", release.repository, purged.blobs_deleted)
    return after, purged
