"""What does a unit say of itself? The collection or a component in columns, by its did and what stands beside it.

EAD 2002 and EAD3 tag libraries; their elements in Dublin Core: EAD 2002 tag library, appendix A (crosswalks).
"""

import re
from collections.abc import Iterator
from typing import Any

from lxml import etree

from biglam_pipeline.normalize.formats.ead.dates import dates_of, has_bulk
from biglam_pipeline.normalize.formats.ead.elements import HEADERS, NAMES, Element, below, link_of
from biglam_pipeline.normalize.formats.ead.rights import column_of
from biglam_pipeline.normalize.formats.ead.texts import heading, lines_of, prose
from biglam_pipeline.parsing.xml.reading import local

_ACCESS_POINTS = {
    **dict.fromkeys((*NAMES, "subject", "title", "occupation", "function"), "subjects"),
    "geogname": "spatial",
    "genreform": "genres",
}
_DID_WORDS = """unittitle unitdate unitdatestructured unitid origination langmaterial abstract physdesc physdescset
    physdescstructured physloc container repository dao daogrp daoset"""
_READ_IN_DID = frozenset(_DID_WORDS.split())
_READ = frozenset({"did", "scopecontent", "controlaccess", "dao", "daogrp", *HEADERS})
_GROUPS = frozenset({"descgrp", "admininfo", "add"})
"""What only groups others, in EAD 2002 and in EAD 1.0."""
_CAPTIONED = frozenset({"dao", "daogrp", "daoset", "physdescset", "physdescstructured", "langmaterial", "languageset"})
_HEAD = frozenset({"head"})
_NUMBER = re.compile(r"[\d.,/ ]*\d")
_LEVEL_WORDS = "class collection file fonds recordgrp series subfonds subgrp subseries"
_AGGREGATES = frozenset(_LEVEL_WORDS.split())
"""@level of what holds several things, in both tag libraries."""
SINGLE_LEVELS = frozenset({"item"})
"""And of what is one thing, though its parts may be described. Where a unit says no level, or one of its own
(`otherlevel`), DCMI's Collection, "an aggregation of resources", is what has components; of a thing without them nobody
says whether it is a text or a picture, and its row is a description.
"""


def columns_of(unit: Element) -> dict[str, Any]:
    """The canonical columns of a unit. unit: archdesc or a component, without those in it."""
    dids = below(unit, "did")
    columns: dict[str, Any] = {}
    if dids:
        columns |= _of_did(dids[0]) | dates_of(dids[0])
    parts, points = [*_parts(unit)], dict[tuple[str, str], Any]()
    said = [one for did in dids for one in below(did, "abstract")]
    said += [one for one in parts if local(one) == "scopecontent"]
    columns["description"] = "\n".join(dict.fromkeys("\n".join(lines_of(one, _HEAD)) for one in said))
    for one in parts:
        if local(one) == "controlaccess":
            for name, value in _points(one):
                points.setdefault((name, str(value)), value)
    for (name, _), value in points.items():
        columns.setdefault(name, []).append(value)
    columns["identifiers"] = [*columns.get("identifiers", []), *_manifests(unit)]
    if level_of(unit) in _AGGREGATES:
        columns["type"] = "Collection"
    return {name: value for name, value in columns.items() if value}


def level_of(unit: Element) -> str:
    """@level; of `otherlevel` what it is."""
    level = (unit.get("level") or "").strip()
    return (unit.get("otherlevel") or "").strip() or level if level.lower() == "otherlevel" else level


def own_of(unit: Element) -> dict[str, Any]:
    """The columns that only finding aids have."""
    dids = below(unit, "did")
    containers = [text for did in dids for one in below(did, "container") if (text := _container(one))]
    places = [prose(one) for did in dids for one in below(did, "physloc")]
    keepers = [text for did in dids for one in below(did, "repository") if (text := _keeper(one))]
    objects = dict.fromkeys(link for one in _objects(unit) if (link := link_of(one)))
    return {
        "level": level_of(unit) or None,
        "containers": containers or None,
        "physical_location": "; ".join(dict.fromkeys(filter(None, places))) or None,
        "digital_objects": [*objects] or None,
        "repository": next(iter(keepers), None),
    }


def with_header(columns: dict[str, Any], header: Element | None) -> dict[str, Any]:
    """The same of the collection, with what names the finding aid: its title where the collection has none."""
    if header is None:
        return columns
    pages = [one.get("url") or one.get("instanceurl") or "" for one in header.iter("{*}eadid", "{*}recordid")]
    pages += [link_of(one) for one in below(header, "representation")]
    marks = [prose(one) for name in ("eadid", "recordid", "otherrecordid") for one in below(header, name)]
    arks = [one.get("identifier") or "" for one in below(header, "eadid")]
    page = next((one.strip() for one in pages if _is_address(one.strip())), "")
    title = next((text for one in header.iter("{*}titleproper") if (text := prose(one))), "")
    found = {**columns, "identifiers": [*columns.get("identifiers", []), *dict.fromkeys(filter(None, (*marks, *arks)))]}
    found |= {"source_url": page} if page else {}
    return found if found.get("title") or not title else {**found, "title": title}


def name_of(header: Element | None) -> str:
    """What the finding aid is called: eadid, in EAD3 recordid."""
    names = header.iter("{*}eadid", "{*}recordid") if header is not None else ()
    return next((text for one in names if (text := prose(one))), "")


def unread(unit: Element) -> set[str]:
    """Names of what is filled and gives no column."""
    found: set[str] = set()
    dids = below(unit, "did")
    for part in _parts(unit):
        name = local(part)
        if name == "did":
            found |= {"did after the first"} if part in dids[1:] else set()
            inside = {local(one) for one in part.iterchildren(etree.Element) if local(one) not in _READ_IN_DID}
            found |= {f"did/{one}" for one in inside}
            found |= (
                {"did/origination: words beside its names"}
                if any(map(_is_mixed, below(part, "origination")))
                else set()
            )
            found |= {"unitdate of type bulk"} if has_bulk(part) else set()
            found |= _captions(part)
        elif name in ("dao", "daogrp"):
            found |= _captions(part)
        elif name not in _READ and not column_of(part):
            found.add(name)
    return found


def _captions(part: Element) -> set[str]:
    """What is written of digital objects, sizes or languages beside what is read of them."""
    notes = [one for one in part.iter("{*}daodesc", "{*}descriptivenote") if prose(one)]
    around = {one: up for one in notes if (up := one.getparent()) is not None}
    return {f"{local(up)}/{local(one)}" for one, up in around.items() if local(up) in _CAPTIONED}


def _parts(unit: Element) -> Iterator[Element]:
    """What describes it, and what stands in groups of such."""
    for one in unit.iterchildren(etree.Element):
        if local(one) in _GROUPS:
            yield from _parts(one)
        else:
            yield one


def _of_did(did: Element) -> dict[str, Any]:
    titles = [text for one in below(did, "unittitle") if (text := _title(one))]
    marks = [text for one in below(did, "unitid") if (text := prose(one) or _target(one))]
    spoken = [tag for one in below(did, "langmaterial") for tag in _languages(one)]
    makers = [name for one in below(did, "origination") for name in _makers(one)]
    extents = [text for one in did.iterchildren(etree.Element) for text in _extents(one)]
    return {
        "title": next(iter(titles), ""),
        "title_alt": [*dict.fromkeys(titles[1:])],
        "identifiers": [_mark(text) for text in dict.fromkeys(marks)],
        "languages": [*dict.fromkeys(spoken)],
        "creators": makers,
        "extent": "; ".join(dict.fromkeys(extents)),
    }


def _title(element: Element) -> str:
    """A date that stands at its end is the unit's date; one amid the words is part of them."""
    text = prose(element)
    last = next(element.iterchildren(etree.Element, reversed=True), None)
    while last is not None and local(last) in ("unitdate", "unitdatestructured") and not (last.tail or "").strip():
        date = prose(last)
        if date and text.endswith(date) and text != date:
            text = text[: -len(date)].rstrip(" (")
        last = last.getprevious()
    return text.rstrip(" ,;:")  # what divides it from the date: DACS 2.3


def _target(element: Element) -> str:
    """The first address in it."""
    return next(filter(None, map(link_of, element.iter(etree.Element))), "")


def _mark(text: str) -> Any:
    """A shelf mark, unless it says itself what it is."""
    return text if ":" in text and text.lower().startswith(("http", "ark:", "urn:", "doi:", "hdl:")) else _shelf(text)


def _shelf(text: str) -> dict[str, str]:
    return {"scheme": "shelfmark", "value": text}


def _languages(material: Element) -> list[str]:
    """Codes where there are some, else names; else the words of what says it in prose."""
    found = [one for one in material.iter("{*}language") if one.get("langcode") or prose(one)]
    return [(one.get("langcode") or "").strip() or prose(one) for one in found] or [*filter(None, [prose(material)])]


def _makers(origination: Element) -> list[dict[str, str]]:
    names = [one for one in origination.iter(etree.Element) if local(one) in NAMES and heading(one)]
    own_role = origination.get("label") or ""
    found = []
    for one in names or [origination]:
        text = heading(one)
        role = next(filter(None, (one.get("role"), one.get("relator"), own_role.strip(" :"))), "")
        uri = next((link for link in (one.get("authfilenumber"), one.get("identifier")) if _is_address(link)), None)
        if text:
            found.append({"name": text, "role": role or "creator", **({"uri": uri} if uri else {})})
    return found


def _is_mixed(origination: Element) -> bool:
    """Whether words stand beside the names, such as that of another maker who was not encoded."""
    parts = [one for one in origination.iter(etree.Element) if local(one) in NAMES]
    loose = [origination.text, *(one.tail for one in origination.iterchildren())]
    return bool(parts) and any(letter.isalpha() for text in loose for letter in text or "")


def _is_address(text: str | None) -> bool:
    return bool(text) and str(text).startswith(("http://", "https://"))


def _extents(element: Element) -> Iterator[str]:
    name = local(element)
    if name == "physdesc":
        inside = [*element.iterchildren(etree.Element)]
        mixed = any((text or "").strip() for text in (element.text, *(one.tail for one in inside)))
        texts = [prose(element, _HEAD)] if mixed else [_measure(one) for one in inside if local(one) != "head"]
        yield from ["; ".join(filter(None, texts)).replace("; (", " (")] if any(texts) else ()
    elif name == "physdescstructured":
        words = [prose(one) for key in ("quantity", "unittype") for one in below(element, key)]
        more = [prose(one) for key in ("dimensions", "physfacet") for one in below(element, key)]
        yield from filter(None, [", ".join(filter(None, (" ".join(filter(None, words)), *more)))])
    elif name == "physdescset":
        for one in element.iterchildren(etree.Element):
            yield from _extents(one)


def _measure(element: Element) -> str:
    """With the unit, which EAD 2002 may have in an attribute."""
    text, unit = prose(element), (element.get("unit") or "").strip()
    return f"{text} {unit}" if unit and _NUMBER.fullmatch(text) else text


def _container(element: Element) -> str:
    """`Box 1`: its type, as EAD 2002 and EAD3 write it, and its number."""
    kind = (element.get("type") or element.get("localtype") or element.get("label") or "").strip()
    number = prose(element)
    return f"{kind} {number}" if kind and number and not number.lower().startswith(kind.lower()) else number


def _keeper(element: Element) -> str:
    """Whose it is, without the address."""
    names = [text for one in element.iter(etree.Element) if local(one) in NAMES and (text := heading(one))]
    return names[0] if names else prose(element, frozenset({"address", "head"}))


def _points(controlled: Element) -> Iterator[tuple[str, Any]]:
    """Access points, also those in controlaccess in one another, or in lists."""
    for one in controlled.iter(etree.Element):
        column = _ACCESS_POINTS.get(local(one))
        if column is None or not (text := heading(one)):
            continue
        if any(local(up) in _ACCESS_POINTS for up in _above(one, controlled)):
            continue
        uri = next((link for link in (one.get("authfilenumber"), one.get("identifier")) if _is_address(link)), None)
        if column == "subjects":
            yield column, {"label": text, "uri": uri, "scheme": (one.get("source") or "").strip() or None}
        else:
            yield column, text


def _above(element: Element, top: Element) -> Iterator[Element]:
    for up in element.iterancestors():
        if up is top:
            return
        yield up


def _objects(unit: Element) -> Iterator[Element]:
    """Digital objects of the unit: of its own dao, and of groups and sets of them."""
    for part in _parts(unit):
        if local(part) in ("did", "dao", "daogrp"):
            yield from part.iter("{*}dao", "{*}daoloc")


def _manifests(unit: Element) -> Iterator[dict[str, str]]:
    """Addresses of IIIF manifests: by their role, or as the Presentation API recommends to write them (5.2.1, 2.1)."""
    for one in _objects(unit):
        link = link_of(one)
        roles = " ".join(str(value) for name, value in one.attrib.items() if "role" in str(name)).lower()
        path = link.partition("?")[0].rstrip("/").lower()
        if link and ("iiif" in roles or path.endswith(("/manifest", "/manifest.json"))):
            yield {"scheme": "iiif", "value": link}
