"""What is an issue made of? Reads a METS: its files, its structure, its articles with their places, and its MODS.

METS: https://www.loc.gov/standards/mets/ ; MODS: https://www.loc.gov/standards/mods/
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from biglam_pipeline.normalize.deliveries.files import File, files_of
from biglam_pipeline.normalize.rows.rights_of import KEPT, with_statements
from biglam_pipeline.normalize.vocabularies.mets import (
    DESCRIBED,
    attribute,
    described_by,
    sections_of,
    with_unlinked,
)
from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element

ARTICLES = {
    *("article", "advertisement", "advert", "ad", "classifiedad", "classified_ad", "announcement", "obituary"),
    *("letter", "poem", "serial", "weather", "review", "interview"),
}
"""Divisions that are read on their own, by the words that libraries write (METS leaves TYPE free): docWorks at BnL,
SBB, RERO and Princeton; the British Library; the Europeana Newspapers profile. Sections only hold them. What stands in
none of them is counted, with its words."""
_ISSUES = {
    *("issue", "volume", "newspaper", "periodical", "monograph", "manuscript", "year", "month", "day", "book", "group"),
}
"""Divisions whose description is the issue's: docWorks (Newspaper, Volume, Issue), NDNP (issue), the DFG Viewer's set
of structural elements (newspaper, year, month, day, issue, volume, monograph, manuscript), and the group of the BnF's
archive SPAR, which is in a set and holds objects, its pages; `book` is in none."""


@dataclass(frozen=True, slots=True)
class Area:
    """A piece of a page: from one element of a file to another; all of it where none is named."""

    file: str
    begin: str
    end: str
    coordinates: bool = False
    """Whether it is told by coordinates, which mean a picture, or by a length or an end alone."""

    @property
    def whole(self) -> bool:
        """Whether it is all of the file."""
        return not self.begin and not self.coordinates


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
    container: str = "mets"
    """The root's local name, in small letters: `didl` says the same in another way."""
    files: dict[str, File] = field(default_factory=dict)
    """Every file of the file section by its ID, in order."""
    articles: list[Article] = field(default_factory=list)
    parts: list[Article] = field(default_factory=list)
    """Divisions that are neither it nor an article, sections and pages say, where they have rights of their own."""
    columns: dict[str, list[str]] = field(default_factory=dict)
    """What the MODS of the issue says, by canonical column."""
    object_id: str = ""

    @property
    def called(self) -> str:
        """What it is called in messages."""
        return self.container.upper()

    @property
    def maps(self) -> list[tuple[str, Element]]:
        """The structure maps with their TYPE in small letters."""
        return [((one.get("TYPE") or "").strip().lower(), one) for one in self.root.iter("{*}structMap")]


def read_mets(root: Element) -> Mets:
    """The structure in this document."""
    mets = Mets(root, files={one.id: one for one in files_of(root)}, object_id=root.get("OBJID") or "")
    physical = [one for kind, one in mets.maps if kind == "physical"]
    logical = [one for kind, one in mets.maps if kind == "logical"]
    logical = logical or [one for kind, one in mets.maps if kind != "physical"]
    sections = sections_of(root)
    whole = _issues([*logical, *physical])
    mets.columns = with_unlinked(described_by(whole, sections), root, sections)
    links = _links(root, logical, physical)
    limited = _limited(mets, {*whole}, sections)
    mets.parts = [_article(one, links, said) for one, said in limited.items() if not is_article(one)]
    for structure in logical:
        for element in structure.iter("{*}div"):
            if is_article(element):
                columns = described_by([element], sections)
                for one in (*element.iterancestors("{*}div"), *element.iterdescendants("{*}div")):
                    columns = with_statements(columns, limited.get(one, {}))
                mets.articles.append(_article(element, links, columns))
    return mets


def _limited(mets: Mets, whole: set[Element], sections: dict[str, Element]) -> dict[Element, dict[str, Any]]:
    """What each division that is not the whole says of its rights: they are those of what is in it, and some of those
    of what it is in.
    """
    found: dict[Element, dict[str, Any]] = {}
    for _, structure in mets.maps:
        for one in structure.iter("{*}div"):
            if one not in whole and attribute(one, *DESCRIBED):
                said = {name: values for name, values in described_by([one], sections).items() if name in KEPT}
                found.update({one: said} if said else {})
    return found


def is_article(element: Element) -> bool:
    """Whether a division is read on its own."""
    return _type(element) in ARTICLES


def pointers(element: Element) -> Iterator[Area]:
    """The areas that the division itself points to, in any order of `par` and `seq`, not those of divisions in it."""
    for pointer in element.iterchildren("{*}fptr"):
        areas = list(pointer.iter("{*}area"))
        if not areas:
            yield Area((pointer.get("FILEID") or "").strip(), "", "")
        for area in areas:
            begin = (area.get("BEGIN") or "").strip()
            coordinates = not begin and any(area.get(name) for name in ("COORDS", "SHAPE", "END", "EXTENT"))
            yield Area(
                (area.get("FILEID") or pointer.get("FILEID") or "").strip(),
                begin,
                (area.get("END") or "").strip(),
                coordinates,
            )


def _areas(element: Element) -> Iterator[Area]:
    """Those of the division and of what is in it, in document order, but of no article in the article."""
    for child in element.iterchildren("{*}fptr", "{*}div"):
        if local(child) == "div" and not is_article(child):
            yield from _areas(child)
    yield from pointers(element)


def _links(root: Element, logical: list[Element], physical: list[Element]) -> dict[str, list[Area]]:
    """structLink: ID of a logical division -> areas of the physical divisions that it is linked to."""
    divisions = {one.get("ID"): one for structure in physical for one in structure.iter("{*}div")}
    names = {one.get("ID") for structure in logical for one in structure.iter("{*}div")}
    links: dict[str, list[Area]] = {}

    def link(source: str, target: str) -> None:
        if source in names and target in divisions:
            links.setdefault(source, []).extend(_areas(divisions[target]))

    for one in root.iter("{*}smLink"):
        link(attribute(one, "from").lstrip("#"), attribute(one, "to").lstrip("#"))
    for group in root.iter("{*}smLinkGrp"):
        ends = [attribute(one, "href").lstrip("#") for one in group.iterchildren("{*}smLocatorLink")]
        for source in ends:
            for target in ends:
                link(source, target)
    return links


def _article(element: Element, links: dict[str, list[Area]], columns: dict[str, Any]) -> Article:
    """Kitodo and the DFG Viewer link every division to the pages it touches, also one that has areas of its own: then
    a page as a whole says nothing of what else there is the article's.
    """
    identifier = element.get("ID") or ""
    areas = list(_areas(element))
    own = {area.file for area in areas}
    for inner in element.iter("{*}div"):
        if inner is element or not is_article(inner):
            linked = links.get(inner.get("ID") or "", [])
            areas += [area for area in linked if not (area.whole and area.file in own)]
    return Article(
        id=identifier,
        type=element.get("TYPE") or "",
        label=(element.get("LABEL") or "").strip(),
        element=element,
        areas=tuple(dict.fromkeys(areas)),
        columns=columns,
    )


def _issues(structures: list[Element]) -> list[Element]:
    """The innermost division that is an issue speaks first, then what it lies in."""
    inner: list[Element] = []
    for structure in structures:
        top = list(structure.iterchildren("{*}div"))
        inner += [one for one in structure.iter("{*}div") if _is_issue(one) or one in top][::-1]
    return inner


def _is_issue(element: Element) -> bool:
    return _type(element) in _ISSUES


def _type(element: Element) -> str:
    """TYPE in small letters, without the prefix that NDNP puts to it (`np:issue`)."""
    return (element.get("TYPE") or "").strip().lower().rpartition(":")[2]


_LISTS = {
    "title_alt",
    "publication_place",
    "languages",
    "creators",
    "identifiers",
    "date_raw",
    "original_date_raw",
    *KEPT,
}


def as_columns(found: dict[str, list[str]]) -> dict[str, Any]:
    """What is said, as the columns hold it: a list, or the first."""
    return {name: values if name in _LISTS else values[0] for name, values in found.items()}
