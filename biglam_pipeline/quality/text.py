"""How long is a text? Characters and words, for any string."""

import unicodedata
from functools import cache

import numpy as np
import numpy.typing as npt

_BREAK, _LETTER, _MARK = 0, 1, 2


def n_chars(text: str) -> int:
    """Code points, blanks included."""
    return len(text)


def n_words(text: str) -> int:
    """Runs of letters and digits; `l'an` is two, a number is one.

    A combining mark belongs to the letter before it: else a word of Devanagari, or of a medieval transcription, would
    be counted in pieces.
    """
    if text.isascii():
        kinds = _kinds(0x80)[np.frombuffer(text.encode(), np.uint8)]
    else:
        points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.dtype("<u4"))
        kinds = _kinds(0x10000 if int(points.max()) < 0x10000 else 0x110000)[points]
        kinds = kinds[kinds != _MARK]
    if not len(kinds):
        return 0
    letters = kinds == _LETTER
    return int(letters[0]) + int(np.count_nonzero(letters[1:] & ~letters[:-1]))


@cache
def _kinds(end: int) -> npt.NDArray[np.uint8]:
    """What each code point below `end` is; all of Unicode is tabled only where a text goes that far."""
    return np.fromiter((_kind(chr(code)) for code in range(end)), np.uint8, end)


def _kind(char: str) -> int:
    if char.isalnum():
        return _LETTER
    return _MARK if unicodedata.category(char)[0] == "M" else _BREAK
