"""The rows of a TEI text: the document, its parts by name, or its pages; each with the text in it."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from lxml import etree

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.formats.tei.elements import (
    DIVISIONS,
    HEADER,
    PARAGRAPHS,
    TEXTS,
    Element,
    local_name,
    name_of,
)
from biglam_pipeline.normalize.formats.tei.flow import Flow, Notes, Stretch, Wanted, read_flow
from biglam_pipeline.normalize.formats.tei.header import glyphs
from biglam_pipeline.normalize.formats.tei.printing import print_text
from biglam_pipeline.normalize.printed.words import Forms
from biglam_pipeline.normalize.volatile import as_kept
from biglam_pipeline.parsing.xml.ways import Way
from biglam_pipeline.place import Place
from biglam_pipeline.records import Reject

WORDS = {
    "document": "document",
    "text": "document",
    "div": "division",
    "p": "paragraph",
    "lg": "stanza",
    "page": "page",
}
"""What `rows` may say, and what `text_unit` says of it."""
_READ, _JOINED, _EDITED, _MOVED = "tei-text/1", "dehyphenated/3", "tei-edited/1", "notes-behind/1"
_EMPTY = "text: there is none"
_RESOURCES = frozenset({"text", "sourcedoc", "facsimile", "standoff"})
_LANGUAGE = ("{http://www.w3.org/XML/1998/namespace}lang", "lang", "LANG")
_OUTSIDE = "text: words stand outside of what `rows` says"


@dataclass(slots=True)
class Document:
    """One TEI element, or a part of a text that is a file."""

    cut: Cut
    element: Element
    around: Sequence[Element]
    """Headers of its corpora."""
    rows: str
    notes: Notes
    edited: bool
    file: str
    whole: Flow = field(default_factory=Flow)

    def wanted(self, *, edited: bool) -> Wanted:
        """How its text is read."""
        headers = [*self.around, *(one for one in self.element if name_of(one) == HEADER)]
        return Wanted(self.notes, edited, self.rows == "page", glyphs(headers))


def cut_rows(document: Document, modality: Modality, volatile: Sequence[str]) -> Iterator[Found]:
    """Its rows; a text without any is a Reject. modality: other than text, a row is what the header says, and the
    element as it came.
    """
    if modality != "text":
        yield from _described(document, modality, volatile)
        return
    document.cut.fixed = {}
    texts = _texts(document.element)
    document.whole = read_flow(texts, document.wanted(edited=document.edited))
    forms = Forms([one.text for one in document.whole.stretches])
    filled = [*document.cut.filled, *document.whole.left_out, *_unread(document.element, texts)]
    if document.rows == "page":
        cuts = _pages(document, texts, forms)
    elif document.rows == "document" or document.rows.startswith("$"):
        cuts = iter([_row(document, replace(document.cut, problems=()), document.whole, texts, forms)])
    else:
        cuts = _parts(document, forms)
    number = -1
    for number, one in enumerate(cuts):
        one.filled, one.problems = ((), one.problems) if number else (filled, (*document.cut.problems, *one.problems))
        yield one
    if number < 0:
        detail = f"there is nothing in it that is a row as `rows: {document.rows}` says; choose others, or other files"
        yield Reject("rows_missing", detail, document.file, str(document.cut.place))


def _texts(element: Element) -> list[Element]:
    """What holds its words: its texts, also those of a TEI inside a TEI; where those are empty, a transcription of the
    source (Guidelines 12.2.2).
    """
    if name_of(element) not in TEXTS:
        return [element]
    ways = [_outermost(element, frozenset({wanted})) for wanted in ("text", "sourcedoc", "body")]
    return next((found for found in ways if any(map(_has_words, found))), next(filter(None, ways), []))


def _unread(element: Element, texts: Sequence[Element]) -> Iterator[str]:
    """Resources beside its texts that hold words (Guidelines 4, 12.1, 16.10): facsimile, sourceDoc, standOff."""
    if name_of(element) in TEXTS:
        beside = (one for one in _outermost(element, _RESOURCES) if not any(one is text for text in texts))
        yield from (local_name(one) for one in beside if _has_words(one))


def _has_words(element: Element) -> bool:
    return any(text.strip() for text in element.itertext())


def _outermost(element: Element, names: frozenset[str], without: Container[Element] = ()) -> list[Element]:
    """Those of these names, none inside another; without: what is not looked into."""
    found: list[Element] = []
    walk = etree.iterwalk(element, events=("start",))
    for _, one in walk:
        if one in without:
            walk.skip_subtree()
            continue
        if one is element and name_of(one) not in names:
            continue
        if name_of(one) in names:
            found.append(one)
        if name_of(one) in names or name_of(one) == HEADER:
            walk.skip_subtree()
    return found


def _row(document: Document, cut: Cut, flow: Flow, roots: Sequence[Element], forms: Forms) -> Cut:
    """A row with its text, as printed where the rights allow no other."""
    text = print_text(flow.stretches, forms)
    done = [*([_JOINED] if text.joined else []), *([_EDITED] if document.edited else [])]
    moved = [_MOVED] if flow.moved else []
    fixed = {"text_unit": "document", "text_origin": "keyed", "transforms": [_READ, *done, *moved]}
    problems = [*cut.problems, *sorted(flow.problems), *([] if text.text else [_EMPTY])]

    def as_printed() -> dict[str, Any]:
        source = read_flow(roots, document.wanted(edited=False)).stretches if document.edited else flow.stretches
        return {"text": print_text(source, forms, as_printed=True).text, "transforms": [_READ, *moved]}

    return replace(
        cut,
        columns={**cut.columns, "text": text.text},
        fixed={**fixed, **cut.fixed},
        problems=tuple(problems),
        as_printed=as_printed,
        altered=bool(done),
    )


def _part(document: Document, unit: str, number: int, element: Element) -> Cut:
    """A part by its number, from 1 in its text; `$n` is what is printed of its number."""
    cut = document.cut
    name = cut.identifier if isinstance(cut.identifier, str) else cut.identifier()
    cut.identifier = name  # asked once: of equal ones each is counted
    place = Place(unit, number, f"{cut.place}, {unit} {number}")
    columns = {**cut.columns, "seq": number, "parent_id": name, **_own_language(document, element)}
    fixed = {"text_unit": unit}
    facts = {**cut.facts, "n": element.get("n") or "", "number": str(number)}
    word = document.rows if document.rows in WORDS else unit
    return replace(
        cut,
        record=element,
        identifier=f"{name}#{word}-{number}",
        columns=columns,
        fixed=fixed,
        place=place,
        facts=facts,
        problems=(),
    )


def _own_language(document: Document, part: Element) -> dict[str, Any]:
    """xml:lang of the part, or of what is nearest around it in the text (Guidelines 1.3.1.1.2)."""
    for one in (part, *part.iterancestors()):
        if one is document.element or document.rows == "page":
            break
        if language := next(filter(None, map(one.get, _LANGUAGE)), ""):
            return {"languages": [language]}
    return {}


def _parts(document: Document, forms: Forms) -> Iterator[Cut]:
    unit = WORDS.get(document.rows, "row")
    letters = sum(len(one.text) for one in document.whole.stretches)
    elements = _elements(document)
    for number, element in enumerate(elements, 1):
        flow = read_flow([element], document.wanted(edited=document.edited))
        if not _is_skipped(document.whole, element):
            letters -= sum(len(one.text) for one in flow.stretches)
        cut = _row(document, _part(document, unit, number, element), flow, [element], forms)
        cut.problems += (_OUTSIDE,) if number == len(elements) and letters > 0 else ()
        yield cut


def _is_skipped(whole: Flow, element: Element) -> bool:
    return bool(whole.skipped) and any(one in whole.skipped for one in (element, *element.iterancestors()))


def _elements(document: Document) -> list[Element]:
    """Those that `rows` says, none inside another of them and none in a header."""
    element, rows = document.element, document.rows
    if rows == "text":
        return [text for one in _texts(element) for text in _single(one)]
    if rows in WORDS:
        names = {"div": DIVISIONS, "p": PARAGRAPHS, "lg": frozenset({"lg"})}[rows]
        return [one for text in _texts(element) for one in _outermost(text, names, document.whole.skipped)]
    return [one for one in Way(rows).inside(element) if not any(name_of(up) == HEADER for up in one.iterancestors())]


def _single(text: Element) -> list[Element]:
    """A text that is no group of texts, or those in it; a transcription of a source is one."""
    found: list[Element] = []
    walk = etree.iterwalk(text, events=("start",))
    for _, one in walk:
        if (one is text or name_of(one) == "text") and not any(name_of(inner) == "group" for inner in one):
            found.append(one)
            walk.skip_subtree()
    return found


def _pages(document: Document, texts: Sequence[Element], forms: Forms) -> Iterator[Cut]:
    """What stands between page breaks; what stands before the first is page 0, where it holds words."""
    by_page: dict[int, list[Stretch]] = {}
    for stretch in document.whole.stretches:
        by_page.setdefault(stretch.page, []).append(stretch)
    breaks = document.whole.pages
    first = [(0, texts[0])] if texts and (0 in by_page or not breaks) else []
    for number, element in [*first, *enumerate(breaks, 1)]:
        flow = Flow(by_page.get(number, []), moved=document.whole.moved)
        cut = _part(document, "page", number, element)
        address = element.get("facs") or ""
        cut.columns |= {"image_url": address} if address.startswith("http") else {}
        yield _row(document, cut, flow, [], forms)


def _described(document: Document, modality: Modality, volatile: Sequence[str]) -> Iterator[Cut]:
    """Rows without text: the document, or each element that `rows` leads to, also in its header."""
    if "/" not in document.rows:
        yield document.cut
        return
    for number, element in enumerate(Way(document.rows).inside(document.element), 1):
        cut = _part(document, "row", number, element)
        raw = {"raw_record": as_kept(element, volatile)} if modality == "metadata" else {}
        columns = {name: value for name, value in cut.columns.items() if name != "seq"}
        yield replace(cut, columns=columns, fixed=raw)
