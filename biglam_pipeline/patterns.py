"""Chooses files by the end of their path, and makes several addresses out of one."""

import itertools
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Annotated, Any

from pydantic import BeforeValidator, WithJsonSchema

_MOST_CHOICES = 10_000
_MOST_ADDRESSES = 100_000

_PIECE = re.compile(r"\{([^{}]*)\}|\*\*/|\*\*|\*|[^{}*]+|[{}]")
_COUNT = re.compile(r"\s*(\d+)\.\.(\d+)\s*")
_NAME = re.compile(r"[a-z_][a-z0-9_]*")


class Pattern:
    """A compiled pattern: `*` stays within a folder, `**` does not, `{a,b}` and `{1..9}` choose, `{name}` captures.

    It is laid against the END of a path, from a "/" on. All other characters, `?` and `[` too, mean themselves.
    Between two captures the first takes as little as it can.
    """

    def __init__(self, text: str) -> None:
        """ValueError, with what to write instead, where the text is not a pattern."""
        self.text = text
        self._names: list[str] = []
        if not text or text.startswith("/"):
            raise ValueError(
                f'{text!r} is not a pattern: it is for the end of a path; write it without the leading "/"'
            )
        parts = [self._translate(piece) for piece in _PIECE.finditer(unicodedata.normalize("NFC", text))]
        self._regex = re.compile(rf"(?:.*/)?{''.join(parts)}", re.DOTALL)

    @property
    def captures(self) -> tuple[str, ...]:
        """The names it captures, in order."""
        return tuple(self._names)

    def match(self, path: str) -> dict[str, str] | None:
        """What is captured where the pattern fits; None where it does not. Accents may be composed or not."""
        found = self._regex.fullmatch(unicodedata.normalize("NFC", path))
        return found.groupdict() if found else None

    def __repr__(self) -> str:
        """As it was written."""
        return f"Pattern({self.text!r})"

    def _translate(self, piece: re.Match[str]) -> str:
        token, inside = piece[0], piece[1]
        if token in ("{", "}"):
            raise ValueError(f"{self.text!r}: {token} has no counterpart, or braces stand inside braces")
        if inside is None:
            return _STARS.get(token) or re.escape(token)
        name, colon, choices = inside.partition(":")
        if colon or _NAME.fullmatch(inside):
            return self._capture(name.strip(), choices if colon else None)
        return f"(?:{_alternatives(inside, self.text)})"

    def _capture(self, name: str, choices: str | None) -> str:
        if not _NAME.fullmatch(name):
            raise ValueError(f"{self.text!r}: {name!r} is not a name; write small letters, digits and _")
        if name in self._names:
            return f"(?P={name})"
        self._names.append(name)
        return f"(?P<{name}>{'[^/]+?' if choices is None else _alternatives(choices, self.text)})"


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
