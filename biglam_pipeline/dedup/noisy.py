"""Near doubles of a source: which rows repeat another but for noise, and what the entry wants done with them."""

from dataclasses import dataclass

import polars as pl

from biglam_pipeline.dedup.choice import Dedup
from biglam_pipeline.dedup.exact import Doubles, in_rank
from biglam_pipeline.dedup.near.finding import Choice, find_near, open_store
from biglam_pipeline.dedup.near.pictures import find_near_pictures
from biglam_pipeline.dedup.near.rows import Found
from biglam_pipeline.store.normalized import NormalizedShelf
from biglam_pipeline.store.shelf import Shelf
from biglam_pipeline.store.slice_texts import SliceTexts, close_slice

_WORTH_PROCESSES = 20_000
"""Rows from which starting more processes is sooner done than the search itself."""


@dataclass(frozen=True, slots=True)
class Noisy:
    """Rows with their marks, rows that were dropped, and what was found in numbers."""

    doubles: Doubles
    counts: dict[str, int]
    """Rows dropped by reason, rows `flagged`, `clusters` of marked rows or of near doubles that were dropped."""


@dataclass(frozen=True, slots=True)
class Looking:
    """Where the search for near doubles finds texts, where it keeps what it computed of them, and how it works."""

    normalized: NormalizedShelf
    slices: list[str]
    """Keys, in the order that the rows' `slice` numbers count."""
    prints: Shelf
    processes: int
    thorough: bool
    """Leaves nothing of texts that are gone: a record was taken down."""
    pictures: bool
    """Whether rows are compared by what they show, not by what they say."""


def mark_noisy(doubles: Doubles, choice: Dedup, looking: Looking) -> Noisy:
    """doubles: what the search for exact ones left.

    A cluster's first row by rank is its keeper, and stays; see `in_rank`. A re-run with nothing new reads no text.
    """
    nothing = choice.near == "none" or not doubles.kept["content_key"].drop_nulls().len()
    if nothing or looking.pictures:
        for name in looking.prints.list():
            looking.prints.delete(name)
    if nothing:
        return Noisy(doubles, _counts(doubles, doubles.kept))
    ranked = in_rank(doubles.kept)
    search = _near_pictures if looking.pictures else _near_texts
    marked = _marked(ranked, search(ranked, choice, looking))
    if choice.near == "flag":
        left = Doubles(marked.sort("id"), doubles.dropped)
        return Noisy(left, _counts(left, marked))
    repeats = _of_same_right(marked)
    gone = marked.filter(repeats)
    dropped = gone.with_columns(keeper=pl.col("dup_of"), reason=pl.lit("near")).select(doubles.dropped.columns)
    dropped = _settled(pl.concat([doubles.dropped, dropped]))
    left = Doubles(_marks_left(marked.filter(~repeats), dropped).sort("id"), dropped)
    return Noisy(left, _counts(left, marked))


def _of_same_right(marked: pl.DataFrame) -> pl.Series:
    """Which rows repeat one that is published by the same right. Another's may be the freer: such a copy stays."""
    keepers = marked.select(dup_of="id", of_keeper="statement")
    beside = marked.select("dup_of", "statement").join(keepers, on="dup_of", how="left", maintain_order="left")
    same = pl.col("dup_of").is_not_null() & pl.col("statement").eq_missing(pl.col("of_keeper"))
    return beside.select(same=same)["same"]


def _marks_left(stays: pl.DataFrame, dropped: pl.DataFrame) -> pl.DataFrame:
    """Rows that repeat one of another right name it, or its keeper; the others are alone now."""
    last = dropped.select(dup_of="id", stands="keeper")
    named = stays.join(last, on="dup_of", how="left", maintain_order="left")
    named = named.with_columns(dup_of=pl.coalesce("stands", "dup_of")).drop("stands")
    still = pl.col("dup_of").is_not_null() | pl.col("id").is_in(named["dup_of"].drop_nulls().unique().implode())
    return named.with_columns(dup_cluster_id=pl.when(still).then("dup_cluster_id"))


def _near_pictures(ranked: pl.DataFrame, choice: Dedup, looking: Looking) -> Found:
    return find_near_pictures(ranked, choice.recall)


def _near_texts(ranked: pl.DataFrame, choice: Dedup, looking: Looking) -> Found:
    placed = ranked.with_columns(place=pl.col("slice") * 2**32 + pl.col("row"))
    processes = looking.processes if ranked.height >= _WORTH_PROCESSES else 1
    how = Choice(choice.unit, choice.recall, processes, looking.thorough)
    texts = SliceTexts(looking.normalized, looking.slices, ranked)
    try:
        return find_near(placed, texts, open_store(looking.prints, choice.unit), how)
    finally:
        close_slice()


def _counts(left: Doubles, marked: pl.DataFrame) -> dict[str, int]:
    """marked: all rows with their clusters, before near doubles were dropped."""
    reasons = dict(left.dropped.group_by("reason").len().sort("reason").iter_rows())
    return {
        **{str(reason): int(count) for reason, count in reasons.items()},
        "flagged": left.kept["dup_of"].drop_nulls().len(),
        "clusters": marked["dup_cluster_id"].drop_nulls().n_unique(),
    }


def _marked(ranked: pl.DataFrame, found: Found) -> pl.DataFrame:
    """A row of no near cluster keeps what the exact search said of it: equal blank pictures look like nothing."""
    cluster, keeper = pl.Series("cluster", found.cluster), pl.Series("keeper", found.keeper)
    ids = ranked["id"]
    repeats = keeper != pl.int_range(len(ids), eager=True)
    named = pl.DataFrame(
        {
            "cluster": ids.gather(cluster.clip(0)),
            "keeper": ids.gather(keeper),
            "alike": pl.Series(found.similarity, dtype=pl.Float32),
            "clustered": cluster >= 0,
            "repeats": repeats,
        }
    )
    marks = named.select(
        "clustered",
        cluster=pl.when("clustered").then("cluster"),
        keeper=pl.when("repeats").then("keeper"),
        alike=pl.when("repeats").then("alike"),
    )
    near = pl.concat([ranked, marks], how="horizontal")
    told = {"dup_cluster_id": "cluster", "dup_of": "keeper", "similarity": "alike"}
    answers = {column: pl.when("clustered").then(mark).otherwise(column) for column, mark in told.items()}
    return near.with_columns(**answers).drop("clustered", *told.values())


def _settled(dropped: pl.DataFrame) -> pl.DataFrame:
    """Where a row's keeper was dropped itself, that one's keeper is the keeper of both, and as similar to it."""
    near = pl.col("reason") == "near"
    last = dropped.filter(near).select(keeper="id", stays="keeper", alike="similarity")
    joined = dropped.join(last, on="keeper", how="left")
    settled = {"keeper": pl.coalesce("stays", "keeper"), "similarity": pl.coalesce("alike", "similarity")}
    return joined.with_columns(**settled).drop("stays", "alike").sort("id")
