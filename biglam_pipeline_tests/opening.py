"""Which files a piece of code opens: Python's own audit events say it, so a file that is only looked at is not one."""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_watched: list[tuple[str, list[str]]] = []


@contextmanager
def opened_below(folder: Path) -> Iterator[list[str]]:
    """Names, relative to the folder, of the files in it that are opened meanwhile."""
    if not _watched:
        sys.addaudithook(_note)  # there is no way to take one away
        _watched.append(("", []))
    watch = (f"{folder}{os.sep}", list[str]())
    _watched.append(watch)
    try:
        yield watch[1]
    finally:
        _watched.remove(watch)


def _note(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "open" and isinstance(arguments[0], str | Path):
        for front, opened in _watched[1:]:
            if str(arguments[0]).startswith(front):
                opened.append(str(arguments[0])[len(front) :])
