"""A full listing by identifiers alone, from time to time: what came late by its date, and what is gone.

Records that are filed under an earlier date than the last visit come by no `from`
(https://github.com/dlt-hub/dlt/issues/2269), and a server that keeps no deletions says of none that it is gone
(https://www.openarchives.org/OAI/openarchivesprotocol.html#DeletedRecords). A listing that a server cut short must not
empty the shelf (https://github.com/geonetwork/core-geonetwork/issues/419): what is gone was missing from two.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import orjson

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.paging import Pager
from biglam_pipeline.harvest.protocols.oai_pmh.deletions import NOT_LISTED, deletions
from biglam_pipeline.harvest.protocols.oai_pmh.heads import heads_of
from biglam_pipeline.harvest.protocols.oai_pmh.known import Ids, Known, Settled, chosen, packed, unpacked, without
from biglam_pipeline.harvest.protocols.oai_pmh.one_by_one import FEW
from biglam_pipeline.harvest.protocols.oai_pmh.page import Head, read_page
from biglam_pipeline.harvest.protocols.oai_pmh.places import place_of
from biglam_pipeline.harvest.protocols.oai_pmh.request import Request
from biglam_pipeline.harvest.protocols.oai_pmh.window import Window
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Missing, RawObject, StoredObject
from biglam_pipeline.store import disk

log = logging.getLogger(__name__)

SMALL = 10
"""Of so few records any share may go or change at once."""
_CHURN = 0.2
"""Where so many of the records are gone and as many are new, it is their identifiers that changed."""


@dataclass(slots=True)
class Relisting:
    """One listing, and what it amounts to beside what is held."""

    window: Window
    place: str
    cursor: dict[str, str]
    most: float
    """The share of the records that may go at one visit."""
    listed: Settled | None = None
    """What the server lists; None where it cannot be known."""
    elsewhere: list[Callable[[], Ids]] = field(default_factory=list)
    """What the other lists of the source have: a record that left one set is not gone."""
    missing_once: str = ""
    """Marks of records that were missing for the first time, for the cursor."""
    in_vain: str = ""
    """The same of records that are listed and could not be had once: a server may not know one tonight."""
    phantoms: str = ""
    """The same of those that cannot be had, after two listings (https://github.com/IQSS/dataverse/issues/8005)."""
    notes: list[str] = field(default_factory=list)

    @property
    def visit(self) -> Visit:
        """The visit that it belongs to."""
        return self.window.visit

    def list_all(self) -> bool:
        """Asks for all identifiers; False where the server does not list them, or not to the end."""
        known, request = Known(), self.window.request
        pager = Pager(self.visit, self.window.pager.limits, request.address)

        def lines() -> Iterator[bytes]:
            for heads in heads_of(self.visit, Request(request.address), pager):
                known.add(heads)
                yield orjson.dumps([tuple(head) for head in heads]) + b"\n"

        try:
            disk.write_stream(self._file, lines())
        except ObjectFailed as failed:
            log.warning("%s", failed)
            return False
        if not pager.seen:
            return False
        self.listed = known.settled()
        return True

    def settle(self) -> Iterator[RawObject | Missing]:
        """Behind the pages of the visit: records that came by no date, and deletions of those that are gone."""
        assert self.listed is not None
        assert self.window.known is not None
        mine, held, listed = self.window.known.settled(), held_of(self.visit, self.place), self.listed
        gone = without(held.there, listed.marks, mine.marks)
        changed = without(self._changed(held), mine.marks, unpacked(self.cursor.get("phantoms", "")))
        if churn := churned(len(held.there), gone, without(changed, held.marks), self.most, self.window):
            self.window.complete = False
            yield churn
            return
        twice = self._gone_for_good(gone, len(held.there))
        self.missing_once = packed(without(gone, twice))
        self.notes.insert(0, f"all {len(listed.there)} identifiers listed: {len(changed)} had not come by date")
        if len(changed) > FEW:
            yield from self.window.list_all()
            came = self.window.known.settled().marks
            twice, changed = without(twice, came), without(np.intersect1d(changed, listed.deleted), came)
        if len(changed):
            wanted = {head.identifier: head for head in self._listed(changed)}
            yield from self.window.one_by_one.bring(self.window.request, self.window.pager, wanted)
        there = np.union1d(self.window.known.settled().marks, held.marks)
        lost = without(listed.changed_since(held), there)
        before = (unpacked(self.cursor.get(name, "")) for name in ("phantoms", "in_vain"))
        twice_lost = np.intersect1d(lost, np.concatenate([*before]))
        self.phantoms, self.in_vain = packed(twice_lost), packed(without(lost, twice_lost))
        yield from self._deletions(twice)

    def _changed(self, held: Settled) -> Ids:
        """Those that have not come as they are listed; one under an earlier date is what it was then, or was mended.

        Where most are, the server dates its two lists differently, and it says nothing.
        """
        assert self.listed is not None
        changed, back = self.listed.changed_since(held), self.listed.went_back(held)
        if len(back) * 2 > max(SMALL, len(held.there)):
            self.notes.append(
                f"{len(back)} are listed under an earlier date than they came with, and stay as they came"
            )
            back = back[:0]
        return np.union1d(changed, back)

    def _gone_for_good(self, gone: Ids, there: int) -> Ids:
        """Those that were missing the last time too, if they are not too many."""
        twice = np.intersect1d(gone, unpacked(self.cursor.get("missing_once", "")))
        twice = without(twice, *(one() for one in self.elsewhere if len(twice)))
        if len(twice) > max(SMALL, self.most * there):
            share = len(twice) / there
            self.notes.append(
                f"{len(twice)} records are missing from two listings, which is more than `deletions` lets go: they "
                f"stay; if that is right, write `deletions: ..{min(1.0, share + 0.01):.2f}`"
            )
            log.warning("%s: %s", self.window.request.address, self.notes[-1])
            return twice[:0]
        if len(twice):
            self.notes.append(f"{len(twice)} that are missing from two listings are gone")
        if once := len(gone) - len(twice):
            self.notes.append(f"{once} are missing for the first time and stay")
        return twice

    def cursor_names(self) -> dict[str, str]:
        """What the next visit needs to know of it."""
        if self.listed is None:
            return {}
        offered = len(self.listed.there)
        came = offered - len(unpacked(self.phantoms)) - len(unpacked(self.in_vain))
        found = {"records": str(came), "offered": str(offered)}
        return found | {"missing_once": self.missing_once, "in_vain": self.in_vain, "phantoms": self.phantoms}

    # --- identifiers behind marks ---

    @property
    def _file(self) -> Path:
        return self.visit.scratch / f"identifiers-{self.place.strip('/')}.jsonl"

    def _listed(self, marks: Ids) -> Iterator[Head]:
        with disk.open_file(self._file) as lines:
            for line in lines:
                yield from chosen([Head(*one) for one in orjson.loads(line)], marks)

    def _deletions(self, marks: Ids) -> Iterator[RawObject]:
        """Of those that are listed no more."""
        if not len(marks):
            return
        names = {
            head.identifier: None
            for held in pages_of(self.visit, self.place)
            for head in chosen(read_heads(self.visit, held), marks)
        }
        heads = [Head(name, "", deleted=True) for name in names]
        yield from deletions(heads, NOT_LISTED, self.window.request, self.window.pager)


def churned(there: int, gone: Ids, new: Ids, most: float, window: Window) -> Missing | None:
    """Other identifiers for the same records would publish everything again, and lose what is known of each.

    https://github.com/sul-dlss/dlme/issues/179 ; there: how many are held.
    """
    many = max(SMALL, _CHURN * there)
    if min(len(gone), len(new)) <= many or len(gone) <= most * there:
        return None
    detail = (
        f"{window.request.address}: of {there} records {len(gone)} are gone and {len(new)} others are new, as where "
        "identifiers were changed; ask the custodian, and if that is right, write `deletions: ..1` for one visit"
    )
    return window.pager.missing("id_churn", detail)


def pages_of(visit: Visit, place: str) -> list[StoredObject]:
    """The pages of a list that earlier visits brought, in the order in which they came."""
    mine = [held for key, held in visit.previous.items() if place_of(key.partition("/")[2]) == place]
    return sorted(mine, key=lambda held: (held.harvest, held.key))


def read_heads(visit: Visit, held: StoredObject) -> tuple[Head, ...]:
    """The headers of a page on the shelf."""
    return read_page(visit.read(held), held.url, held.media_type).heads


def held_of(visit: Visit, place: str) -> Settled:
    """All records of a list that earlier visits brought."""
    known = Known()
    for held in pages_of(visit, place):
        known.add(read_heads(visit, held), held.harvest)
    return known.settled()
