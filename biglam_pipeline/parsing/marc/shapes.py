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
from biglam_pipeline.parsing.marc.iso2709 import LEADER
from biglam_pipeline.parsing.marc.record import Field, MarcRecord
from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element

_STRING = re.compile(rb'"(?:[^"\\]++|\\.)*+"', re.DOTALL)
_DATA = frozenset({"ind1", "ind2", "subfields"})
_LAID_OUT = re.compile(r"\A\s*\n\s*|\s*\n\s*\Z")
_TRIMMED = re.compile(r".{15}45[0-9 ]{2}", re.DOTALL)
"""A leader without its length."""
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
            fields.append(Field(_attribute(one, "tag"), _positions(one)))
        elif name == "datafield":
            fields.append(_data_field(one, problems))
        else:
            problems[f"marc: <{name}> is no part of MARCXML"] = None
    if _outside(element):
        problems["marc: text stands outside fields"] = None
    leader, slips = _leader(leader)
    return MarcRecord(leader, tuple(fields), element.get("format") or ""), (*problems, *slips)


def _leader(text: str) -> tuple[str, tuple[str, ...]]:
    """The leader, in which what is said stands at its place only where no blank was lost; else that is counted.

    Its length (00-04) may be blank outside ISO 2709, and is what goes where outer blanks are cut off:
    https://www.loc.gov/marc/bibliographic/bdleader.html
    """
    if len(text) == LEADER:
        return text, ()
    bare = text.strip()
    whole = bare.rjust(LEADER) if _TRIMMED.fullmatch(bare) else bare if len(bare) == LEADER else text
    return whole, (f"marc: the leader has {len(text)} characters, and {LEADER} are due",)


def control_number(element: Element) -> str:
    """The first 001 that is not empty, which names the record; empty where there is none."""
    found = (one for one in element.iter("{*}controlfield") if _attribute(one, "tag") == "001")
    return next(filter(None, (_text(one).strip() for one in found)), "")


def _data_field(element: Element, problems: dict[str, None]) -> Field:
    subfields = list[tuple[str, str]]()
    for one in element.iterchildren(etree.Element):
        if local(one) == "subfield":
            subfields.append((_attribute(one, "code")[:1], _text(one)))
        else:
            problems[f"marc: <{local(one)}> is no part of MARCXML"] = None
    tag, text = _attribute(element, "tag"), _outside(element)
    if not subfields:
        problems[f"marc: {tag} has no subfields"] = None
    elif text:
        problems["marc: text stands outside subfields"] = None
        subfields.append(("", text))
    return Field(tag, "" if subfields else text, *_indicators(element), tuple(subfields))


def _text(element: Element) -> str:
    return "".join(str(text) for text in element.itertext(etree.Element))


def _positions(element: Element) -> str:
    """A text whose characters are counted: without the line ends and blanks with which a program laid it out."""
    text = _text(element)
    return _LAID_OUT.sub("", text) if "\n" in text else text


def _outside(element: Element) -> str:
    """The text of an element that stands in none of those in it; there should be none."""
    texts = (element.text, *(one.tail for one in element))
    return " ".join([text for one in texts if one and (text := one.strip())])


def _indicators(element: Mapping[str, Any] | Element) -> tuple[str, str]:
    """One character each, which some write as a number in JSON: 0 is one. Empty where there is none at all."""
    found = (element.get(name) for name in ("ind1", "ind2"))
    one, two = ("" if value is None else str(value).strip()[:1] or " " for value in found)
    return one, two


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
    leader, slips = _leader(record["leader"])
    found = tuple(one for each in fields for one in _fields(each))
    return MarcRecord(leader, found), (*mended, *slips, *_beside(record, fields))


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


def _beside(record: Mapping[str, Any], fields: list[Any]) -> Iterator[str]:
    """What stands in it that MARC in JSON does not have, and so is not read."""
    inside = (value for each in fields for value in each.values() if isinstance(value, dict))
    names = {*(record.keys() - {"leader", "fields"}), *(name for one in inside for name in one if name not in _DATA)}
    return (f"marc: {name[:40]!r} is no part of MARC in JSON" for name in sorted(names))


def _pairs(tag: str, one: Any) -> Iterator[tuple[str, str]]:
    if not isinstance(one, dict) or not all(isinstance(text, str) for text in one.values()):
        raise _unlike(f"a subfield of {tag} is {str(one)[:40]!r}")
    for code, text in one.items():
        if len(code.strip()) != 1:
            raise _unlike(f"a subfield of {tag} is called {code!r}")
        yield code.strip(), text


def _unlike(said: str) -> Unreadable:
    return Unreadable("not_marc", f"{said}, so it is no MARC in JSON; for other JSON write `type: json`")
