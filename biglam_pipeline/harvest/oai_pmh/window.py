"""One list of records, from its first page to the one without a token, through all that servers do to it."""

import logging
import time
from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.harvester import object_of
from biglam_pipeline.harvest.oai_pmh.fullness import older_than_asked
from biglam_pipeline.harvest.oai_pmh.page import Page, read_page
from biglam_pipeline.harvest.oai_pmh.places import place_of
from biglam_pipeline.harvest.oai_pmh.request import Request
from biglam_pipeline.records import Held, Missing, RawObject, Visit
from biglam_pipeline.store import disk
from biglam_pipeline.web import Answer, Web

log = logging.getLogger(__name__)

_EMPTY_PAGES = 10
"""In a row. Servers that filter after they cut pages (what is withdrawn, or may not be shown) may send some."""
_PAGE_BYTES = 128_000_000
"""A page is held in memory. The guidelines want a few MB; pages of METS with full text have some tens."""
_BELIEVED = 100_000_000
"""An announced completeListSize up to here is believed; no repository lists more."""
_CUT = ".cut.xml"
"""How the key of a page ends that did not come whole: it is shelved, and the list is incomplete, also when resumed."""
# Some servers explain themselves in XML under an HTTP error: https://github.com/miku/metha/issues/39
_EXPLAINED = (400, 404, 422)


@dataclass(frozen=True, slots=True)
class Limits:
    """Beyond these a list is taken for endless; each is a key of the entry, to be raised where the list is longer.

    The entry's defaults are reckoned from one another. Where a server announces more records, those are believed.
    """

    max_pages: int
    """100,000: a million records at ten a page. DSpace sends a hundred, the default of XOAI (maxListRecordsSize)."""
    max_records: int
    """1,000,000: ten thousand pages of DSpace. Who has more can announce it (completeListSize)."""
    max_gigabytes: int
    """100: a million records of 100 KB, a METS without the words of its pages; one of Dublin Core has a few."""
    max_hours: int
    """72: a million records at a hundred a page, if the server thinks 26 seconds about each page."""


class _Restart(Exception):
    """The token is worth nothing any more; the list has to be asked for from its start."""


@dataclass(slots=True)
class Window:
    """The state of one list under way, and at its end what can be said about it."""

    request: Request
    visit: Visit
    prefix: str
    """How the keys of its pages begin."""
    limits: Limits
    complete: bool = False
    unchanged: bool = False
    proof: str = ""
    first: Page | None = None
    """The list's first page."""
    started: datetime | None = None
    """When the server began to answer: the next visit starts from here."""
    _pages: int = 0
    _seen: int = 0
    _older: int = 0
    """Records among them that changed before the date that was asked for."""
    _broken: int = 0
    """Records among them that cannot be read; the formats reject them."""
    _damaged: int = 0
    """Pages that did not come whole."""
    _size: int = 0
    _began: float = field(default_factory=time.monotonic)
    _missed: list[Missing] = field(default_factory=list)
    """What an earlier attempt already knew to be missing."""
    _unread: list[Held] = field(default_factory=list)
    """Pages of the present list that an earlier attempt shelved, not counted yet."""
    _names: "array[int]" = field(default_factory=lambda: array("q"))
    """Hashes of the identifiers of the list: eight bytes a record."""
    _list_size: int | None = None
    _met: set[bytes] = field(default_factory=set)
    _empty: int = 0
    _restarts: int = 0

    def pages(self, web: Web) -> Iterator[RawObject | Missing]:
        """Each page as it comes, shelved before it is judged; a Missing leaves the list incomplete."""
        token = self._take_up()
        yield from self._missed
        while token is not None:
            try:
                answer, page = self._ask(web, token)
                if page.damage or (page.listed and (page.records or page.token)):
                    yield from self._keep(answer, page, token)
                    token = self._advance(page)
                else:
                    token = self._explain(page, token)
            except _Restart as why:
                self._restarts += 1
                if self._restarts > 1:
                    yield self._missing("token_refused", f"the server forgot its list twice ({why}); run again later")
                    return
                log.warning("%s: %s; asking again from the start of the list", self.request.address, why)
                token = self._begin()
            except ObjectFailed as failed:
                yield self._missing(failed.reason, failed.detail)
                return
        self._conclude()
        if not (self.request.since or self._seen or self._unread or self._damaged):
            # That nothing changed is an answer; that there is nothing at all is none: a set that was renamed says so.
            self.complete = False
            plus = " (most servers take a + for a blank: write %2B)" if "+" in self.request.address else ""
            yield self._missing(
                "nothing", f"{self.request.address}: lists no record; correct metadataPrefix or set{plus}"
            )

    # --- where to go on ---

    def _begin(self) -> str:
        self._seen, self._older, self._broken, self._list_size, self._empty = 0, 0, 0, None, 0
        self.first = None
        self._met.clear()
        self._unread.clear()
        del self._names[:]
        return ""

    def _take_up(self) -> str | None:
        """The token to go on with: empty at the start of a list, None where an earlier attempt reached its end."""
        mine = [held for key, held in self.visit.shelved.items() if place_of(key) == self.prefix]
        if not mine:
            return self._begin()
        starts = [number for number, held in enumerate(mine) if self.request.is_first(held.url)]
        self._pages = 1 + max(int(held.key[len(self.prefix) :].partition(".")[0]) for held in mine)
        self._size = sum(held.size for held in mine)
        self._missed = [self._cut(held.key, "it was cut when it came") for held in mine if held.key.endswith(_CUT)]
        self._damaged = len(self._missed)
        self._unread = mine[starts[-1] :] if starts else mine
        first, last = self._read(mine[0]), self._read(mine[-1])
        self.first = self._read(self._unread[0])
        self.started = first.response_date or mine[0].retrieved_at
        self._list_size = last.list_size if last.list_size is not None else first.list_size
        log.info("%s: %d pages are shelved already; going on from there", self.request.address, len(mine))
        return last.token or None

    def _read(self, held: Held) -> Page:
        return read_page(self.visit.read(held), held.url, held.media_type)

    # --- one page ---

    def _ask(self, web: Web, token: str) -> tuple[Answer, Page]:
        url = self.request.url(token)
        for attempt in (1, 2):
            try:
                answer = web.get(
                    url, expect="xml", into=self.visit.scratch, max_bytes=_PAGE_BYTES, also_status=_EXPLAINED
                )
                page = read_page(_content(answer), url, answer.media_type)
            except ObjectFailed as failed:
                # A server under load sends nothing, and its tokens serve once: the list is asked for again.
                if failed.reason == "empty" and token:
                    raise _Restart("an empty answer to its token") from failed
                raise
            # The server's own clock counts, and ours only where it shows none.
            self.started = self.started or page.response_date or answer.retrieved_at
            if page.damage and attempt == 1:
                log.warning("%s: %s; trying once more", url, page.damage)
                continue
            if page.repairs:
                log.warning("%s: mended: %s", url, ", ".join(page.repairs))
            return answer, page
        raise AssertionError

    def _keep(self, answer: Answer, page: Page, token: str) -> Iterator[RawObject | Missing]:
        key = f"{self.prefix}{self._pages:06d}{_CUT if page.damage else '.xml'}"
        self._pages += 1
        self._size += answer.size
        if not token:
            log.info("%s: first page", self.request.address)
        yield object_of(key, answer)
        if page.damage:
            self._damaged += 1
            yield self._cut(key, page.damage)

    def _cut(self, key: str, why: str) -> Missing:
        detail = f"page {key} is not one whole XML document ({why}); if it stays so, send the custodian this address"
        return Missing(key, self.request.address, "xml_cut", detail)

    def _advance(self, page: Page) -> str | None:
        self._note(page)
        if not page.token:
            return None
        if page.records:
            # A list that leads back to itself: https://github.com/afuetterer/oaipmh-scythe/issues/411
            mark = page.token.encode() + page.fingerprint
            if mark in self._met:
                raise ObjectFailed(
                    "loop", f"{self.request.address}: the same page and token came again; tell the custodian"
                )
            self._met.add(mark)
            self._empty = 0
        else:
            self._empty += 1
            if self._empty >= _EMPTY_PAGES:
                raise ObjectFailed(
                    "loop", f"{self.request.address}: {self._empty} pages without a record, each with a token"
                )
        self._check_limits()
        return page.token

    def _check_limits(self) -> None:
        limits, announced = self.limits, self._list_size or 0
        due = limits.max_records
        if due < announced <= _BELIEVED:
            due = announced + announced // 10
        for found, most, what, key in (
            (self._pages, limits.max_pages - 1, "pages", "max_pages"),
            (self._seen, due, "records", "max_records"),
            (self._size, limits.max_gigabytes * 10**9, "bytes", "max_gigabytes"),
            (time.monotonic() - self._began, limits.max_hours * 3600, "seconds", "max_hours"),
        ):
            if found > most:
                detail = f"{self.request.address}: {found:.0f} {what} and no end; raise {key} if that is true"
                raise ObjectFailed("too_large", detail)

    def counted(self) -> tuple[int, int]:
        """Records of the whole list, and how many of them changed before the date that was asked for."""
        for held in self._unread:
            self._count(self._read(held))
        self._unread.clear()
        return self._seen, self._older

    def repeated(self) -> int:
        """How many records of the whole list came before: pages that were cut out of an order that moved."""
        self.counted()
        return len(self._names) - len(np.unique(np.frombuffer(self._names, np.int64))) if self._names else 0

    def _count(self, page: Page) -> None:
        self._seen += page.records
        self._broken += page.broken
        self._names.extend(map(hash, page.identifiers))
        if self.request.since:
            self._older += older_than_asked(page.datestamps, self.request.since)

    def _note(self, page: Page) -> None:
        self.first = self.first or page
        self._count(page)
        if page.list_size is not None:
            self._list_size = page.list_size

    def _explain(self, page: Page, token: str) -> str | None:
        """What an error of the protocol means here: the next token, or None where the list has ended."""
        self._note(page)
        if "noRecordsMatch" in page.codes or (page.listed and not page.errors):
            self.unchanged = not token and bool(self.request.since)
            return None
        if "badResumptionToken" in page.codes and token:
            raise _Restart("badResumptionToken")
        if "badArgument" in page.codes and not token and self.request.coarsen():
            # Dataverse and DOAJ refuse seconds that they announced: https://github.com/IQSS/dataverse/issues/11020
            log.warning("%s: refuses a date with seconds; asking by day", self.request.address)
            return ""
        words = "; ".join(f"{code or 'no code'}: {text or 'no words'}" for code, text in page.errors)
        words = words or "neither records nor an error"
        raise ObjectFailed("refused", f"{self.request.url(token)}: the server says {words}; correct the address")

    # --- the end ---

    def _conclude(self) -> None:
        if self.unchanged:
            self.complete, self.proof = True, f"noRecordsMatch since {self.request.since}"
            return
        resumed = bool(self._unread)
        if self._list_size is not None and self._seen < self._list_size:
            self.counted()
            resumed = False
        short = self._list_size is not None and self._seen < self._list_size
        self.complete = not short and not self._damaged
        proofs = [f"last page without token; {self._seen} {'further ' if resumed else ''}records"]
        if self._list_size is not None:
            proofs = [f"last page without token; {self._seen} of {self._list_size} records"]
        if short:
            proofs[0] += ": the server announced more than it sent"
        if self._broken:
            proofs.append(f"{self._broken} of them cannot be read")
        if self._damaged:
            proofs.append(f"{self._damaged} pages did not come whole")
        self.proof = "; ".join(proofs)

    def _missing(self, reason: str, detail: str) -> Missing:
        self.proof = f"stopped at page {self._pages + 1}: {reason}"
        return Missing(f"{self.prefix}{self._pages:06d}.xml", self.request.address, reason, detail)


def _content(answer: Answer) -> bytes:
    if answer.content is not None:
        return answer.content
    assert isinstance(answer.path, Path)
    return disk.read_file(answer.path)
