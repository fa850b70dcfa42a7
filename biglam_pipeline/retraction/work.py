"""Carries a takedown out: ledger, slices and raw objects, shards, repository, history.

The way of every night is tried first. Where it ends before the Hub, whatever the reason, what is published is published
again from its own parts without the record, and what is left on the shelves is named. Every step is done again without
harm: a command that was killed is run again, and ends where it would have ended.
"""

import logging
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
from biglam_pipeline.publish.marks import count
from biglam_pipeline.releasing import remembered
from biglam_pipeline.retraction.beside import find_beside, find_children
from biglam_pipeline.retraction.notes import begin, end, enter, is_named, note, under_way
from biglam_pipeline.retraction.plan import Plan
from biglam_pipeline.retraction.published import DAMAGE, last_published
from biglam_pipeline.retraction.removal import remove_published
from biglam_pipeline.retraction.request import Request, Unlisted
from biglam_pipeline.source import Source
from biglam_pipeline.store.normalized import TAKEN_DOWN
from biglam_pipeline.takedown import NAME, Ledger, Published

log = logging.getLogger(__name__)

_CLOSED = ("ignored", "litter", "missing", "repeated")
"""Words of `Harvest.left_out` for what lies on the raw shelf inside an archive, and is not among what can be read."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was done."""

    records: tuple[str, ...]
    """Records that are kept out from now on, by this takedown."""
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
    before = begin(run, source, request, plan.duplicates, released)
    records = (request.record, *plan.duplicates)
    for record in records:
        enter(run, source, base, request, record)
    if released is None and _nothing_is_there(run, source):
        end(run, source, request)
        return Outcome(records, 0, (), None, None, None)
    way = _every_night(run, source, base, released)
    release, left = way.release, [*_not_searched(run, source, way), *_elsewhere(released, way)]
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
    left += _kept_by_storage(run, source)
    left += _said_by_people(run, source, base, request, release, records, purged=purged is not None)
    return Outcome(records, erased, lost, rows, release, purged, way.because, tuple(left))


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
    left = _clear_shelves(run, source, ledger_of(run, base, source), way, published=there is not None)
    if there is not None:
        release, copies, more = _from_parts(run, source, base, there, plan, way.because)
        return release, copies, [*left, *more]
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
        removed = remove_published(run, source, ledger, released, schemas, search=not plan.indexed)
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


def _not_searched(run: RunContext, source: Named, way: _Gone) -> list[str]:
    """What could not be erased, and what came and is read by nobody, so that nobody can tell what it holds."""
    if way.done is None:
        return []
    harvest, unread = run.raw(source).latest(), way.done.normalized.unread
    kinds = [f"{number} {kind}" for kind, number in unread.items()]
    kinds += [f"{number} {word}" for word, number in (harvest.left_out if harvest else {}).items() if word in _CLOSED]
    left = [*way.done.left, *_rejected(source, sum(one.rejected for one in way.done.slices))]
    if not kinds:
        return left
    more = " and others" if sum(unread.values()) > len(way.done.unread) else ""
    named = f" (such as {', '.join(way.done.unread)}{more})" if unread else ""
    said = (
        f"files of the harvest and members of its archives that nothing reads were not searched: {', '.join(kinds)}"
        f"{named}. Where one of them holds the record, leave it out with `harvest: {{ignore: PATTERN}}`, delete "
        f"{source.name}/raw from the shelves, and run `biglam run {source.name}`"
    )
    return [*left, said]


def _elsewhere(released: Release | None, way: _Gone) -> list[str]:
    """The entry names another repository now: what was published under the other name is nobody's to write to."""
    if way.release is None or released is None or way.release.repository == released.repository:
        return []
    return [f"{released.repository}, where it was published before, holds it: hide or delete it there by hand"]


def _kept_by_storage(run: RunContext, source: Named) -> list[str]:
    """Files that others laid among the shelves', such as a sync tool's copy; older versions that a bucket keeps."""
    shelf = run.shelf.at(source.name)
    kept = shelf.kept_versions()
    left = [f"{shelf.where(name)} is none of ours, and may hold it: look, and delete it" for name in shelf.foreign()]
    left += [kept.doubt] if kept.doubt else []
    return left + [f"the bucket keeps an older version that may hold it: `{command}`" for command in kept.commands]


def _said_by_people(
    run: RunContext,
    source: Named,
    base: Path,
    request: Request,
    release: Release | None,
    records: tuple[str, ...],
    *,
    purged: bool,
) -> list[str]:
    """In rows below it, in the repository beside the release; in the ledger, where it is to be hidden only now."""
    left = find_children(run, source, records)
    left += find_beside(run, release, records, purged=purged) if release is not None else []
    if request.hidden and is_named(base, source, request):
        left.append(
            f"an older line of {NAME} says the identifier in clear, and a line that is gone stops publication: keep "
            "that file from whoever must not know it"
        )
    return left


def _rejected(source: Named, rejects: int) -> list[str]:
    if not rejects:
        return []
    said = (
        f"{count(rejects, 'record')} could not be read, so nobody can tell whether it is one of them: look at what "
        f"`biglam preview {source.name}` shows of them, and ask the custodian for files without it"
    )
    return [said]


# --- the shelves, where they could not be worked through ---


def _clear_shelves(run: RunContext, source: Named, ledger: Ledger, way: _Gone, *, published: bool) -> list[str]:
    """Takes away what is made again from raw, as far as it holds the record; what is left, in sentences."""
    with run.alone(source):
        shards = run.shards(source)
        if not published and shards.shelf.exists("manifest.json"):
            shards.clear()
        if way.done is not None:
            return []
        _drop_slices(run, source, ledger)
    name = source.name
    if isinstance(source, Source):
        remedy = f"mend that, or delete {name}/raw from the shelves and run `biglam run {name}`"
    else:
        remedy = f"put its entry in order; where the source was given up, delete the folder {name} from the shelves"
    return [f"{name}/raw on the shelves may hold it, since it could not be read; {remedy}; then run this command again"]


def _drop_slices(run: RunContext, source: Named, ledger: Ledger) -> None:
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
        mine = pl.col("id").is_in(named[key]["id"].to_list()) | pl.col("copy_key").is_in(list(copies))
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
