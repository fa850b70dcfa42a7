"""Candidates: documents that share a band of their signatures, each joined to the first of its bucket.

Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, 3.4, http://www.mmds.org . A bucket becomes a star and never
all its pairs: a masthead on a million issues costs a million candidates, not 10^12. Memory is one band's a thread.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from biglam_pipeline.dedup.near.profiles import Bands
from biglam_pipeline.dedup.near.signatures import EMPTY

SlotOf = Callable[[int], npt.NDArray[np.uint16]]
"""Number of a slot -> its value in every document, (documents,)."""
_C1, _C2 = np.uint64(0x9E3779B97F4A7C15), np.uint64(0xBF58476D1CE4E5B9)
_PACKED_BITS = 24
"""Documents whose numbers fit into so many bits are sorted in one word with 40 bits or more of their key.

That is three times as fast as a stable argsort of whole keys. Two keys of equal upper bits make a candidate that the
next step throws away; it is the same one in every run over the same documents.
"""
_HELD = 4_000_000
"""Candidates, bands' repetitions counted, from which they are merged."""
_CHUNK = 1 << 20
_T = TypeVar("_T")


def candidates(slot: SlotOf, documents: int, bands: Bands, threads: int = 1) -> npt.NDArray[np.int64]:
    """Pairs (m, 2) of documents, the first of a bucket before another; sorted, each once.

    A pure function of the signatures and of the order of the documents. A band with an empty slot gives no key, so
    a text of one repeated letter meets nothing.
    """
    held: list[npt.NDArray[np.uint64]] = []

    def one(band: int) -> npt.NDArray[np.uint64]:
        return _stars(*_packed(slot, documents, bands, band))

    for found in _mapped(one, range(bands.count), threads):
        held.append(found)
        if sum(map(len, held)) > _HELD:
            held = [merged(held)]
    return unpacked(merged(held))


def equal_shares(slot: SlotOf, slots: int, pairs: npt.NDArray[np.int64], threads: int = 1) -> npt.NDArray[np.float32]:
    """For each pair the share of slots with equal values, among those that either document has: about their Jaccard."""

    size = min(_CHUNK, -(-len(pairs) // max(threads, 1)) or 1)

    def one(begin: int) -> npt.NDArray[np.float32]:
        first, second = pairs[begin : begin + size].T
        first, second = np.ascontiguousarray(first), np.ascontiguousarray(second)
        equal, either = np.zeros(len(first), np.uint16), np.zeros(len(first), np.uint16)
        for number in range(slots):
            values = slot(number)
            a, b = values.take(first), values.take(second)
            same, full = a == b, a != EMPTY
            equal += same & full
            either += full | (b != EMPTY)
        shares: npt.NDArray[np.float32] = (equal / np.maximum(either, 1)).astype(np.float32)
        return shares

    parts = list(_mapped(one, range(0, len(pairs), size), threads))
    return np.concatenate([np.empty(0, np.float32), *parts])


def _mapped(work: Callable[[int], _T], over: Iterable[int], threads: int) -> Iterable[_T]:
    if threads < 2:
        return map(work, over)
    return _threaded(work, over, threads)


def _threaded(work: Callable[[int], _T], over: Iterable[int], threads: int) -> Iterator[_T]:
    """In order; numpy sorts and gathers without the interpreter's lock."""
    waiting: deque[Future[_T]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for item in over:
            waiting.append(pool.submit(work, item))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


def _packed(
    slot: SlotOf, documents: int, bands: Bands, band: int
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Band keys of the documents that have one, and their numbers, sorted by both."""
    key = np.full(documents, (band + 1) * int(_C2) % (1 << 64), np.uint64)
    full = np.ones(documents, np.bool_)
    for row in range(bands.rows):
        values = slot(band * bands.rows + row)
        full &= values != EMPTY
        key ^= values
        key *= _C1
        key ^= key >> np.uint64(32)
    rows = np.flatnonzero(full).astype(np.uint64)
    key = key[full] * _C2
    bits = np.uint64(max(documents - 1, 1).bit_length())
    if bits > _PACKED_BITS:
        order = np.argsort(key, kind="stable")
        return key[order], rows[order]
    words = (key >> bits << bits) | rows
    words.sort()
    return words >> bits, words & ((np.uint64(1) << bits) - np.uint64(1))


def _stars(keys: npt.NDArray[np.uint64], rows: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Each document of a bucket with the first of it, as first << 32 | document."""
    if len(keys) < 2:
        return np.empty(0, np.uint64)
    fresh = np.append(True, keys[1:] != keys[:-1])
    heads = np.flatnonzero(fresh)
    later = np.flatnonzero(~fresh)
    first = heads[np.cumsum(fresh)[later] - 1]
    stars: npt.NDArray[np.uint64] = rows[first] << np.uint64(32) | rows[later]
    return stars


def unpacked(pairs: npt.NDArray[np.uint64]) -> npt.NDArray[np.int64]:
    """Pairs (m, 2) from one << 32 | other."""
    return np.column_stack([pairs >> np.uint64(32), pairs & np.uint64(0xFFFFFFFF)]).astype(np.int64)


def merged(parts: list[npt.NDArray[np.uint64]]) -> npt.NDArray[np.uint64]:
    """Packed pairs, sorted, each once."""
    values: npt.NDArray[np.uint64] = np.concatenate([np.empty(0, np.uint64), *parts])
    values.sort()
    fresh: npt.NDArray[np.bool_] = np.append(True, values[1:] != values[:-1])[: len(values)]
    return values[fresh]
