"""Reads a record of PICA-XML, of PPXML or of PICA JSON into the one model.

PICA-XML: https://format.gbv.de/pica/xml , also as FOLIO imports it, with a header, and copies in elements of their own
(https://metacpan.org/pod/PICA::Writer::PIXML); PPXML of the German National Library, which keeps levels apart:
https://format.gbv.de/pica/ppxml ; PICA JSON: https://format.gbv.de/pica/json
"""

from collections.abc import Iterator
from typing import Any

from lxml import etree

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.json.strict import read_strictly
from biglam_pipeline.parsing.pica.fields import made, no_field, refuse_change
from biglam_pipeline.parsing.pica.record import CODE, TAG, Field, PicaRecord, occurrence_of
from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element

_LEVELS = ("global", "owner", "local", "copy")
"""Elements of PPXML around fields: title, library, its fields, a copy."""
_FLAGS = ("opacflag", "status")
"""Their attributes that say whether they are shown and what became of them. No value of them is explained anywhere, and
all that are known to be handed out are empty: another one may say that it is not public."""
_IMPORTED = ("metadata", "item")
"""Elements of FOLIO's import around fields: the record, a copy."""
_HEADERS = ("", "upsert")
"""What its header may say of a record that is there."""
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
        if name == "metadata":
            return any(TAG.fullmatch((field.get("tag") or "").strip()) for field in one.iterchildren("{*}datafield"))
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
        if name == "header":
            _refuse_header(one)
        elif name in _LEVELS or name in _IMPORTED:
            if _is_shown(one, name, problems):
                yield from _fields_in(one, one.get("occ") or copy, problems)
        elif name in _NAMES:
            yield _field(one, name, copy, problems)
        else:
            problems[f"pica: <{name}> is no part of PICA-XML"] = None


def _is_shown(element: Element, name: str, problems: dict[str, None]) -> bool:
    """Whether nothing is said against showing it. Unreadable where that is of the title."""
    for flag in _FLAGS:
        if value := (element.get(flag) or "").strip():
            if name == "global":
                detail = (
                    f"its {flag} is {value[:20]!r}, which nobody explains, so it may not be public; ask what it says"
                )
                raise Unreadable("pica_internal", detail)
            problems[f"nonpublic: <{name}> with {flag}={value[:20]!r} is left out"] = None
            return False
    return True


def _refuse_header(header: Element) -> None:
    status = (header.get("status") or "").strip()
    if status.casefold() not in _HEADERS:
        detail = f"its header says {status[:20]!r}, which is not understood, so it may be gone; ask what it says"
        raise Unreadable("pica_header", detail)


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
        raise _unlike("a field is no list that begins with a tag and an occurrence")
    tag, occurrence, *rest = field
    if occurrence is not None and not isinstance(occurrence, str):
        raise _unlike("an occurrence is no text")
    if not all(isinstance(one, str) for one in rest):
        raise _unlike("a subfield is no text")
    if len(rest) % 2:
        refuse_change(rest.pop(), problems)
    # pica-rs writes the occurrence with its slash
    return _checked(tag, (occurrence or "").removeprefix("/"), list(zip(rest[::2], rest[1::2], strict=True)))


def _checked(tag: str, occurrence: str, subfields: list[tuple[str, str]]) -> Field:
    if not TAG.fullmatch(tag):
        raise no_field(tag)
    if occurrence and not (occurrence.isascii() and occurrence.isdigit()):
        raise Unreadable("pica_field", f"an occurrence of {tag} is no number; tell the institution")
    if any(not CODE.fullmatch(code) for code, _ in subfields):
        raise Unreadable("pica_field", f"a subfield of {tag} has no code, or none of one letter; tell the institution")
    return Field(tag, occurrence_of(occurrence), tuple(subfields))


def _unlike(said: str) -> Unreadable:
    return Unreadable("not_pica", f"{said}, so it is no PICA JSON; for other JSON write `type: json`")
