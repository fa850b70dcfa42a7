"""Fingerprints of the documents of today: those that are known are looked up, only the others are read."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biglam_pipeline.dedup.near import boilerplate
from biglam_pipeline.dedup.near.keys import Words, as_words, places
from biglam_pipeline.dedup.near.profiles import Profile
from biglam_pipeline.dedup.near.reading import Fetch, Texts, hash_rows
from biglam_pipeline.dedup.near.signatures import Hashed
from biglam_pipeline.dedup.near.working import Workers
from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.store.fingerprints import Columns, FingerprintShelf

log = logging.getLogger(__name__)

_TASKS = 8
"""Of what is shelved together, one process is given so many parts, one after the other."""


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

    def parts(self, chosen: npt.NDArray[np.int64], profile: Profile, tasks: int = _TASKS) -> Iterator[Texts]:
        """Their texts, in parts that one process takes at once."""
        size = -(-profile.at_once // tasks)
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

    def slot(self, number: int) -> npt.NDArray[np.uint32]:
        """One slot of every document."""
        values: npt.NDArray[np.uint32] = self.store.signatures.column("slot", number)[self.where]
        return values


def fingerprint(documents: Documents, store: FingerprintShelf, profile: Profile, workers: Workers) -> Fingerprints:
    """Makes sure that the shelf has the fingerprint of every document, with today's boilerplate left out.

    What is boilerplate follows from the pieces of today's documents, and a fingerprint from its document and from
    that; so the shelf says the same after many small runs as after a large one.
    """
    made = _Making(documents, store, profile, workers)
    unknown = documents.in_order(np.flatnonzero(made.where < 0))
    done = 0
    while done < len(unknown):
        made.refresh()
        # Boilerplate is counted again whenever there is half as much again: then few documents are hashed twice.
        end = done + max(profile.at_once, store.signatures.rows // 2)
        made.add(unknown[done:end], f"{len(unknown)} new texts", done)
        done = end
    made.refresh()
    wrong = documents.in_order(made.wrongly_cut())
    made.add(wrong, f"{len(wrong)} texts again, for other boilerplate")
    return Fingerprints(store, made.where, made.hashed)


class _Making:
    """The shelf under way, and what is boilerplate as far as it goes."""

    def __init__(self, documents: Documents, store: FingerprintShelf, profile: Profile, workers: Workers) -> None:
        self._documents, self._store, self._profile, self._workers = documents, store, profile, workers
        self._frequent = np.empty(0, np.uint32)
        self.where = places(as_words(store.signatures.table("key")), documents.keys)
        """Row of each document on the shelf, -1 where it has none."""
        self.hashed = 0

    def refresh(self) -> None:
        """Counts today's boilerplate anew."""
        where = self.where[self.where >= 0]
        kept = self._store.signatures

        def column(number: int) -> npt.NDArray[np.uint32]:
            values: npt.NDArray[np.uint32] = kept.column("piece", number)[where]
            return values

        self._frequent = boilerplate.frequent_pieces(column, len(where), self._profile)

    def add(self, chosen: npt.NDArray[np.int64], named: str, before: int = 0) -> None:
        """Reads and hashes some documents, and shelves their fingerprints as they come. named, before: for the log."""
        parts = self._documents.parts(chosen, self._profile)
        questions = ((texts, self._profile, self._frequent) for texts in parts)
        waiting: list[Hashed] = []
        done = 0
        for part in self._workers.map(hash_rows, questions):
            waiting.append(part)
            if sum(len(one.keys) for one in waiting) >= self._profile.at_once:
                done = self._shelve(chosen, done, waiting)
                log.info("fingerprints: %d of %s", before + done, named)
        done = self._shelve(chosen, done, waiting)
        if done:
            log.info("fingerprints: %d of %s", before + done, named)
        self._documents.check(chosen[done:], np.empty((0, 16), np.uint8))

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
        wanted = boilerplate.cuts_of(kept.table("piece", self.where), self._frequent)
        return np.flatnonzero(wanted != kept.column("cut")[self.where])
