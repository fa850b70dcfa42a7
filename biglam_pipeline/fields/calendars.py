"""Months, seasons, Roman numerals, Republican and other years: what stands for a number in a date."""

import re
import unicodedata
from datetime import date, timedelta

_MONTH_NAMES = """
january jan januar jänner janner janvier janv enero ene gennaio gen januari janeiro tammikuu tammikuuta styczeń
stycznia ianuarie leden ledna январь января янв |
february feb februar februarius február février fevrier fév fevr févr fév febrero febbraio febbr februari
fevereiro fev februarie helmikuu helmikuuta luty lutego únor února февраль февраля февр фев |
march mar martie märz marz mrz mars marzo maart mrt março marco marts maaliskuu maaliskuuta marzec marca březen března
март марта мар |
april apr aprilie avril avr abril abr aprile huhtikuu huhtikuuta kwiecień kwietnia duben dubna апрель апреля апр |
may mai mayo maggio magg mag mei maio maj toukokuu toukokuuta maja květen května май мая |
june jun iunie juni juin junio giugno giu junho kesäkuu kesäkuuta czerwiec czerwca červen června июнь июня июн |
july jul iulie juli juillet juil julio luglio lug julho heinäkuu heinäkuuta lipiec lipca červenec července июль июля
июл |
august aug août aout agosto ago agustus augustus augusti elokuu elokuuta sierpień sierpnia srpen srpna август
августа авг |
september sep sept septembre septiembre setiembre settembre set sett setembro septembrie syyskuu syyskuuta wrzesień
września září сентябрь сентября сент сен |
october oct oktober okt octobre octubre ottobre ott outubro out octombrie lokakuu lokakuuta październik października
říjen října октябрь октября окт |
november nov novembre noviembre novembro noiembrie marraskuu marraskuuta listopad listopada listopadu ноябрь ноября нояб
ноя |
december dec dezember dez décembre déc diciembre dic dicembre desember dezembro decembrie joulukuu joulukuuta grudzień
grudnia prosinec prosince декабрь декабря дек
"""

MONTHS = {name: number for number, names in enumerate(_MONTH_NAMES.split("|"), 1) for name in names.split()}
"""Month names and their short forms in the fifteen languages of `date_words` -> 1-12.

By Unicode CLDR (Babel 2.18: wide and abbreviated, in sentences and alone), without the short forms of Finnish, Polish
and Czech that are words too (pro, dub, lip, kesä). CLDR has not: spellings without accents (fevrier, aout, marco,
janner), older short forms (fév, febbr, magg, sett, mrz, сен, ноя, фев), setiembre, and Latin februarius.

`listopad` is November in Polish and Czech; Croatian, which means October by it, is not among the languages.
"""

_SEASON_NAMES = """
spring frühling frühjahr printemps primavera lente voorjaar forår vår våren kevät wiosna jaro весна весной |
summer sommer été verano estate verão zomer sommeren sommar sommaren kesä lato léto лето летом |
autumn fall herbst automne otoño autunno outono herfst najaar efterår høst hösten höst syksy jesień podzim осень
осенью |
winter hiver invierno inverno vinter vinteren vintern talvi zima зима зимой
"""
SEASONS = {name: number for number, names in enumerate(_SEASON_NAMES.split("|"), 21) for name in names.split()}
"""Seasons -> 21 to 24, as EDTF level 1 numbers them, whatever the hemisphere; the words by FreeDict, with the article
that Scandinavian words end in and the Russian case of "in spring"."""

# The day a year of the French Republic began, by year: always in September, of 1791 + the year.
_REPUBLICAN_DAYS = (22, 22, 22, 23, 22, 22, 22, 23, 23, 23, 23, 24, 23, 23)
_REPUBLICAN_MONTHS = (
    *("vendémiaire", "brumaire", "frimaire", "nivôse", "pluviôse", "ventôse", "germinal", "floréal", "prairial"),
    *("messidor", "thermidor", "fructidor"),
)

_ROMAN = re.compile(r"M{0,3}(?:CM|CD|D?C{0,4})(?:XC|XL|L?X{0,4})(?:IX|IV|V?I{0,4})", re.IGNORECASE)
# The apostrophus of printers: CIƆ or (I) for M, IƆ or I) for D.
_THOUSAND, _FIVE_HUNDRED = re.compile(r"CI[ƆↃ)]|\(I\)|ↀ"), re.compile(r"I[ƆↃ)]|ↁ")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}


def roman(numeral: str) -> int | None:
    """1827 for "M.DCCC.XXVII."; None for what is no numeral. Printers' IIII, XXXX and CIƆ count too."""
    letters = re.sub(r"[.\s]", "", numeral).upper()
    letters = _THOUSAND.sub("M", letters)
    letters = _FIVE_HUNDRED.sub("D", letters)
    if not letters or not _ROMAN.fullmatch(letters):
        return None
    values = [_VALUES[letter] for letter in letters]
    after = [*values[1:], 0]
    return sum(-value if value < following else value for value, following in zip(values, after, strict=True))


def _name(word: str) -> str:
    return unicodedata.normalize("NFC", word).casefold().rstrip(".")


def month(name: str) -> int | None:
    """1 to 12; None for a word that is no month."""
    return MONTHS.get(_name(name))


def season(name: str) -> int | None:
    """21 (spring) to 24 (winter); None for a word that is no season."""
    return SEASONS.get(_name(name))


def republican_year(year: int) -> tuple[date, date] | None:
    """First and last day of a year of the French Republic, which ended on the last day of 1805."""
    if not 1 <= year <= len(_REPUBLICAN_DAYS):
        return None
    first = date(1791 + year, 9, _REPUBLICAN_DAYS[year - 1])
    if year == len(_REPUBLICAN_DAYS):
        return first, date(1805, 12, 31)
    return first, date.fromordinal(date(1792 + year, 9, _REPUBLICAN_DAYS[year]).toordinal() - 1)


def republican_day(day: int, name: str, year: int) -> date | None:
    """The day of "18 brumaire an VIII": twelve months of thirty days; None for what the calendar does not have."""
    plain = unicodedata.normalize("NFC", name).casefold().replace("pluviose", "pluviôse").replace("nivose", "nivôse")
    plain = plain.replace("vendemiaire", "vendémiaire").replace("ventose", "ventôse").replace("floreal", "floréal")
    days = republican_year(year)
    if days is None or plain not in _REPUBLICAN_MONTHS or not 1 <= day <= 30:
        return None
    found = days[0] + timedelta(30 * _REPUBLICAN_MONTHS.index(plain) + day - 1)
    return found if found <= days[1] else None


def is_same_year(other: int, gregorian: int) -> bool:
    """True where the first is the second in the Hebrew, Islamic, Persian or Buddhist count.

    AACR2 1.4F1 and RDA 2.8.6.4: `5730 [1969 or 1970]`, `1394 [1974]`: as it stands, then ours in square brackets.
    """
    hijri = 622 + other * 354.367 / 365.2422
    return other - gregorian in (3760, 3761, 543) or gregorian - other in (621, 622) or abs(hijri - gregorian) < 1.5
