"""How does a list go on? By a link, a cursor, or a number that grows; found out from its first page, or said.

Link header: https://www.rfc-editor.org/rfc/rfc8288#section-3
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote, unquote_plus, urljoin, urlsplit, urlunsplit

import jmespath
from jmespath.exceptions import JMESPathError

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.protocols.json_api.page import Names, Page, at_path, is_link
from biglam_pipeline.harvest.protocols.json_api.words import (
    CURSORS,
    MORE,
    NEXT,
    OF_CURSORS,
    OFFSET,
    PAGE,
    PAGES,
    SAYS_OFFSET,
    SAYS_PAGE,
    SIZE,
    plain,
)

_LONGEST = 60_000
_GROWS = re.compile(r"\+([1-9][0-9]*)")


@dataclass(frozen=True, slots=True)
class Turn:
    """Where a list stands when a page of it was read."""

    url: str
    """Of the page."""
    page: Page
    seen: int
    """Records so far, with those of this page."""
    total: int | None
    largest: int
    """The most records that a page had."""
    link: Callable[[], str] = lambda: ""
    """Gives what the page's Link header calls `next`."""


class Way(Protocol):
    """How a list goes on."""

    @property
    def name(self) -> str:
        """In words, for the proof."""

    def follow(self, turn: Turn) -> str:
        """The address of the next page; empty behind the last."""


@dataclass(frozen=True, slots=True)
class Whole:
    """One page, and no other."""

    name: str = "no other page"

    def follow(self, turn: Turn) -> str:
        """Nowhere."""
        return ""


@dataclass(frozen=True, slots=True)
class ByHeader:
    """A Link header with rel=next."""

    name: str = "Link header"

    def follow(self, turn: Turn) -> str:
        """What it says."""
        return turn.link()


@dataclass(frozen=True, slots=True)
class ByLink:
    """A link in the page; at a path that the entry says, or where it was found."""

    path: str = ""
    name: str = "next link"

    def follow(self, turn: Turn) -> str:
        """What it says; nothing where it is null or absent."""
        if not self.path:
            link, unclear = next(turn.page.links(NEXT), ""), next(turn.page.unclear(), "")
            if unclear and not link:
                said = f"{turn.url}: says {unclear[:60]!r} where pages before it have the address of the next"
                raise ObjectFailed("not_paged", f"{said}; open it in a browser, and say the way by `next`")
            return link
        found = at_path(turn.page.body, "next", self.path, turn.url)
        if isinstance(found, str | int) and not (isinstance(found, str) and is_link(found)) and found != "":
            said = f"`next: {self.path}` gives {str(found)[:60]!r}, which is no address; where it is what a parameter "
            raise ObjectFailed("not_paged", f"{turn.url}: {said}takes, write `next: {{PARAMETER: {self.path}}}`")
        return found if isinstance(found, str) else ""


@dataclass(frozen=True, slots=True)
class ByCursor:
    """What the page says is put into a parameter of its address."""

    parameter: str
    path: str
    name: str = "cursor"

    def follow(self, turn: Turn) -> str:
        """The same address with it. The same again is the end, as Solr has it (cursorMark), but not behind records."""
        found = at_path(turn.page.body, "next", self.path, turn.url)
        if isinstance(found, bool) or not isinstance(found, str | int) or found == "":
            return ""
        more = [value for _, value in turn.page.find(MORE, kinds=(bool,))]
        if more and not any(more):
            return ""  # the last page of GraphQL has an endCursor too
        if str(found) == parameters(turn.url).get(self.parameter):
            if turn.page.records and (turn.total is None or turn.seen < turn.total):
                said = f"{turn.url}: has records and the cursor by which it was asked for, so that what follows cannot "
                raise ObjectFailed("not_paged", f"{said}be told from it; say another way, such as {{offset: +100}}")
            return ""
        return with_parameter(turn.url, self.parameter, str(found))


@dataclass(frozen=True, slots=True)
class ByNumber:
    """A parameter grows: by one a page, or by as many records as came."""

    parameter: str
    by_page: bool
    starts: int
    """What it says of the first page, where the address does not."""
    told: bool = False
    """Whether the entry says it."""
    says: Names = ()
    """Where the page says the number of itself, if the parameter was found out by that alone."""

    @property
    def name(self) -> str:
        """In words."""
        return f"`{self.parameter}` {'counts pages' if self.by_page else 'counts records'}"

    def follow(self, turn: Turn) -> str:
        """The same address with the next number, until a page is empty or all came that was announced.

        A page that is only short may be one that was filtered after it was cut.
        """
        came = len(turn.page.records)
        beyond = turn.total is not None and turn.seen > turn.total and came < turn.largest
        if not came or turn.seen == turn.total or beyond:
            return ""
        written = parameters(turn.url).get(self.parameter, "")
        stated = turn.page.around.get(self.says)
        if written and stated is not None and str(stated) != written:
            raise ObjectFailed(
                "not_paged",
                f"{turn.url}: says `{self.says[-1]}` {stated} of itself where {written} was asked for, so that records "
                f"are passed over or come twice; write the first number into the address, such as …{self.parameter}=0",
            )
        now = int(written) if written.isascii() and written.isdigit() else self.starts
        return with_parameter(turn.url, self.parameter, str(now + (1 if self.by_page else came)))


def said_by_entry(said: str | Mapping[str, str]) -> Way:
    """The way that `next` says."""
    if isinstance(said, str):
        return Whole() if said == "none" else ByLink(said)
    [(parameter, what)] = said.items()
    if grows := _GROWS.fullmatch(what):
        return ByNumber(parameter, by_page=grows[1] == "1", starts=1 if grows[1] == "1" else 0, told=True)
    return ByCursor(parameter, what)


def check_next(said: str | Mapping[str, str]) -> None:
    """ValueError where `next` is no way."""
    if isinstance(said, Mapping) and len(said) != 1:
        raise ValueError("`next` names one parameter: {cursor: PATH}, {page: +1} or {offset: +100}")
    paths = [said] if isinstance(said, str) else list(said.values())
    for path in paths:
        if _GROWS.fullmatch(path) and isinstance(said, Mapping):
            continue
        try:
            jmespath.compile(path)
        except (JMESPathError, ValueError) as error:
            hint = (
                "write a path in the page such as info.next, {cursor: nextCursor}, {page: +1}, {offset: +100} or none"
            )
            raise ValueError(f"{path!r} is no JMESPath ({str(error).partition(chr(10))[0]}); {hint}") from error


def find_way(turn: Turn, link: Callable[[], str]) -> Way | None:
    """How the list goes on, by its first page; None where that does not show.

    link: what its Link header calls `next`; asked only where the page itself leads nowhere.
    """
    if next(turn.page.links(NEXT), ""):
        return ByLink()
    return _cursor(turn) or (ByHeader() if link() else _number(turn))


def _cursor(turn: Turn) -> Way | None:
    asked = [name for name in parameters(turn.url) if plain(name) in OF_CURSORS]
    for key, parameter in CURSORS.items():
        for path, _ in turn.page.find(frozenset((key,)), kinds=(str, int)):
            usual = "page_token" if parameter == "pageToken" and "_" in path[-1] else parameter
            return ByCursor(asked[0] if asked else usual, ".".join(f'"{name}"' for name in path))
    for path, value in turn.page.find(PAGE | OFFSET, kinds=(str, int)):
        if len(path) > 1 and plain(path[-2]) in NEXT and str(value).isdecimal():  # {"next": {"page": 2, "limit": 10}}
            return ByCursor(path[-1], ".".join(f'"{name}"' for name in path), f"`{path[-1]}` of the next page")
    return None


def _number(turn: Turn) -> Way | None:
    asked = {name: int(value) for name, value in parameters(turn.url).items() if value.isascii() and value.isdigit()}
    for name, value in asked.items():
        if plain(name) in PAGE:
            return ByNumber(name, True, value)
    for name, value in asked.items():
        if plain(name) in OFFSET:
            return ByNumber(name, False, value)
    pages = any(plain(path[-1]) in PAGES for path in turn.page.around)
    for path, value in turn.page.find(frozenset(SAYS_PAGE), kinds=(int,)):
        if (plain(path[-1]) != "number" or pages) and not _of_another(path):
            return ByNumber(SAYS_PAGE[plain(path[-1])], True, value, says=path)
    for path, value in turn.page.find(SAYS_OFFSET, kinds=(int,)):
        if not _of_another(path):
            return ByNumber(path[-1], False, value, says=path)
    return None


def _of_another(path: Names) -> bool:
    """Whether it stands in what is said of another page than this one."""
    return any(plain(name) in NEXT | {"prev", "previous", "first", "last"} for name in path[:-1])


def size_asked(url: str) -> int | None:
    """How many records a page the address asks for, where it says so."""
    found = [int(value) for name, value in parameters(url).items() if plain(name) in SIZE and value.isdigit()]
    return found[0] if len(found) == 1 else None


def parameters(url: str) -> dict[str, str]:
    """The arguments of an address, of each name the first."""
    pairs = [part.partition("=") for part in urlsplit(url).query.split("&") if part]
    return {unquote_plus(name): unquote_plus(value) for name, _, value in reversed(pairs)}


def with_parameter(url: str, name: str, value: str) -> str:
    """The address with this argument; all else as it is written."""
    parts = urlsplit(url)
    written = f"{quote(name, safe='$@:.-_')}={quote(value, safe='', errors='replace')}"
    pairs = [part for part in parts.query.split("&") if part]
    at = next((at for at, part in enumerate(pairs) if unquote_plus(part.partition("=")[0]) == name), len(pairs))
    kept = [one for one in pairs if unquote_plus(one.partition("=")[0]) != name]
    kept.insert(min(at, len(kept)), written)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "&".join(kept), ""))


def followed(url: str, link: str) -> str:
    """The whole address of a link. Servers behind a proxy write http:// of themselves: that is asked as they were."""
    if not link:
        return ""
    try:
        whole = urljoin(url, link.strip())
        parts, own = urlsplit(whole), urlsplit(url)
    except ValueError as wrong:
        raise ObjectFailed("not_paged", f"{url}: its next link {link[:80]!r} is no address ({wrong})") from wrong
    if len(whole) > _LONGEST:
        said = f"{url}: leads to an address of {len(whole)} characters, which no server takes; tell the custodian"
        raise ObjectFailed("not_paged", said)
    if "@" in parts.netloc:
        said = (
            f"{url}: its next link has a name or password, which would end up in logs; say the way by `next: {{page: "
        )
        raise ObjectFailed("not_paged", f"{said}+1}}` or its like, and tell the custodian")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ObjectFailed("not_paged", f"{url}: its next link {link[:80]!r} is no address; say the way by `next`")
    if parts.scheme == "http" and own.scheme == "https" and parts.hostname == own.hostname:
        return urlunsplit(("https", own.netloc, parts.path, parts.query, ""))
    return whole
