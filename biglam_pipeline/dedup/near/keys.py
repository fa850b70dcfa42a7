"""Finding keys among many: exact, by sorting a 64-bit mix of them."""

import numpy as np
import numpy.typing as npt
import polars as pl

Words = npt.NDArray[np.uint64]
"""Keys as rows of 64-bit words: (n, 2) for a text's, (n, 4) for a pair's."""
_AT_ONCE = 1 << 20
_C1, _C2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)


def words_of(keys: pl.Series) -> Words:
    """Text keys, Binary of 16 bytes without nulls, as (n, 2)."""
    parts = [
        np.frombuffer(b"".join(keys.slice(begin, _AT_ONCE).to_list()), "<u8").reshape(-1, 2)
        for begin in range(0, len(keys), _AT_ONCE)
    ]
    return np.concatenate([np.empty((0, 2), np.uint64), *parts])


def as_words(keys: npt.NDArray[np.uint8]) -> Words:
    """Bytes (n, 16 or 32) as words."""
    return np.ascontiguousarray(keys).view("<u8")


def distinct(numbers: npt.NDArray[np.int64], below: int) -> npt.NDArray[np.int64]:
    """Of numbers below some number, in any shape, those that are there: sorted, each once."""
    there = np.zeros(below, np.bool_)
    there[numbers.ravel()] = True
    return np.flatnonzero(there)


def places(stored: Words, asked: Words) -> npt.NDArray[np.int64]:
    """For each asked key the last row of `stored` that has it, -1 where none has."""
    found = np.full(len(asked), -1, np.int64)
    if not len(stored) or not len(asked):
        return found
    mixed = _mix(stored)
    order = np.argsort(mixed, kind="stable")
    mixed = mixed[order]
    wanted = _mix(asked)
    at = np.searchsorted(mixed, wanted, side="right") - 1
    open_ = np.arange(len(asked))
    while len(open_):
        here = at[open_]
        open_ = open_[(here >= 0) & (mixed[here] == wanted[open_])]
        rows = order[at[open_]]
        same = (stored[rows] == asked[open_]).all(axis=1)
        found[open_[same]] = rows[same]
        open_ = open_[~same]  # two keys of one mix: look at the row before
        at[open_] -= 1
    return found


def _mix(keys: Words) -> Words:
    mixed = np.zeros(len(keys), np.uint64)
    for column in range(keys.shape[1]):
        mixed ^= keys[:, column]
        mixed *= _C1
        mixed ^= mixed >> np.uint64(32)
    return mixed * _C2
