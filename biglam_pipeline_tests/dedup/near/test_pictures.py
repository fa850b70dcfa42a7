"""Near pictures: grouped by common bands of their hashes, each compared with its keeper; bounded for a million."""

import numpy as np
import polars as pl
import pytest

from biglam_pipeline.dedup.near import pictures
from biglam_pipeline.dedup.near.pictures import FARTHEST, find_near_pictures, near_pairs
from biglam_pipeline.quality.likeness import picture_hash
from biglam_pipeline_tests.scans import CHANGES, page, saved


def test_near_pictures_are_found() -> None:
    kept = [picture_hash(saved(page(seed))) for seed in range(12)]
    again = [picture_hash(CHANGES[change](page(seed))) for seed, change in enumerate(CHANGES)]
    rows = pl.DataFrame({"image_hash": [*kept, None, *again, kept[3], None]}, {"image_hash": pl.Binary})
    found = find_near_pictures(rows)
    assert found.keeper.tolist() == [*range(13), *range(6), 3, 20]
    assert found.cluster.tolist() == [*range(6), *[-1] * 7, *range(6), 3, -1]
    assert found.similarity[19] == 1
    assert (found.similarity[13:19] >= 1 - FARTHEST / 256).all()
    assert (found.numbers.repeated, found.numbers.clusters) == (7, 6)
    assert found.numbers.documents == len(set(kept + again))
    assert find_near_pictures(rows[:0]).keeper.tolist() == []


def test_every_pair_with_a_common_band_is_found() -> None:
    random = np.random.default_rng(2)
    base = random.integers(0, 2, (30, 256), np.uint8)
    noisy = np.concatenate([base, base ^ (random.random((30, 256)) < 0.08).astype(np.uint8)])
    hashes = np.packbits(noisy, axis=1).view("<u8").reshape(-1, 4)
    bands = hashes.view(np.uint16)
    expected = [
        [a, b]
        for a in range(60)
        for b in range(a + 1, 60)
        if (noisy[a] != noisy[b]).sum() <= FARTHEST and (bands[a] == bands[b]).any()
    ]
    assert len(expected) > 25
    assert near_pairs(hashes).tolist() == expected


def test_a_bucket_of_many_stays_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pages that all share a band, and nothing else: each is compared with so many and no more."""
    hashes = np.random.default_rng(4).integers(0, 2**63, (500, 4), np.uint64)
    hashes[:, 0] = 7
    compared = 0
    distances = pictures._distances

    def counted(every: np.ndarray, pairs: np.ndarray) -> np.ndarray:
        nonlocal compared
        compared += len(pairs)
        return distances(every, pairs)

    monkeypatch.setattr(pictures, "_distances", counted)
    monkeypatch.setattr(pictures, "_NEIGHBOURS", 5)
    assert near_pairs(hashes).tolist() == []
    assert compared < 500 * 5 * 5


def test_high_recall_looks_across_the_bands() -> None:
    random = np.random.default_rng(5)
    base = random.integers(0, 2, (400, 256), np.uint8)
    noisy = np.concatenate([base, base ^ (random.random((400, 256)) < 0.12).astype(np.uint8)])
    hashes = np.packbits(noisy, axis=1).view("<u8").reshape(-1, 4)
    standard, high = ({tuple(pair) for pair in near_pairs(hashes, recall).tolist()} for recall in ("standard", "high"))
    alike = sum(int((noisy[at] != noisy[at + 400]).sum()) <= FARTHEST for at in range(400))
    assert standard < high
    assert all(second == first + 400 for first, second in high)
    assert len(high) > 0.93 * alike
