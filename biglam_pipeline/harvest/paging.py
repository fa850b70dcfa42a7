"""A list in pages, for whoever pages: resuming it, lists that lead back or have no end, limits, and its evidence."""

import logging
import time
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple
from urllib.parse import urljoin

import numpy as np

from biglam_pipeline.coverage import Coverage
from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.fetching import content_of, fetch
from biglam_pipeline.harvest.harvester import UNASKED, OnTheWeb
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Evidence, Missing, Mode, RawObject, StoredObject, Unchanged
from biglam_pipeline.web import Answer, Expect

log = logging.getLogger(__name__)

PAGE_BYTES = 128_000_000
"""A page is held in memory. OAI's guidelines want a few MB; pages of METS with full text have some tens."""
_EMPTY_PAGES = 10
"""In a row. Servers that filter after they cut pages (what is withdrawn, or may not be shown) may send some."""
_BELIEVED = 100_000_000
"""An announced number of records up to here is believed; no repository lists more."""


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


class InPages(OnTheWeb):
    """What protocols have in common that ask for a list page by page."""

    max_pages: Annotated[int, UNASKED] = 100_000
    """More pages than this are taken for a server that makes up tokens."""
    max_records: Annotated[int, UNASKED] = 1_000_000
    """So are more records than this, where the server announces no more."""
    max_gigabytes: Annotated[int, UNASKED] = 100
    """So are more bytes than this."""
    max_hours: Annotated[int, UNASKED] = 72
    """So is a list that takes longer than this in one visit."""

    @property
    def limits(self) -> Limits:
        """As the entry has them."""
        return Limits(self.max_pages, self.max_records, self.max_gigabytes, self.max_hours)

    def lists(self, visit: Visit, ending: str = ".json") -> list["Pager"]:
        """A pager for each address of the entry; of several, each has its own names in keys."""
        return [
            Pager(visit, self.limits, address, f"{number:03d}/" if len(self.url) > 1 else "", ending)
            for number, address in enumerate(self.url)
        ]


class Sheet(NamedTuple):
    """What a page says of itself and of the list."""

    identifiers: Sequence[str]
    """Of its records, in their order: each record once."""
    follow: str = ""
    """The address of the next page, as the page has it: whole, or from its own on; empty on the last."""
    total: int | None = None
    """How many records the whole list has, where the server says so."""


Leaf = Callable[[bytes, str], Sheet]
"""Reads a page, by its bytes and its address; ObjectFailed where it is none."""


@dataclass(slots=True)
class Pager:
    """One list under way, and at its end what can be said about it."""

    visit: Visit
    limits: Limits
    name: str
    """The list's address, for messages."""
    prefix: str = ""
    """How the keys of its pages begin."""
    ending: str = ".json"
    """How they end: readers go by names."""
    check: Callable[[Answer], None] = lambda _: None
    """Is shown every answer that brings a page: see `fetch`."""
    pages: int = 0
    """Pages that were shelved so far, those of an earlier attempt among them."""
    size: int = 0
    """Their bytes."""
    seen: int = 0
    """Records of the list."""
    total: int | None = None
    """As the server announced it."""
    ended: bool = False
    """Whether the last page was there."""
    _began: float = field(default_factory=time.monotonic)
    _met: set[bytes] = field(default_factory=set)
    _empty: int = 0
    _names: "array[int]" = field(default_factory=lambda: array("q"))
    """Hashes of the identifiers of the list: eight bytes a record."""

    # --- asking page after page -------------------------------------------------------------------------

    def walk(self, first: str, read: Leaf, *, expect: Expect = "any") -> Iterator[RawObject | Unchanged | Missing]:
        """The pages from this address on, each shelved as it came, or kept where it is what it was at the last visit.

        A page that this visit shelved before it was cut off is not asked for again.
        """
        url = first
        try:
            while url:
                content, found = self._page(self.key(), url, expect)
                if found is not None:
                    yield found
                if isinstance(found, Missing):
                    return
                sheet = read(content, url)
                self.count(sheet.identifiers, sheet.total)
                url = urljoin(url, sheet.follow) if sheet.follow else ""
                self.turn(url, *self._marks(url, sheet), empty=not sheet.identifiers)
        except ObjectFailed as failed:
            yield self.missing(failed.reason, failed.detail)
            return
        self.ended = True
        if not self.seen:
            yield self.missing("nothing", f"{self.name}: lists no record; correct the address")

    def _page(self, key: str, url: str, expect: Expect) -> tuple[bytes, RawObject | Unchanged | Missing | None]:
        taken, before, shown = self.visit.shelved.get(key), self.visit.known.get(key), self.visit.web.shown(url)
        if taken is not None and taken.url == shown:
            self.shelved(taken.size)
            return self.visit.read(taken), None
        before = before if before is not None and before.url == shown else None
        found = fetch(self.visit, key, url, before=before, expect=expect, max_bytes=PAGE_BYTES, check=self.check)
        if isinstance(found, RawObject):
            self.shelved(found.size)
            return content_of(found), found
        if isinstance(found, Unchanged) and before is not None:
            self.shelved(before.size)
            return self.visit.read(before), found
        return b"", found

    @staticmethod
    def _marks(follow: str, sheet: Sheet) -> Iterator[bytes]:
        """Of a server that leads back, and of one that does not look at the page that it is asked for."""
        yield b"to " + follow.encode()
        if sheet.identifiers:
            yield b"of " + "\0".join(sheet.identifiers).encode("utf-8", "surrogatepass")

    @property
    def is_whole(self) -> bool:
        """Whether the last page was there, with as many records as were announced."""
        return self.ended and bool(self.seen) and not self.is_short

    @property
    def is_short(self) -> bool:
        """Whether fewer came than the server announced; one that came twice counts once."""
        return self.total is not None and self.seen - self.repeated() < self.total

    def proof(self) -> str:
        """In words."""
        if not self.ended:
            return f"stopped at page {self.pages + 1}"
        twice = f", {self.repeated()} of them twice" if self.repeated() else ""
        if self.total is None:
            return f"last page leads no further; {self.seen} records{twice}"
        short = ": the server announced more than it sent" if self.is_short else ""
        return f"last page leads no further; {self.seen} of {self.total} records{twice}{short}"

    # --- what every list has ----------------------------------------------------------------------------

    def key(self, ending: str = "") -> str:
        """The key of the page that comes next."""
        return f"{self.prefix}{self.pages:06d}{ending or self.ending}"

    def shelved(self, size: int) -> None:
        """That a page was shelved."""
        self.pages += 1
        self.size += size

    def taken_up(self) -> list[StoredObject]:
        """The pages that an earlier attempt at this visit shelved, in order; the next one is counted on from them."""
        mine = [held for key, held in self.visit.shelved.items() if "".join(key.rpartition("/")[:2]) == self.prefix]
        if mine:
            self.pages = 1 + max(int(held.key[len(self.prefix) :].partition(".")[0]) for held in mine)
            self.size = sum(held.size for held in mine)
            log.info("%s: %d pages are shelved already; going on from there", self.name, len(mine))
        return mine

    def begin(self) -> None:
        """Forgets what was counted: the list is asked for again from its start."""
        self.seen, self.total, self._empty = 0, None, 0
        self._met.clear()
        del self._names[:]

    def count(self, identifiers: Sequence[str], total: int | None, records: int | None = None) -> None:
        """A page's records; records: how many there are, where some have no identifier."""
        self.seen += len(identifiers) if records is None else records
        self._names.extend(map(hash, identifiers))
        self.total = self.total if total is None else total

    def met(self) -> set[int]:
        """Hashes, of this process, of all identifiers that were counted."""
        return set(self._names)

    def repeated(self) -> int:
        """How many records of the list came before: pages that were cut out of an order that moved."""
        return len(self._names) - len(np.unique(np.frombuffer(self._names, np.int64))) if self._names else 0

    def turn(self, follow: str, *marks: bytes, empty: bool = False) -> None:
        """Before the next page, if one follows: ObjectFailed where the list leads back to itself, or has no end.

        marks: what no two pages of a list have in common; empty: whether this one had no record that is new.
        """
        if not follow:
            return
        # A list that leads back to itself: https://github.com/afuetterer/oaipmh-scythe/issues/411
        if any(mark in self._met for mark in marks):
            raise ObjectFailed("loop", f"{self.name}: the same page and token came again; tell the custodian")
        self._met.update(marks)
        self._empty = self._empty + 1 if empty else 0
        if self._empty >= _EMPTY_PAGES:
            raise ObjectFailed("loop", f"{self.name}: {self._empty} pages without a new record, each with a token")
        self._check_limits()

    def _check_limits(self) -> None:
        limits, announced = self.limits, self.total or 0
        due = limits.max_records
        if due < announced <= _BELIEVED:
            due = announced + announced // 10
        for found, most, what, key in (
            (self.pages, limits.max_pages - 1, "pages", "max_pages"),
            (self.seen, due, "records", "max_records"),
            (self.size, limits.max_gigabytes * 10**9, "bytes", "max_gigabytes"),
            (time.monotonic() - self._began, limits.max_hours * 3600, "seconds", "max_hours"),
        ):
            if found > most:
                detail = f"{self.name}: {found:.0f} {what} and no end; raise {key} if that is true"
                raise ObjectFailed("too_large", detail)

    def missing(self, reason: str, detail: str) -> Missing:
        """The page that should have come next."""
        return Missing(self.key(), self.name, reason, detail)


def coverage_of(lists: Sequence[Pager]) -> tuple[Coverage, ...]:
    """Of the lists that say how many records they have."""
    return tuple(
        Coverage(one.visit.web.shown(one.name), one.total, one.seen - one.repeated())
        for one in lists
        if one.total is not None and one.seen
    )


def evidence_of(lists: Sequence[Pager], mode: Mode = "replace") -> Evidence:
    """What the walks of a visit amount to: whole where each list is."""
    proofs = [f"{one.name}: " * (len(lists) > 1) + one.proof() for one in lists]
    whole = all(one.is_whole for one in lists)
    return Evidence(mode, whole, "; ".join(proofs), coverage=coverage_of(lists))
