"""Fingerprints of the documents of today: those that are known are looked up, only the others are read."""

import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biglam_pipeline.dedup.near import boilerplate
from biglam_pipeline.dedup.near.keys import Words, as_words, places
from biglam_pipeline.dedup.near.profiles import Profile
from biglam_pipeline.dedup.near.reading import Fetch, Texts, hash_rows
from biglam_pipeline.dedup.near.signatures import Hashed
from biglam_pipeline.engine.workers import Workers
from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.store.fingerprints import Columns, FingerprintShelf

log = logging.getLogger(__name__)

_TASKS, _EACH = 8, 4
"""Tasks that make up what is shelved together: so many, or so many a process."""


@dataclass(frozen=True, slots=True)
class Documents:
    """Texts of different letters, in rank order."""

    keys: Words
    """(n, 2)."""
    positions: npt.NDArray[np.int64]
    """(n,): a row that has the text."""
    fetch: Fetch
    places: npt.NDArray[np.int64] | None = None
    """(n,): in which order texts are best read; in rank order where nothing is known."""

    def in_order(self, chosen: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """The same documents, as they are best read."""
        return chosen if self.places is None else chosen[np.argsort(self.places[chosen], kind="stable")]

    def parts(self, chosen: npt.NDArray[np.int64], size: int) -> Iterator[Texts]:
        """Their texts, so many at once as one process takes."""
        for begin in range(0, len(chosen), size):
            yield self.fetch(self.positions[chosen[begin : begin + size]])

    def check(self, chosen: npt.NDArray[np.int64], keys: npt.NDArray[np.uint8]) -> None:
        """ShelfDamaged where the texts that came are not those of the keys; keys: (chosen, 16)."""
        came = as_words(keys)
        if came.shape != (len(chosen), 2) or not np.array_equal(came, self.keys[chosen]):
            raise ShelfDamaged(
                f"of {len(chosen)} texts that were read for their fingerprints, {len(came)} came, and not all are "
                "those that their rows' content_key names; materialize normalized again"
            )


@dataclass(frozen=True, slots=True)
class Fingerprints:
    """Where the fingerprint of each document lies on the shelf."""

    store: FingerprintShelf
    where: npt.NDArray[np.int64]
    """(n,): row among all signatures that are kept."""
    hashed: int
    """Texts that were read for it, now."""

    def slot(self, number: int, chosen: npt.NDArray[np.int64] | None = None) -> npt.NDArray[np.uint16]:
        """One slot of every document, or of some."""
        where = self.where if chosen is None else self.where[chosen]
        values: npt.NDArray[np.uint16] = self.store.signatures.column("slot", number)[where]
        return values


def fingerprint(documents: Documents, store: FingerprintShelf, profile: Profile, workers: Workers) -> Fingerprints:
    """Makes sure that the shelf has the fingerprint of every document, with today's boilerplate left out.

    What is boilerplate follows from the pieces of today's documents, and a fingerprint from its document and from
    that; so the shelf says the same after many small runs as after a large one.
    """
    made = _Making(documents, store, profile, workers)
    unknown = documents.in_order(np.flatnonzero(made.where < 0))
    made.refresh()
    made.add(unknown, f"{len(unknown)} new texts")
    made.refresh()
    wrong = documents.in_order(made.wrongly_cut())
    made.add(wrong, f"{len(wrong)} texts again, for other boilerplate")
    return Fingerprints(store, made.where, made.hashed)


class _Making:
    """The shelf under way, and what is boilerplate as far as it goes."""

    def __init__(self, documents: Documents, store: FingerprintShelf, profile: Profile, workers: Workers) -> None:
        self._documents, self._store, self._profile, self._workers = documents, store, profile, workers
        self._frequent = np.empty(0, np.uint32)
        self._due = 0
        """Rows on the shelf at which boilerplate is counted again."""
        self.where = places(as_words(store.signatures.table("key")), documents.keys)
        """Row of each document on the shelf, -1 where it has none."""
        self.hashed = 0

    def refresh(self) -> None:
        """Counts today's boilerplate again."""
        where = self.where[self.where >= 0]
        kept = self._store.signatures

        def column(number: int) -> npt.NDArray[np.uint32]:
            values: npt.NDArray[np.uint32] = kept.column("piece", number)[where]
            return values

        self._frequent = boilerplate.frequent_pieces(column, len(where), self._profile)
        # Whenever there is half as much again: then few documents are hashed twice.
        self._due = kept.rows + max(self._profile.at_once, kept.rows // 2)

    def add(self, chosen: npt.NDArray[np.int64], named: str) -> None:
        """Reads and hashes some documents, and shelves their fingerprints as they come. named: for the log.

        Boilerplate is counted on the way. Nobody waits for it: a batch goes by what was known when the one before it
        began, so that processes are not idle, and shelves are the same whatever their number.
        """
        batch = self._profile.at_once
        size = -(-batch // max(_TASKS, _EACH * self._workers.processes))
        counted = deque([(0, self._frequent)])

        def questions() -> Iterator[tuple[Texts, Profile, npt.NDArray[np.uint32]]]:
            for begin in range(0, len(chosen), batch):
                while len(counted) > 1 and counted[1][0] <= begin:
                    counted.popleft()
                for texts in self._documents.parts(chosen[begin : begin + batch], size):
                    yield texts, self._profile, counted[0][1]

        waiting: list[Hashed] = []
        done = 0
        # No more than a batch is on its way: so all before the last batch is shelved when another one begins.
        for part in self._workers.map(hash_rows, questions(), -(-batch // size)):
            waiting.append(part)
            if done + sum(len(one.keys) for one in waiting) >= min(done + batch, len(chosen)):
                done = self._shelve(chosen, done, waiting)
                log.info("fingerprints: %d of %s", done, named)
                if self._store.signatures.rows >= self._due:
                    self.refresh()
                    counted.append((done + batch, self._frequent))
        self._documents.check(chosen[done:], Hashed.joined(waiting).keys if waiting else np.empty((0, 16), np.uint8))

    def _shelve(self, chosen: npt.NDArray[np.int64], done: int, waiting: list[Hashed]) -> int:
        """Puts what has come of documents from number `done` on; the number of the next."""
        if not any(len(one.keys) for one in waiting):
            return done
        hashed = Hashed.joined(waiting)
        waiting.clear()
        end = done + len(hashed.keys)
        self._documents.check(chosen[done:end], hashed.keys)
        self.hashed += len(hashed.keys)
        columns: Columns = {"key": hashed.keys, "length": hashed.lengths, "cut": hashed.cuts}
        kept = self._store.signatures
        self.where[chosen[done:end]] = np.arange(kept.rows, kept.rows + len(hashed.keys))
        self._store.add(kept, columns | {"piece": hashed.pieces, "slot": hashed.slots})
        return end

    def wrongly_cut(self) -> npt.NDArray[np.int64]:
        """Documents whose fingerprint leaves out other pieces than those that are boilerplate now."""
        kept = self._store.signatures
        wanted = np.zeros(len(self.where), np.uint32)
        for number in range(boilerplate.PIECES):
            piece = kept.column("piece", number)[self.where]
            wanted |= boilerplate.cuts_of(piece[:, None], self._frequent) << np.uint32(number)
        return np.flatnonzero(wanted != kept.column("cut")[self.where])
