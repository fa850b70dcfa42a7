"""What would a reader of this HTML see? Its text, with a line for each block.

HTML has no errors (https://html.spec.whatwg.org/multipage/parsing.html), so here, unlike in XML, a parser may recover.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from biglam_pipeline.parsing.xml.reading import MAX_TREE_BYTES, tree_bytes

_LINES = {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4"}


def text_of_html(text: str) -> str | None:
    """Lines without outer blanks; None where there is no text, or more markup than memory is given to."""
    if tree_bytes(text.encode("utf-8", "replace")) > MAX_TREE_BYTES:
        return None
    try:
        root = etree.HTML(f"<div>{text}</div>", etree.HTMLParser(no_network=True))
    except (etree.LxmlError, ValueError):
        return None
    etree.strip_elements(root, "script", "style", etree.Comment, with_tail=False)
    lines = (" ".join(line.split()) for line in "".join(_visible(root)).splitlines())
    return "\n".join(line for line in lines if line) or None


def _visible(root: etree._Element) -> Iterator[str]:
    """The text in document order, with a line end around each block."""
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if element.tag in _LINES:
            yield "\n"
        yield (element.text if event == "start" else element.tail) or ""


_HEAD_BYTES = 256 * 1024
"""What is said of a page stands in its head (HTML, 4.2.5), and heads carry scripts and styles."""


class _Metas:
    """Called by lxml: https://lxml.de/parsing.html#the-target-parser-interface"""

    def __init__(self) -> None:
        self.found: list[tuple[str, str]] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "meta" and (name := attributes.get("name", "").strip().casefold()):
            self.found.append((name, attributes.get("content", "").strip()))

    def close(self) -> list[tuple[str, str]]:
        return self.found


def metas_of(page: bytes) -> list[tuple[str, str]]:
    """Names, in small letters, and contents of a page's `meta` elements, in their order."""
    target: Any = _Metas()
    parser = etree.HTMLParser(target=target, no_network=True)
    try:
        parser.feed(page[:_HEAD_BYTES])
        parser.close()
    except (etree.LxmlError, ValueError, AssertionError):  # of nothing but blanks there is no document
        pass
    return list(target.found)
