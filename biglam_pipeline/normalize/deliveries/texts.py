"""Which files of an issue are the texts of its pages? Told by what is in them; of those not here, by their likes."""

import posixpath
from collections import Counter
from collections.abc import Mapping, Sequence

from biglam_pipeline.normalize.deliveries.addresses import Addresses
from biglam_pipeline.normalize.deliveries.alto import Page
from biglam_pipeline.normalize.deliveries.files import File
from biglam_pipeline.normalize.deliveries.mets import Mets
from biglam_pipeline.normalize.deliveries.outline import ALTO, root_of
from biglam_pipeline.normalize.deliveries.page_file import PageFile, is_emptied
from biglam_pipeline.records import Item, Reject

FORMS = "ALTO files that are another form of a page"
_NO_PAGE = {"", "html", "head", "body", "br", "b", "error"}
"""Roots of what a server says instead of a file, and none."""


class Texts:
    """The files that one METS names, sorted by what they are."""

    def __init__(self, mets: Mets, name: str, items: Mapping[str, Item], opened: dict[str, PageFile]) -> None:
        """items: the files of the bundle; opened: those that were read already, also for another METS."""
        self._mets, self._name, self._items, self._opened = mets, name, items, opened
        there = Addresses(items, {one.name: one.url for one in items.values()})
        self.places = {one.id: _place(one, name, there) for one in mets.files.values()}
        """FILEID -> the file of the bundle that it means, or None; some METS name themselves."""
        named = {place for place in self.places.values() if place is not None}
        self._roots = {place: mets.container if place == name else root_of(items[place]) for place in named}
        self.meanings: dict[str, str] = {}
        """FILEID -> what it means, of the texts of pages."""
        self.expected: dict[str, str] = {}
        """The same of those that should be here, as the others are, and are not."""
        self.perhaps: dict[str, str] = {}
        """The same of files that may be texts: not here, or here and of another kind, described like the texts."""
        self.others: Counter[str] = Counter()
        """Files that are here and no texts of pages, by their root."""
        self._sort()

    def _sort(self) -> None:
        files = [one for one in self._mets.files.values() if self.places[one.id] != self._name]
        likes = {kind for one in files if self._root(one) in ALTO for kind in _kinds(one)}
        for one in files:
            place, root = self.places[one.id], self._root(one)
            meaning = place or f"not here: {one.hrefs[0] if one.hrefs else one.id}"
            like = not likes.isdisjoint(_kinds(one)) and not one.says_picture
            if root in ALTO or (place is not None and root in _NO_PAGE and (like or one.says_xml)):
                self.meanings[one.id] = meaning
            elif place is not None and root != self._mets.container and like:
                self.perhaps[one.id] = meaning
            elif place is not None:
                self.others[root or "no XML"] += 1
            elif like or (one.says_xml and (not likes or "alto" in f"{one.use} {one.media_type.lower()}")):
                self.expected[one.id] = meaning
            elif one.says_xml:
                self.perhaps[one.id] = meaning

    def _root(self, one: File) -> str:
        place = self.places[one.id]
        return self._roots[place] if place is not None else one.embedded

    def file(self, name: str) -> PageFile | None:
        """What a FILEID means, read; None where it is not here."""
        place = self.places.get(name)
        if place is None:
            return None
        if place not in self._opened:
            self._opened[place] = PageFile(self._items[place])
        return self._opened[place]

    def page(self, name: str) -> Page | None:
        """The page of a FILEID; None where it is not here, or cannot be read."""
        file = self.file(name)
        return file.page if file is not None else None

    def twin(self, name: str, pages: Sequence[tuple[str, ...]]) -> str | None:
        """Of these pages the one that a text which no division places is another form of: by GROUPID, or by having
        the very same words.
        """
        page, kin = self.page(name), self._mets.files[name].kin
        words = [word.text for word in page.words] if page is not None else []
        for first, *_ in pages:
            other = self.page(first)
            if other is None:
                continue
            if (kin and kin == self._mets.files[first].kin) or (words and words == [word.text for word in other.words]):
                return first
        return None

    def is_other(self, name: str) -> bool:
        """Whether a FILEID means no text of a page for certain: a picture, or a file of another kind that is here."""
        one = self._mets.files.get(name)
        if one is None or name in self.meanings or name in self.expected or name in self.perhaps:
            return False
        return self.places[name] is not None or one.says_picture

    def is_emptied(self, name: str) -> bool:
        """Whether a FILEID means a page that a takedown took."""
        place = self.places.get(name)
        return place is not None and is_emptied(self._items[place])

    def first(self, form: tuple[str, ...]) -> str | None:
        """Of the forms of a page, the one that it is called after: the first that can be read, or could be before a
        takedown took it.
        """
        return next((name for name in form if self.page(name) is not None or self.is_emptied(name)), None)

    def is_gone(self, form: tuple[str, ...]) -> bool:
        """Whether a takedown took the page, with all forms of it that could be read."""
        return self.readable(form) is None and any(map(self.is_emptied, form))

    def readable(self, form: tuple[str, ...]) -> str | None:
        """Of the forms of a page, the first that can be read."""
        return next((name for name in form if self.page(name) is not None), None)

    def reject(self, form: tuple[str, ...]) -> Reject:
        """Why a page cannot be read."""
        for name in form:
            file = self.file(name)
            if file is not None:
                return file.reject()
        one, called = self._mets.files[form[0]], self._mets.called
        if one.embedded:
            detail = f"the page {one.id} stands in the {called} itself, which is not read; ask for it as a file"
            return Reject("page_embedded", detail, self._name, one.id)
        wanted = one.hrefs[0] if one.hrefs else ""
        why = "which is not among the files of this issue; harvest it, or ask for it"
        detail = f"{called} names {wanted!r} ({one.id}), {why}"
        return Reject("page_missing", detail, self._name, one.id)

    def reported(self, pages: Sequence[tuple[str, ...]]) -> Counter[str]:
        """What is neither read nor rejected, to be counted; pages: the forms of each."""
        called = self._mets.called
        no_alto, not_here = f"files that {called} names and that are no ALTO", f"XML files that {called} names"
        counts = Counter({f"{no_alto}: {root}": count for root, count in self.others.items()})
        named = {name for forms in pages for name in forms[:1]}
        forms = {name for forms in pages for name in forms[1:]}
        for name in (forms | self.perhaps.keys()) - named:
            place = self.places[name]
            if name in self.meanings:
                counts[FORMS] += 1
            elif place is not None:
                counts[f"{no_alto}: {self._roots[place]}"] += 1
            else:
                counts[f"{not_here} and that are not here"] += 1
        return counts


def _place(one: File, mets: str, there: Addresses) -> str | None:
    """The file that one of its addresses means."""
    return next((place for href in one.hrefs if (place := there.find(href, mets)) is not None), None)


def _kinds(one: File) -> set[tuple[str, str]]:
    """How a METS describes a file: by its use, else by its group, with its media type or with the end of its name."""
    use = one.use or f"group {one.group}"
    ends = {posixpath.splitext(href.replace("\\", "/"))[1].lower() for href in one.hrefs}
    return {(use, kind) for kind in {one.media_type.lower(), *ends}}
