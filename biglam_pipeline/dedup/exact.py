"""Exact duplicates: rows equal in everything but identifiers, wholes that came twice, texts of equal letters."""

from dataclasses import dataclass

import polars as pl

from biglam_pipeline.columns import WHOLES
from biglam_pipeline.dedup.choice import Dedup
from biglam_pipeline.dedup.deliveries import drop_deliveries

_KEEPER = (
    "first_seen",
    "year",
    -pl.col("ocr_confidence"),
    -pl.col("pixels"),
    "id",
)


@dataclass(frozen=True, slots=True)
class Doubles:
    """Rows with `dup_cluster_id`, `dup_of` and `similarity`; those dropped with `keeper`, `reason`, `similarity`."""

    kept: pl.DataFrame
    dropped: pl.DataFrame


def in_rank(rows: pl.DataFrame) -> pl.DataFrame:
    """Who stays comes first: seen first, then the earlier date, the better OCR, the larger picture, the smaller id."""
    return rows.sort(*_KEEPER, nulls_last=True)


def find_doubles(live: pl.DataFrame, choice: Dedup) -> Doubles:
    """live: current, accepted rows with id, first_seen, year, ocr_confidence, pixels, config, unit, double_key,
    content_key, and what `mark_deliveries` adds.
    """
    ranked = in_rank(live)
    dropped = []
    if choice.exact not in {"flag", "none"}:
        ranked, twice = drop_deliveries(ranked)
        whole = pl.lit(value=True) if choice.exact else pl.col("unit").is_in(list(WHOLES)).fill_null(value=False)
        # The configs of a dataset are loaded one by one: a row missing in one is missing, though another has it.
        ranked, gone = _drop(ranked, [pl.when(whole).then("double_key"), "config"], "exact_row")
        dropped += [twice.with_columns(reason=pl.lit("exact_parent")), gone]
    if choice.exact == "drop":
        # Nor is one that is published by another right: the keeper's may be the freer.
        ranked, gone = _drop(ranked, ["content_key", "config", "statement"], "exact_text")
        dropped.append(gone)
    flagged = _flag(ranked) if choice.exact != "none" else ranked.with_columns(_nothing(), _nothing("dup_of"))
    flagged = flagged.with_columns(similarity=pl.when(pl.col("dup_of").is_not_null()).then(pl.lit(1.0, pl.Float32)))
    empty = ranked.clear().with_columns(keeper=pl.lit(None, pl.String), reason=pl.lit(None, pl.String))
    gone = pl.concat([empty, *dropped]).with_columns(similarity=pl.lit(1.0, pl.Float32))
    return Doubles(kept=flagged.sort("id"), dropped=_settled(gone).sort("id"))


def _drop(ranked: pl.DataFrame, by: list[str | pl.Expr], reason: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    """by: the key, then what else has to be equal; a row without a key stays."""
    keys = [pl.col(key) if isinstance(key, str) else key for key in by]
    judged = ranked.with_columns(key.alias(f"key {place}") for place, key in enumerate(keys))
    names = [f"key {place}" for place in range(len(keys))]
    keeper = pl.when(pl.col(names[0]).is_null()).then(pl.col("id")).otherwise(pl.col("id").first().over(names))
    judged = judged.with_columns(keeper=keeper).drop(names)
    gone = judged.filter(pl.col("keeper") != pl.col("id")).with_columns(reason=pl.lit(reason))
    return judged.filter(pl.col("keeper") == pl.col("id")).drop("keeper"), gone


def _settled(gone: pl.DataFrame) -> pl.DataFrame:
    """A row's keeper may itself be dropped for another: then that one is the keeper of both, and so on."""
    for _ in range(2):  # three ways of dropping, one after the other
        last = gone.select(keeper=pl.col("id"), stays=pl.col("keeper"))
        gone = gone.join(last, on="keeper", how="left")
        gone = gone.with_columns(keeper=pl.coalesce("stays", "keeper")).drop("stays")
    return gone


def _flag(ranked: pl.DataFrame) -> pl.DataFrame:
    """By text or picture; by the whole row where it has neither, as a record or a table's row."""
    ranked = ranked.with_columns(same=pl.coalesce("content_key", "double_key"))
    alone = pl.col("same").is_null() | (pl.len().over("same") == 1)
    cluster = pl.when(~alone).then(pl.col("id").first().over("same"))
    return (
        ranked.with_columns(dup_cluster_id=cluster)
        .with_columns(dup_of=pl.when(pl.col("dup_cluster_id") != pl.col("id")).then(pl.col("dup_cluster_id")))
        .drop("same")
    )


def _nothing(name: str = "dup_cluster_id") -> pl.Expr:
    return pl.lit(None, pl.String).alias(name)
