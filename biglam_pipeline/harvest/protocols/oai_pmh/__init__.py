"""Repositories that speak OAI-PMH: all records at the first visit, then what changed since.

https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, ClassVar, Literal
from urllib.parse import parse_qs, urlsplit

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.harvester import UNASKED, require_web_address, split_pattern
from biglam_pipeline.harvest.paging import InPages, Pager
from biglam_pipeline.harvest.protocols.oai_pmh.known import Known
from biglam_pipeline.harvest.protocols.oai_pmh.listing import Listing
from biglam_pipeline.harvest.protocols.oai_pmh.one_by_one import OneByOne
from biglam_pipeline.harvest.protocols.oai_pmh.page import Identity, read_identity
from biglam_pipeline.harvest.protocols.oai_pmh.places import place_of, places_of
from biglam_pipeline.harvest.protocols.oai_pmh.relisting import Relisting
from biglam_pipeline.harvest.protocols.oai_pmh.request import Request, check_arguments
from biglam_pipeline.harvest.protocols.oai_pmh.window import Window
from biglam_pipeline.harvest.relisting import Relist, is_due
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.patterns import Patterns
from biglam_pipeline.records import Evidence, Harvested
from biglam_pipeline.settings import Accounts, Bounds, Share
from biglam_pipeline.web import Web


class OaiPmh(InPages):
    """`oai+https://host/oai?metadataPrefix=mods&set=maps`; each page is shelved as it came."""

    prefix: ClassVar[str] = "oai+"
    addresses: ClassVar[Mapping[str, str]] = {
        "oai+https://…?metadataPrefix=…&set=…": "the records of an OAI-PMH server: all at the first visit, then what "
        "changed"
    }
    accounts: ClassVar[Accounts] = Accounts(
        "records of all pages, readable, broken and deleted; pages that did not come whole; records that cannot be had",
        "completeListSize, where the server states one; a last page without a token; all identifiers, once a month",
        "fewer than announced by more than 1 %, a page that is cut, a record that does not come, or a first visit "
        "without a record: the harvest is not whole; fewer by less, twice: unproven",
    )

    type: Literal["oai_pmh"] = "oai_pmh"
    """A repository that speaks OAI-PMH 2.0."""
    lag_seconds: Annotated[int, UNASKED] = 3600
    """How far a visit reaches back behind the last one, for records that were filed late."""
    relist: Annotated[Relist, UNASKED] = "monthly"
    """How often all identifiers are listed: for records that were filed under an earlier date, and for those that are
    gone where the server keeps no deletions. What is missing from two listings is gone."""
    deletions: Annotated[Share, UNASKED] = Bounds((0.0, 0.05))
    """Share of the records that may go so at one visit; more stay, and it is said how to let them go."""
    ignore: Annotated[Patterns | None, UNASKED] = None
    """Identifiers of records that may be lacking where the server cannot send them: PATTERN or a list; counted. Where
    it cannot even list them, the dates of their changes: `2026-02-11/2026-02-12`, as the harvest says."""

    @classmethod
    def check_address(cls, address: str) -> str:
        """http(s), without a pattern, and without the arguments that the pipeline finds itself."""
        if split_pattern(require_web_address(address))[1]:
            raise ValueError(f"{address}: nothing is listed here to choose from; choose with set=")
        check_arguments(address)
        return address.partition("#")[0]

    def asked_format(self, address: str) -> str:
        """Its metadataPrefix; oai_dc, which every server has, where the address says none."""
        return parse_qs(urlsplit(address).query).get("metadataPrefix", ["oai_dc"])[0]

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """One list an address. Nothing changed since the last visit: one request a list, and no harvest."""
        places = places_of(self.url, visit.cursor)
        listings = [self._listing(visit, *one) for one in zip(self.url, places, strict=True)]
        for listing in listings:
            if listing.relisting is not None:
                listing.relisting.elsewhere = [other.there for other in listings if other is not listing]
            yield from listing.harvest(self.lag_seconds)
        complete = all(one.window.complete and not one.window.one_by_one.missing for one in listings)
        ignored = sum(one.window.one_by_one.ignored for one in listings)
        cursor = {f"{one.place}{name}": value for one in listings for name, value in one.next_cursor.items()}
        proofs = [f"{one.window.request.address}: " * (len(listings) > 1) + one.proof for one in listings]
        yield Evidence(
            mode="replace" if all(one.replaces for one in listings) else "extend",
            complete=complete,
            proof="; ".join(proofs),
            # A window that was not finished has to be asked for again, from where it began.
            cursor=cursor if complete else dict(visit.cursor),
            unchanged=all(one.window.unchanged and not one.relisting and not one.outdated for one in listings),
            outdated=_of_no_list(visit, places).union(*(one.outdated for one in listings)),
            left_out={"ignored": ignored} if ignored else {},
            unproven="; ".join(one.window.unproven for one in listings if one.window.unproven),
            coverage=tuple(each for one in listings for each in one.coverage),
        )

    def _listing(self, visit: Visit, address: str, place: str) -> Listing:
        cursor = {name[len(place) :]: value for name, value in visit.cursor.items() if place_of(name) == place}
        identity = _identity(visit.web, address, cursor)
        if identity.admin:
            visit.web.keeper(address, identity.admin)
        since = "" if cursor.get("ignores_from") else self._since(address, cursor)
        request = Request(address, since, identity.granularity)
        pager = Pager(visit, self.limits, request.address, f"{visit.number:05d}/{place}", ".xml")
        known = Known() if cursor else None
        window = Window(request, pager, OneByOne(self.ignored, known), known)
        most, due = self.deletions[1], False
        relisting = None
        passed_over = "passed_over" in cursor and self.relist != "never"
        if since and (passed_over or is_due(self.relist, cursor.get("listed_at", ""), visit.opened_at)):
            relisting = Relisting(window, place, cursor, most)
            if not relisting.list_all() and identity.deleted_record != "persistent":
                due, relisting, request.since = True, None, ""
        return Listing(
            window, place, cursor, identity.deleted_record, self.relist, due, most, relisting, identity.admin
        )

    @property
    def ignored(self) -> tuple[str, ...]:
        """The patterns."""
        return self.ignore or ()

    def _since(self, address: str, cursor: dict[str, str]) -> str:
        """Where the visit starts; further back where `lag_seconds` was raised since the cursor was made."""
        since, answered = cursor.get("from", ""), cursor.get("first_response")
        if not since or not answered:
            return since
        request = Request(address, granularity=cursor.get("granularity", "day"))
        return min(since, request.next_since(datetime.fromisoformat(answered), self.lag_seconds))


def _of_no_list(visit: Visit, places: list[str]) -> frozenset[str]:
    """Keys of pages of lists that the entry does not name any more."""
    return frozenset(key for key in visit.previous if place_of(key.partition("/")[2]) not in places)


def _identity(web: Web, address: str, cursor: dict[str, str]) -> Identity:
    """As the cursor remembers it; asked for at the first visit only."""
    if "granularity" in cursor:
        return Identity(cursor["granularity"], cursor.get("deleted_record", ""), cursor.get("admin", ""))
    url = Request(address).identify_url()
    try:
        answer = web.get(url, expect="xml")
        return read_identity(answer.content or b"", url, answer.media_type)
    except ObjectFailed:
        return Identity("day", "")
