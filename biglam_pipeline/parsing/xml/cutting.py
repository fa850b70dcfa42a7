"""Cuts a file of many records at their borders, without reading what is inside; in bounded memory, at once or streamed.

What stands around the records (an envelope, such as OAI-PMH and ListRecords) is known by the caller's `Layout`; each
element directly inside of an envelope is a piece, cut whole. Where a piece does not end, because its end tag is missing
or the file is cut, it ends where the next one begins, so that one broken record costs no other.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.around import Around, Open
from biglam_pipeline.parsing.xml.marks import ANY, BEHIND_NAME, marks, plain_piece
from biglam_pipeline.parsing.xml.prefixes import (
    declarations,
    declared_in,
    mend_namespaces,
    namespaces_in,
    undeclared,
    used_in,
)
from biglam_pipeline.parsing.xml.repairs import INSIDE_TAGS, NOTICE_TAGS, PAGE_TAGS, entities_of, hiding_in, refuse_page
from biglam_pipeline.parsing.xml.tokens import BETWEEN_TAGS, Token, Window, local_name

MAX_PIECE_BYTES = 64 * 1024 * 1024
"""The largest record that is held in memory. An EAD or a METS inside OAI has some tens of MB at most."""
_MAX_HEAD_BYTES = 16_384
"""What envelopes may declare: it is parsed with every record. A few hundred bytes are usual."""
MAX_ENVELOPES = 8
"""OAI-PMH has two around a record, SRU two, exports one or two."""
_MAX_NAME_BYTES = 1_000
"""A pattern is made of each. libxml2 takes 50,000; the longest in schemas of the field have some fifty letters."""
_REFERENCE = re.compile(rb"&([^\s;&#<>]{1,200});")
_PATIENCE = 1_000
"""Tags inside one piece that are looked at one by one, before a pattern is made for its name."""

Descends = Callable[[tuple[str, ...], str, Callable[[], str]], bool]
"""Is this element an envelope? By local names: what is open around it, its own, its first child's (empty for text)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the records of a format stand."""

    descends: Descends
    first_child: Mapping[str, str] = field(default_factory=dict)
    """Local name of a piece -> what each such piece begins with: so one is told from what belongs into it."""
    own: frozenset[str] = frozenset()
    """Local names that are the format's though HTML has them too: no notice of a script."""
    mixed: bool = False
    """Whether text inside of an envelope is the format's."""
    deep: bool = False
    """Whether elements may stand deeper in one another than 256."""


class Cut(NamedTuple):
    """One piece, not read yet."""

    name: str
    """Local name."""
    path: tuple[str, ...]
    """Local names of the envelopes around it, from the root."""
    head: bytes
    """Start tags of those, with their namespaces alone; always well-formed."""
    tail: bytes
    """Their end tags."""
    start: int
    """Where it begins in the file, in bytes."""
    size: int
    data: bytes | None
    """None where it is larger than `MAX_PIECE_BYTES`."""
    within: tuple[int, ...] = ()
    """Where those envelopes begin: two of the same names are not the same."""


class Cutter:
    """The pieces of one file, one after the other."""

    def __init__(self, window: Window, layout: Layout) -> None:
        """window: UTF-8, or an encoding in which markup is as in ASCII."""
        self.repairs: list[str] = []
        """What was passed over around the pieces; each kind once."""
        self.envelopes: set[tuple[str, ...]] = set()
        """The envelopes that were entered, also those that are empty."""
        self.entities: frozenset[bytes] = frozenset()
        """Those that the file's own DTD declares."""
        self._hiding: frozenset[bytes] = frozenset()
        """Those of them that may hold records."""
        self.careful = False
        """True once a piece did not end: from there on each is over where the next one begins, at the latest."""
        self.whole = False
        """True where the last root was closed."""
        self._window = window
        self._layout = layout
        self._open: list[Open] = []
        self._around = Around((), b"", b"")
        self._nests: set[bytes] = set()
        """Names that were seen inside a whole piece of the same name."""
        self._lost = b""
        """The name of a piece that is too large to be held: what follows is passed over up to the next one."""
        self._met: set[bytes] = set()
        """Names of pieces; a pattern is made for those that come again."""
        self._rooted = self._junk = False

    def __iter__(self) -> Iterator[Cut]:
        """Unreadable `not_xml` where it is a web page."""
        at = len(b"\xef\xbb\xbf") if self._starts_with_bom() else 0
        while True:
            if self._lost:
                at = self._find_border(self._lost, at)
                self._lost = b""
            token = self._window.token(at)
            if token is None:
                return
            at = token.end
            if token.kind == "start":
                cut, at = self._start(token)
                while cut is not None:
                    yield cut
                    at -= self._window.let_go(at)
                    cut, at = self._alike(token.name, cut, at)
            else:
                self._pass(token)
                yield from self._hidden(token)
            at -= self._window.let_go(at)

    def _starts_with_bom(self) -> bool:
        self._window.token(0)
        return self._window.data.startswith(b"\xef\xbb\xbf")

    # --- what stands between the pieces ---

    def _note(self, repair: str) -> None:
        if repair not in self.repairs:
            self.repairs.append(repair)

    def _pass(self, token: Token) -> None:
        data = self._window.data[token.start : token.end]
        if token.kind == "end":
            self._end(token)
        elif token.kind == "pi":
            if data[:6].lower() in (b"<?xml ", b"<?xml?", b"<?xml\t", b"<?xml\n", b"<?xml\r"):
                self._declaration(token)
        elif token.kind == "doctype":
            self.entities |= entities_of(token.inside)
            self._hiding |= hiding_in(token.inside)
            refuse_page(data, self._rooted)
        elif token.kind != "comment" and data.strip() and not (self._open and self._layout.mixed):
            refuse_page(self._window.data[token.start : token.start + 14], self._rooted)
            self._pass_junk()

    def _hidden(self, token: Token) -> Iterator[Cut]:
        """An entity in the place of records: a piece that nobody reads, for what it stands for is not looked up."""
        if token.kind != "text" or not self._hiding or not self._open:
            return
        around, data = self._around, self._window.data[token.start : token.end]
        for found in _REFERENCE.finditer(data):
            if found[1] in self._hiding:
                start = self._window.passed + token.start + found.start()
                path = (around.path, around.head, around.tail)
                yield Cut(found[0].decode("utf-8", "replace"), *path, start, len(found[0]), found[0], around.within)

    def _declaration(self, token: Token) -> None:
        if self._open or self._rooted:
            self._note("second XML declaration")
        elif self._window.passed + token.start > 3 or (token.start and not self._starts_with_bom()):
            self._note("text before the document")

    def _pass_junk(self) -> None:
        where = "between the records" if self._open else "after the document" if self._rooted else "before the document"
        self._junk = True
        self._note(f"text {where}")

    def _end(self, token: Token) -> None:
        names = [one.name for one in self._open]
        if token.name not in names:
            self._note("end tag without a beginning")
            return
        if names[-1] != token.name:
            self._note("end tag missing")
        while self._open.pop().name != token.name:
            pass
        self._look_around()
        self.whole = not self._open

    # --- pieces and envelopes ---

    def _start(self, token: Token) -> tuple[Cut | None, int]:
        """The piece that begins here, or None, and where to go on."""
        name = local_name(token.name)
        if len(token.name) > _MAX_NAME_BYTES:
            raise Unreadable("xml_refused", f"an element has a name of {len(token.name)} bytes; tell the institution")
        own = name in self._layout.own
        if not self._open:
            if not own and name.lower() in NOTICE_TAGS | PAGE_TAGS | (INSIDE_TAGS if self._junk else frozenset()):
                refuse_page(token.name, self._rooted)
                self._pass_junk()
                return None, token.end
            self._rooted, self.whole = True, False
        elif not own and name.lower() in BETWEEN_TAGS:
            self._pass_junk()
            return None, token.end
        around = self._around
        if self._is_envelope(around, name, token):
            self.envelopes.add((*around.path, name))
            if not token.is_empty:
                self._enter(token, name)
            self.whole = not self._open
            return None, token.end
        end = token.end if token.is_empty else self._end_of(token)
        self.whole = not self._open and self._window.data.endswith(b">", 0, end)
        data = None if self._lost else self._window.data[token.start : end]
        start = self._window.passed + token.start
        return Cut(name, around.path, around.head, around.tail, start, end - token.start, data, around.within), end

    def _alike(self, name: bytes, last: Cut, at: int) -> tuple[Cut | None, int]:
        """The piece that follows upon the last one and is called the same, where both are plain; else None."""
        if self.careful or self._hiding or self._lost or last.name not in self._around.pieces:
            return None, at
        start, end = plain_piece(self._window.data, name, at)
        if start < 0:
            return None, at
        place, data = self._window.passed + start, self._window.data[start:end]
        return Cut(last.name, last.path, last.head, last.tail, place, end - start, data, last.within), end

    def _is_envelope(self, around: Around, name: str, token: Token) -> bool:
        if name in around.pieces or len(around.path) >= MAX_ENVELOPES:
            return False
        peeked: list[str] = []

        def peek() -> str:
            peeked.append(self._peek(token))
            return peeked[-1]

        found = self._layout.descends(around.path, name, peek)
        if not found and not peeked and len(around.pieces) < _PATIENCE:
            around.pieces.add(name)
        return found

    def _look_around(self) -> None:
        head = b"".join(one.head for one in self._open)
        tail = b"".join(b"</%s>" % one.name for one in reversed(self._open))
        within = tuple(one.start for one in self._open)
        self._around = Around(tuple(one.local for one in self._open), head, tail, within)

    def _enter(self, token: Token, name: str) -> None:
        inside, repairs = mend_namespaces(token.inside)
        for repair in repairs:
            self._note(repair)
        own = declared_in(inside)
        unbound = used_in(token.name, b"") - own - frozenset().union(*(one.declared for one in self._open))
        for repair in undeclared(unbound):
            self._note(repair)
        namespaces = b" ".join(
            one.replace(b"&", b"&amp;").replace(b"&amp;amp;", b"&amp;") for one in namespaces_in(inside)
        )
        head = b"<%s %s%s>" % (token.name, namespaces, declarations(unbound))
        self._open.append(Open(token.name, name, own | unbound, head, self._window.passed + token.start))
        self._look_around()
        if sum(len(one.head) for one in self._open) > _MAX_HEAD_BYTES:
            raise Unreadable("xml_refused", f"its envelope declares more than {_MAX_HEAD_BYTES} bytes of namespaces")

    def _peek(self, token: Token) -> str:
        at = token.end
        while not token.is_empty and (inner := self._window.token(at)) is not None:
            at = inner.end
            if inner.kind == "start":
                return local_name(inner.name)
            if inner.kind not in ("comment", "pi") and self._window.data[inner.start : inner.end].strip():
                break
        return ""

    # --- where a piece ends ---

    def _end_of(self, token: Token) -> int:
        if not self.careful:
            end = self._matching_end(token)
            if end >= 0:
                return end
            self.careful = True
        end = self._find_border(token.name, token.end, inside=True)
        if end == len(self._window.data) and not self._window.at_end:
            self._lost = token.name
        return end

    def _matching_end(self, token: Token) -> int:
        """Behind the end tag that belongs to this one; -1 where there is none within the bytes that may be held."""
        window, depth, deepest, at, left = self._window, 1, 1, token.end, _PATIENCE
        pattern = marks(token.name) if token.name in self._met else ANY
        if len(self._met) < _PATIENCE:
            self._met.add(token.name)
        while True:
            found = pattern.search(window.data, at)
            if found is None:
                size = len(window.data)
                if size - token.start > MAX_PIECE_BYTES or not window.more():
                    return -1
                at = max(at, size - len(token.name) - 12)
                continue
            inner = window.token(found.start())
            assert inner is not None
            at, left = inner.end, left - 1
            if not left:
                pattern = marks(token.name)
            if inner.name == token.name and not inner.is_empty and inner.inside[:1] in BEHIND_NAME:
                depth += 1 if inner.kind == "start" else -1
                deepest = max(deepest, depth)
                if not depth:
                    if deepest > 1:
                        self._nests.add(token.name)
                    return at

    def _find_border(self, name: bytes, at: int, inside: bool = False) -> int:
        """Where a piece of this name that may not end is over: at its end tag, or where the next one begins, or its
        envelope ends. inside: from within the piece, which is wanted; else what is passed is let go.
        """
        window, around, depth = self._window, tuple(one.name for one in self._open), int(inside)
        pattern = marks(name, *around)
        longest = max(map(len, (name, *around))) + 12
        while True:
            found = pattern.search(window.data, at)
            if found is None:
                size = len(window.data)
                at = max(at, size - longest)
                if not inside:
                    at -= window.let_go(at)
                if (inside and size > MAX_PIECE_BYTES) or not window.more():
                    return len(window.data)
                continue
            inner = window.token(found.start())
            assert inner is not None
            at = inner.end
            if inner.kind == "end" and inner.name in around:
                return inner.start
            if inner.kind == "start" and inner.name == name and not inner.is_empty:
                if self._is_border(inner):
                    return inner.start
                depth += 1
            elif inner.kind == "end" and inner.name == name:
                depth -= 1
                if not depth:
                    return inner.end

    def _is_border(self, token: Token) -> bool:
        due = self._layout.first_child.get(local_name(token.name))
        return self._peek(token) == due if due else token.name not in self._nests
