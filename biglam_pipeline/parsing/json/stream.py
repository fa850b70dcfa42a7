"""The tokens of a JSON text as its bytes come: only what is being read is held."""

import re
from collections.abc import Iterator

_BLANK = re.compile(rb"[ \t\n\r]*+")
_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_PLAIN = rb'[^"{}\[\]]++|"(?:[^"\\]++|\\.)*+"'
_ONE = rb"(?:%b)*+" % _PLAIN
_TWO = rb"(?:%b|\{%b\}|\[%b\])*+" % (_PLAIN, _ONE, _ONE)
_FLAT = re.compile(rb"(?:%b|\{%b\}|\[%b\])*+" % (_PLAIN, _TWO, _TWO), re.DOTALL)
"""All up to the next bracket, with what is nested two deep and whole: a step of Python less for each of these. Or up to
a string that is not there to its end. What is tried in vain is read thrice at most.
"""
_SCALAR = re.compile(rb'[^ \t\n\r,:"{}\[\]]++')


class Broken(ValueError):
    """The text is no JSON, or not the JSON that was due."""

    def __init__(self, detail: str, *, cut: bool = False) -> None:
        """cut: whether it only ends too early."""
        super().__init__(detail)
        self.cut = cut


class Tokens:
    """One text, read once from its begin to its end."""

    def __init__(self, blocks: Iterator[bytes], most: int) -> None:
        """most: so many bytes are held at once at most."""
        self._blocks, self._most, self._ended = blocks, most, False
        self._data, self._at, self._base = b"", 0, 0
        self._held: int | None = None

    @property
    def place(self) -> int:
        """How many bytes were passed."""
        return self._base + self._at

    def peek(self) -> bytes:
        """The first byte behind what is blank; nothing at the end of the text."""
        while True:
            self._at = _blank_end(self._data, self._at)
            if self._at < len(self._data) or not self._more():
                return self._data[self._at : self._at + 1]

    def take(self, due: bytes) -> None:
        """Passes this byte; Broken where it is not the next."""
        if (found := self.peek()) != due:
            raise self._unlike(found, f"`{due.decode()}`")
        self._at += 1

    def string(self) -> bytes:
        """Passes a string, and gives it as it is written."""
        if (found := self.peek()) != b'"':
            raise self._unlike(found, "a key")
        while (match := _STRING.match(self._data, self._at)) is None:
            self._need("a string")
        self._at = match.end()
        return match[0]

    def value(self) -> bytes:
        """Passes a value, and gives it as it is written."""
        self.peek()
        self._held = self._at
        self.skip()
        found, self._held = self._data[self._held : self._at], None
        return found

    def skip(self) -> None:
        """Passes a value."""
        found = self.peek()
        if found == b'"':
            self.string()
        elif found and found in b"{[":
            self._skip_nested()
        else:
            self._skip_scalar(found)

    def _skip_nested(self) -> None:
        depth, self._at = 1, self._at + 1
        while True:
            match = _FLAT.match(self._data, self._at)
            assert match is not None
            self._at = match.end()
            found = self._data[self._at : self._at + 1]
            if found in (b"", b'"'):
                self._need("a string" if found else "an object or a list")
                continue
            depth += 1 if found in b"{[" else -1
            self._at += 1
            if not depth:
                return

    def _skip_scalar(self, found: bytes) -> None:
        while True:
            match = _SCALAR.match(self._data, self._at)
            if match is None:
                raise self._unlike(found, "a value")
            if match.end() < len(self._data) or not self._more():
                self._at += len(match[0])
                return

    def _need(self, what: str) -> None:
        if not self._more():
            raise Broken(f"it ends in the middle of {what}", cut=True)

    def _more(self) -> bool:
        """Reads on, by as much as is held, so that what is long is not searched again and again; False at the end."""
        if self._ended:
            return False
        keep = self._at if self._held is None else self._held
        rest = self._data[keep:]
        if len(rest) > self._most:
            raise Broken(f"one value of it is larger than {self._most} bytes; split it before it is harvested")
        parts, came = [rest], 0
        for block in self._blocks:
            parts.append(block)
            came += len(block)
            if came >= len(rest):
                break
        else:
            self._ended = True
        self._data, self._base, self._at = b"".join(parts), self._base + keep, self._at - keep
        self._held = None if self._held is None else 0
        return came > 0

    def _unlike(self, found: bytes, due: str) -> Broken:
        if not found:
            return Broken(f"it ends where {due} was due", cut=True)
        return Broken(f"byte {self.place + 1} is `{found.decode('latin-1')}` where {due} was due")


def _blank_end(data: bytes, at: int) -> int:
    match = _BLANK.match(data, at)
    assert match is not None
    return match.end()
