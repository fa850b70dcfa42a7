"""Reads digitised print: articles, pages or issues out of METS and ALTO.

METS: https://www.loc.gov/standards/mets/ ; ALTO: https://www.loc.gov/standards/alto/
"""

import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, ClassVar, Literal

from pydantic import model_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.mets_alto.alto import (
    Element,
    Page,
    Word,
    is_alto,
    languages_of,
    mean_confidence,
    read_page,
)
from biglam_pipeline.normalize.mets_alto.blanking import blank_records
from biglam_pipeline.normalize.mets_alto.issues import group_issues, is_mets_name, issue_name, resolve
from biglam_pipeline.normalize.mets_alto.mets import Article, Mets, read_mets
from biglam_pipeline.normalize.mets_alto.running_text import running_text
from biglam_pipeline.normalize.paths import PathLanguage, Scene, XPath
from biglam_pipeline.normalize.reader import Reader, RowMaker
from biglam_pipeline.parsing.inflate import Unreadable, read_whole
from biglam_pipeline.parsing.wellformed import local, read_xml
from biglam_pipeline.records import Bundle, Item, Read, Record, Reject, Unmapped

_TRANSFORMS = ["alto-text/1", "dehyphenated/1"]
_LISTS = {"title_alt", "publication_place", "languages", "creators", "rights_raw", "identifiers", "date_raw"}


class MetsAlto(Reader):
    """An article, a page or an issue is a row; a PATH is XPath 1.0 from its division in METS, or from the page."""

    type: Literal["mets_alto"] = "mets_alto"
    """Digitised print: METS and ALTO."""
    rows: Literal["article", "page", "issue"] = "page"
    """What one row is; articles and issues need a METS beside the pages."""

    extensions: ClassVar[tuple[str, ...]] = (".xml",)
    version: ClassVar[int] = 1
    path_language: ClassVar[PathLanguage] = XPath()
    default_modality: ClassVar[Modality] = "text"
    record_format: ClassVar[str] = "alto"

    @model_validator(mode="after")
    def _text_only(self) -> "MetsAlto":
        if self.modality not in (None, "text"):
            raise ValueError(f"`mets_alto` reads text; modality {self.modality} needs another reader")
        return self

    def bundles(self, names: Sequence[str]) -> dict[str, list[str]]:
        """A METS with its pages; a page without METS alone."""
        return group_issues(self._chosen(names))

    def redact(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """Words are emptied where they stand, so that the rest of the issue can be read as before."""
        return dict(blank_records(self.rows, bundle, records))

    def _read(self, bundle: Bundle, rows: RowMaker) -> Iterator[Read]:
        described = [item for item in bundle.items if is_mets_name(item.name)]
        for mets in described:
            yield from _Issue(self, bundle, rows, mets).read()
        if not described:
            for item in bundle.items:
                yield from _read_alone(self, item, rows)


class _File:
    """One ALTO page: read, or why not."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.page: Page | None = None
        self.root: Element | None = None
        self.trouble: Unreadable | None = None
        self.problems: tuple[str, ...] = ()
        try:
            document = read_xml(read_whole(item))
        except Unreadable as trouble:
            self.trouble = trouble
            return
        self.root = document.root
        self.problems = tuple(f"xml: {repair}" for repair in document.repairs)
        if is_alto(document.root):
            self.page = read_page(document.root)

    def reject(self) -> Reject:
        """Why there is no page."""
        if self.trouble is not None:
            return Reject(self.trouble.reason, self.trouble.detail, self.item.name, self.trouble.position)
        name = local(self.root) if self.root is not None else ""
        return Reject("not_alto", f"its root is <{name}>; METS calls it a page", self.item.name, "")


def _read_alone(reader: MetsAlto, item: Item, rows: RowMaker) -> Iterator[Read]:
    """A page without METS. XML of another kind beside it is told, not rejected: Delpher sends the text twice."""
    file = _File(item)
    if file.trouble is not None:
        yield file.reject()
    elif file.page is None:
        yield Unmapped(0, {"XML files that are neither METS nor ALTO": 1})
    elif reader.rows != "page":
        detail = (
            f"there is no METS beside this page, so its {reader.rows} is not known; read pages, or harvest the METS"
        )
        yield Reject("mets_missing", detail, item.name, "")
    else:
        path = posixpath.splitext(item.name)[0]
        own = {"parent_id": posixpath.dirname(path) or None}
        yield from _page_row(reader, rows, file, path, own)
        yield Unmapped(1, {}, 0)


def _page_row(reader: MetsAlto, rows: RowMaker, file: _File, identifier: str, own: dict[str, Any]) -> Iterator[Read]:
    assert file.page is not None
    words = file.page.in_reading_order()
    columns = {**own, **_of_words(words, file.page.engine, "page")}
    known = {name: value for name, value in columns.items() if value is not None}
    yield from rows.make(
        Scene(file.root, reader.facts(file.item), known),
        identifier,
        item=file.item.name,
        position="",
        problems=file.problems,
        transforms=_TRANSFORMS,
    )


def _of_words(words: list[Word], engine: str, unit: str) -> dict[str, Any]:
    columns: dict[str, Any] = {
        "text": running_text(words),
        "text_unit": unit,
        "text_origin": "ocr",
        "ocr_confidence": mean_confidence(words),
    }
    languages = languages_of(words)
    return {**columns, **({"ocr_engine": engine} if engine else {}), **({"languages": languages} if languages else {})}


class _Issue:
    """One METS and its pages on their way through the reader."""

    def __init__(self, reader: MetsAlto, bundle: Bundle, rows: RowMaker, item: Item) -> None:
        self._reader = reader
        self._items = {one.name: one for one in bundle.items}
        self._rows = rows
        self._item = item
        self._name = issue_name(item.name)
        self._files: dict[str, _File] = {}
        self._places: dict[str, str | None] = {}

    def read(self) -> Iterator[Read]:
        document = read_xml(read_whole(self._item))
        if local(document.root) != "mets":
            raise Unreadable("not_mets", f"its name says METS, its root is <{local(document.root)}>")
        mets = read_mets(document.root)
        self._places = {file: resolve(href, self._item.name, self._items) for file, href in mets.files.items()}
        for file in mets.pages:
            yield from self._broken(file, mets.files[file])
        left_out = self._rows.left_out
        problems = tuple(f"xml: {repair}" for repair in document.repairs)
        rows = {"article": self._articles, "page": self._pages, "issue": self._whole}[self._reader.rows]
        count = 0
        for found in rows(mets, problems):
            count += 1
            yield found
        outside = self._outside(mets) if self._reader.rows == "article" else 0
        yield Unmapped(count, {"words in no article": outside} if outside else {}, self._rows.left_out - left_out)

    def _broken(self, file: str, href: str) -> Iterator[Reject]:
        name = self._places[file]
        if name is None:
            detail = (
                f"METS names {href!r} ({file}), which is not among the files of this issue; harvest it, or ask for it"
            )
            yield Reject("page_missing", detail, self._item.name, file)
            return
        page = self._file(name)
        if page.page is None:
            yield page.reject()

    def _file(self, name: str) -> _File:
        if name not in self._files:
            self._files[name] = _File(self._items[name])
        return self._files[name]

    def _page(self, file: str) -> Page | None:
        name = self._places.get(file)
        return self._file(name).page if name else None

    def _described(self, mets: Mets) -> dict[str, Any]:
        columns = _as_columns(mets.columns)
        if mets.object_id:
            columns["identifiers"] = [*columns.get("identifiers", []), mets.object_id]
            if mets.object_id.startswith(("http://", "https://")):
                columns["source_url"] = mets.object_id
        return columns

    def _pages(self, mets: Mets, problems: tuple[str, ...]) -> Iterator[Read]:
        described = self._described(mets)
        for number, file in enumerate(mets.pages, 1):
            name = self._places[file]
            if name is None or self._file(name).page is None:
                continue
            own = {**described, "parent_id": self._name, "seq": number}
            stem = posixpath.splitext(posixpath.basename(name))[0]
            yield from _page_row(self._reader, self._rows, self._file(name), f"{self._name}/{stem}", own)

    def _whole(self, mets: Mets, problems: tuple[str, ...]) -> Iterator[Read]:
        pages = [self._page(file) for file in mets.pages]
        if None in pages or not pages:
            detail = "a page of it is missing or broken, so its text would not be whole"
            yield Reject("page_missing", detail, self._item.name, self._name)
            return
        read = [page for page in pages if page is not None]
        words = [word for page in read for word in page.in_reading_order()]
        columns = {**self._described(mets), **_of_words(words, read[0].engine, "issue")}
        yield from self._make(mets.root, columns, self._name, "", problems)

    def _articles(self, mets: Mets, problems: tuple[str, ...]) -> Iterator[Read]:
        if not mets.articles:
            detail = "its logical structure names no article; read pages instead (rows: page)"
            yield Reject("articles_missing", detail, self._item.name, "")
        described = self._described(mets)
        described = {name: value for name, value in described.items() if name not in ("identifiers", "title_alt")}
        title = described.pop("title", None)
        for number, article in enumerate(mets.articles, 1):
            words, engine, reject = self._words(article)
            if reject is not None:
                yield reject
                continue
            found = _of_words(words, engine, "article")
            own = {**described, **found, **_as_columns(article.columns)}
            own |= {"collection": title, "parent_id": self._name, "seq": number, "genres": [article.type]}
            if article.label:
                own.setdefault("title", article.label)
            identifier = f"{self._name}/{article.id}" if article.id else ""
            yield from self._make(article.element, own, identifier, article.id, problems)
            problems = ()

    def _words(self, article: Article) -> tuple[list[Word], str, Reject | None]:
        """The words of all areas; a Reject where one of them cannot be had."""
        words: list[Word] = []
        engine = ""
        for area in article.areas:
            page = self._page(area.file)
            if page is None:
                detail = f"it stands on a page that is missing or broken ({area.file})"
                return [], "", Reject("page_missing", detail, self._item.name, article.id)
            found = page.cut(area.begin, area.end)
            if found is None:
                detail = (
                    f"{area.file} has no element {area.begin!r} to {area.end or area.begin!r}; METS and ALTO disagree"
                )
                return [], "", Reject("block_missing", detail, self._item.name, article.id)
            words += found
            engine = engine or page.engine
        return words, engine, None

    def _make(
        self, element: Element, columns: dict[str, Any], identifier: str, position: str, problems: tuple[str, ...]
    ) -> Iterator[Read]:
        known = {name: value for name, value in columns.items() if value is not None}
        yield from self._rows.make(
            Scene(element, self._reader.facts(self._item), known),
            identifier,
            item=self._item.name,
            position=position,
            problems=problems,
            transforms=_TRANSFORMS,
        )

    def _outside(self, mets: Mets) -> int:
        """Words that no article claims: mastheads, headings of sections, what METS forgot."""
        claimed: set[int] = set()
        for article in mets.articles:
            for area in article.areas:
                page = self._page(area.file)
                claimed.update(map(id, (page.cut(area.begin, area.end) if page else None) or ()))
        pages = [page for file in mets.pages if (page := self._page(file)) is not None]
        return sum(id(word) not in claimed for page in pages for word in page.words)


def _as_columns(found: dict[str, list[str]]) -> dict[str, Any]:
    return {name: values if name in _LISTS else values[0] for name, values in found.items()}
