"""In which order are the regions of a page read? As ReadingOrder says; what it does not name stands behind.

https://ocr-d.de/en/gt-guidelines/pagexml/pagecontent_xsd_Complex_Type_pc_ReadingOrderType.html

Transkribus says it in `custom` too ("readingOrder {index:0;}"), of lines there alone: PAGE has no element for these.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element

_CELL = "TableCell"
"""Transkribus writes cells of a table so; PAGE itself has a TextRegion for each."""

_CUSTOM = re.compile(r"\breadingOrder\s*\{[^{}]*?\bindex\s*:\s*([0-9]{1,9})\s*[;}]")


def is_region(element: Element) -> bool:
    """TextRegion, TableRegion, GraphicRegion and all others of PAGE 2010 to 2019, by how their names end."""
    name = local(element)
    return name.endswith("Region") or name == _CELL


@dataclass(slots=True)
class Ordered:
    """The regions of a page in reading order, each once."""

    regions: list[Element]
    beside: set[Element] = field(default_factory=set)
    """Those that a ReadingOrder does not name, nor anything around them."""
    missing: int = 0
    """Names in it of regions that are not there."""
    repeated: int = 0
    """Names in it of a region that it has named before."""


def ordered(page: Element) -> Ordered:
    """A region inside of another follows the text of that one, unless it is named itself. No region is lost."""
    regions = [one for one in page.iter(etree.Element) if is_region(one)]
    names = [name for one in page.iterchildren("{*}ReadingOrder") for name in _named(one)]
    if not names:
        return Ordered(_by_custom(regions))
    by_name: dict[str, Element] = {}
    for one in regions:
        by_name.setdefault(one.get("id") or "", one)
    by_name.pop("", None)
    listed = {by_name[name] for name in names if name in by_name}
    inside = _inside(regions)
    found = Ordered([], missing=sum(name not in by_name for name in names))
    taken: set[Element] = set()
    for name in names:
        if (region := by_name.get(name)) in taken:
            found.repeated += 1
        elif region is not None:
            found.regions += _with_inner(region, inside, listed, taken)
    for region in regions:
        if region not in taken:
            rest = _with_inner(region, inside, listed, taken)
            found.regions += rest
            found.beside.update(rest)
    return found


def by_custom(elements: Sequence[Element]) -> Sequence[Element]:
    """Lines of a region, or regions, as `custom` numbers them; as written, unless each has a number of its own."""
    found = [_CUSTOM.search(one.get("custom") or "") for one in elements]
    numbered = {int(said[1]): one for said, one in zip(found, elements, strict=True) if said is not None}
    return [numbered[number] for number in sorted(numbered)] if len(numbered) == len(elements) else elements


def _by_custom(regions: list[Element]) -> list[Element]:
    """Those that lie in no other by `custom`, what is inside of each behind it."""
    inside = _inside(regions)
    inner = {one for several in inside.values() for one in several}
    taken: set[Element] = set()
    outer = by_custom([one for one in regions if one not in inner])
    return [one for region in outer for one in _with_inner(region, inside, set(), taken)]


def _named(group: Element) -> Iterator[str]:
    """The regions that a group names: by @index where all of a group have one, else as they are written.

    A group may hold UserDefined and Labels as well, which have no @index (PAGE 2013 to 2019, OrderedGroupType).
    """
    members = [one for one in group.iterchildren(etree.Element) if "Ref" in local(one) or "Group" in local(one)]
    for one in _by_index(members):
        name = local(one)
        if name.startswith("RegionRef") or "Group" in name:  # a group may stand for a region, such as a table
            yield from filter(None, [(one.get("regionRef") or "").strip()])
        if "Group" in name:
            yield from _named(one)


def _by_index(members: Sequence[Element]) -> Sequence[Element]:
    said = [(one.get("index") or "").strip() for one in members]
    if not all(one.isascii() and one.isdigit() and len(one) < 10 for one in said):
        return members
    return [one for _, one in sorted(zip(map(int, said), members, strict=True), key=lambda pair: pair[0])]


def _inside(regions: Sequence[Element]) -> dict[Element, list[Element]]:
    """Region -> those directly inside of it."""
    inside: dict[Element, list[Element]] = {one: [] for one in regions}
    for one in regions:
        around = next((up for up in one.iterancestors() if up in inside), None)
        if around is not None:
            inside[around].append(one)
    return inside


def _with_inner(
    region: Element, inside: dict[Element, list[Element]], listed: set[Element], taken: set[Element]
) -> list[Element]:
    """The region and what lies in it and is not named by itself, as far as it is not taken already."""
    taken.add(region)
    found = [region]
    for one in inside[region]:
        if one not in listed and one not in taken:
            found += _with_inner(one, inside, listed, taken)
    return found
