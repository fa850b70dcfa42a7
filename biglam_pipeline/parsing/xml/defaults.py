"""Which attributes does a document type give a value where none is written?

A default that is declared in the document holds for every element of its name
(https://www.w3.org/TR/xml/#sec-attr-defaults). Who reads what is written does not see it.
"""

import re
from collections.abc import Collection
from contextlib import suppress
from xml.parsers import expat

from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.records import Item

_HEAD_BYTES = 1 << 20
_SUBSET = re.compile(rb"<!DOCTYPE[^\[>]*\[(.*?)\]\s*>", re.IGNORECASE | re.DOTALL)


class _Begun(Exception):
    """The first element: no declaration stands behind it."""


def defaulted(item: Item, attribute: str, values: Collection[str]) -> list[str]:
    """The elements that have such a value unless they say something else; mostly none.

    attribute: its local name, in small letters as the values. Where the declarations are broken, so that nobody knows
    what they mean, `an element` stands for those that name both.
    """
    with open_plain(item) as stream:
        head = stream.read(_HEAD_BYTES)
    if b"ATTLIST" not in head.replace(b"\0", b""):  # of UTF-16
        return []
    found: dict[str, None] = {}

    def declared(element: str, name: str, kind: str, default: str | None, required: bool) -> None:
        if name.rpartition(":")[2].lower() == attribute and (default or "").strip().lower() in values:
            found[element] = None

    def begun(name: str, attributes: object) -> None:
        raise _Begun

    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE)
    parser.AttlistDeclHandler, parser.StartElementHandler = declared, begun
    with suppress(_Begun):
        try:
            parser.Parse(head, False)
        except (expat.ExpatError, LookupError, ValueError):
            subset = match[1].lower() if (match := _SUBSET.search(head)) else b""
            if attribute.encode() in subset and any(value.encode() in subset for value in values):
                found["an element"] = None
    return [*found]
