"""Near-duplicates of a source: which rows repeat another but for noise, and what the entry wants done with them."""

import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

import polars as pl

from biglam_pipeline.dedup.choice import Dedup
from biglam_pipeline.dedup.exact import DROPPED, MARKS, RANK, Duplicates, in_rank
from biglam_pipeline.dedup.near.finding import Choice, find_near, open_store
from biglam_pipeline.dedup.near.pictures import find_near_pictures
from biglam_pipeline.dedup.near.rows import Found
from biglam_pipeline.store.normalized import NormalizedShelf
from biglam_pipeline.store.shelf import Shelf
from biglam_pipeline.store.slice_texts import SliceTexts, close_slice

_SECTIONS = "sections/"
"""Before what is kept of texts of a section that has a name."""
_WORTH_PROCESSES = 20_000
"""Rows from which starting more processes is sooner done than the search itself."""


@dataclass(frozen=True, slots=True)
class Looking:
    """Where the search for near-duplicates finds texts, where it keeps what it computed of them, and how it works."""

    normalized: NormalizedShelf
    slices: list[str]
    """Keys, in the order that the rows' `slice` numbers count."""
    prints: Shelf
    processes: int
    thorough: bool
    """Leaves nothing of texts that are gone: a record was taken down."""
    pictures: frozenset[str]
    """The sections whose rows are compared by what they show, not by what they say."""

    def shelf(self, section: str) -> Shelf:
        """Where what was computed of one section is kept: of another, its texts would be gone."""
        return self.prints.at(f"{_SECTIONS}{_folder(section)}") if section else self.prints


_ASKED = [*RANK, "statement", "content_key", "image_hash", "slice", "row", "size"]
"""Columns that the search needs, or that decide about what it finds."""


def mark_near_duplicates(duplicates: Duplicates, choice: Dedup, looking: Looking) -> dict[str, int]:
    """Marks or drops rows that are the same but for noise; what was found, in numbers: rows dropped by reason, rows
    `flagged`, and `clusters` of marked rows or of near-duplicates that were dropped.

    A cluster's first row by rank is its keeper, and stays; see `in_rank`. A re-run with nothing new reads no text.
    Here the rows that have a text or a picture are in memory together, with narrow columns: the search needs that.
    """
    counts = _reasons(duplicates)
    sections = duplicates.sections.names or ("",)
    nothing = choice.near == "none" or not _any_content(duplicates)
    _forget(looking, () if nothing else [name for name in sections if name not in looking.pictures])
    if nothing:
        return counts | _marks(duplicates)
    ranked = in_rank(pl.concat([_searched(duplicates, share) for share in duplicates.room.shares]))
    marked = pl.concat(
        [_search(ranked.filter(duplicates.sections.only(name)), name, choice, looking) for name in sections]
    )
    clusters = marked["dup_cluster_id"].drop_nulls().n_unique()
    if choice.near == "drop":
        repeats = _of_same_right(marked)
        gone = marked.filter(repeats).select("id", "first_seen", "similarity", keeper="dup_of", reason=pl.lit("near"))
        marked = _marks_left(marked.filter(~repeats), gone)
        _drop(duplicates, gone)
        counts |= {"near": gone.height} if gone.height else {}
    duplicates.marks = duplicates.room.dealt(MARKS)
    duplicates.marks.add(marked.filter(pl.col("dup_cluster_id").is_not_null()), by="id")
    return counts | {"flagged": marked["dup_of"].drop_nulls().len(), "clusters": clusters}


def _forget(looking: Looking, texts: Collection[str]) -> None:
    """Leaves nothing of what no text is compared by. texts: the sections whose texts are."""
    kept = {_folder(name) for name in texts if name}
    for name in looking.prints.list():
        folder = name.removeprefix(_SECTIONS).partition("/")[0] if name.startswith(_SECTIONS) else ""
        if folder not in kept if folder else "" not in texts:
            looking.prints.delete(name)


def _folder(section: str) -> str:
    return hashlib.sha256(section.encode()).hexdigest()[:16]


def _search(ranked: pl.DataFrame, section: str, choice: Dedup, looking: Looking) -> pl.DataFrame:
    """The rows of one section with their marks."""
    if section in looking.pictures:
        return _marked(ranked, find_near_pictures(ranked, choice.recall))
    return _marked(ranked, _near_texts(ranked, choice, looking, looking.shelf(section)))


def _any_content(duplicates: Duplicates) -> bool:
    shares = (duplicates.kept(share, ["content_key"]) for share in duplicates.room.shares)
    return any(rows["content_key"].drop_nulls().len() for rows in shares)


def _searched(duplicates: Duplicates, share: int) -> pl.DataFrame:
    """Rows that can be like another, and those that equal another in whatever they hold."""
    rows = duplicates.marked(share, _ASKED)
    return rows.filter(pl.col("content_key").is_not_null() | pl.col("dup_cluster_id").is_not_null())


def _reasons(duplicates: Duplicates) -> dict[str, int]:
    counts: Counter[str] = Counter()
    for share in duplicates.room.shares if duplicates.dropped.rows else ():
        counts.update(dict(duplicates.dropped.read(share, ["reason"])["reason"].value_counts().iter_rows()))
    return dict(sorted(counts.items()))


def _marks(duplicates: Duplicates) -> dict[str, int]:
    """Each cluster has one row that repeats none."""
    rows = (duplicates.marks.read(share, ["dup_of"])["dup_of"] for share in duplicates.room.shares)
    flagged = sum(one.drop_nulls().len() for one in rows) if duplicates.marks.rows else 0
    return {"flagged": flagged, "clusters": duplicates.marks.rows - flagged}


def _drop(duplicates: Duplicates, gone: pl.DataFrame) -> None:
    """Near-duplicates go. Where a row's keeper was dropped with them, that one's keeper is the keeper of both, and as
    similar to it.
    """
    near, dropped = duplicates.room.dealt(DROPPED), duplicates.room.dealt(DROPPED)
    near.add(gone, by="id")
    last = gone.select(keeper="id", stays="keeper", alike="similarity")
    settled = {"keeper": pl.coalesce("stays", "keeper"), "similarity": pl.coalesce("alike", "similarity")}
    for share in duplicates.room.shares:
        for rows in (duplicates.dropped.read(share), near.read(share)):
            dropped.put(rows.join(last, on="keeper", how="left").with_columns(**settled), share)
    duplicates.dropped = dropped


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


def _near_texts(ranked: pl.DataFrame, choice: Dedup, looking: Looking, prints: Shelf) -> Found:
    placed = ranked.with_columns(place=pl.col("slice") * 2**32 + pl.col("row"))
    processes = looking.processes if ranked.height >= _WORTH_PROCESSES else 1
    how = Choice(choice.unit, choice.recall, processes, looking.thorough)
    texts = SliceTexts(looking.normalized, looking.slices, ranked)
    try:
        return find_near(placed, texts, open_store(prints, choice.unit), how)
    finally:
        close_slice()


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
    reported = {"dup_cluster_id": "cluster", "dup_of": "keeper", "similarity": "alike"}
    answers = {column: pl.when("clustered").then(mark).otherwise(column) for column, mark in reported.items()}
    return near.with_columns(**answers).drop("clustered", *reported.values())
