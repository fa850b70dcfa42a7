"""Which division of a METS is which page? Found by what it points to, never by what its TYPE is called.

METS leaves the words of `div/@TYPE` free (`page`, `PAGE`, `np:page`, `TITLE_PAGE`, `cover`, `leaf`, `double page`,
`Seite`), so they say nothing here. By the structure: in the physical map the outermost division that, itself or by its
children, points to one ALTO file is the page of that file; one page a file. Several files that one division points to
are one page where METS says so, that is where they are of several file groups (`fptr`: each pointer of a division is
another representation of all of it). What no division places is for the caller to report.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lxml import etree

from biglam_pipeline.normalize.deliveries.files import File
from biglam_pipeline.normalize.deliveries.mets import Mets, pointers

Element = etree._Element


@dataclass(slots=True)
class Placed:
    """The pages of an issue in their order."""

    pages: list[tuple[str, ...]] = field(default_factory=list)
    """FILEIDs of a page; of several the first is read, the others are its other forms."""
    unplaced: list[str] = field(default_factory=list)
    """FILEIDs of pages' texts that no division places."""
    unlisted: list[tuple[str, ...]] = field(default_factory=list)
    """For each division that points to nothing else: FILEIDs that the file section does not have."""


def place_pages(
    mets: Mets, texts: Mapping[str, str], expected: Mapping[str, str], perhaps: Mapping[str, str]
) -> Placed:
    """texts: FILEID -> what it means, for each file that is a page's text, two of one meaning being the same file;
    expected: the same for those that should be here and are not; perhaps: for files that may be one. The latter two
    are a page only where a division points to nothing else.
    """
    found = _Pages(mets.files, texts, expected, perhaps)
    physical = [one for kind, one in mets.maps if kind == "physical"]
    maps = physical if any(found.reach(one) for one in physical) else _other_map(mets, found)
    if maps is not physical:
        found.prefer_whole(maps)
    for structure in maps:
        before = len(found.pages)
        for division in _in_order(structure):
            found.walk(division)
        found.fold(before)
    if not found.pages:
        found.as_listed()
    unplaced = [name for name in found.texts if found.same[name] not in found.used]
    unplaced = list({found.same[name]: name for name in reversed(unplaced)}.values())[::-1]
    return Placed(found.pages, unplaced, found.unlisted)


def _other_map(mets: Mets, found: "_Pages") -> list[Element]:
    """Where no map is called physical, or none of those names a text: the one that names most files whole.

    A map called logical is never asked: an article that lies on one page is no page.
    """
    others = [one for kind, one in mets.maps if kind not in ("physical", "logical")]
    named = [(len(found.whole(one)), -place, one) for place, one in enumerate(others)]
    best = max(named, key=lambda one: one[:2], default=None)
    return [best[2]] if best is not None and best[0] else []


def _in_order(division: Element) -> list[Element]:
    """The divisions in it, by their ORDER where each has one of its own, else as they stand (METS, `div/@ORDER`)."""
    children = list(division.iterchildren("{*}div"))
    orders = [(one.get("ORDER") or "").strip() for one in children]
    if not all(order.isdecimal() for order in orders) or len(set(map(int, orders))) < len(orders):
        return children
    return [one for _, one in sorted(zip(map(int, orders), children, strict=True), key=lambda pair: pair[0])]


class _Pages:
    """The walk through a structure map."""

    def __init__(
        self,
        files: Mapping[str, File],
        texts: Mapping[str, str],
        expected: Mapping[str, str],
        perhaps: Mapping[str, str],
    ) -> None:
        self._files = files
        first: dict[str, str] = {}
        all_of_them = {**texts, **expected, **perhaps}
        self.same = {name: first.setdefault(meaning, name) for name, meaning in all_of_them.items()}
        """FILEID -> the first FILEID of the same file."""
        self.texts = [name for name in files if name in texts or name in expected]
        self._perhaps = {self.same[name] for name in (*expected, *perhaps)}
        self.pages: list[tuple[str, ...]] = []
        self.used: set[str] = set()
        self.unlisted: list[tuple[str, ...]] = []
        self._sizes = Counter(files[name].group for name in set(map(self.same.__getitem__, self.texts)))
        self._order = {name: place for place, name in enumerate(files)}
        self._reach: dict[Element, tuple[str, ...]] = {}
        self._whole: set[str] = set()

    def prefer_whole(self, structures: Sequence[Element]) -> None:
        """From now on a file that one of these maps names whole is not looked for in pieces: a map may hold pages and
        articles side by side.
        """
        self._whole = {name for structure in structures for name in self.whole(structure)}
        self._reach.clear()

    def direct(self, division: Element) -> list[str]:
        """The texts that the division itself points to, whole or in part."""
        found = ((self.same[area.file], area.whole) for area in pointers(division) if area.file in self.same)
        return list(dict.fromkeys(name for name, whole in found if whole or name not in self._whole))

    def reach(self, division: Element) -> tuple[str, ...]:
        """The same of it and of all that is in it."""
        if division not in self._reach:
            found = dict.fromkeys(self.direct(division))
            for child in division.iterchildren("{*}div"):
                found.update(dict.fromkeys(self.reach(child)))
            self._reach[division] = tuple(found)
        return self._reach[division]

    def whole(self, structure: Element) -> set[str]:
        """The texts that its divisions name as whole files."""
        return {
            self.same[area.file]
            for division in structure.iter("{*}div")
            for area in pointers(division)
            if area.whole and area.file in self.same
        }

    def walk(self, division: Element) -> None:
        """Takes the pages of a division."""
        found = self.reach(division)
        if not found:
            self._look_for_unlisted(division)
            return
        direct, certain = self.direct(division), [name for name in found if name not in self._perhaps]
        apart = bool(certain) and any(name in self._perhaps and name not in direct for name in found)
        if not apart and self._is_page(division, certain or list(found)):
            self._take(found)
            self._look_beside(division)
            return
        children = _in_order(division)
        inner = {name for child in children for name in self.reach(child)}
        own = [name for name in direct if name not in inner and name not in self._perhaps]
        if own and (len(own) == 1 or self._are_forms(own)):
            self._take(own)
        for child in children:
            self.walk(child)

    def _look_beside(self, division: Element) -> None:
        """The same of an issue of which only one page is known, which looks like that page."""
        if not self.direct(division):
            for child in division.iterchildren("{*}div"):
                (self._look_beside if self.reach(child) else self._look_for_unlisted)(child)

    def _look_for_unlisted(self, division: Element) -> None:
        for one in division.iter("{*}div"):
            names = tuple(area.file for area in pointers(one) if area.file)
            if names and not any(name in self._files for name in names):
                self.unlisted.append(names)

    def _is_page(self, division: Element, found: Sequence[str]) -> bool:
        return len(found) == 1 or (self._are_together(division, set(found)) and self._are_forms(found))

    def _are_together(self, division: Element, found: set[str]) -> bool:
        """Whether the division, or each of its parts, points to all of them."""
        if found <= set(self.direct(division)):
            return True
        inner = [child for child in division.iterchildren("{*}div") if self.reach(child)]
        return bool(inner) and all(self._are_together(child, found) for child in inner)

    def _are_forms(self, found: Sequence[str]) -> bool:
        """Whether these are forms of one page: of several uses, or of groups that each hold a file for other pages."""
        files = [self._files[name] for name in found]
        return all(self._differ(one, other) for place, one in enumerate(files) for other in files[:place])

    def _differ(self, one: File, other: File) -> bool:
        if one.kin and one.kin == other.kin:
            return True
        if one.use and other.use and one.use != other.use:
            return True
        return one.group != other.group and min(self._sizes[one.group], self._sizes[other.group]) > 1

    def _take(self, found: Sequence[str]) -> None:
        """One page a file; of several forms the one whose group has most, then the first in the file section."""
        left = [name for name in found if name not in self.used]
        if not left:
            return
        self.used.update(left)
        certain = [name for name in left if name not in self._perhaps] or left
        kinds = Counter(self._kind(name) for name in self.texts)
        ranked = sorted(certain, key=lambda name: (-kinds[self._kind(name)], self._order[name]))
        self.pages.append((*ranked, *(name for name in left if name not in certain)))

    def _kind(self, name: str) -> tuple[str, str]:
        return self._files[name].use, self._files[name].media_type

    def fold(self, before: int) -> None:
        """Takes what a further map added for other forms of the pages before: as many of another use, one for one.

        A map that goes on where the last one ended, as for a volume in two parts, has files of the same use.
        """
        old, new = self.pages[:before], self.pages[before:]
        uses = [{self._files[name].use for forms in pages for name in forms} for pages in (old, new)]
        if len(old) == len(new) and uses[0].isdisjoint(uses[1]) and "" not in uses[0] | uses[1]:
            self.pages = [(*one, *other) for one, other in zip(old, new, strict=True)]

    def as_listed(self) -> None:
        """Where no map places a page: the file section's order, if there can be one form of each page only."""
        names = list(dict.fromkeys(self.same[name] for name in self.texts))
        uses = {self._files[name].use for name in names}
        full = [group for group, size in self._sizes.items() if size > 1]
        if len(uses) == 1 and (len(self._sizes) == 1 or not full):
            for name in names:
                self._take([name])
