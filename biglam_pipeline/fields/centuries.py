"""Which years does a century cover, or a cataloguer's part of one? In the languages of `date_words`.

Ordinals and the words for a half, a quarter, a third, beginning, middle and end are those of FreeDict (2022.04.21), in
the gender of "half" and "third"; 1st to 4th are written as each language abbreviates them, and beg., pocz., zač., нач.,
poł., пол., сер., кон. as catalogues do. Spanish and Portuguese count the beginnings and the middle in the plural
(principios, inícios, mediados, meados, fines, finales). Palaeographers put Latin behind:
s. XV in., med., ex., 1/2, 3/4. A word that is not here leaves the date unread.
"""

import re

from biglam_pipeline.fields.calendars import roman
from biglam_pipeline.fields.date_words import AD, BC, alternatives, compiled
from biglam_pipeline.fields.moments import DECADE_WORD, Moment, century, decade, read_moment, written

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
    "alkupuoli": (0, 49),
    "loppupuoli": (50, 99),
    "jälkipuoli": (50, 99),
    "jälkipuolisko": (50, 99),
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
1 | 1st | 1. | 1re | 1er | 1ère | 1-я | 1a | 1ª | 1º | première | erste | erstes | prima | primo | primera
primeira | primeiro | primer
eerste | første | första | ensimmäinen | pierwsza | pierwszy | první | первая | i
prima | primul
""")
_SECOND = alternatives("""
2 | 2nd | 2. | 2e | 2de | 2ème | 2nde | 2-я | 2a | 2ª | 2º | deuxième | seconde | zweite | zweites | seconda
secondo | segunda | segundo | tweede
anden | andre | andra | toinen | druga | drugi | druhá | вторая | ii
a doua | al doilea
""")
_THIRD = alternatives("""
3 | 3rd | 3. | 3e | 3ème | 3-я | 3a | 3ª | 3º | troisième | dritte | drittes | terza | terzo | tercera | tercer
terceira | derde | tredje
kolmas | trzecia | třetí | третья | iii
a treia | al treilea
""")
_LAST = alternatives("""
4 | 4th | 4. | 4e | 4ème | 4-я | 4a | 4ª | 4º | quatrième | vierte | viertes | last | letzte | letztes | dernier
dernière | ultima | ultimo
última | último | laatste | sidste | siste | sista | viimeinen | ostatnia | poslední | последняя | iv
al patrulea | ultimul
""")
_HALF = alternatives("""
hälfte | halfte | moitié | metà | mitad | metade | helft | halvdel | halvdelen | hälften | hälft | puolisko | połowa
poł. | polovina | pol. | половина | пол. | jumătate | jumătatea
""")
_QUARTER = alternatives("""
viertel | quart | quarto | quartel | cuarto | kwart | ćw. | čtvrt | fjerdedel | fjärdedel | kvartal | neljännes
ćwierć | čtvrtina | четверть | sfert
""")
_PART_OF_THREE = alternatives("""
drittel | tiers | terzo | tercio | terço | derde | tredjedel | kolmannes | tercja | třetina | треть | treime
""")
_EARLY = alternatives("""
beginning | start | beg. | early | tidlig | tidigt | tidiga | vroege | vroeg | inicios | comienzo | anfang
frühes | frühe | früher | in. | ineunte | début | inizio | inizi | principios | comienzos | início | inícios | begin
begyndelsen | begynnelsen | början | alku | początek | pocz. | začátek | počátek | zač. | начало | нач.
început | începutul | înc.
""")
_MIDDLE = alternatives("""
middle | mid. | mitt | mittes | med. | medio | mediante | mittleres | mitte | milieu | mediados | meados | midden
midt | midten | mitten | puoliväli | середина | сер.
mijlocul | mijl. | half
""")
_END = alternatives("""
end | late | sen | sena | sent | laat | ende | spätes | späte | später | kon. | finais | ex. | exeunte | fin
fine | finales | fines | final | fins | eind | einde | slutningen | slutten | slutet | slut | loppu | koniec
konec | конец | кон. | sfârșit | sfârşit | sfârșitul | sfârşitul | sf.
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
    r"(?:[0-9]{1,2}(?:\.|th|st|nd|rd|e|ème|de|ste|º|ª|-й|-го)?|[ivx]{1,5}\.?(?:e|ème|o)?|"
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
    r"(?:(?P<part>\S.{0,30}?)\s+)?(?:siglo|s\.|sec\.|secolo|século|séc\.|saec\.?|saeculum|wiek|w\.|secol(?:ul|ului)?|veacul(?:ui)?)"
    r"(?:\s*al\s|\s*)\s*(?P<number>[ivx]+)(?:-lea)?"
    rf"(?:,?\s*(?:(?P<bc>{BC})|{AD}))?",
    re.IGNORECASE,
)
_HUNDREDS = re.compile(
    r"(?:(?P<part>\S.{0,30}?)[\s-]+)?(?P<number>1[0-9])00(?:['’]?s|['’]?erne|-?tal(?:lets|ets|let|et|l|s)?|-luku|-luvulla|-luvulta|-luvun|-е)(?:\s*гг?\.)?",
    re.IGNORECASE,
)

_PLURAL = re.compile(
    r"(?:siglos|séculos|secoli|secc\.|ss\.|saec\.|saecc\.|s\.|sec\.|séc\.|siècles)\s*(?P<first>[ivx]+)\s*(?:[-–/]|\s[yeà]\s|\set\s)\s*(?P<last>[ivx]+)",
    re.IGNORECASE,
)
"""siglos XVI-XVII, secc. XVI-XVII, saec. XIV/XV."""
_BEHIND = compiled(
    r"(?P<whole>\S.*?)(?:,?\s+|,?\s*\(|(?=[\^¹²]))(?P<part>(?:(?:"
    + "|".join((_FIRST, _SECOND, _THIRD, _LAST))
    + rf")\s+)?(?:{_HALF}|{_QUARTER}|{_PART_OF_THREE}|{_EARLY}|{_MIDDLE}|{_END}|alkupuoli|loppupuoli"
    r"|jälkipuoli(?:sko)?)"
    r"|(?P<count>[1-4])/(?P<of>[234])|\^?[12]|[¹²])\)?"
)
"""1800-talets mitt, 1800-luvun alku, sec. XVI (prima metà), XVIII в., 2-я пол., s. XV ex., s. XV 2/2, s. XV^1."""
_DECADE_PART = re.compile(
    r"(?P<part>[^\W\d][^\d]{0,24}?|[1-4][^\W\d]{0,3}\.? [^\d]{3,20}?)[\s-]+"
    r"(?P<whole>(?:the )?[0-9]{3}0[^\W\d'’-].*|[0-9]{3}0['’-][^\d]+"
    rf"|(?:{DECADE_WORD})\s*[0-9]{{3}}0)",
    re.IGNORECASE,
)
_OF = {"2": "half", "3": "third", "4": "quarter"}
_NTH = ("", "first", "second", "third", "fourth")
_TEN = (
    re.compile(
        r"(?:lata|lat|anni|años|anos|années)\s+['’]?(?P<ten>[1-9]0)\.?\s+(?:del?\s+|del\s+siglo\s+|du\s+)?(?P<number>[ivx]+)e?\s*(?:w\.|wieku|s\.|secolo|siècle)?",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?P<ten>[1-9]0)(?:\.|-[её])\s*(?:léta|let|гг?\.|годы)\s+(?P<number>[0-9]{1,2}\.|[ivx]+)\s*(?:století|stol\.|в\.|века)",
        re.IGNORECASE,
    ),
)
"""The twenties of a century, where it is named: lata 20. XX w., 20. léta 20. století, 20-е гг. XX в."""

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
        return _cut(century(int(found["number"]) + 1), found["part"]) or _behind(text)
    found = _NUMBER_FIRST.fullmatch(text) or _WORD_FIRST.fullmatch(text)
    number = ordinal(found["number"]) if found else None
    moment = None
    if found and number and (number <= 21 or found["bc"]) and not _ABBREVIATION.search(text):
        moment = _cut(_before_christ(number) if found["bc"] else century(number), found["part"])
    return moment or _several(text) or _ten(text) or _part_of_decade(text) or _behind(text)


def _several(text: str) -> Moment | None:
    found = _PLURAL.fullmatch(text)
    first, last = (ordinal(found["first"]), ordinal(found["last"])) if found else (None, None)
    if first is None or last is None or not first < last <= 21:
        return None
    begin, finish = century(first), century(last)
    return Moment(f"{written(begin.start or 0)}/{written(finish.end or 0)}", begin.start, finish.end, "range")


def _ten(text: str) -> Moment | None:
    for pattern in _TEN:
        found = pattern.fullmatch(text)
        number = ordinal(found["number"]) if found else None
        if found is not None and number is not None and 2 <= number <= 21:
            return decade((number - 1) * 100 + int(found["ten"]))
    return None


def _behind(text: str) -> Moment | None:
    """A century or a decade with its part behind it."""
    found = _BEHIND.fullmatch(text)
    if found is None:
        return None
    part = found["part"].strip("^").replace("¹", "1").replace("²", "2")
    if found["of"]:
        part = f"{_NTH[int(found['count'])]} {_OF[found['of']]}" if found["count"] <= found["of"] else ""
    elif part in ("1", "2"):
        part = f"{_NTH[int(part)]} half"
    whole = read_century(found["whole"]) or read_moment(found["whole"])
    return _cut(whole, part) if whole is not None and _is_uncut(whole) else None


def _part_of_decade(text: str) -> Moment | None:
    """mid-1850s, Anfang der 1920er Jahre."""
    found = _DECADE_PART.fullmatch(text)
    whole = read_moment(found["whole"]) if found else None
    return _cut(whole, found["part"]) if found and whole is not None and whole.precision == "decade" else None


def _is_uncut(whole: Moment) -> bool:
    years = (whole.end or 0) - (whole.start or 0)
    return (whole.precision, years) in (("century", 99), ("decade", 9))


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
    tenth = 10 if whole.precision == "decade" else 1
    first, last = whole.start + part[0] // tenth, whole.start + part[1] // tenth
    if tenth == 10:
        return Moment(whole.edtf, first + (part[0] % 10 > 3), last, "decade")
    if "X" in whole.edtf:
        return Moment(whole.edtf, first, last, "century")
    return Moment(f"{written(first)}/{written(last)}", first, last, "century")


def _part(words: str) -> tuple[int, int] | None:
    part = words.casefold().strip()
    part = re.sub(r"-\s+(?=to\s)", " ", part)  # "mid- to late"
    part = re.sub(
        r"\s*(?:(?<!\w)(?:of the|of|des|der|du|de los|dos|degli|de la|de|del"
        r"|della|dello|do|van de|van het|af det|af|av|the|ale|al|a)|-)\s*$",
        "",
        part,
    ).strip()
    for pattern, same in _SAME_PART:
        part = pattern.sub(same, part)
    return _PARTS.get("second half" if part == "fourth half" else part)  # "last" was read as fourth
