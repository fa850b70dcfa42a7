"""Who made a thing, from a catalogue's heading: the name, its dates, role and authority.

Roles are MARC relators, https://id.loc.gov/vocabulary/relators.html.
"""

import re
from functools import lru_cache
from typing import TypedDict


class Creator(TypedDict):
    """One person or body as named in a record."""

    name: str
    name_raw: str
    role: str | None
    uri: str | None
    birth_year: int | None
    death_year: int | None


_RELATORS = {
    "architect": "arc", "artist": "art", "author": "aut", "bookseller": "bsl", "cartographer": "ctg",
    "collector": "col", "compiler": "com", "composer": "cmp", "contributor": "ctb", "creator": "cre",
    "editor": "edt", "engraver": "egr", "etcher": "etr", "illustrator": "ill", "lithographer": "ltg",
    "painter": "art", "photographer": "pht", "printer": "prt", "printmaker": "prm", "publisher": "pbl",
    "scribe": "scr", "sculptor": "scl", "surveyor": "srv", "translator": "trl", "writer": "aut",
    "auteur": "aut", "autor": "aut", "verfasser": "aut", "herausgeber": "edt", "traducteur": "trl",
    "übersetzer": "trl", "drucker": "prt", "imprimeur": "prt", "fotograf": "pht", "photographe": "pht",
    "ed": "edt", "editeur": "pbl", "éditeur": "pbl", "ill": "ill", "trans": "trl", "tr": "trl",
}  # fmt: skip
_CODES = frozenset(_RELATORS.values())

_URI = re.compile(r"[\s(<\[]*(https?://[^\s<>()\[\]]+)[)>\]]*\s*")
# A full stop before the years is a body's: "Great Britain. Parliament. 1832-1868" was not born.
_SPAN = re.compile(
    r"(?:,\s*|(?<!\.)\s+|[(\[]\s*)(?P<birth>[0-9]{3,4})\s*[-–]\s*(?P<death>[0-9]{3,4})?(?=[.,;\s)\]]|$)", re.IGNORECASE
)
_BEFORE_CHRIST = re.compile(
    r"[,\s(]+(?P<birth>[0-9]{1,3})\s*[-–]\s*(?P<death>[0-9]{1,3})\s*(?P<era>b\.?\s?c\.?)", re.IGNORECASE
)
_BORN = re.compile(r"[,\s(]+(?:b\.|born|geb\.|née?|n\.|\*)\s*(?P<birth>[0-9]{4})(?=[.,;\s)\]]|$)", re.IGNORECASE)
_DIED = re.compile(r"[,\s(]+(?:d\.|died|gest\.|†|-)\s?(?P<death>[0-9]{4})(?=[.,;\s)\]]|$)", re.IGNORECASE)
# A museum's label: "Vincent van Gogh (Dutch, 1853–1890)".
_LABEL = re.compile(r"\s*\([^()]*[0-9]{3,4}[^()]*\)")
# "fl. 1600-1620", "active 1850", "ca. 1490-1557", "1812?-1870": dates, but not years of birth and death for sure.
_VAGUE = re.compile(
    r"[,\s]*[(\[]?\b(?:(?:fl\.|flourished|active|act\.|ca?\.|circa|approximately)\s*[0-9][^,)\]]*"
    r"|[0-9]{3,4}\?\s*-[^,)\]]*|[0-9]{3,4}\s*-\s*(?:ca?\.|circa|approximately)\s*[0-9]{3,4}"
    r"|[0-9]{3,4}\s*-\s*[0-9]{3,4}\?|[0-9]{1,2}(?:st|nd|rd|th) (?:century|cent\.?))[)\]]?",
    re.IGNORECASE,
)
_LONGEST = 400  # characters: what is longer is a paragraph in the wrong field
_LAST_TERM = re.compile(r"[,\s]+[(\[]?(?P<role>[^\W\d_]+)\.?[)\]]?$")


def read_creator(raw: str, role: str | None = None) -> Creator:
    """A heading such as "Dickens, Charles, 1812-1870, author", apart; never an exception.

    Years only where they are said to be those of birth and death. The role is a relator code where it is known,
    else as given. The name keeps the catalogue's order.
    """
    name, own_role, uri, birth, death = _read(raw)
    return Creator(
        name=name,
        name_raw=raw,
        role=relator(role) if role and role.strip() else own_role,
        uri=uri,
        birth_year=birth,
        death_year=death,
    )


def relator(role: str) -> str:
    """ "aut" for "Author." and for "aut"; an unknown role as it is."""
    term = role.strip().strip(".,;:()[]").casefold()
    return term if term in _CODES else _RELATORS.get(term, role.strip())


@lru_cache(maxsize=65_536)
def _read(raw: str) -> tuple[str, str | None, str | None, int | None, int | None]:
    text = " ".join(raw.split())
    if len(text) > _LONGEST:
        return text, None, None, None, None
    address = _URI.search(text)
    uri = address[1].rstrip(".,;") if address else None
    text = _URI.sub(" ", text).strip() if address else text
    text, role = _without_role(text)
    text, birth, death = _without_years(text)
    return _tidy(text) or " ".join(raw.split()), role, uri, birth, death


def _without_role(text: str) -> tuple[str, str | None]:
    term = _LAST_TERM.search(text)
    code = _RELATORS.get(term["role"].casefold()) if term else None
    if term is None or code is None or not text[: term.start()].strip(" ,"):
        return text, None
    return text[: term.start()], code


def _without_years(text: str) -> tuple[str, int | None, int | None]:
    if _VAGUE.search(text):
        return _VAGUE.sub("", text), None, None
    for pattern in (_BEFORE_CHRIST, _SPAN, _BORN, _DIED):
        found = pattern.search(text)
        if found is None:
            continue
        years = found.groupdict()
        birth, death = (_year(years.get(end), bool(years.get("era"))) for end in ("birth", "death"))
        if birth is not None and death is not None and birth > death:
            birth = death = None
        label = next((m for m in _LABEL.finditer(text) if m.start() <= found.start() < m.end()), found)
        return text[: label.start()] + text[label.end() :], birth, death
    return text, None, None


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
