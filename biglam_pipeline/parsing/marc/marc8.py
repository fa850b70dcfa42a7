"""Reads MARC-8, the characters of MARC 21 before UTF-8, and ISO 5426, those of UNIMARC: marks stand before letters.

https://www.loc.gov/marc/specifications/speccharmarc8.html : two sets at a time, changed by escape sequences; the tables
are those of pymarc, which has them from the Library of Congress. ISO 5426 (1983) is one set beside ASCII. What cannot
be read is U+FFFD, and counted.
"""

import re
import unicodedata
from collections.abc import Iterator

from pymarc.marc8_mapping import CODESETS, ODD_MAP

_LATIN, _ANSEL, _EAST, _ISO5426 = 0x42, 0x45, 0x31, 0
_SIGNS = "¡„£$¥†§′‘“«♭©℗®ʻʼ‚   ‡·″’”»♯ʹʺ¿"
_MARKS = (
    "\u0309\u0300\u0301\u0302\u0303\u0304\u0306\u0307\u0308\u0308\u030a\u0315\u0312\u030b\u031b\u030c"
    "\u0327\u031c\u0326\u0328\u0325\u032e\u0323\u0324\u0332\u0333\u0329\u032d \ufe20\ufe21\ufe23"
)
_LETTERS = " ÆĐ   Ĳ ŁØŒ Þ    æđð ıĳ łøœßþ"
_SETS: dict[int, dict[int, tuple[int, int]]] = {
    **CODESETS,
    _ISO5426: {
        code: (ord(character), int(0xC0 <= code < 0xE0))
        for first, characters in ((0xA1, _SIGNS), (0xC0, _MARKS), (0xE0, _LETTERS))
        for code, character in enumerate(characters, first)
        if character != " "
    },
}
"""Final byte of an escape sequence -> code -> character, and whether it is a mark over the next."""
_ESCAPE = re.compile(
    rb"\x1b(?:(?P<old>[gbps])|(?P<many>\$)(?P<into>[,)-]?)(?P<east>1)|(?P<half>[(,)-])!?(?P<set>[BENQS234]))"
)
_REFERENCE = re.compile("&#x([0-9A-Fa-f]{4,6});")
"""What the Library of Congress writes for a character that MARC-8 lacks (lossless conversion)."""
_PASSED = frozenset((0x88, 0x89))
"""Around what is not sorted: no characters of the text."""
_JOINERS = {0x8D: "\u200d", 0x8E: "\u200c"}


def read_marc8(data: bytes) -> tuple[str, list[str], int]:
    """The text in NFC, what was wrong with it, and how many bytes beyond ASCII MARC-8 has no sense for: unknown ones,
    marks that stand over no letter, capitals behind a small letter. A subfield begins with the first sets.
    """
    return _read(_Reading(_ANSEL), data)


def read_iso5426(data: bytes) -> tuple[str, list[str], int]:
    """The same of ISO 5426; an escape sequence is none of it."""
    return _read(_Reading(_ISO5426), data)


def _read(reading: "_Reading", data: bytes) -> tuple[str, list[str], int]:
    text, problems = reading.read(data)
    if "&#x" in text:
        text = _REFERENCE.sub(_character_of, text)
    return unicodedata.normalize("NFC", text), problems, reading.senseless


def _character_of(reference: re.Match[str]) -> str:
    """The character; of what is none that may stand in a text, the reference as it came."""
    code = int(reference[1], 16)
    is_one = 0x20 <= code < 0xD800 or 0xE000 <= code < 0x110000
    return chr(code) if is_one else reference[0]


_MOST_MARKS = 2
"""Over one letter, as Vietnamese has them."""


class _Reading:
    """One text."""

    def __init__(self, high: int) -> None:
        """high: the set of bytes beyond ASCII with which it begins."""
        self._sets = [_LATIN, high]
        self._escapes = high == _ANSEL
        self._found: list[str] = []
        self._marks: list[str] = []
        """Which stand before their letter in MARC-8, and behind it in Unicode."""
        self._problems: dict[str, None] = {}
        self.senseless = 0

    def read(self, data: bytes) -> tuple[str, list[str]]:
        at = 0
        while at < len(data):
            if data[at] != 0x1B:
                at = self._character(data, at)
            elif not self._escapes and data[at + 1 : at + 2] in (b"H", b"I"):
                at += 2  # 0x88 and 0x89 in seven bits (ISO 2022), as _PASSED
            elif self._escapes and (escape := _ESCAPE.match(data, at)) is not None:
                self._change(escape)
                at = escape.end()
            else:
                self._problems["a bad escape sequence"] = None
                at += 1
        self.senseless += len(self._marks)
        if self._sets[0] != _LATIN and not self._problems:
            self._problems["a subfield ends in another set than ASCII, in which the next begins"] = None
        return "".join((*self._found, *self._marks)), [*self._problems]

    def _change(self, escape: re.Match[bytes]) -> None:
        if old := escape["old"]:
            self._sets[0] = _LATIN if old == b"s" else old[0]
        elif escape["many"]:
            self._sets[escape["into"] in (b")", b"-")] = _EAST
        else:
            self._sets[escape["half"] in (b")", b"-")] = escape["set"][0]

    def _character(self, data: bytes, at: int) -> int:
        """Reads one; answers where the next begins."""
        code, high = data[at], data[at] > 0x80
        if code in (0x20, 0x0A, 0x0D, 0x09):
            self._put(chr(code))
        elif code < 0x20 or code in _PASSED:
            pass
        elif code in _JOINERS:
            self._found.append(_JOINERS[code])
        elif self._sets[high] == _EAST:
            three = bytes(one & 0x7F for one in data[at : at + 3])
            self._look_up(int.from_bytes(three) if len(three) == 3 else 0, _EAST)
            return at + 3
        else:
            self._look_up(code, self._sets[high])
        return at + 1

    def _look_up(self, code: int, name: int) -> None:
        for one in _as_listed(code):
            if (found := _SETS[name].get(one)) is not None:
                character, combines = found
                if 0x80 < code < 0x100 and chr(character).isupper() and self._found and self._found[-1].islower():
                    self.senseless += 1
                self._marks.append(chr(character)) if combines else self._put(chr(character))
                return
        if name == _EAST and code in ODD_MAP:
            self._put(chr(ODD_MAP[code]))
            return
        self._problems["characters that MARC-8 does not have"] = None
        self.senseless += 0x80 < code < 0x100
        self._put("\ufffd")

    def _put(self, character: str) -> None:
        self._found.append(character)
        if self._marks:
            if len(self._marks) > _MOST_MARKS or not character.isalpha():
                self.senseless += len(self._marks)
            self._found += self._marks
            self._marks.clear()


def _as_listed(code: int) -> Iterator[int]:
    """The tables have each set in the half in which it mostly stands; a record may call it into the other."""
    yield code
    if code < 0x100:
        yield code ^ 0x80
