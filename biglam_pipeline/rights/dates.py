"""Dates inside rights statements: the last day that the words can mean, so that doubt closes.

Names of months from Unicode's CLDR, the first letters of which tell them apart in each language.
"""

import re
from calendar import monthrange
from collections.abc import Sequence
from contextlib import suppress
from datetime import date

from biglam_pipeline.rights.folding import Token, plain

_MONTHS = {
    plain(name): number
    for number, names in enumerate(
        (
            "january jan januar janvier enero ene gennaio janeiro januari tammikuuta stycznia ledna января",
            "february feb februar février febrero febbraio fevereiro februari helmikuuta lutego února февраля",
            "march mar märz mars marzo março maart marts maaliskuuta marca března марта",
            "april apr avril abril aprile huhtikuuta kwietnia dubna апреля",
            "may mai mayo maggio maio mei maj toukokuuta maja května мая",
            "june jun juni juin junio giugno junho kesäkuuta czerwca června июня",
            "july jul juli juillet julio luglio julho heinäkuuta lipca července июля",
            "august aug août agosto augustus augusti elokuuta sierpnia srpna августа",
            "september sep sept septembre septiembre settembre setembro syyskuuta września září сентября",
            "october oct oktober octobre octubre ottobre outubro okt lokakuuta października října октября",
            "november nov novembre noviembre novembro marraskuuta listopada listopadu ноября",
            "december dec dezember décembre diciembre dicembre dezembro desember joulukuuta grudnia prosince декабря",
        ),
        start=1,
    )
    for name in names.split()
}
_BETWEEN_WORDS = "de do of the den le el il st nd rd th er año year"
_BETWEEN = frozenset(map(plain, _BETWEEN_WORDS.split()))
# https://guidelines.openaire.eu/en/latest/literature/field_embargoenddate.html
_END_OF_EMBARGO = re.compile(r"info:eu-repo/date/embargoend/(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.IGNORECASE)


def take_end_of_embargo(text: str) -> tuple[list[date], str]:
    """The dates of `info:eu-repo/date/embargoEnd/` in a text, and the text without them."""
    days = [_last_day([int(part) for part in found.groups() if part]) for found in _END_OF_EMBARGO.finditer(text)]
    return [day for day in days if day], _END_OF_EMBARGO.sub(" ", text)


def date_at(words: Sequence[Token], start: int) -> tuple[date | None, int]:
    """The last day of the date that begins at a token, and the index behind it; (None, start) where there is none.

    At most six tokens are looked at. Where day and month cannot be told apart the later day is taken.
    """
    numbers: list[int] = []
    month, end = None, start
    for index in range(start, min(start + 6, len(words))):
        word = words[index].word
        if index > start and words[index].first:
            break
        if word.replace(".", "").isdigit():
            numbers += [int(part) for part in word.split(".") if part]
            end = index + 1
        elif word in _MONTHS and month is None:
            month, end = _MONTHS[word], index + 1
        elif word not in _BETWEEN:
            break
    day = _day(numbers, month)
    return (day, end) if day else (None, start)


def _day(numbers: list[int], month: int | None) -> date | None:
    years = [number for number in numbers if 1000 <= number <= 9999]
    if len(years) != 1 or len(numbers) > 3:
        return None
    rest = [number for number in numbers if number != years[0]]
    if month is not None:
        return _last_day([years[0], month, *rest]) if len(rest) <= 1 else None
    if len(rest) == 2 and numbers[0] != years[0]:
        either = [_last_day([years[0], *rest]), _last_day([years[0], *reversed(rest)])]
        return max((day for day in either if day), default=None)
    return _last_day([years[0], *rest])


def _last_day(parts: list[int]) -> date | None:
    """The last day of a year, a month, or a day itself; None where the calendar has none."""
    year, month, day = (*parts, None, None)[:3]
    with suppress(ValueError, TypeError):
        if month is None:
            return date(year or 0, 12, 31)
        return date(year or 0, month, day or monthrange(year or 0, month)[1])
    return None
