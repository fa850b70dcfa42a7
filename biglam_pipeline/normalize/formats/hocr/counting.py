"""How many lines of a file of hOCR have a text? By expat where it is XHTML, else by Python's `html.parser`."""

import codecs
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from html.parser import HTMLParser
from typing import NamedTuple

from biglam_pipeline.normalize.formats.hocr.pages import LINES, NO_TEXT, VOID, is_choice
from biglam_pipeline.parsing.counted import PartsOf
from biglam_pipeline.parsing.html import is_element
from biglam_pipeline.parsing.html_counting import ASSIGNED_TWICE
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.parsing.xml.watching import Attributes, Watch
from biglam_pipeline.records import Item

_BLOCK = 1 << 18


def lines_with_text(item: Item) -> PartsOf:
    """The least number of them: text of a page that stands in no line makes further ones."""
    watch = _Xhtml()
    if watch.go(partial(open_plain, item)):
        return PartsOf(watch.lines.count)
    parser, decoder = _Html(), codecs.getincrementaldecoder("utf-8")("replace")
    with open_plain(item) as stream, suppress(AssertionError):  # all it says of `<![what` that it does not know
        while block := stream.read(_BLOCK):
            parser.feed(decoder.decode(block))
        parser.close()
    return PartsOf(parser.lines.count)


@dataclass(slots=True)
class _Line:
    has_text: bool = False


class _Open(NamedTuple):
    """An element that is not closed."""

    name: str
    line: _Line | None
    """The innermost that it stands in."""
    is_mute: bool


class _Lines:
    """Which lines have a text, by the tags that open and close."""

    def __init__(self) -> None:
        self.count = 0
        self._open: list[_Open] = [_Open("", None, is_mute=False)]

    @property
    def waits(self) -> bool:
        """Whether a text that comes now is the first of a line."""
        above = self._open[-1]
        return above.line is not None and not above.line.has_text and not above.is_mute

    def start(self, name: str, said: Mapping[str, str]) -> None:
        """An element begins. Readings that may not be the chosen ones are passed over."""
        above, classes = self._open[-1], said.get("class", "").split()
        mute = name in NO_TEXT or "alt" in classes or is_choice(said.get("id", ""))
        line = above.line if LINES.isdisjoint(classes) else _Line()
        self._open.append(_Open(name, line, above.is_mute or mute))

    def end(self, name: str) -> None:
        """Closes what is open of this name; what is not is passed over, as HTML has it."""
        at = next((at for at in range(len(self._open) - 1, 0, -1) if self._open[at].name == name), None)
        if at is not None:
            del self._open[at:]

    def text(self, data: str) -> None:
        """Of what is open."""
        if self.waits and not data.isspace() and (line := self._open[-1].line) is not None:
            line.has_text = True
            self.count += 1


class _Xhtml(Watch):
    def __init__(self) -> None:
        super().__init__()
        self.lines = _Lines()

    def start(self, name: str, attributes: Attributes) -> None:
        """An element."""
        self.lines.start(name.lower(), dict(zip(attributes[::2], attributes[1::2], strict=True)))
        self.listen(on=self.lines.waits)

    def end(self, name: str) -> None:
        """It ends."""
        self.lines.end(name.lower())
        self.listen(on=self.lines.waits)

    def text(self, data: str) -> None:
        """In a line that waits for its first."""
        self.lines.text(data)


class _Html(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines = _Lines()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """What HTML has no element for is words; of an attribute that comes twice the first counts (13.2.5.33)."""
        if is_element(tag) and tag not in VOID:
            said: dict[str, str] = {}
            for name, value in attrs:
                said.setdefault(name, value or "")
            odd = ASSIGNED_TWICE.search(self.get_starttag_text() or "")
            self.lines.start(tag, {} if odd else said)

    def handle_endtag(self, tag: str) -> None:
        """It ends."""
        self.lines.end(tag)

    def handle_data(self, data: str) -> None:
        """Characters."""
        self.lines.text(data)
