"""What does a date that could not be read look like? Its shape: never the value, and few enough to be counted."""

import re

from biglam_pipeline.fields.calendars import MONTHS, SEASONS
from biglam_pipeline.fields.date_words import LOOKS_DATED

_PIECE = re.compile(r"[^\W\d_]+\.?|[0-9]|\s+|[^\w\s]|_")
_LONGEST = 48
_GLUE = {"or", "and", "in", "to", "of", "the", "est", "th", "st", "nd", "rd", "und", "et", "y", "e", "og", "och"}


def shape_of(text: str) -> str:
    """`born ####` for "born 1930": figures are #, words of dates stay, any other words are one …

    So a name, or a sentence, never enters a count; beyond 48 characters there is … again.
    """
    found: list[str] = []
    for piece in _PIECE.findall(text[:400]):
        if piece.isdigit():
            found.append("#")
        elif piece.isspace():
            found.append(" ")
        elif piece[0].isalpha():
            found.append(_word(piece))
        else:
            found.append(piece)
    shape = re.sub(r"…(?:[\s'’.-]*…)+", "…", "".join(found).strip())
    return shape if len(shape) <= _LONGEST else shape[: _LONGEST - 1].rstrip(" …") + "…"


def _word(word: str) -> str:
    plain = word.casefold().rstrip(".")
    if plain in MONTHS:
        return "MONTH"
    if plain in SEASONS:
        return "SEASON"
    if plain in _GLUE:
        return word.casefold()
    return word.casefold() if LOOKS_DATED.fullmatch(plain) or LOOKS_DATED.fullmatch(word) else "…"
