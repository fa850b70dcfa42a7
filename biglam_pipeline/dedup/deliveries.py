"""Wholes that were delivered twice: parents all of whose parts equal another's, one after the other, in order."""

import hashlib

import polars as pl

from biglam_pipeline.columns import PARTS


def mark_deliveries(live: pl.DataFrame) -> pl.DataFrame:
    """Adds `delivery`, equal for wholes of equal parts in equal order, and `part`, a row's place among them.

    live: all current rows with unit, parent, parent_seq, part_key, content_key and order: also those that are withheld,
    for a whole of which a page is withheld is not one without that page. Null where nothing can be said: for what is no
    part of a whole, where a part is of another kind than the others, and where no part says more than "PLATE".
    """
    is_part = pl.col("part_key").is_not_null() & pl.col("unit").is_in(list(PARTS))
    below = live.filter(pl.col("parent").is_not_null())
    parts = below.filter(is_part.fill_null(value=False).all().over("parent")) if below.height else below
    ordered = parts.select("id", "parent", "parent_seq", "order", "part_key", "content_key", "config")
    ordered = ordered.sort("parent", "parent_seq", "order", nulls_last=True)
    whole = ordered.group_by("parent", maintain_order=True).agg(
        "part_key", "id", configs=pl.col("config").fill_null("").unique().sort(), says=pl.col("content_key").count()
    )
    whole = whole.filter(pl.col("says") > 0)
    keys = [_digest(keys_, configs) for keys_, configs in whole.select("part_key", "configs").iter_rows()]
    named = whole.with_columns(delivery=pl.Series(keys, dtype=pl.Binary))
    named = named.filter(pl.col("delivery").is_duplicated()).select("delivery", "id")
    if named.is_empty():
        return live.with_columns(delivery=pl.lit(None, pl.Binary), part=pl.lit(None, pl.Int64))
    places = named.with_columns(part=pl.int_ranges(pl.col("id").list.len())).explode("id", "part")
    return live.join(places.select("id", "delivery", part=pl.col("part").cast(pl.Int64)), on="id", how="left")


def _digest(parts: list[bytes], configs: list[str]) -> bytes:
    """Of digests of one length, in order, and of where they go."""
    said = b"".join(parts) + "\x00".join(configs).encode()
    return hashlib.blake2b(said, digest_size=16).digest()


def drop_deliveries(ranked: pl.DataFrame) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Of wholes of one delivery the one that was complete first stays: what is left, and what is dropped for which
    `keeper`. A whole is dropped with all its rows, each for the row in its place, or not at all.

    ranked: rows in the order of who stays, with delivery and part, of those that may be published.
    """
    there = ranked.filter(pl.col("delivery").is_not_null())
    if there.is_empty():
        return ranked, ranked.clear().with_columns(keeper=pl.lit(None, pl.String))
    wholes = there.group_by("delivery", "parent").agg(
        complete=pl.col("first_seen").max(), began=pl.col("first_seen").min(), name=pl.col("id").min(), parts="part"
    )
    best = wholes.sort("delivery", "complete", "began", "name").group_by("delivery", maintain_order=True).first()
    keepers = there.join(best.select("delivery", "parent"), on=["delivery", "parent"], how="semi")
    stays = keepers.select("delivery", "part", keeper="id")
    judged = ranked.join(stays, on=["delivery", "part"], how="left", maintain_order="left", nulls_equal=False)
    mine = ["delivery", "parent"]
    lone = judged.filter(pl.col("delivery").is_not_null() & pl.col("keeper").is_null()).select(mine).unique()
    judged = judged.join(lone.with_columns(lone=True), on=mine, how="left", maintain_order="left")
    gone = pl.col("keeper").is_not_null() & (pl.col("keeper") != pl.col("id")) & pl.col("lone").is_null()
    gone = gone.fill_null(value=False)
    return judged.filter(~gone).drop("keeper", "lone"), judged.filter(gone).drop("lone")
