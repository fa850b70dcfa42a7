"""Reads Dublin Core: in pages of an OAI server, as bare records, or many in one file.

Terms: https://www.dublincore.org/specifications/dublin-core/dcmi-terms/
"""

from typing import Annotated, Any, ClassVar, Literal

from lxml import etree

from biglam_pipeline.normalize.block import OneOrEach
from biglam_pipeline.normalize.enveloped import Enveloped
from biglam_pipeline.normalize.vocabularies.terms import columns_of
from biglam_pipeline.settings import Accounts

Element = etree._Element

_NAMESPACES = ("{http://purl.org/dc/elements/", "{http://purl.org/dc/terms/")


class OaiDc(Enveloped):
    """A record is a row; a PATH is XPath 1.0 from the Dublin Core container (`dc:title`, `dcterms:issued`)."""

    type: Literal["oai_dc"] = "oai_dc"
    """Dublin Core, from an OAI server or in files."""
    rows: Annotated[str, OneOrEach("record")] = "record"
    """What one row is: a record, or $NAME for each that `with` finds under this name."""

    accounts: ClassVar[Accounts] = Accounts(
        "records that became rows, tombstones or rejects",
        "elements counted by expat, up to the first damage; the harvester's count of the same pages",
        "a record that cannot be repaired is a reject with its place, and the records around it are read",
    )
    version: ClassVar[int] = 7
    record_format: ClassVar[str] = "dc"
    metadata_prefixes: ClassVar[tuple[str, ...]] = ("oai_dc", "dc")
    called: ClassVar[tuple[str, ...]] = ("dc", "dublin_core", "dublincore", "oai", "oai_pmh", "simple_dc")
    containers: ClassVar[frozenset[str]] = frozenset({"dc", "qualifieddc", "simpledc", "dublin_core"})
    """Roots, in small letters: of oai_dc (OAI-PMH), of DCMI's qualifieddc.xsd and simpledc.xsd, of DSpace's items."""
    foreign: ClassVar[tuple[str, str]] = ("not_dublin_core", "Dublin Core; ask the server for oai_dc")

    def columns_of(self, container: Element, raw: str) -> tuple[dict[str, Any], set[str]]:
        """What its terms say."""
        return columns_of(container, raw)

    def is_container(self, element: Element) -> bool:
        """By its name, or by the terms in it."""
        if super().is_container(element):
            return True
        return any(str(child.tag).startswith(_NAMESPACES) for child in element.iterchildren(etree.Element))
