"""Which rows does the entry let through? Every layer of its rights that counts for a row must accept it."""

from collections.abc import Callable, Sequence

import polars as pl

from biglam_pipeline.rights.layers import CONTRADICTED, count_beliefs, lets_through

Accepted = Sequence[frozenset[str]]
"""Tiers, a set for each layer."""


def lets_rows_through(rows: pl.DataFrame, accepted: Accepted) -> pl.Series:
    """Which of these rows of the index may be published, as far as their own rights go."""
    return _by_kind(rows, lambda tiers: lets_through(tiers, accepted))


def is_closed(rows: pl.DataFrame) -> pl.Series:
    """Which rows, being withheld, close every copy of their text or picture too."""
    return (rows["tier"] == "closed").fill_null(value=False)


def beliefs_among(withheld: pl.DataFrame, accepted: Accepted) -> dict[str, int]:
    """Tier -> rows that are withheld only because it is a belief, which the entry could accept."""
    return count_beliefs(dict(_named(withheld).value_counts().iter_rows()), accepted)


def reason_of_withheld() -> pl.Expr:
    """Tier and statement, and whether it is the record, or another of the same text, that says so against the entry."""
    words = pl.col("tiers").fill_null("").str.split(" ")
    denied = pl.when(words.list.contains(CONTRADICTED)).then(pl.lit("the record says ")).otherwise(pl.lit(""))
    why = pl.when("copy").then(pl.lit("a copy of what another record closes: ")).otherwise(denied)
    return pl.concat_str(why, pl.format("{}: {}", "tier", "statement"))


def _by_kind(rows: pl.DataFrame, holds: Callable[[str], bool]) -> pl.Series:
    """There are a handful of kinds of rows, whatever their number."""
    kinds = _named(rows)
    good = [tiers for tiers in kinds.unique().to_list() if holds(tiers)]
    return kinds.is_in(good)


def _named(rows: pl.DataFrame) -> pl.Series:
    """What each layer makes of a row; of one that was taken down by an earlier release only its tier is known."""
    return rows.select(pl.coalesce("tiers", "tier").fill_null("")).to_series()
