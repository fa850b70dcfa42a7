"""One file that a METS names, or that lies alone: what it is by its content, and its page where it is one."""

from lxml import etree

from biglam_pipeline.normalize.mets_alto.alto import Page, read_page
from biglam_pipeline.normalize.mets_alto.outline import ALTO
from biglam_pipeline.parsing.inflate import Unreadable, read_whole
from biglam_pipeline.parsing.xml.reading import local, read_xml
from biglam_pipeline.records import Item, Reject

Element = etree._Element


class PageFile:
    """A file of XML: read, or why not."""

    def __init__(self, item: Item) -> None:
        """Reads it."""
        self.item = item
        self.page: Page | None = None
        self.root: Element | None = None
        """Of a page alone; a large issue is not held as trees."""
        self.trouble: Unreadable | None = None
        self.problems: tuple[str, ...] = ()
        self.name = ""
        """Its root's local name."""
        try:
            document = read_xml(read_whole(item), item.media_type)
        except Unreadable as trouble:
            self.trouble = trouble
            return
        self.root, self.name = document.root, local(document.root)
        self.problems = tuple(f"xml: {repair}" for repair in document.repairs)
        if self.name.lower() in ALTO:
            self.page = read_page(document.root)

    def reject(self) -> Reject:
        """Why there is no page."""
        if self.trouble is not None:
            return Reject(self.trouble.reason, self.trouble.detail, self.item.name, self.trouble.position)
        return Reject("not_alto", f"its root is <{self.name}>; METS calls it a page", self.item.name, "")
