"""Is this text EDTF already, and which years does it cover? Levels 0 and 1 of the specification, read as written.

Extended Date/Time Format: https://www.loc.gov/standards/datetime/ (also ISO 8601-2:2019, annex A).
"""

import re
from datetime import date

from biglam_pipeline.fields.moments import Moment

_YEAR = r"-?[0-9]{4}"
_DATE = re.compile(rf"({_YEAR})(?:-([0-9]{{2}})(?:-([0-9]{{2}}))?)?([?~%]?)")
_TIME = re.compile(
    r"([0-9]{4}-[0-9]{2}-[0-9]{2})T(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:Z|[+-](?:0[0-9]|1[0-4])(?::?[0-5][0-9])?)?"
)
_MASKED = re.compile(r"(-?)([0-9]{2}[0-9X]X)([?~%]?)|(-?[0-9]{4})-(?:XX(?:-XX)?|([0-9]{2})-XX)")
_LONG = re.compile(r"Y-?[1-9][0-9]{4,17}")
MARKS = {"?": ("uncertain",), "~": ("approximate",), "%": ("approximate", "uncertain")}
"""Of level 1, behind a date -> what it says of it."""
_SEASONS = ("21", "22", "23", "24")


def read_edtf(text: str) -> Moment | None:
    """A date or an interval of levels 0 and 1; None for anything else. Years that fit no calendar are None.

    A sign before a year that has no leading zero (`-1937`) is EDTF too, and is read here: who calls this must know
    that the text is EDTF, see `is_ambiguous`. Of a date with a time the day is kept.
    """
    if "/" in text:
        return _interval(*text.split("/", 1))
    return _single(text)


def is_ambiguous(text: str) -> bool:
    """True for a year behind a sign, unless it has a leading zero: `-1937` is "until 1937" to a cataloguer."""
    return any(re.match(r"-[1-9]", end) is not None for end in text.split("/"))


def _single(text: str) -> Moment | None:
    time = _TIME.fullmatch(text)
    if time:
        text = time[1]
    found = _DATE.fullmatch(text)
    if found:
        return _date(found)
    if _LONG.fullmatch(text):
        return Moment(text, None, None, "year", "the year is beyond what year_start can hold")
    masked = _MASKED.fullmatch(text)
    return _masked(masked) if masked else None


def _date(found: re.Match[str]) -> Moment | None:
    year, month, day, mark = found.groups()
    number = int(year)
    if year == "-0000" or not _in_calendar(number, month, day):
        return None
    precision = "day" if day else "season" if month in _SEASONS else "month" if month else "year"
    if precision == "season" and mark:
        return None  # level 2
    return Moment(found[0], number, number, precision, marks=frozenset(MARKS.get(mark, ())))


def _in_calendar(year: int, month: str | None, day: str | None) -> bool:
    if month in _SEASONS:
        return day is None
    try:
        date(400 + year % 400, int(month or 1), int(day or 1))  # the calendar repeats every 400 years
    except ValueError:
        return False
    return True


def _masked(found: re.Match[str]) -> Moment | None:
    if found[4]:
        year, month = int(found[4]), found[5]
        if month and not 1 <= int(month) <= 12:
            return None
        return Moment(found[0], year, year, "month" if month else "year")
    sign, digits = found[1], found[2]
    first, last = int(digits.replace("X", "0")), int(digits.replace("X", "9"))
    if sign:
        first, last = -last, -first
    precision = "century" if digits.endswith("XX") else "decade"
    return Moment(found[0], first, last, precision, marks=frozenset(MARKS.get(found[3], ())))


def _interval(left: str, right: str) -> Moment | None:
    begin, finish = _end(left), _end(right)
    if begin is None or finish is None or (begin.start is None and finish.end is None):
        return None
    whole = Moment(f"{left}/{right}", begin.start, finish.end, "range", marks=begin.marks | finish.marks)
    return whole if _ordered(begin, finish) else None


def _end(text: str) -> Moment | None:
    if text in ("", ".."):
        return Moment(text, None, None, "range")
    found = _DATE.fullmatch(text)
    return _date(found) if found else None


def _ordered(begin: Moment, finish: Moment) -> bool:
    """`1889/1888` is no interval; within a year the texts compare as the days do."""
    if begin.start is None or finish.end is None:
        return True
    if begin.start != finish.end:
        return begin.start < finish.end
    first, last = begin.edtf.rstrip("?~%"), finish.edtf.rstrip("?~%")
    return first[: len(last)] <= last[: len(first)]
