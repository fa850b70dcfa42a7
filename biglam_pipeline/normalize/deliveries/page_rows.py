"""The page of an ALTO file into a row, or into one for each of its blocks or lines."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

from biglam_pipeline.columns import LAYOUT
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.deliveries.page_file import PageFile
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


def cut_page(file: PageFile, identifier: str, own: dict[str, Any], ways: Ways, beside: Callable[[], Beside]) -> Cut:
    """A page. It is read without a tree, which is made where a path is read of it, or its layout is asked for."""
    assert file.page is not None
    words = file.page.in_reading_order()
    printed = Printed(
        *(file.item, file.tree, words, file.page.engine, "page", identifier, READ),
        problems=file.problems,
        spread=ways.spread,
    )
    made = cut_words(printed, own, {}, dehyphenate=ways.dehyphenate)
    if ways.layout:
        made.made_late = partial(_layout, lambda: Pieces(file.tree(), beside().kinds), None, beside)
    return made


def cut_pieces(
    file: PageFile, page: str, own: dict[str, Any], ways: Ways, beside: Callable[[], Beside]
) -> Iterator[Found]:
    """The blocks or the lines of a page that have a text; what has none is counted. page: what it is called."""
    said = beside()
    pieces = Pieces(file.tree(), said.kinds)
    found, outside = pieces.of(ELEMENTS[ways.rows])
    kinds = [one.kind for one in found if not one.words] + pieces.pictures * (ways.rows == "block")
    blank = Counter(f"{ways.rows}s without a text: {kind}" for kind in kinds)
    unit: Literal["region", "line"] = "region" if ways.rows == "block" else "line"
    problems = file.problems
    for number, one in enumerate(found, 1):
        if not one.words:
            continue
        printed = Printed(
            *(file.item, one.element, one.words, pieces.page.engine, unit, f"{page}#{one.name}", READ),
            place=Place(ways.rows, one.number),
            problems=problems,
            facts={
                "block_type": one.kind,
                "page": page,
                ways.rows: one.name,
                **facts_of(pieces.alone(one.element), said.scan),
            },
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
