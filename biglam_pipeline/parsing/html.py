"""What would a reader of this HTML see? Its text, with a line for each block.

HTML has no errors (https://html.spec.whatwg.org/multipage/parsing.html), so here, unlike in XML, a parser may recover.
"""

from collections.abc import Iterator

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
