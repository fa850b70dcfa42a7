"""Which description in a METS is that of the original? Of several MODS the printed thing's counts, not the scan's.

What no MODS of a division says, Dublin Core may: the BnF describes its issues by that alone (`spar_dc`), DSpace beside.

METS: https://www.loc.gov/standards/mets/

A digitised issue has two sets of dates, places and publishers: those of the print, and those of the firm that scanned
it. They are told apart as the field writes them down:

- docWorks (BnL, SBB, RERO, Princeton, the National Library of Israel) gives two MODS, `MODSMD_PRINT` and `MODSMD_ELEC`,
  labelled "printed version" and "electronic version", in either order;
- the DFG's application profile for MODS gives one with two `originInfo`, the second of `eventType="digitization"`, or
  with the edition "[Electronic ed.]";
- MODS itself has `dateCaptured` for the day of the scan, and `relatedItem type="original"` for the print.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from lxml import etree

from biglam_pipeline.normalize.rows.rights_of import KEPT, with_statements
from biglam_pipeline.normalize.vocabularies import terms
from biglam_pipeline.normalize.vocabularies.marc.rights import rights_of
from biglam_pipeline.normalize.vocabularies.mods import OF_THE_PRINT, digital_signs, read_mods
from biglam_pipeline.parsing.marc.shapes import read_marcxml
from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element

_ELECTRONIC = re.compile(
    r"(?:^|[_-])elec(?:tronic)?(?:[_-]|$)|(?:electronic|digital) (?:version|edition)", re.IGNORECASE
)
DESCRIBED = ("DMDID", "MDID")
"""The attribute that names the sections which describe a division: of METS 1, and of METS 2."""
_CERTAIN = 9
"""More signs than any MODS has in itself."""


def attribute(element: Element, *names: str) -> str:
    """An attribute by its local name: XLink has had two namespaces, and METS 2 renamed some."""
    for name in names:
        found = element.get(name)
        if found is not None:
            return str(found)
        for key, value in element.items():
            if str(key).rpartition("}")[2] == name:
                return str(value)
    return ""


def mods_in(section: Element) -> Iterator[Element]:
    """The MODS records of a section, without those that some write into a related item."""
    return (one for one in section.iter("{*}mods") if not _is_inside(one))


_DUBLIN_CORE = ("{http://purl.org/dc/elements/", "{http://purl.org/dc/terms/")
_MARC = ("{http://www.loc.gov/MARC21/slim}record", "{info:lc/xmlns/marcxchange-v1}record")
_ENDS = {"rights_until"}
_OF_PAGES = {
    "title",
    "title_alt",
    "date_raw",
    "publisher",
    "languages",
    "creators",
    "identifiers",
    "rights_until",
    *KEPT,
}
"""What Dublin Core says of an issue that its pages and articles have too: what MODS says of it."""


def records_in(section: Element) -> list[Element]:
    """MODS; else what holds terms of Dublin Core; else MARC, of which the rights are heard."""
    return [*mods_in(section)] or [*_dublin_core(section)] or [*section.iter(*_MARC)]


def _dublin_core(section: Element) -> Iterator[Element]:
    """What terms stand in; Archivematica puts a `dublincore` of the namespace of terms around them, which is none."""
    for one in section.iter("{*}xmlData"):
        for element in (one, *one.iterdescendants(etree.Element)):
            terms = (term for term in element.iterchildren(etree.Element) if not len(term))
            if any(str(term.tag).startswith(_DUBLIN_CORE) for term in terms):
                yield element
                break


def rights_of_marc(record: Element) -> dict[str, Any]:
    """What a MARC record says of rights; nothing else of it is read here."""
    return {name: values for name, values in rights_of(read_marcxml(record)[0]).items() if values}


def _few_columns(record: Element) -> dict[str, Any]:
    if local(record) == "mods":
        return read_mods(record)
    if record.tag in _MARC:
        return rights_of_marc(record)
    found = {name: value for name, value in terms.columns_of(record, "")[0].items() if name in _OF_PAGES}
    return {name: value if isinstance(value, list) else [value] for name, value in found.items()}


class Reading(NamedTuple):
    """How sections are read."""

    records: Callable[[Element], Iterable[Element]] = records_in
    """The records in a section."""
    columns: Callable[[Element], dict[str, Any]] = _few_columns
    """Canonical column -> values of a record."""


_FEW = Reading()


def sections_of(root: Element) -> dict[str, Element]:
    """The descriptive sections by ID; METS 2 calls them `md`."""
    return {one.get("ID") or "": one for one in root.iter("{*}dmdSec", "{*}md")}


def described_by(elements: Iterable[Element], sections: dict[str, Element], reading: Reading = _FEW) -> dict[str, Any]:
    """Column -> what the records of these divisions give; of two that fill a column the first counts."""
    columns: dict[str, Any] = {}
    for element in elements:
        names = attribute(element, *DESCRIBED).split()
        for said in said_in([sections[name] for name in names if name in sections], reading):
            columns = with_statements({**said, **columns}, said)
    return columns


def with_unlinked(
    columns: dict[str, Any], root: Element, sections: dict[str, Element], reading: Reading = _FEW
) -> dict[str, Any]:
    """The columns of the issue with what sections say of rights that no division names: something here is meant."""
    named = named_sections(root)
    for said in said_in([section for name, section in sections.items() if name not in named], reading):
        columns = with_statements({**{name: said[name] for name in _ENDS & said.keys()}, **columns}, said)
    return columns


def named_sections(root: Element) -> set[str]:
    """The IDs of sections that something in the METS names."""
    said = root.xpath("descendant-or-self::*/@*[local-name()='DMDID' or local-name()='MDID']")
    assert isinstance(said, list)
    return {name for one in said for name in str(one).split()}


def said_in(sections: list[Element], reading: Reading = _FEW) -> list[dict[str, Any]]:
    """What the records of one division say, the original's first; one of the scan says nothing of the printing.

    Dublin Core, which does not tell them apart, comes last, and no MODS is held against it.
    """
    found = [(section, record) for section in sections for record in reading.records(section)]
    found.sort(key=lambda one: local(one[1]) != "mods")
    signs = [_CERTAIN if _is_electronic(section) else digital_signs(record) for section, record in found]
    least = min((sign for (_, record), sign in zip(found, signs, strict=True) if local(record) == "mods"), default=0)
    said: list[tuple[int, dict[str, Any]]] = []
    for (_, record), sign in zip(found, signs, strict=True):
        columns = reading.columns(record)
        if sign == _CERTAIN or sign > least:
            columns = {name: values for name, values in columns.items() if name not in OF_THE_PRINT}
        said.append((sign if local(record) == "mods" else _CERTAIN + 1, columns))
    return [columns for _, columns in sorted(said, key=lambda one: one[0])]


def _is_electronic(section: Element) -> bool:
    wrap = next(section.iterchildren("{*}mdWrap", "{*}mdRef"), None)
    label = (wrap.get("LABEL") or "") if wrap is not None else ""
    return _ELECTRONIC.search(section.get("ID") or "") is not None or _ELECTRONIC.search(label) is not None


def _is_inside(record: Element) -> bool:
    """Whether it is a MODS in a MODS, as some write a related item."""
    return any(str(one.tag).endswith("}mods") or one.tag == "mods" for one in record.iterancestors())
