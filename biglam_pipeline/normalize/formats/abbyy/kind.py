"""Reads ABBYY FineReader's XML: a page is a row, or each of its blocks or lines.

https://docs.abbyy.com/fine-reader/engine/specifications/export-formats/xml-schema-description ; schemas 6 to 10, as
FineReader Engine, FineReader Server and the Internet Archive (`_abbyy.gz`) write it.
"""

import posixpath
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import pyarrow as pa
from lxml import etree
from pydantic import model_validator

from biglam_pipeline.columns import LAYOUT, Modality
from biglam_pipeline.normalize.cut import Found
from biglam_pipeline.normalize.formats.abbyy.counting import DOCUMENT, PAGE, pages_in, parts_with_text
from biglam_pipeline.normalize.formats.abbyy.pages import Line, Page, empty, read_page
from biglam_pipeline.normalize.mapping.paths import PathLanguage, XPath
from biglam_pipeline.normalize.printed.boxes import FACTS as BOX
from biglam_pipeline.normalize.printed.layout import LAYOUT_TYPE, facts_of, fitted
from biglam_pipeline.normalize.printed.rows import Printed, cut_words
from biglam_pipeline.normalize.printed.words import SPREAD
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.parsing.counted import AtLeast, added, is_sample
from biglam_pipeline.parsing.inflate import open_plain, packed_as
from biglam_pipeline.parsing.xml.cutting import Layout
from biglam_pipeline.parsing.xml.reading import root_name
from biglam_pipeline.parsing.xml.root import root_attributes
from biglam_pipeline.parsing.xml.streaming import Piece, Pieces, replace_pieces
from biglam_pipeline.place import Place
from biglam_pipeline.records import Bundle, Item, Record, Reject, Unmapped
from biglam_pipeline.settings import Accounts, Misplaced

Element = etree._Element

_READ = "abbyy-text/1"
_SUSPICIOUS = "suspicious_chars"
_STYLES = "documentData"
_BESIDE = {"ticket", "mets", "alto", "pcgts", "didl", "html", "scandata", "metadata", "files"}
"""Roots of what lies beside such pages: the job ticket of FineReader Server, other forms of the page, and what the
Internet Archive has in an item."""
_HEAD_BYTES = 65_536
_LAYOUT = Layout(lambda path, name, peek: not path and name == DOCUMENT)


class Abbyy(Reader):
    """A page, a block or a line is a row; a PATH is XPath 1.0 from it, `{*}name` is a name in any namespace."""

    type: Literal["abbyy"] = "abbyy"
    """ABBYY FineReader's XML, of one page or of many."""
    rows: Literal["page", "block", "line"] = "page"
    """What one row is; of blocks and lines those that have a text."""
    dehyphenate: bool = True
    """Whether words broken at a line end are made whole; `no` keeps the lines as printed. A row of one line is."""
    layout: bool = False
    """Whether rows have the boxes of their blocks and lines, in the column `layout`."""
    word_confidence: bool = False
    """Whether rows say how the confidence of their words is spread, beside its mean: `ocr_confidence_sd` and
    `ocr_confidence_low`, the share below 0.5."""

    version: ClassVar[int] = 1
    tells_origin: ClassVar[bool] = True
    accounts: ClassVar[Accounts] = Accounts(
        "pages, or blocks and lines with a text; those without one are counted",
        "pages of every second file, and blocks and lines with a text of one in ten, by expat. Characters (tests)",
        "a page that cannot be read is a reject, and the next is read; XML that is no page of FineReader is a reject, "
        "or counted where it is known to lie beside",
    )
    extensions: ClassVar[tuple[str, ...]] = (".xml", ".xml.gz", ".abbyy", "_abbyy", "_abbyy.gz")
    path_language: ClassVar[PathLanguage] = XPath()
    default_modality: ClassVar[Modality] = "text"
    record_format: ClassVar[str] = "abbyy"
    blanks: ClassVar[bool] = True
    own_facts: ClassVar[tuple[str, ...]] = ("page_number", "block", "block_type", "line", *BOX)
    called: ClassVar[tuple[str, ...]] = ("finereader", "abbyy_xml", "abbyyxml", "abbyy_finereader", "finereader_xml")
    hears_rights: ClassVar[bool] = False
    notes: ClassVar[tuple[str, str]] = (
        (
            "`suspicious_chars` is how many characters of a row FineReader itself doubts; `ocr_confidence` is the mean "
            "over words of the mean of their characters (`charConfidence`), where the export has it. `$page_number`, "
            "`$block` and `$line` are places in the file, `$block_type` what a block is: text, table or illustration, "
            "`$box` and `$box_share` are where a block or a line stands on the page, x,y,w,h in pixels and in per cent."
        ),
        (
            "A paragraph ends with an empty line. A word that FineReader marks as broken (`¬`) is made whole. Of "
            "several readings only the one that FineReader chose is read."
        ),
    )

    @model_validator(mode="after")
    def _has_text(self) -> "Abbyy":
        if self.modality == "metadata":
            raise ValueError("`abbyy` reads text; leave `modality` out")
        taken = [name for name in self._own_columns if name in self.map.extra]
        if taken:
            said = "the reader fills `{}` itself; give yours another name"
            raise Misplaced(*((("map", "extra", name), said.format(name)) for name in taken))
        return self

    @property
    def _own_columns(self) -> dict[str, pa.DataType]:
        return {
            _SUSPICIOUS: pa.int32(),
            **({"block_type": pa.string()} if self.rows != PAGE else {}),
            **(dict.fromkeys(SPREAD, pa.float32()) if self.word_confidence else {}),
            **({LAYOUT: LAYOUT_TYPE} if self.layout else {}),
        }

    @property
    def extras(self) -> dict[str, pa.DataType]:
        """See Block: and what FineReader says of its own reading."""
        return {**self._own_columns, **super().extras}

    def expected(self, bundle: Bundle) -> int | None:
        """Pages of every second file, or blocks and lines with a text of one in ten: see `counting`."""
        if self.rows == PAGE:
            return added(map(_pages_due, bundle.items)) if is_sample(bundle.name, 2) else None
        if not is_sample(bundle.name):
            return None
        return added(parts_with_text(item, self.rows) for item in bundle.items)

    def cut(self, item: Item) -> Iterator[Found]:
        """Page after page; one in memory at a time."""
        root, engine = _root(item)
        if root.lower() in _BESIDE:
            yield Unmapped(0, {f"XML files that are no pages of FineReader: {root}": 1})
            return
        if root and root not in (PAGE, DOCUMENT):
            yield Reject("not_abbyy", f"its root is <{root}>; leave it out with `files`", item.name, "")
            return
        cutter, number = _Cutter(self, item, engine, alone=root == PAGE), 0
        with open_plain(item) as stream:
            pieces = Pieces(stream, _LAYOUT, item.media_type)
            reported: set[str] = set()
            for piece in pieces:
                if piece.name != PAGE:
                    yield Unmapped(0, {f"elements beside the pages: {piece.name}": 1} if piece.name != _STYLES else {})
                    continue
                number += 1
                repairs = [one for one in pieces.repairs if one not in reported]
                reported.update(repairs)
                yield from cutter.page(piece, number, (*repairs, *piece.repairs))
        if not pieces.whole:
            detail = "it ends before its root is closed, so something is missing; harvest it again"
            yield Reject("xml_cut", detail, item.name, f"after page {number}")
        elif not number:
            yield Reject("page_missing", "it has no <page>, so it holds no page; harvest it again", item.name, "")

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """An empty page stands for one that goes, so that the others keep their numbers; words go where they stand."""
        left: dict[str, Iterable[bytes] | None] = {}
        for item in bundle.items:
            numbers = {record.place.number for record, _ in records if record.item == item.name}
            if numbers:
                left[item.name] = _without(item, self.rows, numbers)
        return left


def _root(item: Item) -> tuple[str, str]:
    """The name of a file's root, and the program that says it wrote it."""
    with open_plain(item) as stream:
        head = stream.read(_HEAD_BYTES)
    producer = root_attributes(head).get("producer", "").strip()
    return root_name(head, item.media_type), producer or "ABBYY FineReader"


def _without(item: Item, rows: str, numbers: set[int]) -> Iterable[bytes] | None:
    """The file without these; None where it is one page, which goes."""
    changes: list[tuple[int, int, bytes]] = []
    before = number = 0
    outside = False
    with open_plain(item) as stream:
        pages = (one for one in Pieces(stream, _LAYOUT, item.media_type) if one.name == PAGE)
        for number, piece in enumerate(pages, 1):
            outside = outside or not piece.path
            if rows == PAGE and number in numbers:
                changes.append((piece.start, piece.size, b"<page/>"))
            elif rows != PAGE and piece.element is not None:
                there = _pieces(read_page(piece.element), rows)
                chosen = [one for at, one in enumerate(there, before + 1) if at in numbers]
                before += len(there)
                for one in chosen:
                    empty(one)
                if chosen:
                    instead = etree.tostring(piece.element, encoding="ASCII", with_tail=False)
                    changes.append((piece.start, piece.size, instead))
    if rows == PAGE and outside and number == 1:
        return None
    return packed_as(item, _rewritten(item, changes))


def _pieces(page: Page, rows: str) -> list[Element]:
    """Its blocks, or its lines, also those without a text."""
    return page.blocks if rows == "block" else [line.element for line in page.lines]


def _rewritten(item: Item, changes: list[tuple[int, int, bytes]]) -> Iterator[bytes]:
    with open_plain(item) as stream:
        yield from replace_pieces(stream, changes, item.media_type)


@dataclass(slots=True)
class _Part:
    """What becomes a row."""

    element: Element
    lines: list[Line]
    unit: Literal["page", "region", "line"]
    identifier: str
    place: Place
    around: dict[str, Any]
    facts: dict[str, str | list[str]]
    blocks: Sequence[int]
    """Of its layout."""


class _Cutter:
    """The pages of one file on their way to rows."""

    def __init__(self, reader: Abbyy, item: Item, engine: str, *, alone: bool) -> None:
        """alone: whether the file is one page and nothing else."""
        self._reader, self._item, self._engine, self._alone = reader, item, engine, alone
        self._path = re.sub(r"\.(?:xml|abbyy|gz)(?:\.gz)?$", "", item.name, flags=re.IGNORECASE)
        self._before = 0
        """Blocks, or lines, of the pages before."""

    def page(self, piece: Piece, number: int, repairs: tuple[str, ...]) -> Iterator[Found]:
        """The rows of a page."""
        position = f"page {number}"
        if piece.element is None:
            assert piece.trouble is not None
            yield Reject(piece.trouble.reason, piece.trouble.detail, self._item.name, position)
            return
        problems = tuple(f"xml: {one}" for one in repairs)
        element = piece.element
        if not len(element) and not element.attrib:
            yield Unmapped(0, {"pages that hold nothing, not even a size": 1}, problems=problems)
            return
        if not element.get("width") and next(element.iter("{*}block", "{*}pageElement"), None) is None:
            detail = "it is no page of FineReader: it has no size and no block; leave it out with `files`"
            yield Reject("not_abbyy", detail, self._item.name, position)
            return
        page = read_page(element)
        problems += ("text: a text outside of all lines is not read",) * page.loose
        problems += ("text: a line outside of all blocks is not read",) * page.beside
        name = self._path if self._alone and number == 1 else f"{self._path}#page-{number}"
        parts, blank = self._parts(page, name, number)
        for part in parts:
            yield self._row(page, part, problems)
            problems = ()
        if blank or problems:
            yield Unmapped(0, blank, problems=problems)

    def _parts(self, page: Page, name: str, number: int) -> tuple[list[_Part], dict[str, int]]:
        """What becomes a row, and what has no text, counted."""
        facts: dict[str, str | list[str]] = {"page_number": str(number)}
        if self._reader.rows == PAGE:
            alone: dict[str, Any] = {"parent_id": posixpath.dirname(self._path) or None}
            around = alone if self._alone else {"parent_id": self._path, "seq": number}
            place = Place("page", number)
            every = range(len(page.blocks))
            return [_Part(page.element, page.lines, "page", name, place, around, facts, every)], {}
        by_block: dict[int, list[Line]] = {at: [] for at in range(len(page.blocks))}
        for line in page.lines:
            by_block[line.block].append(line)
        found = [([line], line.block) for line in page.lines]
        if self._reader.rows == "block":
            found = [(lines, at) for at, lines in by_block.items()]
        parts: list[_Part] = []
        blank: Counter[str] = Counter()
        for at, (lines, block) in enumerate(found, 1):
            kind = page.kind(block)
            if not any(line.words for line in lines):
                blank[f"{self._reader.rows}s without a text: {kind}"] += 1
                continue
            is_line = self._reader.rows == "line"
            box = facts_of(page.layout((), lines) if is_line else page.layout((block,), ()), None)
            parts.append(
                _Part(
                    lines[0].element if is_line else page.blocks[block],
                    lines,
                    "line" if is_line else "region",
                    f"{name}#{self._reader.rows}-{at}",
                    Place(self._reader.rows, self._before + at),
                    {"parent_id": name, "seq": at},
                    {**facts, "block": str(block + 1), "block_type": kind, "line": str(at) if is_line else "", **box},
                    () if is_line else (block,),
                )
            )
        self._before += len(found)
        return parts, blank

    def _row(self, page: Page, part: _Part, problems: tuple[str, ...]) -> Found:
        reader = self._reader
        own: dict[str, Any] = {_SUSPICIOUS: sum(line.suspicious for line in part.lines)}
        if part.unit != PAGE:
            own["block_type"] = part.facts["block_type"]
        words = [word for line in part.lines for word in line.words]
        printed = Printed(
            *(self._item, part.element, words, self._engine, part.unit, part.identifier, _READ, part.place, problems),
            facts=part.facts,
            own=own,
            spread=reader.word_confidence,
        )
        made = cut_words(printed, part.around, {}, dehyphenate=reader.dehyphenate and part.unit != "line")
        if reader.layout:
            made.made_late = _fill(page, part)
        return made


def _fill(page: Page, part: _Part) -> Callable[[Mapping[str, Any], list[str]], dict[str, Any]]:
    def fill(row: Mapping[str, Any], problems: list[str]) -> dict[str, Any]:
        width, height = row.get("width"), row.get("height")
        shown = (width, height) if isinstance(width, int) and isinstance(height, int) else None
        return {LAYOUT: fitted(page.layout(part.blocks, part.lines), shown, None, problems).column()}

    return fill


def _pages_due(item: Item) -> int:
    """One more of a file that is none, for it is a reject."""
    found = pages_in(item)
    return found if found or isinstance(found, AtLeast) else int(_root(item)[0].lower() not in _BESIDE)
