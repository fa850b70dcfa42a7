"""What many documents share at head and tail, and licences printed into books: cut from the fingerprint only.

Lines would be the natural unit, but a fingerprint must follow from the canonical bytes alone, in which there are no
lines; so heads and tails are cut into pieces where their own letters say so, and a piece is known by its hash.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from biglam_pipeline.dedup.near.profiles import Profile
from biglam_pipeline.quality.canonical import SHORTEST

_Number = TypeVar("_Number", np.uint32, np.uint64)
HEAD_PIECES, TAIL_PIECES = 8, 4
PIECES = HEAD_PIECES + TAIL_PIECES
SHORTEST_PIECE = 16
"""Letters: shorter ones are words, not mastheads."""
_LANDMARK = np.uint64(31)
"""One window in 32 ends a piece."""
_COUNTED = 1 << 25
"""Pieces that are counted at once, 4 bytes each."""
_LICENCE_REACH = 40_000
"""Letters from the beginning in which the end of a licence that stands first is looked for."""
_NAME = b"projectgutenberg"
_STARTS = (
    b"startofthisprojectgutenbergebook",
    b"startoftheprojectgutenbergebook",
    b"startofthisprojectgutenbergetext",
    b"endthesmallprintforpublicdomainetexts",
)
_ENDS = (
    b"endofthisprojectgutenberge",
    b"endoftheprojectgutenberge",
    b"endofprojectgutenberg",
)
"""Of https://www.gutenberg.org/policy/license.html and its forms since 1993, as canonical bytes."""


@dataclass(frozen=True, slots=True)
class Pieces:
    """Hashes of the pieces of some documents, (documents, PIECES) uint32, 0 where there is none; and where they lie.

    starts, ends: letters of the document, of the same shape.
    """

    hashes: npt.NDArray[np.uint32]
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]


def without_licence(letters: bytes) -> bytes:
    """Canonical bytes without Project Gutenberg's licence; as they are where that would leave nothing."""
    if _NAME not in letters:
        return letters
    first = max((at + len(mark) for mark in _STARTS if (at := letters.rfind(mark, 0, _LICENCE_REACH)) >= 0), default=0)
    ends = [at for mark in _ENDS if (at := letters.find(mark, first)) >= 0]
    rest = letters[first : min(ends, default=len(letters))]
    return rest if len(rest) >= SHORTEST else letters


def areas(lengths: npt.NDArray[np.int64], profile: Profile) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Letters of each head and tail that may be cut: never more than half of a document."""
    return np.minimum(profile.head, lengths // 3), np.minimum(profile.tail, lengths // 6)


def frequent_pieces(
    column: Callable[[int], npt.NDArray[np.uint32]], documents: int, profile: Profile
) -> npt.NDArray[np.uint32]:
    """Pieces that at least `profile.frequent` documents have, sorted. column: number of a piece -> (documents,).

    Counted in turns by the pieces' upper bits, so that memory stays small however many documents there are.
    """
    turns = documents * PIECES // _COUNTED + 1
    found = []
    for turn in range(turns):
        low, high = (1 << 32) * turn // turns, (1 << 32) * (turn + 1) // turns
        parts = (column(number) for number in range(PIECES))
        values = np.concatenate([part[(part >= max(low, 1)) & (part < high)] for part in parts])
        values.sort()
        found.append(_repeated(values, profile.frequent))
    return _of_many(column, np.concatenate(found), profile.frequent)


def _of_many(
    column: Callable[[int], npt.NDArray[np.uint32]], values: npt.NDArray[np.uint32], least: int
) -> npt.NDArray[np.uint32]:
    """Of values that are there at least so often, those of at least so many documents: one may repeat a line."""
    owned = [np.empty(0, np.uint64)]
    for number in range(PIECES):
        part = column(number)
        (row,) = _among(part, values)
        owned.append(part[row].astype(np.uint64) << np.uint64(32) | row.astype(np.uint64))
    every = np.concatenate(owned)
    every.sort()
    return _repeated((_repeated(every, 1) >> np.uint64(32)).astype(np.uint32), least)


def _repeated(values: npt.NDArray[_Number], least: int) -> npt.NDArray[_Number]:
    """Of sorted values those that are there at least so many times, each once."""
    if len(values) < least:
        return values[:0]
    found: npt.NDArray[_Number] = values[least - 1 :][values[least - 1 :] == values[: len(values) - least + 1]]
    fresh: npt.NDArray[np.bool_] = np.append(True, found[1:] != found[:-1])[: len(found)]
    return found[fresh]


def _among(pieces: npt.NDArray[np.uint32], values: npt.NDArray[np.uint32]) -> tuple[npt.NDArray[np.int64], ...]:
    """Where pieces are that stand among sorted values, one array a dimension."""
    # Few pieces have the upper half of one of them: the others need no search.
    upper = np.zeros(1 << 16, np.bool_)
    upper[values >> np.uint32(16)] = True
    where = np.nonzero(upper.take(pieces >> np.uint32(16)) & (pieces != 0))
    some = pieces[where]
    if not len(some):
        return where
    found = values[np.minimum(np.searchsorted(values, some), len(values) - 1)] == some
    return tuple(one[found] for one in where)


def cuts_of(pieces: npt.NDArray[np.uint32], frequent: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    """One number a document, bit i for piece i: those that are frequent. pieces: (documents, PIECES)."""
    cuts = np.zeros(len(pieces), np.uint32)
    if len(frequent):
        row, piece = _among(pieces, frequent)
        np.bitwise_or.at(cuts, row, np.uint32(1) << piece.astype(np.uint32))
    return cuts


def find_pieces(
    hashes: npt.NDArray[np.uint64],
    begins: npt.NDArray[np.int64],
    sizes: npt.NDArray[np.int64],
    moved: npt.NDArray[np.int64],
) -> Pieces:
    """Pieces between landmarks, of the heads and then of the tails of n documents.

    hashes: of every window, stretch after stretch; begins, sizes: of the 2 n stretches, in windows; moved: where in
    its document each tail begins, (n,). A head's beginning begins a piece, and a tail's end ends one; what lies open
    at the other side is no piece, for it is cut by a length and not by its letters.
    """
    many = len(moved)
    marks = np.flatnonzero(((hashes >> np.uint64(32)) & _LANDMARK) == 0)
    bounds = np.concatenate([marks, begins[:many], begins[many:] + sizes[many:]])
    owner = np.concatenate([np.searchsorted(begins, marks, side="right") - 1, np.arange(2 * many)])
    order = np.argsort(owner * (len(hashes) + 1) + bounds)
    bounds, owner = bounds[order], owner[order]
    first, last = bounds[:-1], bounds[1:]
    good = (owner[:-1] == owner[1:]) & (last - first >= SHORTEST_PIECE)
    first, last, owner = first[good], last[good], owner[:-1][good]
    total = np.zeros(len(hashes) + 1, np.uint64)
    np.cumsum(hashes, out=total[1:])
    mixed = (total[last] - total[first]) * np.uint64(0x94D049BB133111EB)
    value = np.maximum((mixed >> np.uint64(32)).astype(np.uint32), np.uint32(1))
    column = np.arange(len(owner)) - np.searchsorted(owner, owner)
    few = column < np.where(owner < many, HEAD_PIECES, TAIL_PIECES)
    owner, column, shift = owner[few], column[few], (np.concatenate([np.zeros(many, np.int64), moved]) - begins)
    spot = (owner % many, column + HEAD_PIECES * (owner >= many))
    shape = (many, PIECES)
    found = Pieces(np.zeros(shape, np.uint32), np.zeros(shape, np.int64), np.zeros(shape, np.int64))
    found.hashes[spot] = value[few]
    found.starts[spot], found.ends[spot] = first[few] + shift[owner], last[few] + shift[owner]
    return found
