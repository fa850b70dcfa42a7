"""Which text does an element of PAGE have? A line its own; only where it has none, that of its words or their glyphs.

Levels contradict each other in real files: ground truth is often corrected on lines only, while their words keep the
old OCR (NZZ, https://github.com/impresso/NZZ-black-letter-ground-truth), and glyphs, words and lines of other files
differ by mistake (https://ocr-d.de/en/spec/page#consistency-of-text-results-on-different-levels). The line counts.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from lxml import etree

from biglam_pipeline.normalize.formats.page_xml.about import type_of
from biglam_pipeline.normalize.formats.page_xml.initials import begin_words, is_initial
from biglam_pipeline.normalize.formats.page_xml.order import by_custom, is_region, ordered
from biglam_pipeline.normalize.printed.boxes import Corners, of_points
from biglam_pipeline.normalize.printed.words import Forms, Place, Word, confidence_of
from biglam_pipeline.parsing.xml.reading import local, text_of

Element = etree._Element
Level = Literal["line", "words", "glyphs", "region"]

_NOT = "\u00ac"
"""What stands in transcriptions for a hyphen that only the line end asks for: it is a mark, no letter, as Transkribus
and the German Text Archive have it."""
_UNKNOWN = {"", "other", "none", "unknown", "undefined", "und", "n/a"}
_SPACE = re.compile(r"\s")


@dataclass(slots=True)
class Reading:
    """The text that one TextEquiv of an element gives."""

    text: str = ""
    confidence: float | None = None
    others: int = 0
    """Further readings that are not taken."""


@dataclass(slots=True)
class Line:
    """A line with a text."""

    element: Element
    """A TextLine; a region, where the region has a text and its lines have none."""
    level: Level
    words: list[Word]


@dataclass(slots=True)
class Region:
    """A region with what is written in it."""

    element: Element
    lines: list[Line] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """The text of a Page, in reading order."""

    element: Element
    regions: list[Region] = field(default_factory=list)
    """Those that have a text."""
    empty: Counter[str] = field(default_factory=Counter)
    """Names of regions that have none, and how many."""
    counts: Counter[str] = field(default_factory=Counter)
    """What has to be said of how it was read -> how often."""
    bare_lines: int = 0
    """Lines without any text."""

    @property
    def words(self) -> list[Word]:
        """All of them."""
        return [word for region in self.regions for line in region.lines for word in line.words]


def read_page(page: Element) -> Page:
    """Every TextLine gives its text once, wherever it stands; those in no region stand last."""
    return _Reader(page).read()


def reading_of(element: Element) -> Reading:
    """Of several the one with the lowest @index, and those without one behind (PAGE 2013: "the text content with the
    lowest index should be interpreted as the main text content"); Unicode before PlainText, which has no ligatures.
    """
    equivalents = [*element.iterchildren("{*}TextEquiv")]
    if not equivalents:
        return Reading()
    main = equivalents[0] if len(equivalents) == 1 else min(equivalents, key=_index)
    texts = (text_of(one) for name in ("Unicode", "PlainText") for one in main.iterchildren(f"{{*}}{name}"))
    text = next((text for text in texts if text), "")
    return Reading(text, confidence_of((main.get("conf") or "").strip()), len(equivalents) - 1)


def _index(equivalent: Element) -> float:
    said = (equivalent.get("index") or "").strip()
    return int(said) if said.isascii() and said.isdigit() and len(said) < 10 else float("inf")


class _Reader:
    """One page on its way."""

    def __init__(self, page: Element) -> None:
        self._page = Page(page)
        self._texts: list[str] = []
        self._forms = Forms(self._texts)

    def read(self) -> Page:
        page = self._page
        order = ordered(page.element)
        lines: dict[Element, list[Element]] = {one: [] for one in order.regions}
        astray: list[Element] = []
        for line in page.element.iter("{*}TextLine"):
            around = next((up for up in line.iterancestors() if up in lines), None)
            (astray if around is None else lines[around]).append(line)
        blocks = {one: Place("", self._forms) for one in order.regions}
        parts = {one: Region(one, self._lines(by_custom(lines[one]), blocks[one])) for one in order.regions}
        self._add_own(parts, blocks)
        for one, region in parts.items():
            self._take(region, beside=one in order.beside)
        if astray:
            self._count("lines that stand in no region", len(astray))
            self._take(Region(page.element, self._lines(astray, Place("", self._forms))), beside=False)
        begin_words([(is_initial(type_of(one.element)), box_of(one.element), _words(one)) for one in page.regions])
        self._count("reading order names regions that are not there", order.missing)
        self._count("reading order names a region twice", order.repeated)
        inside = {word for line in page.element.iter("{*}TextLine") for word in line.iterchildren("{*}Word")}
        self._count("words that stand in no line", sum(word not in inside for word in page.element.iter("{*}Word")))
        return page

    def _count(self, what: str, times: int = 1) -> None:
        if times:
            self._page.counts[what] += times

    def _lines(self, elements: Sequence[Element], block: Place) -> list[Line]:
        """Those that have a text."""
        found = [line for one in elements if (line := self._line(one, block)).words]
        self._page.bare_lines += len(elements) - len(found)
        return found

    def _add_own(self, parts: Mapping[Element, Region], blocks: Mapping[Element, Place]) -> None:
        """The own text of regions none of whose lines has one; the innermost first."""
        inner: dict[Element, list[list[str]]] = {one: [] for one in parts}
        for element in reversed([one for one in self._page.element.iter(etree.Element) if one in parts]):
            region, inside = parts[element], [word for several in reversed(inner[element]) for word in several]
            own = self._reading(element)
            if own.text and self._is_its_own(own.text, region, inside):
                region.lines = [*self._own_lines(element, own, blocks[element])]
            around = next((up for up in element.iterancestors() if up in parts), None)
            if around is not None:
                inner[around].append([*_texts(region), *inside])

    def _is_its_own(self, text: str, region: Region, inside: list[str]) -> bool:
        """Whether a region's text stands neither in its lines nor in the regions inside of it.

        That of a region with regions inside may be all that these say: ocrd-tesserocr-recognize writes it of each that
        has some (page_update_higher_textequiv_levels). It is taken for theirs where half of its words are.
        """
        lines = _texts(region)
        same = _letters(text) in ("".join(lines), "".join(inside), "".join([*lines, *inside]))
        if inside and not same:
            own, among = Counter(text.split()), Counter([*lines, *inside])
            same = own == among  # those inside may stand in another order
            if not lines and (own - among).total() * 2 > own.total():
                return True
        elif not lines and not inside:
            return True
        self._count("a region says otherwise than its lines", int(not same))
        return False

    def _take(self, region: Region, *, beside: bool) -> None:
        if region.lines:
            self._page.regions.append(region)
            self._count("regions that the reading order does not name", int(beside))
        elif is_region(region.element):
            self._page.empty[local(region.element)] += 1

    def _reading(self, element: Element) -> Reading:
        reading = reading_of(element)
        self._count("further readings of a text", reading.others)
        return reading

    def _own_lines(self, region: Element, own: Reading, block: Place) -> Iterator[Line]:
        self._count("read of the region, since its lines have none")
        for text in own.text.splitlines():
            if text.strip():
                place = Place(_language(region), self._forms)
                yield Line(region, "region", self._words([(text, own.confidence, True)], place, block))

    def _line(self, line: Element, block: Place) -> Line:
        place = Place(_language(line), self._forms)
        own = self._reading(line)
        words = [one for element in line.iterchildren("{*}Word") if (one := self._word(element))[0]]
        if not own.text:
            glyphs = any(from_glyphs for _, _, from_glyphs in words)
            self._count("read of words, since their line has none", int(bool(words)))
            self._count("read of glyphs, since their word has none", int(glyphs))
            pairs = [(text, confidence, False) for text, confidence, _ in words]
            return Line(line, "glyphs" if glyphs else "words", self._words(pairs, place, block))
        confidence, known = own.confidence, [one for _, one, _ in words if one is not None]
        if words and _letters("".join(text for text, *_ in words)) != _letters(own.text):
            self._count("a line says otherwise than its words")
        elif known:  # what is said of the words is said of this text
            confidence = sum(known) / len(known)
        return Line(line, "line", self._words([(own.text, confidence, True)], place, block))

    def _word(self, element: Element) -> tuple[str, float | None, bool]:
        """Its text, or that of its glyphs; how sure it is; whether it was read of glyphs."""
        own = self._reading(element)
        glyphs = [self._reading(one) for one in element.iterchildren("{*}Glyph")]
        together = "".join(one.text for one in glyphs)
        if own.text and together and _letters(together) != _letters(own.text):
            self._count("a word says otherwise than its glyphs")
        if own.text or not together:
            return own.text, own.confidence, False
        known = [one.confidence for one in glyphs if one.confidence is not None]
        return together, sum(known) / len(known) if known else None, True

    def _words(self, texts: Sequence[tuple[str, float | None, bool]], line: Place, block: Place) -> list[Word]:
        """texts: each with how sure it is, and whether blanks are written in it as they are printed."""
        found: list[Word] = []
        for text, confidence, spaced in texts:
            pieces = text.split()
            found += (Word(one, line, block, 0, "", confidence, spaced=spaced) for one in pieces)
        if found:
            found[-1].spaced = False
            if found[-1].text.endswith(_NOT):
                found[-1].hyphen = _NOT
        self._texts += (word.text for word in found)
        return found


def _texts(region: Region) -> list[str]:
    return [word.text for word in _words(region)]


def _words(region: Region) -> list[Word]:
    return [word for line in region.lines for word in line.words]


def box_of(element: Element) -> Corners | None:
    """By `points`, or by the Points of 2010, which are no attribute."""
    coords = element.find("{*}Coords")
    if coords is None:
        return None
    points = coords.get("points") or " ".join(f"{one.get('x')},{one.get('y')}" for one in coords.iter("{*}Point"))
    return of_points(points)


def _letters(text: str) -> str:
    return _SPACE.sub("", text)


def _language(element: Element) -> str:
    """What is said of the line, of its words, or of what stands around it, in PAGE's own English names."""
    first = next(element.iterchildren("{*}Word"), None)
    for one in (element, *([first] if first is not None else []), *element.iterancestors()):
        said = (one.get("primaryLanguage") or one.get("language") or "").strip()
        if said.lower() not in _UNKNOWN:
            return said
    return ""
