"""What does a PAGE file say beside its text? Its picture, who read it, how, and under which terms."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from lxml import etree

from biglam_pipeline.normalize.rows.rights_of import column_of_term
from biglam_pipeline.parsing.xml.reading import local, text_of

Element = etree._Element

_STRUCTURE = re.compile(r"structure\s*\{[^{}]*?\btype\s*:\s*([^;{}]+)")
"""How Transkribus says in `custom` what a region is, with words of its users' own."""
_STATUS = re.compile(rb"TranskribusMetadata\b[^<>]*?\bstatus\s*=\s*[\"']([A-Za-z_ ]{1,20})[\"']")
"""An element of Metadata; a comment in some exports, where no parser shows it."""
_HEAD_BYTES = 65_536
_RECOGNISER = re.compile(r"\bname=([^:]*(?:htr|ocr|@TranskribusPlatform)[^:]*)(?::version=([^:]+))?", re.IGNORECASE)
"""In a Creator of Transkribus: prov=READ-COOP:name=PyLaia@TranskribusPlatform:version=2.12.1:model_id=20686. Others of
this form analyse layout."""
_HAND = ("handwritten", "medieval-manuscript")
"""@production of a page's regions and lines: handwritten-cursive, handwritten-printscript, medieval-manuscript."""


@dataclass(frozen=True, slots=True)
class About:
    """What is said of a page."""

    page_id: str
    engine: str
    origin: str
    """`text_origin`."""
    rights: Sequence[str]
    filled: Sequence[str]
    """What else is there."""


def about(root: Element, page: Element, data: bytes) -> About:
    """data: the file, for the comment in which some exports have their metadata."""
    metadata = [one for section in root.iterchildren("{*}Metadata") for one in section.iter(etree.Element)][1:]
    named = [one for one in metadata if text_of(one) or one.attrib]
    attributes = [f"@{str(name).rpartition('}')[2]}" for name, value in page.attrib.items() if value]
    filled = dict.fromkeys([*map(local, named), *attributes])
    filled.pop("@imageFilename", None)
    engine = _engine(metadata)
    name = (root.get("pcGtsId") or "").strip()
    return About(name, engine, _origin(page, engine, data), _rights(metadata), [*filled])


def type_of(region: Element) -> str:
    """What a region is: its users' word in `custom`, else @type; empty where nobody says."""
    found = _STRUCTURE.search(region.get("custom") or "")
    return (found[1] if found else region.get("type") or "").strip()


def _engine(metadata: Sequence[Element]) -> str:
    """The last step of text recognition, as OCR-D has it (https://ocr-d.de/en/spec/page#metadata-and-provenance), or as
    Transkribus does.
    """
    steps = [one for one in metadata if local(one) == "MetadataItem" and one.get("type") == "processingStep"]
    read = [one.get("value") or "" for one in steps if "text-recognition" in (one.get("name") or "")]
    said = (_RECOGNISER.search(text_of(one)) for one in metadata if local(one) == "Creator")
    read += [" ".join(filter(None, found.groups())) for found in said if found is not None]
    return read[-1].strip() if read else ""


def _origin(page: Element, engine: str, data: bytes) -> str:
    status = _STATUS.search(data[:_HEAD_BYTES])
    if status is not None and status[1].strip().upper() == b"GT":
        return "corrected"
    if "transkribus" in engine.lower() or "htr" in engine.lower():
        return "htr"
    said = {(one.get("production") or "").strip().lower() for one in page.iter(etree.Element)} - {""}
    return "htr" if said and all(one.startswith(_HAND) for one in said) else "ocr"


def _rights(metadata: Sequence[Element]) -> list[str]:
    """What a free pair of name and value calls rights or licence: PAGE has no element of its own for it."""
    pairs = ((one.get("name") or one.get("type") or "", one.get("value") or "") for one in metadata)
    return list(dict.fromkeys(value.strip() for name, value in pairs if value.strip() and column_of_term(name)))
