"""Reads MODS: in pages of an OAI server or of SRU, in a `modsCollection`, or one record a file.

MODS: https://www.loc.gov/standards/mods/userguide/
"""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar, Literal

from lxml import etree

from biglam_pipeline.normalize.block import OneOrEach
from biglam_pipeline.normalize.shareable import Shareable
from biglam_pipeline.normalize.vocabularies.mods_card import card_of, name_of, unread_of
from biglam_pipeline.settings import Accounts

Element = etree._Element


class Mods(Shareable):
    """A record is a row; a PATH is XPath 1.0 from `mods` (`mods:note[@type='venue']`)."""

    type: Literal["mods"] = "mods"
    """MODS, from an OAI server or in files."""
    rows: Annotated[str, OneOrEach("record")] = "record"
    """What one row is: a record, or $NAME for each that `with` finds under this name."""

    accounts: ClassVar[Accounts] = Accounts(
        "records that became rows, tombstones or rejects",
        "elements counted by expat, up to the first damage; the harvester's count of the same pages",
        "a record that cannot be repaired is a reject with its place, and the records around it are read",
    )
    extensions: ClassVar[tuple[str, ...]] = (".mods",)
    version: ClassVar[int] = 7
    record_format: ClassVar[str] = "mods"
    metadata_prefixes: ClassVar[tuple[str, ...]] = ("mods", "oai_mods", "mods3")
    called: ClassVar[tuple[str, ...]] = ("mods3", "mods_xml", "modsxml", "oai_mods")
    containers: ClassVar[frozenset[str]] = frozenset({"mods"})
    foreign: ClassVar[tuple[str, str]] = ("not_mods", "MODS; ask the server for mods")

    def columns_of(self, container: Element, raw: str) -> tuple[dict[str, Any], set[str]]:
        """What its elements say."""
        return card_of(container), unread_of(container)

    def own_name(self, container: Element, columns: Mapping[str, Any]) -> str:
        """The catalogue's own identifier, else the first of the object."""
        return name_of(container)
