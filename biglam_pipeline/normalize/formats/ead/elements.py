"""Which elements of a finding aid hold others, which begin a line, which are names or dates; and what is nonpublic.

EAD 2002: https://www.loc.gov/ead/tglib/ ; EAD3: https://www.loc.gov/ead/EAD3taglib/ ; names as in both.
"""

from lxml import etree

from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element

COMPONENTS = frozenset({"c", *(f"c{number:02}" for number in range(1, 13))})
"""Of any depth, mixed as they come: `c` and c01 to c12 are one thing (EAD3 tag library, c)."""
FRAMES = COMPONENTS | {"ead", "archdesc", "dsc", "dscgrp", "archdescgrp"}
"""What holds components, and their descriptions one by one."""
UNITS = COMPONENTS | {"archdesc"}
HEADERS = frozenset({"eadheader", "control"})
FOREIGN = "objectxmlwrap"
"""Holds XML of other vocabularies (EAD3), whose <c> is no component."""
_BLOCK_WORDS = """p head list item defitem label table thead tbody tgroup row chronlist chronitem chronitemset event
    eventgrp listhead head01 head02 head03 blockquote note footnote address addressline bibref index indexentry
    legalstatus descriptivenote daodesc titlestmt publicationstmt"""
BLOCKS = frozenset(_BLOCK_WORDS.split())
"""Begin and end a line: m.blocks of both tag libraries, and what stands in lists and tables."""
FORMATTING = frozenset({"emph", "abbr", "expan", "num", "foreign", "quote"})
"""Is part of a word, or may be: nothing stands between it and its neighbours but what is written."""
NAMES = frozenset({"persname", "corpname", "famname", "name"})
TAKEN = ("biglam", "taken-down")
"""The attribute of what is left of a unit that was taken down."""
KEPT_NAME, KEPT_COUNT = "biglam-name", "biglam-count"
"""And those by which no other is called otherwise: its name where others are in it, and a digest of it."""
_GONE = "{urn:biglam}gone"
_COMPONENT_TAGS = tuple(f"{{*}}{name}" for name in sorted(COMPONENTS))


def is_internal(element: Element) -> bool:
    """Whether it is for the repository alone: EAD attribute `audience`, "internal". ArchivesSpace wrote it as
    xlink:audience for a while (archivesspace/archivesspace#1807).
    """
    return any(
        str(value).strip().lower() == "internal" and str(name).rpartition("}")[2].lower() == "audience"
        for name, value in element.attrib.items()
    )


def is_taken(element: Element) -> bool:
    """Whether a takedown left nothing of it but that it was there."""
    return element.get(TAKEN[0]) == TAKEN[1]


def holds_components(element: Element) -> bool:
    """Whether a component stands in it, whatever it is."""
    found = element.iterdescendants(*_COMPONENT_TAGS)
    return any(not any(local(up) == FOREIGN for up in one.iterancestors()) for one in found)


def internal_in(element: Element) -> list[Element]:
    """What in it is internal, none inside another."""
    found: dict[Element, None] = {}
    for one in element.iterdescendants(etree.Element):
        if is_internal(one) and not any(up in found for up in one.iterancestors()):
            found[one] = None
    return [*found]


def take_away(element: Element, found: list[Element]) -> None:
    """Takes these out of it; the text behind each stays."""
    for one in found:
        one.tag = _GONE
    if found:
        etree.strip_elements(element, _GONE, with_tail=False)


def below(element: Element, *names: str) -> list[Element]:
    """The elements by this path of local names."""
    found = [element]
    for name in names:
        found = [inner for one in found for inner in one.iterchildren(f"{{*}}{name}")]
    return found


def link_of(element: Element) -> str:
    """The address that it points to: @href, as EAD 2002 (with xlink or without) and EAD3 write it."""
    links = (str(element.get(name)) for name in element.attrib if str(name).rpartition("}")[2].lower() == "href")
    return next((link.strip() for link in links if link.strip()), "")
