"""One file that a METS names, or that lies alone: what it is by its content, and its pages where it has some."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from biglam_pipeline.normalize.deliveries.alto import Page, read_page
from biglam_pipeline.normalize.deliveries.outline import ALTO
from biglam_pipeline.normalize.deliveries.scan import scan_page
from biglam_pipeline.normalize.deliveries.several import pages_of, split_pages
from biglam_pipeline.parsing.inflate import Unreadable, read_whole
from biglam_pipeline.parsing.xml.reading import Document, as_utf8, local, read_utf8, read_xml
from biglam_pipeline.place import NOWHERE, Place
from biglam_pipeline.records import TAKEN, Item, Reject

Element = etree._Element

EMPTIED, GONE = "emptied", "gone"
"""What `MetsAlto.remember` notes as TAKEN: of a page that nothing is left of it, of a METS which articles are gone, and
of a file of several pages which of them."""
PAGES_GONE = "pages that were taken down"


@dataclass(frozen=True, slots=True)
class OnePage:
    """One `Page` of a file, which mostly has no other."""

    item: Item
    page: Page
    tree: Callable[[], Element]
    """The root of a document of this page alone, for the paths of `map`."""
    problems: tuple[str, ...] = ()
    number: int = 0
    """From 1 where the file has several, else 0."""
    name: str = ""
    """Its ID, or its number; empty where the file has no other."""
    before: Mapping[str, int] = field(default_factory=dict)
    """Local name -> how many such elements the pages before it have."""

    @property
    def place(self) -> Place:
        """Where in its file it stands."""
        return Place("page", self.number, self.name) if self.number else NOWHERE

    def called(self, file: str) -> str:
        """What the page is called. file: the same of its file."""
        return f"{file}#{self.name}" if self.number else file


class PageFile:
    """A file of XML: read, or why not."""

    def __init__(self, item: Item) -> None:
        """Reads it. No tree is kept: a page is mostly read without one, and a large issue is not held as trees."""
        self.item = item
        self.page: Page | None = None
        """All that is on it; of several pages the one behind the other."""
        self.several = 0
        """How many pages it has, where these are several."""
        self.gone = gone_from(item)
        """Those of them that a takedown took, by their numbers."""
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
            pages = len(pages_of(document.root))
            self.several = pages if pages > 1 else 0

    def pages(self) -> Iterator[OnePage]:
        """Its pages but those that a takedown took; it is one."""
        if not self.several:
            assert self.page is not None
            yield OnePage(self.item, self.page, self.tree, self.problems)
            return
        problems = self.problems
        for number, one in enumerate(split_pages(self.tree()), 1):
            if number in self.gone:
                continue
            yield OnePage(self.item, read_page(one.root), one.tree, problems, number, one.name, one.before)
            problems = ()

    def has_gone(self, begin: str, end: str) -> bool:
        """Whether something between these elements, or anywhere where none is named, was on a page that is gone."""
        if not self.several or not self.gone:
            return False
        inside = {
            element.get("ID")
            for number, page in enumerate(pages_of(self.tree()), 1)
            if number in self.gone
            for element in page.iter(etree.Element)
        }
        return not begin or begin in inside or end in inside

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
