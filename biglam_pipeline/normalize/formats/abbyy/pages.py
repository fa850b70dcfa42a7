"""What words are on a page of FineReader's XML, how sure is it of them, and where do its blocks and lines stand?

Schemas 6 to 10 of FineReader's export: https://docs.abbyy.com/fine-reader/engine/specifications/export-formats/xml-schema-description
A page holds blocks (`blockType`); a text, or each cell of a table, holds paragraphs, lines and stretches of one
formatting. In these stand characters with their own coordinates (`charParams`), or a plain text, as the export was set.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from biglam_pipeline.normalize.printed.kinds_of_blocks import TEXT, kind_of
from biglam_pipeline.normalize.printed.layout import LINE, PIXEL, Box, Layout, number_of
from biglam_pipeline.normalize.printed.words import Forms, Place, Word
from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element

_BROKEN = ("\u00ac", "\u00ad")
"""What FineReader writes for a hyphen that breaks a word at the end of a line."""
_NO_LANGUAGE = {"digits", "mathematical", "chemical", "basic", "cobol", "fortran", "java", "pascal", "c"}
"""Recognition languages that are none."""
_HOLDERS = ("block", "pageElement", "text", "row", "cell", "par")
"""What holds lines."""
_VARIANTS = {"wordRecVariants", "charRecVariants"}
"""What else FineReader thought of; it stands before, or in, what it chose."""


@dataclass(slots=True)
class Line:
    """A line."""

    element: Element
    block: int
    """The place of its block among those of the page."""
    words: list[Word] = field(default_factory=list)
    suspicious: int = 0
    """Characters that FineReader is not certain of, blanks among them."""


@dataclass(slots=True)
class Page:
    """A page."""

    element: Element
    blocks: list[Element]
    lines: list[Line]
    loose: int = 0
    """Elements with a text that stands in no line, where no schema has one."""
    beside: int = 0
    """Lines with a text that is in none of its blocks."""

    @property
    def words(self) -> list[Word]:
        """All of them, in the order of the file, which is FineReader's reading order."""
        return [word for line in self.lines for word in line.words]

    def kind(self, block: int) -> str:
        """What a block is."""
        return kind_of([self.blocks[block].get("blockType") or ""]) or TEXT

    def layout(self, blocks: Sequence[int], lines: Sequence[Line]) -> Layout:
        """The boxes of these, in pixels of the scan."""
        boxes: list[Box] = []
        inside: dict[int, list[Line]] = {}
        for line in lines:
            inside.setdefault(line.block, []).append(line)
        for number in blocks:
            place = len(boxes)
            block = self.blocks[number]
            boxes.append(Box(block.get("blockName") or "", self.kind(number), _sides(block)))
            boxes += [Box("", LINE, _sides(one.element), place) for one in inside.get(number, ())]
        if not blocks:
            boxes += [Box("", LINE, _sides(one.element)) for one in lines]
        return Layout(PIXEL, number_of(self.element.get("width")), number_of(self.element.get("height")), boxes)


def read_page(page: Element) -> Page:
    """The page. Where the blocks stand in sections alone (schema 10), their elements are its blocks."""
    blocks = [one for one in page.iter("{*}block") if not _is_inside(one, page, "block")]
    blocks = blocks or [*page.iter("{*}pageElement")]
    lines: list[Line] = []
    texts: list[str] = []
    forms = Forms(texts)
    paragraphs: dict[Element | None, Place] = {}
    for number, block in enumerate(blocks):
        for element in block.iter("{*}line"):
            around = paragraphs.setdefault(element.getparent(), Place("", forms))
            line = _read_line(element, number, around, forms)
            lines.append(line)
            texts += (word.text for word in line.words)
    loose = sum(_is_loose(one) for block in blocks for one in block.iter(*(f"{{*}}{name}" for name in _HOLDERS)))
    return Page(page, blocks, lines, loose, _beside(page, lines))


def _beside(page: Element, lines: Sequence[Line]) -> int:
    """How many lines stand in no block and say what no line in a block does: sections may say it all again."""
    read = {line.element for line in lines}
    others = [one for one in page.iter("{*}line") if one not in read]
    known = {_letters(one) for one in read} if others else set()
    return sum(bool(text := _letters(one)) and text not in known for one in others)


def _letters(line: Element) -> str:
    return "".join("".join(map(str, line.itertext())).split())


def _is_loose(element: Element) -> bool:
    """Whether a text stands in it that is in no line."""
    return any(text and text.strip() for text in (element.text, *(one.tail for one in element)))


def _is_inside(element: Element, page: Element, name: str) -> bool:
    for one in element.iterancestors():
        if one is page:
            return False
        if local(one) == name:
            return True
    return False


def _read_line(element: Element, block: int, paragraph: Place, forms: Forms) -> Line:
    line, place = Line(element, block), Place("", forms)
    letters: list[str] = []
    sure: list[float] = []
    language = ""

    def finish() -> None:
        if letters:
            mean = sum(sure) / len(sure) if sure else None
            line.words.append(Word("".join(letters), place, paragraph, 0, "", mean, language=language))
            letters.clear()
            sure.clear()

    for formatting in [*element.iterchildren("{*}formatting")] or [element]:
        for text, character in _stretches(formatting):
            known = None
            if character is not None:
                line.suspicious += _is_true(character.get("suspicious"))
                known = _confidence(character.get("charConfidence"))
            for piece in [text] if character is not None else re.split(r"(\s+)", text):
                if not (letter := piece.strip()):
                    finish()
                    continue
                language = language if letters else language_of(formatting.get("lang") or "")
                letters.append(letter)
                if known is not None:
                    sure.append(known)
    finish()
    if line.words and line.words[-1].text.endswith(_BROKEN) and len(line.words[-1].text) > 1:
        last = line.words[-1]
        last.text, last.hyphen = last.text[:-1], last.text[-1]
    return line


def _stretches(formatting: Element) -> Iterator[tuple[str, Element | None]]:
    """Its characters one by one, or its plain text; where it has characters, blanks between them lay out the file."""
    if formatting.text and (not len(formatting) or formatting.text.strip()):
        yield formatting.text, None
    for one in formatting.iterchildren(etree.Element):
        name = local(one)
        if name == "charParams":
            yield ("\t" if _is_true(one.get("isTab")) else _own_text(one)), one
        elif name not in _VARIANTS:  # a tab or a line end
            yield " ", None
        if one.tail and one.tail.strip():
            yield one.tail, None


def _own_text(character: Element) -> str:
    """Without the variants that stand in it. A blank may have been lost where the file was laid out: then it is one."""
    text = character.text or ""
    if len(character):
        text += "".join(one.tail or "" for one in character)
    return text.strip() or " "


@lru_cache(maxsize=1024)
def _confidence(said: str | None) -> float | None:
    """From 0 to 1. FineReader counts to 100, and writes -1 or 255 where it does not know."""
    value = number_of(said)
    return value / 100 if value is not None and 0 <= value <= 100 else None


def _is_true(value: str | None) -> bool:
    return value in ("true", "1")


@lru_cache(maxsize=256)
def language_of(name: str) -> str:
    """`French` of FrenchStandard, `German` of OldGerman and GermanNewSpelling; nothing of Digits."""
    words = re.findall(r"[A-Z][a-z]+|[a-z]+", name)
    words = words[1:] if words[:1] == ["Old"] and len(words) > 1 else words
    return words[0] if words and words[0].lower() not in _NO_LANGUAGE else ""


def _sides(element: Element) -> tuple[float, float, float, float] | None:
    left, top, right, bottom = (number_of(element.get(name)) for name in "ltrb")
    if left is None or top is None or right is None or bottom is None:
        return None
    return left, top, right - left, bottom - top


def empty(element: Element) -> None:
    """Takes the words out of a block or a line, and what else FineReader thought of them; the places stay."""
    for one in list(element.iter(etree.Element)):
        if local(one) in _VARIANTS and (parent := one.getparent()) is not None:
            parent.remove(one)
            continue
        one.text = None
        if one is not element:
            one.tail = None
