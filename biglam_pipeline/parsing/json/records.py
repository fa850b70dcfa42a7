"""Cuts a JSON document into its records, one at a time, by a path to them.

The path is JMESPath (https://jmespath.org/specification.html), of which only this leads to records: keys, `[]`
or `[*]` for each of a list, `*` for each value of an object.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import jmespath
import orjson
from jmespath.exceptions import JMESPathError

from biglam_pipeline.parsing.json.stream import Broken, Tokens

EACH: Final = 0
"""A step: each of a list."""
VALUES: Final = 1
"""A step: each value of an object."""
Steps = tuple[str | int, ...]
_KEYS = 60
_EMPTY = re.compile(rb"\{\s*\}")
"""Where a list is due, a list without members: PHP's `json_encode` of an array that has none and had keys."""
_BEGINS = {
    b"<": "it begins with `<`: a web page or XML; open its address in a browser",
    b"v": "it begins with `v`, as a Git LFS pointer does: harvest the file that it points to",
    b")": "it begins with `)`, as what is guarded against scripts does: ask for it without that",
}
_NAMES = {b"{": "an object", b"[": "a list", b'"': "a text", b"n": "null", b"t": "true", b"f": "false"}


def read_steps(path: str) -> Steps:
    """The steps of a path; none where it is empty. ValueError for what is no path to records."""
    if not path:
        return ()
    try:
        return _steps(jmespath.compile(path).parsed)
    except (JMESPathError, ValueError) as error:
        raise ValueError(
            f"{path!r} is no path to records; write one such as data[] or response.docs[], a key of other letters than "
            f"A-Z, a-z, 0-9 and _ in double quotes ('\"full articles\"[]'), and choose among them by `where`"
        ) from error


def _steps(node: dict[str, object]) -> Steps:
    kind, children = node["type"], node["children"]
    assert isinstance(children, list)
    inside = [one for child in children for one in _steps(child)] if kind in ("subexpression", "pipe") else []
    match kind:
        case "identity" | "current":
            return ()
        case "field":
            return (str(node["value"]),)
        case "subexpression" | "pipe":
            return tuple(inside)
        case "flatten":
            return (*_steps(children[0]), EACH)
        case "projection":
            each = () if children[0]["type"] == "flatten" else (EACH,)
            return (*_steps(children[0]), *each, *_steps(children[1]))
        case "value_projection":
            return (*_steps(children[0]), VALUES, *_steps(children[1]))
    raise ValueError(f"{kind} leads to no records")


@dataclass(frozen=True, slots=True)
class Span:
    """One record as it is written."""

    data: bytes
    begins: int
    """Bytes before it."""
    alone: bool = False
    """Whether it stands where a list of records was due, as converters of XML write a list of one."""
    whole: bool = False
    """Whether it is all of its document."""


@dataclass(slots=True)
class Document:
    """One document, read once; or several one behind the other, as JSON Lines are, alike."""

    tokens: Tokens
    steps: Steps
    reached: bool = False
    """Whether the path led to a list or an object, in the document that is read."""
    documents: int = 0
    """How many there were."""
    lost: int = 0
    """In how many of them the path led nowhere."""
    keys: dict[str, None] = field(default_factory=dict)
    """The first keys of the document."""
    _rest: list[bytes] | None = None

    def spans(self) -> Iterator[Span]:
        """Every record, in order. Broken where the text is none."""
        while first := self.tokens.peek():
            if first not in b"{[n":
                said = f"it begins with `{first.decode('latin-1')}`, which no JSON does"
                raise Broken(_BEGINS.get(first, said))
            self.documents += 1
            self.reached = False
            yield from self._walk(self.steps, top=True)
            self.lost += not self.reached
        if not self.documents:
            raise Broken("it is empty", cut=True)

    def rest(self) -> bytes:
        """The document with its lists of records empty; the spans are passed over."""
        self._rest = []
        for _ in self.spans():
            pass
        if self.documents > 1:
            raise Broken("it holds several documents, and which one is meant is not known")
        return b"".join(self._rest)

    def _walk(self, steps: Steps, *, top: bool = False) -> Iterator[Span]:
        first = self.tokens.peek()
        if not steps and first == b"[":
            yield from self._list(())
        elif not steps:
            yield from self._record(whole=top)
        elif steps[0] == EACH and first == b"[":
            yield from self._list(steps[1:])
        elif steps[0] == EACH and first == b"{" and len(steps) == 1:
            yield from (one for one in self._record(alone=True) if not _EMPTY.fullmatch(one.data))
        elif first == b"{" and steps[0] != EACH:
            yield from self._object(steps, top=top)
        else:
            self._copy(self.tokens.value())

    def _list(self, steps: Steps) -> Iterator[Span]:
        self.reached = self.reached or not steps
        self._open(b"[")
        met = 0
        while self._next(b"]", met, kept=bool(steps)):
            met += 1
            if steps:
                yield from self._walk(steps)
            else:
                yield from self._record(listed=True)
        self.reached = self.reached or not met
        self._copy(b"]")

    def _object(self, steps: Steps, *, top: bool) -> Iterator[Span]:
        self._open(b"{")
        met, found, every = 0, False, steps[0] == VALUES
        while self._next(b"}", met, kept=True):
            met += 1
            written = self.tokens.string()
            self.tokens.take(b":")
            self._copy(written + b":")
            key = _key(written) if not every else ""
            if top and len(self.keys) < _KEYS:
                self.keys[_key(written)] = None
            if not every and key != steps[0]:
                self._pass()
                continue
            if found and not every:
                raise Broken(f"the key {key!r} comes twice, and programs differ in which they take")
            found = True
            yield from self._walk(steps[1:])
        self.reached = self.reached or (every and not met)
        self._copy(b"}")

    def _record(self, *, alone: bool = False, listed: bool = False, whole: bool = False) -> Iterator[Span]:
        self.tokens.peek()
        begins = self.tokens.place
        data = self.tokens.value()
        if not listed:
            self._copy(b"null")
        self.reached = True
        yield Span(data, begins, alone, whole)

    def _open(self, bracket: bytes) -> None:
        self.tokens.take(bracket)
        self._copy(bracket)

    def _next(self, close: bytes, met: int, *, kept: bool) -> bool:
        """Whether one more member follows; passes what divides or ends them."""
        found = self.tokens.peek()
        if found == close and not met:
            self.tokens.take(close)
            return False
        if not met:
            return True
        if found == close:
            self.tokens.take(close)
            return False
        self.tokens.take(b",")
        if kept:
            self._copy(b",")
        return True

    def _pass(self) -> None:
        if self._rest is None:
            self.tokens.skip()
        else:
            self._copy(self.tokens.value())

    def _copy(self, data: bytes) -> None:
        if self._rest is not None:
            self._rest.append(data)


def named(data: bytes) -> str:
    """What a value is, in words."""
    return _NAMES.get(data[:1], "a number" if re.match(rb"-?[0-9]", data) else "no JSON")


def _key(written: bytes) -> str:
    try:
        return str(orjson.loads(written))
    except ValueError as error:
        raise Broken(f"the key {written[:60]!r} is no text ({error})") from error
