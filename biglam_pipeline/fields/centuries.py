"""Which years does a century cover, or a cataloguer's part of one? In the languages of `date_words`.

Ordinals and the words for a half, a quarter, a third, beginning, middle and end are those of FreeDict (2022.04.21), in
the gender of "half" and "third"; 1st to 4th are written as each language abbreviates them, and beg., pocz., zač., нач.,
poł., пол., сер., кон. as catalogues do. Spanish and Portuguese count the beginnings and the middle in the plural
(principios, inícios, mediados, meados, fines, finales). A word that is not here leaves the date unread.
"""

import re

from biglam_pipeline.fields.calendars import roman
from biglam_pipeline.fields.date_words import AD, BC, alternatives, compiled
from biglam_pipeline.fields.moments import Moment, century, written

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
    "middle third": (34, 66),
    "fourth third": (67, 99),
    "early/mid": (0, 66),
    "early to mid": (0, 66),
    "early - mid": (0, 66),
    "mid/late": (34, 99),
    "mid to late": (34, 99),
    "mid - late": (34, 99),
}
_FIRST = alternatives("""
1st | 1. | 1re | 1ère | 1-я | 1a | première | erste | erstes | prima | primo | primera | primeira | primeiro | primer
eerste | første | första | ensimmäinen | pierwsza | pierwszy | první | первая | i
""")
_SECOND = alternatives("""
2nd | 2. | 2e | 2de | 2-я | 2a | deuxième | seconde | zweite | zweites | seconda | secondo | segunda | segundo | tweede
anden | andre | andra | toinen | druga | drugi | druhá | вторая | ii
""")
_THIRD = alternatives("""
3rd | 3. | 3e | 3-я | 3a | troisième | dritte | drittes | terza | terzo | tercera | tercer | terceira | derde | tredje
kolmas | trzecia | třetí | третья | iii
""")
_LAST = alternatives("""
4th | 4. | 4e | 4-я | 4a | quatrième | vierte | viertes | last | letzte | letztes | dernier | dernière | ultima | ultimo
última | último | laatste | sidste | siste | sista | viimeinen | ostatnia | poslední | последняя | iv
""")
_HALF = alternatives("""
hälfte | halfte | moitié | metà | mitad | metade | helft | halvdel | halvdelen | hälften | hälft | puolisko | połowa
poł. | polovina | pol. | половина | пол.
""")
_QUARTER = alternatives("""
viertel | quart | quarto | cuarto | kwart | fjerdedel | fjärdedel | kvartal | neljännes | ćwierć | čtvrtina | четверть
""")
_PART_OF_THREE = alternatives("""
drittel | tiers | terzo | tercio | terço | derde | tredjedel | kolmannes | tercja | třetina | треть
""")
_EARLY = alternatives("""
beginning | start | beg. | anfang | début | inizio | inizi | principios | comienzos | início | inícios | begin
begyndelsen | begynnelsen | början | alku | początek | pocz. | začátek | počátek | zač. | начало | нач.
""")
_MIDDLE = alternatives("""
middle | mid. | mitte | milieu | mediados | meados | midden | midt | midten | mitten | puoliväli | середина | сер.
half
""")
_END = alternatives("""
end | ende | fin | fine | finales | fines | final | fins | eind | einde | slutningen | slutten | slutet | loppu | koniec
konec | конец | кон.
""")
# Each is tried once, in this order, on the words before "century".
_SAME_PART = (
    (compiled(rf"^(?:{_FIRST})\s"), "first "),
    (compiled(rf"^(?:{_SECOND})\s"), "second "),
    (compiled(rf"^(?:{_THIRD})\s"), "third "),
    (compiled(rf"^(?:{_LAST})\s"), "fourth "),
    (compiled(rf"(?<!\w)(?:{_HALF})(?!\w)"), "half"),
    (compiled(rf"(?<!\w)(?:{_QUARTER})(?!\w)"), "quarter"),
    (compiled(rf"(?<=\s)(?:{_PART_OF_THREE})(?!\w)"), "third"),
    (compiled(rf"^(?:{_EARLY})$"), "early"),
    (compiled(rf"^(?:{_MIDDLE})$"), "mid"),
    (compiled(rf"^(?:{_END})$"), "late"),
)

_ORDINAL = (
    r"(?:[0-9]{1,2}(?:\.|th|st|nd|rd|e|ème|º|ª|-й|-го)?|[ivx]{1,5}\.?(?:e|ème|o)?|"
    + "|".join(sorted(_WORD_NUMBERS, reverse=True))
    + ")"
)
_WORD = (
    r"(?:century|centuries|cent\.?|c\.|jahrhunderts?|jhdts?\.?|jhd\.?|jhs?\.?|siècles?|siecles?|s\.|siglo|sec\.|secolo|século"
    r"|séc\.|eeuw|århundrede|århundre|århundradet|århundrade|årh\.|vuosisata|wieku|wiek|w\.|století|stol\.|st\."
    r"|веке|века|век|вв\.|в\.)"
)
_NUMBER_FIRST = re.compile(
    rf"(?:(?P<part>\S.{{0,30}}?)[\s-]+)?(?P<number>{_ORDINAL})\s*{_WORD}(?:,?\s*(?:(?P<bc>{BC})|{AD}))?",
    re.IGNORECASE,
)
_WORD_FIRST = re.compile(
    r"(?:(?P<part>\S.{0,30}?)\s+)?(?:siglo|s\.|sec\.|secolo|século|séc\.|saec\.?|saeculum|wiek|w\.)\s*(?P<number>[ivx]+)"
    rf"(?:,?\s*(?:(?P<bc>{BC})|{AD}))?",
    re.IGNORECASE,
)
_HUNDREDS = re.compile(
    r"(?:(?P<part>\S.{0,30}?)[\s-]+)?(?P<number>1[0-9])00(?:['’]?s|-tal(?:et|let|s)?|-luku|-luvulla|-luvun|-е)(?:\s*гг?\.)?",
    re.IGNORECASE,
)

# "s.v.", "v. c." abbreviate words, and "15 s." counts pages: one small letter, or a bare figure, is no century.
_ABBREVIATION = re.compile(
    r"(?<![^\W\d_])(?:[ivx]\.?\s*[a-zA-Z]\.?$|[a-zA-Z]\.\s*[ivx]\.?$|[IVX]\.[A-Z]\.?$|[0-9]\s+(?:s|st|w)\.?$)"
)


def ordinal(words: str) -> int | None:
    """19 for "19th", "19.", "XIXe", "nineteenth"; a century, so 1 to 30."""
    plain = words.casefold().rstrip(". ")
    if plain in _WORD_NUMBERS:
        return _WORD_NUMBERS.index(plain) + 1
    digits = re.match(r"[0-9]{1,2}", plain)
    number = int(digits[0]) if digits else roman(re.sub(r"(?:e|ème|eme|o|th)$", "", plain))
    return number if number and 1 <= number <= 30 else None


def read_century(text: str) -> Moment | None:
    """A century, or a known part of one, and nothing else: "2. Hälfte 19. Jh.", "fin XIXe s.", "1800-tallet"."""
    found = _HUNDREDS.fullmatch(text)
    if found:
        return _cut(century(int(found["number"]) + 1), found["part"])
    found = _NUMBER_FIRST.fullmatch(text) or _WORD_FIRST.fullmatch(text)
    number = ordinal(found["number"]) if found else None
    if found is None or number is None or (number > 21 and not found["bc"]) or _ABBREVIATION.search(text):
        return None
    return _cut(_before_christ(number) if found["bc"] else century(number), found["part"])


def _before_christ(number: int) -> Moment:
    """The 5th century B.C.: 500 to 401 B.C.; year 0 is 1 B.C. Its parts count forward, as time does."""
    first = 1 - 100 * number
    return Moment(f"{written(first)}/{written(first + 99)}", first, first + 99, "century")


def _cut(whole: Moment, words: str | None) -> Moment | None:
    """That part of a century; None for words that name no part."""
    if not words:
        return whole
    part = _part(words)
    if part is None or whole.start is None:
        return None
    first, last = whole.start + part[0], whole.start + part[1]
    if "X" in whole.edtf:
        return Moment(whole.edtf, first, last, "century")
    return Moment(f"{written(first)}/{written(last)}", first, last, "century")


def _part(words: str) -> tuple[int, int] | None:
    part = words.casefold().strip()
    part = re.sub(
        r"\s*(?:of the|of|des|der|du|de la|del|della|dello|do|van de|van het|af det|af|av|the|-)\s*$", "", part
    ).strip()
    for pattern, same in _SAME_PART:
        part = pattern.sub(same, part)
    return _PARTS.get("second half" if part == "fourth half" else part)  # "last" was read as fourth
