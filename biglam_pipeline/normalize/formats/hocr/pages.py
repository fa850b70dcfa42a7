"""What stands on the pages of an hOCR file? Words line by line, known by the classes of their elements.

hOCR 1.2: https://kba.github.io/hocr-spec/1.2/
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from biglam_pipeline.normalize.formats.hocr.properties import number_of, picture_of, sure_of
from biglam_pipeline.normalize.printed.words import Forms, Place, Word
from biglam_pipeline.parsing.html import Bit
from biglam_pipeline.parsing.inflate import Unreadable

_PAGE = "ocr_page"
_WORDS = {"ocrx_word", "ocr_word"}
_CHARACTERS = {"ocrx_cinfo", "ocr_cinfo", "ocr_glyph", "ocr_glyphs"}
LINES = {"ocr_line", "ocrx_line", "ocr_header", "ocr_footer", "ocr_caption", "ocr_textfloat", "ocr_pageno"}
"""Of Tesseract's `ocr_header` and its like, each is a line; where others have lines inside, these are."""
_BLOCK_CLASSES = {
    *("ocr_document", "ocr_title", "ocr_author", "ocr_abstract", "ocr_part", "ocr_chapter", "ocr_section"),
    *("ocr_subsection", "ocr_subsubsection", "ocr_display", "ocr_blockquote", "ocr_par", "ocr_carea", "ocr_column"),
    *("ocr_xycut", "ocrx_block", "ocr_float", "ocr_textimage", "ocr_table", "ocr_image", "ocr_photo"),
}
"""Logical, typesetting and float elements, whatever their tags: https://kba.github.io/hocr-spec/1.2/#segmentation"""
_BLOCKS = {
    *("p", "div", "table", "caption", "thead", "tbody", "tfoot", "tr", "td", "th", "li", "ul", "ol", "dl", "dt", "dd"),
    *("menu", "dir", "blockquote", "pre", "center", "address", "section", "article", "header", "footer", "main", "nav"),
    *("aside", "figure", "figcaption", "form", "fieldset", "details", "summary", "h1", "h2", "h3", "h4", "h5", "h6"),
}
"""What HTML shows as a block: https://html.spec.whatwg.org/multipage/rendering.html#flow-content-3"""
NO_TEXT = {"script", "style", "del"}
"""`del` is a reading that was not chosen: https://kba.github.io/hocr-spec/1.2/#segmentation, alternatives."""
VOID = {"br", "hr", "img", "meta", "link", "input", "wbr", "area", "base", "col", "embed", "source", "track"}
_CHOICES = re.compile(r"(?:lstm_choices|timestep|symbol|choice)_?[0-9]")
"""IDs of what Tesseract offers for the characters of a word, behind its text, where `lstm_choice_mode` is set:
https://tesseract-ocr.github.io/tessdoc/Examples_C++.html"""
_PIECE = re.compile(r"\s+|\S+")
_LANGUAGE = re.compile(r"\bocrp_lang\s+([\w-]+)")
_BLANKS = " \t\r\n\f"
_UNKNOWN = {"", "unknown", "und", "none"}
_MAX_LETTERS = 50_000_000


@dataclass(slots=True)
class Line:
    """A line with words."""

    name: str
    """Its id."""
    title: str = ""
    """Its properties, as they are written."""
    words: list[Word] = field(default_factory=list)


@dataclass(slots=True)
class Page:
    """One ocr_page; or what stands in none."""

    number: int
    """In its file, from 1."""
    name: str = ""
    """Its id."""
    title: str = ""
    """Its properties, as they are written."""
    language: str = ""
    lines: list[Line] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    """What has to be said of how it was read."""

    @property
    def words(self) -> list[Word]:
        """All of them."""
        return [word for line in self.lines for word in line.words]

    @property
    def image(self) -> str:
        """The path of its picture; else what the engine calls its source."""
        return picture_of(self.title)

    @property
    def printed_number(self) -> str:
        """`ppageno`, which counts from 0 in Tesseract."""
        return number_of(self.title)


@dataclass(slots=True)
class _Open:
    """An element that is not closed."""

    tag: str
    classes: frozenset[str]
    language: str
    confidence: float | None
    line: tuple[str, str]
    """Id and title of the innermost line."""
    silent: bool
    in_page: bool
    in_ocr: bool
    """Whether it stands in any element of hOCR."""
    in_word: bool = False
    in_character: bool = False


_NOWHERE = _Open("", frozenset(), "", None, ("", ""), silent=False, in_page=False, in_ocr=False)


class Pages:
    """The pages of one file, each once its successor begins; what a page is followed by belongs to it."""

    def __init__(self) -> None:
        self.meta: dict[str, str] = {}
        """What <meta> says, by name in small letters."""
        self.title = ""
        self.unread = 0
        """Words that stand in no page and in no element of hOCR."""
        self._open: list[_Open] = []
        self._page: Page | None = None
        self._number = 0
        self._letters = 0
        self._line: Line | None = None
        self._block: Place | None = None
        self._texts: list[str] = []
        self._glued = False
        self._spelled = False
        """Whether the word that is open has an element for each character."""
        self._names: Counter[str] = Counter()
        """Of elements that are open."""
        self._last: Word | None = None
        self._pieces: list[str] = []
        """What the last word is made of."""

    def read(self, bits: Iterable[Bit]) -> Iterator[Page]:
        """Unreadable `too_large`; what `bits` raises ends the last page, which is not given then."""
        for bit in bits:
            if bit.kind == "start":
                if _PAGE in _classes(bit.attributes):
                    yield from self._flush()
                    self._new_page(bit.attributes)
                self._start(bit.said, bit.attributes)
            elif bit.kind == "end":
                self._end(bit.said)
            else:
                self._text(bit.said)
        yield from self._flush()

    def _flush(self) -> Iterator[Page]:
        self._settle()
        if self._page is not None:
            yield self._page
        self._page, self._letters = None, 0
        self._begin_block()

    def _new_page(self, attributes: Mapping[str, str]) -> None:
        self._number += 1
        self._page = Page(self._number, attributes.get("id", ""), attributes.get("title", ""))
        if self._above.in_page:
            self._page.counts["the page before is not closed"] += 1
        self._texts = []
        self._forms = Forms(self._texts)
        self._begin_block()

    # --- tags ---

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "meta":
            self.meta.setdefault((attributes.get("name") or "").strip().lower(), attributes.get("content") or "")
        if tag in VOID:
            self._line = None if tag in ("br", "hr") else self._line
            return
        above, classes, title = self._above, _classes(attributes), attributes.get("title", "")
        confidence = None if classes & _CHARACTERS else sure_of(title)
        self._open.append(
            _Open(
                tag,
                classes,
                _language_of(attributes) or above.language,
                above.confidence if confidence is None else confidence,
                (attributes.get("id", ""), title) if classes & LINES else above.line,
                silent=above.silent or tag in NO_TEXT or self._is_alternative(classes, attributes.get("id", "")),
                in_page=above.in_page or _PAGE in classes,
                in_ocr=above.in_ocr or any(name.startswith("ocr") for name in classes),
                in_word=above.in_word or not classes.isdisjoint(_WORDS),
                in_character=above.in_character or not classes.isdisjoint(_CHARACTERS),
            )
        )
        self._spelled = self._open[-1].in_word and (self._spelled or self._open[-1].in_character)
        self._names[tag] += 1
        self._break(tag, classes)

    @property
    def _above(self) -> _Open:
        """The innermost element that is open."""
        return self._open[-1] if self._open else _NOWHERE

    def _is_alternative(self, classes: frozenset[str], name: str) -> bool:
        """Whether it is a further reading of what stands before it; name: its ID."""
        if self._above.in_word and is_choice(name) and classes & (_CHARACTERS | {"ocr_symbol"}):
            self._count_alternative()
            return True
        if "alt" not in classes or not self._open or "alternatives" not in self._open[-1].classes:
            return False
        first = "first" not in self._open[-1].classes
        if first:
            self._open[-1].classes |= {"first"}
        else:
            self._count_alternative()
        return not first

    def _count_alternative(self) -> None:
        if self._page is not None:
            self._page.counts["further readings of a text"] += 1

    def _break(self, tag: str, classes: frozenset[str]) -> None:
        if classes & _WORDS:
            self._glued = self._spelled = False
        elif classes & LINES:
            self._line = None
        if tag in _BLOCKS or classes & _BLOCK_CLASSES:
            self._begin_block()

    def _begin_block(self) -> None:
        self._line = self._block = None

    def _end(self, tag: str) -> None:
        """Closes what is open of this name; one that is not is passed over, as HTML has it."""
        while self._names[tag]:
            one = self._open.pop()
            self._names[one.tag] -= 1
            self._break(one.tag, one.classes - _WORDS)
            self._spelled = self._spelled and self._above.in_word
            if one.tag == tag:
                return

    # --- text ---

    def _text(self, text: str) -> None:
        above = self._above
        if above.tag == "title" and len(self.title) < 1000:
            self.title += text
        if above.silent or (not text.strip() and self._line is None):
            return
        if not (above.in_page or above.in_ocr):
            self.unread += 0 if above.tag == "title" else len(text.split())
            return
        if self._spelled and not above.in_character and not text.strip(_BLANKS):
            return  # a line end of the markup between two characters of a word
        if not above.in_page:
            if self._page is None:
                self._new_page({})
            assert self._page is not None
            if text.strip():
                self._page.counts["stands outside of its page"] += 1
        self._letters += len(text)
        if self._letters > _MAX_LETTERS:
            raise Unreadable("too_large", f"page {self._number} holds more than {_MAX_LETTERS} letters; split it")
        for piece in _PIECE.findall(text):
            self._take(piece, above)

    def _take(self, piece: str, above: _Open) -> None:
        assert self._page is not None
        if piece.isspace():
            self._glued = False
            if self._line is not None:
                self._line.words[-1].spaced = True
            return
        if self._line is not None and self._glued:
            self._pieces.append(piece)
            return
        self._settle()
        if self._block is None:
            self._block = Place("", self._forms)
        if self._line is None:
            self._line, self._place = Line(*above.line), Place(above.language, self._forms)
            self._page.lines.append(self._line)
        one = Word(piece, self._place, self._block, 0, "", above.confidence, language=above.language)
        self._line.words.append(one)
        self._pieces, self._last, self._glued = [piece], self._line.words[-1], True

    def _settle(self) -> None:
        """The last word is whole."""
        if self._last is not None:
            self._last.text = "".join(self._pieces)
            self._texts.append(self._last.text)
        self._pieces, self._last = [], None


def is_choice(name: str) -> bool:
    """Whether an element of this ID may be what Tesseract offers beside a word."""
    return _CHOICES.match(name) is not None


def _classes(attributes: Mapping[str, str]) -> frozenset[str]:
    return _split(attributes.get("class") or "")


@lru_cache(maxsize=256)
def _split(classes: str) -> frozenset[str]:
    return frozenset(classes.split())


def _language_of(attributes: Mapping[str, str]) -> str:
    said = attributes.get("lang") or attributes.get("xml:lang") or ""
    if not said and "ocrp_lang" in attributes.get("title", "") and (found := _LANGUAGE.search(attributes["title"])):
        said = found[1]
    return "" if said.lower() in _UNKNOWN else said
