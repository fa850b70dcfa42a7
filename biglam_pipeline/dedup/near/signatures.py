"""The fingerprint of a document: a one-permutation MinHash of its letters, by numpy, many documents a call.

Li, Owen, Zhang, One Permutation Hashing (NIPS 2012), https://papers.nips.cc/paper/4778 . Every window of letters is
hashed once; the upper bits name a slot, and each slot keeps the smallest value that fell into it; of that 16 bits,
which make two slots equal by chance once in 65,536 (Li, König, b-Bit Minwise Hashing, https://arxiv.org/abs/0910.3349).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from biglam_pipeline.dedup.near import boilerplate
from biglam_pipeline.dedup.near.boilerplate import PIECES, Pieces
from biglam_pipeline.dedup.near.profiles import Profile
from biglam_pipeline.quality.canonical import canonical, key_of, narrow

EMPTY = np.uint16(0xFFFF)
"""A slot into which no window fell: it equals nothing."""
_NONE = np.uint32(0xFFFFFFFF)
"""The same, while slots are filled."""
_C1, _C2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_AT_ONCE = 96 * 1024
"""Letters a call: its arrays then stay in the processor's cache."""
_DOCUMENTS = 64
Spans = list[tuple[int, int, int]]
"""Document of a call, first and past-the-last letter: windows that start there are left out."""


@dataclass(frozen=True, slots=True)
class Hashed:
    """Fingerprints of n documents, row by row."""

    keys: npt.NDArray[np.uint8]
    """(n, 16): xxh3 of the canonical bytes; zeros where the text has no key."""
    lengths: npt.NDArray[np.uint32]
    """(n,): letters that were hashed."""
    pieces: npt.NDArray[np.uint32]
    """(n, PIECES): see boilerplate."""
    cuts: npt.NDArray[np.uint32]
    """(n,): which of the pieces were left out of the slots, bit by bit."""
    slots: npt.NDArray[np.uint16]
    """(n, profile.slots)."""

    @staticmethod
    def joined(parts: "list[Hashed]") -> "Hashed":
        """One after the other."""
        names = Hashed.__slots__
        return Hashed(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))


def hash_texts(texts: list[str | None], profile: Profile, frequent: npt.NDArray[np.uint32]) -> Hashed:
    """Fingerprints of texts, in order; frequent: the pieces to leave out, sorted."""
    whole = [canonical(text) if text else b"" for text in texts]
    nothing = bytes(16)
    keys = np.frombuffer(bytearray().join([key_of(letters) or nothing for letters in whole]), np.uint8).reshape(-1, 16)
    parts = [narrow(boilerplate.without_licence(letters)) for letters in whole]
    # Number by number, as the shelf has them: turned here, where several processes work, and not where one shelves.
    slots = np.full((len(parts), profile.slots), EMPTY, np.uint16, "F")
    pieces = np.zeros((len(parts), PIECES), np.uint32, "F")
    cuts = np.zeros(len(parts), np.uint32)
    for begin, end in _calls(parts):
        some = parts[begin:end]
        found = files_of(some, profile)
        pieces[begin:end], cuts[begin:end] = found.hashes, boilerplate.cuts_of(found.hashes, frequent)
        slots[begin:end] = _shortened(_slots(some, profile, _spans(cuts[begin:end], found)))
    return Hashed(keys, np.fromiter(map(len, parts), np.uint32, len(parts)), pieces, cuts, slots)


def window_hashes(letters: bytes, window: int) -> npt.NDArray[np.uint64]:
    """A hash for every window of some letters, in order; none where they are fewer than a window."""
    count = len(letters) - window + 1
    return _hashes(letters + bytes(24), count, window) if count > 0 else np.empty(0, np.uint64)


def files_of(parts: list[bytes], profile: Profile) -> Pieces:
    """The pieces of head and tail of every document."""
    lengths = np.fromiter(map(len, parts), np.int64, len(parts))
    head, tail = boilerplate.areas(lengths, profile)
    heads = [part[:size] for part, size in zip(parts, head.tolist(), strict=True)]
    tails = [part[len(part) - size :] for part, size in zip(parts, tail.tolist(), strict=True)]
    buffer = b"".join(heads + tails)
    sizes = np.concatenate([head, tail])
    begins = np.cumsum(sizes) - sizes
    hashes = _hashes(buffer + bytes(24), len(buffer), profile.window)
    # Windows that reach over a stretch's end see its neighbour: they are never landmarks and count for nothing.
    over = (begins + sizes)[:, None] - np.arange(1, profile.window)
    hashes[over[over >= begins[:, None]]] = np.uint64(1) << np.uint64(32)
    return boilerplate.find_pieces(hashes, begins, sizes, lengths - tail)


def _spans(cuts: npt.NDArray[np.uint32], found: Pieces) -> Spans:
    return [
        (row, int(found.starts[row, piece]), int(found.ends[row, piece]))
        for row in np.flatnonzero(cuts).tolist()
        for piece in range(PIECES)
        if int(cuts[row]) >> piece & 1
    ]


def _calls(parts: list[bytes]) -> Iterator[tuple[int, int]]:
    """Runs of documents that one call takes; a long document goes alone."""
    begin, size = 0, 0
    for at, part in enumerate(parts):
        if at > begin and (size + len(part) > _AT_ONCE or at - begin == _DOCUMENTS):
            yield begin, at
            begin, size = at, 0
        size += len(part)
    if parts:
        yield begin, len(parts)


def _shortened(least: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint16]:
    """The lower 16 bits of each value; the upper ones of a smallest value are mostly zero."""
    short = least.astype(np.uint16)
    short[(short == EMPTY) & (least != _NONE)] = 0
    return short


def _slots(parts: list[bytes], profile: Profile, spans: Spans) -> npt.NDArray[np.uint32]:
    if len(parts) > 1 or len(parts[0]) <= _AT_ONCE:
        return _signatures(parts, profile, spans)
    # A long document stretch by stretch, each reaching into the next by a window: memory does not grow with it.
    least = np.full((1, profile.slots), _NONE, np.uint32)
    for begin in range(0, len(parts[0]), _AT_ONCE):
        stretch = parts[0][begin : begin + _AT_ONCE + profile.window - 1]
        moved = [(0, max(first - begin, 0), last - begin) for _, first, last in spans if last > begin]
        np.minimum(least, _signatures([stretch], profile, moved), out=least)
    return least


def _hashes(buffer: bytes, count: int, window: int) -> npt.NDArray[np.uint64]:
    """Of `count` windows; the buffer goes on for 24 bytes after the last letter."""
    hashed: npt.NDArray[np.uint64] = np.ndarray((count,), "<u8", buffer, 0, (1,)) * _C1
    for at in range(8, window, 8):
        hashed ^= hashed >> np.uint64(29)
        hashed *= _C2
        hashed += np.ndarray((count,), "<u8", buffer, min(at, window - 8), (1,))
    hashed ^= hashed >> np.uint64(32)
    hashed *= _C2
    hashed ^= hashed >> np.uint64(29)
    return hashed


def _signatures(parts: list[bytes], profile: Profile, spans: Spans) -> npt.NDArray[np.uint32]:
    """(documents, slots); all windows of all documents go through each step at once."""
    many, slots = len(parts), profile.slots
    sizes = np.fromiter(map(len, parts), np.int64, many)
    ends = np.cumsum(sizes)
    least = np.full(many * slots, _NONE, np.uint32)
    hashed = _hashes(b"".join(parts) + bytes(24), int(ends[-1]), profile.window)
    values = hashed.astype(np.uint32)
    values[values == _NONE] = 0
    over = ends[:, None] - np.arange(1, profile.window)
    values[over[over >= (ends - sizes)[:, None]]] = _NONE  # windows that reach over a document's end
    for row, first, last in spans:
        begin = int(ends[row] - sizes[row])
        values[begin + first : min(begin + last, int(ends[row]))] = _NONE
    hashed >>= np.uint64(64 - (slots.bit_length() - 1))
    where = hashed.view(np.int64)
    where += np.repeat(np.arange(0, many * slots, slots), sizes)
    np.minimum.at(least, where, values)
    return least.reshape(many, slots)
