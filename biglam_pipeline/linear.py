"""Regular expressions that take no longer than the text is long, and find what Python's `re` would have found.

Python goes back over what it has tried, and a text that a server chose can make that last for ever; RE2 does not
(https://github.com/google/re2/wiki/WhyRE2). But its `\\w \\d \\s`, its `$` and its letters of either case are others:
so an expression is read by Python, and every class of letters is written out for RE2 as Python itself fills it.
"""

import re
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import starmap
from typing import Any

import re2

parser = re._parser  # type: ignore[attr-defined]  # the only reader of Python's expressions that there is

_MAX_BYTES = 32 << 20
"""Of one compiled expression: `\\w{1,200}` needs more than RE2's eight megabytes."""
_SURROGATES = (0xD800, 0xDFFF)
_MOVED = 0x100000
_STAND_INS = {half: half + _MOVED for half in range(_SURROGATES[0], _SURROGATES[1] + 1)}
"""Halves of a pair that a broken file name or JSON text holds: no UTF-8 has them, so private letters stand for them."""
_CATEGORIES = {"DIGIT": r"\d", "NOT_DIGIT": r"\D", "SPACE": r"\s", "NOT_SPACE": r"\S", "WORD": r"\w", "NOT_WORD": r"\W"}
_REFUSED = {
    "AT_BOUNDARY": r"\b: write the sign that may stand there, such as (?:^|\W)",
    "AT_NON_BOUNDARY": r"\B: write the letters that stand on both sides, such as \w",
    "ASSERT": "a look ahead or behind: put what is wanted in (...), and what is only beside it outside",
    "ASSERT_NOT": "a look ahead or behind: put what is wanted in (...), and what may be beside it outside, as [^...]",
    "GROUPREF": "a reference back to a group: write what it would find once more",
    "GROUPREF_IGNORE": "a reference back to a group: write what it would find once more",
    "GROUPREF_EXISTS": "a choice by whether a group was found: write both ways, divided by |",
    "ATOMIC_GROUP": "(?>...): write (?:...), which takes no longer here",
    "POSSESSIVE_REPEAT": "a repetition with + behind it: leave that + out, which takes no longer here",
}
"""What looks back or around, by Python's name of it: what it is, and what to write instead."""


@dataclass(frozen=True, slots=True)
class Found:
    """Where an expression fits in a text."""

    text: str
    data: bytes
    """The text in UTF-8."""
    places: Sequence[tuple[int, int]]
    """Of the whole and of each group, begin and end in `data`; -1 for a group that has no part in it."""

    def __getitem__(self, group: int) -> str | None:
        """The text of a group, 0 for the whole; None where the group has no part in it."""
        begin, end = self.span(group)
        return None if begin < 0 else self.text[begin:end]

    def span(self, group: int = 0) -> tuple[int, int]:
        """Begin and end in the text; -1 where the group has no part in it."""
        begin, end = self.places[group]
        if begin < 0 or len(self.data) == len(self.text):
            return begin, end
        return len(self.data[:begin].decode()), len(self.data[:end].decode())


class Regex:
    """One expression in Python's syntax, ready to be laid against texts."""

    def __init__(self, text: str) -> None:
        """ValueError where it is none, or asks for what cannot be found in linear time; it says what to write."""
        self.text = text
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of sets in sets, that they may mean something else one day
                tree = parser.parse(text)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"is not a regular expression: {error}{_hint(str(error))}") from None
        writer = _Writer()
        options = re2.Options()
        options.max_mem, options.log_errors = _MAX_BYTES, False
        try:
            self._compiled = re2.compile(writer.sequence(tree, tree.state.flags, last=True).encode(), options)
        except (re2.error, RecursionError) as error:
            raise ValueError(f"is too long, or repeats too often ({_words(error)}); write it shorter") from None
        self._groups, self._ends = writer.groups, writer.ends
        self.groups: int = len(writer.groups) - 1
        self.names: dict[str, int] = dict(tree.state.groupdict)

    def search(self, text: str) -> Found | None:
        """The first place where it fits."""
        data = _encoded(text)
        match = self._compiled.search(data)
        if match is None:
            return None
        # Python's `$` stands before a last line feed too, and does not take it in.
        most = len(data) - any(match.end(end) > match.start(end) for end in self._ends)
        places = [match.span(number) for number in self._groups]
        return Found(text, data, [(min(begin, most), min(end, most)) for begin, end in places])


class _Writer:
    """Writes for RE2 what Python has read."""

    def __init__(self) -> None:
        self.groups = [0]
        """RE2's number of each of Python's groups."""
        self.ends: list[int] = []
        """The groups that stand for `$`, and may have taken a line feed in."""
        self._count = 0

    def sequence(self, tree: Any, flags: int, *, last: bool) -> str:
        """last: whether nothing stands behind it."""
        parts = list(tree)
        # Behind `$` only another `$` looks at the same place; `\Z` and `^` stand behind the line feed it takes in.
        bare = [all(str(of) == "AT_END" for _, of in parts[place + 1 :]) for place in range(len(parts))]
        return "".join(self._part(str(op), of, flags, last and end) for (op, of), end in zip(parts, bare, strict=True))

    def _part(self, operation: str, of: Any, flags: int, last: bool) -> str:
        if operation in _REFUSED:
            raise ValueError(f"has {_REFUSED[operation]}")
        if operation == "AT":
            return self._at(str(of), flags, last)
        if operation == "SUBPATTERN":
            return self._group(*of, flags=flags, last=last)
        if operation == "BRANCH":
            return f"(?:{'|'.join(self.sequence(one, flags, last=last) for one in of[1])})"
        if operation in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, body = of
            return self._repeat(least, most, body, flags, last) + "?" * (operation == "MIN_REPEAT")
        if operation == "ANY":
            return r"(?s:.)" if flags & re.DOTALL else r"[^\n]"
        items = of if operation == "IN" else [(operation, of)]
        return _letters(items, flags & (re.IGNORECASE | re.ASCII))

    def _at(self, place: str, flags: int, last: bool) -> str:
        if place in _REFUSED:
            raise ValueError(f"has {_REFUSED[place]}")
        if place in ("AT_BEGINNING", "AT_END") and flags & re.MULTILINE:
            return "(?m:^)" if place == "AT_BEGINNING" else "(?m:$)"
        if place != "AT_END":
            return r"\A" if place.startswith("AT_BEGINNING") else r"\z"
        if not last:
            raise ValueError("has something behind $, where a text has ended; leave it out, or write \\n for $")
        self._count += 1
        self.ends.append(self._count)
        return r"(\n?)\z"

    def _group(self, number: int | None, added: int, taken: int, tree: Any, *, flags: int, last: bool) -> str:
        flags = (flags | added) & ~taken
        if number is None:
            return f"(?:{self.sequence(tree, flags, last=last)})"
        self._count += 1
        self.groups.append(self._count)
        return f"({self.sequence(tree, flags, last=last)})"

    def _repeat(self, least: int, most: int, tree: Any, flags: int, last: bool) -> str:
        endless = most == parser.MAXREPEAT
        if most > 1 and not tree.getwidth()[0]:
            raise ValueError("repeats what may be empty; let each turn take something: write + for the inner *")
        body = self.sequence(tree, flags, last=last and most <= 1)
        count = f"{{{least},{'' if endless else most}}}"
        short = {(0, True): "*", (1, True): "+"}.get((least, endless)) or ("?" if (least, most) == (0, 1) else count)
        return f"(?:{body}){short}"


def _letters(items: Sequence[tuple[Any, Any]], flags: int) -> str:
    """One class of letters; where RE2 may fill it otherwise, as the ranges that Python fills it with."""
    plain = not flags & re.IGNORECASE and all(str(operation) != "CATEGORY" for operation, _ in items)
    text = "".join(_item(str(operation), of) for operation, of in items)
    ranges = _written(items) if plain else _as_python(f"[{text}]", flags)
    return f"[{ranges}]" if ranges else r"[^\x{0}-\x{10FFFF}]"


def _item(operation: str, of: Any) -> str:
    """As Python writes it inside a class."""
    if operation == "CATEGORY":
        return _CATEGORIES[str(of).removeprefix("CATEGORY_")]
    if operation == "RANGE":
        return f"\\U{of[0]:08x}-\\U{of[1]:08x}"
    return "^" if operation == "NEGATE" else f"{'^' * (operation == 'NOT_LITERAL')}\\U{of:08x}"


def _written(items: Sequence[tuple[Any, Any]]) -> str:
    parts = []
    for operation, of in items:
        if str(operation) in ("NEGATE", "NOT_LITERAL"):
            parts.append("^")
        if str(operation) != "NEGATE":
            parts += starmap(_range, _apart(*(of if str(operation) == "RANGE" else (of, of))))
    return "".join(parts)


@lru_cache(maxsize=1)
def _every_letter() -> str:
    return "".join(map(chr, range(0x110000)))


@lru_cache(maxsize=1024)
def _as_python(letters: str, flags: int) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        runs = re.finditer(f"{letters}+", _every_letter(), flags)
    ranges = []
    for run in runs:
        ranges += _apart(run.start(), run.end() - 1)  # the number of a letter is its place
    return "".join(_range(first, last) for first, last in dict.fromkeys(ranges))


def _apart(first: int, last: int) -> list[tuple[int, int]]:
    """A range in the letters that RE2 knows: of the surrogates their stand-ins, which stand for nothing else."""
    if last < _SURROGATES[0]:
        return [(first, last)]
    found, begin = [], first
    for low, high, moved in ((*_SURROGATES, _MOVED), (_SURROGATES[0] + _MOVED, _SURROGATES[1] + _MOVED, None)):
        found += [(begin, min(last, low - 1))]
        if moved is not None:
            found += [(max(first, low) + moved, min(last, high) + moved)]
        begin = max(begin, high + 1)
    return [(low, high) for low, high in (*found, (begin, last)) if low <= high]


def _range(first: int, last: int) -> str:
    return f"\\x{{{first:X}}}-\\x{{{last:X}}}"


def _encoded(text: str) -> bytes:
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.translate(_STAND_INS).encode()


def _hint(error: str) -> str:
    r"""RE2's own escapes, which Python does not have, in Python's words."""
    known = {r"\p": r"a letter is [^\W\d_] in this syntax", r"\P": r"no letter is [\W\d_]", r"\z": "write $"}
    return next((f"; {words}" for escape, words in known.items() if f"bad escape {escape}" in error), "")


def _words(error: BaseException) -> str:
    said = error.args[0] if error.args else ""
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said) or type(error).__name__
