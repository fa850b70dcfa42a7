"""One moment of a date field: a day, month, year, decade or century, as a stretch of years.

Extended Date/Time Format, levels 0 and 1: https://www.loc.gov/standards/datetime/.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from biglam_pipeline.fields.calendars import month, republican_year, roman


@dataclass(frozen=True, slots=True)
class Moment:
    """What was written, as EDTF without qualifier, and the years it covers; None for an open end."""

    edtf: str
    start: int | None
    end: int | None
    precision: str
    doubt: str = ""


def year_of(number: int) -> Moment:
    """A year; 0 is 1 BC, as in ISO 8601."""
    return Moment(written(number), number, number, "year")


def written(number: int) -> str:
    """Four digits, with a minus where needed."""
    return f"{number:05d}" if number < 0 else f"{number:04d}"


def _day(year: int, month_number: int, day: int) -> Moment | None:
    try:
        whole = date(year, month_number, day)
    except ValueError:  # 30 February, month 13, year 0
        return None
    return Moment(whole.isoformat(), year, year, "day")


def _month(year: int, month_number: int) -> Moment | None:
    if not 1 <= month_number <= 12:
        return None
    return Moment(f"{written(year)}-{month_number:02d}", year, year, "month")


def decade(first: int) -> Moment:
    """1860 -> 186X."""
    return Moment(f"{first // 10:03d}X", first, first + 9, "decade")


def century(number: int) -> Moment:
    """19 -> 18XX, 1800 to 1899 as cataloguers count."""
    first = (number - 1) * 100
    return Moment(f"{number - 1:02d}XX", first, first + 99, "century")


def _slashed(found: re.Match[str]) -> Moment | None:
    """01/05/1889 is January in Boston and May in London: only the year is sure."""
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    days = {_day(year, first, second), _day(year, second, first)} - {None}
    if len(days) == 1:
        return days.pop()
    if not days:
        return None
    return Moment(written(year), year, year, "year", "day and month may be exchanged")


def _named(year: str, name: str, day: str = "") -> Moment | None:
    number = month(name)
    if number is None:
        return None
    return _day(int(year), number, int(day)) if day else _month(int(year), number)


def _romans(found: re.Match[str]) -> Moment | None:
    number = roman(found[1])
    # "MIX" and "CD" are words too: a printed date has at least four letters.
    if number is None or number < 1400 or len(found[1]) < 4:
        return None
    return year_of(number)


def _republican(found: re.Match[str]) -> Moment | None:
    number = int(found[1]) if found[1].isdigit() else roman(found[1])
    days = republican_year(number or 0)
    if days is None:
        return None
    return Moment(f"{days[0]}/{days[1]}", days[0].year, days[1].year, "range")


_WORD_NUMBERS = (
    *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh"),
    *("twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth"),
    *("twentieth", "twenty-first"),
)
# The years of a century, counted from its first, that a cataloguer's part of it covers.
_PARTS = {
    "early": (0, 33),
    "mid": (34, 66),
    "late": (67, 99),
    "first half": (0, 49),
    "second half": (50, 99),
    "first quarter": (0, 24),
    "second quarter": (25, 49),
    "third quarter": (50, 74),
    "fourth quarter": (75, 99),
    "first third": (0, 33),
    "second third": (34, 66),
    "third third": (67, 99),
}
# German, French, Italian and digits for the same parts.
_SAME_PART = (
    (re.compile(r"^(?:1st|1\.|1re|1ère|première|erste|prima)\s"), "first "),
    (re.compile(r"^(?:2nd|2\.|2e|2de|deuxième|seconde|zweite|seconda)\s"), "second "),
    (re.compile(r"^(?:3rd|3\.|3e|troisième|dritte)\s"), "third "),
    (re.compile(r"^(?:4th|4\.|4e|quatrième|vierte|last|letzte|dernier)\s"), "fourth "),
    (re.compile(r"hälfte|moitié|metà"), "half"),
    (re.compile(r"viertel|quart\b"), "quarter"),
    (re.compile(r"drittel|tiers\b"), "third"),
    (re.compile(r"^(?:beginning|start|anfang|début|inizio)$"), "early"),
    (re.compile(r"^(?:middle|mitte|milieu|metà)$"), "mid"),
    (re.compile(r"^(?:end|ende|fin|fine)$"), "late"),
)


def _century_part(words: str) -> tuple[int, int] | None:
    part = re.sub(r"\s*(?:of the|of|des|du|del|the|-)\s*$", "", words.casefold().strip()).strip()
    for pattern, same in _SAME_PART:
        part = pattern.sub(same, part)
    return _PARTS.get("second half" if part == "fourth half" else part)  # "last" was read as fourth


def ordinal(words: str) -> int | None:
    """19 for "19th", "19.", "XIXe", "nineteenth"; a century, so 1 to 21."""
    plain = words.casefold().rstrip(". ")
    if plain in _WORD_NUMBERS:
        return _WORD_NUMBERS.index(plain) + 1
    digits = re.match(r"[0-9]{1,2}", plain)
    number = int(digits[0]) if digits else roman(re.sub(r"(?:e|ème|eme|o|th)$", "", plain))
    return number if number and 1 <= number <= 21 else None


def _century(found: re.Match[str]) -> Moment | None:
    number = int(found["number"][:2]) + 1 if found["number"].endswith("00") else ordinal(found["number"])
    if number is None:
        return None
    whole = century(number)
    if not found["part"]:
        return whole
    part = _century_part(found["part"])
    if part is None:
        return None
    return Moment(whole.edtf, (number - 1) * 100 + part[0], (number - 1) * 100 + part[1], "century")


_ORDINAL = (
    r"(?:[0-9]{1,2}(?:\.|th|st|nd|rd|e|ème)?|[ivx]{1,5}\.?(?:e|ème|o)?|"
    + "|".join(sorted(_WORD_NUMBERS, reverse=True))
    + ")"
)
_CENTURY_WORD = (
    r"(?:century|centuries|cent\.?|c\.|jahrhunderts?|jhdt?\.?|jh\.?|siècle|siecle|s\.|siglo|sec\.|secolo|eeuw)"
    r"(?:\s*a\.?d\.?)?"
)
_Y = r"([0-9]{4})"
_NAME = r"([^\W\d_]{3,10})\.?"
_DAY = r"([0-3]?[0-9])"
_MASK = r"[-uxX?_*]"


def _plain_year(found: re.Match[str]) -> Moment:
    return year_of(int(found[1]))


def _before_christ(found: re.Match[str]) -> Moment:
    return year_of(1 - int(found[1]))


def _year_first(found: re.Match[str]) -> Moment | None:
    return _day(int(found[1]), int(found[2]), int(found[3]))


def _day_first(found: re.Match[str]) -> Moment | None:
    return _day(int(found[3]), int(found[2]), int(found[1]))


def _masked_century(found: re.Match[str]) -> Moment:
    return century(int(found[1]) + 1)


def _masked_decade(found: re.Match[str]) -> Moment:
    return decade(int(found[1]) * 10)


_Reader = Callable[[re.Match[str]], Moment | None]
_FORMS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), reader)
    for pattern, reader in (
        (rf"{_Y}", _plain_year),
        (r"(-[0-9]{4})", _plain_year),
        (rf"{_Y}-([0-9]{{2}})", lambda m: _month(int(m[1]), int(m[2]))),
        (rf"{_Y}[-/.]([0-9]{{2}})[-/.]([0-9]{{2}})(?:[T ][0-9:.,+Z -]*)?", _year_first),
        (rf"{_Y}-?([0-9]{{2}})-?([0-9]{{2}})T[0-9:.,+Z-]+", _year_first),
        (rf"{_Y}([0-9]{{2}})([0-9]{{2}})", _year_first),
        (rf"([0-9]{{2}}){_MASK}{{2}}", _masked_century),
        (rf"([0-9]{{3}}){_MASK}", _masked_decade),
        # "1800s" is a century to one cataloguer and a decade to the next: the longer stretch holds both.
        (r"(1[0-9]|0[0-9])00['’]?s", _masked_century),
        (r"([0-9]{3})0['’]?(?:s|er(?: jahre)?)", _masked_decade),
        (r"(?:the )?([0-9]{3})0(?:s)? decade", _masked_decade),
        (r"(?:ann[ée]es|jaren|anni|años)\s+([0-9]{3})0", _masked_decade),
        (rf"{_DAY}\.\s?([01]?[0-9])\.\s?{_Y}", _day_first),
        (rf"([0-3]?[0-9])[/-]([0-3]?[0-9])[/-]{_Y}", _slashed),
        (
            rf"{_DAY}(?:\.|st|nd|rd|th|er|º)?[\s-]+(?:of\s+|de\s+)?{_NAME},?[\s-]+(?:del?\s+)?{_Y}",
            lambda m: _named(m[3], m[2], m[1]),
        ),
        (rf"{_NAME}\s+{_DAY}(?:st|nd|rd|th)?,?\s+{_Y}", lambda m: _named(m[3], m[1], m[2])),
        (rf"{_Y},?\s+{_NAME}\s+{_DAY}(?:st|nd|rd|th)?", lambda m: _named(m[1], m[2], m[3])),
        (rf"{_NAME},?\s+(?:of\s+|de\s+|del\s+)?{_Y}", lambda m: _named(m[2], m[1])),
        (rf"{_Y},?\s+{_NAME}", lambda m: _named(m[1], m[2])),
        (rf"(?:spring|summer|autumn|fall|winter|easter|christmas|michaelmas),?\s+{_Y}", _plain_year),
        (
            r"([0-9]{1,4})\s*(?:b\.?\s?c\.?(?:\s?e\.?)?|v\.\s?chr\.?|av\.\s?j\.?-?c\.?)",
            lambda m: year_of(1 - int(m[1])),
        ),
        (r"(?:a\.?d\.?|anno(?: domini)?|im jahre?|en|in)\s+([0-9]{3,4})", _plain_year),
        (r"([0-9]{3,4})\s*(?:a\.?\s?d\.?|c\.\s?e\.?|n\.\s?chr\.?)", _plain_year),
        (r"an\s+([ivx]+|[0-9]{1,2})(?: de la r[ée]publique.*)?", _republican),
        (r"(?:anno\s+)?(m[mdclxvi.\s]+)", _romans),
        (rf"(?:(?P<part>\S.{{0,30}}?)[\s-]+)?(?P<number>{_ORDINAL})\s*{_CENTURY_WORD}", _century),
        (r"(?P<part>\S.{0,30}?)[\s-]+(?P<number>1[0-9]00)s", _century),
        (r"(?P<part>)(?:siglo|s\.|sec\.|secolo|século|saec\.?)\s*(?P<number>[ivx]+)", _century),
    )
)


def read_moment(text: str) -> Moment | None:
    """The moment a text names and nothing else; None where it does not."""
    for pattern, reader in _FORMS:
        found = pattern.fullmatch(text)
        moment = reader(found) if found else None
        if moment is not None:
            return moment
    return None
