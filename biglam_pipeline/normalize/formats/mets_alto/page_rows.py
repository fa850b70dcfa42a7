"""Words into rows: the text, how it was made, and what the page says of itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Literal

from biglam_pipeline.normalize.cut import Cut
from biglam_pipeline.normalize.formats.mets_alto.alto import Element
from biglam_pipeline.normalize.formats.mets_alto.page_file import PageFile
from biglam_pipeline.normalize.formats.mets_alto.running_text import as_printed, running_text
from biglam_pipeline.normalize.formats.mets_alto.words import Word, languages_of, mean_confidence
from biglam_pipeline.place import NOWHERE, Place
from biglam_pipeline.records import Item

_READ = "alto-text/2"
_JOINED = "dehyphenated/3"


@dataclass(frozen=True, slots=True)
class Printed:
    """Words that make one row, and where they stand."""

    item: Item
    """The file that the record is traced to."""
    element: Element | Callable[[], Element | None] | None
    """Where the paths of `map` begin, or what makes it."""
    words: Sequence[Word]
    engine: str
    """The software that read them."""
    unit: Literal["page", "article", "issue"]
    identifier: str
    place: Place = NOWHERE
    problems: tuple[str, ...] = ()


def cut_page(file: PageFile, identifier: str, own: dict[str, Any], *, dehyphenate: bool) -> Cut:
    """A page. It is read without a tree, which is made where a path is read of it."""
    assert file.page is not None
    words = file.page.in_reading_order()
    printed = Printed(file.item, file.tree, words, file.page.engine, "page", identifier, problems=file.problems)
    return cut_words(printed, own, {}, dehyphenate=dehyphenate)


def cut_words(printed: Printed, around: dict[str, Any], own: dict[str, Any], *, dehyphenate: bool) -> Cut:
    """The record of these words. around: columns of what they stand in; own: of themselves, which count more than what
    the page declares; dehyphenate: whether broken words are made whole, where the rights allow to change a text.
    """
    said = {**around, **_of_page(printed), **own}
    text = running_text(printed.words) if dehyphenate else as_printed(printed.words)
    columns = {name: value for name, value in {**said, "text": text.text}.items() if value is not None}
    return Cut(
        printed.element,
        printed.identifier,
        columns,
        {"transforms": [_READ, *([_JOINED] if text.joined else [])]},
        printed.place,
        problems=printed.problems,
        item=printed.item,
        as_printed=partial(_as_printed, printed.words) if dehyphenate else None,
        altered=bool(text.joined),
    )


def _as_printed(words: Sequence[Word]) -> dict[str, Any]:
    return {"text": as_printed(words).text, "transforms": [_READ]}


def _of_page(printed: Printed) -> dict[str, Any]:
    languages = languages_of(printed.words)
    return {
        "text_unit": printed.unit,
        "text_origin": "ocr",
        "ocr_confidence": mean_confidence(printed.words),
        **({"ocr_engine": printed.engine} if printed.engine else {}),
        **({"languages": languages} if languages else {}),
    }
