"""Exact doubles: rows that are equal in everything but identifiers, and texts of equal letters."""

from dataclasses import dataclass

import polars as pl

from biglam_pipeline.dedup.choice import Dedup

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
    """live: current, accepted rows with id, first_seen, year, ocr_confidence, pixels, double_key and content_key."""
    ranked = in_rank(live)
    dropped = []
    if choice.exact in {"rows", "drop"}:
        ranked, gone = _drop(ranked, "double_key", "exact_row")
        dropped.append(gone)
    if choice.exact == "drop":
        ranked, gone = _drop(ranked, "content_key", "exact_text")
        dropped.append(gone)
    flagged = _flag(ranked) if choice.exact != "none" else ranked.with_columns(_nothing(), _nothing("dup_of"))
    flagged = flagged.with_columns(similarity=pl.when(pl.col("dup_of").is_not_null()).then(pl.lit(1.0, pl.Float32)))
    empty = ranked.clear().with_columns(keeper=pl.lit(None, pl.String), reason=pl.lit(None, pl.String))
    gone = pl.concat([empty, *dropped]).with_columns(similarity=pl.lit(1.0, pl.Float32))
    # A row's keeper may itself be dropped for another's equal text: then that one is the keeper of both.
    last = gone.select(keeper=pl.col("id"), stays=pl.col("keeper"))
    gone = gone.join(last, on="keeper", how="left").with_columns(keeper=pl.coalesce("stays", "keeper")).drop("stays")
    return Doubles(kept=flagged.sort("id"), dropped=gone.sort("id"))


def _drop(ranked: pl.DataFrame, key: str, reason: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    keeper = pl.when(pl.col(key).is_null()).then(pl.col("id")).otherwise(pl.col("id").first().over(key))
    judged = ranked.with_columns(keeper=keeper)
    gone = judged.filter(pl.col("keeper") != pl.col("id")).with_columns(reason=pl.lit(reason))
    return judged.filter(pl.col("keeper") == pl.col("id")).drop("keeper"), gone


def _flag(ranked: pl.DataFrame) -> pl.DataFrame:
    alone = pl.col("content_key").is_null() | (pl.len().over("content_key") == 1)
    cluster = pl.when(~alone).then(pl.col("id").first().over("content_key"))
    return ranked.with_columns(dup_cluster_id=cluster).with_columns(
        dup_of=pl.when(pl.col("dup_cluster_id") != pl.col("id")).then(pl.col("dup_cluster_id"))
    )


def _nothing(name: str = "dup_cluster_id") -> pl.Expr:
    return pl.lit(None, pl.String).alias(name)
