"""How many elements of a class has a file of HTML? By expat where it is XHTML, else by Python's `html.parser`."""

import codecs
import re
from collections.abc import Callable
from contextlib import suppress
from html.parser import HTMLParser
from typing import BinaryIO

from biglam_pipeline.parsing.counted import AtLeast
from biglam_pipeline.parsing.html import is_element
from biglam_pipeline.parsing.xml.counting import Attributes, count_outermost

_BLOCK = 1 << 18
ASSIGNED_TWICE = re.compile(r"=\s*=")
"""In a start tag: the second sign is of the value."""


class _Elements(HTMLParser):
    def __init__(self, name: str) -> None:
        super().__init__(convert_charrefs=False)
        self.count, self._name = 0, name

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """One that is empty (`<a/>`) too; not of a name that HTML has not, nor with `class==`: `=` is of its value."""
        if not is_element(tag) or ASSIGNED_TWICE.search(self.get_starttag_text() or ""):
            return
        first = next((value for key, value in attrs if key == "class"), None)  # HTML, 13.2.5.33: a further one is none
        self.count += self._name in (first or "").split()


def count_of_class(opened: Callable[[], BinaryIO], name: str) -> int:
    """None of them stands in another. AtLeast where it is no XHTML: what is broken in HTML is mended by rules."""
    count = count_outermost(opened, lambda _, attributes: name in _classes(attributes))
    if not isinstance(count, AtLeast):
        return count
    parser, decoder = _Elements(name), codecs.getincrementaldecoder("utf-8")("replace")
    with opened() as stream, suppress(AssertionError):  # all it says of `<![what` that it does not know
        while block := stream.read(_BLOCK):
            parser.feed(decoder.decode(block))
        parser.close()
    return AtLeast(parser.count)


def _classes(attributes: Attributes) -> list[str]:
    return attributes[attributes.index("class") + 1].split() if "class" in attributes[::2] else []
