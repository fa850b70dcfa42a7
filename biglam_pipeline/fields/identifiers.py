"""Which scheme an identifier belongs to, in one form for each scheme, so that records of two sources meet."""

import re
from collections.abc import Callable
from typing import TypedDict
from urllib.parse import unquote


class Identifier(TypedDict):
    """scheme: ark, doi, isbn, issn, oclc, lccn, ppn, handle, viaf, wikidata, gnd, urn, shelfmark or url, or what the
    entry says; None where nothing says it.
    """

    scheme: str | None
    value: str


def _isbn(found: re.Match[str]) -> str | None:
    """Thirteen digits, also for an ISBN of ten; None where the check digit is wrong."""
    digits = re.sub(r"[^0-9X]", "", found[1].upper())
    if len(digits) == 10 and _sound_ten(digits):
        body = "978" + digits[:9]
        return body + str(-_weighed(body) % 10)
    if len(digits) == 13 and "X" not in digits and _weighed(digits) % 10 == 0:
        return digits
    return None


def _sound_ten(digits: str) -> bool:
    if "X" in digits[:9]:
        return False
    values = [10 if digit == "X" else int(digit) for digit in digits]
    return sum(weight * value for weight, value in zip(range(10, 0, -1), values, strict=True)) % 11 == 0


def _weighed(digits: str) -> int:
    return sum(int(digit) * (3 if at % 2 else 1) for at, digit in enumerate(digits))


def _ark(found: re.Match[str]) -> str | None:
    """ark:/NAAN/name; hyphens mean nothing in an ARK, but are what the institution prints."""
    return f"ark:/{found[1].lower()}/{found[2]}"


def _doi(found: re.Match[str]) -> str | None:
    return unquote(found[1]).lower().rstrip(".,;)")


def _lccn(found: re.Match[str]) -> str | None:
    """The Library of Congress's own normal form: no blanks, what follows a hyphen filled to six digits."""
    bare = re.sub(r"\s", "", found[1]).split("/")[0].lower()
    head, hyphen, serial = bare.partition("-")
    if hyphen:
        bare = head + serial.zfill(6) if serial.isdigit() and len(serial) <= 6 else ""
    return bare if re.fullmatch(r"[a-z]{0,3}[0-9]{8,10}", bare) else None


def _issn(found: re.Match[str]) -> str | None:
    """0317-8471, ISO 3297; None where the check digit is wrong."""
    digits = f"{found[1]}{found[2]}".upper()
    return f"{digits[:4]}-{digits[4:]}" if _checks(digits) else None


def _ppn(found: re.Match[str]) -> str | None:
    """The number of a record in the catalogues of GBV, SWB, K10plus and the Dutch libraries (PICA), and of IdRef."""
    digits = found[1].upper()
    return digits if _checks(digits) else None


def _checks(digits: str) -> bool:
    """Modulo 11 with rising weights from the right, X for 10: as ISO 3297 and PICA check their last character."""
    values = [10 if digit == "X" else int(digit) for digit in reversed(digits)]
    return sum(weight * value for weight, value in enumerate(values, 1)) % 11 == 0


def _upper(found: re.Match[str]) -> str | None:
    return found[1].upper()


def _first(found: re.Match[str]) -> str | None:
    return found[1].rstrip(".,;") or None


def _number(found: re.Match[str]) -> str | None:
    return found[1].lstrip("0") or None


def _urn(found: re.Match[str]) -> str | None:
    """The namespace is without case, the rest is not."""
    return f"urn:{found[1].lower()}:{found[2]}"


_Reader = Callable[[re.Match[str]], str | None]
# More telling schemes first: a DOI's address is a DOI, then a URL. Behind the name stand the letters that a match may
# begin with, and what each has in it, in small letters: by these most patterns are out of the question, in a tenth of
# the time.
_SCHEMES: tuple[tuple[str, str, str, re.Pattern[str], _Reader], ...] = tuple(
    (scheme, begins, mark, re.compile(pattern, re.IGNORECASE), reader)
    for scheme, begins, mark, pattern, reader in (
        ("ark", "ha", "ark:", r"(?:https?://\S+?/)?ark:/?([0-9b-df-hj-np-tv-z]{5,9})/([^\s?#]+)(?:[?#]\S*)?", _ark),
        (
            "doi",
            "hid1",
            "10.",
            r"(?:https?://(?:dx\.|www\.)?doi\.org/|(?:info:)?doi[:/]?\s*)?(10\.[0-9]{4,9}/\S+)",
            _doi,
        ),
        ("isbn", "ui", "isbn", r"(?:urn:)?isbn(?:-?1[03])?[:\s]*([0-9][0-9\s-]{8,16}[0-9x])(?:\s*[(:].*)?", _isbn),
        ("isbn", "9", "97", r"(97[89][-\s]?[0-9][0-9\s-]{7,12}[0-9])(?:\s*[(:].*)?", _isbn),
        ("isbn", "0123456789", "-", r"([0-9]{1,5}-[0-9]{1,7}-[0-9]{1,7}-[0-9x])(?:\s*[(:].*)?", _isbn),
        ("oclc", "(", "(ocolc)", r"\(OCoLC\)\s*(?:oc[mn]|on)?\s*([0-9]+)", _number),
        ("oclc", "o", "oclc", r"oclc(?: (?:no\.?|number))?[:\s]*(?:oc[mn]|on)?\s*([0-9]+)", _number),
        # ocm has eight digits, ocn nine, on ten or more (MARC 001 of WorldCat): "ON12" is a shelf mark.
        ("oclc", "o", "o", r"(?:oc[mn]\s*(?=[0-9]{8})|on(?=[0-9]{10}))([0-9]+)", _number),
        (
            "oclc",
            "h",
            "worldcat.org/",
            r"https?://(?:www\.|search\.)?worldcat\.org/(?:title/|oclc/)([0-9]+)\S*",
            _number,
        ),
        ("oclc", "i", "info:oclcnum/", r"info:oclcnum/([0-9]+)\S*", _number),
        (
            "issn",
            "ueih",
            "issn",
            r"(?:urn:issn:|e?issn(?:-?l)?[:\s]*|https?://portal\.issn\.org/resource/issn/)([0-9]{4})-?([0-9]{3}[0-9x])(?:\s*\(.*)?",
            _issn,
        ),
        (
            "viaf",
            "h(v",
            "viaf",
            r"(?:https?://(?:www\.)?viaf\.org/viaf/|\(viaf\)\s*|viaf[:\s]+)([0-9]{1,22})(?:/\S*|#\S*)?",
            _first,
        ),
        (
            "wikidata",
            "hw",
            "wikidata",
            r"(?:https?://(?:www\.|m\.)?wikidata\.org/(?:wiki|entity)/|wikidata[:\s]+)(q[1-9][0-9]*)(?:#\S*)?",
            _upper,
        ),
        ("wikidata", "w", "wd:", r"wd:(q[1-9][0-9]*)(?:#\S*)?", _upper),
        ("gnd", "hg", "gnd", r"(?:https?://d-nb\.info/gnd/|gnd[:/\s]+)([0-9]{1,10}-?[0-9x])", _upper),
        ("gnd", "(", "(de-588)", r"\(de-588\)\s*([0-9]{1,10}-?[0-9x])", _upper),
        ("ppn", "(", "(de-", r"\(de-(?:627|601|576|599)\)\s*([0-9]{7,9}[0-9x])", _ppn),
        (
            "ppn",
            "gph",
            "ppn",
            r"(?:(?:gvk-?)?ppn[:\s]*|https?://uri\.gbv\.de/document/[^\s:]+:ppn:)([0-9]{7,9}[0-9x])",
            _ppn,
        ),
        ("lccn", "(", "(dlc)", r"\(dlc\)\s*([a-z]{0,3}\s*[0-9][0-9\s/-]*)", _lccn),
        ("lccn", "s", "sn", r"(sn\s?[0-9]{8})", _lccn),
        (
            "lccn",
            "lhi",
            "lccn",
            r"(?:lccn[:\s]+|https?://(?:www\.)?lccn\.loc\.gov/|info:lccn/)([a-z]{0,3}\s*[0-9][0-9\s/-]*)",
            _lccn,
        ),
        ("handle", "hi", "hdl", r"(?:(?:https?://)?hdl\.handle\.net/|(?:info:hdl/|hdl:)\s*)([0-9][0-9.]*/\S+)", _first),
        ("handle", "h", "handle:", r"handle:\s*([0-9][0-9.]*/\S+)", _first),
        ("urn", "hu", "urn:", r"(?:https?://\S+?/)?urn:([a-z0-9][a-z0-9-]{0,31}):([^\s#]+)", _urn),
        (
            "shelfmark",
            "sc",
            ":",
            r"(?:shelf[ -]?mark|call number|signatur|standort|cote|segnatura|signatura|sygnatura)\s*:\s*(\S.*)",
            _first,
        ),
        ("url", "h", "://", r"(https?://[^\s/?#]+\.[^\s]+)", _first),
    )
)


_BY_FIRST = {letter: tuple(one for one in _SCHEMES if letter in one[1]) for one in _SCHEMES for letter in one[1]}
"""Those that an identifier may be of, by what it begins with."""

_PREFIXES = {
    "isbn": "isbn:",
    "oclc": "oclc:",
    "lccn": "lccn:",
    "handle": "hdl:",
    "doi": "doi:",
    "issn": "issn:",
    "viaf": "viaf:",
    "wikidata": "wikidata:",
    "gnd": "gnd:",
    "ppn": "ppn:",
}
"""How a bare number of a scheme is written where it names its scheme."""


def read_identifier(raw: str) -> Identifier:
    """{scheme, value} of an identifier. A shelfmark, or a number that says nothing of where it counts, has no scheme
    and stays as it is, but for outer blanks.
    """
    found = _read(raw)
    return {"scheme": found[0], "value": found[1]} if found else {"scheme": None, "value": raw.strip()}


def read_said(scheme: str, raw: str) -> tuple[Identifier, bool]:
    """The same where the entry says the scheme; False beside it where the value is none of that scheme's.

    Of a scheme that is known here the value gets its one form, also where it is a bare number. All others stay as
    they are, and so does what is no valid identifier of its scheme: a wrong check digit is on the book too.
    """
    if scheme not in _KNOWN:
        return Identifier(scheme=scheme, value=raw.strip()), True
    for text in (raw, _PREFIXES.get(scheme, "") + raw.strip()):
        found = _read(text)
        if found and found[0] == scheme:
            return Identifier(scheme=scheme, value=found[1]), True
    return Identifier(scheme=scheme, value=raw.strip()), False


_KNOWN = frozenset(name for name, *_ in _SCHEMES) - {"shelfmark"}


def _read(raw: str) -> tuple[str, str] | None:
    """Nothing is remembered: nearly every identifier is a new one."""
    text = raw.strip()
    if text.isascii():
        low = text.lower()
        may = [one for one in _BY_FIRST.get(low[:1], ()) if one[2] in low]
    else:  # other letters may be equal to these without case
        may = [*_SCHEMES]
    for scheme, _, _, pattern, reader in may:
        if (found := pattern.fullmatch(text)) and (value := reader(found)):
            return scheme, value
    return None
