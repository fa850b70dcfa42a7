"""Which row of an identifier is current, decided from the narrow index alone."""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Decided:
    """The outcome: one current row an id at most, and what became of the others."""

    live: pl.DataFrame
    """Index rows that are current, one an id, sorted by id."""
    superseded: int
    deleted: int
    """Identifiers whose last word is a tombstone."""
    repeated: pl.DataFrame
    """Rows that claim an identifier which another row of the same harvest has, with other content and no datestamp."""


def decide(index: pl.DataFrame, mode: str) -> Decided:
    """The greatest (harvest, datestamp, order) of each id is current; a tombstone competes like a row.

    index: the slices' indexes with a column `order`, the place among everything that was read. In a `replace`
    harvest everything was offered at once, so which visit first brought a file does not count.
    """
    if mode == "replace":
        index = index.with_columns(harvest=pl.lit(0, pl.Int32))
    index = index.with_columns(datestamp=pl.col("datestamp").fill_null(""))
    undated = (pl.col("datestamp") == "") & ~pl.col("deleted")
    ordered = index.sort("id", "harvest", "order")
    first = pl.col("row_digest").filter(undated).first().over("id", "harvest")
    place = undated.cast(pl.Int32).cum_sum().over("id", "harvest")
    ordered = ordered.with_columns(later=undated & (place > 1), same=pl.col("row_digest") == first)
    repeated = ordered.filter(pl.col("later") & ~pl.col("same"))
    running = ordered.filter(~pl.col("later"))
    winners = running.sort("id", "harvest", "datestamp", "order").group_by("id", maintain_order=True).last()
    live = winners.filter(~pl.col("deleted")).select(index.columns)
    deleted = winners.height - live.height
    return Decided(
        live=live,
        superseded=index.height - winners.height - repeated.height,
        deleted=deleted,
        repeated=repeated.select(index.columns),
    )
