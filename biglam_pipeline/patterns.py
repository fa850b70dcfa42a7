"""Chooses files by the end of their path, and makes several addresses out of one."""

import itertools
import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Annotated, Any, NamedTuple

from pydantic import BeforeValidator, WithJsonSchema

from biglam_pipeline.linear import Regex

_MOST_CHOICES = 10_000
_MOST_ADDRESSES = 100_000
_LONGEST = 4096
"""A path that is longer than any system opens (PATH_MAX of Linux) is not searched for what stands twice in it."""
_MOST_TRIES = 300
"""So many texts are tried for a name that stands twice, where the first that fits is not the same at both places."""

_PIECE = re.compile(r"\{([^{}]*)\}|\*\*/|\*\*|\*|[^{}*]+|[{}]")
_COUNT = re.compile(r"\s*(\d+)\.\.(\d+)\s*")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


class Pattern:
    """A compiled pattern: `*` stays within a folder, `**` does not, `{a,b}` and `{1..9}` choose, `{name}` captures.

    It is laid against the END of a path, from a "/" on. All other characters, `?` and `[` too, mean themselves.
    Between two captures the first takes as little as it can; a name that stands twice is the same text at both places.
    """

    def __init__(self, text: str) -> None:
        """ValueError, with what to write instead, where the text is not a pattern."""
        self.text = text
        if not text or text.startswith("/"):
            raise ValueError(
                f'{text!r} is not a pattern: it is for the end of a path; write it without the leading "/"'
            )
        self._parts: list[str | _Capture] = []
        for piece in _PIECE.finditer(unicodedata.normalize("NFC", text)):
            self._parts.append(self._translate(piece))
        self._slots = [one for one in self._parts if isinstance(one, _Capture)]
        self._regex = self._bound({})

    @property
    def captures(self) -> tuple[str, ...]:
        """The names it captures, in order."""
        return tuple(dict.fromkeys(slot.name for slot in self._slots))

    def match(self, path: str) -> dict[str, str] | None:
        """What is captured where the pattern fits; None where it does not. Accents may be composed or not."""
        return self._match(unicodedata.normalize("NFC", path), {}, iter(range(_MOST_TRIES)))

    def __repr__(self) -> str:
        """As it was written."""
        return f"Pattern({self.text!r})"

    def _translate(self, piece: re.Match[str]) -> "str | _Capture":
        token, inside = piece[0], piece[1]
        if token in ("{", "}"):
            raise ValueError(f"{self.text!r}: {token} has no counterpart, or braces stand inside braces")
        if inside is None:
            return _STARS.get(token) or re.escape(token)
        name, colon, choices = inside.partition(":")
        if colon or _NAME.fullmatch(inside):
            return self._capture(name.strip(), choices if colon else None)
        return f"(?:{_alternatives(inside, self.text)})"

    def _capture(self, name: str, choices: str | None) -> "_Capture":
        if not _NAME.fullmatch(name):
            raise ValueError(f"{self.text!r}: {name!r} is not a name; write small letters, digits and _")
        if any(isinstance(one, _Capture) and one.name == name for one in self._parts):
            return _Capture(name, ".*?")
        return _Capture(name, "[^/]+?" if choices is None else _alternatives(choices, self.text))

    # --- a name that stands twice: a search in linear time knows no "the same again" ---

    def _bound(self, bound: dict[str, str]) -> Regex:
        """As an expression; bound: what some of the names stand for."""
        written = (
            one if isinstance(one, str) else f"({re.escape(bound[one.name]) if one.name in bound else one.inside})"
            for one in self._parts
        )
        return Regex(rf"(?s)\A(?:.*/)?{''.join(written)}\Z")

    def _match(self, path: str, bound: dict[str, str], tries: Iterator[int]) -> dict[str, str] | None:
        found = (self._bound(bound) if bound else self._regex).search(path)
        if found is None:
            return None
        captured: dict[str, str] = {}
        for place, slot in enumerate(self._slots, 1):
            text = found[place] or ""
            if captured.setdefault(slot.name, text) != text:
                return self._same(path, slot.name, bound, tries)
        return captured

    def _same(self, path: str, name: str, bound: dict[str, str], tries: Iterator[int]) -> dict[str, str] | None:
        """Tries what the name could stand for at all its places."""
        first = next(slot for slot in self._slots if slot.name == name)
        fits = Regex(rf"(?s)\A(?:{first.inside})\Z")
        for value in _repeats(path, sum(slot.name == name for slot in self._slots)):
            if fits.search(value) is None:
                continue
            if next(tries, None) is None:
                return None
            if (found := self._match(path, {**bound, name: value}, tries)) is not None:
                return found
        return None


class _Capture(NamedTuple):
    name: str
    inside: str
    """What it may stand for, as an expression; of a second place of a name anything."""


def _repeats(path: str, times: int) -> Iterator[str]:
    """What stands so many times in a path, the shortest first."""
    yield ""
    if len(path) > _LONGEST:
        return
    for length in range(1, len(path) // times + 1):
        met = {path[start : start + length] for start in range(len(path) - length + 1)}
        standing = [one for one in sorted(met, key=path.find) if path.count(one) >= times]
        if not standing:  # then nothing longer does
            return
        yield from standing


_STARS = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*"}


def choose(patterns: Sequence[str], path: str) -> dict[str, str] | None:
    """What the first fitting pattern captures; None where none fits or a `!PATTERN` does. No pattern: all fit."""
    wanted: dict[str, str] | None = None
    positive = False
    for text in patterns:
        if text.startswith("!"):
            if _compiled(text[1:]).match(path) is not None:
                return None
        else:
            positive = True
            wanted = wanted if wanted is not None else _compiled(text).match(path)
    return wanted if positive else {}


def is_ignored(patterns: Sequence[str], name: str) -> bool:
    """Does one of the patterns fit a name, or all that is in a folder of this name? Nothing is without patterns."""
    if not patterns or any(text.startswith("!") and _compiled(text[1:]).match(name) is not None for text in patterns):
        return False
    return any(choose(patterns, one) is not None for one in (name, f"{name}/"))


def expand(address: str) -> list[str]:
    """The addresses that one with `{a,b}` or `{01..43}` stands for; several multiply, the last changes fastest.

    What follows a `#` chooses among files and is left as it is.
    """
    front, mark, pattern = address.partition("#")
    choices: list[list[str]] = []
    for piece in re.finditer(r"\{([^{}]*)\}|[^{}]+|[{}]", front):
        if piece[0] in ("{", "}"):
            raise ValueError(f"{address}: {piece[0]} has no counterpart; write %7B or %7D for a brace that is meant")
        inside = piece[1]
        if inside is not None and "," not in inside and not _COUNT.fullmatch(inside):
            raise ValueError(f"{address}: {piece[0]} names nothing to choose; write {{a,b}} or {{01..43}}")
        choices.append([piece[0]] if inside is None else _choices(inside, address))
    number = 1
    for some in choices:
        number *= len(some)
    if number > _MOST_ADDRESSES:
        raise ValueError(f"{address}: stands for {number} addresses, more than {_MOST_ADDRESSES}; split the source")
    return ["".join(chosen) + mark + pattern for chosen in itertools.product(*choices)]


@lru_cache(maxsize=4096)
def _compiled(text: str) -> Pattern:
    return Pattern(text)


def _choices(inside: str, whole: str) -> list[str]:
    count = _COUNT.fullmatch(inside)
    if not count:
        if ".." in inside and "," not in inside:
            raise ValueError(f"{whole!r}: {{{inside}}} does not count; write two whole numbers, as in {{1..9}}")
        return [choice.strip() for choice in inside.split(",")]
    first, last = count.groups()
    if int(last) < int(first) or int(last) - int(first) >= _MOST_CHOICES:
        raise ValueError(f"{whole!r}: {{{inside}}} must count upwards, over fewer than {_MOST_CHOICES} numbers")
    width = len(first) if first.startswith("0") else 0
    return [str(number).zfill(width) for number in range(int(first), int(last) + 1)]


def _alternatives(inside: str, whole: str) -> str:
    parts = []
    for choice in _choices(inside, whole):
        pieces = re.findall(r"\*\*/|\*\*|\*|[^*]+", choice)
        parts.append("".join(_STARS.get(piece) or re.escape(piece) for piece in pieces))
    return "|".join(parts)


def _read_patterns(raw: Any) -> tuple[str, ...]:
    texts = tuple(raw) if isinstance(raw, list | tuple) else (raw,)
    if not texts or not all(isinstance(text, str) and text for text in texts):
        raise ValueError(f"{raw!r} is no pattern; write the end of a path, such as *.csv, or a list of such")
    for text in texts:
        Pattern(text.removeprefix("!"))
    return texts


Patterns = Annotated[
    tuple[str, ...],
    BeforeValidator(_read_patterns),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}, "minItems": 1}]}),
]
"""One PATTERN or several; `!PATTERN` leaves files out."""
