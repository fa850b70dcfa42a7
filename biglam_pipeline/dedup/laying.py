"""From normalized slices to shards: current rows, what is withheld, doubles, and the parts they lie in."""

import logging
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

import polars as pl
import pyarrow as pa

from biglam_pipeline.columns import DOUBLES, FIRST_SEEN, IMAGE_FEATURE, SCHEMA_VERSION
from biglam_pipeline.dedup.choice import Dedup
from biglam_pipeline.dedup.config_names import name_configs
from biglam_pipeline.dedup.current import Decided, decide
from biglam_pipeline.dedup.deliveries import mark_deliveries
from biglam_pipeline.dedup.exact import Doubles, find_doubles
from biglam_pipeline.dedup.noisy import Looking, mark_noisy
from biglam_pipeline.dedup.permitted import beliefs_among, part_allowed, reason_of_withheld
from biglam_pipeline.dedup.restless import watch
from biglam_pipeline.dedup.sticky import Laid, Layer, row_key
from biglam_pipeline.records import Tally
from biglam_pipeline.store.normalized import INDEX, TAKEN_DOWN, Normalized, NormalizedShelf, Slice
from biglam_pipeline.store.parts import PART_SIZE, Manifest, PartSize, ShardsShelf, digest_of_seen
from biglam_pipeline.store.problems import by_column
from biglam_pipeline.takedown import Ledger

log = logging.getLogger(__name__)

_ADDED = {column.name for column in (FIRST_SEEN, *DOUBLES)}


@dataclass(frozen=True, slots=True)
class Laying:
    """Everything that laying one source needs, handed in by the pipeline."""

    source: str
    schema: pa.Schema
    """Of what is published, with the footer's metadata."""
    extras: dict[str, str]
    accepted: tuple[frozenset[str], ...]
    """Tiers, a set for each layer of the entry's rights."""
    choice: Dedup
    policy_digest: str
    ledger: Ledger
    harvest_digest: str
    size: PartSize = PART_SIZE
    processes: int = 1
    """That look for near doubles."""
    afresh: bool = False
    """Cut everything anew, as if nothing had been laid before; rows keep their `first_seen`."""


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The new manifest, and how many parts had to be written."""

    manifest: Manifest
    written: int
    returned: int = 0
    """Rows that were left out as duplicates at the last run, and are among the rows now."""


def lay_shards(laying: Laying, normalized: Normalized, shelf: NormalizedShelf, shards: ShardsShelf) -> LaidOut:
    """Decides what is published and lays it into parts; the manifest is swapped last."""
    slices = shelf.slices(normalized)
    before = shards.current()
    index = index_of(shelf, normalized)
    decided = decide(index, normalized.mode)
    log.info("%d rows are current, %d are superseded", decided.live.height, decided.superseded)
    allowed, withheld = part_allowed(mark_deliveries(decided.live), laying.accepted)
    out = _kept_out(allowed, index, laying.ledger)
    taken_down, allowed = allowed.filter(out), allowed.filter(~out)
    since, visits = (before.harvest, before.visits_before) if before else (0, 0)
    came = _came(index, normalized, since)
    seen = _first_seen(allowed, shards, before, came, normalized.harvest, visits)
    looking = Looking(
        shelf,
        list(normalized.slices),
        shards.fingerprints(),
        laying.processes,
        thorough=before is None or before.ledger_digest != laying.ledger.digest,
        pictures=IMAGE_FEATURE in laying.schema.names,
    )
    noisy = mark_noisy(find_doubles(seen, laying.choice), laying.choice, looking)
    doubles = noisy.doubles
    was, names = (before.parts, before.configs) if before else ((), {})
    kept, names = name_configs(laying.source, doubles.kept, names, {part.config for part in was})
    returned = _returned(kept, shards, before)
    rows = row_key(kept)
    content = [column for column in laying.schema.names if column not in _ADDED]
    restless = watch(rows, content, normalized.slices, shelf, shards, before, normalized.harvest)
    layer = Layer(shelf, shards, list(normalized.slices), laying.schema, laying.size)
    laid = layer.lay(rows, () if laying.afresh else was)
    removed = _removed(laying.source, doubles, decided)
    tally = _tally(slices, decided, doubles, withheld.height, taken_down.height)
    reasons = withheld.select(reason_of_withheld()).to_series().to_list()
    manifest = _manifest(laying, normalized, laid, tally, Counter(reasons), slices, decided, visits)
    manifest = replace(manifest, beliefs=beliefs_among(withheld, laying.accepted))
    manifest = replace(
        _with(manifest, shards.keep_removed(removed), removed.height),
        takedowns=laying.ledger.lines,
        doubles=noisy.counts,
        restless=restless,
        configs=names,
    )
    shards.point(manifest)
    return LaidOut(manifest, laid.written, returned)


def _returned(kept: pl.DataFrame, shards: ShardsShelf, before: Manifest | None) -> int:
    """Rows that come back: what they repeated has changed or gone, or the rule by which they were dropped has."""
    if before is None or not shards.shelf.exists(before.removed):
        return 0
    dropped = shards.removed(before).filter(pl.col("reason") != "identifier_repeated")
    back = dropped.join(kept.select("id"), on="id", how="semi")
    for reason, count in back.group_by("reason").len().sort("reason").iter_rows():
        hint = "; `dedup: {exact: rows}` drops equal rows of every kind" if reason == "exact_row" else ""
        log.warning(
            "%d rows that the last run dropped as duplicates (%s) are among the rows again, marked where they still "
            "repeat another%s",
            *(count, reason, hint),
        )
    return back.height


def _kept_out(rows: pl.DataFrame, index: pl.DataFrame, ledger: Ledger) -> pl.Series:
    """Which rows are taken down: those that the slices left out, those that the ledger names, and whatever equals one
    of them in everything but identifiers, so that no copy is promoted in its place.
    """

    def named(frame: pl.DataFrame) -> pl.Expr:
        names = ledger.among(frame["id"].to_list()) if ledger.hmacs else ledger.ids
        return pl.col("id").is_in(list(names)) | (pl.col("row") == TAKEN_DOWN)

    keys = index.filter(named(index))["copy_key"].drop_nulls().unique().to_list()
    equal = pl.col("copy_key").is_in(keys).fill_null(value=False)
    return rows.select(out=named(rows) | equal).to_series()


def index_of(shelf: NormalizedShelf, normalized: Normalized) -> pl.DataFrame:
    """The narrow index of all slices, with the place of each row among everything that was read."""
    frames = [
        shelf.index(key).with_columns(
            slice=pl.lit(number, pl.Int64), order=pl.lit(number, pl.Int64) * 2**32 + pl.col("seq")
        )
        for number, key in enumerate(normalized.slices)
    ]
    if frames:
        return pl.concat(frames)
    empty = pl.DataFrame(pl.from_arrow(INDEX.empty_table()))
    return empty.with_columns(slice=pl.lit(0, pl.Int64), order=pl.lit(0, pl.Int64))


def _came(index: pl.DataFrame, normalized: Normalized, since: int) -> pl.DataFrame:
    """The visit that brought each row that is new since the parts were laid: where visits are laid over each other,
    a run that was killed between harvest and shards may have made one more.
    """
    new = index.filter(~pl.col("deleted") & (pl.col("harvest") > since))
    if normalized.mode == "replace":
        new = new.clear()
    return new.group_by("id").agg(came=pl.col("harvest").min())


def _first_seen(
    rows: pl.DataFrame, shards: ShardsShelf, before: Manifest | None, came: pl.DataFrame, harvest: int, visits: int
) -> pl.DataFrame:
    """The visit that first brought each row: as what was laid or dropped before says, or the one since, or this one.

    visits: what is added to the number of a harvest, since an earlier shelf counted so many.
    """
    known = [shards.places(part).select("id", "first_seen") for part in before.parts] if before else []
    if before and shards.shelf.exists(before.removed):
        dropped = shards.removed(before).filter(pl.col("reason") != "identifier_repeated")
        known.append(dropped.select("id", "first_seen"))
    was = pl.concat(known) if known else pl.DataFrame(schema={"id": pl.String, "first_seen": pl.Int32})
    found = rows.join(was, on="id", how="left").join(came, on="id", how="left")
    first = pl.coalesce("first_seen", pl.coalesce("came", pl.lit(harvest)) + visits).cast(pl.Int32)
    return found.with_columns(first_seen=first).drop("came")


def _removed(source: str, doubles: Doubles, decided: Decided) -> pl.DataFrame:
    nothing = pl.lit(None)
    claimed = decided.rejected.select(
        "id",
        keeper="id",
        reason=pl.lit("identifier_repeated"),
        similarity=nothing.cast(pl.Float32),
        first_seen=nothing.cast(pl.Int32),
    )
    gone = pl.concat([doubles.dropped.select(claimed.columns), claimed]).sort("id", "reason")
    return gone.with_columns(source_record_id=pl.col("id").str.strip_prefix(f"{source}:"))


def _tally(slices: Sequence[Slice], decided: Decided, doubles: Doubles, withheld: int, taken_down: int) -> Tally:
    rejects = sum(one.rejected for one in slices)
    return Tally(
        seen=sum(one.rows + one.deleted + one.taken_down for one in slices) + rejects,
        current=decided.live.height,
        superseded=decided.superseded,
        repeated=decided.repeated,
        deleted=decided.deleted,
        rejected=rejects + decided.rejected.height,
        withheld=withheld,
        taken_down=taken_down,
        duplicate=doubles.dropped.height,
        published=doubles.kept.height,
    )


def _manifest(
    laying: Laying,
    normalized: Normalized,
    laid: Laid,
    tally: Tally,
    withheld: Counter[str],
    slices: Sequence[Slice],
    decided: Decided,
    visits: int,
) -> Manifest:
    rejects: Counter[str] = Counter()
    statements: Counter[str] = Counter()
    for one in slices:
        rejects.update(one.rejects)
        statements.update(one.statements)
    if decided.rejected.height:
        rejects["identifier_repeated"] += decided.rejected.height
    return Manifest(
        source=laying.source,
        harvest=normalized.harvest,
        harvest_digest=laying.harvest_digest,
        complete=normalized.complete,
        normalized_digest=normalized.digest,
        policy_digest=laying.policy_digest,
        ledger_digest=laying.ledger.digest,
        schema_version=SCHEMA_VERSION,
        tally=tally,
        withheld=dict(sorted(withheld.items())),
        rejects=dict(sorted(rejects.items())),
        statements=dict(sorted(statements.items())),
        unread=by_column(slices),
        parts=laid.parts,
        removed="",
        removed_rows=0,
        content="",
        extras=laying.extras,
        visits_before=visits,
    )


def _with(manifest: Manifest, removed: str, rows: int) -> Manifest:
    """The manifest with the file of removed rows, and the digest of all that a reader of the repository sees."""
    manifest = replace(manifest, removed=removed, removed_rows=rows)
    return replace(manifest, content=digest_of_seen(manifest))
