"""Which languages does a sentence of a finding aid name? As in "Materials are in English, with some letters in German".

Archivists state the language of what they describe in words (DACS 4.5, MARC 546: "In English."), and EAD's langmaterial
holds that sentence as often as codes. A sentence is read whole or not at all: each of its words is a name behind "in",
or one that says how much of what kind of thing is meant. "In French with English summaries" is left unread, as is all
that says "not", "translated" or speaks of the description itself.
"""

import re
from collections.abc import Callable

_WORDS = """
the these this all most some a an few several many certain other another additional various small large number amount
portion part parts bulk majority rest remainder of and with but also plus however there is are was were be
written printed published recorded primarily predominantly mainly mostly chiefly largely entirely almost exclusively
principally generally includes include including occasional scattered
collection collections material materials record records papers paper
document documents item items file files folder folders series letter letters correspondence publication publications
text texts note notes manuscript manuscripts book books volume volumes newspaper newspapers clippings article articles
pamphlet pamphlets photographs captions recordings interviews writings diaries diary bills
"""
_LONGEST = 300
_PROSE = 4
"""Words in a piece that is no name: no name of a language has so many."""
_BEFORE_NAMES = re.compile(
    r"(?:^|[\s,;.]+)(?:(?:in\s+(?:the|this)\s+(?:collection|series)|"
    + "|".join(sorted(_WORDS.split(), key=len, reverse=True))
    + r")[\s,;.]+)*in\s+",
    re.IGNORECASE,
)
_BETWEEN_NAMES = re.compile(r"\s*[,;/&]\s*(?:(?:and|or)\s+)?|\s+(?:and|or)\s+", re.IGNORECASE)


def said_in_words(text: str, read_name: Callable[[str], tuple[str, ...]]) -> tuple[str, ...]:
    """The tags of all languages that a sentence names; empty where a word of it is not understood.

    read_name: the tags of one name of a language, empty for what is none.
    """
    before, *lists = _BEFORE_NAMES.split(text) if len(text) <= _LONGEST else (text,)
    if before or not lists:
        return ()
    names = [name for one in lists for name in _BETWEEN_NAMES.split(one.strip(" .,;"))]
    found = [read_name(name) if len(name) > 3 else () for name in names]
    return tuple(tag for tags in found for tag in tags) if all(found) else ()


def is_prose(unread: str) -> bool:
    """Whether a piece of a value that names no language is a stretch of a sentence: names beside it may be of anything,
    such as what a work was translated into.
    """
    return len(unread.split()) >= _PROSE
