"""One METS and its pages on their way to rows: of every page that it names, a row, a reject or a count."""

import posixpath
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, partial
from typing import Any

from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.deliveries.containers import READ
from biglam_pipeline.normalize.deliveries.issues import issue_name, stem_of
from biglam_pipeline.normalize.deliveries.measures import kinds_in, scans_in
from biglam_pipeline.normalize.deliveries.mets import Area, Article, Mets, as_columns, is_article
from biglam_pipeline.normalize.deliveries.opened import Opened
from biglam_pipeline.normalize.deliveries.page_file import PAGES_GONE, gone_from
from biglam_pipeline.normalize.deliveries.page_rows import READ as READ_TEXT
from biglam_pipeline.normalize.deliveries.page_rows import Beside, Unit, Ways, cut_file
from biglam_pipeline.normalize.deliveries.physical import Placed, place_pages
from biglam_pipeline.normalize.deliveries.texts import FORMS, Texts
from biglam_pipeline.normalize.printed.rows import Printed, cut_words
from biglam_pipeline.normalize.printed.words import Word
from biglam_pipeline.normalize.rows.rights_of import OF_OBJECT, add_statements, mets_rights, with_statements
from biglam_pipeline.parsing.inflate import read_whole
from biglam_pipeline.parsing.xml.reading import read_xml
from biglam_pipeline.place import Place
from biglam_pipeline.records import Bundle, Item, Reject, Unmapped

_TWICE = "pages that stand in another {} too"
_ARTICLES_TWICE = "articles that stand in another {} too"
_SHARED = "words in more than one article"
_HOLDERS = "articles that only hold articles"
_ARTICLES_GONE = "articles that were taken down, or of which a page was"


class Issue:
    """Reads one METS of a bundle."""

    def __init__(self, bundle: Bundle, item: Item, opened: Opened, ways: Ways) -> None:
        """Unreadable where the METS is not."""
        document = read_xml(read_whole(item), item.media_type)
        self._problems = tuple(f"xml: {repair}" for repair in document.repairs)
        self.item, self._opened, self._ways = item, opened, ways
        self._name, self._gone = issue_name(item.name), gone_from(item)
        self.mets: Mets = READ[ways.container](document.root)
        self.texts = Texts(self.mets, item.name, {one.name: one for one in bundle.items}, opened.files)
        self.placed: Placed = place_pages(self.mets, self.texts.meanings, self.texts.expected, self.texts.perhaps)
        self._reported = self.texts.reported(self.placed.pages)
        self._hear_rights()

    @property
    def size(self) -> int:
        """How many pages it has."""
        return len(self.placed.pages)

    def cut(self) -> Iterator[Found]:
        """Its records, what is wrong with it, and what is only counted."""
        unit = self._ways.rows
        others: dict[Unit, Callable[[], Iterator[Found]]] = {"article": self._articles, "issue": self._whole}
        rows = others.get(unit, self._pages)
        for forms in self.placed.pages:
            if self.texts.is_gone(forms):
                self._reported[PAGES_GONE] += 1
            elif self.texts.readable(forms) is None:
                yield self.texts.reject(forms)
        for names in self.placed.unlisted:
            detail = (
                "a division of its physical structure points to files that METS does not list; ask for a whole METS"
            )
            yield Reject("page_missing", f"{detail} ({', '.join(names)})", self.item.name, names[0])
        yield from self._unplaced(unit)
        yield from rows()
        yield Unmapped(0, {name: n for name, n in self._reported.items() if n})

    # --- what no division places ------------------------------------------------------------------------

    def _unplaced(self, unit: str) -> Iterator[Reject]:
        for name in self.placed.unplaced:
            page = self.texts.page(name)
            if self.texts.is_emptied(name):
                self._reported[PAGES_GONE] += 1
            elif page is None:
                yield self.texts.reject((name,))
            elif self.texts.twin(name, self.placed.pages) is not None:
                self._reported[FORMS] += 1
            elif unit != "article":
                detail = (
                    f"{self.mets.called} lists this page ({name}), but no division of its physical structure points to "
                    "it, so that nobody knows where it belongs; tell the institution, or read the pages without their "
                    f"{self.mets.called}"
                )
                yield Reject("page_unused", detail, self.texts.places[name] or self.item.name, name)

    # --- what is said of the issue ----------------------------------------------------------------------

    def _described(self) -> dict[str, Any]:
        columns = as_columns(self.mets.columns)
        columns[OF_OBJECT] = add_statements(columns.get(OF_OBJECT), mets_rights(self.mets.root))
        if self.mets.object_id:
            columns["identifiers"] = [*columns.get("identifiers", []), self.mets.object_id]
            if self.mets.object_id.startswith(("http://", "https://")):
                columns["source_url"] = self.mets.object_id
        return columns

    def _hear_rights(self) -> None:
        everywhere = set(self.texts.places.values())
        described = self._described()
        for place in everywhere:
            self._opened.hear(place, None, described)
        articles = len(self.mets.articles)
        for number, part in enumerate((*self.mets.articles, *self.mets.parts)):
            said = as_columns(part.columns)
            for area in part.areas:
                begin = None if area.whole and number >= articles else area.begin  # of a page, so of what is on it
                self._opened.hear(self.texts.places.get(area.file), begin, said)
            if not part.areas and not any(is_article(one) for one in part.element.iterdescendants("{*}div")):
                for place in everywhere:  # it says not where it stands
                    self._opened.hear(place, None, said)

    # --- pages ------------------------------------------------------------------------------------------

    def _pages(self) -> Iterator[Found]:
        described, names, number = self._described(), self._page_names(), 0
        for forms in self.placed.pages:
            number += 1
            name, readable = self.texts.first(forms), self.texts.readable(forms)
            place = self.texts.places.get(name) if name is not None else None
            if readable is None or place is None:
                continue
            if place in self._opened.rows:
                self._reported[_TWICE.format(self.mets.called)] += 1
                continue
            self._opened.rows.add(place)
            file = self.texts.file(readable)
            assert file is not None
            own = {**self._with_parts(described, forms), "parent_id": self._name, "seq": number}
            yield from cut_file(file, f"{self._name}/{names[place]}", own, self._ways, partial(self._beside, forms))
            number += max(file.several - 1, 0)
        if not self.placed.pages and not self.placed.unplaced:
            self._reported[f"{self.mets.called} that name no page in ALTO"] += 1

    def _beside(self, forms: tuple[str, ...]) -> Beside:
        kinds = {name: kind for one in forms for name, kind in self._kinds.get(one, {}).items()}
        return Beside(kinds, next((self._scans[one] for one in forms if one in self._scans), None))

    @cached_property
    def _kinds(self) -> dict[str, dict[str, str]]:
        return kinds_in(self.mets)

    @cached_property
    def _scans(self) -> dict[str, tuple[int, int]]:
        return scans_in(self.mets)

    def _with_parts(self, described: dict[str, Any], files: Iterable[str]) -> dict[str, Any]:
        """The same, with what is said of the rights of what stands on these files: its words are part of the row."""
        for name in files:
            described = self._opened.with_rights(described, self.texts.places.get(name))
        return described

    def _page_names(self) -> dict[str, str]:
        """File -> what its page is called: its name, or its path where the issue has two files of one name.

        A delivery may call every page `alto.xml`, in a folder for each.
        """
        folder = posixpath.dirname(self.item.name) or "."
        paths: dict[str, str] = {}
        for forms in self.placed.pages:  # also pages that are not here: the others are to keep their names
            name = self.texts.first(forms) or forms[0]
            href = next(iter(self.mets.files[name].hrefs), name).replace("\\", "/")
            place = self.texts.places[name] or posixpath.join(folder, href)
            paths[place] = posixpath.relpath(place, folder)
        ways = [
            {place: stem_of(posixpath.basename(path)) for place, path in paths.items()},
            {place: stem_of(path) for place, path in paths.items()},
            paths,
        ]
        times = [Counter(way.values()) for way in ways]
        return {
            place: next((way[place] for way, count in zip(ways, times, strict=True) if count[way[place]] == 1), place)
            for place in paths
        }

    # --- the whole --------------------------------------------------------------------------------------

    def _whole(self) -> Iterator[Cut | Reject]:
        left = [forms for forms in self.placed.pages if not self.texts.is_gone(forms)]
        if self.placed.pages and not left:
            return
        names = [self.texts.readable(forms) for forms in left]
        pages = [self.texts.page(name) for name in names if name is not None]
        read = [page for page in pages if page is not None]
        if len(read) < len(names) or not read or self.placed.unlisted:
            detail = "a page of it is missing or broken, so its text would not be whole"
            if not names:
                detail = "its physical structure places no page in ALTO; harvest the pages, or read another unit"
            yield Reject("page_missing", detail, self.item.name, self._name)
            return
        places = {place for name in names if name is not None and (place := self.texts.places[name]) is not None}
        self._reported[_TWICE.format(self.mets.called)] += len(places & self._opened.rows)
        if places <= self._opened.rows:
            return
        self._opened.rows |= places
        words = [word for page in read for word in page.in_reading_order()]
        printed = Printed(
            *(self.item, self.mets.root, words, read[0].engine, "issue", self._name, READ_TEXT),
            problems=self._problems,
            spread=self._ways.spread,
        )
        described = self._with_parts(self._described(), tuple(self.mets.files))
        yield cut_words(printed, described, {}, dehyphenate=self._ways.dehyphenate)

    # --- articles ---------------------------------------------------------------------------------------

    def _articles(self) -> Iterator[Cut | Reject]:
        places = {self.texts.places.get(name) for forms in self.placed.pages for name in forms[:1]} - {None}
        if not self.mets.articles and places and places <= self._opened.rows:
            self._reported[_TWICE.format(self.mets.called)] += len(places)  # a reel, or a volume, beside its issues
            return
        if not self.mets.articles:
            detail = "its logical structure names no article; read pages instead (rows: page)"
            yield Reject("articles_missing", detail, self.item.name, "")
        described = self._described()
        described = {name: value for name, value in described.items() if name not in ("identifiers", "title_alt")}
        title = described.pop("title", None)
        before = set(self._opened.spots)
        for number, article in enumerate(self.mets.articles, 1):
            spots = self._spots(article)
            if spots and spots <= before:
                self._reported[_ARTICLES_TWICE.format(self.mets.called)] += 1
                continue
            if self._is_gone(number, article):
                self._opened.spots |= spots
                self._reported[_ARTICLES_GONE] += 1
                continue
            if not article.areas and any(is_article(one) for one in article.element.iterdescendants("{*}div")):
                self._reported[_HOLDERS] += 1
                continue
            words, engine, reject = self._words(article)
            if reject is not None:
                yield reject
                continue
            self._opened.spots |= spots
            around = {**described, "collection": title, "parent_id": self._name, "seq": number}
            own = {**({"title": article.label} if article.label else {}), **as_columns(article.columns)}
            own = with_statements(own, described)
            for area in article.areas:
                own = self._opened.with_rights(own, self.texts.places.get(area.file), None, area.begin)
            name = f"{self._name}/{article.id}" if article.id else ""
            problems, self._problems = self._problems, ()
            place = Place("article", number, article.id)
            printed = Printed(
                *(self.item, article.element, words, engine, "article", name, READ_TEXT, place, problems),
                spread=self._ways.spread,
            )
            yield cut_words(printed, around, {**own, "genres": [article.type]}, dehyphenate=self._ways.dehyphenate)
        self._report_outside()

    def _is_gone(self, number: int, article: Article) -> bool:
        """Whether a takedown took the article, or a page that a part of it stands on: half of one is not published."""
        if number in self._gone:
            return True
        files = [(area, self.texts.file(area.file)) for area in self.areas(article)]
        return any(file is not None and (file.emptied or file.has_gone(area.begin, area.end)) for area, file in files)

    def areas(self, article: Article) -> list[Area]:
        """Its areas, without those on another form of a page that it has, and without pictures."""
        first = {name: forms[0] for forms in self.placed.pages for name in forms}
        named = {area.file for area in article.areas}
        return [
            area
            for area in article.areas
            if not self.texts.is_other(area.file) and first.get(area.file, area.file) not in named - {area.file}
        ]

    def _spots(self, article: Article) -> set[tuple[str | None, str, str]]:
        """Where an article stands that has a row: file, first and last element."""
        return {(self.texts.places.get(area.file), area.begin, area.end) for area in self.areas(article)}

    def _words(self, article: Article) -> tuple[list[Word], str, Reject | None]:
        """The words of all areas, each once though two areas may name it; a Reject where an area cannot be had, by
        whatever way it was named.
        """
        words: list[Word] = []
        engine = ""
        if not article.areas:
            called = self.mets.called
            why = "does not say where it stands: it has no area, and no link to a page; ask for a whole"
            return [], "", Reject("place_missing", f"{called} {why} {called}", self.item.name, article.id)
        for area in self.areas(article):
            page = self.texts.page(area.file)
            if page is None:
                listed = area.file in self.mets.files
                why = "that is missing or broken" if listed else f"that {self.mets.called} does not list"
                detail = f"a part of it stands on a page {why} ({area.file or 'no FILEID'})"
                return [], "", Reject("page_missing", detail, self.item.name, article.id)
            found = None if area.coordinates else page.cut(area.begin, area.end)
            if found is None:
                reported = "a place that no element names" if area.coordinates else f"no element {_span(area)}"
                reported = f"several elements {area.begin!r}" if area.begin in page.repeated else reported
                detail = f"{area.file} has {reported}; {self.mets.called} and ALTO disagree"
                return [], "", Reject("block_missing", detail, self.item.name, article.id)
            words += found
            engine = engine or page.engine
        return list({id(word): word for word in words}.values()), engine, None

    def _report_outside(self) -> None:
        """Words that no article claims: mastheads, headings of sections, what METS forgot, and pages as a whole."""
        before, claimed = set(self._opened.claimed), self._opened.claimed
        used: set[str] = set()
        for article in self.mets.articles:
            own: set[int] = set()
            for area in self.areas(article):
                page = self.texts.page(area.file)
                if page is not None:
                    used.add(area.file)
                    own.update(map(id, ([] if area.coordinates else page.cut(area.begin, area.end)) or ()))
            self._reported[_SHARED] += len((own & claimed) - before)
            claimed |= own
        pages = [*self.placed.pages, *((name,) for name in self.placed.unplaced)]
        for forms in pages:
            name = next((name for name in forms if name in used), None) or self.texts.readable(forms)
            page = self.texts.page(name) if name is not None else None
            if page is None or (
                forms[0] in self.placed.unplaced and self.texts.twin(forms[0], self.placed.pages) is not None
            ):
                continue
            place = self.texts.places[name or forms[0]]
            if place is not None and place in self._opened.rows:
                continue  # another METS has told of it
            self._opened.rows |= {place} if place is not None else set()
            self._reported["words in no article"] += sum(id(word) not in claimed for word in page.words)
            self._reported["pages that no article uses"] += name not in used


def _span(area: Area) -> str:
    return f"{area.begin!r} to {area.end or area.begin!r}"


def in_order(issues: Iterable[Issue], unit: Unit) -> list[Issue]:
    """The METS of fewest pages first: an issue before the reel or the volume that names its pages too. For articles
    those come first that name some: the BnF has two METS of an issue, a manifest of its files and a table of contents.
    """
    return sorted(issues, key=lambda issue: (unit == "article" and not issue.mets.articles, issue.size))
