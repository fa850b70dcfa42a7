"""What blocks and lines does a page have, in which order, of which kind, and where? Read of the page's tree."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from lxml import etree

from biglam_pipeline.normalize.deliveries.alto import Page, read_page
from biglam_pipeline.normalize.printed.kinds_of_blocks import ILLUSTRATION, SEPARATOR, TEXT, kind_of
from biglam_pipeline.normalize.printed.layout import LINE, Box, Layout, number_of
from biglam_pipeline.normalize.printed.words import Place, Word
from biglam_pipeline.normalize.vocabularies.mets import attribute
from biglam_pipeline.parsing.xml.reading import local, text_of

Element = etree._Element
Kinds = Mapping[str, str]
"""ID of a block -> its kind, as METS says it."""

BLOCK, TEXT_LINE = "TextBlock", "TextLine"
_BLOCKS = (BLOCK, "Illustration", "GraphicalElement", "ComposedBlock")
_BY_NAME = {"Illustration": ILLUSTRATION, "GraphicalElement": SEPARATOR}


@dataclass(slots=True)
class Piece:
    """A block or a line."""

    element: Element
    number: int
    """From 1, among all of its kind on the page as they stand in the file: it stays when another one is emptied."""
    name: str
    """Its ID; its number where it has none, or shares it."""
    kind: str
    words: list[Word]


class Pieces:
    """A page with its tree."""

    def __init__(self, root: Element, kinds: Kinds) -> None:
        """root: the whole file; it may be changed."""
        self._elements: dict[Place, Element] = {}
        self.page: Page = read_page(root, self._elements)
        self._root, self._kinds = root, kinds
        self._ids = Counter(one.get("ID") or "" for one in root.iter(etree.Element))
        # lxml looks for the next one before it gives the first: asked for each piece, that is the square of them.
        units, self._pages = [*root.iter("{*}MeasurementUnit")], [*root.iter("{*}Page")]
        self._unit = text_of(units[0]).lower() if units else ""
        self._tags = {one.get("ID") or "": one for one in root.iter(etree.Element) if local(one).endswith("Tag")}

    def of(self, name: str) -> tuple[list[Piece], int]:
        """Its blocks, or its lines, in reading order, also those without a word; and how many words are in none."""
        found = {
            element: Piece(element, number, self._name_of(element, name, number), self.kind_of(element), [])
            for number, element in enumerate(self._root.iter(f"{{*}}{name}"), 1)
        }
        outside = 0
        for word in self.page.in_reading_order():
            element = self._around(word, name)
            if element is None:
                outside += 1
            else:
                found[element].words.append(word)
        return [found[element] for element in self._ordered(name)], outside

    @property
    def pictures(self) -> list[str]:
        """The kind of each block that can have no text, but for what only divides others."""
        return [self.kind_of(one) for one in self._root.iter("{*}Illustration")]

    def _around(self, word: Word, name: str) -> Element | None:
        element = self._elements.get(word.line)
        if element is None or local(element) == name:
            return element
        return next(element.iterancestors(f"{{*}}{name}"), None)

    def _name_of(self, element: Element, name: str, number: int) -> str:
        own = element.get("ID") or ""
        if own.strip() and self._ids[own] == 1:
            return own.strip()
        made = f"{'block' if name == BLOCK else 'line'}-{number}"
        while made in self._ids:
            made += "-"
        return made

    def _ordered(self, name: str) -> Iterator[Element]:
        """As `Page.in_reading_order` has their words, by what the page says alone and not by where words are."""
        taken: set[Element] = set()
        for element in [*self._led(), self._root]:
            for one in element.iter(f"{{*}}{name}"):
                if one not in taken:
                    taken.add(one)
                    yield one

    def _led(self) -> Iterator[Element]:
        by_name = {one.get("ID") or "": one for one in reversed([*self._root.iter(etree.Element)])}
        following, led = self.page.following, set(self.page.following.values())
        if self.page.listed:
            yield from (by_name[name] for name in self.page.listed if name and name in by_name)
            return
        for block in self._root.iter(f"{{*}}{BLOCK}") if following else ():
            name, seen = block.get("ID") or "", set[str]()
            while name and name in by_name and name not in seen and (seen or name not in led):
                seen.add(name)
                yield by_name[name]
                name = following.get(name, "")

    # --- of which kind, and where ---

    def kind_of(self, element: Element) -> str:
        """Of a block, or of that which a line stands in."""
        for one in (element, *element.iterancestors(etree.Element)):
            said = self._kinds.get(one.get("ID") or "") or kind_of(self._words_of(one))
            if said or local(one) in _BY_NAME:
                return said or _BY_NAME[local(one)]
            if local(one) in ("Page", "PrintSpace"):
                break
        return TEXT

    def _words_of(self, element: Element) -> Iterator[str]:
        """What the file calls a block: its TYPE, and the labels of the tags that it refers to."""
        if local(element) in _BLOCKS:
            yield attribute(element, "TYPE")
        for name in attribute(element, "TAGREFS").split():
            if name in self._tags:
                yield attribute(self._tags[name], "LABEL")
                yield attribute(self._tags[name], "TYPE")

    def layout(self, chosen: Element | None = None) -> Layout:
        """The boxes of all blocks and lines of the page, or of a block and its lines, or of a line alone."""
        boxes: list[Box] = []
        places: dict[Element, int] = {}
        names = [f"{{*}}{name}" for name in (*_BLOCKS[:3], TEXT_LINE)]
        for one in (self._root if chosen is None else chosen).iter(*names):
            is_line = local(one) == TEXT_LINE
            around = next((places[up] for up in one.iterancestors() if up in places), None) if is_line else None
            if not is_line:
                places[one] = len(boxes)
            boxes.append(Box(one.get("ID") or "", LINE if is_line else self.kind_of(one), _sides(one), around))
        return self._measured(boxes, chosen)

    def alone(self, element: Element) -> Layout:
        """The box of a block or a line, and of nothing in it."""
        return self._measured([Box("", "", _sides(element))], element)

    def _measured(self, boxes: Sequence[Box], chosen: Element | None) -> Layout:
        whole = self._pages if chosen is None else [*chosen.iterancestors("{*}Page")]
        page = whole[0] if len(whole) == 1 else None  # a file may hold several: then their boxes are in none together
        width, height = (number_of(page.get(name)) if page is not None else None for name in ("WIDTH", "HEIGHT"))
        return Layout(self._unit, width, height, boxes)


def _sides(element: Element) -> tuple[float, float, float, float] | None:
    x, y, width, height = (number_of(element.get(name)) for name in ("HPOS", "VPOS", "WIDTH", "HEIGHT"))
    return None if x is None or y is None or width is None or height is None else (x, y, width, height)


def elements_of(root: Element, name: str, number: int) -> list[Element]:
    """What is in the block or line of this number, and in none that stands inside it; nothing where there is none."""
    element = next((one for at, one in enumerate(root.iter(f"{{*}}{name}"), 1) if at == number), None)
    if element is None:
        return []
    inside = {below for inner in element.iterdescendants(f"{{*}}{name}") for below in inner.iter(etree.Element)}
    return [one for one in element.iter(etree.Element) if one not in inside]
