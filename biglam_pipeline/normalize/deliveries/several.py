"""A file of ALTO with several pages, taken apart: a document for each of them.

`Layout` may hold any number of `Page` (https://www.loc.gov/standards/alto/, LayoutType), and an IDREF reaches all of
them. What FineReader and Kofax export of a volume is one such file.
"""

from collections import Counter
from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass

from lxml import etree

Element = etree._Element

_COUNTED = ("TextBlock", "TextLine")
"""What a row of a piece of a page stands in, by its number in the file."""


@dataclass(frozen=True, slots=True)
class Alone:
    """A page, in a document that has what the file says of all of them."""

    root: Element
    name: str
    """Its ID; its number where it has none, or shares it."""
    before: Mapping[str, int]
    """Local name -> how many such elements the pages before it have."""

    def tree(self) -> Element:
        """Its root."""
        return self.root


def pages_of(root: Element) -> list[Element]:
    """The pages in their order; none stands in another."""
    return [page for page in root.iter("{*}Page") if next(page.iterancestors("{*}Page"), None) is None]


def split_pages(root: Element) -> Iterator[Alone]:
    """A document for each page. root is taken apart: pages move into the new ones, they are not copied."""
    pages = [(page, parent) for page in pages_of(root) if (parent := page.getparent()) is not None]
    names = Counter((page.get("ID") or "").strip() for page, _ in pages)
    for page, parent in pages:
        parent.remove(page)
    places = {element: place for place, element in enumerate(root.iter())}
    before: Counter[str] = Counter()
    for number, (page, parent) in enumerate(pages, 1):
        alone = deepcopy(root)
        [*alone.iter()][places[parent]].append(page)
        yield Alone(alone, _name_of(page, number, names), dict(before))
        before.update({name: sum(1 for _ in page.iter(f"{{*}}{name}")) for name in _COUNTED})


def _name_of(page: Element, number: int, names: Counter[str]) -> str:
    own = (page.get("ID") or "").strip()
    if own and names[own] == 1:
        return own
    made = f"page-{number}"
    while made in names:
        made += "-"
    return made
