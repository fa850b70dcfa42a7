"""A Creative Commons licence named in words or letters: "CC BY-SA 3.0 DE", "Namensnennung - Nicht kommerziell 4.0".

The titles of the licences in their languages, the jurisdictions and the words for "International" are cc_names.csv,
from the translations, RDF and legal codes of Creative Commons (github.com/creativecommons: cc.i18n, cc.licenserdf,
creativecommons.org).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from biglam_pipeline.rights.addresses import license_for
from biglam_pipeline.rights.folding import Token, letters, plain
from biglam_pipeline.rights.lexicon import LEXICON, read_rows
from biglam_pipeline.rights.table import Statement

_MOST_TOKENS = 12  # of the longest title of one element
_MOST_NAMES = 8  # elements or "Creative Commons" in one mention, so that each place costs a bounded look


class Names:
    """Names that are compared by their letters alone: "NichtKommerziell", "Nicht-kommerziell", "nicht kommerziell"."""

    def __init__(self, kind: str) -> None:
        self._ids = {letters(row["words"]): row["id"] for row in read_rows("cc_names.csv") if row["kind"] == kind}
        self._begun = {name[:end] for name in self._ids for end in range(1, len(name))}

    def longest(self, words: Sequence[Token], start: int) -> tuple[str, int]:
        """The id of the longest name that begins at a token, and the index behind it; ("", start) for none."""
        joined, found, end = "", "", start
        for index in range(start, min(start + _MOST_TOKENS, len(words))):
            if index > start and words[index].first:
                break
            joined += words[index].word
            if joined in self._ids:
                found, end = self._ids[joined], index + 1
            if joined not in self._begun:
                break
        return found, end


ELEMENTS = Names("element")
PORTS = Names("port")
SCOPES = Names("scope")
ELEMENT_CODES = frozenset({"by", "nc", "nd", "sa"})

_GLUED = re.compile(r"cc((?:by|nc|nd|sa){1,4})")
_PORT_CODE = re.compile(r"[a-z]{2}|igo|scotland")
# Between the parts of a title: the words for licence and version in the languages of the titles. Any other word ends
# it.
_FILLER_WORDS = """
license licence licenses lizenz lizenzvertrag licença licencia licenza licentie licens lisens lisenssi licencja licencji
licencją лицензия лицензии лицензией public v ver version versión versão versione versie wersja verze версия the de of
deed copyright agreement
"""
_FILLERS = frozenset(map(plain, _FILLER_WORDS.split()))


@dataclass(frozen=True, slots=True)
class Found:
    """A licence at a place."""

    statement: Statement | None
    """None: something is named that Creative Commons never made ("CC BY 9.9"), or not as a licence."""
    end: int
    """The index behind it."""


def license_at(words: Sequence[Token], start: int) -> Found | None:
    """The Creative Commons licence that is named from this token on; None where none begins here."""
    place = _commons(words, start)
    commons = place > start
    glued = _GLUED.fullmatch(words[place].word) if place < len(words) else None
    if glued and not commons:
        elements, place = _elements(words, place + 1)
        elements |= set(re.findall("..", glued[1]))
        commons = True
    else:
        elements, place = _elements(words, _skip(words, place) if commons else place)
    if not elements:
        return None
    version, port, end = _version(words, place)
    if not _is_named(words[start:place], elements, commons, version):
        return None
    if version == "?":
        return Found(None, end)
    if "by" not in elements and elements & {"nc", "nd"} and version != "1.0":
        elements = elements | {"by"}  # all licences since 2.0 ask for credit
    return Found(license_for(frozenset(elements), version or None, port or None), end)


def _commons(words: Sequence[Token], start: int) -> int:
    """The index behind "Creative Commons", "CC", "CreativeCommons"; start where they do not stand."""
    place = start
    while place < min(start + _MOST_NAMES, len(words)) and not (place > start and words[place].first):
        word = words[place].word
        if word in ("cc", "creativecommons"):
            place += 1
        elif word == "creative" and place + 1 < len(words) and words[place + 1].word == "commons":
            place += 2
        else:
            break
    return place


def _skip(words: Sequence[Token], start: int) -> int:
    place = start
    while place < len(words) and place < start + 4 and words[place].word in _FILLERS and not words[place].first:
        place += 1
    return place


def _elements(words: Sequence[Token], start: int) -> tuple[set[str], int]:
    elements: set[str] = set()
    place = start
    for _ in range(_MOST_NAMES):
        if place >= len(words) or (place > start and words[place].first):
            break
        name, end = ELEMENTS.longest(words, place)
        if not name:
            break
        elements.add(name)
        place = end
    return elements, place


def _version(words: Sequence[Token], start: int) -> tuple[str, str, int]:
    """Version ("" for none, "?" for one that never was), jurisdiction, and the index behind both."""
    place = _skip(words, start)
    scope, after = SCOPES.longest(words, place)
    if scope and scope != "universal":  # "Attribution International 4.0"
        place = after
    if place >= len(words) or words[place].first or not words[place].word[0].isdigit():
        return "", "", start
    version = words[place].word
    if len(version) > 3 or (len(version) == 2 and version.isdigit()):
        return "", "", start  # a year, a number
    place += 1
    if len(version) == 1 and place < len(words) and words[place].gap in ("-", "_") and len(words[place].word) == 1:
        version, place = f"{version}.{words[place].word}", place + 1  # "CC_BY_4_0"
    known = re.fullmatch(r"[1-4](?:\.[015])?", version) is not None
    port, end = _port(words, place)
    return (version if "." in version else f"{version}.0") if known else "?", port, end


def _port(words: Sequence[Token], start: int) -> tuple[str, int]:
    if start >= len(words) or words[start].first:
        return "", start
    scope, end = SCOPES.longest(words, start)
    if scope and scope != "universal":
        return "", end
    port, end = PORTS.longest(words, start)
    if port:
        return port, end
    token = words[start]
    if "(" in token.gap or token.word == "cc":
        return "", start
    # "CC BY 3.0 NO" and "CC BY 3.0 - no" may be Norway or a denial, "CC-BY-3.0-NO" is Norway.
    denies = token.word in LEXICON.denials
    joined = token.gap in ("-", "/", "_") and not (denies and words[start - 1].gap != token.gap)
    shouted = token.raw.isupper() and not denies
    if _PORT_CODE.fullmatch(token.word) and token.word not in ELEMENT_CODES and (joined or shouted):
        return token.word, start + 1
    return "", start


def _is_named(words: Sequence[Token], elements: set[str], commons: bool, version: str) -> bool:
    """ "Attribution-NonCommercial 4.0", but not "attribution required"; "BY-SA", but not "made by SA"."""
    if commons or (version and not all(token.word in ELEMENT_CODES for token in words)):
        return True
    if "by" not in elements or (len(elements) == 1 and not version):
        return False
    if any(token.word not in ELEMENT_CODES for token in words):
        return True
    shouted = all(token.raw.isupper() for token in words)
    return shouted or (len(words) > 1 and all(token.gap for token in words[1:]))
