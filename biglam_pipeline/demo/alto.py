"""One printed page as ALTO 4: blocks, lines and words with places and confidences, words broken at line ends.

https://www.loc.gov/standards/alto/
"""

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from lxml import etree

from .newspaper import Article, Issue

NAMESPACE = "http://www.loc.gov/standards/alto/ns-v4#"
_XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NAMES: dict[Any, str] = {None: NAMESPACE, "xsi": _XSI}  # Any: the stubs of lxml know no default namespace
_SCHEMA = f"{NAMESPACE} http://www.loc.gov/standards/alto/v4/alto-4-2.xsd"
_LETTER_PX, _LINE_PX, _MARGIN_PX, _COLUMN_PX = 14, 30, 120, 640
_PAGE_WIDTH_PX, _PAGE_HEIGHT_PX = 2800, 3600
LETTERS_IN_LINE = 38


@dataclass(frozen=True, slots=True)
class Word:
    """What stands on one line of a word; `whole` is the unbroken word where it is one half of it."""

    text: str
    confidence: float
    whole: str = ""
    half: int = 0


def head_block(article: Article) -> str:
    """The block id of the headline."""
    return f"{article.id}_head"


def body_block(article: Article, page: int) -> str:
    """The block id of what is printed of the article on that page."""
    return f"{article.id}_p{page}"


def _break_at(word: str, room: int) -> int:
    """After how many letters the word may be broken so that they and a hyphen fit the room; 0: nowhere."""
    bare = word.rstrip(".,;")
    if len(bare) < 7 or not bare.isalpha():
        return 0
    for at in range(min(room - 1, len(bare) - 3), 2, -1):
        if bare[at - 1] in "aeiou" and bare[at] not in "aeiou":
            return at
    return 0


def set_lines(words: list[Word]) -> Iterator[list[Word]]:
    """The words set to the measure; a word broken at the end of a line stands as two halves."""
    line: list[Word] = []
    used = 0
    for word in words:
        room = LETTERS_IN_LINE - used
        if len(word.text) <= room:
            line.append(word)
            used += len(word.text) + 1
            continue
        at = _break_at(word.text, room)
        rest = word
        if at:
            line.append(Word(word.text[:at], word.confidence, word.text, 1))
            rest = Word(word.text[at:], word.confidence, word.text, 2)
        yield line
        line, used = [rest], len(rest.text) + 1
    yield line


def _seen(issue: Issue, article: Article, page: int) -> list[Word]:
    """The article's words on that page. Drawn from its beginning, so that an addition moves no other figure."""
    chance = Random(f"seen {issue.name} {article.id}")
    for part in article.parts:
        words = [Word(word, round(0.99 - chance.random() ** 3 * 0.4, 2)) for word in part.text.split()]
        if part.page == page:
            return words
    return []


def _add(parent: etree._Element, tag: str, text: str = "", **attributes: str) -> etree._Element:
    element = etree.SubElement(parent, f"{{{NAMESPACE}}}{tag}", attributes)
    element.text = text or None
    return element


def _place(element: etree._Element, left: int, top: int, width: int, height: int) -> None:
    for name, value in (("HPOS", left), ("VPOS", top), ("WIDTH", width), ("HEIGHT", height)):
        element.set(name, str(value))


def _line(block: etree._Element, words: list[Word], left: int, top: int) -> None:
    line = _add(block, "TextLine", ID=f"{block.get('ID')}_l{len(block) + 1}")
    start = left
    for number, word in enumerate(words, 1):
        if number > 1:
            _add(line, "SP", HPOS=str(start), VPOS=str(top), WIDTH=str(_LETTER_PX))
            start += _LETTER_PX
        string = _add(line, "String", ID=f"{line.get('ID')}_s{number}", CONTENT=word.text)
        width = len(word.text) * _LETTER_PX
        _place(string, start, top, width, _LINE_PX - 8)
        string.set("WC", f"{word.confidence:.2f}")
        if word.half:
            string.set("SUBS_TYPE", f"HypPart{word.half}")
            string.set("SUBS_CONTENT", word.whole)
        start += width
    if words[-1].half == 1:
        _add(line, "HYP", HPOS=str(start), VPOS=str(top), WIDTH=str(_LETTER_PX), CONTENT="-")
        start += _LETTER_PX
    _place(line, left, top, start - left, _LINE_PX - 8)


def _headline(article: Article) -> list[Word]:
    return [Word(word, 0.97) for word in article.headline.upper().split()]


def _block(space: etree._Element, name: str, words: list[Word], left: int, top: int) -> int:
    """Set one block at that place; returns where the next one may begin."""
    block = _add(space, "TextBlock", ID=name)
    block.set("LANG", "en")
    below = top
    for line in set_lines(words):
        _line(block, line, left, below)
        below += _LINE_PX
    _place(block, left, top, LETTERS_IN_LINE * _LETTER_PX, below - top)
    return below + _LINE_PX


def _describe(alto: etree._Element, picture: str) -> None:
    description = _add(alto, "Description")
    _add(description, "MeasurementUnit", "pixel")
    image = _add(description, "sourceImageInformation")
    _add(image, "fileName", picture)
    processing = _add(description, "Processing", ID="OCR_1")
    software = _add(processing, "processingSoftware")
    _add(software, "softwareCreator", "Aldermere Free Library")
    _add(software, "softwareName", "Reading Glass")
    _add(software, "softwareVersion", "1.3")


def page_xml(issue: Issue, page: int) -> bytes:
    """The page as a file. An article takes a column; a page without text has a print space, but no block."""
    alto = etree.Element(f"{{{NAMESPACE}}}alto", nsmap=_NAMES)
    alto.set(f"{{{_XSI}}}schemaLocation", _SCHEMA)
    _describe(alto, f"{issue.name}_{page:04d}.tif")
    sheet = _add(_add(alto, "Layout"), "Page", ID=f"page{page}", PHYSICAL_IMG_NR=str(page))
    sheet.set("WIDTH", str(_PAGE_WIDTH_PX))
    sheet.set("HEIGHT", str(_PAGE_HEIGHT_PX))
    space = _add(sheet, "PrintSpace", ID=f"page{page}_space")
    _place(space, _MARGIN_PX, _MARGIN_PX, _PAGE_WIDTH_PX - 2 * _MARGIN_PX, _PAGE_HEIGHT_PX - 2 * _MARGIN_PX)
    left = _MARGIN_PX
    for article in issue.articles:
        words = _seen(issue, article, page)
        if not words:
            continue
        top = _MARGIN_PX
        if article.parts[0].page == page:
            top = _block(space, head_block(article), _headline(article), left, top)
        _block(space, body_block(article, page), words, left, top)
        left += _COLUMN_PX
    return etree.tostring(alto, xml_declaration=True, encoding="UTF-8", pretty_print=True)
