"""Reads issues as libraries deliver them: a container that says what they are made of, and ALTO pages."""

import posixpath
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar

import pyarrow as pa
from pydantic import model_validator

from biglam_pipeline.columns import LAYOUT, Modality
from biglam_pipeline.normalize.cut import Found
from biglam_pipeline.normalize.deliveries.answers import Answers
from biglam_pipeline.normalize.deliveries.blanking import blank_records, note_gone
from biglam_pipeline.normalize.deliveries.counting import (
    expected_articles,
    expected_issues,
    expected_pages,
    expected_pieces,
)
from biglam_pipeline.normalize.deliveries.issue import Issue, in_order
from biglam_pipeline.normalize.deliveries.issues import group_issues
from biglam_pipeline.normalize.deliveries.opened import Opened
from biglam_pipeline.normalize.deliveries.outline import is_answer, is_media, outline_of, root_of
from biglam_pipeline.normalize.deliveries.page_file import PAGES_GONE, PageFile
from biglam_pipeline.normalize.deliveries.page_rows import ELEMENTS, Beside, Unit, Ways, cut_file
from biglam_pipeline.normalize.mapping.paths import PathLanguage, XPath
from biglam_pipeline.normalize.printed.boxes import FACTS as BOX
from biglam_pipeline.normalize.printed.layout import LAYOUT_TYPE
from biglam_pipeline.normalize.printed.words import SPREAD
from biglam_pipeline.normalize.reader import LooksInside
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.records import Bundle, Item, Record, Reject, Unmapped
from biglam_pipeline.settings import Misplaced


class Delivered(LooksInside):
    """Reads what a library delivers of an issue. Its format says what the container is."""

    rows: Unit = "page"
    """What one row is; articles and issues need METS or DIDL beside the pages. Of blocks and lines those with text."""
    dehyphenate: bool = True
    """Whether words broken at a line end are made whole; `no` keeps the lines as printed. A row of one line is."""
    layout: bool = False
    """Whether rows have the boxes of their blocks and lines, in the column `layout`; of pages, blocks and lines."""
    word_confidence: bool = False
    """Whether rows say how the confidence of their words is spread, beside its mean: `ocr_confidence_sd` and
    `ocr_confidence_low`, the share below 0.5."""

    tells_origin: ClassVar[bool] = True
    extensions: ClassVar[tuple[str, ...]] = (".xml", ".alto", ".mets", ".xml.gz", ".alto.gz", ".mets.gz")
    path_language: ClassVar[PathLanguage] = XPath()
    default_modality: ClassVar[Modality] = "text"
    record_format: ClassVar[str] = "alto"
    blanks: ClassVar[bool] = True
    overlaps: ClassVar[bool] = True
    own_facts: ClassVar[tuple[str, ...]] = ("page", "block", "block_type", "line", *BOX)
    container: ClassVar[str]
    """The root, in small letters, of the files that say what an issue is made of."""

    @model_validator(mode="after")
    def _text_only(self) -> "Delivered":
        if self.modality not in (None, "text"):
            raise ValueError(f"`{self.type}` reads text; modality {self.modality} needs another reader")
        if self.layout and self.rows in ("article", "issue"):
            raise ValueError(f"`layout` is of one page; a row of rows: {self.rows} may stand on several")
        taken = [name for name in self._own_columns if name in self.map.extra]
        if taken:
            raise Misplaced(
                *(
                    (("map", "extra", name), f"the reader fills `{name}` itself; give yours another name")
                    for name in taken
                )
            )
        return self

    @property
    def _own_columns(self) -> dict[str, pa.DataType]:
        """The source's own columns that the reader fills."""
        return {
            **({"block_type": pa.string()} if self.rows in ELEMENTS else {}),
            **(dict.fromkeys(SPREAD, pa.float32()) if self.word_confidence else {}),
            **({LAYOUT: LAYOUT_TYPE} if self.layout else {}),
        }

    @property
    def extras(self) -> dict[str, pa.DataType]:
        """See Block: and what is asked for beside the text."""
        return {**self._own_columns, **super().extras}

    @property
    def _ways(self) -> Ways:
        return Ways(self.container, self.rows, self.dehyphenate, self.layout, self.word_confidence)

    @property
    def _called(self) -> str:
        return self.container.upper()

    def may_read(self, name: str) -> bool:
        """See LooksInside: anything but pictures, sound and the like."""
        return self.reads(name) or not is_media(name)

    def outline(self, item: Item) -> tuple[str, ...] | None:
        """See LooksInside: the files that a METS names; none of an ALTO page."""
        return outline_of(item, self.container)

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
        if self._is_answer(bundle):
            return {name: left or () for name, left in self._answers.blank(bundle, records).items()}
        return dict(blank_records(self._ways, bundle, records))

    def remember(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, dict[str, Any]]:
        """Which pages are emptied, and which articles of a METS are gone: neither is one that is missing."""
        if self._is_answer(bundle):
            return self._answers.remember(bundle, records)
        return note_gone(self._ways, bundle, records)

    def streams(self, bundle: Bundle) -> Iterator[tuple[Item, Iterable[Found]]]:
        """METS by METS with the pages that it names, those of fewest pages first; then what no METS names."""
        opened, issues, named = Opened(), list[Issue](), set[str]()
        for item in bundle.items:
            if root_of(item) != self.container:
                continue
            named.add(item.name)
            try:
                issues.append(Issue(bundle, item, opened, self._ways))
            except Unreadable as trouble:
                yield item, [Reject(trouble.reason, trouble.detail, item.name, trouble.position)]
        for issue in in_order(issues, self.rows):
            yield issue.item, issue.cut()
            named.update(place for place in issue.texts.places.values() if place is not None)
        for item in bundle.items:
            if item.name not in named:
                yield item, self.cut(item)

    def expected(self, bundle: Bundle) -> int | None:
        """Pages, blocks, lines, issues or articles: see `counting` and `counting_articles`."""
        if self._is_answer(bundle):
            return self._answers.expected(bundle) if self.rows == "issue" else len(bundle.items)
        if self.rows == "page":
            return expected_pages(bundle, self.container)
        if self.rows == "issue":
            return expected_issues(bundle, self.container)
        if self.rows == "article":
            return expected_articles(bundle, self.container)
        return expected_pieces(bundle, self.container, ELEMENTS[self.rows])

    @property
    def _answers(self) -> Answers:
        return Answers(has_text="text" in self.map.values)

    def _is_answer(self, bundle: Bundle) -> bool:
        return len(bundle.items) == 1 and is_answer(root_of(bundle.items[0]), self.container)

    def cut(self, item: Item) -> Iterator[Found]:
        """A page without METS. XML of another kind beside it is counted, not rejected: Delpher sends the text twice."""
        if is_answer(root_of(item), self.container):
            yield from self._answer(item)
            return
        file = PageFile(item)
        if file.trouble is not None:
            yield file.reject()
        elif file.emptied:
            yield Unmapped(0, {PAGES_GONE: 1})
        elif file.page is None and file.name == "OAI-PMH":
            detail = "it is an answer of OAI-PMH, which brings no pages; harvest the files that its records name"
            yield Reject("answer_of_oai", detail, item.name, "")
        elif file.page is None:
            yield Unmapped(0, {f"XML files that are neither {self._called} nor ALTO": 1})
        elif self.rows in ("article", "issue"):
            called = self._called
            detail = (
                f"no {called} names this page, so its {self.rows} is not known; read pages, or harvest the {called}"
            )
            yield Reject(f"{self.container}_missing", detail, item.name, "")
        else:
            path = re.sub(r"\.xml(?:\.gz)?$", "", item.name, flags=re.IGNORECASE)
            around = {"parent_id": path if file.several else posixpath.dirname(path) or None}
            yield from cut_file(file, path, around, self._ways, Beside)

    def _answer(self, item: Item) -> Iterator[Found]:
        if self.rows == "issue":
            yield from self._answers.cut(item)
            return
        detail = (
            f"an answer of OAI-PMH brings issues, no {self.rows}s: write rows: issue, or harvest files of DIDL and ALTO"
        )
        yield Reject("answer_of_oai", detail, item.name, "")
