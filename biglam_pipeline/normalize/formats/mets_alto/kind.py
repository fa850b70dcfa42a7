"""Reads digitised print: articles, pages or issues out of METS and ALTO.

METS: https://www.loc.gov/standards/mets/ ; ALTO: https://www.loc.gov/standards/alto/
"""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Found
from biglam_pipeline.normalize.formats.mets_alto.blanking import blank_records, note_gone
from biglam_pipeline.normalize.formats.mets_alto.counting import expected_pages
from biglam_pipeline.normalize.formats.mets_alto.issue import PAGES_GONE, Issue, Opened, in_order
from biglam_pipeline.normalize.formats.mets_alto.issues import group_issues
from biglam_pipeline.normalize.formats.mets_alto.outline import METS, is_media, outline_of, root_of
from biglam_pipeline.normalize.formats.mets_alto.page_file import PageFile
from biglam_pipeline.normalize.formats.mets_alto.page_rows import cut_page
from biglam_pipeline.normalize.mapping.paths import PathLanguage, XPath
from biglam_pipeline.normalize.reader import LooksInside
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.records import Bundle, Item, Record, Reject, Unmapped
from biglam_pipeline.settings import Accounts


class MetsAlto(LooksInside):
    """An article, a page or an issue is a row; a PATH is XPath 1.0 from its division in METS, or from the page."""

    type: Literal["mets_alto"] = "mets_alto"
    """Digitised print: METS and ALTO."""
    rows: Literal["article", "page", "issue"] = "page"
    """What one row is; articles and issues need a METS beside the pages."""
    dehyphenate: bool = True
    """Whether words broken at a line end are made whole; `no` keeps the lines as printed."""

    accounts: ClassVar[Accounts] = Accounts(
        "pages that became rows, rejects, or are counted with their words (articles, further groups of the same pages)",
        "files whose first element is ALTO and that a physical division points to, by expat, of one issue in ten, and "
        "of every page without METS; not of articles. `String` elements and their words, counted by expat (tests)",
        "a page that no row used is a reject, a page that is named and not there makes its article a reject",
    )
    extensions: ClassVar[tuple[str, ...]] = (".xml", ".alto", ".mets", ".xml.gz", ".alto.gz", ".mets.gz")
    version: ClassVar[int] = 7
    path_language: ClassVar[PathLanguage] = XPath()
    default_modality: ClassVar[Modality] = "text"
    record_format: ClassVar[str] = "alto"
    blanks: ClassVar[bool] = True
    overlaps: ClassVar[bool] = True
    called: ClassVar[tuple[str, ...]] = ("alto", "mets", "mets/alto", "metsalto", "alto_xml", "mets_xml")

    @model_validator(mode="after")
    def _text_only(self) -> "MetsAlto":
        if self.modality not in (None, "text"):
            raise ValueError(f"`mets_alto` reads text; modality {self.modality} needs another reader")
        return self

    def may_read(self, name: str) -> bool:
        """See LooksInside: anything but pictures, sound and the like."""
        return self.reads(name) or not is_media(name)

    def outline(self, item: Item) -> tuple[str, ...] | None:
        """See LooksInside: the files that a METS names; none of an ALTO page."""
        return outline_of(item)

    def bundles(self, names: Sequence[str]) -> dict[str, list[str]]:
        """By names alone nothing can be told apart: one bundle, in which each METS finds its pages."""
        chosen = self._chosen(names)
        return self.with_pictures({posixpath.commonpath(chosen) or "files": chosen} if chosen else {}, names)

    def gather(
        self, names: Sequence[str], outlines: Mapping[str, tuple[str, ...]], urls: Mapping[str, str]
    ) -> dict[str, list[str]]:
        """A METS with the files that it names; a page without METS alone."""
        chosen = set(self._chosen(names)) | (set(outlines) if self.files is None else set())
        pointing = {name: hrefs for name, hrefs in outlines.items() if hrefs and name in chosen}
        return self.with_pictures(group_issues(sorted(chosen), pointing, urls), names)

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes]]:
        """Words are emptied where they stand, so that the rest of the issue can be read as before."""
        return dict(blank_records(self.rows, bundle, records))

    def remember(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, dict[str, Any]]:
        """Which pages are emptied, and which articles of a METS are gone: neither is one that is missing."""
        return note_gone(self.rows, bundle, records)

    def streams(self, bundle: Bundle) -> Iterator[tuple[Item, Iterable[Found]]]:
        """METS by METS with the pages that it names, those of fewest pages first; then what no METS names."""
        opened, issues, named = Opened(), list[Issue](), set[str]()
        for item in bundle.items:
            if root_of(item) != METS:
                continue
            named.add(item.name)
            try:
                issues.append(Issue(bundle, item, opened, dehyphenate=self.dehyphenate))
            except Unreadable as trouble:
                yield item, [Reject(trouble.reason, trouble.detail, item.name, trouble.position)]
        for issue in in_order(issues):
            yield issue.item, issue.cut(self.rows)
            named.update(place for place in issue.texts.places.values() if place is not None)
        for item in bundle.items:
            if item.name not in named:
                yield item, self.cut(item)

    def expected(self, bundle: Bundle) -> int | None:
        """The pages: see `counting`. None of articles: which divisions are articles, and which stand in two METS, is a
        matter of rules; their pages are counted with the words that no article has.
        """
        return expected_pages(bundle) if self.rows == "page" else None

    def cut(self, item: Item) -> Iterator[Found]:
        """A page without METS. XML of another kind beside it is counted, not rejected: Delpher sends the text twice."""
        file = PageFile(item)
        if file.trouble is not None:
            yield file.reject()
        elif file.emptied:
            yield Unmapped(0, {PAGES_GONE: 1})
        elif file.page is None:
            yield Unmapped(0, {"XML files that are neither METS nor ALTO": 1})
        elif self.rows != "page":
            detail = f"no METS names this page, so its {self.rows} is not known; read pages, or harvest the METS"
            yield Reject("mets_missing", detail, item.name, "")
        else:
            path = re.sub(r"\.xml(?:\.gz)?$", "", item.name, flags=re.IGNORECASE)
            yield cut_page(file, path, {"parent_id": posixpath.dirname(path) or None}, dehyphenate=self.dehyphenate)
