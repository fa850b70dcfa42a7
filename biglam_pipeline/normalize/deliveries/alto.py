"""What words are on a page, in which order? Reads one ALTO file of any version.

ALTO: https://www.loc.gov/standards/alto/
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from biglam_pipeline.normalize.printed.words import Forms, Place, Word, confidence_of
from biglam_pipeline.parsing.xml.reading import local, text_of

Element = etree._Element

AROUND_WORDS = frozenset(
    (
        *("Page", "PrintSpace", "TopMargin", "LeftMargin", "RightMargin", "BottomMargin", "ComposedBlock"),
        *("TextBlock", "Illustration", "GraphicalElement", "TextLine"),
    )
)
"""What holds words, and pictures because areas of an article name them too."""
_TAGS = tuple(f"{{*}}{name}" for name in (*sorted(AROUND_WORDS), "String", "SP", "HYP", "ElementRef"))
"""What is looked at; a Glyph and its variants are passed over."""
PARTS = {"HypPart1": 1, "HypPart2": 2}
"""SUBS_TYPE."""


@dataclass(slots=True)
class Page:
    """The words of a page in document order, and where each element begins and ends among them."""

    words: Sequence[Word]
    marks: Iterable[tuple[str, int, int]]
    """In the order in which elements end: the ID of each that has one, and where it begins and ends."""
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
            for name, start, end in self.marks:
                if places.setdefault(name, (start, end)) != (start, end):
                    repeated.add(name)
            self._located = places, repeated
        return self._located

    def cut(self, begin: str, end: str) -> Sequence[Word] | None:
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

    def in_reading_order(self) -> Sequence[Word]:
        """As ReadingOrder says, else as IDNEXT says, else as the document has them; no word is lost or doubled."""
        if not self.listed and not self.following and _follow_one_another(self.blocks, len(self.words)):
            return self.words
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


def read_page(root: Element, made: dict[Place, Element] | None = None) -> Page:
    """The page in this document. Coordinates are not read, so that no odd unit or negative number can hurt.

    made: gets the element of each block and line.
    """
    _unqualify(root)
    words, marks = list[Word](), list[tuple[str, int, int]]()
    page = Page(words, marks, engine=engine_of(root))
    starts: list[int] = []
    languages = [""]
    texts: list[str] = []
    forms = Forms(texts)
    line = block = Place("", forms)
    for event, element in etree.iterwalk(root, events=("start", "end"), tag=_TAGS):
        name = local(element)
        if event == "end":
            languages.pop()
            _close(page, element, (starts.pop(), len(words)), marks)
            continue
        starts.append(len(words))
        languages.append(element.get("LANG") or element.get("language") or languages[-1])
        if name in ("TextBlock", "TextLine"):
            line = Place(languages[-1], forms)
            block = line if name == "TextBlock" else block
            if made is not None:
                made[line] = element
        elif name == "String":
            words += _word(element, line, block)
            texts += (word.text for word in words[len(texts) :])
        elif name in ("HYP", "SP") and words and words[-1].line is line:
            _follow(words[-1], element)
        elif name == "ElementRef":
            page.listed[element.get("REF") or ""] = None
    return page


def holds_words(root: Element) -> bool:
    """Whether anything that is looked at stands below it."""
    return next(root.iter(*_TAGS), None) is not None


def _unqualify(root: Element) -> None:
    """SBB delivered pages whose attributes carry the namespace (`default:CONTENT`): every word would be empty."""
    first = next(root.iter("{*}String"), None)
    if first is None or first.get("CONTENT") is not None:
        return
    for element in root.iter(etree.Element):
        for name, value in list(element.items()):
            if str(name).startswith("{"):
                element.set(str(name)[str(name).rfind("}") + 1 :], value)


def _close(page: Page, element: Element, place: tuple[int, int], marks: list[tuple[str, int, int]]) -> None:
    """An element ends. place: where it begins and ends among the words."""
    identifier, following = element.get("ID") or "", element.get("IDNEXT") or ""
    if identifier:
        marks.append((identifier, *place))
    if identifier and following:
        page.following[identifier] = following
    if local(element) == "TextBlock" and place[1] > place[0]:
        page.blocks.append(place)


def _word(element: Element, line: Place, block: Place) -> Iterator[Word]:
    text = (element.get("CONTENT") or "").strip()
    if text:
        part = PARTS.get(element.get("SUBS_TYPE") or "", 0)
        whole = (element.get("SUBS_CONTENT") or "").strip()
        yield Word(text, line, block, part, whole, confidence_of(element.get("WC") or ""))


def _follow(word: Word, element: Element) -> None:
    """What stands after a word: a blank, or the hyphen that breaks it."""
    if local(element) == "SP":
        word.spaced = True
    else:
        word.hyphen = element.get("CONTENT") or "-"


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
