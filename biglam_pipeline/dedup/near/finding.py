"""The one way in: rows and their texts go in, and each row comes back with the row that it repeats but for noise."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from biglam_pipeline.dedup.near.bands import candidates
from biglam_pipeline.dedup.near.boilerplate import PIECES
from biglam_pipeline.dedup.near.clusters import connect, group
from biglam_pipeline.dedup.near.fingerprinting import Documents, Fingerprints, fingerprint
from biglam_pipeline.dedup.near.judging import Judging
from biglam_pipeline.dedup.near.keys import as_words, places, words_of
from biglam_pipeline.dedup.near.profiles import PROFILES, Kind, Recall, bands_for
from biglam_pipeline.dedup.near.reading import Fetch, ready
from biglam_pipeline.dedup.near.rows import Found, Numbers, first_rows, spread
from biglam_pipeline.engine.workers import Workers
from biglam_pipeline.store.fingerprints import FingerprintShelf, Kept
from biglam_pipeline.store.shelf import Shelf

log = logging.getLogger(__name__)

_STALE, _FILES = 4, 64
"""A shelf is written again when one row in four is of texts that are gone, or when it has so many small files."""
_WRITTEN = 32_768


@dataclass(frozen=True, slots=True)
class Choice:
    """How to search."""

    kind: Kind = "page"
    recall: Recall = "standard"
    processes: int = 1
    thorough: bool = False
    """Leaves nothing on the shelf that is of texts that are gone, as it must be after a takedown."""


def open_store(shelf: Shelf, kind: Kind) -> FingerprintShelf:
    """The fingerprints of a source. shelf: at `<source>/fingerprints`; those of another kind are made again."""
    profile = PROFILES[kind]
    return FingerprintShelf(shelf, profile.version, profile.slots, PIECES)


def find_near(rows: pl.DataFrame, fetch: Fetch, store: FingerprintShelf, choice: Choice) -> Found:
    """Finds rows whose texts are the same but for noise.

    rows: `content_key` (Binary of 16 bytes; null where the text has no key, and then it is like no other) in the order
    of rank: the first row of a cluster stays. `place` (integer), if it is there: texts are asked for in its order,
    so that files are read from beginning to end. fetch: positions of rows -> their texts, which with several
    processes are pickled and read in one of them. store: what earlier runs computed; the outcome is the same with an
    empty one. ShelfDamaged where a text is not that of its row's key.
    """
    profile = PROFILES[choice.kind]
    judged = store.pairs.rows
    with Workers(choice.processes, ready) as workers:
        first, positions = first_rows(rows, "content_key")
        keyed = rows["content_key"].gather(positions)
        lying = rows["place"].gather(positions).to_numpy() if "place" in rows.columns else None
        documents = Documents(words_of(keyed), positions, fetch, lying)
        log.info("near-duplicates: %d rows, %d different texts", rows.height, len(positions))
        prints = fingerprint(documents, store, profile, workers)
        bands = bands_for(profile, choice.recall, len(positions))
        pairs = candidates(prints.slot, len(positions), bands, workers.processes)
        log.info("near-duplicates: %d candidates of %d bands of %d", len(pairs), bands.count, bands.rows)
        judging = Judging(documents, prints, profile, workers)
        shares = judging.shares(pairs)
        worth = shares >= bands.worth
        found = connect(len(positions), pairs[worth], shares[worth], profile, judging.read)
        grouped = group(len(positions), *found, profile.shared, judging.judge)
    _tidy(store, documents, prints, judged, choice.thorough)
    cluster, keeper, similarity = spread(first, positions, grouped)
    reported = np.flatnonzero(keeper != np.arange(rows.height))
    numbers = Numbers(
        rows=rows.height,
        documents=len(positions),
        hashed=prints.hashed,
        candidates=len(pairs),
        asked=judging.asked,
        verified=judging.verified,
        clusters=len(np.unique(keeper[reported])),
        repeated=len(reported),
    )
    log.info("near-duplicates: %d rows repeat one of %d others", numbers.repeated, numbers.clusters)
    return Found(cluster, keeper, similarity, numbers)


def _tidy(store: FingerprintShelf, documents: Documents, prints: Fingerprints, judged: int, thorough: bool) -> None:
    """Forgets what is of texts that are gone: once that is worth writing the rest again, or at once.

    judged: pairs that were on the shelf before; those after them are of today's documents.
    """
    live = np.zeros(store.signatures.rows, np.bool_)
    live[prints.where] = True
    _rewrite(store, store.signatures, np.flatnonzero(live), thorough)
    live = np.ones(store.pairs.rows, np.bool_)
    for name in ("one", "other") if judged else ():
        live[:judged] &= places(documents.keys, as_words(store.pairs.table(name)[:judged])) >= 0
    _rewrite(store, store.pairs, np.flatnonzero(live), thorough)


def _rewrite(store: FingerprintShelf, kept: Kept, live: npt.NDArray[np.int64], thorough: bool) -> None:
    few = len(live) == kept.rows if thorough else len(live) * _STALE > kept.rows * (_STALE - 1)
    if few and len(kept.names) <= max(_FILES, 2 * kept.rows // _WRITTEN):
        return

    def parts() -> Iterator[dict[str, npt.NDArray[Any]]]:
        for begin in range(0, len(live), _WRITTEN):
            chosen = live[begin : begin + _WRITTEN]
            yield {name: kept.table(name, chosen) for name, _, _ in kept.layout.columns}

    if kept.rows:
        log.info(
            "%s of %d texts or pairs are written again without %d old ones",
            kept.folder,
            len(live),
            kept.rows - len(live),
        )
        store.replace(kept, parts())
