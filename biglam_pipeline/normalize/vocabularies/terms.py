"""Which columns do the terms of Dublin Core fill by themselves? What they say of rights, `rights_of` has.

Terms: https://www.dublincore.org/specifications/dublin-core/dcmi-terms/
"""

import re
from collections.abc import Callable
from functools import lru_cache
from operator import itemgetter
from typing import Any

from lxml import etree

from biglam_pipeline.normalize.rows.rights_of import (
    OF_OBJECT,
    is_statement,
    may_say_rights,
    part_embargo,
    statements_of,
)
from biglam_pipeline.parsing.xml.reading import local, text_of, unindented

Element = etree._Element

COLUMN = {
    "title": "title",
    "alternative": "title_alt",
    "creator": "creators",
    "contributor": "creators",
    "subject": "subjects",
    "description": "description",
    "abstract": "description",
    "publisher": "publisher",
    "date": "date_raw",
    "issued": "date_raw",
    "created": "date_raw",
    "type": "genres",
    "identifier": "identifiers",
    "language": "languages",
    "coverage": "spatial",
    "spatial": "spatial",
    "extent": "extent",
    "isPartOf": "collection",
}
"""Local name of a term -> the column it fills by itself."""
_FILLED = frozenset(COLUMN.values()) | {"title_alt"}

_TEXTS: dict[str, Callable[[list[str]], str]] = {
    "description": "\n\n".join,
    "publisher": "; ".join,
    **dict.fromkeys(("title", "extent", "collection", "rights_until"), itemgetter(0)),
}
"""Columns of one text, and what becomes of several: they are joined, or the first counts."""
_DCMI = (
    *("Collection", "Dataset", "Event", "Image", "InteractiveResource", "MovingImage", "PhysicalObject", "Service"),
    *("Software", "Sound", "StillImage", "Text"),
)
_DCMI_TYPES = {word.lower(): word for word in _DCMI} | {"image": "StillImage"}


_TERM = re.compile(r"<([^>]*+)>([^<]*+)</")
"""What stands in the start tag of an element that has a text and nothing else, and the text."""
_TEXT = itemgetter(1)
_PLAIN = re.compile(r"(?:[^\s<>/:=]+:)?([^\s<>/:=]+)(?: (?:xmlns|xmlns:[^\s<>/:=]+|xml:lang)=\"[^\"]*\")*")
"""What stands in the start tag of a term that has no attribute but its language."""
_ESCAPED = {"&lt;": "<", "&gt;": ">", "&#xD;": "\r", "&amp;": "&"}
"""What canonical XML writes for letters of a text: https://www.w3.org/TR/xml-c14n#ProcessingModel"""
_REFERENCE = re.compile("|".join(_ESCAPED))


Found = dict[str, list[Any]]
"""Column -> its values."""
NOWHERE = "-"
"""Instead of a column: no term of this name fills one."""


def columns_of(container: Element, raw: str) -> tuple[dict[str, Any], set[str]]:
    """What the terms of a record give by themselves, and those that give nothing though they are filled.

    raw: the record in canonical XML, of which most are read faster; empty where it is not known.
    """
    if (plain := plain_columns(raw)) is not None:
        found, unread, in_lines = plain
        return fit_terms(found, in_lines=in_lines), unread
    found, unread = _columns(container)
    return fit_terms(found), unread


def _columns(container: Element) -> tuple[Found, set[str]]:
    found, unread = Found(), set[str]()
    for child in container.iterchildren(etree.Element):
        put_term(found, unread, local(child), text_of(child), child)
    return found, unread


def plain_columns(record: str) -> tuple[Found, set[str], bool] | None:
    """The same of a record in canonical XML where each of its terms holds a text and nothing else, no attribute either
    but its language; None where that is not so. And whether one of the texts may be of several lines.

    Each element of canonical XML has an end tag, and neither texts nor values hold a `<`. So where all tags but two are
    those of elements that have a text and nothing else between them, those two are the record's.
    """
    terms = _TERM.findall(record)
    if not terms or 2 * len(terms) + 2 != record.count("<"):
        return None
    has_references = "&" in record
    if has_references and record.count("&") != len(_REFERENCE.findall(record)):
        return None
    found, unread = Found(), set[str]()
    for start, text in terms:
        name, column = _begun(start)
        if not name:
            return None
        if has_references and "&" in text:
            text = _REFERENCE.sub(lambda one: _ESCAPED[one[0]], text)
        text = text.strip()
        if not (column and text) or (text[0] in "hH" and is_statement(text)):
            put_term(found, unread, name, text)
        elif column == NOWHERE:
            unread.add(name)
        elif (values := found.get(column)) is None:
            found[column] = [text]
        else:
            values.append(text)
    return found, unread, "\n" in "".join(map(_TEXT, terms))


def put_term(found: Found, unread: set[str], name: str, text: str, element: Element | None = None) -> None:
    """Puts what one term says where it belongs. text: its own, without outer blanks; element: see `statements_of`."""
    column, said, elsewhere = statements_of(element, name, text)
    if said:
        found.setdefault(column, []).extend(said)
    if elsewhere:
        found.setdefault(OF_OBJECT, []).extend(elsewhere)
    if column or not text:
        return
    if not (column := COLUMN.get(name, "")):
        unread.add(name)
    elif name == "contributor":
        found.setdefault(column, []).append({"name": text, "role": "contributor"})
    else:
        found.setdefault(column, []).append(text)


@lru_cache(maxsize=4096)
def _begun(start: str) -> tuple[str, str]:
    """The local name in a start tag, nothing where there is more in it than a term may have; and the column that such
    a term fills with its text, as a `Term` has it: nothing where it may say more than that.
    """
    if (found := _PLAIN.fullmatch(start)) is None:
        return "", ""
    name = found[1]
    return name, "" if name == "contributor" or may_say_rights(name) else COLUMN.get(name, NOWHERE)


def fit_terms(found: Found, *, in_lines: bool = True) -> dict[str, Any]:
    """The values of each column as it holds them: one text, several joined, or a list. in_lines: False where no value
    is more than one line.
    """
    columns: dict[str, Any] = {}
    if dates := found.get("date_raw"):
        found["date_raw"], found["rights_until"] = part_embargo(dates)
    titles = found.get("title", ())
    if len(titles) > 1 and len(titles := _each_once([*titles])) > 1:
        found["title_alt"] = [*found.get("title_alt", []), *titles[1:]]
    for column, values in found.items():
        if not values:
            continue
        if (
            in_lines and column in _FILLED and _may_be_laid_out(values)
        ):  # a statement of rights stays as it was received
            between = "\n" if column == "description" else " "
            values = [_in_lines(one, between) for one in values]
        if len(values) > 1:
            values = _each_once(values)
        columns[column] = values if (text := _TEXTS.get(column)) is None else text(values)
    if (addresses := columns.get("identifiers")) and (address := next(filter(_is_address, addresses), None)):
        columns["source_url"] = address
    if (genres := columns.get("genres")) and (word := next(filter(None, map(_dcmi_type, genres)), None)):
        columns["type"] = word
    return columns


def _may_be_laid_out(values: list[Any]) -> bool:
    """Whether one of them is several lines, or no text."""
    try:
        return "\n" in "".join(values)
    except TypeError:
        return True


def _in_lines(value: Any, between: str) -> Any:
    if isinstance(value, dict):
        return {name: unindented(text, between) for name, text in value.items()}
    return unindented(value, between)


def _is_address(value: str) -> bool:
    return value.startswith(("http://", "https://"))


@lru_cache(maxsize=4096)
def _dcmi_type(value: str) -> str | None:
    """Of `Image;` and `Sound ; Text` too: CONTENTdm and others write all values of a field into one element."""
    words = (one.replace(" ", "").lower() for one in value.split(";"))
    return next((_DCMI_TYPES[one] for one in words if one in _DCMI_TYPES), None)


def _each_once(values: list[Any]) -> list[Any]:
    try:
        return values if len({*values}) == len(values) else list(dict.fromkeys(values))
    except TypeError:  # one of them has parts
        return list({repr(value): value for value in values}.values())
