"""Which statement an address stands for, in the many spellings that catalogues send.

https://creativecommons.org/licenses/ and https://rightsstatements.org/page/1.0/.
"""

import re
from urllib.parse import unquote

from biglam_pipeline.rights.table import BY_URI, BY_WORD, Statement, uri_key

_ELEMENTS = frozenset({"by", "nc", "nd", "sa"})

# "creativecomons.org", "creativecommons.org.licenses/by-nc-nd3.0/", "Creative Commons/by-nc-nd/4.0/",
# "licenses/CC0/1.0/legalcode", "licenses/publicdomain/mark/": all were sent to Europeana or Openverse.
_CREATIVE_COMMONS = re.compile(
    r"creativecom{1,2}ons(?:\.org)?[/.,]+"
    r"(?:(?:licen[sc]es?|publicdomain)[/.]+)*"
    r"(?:cc-?)?(?P<unit>zero|0|mark|pdm|[a-z]{2}(?:-[a-z]{2})*)(?![a-z])"
    r"/*(?P<version>[0-9](?:\.[0-9])?)?"
    r"(?:/+(?P<port>[a-z]{2}|igo|scotland)(?![a-z]))?"
)
# DPLA has seen "vocab%20/UND/1.0/" and "vocab/InC/;".
_RIGHTS_STATEMENT = re.compile(r"rightsstatements\.org/+(?:page|vocab|data)/+(?P<id>[a-z-]+)")
_VIEW = re.compile(r"/(?:deed|legalcode|rdf)(?:[._-][a-z_-]+)?/?$")
_EUROPEANA = re.compile(r"europeana\.eu/(?:portal/)?(?:[a-z]{2}/)?rights/(?P<id>[a-z-]+)")

_ADDRESS = re.compile(
    r"(?:(?:h?t)?tps?:)//[^\s<>\"'|]+"
    r"|(?:www\.)?(?:creativecom{1,2}ons|rightsstatements)\.org[^\s<>\"'|]*"
    r"|creative ?commons/[^\s<>\"'|]+",
    re.IGNORECASE,
)
_GLUED = re.compile(r"[,;|]\s*(?=h?ttps?://)", re.IGNORECASE)


def addresses(text: str) -> tuple[list[str], str]:
    """The addresses in a text, and the text without them. Two glued by a comma come apart."""
    apart = _GLUED.sub(" ", text)
    return _ADDRESS.findall(apart), _ADDRESS.sub(" ", apart)


def license_for(elements: frozenset[str], version: str | None, port: str | None = None) -> Statement | None:
    """The Creative Commons licence with these elements ({"by", "nc"}); its family where the version is missing.

    None where no such family exists. A port that was never made is read as the licence it would be a port of.
    """
    if not elements or not elements <= _ELEMENTS:
        return None
    unit = "-".join(element for element in ("by", "nc", "nd", "sa") if element in elements)
    for name in (f"{unit} {version} {port}", f"{unit} {version}", f"{unit} unversioned"):
        statement = BY_WORD.get("cc " + name.replace("-", " "))
        if statement:
            return statement
    return None


def read_address(address: str) -> Statement | None:
    """The statement at an address; None where there is none."""
    plain = "".join(unquote(address).casefold().split())
    bare = re.split(r"[?#]", plain, maxsplit=1)[0].rstrip(".,;)")
    known = BY_URI.get(uri_key(_VIEW.sub("", bare)))
    if known:
        return known
    for pattern, shelf in (
        (_RIGHTS_STATEMENT, "rightsstatements.org/vocab/{}/1.0"),
        (_EUROPEANA, "europeana.eu/rights/{}"),
    ):
        found = pattern.search(plain)
        if found:
            return BY_URI.get(shelf.format(found["id"]))
    found = _CREATIVE_COMMONS.search(plain)
    return _creative_commons(found["unit"], found["version"], found["port"]) if found else None


def _creative_commons(unit: str, version: str | None, port: str | None) -> Statement | None:
    if unit in ("zero", "0"):
        return BY_WORD["cc0 1.0"]
    if unit in ("mark", "pdm"):
        return BY_WORD["public domain mark 1.0"]
    if version and "." not in version:
        version += ".0"
    path = "/".join(part for part in (unit, version, port) if part)
    return BY_URI.get(f"creativecommons.org/licenses/{path}") or license_for(frozenset(unit.split("-")), version, port)
