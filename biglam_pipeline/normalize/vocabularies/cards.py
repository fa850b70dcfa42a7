"""What have readers of library catalogues in common? Texts of cards, in one line and without what says nothing."""

import re
from collections.abc import Iterable
from typing import Any

from biglam_pipeline.fields.isbd import before_next_area

_NOT_SORTED = re.compile("[\x88\x89\x98\x9c]|\x1b[HI]")
"""Around an article that is not sorted: ISO 6630, also in seven bits (ISO 2022), and as MARC-8 came to Unicode."""
_UNKNOWN = re.compile(
    r"[\[(<]?\s*(?:s\.?\s?[ln]\.?|sine (?:loco|nomine)"
    r"|(?:place of )?(?:publication|publisher|production|distribution)(?: place)? not (?:identified|given|known)"
    r"|n\.?\s?p\.?|verlag nicht ermittelbar|(?:verlags|erscheinungs)ort nicht ermittelbar"
    r"|(?:lieu de publication|éditeur) non identifié)\s*[\])>]?[.:,;\s]*",
    re.IGNORECASE,
)
"""What AACR2 and RDA (2.8.2.6, 2.8.4.7) write where nobody knows, in English, German and French."""


def plain(text: str) -> str:
    """One line, without marks of sorting."""
    return " ".join(_NOT_SORTED.sub("", text).split())


def known(texts: Iterable[str]) -> list[str]:
    """Those that do not only say that nobody knows, each once."""
    found = (before_next_area(plain(one)) for one in texts)
    return list(dict.fromkeys(text for text in found if text and not _UNKNOWN.fullmatch(text)))


def subject(label: str, uri: str = "", scheme: str = "") -> dict[str, str | None]:
    """A subject as its column has it."""
    return {"label": label, "uri": uri or None, "scheme": scheme or None}


def each_once(values: Iterable[Any]) -> list[Any]:
    """Each value once, in their order."""
    return list({repr(value): value for value in values}.values())
