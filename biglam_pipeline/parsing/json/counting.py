"""How many values stand where a path leads? Counted in the whole document, beside what cuts it into records."""

import json
from collections.abc import Callable
from typing import Any

import orjson

from biglam_pipeline.parsing.inflate import MAX_DOCUMENT_BYTES
from biglam_pipeline.parsing.json.records import EACH, VALUES, Steps
from biglam_pipeline.parsing.json.texts import Text


def loaded(text: Text) -> list[Any] | None:
    """The documents of a file, mostly one; None where it is too large to be held twice, or is no JSON."""
    data = bytearray()
    for block in text.blocks():
        data += block
        if len(data) > MAX_DOCUMENT_BYTES:
            return None
    for read in (orjson.loads, json.loads):  # the second one takes NaN, and half of a surrogate pair
        try:
            return [read(data)]
        except (ValueError, RecursionError):
            continue
    return _lines(bytes(data))


def _lines(data: bytes) -> list[Any] | None:
    """Several documents, one a line."""
    try:
        return [orjson.loads(line) for line in data.splitlines() if line.strip()] or None
    except (ValueError, RecursionError):
        return None


def count_where(documents: list[Any], steps: Steps) -> tuple[int, int]:
    """How many records there are, without places that hold null; and in how many documents the path leads nowhere."""
    count = lost = 0
    for one in documents:
        found = _found(one, steps)
        count += sum(record is not None for record in found or ())
        lost += found is None
    return count, lost


def _found(value: Any, steps: Steps) -> list[Any] | None:
    """What stands there; None where the way does not go on."""
    if not steps:
        return value if isinstance(value, list) else [value]
    step, left = steps[0], steps[1:]
    if step == EACH and isinstance(value, dict) and not left:
        return [value] if value else []
    if step == EACH and isinstance(value, list):
        return _of_all(value, lambda one: _found(one, left) if left else [one])
    if step == VALUES and isinstance(value, dict):
        return _of_all([*value.values()], lambda one: _found(one, left))
    return _found(value[step], left) if isinstance(value, dict) and step in value else None


def _of_all(values: list[Any], found_in: Callable[[Any], list[Any] | None]) -> list[Any] | None:
    found = [one for one in map(found_in, values) if one is not None]
    return [record for one in found for record in one] if found or not values else None
