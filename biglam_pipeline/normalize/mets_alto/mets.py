"""What is an issue made of? Reads a METS: its pages, its articles with their places on the pages, and its MODS.

METS: https://www.loc.gov/standards/mets/ ; MODS: https://www.loc.gov/standards/mods/
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from biglam_pipeline.normalize.mets_alto.mods import read_mods
from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element

ARTICLES = {
    *("article", "advertisement", "advert", "ad", "classifiedad", "classified_ad", "announcement", "obituary"),
    *("letter", "poem", "serial", "weather", "review", "interview"),
}
"""Divisions that are read on their own; sections only hold them."""
_ISSUES = {"issue", "volume", "newspaper", "periodical", "monograph", "manuscript", "year", "month", "day", "book"}


@dataclass(frozen=True, slots=True)
class Area:
    """A piece of a page: from one element of a file to another; all of it where none is named."""

    file: str
    begin: str
    end: str


@dataclass(frozen=True, slots=True)
class Article:
    """One division of the logical structure that is read on its own."""

    id: str
    type: str
    label: str
    element: Element
    areas: tuple[Area, ...]
    columns: dict[str, list[str]]


@dataclass(slots=True)
class Mets:
    """What one METS says."""

    root: Element
    files: dict[str, str] = field(default_factory=dict)
    """FILEID -> href of every XML file but METS itself."""
    pages: list[str] = field(default_factory=list)
    """FILEIDs in the order of the pages."""
    articles: list[Article] = field(default_factory=list)
    columns: dict[str, list[str]] = field(default_factory=dict)
    """What the MODS of the issue says, by canonical column."""
    object_id: str = ""


def read_mets(root: Element) -> Mets:
    """The structure in this document."""
    mets = Mets(root, _files(root), object_id=root.get("OBJID") or "")
    maps = {(one.get("TYPE") or "").lower(): one for one in root.iterchildren("{*}structMap")}
    logical = maps.get("logical")
    physical = maps.get("physical")
    mets.pages = _pages(physical, mets.files)
    described = {one.get("ID") or "": one for one in root.iterchildren("{*}dmdSec")}
    if logical is None:
        logical = next((one for one in maps.values() if one is not physical), None)
    mets.columns = _issue_columns(logical, physical, described)
    if logical is not None:
        links = _links(root, logical, physical)
        for element in logical.iter("{*}div"):
            if _is_article(element):
                mets.articles.append(_article(element, links, mets.files, described))
    return mets


def _attribute(element: Element, name: str) -> str:
    """An attribute by its local name; XLink has had two namespaces."""
    return next((str(value) for key, value in element.items() if _local_name(str(key)) == name), "")


def _local_name(name: str) -> str:
    return name[name.rfind("}") + 1 :]


def _files(root: Element) -> dict[str, str]:
    files = {}
    for one in root.iter("{*}file"):
        location = next(one.iterchildren("{*}FLocat"), None)
        href = _attribute(location, "href") if location is not None else ""
        xml = "xml" in (one.get("MIMETYPE") or "") or href.lower().endswith(".xml")
        if xml and href and one.get("ID"):
            files[one.get("ID") or ""] = href
    return files


def _pages(physical: Element | None, files: dict[str, str]) -> list[str]:
    """In the order of the physical structure; of the file list where there is none."""
    found: dict[str, None] = {}
    for element in physical.iter("{*}div") if physical is not None else ():
        if (element.get("TYPE") or "").lower() == "page":
            found.update((area.file, None) for area in _pointers(element) if area.file in files)
    return list(found or files)


def _is_article(element: Element) -> bool:
    return (element.get("TYPE") or "").lower() in ARTICLES


def _pointers(element: Element) -> Iterator[Area]:
    """The areas that the division itself points to, not those of divisions in it."""
    for pointer in element.iterchildren("{*}fptr"):
        areas = list(pointer.iter("{*}area"))
        if not areas and pointer.get("FILEID"):
            yield Area(pointer.get("FILEID") or "", "", "")
        for area in areas:
            yield Area(area.get("FILEID") or "", area.get("BEGIN") or "", area.get("END") or "")


def _areas(element: Element) -> Iterator[Area]:
    """Those of the division and of what is in it, in document order, but of no article in the article."""
    for child in element.iterchildren("{*}fptr", "{*}div"):
        if local(child) == "div" and not _is_article(child):
            yield from _areas(child)
    yield from _pointers(element)


def _links(root: Element, logical: Element, physical: Element | None) -> dict[str, list[Area]]:
    """structLink: ID of a logical division -> areas of the physical divisions that it is linked to."""
    divisions = {one.get("ID"): one for one in physical.iter("{*}div")} if physical is not None else {}
    names = {one.get("ID") for one in logical.iter("{*}div")}
    links: dict[str, list[Area]] = {}

    def link(source: str, target: str) -> None:
        if source in names and target in divisions:
            links.setdefault(source, []).extend(_areas(divisions[target]))

    for one in root.iter("{*}smLink"):
        link(_attribute(one, "from").lstrip("#"), _attribute(one, "to").lstrip("#"))
    for group in root.iter("{*}smLinkGrp"):
        ends = [_attribute(one, "href").lstrip("#") for one in group.iterchildren("{*}smLocatorLink")]
        for source in ends:
            for target in ends:
                link(source, target)
    return links


def _article(
    element: Element, links: dict[str, list[Area]], files: dict[str, str], described: dict[str, Element]
) -> Article:
    identifier = element.get("ID") or ""
    areas = [*_areas(element), *links.get(identifier, [])]
    for inner in element.iter("{*}div"):
        if inner is not element and not _is_article(inner):
            areas += links.get(inner.get("ID") or "", [])
    found = dict.fromkeys(area for area in areas if area.file in files)
    return Article(
        id=identifier,
        type=element.get("TYPE") or "",
        label=(element.get("LABEL") or "").strip(),
        element=element,
        areas=tuple(found),
        columns=_columns([element], described),
    )


def _columns(elements: list[Element], described: dict[str, Element]) -> dict[str, list[str]]:
    """What the MODS of these divisions say; of two that fill a column the first counts."""
    columns: dict[str, list[str]] = {}
    for element in elements:
        for name in (element.get("DMDID") or "").split():
            section = described.get(name)
            record = next(section.iter("{*}mods"), None) if section is not None else None
            if record is not None:
                columns = {**read_mods(record), **columns}
    return columns


def _issue_columns(
    logical: Element | None, physical: Element | None, described: dict[str, Element]
) -> dict[str, list[str]]:
    """The innermost division that is an issue speaks first, then what it lies in."""
    inner: list[Element] = []
    for structure in (logical, physical):
        if structure is not None:
            top = list(structure.iterchildren("{*}div"))
            inner += [one for one in structure.iter("{*}div") if _is_issue(one) or one in top][::-1]
    return _columns(inner, described)


def _is_issue(element: Element) -> bool:
    return (element.get("TYPE") or "").lower() in _ISSUES
