"""Similarities of pairs: looked up where they were judged before, else by reading both texts, each once."""

import logging
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from biglam_pipeline.dedup.near.bands import equal_shares
from biglam_pipeline.dedup.near.fingerprinting import Documents, Fingerprints
from biglam_pipeline.dedup.near.keys import Words, as_words, distinct, places
from biglam_pipeline.dedup.near.profiles import Profile
from biglam_pipeline.dedup.near.reading import PairBatch, forget, judge_batch, spell
from biglam_pipeline.dedup.near.verifying import similarity_of
from biglam_pipeline.engine.workers import Workers
from biglam_pipeline.store.fingerprints import Letters

log = logging.getLogger(__name__)

Pairs = npt.NDArray[np.int64]
_PAIRS, _LETTERS = 1024, 1 << 23
"""Of what one process is given at once."""
_SPELT = 8
"""Scratch files of as many documents as are shelved together: few enough that a process can have them all open."""
_SHELVED = 65_536
"""Pairs that are shelved together."""


class Judging:
    """Judges pairs of documents; the shelf remembers."""

    def __init__(self, documents: Documents, prints: Fingerprints, profile: Profile, workers: Workers) -> None:
        """prints: the fingerprints of the documents."""
        self._documents, self._prints, self._profile, self._workers = documents, prints, profile, workers
        self._kept = prints.store.pairs
        self.asked = 0
        """Pairs of which a similarity was wanted."""
        self.verified = 0
        """Of them those that were not known, so that their texts were read."""

    def shares(self, pairs: Pairs) -> npt.NDArray[np.float32]:
        """Share of equal slots of each pair (m, 2), (m,): what can be known without reading."""
        return equal_shares(self._prints.slot, self._profile.slots, pairs, self._workers.processes)

    def judge(self, pairs: Pairs) -> npt.NDArray[np.float32]:
        """Similarity of pairs (m, 2) that a chain of likenesses joins, whatever their fingerprints say; (m,)."""
        # They are few of all documents, of whom no more is gathered than is asked.
        chosen = distinct(pairs, len(self._documents.keys))
        among = np.searchsorted(chosen, pairs)
        slots, threads = self._profile.slots, self._workers.processes
        return self.read(pairs, equal_shares(lambda number: self._prints.slot(number, chosen), slots, among, threads))

    def read(self, pairs: Pairs, shares: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Similarity of pairs, looked up or by reading; shares: of their equal slots; (m,)."""
        self.asked += len(pairs)
        likely = shares >= self._profile.rearranged
        rows = self._look_up(self._keys(pairs))
        verdicts = np.append(self._kept.column("verdict"), np.float32(0))[rows]  # the last: of those not there
        answers, again = similarity_of(verdicts, likely)
        unknown = again | (rows < 0)
        if unknown.any():
            reported = self._verify(pairs[unknown], likely[unknown])
            answers[unknown], _ = similarity_of(reported, likely[unknown])
        return answers

    def _keys(self, pairs: Pairs) -> Words:
        """(m, 4): both texts' keys, the smaller first, so that a pair has one name whoever ranks higher."""
        one, other = self._documents.keys[pairs[:, 0]], self._documents.keys[pairs[:, 1]]
        turned = (one[:, 0] > other[:, 0]) | ((one[:, 0] == other[:, 0]) & (one[:, 1] > other[:, 1]))
        return np.where(turned[:, None], np.hstack([other, one]), np.hstack([one, other]))

    def _look_up(self, keys: Words) -> npt.NDArray[np.int64]:
        both = np.hstack([self._kept.table("one"), self._kept.table("other")])
        return places(as_words(both), keys)

    def _verify(self, pairs: Pairs, likely: npt.NDArray[np.bool_]) -> npt.NDArray[np.float32]:
        """Reads the texts of pairs, judges them, and shelves the verdicts as they come; (m,)."""
        self.verified += len(pairs)
        needed = distinct(pairs, len(self._documents.keys))
        order = self._documents.in_order(needed)
        with self._prints.store.scratch() as letters:
            spots = self._spell(letters, order)
            spots[np.searchsorted(needed, order)] = spots.copy()
            rows = np.searchsorted(needed, pairs)
            every = np.hstack([spots[rows[:, 0]], spots[rows[:, 1]]])
            reported = np.empty(len(pairs), np.float32)
            shelved = done = 0
            try:
                for answer in self._workers.map(judge_batch, self._batches(letters, every, likely)):
                    reported[done : done + len(answer)] = answer
                    done += len(answer)
                    if done - shelved >= _SHELVED or done == len(pairs):
                        self._shelve(pairs[shelved:done], reported[shelved:done])
                        log.info("verification: %d of %d pairs", done, len(pairs))
                        shelved = done
            finally:
                forget()
        return reported

    def _shelve(self, pairs: Pairs, verdicts: npt.NDArray[np.float32]) -> None:
        named = np.ascontiguousarray(self._keys(pairs)).view(np.uint8).reshape(-1, 32)
        self._prints.store.add(self._kept, {"one": named[:, :16], "other": named[:, 16:], "verdict": verdicts})

    def _spell(self, letters: Letters, needed: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Writes the letters of documents to scratch; file, first and past-the-last byte of each, (needed, 3)."""
        parts = enumerate(self._documents.parts(needed, -(-self._profile.at_once // _SPELT)))
        spots, keys = [np.empty((0, 3), np.int64)], [np.empty((0, 16), np.uint8)]
        for number, (bounds, came) in enumerate(
            self._workers.map(spell, ((letters, number, texts) for number, texts in parts))
        ):
            spots.append(np.column_stack([np.full(len(came), number), bounds[:-1], bounds[1:]]))
            keys.append(came)
        self._documents.check(needed, np.concatenate(keys))
        return np.concatenate(spots)

    def _batches(
        self, letters: Letters, spots: npt.NDArray[np.int64], likely: npt.NDArray[np.bool_]
    ) -> Iterator[PairBatch]:
        sizes = np.cumsum(spots[:, 2] - spots[:, 1] + spots[:, 5] - spots[:, 4])
        begin = 0
        while begin < len(spots):
            before = int(sizes[begin - 1]) if begin else 0
            end = int(np.searchsorted(sizes, before + _LETTERS, side="right"))
            end = max(begin + 1, min(end, begin + _PAIRS))
            yield PairBatch(letters, self._profile, spots[begin:end], likely[begin:end])
            begin = end
