"""One moment of a date field: a day, month, season, year or decade, as a stretch of years.

Extended Date/Time Format, levels 0 and 1: https://www.loc.gov/standards/datetime/.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from biglam_pipeline.fields.calendars import month, republican_day, republican_year, roman, season
from biglam_pipeline.fields.date_words import AD, BC


@dataclass(frozen=True, slots=True)
class Moment:
    """What was written, as EDTF, and the years it covers; None for an end that is open or not known."""

    edtf: str
    start: int | None
    end: int | None
    precision: str
    doubt: str = ""
    """What else it may mean: counted, though it was read."""
    marks: frozenset[str] = frozenset()
    """approximate, uncertain, inferred; and what it is the date of, one of `dates.TYPES`."""
    original: str = ""
    """Of something printed again: the date of the first printing, as written."""


def year_of(number: int) -> Moment:
    """A year; 0 is 1 BC, as in ISO 8601."""
    return Moment(written(number), number, number, "year")


def written(number: int) -> str:
    """Four digits, with a minus where needed."""
    return f"{number:05d}" if number < 0 else f"{number:04d}"


def day_of(year: int, month_number: int, day: int) -> Moment | None:
    """A day; None for 30 February, month 13 and year 0."""
    try:
        whole = date(year, month_number, day)
    except ValueError:
        return None
    return Moment(whole.isoformat(), year, year, "day")


def month_of(year: int, month_number: int) -> Moment | None:
    """A month."""
    if not 1 <= month_number <= 12:
        return None
    return Moment(f"{written(year)}-{month_number:02d}", year, year, "month")


def decade(first: int) -> Moment:
    """1860 -> 186X."""
    return Moment(f"{first // 10:03d}X", first, first + 9, "decade")


def century(number: int) -> Moment:
    """19 -> 18XX, 1800 to 1899 as cataloguers count; the first began with the year 1, for there is no year 0."""
    if number == 1:
        return Moment("0001/0100", 1, 100, "century")
    first = (number - 1) * 100
    return Moment(f"{number - 1:02d}XX", first, first + 99, "century")


def _slashed(found: re.Match[str]) -> Moment | None:
    """01/05/1889 is January in Boston and May in London: only the year is sure."""
    first, second, year = int(found[1]), int(found[2]), int(found[3])
    days = {day_of(year, first, second), day_of(year, second, first)} - {None}
    if len(days) == 1:
        return days.pop()
    if not days:
        return None
    return Moment(written(year), year, year, "year", "day and month may be exchanged")


def _named(year: str, name: str, day: str = "") -> Moment | None:
    number = month(name)
    if number is not None:
        return day_of(int(year), number, int(day)) if day else month_of(int(year), number)
    number = season(name)
    return None if number is None or day else Moment(f"{year}-{number}", int(year), int(year), "season")


def _months(first: str, second: str, year: str) -> Moment | None:
    """January-March 1889, or 1889 Jan-Mar."""
    return _between(month_of(int(year), month(first) or 0), month_of(int(year), month(second) or 0))


def _days(first: str, second: str, name: str, year: str) -> Moment | None:
    """5-7 May 1889."""
    number = month(name) or 0
    return _between(day_of(int(year), number, int(first)), day_of(int(year), number, int(second)))


def _days_of_two(year: str, name: str, day: str, last_name: str, last_day: str) -> Moment | None:
    """1986 May 30-June 2, or May 30-June 2, 1986."""
    return _between(_named(year, name, day), _named(year, last_name, last_day))


def _between(begin: Moment | None, finish: Moment | None) -> Moment | None:
    if begin is None or finish is None or begin.edtf >= finish.edtf:
        return None
    return Moment(f"{begin.edtf}/{finish.edtf}", begin.start, finish.end, "range")


def _romans(found: re.Match[str]) -> Moment | None:
    number = roman(found[1])
    # "MIX", "CD", "M.D." and "m.m." are words too: a printed date has at least four letters.
    if number is None or number < 1400 or sum(map(str.isalpha, found[1])) < 4:
        return None
    return year_of(number)


def _republican(found: re.Match[str]) -> Moment | None:
    number = int(found["year"]) if found["year"].isdigit() else roman(found["year"])
    if found["month"]:
        if not found["day"]:
            return _republican_month(found["month"], number or 0)
        day = republican_day(int(found["day"]), found["month"], number or 0)
        return Moment(day.isoformat(), day.year, day.year, "day") if day else None
    days = republican_year(number or 0)
    if days is None:
        return None
    return Moment(f"{days[0]}/{days[1]}", days[0].year, days[1].year, "range")


def _republican_month(name: str, year: int) -> Moment | None:
    first, last = republican_day(1, name, year), republican_day(30, name, year)
    if first is None or last is None:
        return None
    return Moment(f"{first}/{last}", first.year, last.year, "range")


_Y = r"([0-9]{4})"
_NAME = r"([^\W\d_]{3,12})\.?"
_DAY = r"([0-3]?[0-9])"
_MASK = r"[-uxX?_*]"
# A time of day, and no second date: "1850-01-01 - 1860-12-31" is two.
_TIME = r"(?:T[0-9]{2}|[T ]\s?[0-9]{1,2}(?::[0-9]{2}){1,2})(?:[.,][0-9]+)?\s?(?:Z|[+-][0-9]{2}:?(?:[0-9]{2})?)?"
_NTH = r"(?:\.|st|nd|rd|th|er|º|:n|:a)"
# 1850-tallet, 1850'erne (Danish), 1850-årene (Norwegian), -talet (Swedish), -luku (Finnish), -е годы (Russian).
_ENDINGS = (
    r"-?tal(?:et|let|l|s)?|-?luku|-?luvu(?:lla|lta|n)|-?år(?:ene|a)|['’]?erne|-[ех](?:\s*(?:годов|годы?|гг?\.?))?"
)
DECADE_WORD = r"(?:les )?ann[ée]es|jaren|(?:gli )?anni|años|(?:d[ée]cad[ae] de )|anos|lata|léta|anii"
_ANNO = r"(?:anno(?:\s+(?:domini|salutis|christi|di))?|a[ñn]o(?:\s+de)?|l['’]an|im jahre?)"
_YEAR_WORD = (
    r"(?:anno(?: domini)?|im jahre?|jahr|l['’]an|l['’]année|(?:el )?año|ano|jaar|året|år|vuonna|vuosi|rok|roku|r\.|roce"
    r"|год|г\.|the year|year|en|in)"
)


def _plain_year(found: re.Match[str]) -> Moment:
    return year_of(int(found[1]))


def _year_first(found: re.Match[str]) -> Moment | None:
    return day_of(int(found[1]), int(found[2]), int(found[3]))


def _year_month(found: re.Match[str]) -> Moment | None:
    """1905-06 is June: ISO 8601 comes first. But 1905-06 may be two years, and that is counted."""
    year, number = int(found[1]), int(found[2])
    whole = month_of(year, number)
    if whole is not None and number == (year + 1) % 100:
        return Moment(whole.edtf, year, year, "month", "a month, or two years that follow each other")
    return whole


def _masked_century(found: re.Match[str]) -> Moment:
    return century(int(found[1]) + 1)


def _masked_decade(found: re.Match[str]) -> Moment:
    return decade(int(found[1]) * 10)


_Reader = Callable[[re.Match[str]], Moment | None]
_FORMS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), reader)
    for pattern, reader in (
        (rf"{_Y}", _plain_year),
        (r"-(0[0-9]{3})", lambda m: year_of(-int(m[1])) if int(m[1]) else None),
        (rf"{_Y}-([0-9]{{2}})", _year_month),
        (rf"{_Y}[-/.]([0-9]{{1,2}})[-/.]([0-9]{{1,2}})(?:{_TIME})?", _year_first),
        # Databases write 00 for a day or a month that they do not know.
        (rf"{_Y}(?:-00-00|/00/00)", _plain_year),
        (rf"00[./-]00[./-]{_Y}", _plain_year),
        (rf"{_Y}([-/])([0-9]{{2}})[-/]00", lambda m: month_of(int(m[1]), int(m[3]))),
        (rf"{_Y}-?([0-9]{{2}})-?([0-9]{{2}})T[0-9:.,+Z-]+", _year_first),
        (rf"{_Y}([0-9]{{2}})([0-9]{{2}})", _year_first),
        (rf"([0-9]{{2}}){_MASK}{{2}}", _masked_century),
        (rf"([0-9]{{3}}){_MASK}", _masked_decade),
        # The Bibliothèque nationale de France writes a full stop for each figure that it does not know.
        (r"(1[0-9]|20)\.\.", _masked_century),
        (r"(1[0-9]{2}|20[0-2])\.", _masked_decade),
        # "1800s" is a century to one cataloguer and a decade to the next: the longer stretch holds both.
        (rf"(1[0-9]|0[0-9])00(?:['’]?s|{_ENDINGS})", _masked_century),
        (rf"([0-9]{{3}})0(?:['’]?s|er(?:\sjahren?)?|{_ENDINGS})", _masked_decade),
        (r"(?:the )?([0-9]{3})0(?:s)? decade", _masked_decade),
        (rf"(?:{DECADE_WORD})\s*([0-9]{{3}})0\.?", _masked_decade),
        (rf"{_DAY}\.\s?([01]?[0-9])\.\s?{_Y}", lambda m: day_of(int(m[3]), int(m[2]), int(m[1]))),
        (rf"([0-3]?[0-9])[/-]([0-3]?[0-9])[/-]{_Y}", _slashed),
        (
            # "5 x 1850" counts or measures.
            rf"{_DAY}(?!(?-i: x ))(?:[./ ]\s?([ivx]{{1,4}})[./ ]\s?|-([ivx]{{1,4}})-){_Y}",
            lambda m: day_of(int(m[4]), roman(m[2] or m[3]) or 0, int(m[1])),
        ),
        (rf"(0[1-9]|1[0-2])[/.]{_Y}", lambda m: month_of(int(m[2]), int(m[1]))),
        (
            rf"{_DAY}{_NTH}?[\s-]+(?:of\s+|de\s+|day of\s+)?{_NAME},?[\s-]+(?:del?\s+|of\s+)?{_Y}",
            lambda m: _named(m[3], m[2], m[1]),
        ),
        (rf"{_NAME}\s*{_DAY}(?:st|nd|rd|th)?(?:,\s*|\s+){_Y}", lambda m: _named(m[3], m[1], m[2])),
        (rf"{_Y},?\s+{_NAME}\s+{_DAY}(?:st|nd|rd|th)?", lambda m: _named(m[1], m[2], m[3])),
        (rf"{_NAME},?\s+(?:of\s+|de\s+|del\s+)?{_Y}", lambda m: _named(m[2], m[1])),
        (rf"{_Y},?\s+{_NAME}", lambda m: _named(m[1], m[2])),
        (rf"{_NAME}\s?[-–/]\s?{_NAME},?\s+(?:de\s+)?{_Y}", lambda m: _months(m[1], m[2], m[3])),
        (rf"{_Y},?\s+{_NAME}\s?[-–/]\s?{_NAME}", lambda m: _months(m[2], m[3], m[1])),
        (rf"{_DAY}\.?\s?[-–]\s?{_DAY}\.?\s+{_NAME},?\s+{_Y}", lambda m: _days(m[1], m[2], m[3], m[4])),
        (rf"{_NAME}\s+{_DAY}\s?[-–]\s?{_DAY},?\s+{_Y}", lambda m: _days(m[2], m[3], m[1], m[4])),
        # DACS 2.4 puts the year first: "1986 May 16-17".
        (rf"{_Y},?\s+{_NAME}\s+{_DAY}\s?[-–]\s?{_DAY}", lambda m: _days(m[3], m[4], m[2], m[1])),
        (
            rf"{_Y},?\s+{_NAME}\s+{_DAY}\s?[-–]\s?{_NAME}\s+{_DAY}",
            lambda m: _days_of_two(m[1], m[2], m[3], m[4], m[5]),
        ),
        (
            rf"{_NAME}\s+{_DAY}\s?[-–]\s?{_NAME}\s+{_DAY},?\s+{_Y}",
            lambda m: _days_of_two(m[5], m[1], m[2], m[3], m[4]),
        ),
        (
            rf"{_DAY}\.?\s+{_NAME}\s?[-–]\s?{_DAY}\.?\s+{_NAME},?\s+{_Y}",
            lambda m: _days_of_two(m[5], m[2], m[1], m[4], m[3]),
        ),
        (rf"(?:easter|christmas|michaelmas),?\s+{_Y}", _plain_year),
        (rf"([0-9]{{1,4}})\s*{BC}", lambda m: year_of(1 - int(m[1])) if int(m[1]) else None),
        # "year 120" and "en 120" may count a reign, or copies.
        (rf"(?!(?:in|en|r\.|(?:the )?year|år|jahr)\s*[0-9]{{3}}$)(?:{AD}|{_YEAR_WORD})\s*([0-9]{{3,4}})", _plain_year),
        (rf"(?:a\.?\s?d\.?|anno domini)\s*([0-9]{{1,2}})|([0-9]{{1,2}})\s*{AD}", lambda m: year_of(int(m[1] or m[2]))),
        (rf"([0-9]{{3,4}})\s*{AD}", _plain_year),
        (rf"{_Y}\s*(?:гг?\.|г|года?|r\.|roku|rok)", _plain_year),
        (
            (r"(?:(?:(?P<day>[0-3]?[0-9])(?:er)?\s+)?(?P<month>[^\W\d_]{6,11})\s+)?(?:l['’])?an\s+"
            r"(?P<year>[ivx]+|[0-9]{1,2})(?: de la r[ée]publique.*)?"),
            _republican,
        ),
        (rf"(?:{_ANNO}\s+)?(m[mdclxvi.\s]+)", _romans),
        (rf"(?:{_ANNO}\s+)?((?:c\s?i\s?[ɔↄ)]|\(i\)|ↀ)[mdclxvi()ɔↄↁ.\s]*)", _romans),
    )
)  # fmt: skip


def read_moment(text: str) -> Moment | None:
    """The moment a text names and nothing else; None where it does not."""
    for pattern, reader in _FORMS:
        found = pattern.fullmatch(text)
        moment = reader(found) if found else None
        if moment is not None:
            return moment
    return None
