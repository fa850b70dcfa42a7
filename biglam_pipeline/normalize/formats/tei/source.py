"""What does a TEI header say of the source? The printing or the manuscript that the text was made of.

TEI Guidelines 2.2.7: https://tei-c.org/release/doc/tei-p5-doc/en/html/HD.html#HD3 ; of several, the one whose words
these are: ELTeC's printSource, else the first edition, else the first that has a date. What a digital source says of
its own date is the digitiser's.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from lxml import etree

from biglam_pipeline.fields.isbd import before_next_area
from biglam_pipeline.normalize.formats.tei.elements import Element, name_of

_BIBLS = ("bibl", "biblstruct", "biblfull")
_OF_FILES = ("digitalsource", "sourcedigital", "digital", "electronic")
_PRINTS = ("printsource", "sourceprint")
_FIRSTS = ("firstedition", "editionfirst", "editioprinceps")
"""ELTeC's types of sources, also as CONSSA and DraCor write them: letters alone."""
_MADE = ("written", "composition", "premiere", "created", "creation")
_NO_DATES = ("access", "accessed", "retrieved", "digitized", "digitised", "update")
"""How dates in a source are typed that are none of its printing."""
_OTHER_WORKS = ("relateditem", "series", "seriesstmt", "note", "notesstmt", "availability")
_OTHER_DATES = frozenset({"title", "author", "editor", "respstmt", "persname", "extent"})
"""What has dates of its own: an author's life, the years that a title names."""
_LAST = frozenset({"publisher", "edition", "ref"})
"""What may hold the date of the printing, or another: asked where nothing else has one."""
_BESIDE = etree.XPath("descendant::text()[not(ancestor::*[local-name() = 'dimensions'])]")
_NO_LETTERS = re.compile("[^a-z]")


@dataclass(frozen=True, slots=True)
class Printing:
    """One description of a source."""

    element: Element
    kind: str
    titles: list[Element]
    dates: list[str]
    """Of its publication."""
    made: list[str]
    """Of the writing, or of the first performance."""


def prose(element: Element) -> str:
    """Its text without the line ends of a file that was laid out for the eye."""
    return " ".join("".join(map(str, element.itertext())).split())


def below(element: Element, *names: str) -> list[Element]:
    """The elements by this path of names in small letters; `*` is any."""
    found = [element]
    for name in names:
        found = [inner for one in found for inner in one.iterchildren(etree.Element) if name in ("*", name_of(inner))]
    return found


def printing(header: Element) -> Printing | None:
    """The description of the printing whose words these are."""
    found = [*_printings(header)]
    known = [one for one in found if one.kind not in _OF_FILES]
    for wanted in ([one for one in known if one.kind in _PRINTS], known, found):
        for one in wanted:
            if one.dates or one.made or one is wanted[-1]:
                return one
    return None


def read_source(header: Element) -> dict[str, Any]:
    """Columns of the source: creators, date, publisher, place, extent; of a manuscript also its shelf mark."""
    own = printing(header)
    columns: dict[str, Any] = {"creators": _creators(header, own)}
    if own is not None:
        columns |= _printed(own)
        firsts = [one for one in _printings(header) if one.kind in _FIRSTS and one.element is not own.element]
        earlier = [date for one in firsts for date in one.dates] or (own.made if own.dates else [])
        columns["original_date_raw"] = earlier[:1]
    for one in _named(header, "msdesc"):
        columns = {**_manuscript(one), **{name: value for name, value in columns.items() if value}}
    return {name: value for name, value in columns.items() if value}


def dated(element: Element) -> Iterator[str]:
    """Dates in it: as the encoder reads them (ISO 8601), else as they are written."""
    for one in element.iter(etree.Element):
        if name_of(one) in ("date", "origdate", "docdate") and (date := _date(one)):
            yield date


def _date(element: Element) -> str:
    said = element.get("when") or element.get("value") or element.get("when-iso")
    start = element.get("from") or element.get("notBefore") or element.get("notBefore-iso")
    end = element.get("to") or element.get("notAfter") or element.get("notAfter-iso")
    if said:
        return said.strip()
    if start and end:
        return f"{start.strip()}/{end.strip()}"
    # One end alone is no date: what follows it, or comes before it (Guidelines 14.4, EDTF).
    return prose(element) or (f"{start.strip()}/.." if start else f"../{end.strip()}" if end else "")


def _printings(header: Element) -> Iterator[Printing]:
    """A digital source names the one that it was made of inside itself, as DraCor writes it."""
    waiting = [one for described in below(header, "filedesc", "sourcedesc") for one in _outermost(described, _BIBLS)]
    while waiting:
        one = waiting.pop(0)
        kind = _NO_LETTERS.sub("", (one.get("type") or "").lower())
        found = sorted(_own(one, "date"), key=lambda inner: any(name_of(up) in _LAST for up in inner.iterancestors()))
        dated_as = [((inner.get("type") or "").lower(), _date(inner)) for inner in found]
        dates = [date for typed, date in dated_as if date and typed not in (*_MADE, *_NO_DATES)]
        made = [date for typed, date in dated_as if date and typed in _MADE]
        yield Printing(one, kind, [*_own(one, "title")], dates, made)
        if kind in _OF_FILES:
            waiting = [inner for child in one for inner in _outermost(child, _BIBLS)] + waiting


def _own(bibl: Element, name: str) -> Iterator[Element]:
    """Elements of this name in a description, but not of another work: a series, a related item, a bibl inside."""
    walk = etree.iterwalk(bibl, events=("start",))
    for _, one in walk:
        inside = name_of(one)
        if one is not bibl and (inside in (*_OTHER_WORKS, *_BIBLS) or (name == "date" and inside in _OTHER_DATES)):
            walk.skip_subtree()
        elif inside == name or (name == "date" and inside == "daterange"):  # P4 6.4.4
            yield one


def _outermost(element: Element, names: tuple[str, ...]) -> Iterator[Element]:
    walk = etree.iterwalk(element, events=("start",))
    for _, one in walk:
        if name_of(one) in names:
            yield one
            walk.skip_subtree()
        elif name_of(one) == "msdesc":  # what is written of a manuscript is no source of the text
            walk.skip_subtree()


def _named(header: Element, name: str) -> list[Element]:
    return [
        one
        for described in below(header, "filedesc", "sourcedesc")
        for one in described.iter(etree.Element)
        if name_of(one) == name
    ]


def _printed(own: Printing) -> dict[str, Any]:
    said = {
        name: [text for one in _own(own.element, name) if (text := before_next_area(prose(one)))]
        for name in ("publisher", "extent", "pubplace")
    }
    dates: dict[str, Any] = {}
    if own.kind not in _OF_FILES and (own.dates or own.made):
        evidence = "imprint" if own.dates else "record"
        dates = {"date_raw": (own.dates or own.made)[:1], "year_evidence": evidence}
    first = {name: next(iter(said[name]), "") for name in ("publisher", "extent")}
    return {**dates, **first, "publication_place": [*dict.fromkeys(said["pubplace"])]}


def _manuscript(described: Element) -> dict[str, Any]:
    """A manuscript by its description (Guidelines, chapter 11)."""
    inside = [*described.iter(etree.Element)]
    dates = [date for one in inside if name_of(one) == "origdate" and (date := _date(one))]
    identified = below(described, "msidentifier", "idno")
    marks = [one for idno in identified for one in idno.iter("{*}idno")]
    shelf = [prose(one) for one in marks if not len(one) and (one.get("type") or "shelfmark").lower() == "shelfmark"]
    summary = next((text for one in below(described, "mscontents", "summary") if (text := prose(one))), "")
    languages = [one for one in inside if name_of(one) == "textlang"]
    tags = [tag for one in languages for tag in f"{one.get('mainLang', '')} {one.get('otherLangs', '')}".split()]
    places = [text for one in inside if name_of(one) == "origplace" and re.search(r"\w", text := prose(one))]
    extent = next((text for one in inside if name_of(one) == "extent" and (text := _extent(one))), "")
    titles = [text for one in below(described, "mscontents", "msitem", "title") if (text := prose(one))]
    return {
        **({"date_raw": [*dict.fromkeys(dates)], "year_evidence": "record"} if dates else {}),  # each part has its own
        "identifiers": [{"scheme": "shelfmark", "value": one} for one in shelf if one],
        "description": summary,
        "languages": [*dict.fromkeys(tags)],
        "spatial": [*dict.fromkeys(filter(None, places))],
        "extent": extent,
        "title_alt": [*dict.fromkeys(titles)],
        "creators": [name for one in below(described, "mscontents", "msitem", "author") if (name := _name(one))],
    }


def _extent(element: Element) -> str:
    """How much there is, and how large it is: `529 ff., 336 × 215 mm` (Guidelines 11.7.1.1, extent and dimensions)."""
    sizes = (
        " ".join(filter(None, (_kind(one), _size(one))))
        for one in element.iterdescendants(etree.Element)
        if name_of(one) == "dimensions" and _size(one)
    )
    found = _BESIDE(element)
    leaves = " ".join("".join(map(str, found)).split()) if isinstance(found, list) else ""
    return ", ".join(filter(None, (leaves.rstrip(" ,;"), *sizes)))


def _kind(dimensions: Element) -> str:
    kind = (dimensions.get("type") or "").strip()
    return "" if kind in ("leaf", "leaves") else kind


def _size(dimensions: Element) -> str:
    parts = [prose(one) for one in dimensions.iterchildren(etree.Element)]
    unit = (dimensions.get("unit") or "").strip()
    size = " × ".join(filter(None, parts))
    return f"{size} {unit}" if unit and size[-1:].isdigit() else size


def _creators(header: Element, own: Printing | None) -> list[dict[str, str]]:
    """Authors and editors of the text, else those of its source."""
    said = below(header, "filedesc", "titlestmt", "author") or ([*_own(own.element, "author")] if own else [])
    editors = below(header, "filedesc", "titlestmt", "editor") or ([*_own(own.element, "editor")] if own else [])
    found = [name for one in said if (name := _name(one))]
    found += [name for one in editors if (name := _name(one, one.get("role") or "editor"))]
    return list({one["name"]: one for one in reversed(found)}.values())[::-1]


def _name(element: Element, role: str = "") -> dict[str, str] | None:
    """`surname, forename` where they are marked and nothing beside them; with the address that it refers to."""
    inside = [*element.iterchildren(etree.Element)]
    own = any((text or "").strip() for text in (element.text, *(one.tail for one in inside)))
    names = (one for one in inside if name_of(one) in ("persname", "name", "orgname"))
    named = element if own else next(names, element)
    text = _heading(named)
    address = next((ref for one in (named, element) if (ref := one.get("ref") or "").startswith("http")), "")
    if not text:
        return None
    return {"name": f"{text} {address.split()[0]}" if address else text, "role": role or "author"}


def _heading(named: Element) -> str:
    inside = [*named.iterchildren(etree.Element)]
    parts = {name: [prose(one) for one in inside if name_of(one) == name] for name in ("surname", "forename")}
    if not parts["surname"] or len(parts["surname"]) + len(parts["forename"]) < len(inside):
        return prose(named)
    return ", ".join(filter(None, (" ".join(parts["surname"]), " ".join(parts["forename"]))))
