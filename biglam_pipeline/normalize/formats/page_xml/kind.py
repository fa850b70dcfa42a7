"""Reads PAGE XML: a page is a row, or each of its regions or lines, with the text that stands on the line level.

PAGE: https://www.primaresearch.org/schema/PAGE/gts/pagecontent/ , of 2010 to 2019; the habits of its users:
https://ocr-d.de/en/spec/page and Transkribus (`custom`, TableCell, TranskribusMetadata)
"""

import posixpath
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar, Literal

from lxml import etree
from pydantic import model_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.formats.page_xml.about import About, about, type_of
from biglam_pipeline.normalize.formats.page_xml.counting import parts_with_text
from biglam_pipeline.normalize.formats.page_xml.texts import Page, Region, box_of, read_page
from biglam_pipeline.normalize.mapping.paths import PathLanguage, XPath
from biglam_pipeline.normalize.printed.boxes import FACTS as BOX
from biglam_pipeline.normalize.printed.boxes import box_facts
from biglam_pipeline.normalize.printed.rows import Printed, cut_words, picture_name
from biglam_pipeline.normalize.printed.words import Word
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.rights_of import OF_OBJECT
from biglam_pipeline.parsing.counted import AtLeast, added, is_sample
from biglam_pipeline.parsing.inflate import open_plain, read_whole
from biglam_pipeline.parsing.xml.counting import count_outermost, first_element
from biglam_pipeline.parsing.xml.reading import Document, local, read_xml
from biglam_pipeline.place import NOWHERE, Place
from biglam_pipeline.records import Bundle, Item, Reject, Unmapped
from biglam_pipeline.settings import Accounts

Element = etree._Element

_READ = "page-text/1"
_ROOT = "PcGts"
_BESIDE = {"mets", "alto", "tei", "teicorpus", "trpdoc", "trpdocmetadata", "document"}
"""Roots of what lies beside pages where they are exported or delivered: METS, ALTO, TEI, Transkribus's description of
the document, ABBYY."""


class PageXml(Reader):
    """A page, a region or a line is a row; a PATH is XPath 1.0 from it, `{*}name` is a name in any namespace."""

    type: Literal["page_xml"] = "page_xml"
    """PAGE XML, as Transkribus, eScriptorium, OCR-D and PRImA's tools write it."""
    rows: Literal["page", "region", "line"] = "page"
    """What one row is; of regions and lines those that have a text."""
    dehyphenate: bool = True
    """Whether words broken at a line end are made whole; `no` keeps the lines as printed. A row of one line is."""

    version: ClassVar[int] = 3
    tells_origin: ClassVar[bool] = True
    accounts: ClassVar[Accounts] = Accounts(
        "pages, or regions and lines with a text; those without one are counted",
        "pages by expat, up to the first damage; regions and lines with a text, of one file in ten. Words (tests)",
        "XML that is no PAGE is a reject, or counted where it is known to lie beside pages",
    )
    extensions: ClassVar[tuple[str, ...]] = (".xml", ".xml.gz", ".page")
    path_language: ClassVar[PathLanguage] = XPath()
    default_modality: ClassVar[Modality] = "text"
    record_format: ClassVar[str] = "page"
    own_facts: ClassVar[tuple[str, ...]] = ("image", "page_id", "region", "region_type", "line", *BOX)
    called: ClassVar[tuple[str, ...]] = ("page", "pagexml", "pcgts", "transkribus", "escriptorium", "prima")
    hears_rights: ClassVar[bool] = False
    notes: ClassVar[tuple[str, str]] = (
        (
            "`$image` is the name of the page's picture, without folders: `with: {image: {files: '*.jpg', by: {$image: "
            "$name}}}` puts it into the row. `$region_type` is what a region is (`structure` of Transkribus, else "
            "`type`), of a page that of all its regions; `$region`, `$line` and `$page_id` are their IDs; "
            "`$box` and `$box_share` are where a "
            "region or a line stands on the page, x,y,w,h in pixels and in per cent, for links to the region."
        ),
        (
            "The text of a line is its own, also where its words or glyphs say otherwise; where it has none, that of "
            "its words, else their glyphs, else that of the whole region: each is counted. Of several readings the one "
            "with the lowest `index` is taken. Regions stand as ReadingOrder has them; what it does not name stands "
            "behind, counted. Lines stand as Transkribus numbers them in `custom`, and so do regions without "
            'ReadingOrder. `text_origin` is `corrected` where Transkribus says ground truth (`status="GT"`), `htr` '
            "where the page is said to be handwritten or Transkribus read it, else `ocr`; where the files do not say "
            "it, write `map: {text_origin: {const: corrected}}`."
        ),
    )

    @model_validator(mode="after")
    def _has_text(self) -> "PageXml":
        if self.modality == "metadata":
            raise ValueError("`page_xml` reads text; leave `modality` out")
        return self

    def expected(self, bundle: Bundle) -> int | None:
        """The pages; of regions and lines, in one file of ten, those with a text: see `counting`."""
        if self.rows == "page":
            return added(map(_expected_of, bundle.items))
        if not is_sample(bundle.name):
            return None
        return added(parts_with_text(item, self.rows) for item in bundle.items)

    def cut(self, item: Item) -> Iterator[Found]:
        """The page, or its regions or lines. Of other XML what is known to lie beside pages is counted."""
        data = read_whole(item)
        document = read_xml(data, item.media_type)
        name = local(document.root)
        if name != _ROOT:
            yield _other(item, name)
            return
        pages = [*document.root.iterchildren("{*}Page")]
        if not pages:
            detail = "it has no <Page>, so it holds no page; harvest it again, or leave it out with `files`"
            yield Reject("page_missing", detail, item.name, "")
        for number, page in enumerate(pages, 1):
            yield from _Cutter(self, item, document, data, page, number).cut()


def _expected_of(item: Item) -> int:
    count = count_outermost(partial(open_plain, item), lambda path, _: path == [_ROOT, "Page"])
    if count or isinstance(count, AtLeast):
        return count
    with open_plain(item) as stream:
        return int(first_element(stream).lower() not in _BESIDE)


def _other(item: Item, name: str) -> Found:
    if name.lower() in _BESIDE:
        return Unmapped(0, {f"XML files that are no PAGE: {name}": 1})
    if name == "pcGts":
        detail = "it is PAGE of 2009, whose elements have other names; convert it to 2019-07-15"
    else:
        detail = f"its root is <{name}>, not <{_ROOT}>; leave it out with `files`, or read it with another reader"
    return Reject("not_page", detail, item.name, "")


@dataclass(slots=True)
class _Part:
    """What becomes a row."""

    element: Element
    words: Sequence[Word]
    regions: Sequence[Region]
    unit: Literal["page", "region", "line"]
    line: str = ""


class _Cutter:
    """One page on its way to rows."""

    def __init__(
        self, reader: PageXml, item: Item, document: Document, data: bytes, page: Element, number: int
    ) -> None:
        self._reader = reader
        self._item = item
        self._page: Page = read_page(page)
        self._about: About = about(document.root, page, data)
        path = re.sub(r"\.(?:xml|page)(?:\.gz)?$", "", item.name, flags=re.IGNORECASE)
        self._name = path if number == 1 else f"{path}#page-{number}"
        self._number = number
        self._repairs = tuple(f"xml: {one}" for one in document.repairs)
        self._ids = Counter(one.get("id") or "" for one in page.iter("{*}*"))

    def cut(self) -> Iterator[Found]:
        if self._reader.rows == "page":
            folder = posixpath.dirname(self._item.name)
            place = NOWHERE if self._number == 1 else Place("page", self._number)
            whole = _Part(self._page.element, self._page.words, self._page.regions, "page")
            yield self._row(whole, self._name, place, {"parent_id": folder or None}, self._problems())
            return
        parts = [*(self._regions() if self._reader.rows == "region" else self._lines())]
        problems = self._problems()
        for number, part in enumerate(parts, 1):
            identifier = f"{self._name}#{self._name_of(part, number)}"
            around = {"parent_id": self._name, "seq": number}
            place = Place(f"page {self._number} {part.unit}", number)
            yield self._row(part, identifier, place, around, problems)
            problems = ()
        if not parts:
            yield Unmapped(0, {f"pages without a {self._reader.rows} that has a text": 1}, problems=problems)

    def _name_of(self, part: _Part, number: int) -> str:
        """Its ID; its number where it has none, or shares it, or is a line of a region that is not divided."""
        own = part.element.get("id") or ""
        if own and self._ids[own] == 1 and (part.unit == "region" or part.line):
            return own
        name = f"{part.unit}-{number}"
        while name in self._ids:
            name += "-"
        return name

    def _regions(self) -> Iterator[_Part]:
        for region in self._page.regions:
            words = [word for line in region.lines for word in line.words]
            yield _Part(region.element, words, [region], "region")

    def _lines(self) -> Iterator[_Part]:
        for region in self._page.regions:
            for line in region.lines:
                name = line.element.get("id") or "" if line.level != "region" else ""
                yield _Part(line.element, line.words, [region], "line", name)

    def _row(
        self, part: _Part, identifier: str, place: Place, around: dict[str, Any], problems: tuple[str, ...]
    ) -> Cut:
        types = dict.fromkeys(filter(None, (type_of(one.element) for one in part.regions)))
        regions = [one.element.get("id") or "" for one in part.regions]
        facts: dict[str, str | list[str]] = {
            "image": picture_name(self._page.element.get("imageFilename") or ""),
            "page_id": self._about.page_id,
            "region": regions,
            "region_type": [*types],
            "line": part.line,
            **self._box(part),
        }
        own: dict[str, Any] = {"text_origin": self._about.origin}
        if self._about.rights:
            own[OF_OBJECT] = list(self._about.rights)
        printed = Printed(
            *(self._item, part.element, part.words, self._about.engine, part.unit, identifier, _READ, place, problems),
            facts=facts,
            filled=[*self._about.filled, *self._page.empty] if part.unit == "page" else (),
        )
        return cut_words(printed, around, own, dehyphenate=self._reader.dehyphenate and part.unit != "line")

    def _box(self, part: _Part) -> dict[str, str]:
        corners = box_of(part.element) if part.unit != "page" else None
        if corners is None:
            return box_facts(None)
        width, height = (self._page.element.get(name) or "" for name in ("imageWidth", "imageHeight"))
        size = (int(width), int(height)) if width.isdecimal() and height.isdecimal() else (0, 0)
        return box_facts(corners, *size)

    def _problems(self) -> tuple[str, ...]:
        page = self._page
        bare = {"lines without a text": page.bare_lines} if page.bare_lines else {}
        return (*self._repairs, *(f"text: {one}" for one in (*page.counts, *bare)))
