"""Which files are meant by a category, a search or a name: their numbers, titles, and when each page changed last.

https://www.mediawiki.org/wiki/API:Categorymembers , https://www.mediawiki.org/wiki/API:Search ,
https://www.mediawiki.org/wiki/Help:Extension:WikibaseCirrusSearch (haswbstatement)
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.asking import ask, number_of, texts_of
from biglam_pipeline.harvest.listed import ListedFile
from biglam_pipeline.harvest.protocols.wikimedia import api
from biglam_pipeline.harvest.protocols.wikimedia.places import PREFIX
from biglam_pipeline.harvest.visit import Visit

_MOST_HITS = 10_000
"""A search shows no more (https://www.mediawiki.org/wiki/Help:CirrusSearch)."""
_MOST_CATEGORIES = 10_000
_FILE, _CATEGORY = 6, 14
"""Namespaces: https://www.mediawiki.org/wiki/Help:Namespaces"""


@dataclass(frozen=True, slots=True)
class Titled(ListedFile):
    """A file of which no more is known than its page. `path` is its name, `version` changes with the page."""

    number: int = 0
    """The page's, which stays when it is renamed."""


def titled(visit: Visit, place: str, depth: int) -> Iterator[Titled]:
    """All files of an address. depth: how many levels of subcategories are gone into.

    ObjectFailed where they cannot be had whole.
    """
    kind, _, name = place.removeprefix(PREFIX).partition(":")
    if kind == "Category":
        yield from _of_categories(visit, place, f"Category:{name}", depth)
        return
    if kind == "search":
        yield from _of_search(visit, place, name)
        return
    found = _gathered(api.pages(visit, place, prop="info", redirects="1", titles=f"File:{name}"), place)
    if not found:
        raise ObjectFailed("not_found", f"{place}: Commons has no such file; correct its name")
    yield from found.values()


def name_of(title: str) -> str:
    """Without the namespace, as a pattern chooses it."""
    return title.partition(":")[2]


def _of_categories(visit: Visit, place: str, root: str, depth: int) -> Iterator[Titled]:
    """Categories contain one another in circles: each is gone into once."""
    waiting, met = [(root, depth)], {root}
    while waiting:
        title, left = waiting.pop(0)
        below = list[str]()
        asked = {"generator": "categorymembers", "gcmtitle": title, "gcmlimit": "500", "prop": "info", "redirects": "1"}
        listed = api.pages(visit, place, gcmtype="file|subcat" if left else "file", **asked)
        yield from _gathered(listed, place, below).values()
        for name in below:
            if name not in met:
                met.add(name)
                waiting.append((name, left - 1))
        if len(met) > _MOST_CATEGORIES:
            detail = f"{place}: leads to more than {_MOST_CATEGORIES:,} categories; lower `depth`, or name some of them"
            raise ObjectFailed("too_large", detail)


def _of_search(visit: Visit, place: str, query: str) -> Iterator[Titled]:
    url = api.address(list="search", srsearch=query, srnamespace=str(_FILE), srlimit="1", srinfo="totalhits", srprop="")
    said = api.check(ask(visit, url).data, url).get("query")
    counted = said.get("searchinfo") if isinstance(said, Mapping) else None
    total = number_of(counted.get("totalhits")) if isinstance(counted, Mapping) else None
    if total is None:
        raise ObjectFailed("damaged", f"{url}: does not say how many files it finds; report it")
    if total > _MOST_HITS:
        detail = f"{place}: finds {total:,} files, and Commons shows {_MOST_HITS:,} of a search; make several of it"
        raise ObjectFailed("too_large", detail)
    asked = {"generator": "search", "gsrsearch": query, "gsrnamespace": str(_FILE), "gsrlimit": "500"}
    order = {"gsrsort": "create_timestamp_asc"}  # else by relevance, which differs from page to page
    found = _gathered(api.pages(visit, place, prop="info", **asked, **order), place)
    if len(found) < total:
        detail = f"{place}: lists {len(found)} of {total} files; run again: what Commons searches in may be behind"
        raise ObjectFailed("truncated", detail)
    yield from found.values()


def _gathered(found: Iterator[Mapping[str, Any]], place: str, below: list[str] | None = None) -> dict[int, Titled]:
    """The files among the pages of a list, by number. below: is given the categories."""
    files = dict[int, Titled]()
    for page in found:
        number, space, (title, touched) = page.get("pageid"), page.get("ns"), texts_of(page, "title", "touched")
        if page.get("missing") or page.get("invalid"):
            continue
        if not isinstance(number, int) or not title:
            raise ObjectFailed("damaged", f"{place}: lists a page without its number or title: {str(page)[:200]}")
        if space == _CATEGORY and below is not None:
            below.append(title)
        elif space == _FILE and (touched or number not in files):
            files[number] = Titled(name_of(title), f"{api.HOME}?curid={number}", touched, number=number)
    return files
