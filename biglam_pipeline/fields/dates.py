"""When a thing was made, from what cataloguers wrote: EDTF, the years it covers, and how sure they were.

Extended Date/Time Format, levels 0 and 1: https://www.loc.gov/standards/datetime/.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from biglam_pipeline.fields.moments import Moment, read_moment, written, year_of

EARLIEST_YEAR = -3000
LATEST_YEAR = 2100
"""A fixed bound, so that a record reads the same in every year; a harvest may be stricter."""


@dataclass(frozen=True, slots=True)
class DateReading:
    """A date field as read; all None where it could not be, with the reason in `problem`."""

    edtf: str | None = None
    """Levels 0 and 1 only."""
    year_start: int | None = None
    year_end: int | None = None
    """None also for the open end of a range. Year 0 is 1 BC."""
    precision: str | None = None
    """day, month, year, decade, century or range."""
    qualifier: str | None = None
    """approximate, uncertain, approximate_uncertain or inferred."""
    type: str | None = None
    """copyright or exhibited; None for the date itself."""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class _Text:
    """A text freed of what only qualifies it, and what that was."""

    plain: str
    marks: frozenset[str] = frozenset()


def _compile(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


# What can be taken off a date, one at a time, until a date is left. "186?" is left alone: it is a decade.
_PEELINGS: tuple[tuple[re.Pattern[str], str], ...] = (
    (_compile(r"^\[|\]$"), "inferred"),
    (_compile(r"^\((?=[^()]*\)$)|(?<=[^()])\)$(?<!circa\))(?<!\?\))"), ""),
    (_compile(r"(?<!\.)\.$|^\.(?!\.)|,$"), ""),
    (_compile(r"^(?:copyright|cop\.)\s*[cp©℗]?\s*|^(?:[cp](?=[0-9])|[©℗])\s*"), "copyright"),
    (_compile(r"^(?:exhibited|exh\.)\s+"), "exhibited"),
    (
        _compile(
            r"^(?:published|publ\.|printed|created|made|built|copied|dated|issued|gedruckt|imprimé|erschienen)(?:\s+in)?\s+"
        ),
        "",
    ),
    (
        _compile(
            r"^(?:circa|cca|ca|c)(?:\.\s*|\s+)|^~|^(?:um|vers|approximately|approx\.?|about|around|environ|env\."
            r"|ungefähr|etwa|omstreeks|hacia|verso)\s+|\s*[(\[]?\b(?:circa|ca\.?|approx\.?)[)\]]?$|(?<=[0-9xX])~$"
        ),
        "approximate",
    ),
    (_compile(r"(?<=[0-9xX])%$"), "approximate uncertain"),
    (
        _compile(r"^(?:probably|possibly|perhaps|prob\.|poss\.|wohl|vermutlich|wahrscheinlich|peut-être)\s+"),
        "uncertain",
    ),
    (_compile(r"\s*\(?\?+\)?$|^\(?\?+\)?\s*"), "uncertain"),
    (
        _compile(
            r"^(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day|(?:mon|tue|wed|thu|fri|sat|sun)\.?(?=,)"
            r"|(?:mon|diens|donners|frei|sams|sonn)tag|mittwoch|(?:lun|mar|mercre|jeu|vendre|same)di|dimanche)[,.]?\s+"
        ),
        "",
    ),
)
_SUFFIX = {"approximate_uncertain": "%", "approximate": "~", "uncertain": "?"}

_ABSENT = _compile(
    r"n\.?\s?d|s\.?\s?[ad]|[oz]\.?\s?[jd]|undated|no date|date (?:not known|unknown)|unknown|none|null|nan|0+|sine anno"
)
# The dates that a cataloguer put right, or read from Roman numerals: the second one counts.
_PUT_RIGHT = (
    _compile(r"[0-9]{4}(?:[-–/][0-9]{1,4})?\s*[\[(]?\s*(?:i\.\s?e\.|recte|d\.\s?i\.|sc\.)\s*,?\s*([0-9]{4})[\])]?"),
    _compile(r"[mdclxvi.\s]{4,}\s*[\[(=]+\s*([0-9]{4})\s*[\])]?"),
)
_SUPPLIED = _compile(r"(?<=[0-9])\[([0-9?-]{1,3})\]|\[([0-9]{1,3})\](?=[0-9])")
_EDTF_INTERVAL = _compile(r"(-?[0-9]{2}[0-9X]{2}[0-9-]*[~?%]?)/(-?[0-9]{2}[0-9X]{2}[0-9-]*[~?%]?)")
_ABBREVIATED = _compile(r"([0-9]{4})\s*[-–/]\s*([0-9]{1,3})")
_PAIRS = (
    _compile(r"(?:either\s+)?(.+?)\s+(?:or|oder|ou)\s+(.+)"),
    _compile(
        r"(?:between|entre|zwischen|tussen|tra|from|von|van|de|btw\.)\s+(.+?)"
        r"\s+(?:and|et|und|en|e|y|to|bis|tot|à|a|&)\s+(.+)"
    ),
)
_SEPARATOR = _compile(r"\s*[/–-]\s*|\s+(?:to|bis|à|until|till|tot)\s+")
_SEPARATOR_OF_CENTURIES = _compile(r"\s+(?:and|und|et|or)\s+")
_BEFORE = _compile(r"(?:before|vor|avant|prior to|not after|until|bis|ante|antes de|voor|\.\.\s*/)\s*(.+)")
_AFTER = _compile(r"(?:after|nach|après|not before|since|post|from|seit|ab|na|después de)\s+(.+)")
_SERIAL = _compile(r"(.+?)\s*(?:[-–]|/\s*\.\.|/\s*open)")
_SEVERAL = _compile(r"\s*[;|,]\s*|\s+&\s+|(?<=[0-9]{4})\s+(?=[0-9]{4})")
_NOTE = _compile(r"\s*[\[(][^\[\]()]*[\])]?$")
_TWICE = _compile(r"(.{4,40}) \1")
_LONGEST = 120
# A longer text is prose, and every dash in it would be tried as a range.


def read_dates(raws: Sequence[str]) -> DateReading:
    """The first of several that can be read; else why the first cannot."""
    readings = [read_date(raw) for raw in raws]
    first = readings[0] if readings else DateReading(problem="no date")
    return next((reading for reading in readings if reading.edtf is not None), first)


@lru_cache(maxsize=65_536)
def read_date(raw: str) -> DateReading:
    """A date field as cataloguers write it; never an exception.

    Several dates in one field: the first readable one. What is neither a date nor a known way of having none
    is a problem, not a guess: "l845" stays unread.
    """
    text = _tidy(raw)
    bare = text.strip("[]()., ")
    if not bare or _ABSENT.fullmatch(bare):
        return DateReading(problem="no date")
    reading = (_noted(text) or _first_of_several(text)) if len(text) <= _LONGEST else None
    if reading is None:
        return DateReading(problem=f"date not recognised: {bare[:60]}")
    return _bounded(reading)


def _tidy(raw: str) -> str:
    text = unicodedata.normalize("NFC", raw).replace("\n", ";")
    text = re.sub("[\u2012-\u2015]", "–", re.sub("[\u2010\u2011\u2212]", "-", text))
    text = " ".join(text.split()).strip(" ;,:")
    twice = _TWICE.fullmatch(text)  # LIDO's children, joined: "2007-11 2007-11"
    return twice[1] if twice else text


def _noted(text: str) -> DateReading | None:
    """One date or range, behind which a note in brackets may stand: "1844-1848 [v. 2, 1845]"."""
    return _whole(text) or (_whole(_NOTE.sub("", text)) if _NOTE.search(text) else None)


def _first_of_several(text: str) -> DateReading | None:
    parts = [part for part in _SEVERAL.split(text) if part]
    readings = (_noted(part) for part in parts if part != text)
    reading = next((reading for reading in readings if reading is not None), None)
    if reading is None:
        return None
    return replace(reading, problem=reading.problem or "several dates or words in one field: the first date is taken")


def _bounded(reading: DateReading) -> DateReading:
    years = [year for year in (reading.year_start, reading.year_end) if year is not None]
    if any(not EARLIEST_YEAR <= year <= LATEST_YEAR for year in years):
        return DateReading(problem=f"year out of bounds: {reading.edtf}")
    if len(years) == 2 and years[0] > years[1]:
        return DateReading(problem=f"ends before it begins: {reading.edtf}")
    return reading


def _whole(text: str) -> DateReading | None:
    """The reading of a text that is one date or one range, qualifiers included."""
    for pattern in _PUT_RIGHT:
        found = pattern.fullmatch(text)
        if found:
            return _reading(year_of(int(found[1])), frozenset())
    interval = _EDTF_INTERVAL.fullmatch(text)
    if interval:
        return _ends(interval[1], interval[2], frozenset())
    peeled = _peel(text)
    moment = _abbreviated(peeled.plain) if peeled.marks & {"approximate", "uncertain"} else None
    moment = moment or read_moment(peeled.plain) or _abbreviated(peeled.plain)
    if moment is not None:
        return _reading(moment, peeled.marks)
    return _range(peeled) or _open(peeled)


def _peel(text: str) -> _Text:
    plain = _SUPPLIED.sub(lambda found: found[1] or found[2], text)
    marks = {"inferred"} if plain != text else set()
    while plain and read_moment(plain) is None:
        for pattern, mark in _PEELINGS:
            shorter = pattern.sub("", plain, count=1).strip()
            if shorter != plain:
                plain = shorter
                marks.update(mark.split())
                break
        else:
            break
    return _Text(plain, frozenset(marks))


def _qualifier(marks: frozenset[str]) -> str | None:
    if marks >= {"approximate", "uncertain"}:
        return "approximate_uncertain"
    return next((mark for mark in ("approximate", "uncertain", "inferred") if mark in marks), None)


def _reading(moment: Moment, marks: frozenset[str], others: frozenset[str] = frozenset()) -> DateReading:
    """`marks` qualify the whole; `others` are already in the EDTF of one end."""
    suffix = _SUFFIX.get(_qualifier(marks) or "", "")
    edtf = "/".join(end if end == ".." else end.rstrip("~?%") + (suffix or end[len(end.rstrip("~?%")) :])
                    for end in moment.edtf.split("/"))  # fmt: skip
    kind = next((mark for mark in ("copyright", "exhibited") if mark in marks), None)
    return DateReading(edtf, moment.start, moment.end, moment.precision, _qualifier(marks | others), kind, moment.doubt)


def _abbreviated(text: str) -> Moment | None:
    """1844-45, 1952-4, 1999/00. But 1905-06 is June: ISO 8601 comes first."""
    found = _ABBREVIATED.fullmatch(text)
    if found is None:
        return None
    start, digits = int(found[1]), found[2]
    step = 10 ** len(digits)
    end = start // step * step + int(digits)
    end += step if end < start and int(digits) == 0 else 0
    return Moment(f"{written(start)}/{written(end)}", start, end, "range") if end > start else None


def _range(text: _Text) -> DateReading | None:
    for pattern in _PAIRS:
        found = pattern.fullmatch(text.plain)
        reading = _ends(found[1], found[2], text.marks) if found else None
        if reading is not None:
            return reading
    for pattern in (_SEPARATOR, _SEPARATOR_OF_CENTURIES):
        for found in pattern.finditer(text.plain):
            left, right = text.plain[: found.start()], text.plain[found.end() :]
            reading = _ends(left, right, text.marks, only_centuries=pattern is _SEPARATOR_OF_CENTURIES)
            if reading is not None:
                return reading
    return None


def _ends(left: str, right: str, marks: frozenset[str], *, only_centuries: bool = False) -> DateReading | None:
    begin, finish = _peel(left), _peel(right)
    last = read_moment(finish.plain)
    if last is None or last.end is None or (only_centuries and last.precision != "century"):
        return None
    first = read_moment(begin.plain)
    if last.precision == "century":  # "18th-19th century"
        first = first or read_moment(f"{begin.plain} century")
    if first is None or first.start is None:
        return None
    edtf = f"{_edge(first, begin, last=False)}/{_edge(last, finish, last=True)}"
    if edtf.split("/")[0] == edtf.split("/")[1]:
        return _reading(first, marks | begin.marks)
    whole = Moment(edtf, first.start, last.end, "range", first.doubt or last.doubt)
    return _reading(whole, marks, begin.marks | finish.marks)


def _edge(moment: Moment, text: _Text, *, last: bool) -> str:
    """One end of an interval. Level 1 has no unspecified digits there, so a decade lends its first or last year."""
    if moment.precision in ("decade", "century"):
        plain = written((moment.end if last else moment.start) or 0)
    else:
        plain = moment.edtf.split("/")[-1 if last else 0]
    return plain + _SUFFIX.get(_qualifier(text.marks) or "", "")


def _open(text: _Text) -> DateReading | None:
    for pattern in (_BEFORE, _AFTER, _SERIAL):
        found = pattern.fullmatch(text.plain)
        limit = _peel(found[1]) if found else text
        moment = read_moment(limit.plain) if found else None
        if moment is None:
            continue
        if pattern is _BEFORE:
            edge = Moment(f"../{_edge(moment, limit, last=True)}", None, moment.end, "range")
        else:
            edge = Moment(f"{_edge(moment, limit, last=False)}/..", moment.start, None, "range")
        return _reading(edge, text.marks, limit.marks)
    return None
