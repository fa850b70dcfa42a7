"""Reads DIDL in the answers of an OAI server: what each record says of its issue, and where its texts lie.

The KB offers Delpher so (`metadataPrefix=didl`): https://www.kb.nl/en/research-find/datasets/delpher-newspapers . A row
is an issue, and its name is the server's, so that what the server deletes goes. Its pages and articles are rows only of
files: a tombstone names the issue, and nobody would know which of them it takes along.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, ClassVar

from lxml import etree

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Cut, Described, Found
from biglam_pipeline.normalize.deliveries.didl import ARTICLE_TEXT, didl_files, read_didl
from biglam_pipeline.normalize.deliveries.mets import as_columns
from biglam_pipeline.normalize.enveloped import Enveloped
from biglam_pipeline.normalize.rows.rights_of import with_statements
from biglam_pipeline.records import Item

Element = etree._Element

FACTS = ("alto", "article_texts", "pdf")
"""Addresses of the texts of its pages, of its articles as the library writes them, and of the print."""
_ROLES = dict(zip(FACTS, ("alto", ARTICLE_TEXT, "pdf"), strict=True))
_NO_TEXT = "text: an answer of OAI names where it lies, and has none"


class Answers(Enveloped):
    """The records of a page of OAI."""

    type: str = "didl"
    has_text: bool = False
    """Whether the entry maps a text, which comes by a link."""

    default_modality: ClassVar[Modality] = "text"
    record_format: ClassVar[str] = "didl"
    containers: ClassVar[frozenset[str]] = frozenset({"didl"})
    foreign: ClassVar[tuple[str, str]] = ("not_didl", "DIDL; ask the server for didl")

    def described(self, container: Element, alone: Callable[[], Any], size: int) -> Described:
        """What is said of the issue, and of the rights of anything in it."""
        found = read_didl(container)
        columns = as_columns(found.columns)
        for part in (*found.articles, *found.parts):
            columns = with_statements(columns, as_columns(part.columns))
        return Described(lambda: container, "", columns, (), () if self.has_text else (_NO_TEXT,))

    def columns_of(self, container: Element, raw: str) -> tuple[dict[str, Any], set[str]]:
        """See `described`."""
        return as_columns(read_didl(container).columns), set()

    def divided(self, cut: Cut, item: Item, around: Sequence[Any]) -> Iterable[Found]:
        """The issue, with where its texts lie."""
        files = didl_files(cut.record())
        links: dict[str, str | list[str]] = {
            fact: [href for one in files if one.use == role for href in one.hrefs if href.startswith("http")]
            for fact, role in _ROLES.items()
        }
        fixed = {**cut.fixed, "text_unit": "issue", "text_origin": "ocr"}
        return [replace(cut, fixed=fixed, facts={**cut.facts, **links})]
