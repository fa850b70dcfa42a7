"""From normalized slices to shards: current rows, what is withheld, duplicates, and the parts they lie in."""

import logging
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl
import pyarrow as pa

from biglam_pipeline.columns import DUPLICATES, FIRST_SEEN, IMAGE_FEATURE, SCHEMA_VERSION
from biglam_pipeline.dedup.choice import Dedup
from biglam_pipeline.dedup.config_names import name_configs
from biglam_pipeline.dedup.dealing import ROWS, Room, in_order
from biglam_pipeline.dedup.exact import DROPPED, Duplicates, find_duplicates
from biglam_pipeline.dedup.finishing import finish, sections_of_configs
from biglam_pipeline.dedup.near_duplicates import Looking, mark_near_duplicates
from biglam_pipeline.dedup.ordering import order_rows
from biglam_pipeline.dedup.restless import Watch
from biglam_pipeline.dedup.sections import Sections
from biglam_pipeline.dedup.settling import Settled, known_before, settle
from biglam_pipeline.dedup.sticky import Laid, Layer
from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.records import Tally
from biglam_pipeline.store.normalized import Normalized, NormalizedShelf, Slice
from biglam_pipeline.store.parts import PART_SIZE, Manifest, PartSize, ShardsShelf, digest_of_seen
from biglam_pipeline.store.problems import by_column
from biglam_pipeline.takedown import Ledger

log = logging.getLogger(__name__)

_SHOWN = 5
_ADDED = {column.name for column in (FIRST_SEEN, *DUPLICATES)}


@dataclass(frozen=True, slots=True)
class Laying:
    """Everything that laying one source needs, handed in by the pipeline."""

    source: str
    schemas: Mapping[str, pa.Schema]
    """Section -> the schema of what is published of it, with the footer's metadata."""
    extras: dict[str, str]
    accepted: tuple[frozenset[str], ...]
    """Tiers, a set for each layer of the entry's rights."""
    choice: Dedup
    policy_digest: str
    ledger: Ledger
    harvest_digest: str
    size: PartSize = PART_SIZE
    processes: int = 1
    """That look for near-duplicates."""
    share: int = ROWS
    """Rows that are decided on together, about."""
    rebuild: bool = False
    """Cut everything again, as if nothing had been laid before; rows keep their `first_seen`."""

    def has_laid(self, before: Manifest, normalized: Normalized) -> bool:
        """Whether this is the chain by which these parts were laid, so that there is nothing to lay."""
        now = (normalized.digest, normalized.harvest, self.harvest_digest, self.policy_digest, self.ledger.digest)
        was = (
            before.normalized_digest,
            before.harvest,
            before.harvest_digest,
            before.policy_digest,
            before.ledger_digest,
        )
        return now == was and before.extras == self.extras and before.takedowns == self.ledger.lines


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The new manifest, and how many parts had to be written."""

    manifest: Manifest
    written: int
    returned: int = 0
    """Rows that were left out as duplicates at the last run, and are among the rows now."""


def lay_shards(laying: Laying, normalized: Normalized, shelf: NormalizedShelf, shards: ShardsShelf) -> LaidOut:
    """Decides what is published and lays it into parts; the manifest is swapped last.

    Everything is decided share by share of the rows, on scratch: memory is that of one share, whatever the source.
    """
    slices = shelf.slices(normalized)
    before = shards.current()
    sections = _sections(laying, normalized)
    was, names = (before.parts, before.configs) if before else ((), {})
    with shards.shelf.scratch() as scratch:
        room = Room(scratch, sum(one.rows + one.deleted + one.taken_down for one in slices), laying.share)
        known = known_before(room, shards, before)
        settled = settle(room, shelf, normalized, known, laying.accepted, laying.ledger)
        log.info("%d rows are current, %d are superseded", settled.current, settled.superseded)
        looking = Looking(
            shelf,
            list(normalized.slices),
            shards.fingerprints(),
            laying.processes,
            thorough=before is None or before.ledger_digest != laying.ledger.digest,
            pictures=frozenset(name for name, schema in laying.schemas.items() if IMAGE_FEATURE in schema.names),
        )
        duplicates = find_duplicates(room, settled.live, laying.choice, sections)
        counts = mark_near_duplicates(duplicates, laying.choice, looking)
        final = finish(duplicates, known, Watch(before, _content(laying.schemas.values()), normalized.harvest))
        named, names = name_configs(laying.source, final.configs, final.rows, names, {part.config for part in was})
        of_configs = sections_of_configs(laying.source, sections, final, named)
        restless = final.watch.seen(normalized.slices, shelf, shards)
        parts = () if laying.rebuild else was
        laid = Laid((), 0)
        for name, schema in laying.schemas.items():
            placed = (rows.filter(sections.only(name)) for rows in final.placed(named, parts))
            layer = Layer(shelf, shards, list(normalized.slices), schema, laying.size)
            laid += layer.lay(order_rows(room, placed, schema), parts)
        removed, removed_rows = shards.keep_removed(_removed(laying.source, duplicates, settled))
    tally = _tally(slices, settled, duplicates.dropped.rows, final.rows)
    manifest = replace(
        _manifest(laying, normalized, laid, tally, slices, settled),
        visits_before=known.visits,
        removed=removed,
        removed_rows=removed_rows,
        takedowns=laying.ledger.lines,
        doubles=counts,
        restless=restless,
        configs=names,
        sections=of_configs,
    )
    manifest = replace(manifest, content=digest_of_seen(manifest))
    shards.point(manifest)
    return LaidOut(manifest, laid.written, _report_returned(final.returned))


def _sections(laying: Laying, normalized: Normalized) -> Sections:
    """ShelfDamaged where the slices are of other sections than the entry's: they were read by an older one."""
    sections = Sections(normalized.sections or ("",) * len(normalized.slices), several=len(laying.schemas) > 1)
    if set(sections.names) - laying.schemas.keys():
        raise ShelfDamaged(f"{laying.source}: `normalize` was edited since it was read; materialize normalized again")
    return sections


def _content(schemas: Iterable[pa.Schema]) -> list[str]:
    return list(dict.fromkeys(name for schema in schemas for name in schema.names if name not in _ADDED))


def _report_returned(returned: Counter[str]) -> int:
    """Rows that come back: what they repeated has changed or gone, or the rule by which they were dropped has."""
    for reason, count in sorted(returned.items()):
        hint = "; `dedup: {exact: rows}` drops equal rows of every kind" if reason == "exact_row" else ""
        log.warning(
            "%d rows that the last run dropped as duplicates (%s) are among the rows again, marked where they still "
            "repeat another%s",
            *(count, reason, hint),
        )
    return returned.total()


def _removed(source: str, duplicates: Duplicates, settled: Settled) -> Iterator[pl.DataFrame]:
    """What was dropped and what claims an identifier that another has, in the order of ids."""

    def shares() -> Iterator[pl.DataFrame]:
        for share in duplicates.room.shares:
            yield duplicates.dropped.read(share)
            claimed = settled.rejected.read(share)
            nothing = {name: pl.lit(None, kind) for name, kind in DROPPED.items() if name not in ("id",)}
            yield claimed.with_columns(**nothing).with_columns(keeper="id", reason=pl.lit("identifier_repeated"))

    for rows in in_order(duplicates.room, shares(), ["id", "reason"], DROPPED):
        yield rows.with_columns(source_record_id=pl.col("id").str.strip_prefix(f"{source}:"))


def _overtaken(source: str, settled: Settled) -> dict[str, Any]:
    first = sorted(settled.overtaken)[:_SHOWN]
    names = [name.removeprefix(f"{source}:") for name in first]
    return {"rows": len(settled.overtaken), "first": names} if first else {}


def _tally(slices: Sequence[Slice], settled: Settled, duplicate: int, published: int) -> Tally:
    rejects = sum(one.rejected for one in slices)
    return Tally(
        seen=sum(one.rows + one.deleted + one.taken_down for one in slices) + rejects,
        current=settled.current,
        superseded=settled.superseded,
        repeated=settled.repeated,
        deleted=settled.deleted,
        rejected=rejects + settled.rejected.rows,
        withheld=settled.withheld.total(),
        taken_down=settled.taken_down,
        duplicate=duplicate,
        published=published,
    )


def _manifest(
    laying: Laying,
    normalized: Normalized,
    laid: Laid,
    tally: Tally,
    slices: Sequence[Slice],
    settled: Settled,
) -> Manifest:
    rejects: Counter[str] = Counter()
    statements: Counter[str] = Counter()
    for one in slices:
        rejects.update(one.rejects)
        statements.update(one.statements)
    if settled.rejected.rows:
        rejects["identifier_repeated"] += settled.rejected.rows
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
        withheld=dict(sorted(settled.withheld.items())),
        rejects=dict(sorted(rejects.items())),
        statements=dict(sorted(statements.items())),
        unread=by_column(slices),
        parts=laid.parts,
        removed="",
        removed_rows=0,
        content="",
        extras=laying.extras,
        beliefs=dict(sorted(settled.beliefs.items())),
        overtaken=_overtaken(laying.source, settled),
    )
