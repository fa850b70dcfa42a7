"""A page of an ALTO file into a row, or into one for each of its blocks or lines."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from biglam_pipeline.columns import LAYOUT
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.deliveries.page_file import PAGES_GONE, OnePage, PageFile
from biglam_pipeline.normalize.deliveries.pieces import BLOCK, TEXT_LINE, Element, Kinds, Pieces
from biglam_pipeline.normalize.printed.layout import facts_of, fitted
from biglam_pipeline.normalize.printed.rows import Printed, cut_words
from biglam_pipeline.place import Place
from biglam_pipeline.records import Unmapped

Unit = Literal["article", "page", "issue", "block", "line"]
READ = "alto-text/2"
ELEMENTS = {"block": BLOCK, "line": TEXT_LINE}
"""What a row of a piece of a page is, and the element that it stands in."""


@dataclass(frozen=True, slots=True)
class Ways:
    """What the entry asks of the words of a row."""

    container: str = "mets"
    rows: Unit = "page"
    dehyphenate: bool = True
    layout: bool = False
    spread: bool = False


@dataclass(frozen=True, slots=True)
class Beside:
    """What METS says of a page beside its text."""

    kinds: Kinds = field(default_factory=dict)
    scan: tuple[int, int] | None = None


def cut_file(
    file: PageFile, called: str, own: dict[str, Any], ways: Ways, beside: Callable[[], Beside]
) -> Iterator[Found]:
    """The rows of a page, or of each page of a file that has several. called: what the file is called."""
    if file.several and file.gone:
        yield Unmapped(0, {PAGES_GONE: len(file.gone)})
    for one in file.pages():
        around, said = own, beside
        if one.number:  # METS knows the file, so that it says how large a scan is of none of them
            around = {**own, "seq": own.get("seq", 1) + one.number - 1}
            said = partial(_without_scan, beside)
        if ways.rows == "page":
            yield cut_page(one, one.called(called), around, ways, said)
        else:
            yield from cut_pieces(one, one.called(called), around, ways, said)


def _without_scan(beside: Callable[[], Beside]) -> Beside:
    return Beside(beside().kinds)


def cut_page(one: OnePage, identifier: str, own: dict[str, Any], ways: Ways, beside: Callable[[], Beside]) -> Cut:
    """A page. It is read without a tree, which is made where a path is read of it, or its layout is asked for."""
    words = one.page.in_reading_order()
    printed = Printed(
        *(one.item, one.tree, words, one.page.engine, "page", identifier, READ),
        place=one.place,
        problems=one.problems,
        spread=ways.spread,
    )
    made = cut_words(printed, own, {}, dehyphenate=ways.dehyphenate)
    if ways.layout:
        made.made_late = partial(_layout, lambda: Pieces(one.tree(), beside().kinds), None, beside)
    return made


def cut_pieces(
    whole: OnePage, page: str, own: dict[str, Any], ways: Ways, beside: Callable[[], Beside]
) -> Iterator[Found]:
    """The blocks or the lines of a page that have a text; what has none is counted. page: what it is called."""
    said = beside()
    pieces = Pieces(whole.tree(), said.kinds)
    found, outside = pieces.of(ELEMENTS[ways.rows])
    kinds = [one.kind for one in found if not one.words] + pieces.pictures * (ways.rows == "block")
    blank = Counter(f"{ways.rows}s without a text: {kind}" for kind in kinds)
    unit: Literal["region", "line"] = "region" if ways.rows == "block" else "line"
    problems, before = whole.problems, whole.before.get(ELEMENTS[ways.rows], 0)
    for number, one in enumerate(found, 1):
        if not one.words:
            continue
        printed = Printed(
            *(whole.item, one.element, one.words, pieces.page.engine, unit, f"{page}#{one.name}", READ),
            place=Place(ways.rows, before + one.number),
            problems=problems,
            facts={"block_type": one.kind, "page": page, ways.rows: one.name},
            dear_facts=partial(_box_of, pieces, one.element, said),
            own={"block_type": one.kind},
            spread=ways.spread,
        )
        around = {**own, "parent_id": page, "seq": number}
        made = cut_words(printed, around, {}, dehyphenate=ways.dehyphenate and unit != "line")
        if ways.layout:
            made.made_late = partial(_layout, lambda: pieces, one.element, beside)
        problems = ()
        yield made
    counted = {**blank, **({f"words in no {ways.rows}": outside} if outside else {})}
    if counted or problems:
        yield Unmapped(0, counted, problems=problems)


def _box_of(pieces: Pieces, element: Element, said: Beside) -> dict[str, str]:
    return facts_of(pieces.alone(element), said.scan)


def _layout(
    pieces: Callable[[], Pieces],
    element: Element | None,
    beside: Callable[[], Beside],
    row: Mapping[str, Any],
    problems: list[str],
) -> dict[str, Any]:
    width, height = row.get("width"), row.get("height")
    shown = (width, height) if isinstance(width, int) and isinstance(height, int) else None
    return {LAYOUT: fitted(pieces().layout(element), shown, beside().scan, problems).column()}
