"""What words are on a page, in which order? Reads one ALTO file of any version.

ALTO: https://www.loc.gov/standards/alto/
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from biglam_pipeline.parsing.xml.reading import local, text_of

Element = etree._Element

_TAGS = tuple(
    f"{{*}}{name}"
    for name in (
        *("Page", "PrintSpace", "TopMargin", "LeftMargin", "RightMargin", "BottomMargin", "ComposedBlock"),
        *("TextBlock", "Illustration", "GraphicalElement", "TextLine", "String", "SP", "HYP", "ElementRef"),
    )
)
"""What is looked at, pictures because areas of an article name them too; a Glyph and its variants are passed over."""
AROUND = re.compile(r"^[\W_]+|[\W_]+$")
"""Marks around a word."""
PARTS = {"HypPart1": 1, "HypPart2": 2}
"""SUBS_TYPE."""


class Place:
    """A line or a block, known by what it is and not by its name: names repeat from page to page."""

    __slots__ = ("forms", "language")

    def __init__(self, language: str, forms: "Forms") -> None:
        """forms: the words of the file it stands in."""
        self.language = language
        self.forms = forms


class Forms:
    """How often a word stands in one ALTO file, whatever its case and the marks around it."""

    def __init__(self, words: list["Word"]) -> None:
        self._words = words
        self._counts: Counter[str] | None = None

    def count(self, form: str) -> int:
        """Of a whole word, as `plain` gives it."""
        if self._counts is None:
            self._counts = Counter(plain(one) for word in self._words for one in word.text.split())
        return self._counts[form]


def plain(word: str) -> str:
    """A word without case and without the marks around it: what is counted as the same word."""
    return AROUND.sub("", unicodedata.normalize("NFC", word)).casefold()


@dataclass(slots=True)
class Word:
    """One String. `CONTENT` only: one real page offers 3,912 alternatives."""

    text: str
    line: Place
    block: Place
    part: int
    """1 or 2 for the halves of a word that is broken at the line end, else 0."""
    whole: str
    """SUBS_CONTENT."""
    confidence: float | None
    hyphen: str = ""
    """What the HYP after it prints."""
    spaced: bool = False
    """Whether an SP stands after it in its line."""


@dataclass(slots=True)
class Page:
    """The words of a page in document order, and where each element begins and ends among them."""

    words: list[Word] = field(default_factory=list)
    marks: list[str | tuple[str, int, int]] = field(default_factory=list)
    """In the order in which elements end: the ID of each word, be it empty; of another element with an ID it, and
    where the element begins and ends."""
    blocks: list[tuple[int, int]] = field(default_factory=list)
    following: dict[str, str] = field(default_factory=dict)
    """IDNEXT: block -> block."""
    listed: dict[str, None] = field(default_factory=dict)
    """ReadingOrder: blocks in order, each once."""
    engine: str = ""
    _located: tuple[dict[str, tuple[int, int]], set[str]] | None = None

    @property
    def places(self) -> dict[str, tuple[int, int]]:
        """ID -> where the element begins and ends; found where somebody asks: a page as a whole needs none."""
        return self._locate()[0]

    @property
    def repeated(self) -> set[str]:
        """IDs that several elements have: what they name is not known."""
        return self._locate()[1]

    def _locate(self) -> tuple[dict[str, tuple[int, int]], set[str]]:
        if self._located is None:
            places, repeated = dict[str, tuple[int, int]](), set[str]()
            words = 0
            for mark in self.marks:
                name, start, end = (mark, words, words + 1) if isinstance(mark, str) else mark
                words += isinstance(mark, str)
                if name and places.setdefault(name, (start, end)) != (start, end):
                    repeated.add(name)
            self._located = places, repeated
        return self._located

    def close(self, identifier: str, following: str, start: int, end: int, *, is_block: bool) -> None:
        """An element ends. identifier, following: its ID and IDNEXT, empty where it has none."""
        if identifier:
            self.marks.append((identifier, start, end))
        if identifier and following:
            self.following[identifier] = following
        if is_block and end > start:
            self.blocks.append((start, end))

    def cut(self, begin: str, end: str) -> list[Word] | None:
        """The words from one element to another, or of one; all where none is named.

        None where one of them is not there or there more than once, or it ends before it begins.
        """
        if not begin:
            return self.in_reading_order()
        if begin in self.repeated or end in self.repeated:
            return None
        first, last = self.places.get(begin), self.places.get(end or begin)
        if first is None or last is None or last[0] < first[0]:
            return None
        return self.words[first[0] : max(first[1], last[1])]

    def in_reading_order(self) -> list[Word]:
        """As ReadingOrder says, else as IDNEXT says, else as the document has them; no word is lost or doubled."""
        if not self.listed and not self.following and _follow_one_another(self.blocks, len(self.words)):
            return self.words.copy()
        ordered: list[Word] = []
        taken: set[int] = set()
        for start, end in [*self._led(), *self.blocks, (0, len(self.words))]:
            fresh = [place for place in range(start, end) if place not in taken]
            taken.update(fresh)
            ordered += [self.words[place] for place in fresh]
        return ordered

    def _led(self) -> Iterator[tuple[int, int]]:
        if self.listed:
            yield from (self.places[name] for name in self.listed if name in self.places)
        elif self.following:
            names = {place: name for name, place in self.places.items()}
            led = set(self.following.values())
            for place in self.blocks:
                if names.get(place) not in led:
                    yield from self._chain(names.get(place))

    def _chain(self, name: str | None) -> Iterator[tuple[int, int]]:
        """The place of a block and of those that IDNEXT says follow it."""
        seen: set[str] = set()
        while name is not None and name in self.places and name not in seen:
            seen.add(name)
            yield self.places[name]
            name = self.following.get(name)


def _follow_one_another(blocks: list[tuple[int, int]], words: int) -> bool:
    """Whether blocks hold all words from the first to the last, as in nearly every file."""
    starts = [0, *(end for _, end in blocks)]
    return starts[-1] == words and all(start == begin for start, (begin, _) in zip(starts, blocks, strict=False))


def read_page(root: Element) -> Page:
    """The page in this document. Coordinates are not read, so that no odd unit or negative number can hurt."""
    _unqualify(root)
    page = Page(engine=engine_of(root))
    starts: list[int] = []
    languages = [""]
    forms, _spaced = Forms(page.words), False
    line = block = Place("", forms)
    for event, element in etree.iterwalk(root, events=("start", "end"), tag=_TAGS):
        name = local(element)
        if event == "end":
            start = starts.pop()
            languages.pop()
            _close(page, element, name, start)
            continue
        starts.append(len(page.words))
        languages.append(element.get("LANG") or element.get("language") or languages[-1])
        if name == "TextBlock":
            block = line = Place(languages[-1], forms)
        elif name == "TextLine":
            line = Place(languages[-1], forms)
        elif name == "String":
            _add_word(page, element, line, block)
        elif name in ("HYP", "SP") and page.words and page.words[-1].line is line:
            _follow(page.words[-1], element)
        elif name == "ElementRef":
            page.listed[element.get("REF") or ""] = None
    return page


def _unqualify(root: Element) -> None:
    """SBB delivered pages whose attributes carry the namespace (`default:CONTENT`): every word would be empty."""
    first = next(root.iter("{*}String"), None)
    if first is None or first.get("CONTENT") is not None:
        return
    for element in root.iter(etree.Element):
        for name, value in list(element.items()):
            if str(name).startswith("{"):
                element.set(str(name)[str(name).rfind("}") + 1 :], value)


def _close(page: Page, element: Element, name: str, start: int) -> None:
    identifier, following = element.get("ID") or "", element.get("IDNEXT") or ""
    if name == "String" and len(page.words) > start:
        page.marks.append(identifier)
        if identifier and following:
            page.following[identifier] = following
    else:
        page.close(identifier, following, start, len(page.words), is_block=name == "TextBlock")


def _add_word(page: Page, element: Element, line: Place, block: Place) -> None:
    text = (element.get("CONTENT") or "").strip()
    if not text:
        return
    part = PARTS.get(element.get("SUBS_TYPE") or "", 0)
    whole = (element.get("SUBS_CONTENT") or "").strip()
    page.words.append(Word(text, line, block, part, whole, confidence_of(element.get("WC") or "")))


def _follow(word: Word, element: Element) -> None:
    """What stands after a word: a blank, or the hyphen that breaks it."""
    if local(element) == "SP":
        word.spaced = True
    else:
        word.hyphen = element.get("CONTENT") or "-"


@lru_cache(maxsize=4096)
def confidence_of(text: str) -> float | None:
    """WC as a number from 0 to 1. Pages write few different ones."""
    try:
        value = float(text)
    except ValueError:
        return None
    return value if 0 <= value <= 1 else None


def engine_of(root: Element) -> str:
    """The software of the OCR step: of several steps the first that has a name.

    ALTO 4 lists every step alike; what recognised the text is told by its name, else there must be only one.
    """
    steps = list(root.iter("{*}ocrProcessingStep"))
    if not steps:
        steps = list(root.iter("{*}Processing"))
        if len(steps) > 1:
            steps = [step for step in steps if "recogni" in text_of(step).lower()][-1:]
    names = (_software(step) for step in steps)
    return next((name for name in names if name), "")


def _software(step: Element) -> str:
    software = next(step.iter("{*}processingSoftware"), None)
    if software is None:
        return ""
    texts = {local(child): text_of(child) for child in software.iterchildren(etree.Element)}
    name = texts.get("softwareName", "")
    return f"{name} {texts.get('softwareVersion', '')}".strip() if name and name != "NA" else ""


def mean_confidence(words: Iterable[Word]) -> float | None:
    """Of the words that have one, 0 to 1."""
    known = [word.confidence for word in words if word.confidence is not None]
    return sum(known) / len(known) if known else None


def languages_of(words: Iterable[Word]) -> list[str]:
    """As the page declares them for its blocks and lines, the most used first."""
    counts = Counter(word.line.language for word in words if word.line.language)
    return [language for language, _ in sorted(counts.items(), key=lambda one: (-one[1], one[0]))]
