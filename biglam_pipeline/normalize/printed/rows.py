"""Words into rows: the text, how it was made, and what the page says of itself."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal
from urllib.parse import unquote, urlsplit

from lxml import etree

from biglam_pipeline.normalize.cut import Cut, Facts
from biglam_pipeline.normalize.printed.running_text import as_printed, running_text
from biglam_pipeline.normalize.printed.words import Word, confidence_spread, languages_of, mean_confidence
from biglam_pipeline.place import NOWHERE, Place
from biglam_pipeline.records import Item

Element = etree._Element

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
    unit: Literal["page", "article", "issue", "region", "line", "document"]
    identifier: str
    reading: str
    """What `transforms` says of how words were taken out of the file."""
    place: Place = NOWHERE
    problems: tuple[str, ...] = ()
    facts: Facts = field(default_factory=dict)
    dear_facts: Callable[[], Facts] | None = None
    """As those of `Cut`."""
    filled: Sequence[str] = ()
    own: Mapping[str, Any] = field(default_factory=dict)
    """The source's own columns that the format fills."""
    spread: bool = False
    """Whether the spread of the words' confidence is asked for."""


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
        {"transforms": [printed.reading, *([_JOINED] if text.joined else [])]},
        printed.place,
        facts=printed.facts,
        dear_facts=printed.dear_facts,
        problems=printed.problems,
        filled=printed.filled,
        item=printed.item,
        as_printed=partial(_as_printed, printed) if dehyphenate else None,
        altered=bool(text.joined),
        own={**printed.own, **confidence_spread(printed.words)} if printed.spread else printed.own,
    )


def picture_name(path: str) -> str:
    """The name of a page's picture without folders: files carry paths of other machines, of Windows too, and addresses.

    Empty for an address that is none.
    """
    path = path.strip().strip("\"'")
    if re.match(r"[a-z][a-z0-9+.-]+://", path, re.IGNORECASE):
        try:
            path = unquote(urlsplit(path).path)
        except ValueError:
            return ""
    return re.split(r"[/\\]", path)[-1]


def _as_printed(printed: Printed) -> dict[str, Any]:
    return {"text": as_printed(printed.words).text, "transforms": [printed.reading]}


def _of_page(printed: Printed) -> dict[str, Any]:
    languages = languages_of(printed.words)
    return {
        "text_unit": printed.unit,
        "text_origin": "ocr",
        "ocr_confidence": mean_confidence(printed.words),
        **({"ocr_engine": printed.engine} if printed.engine else {}),
        **({"languages": languages} if languages else {}),
    }
