"""A made-up collection that changes from run to run, and searches in it that count what they read."""

import functools
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import numpy.typing as npt
import polars as pl

from benchmarks import ocr_corpus
from biglam_pipeline.dedup.near.finding import Choice, find_near, open_store
from biglam_pipeline.dedup.near.rows import Found
from biglam_pipeline.quality.canonical import text_key
from biglam_pipeline.store.fingerprints import FingerprintShelf
from biglam_pipeline.store.opening import open_shelf
from biglam_pipeline.store.shelf import Shelf

Rows = dict[str, str | None]
"""Identifier -> text, in rank order."""


@functools.cache
def pages(documents: int, seed: int) -> tuple[str, ...]:
    """Noisy pages with duplicates among them, in no order."""
    with tempfile.TemporaryDirectory() as folder:
        corpus = ocr_corpus.make(Path(folder), documents, seed)
        data = (corpus.folder / "texts.bin").read_bytes()
    order = np.random.default_rng(seed).permutation(documents)
    return tuple(data[corpus.offsets[at] : corpus.offsets[at + 1]].decode() for at in order)


@dataclass
class Search:
    """Searches with one shelf."""

    folder: Path
    choice: Choice = field(default_factory=Choice)
    home: str = ""
    """Where the shelf stands; in the folder where nothing is said."""
    read: int = 0
    """Texts that the last search read."""

    @property
    def shelf(self) -> Shelf:
        """Where fingerprints lie."""
        return open_shelf(self.home or str(self.folder), self.folder / "local").at("source/fingerprints")

    def store(self) -> FingerprintShelf:
        """As a new run opens it."""
        return open_store(self.shelf, self.choice.kind)

    def run(self, rows: Rows, store: FingerprintShelf | None = None) -> Found:
        """One run over all rows of today; their texts lie somewhere, in another order."""
        texts = list(rows.values())
        fetch = Texts(texts)
        table = pl.DataFrame(
            {
                "id": list(rows),
                "content_key": [text_key(text) for text in texts],
                "place": np.random.default_rng(1).permutation(len(texts)),
            },
            {"id": pl.String, "content_key": pl.Binary, "place": pl.Int64},
        )
        found = find_near(table, fetch, store or self.store(), self.choice)
        self.read = fetch.read
        return found


@dataclass
class Texts:
    """Gives texts by position, and counts them."""

    texts: list[str | None]
    read: int = 0

    def __call__(self, positions: npt.NDArray[np.int64]) -> list[list[str | None]]:
        """In batches of thirty."""
        self.read += len(positions)
        return [[self.texts[at] for at in positions[begin : begin + 30]] for begin in range(0, len(positions), 30)]


def equal(one: Found, other: Found) -> bool:
    """Clusters, keepers and similarities alike, bit for bit."""
    return (
        np.array_equal(one.cluster, other.cluster)
        and np.array_equal(one.keeper, other.keeper)
        and np.array_equal(one.similarity, other.similarity)
    )
