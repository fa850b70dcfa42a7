"""What is meant? Categories, files and searches of Wikimedia Commons, as they are written and as a browser has them."""

import re
from urllib.parse import parse_qs, unquote, urlsplit

PREFIX = "wikimedia:"
KINDS = ("Category", "File", "search")
_HOSTS = ("commons.wikimedia.org", "commons.m.wikimedia.org")
_SPACES = {"category": "Category", "file": "File", "image": "File"}
"""Namespaces by their names, of which `Image` is an old one: https://www.mediawiki.org/wiki/Help:Namespaces"""
_FORM = "wikimedia:Category:NAME, wikimedia:File:NAME or wikimedia:search:QUERY"
_UNFIT = re.compile(r"[\x00-\x1f\x7f<>\[\]|{}]")
"""No title holds one: https://www.mediawiki.org/wiki/Manual:$wgLegalTitleChars"""


def check(place: str) -> str:
    """The address in its one form; ValueError ends in what to write."""
    said = place.removeprefix(PREFIX)
    if found := meant(said):
        raise ValueError(f"{place}: is the address of a page; write {found}")
    kind, colon, name = said.partition(":")
    known = next((one for one in KINDS if one.casefold() == kind.strip().casefold()), "")
    if (meant_kind := _SPACES.get(name.partition(":")[0].strip().casefold())) and known in KINDS[:2]:
        raise ValueError(f"{place}: names two kinds; write {PREFIX}{meant_kind}:{name.partition(':')[2]}")
    if not colon or not known:
        raise ValueError(f"{place}: write {PREFIX}Category:{said}" if said and not colon else f"{place}: write {_FORM}")
    name = name.strip() if known == "search" else title(name)
    if not name or _UNFIT.search(name):
        raise ValueError(f"{place}: names nothing that can be there; write {_FORM}")
    if known == "File" and re.search(r"[*?]", name):
        raise ValueError(
            f"{place}: a file is named whole; choose among those of a category: write {PREFIX}Category:NAME#{name}"
        )
    return f"{PREFIX}{known}:{name}"


def title(name: str) -> str:
    """A title without its namespace as MediaWiki has it: https://www.mediawiki.org/wiki/Manual:Page_title"""
    plain = " ".join(unquote(name).replace("_", " ").split())
    return plain[:1].upper() + plain[1:]


def meant(address: str) -> str:
    """What to write instead of the address of a page of Commons; or nothing. A file on upload.wikimedia.org is one."""
    parts = urlsplit(address.strip())
    if parts.scheme not in ("http", "https") or (parts.hostname or "") not in _HOSTS:
        return ""
    query = parse_qs(parts.query)
    page = (
        unquote(parts.path).removeprefix("/wiki/") if parts.path.startswith("/wiki/") else query.get("title", [""])[0]
    )
    searched = query.get("search", [page.partition("Special:Search/")[2]])[0]
    if searched and (not page or "Search" in page):
        return f"{PREFIX}search:{searched}"
    kind, _, name = page.partition(":")
    known = _SPACES.get(kind.casefold())
    return f"{PREFIX}{known}:{title(name)}" if known and name else ""
