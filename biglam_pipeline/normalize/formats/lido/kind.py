"""Reads LIDO: museum objects in pages of an OAI server, in a `lidoWrap`, or one a file.

LIDO 1.0 and 1.1: http://www.lido-schema.org/schema/v1.1/lido-v1.1.xsd ; the LIDO Primer,
https://lido-schema.org/documents/primer/latest/lido-primer.html
"""

import re
from collections.abc import Callable, Mapping
from typing import Annotated, Any, ClassVar, Literal

from lxml import etree

from biglam_pipeline.normalize.block import OneOrEach
from biglam_pipeline.normalize.cut import Described
from biglam_pipeline.normalize.enveloped import Enveloped
from biglam_pipeline.normalize.formats.lido.administered import page_of, picture_of, rights_of
from biglam_pipeline.normalize.formats.lido.described import describe, identifiers_of
from biglam_pipeline.normalize.formats.lido.tree import Tree
from biglam_pipeline.normalize.volatile import as_kept
from biglam_pipeline.settings import Accounts

Element = etree._Element

_BEGINS_NAMED = re.compile(
    rb"<(?:[\w.-]+:)?lido(?:\s[^<>]*)?>\s*<(?:[\w.-]+:)?lidoRecID(?:\s[^<>]*)?>[^<>&]*[0-9][^<>&]*</"
)
"""lidoRecID comes first, and one with a digit is no template."""
_SLIPS = 5
"""So many are named of one record; who misspells more has sent something else."""


class Lido(Enveloped):
    """A record is a row; a PATH is XPath 1.0 from `lido:lido` (`lido:descriptiveMetadata//lido:workID`)."""

    type: Literal["lido"] = "lido"
    """LIDO, from an OAI server or in files."""
    rows: Annotated[str, OneOrEach("record")] = "record"
    """What one row is: a record, or $NAME for each that `with` finds under this name."""

    accounts: ClassVar[Accounts] = Accounts(
        "records that became rows, tombstones or rejects",
        "`lido` elements, and records of OAI, counted by expat",
        "a record that cannot be repaired is a reject with its place, and the records around it are read",
    )
    extensions: ClassVar[tuple[str, ...]] = (".lido",)
    version: ClassVar[int] = 4
    record_format: ClassVar[str] = "lido"
    metadata_prefixes: ClassVar[tuple[str, ...]] = ("lido", "oai_lido")
    called: ClassVar[tuple[str, ...]] = ("lido_xml", "lido1", "lido_1.0", "lido_1.1", "lidowrap", "oai_lido")
    notes: ClassVar[tuple[str, str]] = (
        "",
        (
            "A date, a place and a maker are those of production or creation, never of an acquisition or an "
            "exhibition. What is said again in another language fills no column twice; titles are kept in all. "
            "`modality: image` fills `image_url` with the best picture that the record names, and `with: {image: "
            "{url: $image_url}}` fetches that."
        ),
    )
    containers: ClassVar[frozenset[str]] = frozenset({"lido"})
    begins_named: ClassVar[re.Pattern[bytes] | None] = _BEGINS_NAMED
    foreign: ClassVar[tuple[str, str]] = ("not_lido", "LIDO; ask the server for lido")

    def columns_of(self, container: Element, raw: str) -> tuple[dict[str, Any], set[str]]:
        """What its elements say of the object, its pictures and the record."""
        columns, unread, _ = self._read(container)
        return columns, unread

    def described(self, container: Element, alone: Callable[[], Any], size: int) -> Described:
        """With the names that were put right, and what stood for an identifier and was none."""
        return Described(alone, as_kept(container, self.volatile, size), *self._read(container))

    def own_name(self, container: Element, columns: Mapping[str, Any]) -> str:
        """lidoRecID, else what the object is published under, else the number of the record, or of the object."""
        first = next(iter(columns.get("identifiers", ())), "")
        return str(first["value"]) if isinstance(first, dict) else first

    def _read(self, container: Element) -> tuple[dict[str, Any], set[str], tuple[str, ...]]:
        tree = Tree(container)
        identifiers, is_template = identifiers_of(tree)
        columns = {**describe(tree), **rights_of(tree), "identifiers": identifiers, "source_url": page_of(tree)}
        if self.picture is not None or self.chosen_modality != "metadata":
            columns |= picture_of(tree.administered)
        slips = sorted(f"lido: {slip} read as {name}" for slip, name in tree.slips.items())
        problems = (*slips[:_SLIPS], *(["lido: more names put right"] if len(slips) > _SLIPS else []))
        if not tree.described:
            problems += ("lido: no descriptiveMetadata, so nothing is said of the object",)
        if is_template:
            problems += ("identifiers: a template without its value, left out",)
        return {name: value for name, value in columns.items() if value}, tree.unread(), problems
