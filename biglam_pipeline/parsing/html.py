"""What would a reader of this HTML see? Its text, with a line for each block; or what it is made of, bit by bit.

HTML has no errors (https://html.spec.whatwg.org/multipage/parsing.html), so here, unlike in XML, a parser may recover.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, Literal, NamedTuple

from lxml import etree

from biglam_pipeline.parsing.charsets import charset_of
from biglam_pipeline.parsing.encodings import find_encoding, mend, open_text
from biglam_pipeline.parsing.inflate import Unreadable, open_plain
from biglam_pipeline.parsing.xml.reading import MAX_TREE_BYTES, tree_bytes
from biglam_pipeline.records import Item

_BLOCK = 1 << 16
_TAIL = 4096
_META = re.compile(rb"<meta\b[^<>]{0,200}?\bcharset\s{0,9}=\s{0,9}[\"']?([\w.:-]{1,40})", re.IGNORECASE)
_DECLARED = re.compile(rb"\s{0,99}<\?xml\b[^<>]{0,200}?\bencoding\s{0,9}=\s{0,9}[\"']([\w.:-]{1,40})")
"""XHTML without a <meta> says its encoding as XML does: https://www.w3.org/TR/xhtml1/#C_9"""
_END = "biglam-end"
_NAMES = (
    "a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink blockquote body "
    "br button canvas caption center cite code col colgroup data datalist dd del details dfn dialog dir div dl dt em "
    "embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html i "
    "iframe img input ins kbd label legend li link main map mark marquee menu meta meter nav nobr noframes noscript "
    "object ol optgroup option output p param picture pre progress q rb rp rt rtc ruby s samp script search section "
    "select slot small source span strike strong style sub summary sup svg table tbody td template textarea tfoot th "
    "thead time title tr track tt u ul var video wbr"
)
"""https://html.spec.whatwg.org/multipage/indices.html#elements-3 and what was one before."""
_TAG = re.compile(rf"<({_NAMES.replace(' ', '|')})[\s/>]", re.IGNORECASE)
_MARK = re.compile(
    r"<(?:html|head|body)[\s/][^<>\"'=]{0,8}(?=<)|<!-?-->|<!--|-->|<!\[CDATA\[|\]\]>|</?html\b"
    rf"|<(?!/?(?:{_NAMES.replace(' ', '|')})[\s/>]|!doctype\b|\?xml\b)",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(r"(?:<[^<>]{0,15}|-{1,2})$")
_ESCAPED = "html: a sign < that nobody escaped"
_UNCLOSED = "html: a tag that ends where the next one begins"
_ONCE = {"html", "head", "body"}
"""Of `<body//<div class="ocr_page">` HTML makes one tag, and a second body is none: the page would be lost with it."""
_LINES = {"br", "p", "div", "li", "tr", "h1", "h2", "h3", "h4"}


_ELEMENTS = frozenset(_NAMES.split())


def is_element(name: str) -> bool:
    """Whether HTML has an element of this name, in small letters: what has another is no tag, but words."""
    return name in _ELEMENTS


def has_markup(text: str) -> bool:
    """Whether a tag of HTML stands in it: `a < b` is none."""
    return "<" in text and _TAG.search(text) is not None


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


def text_of_elements(element: etree._Element) -> str:
    """The same of HTML that stands in XML, by the local names of its elements."""
    texts: list[str] = []
    for event, one in etree.iterwalk(element, events=("start", "end")):
        if isinstance(one.tag, str) and one.tag.rpartition("}")[2].lower() in _LINES:
            texts.append("\n")
        if event == "start" or one is not element:
            texts.append((one.text if event == "start" else one.tail) or "")
    lines = (" ".join(line.split()) for line in "".join(texts).splitlines())
    return "\n".join(filter(None, lines))


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


def charset_in_html(page: bytes) -> str:
    """The encoding that a page names itself, in its first bytes; empty where it names none."""
    said = _META.search(page, 0, _BLOCK) or _DECLARED.match(page)
    return said[1].decode() if said else ""


class Bit(NamedTuple):
    """A start tag, an end tag, or a stretch of text between them; comments and instructions are left out."""

    kind: Literal["start", "end", "text"]
    said: str
    """The element's name in small letters; the text."""
    attributes: Mapping[str, str] = MappingProxyType({})


class HtmlBits:
    """One file from its first tag to its last, however large it is; can be walked once.

    A parser that recovers hides that a document was cut: so what was opened first must be closed, and an element that
    is put behind the last byte must be seen, which it is not where the file ends in a tag, a comment or a script.

    Programs that print a recognised `<` as it is make markup of words. It is a letter before what is no tag of HTML,
    and before a comment that nothing ends; and no instruction but XML's own is one.
    """

    def __init__(self, item: Item) -> None:
        """item: a file, whose encoding is found by its mark, what it says in <meta>, or the server."""
        self._item = item
        self.problems: list[str] = []
        """What was guessed or mended so far, as `field: reason`, each once."""
        self._comment_ends = 0
        """How many there are from here on."""
        self._roots = self._open_roots = 0
        """How many <html> there are so far, and how many of them are not closed."""
        self._in_cdata = self._in_comment = False

    def __iter__(self) -> Iterator[Bit]:
        """Unreadable, behind all that was there: html_cut; before anything: not_html."""
        seen = _Bits()
        target: Any = seen
        parser = etree.HTMLParser(target=target, no_network=True, huge_tree=False)
        first = tail = ""
        for text in self._texts():
            if not first and (found := _TAG.search(text)):
                first = found[1].lower()
            tail = (tail + text)[-_TAIL:]
            parser.feed(text)
            yield from seen.taken()
        if not first:
            raise Unreadable("not_html", "there is no tag of HTML in it; look at what the server sent")
        parser.feed(f"<{_END}></{_END}>")
        last = seen.taken()
        yield from (one for one in last if one.said != _END)
        closed = self._open_roots <= 0 if self._roots else f"</{first}" in tail.lower()
        if not closed or all(one[:2] != ("start", _END) for one in last):
            raise Unreadable("html_cut", f"it ends before its <{first}> is closed, or inside a tag; harvest it again")
        parser.close()
        yield from seen.taken()

    def _texts(self) -> Iterator[str]:
        with open_plain(self._item) as stream:
            head = stream.read(_BLOCK)
        charset = charset_in_html(head) or charset_of(self._item.media_type)
        with open_plain(self._item) as stream:
            found = find_encoding(stream, server_charset=charset, watch=self._watch)
        self.problems += [found.problem] if found.problem else []
        left = ""
        with open_plain(self._item) as stream, open_text(stream, found) as lines:
            while text := lines.read(_BLOCK):
                text = left + (text if found.is_clean else mend(text))
                left = unfinished[0] if (unfinished := _UNFINISHED.search(text)) else ""
                yield self._escaped(text.removesuffix(left))
        yield left

    def _watch(self, block: bytes) -> None:
        self._comment_ends += block.count(b"-->") + block.count(b"-\0-\0>")  # of UTF-16

    def _escaped(self, text: str) -> str:
        return _MARK.sub(self._instead, text)

    def _instead(self, found: re.Match[str]) -> str:
        sign = found[0].lower()
        if sign.endswith("-->"):  # <!--> and <!---> are a comment, or end one: HTML, 13.2.5.43
            was_in_comment, self._in_comment = self._in_comment, False
            self._comment_ends -= 1
            return "-->" if was_in_comment or sign == "-->" else ""
        if self._in_comment:  # as <html> is in conditional comments
            return found[0]
        if sign == "<!--" and self._comment_ends > 0 and not self._in_cdata:
            self._in_comment = True
        elif sign[1:5] in _ONCE:
            if sign.startswith("<html"):
                self._roots, self._open_roots = self._roots + 1, self._open_roots + 1
            if len(sign) > len("<html"):
                self._note(_UNCLOSED)
                return f"{found[0]}>"
        elif sign == "</html":
            self._open_roots -= 1
        elif sign in ("<![cdata[", "]]>") and (self._in_cdata or sign != "]]>"):
            self._in_cdata = sign != "]]>"
            return ""
        elif sign == "<" or (sign == "<!--" and self._comment_ends <= 0):
            self._note(_ESCAPED)
            return f"&lt;{sign[1:]}"
        return found[0]

    def _note(self, problem: str) -> None:
        if problem not in self.problems:
            self.problems.append(problem)


class _Bits:
    """What the parser reports, without a tree: https://lxml.de/parsing.html#the-target-parser-interface"""

    def __init__(self) -> None:
        self._bits: list[Bit] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._bits.append(Bit("start", tag, dict(attributes)))

    def end(self, tag: str) -> None:
        self._bits.append(Bit("end", tag))

    def data(self, text: str) -> None:
        self._bits.append(Bit("text", text))

    def close(self) -> None:
        """Nothing is left."""

    def taken(self) -> list[Bit]:
        """Those since the last time."""
        bits, self._bits = self._bits, []
        return bits
