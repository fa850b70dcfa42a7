"""How is a text written in XML that is made here? In one form, without what XML has no way to write."""

import re
from functools import lru_cache
from xml.sax.saxutils import escape, quoteattr

_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 has no way to write (2.2)."""
_MARKUP = re.compile("[&<>]")


def escaped(text: str) -> str:
    """Between tags."""
    plain = text if text.isprintable() else _NOT_XML.sub("", text)
    return escape(plain) if _MARKUP.search(plain) else plain


@lru_cache(maxsize=4096)
def quoted(text: str) -> str:
    """Of an attribute, in its quotes."""
    return quoteattr(text if text.isprintable() else _NOT_XML.sub("", text))
