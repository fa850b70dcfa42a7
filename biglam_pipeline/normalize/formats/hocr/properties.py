"""What does a `title` of hOCR say? Properties between semicolons; in quotes a semicolon is a letter.

hOCR 1.2, grammar of properties: https://kba.github.io/hocr-spec/1.2/#grammar
"""

import re

from biglam_pipeline.normalize.printed.words import confidence_of

_QUOTED = r"(?<=\s)(?:\"[^\"]*\"|'[^']*')"
"""A quote begins with a value: that of /a/it's.tif is a letter."""
_PROPERTY = re.compile(rf"(?:^|;)\s*([A-Za-z][\w-]*)((?:{_QUOTED}|[^;])*)")
_STRING = re.compile(_QUOTED)
_CONFIDENCE = re.compile(r"\bx_w?conf\s+([0-9.]+)\s*(?:;|$)")
_PICTURES = ("image", "x_source", "file")
"""`file` is OCRopus's name for `image`: https://github.com/piql/HocrConverter"""


def properties_of(title: str) -> dict[str, str]:
    """Name, in small letters -> value without its quotes; of several the first."""
    found: dict[str, str] = {}
    for name, value in _PROPERTY.findall(title):
        string = _STRING.match(value, len(value) - len(value.lstrip()))
        found.setdefault(name.lower(), string[0][1:-1].strip() if string else value.strip())
    return found


def picture_of(title: str) -> str:
    """The path of a page's picture; else what the engine calls its source."""
    said = properties_of(title)
    return next((said[name] for name in _PICTURES if said.get(name)), "")


def number_of(title: str) -> str:
    """`ppageno`, which counts from 0 in Tesseract."""
    said = properties_of(title).get("ppageno", "")
    return said if said.isascii() and said.isdigit() and len(said) < 10 else ""


def sure_of(title: str) -> float | None:
    """x_wconf, and x_conf of those that write one for a word, from 0 to 100."""
    if "conf" not in title:
        return None
    found = _CONFIDENCE.search(_STRING.sub("", title) if '"' in title or "'" in title else title)
    return confidence_of(f"{found[1]}e-2") if found else None
