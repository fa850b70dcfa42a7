"""Reads the text layer of PDF: a page is a row, or a document. Nothing is read off pictures.

PDF: ISO 32000-2:2020, https://pdfa.org/resource/iso-32000-2/ ; the text is PDFium's, in a process of its own.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Cut, Facts, Found
from biglam_pipeline.normalize.formats.pdf.about import About, about_of
from biglam_pipeline.normalize.mapping.paths import FactsOnly, PathLanguage
from biglam_pipeline.normalize.printed.rows import Printed, cut_words
from biglam_pipeline.normalize.printed.words import Forms, Place, Word
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.parsing.counted import AtLeast
from biglam_pipeline.parsing.inflate import Unreadable, open_plain
from biglam_pipeline.parsing.pdf.asking import MAX_PDF_BYTES, PageText, about, pages_of
from biglam_pipeline.place import NOWHERE
from biglam_pipeline.place import Place as Stands
from biglam_pipeline.records import Bundle, Item, Reject
from biglam_pipeline.settings import Accounts

_READ, _MAGIC = "pdf-text/1", b"%PDF-"
_UNKNOWN = re.compile("[\x01-\x08\x0b\x0e-\x1f\ufffd\ue000-\uf8ff]")
"""What stands where a font does not say which letter a glyph is (ISO 32000-2, 9.10)."""
_PARAGRAPH = 1.4
"""Of the usual distance of lines, from which on a line begins something else, as it does above the one before it."""
_MAX_CHARS = 100_000_000


class Pdf(Reader):
    """A page or a document is a row; a VALUE is a fact (`$page_label`, `$stem`)."""

    type: Literal["pdf"] = "pdf"
    """PDF with a text layer: born digital, or of OCR beneath its pictures."""
    rows: Literal["page", "document"] = "page"
    """What one row is."""
    dehyphenate: bool = True
    """Whether words broken at a line end are made whole; `no` keeps the lines as printed."""

    tells_origin: ClassVar[bool] = True
    accounts: ClassVar[Accounts] = Accounts(
        "pages, or documents; those without a text are rows without one",
        "pages by pypdf, which shares nothing with PDFium",
        "a page that cannot be read, or ends the process that reads it, is a reject; so is a document that is locked",
    )
    extensions: ClassVar[tuple[str, ...]] = (".pdf",)
    path_language: ClassVar[PathLanguage] = FactsOnly()
    default_modality: ClassVar[Modality] = "text"
    record_format: ClassVar[str] = "pdf"
    own_facts: ClassVar[tuple[str, ...]] = ("page", "page_label", "pages", "producer", "creator_tool", "created")
    guessed_from: ClassVar[tuple[str, ...]] = ("pdf",)
    called: ClassVar[tuple[str, ...]] = ("pdfs", "pdfa", "pdf_a", "acrobat")
    notes: ClassVar[tuple[str, str]] = (
        (
            "A VALUE is a `$NAME` or a constant: `$page` is the number of a page, `$page_label` what is printed on it "
            "(`iv`), `$pages` how many there are, `$created` when the file was made, which is no date of the text, "
            "`$producer` and `$creator_tool` the programs that made it."
        ),
        (
            "No picture is read: a page without a text layer is a row without a text, counted. `text_origin` is `ocr` "
            "where most of a page's text is painted with nothing, has a font without glyphs, or lies under a picture "
            "of the page. Lines stand as PDFium finds them, columns as the file has them; a line that stands apart "
            "begins a paragraph. Title, creators, date, languages and rights come from XMP, title and creators else "
            "from the information dictionary; names of files and programs in their place are left out, counted. "
            "dc:rights, xmpRights, cc:license and fields named like rights are heard as the document's own. A document "
            "that opens without a password is read unless its permissions forbid that text is taken out. PDFium runs "
            "in a process of its own: a page that crashes or holds it for a minute is a reject, the next ones are read."
        ),
    )

    @model_validator(mode="after")
    def _has_text(self) -> "Pdf":
        if self.modality == "metadata":
            raise ValueError("`pdf` reads text; leave `modality` out")
        return self

    def cut(self, item: Item) -> Iterator[Found]:
        """Page after page, or the document."""
        if not item.whole:
            raise Unreadable("pdf_part", "a PDF is read whole alone")
        data = _read(item)
        told = about(data)
        found = _Document(self, item, about_of(told), told["pages"] or 0)
        yield from found.rows(pages_of(data)) if self.rows == "page" else found.whole(pages_of(data))

    def expected(self, bundle: Bundle) -> int | None:
        """Pages by pypdf, or documents; None where pypdf cannot count those of one, or it is locked. Or more: a page
        that is announced and is not there is a reject.
        """
        try:
            counts = [about(_read(item))["pages"] for item in bundle.items]
        except Unreadable:
            return None
        if None in counts:
            return None
        return AtLeast(sum(counts)) if self.rows == "page" else len(counts)


def _read(item: Item) -> bytes:
    with open_plain(item) as stream:
        data = stream.read(MAX_PDF_BYTES + 1)
    if len(data) > MAX_PDF_BYTES:
        raise Unreadable("too_large", f"it is larger than {MAX_PDF_BYTES} bytes; split it before it is harvested")
    if _MAGIC not in data[:1024]:  # Annex H of the first edition allows so much before it
        raise Unreadable("not_pdf", "it does not begin as a PDF does; look at what the server sent")
    return data


@dataclass(slots=True)
class _Document:
    """One document on its way to rows."""

    reader: Pdf
    item: Item
    about: About
    pages: int
    """By pypdf; 0 where it cannot tell."""

    def rows(self, read: Iterator[PageText]) -> Iterator[Found]:
        """A row for each page."""
        problems, count = tuple(self.about.problems), 0
        for page in read:
            count += 1
            if page.refused:
                yield self._reject(page)
                continue
            name, place = f"{self.item.name}#page-{page.number}", Stands("page", page.number)
            around = {"parent_id": self.item.name, "seq": page.number}
            facts: Facts = {"page": str(page.number), "page_label": page.label}
            yield self._row([page], name, "page", place, around, facts, problems)
            problems = ()
        yield from self._unseen(count)

    def whole(self, read: Iterator[PageText]) -> Iterator[Found]:
        """All pages as one row; a page that cannot be read makes the document a reject, for it would not be whole."""
        pages, size = list[PageText](), 0
        for page in read:
            if page.refused:
                yield self._reject(page)
                return
            pages.append(page)
            size += sum(len(line) for line, _ in page.lines)
            if size > _MAX_CHARS:
                raise Unreadable("too_large", f"its text is above {_MAX_CHARS} characters; read its pages")
        if unseen := self._unseen(len(pages)):
            yield from unseen
            return
        yield self._row(pages, self.item.name, "document", NOWHERE, {}, {}, tuple(self.about.problems))

    def _unseen(self, count: int) -> list[Reject]:
        """PDFium believes what the page tree says of its number, and passes over the pages behind it."""
        if count >= self.pages:
            return []
        # `qpdf a.pdf --pages . -- b.pdf` refuses such a file, and `qpdf a.pdf b.pdf` keeps the number (11.3).
        said = (
            f"it says that it has {count} pages, and {self.pages} are in it; put them into a new file, which has not "
            "its title: `qpdf --empty --pages a.pdf 1-z -- b.pdf`"
        )
        return [Reject("pdf_pages_unseen", f"{self.item.name}: {said}", self.item.name, "")]

    def _reject(self, page: PageText) -> Reject:
        return Reject(page.refused, page.detail, self.item.name, f"page {page.number}")

    def _row(
        self,
        pages: Sequence[PageText],
        name: str,
        unit: Literal["page", "document"],
        place: Stands,
        around: dict[str, Any],
        facts: Facts,
        problems: tuple[str, ...],
    ) -> Cut:
        words = words_of(pages)
        seen, hidden = sum(page.seen for page in pages), sum(page.hidden for page in pages)
        under = bool(self.about.engine) and all(page.covered for page in pages)
        origin = "ocr" if hidden > seen or (seen and under) else "born_digital"
        printed = Printed(
            *(self.item, None, words, self.about.engine if origin == "ocr" else "", unit, name, _READ, place),
            (*problems, *_problems(pages, words)),
            facts={**self.about.facts, **facts},
        )
        own = {**self.about.columns, "text_origin": origin}
        return cut_words(printed, around, own, dehyphenate=self.reader.dehyphenate)


def _problems(pages: Sequence[PageText], words: Sequence[Word]) -> Iterator[str]:
    if not words:
        pictured = all(page.covered for page in pages)
        yield "text: there is none, but a picture of the page" if pictured else "text: there is none"
    if any(_UNKNOWN.search(word.text) for word in words):
        yield "text: letters that the font does not name"
    if any(page.seen and page.hidden for page in pages):
        yield "text: some of it is seen, and some lies under the picture"


def words_of(pages: Sequence[PageText]) -> list[Word]:
    """The words in the order of the file; lines that stand apart are of different blocks."""
    texts = [line.replace("\0", "") for page in pages for line, _ in page.lines]
    forms = Forms(texts)
    found: list[Word] = []
    number = 0
    for page in pages:
        begins = _begins(page)
        block = Place("", forms)
        for at in range(len(page.lines)):
            block = Place("", forms) if at in begins else block
            line = Place("", forms)
            found += [Word(word, line, block, 0, "", None, spaced=True) for word in texts[number].split()]
            number += 1
    return found


def _begins(page: PageText) -> set[int]:
    """The lines with which something else begins: behind an empty one, far below the last, or above it."""
    heights = [height for _, height in page.lines]
    steps = [a - b for a, b in pairwise(heights) if a is not None and b is not None and a - b > 1]
    usual = median_low(steps) if steps else 0.0
    found, before = set[int](), None
    for at, height in enumerate(heights):
        if height is None:
            before = None
            continue
        far = before is None or before - height > _PARAGRAPH * usual or before - height < -usual / 2 - 1
        found.update([at] if far else [])
        before = height
    return found
