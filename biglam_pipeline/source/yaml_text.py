"""YAML as sources.yaml writes it: every scalar is text until its key says what it is, and nothing is lost silently.

YAML 1.2 would make 1 of `001`, 1.1 of `1.10` and False of `no`. Here `rows: 20` is the text "20", and the model
makes a number of it. Tags, anchors, merge keys, duplicate keys and empty values are refused, with their line. An
entry is read from the parser's events, never composed, so that an alias is refused before it can multiply.
"""

import bisect
import re
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from biglam_pipeline.secrecy import with_names_only
from biglam_pipeline.source.cutting import Chunk
from biglam_pipeline.source.events import events_of
from biglam_pipeline.source.mending import is_hidden, is_odd, mend, name_blank, odd_edge, strays
from biglam_pipeline.source.quoting import BULLETS, balance, no_value, quoted

LARGEST = 4 * 2**20
DEEPEST = 40
Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong with an entry as YAML."""

    path: Path
    line: int
    what: str
    """What is wrong; what to write."""


@dataclass(slots=True)
class Tree:
    """One parsed entry: plain dicts, lists and texts, the line of every place, and what is wrong with it."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    flaws: list[Flaw] = field(default_factory=list)
    spoiled: set[Path] = field(default_factory=set)
    """Places whose value could not be read, so that nothing more is worth saying about them."""


def parse(chunk: Chunk, keys: Collection[str] = ()) -> Tree:
    """One entry as text, with the line of everything in it. Syntax errors become flaws.

    keys: the language's own, for telling a slip from a text.
    """
    tree = Tree()
    if len(chunk.text) > LARGEST:
        tree.flaws.append(Flaw((), chunk.line, f"the entry is longer than {LARGEST} characters; split the source"))
        return tree
    if slips := strays(chunk.text.rstrip("\n").split("\n")):
        tree.flaws = [Flaw((), chunk.line + slip.line, slip.what) for slip in slips]
        return tree
    reader = _Reader(tree, chunk, keys)
    try:
        reader.entry()
        wrong = None if isinstance(tree.data, dict) or tree.flaws[:-1] else (tree.flaws[-1].line, tree.flaws[-1].what)
    except MarkedYAMLError as error:
        wrong = _syntax(error, chunk)
    except YAMLError:
        found = re.search(r"[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", chunk.text)
        line = chunk.line + chunk.text.count("\n", 0, found.start() if found else 0)
        which = f" ({found[0]!r})" if found else ""
        tree.flaws.append(Flaw((), line, f"a control character{which} stands in the entry; take it out"))
        tree.data = None
        return tree
    if wrong is not None:
        _mended(tree, chunk, wrong, keys)
    return tree


def _mended(tree: Tree, chunk: Chunk, wrong: tuple[int, str], keys: Collection[str]) -> None:
    """Says what cures a syntax error, where that can be found; what else was found in the line only follows from it."""
    line, what = wrong
    lines = chunk.text.rstrip("\n").split("\n")
    slips = [] if what == _DEEP else mend(lines, line - chunk.line, what.partition("; ")[0], keys)
    found = [(chunk.line + slip.line, slip.what) for slip in slips] or [wrong]
    others = [flaw for flaw in tree.flaws if not slips and flaw.line != line]
    where = {at: path for path, at in sorted(tree.lines.items(), key=lambda pair: -len(pair[0]))}
    tree.flaws = others
    for at, said in found:
        path = where.get(at, ())
        tree.flaws.append(Flaw(path, at, with_names_only(said, path)))
    tree.data = None


# --- what a syntax error means ---

_MEANT = (
    ("mapping values are not allowed", "`: ` stands inside a value"),
    ("cannot start any token", "a value, or an indentation, begins with a character that YAML keeps for itself"),
    ("<block mapping start>", "the indentation does not fit the lines above"),
    ("<block sequence start>", "the indentation does not fit the lines above"),
    ("<block end>", "something goes on behind a closing bracket or quote, or the indentation does not fit"),
    ("expected a comment", "a text that begins with > or | goes on in the next line"),
    ("alphabetic or numeric", "& and * begin a word of YAML's own"),
    ("but got", "a bracket is not closed, or a comma is missing"),
    ("end of stream", "a quote is not closed"),
    ("escape character", 'a backslash inside "..." is written twice'),
)
_ADVICE = (
    'put a value in "..." where it starts with one of * { [ @ ! > % & ` or holds `: `, '
    "and inside braces also where it holds [ ] { } or a comma"
)


def _syntax(error: MarkedYAMLError, chunk: Chunk) -> tuple[int, str]:
    """Line and words: where a bracket or quote is left open, the line that opened it."""
    opened = re.search(r"flow|quoted|anchor|alias", error.context or "")
    mark = (error.context_mark if opened else None) or error.problem_mark or error.context_mark
    index = min(mark.index if mark else 0, len(chunk.text.rstrip()) - 1)
    place = chunk.text.count("\n", 0, index)
    problem = error.problem or "not YAML"
    if problem == _DEEP:
        return chunk.line + place, problem
    reported = next((words for part, words in _MEANT if part in problem), problem)
    before = chunk.text[chunk.text.rfind("\n", 0, index) + 1 : index]
    if "mapping values" in problem and ":" not in before:
        return chunk.line + place, "the indentation does not fit the lines above; write keys of one block below another"
    return chunk.line + place, f"{reported}; {_ADVICE}"


# --- reading the events of one entry ---


_DEEP = f"nested deeper than {DEEPEST} levels; write it flatter"


class _TooDeep(MarkedYAMLError):
    """Nested beyond reason."""


@dataclass(slots=True)
class _Call:
    """A value inside braces whose round bracket is still open where a comma has ended it."""

    begin: int = 0
    depth: int = 0

    @classmethod
    def begun_by(cls, event: Event) -> "_Call":
        """By a value that opens more brackets than it closes."""
        if not isinstance(event, ScalarEvent) or event.style is not None:
            return cls()
        return cls(int(event.start_mark.index), balance(str(event.value)))

    @property
    def is_open(self) -> bool:
        """Whether a bracket is left to be closed."""
        return self.depth > 0

    def goes_on(self, text: str) -> bool:
        """Takes the next piece in; True where it is the last."""
        self.depth += balance(text)
        return not self.is_open


def _is_nothing(event: Event) -> bool:
    return isinstance(event, ScalarEvent) and event.style is None and event.value == ""


class _Reader:
    def __init__(self, tree: Tree, chunk: Chunk, keys: Collection[str]) -> None:
        self._tree, self._first, self._keys = tree, chunk.line, keys
        self._whole = chunk.text
        self._breaks = [found.start() for found in re.finditer(r"\n", chunk.text)]
        self._aliases: set[tuple[int, str]] = set()
        self._events = events_of(chunk.text)

    def entry(self) -> None:
        """The chunk is a mapping of one key, the source's name, to its block."""
        event = self._next()
        while not isinstance(event, NodeEvent):
            event = self._next()
        if not isinstance(event, MappingStartEvent):
            self._flaw((), event, "an entry is `name:` and, below it, indented, its keys; write the colon")
            return
        self._key(self._next(), ())
        value = self._next()
        if not isinstance(value, MappingStartEvent):
            self._flaw((), value, "the entry has no keys; write title, custodian, harvest and rights below it")
            return
        self._tree.data = self._value(value, ())
        if not isinstance(self._next(), MappingEndEvent):
            self._flaw((), value, "an entry is one name; indent what belongs to it")
        list(self._events)  # to the end: what stands behind the entry is an error, and not nothing

    def _next(self) -> Event:
        return next(self._events)

    def _value(self, event: Event, path: Path) -> Any:
        self._tree.lines.setdefault(path, self._line(event))
        if len(path) > DEEPEST:
            raise _TooDeep(problem=_DEEP, problem_mark=event.start_mark)
        self._refuse(event, path)
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        return self._text(event, path)

    def _sequence(self, path: Path) -> list[Any]:
        found: list[Any] = []
        call = _Call()
        while not isinstance(event := self._next(), SequenceEndEvent):
            if call.is_open and isinstance(event, ScalarEvent):
                if call.goes_on(str(event.value)):
                    found[-1] = self._whole_call(call, event, (*path, len(found) - 1))
                continue
            found.append(self._value(event, (*path, len(found))))
            call = _Call.begun_by(event)
        return found

    def _mapping(self, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        call, last = _Call(), ""
        while not isinstance(event := self._next(), MappingEndEvent):
            value = self._next() if call.is_open and isinstance(event, ScalarEvent) else None
            if value is not None and _is_nothing(value):
                if call.goes_on(str(getattr(event, "value", ""))):
                    found[last] = self._whole_call(call, event, (*path, last))
                continue
            last, call = self._member(event, value, path, found)
        return found

    def _member(self, event: Event, value: Event | None, path: Path, found: dict[str, Any]) -> tuple[str, "_Call"]:
        """One key of a mapping with its value, which may have been taken from the events already."""
        name = self._key(event, path)
        again = name in found
        value = value or self._next()
        if not name:
            self._value(value, path)
            return "", _Call()
        if again:
            self._flaw((*path, name), event, f"`{name}` is there twice; one of the two would be lost: leave one out")
        elif name == "<<":
            self._flaw(path, event, "merge keys (<<) are not part of the language; write the keys out")
        else:
            self._tree.lines[(*path, name)] = self._line(event)
        if name == "<<":  # said already, whatever stands behind it
            self._tree.spoiled.add((*path, name))
            self._aliases.add((self._line(value), str(getattr(value, "anchor", ""))))
        read = self._value(value, (*path, name))
        if not again and name != "<<":
            found[name] = read
        return name, _Call.begun_by(value)

    def _whole_call(self, call: "_Call", event: Event, path: Path) -> str:
        """`class(portrait, street)`, which commas inside braces cut into several."""
        whole = self._whole[call.begin : int(event.end_mark.index)]
        cause = "a comma inside braces cuts the value off"
        self._flaw(path, event, f"{cause}; write it in quotes: {quoted(whole)}", spoils=True)
        return whole

    def _key(self, event: Event, path: Path) -> str:
        self._refuse(event, path)
        if isinstance(event, ScalarEvent):
            name = str(event.value)
            if odd := odd_edge(name) or next(filter(is_hidden, name), ""):
                where = "beside" if odd == odd_edge(name) else "inside"
                self._flaw(path, event, f"{name_blank(odd)} stands {where} the key; take it out")
                name = "".join(one for one in name if not is_odd(one))
            return name
        self._flaw(path, event, 'a key is a plain word; put it in "..." if it starts with a bracket or a star')
        if not isinstance(event, AliasEvent):
            self._skip()
        return ""

    def _skip(self) -> None:
        """Goes to the end of the collection that has just begun."""
        depth = 1
        while depth:
            event = self._next()
            depth += isinstance(event, MappingStartEvent | SequenceStartEvent)
            depth -= isinstance(event, MappingEndEvent | SequenceEndEvent)

    def _text(self, event: Event, path: Path) -> str:
        if not isinstance(event, ScalarEvent):
            return ""
        if event.style is None and event.value == "":
            # The event of an empty value stands where the next thing begins; the key is where it is missing.
            line = self._tree.lines.get(path, self._line(event))
            written, key = self._whole.split("\n")[line - self._first], str(path[-1]) if path else ""
            of_key, what = no_value(written, key, self._keys)
            self._tree.flaws.append(Flaw(path if of_key else path[:-1], line, with_names_only(what, path)))
            self._tree.spoiled.add(path)
        elif event.style is None and BULLETS.match(str(event.value)) and self._line(event) > self._tree.lines[path]:
            begun = f"a list's values begin with a hyphen; write - {str(event.value)[1:].strip()[:40]}; or quote a text"
            self._flaw(path, event, begun, spoils=True)
        elif event.style is None and (odd := odd_edge(str(event.value))):
            self._flaw(
                path,
                event,
                f"{name_blank(odd)} stands at the edge of the value; take it out, or quote the value",
                spoils=True,
            )
        elif event.style is None and re.match(r" #", rest := self._rest(event)):
            lost = f"`{rest.strip()[:30]}` would be lost as a comment; "
            self._flaw(path, event, f"{lost}quote the value, or put two blanks before the #")
        return str(event.value)

    def _rest(self, event: Event) -> str:
        """What stands behind a value in its line."""
        index = int(event.end_mark.index)
        end = self._whole.find("\n", index)
        return self._whole[index:end] if end >= 0 else self._whole[index:]

    def _refuse(self, event: Event, path: Path) -> None:
        if isinstance(event, AliasEvent):
            self._tree.spoiled.add(path)
            known = (self._line(event), str(event.anchor))
            if known in self._aliases:
                return
            self._aliases.add(known)
            what = f"`*{event.anchor}` is an alias, which is not part of the language; "
            self._flaw(path, event, f'{what}write the value out, or "*{event.anchor}" if it is text')
        elif isinstance(event, NodeEvent) and event.anchor:
            what = f"`&{event.anchor}` is an anchor, which is not part of the language; "
            self._flaw(path, event, f"{what}leave it out, or quote the value if it is text", spoils=True)
        if tag := getattr(event, "tag", None):
            shown = str(tag).replace("tag:yaml.org,2002:", "!!")
            what = f"`{shown}` is a tag, which is not part of the language; "
            self._flaw(path, event, f"{what}leave it out, or quote the value if it is text", spoils=True)

    def _line(self, event: Event) -> int:
        # Marks count more characters as line breaks than an editor does.
        return self._first + bisect.bisect_left(self._breaks, int(event.start_mark.index))

    def _flaw(self, path: Path, event: Event, what: str, *, spoils: bool = False) -> None:
        self._tree.flaws.append(Flaw(path, self._line(event), what))
        if spoils:
            self._tree.spoiled.add(path)
