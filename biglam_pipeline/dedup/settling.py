"""From the narrow indexes to current rows, share by share: which version of an id counts, and whether it may go out."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import polars as pl

from biglam_pipeline.dedup.current import decide, overtaken, with_older_parts_marked
from biglam_pipeline.dedup.dealing import Dealt, Room, Schema
from biglam_pipeline.dedup.permitted import Accepted, beliefs_among, is_closed, lets_rows_through, reason_of_withheld
from biglam_pipeline.store.normalized import INDEX, LEFT_OUT, TAKEN_DOWN, WHOSE, Normalized, NormalizedShelf
from biglam_pipeline.store.parts import Manifest, ShardsShelf
from biglam_pipeline.takedown import Ledger

_INDEX: Schema = {
    **pl.Schema(INDEX),
    "slice": pl.Int64,
    "order": pl.Int64,
}
_REJECTS: Schema = {**pl.Schema(WHOSE), "order": pl.Int64}
_SPENT = ("deleted", "harvest", "seq", "datestamp", "copy_key")
"""Columns that nothing asks for once a row is current."""
LIVE: Schema = {
    **{name: kind for name, kind in _INDEX.items() if name not in _SPENT},
    "first_seen": pl.Int32,
    "allowed": pl.Boolean,
}
"""Of a current row; `allowed` where it may be published."""
_KNOWN: Schema = {
    "id": pl.String,
    "first_seen": pl.Int32,
    "part": pl.Int32,
    "at": pl.Int64,
    "row_key": pl.Binary,
    "reason": pl.String,
}


@dataclass(slots=True)
class Settled:
    """Current rows, dealt out by id, and what became of every other."""

    live: Dealt
    """LIVE columns."""
    rejected: Dealt
    """Ids of rows that claim an identifier which another row of the same visit has, with other content."""
    current: int = 0
    superseded: int = 0
    repeated: int = 0
    deleted: int = 0
    taken_down: int = 0
    withheld: Counter[str] = field(default_factory=Counter)
    """By reason."""
    beliefs: Counter[str] = field(default_factory=Counter)
    overtaken: list[str] = field(default_factory=list)
    """Ids that may be published, and of which a newer version came that could not be read."""


@dataclass(frozen=True, slots=True)
class Known:
    """What was laid or dropped before, dealt out by id: with the number of the part and the place in it, or with the
    reason for which it was dropped.
    """

    rows: Dealt
    since: int = 0
    """The visit up to which parts were laid."""
    visits: int = 0
    """What is added to the number of a harvest, since an earlier shelf counted so many."""

    def laid(self, share: int) -> pl.DataFrame:
        """id, part, at and row_key of what lies in a part, each id once."""
        rows = self.rows.read(share, ["id", "part", "at", "row_key"]).filter(pl.col("part").is_not_null())
        return rows.unique("id", keep="first", maintain_order=True)

    def dropped(self, share: int) -> pl.DataFrame:
        """id and reason of what was left out as a duplicate."""
        return self.rows.read(share, ["id", "reason"]).filter(pl.col("reason").is_not_null())


def known_before(room: Room, shards: ShardsShelf | None, before: Manifest | None) -> Known:
    """What the parts of today and the rows removed beside them say."""
    rows = room.dealt(_KNOWN)
    if shards is None or before is None:
        return Known(rows)
    for number, part in enumerate(before.parts):
        at = 0
        for laid in shards.laid(part):
            places = pl.int_range(at, at + laid.height, dtype=pl.Int64, eager=True)
            reason = pl.lit(None, pl.String)
            rows.add(laid.with_columns(at=places, part=pl.lit(number, pl.Int32), reason=reason), by="id")
            at += laid.height
    if shards.shelf.exists(before.removed):
        nowhere = {name: pl.lit(None, _KNOWN[name]) for name in ("part", "at", "row_key")}
        for removed in shards.removed_rows(before):
            dropped = removed.filter(pl.col("reason") != "identifier_repeated")
            rows.add(dropped.with_columns(**nowhere), by="id")
    return Known(rows, before.harvest, before.visits_before)


def settle(
    room: Room,
    shelf: NormalizedShelf,
    normalized: Normalized,
    known: Known,
    accepted: Accepted,
    ledger: Ledger,
) -> Settled:
    """Decides every identifier, and which current rows the entry's rights and the takedown ledger let through."""
    index = room.dealt(_INDEX)
    copies: set[bytes] = set()
    has_wholes = False
    for rows in indexes_of(shelf, normalized):
        copies |= set(rows.filter(_is_named(rows, ledger))["copy_key"].drop_nulls().to_list())
        has_wholes = has_wholes or rows["whole"].null_count() < rows.height or bool((rows["row"] == LEFT_OUT).any())
        index.add(rows.with_columns(_whole=pl.coalesce("whole", "id")), by="_whole")
    unread = _rejects_of(room, shelf, normalized)
    settled = Settled(room.dealt(LIVE), room.dealt({"id": pl.String}))
    if has_wholes:
        index = _newest_of_wholes(room, index, normalized.mode, settled)
    closed = room.dealt({"content_key": pl.Binary})
    for share in room.shares:
        rows = index.read(share)  # with older parts, which say when a row was first seen
        decided = decide(rows.filter(~pl.col("older")).drop("older") if has_wholes else rows, normalized.mode)
        settled.current += decided.live.height
        settled.superseded += decided.superseded
        settled.repeated += decided.repeated
        settled.deleted += decided.deleted
        settled.rejected.put(decided.rejected, share)
        live = _first_seen(decided.live, rows, known, share, normalized)
        through = lets_rows_through(live, accepted)
        closed.add(live.filter(~through & is_closed(live)).select("content_key").drop_nulls(), by="content_key")
        _withhold(settled, live.filter(~through).with_columns(copy=pl.lit(value=False)), accepted)
        equal = pl.col("copy_key").is_in(list(copies)).fill_null(value=False)
        out = live.select(out=_is_named(live, ledger) | equal).to_series()
        settled.taken_down += int((through & out).sum())
        settled.live.put(live.with_columns(allowed=through & ~out), share)
        settled.overtaken += overtaken(live.filter(through & ~out), unread.read(share), normalized.mode).to_list()
    if closed.rows:
        settled.live = _without_copies(room, settled, closed, accepted)
    return settled


def _newest_of_wholes(room: Room, by_whole: Dealt, mode: str, settled: Settled) -> Dealt:
    """The same rows, dealt out by id, with which are of an older version of their whole; counts those."""
    index = room.dealt({**_INDEX, "older": pl.Boolean})
    for share in room.shares:
        rows = with_older_parts_marked(by_whole.read(share), mode)
        settled.superseded += int(rows["older"].sum())
        index.add(rows, by="id")
    return index


def licensed_ids(
    room: Room, shelf: NormalizedShelf, normalized: Normalized, accepted: Accepted
) -> Iterator[tuple[int, pl.Series]]:
    """Share -> the ids in it whose current row the entry's rights let through, decided from the indexes alone."""
    settled = settle(room, shelf, normalized, known_before(room, None, None), accepted, Ledger())
    for share in room.shares:
        yield share, settled.live.read(share, ["id", "allowed"]).filter("allowed")["id"]


def _rejects_of(room: Room, shelf: NormalizedShelf, normalized: Normalized) -> Dealt:
    """What could not be read of records that have a name: columns of _REJECTS, dealt out by id."""
    dealt = room.dealt(_REJECTS)
    for number, key in enumerate(normalized.slices):
        if (named := shelf.named_rejects(key)).height:
            dealt.add(_in_order(named, number), by="id")
    return dealt


def _in_order(rows: pl.DataFrame, number: int) -> pl.DataFrame:
    """With the place of each row among everything that was read. number: of its slice."""
    return rows.with_columns(order=pl.lit(number, pl.Int64) * 2**32 + pl.col("seq"))


def indexes_of(shelf: NormalizedShelf, normalized: Normalized) -> Iterator[pl.DataFrame]:
    """The narrow index of each slice, with the place of each row among everything that was read."""
    for number, key in enumerate(normalized.slices):
        yield _in_order(shelf.index(key).with_columns(slice=pl.lit(number, pl.Int64)), number)


def _is_named(rows: pl.DataFrame, ledger: Ledger) -> pl.Expr:
    """Which rows are taken down by name: those that the slices left out, and those that the ledger says. Whatever
    equals one of them in everything but identifiers goes with it, so that no copy is promoted in its place.
    """
    names = ledger.among(rows["id"].to_list()) if ledger.hmacs else ledger.ids
    return pl.col("id").is_in(list(names)) | (pl.col("row") == TAKEN_DOWN)


def _first_seen(
    live: pl.DataFrame, index: pl.DataFrame, known: Known, share: int, normalized: Normalized
) -> pl.DataFrame:
    """The visit that first brought each row: as what was laid or dropped before says, or the one since, or this one.

    Where visits are laid over each other, a run that was killed between harvest and shards may have made one more.
    """
    new = index.filter(~pl.col("deleted") & (pl.col("harvest") > known.since))
    new = new.clear() if normalized.mode == "replace" else new
    came = new.group_by("id").agg(came=pl.col("harvest").min())
    was = known.rows.read(share, ["id", "first_seen"]).unique("id", keep="first", maintain_order=True)
    found = live.join(was, on="id", how="left", maintain_order="left")
    found = found.join(came, on="id", how="left", maintain_order="left")
    this = pl.coalesce("came", pl.lit(normalized.harvest)) + known.visits
    return found.with_columns(first_seen=pl.coalesce("first_seen", this).cast(pl.Int32)).drop("came")


def _withhold(settled: Settled, rows: pl.DataFrame, accepted: Accepted) -> None:
    settled.withheld.update(rows.select(reason_of_withheld()).to_series().to_list())
    settled.beliefs.update(beliefs_among(rows, accepted))


def _without_copies(room: Room, settled: Settled, closed: Dealt, accepted: Accepted) -> Dealt:
    """Of a text or a picture that one record closes no other publishes a copy: the strictest counts there too."""
    asked = room.dealt({**dict.fromkeys(_RIGHTS, pl.String), "content_key": pl.Binary, "allowed": pl.Boolean})
    for share in room.shares:
        rows = settled.live.read(share, [*_RIGHTS, "content_key", "allowed"])
        asked.add(rows.filter(lets_rows_through(rows, accepted)).drop_nulls("content_key"), by="content_key")
    copies = room.dealt({"id": pl.String})
    for share in room.shares:
        keys = closed.read(share).unique()
        for rows in asked.chunks(share):
            found = rows.join(keys, on="content_key", how="semi")
            settled.taken_down -= found.height - int(found["allowed"].sum())
            _withhold(settled, found.with_columns(copy=pl.lit(value=True)), accepted)
            copies.add(found, by="id")
    live = room.dealt(LIVE)
    for share in room.shares:
        rows = settled.live.read(share)
        live.put(
            rows.with_columns(allowed=pl.col("allowed") & ~pl.col("id").is_in(copies.read(share)["id"].implode())),
            share,
        )
    return live


_RIGHTS: Sequence[str] = ("id", "tier", "tiers", "statement")
