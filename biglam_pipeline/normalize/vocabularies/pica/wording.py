"""How are PICA's titles and headings put in columns? Without the mark of sorting, and names as they are filed.

Nichtsortierzeichen: https://pro4bib.github.io/pica/ (PICA-Formate); names in small letters are those of the record, in
capitals those of the authority that it is linked with, as K10plus hands it out; the number of the authority is $7
`gnd/...` there, and $0 behind $A `gnd` in the German National Library:
https://format.gbv.de/pica/zdb/zdbformat-title-schema.json
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from biglam_pipeline.normalize.vocabularies.cards import plain
from biglam_pipeline.parsing.pica.record import Field

_SORT = re.compile(r"(?:(?<=^)|(?<=[^\w@]))@(?=[^\s@])")
"""Before the word by which a title is sorted: not the `@` in the midst of an address."""
_GND = re.compile(r"gnd/([0-9X-]+)")
_NUMBER = re.compile(r"(?:\(DE-588\))?([0-9X-]+)")
_CHAINED = re.compile(r"([pkgsztfc]) (\S.*)")
_BODY = re.compile(r"029.|030F")


def said(text: str) -> str:
    """One line, without the first mark of sorting: after it `@` is a letter like others."""
    return plain(_SORT.sub("", text, count=1))


def latin(fields: Iterable[Field]) -> list[Field]:
    """Those without the ones that say the same again in other letters ($U, ISO 15924, beside the same $T)."""
    every = list(fields)
    pairs = {(one.tag, one.first("T")) for one in every if one.first("U") == "Latn"}
    return [one for one in every if one.first("U") in ("", "Latn") or (one.tag, one.first("T")) not in pairs]


def title_of(field: Field) -> str:
    """`title : other information`: PICA leaves the punctuation to whoever prints it. Of a work that is linked, the
    German National Library writes the title out in $Y.
    """
    found = " : ".join(filter(None, (said(text) for code in "ad" for text in field.all(code))))
    return found if field.first("a") or not field.first("Y") else said(field.first("Y"))


def chained(field: Field) -> tuple[str, str]:
    """The indicator of an element of a chain of subjects that is linked with nothing, and its words: `f Kommentar`, `z
    Geschichte 1918-1948`. None elsewhere. Their letters (RSWK: person, body, place, thing, time, title, form, or a body
    called by its place): https://wiki.dnb.de/display/ILTIS/5100
    """
    found = None if field.all("079") else _CHAINED.fullmatch(field.first("a"))
    return (found[1], found[2]) if found else ("", "")


def uri_of(field: Field) -> str:
    """The address of the authority that a heading is linked with, where that is in the GND."""
    for text in field.all("7"):
        if found := _GND.fullmatch(text):
            return f"https://d-nb.info/gnd/{found[1]}"
    if "gnd" in field.all("A") and (found := _NUMBER.fullmatch(field.first("0"))):
        return f"https://d-nb.info/gnd/{found[1]}"
    return ""


def name_of(field: Field) -> str:
    """`Family, Forename prefix`, a personal name with its number and title, or a body with its units; else the heading
    as it was expanded ($8).
    """
    known = "" if field.first("0") else "A"  # in the German National Library $A is whose the number in $0 is
    family = said(field.first(f"a{known}"))
    if _BODY.fullmatch(field.tag):
        units = ". ".join(filter(None, (family, *map(said, field.all("b") or field.all("F")))))
        more = (*field.all("g" if field.first("a") else "gG"), *field.all("ndc"), *field.all("jpk"))
        return f"{units} ({' : '.join(map(plain, more))})" if units and more else units or _expanded(field)
    given = " ".join(map(plain, (field.all("d") or field.all("D")) + (field.all("c") or field.all("C"))))
    if family:
        return ", ".join(filter(None, (family, given)))
    person = " ".join(map(plain, field.all("P") + field.all("n") + field.all("l")))
    return person or given or _expanded(field)


def _expanded(field: Field) -> str:
    """Dates of a life, which follow a star there, are of the authority."""
    return said(field.first("8")).partition("*")[0].rstrip(" ,")


def creators_of(field: Field, default: str) -> Iterator[dict[str, Any]]:
    """One entry for each role: its code, else its words."""
    if name := name_of(field):
        uri = uri_of(field)
        for role in list(dict.fromkeys(field.all("4") or field.all("B"))) or [default]:
            yield {"name": name, **({"role": role} if role else {}), **({"uri": uri} if uri else {})}


def is_place(field: Field) -> bool:
    """Whether a heading is linked with a place: its kind in $V or $7 begins with Tg."""
    return any(text.startswith("Tg") for text in field.all("V7"))
