"""Reads the tables that stand in files beside a sources file: `lookups: {NAME: FILE}` becomes {NAME: {key: value}}."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from biglam_pipeline.store import disk

_DELIMITERS = {".csv": ",", ".tsv": "\t"}
_MOST_BYTES = 1 << 20
Steps = tuple[str | int, ...]


def read_tables(data: dict[str, Any], base: Path) -> list[tuple[Steps, str]]:
    """Puts what the files hold in their places, in all READs. Gives what is wrong, each with the keys that lead there.

    base: the folder of the sources file. A file's digest is its content's, for the table enters what is written.
    """
    wrong: list[tuple[Steps, str]] = []
    for steps, block in _reads(data.get("normalize"), ("normalize",)):
        tables = block.get("lookups")
        if not isinstance(tables, dict):
            continue
        for name, file in tables.items():
            if isinstance(file, str):
                try:
                    tables[name] = _read(file, base)
                except ValueError as cause:
                    wrong.append(((*steps, "lookups", name), str(cause)))
    return wrong


def _reads(block: Any, steps: Steps) -> Iterator[tuple[Steps, dict[str, Any]]]:
    """All READs of an entry, those that are joined too."""
    if isinstance(block, list):
        for number, one in enumerate(block):
            yield from _reads(one, (*steps, number))
    elif isinstance(block, dict):
        yield steps, block
        joins = block.get("with")
        for name, one in joins.items() if isinstance(joins, dict) else ():
            yield from _reads(one, (*steps, "with", name))


def _read(file: str, base: Path) -> dict[str, str]:
    """Two columns, the key first; a first line `key,value` names them. ValueError says what is wrong."""
    parts, delimiter = PurePosixPath(file).parts, _DELIMITERS.get(PurePosixPath(file).suffix.casefold())
    if delimiter is None or not parts or PurePosixPath(file).is_absolute() or ".." in parts:
        raise ValueError(
            f"{file!r} is no file beside the sources file; write NAME.csv or NAME.tsv, or the table itself"
        )
    path = base / file
    if not path.is_file() or not path.resolve().is_relative_to(base.resolve()):
        raise ValueError(f"there is no file {file} beside the sources file; write it, with a key and its value a line")
    if path.stat().st_size > _MOST_BYTES:
        raise ValueError(f"{file} is above 1 MB; harvest it, and join it by `with`")
    try:
        text = io.StringIO(disk.read_file(path).decode("utf-8-sig"), newline="")  # a quoted cell may hold a line end
        rows = [row for row in csv.reader(text, delimiter=delimiter) if any(row)]
    except (UnicodeDecodeError, csv.Error) as cause:
        raise ValueError(f"{file} is no table in UTF-8 ({cause})") from None
    rows = rows[1:] if rows and [one.strip().casefold() for one in rows[0]] == ["key", "value"] else rows
    table: dict[str, str] = {}
    for number, row in enumerate(rows, 1):
        if len(row) != 2:
            raise ValueError(f"{file}: row {number} has {len(row)} columns; write a key and its value")
        key = row[0].strip()
        if table.setdefault(key, row[1].strip()) != row[1].strip():
            raise ValueError(f"{file}: {key!r} stands there twice, with two values; leave one out")
    return table
