"""How are MARC's headings and texts put in columns? Without the punctuation that divides areas on a catalogue card.

ISBD, A.3: https://www.ifla.org/g/isbd-rg/ ; authorities in $0 and $1: https://www.loc.gov/marc/bibliographic/ecbdcntf.html
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from biglam_pipeline.fields.isbd import before_next_area
from biglam_pipeline.fields.relators import code_of
from biglam_pipeline.normalize.vocabularies.cards import plain
from biglam_pipeline.parsing.marc.record import Field, MarcRecord

_AREA = re.compile(r"^[\[(/:;=,+&]|[/:;=,+(-]$")
_ABBREVIATED = re.compile(
    r"(?:\.\.\.|\b\w\.|\b(?:jr|sr|co|inc|ltd|corp|st|mme|dr|etc|vol|no|ed|dept|bd|hrsg|u\.a)\.)$", re.I
)
_URI = re.compile(r"https?://\S+")
_FILES = {
    "DE-588": "https://d-nb.info/gnd/",
    "viaf": "http://viaf.org/viaf/",
    "isni": "https://isni.org/isni/",
    "orcid": "https://orcid.org/",
}
"""Who numbers an authority, in brackets before it, and the address that such a number has."""


SUBJECTS = "abcdefghjklmnopqrst"
"""Subfields of a heading, but for its subdivisions."""
OF_TITLE = {"b": " : ", "n": ". ", "p": ". "}
OF_NAME = {"c": ", ", "d": ", ", "n": ", ", "t": ". "}
OF_EXTENT = {"b": " : ", "c": " ; ", "d": " ; ", "e": " + "}
"""Code -> what stands before it."""


def bare(text: str) -> str:
    """The same without the punctuation that leads to the next area, or without the full stop that ends a field: before
    such punctuation a full stop is an abbreviation's (`Reading, Mass. :`).
    """
    line = plain(text)
    found = before_next_area(line)
    if found == line and found.endswith(".") and not _ABBREVIATED.search(found):
        found = found[:-1]
    return before_next_area(found)


def joined(field: Field, codes: str, between: Mapping[str, str] = MappingProxyType({})) -> str:
    """These subfields of a field in their order, as a heading.

    between: code -> what a card has before it. Half the world's libraries write that into the field, and the others
    leave it to whoever prints it (leader/18); it is put where nothing stands.
    """
    found = ""
    for code, text in field.subfields:
        if code and code in codes and (text := plain(text)):
            mark = between.get(code, " ")
            stands = _AREA.search(found) or _AREA.match(text) or found.endswith(mark[0])
            found += f"{' ' if stands or not found else mark}{text}"
    return bare(found)


def uri_of(field: Field) -> str:
    """The address of the authority that a heading is of: of $0, of $1, or of a number whose keeper is known."""
    texts = [*field.all("0"), *field.all("1")]
    for text in texts:
        if address := _URI.search(text):
            return address[0].rstrip(").,;")
    for text in texts:
        keeper, _, number = text.removeprefix("(").partition(")")
        if base := _FILES.get(keeper.strip(), ""):
            return base + number.strip()
    return ""


def creator(field: Field, heading: str, roles: Iterable[str], default: str = "") -> Iterator[dict[str, Any]]:
    """One entry for each role."""
    if not heading:
        return
    uri = uri_of(field)
    for role in list(dict.fromkeys(map(_role, roles))) or [default]:
        yield {"name": heading, **({"role": role} if role else {}), **({"uri": uri} if uri else {})}


def _role(text: str) -> str:
    """`aut` for the address of a relator too: https://id.loc.gov/vocabulary/relators.html"""
    return bare(text.rstrip("/").rpartition("/")[2] if text.startswith("http") else text)


def roles_of(field: Field, words: str) -> list[str]:
    """The codes of a heading ($4), and what its words say beside them: catalogues code all roles, none, or the first.

    words: the code of their subfield. A word that is no relator's stands for one of the codes.
    """
    codes, terms = [_role(text) for text in field.all("4")], [_role(text) for text in field.all(words)]
    return [*codes, *(one for text in terms if (one := code_of(text)) and one not in codes)] if codes else terms


def authority(record: MarcRecord, heading: str, tracing: str) -> dict[str, Any]:
    """A record of a name or a subject itself: its heading, and the forms that lead to it.

    heading, tracing: what their tags begin with (MARC 21 authority 1XX and 4XX, UNIMARC/A 2XX and 4XX).
    """
    found = {
        first: [
            " -- ".join((joined(field, SUBJECTS, OF_NAME), *map(bare, field.all("vxyz"))))
            for field in record.fields
            if field.tag.startswith(first) and field.subfields
        ]
        for first in (heading, tracing)
    }
    columns = {"title": next(iter(found[heading]), ""), "title_alt": list(dict.fromkeys(found[tracing]))}
    return {name: value for name, value in columns.items() if value}
