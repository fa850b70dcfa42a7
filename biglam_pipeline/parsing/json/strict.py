"""Reads one JSON value as every other program would read it; what two would read differently is refused.

RFC 8259: keys that come twice (4), numbers beyond a float (6), half a surrogate pair (8.2), depth (9).
"""

import json
import re
from collections.abc import Callable
from typing import Any

import orjson

KEY = re.compile(rb'"\s*:')
"""Each key is followed by a colon, so that nothing has fewer of these than keys."""
AS_WRITTEN = re.compile(rb"[:,\[]\s*-?(?:[0-9]+\.[0-9]*0(?![0-9])|0\.000|[0-9][0-9.]*[eE]|[0-9.]{16})")
"""A number that a float would write otherwise: 1.10, 0.00001, 1E400, and one of more digits than a float has."""
_DEEPEST = 200


class Written(float):
    """A number that a float would write otherwise: it is compared as a number, and written as it came."""

    def __new__(cls, digits: str) -> "Written":
        """digits: as JSON has them; infinity where they are more than a float holds."""
        made = super().__new__(cls, digits)
        made.digits = digits
        return made

    digits: str

    def __repr__(self) -> str:
        """As it came."""
        return self.digits

    __str__ = __repr__


def read_strictly(data: bytes, number: Callable[[str], Any] = Written) -> Any:
    """The value. ValueError or RecursionError for what is none, for a key named twice, and for NaN.

    number: what becomes of a number that a float would write otherwise.
    """
    value: Any = None if AS_WRITTEN.search(data) else orjson.loads(data)
    if value is None or len(KEY.findall(data)) != count_keys(value):
        # 1e400 would become infinity, 1E2 another identifier, and of two equal keys the last would win: look closer.
        value = json.loads(
            data,
            object_pairs_hook=_no_duplicates,
            parse_int=lambda digits: int(digits) if len(digits) < 19 else number(digits),
            parse_float=number,
            parse_constant=_no_constant,
        )
        _refuse_surrogates(value)
    return value


def count_keys(value: Any, room: int = _DEEPEST) -> int:
    """How many keys it has. ValueError where it is nested deeper than can be written again."""
    if room == 0:
        raise ValueError(f"it is nested deeper than {_DEEPEST} levels")
    if isinstance(value, dict):
        return len(value) + sum(count_keys(one, room - 1) for one in value.values())
    return sum(count_keys(one, room - 1) for one in value) if isinstance(value, list) else 0


def cell_of(value: Any) -> Any:
    """Texts and lists of them, numbers as they are written; what is nested deeper stays what it is, and is no text."""
    if isinstance(value, list):
        return [cell_of(one) for one in value if one is not None]
    if value is None or isinstance(value, str | dict):
        return value
    return ("true" if value else "false") if isinstance(value, bool) else repr(value)


def _refuse_surrogates(value: Any) -> None:
    """Half a surrogate pair is no character (RFC 8259, 8.2): `orjson` refuses it, `json` does not."""
    count_keys(value)
    try:
        orjson.dumps(value, default=repr)
    except TypeError as error:
        raise ValueError(str(error)) from error


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} comes twice")
    return record
