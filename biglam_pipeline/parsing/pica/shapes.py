"""Reads a record of PICA-XML, of PPXML or of PICA JSON into the one model.

PICA-XML: https://format.gbv.de/pica/xml ; PPXML of the German National Library, which keeps levels apart:
https://format.gbv.de/pica/ppxml ; PICA JSON: https://format.gbv.de/pica/json
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.json.strict import read_strictly
from biglam_pipeline.parsing.pica.fields import made, refuse_change
from biglam_pipeline.parsing.pica.record import CODE, TAG, Field, PicaRecord, occurrence_of
from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element

_LEVELS = ("global", "owner", "local", "copy")
"""Elements of PPXML around fields: title, library, its fields, a copy."""
_NAMES = {"datafield": ("tag", "occurrence", "subfield", "code"), "tag": ("id", "occ", "subf", "id")}
"""What a field is called -> its attributes, its subfields and their attribute."""


# --- XML ---


def is_pica_xml(element: Element) -> bool:
    """A `record` with what only PICA has: a field whose tag is one, or a level of PPXML."""
    if local(element).lower() != "record":
        return False
    for one in element.iterchildren(etree.Element):
        name = local(one)
        if name in ("leader", "controlfield"):
            return False
        if name == "datafield":
            return TAG.fullmatch((one.get("tag") or "").strip()) is not None
        if name in _LEVELS:
            return next(one.iter("{*}tag"), None) is not None
    return False


def read_pica_xml(element: Element) -> tuple[PicaRecord, tuple[str, ...]]:
    """The record, and what in it was not read. Unreadable where a field is none."""
    problems = dict[str, None]()
    return made(_fields_in(element, "", problems), problems)


def number_in(element: Element) -> str:
    """The number of the record (003@ $0); empty where it has none."""
    for field in element.iter("{*}datafield", "{*}tag"):
        named, _, inner, code = _NAMES[local(field)]
        if (field.get(named) or "").strip() == "003@":
            texts = (_text(one).strip() for one in field.iterchildren(f"{{*}}{inner}") if one.get(code) == "0")
            return next(filter(None, texts), "")
    return ""


def _fields_in(element: Element, copy: str, problems: dict[str, None]) -> Iterator[Field]:
    """copy: the occurrence of the copy that PPXML has around them."""
    if _outside(element):
        problems["pica: text stands outside fields"] = None
    for one in element.iterchildren(etree.Element):
        name = local(one)
        if name in _LEVELS:
            yield from _fields_in(one, one.get("occ") or copy, problems)
        elif name in _NAMES:
            yield _field(one, name, copy, problems)
        else:
            problems[f"pica: <{name}> is no part of PICA-XML"] = None


def _field(element: Element, name: str, copy: str, problems: dict[str, None]) -> Field:
    tag_name, occurrence_name, inner, code_name = _NAMES[name]
    tag = (element.get(tag_name) or "").strip()
    occurrence = (element.get(occurrence_name) or (copy if tag[:1] == "2" else "")).strip()
    subfields = list[tuple[str, str]]()
    for one in element.iterchildren(etree.Element):
        if local(one) == inner:
            subfields.append(((one.get(code_name) or "").strip(), _text(one)))
        else:
            problems[f"pica: <{local(one)}> is no part of PICA-XML"] = None
    if _outside(element):
        problems["pica: text stands outside subfields"] = None
    return _checked(tag, occurrence, subfields)


def _text(element: Element) -> str:
    return "".join(str(text) for text in element.itertext(etree.Element))


def _outside(element: Element) -> bool:
    return any(text and text.strip() for text in (element.text, *(one.tail for one in element)))


# --- JSON ---


def read_pica_json(data: bytes) -> tuple[PicaRecord, tuple[str, ...]]:
    """The record, and what was passed over. Unreadable where it is no PICA JSON."""
    try:
        record = read_strictly(data)
    except (ValueError, RecursionError) as error:
        raise Unreadable("json_record", f"it is no JSON that all programs read alike: {error}") from error
    if not isinstance(record, list):
        raise _unlike("a record is no list of fields")
    problems = dict[str, None]()
    return made([_listed(one, problems) for one in record], problems)


def _listed(field: Any, problems: dict[str, None]) -> Field:
    if not (isinstance(field, list) and len(field) >= 2 and isinstance(field[0], str)):
        raise _unlike(f"a field is {str(field)[:40]!r}")
    tag, occurrence, *rest = field
    if occurrence is not None and not isinstance(occurrence, str):
        raise _unlike(f"the occurrence of {tag} is {str(occurrence)[:40]!r}")
    if not all(isinstance(one, str) for one in rest):
        raise _unlike(f"a subfield of {tag} is no text")
    if len(rest) % 2:
        refuse_change(rest.pop(), problems)
    # pica-rs writes the occurrence with its slash
    return _checked(tag, (occurrence or "").removeprefix("/"), list(zip(rest[::2], rest[1::2], strict=True)))


def _checked(tag: str, occurrence: str, subfields: list[tuple[str, str]]) -> Field:
    if not TAG.fullmatch(tag) or (occurrence and not (occurrence.isascii() and occurrence.isdigit())):
        raise Unreadable("pica_field", f"{tag[:20]!r} {occurrence[:20]!r} is no field of PICA+; tell the institution")
    if bad := next((code for code, _ in subfields if not CODE.fullmatch(code)), None):
        raise Unreadable("pica_field", f"a subfield of {tag} is called {bad[:20]!r}; tell the institution")
    if any(not code for code, _ in subfields):
        raise Unreadable("pica_field", f"a subfield of {tag} has no code; tell the institution")
    return Field(tag, occurrence_of(occurrence), tuple(subfields))


def _unlike(said: str) -> Unreadable:
    return Unreadable("not_pica", f"{said}, so it is no PICA JSON; for other JSON write `type: json`")
