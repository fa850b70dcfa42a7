"""Reads a list of changes backwards, from the newest to those that were seen already.

https://iiif.io/api/discovery/1.0/#35-activity-streams-processing-algorithm
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.asking import number_of
from biglam_pipeline.harvest.protocols.iiif.documents import Said, address_in
from biglam_pipeline.parsing.iiif import MANIFEST, STREAM, STREAM_PAGE, kind_of, several, types_of

Ask = Callable[[str], Said]
"""Asks for one document of the list. ObjectFailed where it is none."""
_MOST_PAGES = 100_000
_MOST = 1_000_000
"""Manifests: their addresses are held in memory, and each costs a request."""
_BRINGS = frozenset({"Create", "Update", "Add", "Move"})
_TAKES = frozenset({"Delete", "Remove"})


@dataclass(slots=True)
class Changes:
    """What a list of changes says of manifests, each by its newest activity."""

    url: str
    now: datetime
    """When the visit set out."""
    there: dict[str, str] = field(default_factory=dict)
    """Address -> when it changed last, as the list has it; empty where it says no time (level 0)."""
    gone: set[str] = field(default_factory=set)
    newest: str = ""
    """The time of the newest activity; of none that is to come: nothing that follows would be newer."""
    activities: int = 0
    others: int = 0
    """Activities about something else than a manifest."""
    pages: int = 0
    is_whole: bool = False
    """Whether it was read to its beginning, or to where it was begun again (Refresh)."""
    _only_gone: bool = False
    """Of what came before a Refresh only this counts: all that is there was said again behind it."""

    def read(self, ask: Ask, since: str = "", most_pages: int = _MOST_PAGES) -> "Changes":
        """From the last page on, until what is older than `since`. ObjectFailed where a page cannot be had."""
        first = page = ask(self.url)
        url, met = self.url, set[str]()
        if first.kind == STREAM:
            url = address_in(first.content.get("last") or first.content.get("first"), url)
            if not url:
                raise ObjectFailed("damaged", f"{self.url}: names no last page, where its changes are; {_REPORT}")
            page = ask(url)
        while not self._page(page, url, _moment(since)):
            met.add(url)
            url = address_in(page.content.get("prev"), url)
            if not url:
                self.is_whole = True
                self._hold_against(number_of(first.content.get("totalItems")))
                break
            if url in met:
                raise ObjectFailed("loop", f"{url}: the pages of changes lead back to it; {_REPORT}")
            if self.pages >= most_pages:
                break
            page = ask(url)
        return self

    def _page(self, page: Said, url: str, last: datetime | None) -> bool:
        """Reads a page; whether nothing before it counts."""
        if page.kind != STREAM_PAGE:
            raise ObjectFailed("damaged", f"{url}: is no page of a list of changes; {_REPORT}")
        self.pages += 1
        is_older = False
        for activity in reversed(several(page.content.get("orderedItems"))):
            self.activities += 1
            types, moment = set(types_of(activity)), _time_of(activity)
            ended = _moment(moment)
            if last is not None and ended is not None and ended < last:
                is_older = True  # the rest of the page is here: some list by another time than that
            if ended is not None and ended <= self.now:
                self.newest = self.newest or moment
            if "Refresh" in types and last is None:
                self.is_whole = True
                return True
            self._only_gone |= "Refresh" in types
            self._take(activity, types, moment, url)
        if self.pages >= _MOST_PAGES or len(self.there) > _MOST:
            raise ObjectFailed("too_large", f"{self.url}: more than {_MOST:,} manifests; write collections instead")
        return is_older

    def _hold_against(self, total: int | None) -> None:
        if total is not None and total != self.activities:
            said = f"{self.url}: has {self.activities} activities where its totalItems says {total}"
            raise ObjectFailed("truncated", f"{said}; run again: it may have grown meanwhile. Else tell the custodian")

    def _take(self, activity: Any, types: set[str], moment: str, base: str) -> None:
        moves = "Move" in types
        for name, brings in (("target", True), ("object", False)) if moves else (("object", bool(types & _BRINGS)),):
            resource = activity.get(name) if isinstance(activity, Mapping) else None
            address = address_in(resource, base)
            if not address or kind_of(resource) not in (MANIFEST, "") or not types & (_BRINGS | _TAKES):
                self.others += "Refresh" not in types
            elif address not in self.there and address not in self.gone:
                if not brings:
                    self.gone.add(address)
                elif not self._only_gone:
                    self.there[address] = moment

    def changed(self, since: str) -> Iterator[str]:
        """Which of them changed at this time or later; those without a time may have."""
        last = _moment(since)
        for address, moment in self.there.items():
            ended = _moment(moment)
            if last is None or ended is None or ended >= last:
                yield address


_REPORT = "tell the custodian, and write its collection instead"


def _time_of(activity: Any) -> str:
    found = activity.get("endTime") if isinstance(activity, Mapping) else None
    return found.strip() if isinstance(found, str) and _moment(found) is not None else ""


def _moment(text: str) -> datetime | None:
    """xsd:dateTime; without a zone it is UTC. None for what is no time."""
    try:
        found = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
