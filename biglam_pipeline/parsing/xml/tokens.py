"""Where do tags, comments and the rest begin and end, also in bytes that are broken or come little by little?

Every step looks at a byte a bounded number of times: no pattern here can go back (possessive quantifiers), and an end
that was not found is not looked for again. What opens and never ends is taken for text.
"""

import re
from collections.abc import Callable
from typing import Literal, NamedTuple

Kind = Literal["text", "start", "end", "comment", "cdata", "pi", "doctype", "broken"]

NAME = rb"[A-Za-z_:\x80-\xff][^\s<>/=\"'&!?]*+"
TAG = re.compile(rb"<(/?)(" + NAME + rb")((?:[^<>\"']++|\"[^<\"]*+\"|'[^<']*+')*+)>")
"""A tag has no `<` inside, not even in quotes (https://www.w3.org/TR/xml/#CleanAttrVals): a broken one ends there."""
_IN_DOCTYPE = re.compile(rb"[\[\]<>\"']")
_ENDED: tuple[tuple[bytes, bytes, Kind], ...] = (
    (b"<!--", b"-->", "comment"),
    (b"<![CDATA[", b"]]>", "cdata"),
    (b"<?", b"?>", "pi"),
)
_NO_TAG = (b"<!", b"<?")
_STEP = 1 << 20
BETWEEN_TAGS = frozenset({"br", "b", "hr"})
"""What scripts print between records: no element, where it is not the format's own."""


class Token(NamedTuple):
    """A stretch of the data: from `start` to `end`."""

    kind: Kind
    start: int
    end: int
    name: bytes = b""
    """Of a tag, with its prefix."""
    inside: bytes = b""
    """Of a tag, what stands behind its name: attributes, and the slash of an empty element."""

    @property
    def is_empty(self) -> bool:
        """Is it `<a/>`?"""
        return self.inside.endswith(b"/")


class Window:
    """Bytes that are looked at: all of them, or those of a stream that have not been passed yet."""

    def __init__(self, data: bytes, read: Callable[[int], bytes] | None = None, most_bytes: int = 1 << 62) -> None:
        """read: more of them; most_bytes: how many are held at once."""
        self.data = data
        self.passed = 0
        """Bytes that were let go: the place of `data` in the whole."""
        self._read = read
        self._most = most_bytes
        self._endless: dict[bytes, int] = {}

    @property
    def at_end(self) -> bool:
        """Is it known that nothing follows?"""
        return self._read is None

    def more(self) -> bool:
        """Takes in as much again as there is; False at the end, or where the window is full."""
        if self._read is None or len(self.data) >= self._most:
            return False
        block = self._read(max(_STEP, min(len(self.data), self._most - len(self.data))))
        if not block:
            self._read = None
            return False
        self.data += block
        self._endless.clear()
        return True

    def let_go(self, upto: int) -> int:
        """Forgets what stands before this place, if that is much; how far everything moved."""
        if self._read is None or upto < _STEP:
            return 0
        self.data = self.data[upto:]
        self.passed += upto
        self._endless = {}
        return upto

    def find(self, what: bytes, start: int) -> int:
        """Where these bytes stand next, taking in more; -1 where they do not. Asked in vain once, not asked again."""
        while True:
            known = self._endless.get(what)
            if known is None or start < known:
                found = self.data.find(what, start)
                if found >= 0:
                    return found
                self._endless[what] = min(start, known) if known is not None else start
            size = len(self.data)
            if not self.more():
                return -1
            start = max(start, size - len(what) + 1)

    def token(self, at: int) -> Token | None:
        """What stands at this place; None at the end."""
        if at >= len(self.data) and not self.more():
            return None
        if self.data[at] != 0x3C:
            found = self.find(b"<", at)
            return Token("text", at, found if found >= 0 else len(self.data))
        return self._markup(at)

    def _markup(self, at: int) -> Token:
        while len(self.data) - at < 9 and self.more():
            pass
        if self.data.startswith(_NO_TAG, at):
            for opening, closing, kind in _ENDED:
                if self.data.startswith(opening, at):
                    end = self.find(closing, at + len(opening))
                    return Token(kind, at, end + len(closing)) if end >= 0 else Token("broken", at, at + 1)
            if self.data[at : at + 9].upper() == b"<!DOCTYPE":
                return self._doctype(at)
        while (found := TAG.match(self.data, at)) is None:
            # A tag that is cut by the end of the window goes on behind it; one that meets a `<` is broken.
            if self.data.find(b"<", at + 1) >= 0 or not self.more():
                return Token("broken", at, at + 1)
        return Token("end" if found[1] else "start", at, found.end(), found[2], found[3])

    def _doctype(self, at: int) -> Token:
        if b"<!DOCTYPE" not in self._endless:  # one that never ends is looked for once
            end, subset = self._doctype_end(at)
            if end >= 0:
                return Token("doctype", at, end, inside=self.data[subset:end] if subset else b"")
            self._endless[b"<!DOCTYPE"] = at
        return Token("broken", at, at + 1)

    def _doctype_end(self, start: int) -> tuple[int, int]:
        """Behind its `>`, or -1 where it has none within a megabyte; and where its internal subset begins, or 0."""
        at, subset, inside = start + 9, 0, False
        while 0 <= at < start + _STEP:
            found = _IN_DOCTYPE.search(self.data, at)
            if found is None:
                at = len(self.data)
                if not self.more():
                    break
                continue
            at, letter = found.end(), found[0]
            if letter == b">" and not inside:
                return at, subset
            if letter == b"<" and not inside:
                break
            if letter in (b"[", b"]"):
                inside, subset = letter == b"[", subset or found.start()
            else:
                at = self._behind(letter, at)
        return -1, 0

    def _behind(self, letter: bytes, at: int) -> int:
        """Behind what this letter begins in a DTD: a text in quotes, a comment, an instruction; -1 if it never ends."""
        what = letter if letter in (b'"', b"'") else b""
        if letter == b"<" and self.data.startswith((b"!--", b"?"), at):
            what = b"-->" if self.data.startswith(b"!", at) else b"?>"
        if not what:
            return at
        found = self.find(what, at)
        return found + len(what) if found >= 0 else -1


def local_name(name: bytes) -> str:
    """A tag's name without its prefix."""
    return name[name.rfind(b":") + 1 :].decode("utf-8", "replace")
