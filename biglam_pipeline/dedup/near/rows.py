"""What a search gives back, row by row: documents of equal keys are searched once and answered for each."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from biglam_pipeline.dedup.near.clusters import Grouped


@dataclass(frozen=True, slots=True)
class Numbers:
    """What a search came to."""

    rows: int
    documents: int
    """Texts of different letters among them."""
    hashed: int
    """Texts that were read for a fingerprint."""
    candidates: int
    asked: int
    """Pairs of which a similarity was wanted: their fingerprints made them worth it, or a chain of likenesses."""
    verified: int
    """Of them those that had not been judged before."""
    clusters: int
    repeated: int
    """Rows that have another row as keeper."""


@dataclass(frozen=True, slots=True)
class Found:
    """For every row, in the order in which they were given."""

    cluster: npt.NDArray[np.int64]
    """(rows,): position of the cluster's first row, which is its keeper; -1 for a row that is like no other."""
    keeper: npt.NDArray[np.int64]
    """(rows,): position of the row that stays; the row's own where it stays."""
    similarity: npt.NDArray[np.float32]
    """(rows,): to the keeper; 1 for equal letters, and for what stays."""
    numbers: Numbers


def first_rows(rows: pl.DataFrame, column: str) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """For each row the first row of an equal key, -1 without one; and those first rows, sorted."""
    key = pl.col(column)
    first = pl.when(key.is_not_null()).then(pl.col("at").first().over(column)).otherwise(-1)
    found = rows.select(column).with_row_index("at").with_columns(pl.col("at").cast(pl.Int64)).select(first)
    firsts: npt.NDArray[np.int64] = found.to_series().to_numpy()
    return firsts, np.flatnonzero(firsts == np.arange(rows.height))


def spread(
    first: npt.NDArray[np.int64], positions: npt.NDArray[np.int64], grouped: Grouped
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64], npt.NDArray[np.float32]]:
    """Cluster, keeper and similarity of every row, from those of the documents."""
    rows = np.arange(len(first))
    keyed = np.flatnonzero(first >= 0)
    document = np.searchsorted(positions, first[keyed])
    keeper, similarity = rows.copy(), np.ones(len(first), np.float32)
    keeper[keyed] = positions[grouped.keeper[document]]
    similarity[keyed] = grouped.similarity[document]
    cluster = np.full(len(first), -1, np.int64)
    reported = keeper != rows
    cluster[reported] = keeper[reported]
    cluster[keeper[reported]] = keeper[reported]
    return cluster, keeper, similarity
