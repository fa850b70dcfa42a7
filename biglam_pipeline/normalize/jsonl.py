"""How are JSON Lines read? Line by line; what would be read differently by another program is refused."""

import json
import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, BinaryIO

import orjson

from biglam_pipeline.normalize.cells import MAX_CELL_BYTES, Row
from biglam_pipeline.records import Item, Reject

_KEY = re.compile(rb'"\s*:')
_LONG_NUMBER = re.compile(rb"[0-9]{19}")


def read_json_lines(item: Item, open_item: Callable[[], BinaryIO], seen: set[str]) -> Iterator[Row | Reject]:
    """The objects of the file. `seen` gathers every key, so that one which never comes can be told."""
    with open_item() as stream:
        number = 0
        while line := stream.readline(MAX_CELL_BYTES + 1):
            number += 1
            position = f"line {number}"
            if len(line) > MAX_CELL_BYTES:
                while line and not line.endswith(b"\n"):
                    line = stream.readline(MAX_CELL_BYTES)
                yield Reject("json_line", f"it is longer than {MAX_CELL_BYTES} bytes", item.name, position)
                continue
            line = line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line
            if not line.strip():
                continue
            try:
                record = _read_line(line)
            except (ValueError, RecursionError) as error:
                yield Reject("json_line", f"it is not a JSON object: {error}", item.name, position)
                continue
            seen.update(record)
            yield Row({name: _cell(value) for name, value in record.items()}, position)


def blank_lines(open_item: Callable[[], BinaryIO], lines: Collection[int]) -> Iterator[bytes]:
    """The file's bytes with these lines empty, counted from 1; the others keep their number."""
    number, begins = 0, True
    with open_item() as stream:
        while piece := stream.readline(MAX_CELL_BYTES + 1):
            number += begins
            begins = piece.endswith(b"\n")
            yield piece if number not in lines else b"\n" if begins else b""


def _read_line(line: bytes) -> dict[str, Any]:
    """The object. ValueError for anything else, for a key named twice, and for NaN."""
    record: Any = None if _LONG_NUMBER.search(line) else orjson.loads(line)
    if record is None or len(_KEY.findall(line)) != _keys(record):
        # A number of 5,000 digits would become a float, of two equal keys the last would win: look closer.
        record = json.loads(line, object_pairs_hook=_no_doubles, parse_int=_exact, parse_constant=_no_constant)
    if not isinstance(record, dict):
        raise ValueError("the line holds no object")
    return record


def _keys(value: Any) -> int:
    if isinstance(value, dict):
        return len(value) + sum(map(_keys, value.values()))
    return sum(map(_keys, value)) if isinstance(value, list) else 0


def _exact(digits: str) -> int | str:
    return int(digits) if len(digits) < 19 else digits


def _no_constant(word: str) -> float:
    raise ValueError(f"{word} is not JSON")


def _no_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r} comes twice")
    return record


def _cell(value: Any) -> Any:
    """Texts and lists of them; what is nested deeper stays JSON."""
    if isinstance(value, list) and not any(isinstance(one, dict | list) for one in value):
        return [_cell(one) for one in value if one is not None]
    if isinstance(value, dict | list):
        return orjson.dumps(value).decode()
    if value is None or isinstance(value, str):
        return value
    return ("true" if value else "false") if isinstance(value, bool) else repr(value)
