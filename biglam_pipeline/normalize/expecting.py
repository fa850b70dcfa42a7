"""How many records of a vocabulary of XML should a file give? By the places of its elements, as expat sees them."""

from collections.abc import Callable
from functools import lru_cache, partial

from lxml import etree

from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.parsing.xml.counting import Attributes, count_laid, first_element
from biglam_pipeline.parsing.xml.cutting import Layout
from biglam_pipeline.parsing.xml.envelopes import in_oai
from biglam_pipeline.parsing.xml.repairs import INSIDE_TAGS, NOTICE_TAGS, PAGE_TAGS
from biglam_pipeline.parsing.xml.streaming import Piece
from biglam_pipeline.parsing.xml.tokens import BETWEEN_TAGS
from biglam_pipeline.records import Item

_MOST = 100
_HTML = BETWEEN_TAGS | INSIDE_TAGS | NOTICE_TAGS | PAGE_TAGS

BETWEEN = frozenset(written for one in BETWEEN_TAGS for written in (one, one.upper(), one.title()))
"""What scripts print between records, as it may be written."""


class _AsHtml(Exception):
    """The root is called as an element of HTML."""


def begins_as_html(item: Item) -> bool:
    """Whether the first element is one of HTML, which a script may have printed around a document."""
    with open_plain(item) as stream:
        return first_element(stream).lower() in _HTML


def expected_in(item: Item, layout: Layout, is_due: Callable[[Piece], bool]) -> int | None:
    """What stands where records are due, and each error of a server, which is a reject. AtLeast where the file is not
    well-formed: what is mended there, or is a reject, nobody else can say.

    None where it begins as HTML does: what is a notice then is a matter of rules.

    Where records stand is the format's word and no other's, so `layout` and `is_due` are the same that it is read by.
    """

    due = due_at(is_due)

    def descends(path: tuple[str, ...], name: str, first: Callable[[], str]) -> bool:
        if not path and name.lower() in _HTML:
            raise _AsHtml
        return layout.descends(path, name, first)

    def weight(path: tuple[str, ...], name: str, attributes: Attributes) -> int:
        if in_oai(path) and name == "error":
            return int("noRecordsMatch" not in attributes)
        return int(due(path, name))

    try:
        return count_laid(partial(open_plain, item), descends, weight, BETWEEN_TAGS)
    except _AsHtml:
        return None


def due_at(is_due: Callable[[Piece], bool]) -> Callable[[tuple[str, ...], str], bool]:
    """The same of a piece that is not read: by the envelopes around it and its name."""

    @lru_cache(maxsize=_MOST)
    def due(path: tuple[str, ...], name: str) -> bool:
        return is_due(Piece(name, path, 0, 0, None, None, (), _no_element))

    return due


def _no_element() -> etree._Element:
    raise AssertionError("whether a piece is due is a matter of its place")
