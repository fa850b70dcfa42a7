"""What can be mended in XML without guessing, in one pass; what else is wrong is left for the parser to refuse.

A recovering parser closes what was cut off and drops what it does not know, in silence; it is never used.
"""

import html.entities
import re
from collections import Counter
from collections.abc import Collection

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.prefixes import declarations, declared_in, mend_namespaces, undeclared, used_in
from biglam_pipeline.parsing.xml.tokens import Token, Window, local_name

_NOTICE_WORDS = "br b p div pre font table script style hr img h1 h2 h3"
_INSIDE_WORDS = "a i em strong small code span ul ol li tbody thead tr th td"
NOTICE_TAGS, INSIDE_TAGS = frozenset(_NOTICE_WORDS.split()), frozenset(_INSIDE_WORDS.split())
"""Elements of HTML that scripts print around a document, and what stands inside of those or behind words: PHP's
html_errors and Xdebug (https://github.com/findsorguk/findsorguk/issues/843), the error pages of Apache and Tomcat
appended to an answer.
"""
VOID_TAGS = frozenset(("br", "hr", "img"))
PAGE_TAGS = frozenset(("html", "head", "body"))

_XML_OWN = frozenset((b"lt", b"gt", b"amp", b"quot", b"apos"))
_AMPERSAND = re.compile(rb"&(?:([A-Za-z_][\w.-]{0,63});|#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,10}));)?")
_PAIR = re.compile(rb"&#(?:x[dD][89abAB][0-9a-fA-F]{2}|5[5-7]\d{3});&#(?:x[dD][c-fC-F][0-9a-fA-F]{2}|5[67]\d{3});")
_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f]|\xed[\xa0-\xbf][\x80-\xbf]|\xef\xbf[\xbe\xbf]")
_BLANKS = {b"\x0b": b" ", b"\x0c": b" "}
"""Vertical tab and form feed stand between words, in Word and in Unicode (https://www.unicode.org/reports/tr14/#BK)."""
_DECLARATION = re.compile(
    rb"<\?xml\s+version\s*=\s*([\"'])1\.\d\1(?:\s+encoding\s*=\s*([\"'])[\w.:-]+\2)?"
    rb"(?:\s+standalone\s*=\s*([\"'])(?:yes|no)\3)?\s*\?>"
)
_ENTITIES = re.compile(rb"<!ENTITY\s+([^\s%\"'<>]+)")
_IN_MARKUP = rb"<|&(?!#|(?:lt|gt|amp|quot|apos);)|&#(?:0*60|x0*3c);"
_HIDING = re.compile(
    rb"<!ENTITY\s+([^\s%%\"'<>]+)\s+(?:SYSTEM|PUBLIC|\"[^\"]*?(?:%b)|'[^']*?(?:%b))" % (_IN_MARKUP, _IN_MARKUP),
    re.IGNORECASE,
)
_ATTRIBUTE = re.compile(rb"(?<![^\s\"'])([^\s<>/=\"']++)\s*+=\s*+(\"[^\"]*+\"|'[^']*+')")
_FORBIDDEN_NAME = "character that XML forbids"


def entities_of(doctype: bytes) -> frozenset[bytes]:
    """The entities that a document's own DTD declares."""
    return frozenset(_ENTITIES.findall(doctype))


def hiding_in(doctype: bytes) -> frozenset[bytes]:
    """Those of them that may hold elements: of another file, or of a text with markup in it."""
    return frozenset(_HIDING.findall(doctype))


def document_start(window: Window) -> int:
    """Where the document begins: behind what a script printed before it, if what follows is a document."""
    at = start = depth = 0
    while (token := window.token(at)) is not None:
        at, name = token.end, local_name(token.name).lower()
        if token.kind == "text":
            junk = bool(window.data[token.start : token.end].strip(b" \t\r\n\xef\xbb\xbf"))
        elif token.kind in ("start", "end") and (name in NOTICE_TAGS or (start and name in INSIDE_TAGS)):
            junk = True
            if not (token.is_empty or name in VOID_TAGS):
                depth = max(0, depth + (1 if token.kind == "start" else -1))
        else:
            junk = token.kind not in ("start", "doctype", "pi", "comment")
            if token.kind in ("start", "doctype") or window.data.startswith(b"<?xml", token.start):
                # A root such as TEI's <div> is no notice: what lies inside of it is not the document.
                return start if not depth or token.kind == "pi" else 0
        if junk:
            start = at
    return 0


class Mender:
    """One document, or one record in its envelope, on its way through the repairs."""

    def __init__(self, data: bytes, declared: Collection[bytes] = ()) -> None:
        """data: UTF-8; declared: entities of the document's DTD, which are left for the parser to refuse."""
        self.repairs: list[str] = []
        """Each once, in the order in which they were needed."""
        self._window = Window(self._without_forbidden(data))
        self._declared = declared
        self._out: list[bytes] = []
        self._kept = 0
        self._open: list[frozenset[bytes]] = []
        """For each element that is open, the prefixes that it declares."""
        self._bound: Counter[bytes] = Counter()
        self._unbound: set[bytes] = set()
        self._root = -1
        """Where declarations go into the root's tag: the place in `_out`."""
        self._ended = self._junk = self._second = False

    def mended(self) -> bytes:
        """The document, mended as far as it can be."""
        at = document_start(self._window)
        self._put(0, at, b"\n" * self._window.data.count(b"\n", 0, at), "text before the document" if at else "")
        while (token := self._window.token(at)) is not None:
            self._take(token)
            at = token.end
        self._copy(len(self._window.data))
        if self._unbound and self._root >= 0:
            for repair in undeclared(self._unbound):
                self._note(repair)
            self._out[self._root] = declarations(self._unbound)
        return b"".join(self._out)

    # --- writing ---

    def _note(self, repair: str) -> None:
        if repair not in self.repairs:
            self.repairs.append(repair)

    def _copy(self, upto: int) -> None:
        if upto > self._kept:
            self._out.append(self._window.data[self._kept : upto])
        self._kept = max(self._kept, upto)

    def _put(self, start: int, end: int, instead: bytes, repair: str = "") -> None:
        self._copy(start)
        self._out.append(instead)
        self._kept = end
        if repair:
            self._note(repair)

    # --- what stands where ---

    def _take(self, token: Token) -> None:
        if token.kind in ("start", "end"):
            self._take_tag(token)
        elif token.kind == "pi":
            self._take_instruction(token)
        elif token.kind == "comment":
            self._take_comment(token)
        elif token.kind == "doctype":
            self._take_doctype(token)
        elif self._ended:
            self._take_junk(token)
        elif token.kind == "text":
            self._take_text(token)
        elif token.kind == "broken":
            self._take_broken(token)

    def _take_junk(self, token: Token) -> None:
        data = self._window.data[token.start : token.end]
        self._junk = self._junk or bool(data.strip(b" \t\r\n"))
        self._put(token.start, token.end, b"\n" * data.count(b"\n"), "text after the document" if self._junk else "")

    def _take_tag(self, token: Token) -> None:
        name = local_name(token.name).lower()
        known = NOTICE_TAGS | PAGE_TAGS | INSIDE_TAGS if self._junk else NOTICE_TAGS | PAGE_TAGS
        if self._ended and not self._second and (name in known or token.kind == "end"):
            self._take_junk(token)
        elif token.kind == "end":
            if self._open:
                self._bound.subtract(self._open.pop())
            self._ended = not self._open
        else:
            self._second = self._second or self._ended  # a second document is nothing to drop
            self._take_start(token)

    def _take_start(self, token: Token) -> None:
        inside = token.inside
        if b"xmlns" in inside:
            inside, repairs = mend_namespaces(inside)
            for repair in repairs:
                self._note(repair)
        inside = self._without_repeated(self._referenced(inside))
        own = declared_in(inside)
        self._unbound.update(one for one in used_in(token.name, inside) - own if not self._bound[one])
        behind = token.start + 1 + len(token.name)
        if self._root < 0:
            self._put(behind, behind, b"")
            self._root = len(self._out) - 1
        if inside != token.inside:
            self._put(behind, token.end, inside + b">")
        if not token.is_empty:
            self._open.append(own)
            self._bound.update(own)
        self._ended = not self._open

    def _without_repeated(self, inside: bytes) -> bytes:
        """Without an attribute that stands there twice with one value: https://github.com/delving/culture-hub/issues/596"""
        found = list(_ATTRIBUTE.finditer(inside))
        values: dict[bytes, bytes] = {}
        again = [one for one in found if values.setdefault(one[1], one[2][1:-1]) == one[2][1:-1]]
        if len(values) == len(found) or len(again) < len(found):
            return inside
        self._note("attribute written twice")
        seen: set[bytes] = set()

        def once(one: re.Match[bytes]) -> bytes:
            again = one[1] in seen
            seen.add(one[1])
            return b"" if again else one[0]

        return _ATTRIBUTE.sub(once, inside)

    def _take_instruction(self, token: Token) -> None:
        data = self._window.data[token.start : token.end]
        if data[2:5].lower() != b"xml" or (data[5:6].isalnum() or data[5:6] in (b"-", b"_", b".", b":")):
            return
        if self._root >= 0:
            repair = "second XML declaration"
        else:
            repair = "" if _DECLARATION.fullmatch(data) else "XML declaration that is none"
            if token.start:  # nothing may stand before it, not even an empty line
                repair = "text before the document"
        self._put(token.start, token.end, b"\n" * data.count(b"\n"), repair)

    def _take_comment(self, token: Token) -> None:
        inside = self._window.data[token.start + 4 : token.end - 3]
        if b"--" in inside or inside.endswith(b"-"):
            self._put(token.start, token.end, b"\n" * inside.count(b"\n"), "comment with -- inside")

    def _take_doctype(self, token: Token) -> None:
        if self._root >= 0 and not token.inside:
            self._put(token.start, token.end, b"", "second DOCTYPE")

    def _take_broken(self, token: Token) -> None:
        """A `<` that cannot begin anything is the sign for less; one with a letter or slash behind it is damage."""
        behind = self._window.data[token.end : token.end + 1]
        if behind in (b" ", b"\t", b"\r", b"\n", b"=", b"<", b"&") or behind.isdigit():
            self._put(token.start, token.end, b"&lt;", "bare less-than sign")

    def _take_text(self, token: Token) -> None:
        data = self._window.data[token.start : token.end]
        text = self._referenced(data)
        if b"]]>" in text:
            text = text.replace(b"]]>", b"]]&gt;")
            self._note("end of CDATA in text")
        if text != data:
            self._put(token.start, token.end, text)

    # --- characters ---

    def _without_forbidden(self, data: bytes) -> bytes:
        def instead(found: re.Match[bytes]) -> bytes:
            return b"\xef\xbf\xbd" if len(found[0]) > 1 else _BLANKS.get(found[0], b"")

        changed, count = _FORBIDDEN.subn(instead, data)
        if count:
            self.repairs.append(_FORBIDDEN_NAME)
        return changed

    def _referenced(self, data: bytes) -> bytes:
        if b"&" not in data:
            return data
        return _AMPERSAND.sub(self._reference, _PAIR.sub(self._pair, data) if b"&#" in data else data)

    def _pair(self, found: re.Match[bytes]) -> bytes:
        """Two references to the halves of one UTF-16 letter."""
        high, low = (_code(one[2], one[3]) for one in _AMPERSAND.finditer(found[0]))
        if 0xD800 <= high < 0xDC00 <= low < 0xE000:
            self._note(_FORBIDDEN_NAME)
            return b"&#%d;" % (0x10000 + ((high - 0xD800) << 10) + low - 0xDC00)
        return found[0]

    def _reference(self, found: re.Match[bytes]) -> bytes:
        name, hexadecimal, decimal = found.groups()
        if hexadecimal or decimal:
            if _allowed(_code(hexadecimal, decimal)):
                return found[0]
            self._note(_FORBIDDEN_NAME)
            return b"&#65533;"
        if not name:
            self._note("bare ampersand")
            return b"&amp;"
        if name in _XML_OWN or name in self._declared:
            return found[0]
        letters = html.entities.html5.get(name.decode() + ";")
        self._note("HTML entity" if letters else "entity that nobody declares")
        return "".join(f"&#{ord(letter)};" for letter in letters).encode() if letters else b"&amp;" + name + b";"


def _code(hexadecimal: bytes | None, decimal: bytes | None) -> int:
    return int(hexadecimal, 16) if hexadecimal else int(decimal or b"0")


def _allowed(code: int) -> bool:
    """https://www.w3.org/TR/xml/#charsets"""
    if code < 0x20:
        return code in (9, 10, 13)
    return not (0xD800 <= code < 0xE000 or code in (0xFFFE, 0xFFFF) or code > 0x10FFFF)


def refuse_page(head: bytes, rooted: bool) -> None:
    """Unreadable `not_xml` where a web page begins. rooted: whether a root of XML stood before it."""
    if not rooted and (head[:14].lower() == b"<!doctype html" or local_name(head).lower() in PAGE_TAGS):
        raise Unreadable("not_xml", "it is an HTML page, not the record that was asked for; harvest it again")
