"""Whether two texts are the same: by the edit distance of their letters, or by their windows where it cannot say.

What a test says is a pure function of two texts' canonical bytes and the profile, so it is judged once and kept.
"""

import numpy as np
import numpy.typing as npt
from rapidfuzz.distance import Levenshtein

from biglam_pipeline.dedup.near.profiles import Profile
from biglam_pipeline.dedup.near.signatures import window_hashes
from biglam_pipeline.quality.canonical import narrow

_SAMPLED_FROM = 1 << 20
"""Letters from which only some of the windows are compared, chosen by their hash: 100,000 say it to 0.3 %."""
_NOTHING = 1e-6
"""Instead of 0 for windows that were compared and have nothing in common: 0 says that they were not."""
_STRETCH = 1 << 20
_DIVERSE, _SHORT, _DIVERSE_SHORT = 0.5, 20_000, 0.8
"""Share of a text's windows that must be different for them to say anything: pages of "ditto" have all in common.

A long text repeats itself more: of real texts, 99 in 100 have 0.8 and more to 20,000 letters, and 0.57 at 500,000.
"""
_NEARLY = 1 - 1e-6
"""Instead of 1 for windows that all agree: 1 says that the letters are equal."""
_HINT = 0.95
"""Where the search for the distance begins, for likely duplicates: most are nearer, and found in half of the time."""
RULED_OUT = 0.0


def edit_similarity(one: str, other: str, profile: Profile, *, likely: bool) -> float:
    """Normalised Levenshtein similarity of letters where it reaches `profile.alike`, else RULED_OUT.

    likely: whether they are expected to be alike, which changes the time that it takes and nothing else.
    """
    return float(
        Levenshtein.normalized_similarity(one, other, score_cutoff=profile.alike, score_hint=_HINT if likely else None)
    )


def verdict(one: bytes, other: bytes, profile: Profile, *, likely: bool) -> float:
    """What is known of two texts from reading them, as one number to keep; see `similarity_of`.

    one, other: canonical bytes without licence. To `profile.longest_edited` letters the edit similarity; above, the
    Jaccard similarity of the windows, for the edit distance grows with the square of the length. Where the edit
    similarity rules a pair out that is `likely`, that of the windows with a minus sign: a page keeps its windows
    when its columns were read in another order. The lengths alone rule out excerpts, which are no duplicates.
    """
    if one == other:
        return 1.0
    first, second = one.decode(), other.decode()
    short, long = sorted((len(first), len(second)))
    # Neither measure can exceed the ratio of lengths.
    if short < profile.alike * long:
        return -_NOTHING
    if long <= profile.longest_edited:
        found = edit_similarity(first, second, profile, likely=likely)
        if found or not likely:
            return found
    shared = min(max(jaccard(narrow(one), narrow(other), profile.window), _NOTHING), _NEARLY)
    return shared if long > profile.longest_edited else -shared


def similarity_of(
    verdicts: npt.NDArray[np.float32], likely: npt.NDArray[np.bool_]
) -> tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]:
    """Similarities of pairs by what was kept of them, and which have to be read again.

    likely: as it is today; where a pair is not, what its windows said does not count, so that the answer does not
    depend on when they were read. A kept RULED_OUT of a pair that has become likely says too little.
    """
    again = (verdicts == RULED_OUT) & likely
    return np.where(verdicts < 0, np.where(likely, -verdicts, np.float32(RULED_OUT)), verdicts), again


def jaccard(one: bytes, other: bytes, window: int) -> float:
    """Shared windows among all windows of two texts, each counted once; letters as `narrow` gives them.

    0 where one of the texts says the same few things again and again: a register of few words shares its windows with
    every other, whatever is written in it.
    """
    among = max(len(one), len(other)) // _SAMPLED_FROM + 1
    a, b = _windows(one, window, among), _windows(other, window, among)
    if not _says_much(len(a) * among, len(one), window) or not _says_much(len(b) * among, len(other), window):
        return 0.0
    both = np.concatenate([a, b])
    both.sort()
    shared = int(np.count_nonzero(both[1:] == both[:-1]))
    return shared / (len(both) - shared)


def _says_much(different: int, letters: int, window: int) -> bool:
    """different: of all windows of a text of so many letters."""
    return different > 0 and different >= (_DIVERSE_SHORT if letters <= _SHORT else _DIVERSE) * (letters - window + 1)


def _windows(letters: bytes, window: int, among: int) -> npt.NDArray[np.uint64]:
    """Different windows by hash, sorted; of a long text one in `among`, stretch by stretch."""
    parts = []
    for begin in range(0, len(letters), _STRETCH):
        hashed = window_hashes(letters[begin : begin + _STRETCH + window - 1], window)
        parts.append(hashed if among == 1 else hashed[hashed <= np.uint64((1 << 64) // among - 1)])
    every = np.concatenate(parts) if parts else np.empty(0, np.uint64)
    every.sort()
    return every[np.append(True, every[1:] != every[:-1])] if len(every) else every
