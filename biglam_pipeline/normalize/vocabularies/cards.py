"""What have readers of library catalogues in common? Texts of cards, in one line and without marks of sorting."""

import re
from collections.abc import Iterable
from typing import Any

from biglam_pipeline.fields.isbd import before_next_area

_NOT_SORTED = re.compile("[\x88\x89\x98\x9c]|\x1b[HI]")
"""Around an article that is not sorted: ISO 6630, also in seven bits (ISO 2022), and as MARC-8 came to Unicode."""


def plain(text: str) -> str:
    """One line, without marks of sorting."""
    return " ".join(_NOT_SORTED.sub("", text).split())


def imprints(texts: Iterable[str]) -> list[str]:
    """Names of publishers, or places, each once and without what leads to the next area."""
    found = (before_next_area(plain(one)) for one in texts)
    return list(dict.fromkeys(filter(None, found)))


def subject(label: str, uri: str = "", scheme: str = "") -> dict[str, str | None]:
    """A subject as its column has it."""
    return {"label": label, "uri": uri or None, "scheme": scheme or None}


def each_once(values: Iterable[Any]) -> list[Any]:
    """Each value once, in their order."""
    return list({repr(value): value for value in values}.values())
