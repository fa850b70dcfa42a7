"""Similarities of pairs: looked up where they were judged before, else by reading both texts, each once."""

import logging
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from biglam_pipeline.dedup.near.bands import equal_shares
from biglam_pipeline.dedup.near.fingerprinting import Documents, Fingerprints
from biglam_pipeline.dedup.near.keys import Words, as_words, places
from biglam_pipeline.dedup.near.profiles import Profile
from biglam_pipeline.dedup.near.reading import Pile, forget, judge_pile, spell
from biglam_pipeline.dedup.near.verifying import similarity_of
from biglam_pipeline.dedup.near.working import Workers
from biglam_pipeline.store.fingerprints import Letters

log = logging.getLogger(__name__)

Pairs = npt.NDArray[np.int64]
_PAIRS, _LETTERS = 2048, 1 << 24
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
        return self.read(pairs, self.shares(pairs))

    def read(self, pairs: Pairs, shares: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Similarity of pairs, looked up or by reading; shares: of their equal slots; (m,)."""
        self.asked += len(pairs)
        likely = shares >= self._profile.rearranged
        answers, unknown = self._kept_of(pairs, likely)
        if unknown.any():
            self._verify(pairs[unknown], likely[unknown])
            answers, _ = self._kept_of(pairs, likely)
        return answers

    def _kept_of(
        self, pairs: Pairs, likely: npt.NDArray[np.bool_]
    ) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
        """What the shelf says of pairs, and of which it says too little."""
        rows = self._look_up(self._keys(pairs))
        kept = np.append(self._kept.column("verdict"), np.float32(0))  # the last is for those that are not there
        answers, again = similarity_of(kept[rows], likely)
        return answers, again | (rows < 0)

    def _keys(self, pairs: Pairs) -> Words:
        """(m, 4): both texts' keys, the smaller first, so that a pair has one name whoever ranks higher."""
        one, other = self._documents.keys[pairs[:, 0]], self._documents.keys[pairs[:, 1]]
        turned = (one[:, 0] > other[:, 0]) | ((one[:, 0] == other[:, 0]) & (one[:, 1] > other[:, 1]))
        return np.where(turned[:, None], np.hstack([other, one]), np.hstack([one, other]))

    def _look_up(self, keys: Words) -> npt.NDArray[np.int64]:
        both = np.hstack([self._kept.table("one"), self._kept.table("other")])
        return places(as_words(both), keys)

    def _verify(self, pairs: Pairs, likely: npt.NDArray[np.bool_]) -> None:
        """Reads the texts of pairs, judges them, and shelves the answers as they come."""
        self.verified += len(pairs)
        needed = np.unique(pairs)
        order = self._documents.in_order(needed)
        with self._prints.store.scratch() as letters:
            spots = self._spell(letters, order)
            spots[np.searchsorted(needed, order)] = spots.copy()
            rows = np.searchsorted(needed, pairs)
            every = np.hstack([spots[rows[:, 0]], spots[rows[:, 1]]])
            answers: list[npt.NDArray[np.float32]] = []
            done = 0
            for answer in self._workers.map(judge_pile, self._piles(letters, every, likely)):
                answers.append(answer)
                if sum(map(len, answers)) >= _SHELVED:
                    done = self._shelve(pairs, done, answers)
            self._shelve(pairs, done, answers)
            forget()

    def _shelve(self, pairs: Pairs, done: int, answers: list[npt.NDArray[np.float32]]) -> int:
        """Puts what was answered from pair number `done` on; the number of the next."""
        given = np.concatenate([np.empty(0, np.float32), *answers])
        answers.clear()
        if len(given):
            keys = self._keys(pairs[done : done + len(given)])
            named = np.ascontiguousarray(keys).view(np.uint8).reshape(-1, 32)
            self._prints.store.add(self._kept, {"one": named[:, :16], "other": named[:, 16:], "verdict": given})
            log.info("verification: %d of %d pairs", done + len(given), len(pairs))
        return done + len(given)

    def _spell(self, letters: Letters, needed: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
        """Writes the letters of documents to scratch; file, first and past-the-last byte of each, (needed, 3)."""
        parts = enumerate(self._documents.parts(needed, self._profile, _SPELT))
        spots, keys = [np.empty((0, 3), np.int64)], [np.empty((0, 16), np.uint8)]
        for number, (bounds, came) in enumerate(
            self._workers.map(spell, ((letters, number, texts) for number, texts in parts))
        ):
            spots.append(np.column_stack([np.full(len(came), number), bounds[:-1], bounds[1:]]))
            keys.append(came)
        self._documents.check(needed, np.concatenate(keys))
        return np.concatenate(spots)

    def _piles(self, letters: Letters, spots: npt.NDArray[np.int64], likely: npt.NDArray[np.bool_]) -> Iterator[Pile]:
        sizes = np.cumsum(spots[:, 2] - spots[:, 1] + spots[:, 5] - spots[:, 4])
        begin = 0
        while begin < len(spots):
            before = int(sizes[begin - 1]) if begin else 0
            end = int(np.searchsorted(sizes, before + _LETTERS, side="right"))
            end = max(begin + 1, min(end, begin + _PAIRS))
            yield Pile(letters, self._profile, spots[begin:end], likely[begin:end])
            begin = end
