"""What can be taken off a date until a date is left? Brackets, doubts, and words such as "published", one at a time."""

import re
from dataclasses import replace
from functools import lru_cache

from biglam_pipeline.fields.centuries import read_century
from biglam_pipeline.fields.date_words import ABOUT, ABSENT, COPYRIGHT, DONE, EXHIBITED, MAYBE, PRINTING, compiled
from biglam_pipeline.fields.edtf import MARKS
from biglam_pipeline.fields.moments import Moment, read_moment

_ENDINGS = "0-9xX%~"

# "186?" is left alone: it is a decade. A short word for "about" may touch the year: "ca1870", but not "c1870",
# which is a copyright date.
_PEELINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (compiled(r"^[\[{]|[\]}]$|^<(?=.*>)|(?<=[-0-9.?])>$"), "inferred"),
    (compiled(r"^\((?=[^()]*\)$)|(?<=[^()])\)$(?<!circa\))(?<!ca\))(?<!ca\.\))(?<!\?\))"), ""),
    (compiled(rf"^(?:{ABSENT})[\s,;:.]*(?=\[)"), ""),
    (compiled(r"(?<!\.)\.$|^\.(?!\.)|[,;:]$"), ""),
    (compiled(rf"^(?:{COPYRIGHT})(?![^\W\d_])\s*[cp©℗]?\s*|^(?:[cp](?=[0-9])|\(c\)|[©℗])\s*"), "copyright"),
    (compiled(rf"^(?:{EXHIBITED})\s+"), "exhibited"),
    (compiled(rf"^(?:{DONE})(?:\s+(?:in|en|im|i|v|w|no|nel|v roce|w roku|в))?:?\s+(?=\S)"), ""),
    (compiled(rf"\s+(?:{PRINTING})\.?$|(?<=[0-9])\s*(?:гг?\.?|года?|roku)$|(?<=[0-9]{{4}})\s+r\.?$"), ""),
    # An article before a day: le 5 janvier 1889, am 5. Mai 1848, den 5. maj 1945; years in the plural: vuosina 1850-60.
    (
        compiled(
            r"^(?:le|am|den|el|il|op|o|dne|on)\s+(?=[0-3]?[0-9](?:er|º|\.|:[ea])?\s+\S)|^(?:in\s+)?the\s+(?=[0-9]{3}0['’]?s)|^¿(?=.*\?)"
        ),
        "",
    ),
    (
        compiled(
            r"^(?:vuosina|vuosilta|vuoden|vuotta|w latach|lata|léta|v letech|годы|в годах"
            r"|in den jahren|les années|åren|årene|i årene"
            r"|negli anni|anni|in de jaren|jaren|en los años|nos anos)\s+(?=[0-9]{4})"
        ),
        "",
    ),
    (
        compiled(
            rf"^(?:(?:{ABOUT})(?<=\.)\s*|(?:{ABOUT})\s+|(?:ca|circa|cca)(?=[0-9])|~+)"
            rf"|\s*[(\[]?\b(?:circa|ca\.?|approx\.?)[)\]]?$|(?<=[{_ENDINGS}])~$"
        ),
        "approximate",
    ),
    (compiled(r"(?<=[0-9xX])%$"), "approximate uncertain"),
    (compiled(rf"^(?:{MAYBE})\s+"), "uncertain"),
    (compiled(r"\s*\(?\?+\)?$|^\(?\?+\)?\s*|\s*\[\?\]$"), "uncertain"),
    (
        compiled(
            r"^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun)\.?(?=,)"
            r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche)[,.]?\s+"
        ),
        "",
    ),
)
_SUPPLIED = compiled(r"(?<=[0-9])\[([0-9?-]{1,3})\]|\[([0-9]{1,3})\](?=[0-9])")
SUFFIX = {"_".join(marks): sign for sign, marks in MARKS.items()}
"""A qualifier -> how EDTF writes it behind a date."""


def peel_once(text: str) -> tuple[str, frozenset[str]] | None:
    """The text without one thing, and what that thing says of the date; None where nothing can be taken off."""
    supplied = _SUPPLIED.sub(lambda found: found[1] or found[2], text)
    if supplied != text:
        return supplied, frozenset({"inferred"})
    for pattern, mark in _PEELINGS:
        shorter = pattern.sub("", text, count=1).strip()
        if shorter != text:
            return (shorter, frozenset(mark.split())) if shorter else None
    return None


@lru_cache(maxsize=16_384)
def simple(text: str) -> Moment | None:
    """A moment or a century, without anything around it."""
    return read_moment(text) or read_century(text)


def peeled(text: str) -> tuple[str, frozenset[str]]:
    """The text without all that can be taken off it, until a moment is left."""
    marks: frozenset[str] = frozenset()
    while simple(text) is None:
        found = peel_once(text)
        if found is None:
            break
        text, marks = found[0], marks | found[1]
    return text, marks


def qualifier(marks: frozenset[str]) -> str | None:
    """approximate, uncertain, approximate_uncertain or inferred; None where nothing is doubted."""
    if marks >= {"approximate", "uncertain"}:
        return "approximate_uncertain"
    return next((mark for mark in ("approximate", "uncertain", "inferred") if mark in marks), None)


def qualified(moment: Moment, marks: frozenset[str]) -> Moment:
    """The moment with these marks said of the whole of it: of both ends, where it is an interval."""
    # Level 1 knows no doubtful season.
    edtf = (
        moment.edtf
        if moment.precision == "season"
        else "/".join(_doubted(end, marks) for end in moment.edtf.split("/"))
    )
    return replace(moment, edtf=edtf, marks=moment.marks | marks)


def _doubted(end: str, marks: frozenset[str]) -> str:
    if end in ("", ".."):
        return end
    own = frozenset(MARKS.get(end[-1], ()))
    return end.rstrip("?~%") + SUFFIX.get(qualifier(own | marks) or "", "")
