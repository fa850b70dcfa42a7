"""Reads hOCR: a page is a row, or each of its lines, of HTML however it is broken and however many pages it has.

hOCR 1.2: https://kba.github.io/hocr-spec/1.2/
"""

import posixpath
import re
from collections.abc import Iterator
from functools import partial
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.formats.hocr.counting import lines_with_text
from biglam_pipeline.normalize.formats.hocr.pages import Line, Page, Pages
from biglam_pipeline.normalize.mapping.paths import FactsOnly, PathLanguage
from biglam_pipeline.normalize.printed.boxes import FACTS as BOX
from biglam_pipeline.normalize.printed.boxes import box_facts, of_title
from biglam_pipeline.normalize.printed.rows import Printed, cut_words, picture_name
from biglam_pipeline.normalize.printed.words import Word
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.rights_of import OF_OBJECT, column_of_term
from biglam_pipeline.parsing.counted import AtLeast, added, is_sample
from biglam_pipeline.parsing.html import HtmlBits
from biglam_pipeline.parsing.html_counting import count_of_class
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.place import Place
from biglam_pipeline.records import Bundle, Item, Reject, Unmapped
from biglam_pipeline.settings import Accounts

_READ = "hocr-text/1"
_ENDS = re.compile(r"\.(?:hocr|x?html?)(?:\.gz)?$", re.IGNORECASE)


class Hocr(Reader):
    """A page or a line is a row; a VALUE is a fact ($image, $page_number), what `files` captures, or {const: TEXT}."""

    type: Literal["hocr"] = "hocr"
    """hOCR, as Tesseract, OCRopus, Kraken, ABBYY exports and the Internet Archive write it."""
    rows: Literal["page", "line"] = "page"
    """What one row is; of lines those that have a text."""
    dehyphenate: bool = True
    """Whether words broken at a line end are made whole; `no` keeps the lines as printed. A row of one line is."""

    version: ClassVar[int] = 3
    tells_origin: ClassVar[bool] = True
    accounts: ClassVar[Accounts] = Accounts(
        "pages (elements of class ocr_page), or lines with a text",
        "pages, and of one file in ten its lines with a text, by expat or, of no XHTML, by html.parser. Words (tests)",
        "a file that is cut, or has no page, is a reject; text that stands outside of its page is kept and counted",
    )
    extensions: ClassVar[tuple[str, ...]] = (".hocr", ".html", ".htm", ".xhtml", ".hocr.gz", ".html.gz")
    path_language: ClassVar[PathLanguage] = FactsOnly()
    default_modality: ClassVar[Modality] = "text"
    record_format: ClassVar[str] = "hocr"
    own_facts: ClassVar[tuple[str, ...]] = ("image", "page_id", "page_number", "line", "document_title", *BOX)
    guessed_from: ClassVar[tuple[str, ...]] = ("hocr",)
    called: ClassVar[tuple[str, ...]] = ("hocr_html", "tesseract", "chocr")
    notes: ClassVar[tuple[str, str]] = (
        (
            "A VALUE is a `$NAME` or a constant: `$image` is the name of the page's picture, without folders, "
            "`$page_number` its `ppageno`, `$page_id` and `$line` are IDs, `$document_title` is the title of the file, "
            "`$box` and `$box_share` are "
            "where a line stands on its page, x,y,w,h in pixels and in per cent, for links to the region."
        ),
        (
            "Text is what stands in an `ocr_page`, line by line, whatever is broken around it: an unclosed tag, an "
            "entity that nobody declares, a comment. Text of OCR outside of any page is kept with the page before it "
            "and counted; a file that ends before its root is closed is a reject (`html_cut`), and its pages before "
            "that are read."
        ),
    )

    @model_validator(mode="after")
    def _has_text(self) -> "Hocr":
        if self.modality == "metadata":
            raise ValueError("`hocr` reads text; leave `modality` out")
        return self

    def expected(self, bundle: Bundle) -> int | None:
        """The pages, or one for a file without any. AtLeast, for words before the first page are one of their own. Of
        lines, in one file of ten, those with a text.
        """
        if self.rows == "page":
            return AtLeast(sum(max(count_of_class(partial(open_plain, one), "ocr_page"), 1) for one in bundle.items))
        return added(map(lines_with_text, bundle.items)) if is_sample(bundle.name) else None

    def cut(self, item: Item) -> Iterator[Found]:
        """Page by page."""
        bits, pages = HtmlBits(item), Pages()
        names, reported = set[str](), 0
        for page in pages.read(bits):
            yield from self._rows(item, page, pages, names, tuple(bits.problems[reported:]))
            reported = len(bits.problems)
        around = {"words outside of any page and any element of hOCR": pages.unread} if names and pages.unread else {}
        yield Unmapped(0, around, problems=tuple(bits.problems[reported:]))
        if not names:
            detail = "it is a web page without an element of class ocr_page; leave it out with `files`"
            yield Reject("not_hocr", detail, item.name, "")

    def _rows(
        self, item: Item, page: Page, pages: Pages, names: set[str], problems: tuple[str, ...]
    ) -> Iterator[Found]:
        path = _ENDS.sub("", item.name)
        own = page.name if page.name and page.name not in names else f"page-{page.number}"
        while own in names:
            own += "-"
        names.add(own)
        name = f"{path}#{own}"
        problems = (*problems, *(f"text: {one}" for one in page.counts))
        if self.rows == "page":
            around = {"parent_id": path if path != item.name else posixpath.dirname(path) or None, "seq": page.number}
            yield self._row(item, page, pages, page.words, name, Place("page", page.number), around, problems)
            return
        lines = [line for line in page.lines if line.words]
        for number, line in enumerate(lines, 1):
            place = Place(f"page {page.number} line", number)
            around = {"parent_id": name, "seq": number}
            yield self._row(item, page, pages, line.words, f"{name}/line-{number}", place, around, problems, line)
            problems = ()
        if not lines:
            yield Unmapped(0, {"pages without a line that has a text": 1}, problems=problems)

    def _row(
        self,
        item: Item,
        page: Page,
        pages: Pages,
        words: list[Word],
        name: str,
        place: Place,
        around: dict[str, Any],
        problems: tuple[str, ...],
        line: Line | None = None,
    ) -> Cut:
        facts: dict[str, str | list[str]] = {
            "image": picture_name(page.image),
            "page_id": page.name,
            "page_number": page.printed_number,
            "line": line.name if line else "",
            **box_facts(of_title(line.title) if line else None, *(of_title(page.title) or (0, 0, 0, 0))[2:]),
            "document_title": pages.title.strip(),
        }
        terms = (content for term, content in pages.meta.items() if column_of_term(re.split("[.:]", term)[-1]))
        rights = [one.strip() for one in terms if one.strip()]
        engine = " ".join(pages.meta.get("ocr-system", "").split())
        printed = Printed(
            *(item, None, words, engine, self.rows, name, _READ, place, problems),
            facts=facts,
            filled=[f"meta {term}" for term, content in pages.meta.items() if term and content.strip()],
        )
        own = {OF_OBJECT: rights} if rights else {}
        return cut_words(printed, around, own, dehyphenate=self.dehyphenate and self.rows == "page")
