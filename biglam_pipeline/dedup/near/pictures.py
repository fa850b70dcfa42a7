"""Pictures that are the same but for size, compression, a degree of rotation or a narrow crop: by their 256-bit hashes.

The hash is that of `quality.likeness`. Crops of a tenth and pictures made black and white are not found reliably.
"""

import logging

import numpy as np
import numpy.typing as npt
import polars as pl

from biglam_pipeline.dedup.near.bands import merged, unpacked
from biglam_pipeline.dedup.near.clusters import group
from biglam_pipeline.dedup.near.profiles import Recall
from biglam_pipeline.dedup.near.rows import Found, Numbers, first_rows, spread

log = logging.getLogger(__name__)

BITS = 256
FARTHEST = 40
"""Bits in which two hashes of one picture may differ. Unrelated pages differ in 70 or more."""
_BANDS = 16
_HELD = 4_000_000
"""Pairs, bands' repetitions counted, from which they are merged."""
_NEIGHBOURS = 64
"""Pictures of a bucket that each is compared with at most: time and memory stay bounded in a bucket of a million."""
_ENOUGH = 8
"""Pictures of a bucket that look like one, after which no more are looked for: they look like each other as well."""


def find_near_pictures(rows: pl.DataFrame, recall: Recall = "standard") -> Found:
    """Finds rows whose pictures are the same.

    rows: `image_hash` (Binary of 32 bytes; null where the picture has none) in the order of rank: the first row of a
    cluster stays. Similarity is the share of equal bits, and that of every member to its keeper is at least 216 of
    256. Nothing is read, so there is nothing to keep from run to run.
    """
    first, positions = first_rows(rows, "image_hash")
    hashes = _words(rows["image_hash"].gather(positions))

    def judge(pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.float32]:
        return (1 - _distances(hashes, pairs) / BITS).astype(np.float32)

    pairs = near_pairs(hashes, recall)
    similarity = judge(pairs)
    cluster, keeper, alike = spread(
        first, positions, group(len(positions), pairs, similarity, 1 - FARTHEST / BITS, judge)
    )
    reported = np.flatnonzero(keeper != np.arange(rows.height))
    numbers = Numbers(
        rows=rows.height,
        documents=len(positions),
        hashed=0,
        candidates=len(pairs),
        asked=len(pairs),
        verified=len(pairs),
        clusters=len(np.unique(keeper[reported])),
        repeated=len(reported),
    )
    log.info("near-duplicates: %d pictures repeat one of %d others", numbers.repeated, numbers.clusters)
    return Found(cluster, keeper, alike, numbers)


def near_pairs(hashes: npt.NDArray[np.uint64], recall: Recall = "standard") -> npt.NDArray[np.int64]:
    """Pairs of at most FARTHEST different bits that have one of 16 bands in common, (m, 2), sorted, each once.

    hashes: (n, 4). recall: with `high` 16 more bands lie across the borders of the first. The bands are as short as 16
    bits, so that buckets hold strangers by chance: a star to the first would join everybody to one of those.
    Neighbours in a bucket are compared instead, whole.
    """
    bands = hashes.view(np.uint16).reshape(len(hashes), _BANDS)
    if recall == "high":
        across = np.roll(hashes.view(np.uint8).reshape(len(hashes), 2 * _BANDS), 1, axis=1)
        bands = np.hstack([bands, across.view(np.uint16)])
    held: list[npt.NDArray[np.uint64]] = []
    for band in range(bands.shape[1]):
        order = np.argsort(bands[:, band], kind="stable")
        keys, alike = bands[order, band], np.zeros(len(order), np.uint8)
        for step in range(1, min(_NEIGHBOURS, len(order) - 1) + 1):
            same = keys[step:] == keys[:-step]
            if not same.any():
                break
            at = np.flatnonzero(same & (alike[:-step] < _ENOUGH))
            pairs = np.column_stack([order[at], order[at + step]])
            near = _distances(hashes, pairs) <= FARTHEST
            alike[at[near]] += 1
            packed = pairs[near].astype(np.uint64)
            held.append(packed[:, 0] << np.uint64(32) | packed[:, 1])
        if sum(map(len, held)) > _HELD:
            held = [merged(held)]
    return unpacked(merged(held))


def _distances(hashes: npt.NDArray[np.uint64], pairs: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    different = np.bitwise_count(hashes[pairs[:, 0]] ^ hashes[pairs[:, 1]])
    total: npt.NDArray[np.int64] = different.sum(axis=1, dtype=np.int64)
    return total


def _words(hashes: pl.Series) -> npt.NDArray[np.uint64]:
    return np.frombuffer(b"".join(hashes.to_list()), "<u8").reshape(-1, 4)
