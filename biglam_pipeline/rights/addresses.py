"""Which statement an address stands for, read strictly: an unknown unit, version or jurisdiction is unknown.

https://creativecommons.org/licenses/ and https://rightsstatements.org/page/1.0/. The misspellings are those that
were sent to Europeana, DPLA and Openverse; each is undone before an address is read, and none is guessed.
"""

import re
from dataclasses import dataclass
from urllib.parse import unquote

from biglam_pipeline.rights.table import BY_URI, BY_WORD, Statement, uri_key

# "by -nc/4.0": a blank at a joint of the unit (sent to Europeana), before the address ends at a blank.
_GAP_IN_UNIT = re.compile(r"(?<=/)([a-z]{2}(?: ?- ?[a-z]{2}){1,3})(?=/)", re.IGNORECASE)
_GLUED = re.compile(r"[,;|](?=h?ttps?://)", re.IGNORECASE)
_ADDRESS = re.compile(
    r"(?:\bh?ttps?:)?//[^\s<>\"'|]+"
    r"|\b(?:www\.|i\.)?(?:creativecom{1,2}ons|rightsstatements|europeana)\.(?:org|eu)\b[^\s<>\"'|]*"
    r"|\bwww\.[^\s<>\"'|]+"
    r"|\bcreative ?commons/[^\s<>\"'|]+",
    re.IGNORECASE,
)
_HOSTS = {
    "creativecommons.org": "cc",
    "creativecomons.org": "cc",
    "creativecommons.org.licenses": "cc",
    "creative commons": "cc",
    "creativecommons": "cc",
    "i.creativecommons.org": "cc",
    "licensebuttons.net": "cc",
    "rightsstatements.org": "rs",
}
_SHELVES = ("licenses", "licences", "publicdomain", "l", "p")
_VIEW = re.compile(
    r"(?:deed|legalcode)(?:[._-][a-z]{2,3}(?:[_-][a-z]{2,8})?)?(?:\.html|\.txt)?|rdf|[0-9]{2}x[0-9]{2}\.png"
)
_VERSION = re.compile(r"[0-9](?:\.[0-9])?")
_SPELT = re.compile(r"(by(?:-(?:nc|nd|sa)){0,2})([0-9]\.[0-9])")
_ZERO, _MARK = ("zero", "cc0", "0"), ("mark", "pdm")


@dataclass(frozen=True, slots=True)
class Address:
    """One address of a value."""

    written: str
    host: str
    """Lower case, without www."""
    statement: Statement | None
    """None where the address stands for no statement that is known."""
    is_front_page: bool = False
    """Is it creativecommons.org itself, which says no more than "Creative Commons"?"""


def take_out(text: str) -> tuple[list[Address], str]:
    """The addresses in a folded text, and the text without them. Two glued by a comma come apart."""
    apart = _GAP_IN_UNIT.sub(lambda unit: unit[1].replace(" ", ""), _GLUED.sub(" ", text))
    return [_address(written) for written in _ADDRESS.findall(apart)], _ADDRESS.sub(" ", apart)


def begins_with_address(text: str) -> bool:
    """Does an address stand before all words of a folded text?"""
    return _ADDRESS.match(text.lstrip()) is not None


def license_for(elements: frozenset[str], version: str | None, port: str | None = None) -> Statement | None:
    """The Creative Commons licence with just these elements ({"by", "nc"}), this version and this port.

    Without a version it is the family. None where no such licence was ever made.
    """
    unit = "-".join(element for element in ("by", "nc", "nd", "sa") if element in elements)
    if version is None:
        return BY_WORD.get(f"cc {unit.replace('-', ' ')} unversioned") if port is None else None
    path = "/".join(part for part in (unit, version, port) if part)
    found = BY_URI.get(f"creativecommons.org/licenses/{path}")
    if found is None and {"nc", "nd"} <= elements:  # the order of version 1.0
        found = BY_URI.get(f"creativecommons.org/licenses/{path.replace('by-nc-nd', 'by-nd-nc')}")
    return found


def _address(written: str) -> Address:
    bare = written.rstrip(".,;:)]}")
    plain = "".join(unquote(bare).casefold().split())
    place = re.sub(r"^[a-z]*:?//", "", plain)
    host, _, rest = re.split(r"[?#]", place, maxsplit=1)[0].partition("/")
    host = re.sub(r":(?:80|443)$", "", host.removeprefix("www."))
    statement = BY_URI.get(uri_key(re.split(r"[?#]", plain, maxsplit=1)[0]))
    segments = [segment for segment in rest.split("/") if segment]
    if statement is None and _HOSTS.get(host) == "cc":
        statement = _creative_commons(segments)
    elif statement is None and _HOSTS.get(host) == "rs":
        statement = _rights_statement(segments)
    return Address(bare, host, statement, host == "creativecommons.org" and not segments and "?" not in plain)


def _rights_statement(segments: list[str]) -> Statement | None:
    """page/InC/1.0; the version may be missing (DPLA's hubs), another one is unknown."""
    if len(segments) not in (2, 3, 4) or segments[0] not in ("page", "vocab", "data"):
        return None
    name, *rest = (segment.rstrip(";.,") for segment in segments[1:])
    if rest[:1] not in ([], ["1.0"], [""]) or rest[1:] not in ([], ["rdf"]):
        return None
    return BY_URI.get(f"rightsstatements.org/vocab/{name}/1.0")


def _creative_commons(segments: list[str]) -> Statement | None:
    while segments and _VIEW.fullmatch(segments[-1]):
        segments = segments[:-1]
    if segments == ["licenses", "publicdomain"]:
        return BY_URI.get("creativecommons.org/licenses/publicdomain")
    while segments and segments[0] in _SHELVES:
        segments = segments[1:]
    if not segments:
        return None
    spelt = _SPELT.fullmatch(segments[0])  # "by-nc-nd3.0"
    unit, *rest = [*spelt.groups(), *segments[1:]] if spelt else segments
    if rest and not _VERSION.fullmatch(rest[0]):
        return None
    version = rest[0] if rest else None
    if unit in _ZERO + _MARK:
        return BY_WORD["cc0 1.0" if unit in _ZERO else "public domain mark 1.0"] if rest in ([], ["1.0"]) else None
    if version and "." not in version:
        version += ".0"
    if len(rest) > 1:
        return BY_URI.get("creativecommons.org/licenses/" + "/".join((unit, version or "", *rest[1:])))
    known = BY_URI.get(f"creativecommons.org/licenses/{unit}/{version}")
    family = unit.split("-")
    if known or len(set(family)) != len(family) or "by" not in family or not set(family) <= {"by", "nc", "nd", "sa"}:
        return known
    return license_for(frozenset(family), version)
