"""What does a whole web page say? Its title, its language, the text that a reader sees, and what it says of rights.

HTML: https://html.spec.whatwg.org/multipage/ (15.3: which elements stand on lines of their own; 4.6.7: rel=license);
RDFa: https://www.w3.org/TR/rdfa-core/ ; microdata: HTML, 5. Nothing of the text is judged to be boilerplate.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from lxml import etree

from biglam_pipeline.rights.rights_words import says_rights

_ON_LINES = (
    "address article aside blockquote body br caption center dd details dialog dir div dl dt fieldset figcaption "
    "figure footer form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html legend li listing main menu nav ol "
    "optgroup option p plaintext pre search section summary table tbody tfoot thead tr ul xmp"
)
_NOT_SEEN = "script style template noscript title noframes noembed iframe datalist object svg"
_EMPTY = "area base br col embed hr img input link meta param source track wbr"
_LINES, _VOID = frozenset(_ON_LINES.split()), frozenset(_EMPTY.split())
_UNSEEN = frozenset(_NOT_SEEN.split())
"""What is no text, or only shown where something else is not."""
_CELLS = frozenset({"td", "th"})
_SPECIAL = _CELLS | _UNSEEN
_HEARD = frozenset({"name", "rel", "property", "itemprop"})
_AS_IT_STANDS = frozenset({"pre", "textarea", "listing", "xmp", "plaintext"})
_VALUES = ("content", "resource", "href", "src")
_MAX_SAID, _MOST_SAID = 2_000, 100
"""Characters of one statement, and statements of a page."""
_PIECE = 1 << 16


@dataclass(slots=True)
class Said:
    """One thing that a page says in markup made for machines."""

    name: str
    """As it is written: dc.rights, license, cc:license."""
    value: str
    is_address: bool


@dataclass(slots=True)
class WebPage:
    """A page."""

    title: str
    language: str
    """What <html lang> says, or empty."""
    text: str
    """A line for each block."""
    said: list[Said] = field(default_factory=list)
    """`rel`, `property`, `itemprop` and `<meta name>` that are named like rights, with their values."""


def read_page(html: str) -> WebPage:
    """The page of this text; nothing in it can be wrong (HTML has no errors)."""
    target = _Target()
    called: Any = target
    parser: Any = etree.HTMLParser(target=called, no_network=True, huge_tree=False)
    try:
        for at in range(0, len(html), _PIECE):
            parser.feed(html[at : at + _PIECE])
        parser.close()
    except (etree.LxmlError, ValueError, AssertionError):  # of nothing but blanks there is no document
        pass
    lines = (" ".join(line.split()) for line in "".join(target.pieces).split("\n"))
    title, text = " ".join("".join(target.title).split()), "\n".join(line for line in lines if line)
    target.pieces.clear()  # lxml's parser and its target hold each other until the collector comes
    return WebPage(title, target.language, text, target.said)


class _Target:
    """Called by lxml, so that no tree is built, however deep a page is:
    https://lxml.de/parsing.html#the-target-parser-interface
    """

    def __init__(self) -> None:
        self.title: list[str] = []
        self.pieces: list[str] = []
        self.language = ""
        self.said: list[Said] = []
        self._unseen: list[str] = []
        self._kept = 0
        self._in_title = False
        self._had_title = False
        self._open: list[tuple[int, Said]] = []
        """Properties whose value is the text of an element, each with how deep in it we are."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        if self._open and tag not in _VOID:
            self._open = [(depth + 1, said) for depth, said in self._open]
        if attributes and not _HEARD.isdisjoint(attributes):
            self._hear(tag, attributes)
        if tag in _LINES:
            self.pieces.append("\n")
        elif tag in _SPECIAL:
            self._begin(tag)
        if tag == "html" and not self.language:
            self.language = (attributes.get("lang") or attributes.get("xml:lang") or "").strip()
        self._kept += tag in _AS_IT_STANDS

    def end(self, tag: str) -> None:
        if self._open and tag not in _VOID:
            self._open = [(depth - 1, said) for depth, said in self._open if depth > 1]
        if tag in _LINES:
            self.pieces.append("\n")
        elif tag in _CELLS:
            self.pieces.append(" ")
        elif tag in _UNSEEN and self._unseen:
            self._unseen.pop()
            self._had_title = self._had_title or self._in_title
            self._in_title = False
        self._kept -= tag in _AS_IT_STANDS

    def _begin(self, tag: str) -> None:
        if tag in _CELLS:
            self.pieces.append(" ")
            return
        self._unseen.append(tag)
        self._in_title = tag == "title" and not self._had_title and len(self._unseen) == 1

    def data(self, text: str) -> None:
        if self._in_title:
            self.title.append(text)
        if self._unseen:
            return
        self.pieces.append(text if self._kept > 0 else text.replace("\n", " "))
        for _, said in self._open:
            said.value = (said.value + text)[:_MAX_SAID]

    def close(self) -> None:
        """Nothing is left."""

    def _hear(self, tag: str, attributes: Mapping[str, str]) -> None:
        if tag == "meta" and says_rights(attributes.get("name", "")):
            self._say(attributes["name"].strip(), attributes.get("content", ""), is_address=False)
        names = " ".join(attributes.get(one, "") for one in ("rel", "property", "itemprop"))
        if not names:
            return
        holder = next((one for one in _VALUES if attributes.get(one, "").strip()), "")
        for name in filter(says_rights, dict.fromkeys(names.split())):
            said = self._say(name, attributes.get(holder, ""), is_address=holder in _VALUES[1:])
            if not holder and tag not in _VOID and len(self._open) < _MOST_SAID:
                self._open.append((1, said))

    def _say(self, name: str, value: str, *, is_address: bool) -> Said:
        said = Said(name, value.strip()[:_MAX_SAID], is_address)
        if len(self.said) < _MOST_SAID:
            self.said.append(said)
        return said
