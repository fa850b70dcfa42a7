"""Months, Roman numerals and Republican years: what stands for a number in a date."""

import re
import unicodedata
from datetime import date

_MONTH_NAMES = """
january jan januar jänner janner janvier janv enero ene gennaio gen januari janeiro
february feb februar februarius février fevrier fév fevr févr fev febrero febbraio februari fevereiro
march mar märz marz mrz mars marzo maart mrt março marco
april apr avril avr abril abr aprile
may mai mayo maggio mag mei maio
june jun juni juin junio giugno giu junho
july jul juli juillet juil julio luglio lug julho
august aug août aout agosto ago agustus augustus
september sep sept septembre septiembre settembre set setembro
october oct oktober okt octobre octubre ottobre ott outubro
november nov novembre noviembre novembro
december dec dezember dez décembre déc diciembre dic dicembre desember dezembro
"""

MONTHS = {name: number for number, line in enumerate(_MONTH_NAMES.split("\n")) for name in line.split()}
"""Month names and their short forms in English, German, French, Spanish, Italian, Dutch and Portuguese -> 1-12."""

# The day a year of the French Republic began, by year: always in September, of 1791 + the year.
_REPUBLICAN_DAYS = (22, 22, 22, 23, 22, 22, 22, 23, 23, 23, 23, 24, 23, 23)

_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,4})(?:XC|XL|L?X{0,4})(?:IX|IV|V?I{0,4})", re.IGNORECASE)
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def roman(numeral: str) -> int | None:
    """1827 for "M.DCCC.XXVII."; None for what is no numeral. Printers' IIII and XXXX count too."""
    letters = re.sub(r"[.\s]", "", numeral).upper()
    if not letters or not _ROMAN.fullmatch(letters):
        return None
    values = [_VALUES[letter] for letter in letters]
    after = [*values[1:], 0]
    return sum(-value if value < following else value for value, following in zip(values, after, strict=True))


def month(name: str) -> int | None:
    """1 to 12; None for a word that is no month."""
    return MONTHS.get(unicodedata.normalize("NFC", name).casefold().rstrip("."))


def republican_year(year: int) -> tuple[date, date] | None:
    """First and last day of a year of the French Republic, which ended on the last day of 1805."""
    if not 1 <= year <= len(_REPUBLICAN_DAYS):
        return None
    first = date(1791 + year, 9, _REPUBLICAN_DAYS[year - 1])
    if year == len(_REPUBLICAN_DAYS):
        return first, date(1805, 12, 31)
    return first, date.fromordinal(date(1792 + year, 9, _REPUBLICAN_DAYS[year]).toordinal() - 1)
