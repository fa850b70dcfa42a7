"""Which columns do the terms of Dublin Core fill by themselves? What they say of rights, `rights_of` has.

Terms: https://www.dublincore.org/specifications/dublin-core/dcmi-terms/
"""

import re
from typing import Any

from biglam_pipeline.normalize.rows.rights_of import part_embargo

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

_SINGLE = {"title", "description", "publisher", "extent", "collection", "rights_until"}
_DCMI = (
    *("Collection", "Dataset", "Event", "Image", "InteractiveResource", "MovingImage", "PhysicalObject", "Service"),
    *("Software", "Sound", "StillImage", "Text"),
)
_DCMI_TYPES = {word.lower(): word for word in _DCMI} | {"image": "StillImage"}


_PLAIN = re.compile(r"<(?:[^\s<>/:=]+:)?([^\s<>/:=]+)(?: (?:xmlns|xmlns:[^\s<>/:=]+|xml:lang)=\"[^\"]*\")*>([^<]*)</")
_ESCAPED = {"&lt;": "<", "&gt;": ">", "&#xD;": "\r", "&amp;": "&"}
"""What canonical XML writes for letters of a text: https://www.w3.org/TR/xml-c14n#ProcessingModel"""
_REFERENCE = re.compile("|".join(_ESCAPED))


def plain_terms(record: str) -> list[tuple[str, str, None]]:
    """Local name and text of all terms in a record of canonical XML, without outer blanks, where each of them holds a
    text and nothing else, no attribute either but its language; empty where that is not so.

    Each element of canonical XML has an end tag, and neither texts nor values hold a `<`.
    """
    found = _PLAIN.findall(record)
    if len(found) != record.count("</") - 1 or "/>" in record:
        return []
    if "&" in record:
        if record.count("&") != len(_REFERENCE.findall(record)):
            return []
        found = [(name, _REFERENCE.sub(lambda one: _ESCAPED[one[0]], text)) for name, text in found]
    return [(name, text.strip(), None) for name, text in found]


def fit_terms(found: dict[str, list[Any]]) -> dict[str, Any]:
    """The values of each column as it holds them: one text, several joined, or a list."""
    columns: dict[str, Any] = {}
    found["date_raw"], found["rights_until"] = part_embargo(found.get("date_raw", []))
    for column, values in found.items():
        if len(values) > 1:
            values = list({repr(value): value for value in values}.values())
        columns[column] = next(iter(values), None) if column in _SINGLE else values
        if column == "title" and values[1:]:
            columns["title_alt"] = [*found.get("title_alt", []), *values[1:]]
        elif column == "description" and values[1:]:
            columns[column] = "\n\n".join(values)
        elif column == "publisher" and values[1:]:
            columns[column] = "; ".join(values)
    addresses = [value for value in columns.get("identifiers", []) if value.startswith(("http://", "https://"))]
    if addresses:
        columns["source_url"] = addresses[0]
    words = (_DCMI_TYPES.get(value.replace(" ", "").lower()) for value in columns.get("genres", []))
    columns["type"] = next((word for word in words if word), None)
    return {name: value for name, value in columns.items() if value not in (None, [])}
