"""The way back: takes a record out of shards, slices, raw objects, the repository and, if asked, its history.

Every step is done again without harm: a command that was killed is run again, and ends where it would have ended.
"""

import difflib
import json
import logging
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from biglam_pipeline import pipeline, releases
from biglam_pipeline.briefs import ledger_of
from biglam_pipeline.errors import ConfigError, RightsWithheld, SourceChanged
from biglam_pipeline.house import House
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.publish.hub import Place, Purged
from biglam_pipeline.source import Source
from biglam_pipeline.store import disk
from biglam_pipeline.store.normalized import TAKEN_DOWN
from biglam_pipeline.takedown import KEY_SETTING, NAME, Ground, Line, Published, digest_of, encode_line, read_lines

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What somebody asked for."""

    record: str
    """The identifier inside the source, without the source's name."""
    ground: Ground
    basis: str = ""
    note: str = ""
    requester: str = ""
    unseen: bool = False
    """The record may come later."""
    hidden: bool = False
    """The identifier itself discloses: the ledger holds its keyed digest."""
    purge: bool = False
    """The repository's history as well."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a takedown will do, for a person to agree to."""

    source: str
    record: str
    known: bool
    """Whether the record is there, or was when it was taken down."""
    doubles: tuple[str, ...]
    """Records equal in everything but identifiers: they go too, so that no copy takes its place."""
    cluster: tuple[str, ...]
    """Records with the same text and something else different: for a person to decide, each by a command of its own."""
    parts: dict[str, int]
    """Path of each part that is written again -> its rows."""
    bytes_up: int
    """At most; about the size of those parts."""
    repository: str
    """Where it is published; empty where nothing was published yet."""


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


def plan_takedown(house: House, source: Source, base: Path, request: Request) -> Plan:
    """Looks at the shelves alone. ConfigError where nothing of that identifier was ever seen, or a key is missing."""
    if request.hidden and not house.takedown_key:
        raise ConfigError(f"to hide an identifier in {NAME}, set {KEY_SETTING} to a key that is kept for good")
    name = f"{source.name}:{request.record}"
    index = _index(house, source)
    shown = _shown(house, name)
    mine = index.filter(pl.col("id").is_in([name, shown]))
    out = ledger_of(house, base, source).keeps_out(name)
    if mine.is_empty() and not out and not request.unseen:
        raise ConfigError(_unknown(source, request.record, index))
    released = releases.last_release(house, source)
    known = [f"{source.name}:{one}" for one in _under_way(house, source, request).get("doubles", [])]
    doubles = tuple(sorted({*known, *_equal(index, mine, "copy_key")}))
    parts = _parts(house, source, {name, *doubles})
    return Plan(
        source=source.name,
        record=request.record,
        known=not mine.is_empty(),
        doubles=tuple(one.removeprefix(f"{source.name}:") for one in doubles),
        cluster=tuple(one.removeprefix(f"{source.name}:") for one in _cluster(house, source, index, mine, doubles)),
        parts={path: rows for path, (rows, _) in parts.items()},
        bytes_up=sum(size for _, size in parts.values()),
        repository=released.repository if released else "",
    )


def take_down(house: House, source: Source, base: Path, plan: Plan, request: Request) -> Outcome:
    """Ledger, slices and raw objects, shards, repository, history: in this order, so that what fails late is out
    everywhere before. Run again after a kill, it goes on.
    """
    records = (request.record, *plan.doubles)
    released = releases.last_release(house, source)
    before = _begin(house, source, request, plan, released)
    for record in records:
        _enter(house, source, base, request, record)
    if house.raw(source).latest() is None:
        _end(house, source, request)
        return Outcome(records, 0, (), None, released, None)
    done = pipeline.normalize_source(house, source, base)
    release = _publish_without(house, source, base, released)
    purged = None
    if release is not None:
        if request.purge:
            release, purged = _purge(house, source, request, release)
        told = Published(repo=release.repository, revision_before=before, revision_after=release.commit)
        for record in records:
            _enter(house, source, base, request, record, told)
        pipeline.dedup_source(house, source, base)  # takes note of these lines, so that the next night is a quiet one
        release = pipeline.publish_source(house, source, base)
    _end(house, source, request)
    rows = sum(one.rows for one in done.slices)
    return Outcome(records, done.erased, done.lost, rows, release, purged)


def _publish_without(house: House, source: Source, base: Path, released: Release | None) -> Release | None:
    """Lays and publishes what is left, where something was published before; the release."""
    try:
        pipeline.dedup_source(house, source, base)
        return pipeline.publish_source(house, source, base) if released else None
    except (SourceChanged, RightsWithheld) as why:
        if released is None:
            raise
        raise type(why)(
            f"{why}\nThe ledger, the rows and the raw objects are done with; {released.url} still holds the record and "
            f"{releases.hide(house, source, released)}. Mend this and run the same command again"
        ) from why


# --- what is there ---


def _index(house: House, source: Source) -> pl.DataFrame:
    shelf = house.normalized(source)
    current = shelf.current()
    columns = ["id", "deleted", "row", "copy_key", "content_key"]
    there = [key for key in current.slices if shelf.find(key)] if current else []  # a killed run dropped one
    frames = [shelf.index(key).select(columns) for key in there]
    schema = {
        "id": pl.String,
        "deleted": pl.Boolean,
        "row": pl.Int32,
        "copy_key": pl.Binary,
        "content_key": pl.Binary,
    }
    return pl.concat(frames).filter(~pl.col("deleted")) if frames else pl.DataFrame(schema=schema)


def _equal(index: pl.DataFrame, mine: pl.DataFrame, key: str) -> set[str]:
    """Other records that share this key, and are not kept out yet."""
    keys = mine[key].drop_nulls().unique().to_list()
    others = index.filter(pl.col(key).is_in(keys) & (pl.col("row") != TAKEN_DOWN))
    return set(others["id"].to_list()) - set(mine["id"].to_list())


def _cluster(
    house: House, source: Source, index: pl.DataFrame, mine: pl.DataFrame, doubles: tuple[str, ...]
) -> list[str]:
    """Whatever a person should look at too: the same letters, or the same but for noise."""
    shards, names = house.shards(source), mine["id"].to_list()
    manifest = shards.current()
    near: set[str] = set()
    if manifest is not None:
        rows = shards.clusters(manifest)
        clusters = rows.filter(pl.col("id").is_in(names))["cluster"].unique().to_list()
        near = set(rows.filter(pl.col("cluster").is_in(clusters))["id"].to_list()) - set(names)
    return sorted((_equal(index, mine, "content_key") | near) - set(doubles))


def _parts(house: House, source: Source, names: set[str]) -> dict[str, tuple[int, int]]:
    """Path, rows and size of the parts that hold one of these."""
    shards = house.shards(source)
    manifest = shards.current()
    held = manifest.parts if manifest else ()
    return {part.path: (part.rows, part.size) for part in held if names & set(shards.places(part)["id"].to_list())}


def _unknown(source: Source, record: str, index: pl.DataFrame) -> str:
    names = [one.removeprefix(f"{source.name}:") for one in index["id"].unique().to_list()]
    near = difflib.get_close_matches(record, names[:100_000], 3, 0.8)
    hint = f"; did you mean {', '.join(near)}?" if near else "."
    return f"{source.name} has no record {record!r}{hint} For one that may come later, say --unseen"


def _shown(house: House, name: str) -> str:
    source, _, record = name.partition(":")
    return f"{source}:hmac-{digest_of(record, house.takedown_key)}"


# --- the ledger ---


def _entries(base: Path, source: Source) -> Iterator[Line]:
    path = base / NAME
    data = disk.read_file(path) if disk.look(path) else b""
    return (line for _, line, _ in read_lines(data) if line.source_id == source.name)


def _enter(
    house: House, source: Source, base: Path, request: Request, record: str, told: Published | None = None
) -> None:
    """Appends the decision about a record, or, with `told`, that it was carried out; nothing where that stands there
    already.
    """
    hmac = digest_of(record, house.takedown_key)
    named: dict[str, Any] = {"record_hmac": hmac} if request.hidden else {"record_id": record}
    mine = [one for one in _entries(base, source) if one.record_hmac == hmac or one.record_id == record]
    last = mine[-1] if mine else None
    if last and last.keeps_out and (told is None or (last.datasets and last.history_purged >= request.purge)):
        return
    today = house.now().date()
    first = request.basis
    if record != request.record:
        of = f"hmac-{digest_of(request.record, house.takedown_key)}" if request.hidden else request.record
        first = f"exact double of {of}" + (f"; {request.basis}" if request.basis else "")
    line = Line(
        id=f"{today:%Y%m%d}-{hmac[:8]}-{len(mine) + 1}",
        date_received=next((one.date_received for one in mine if one.date_received), today),
        date_actioned=today if told else None,
        source_id=source.name,
        **named,
        ground=request.ground,
        requester_type=request.requester,
        action="removed",
        datasets=(told,) if told else (),
        history_purged=bool(told) and request.purge,
        basis=first,
        note_public=request.note,
    )
    with house.shelf.lock(f"ledger-{base.resolve()}", wait_seconds=30):
        disk.append_line(base / NAME, encode_line(line))


# --- the repository ---


def _under_way(house: House, source: Source, request: Request) -> dict[str, Any]:
    """What an earlier attempt at the same takedown noted; nothing where there was none."""
    shelf = house.shelf.at(f"{source.name}/hub")
    name = _note_of(house, request)
    return dict(json.loads(shelf.read(name))) if shelf.exists(name) else {}


def _note_of(house: House, request: Request) -> str:
    """Kept until all is done; another takedown that begins meanwhile has one of its own."""
    return f"takedown-{digest_of(request.record, house.takedown_key)[:16]}.json"


def _begin(house: House, source: Source, request: Request, plan: Plan, released: Release | None) -> str:
    """Notes what can no longer be found out later, the revision that held the record among it; that revision."""
    note = _under_way(house, source, request)
    if not note:
        note = {"before": released.commit if released else "", "doubles": list(plan.doubles)}
        house.shelf.at(f"{source.name}/hub").put(_note_of(house, request), json.dumps(note).encode())
    return str(note["before"])


def _end(house: House, source: Source, request: Request) -> None:
    house.shelf.at(f"{source.name}/hub").delete(_note_of(house, request))


def _purge(house: House, source: Source, request: Request, release: Release) -> tuple[Release, Purged]:
    """Removes every large file that today's release does not hold from the repository's history.

    All of them, not only those that held the record: older versions of its part did, and only reading each of them
    would tell which.
    """
    with house.alone(source):
        shelf, hub = house.shelf.at(f"{source.name}/hub"), house.hub
        manifest = house.shards(source).current()
        assert manifest is not None  # it was published a moment ago
        note = _under_way(house, source, request)
        if "blobs" not in note:
            listing = hub.listing(release.repository, release.commit)
            now = {sha256 for _, sha256 in listing.values()}
            note["blobs"] = sorted(hub.large_files(release.repository) - now)
            note["places"] = [asdict(one) for one in hub.places(release.repository, note["blobs"])]
            shelf.put(_note_of(house, request), json.dumps(note).encode())
        known = [Place(**one) for one in note["places"]]
        files = {part.path: part.sha256 for part in manifest.parts}
        purged = hub.purge(release, files, set(note["blobs"]), known)
        url = hub.url(release.repository, purged.commit)
        after = replace(release, commit=purged.commit, tag=purged.tag, url=url, previous_tag="", seen="")
        releases.keep_release(house, source, after)
    log.info("%s: %d files are gone from its history", release.repository, purged.blobs_deleted)
    return after, purged
