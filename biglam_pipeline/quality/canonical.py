"""The canonical bytes of a text: its letters and digits alone, so that two printings of it give the same key.

Case, spaces, hyphens, accents, ligatures and the long s vanish here, and only here: the text itself is never touched.
Unicode Standard Annex 15 (NFKD, NFC), https://www.unicode.org/reports/tr15/ ; the table is Python's `unicodedata`.
"""

import codecs
import re
import unicodedata

import numpy as np
import numpy.typing as npt
import xxhash

SHORTEST = 25
"""Letters and digits below which a text has no key: "PLATE" on two pages is not one page twice.

A letter of an alphabet counts as one; an ideograph or a syllable, which says more, as two.
"""

_ASCII = bytes(code for code in range(128) if chr(code).isalnum())
_DELETE = bytes(sorted(set(range(256)) - set(_ASCII)))
_LOWER = bytes(range(256)).lower()
_MARKERS = 0xE000
"""From here on, private use: no letter is there, so these stand for letters that become several."""
_SURROGATES = range(0xD800, 0xE000)
_PLAIN = range(0x3400, 0xA000)
"""Ideographs, which have no case and are made of no others: half of the table's time, in each new process."""
_JAMO = re.compile("[\u1100-\u11ff]")
_RARE = re.compile("[\U00010000-\U0010ffff]")
_FEW = 24
"""Up to so many different markers, replacing one after the other is faster than a table."""
_WIDE = ((0x2E80, 0x3130), (0x3190, 0xA4D0), (0xAC00, 0xD7A4), (0xF900, 0xFB00))
"""Ideographs, kana, Yi and Hangul syllables; letters of alphabets, Bopomofo and jamo among them, are elsewhere."""


def canonical(text: str) -> bytes:
    """Letters and digits of the text in UTF-8, folded: NFKD and casefold, without combining marks.

    Lone surrogates vanish, as what is neither letter nor digit does. Folding twice is folding once.
    """
    if text.isascii():
        return text.encode().translate(_LOWER, _DELETE)
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.dtype("<u2"))
    if len(units) > len(text):
        return _beyond(text)
    codes = _CODE.take(units).tobytes()
    if _OTHER not in codes:
        return _decoded(codes.translate(None, b"\0"))
    folded = _FOLD.take(units)
    top = int(folded.max())
    letters = folded[folded != 0].tobytes().decode("utf-16-le")
    if top >= _MARKERS:
        letters = _expanded(letters, folded)
    return _composed(letters).encode() if top >= 0x1100 else letters.encode()


def text_key(text: str | None) -> bytes | None:
    """16 bytes that are equal for texts of equal letters; None for no text, or one too short to mean anything."""
    return key_of(canonical(text)) if text else None


def key_of(letters: bytes) -> bytes | None:
    """The key of canonical bytes; None where they are fewer than SHORTEST letters."""
    # A letter that counts once has at most three bytes, so a length of three times as many needs no counting.
    if len(letters) < 3 * SHORTEST and len(narrow(letters)) < SHORTEST:
        return None
    return xxhash.xxh3_128_digest(letters)


def narrow(letters: bytes) -> bytes:
    """Canonical bytes with one byte for a letter of any alphabet and two for an ideograph or a syllable.

    A window of eight bytes is then eight letters of Greek as of English, and four of Chinese. Letters of one
    alphabet stay apart; those of different ones, and rare letters, may share a byte: for fingerprints only.
    """
    if letters.isascii():
        return letters
    units = np.frombuffer(letters.decode().encode("utf-16-le"), np.dtype("<u2"))
    low = _NARROW.take(units)
    wide = _IS_WIDE.take(units)
    if not wide.any():
        return low.tobytes()
    both = np.empty((len(units), 2), np.uint8)
    both[:, 0] = units >> 8
    both[:, 1] = np.where(wide, units & 0xFF, low)
    keep = np.ones((len(units), 2), np.bool_)
    keep[:, 0] = wide
    return both[keep].tobytes()


def _letters(char: str) -> str:
    """What one character becomes: no letter, one, or several. A Hangul syllable stays one letter."""
    if 0xAC00 <= ord(char) < 0xD7A4:
        return char
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", char).casefold()).casefold()
    return "".join(_LIGATURES.get(letter, letter) for letter in folded if letter.isalnum())


def _decoded(codes: bytes) -> bytes:
    """Canonical bytes from one byte a letter: a quarter of the time that two bytes a letter would take."""
    if codes.isascii():
        return codes
    for code, letters in _JOINED.items():
        if code in codes:
            codes = codes.replace(code, letters)
    return codes if codes.isascii() else codecs.charmap_decode(codes, "strict", _DECODED)[0].encode()


def _expanded(letters: str, folded: npt.NDArray[np.uint16]) -> str:
    markers = np.unique(folded[folded >= _MARKERS]).tolist()
    if len(markers) > _FEW:
        return letters.translate({marker: _SEVERAL[marker - _MARKERS] for marker in markers})
    for marker in markers:
        letters = letters.replace(chr(marker), _SEVERAL[marker - _MARKERS])
    return letters


def _composed(letters: str) -> str:
    """Hangul written in jamo becomes syllables, whichever way the text was stored."""
    return unicodedata.normalize("NFC", letters) if _JAMO.search(letters) else letters


def _beyond(text: str) -> bytes:
    """Canonical bytes of a text with characters beyond the first 65,536, which go one by one.

    They are folded to what canonical() would leave alone, and kept out of the table's sight.
    """
    pieces, at = [], 0
    for found in _RARE.finditer(text):
        pieces += [canonical(text[at : found.start()]).decode(), _letters(found[0])]
        at = found.end()
    pieces.append(canonical(text[at:]).decode())
    return _composed("".join(pieces)).encode()


_LIGATURES = {"æ": "ae", "œ": "oe"}
"""Joined letters that Unicode holds for letters of their own; the others it takes apart itself."""


def _tables() -> tuple[npt.NDArray[np.uint16], list[str]]:
    """What each UTF-16 unit becomes, 0 to drop it; and the letters that the markers stand for."""
    fold: npt.NDArray[np.uint16] = np.zeros(0x10000, np.dtype("<u2"))
    several: list[str] = []
    for unit in range(0x10000):
        if unit in _PLAIN:
            fold[unit] = unit if chr(unit).isalnum() else 0
            continue
        letters = "" if unit in _SURROGATES else _letters(chr(unit))
        if len(letters) == 1 and ord(letters) < _MARKERS:
            fold[unit] = ord(letters)
        elif letters:
            fold[unit] = _MARKERS + len(several)
            several.append(letters)
    return fold, several


def _code_tables() -> tuple[npt.NDArray[np.uint8], str, dict[bytes, bytes]]:
    """A code of one byte for each unit of European texts: 0 drops it, 255 says that the text needs the whole table.

    Beside it what each code stands for, as a table for charmap_decode, and the codes of several letters.
    """
    code = np.where(_FOLD == 0, 0, 255).astype(np.uint8)
    code[_FOLD_ASCII] = _FOLD[_FOLD_ASCII]
    decoded, joined = [chr(at) for at in range(0x80)], dict[bytes, bytes]()
    for letters in _SEVERAL_COMMON:
        joined[bytes([0x80 + len(joined)])] = letters.encode()
        same = [_MARKERS + at for at, several in enumerate(_SEVERAL) if several == letters]
        code[np.isin(_FOLD, same)] = 0x7F + len(joined)
    decoded += ["\ufffe"] * len(joined)
    for unit in np.unique(_FOLD[_EUROPEAN]).tolist():
        if 0x80 <= unit < _MARKERS and len(decoded) < 255:
            code[unit == _FOLD] = len(decoded)
            decoded.append(chr(unit))
    return code, "".join(decoded), joined


def _narrow_tables() -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
    """The one byte of each unit outside ASCII has its high bit set, but where an alphabet has more than 128 letters."""
    units = np.arange(0x10000)
    low = np.where(units < 0x80, units, (units & 0xFF) ^ 0x80 * (units & 0x80 == 0)).astype(np.uint8)
    wide = np.zeros(0x10000, np.bool_)
    for first, end in _WIDE:
        wide[first:end] = True
    return low, wide


_FOLD, _SEVERAL = _tables()
_FOLD_ASCII = (_FOLD > 0) & (_FOLD < 0x80)
_SEVERAL_COMMON = ("ss", "ae", "oe", "ij", "fi", "fl", "ff", "ffi", "ffl", "st")
_EUROPEAN = [*range(0x80, 0x180), *range(0x391, 0x3CA), *range(0x400, 0x482), *range(0x490, 0x4A0)]
"""Latin, Greek and Cyrillic letters that are frequent enough to be among the 117 codes."""
_OTHER = b"\xff"
_CODE, _DECODED, _JOINED = _code_tables()
_NARROW, _IS_WIDE = _narrow_tables()
