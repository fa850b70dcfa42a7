"""Who made a thing, from a catalogue's heading: the name, its dates, role and authority.

Roles are MARC relators, https://id.loc.gov/vocabulary/relators.html.
"""

import re
from functools import lru_cache
from typing import TypedDict

from biglam_pipeline.fields.relators import CODES, code_of


class Creator(TypedDict):
    """One person or body as named in a record."""

    name: str
    name_raw: str
    role: str | None
    uri: str | None
    birth_year: int | None
    death_year: int | None


_URI = re.compile(r"[\s(<\[]*(https?://[^\s<>()\[\]]+)[)>\]]*\s*")
# A full stop before the years is a body's: "Great Britain. Parliament. 1832-1868" was not born.
_SPAN = re.compile(
    r"(?:,\s*|(?<!\.)\s+|[(\[]\s*)(?P<birth>[0-9]{3,4})\s*[-–]\s*(?P<death>[0-9]{3,4})?(?=[.,;\s)\]]|$)", re.IGNORECASE
)
_BEFORE_CHRIST = re.compile(
    r"[,\s(]+(?P<birth>[0-9]{1,3})\s*[-–]\s*(?P<death>[0-9]{1,3})\s*(?P<era>b\.?\s?c\.?)", re.IGNORECASE
)
# A capital is an initial: "Doe, Jane M. 1850" did not die then.
_BORN = re.compile(
    r"[,\s(]+(?:(?-i:[bnf]\.)|(?<=\()[bnf]\.|born|geb\.|geboren|née?|nar\.|narozen[aá]?|ur\.|urodz\.|född|født|nacid[oa]|nat[oa]|nascid[oa]|synt\.|род\.|р\.|\*)\s*(?P<birth>[0-9]{4})(?=[.,;\s)\]]|$)",
    re.IGNORECASE,
)
_DIED = re.compile(
    r"[,\s(]+(?:(?-i:[dm]\.)|(?<=\()[dm]\.|died|gest\.|gestorben|mort[oa]?|zm\.|zmarł[a]?|zemř\.|död|død|kuol\.|ум\.|†|-)\s?(?P<death>[0-9]{4})(?=[.,;\s)\]]|$)",
    re.IGNORECASE,
)
# A museum's label: "Vincent van Gogh (Dutch, 1853–1890)".
_LABEL = re.compile(r"\s*\([^()]*[0-9]{3,4}[^()]*\)")
# "fl. 1600-1620", "active 1850", "ca. 1490-1557", "1812?-1870": dates, but not years of birth and death for sure.
_VAGUE = re.compile(
    r"[,\s]*[(\[]?\b(?:(?:(?:b\.|d\.|born|died|geb\.|gest\.)\s*)?(?:fl\.|flourished|active|act\.|ca?\.|circa|approximately)\s*[0-9][^,)\]]*"
    r"|[0-9]{3,4}\?\s*-[^,)\]]*|[0-9]{3,4}\s*-\s*(?:ca?\.|circa|approximately)\s*[0-9]{3,4}"
    r"|[0-9]{3,4}\s*-\s*[0-9]{3,4}\?|(?:[0-9]{3,4}\s*-\s*)?[0-9]{3,4} or [0-9]{1,4}[^,)\]]*)[)\]]?"
    r"|[,;(\[]\s*[0-9]{1,2}(?:st|nd|rd|th) (?:century|cent\.?)(?:[)\]]|(?=[,;.]|$))",  # and not 20th Century Fox
    re.IGNORECASE,
)
_BETWEEN = re.compile(r"\s*[,;/&]\s*|\s+(?:and|und|et|y|e|og|och|en)\s+")
# A heading of name and title, as AACR2 21.30 and EEBO-TCP's headers have it: "Higden, Ranulf, d. 1364. Polycronicon."
_TITLE = re.compile(r"\.\s+[^\W\d_a-z][^,;\d]*$")
_MOST_ROLES = 8
_LONGEST = 400  # characters: what is longer is a paragraph in the wrong field
# Behind a comma, a full stop or years, or in brackets: Peter Drucker was no printer, and George Painter no painter.
_LAST_TERM = re.compile(
    r"(?:(?:[,;]\s*|(?<=[^\W_][0-9)\]>])\s*|\s*(?<=[0-9)\]>])[.,;]*\s+|\.\s+)(?P<role>[^\W\d_][^\d.,;()\[\]]{1,40})"
    r"|\s*[(\[](?P<inside>[^\W\d_][^\d()\[\]]{1,60})[)\]])\.?$"
)
_FIRST_TERM = re.compile(r"(?P<role>[^\W\d_][^:\d]{2,30}):\s+(?P<name>\S.*)")
# The authority file of the German-speaking libraries, as they write its numbers: (DE-588)118559230.
_GND = re.compile(r"[\s(\[]*\(DE-588\)\s*([0-9]{1,9}-?[0-9X])[)\]]*\s*")
# "Hayden, Edwin, 1811-1850; Jessop, Charles;" as CONTENTdm writes a list. Of two names whose years are these? And OJS
# writes "Elm, Ann; A University", which is no list: so the text stays whole.
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]")
_SEVERAL = re.compile(r"[;|]\s*[^\W\d_]")
_ANGLED = re.compile(r"<([^<>]*[0-9][^<>]*)>")  # SBN: Rossi, Mario <1850-1900>


def read_creator(raw: str, role: str | None = None) -> Creator:
    """A heading such as "Dickens, Charles, 1812-1870, author", apart; never an exception.

    Years only where they are said to be those of birth and death. The role is a relator code where it is known,
    else as given. The name keeps the catalogue's order.
    """
    return read_creators(raw, role)[0]


def read_creators(raw: str, role: str | None = None) -> list[Creator]:
    """The same once for each role of a heading that names several: "Dickens, Charles, 1812-1870, author, editor"."""
    name, own, uri, birth, death = _read(raw)
    roles: list[str | None] = [relator(role)] if role and role.strip() else [*own] or [None]
    return [Creator(name=name, name_raw=raw, role=one, uri=uri, birth_year=birth, death_year=death) for one in roles]


def relator(role: str) -> str:
    """ "aut" for "Author." and for "aut"; an unknown role as it is."""
    return code_of(role) or role.strip()


@lru_cache(maxsize=65_536)
def _read(raw: str) -> tuple[str, tuple[str, ...], str | None, int | None, int | None]:
    text = " ".join(raw.split())
    if len(text) > _LONGEST:
        return text, (), None, None, None
    address = _URI.search(text)
    uri = address[1].rstrip(".,;") if address else None
    text = _URI.sub(" ", text).strip() if address else text
    number = _GND.search(text)
    if number:
        uri, text = uri or f"https://d-nb.info/gnd/{number[1]}", _GND.sub(" ", text).strip()
    text = _ANGLED.sub(r"(\1)", text)
    whole, roles = text, list[str]()
    while len(roles) < _MOST_ROLES:
        text, found = _without_role(text)
        roles[:0] = found
        if not found:
            break
    if _names_several(text):
        return _tidy(whole), (), uri, None, None
    roles = roles or _roles_in_label(text)
    text, birth, death = _without_years(text)
    return _tidy(text) or " ".join(raw.split()), tuple(dict.fromkeys(roles)), uri, birth, death


def _names_several(text: str) -> bool:
    """ "Elm, A.; Oak, B."; and "Art & Language (Ian Burn, 1939-1993; Mel Ramsden, born 1944)", a workshop's members."""
    if _SEVERAL.search(_BRACKETED.sub("", text)):
        return True
    return ";" in text and sum(len(pattern.findall(text)) for pattern in (_SPAN, _BORN)) > 1


def _codes_of(words: str) -> list[str]:
    """Of "author and editor" both, where each is a role; else none."""
    codes = [code_of(one.strip()) for one in _BETWEEN.split(words)]
    return codes if all(codes) else []


def _without_role(text: str) -> tuple[str, list[str]]:
    first = _FIRST_TERM.fullmatch(text)
    codes = _codes_of(first["role"]) if first else []
    if first and codes:
        return first["name"], codes
    term = _LAST_TERM.search(text)
    word = (term["role"] or term["inside"]) if term else ""
    codes = _codes_of(word)
    if term is None or not codes or not text[: term.start()].strip(" ,"):
        return text, []
    short = word.casefold() in CODES or len(word.strip(". ")) < 4
    if short and not word.islower() and not term["inside"] and not re.search(r"[,0-9]", text[: term.start()]):
        return text, []  # "Ruscha, Ed" and "Lee, Ann" are persons, and their given names no abbreviation
    return text[: term.start()], codes


def _roles_in_label(text: str) -> list[str]:
    """ "Hall, John (engraver, 1739-1797)": what stands beside the years goes with them."""
    words = (part for label in _LABEL.findall(text) for part in re.split("[,;]", label.strip(" ()")))
    return [code for part in words for code in _codes_of(part)]


def _without_years(text: str) -> tuple[str, int | None, int | None]:
    if _VAGUE.search(text):
        return _VAGUE.sub("", text), None, None
    for pattern in (_BEFORE_CHRIST, _SPAN, _BORN, _DIED):
        found = pattern.search(text)
        if found is None:
            continue
        died = _DIED.match(text, found.end()) if pattern is _BORN else None
        years = found.groupdict() | (died.groupdict() if died else {})
        birth, death = (_year(years.get(end), bool(years.get("era"))) for end in ("birth", "death"))
        if birth is not None and death is not None and birth > death:
            birth = death = None
        begin, end = found.start(), (died or found).end()
        begin, end = next((m.span() for m in _LABEL.finditer(text) if m.start() <= begin < m.end()), (begin, end))
        return text[:begin] + _without_title(text[:begin], text[end:]), birth, death
    return text, None, None


def _without_title(name: str, behind: str) -> str:
    """What stands behind the years of a person and goes with the name: nothing, where it is the title of a work."""
    return "" if "," in name and _TITLE.match(behind) else behind


def _year(digits: str | None, before_christ: bool) -> int | None:
    if not digits:
        return None
    return 1 - int(digits) if before_christ else int(digits)


def _tidy(text: str) -> str:
    """Without the comma that the dates leave behind; "Smith, J." keeps the full stop of its initial."""
    bare = text.strip().rstrip(" ,;:/")
    if bare.endswith(".") and not re.search(r"\b\w\.$|\b(?:jr|sr|co|inc|ltd|st|mme|dr)\.$", bare, re.IGNORECASE):
        bare = bare.rstrip(".")
    return bare.rstrip(" ,;:/")
