"""What does a METS say of its blocks and scans? Of which kind a block is, and how many pixels the scan of a page has.

MIX: https://www.loc.gov/standards/mix/ (BasicImageCharacteristics; `ImageWidth` and `ImageLength` in its version 0.2)
"""

from collections import defaultdict
from collections.abc import Iterable

from lxml import etree

from biglam_pipeline.normalize.deliveries.mets import Mets, pointers
from biglam_pipeline.normalize.printed.kinds_of_blocks import ILLUSTRATION, kind_of
from biglam_pipeline.parsing.xml.reading import local, text_of

Element = etree._Element

_WIDTH, _HEIGHT = ("imageWidth", "ImageWidth"), ("imageHeight", "imageLength", "ImageLength", "ImageHeight")


def kinds_in(mets: Mets) -> dict[str, dict[str, str]]:
    """FILEID -> ID in that file -> the kind of what a division points to there, by its own TYPE or those around it."""
    found: dict[str, dict[str, str]] = defaultdict(dict)

    def walk(division: Element, around: str) -> None:
        own = kind_of([division.get("TYPE") or ""])
        # docWorks has in a TABLE, or an ADVERTISEMENT, an IMAGE of what it is.
        kind = around if around and own == ILLUSTRATION else own or around
        for area in pointers(division) if kind else ():
            for name in filter(None, (area.begin, area.end)):
                found[area.file][name] = kind
        for child in division.iterchildren("{*}div"):
            walk(child, kind)

    for _, structure in mets.maps:
        for division in structure.iterchildren("{*}div"):
            walk(division, "")
    return found


def scans_in(mets: Mets) -> dict[str, tuple[int, int]]:
    """FILEID -> width and height of the scan that the page's division points to beside it; none where it points to
    scans of several sizes: nobody knows which one the page was read of.
    """
    measured = _measured(mets.root)
    if not measured:
        return {}
    of_file = {
        one.get("ID") or "": {measured[name] for name in (one.get("ADMID") or "").split() if name in measured}
        for one in mets.root.iter("{*}file")
    }
    found: dict[str, tuple[int, int]] = {}
    for kind, structure in mets.maps:
        for division in structure.iter("{*}div") if kind == "physical" else ():
            names = {area.file for area in pointers(division)}
            sizes = {size for name in names for size in of_file.get(name, ())}
            if len(sizes) == 1:
                found.update(dict.fromkeys(names, next(iter(sizes))))
    return found


def _measured(root: Element) -> dict[str, tuple[int, int]]:
    """ID of a technical section, and of the section around it -> the size that stands there."""
    found: dict[str, tuple[int, int]] = {}
    for section in root.iter("{*}techMD", "{*}md"):
        inside = list(section.iter(etree.Element))
        width, height = _whole(inside, _WIDTH), _whole(inside, _HEIGHT)
        parent = section.getparent()
        for one in (section, parent) if width and height else ():
            if one is not None and one.get("ID"):
                found.setdefault(one.get("ID") or "", (width, height))
    return found


def _whole(elements: Iterable[Element], names: tuple[str, ...]) -> int:
    texts = (text_of(one) for one in elements if local(one) in names)
    return next((int(text) for text in texts if text.isascii() and text.isdigit() and len(text) < 10), 0)
