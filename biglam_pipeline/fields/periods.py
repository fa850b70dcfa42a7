"""Which years does a period of history cover, where its name stands before them? As in "Edo period (1615–1868)".

Museums date the art of China, Japan, Egypt and India by reigns and dynasties, and put the years in brackets behind (the
Met, Cleveland, the V&A, Guimet, the museums in Berlin; CDWA 4.3), and mean a thing of those years: the Met's own
columns have 1368 and 1644 beside "Ming dynasty (1368–1644)". The name has to be one: "copy of a Ming dynasty vase
(1368–1644)" is no date of the copy, and "Probably Ming dynasty" is not sure. What stands behind the brackets is finer,
and counts where the period holds it: "Edo period (1615–1868), ca. 1790". Years of a reign ("Meiji 20") stay unread.
"""

import re
from collections.abc import Callable

from biglam_pipeline.fields.date_words import LOOKS_DATED
from biglam_pipeline.fields.moments import Moment, written

_NAME = r"[^\W\d_a-zß-ÿ][\w'’]*"
_PART = r"(?:[Ee]arly|[Mm]id(?:dle)?|[Ll]ate)[ -]"
_PERIOD = re.compile(
    rf"(?:{_PART})?(?P<name>(?:{_NAME}[ -]){{1,3}}"
    r"(?:[Pp]eriod|[Dd]ynasty|[Ee]ra|[Rr]eign|Kingdom|Zeit|zeit|Dynastie|Ära)"
    r"|(?:[Dd]ynastie|[ÉéEe]poque|[Pp]ériode|[Dd]inast[ií]a|[ÉéEe]poca|[Pp]er[ií]odo)(?: des?| d['’]| di)? ?"
    rf"{_NAME}(?: {_NAME})?)"
    r"\s*[(\[](?P<years>[^()\[\]]*[0-9][^()\[\]]*)[)\]](?:\s*,\s*(?P<finer>.+))?"
)
_EARLY_YEARS = re.compile(r"([0-9]{3,4})\s*[-–]\s*([0-9]{3,4})")
"""Of three figures too: behind the name of a period they count nothing else."""


def read_period(text: str, read: Callable[[str], Moment | None]) -> Moment | None:
    """The years of a named period, or the finer date behind them; None for all else, and where the two do not agree.

    read: reads a date or a range.
    """
    found = _PERIOD.fullmatch(text)
    if found is None or LOOKS_DATED.search(found["name"]):
        return None
    whole = read(found["years"]) or _early(found["years"])
    if whole is None or found["finer"] is None:
        return whole
    finer = read(found["finer"])
    return finer if finer is not None and _holds(whole, finer) else None


def _early(years: str) -> Moment | None:
    found = _EARLY_YEARS.fullmatch(years.strip())
    first, last = (int(found[1]), int(found[2])) if found else (0, 0)
    return Moment(f"{written(first)}/{written(last)}", first, last, "range") if first < last else None


def _holds(whole: Moment, finer: Moment) -> bool:
    """Whether some of its years are years of the period: a century may reach beyond it."""
    bounds = (whole.start, whole.end, finer.start, finer.end)
    if any(year is None for year in bounds):
        return False
    begin, end, first, last = (year or 0 for year in bounds)
    return first <= end and last >= begin
