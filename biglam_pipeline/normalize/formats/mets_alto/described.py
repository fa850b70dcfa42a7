"""Which description in a METS is that of the original? Of several MODS the printed thing's counts, not the scan's.

A digitised issue has two sets of dates, places and publishers: those of the print, and those of the firm that scanned
it. They are told apart as the field writes them down:

- docWorks (BnL, SBB, RERO, Princeton, the National Library of Israel) gives two MODS, `MODSMD_PRINT` and `MODSMD_ELEC`,
  labelled "printed version" and "electronic version", in either order;
- the DFG's application profile for MODS gives one with two `originInfo`, the second of `eventType="digitization"`, or
  with the edition "[Electronic ed.]";
- MODS itself has `dateCaptured` for the day of the scan, and `relatedItem type="original"` for the print.
"""

import re
from collections.abc import Iterable

from lxml import etree

from biglam_pipeline.normalize.formats.mets_alto.files import attribute
from biglam_pipeline.normalize.rows.rights_of import with_statements
from biglam_pipeline.normalize.vocabularies.mods import OF_THE_PRINT, digital_signs, read_mods

Element = etree._Element

_ELECTRONIC = re.compile(
    r"(?:^|[_-])elec(?:tronic)?(?:[_-]|$)|(?:electronic|digital) (?:version|edition)", re.IGNORECASE
)
DESCRIBED = ("DMDID", "MDID")
"""The attribute that names the sections which describe a division: of METS 1, and of METS 2."""
_CERTAIN = 9
"""More signs than any MODS has in itself."""


def sections_of(root: Element) -> dict[str, Element]:
    """The descriptive sections by ID; METS 2 calls them `md`."""
    return {one.get("ID") or "": one for one in root.iter("{*}dmdSec", "{*}md")}


def described_by(elements: Iterable[Element], sections: dict[str, Element]) -> dict[str, list[str]]:
    """Column -> values that the MODS of these divisions give; of two that fill a column the first counts."""
    columns: dict[str, list[str]] = {}
    for element in elements:
        names = attribute(element, *DESCRIBED).split()
        for said in _ordered([sections[name] for name in names if name in sections]):
            columns = with_statements({**said, **columns}, said)
    return columns


def with_unlinked(columns: dict[str, list[str]], root: Element, sections: dict[str, Element]) -> dict[str, list[str]]:
    """The columns of the issue with what sections say of rights that no division names: something here is meant."""
    named = {name for one in root.iter(etree.Element) for name in attribute(one, *DESCRIBED).split()}
    for said in _ordered([section for name, section in sections.items() if name not in named]):
        columns = with_statements(columns, said)
    return columns


def _ordered(sections: list[Element]) -> list[dict[str, list[str]]]:
    """What the MODS of one division say, the original's first; one of the scan says nothing of the printing."""
    found = [(section, record) for section in sections for record in section.iter("{*}mods") if not _is_inside(record)]
    signs = [_CERTAIN if _is_electronic(section) else digital_signs(record) for section, record in found]
    least = min(signs, default=0)
    said: list[tuple[int, dict[str, list[str]]]] = []
    for (_, record), sign in zip(found, signs, strict=True):
        columns = read_mods(record)
        if sign == _CERTAIN or sign > least:
            columns = {name: values for name, values in columns.items() if name not in OF_THE_PRINT}
        said.append((sign, columns))
    return [columns for _, columns in sorted(said, key=lambda one: one[0])]


def _is_electronic(section: Element) -> bool:
    wrap = next(section.iterchildren("{*}mdWrap", "{*}mdRef"), None)
    label = (wrap.get("LABEL") or "") if wrap is not None else ""
    return _ELECTRONIC.search(section.get("ID") or "") is not None or _ELECTRONIC.search(label) is not None


def _is_inside(record: Element) -> bool:
    """Whether it is a MODS in a MODS, as some write a related item."""
    return any(str(one.tag).endswith("}mods") or one.tag == "mods" for one in record.iterancestors())
