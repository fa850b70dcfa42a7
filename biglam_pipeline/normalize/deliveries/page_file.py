"""One file that a METS names, or that lies alone: what it is by its content, and its page where it is one."""

from collections.abc import Mapping
from typing import Any

from lxml import etree

from biglam_pipeline.normalize.deliveries.alto import Page, read_page
from biglam_pipeline.normalize.deliveries.outline import ALTO
from biglam_pipeline.normalize.deliveries.scan import scan_page
from biglam_pipeline.parsing.inflate import Unreadable, read_whole
from biglam_pipeline.parsing.xml.reading import Document, as_utf8, local, read_utf8, read_xml
from biglam_pipeline.records import TAKEN, Item, Reject

Element = etree._Element

EMPTIED, GONE = "emptied", "gone"
"""What `MetsAlto.remember` notes as TAKEN: of a page that nothing is left of it, of a METS which articles are gone."""


class PageFile:
    """A file of XML: read, or why not."""

    def __init__(self, item: Item) -> None:
        """Reads it. No tree is kept: a page is mostly read without one, and a large issue is not held as trees."""
        self.item = item
        self.page: Page | None = None
        self.trouble: Unreadable | None = None
        self.emptied = is_emptied(item)
        """Whether a takedown took all of it: then it is no page, and not one that is missing either."""
        self.problems: tuple[str, ...] = ()
        self.name = ""
        """Its root's local name, where it is no page."""
        if self.emptied:
            return
        try:
            data, repairs = as_utf8(read_whole(item), item.media_type)
            self.page = scan_page(data)
            if self.page is None:
                self._read(read_utf8(data, repairs))
            else:
                self.problems = _reported(repairs)
        except Unreadable as trouble:
            self.trouble = trouble

    def _read(self, document: Document) -> None:
        self.name, self.problems = local(document.root), _reported(document.repairs)
        if self.name.lower() in ALTO:
            self.page = read_page(document.root)

    def tree(self) -> Element:
        """Its root, for the paths of `map`. It is read again: few entries map anything of a page."""
        return read_xml(read_whole(self.item), self.item.media_type).root

    def reject(self) -> Reject:
        """Why there is no page."""
        if self.trouble is not None:
            return Reject(self.trouble.reason, self.trouble.detail, self.item.name, self.trouble.position)
        return Reject("not_alto", f"its root is <{self.name}>; METS calls it a page", self.item.name, "")


def is_emptied(item: Item) -> bool:
    """Whether a takedown took all that stood on this page, as it noted beside the file."""
    return bool(taken_of(item).get(EMPTIED))


def gone_from(item: Item) -> frozenset[int]:
    """The articles of this METS, by their numbers, that a takedown took out."""
    return frozenset(taken_of(item).get(GONE, ()))


def taken_of(item: Item) -> Mapping[str, Any]:
    """All that is noted so of the file."""
    taken: Mapping[str, Any] = (item.known or {}).get(TAKEN, {})
    return taken


def _reported(repairs: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(f"xml: {repair}" for repair in repairs)
