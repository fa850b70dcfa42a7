"""Wholes that were delivered twice: parents all of whose parts equal another's, one after the other, in order."""

import hashlib

import polars as pl

from biglam_pipeline.columns import PARTS
from biglam_pipeline.dedup.dealing import Dealt, Room

_PART = {
    "id": pl.String,
    "unit": pl.String,
    "parent": pl.String,
    "parent_seq": pl.Int32,
    "order": pl.Int64,
    "part_key": pl.Binary,
    "content_key": pl.Binary,
    "config": pl.String,
    "first_seen": pl.Int32,
    "allowed": pl.Boolean,
}
_DELIVERED = {"id": pl.String, "parent": pl.String, "delivery": pl.Binary, "part": pl.Int64, "first_seen": pl.Int32}
TWICE = {"id": pl.String, "keeper": pl.String, "first_seen": pl.Int32}


def find_deliveries(room: Room, live: Dealt, of: pl.Expr) -> Dealt:
    """Of some rows id, keeper and first_seen of the rows of every whole that repeats another, dealt out by id.

    live: all current rows, also those that are not `allowed`: a whole of which a page is withheld is not one without
    that page. What is dropped is dropped for one that is allowed. of: which rows.
    """
    parts = room.dealt(_PART)
    for share in room.shares:
        rows = live.read(share, [*_PART, "slice"]).filter(of)
        parts.add(rows.filter(pl.col("parent").is_not_null()), by="parent")
    delivered = room.dealt(_DELIVERED)
    for share in room.shares if parts.rows else ():
        delivered.add(_delivered(parts.read(share)), by="delivery")
    twice = room.dealt(TWICE)
    for share in room.shares if delivered.rows else ():
        twice.add(_repeated(delivered.read(share)), by="id")
    return twice


def _delivered(below: pl.DataFrame) -> pl.DataFrame:
    """The rows that may be published of wholes, with `delivery`, equal for wholes of equal parts in equal order, and
    `part`, a row's place among them.

    below: rows that have a parent. Nothing can be said of what is no part of a whole, where a part is of another kind
    than the others, and where no part says more than "PLATE".
    """
    is_part = pl.col("part_key").is_not_null() & pl.col("unit").is_in(list(PARTS))
    parts = below.filter(is_part.fill_null(value=False).all().over("parent")) if below.height else below
    ordered = parts.sort("parent", "parent_seq", "order", nulls_last=True)
    whole = ordered.group_by("parent", maintain_order=True).agg(
        "part_key",
        "id",
        "first_seen",
        "allowed",
        configs=pl.col("config").fill_null("").unique().sort(),
        says=pl.col("content_key").count(),
    )
    whole = whole.filter(pl.col("says") > 0)
    keys = [_digest(keys_, configs) for keys_, configs in whole.select("part_key", "configs").iter_rows()]
    named = whole.with_columns(delivery=pl.Series(keys, dtype=pl.Binary), part=pl.int_ranges(pl.col("id").list.len()))
    rows = named.select("parent", "delivery", "part", "id", "first_seen", "allowed")
    return (
        rows.explode("part", "id", "first_seen", "allowed").filter("allowed")
        if rows.height
        else pl.DataFrame(schema=_DELIVERED)
    )


def _digest(parts: list[bytes], configs: list[str]) -> bytes:
    """Of digests of one length, in order, and of where they go."""
    said = b"".join(parts) + "\x00".join(configs).encode()
    return hashlib.blake2b(said, digest_size=16).digest()


def _repeated(there: pl.DataFrame) -> pl.DataFrame:
    """Of wholes of one delivery the one that was complete first stays. Another is dropped with all its rows, each for
    the row in its place, or not at all.
    """
    wholes = there.group_by("delivery", "parent").agg(
        complete=pl.col("first_seen").max(), began=pl.col("first_seen").min(), name=pl.col("id").min()
    )
    wholes = wholes.filter(pl.col("delivery").is_duplicated())
    best = wholes.sort("delivery", "complete", "began", "name").group_by("delivery", maintain_order=True).first()
    there = there.join(best.select("delivery"), on="delivery", how="semi")
    keepers = there.join(best.select("delivery", "parent"), on=["delivery", "parent"], how="semi")
    judged = there.join(keepers.select("delivery", "part", keeper="id"), on=["delivery", "part"], how="left")
    lone = judged.filter(pl.col("keeper").is_null()).select("delivery", "parent").unique()
    gone = judged.filter(pl.col("keeper") != pl.col("id"))
    return gone.join(lone, on=["delivery", "parent"], how="anti")
