"""Reads METS as a catalogue's record: a row is what a METS describes by MODS or Dublin Core, without its pages.

METS: https://www.loc.gov/standards/mets/ ; the profile of the DFG Viewer, by which German libraries write it:
https://dfg-viewer.de/en/profile-of-the-metadata/
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated, Any, ClassVar, Literal

from lxml import etree

from biglam_pipeline.normalize.block import OneOrEach
from biglam_pipeline.normalize.rows.rights_of import OF_OBJECT, add_statements, mets_rights
from biglam_pipeline.normalize.shareable import Shareable
from biglam_pipeline.normalize.vocabularies import terms
from biglam_pipeline.normalize.vocabularies.mets import (
    DESCRIBED,
    Reading,
    attribute,
    described_by,
    mods_in,
    named_sections,
    records_in,
    rights_of_marc,
    said_in,
    sections_of,
    with_unlinked,
)
from biglam_pipeline.normalize.vocabularies.mods_card import card_of, catalogue_name, unread_of
from biglam_pipeline.parsing.xml.reading import local, text_of
from biglam_pipeline.settings import Accounts

Element = etree._Element


class Mets(Shareable):
    """A METS is a row; a PATH is XPath 1.0 from `mets` (`.//mods:note[@type='venue']`)."""

    type: Literal["mets"] = "mets"
    """METS as descriptions, from an OAI server or in files; `mets_alto` reads the text of its pages."""
    rows: Annotated[str, OneOrEach("record")] = "record"
    """What one row is: a METS, or $NAME for each that `with` finds under this name."""

    accounts: ClassVar[Accounts] = Accounts(
        "METS that became rows, tombstones or rejects",
        "elements counted by expat (tests); the harvester's count of the same pages",
        "a METS that cannot be repaired is a reject with its place, and the records around it are read",
    )
    version: ClassVar[int] = 5
    extensions: ClassVar[tuple[str, ...]] = (".mets",)
    record_format: ClassVar[str] = "mets"
    metadata_prefixes: ClassVar[tuple[str, ...]] = ("mets", "METS", "oai_mets")
    called: ClassVar[tuple[str, ...]] = ("mets_xml", "mets_mods", "oai_mets", "dfg_viewer")
    containers: ClassVar[frozenset[str]] = frozenset({"mets"})
    named_by_file: ClassVar[bool] = True
    foreign: ClassVar[tuple[str, str]] = ("not_mets", "METS; ask the server for mets, or leave it out with `files`")
    notes: ClassVar[tuple[str, str]] = (
        (
            "A row is what the METS is of: its logical division and, where that holds one volume or issue and no "
            "other, this one first. Of several MODS of a division that of the print counts, not that of the scan. "
            "Rights are those of `amdSec` (METSRights, `dv:license`) and of `mods:accessCondition`, in any section."
        ),
        'The text of its pages is read by `mets_alto`. What MODS marks `shareable="no"` is left out.',
    )

    def columns_of(self, container: Element, raw: str) -> tuple[dict[str, Any], set[str]]:
        """What its descriptions say."""
        sections, reading = sections_of(container), Reading(records_in, _columns_of)
        divisions = _described(container)
        columns = described_by(divisions, sections, reading)
        columns = with_unlinked(columns, container, sections, reading)
        used = {name for one in divisions for name in attribute(one, *DESCRIBED).split()} & sections.keys()
        if not used:  # as OCR-D writes it: no division says by what it is described
            used = {*sections} - named_sections(container) or {*sections}
            for said in said_in([sections[name] for name in sections if name in used], reading):
                columns = {**said, **columns}
        return {**columns, **_of_mets(container, columns, divisions)}, set(_unread(sections, used))

    def own_name(self, container: Element, columns: Mapping[str, Any]) -> str:
        """The catalogue's identifier of the first description, else its own. `mods:identifier` is often that of the
        newspaper that all issues belong to.
        """
        sections = sections_of(container)
        names = [name for one in _described(container) for name in attribute(one, *DESCRIBED).split()]
        chosen = [sections[name] for name in names if name in sections] or list(sections.values())
        told = (catalogue_name(record) for section in chosen for record in mods_in(section))
        return next(filter(None, told), "") or (container.get("OBJID") or "").strip()


def _described(root: Element) -> list[Element]:
    """The divisions that the METS is of, the innermost first: in the logical map from its one division inwards, as long
    as each holds one that is a whole and no other beside it.

    A newspaper's METS holds it in year, month and day (DFG Viewer), a volume's in its multivolume work; one of a
    series lists many volumes and is of none of them. Without a logical map, of that which there is.
    """
    every = [*root.iter("{*}structMap")]
    maps = [one for one in every if _type(one) == "logical"] or every
    top = [one for structure in maps for one in structure.iterchildren("{*}div")]
    chain = top[:1]
    while chain:
        inner = [one for one in chain[-1].iterchildren("{*}div") if _type(one) in _WHOLES]
        if len(inner) != 1:
            break
        chain += inner
    return [*chain[::-1], *top[1:]]


_WHOLES = {
    *("issue", "volume", "newspaper", "periodical", "monograph", "manuscript", "year", "month", "day", "book"),
    *("multivolume_work", "multivolumework", "multivolume_manuscript", "bundle", "file", "ephemera", "additional"),
}
"""Types of divisions that are a whole, in the DFG Viewer's set of structural elements; others are parts of one."""


def _type(element: Element) -> str:
    return (element.get("TYPE") or "").strip().lower().rpartition(":")[2]


def _columns_of(record: Element) -> dict[str, Any]:
    if local(record) == "record":
        return rights_of_marc(record)
    return card_of(record) if local(record) == "mods" else terms.columns_of(record, "")[0]


def _of_mets(root: Element, columns: Mapping[str, Any], divisions: list[Element]) -> dict[str, Any]:
    """What METS says itself: its rights beside those of the descriptions, and what they leave open."""
    found: dict[str, Any] = {}
    if said := add_statements(columns.get(OF_OBJECT), mets_rights(root)):
        found[OF_OBJECT] = said
    labels = [one.get("LABEL") or "" for one in (*divisions, root)]
    if "title" not in columns and (title := next(filter(None, labels), "")):
        found["title"] = title
    types = [word for one in divisions[:1] if (word := (one.get("TYPE") or "").strip())]
    if types and not columns.get("genres"):
        found["genres"] = types
    if object_id := (root.get("OBJID") or "").strip():
        known = columns.get("identifiers", [])
        found["identifiers"] = known if object_id in known else [*known, object_id]
    shown = [text_of(one) for one in root.iter("{http://dfg-viewer.de/}presentation")]
    if "source_url" not in columns and (url := next((one for one in shown if one.startswith("http")), "")):
        found["source_url"] = url
    return found


def _unread(sections: Mapping[str, Element], used: Iterable[str]) -> Iterator[str]:
    """What is filled and gives no column: fields of MODS, descriptions in other formats, and those of parts."""
    mine = set(used)
    for name, section in sections.items():
        records = [*records_in(section)]
        wrap = next(section.iterchildren("{*}mdWrap", "{*}mdRef"), None)
        kind = (wrap.get("MDTYPE") or local(wrap)) if wrap is not None else "empty"
        if not records or local(records[0]) == "record":
            yield f"dmdSec/{kind}"
        elif name not in mine:
            yield "dmdSec of a part"
        for record in (one for one in records if name in mine and local(one) != "record"):
            yield from unread_of(record) if local(record) == "mods" else terms.columns_of(record, "")[1]
