"""What does the file section of a METS list? Every file with its addresses and what is said of it.

METS: https://www.loc.gov/standards/mets/ (fileSec, fileGrp, file, FLocat); METS 2 has `LOCREF` for `xlink:href`.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from biglam_pipeline.normalize.vocabularies.mets import attribute
from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element

_PICTURE = re.compile(r"(?:image|audio|video|font)/|application/(?:pdf|zip|x-zip|msword)", re.IGNORECASE)
_PICTURE_NAME = re.compile(
    r"\.(?:tiff?|jpe?g|jp2|jpx|jpf|j2k|png|gif|bmp|webp|djvu|pdf|wav|mp3|mp4|mov|zip)(?:[?#].*)?$", re.IGNORECASE
)
_XML_NAME = re.compile(r"\.(?:xml|alto)(?:\.gz)?(?:[?#].*)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class File:
    """One `file` of the file section."""

    id: str
    hrefs: tuple[str, ...]
    """Of several FLocat each is another way to the same bytes."""
    media_type: str
    use: str
    """Its own USE, else that of the nearest group that has one; digits left out, so that `OCR 1` is `OCR 2`."""
    group: int
    """The file group it stands in, by number."""
    kin: str
    """GROUPID: files of several groups that are one thing (METS, `file/@GROUPID`)."""
    embedded: str
    """What stands in the METS itself instead of an address: the name of its root, or `binData`."""

    @property
    def says_xml(self) -> bool:
        """Whether its media type or its name is that of a page's text; neither is believed where the file is there."""
        media = self.media_type.lower()
        return "xml" in media or "alto" in media or self._is_named_xml

    @property
    def says_picture(self) -> bool:
        """Whether it is said to be a picture, sound, film, or something to print, and not named like a text too."""
        if self._is_named_xml:
            return False
        if self.media_type:
            return _PICTURE.match(self.media_type) is not None
        return any(_PICTURE_NAME.search(href) for href in self.hrefs)

    @property
    def _is_named_xml(self) -> bool:
        return any(_XML_NAME.search(href) for href in self.hrefs)


def files_of(root: Element) -> list[File]:
    """In their order. One without an ID, or with the ID of another, gets a name that nothing can point to."""
    found: list[File] = []
    groups: dict[Element, int] = {}
    taken: set[str] = set()
    for one in root.iter("{*}file"):
        name = (one.get("ID") or "").strip()
        if not name or name in taken:
            name = f"file {len(found) + 1} of the file section"
        taken.add(name)
        parent = one.getparent()
        while parent is not None and local(parent) == "file":
            parent = parent.getparent()
        group = groups.setdefault(parent, len(groups)) if parent is not None else -1
        hrefs = tuple(href for place in one.iterchildren("{*}FLocat") if (href := attribute(place, "href", "LOCREF")))
        found.append(
            File(
                id=name,
                hrefs=hrefs,
                media_type=(one.get("MIMETYPE") or "").strip(),
                use=re.sub(r"[\d\s]+", "", next(_uses(one), "")).casefold(),
                group=group,
                kin=one.get("GROUPID") or "",
                embedded=_embedded(one),
            )
        )
    return found


def _embedded(one: Element) -> str:
    content = next(one.iterchildren("{*}FContent"), None)
    if content is None:
        return ""
    inner = next(content.iter("{*}xmlData"), None)
    first = next(inner.iterchildren(etree.Element), None) if inner is not None else None
    return local(first).lower() if first is not None else "binData"


def _uses(one: Element) -> Iterator[str]:
    """USE of the file and of the groups around it, the nearest first."""
    element: Element | None = one
    while element is not None and local(element) in ("file", "fileGrp"):
        if element.get("USE"):
            yield element.get("USE") or ""
        element = element.getparent()


def hrefs_of(files: Iterable[File]) -> tuple[str, ...]:
    """The addresses of all files that may be a page, for laying out bundles: what is twice called a picture is none."""
    return tuple(href for one in files for href in one.hrefs if not (one.says_picture and _PICTURE_NAME.search(href)))
