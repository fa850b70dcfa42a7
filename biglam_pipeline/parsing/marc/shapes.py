"""Reads a record of MARCXML or of MARC in JSON into the one model.

MARCXML: https://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd , and MarcXchange (ISO 25577), which is the same
with a `format`; JSON as pymarc, ruby-marc, marc4j and yaz write it:
https://github.com/marc4j/marc4j/wiki/MARC-in-JSON-Description
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from lxml import etree

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.json.strict import read_strictly
from biglam_pipeline.parsing.marc.record import Field, MarcRecord
from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_CONTROL = re.compile(rb"[\x00-\x1f]")


# --- MARCXML ---


def is_marcxml(element: Element) -> bool:
    """A `record` that has what only MARC has, or the `collection` of one, as SRU of the DNB packs it."""
    if local(element).lower() == "collection":
        return any(map(is_marcxml, element.iterchildren("{*}record")))
    names = {local(one) for one in element.iterchildren(etree.Element)}
    return local(element).lower() == "record" and bool(names & {"leader", "controlfield", "datafield"})


def read_marcxml(element: Element) -> tuple[MarcRecord, tuple[str, ...]]:
    """The record, of a collection the first; and what in it was not read."""
    leader, fields, problems = "", list[Field](), dict[str, None]()
    if local(element).lower() == "collection":
        element, *others = element.iterchildren("{*}record")
        if others:
            problems["marc: of a collection inside one record only the first is read"] = None
    for one in element.iterchildren(etree.Element):
        name = local(one)
        if name == "leader":
            leader = _text(one)
        elif name == "controlfield":
            fields.append(Field(_attribute(one, "tag"), _text(one)))
        elif name == "datafield":
            fields.append(_data_field(one, problems))
        else:
            problems[f"marc: <{name}> is no part of MARCXML"] = None
    return MarcRecord(leader, tuple(fields), element.get("format") or ""), tuple(problems)


def control_number(element: Element) -> str:
    """The first 001, which names the record; empty where there is none."""
    found = (one for one in element.iter("{*}controlfield") if _attribute(one, "tag") == "001")
    return next((_text(one).strip() for one in found), "")


def _data_field(element: Element, problems: dict[str, None]) -> Field:
    subfields = list[tuple[str, str]]()
    for one in element.iterchildren(etree.Element):
        if local(one) == "subfield":
            subfields.append((_attribute(one, "code")[:1], _text(one)))
        else:
            problems[f"marc: <{local(one)}> is no part of MARCXML"] = None
    tag, text = _attribute(element, "tag"), (element.text or "").strip()
    if not subfields:
        problems[f"marc: {tag} has no subfields"] = None
    elif text:
        problems["marc: text stands outside subfields"] = None
    return Field(tag, "" if subfields else text, *_indicators(element), tuple(subfields))


def _text(element: Element) -> str:
    return "".join(str(text) for text in element.itertext(etree.Element))


def _indicators(element: Mapping[str, Any] | Element) -> tuple[str, str]:
    one, two = (str(element.get(name) or "").strip()[:1] for name in ("ind1", "ind2"))
    return one or " ", two or " "


def _attribute(element: Element, name: str) -> str:
    return (element.get(name) or "").strip()


# --- JSON ---


def read_marc_json(data: bytes) -> tuple[MarcRecord, tuple[str, ...]]:
    """The record, and what was mended. Unreadable where it is no MARC in JSON."""
    escaped = _STRING.sub(_escaped, data)
    mended = ("json: control characters inside texts, which JSON forbids",) if len(escaped) > len(data) else ()
    try:
        record = read_strictly(escaped)
    except (ValueError, RecursionError) as error:
        raise Unreadable("json_record", f"it is no JSON that all programs read alike: {error}") from error
    if not (isinstance(record, dict) and isinstance(record.get("leader"), str)):
        raise _unlike("it is no object with a `leader`")
    fields = record.get("fields")
    if not isinstance(fields, list):
        raise _unlike("it has no list of `fields`")
    return MarcRecord(record["leader"], tuple(one for each in fields for one in _fields(each))), mended


def _escaped(string: re.Match[bytes]) -> bytes:
    return _CONTROL.sub(lambda one: b"\\u%04x" % one[0][0], string[0])


def _fields(each: Any) -> Iterator[Field]:
    if not isinstance(each, dict):
        raise _unlike(f"a field is {str(each)[:40]!r}")
    for tag, value in each.items():
        if isinstance(value, str):
            yield Field(tag.strip(), value)
        elif isinstance(value, dict) and isinstance(value.get("subfields"), list):
            subfields = tuple(pair for one in value["subfields"] for pair in _pairs(tag, one))
            yield Field(tag.strip(), "", *_indicators(value), subfields)
        else:
            raise _unlike(f"field {tag} is neither a text nor `ind1`, `ind2` and `subfields`")


def _pairs(tag: str, one: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(one, dict) or not all(isinstance(text, str) for text in one.values()):
        raise _unlike(f"a subfield of {tag} is {str(one)[:40]!r}")
    for code, text in one.items():
        if len(code.strip()) != 1:
            raise _unlike(f"a subfield of {tag} is called {code!r}")
        yield code.strip(), text


def _unlike(said: str) -> Unreadable:
    return Unreadable("not_marc", f"{said}, so it is no MARC in JSON; for other JSON write `type: json`")
