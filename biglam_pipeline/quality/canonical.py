"""The canonical bytes of a text: its letters and digits alone, so that two printings of it give the same key.

Case, spaces, hyphens, accents, ligatures and the long s vanish here, and only here: the text itself is never touched.
"""

import unicodedata

import numpy as np
import numpy.typing as npt
import xxhash

SHORTEST = 25
"""Letters and digits below which a text has no key: "PLATE" on two pages is not one page twice."""

_EXPANDING = {"ﬁ": "fi", "ﬂ": "fl", "ﬀ": "ff", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"} | {
    "ß": "ss",
    "ẞ": "ss",
    "æ": "ae",
    "Æ": "ae",
    "œ": "oe",
    "Œ": "oe",
    "ĳ": "ij",
    "Ĳ": "ij",
}
_ASCII = bytes(code for code in range(128) if chr(code).isalnum())
_DELETE = bytes(sorted(set(range(256)) - set(_ASCII)))
_LOWER = bytes(range(256)).lower()


def canonical(text: str) -> bytes:
    """Letters and digits of the text in UTF-8, folded: NFKD and casefold, without combining marks."""
    if text.isascii():
        return text.encode().translate(_LOWER, _DELETE)
    for ligature, letters in _EXPANDING.items():
        if ligature in text:
            text = text.replace(ligature, letters)
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.dtype("<u2"))
    folded = _FOLD[units]
    kept: bytes = folded[folded != 0].tobytes()
    return kept.decode("utf-16-le", "replace").encode()


def text_key(text: str | None) -> bytes | None:
    """16 bytes that are equal for texts of equal letters; None for no text, or one too short to mean anything."""
    if not text:
        return None
    letters = canonical(text)
    return None if len(letters) < SHORTEST else xxhash.xxh3_128_digest(letters)


def _fold(unit: int) -> int:
    """What one UTF-16 unit becomes; 0 drops it. Halves of a surrogate pair stay, they are letters of rare scripts."""
    if 0xD800 <= unit <= 0xDFFF:
        return unit
    char = chr(unit)
    letters = [c for c in unicodedata.normalize("NFKD", char).casefold() if c.isalnum()]
    if not letters:
        return 0
    if len(letters) > 1 and unicodedata.category(char) == "Lo":
        return unit  # a Hangul syllable is one letter, not its jamo
    return ord(letters[0]) if ord(letters[0]) < 0x10000 else unit


_FOLD: npt.NDArray[np.uint16] = np.fromiter((_fold(unit) for unit in range(0x10000)), np.dtype("<u2"), 0x10000)
