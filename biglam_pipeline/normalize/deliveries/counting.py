"""How many pages, blocks, lines or issues should a delivery give? By its METS and its pages, as expat reads them."""

import posixpath
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import unquote

import numpy as np

from biglam_pipeline.normalize.deliveries.counting_articles import articles_in
from biglam_pipeline.normalize.deliveries.outline import ALTO
from biglam_pipeline.parsing.counted import AtLeast, PartsOf, is_sample
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.parsing.xml.counting import Attributes, count_outermost, first_element
from biglam_pipeline.records import Bundle, Item

_METS = "mets"
_NAMED = b"Page"
_PAGE = re.compile(rb"<(?:[^\s<>/:]+:)?Page[\s/>]")


def expected_pages(bundle: Bundle, container: str) -> int | None:
    """Rows and rejects of pages. AtLeast, for XML that is broken is a reject whatever it was, and so is a page that a
    METS lists and that is not there. None of most issues with a METS, and where several METS name the same pages.

    container: the root of what says what an issue is made of. In a DIDL each file is a page of its own.
    """
    if len(bundle.items) > 1 and not is_sample(bundle.name):
        return None  # to look into each page once more is a fourth of what it costs to read it
    found = _sorted(bundle, container)
    if len(found.issues) > 1:
        return None
    held = {item.name: _pages_in(item) for item in found.pages}
    if not found.issues or container != _METS:
        return AtLeast(sum(held.values()))
    groups = _groups(found.issues[0], held)
    if groups is None or any(len({held[name] for name in group}) > 1 for group in groups):
        return None
    return AtLeast(sum(held[next(iter(group))] for group in groups))


def expected_pieces(bundle: Bundle, container: str, element: str) -> int | None:
    """Blocks or lines with a text. None as of pages, and where a page is broken.

    element: TextBlock or TextLine.
    """
    if not is_sample(bundle.name):
        return None
    found = _sorted(bundle, container)
    held = {item.name: _pieces_in(item, element) for item in found.pages}
    if len(found.issues) > 1 or any(isinstance(one, AtLeast) for one in held.values()):
        return None
    if not found.issues:
        return PartsOf(sum(held.values()))
    groups = _groups(found.issues[0], held) if container == _METS else [{name} for name in held]
    return None if groups is None else PartsOf(sum(min(held[name] for name in group) for group in groups))


def expected_issues(bundle: Bundle, container: str) -> int | None:
    """One of each METS, and a reject of each page where there is none. None where several METS name the same pages."""
    found = _sorted(bundle, container)
    if len(found.issues) > 1:
        return None
    return AtLeast(1 if found.issues else len(found.pages))


def expected_articles(bundle: Bundle, container: str) -> int | None:
    """Articles, and rejects of them. None where several METS name the same places: then each article counts once."""
    found = _sorted(bundle, container)
    return articles_in(found.issues[0], container) if len(found.issues) == 1 else None


@dataclass(frozen=True, slots=True)
class _Sorted:
    issues: list[Item]
    pages: list[Item]


def _sorted(bundle: Bundle, container: str) -> _Sorted:
    roots = {item.name: _root(item) for item in bundle.items}
    issues = [item for item in bundle.items if roots[item.name] == container]
    return _Sorted(issues, [item for item in bundle.items if roots[item.name] in ALTO])


def _root(item: Item) -> str:
    with open_plain(item) as stream:
        return first_element(stream).lower()


def _pages_in(item: Item) -> int:
    """How many pages are in a file of ALTO. Mostly its bytes say so; a comment too may seem to begin one, and of UTF-16
    they say nothing.
    """
    with open_plain(item) as stream:
        seen = pages_begun(stream.read())
    if seen != 1:
        seen = count_outermost(partial(open_plain, item), lambda path, _: path[-1] == "Page")
    return max(seen, 1)


def pages_begun(data: bytes) -> int:
    """How often a `Page` seems to begin in these bytes: as the pattern says, in an eighth of its time."""
    codes = np.frombuffer(data, np.uint8)
    found = np.ones(max(len(codes) - len(_NAMED) + 1, 0), np.bool_)
    for at, letter in enumerate(_NAMED):
        found &= codes[at : at + len(found)] == letter
    places = np.flatnonzero(found).tolist()
    return sum(_PAGE.fullmatch(data, max(data.rfind(b"<", 0, place), 0), place + 5) is not None for place in places)


def _pieces_in(item: Item, element: str) -> int:
    """How many blocks or lines hold a word. Where one is in another, words behind the inner one are none's."""
    deep = 0
    """How deep stands the last one that has no word so far."""

    def is_first_word(path: Sequence[str], attributes: Attributes) -> bool:
        nonlocal deep
        if path[-1] == element:
            deep = len(path)
        elif deep and path[-1] == "String" and path[deep - 1 : deep] == [element] and _has_words(attributes):
            deep = 0
            return True
        return False

    return count_outermost(partial(open_plain, item), is_first_word)


def _has_words(attributes: Attributes) -> bool:
    """Also of one with a prefix: SBB delivered pages whose attributes carry the namespace."""
    names, values = attributes[::2], attributes[1::2]
    return any(
        name.rpartition(":")[2] == "CONTENT" and value.strip() for name, value in zip(names, values, strict=True)
    )


class _Mets:
    """Which files the divisions of a METS point to, and where these lie."""

    def __init__(self) -> None:
        self.places: dict[str, str] = {}
        """ID of a file -> the last part of its address."""
        self.divisions: list[list[str]] = []
        """Of each division of a physical structure the files that it points to."""
        self.maps: list[int] = []
        """Where among them a physical structure begins."""
        self._file = self._physical = ""

    def meet(self, path: Sequence[str], attributes: Attributes) -> bool:
        """Notes what is met; nothing is chosen, so that everything is."""
        said = {name.rpartition(":")[2]: value for name, value in zip(attributes[::2], attributes[1::2], strict=True)}
        if path[-1] == "file":
            self._file = said.get("ID", "").strip()
        elif path[-1] == "FLocat":
            self.places.setdefault(self._file, unquote(said.get("href", "")).replace("\\", "/").rpartition("/")[2])
        elif path[-1] == "structMap":
            self._physical = said.get("TYPE", "").strip().upper()
            self.maps += [len(self.divisions)] * (self._physical == "PHYSICAL")
        elif path[-1] == "div" and self._physical == "PHYSICAL":
            self.divisions.append([])
        elif path[-1] in ("fptr", "area") and self._physical == "PHYSICAL" and self.divisions and "FILEID" in said:
            self.divisions[-1] += said["FILEID"].split()
        return False


def _groups(issue: Item, pages: Collection[str]) -> list[set[str]] | None:
    """The pages that the divisions point to: files that one division names are forms of one page, or of as many as
    each of them has. None where the METS is broken, or not by its divisions alone is known which file is which page.
    """
    mets = _Mets()
    if isinstance(count_outermost(partial(open_plain, issue), mets.meet), AtLeast):
        return None
    here = {posixpath.basename(name): name for name in pages}
    if len(here) < len(pages):
        return None  # two of one name: addresses would have to be followed
    groups: list[set[str]] = []
    if len(mets.maps) > 1:
        return None  # a further structure may be of other forms of the same pages
    for division in mets.divisions:
        found = {here[name] for one in division if (name := mets.places.get(one, "")) in here}
        apart = [group for group in groups if not group & found]
        groups = [*apart, found.union(*(group for group in groups if group & found))] if found else groups
    return groups
