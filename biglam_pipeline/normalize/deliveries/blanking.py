"""What is left of an issue when a record is taken out: words, title and description go, the structure stays."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from lxml import etree

from biglam_pipeline.normalize.deliveries.containers import READ
from biglam_pipeline.normalize.deliveries.didl import hide_article, hide_metadata, own_text_of
from biglam_pipeline.normalize.deliveries.mets import Article, Mets
from biglam_pipeline.normalize.deliveries.outline import root_of
from biglam_pipeline.normalize.deliveries.page_file import EMPTIED, GONE, gone_from, taken_of
from biglam_pipeline.normalize.deliveries.page_rows import ELEMENTS, Ways
from biglam_pipeline.normalize.deliveries.physical import place_pages
from biglam_pipeline.normalize.deliveries.pieces import elements_of
from biglam_pipeline.normalize.deliveries.texts import Texts
from biglam_pipeline.normalize.vocabularies.mets import DESCRIBED, attribute
from biglam_pipeline.parsing.inflate import packed_as, read_whole
from biglam_pipeline.parsing.xml.reading import local, read_xml, to_bytes
from biglam_pipeline.records import TAKEN, Bundle, Item, Record

Element = etree._Element

EMPTY_PAGE = b'<?xml version="1.0" encoding="UTF-8"?>\n<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#"/>\n'
"""Stands for a page that was taken down: METS names it, and an issue with a page missing cannot be read."""
_WORDS = {"CONTENT", "SUBS_CONTENT"}


def blank_records(ways: Ways, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes]]:
    """File -> its bytes without these records: an article's words in their places, a page, or all of an issue."""
    work = _worked(ways, bundle, records)
    left: dict[str, Iterable[bytes]] = {
        name: packed_as(work.items[name], [to_bytes(root)]) for name, root in work.trees.items() if name in work.changed
    }
    return left | {name: packed_as(work.items[name], [EMPTY_PAGE]) for name in sorted(work.empty)}


def note_gone(ways: Ways, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, dict[str, Any]]:
    """What is to be known of the same files when they are read: file -> JSON, with what was noted before."""
    work, noted = _worked(ways, bundle, records), dict[str, dict[str, Any]]()
    for name in sorted(work.empty):
        noted[name] = {TAKEN: {**taken_of(work.items[name]), EMPTIED: True}}
    for name, numbers in work.gone.items():
        item = work.items[name]
        before = noted.get(name, {}).get(TAKEN, taken_of(item))
        noted[name] = {TAKEN: {**before, GONE: sorted(numbers | gone_from(item))}}
    return noted


def _worked(ways: Ways, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> "_Work":
    work, rows = _Work({item.name: item for item in bundle.items}, ways.container), ways.rows
    for record, _ in records:
        if rows in ELEMENTS:
            work.blank_piece(ELEMENTS[rows], record)
        elif record.item not in work.described and record.place.kind == "page":
            work.gone.setdefault(record.item, set()).add(record.place.number)
            work.blank_piece("Page", record)
        elif record.item not in work.described:
            work.blank_page(record.item)
        elif rows == "article":
            work.blank_article(record)
        else:
            work.blank_issue(record.item)
    return work


class _Work:
    """The files of one bundle, parsed where they are needed."""

    def __init__(self, items: Mapping[str, Item], container: str) -> None:
        self.items, self._container = items, container
        self.trees: dict[str, Element] = {}
        self._known: dict[str, tuple[Mets, Texts, list[set[str]]]] = {}
        self.changed: set[str] = set()
        """Files to write again."""
        self.empty: set[str] = set()
        """Pages of which nothing is left."""
        self.gone: dict[str, set[int]] = {}
        """METS -> the articles that go, and file of several pages -> those of them, by their numbers."""
        self.described = {name for name, item in items.items() if root_of(item) == container}
        """The METS among them."""

    def _tree(self, name: str) -> Element:
        if name not in self.trees:
            self.trees[name] = read_xml(read_whole(self.items[name])).root
        return self.trees[name]

    def _read(self, name: str) -> tuple[Mets, Texts, list[set[str]]]:
        """A METS, its texts, and the files of each page: all forms of it hold the same words. Read once, for an issue
        may go line by line; what is blanked changes no structure.
        """
        if name not in self._known:
            self._known[name] = self._read_once(name)
        return self._known[name]

    def _read_once(self, name: str) -> tuple[Mets, Texts, list[set[str]]]:
        mets = READ[self._container](self._tree(name))
        texts = Texts(mets, name, self.items, {})
        placed = place_pages(mets, texts.meanings, texts.expected, texts.perhaps)
        pages = {forms[0]: list(forms) for forms in placed.pages}
        for one in placed.unplaced:
            first = texts.twin(one, placed.pages)
            pages.setdefault(first if first is not None else one, []).append(one)
        files = ({place for one in forms if (place := texts.places.get(one)) is not None} for forms in pages.values())
        return mets, texts, list(files)

    def _blank_description(self, mets: Mets, texts: Texts, article: Article) -> None:
        """What is said of an article; of a DIDL the library's own text of it too."""
        if mets.container != "didl":
            _blank_description(mets.root, article)
            return
        hide_article(mets.root, article)
        for place in filter(None, map(texts.places.get, own_text_of(article))):
            for one in self._tree(place).iter(etree.Element):
                one.text = one.tail = None
            self.changed.add(place)

    def _blank_texts_on(self, page: str) -> None:
        """The library's own texts of articles that stand, in part, on a page of which something goes."""
        for name in sorted(self.described):
            mets, texts, _ = self._read(name)
            for article in mets.articles if mets.container == "didl" else ():
                if any(texts.places.get(area.file) == page for area in article.areas):
                    self._blank_description(mets, texts, article)
                    self.changed.add(name)

    def blank_page(self, page: str) -> None:
        """A page, and every other form of it."""
        self.empty.add(page)
        self._blank_texts_on(page)
        for name in sorted(self.described):
            for forms in self._read(name)[2]:
                if page in forms:
                    self.empty |= forms

    def blank_piece(self, name: str, record: Record) -> None:
        """The words of a block, a line, or one page of several in a file. Every other form of its page goes: nobody can
        tell where it stands there.
        """
        _blank_words(self._tree(record.item), elements_of(self._tree(record.item), name, record.place.number))
        self.changed.add(record.item)
        self._blank_texts_on(record.item)
        for name in sorted(self.described):
            for forms in self._read(name)[2]:
                if record.item in forms:
                    self.empty |= forms - {record.item}

    def blank_article(self, record: Record) -> None:
        """An article is known by its place among them.

        A form of its page in which it has no place of its own is emptied as a whole: nobody can tell where it stands.
        """
        mets, texts, pages = self._read(record.item)
        for number, article in enumerate(mets.articles, 1):
            if number != record.place.number:
                continue
            self.gone.setdefault(record.item, set()).add(number)
            self._blank_description(mets, texts, article)
            self.changed.add(record.item)
            named: set[str] = set()
            for area in article.areas:
                page = texts.places.get(area.file)
                if page is not None and area.file in texts.meanings:
                    named.add(page)
                    _blank_area(self._tree(page), area.begin, area.end)
                    self.changed.add(page)
            for forms in pages:
                if not named.isdisjoint(forms):
                    self.empty |= forms - named

    def blank_issue(self, name: str) -> None:
        """All pages of an issue, and what is said of it."""
        mets, texts, _ = self._read(name)
        for article in mets.articles if mets.container == "didl" else ():
            self._blank_description(mets, texts, article)
        for item in mets.root.iter("{*}Item"):
            hide_metadata(item)
        self.empty.update(page for one in texts.meanings if (page := texts.places[one]) is not None)
        for section in mets.root.iter("{*}dmdSec", "{*}md"):
            _blank_section(section)
        for division in mets.root.iter("{*}div"):
            division.attrib.pop("LABEL", "")
        mets.root.attrib.pop("LABEL", "")
        self.changed.add(name)


def _blank_description(root: Element, article: Article) -> None:
    """Labels of the article's divisions, and the sections that describe nothing else."""
    inside = list(article.element.iter("{*}div"))
    for division in inside:
        division.attrib.pop("LABEL", "")
    mine = {name for division in inside for name in attribute(division, *DESCRIBED).split()}
    others = {name for one in root.iter("{*}div") if one not in inside for name in attribute(one, *DESCRIBED).split()}
    for section in root.iter("{*}dmdSec", "{*}md"):
        if section.get("ID") in mine - others:
            _blank_section(section)


def _blank_section(section: Element) -> None:
    for record in section.iter("{*}mods", "{*}xmlData"):  # whatever is said there: MODS, Dublin Core, MARC
        for child in list(record):
            record.remove(child)
    for binary in section.iter("{*}binData"):
        binary.text = None


def _blank_area(root: Element, begin: str, end: str) -> None:
    """Empties every word from one element to the end of another, in document order; all where none is named."""
    elements = list(root.iter(etree.Element))
    first, last = 0, len(elements)
    if begin:
        places: dict[str, int] = {}
        for place, element in enumerate(elements):
            places.setdefault(attribute(element, "ID"), place)
        if begin not in places or (end or begin) not in places:
            return  # then it was not read either
        first = places[begin]
        last = max(_end(elements, first), _end(elements, places[end or begin]))
    _blank_words(root, elements[first:last])


def _blank_words(root: Element, elements: Iterable[Element]) -> None:
    """Empties the words among these elements, and what is said of them elsewhere on the page."""
    tags: set[str] = set()
    for element in list(elements):
        if local(element) in {"String", "HYP"}:
            tags.update(attribute(element, "TAGREFS").split())
            _empty(element)
    for element in root.iter(etree.Element) if tags else ():
        if local(element).endswith("Tag") and attribute(element, "ID") in tags:
            element.attrib.pop("LABEL", "")  # a name that was recognised among these words
            element.attrib.pop("URI", "")


def _end(elements: list[Element], place: int) -> int:
    return place + sum(1 for _ in elements[place].iter(etree.Element))


def _empty(word: Element) -> None:
    for name in word.attrib:
        if str(name).rpartition("}")[2] in _WORDS:
            word.set(name, "")
    for child in list(word):
        word.remove(child)  # glyphs and alternatives spell the word again
