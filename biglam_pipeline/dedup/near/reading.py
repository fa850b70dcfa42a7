"""What a process does that reads texts: a fresh one imports no more than this needs."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import numpy.typing as npt

from biglam_pipeline.dedup.near.boilerplate import without_licence
from biglam_pipeline.dedup.near.profiles import Profile
from biglam_pipeline.dedup.near.signatures import Hashed, hash_texts
from biglam_pipeline.dedup.near.verifying import verdict
from biglam_pipeline.quality.canonical import canonical, key_of
from biglam_pipeline.store.fingerprints import Letters


@dataclass(frozen=True, slots=True)
class PairBatch:
    """Pairs whose letters lie in scratch files."""

    letters: Letters
    profile: Profile
    spots: npt.NDArray[np.int64]
    """(m, 6): file, first and past-the-last byte of the one text and of the other."""
    likely: npt.NDArray[np.bool_]
    """(m,): whether their fingerprints promise a duplicate."""


Texts = Iterable[list[str | None]]
"""Texts in batches of bounded bytes, read when they are gone through. With several processes it is pickled, and sent
to the one that reads it.
"""
Fetch = Callable[[npt.NDArray[np.int64]], Texts]
"""Positions of rows -> their texts, in that order."""
_LARGE = 31 << 20


def ready() -> None:
    """What a fresh process does first."""
    # glibc hands every array above 128 KB back to the kernel when it is freed, until one as large as this was: a
    # fresh process would spend half of its time on page faults (280,000 for 32,768 pages; 700 with this).
    np.empty(_LARGE, np.uint8)


def hash_rows(question: tuple[Texts, Profile, npt.NDArray[np.uint32]]) -> Hashed:
    """Fingerprints of texts, batch by batch. question: texts, and what hash_texts takes."""
    texts, profile, frequent = question
    parts = (hash_texts(batch, profile, frequent) for batch in texts)
    return Hashed.joined([hash_texts([], profile, frequent), *parts])


def spell(
    question: tuple[Letters, int, Texts],
) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.uint8]]:
    """Writes the letters of some texts to scratch: where each begins and the last ends, and their keys, (n, 16).

    question: scratch, number of the file, texts.
    """
    letters, number, texts = question
    keys: list[bytes] = []

    def spelt() -> Iterator[bytes]:
        for batch in texts:
            for text in batch:
                whole = canonical(text) if text else b""
                keys.append(key_of(whole) or bytes(16))
                yield without_licence(whole)

    bounds = letters.write(number, spelt())
    return bounds, np.frombuffer(bytearray(b"".join(keys)), np.uint8).reshape(-1, 16)


def judge_batch(batch: PairBatch) -> npt.NDArray[np.float32]:
    """The verdict of each pair, (m,)."""
    pairs = zip(batch.spots.tolist(), batch.likely.tolist(), strict=True)
    return np.array(
        [
            verdict(_read(batch, *spot[:3]), _read(batch, *spot[3:]), batch.profile, likely=likely)
            for spot, likely in pairs
        ],
        np.float32,
    )


def _read(batch: PairBatch, number: int, begin: int, end: int) -> bytes:
    stream = _opened(batch.letters, number)
    stream.seek(begin)
    return stream.read(end - begin)


_OPEN: dict[tuple[Letters, int], BinaryIO] = {}
"""Scratch files that this process has open, the longest unused first."""
_FILES = 500


def _opened(letters: Letters, number: int) -> BinaryIO:
    if _OPEN and next(iter(_OPEN))[0] != letters:
        forget()  # those of an earlier search are gone, and take their room on the disk while they are open
    stream = _OPEN.pop((letters, number), None) or letters.open(number)
    _OPEN[letters, number] = stream
    if len(_OPEN) > _FILES:
        _OPEN.pop(next(iter(_OPEN))).close()
    return stream


def forget() -> None:
    """Closes the scratch files that this process has open."""
    while _OPEN:
        _OPEN.popitem()[1].close()
