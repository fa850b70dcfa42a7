"""Does a value forbid something, whatever else in it is not understood? Nobody opens such a value by a line of YAML.

The words are those of rights.csv, of words.csv (closed, closed access, elements) and of access.py. A value whose words
for it are in none of them is not understood: it stays withheld where it decides, and a person may read it.
"""

import re

from biglam_pipeline.rights.access import read_access
from biglam_pipeline.rights.folding import fold, tokens
from biglam_pipeline.rights.lexicon import LEXICON
from biglam_pipeline.rights.recognise import recognise

_SHUT = frozenset({"closed", "nc", "nd"})


def reads_shut(value: str) -> str:
    """closed, nc or nd where it says so; empty where it does not, or is only not understood.

    "Non-commercial use only" is no licence, and forbids all the same; so does "Closed until 2080".
    """
    if (tier := recognise(value).tier) in _SHUT:
        return tier
    if tier not in ("unknown", "review"):
        return ""
    access = read_access(value)
    if access is not None and access.tier == "closed":
        return "closed"
    return _element(value)


def _both(words: list[str], start: int, end: int) -> bool:
    """Whether commercial use is allowed in the same breath: "for commercial and non-commercial purposes"."""
    before, after = words[max(0, start - 3) : start], words[end : end + 2]
    joined = bool(before) and before[-1] in _AND and any(_TRADE.match(word) for word in before)
    return joined or (len(after) == 2 and after[0] in _AND and bool(_TRADE.match(after[1])))


# "And" and "or", and the stem of "commercial", in the languages in which words.csv has an element nc. One that lacks
# here lets the value stand as nc.
_AND = frozenset(
    ["and", "or", "und", "oder", "et", "ou", "y", "o", "e", "en", "of", "och", "eller", "og", "i", "a", "и"]
)
_TRADE = re.compile(r"comm?erc|kommer[zsc]|komerč|komerc|kaupalli|коммерч")


def _element(value: str) -> str:
    """nc or nd where the words for it stand in the value: the phrases of kind `element` in words.csv."""
    words, index, found = tokens(fold(value)), 0, set()
    plain = [token.word for token in words]
    while index < len(words):
        phrases, end = LEXICON.longest(words, index)
        elements = {phrase.statement for phrase in phrases if phrase.kind == "element"}
        found |= elements if not _both(plain, index, end) else elements - {"nc"}
        index = max(end, index + 1)
    return next((name for name in ("nc", "nd") if name in found), "")
