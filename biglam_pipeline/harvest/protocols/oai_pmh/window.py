"""One list of records, from its first page to the one without a token, through all that servers do to it."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.fetching import content_of, object_of
from biglam_pipeline.harvest.paging import PAGE_BYTES, Pager
from biglam_pipeline.harvest.protocols.oai_pmh.fullness import older_than_asked
from biglam_pipeline.harvest.protocols.oai_pmh.page import Page, read_page
from biglam_pipeline.harvest.protocols.oai_pmh.request import Request
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Missing, RawObject, StoredObject
from biglam_pipeline.web import Answer

log = logging.getLogger(__name__)

_CUT = ".cut.xml"
"""How the key of a page ends that did not come whole: it is shelved, and the list is incomplete, also when resumed."""
# Some servers explain themselves in XML under an HTTP error: https://github.com/miku/metha/issues/39
_EXPLAINED = (400, 404, 422)


class _Restart(Exception):
    """The token is worth nothing any more; the list has to be asked for from its start."""


@dataclass(slots=True)
class Window:
    """The state of one list under way, and at its end what can be said about it."""

    request: Request
    pager: Pager
    complete: bool = False
    unchanged: bool = False
    proof: str = ""
    first: Page | None = None
    """The list's first page."""
    started: datetime | None = None
    """When the server began to answer: the next visit starts from here."""
    _older: int = 0
    """Records of the list that changed before the date that was asked for."""
    _broken: int = 0
    """Records of the list that cannot be read; the formats reject them."""
    _damaged: int = 0
    """Pages that did not come whole."""
    _missed: list[Missing] = field(default_factory=list)
    """What an earlier attempt already knew to be missing."""
    _unread: list[StoredObject] = field(default_factory=list)
    """Pages of the present list that an earlier attempt shelved, not counted yet."""
    _restarts: int = 0

    @property
    def visit(self) -> Visit:
        """The visit that it belongs to."""
        return self.pager.visit

    def pages(self) -> Iterator[RawObject | Missing]:
        """Each page as it comes, shelved before it is judged; a Missing leaves the list incomplete."""
        token = self._take_up()
        yield from self._missed
        while token is not None:
            try:
                answer, page = self._ask(token)
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
        if not (self.request.since or self.pager.seen or self._unread or self._damaged):
            # That nothing changed is an answer; that there is nothing at all is none: a set that was renamed says so.
            self.complete = False
            plus = " (most servers take a + for a blank: write %2B)" if "+" in self.request.address else ""
            yield self._missing(
                "nothing", f"{self.request.address}: lists no record; correct metadataPrefix or set{plus}"
            )

    # --- where to go on ---

    def _begin(self) -> str:
        self._older, self._broken, self.first = 0, 0, None
        self._unread.clear()
        self.pager.begin()
        return ""

    def _take_up(self) -> str | None:
        """The token to go on with: empty at the start of a list, None where an earlier attempt reached its end."""
        mine = self.pager.taken_up()
        if not mine:
            return self._begin()
        starts = [number for number, held in enumerate(mine) if self.request.is_first(held.url)]
        self._missed = [self._cut(held.key, "it was cut when it came") for held in mine if held.key.endswith(_CUT)]
        self._damaged = len(self._missed)
        self._unread = mine[starts[-1] :] if starts else mine
        first, last = self._read(mine[0]), self._read(mine[-1])
        self.first = self._read(self._unread[0])
        self.started = first.response_date or mine[0].retrieved_at
        self.pager.total = last.list_size if last.list_size is not None else first.list_size
        return last.token or None

    def _read(self, held: StoredObject) -> Page:
        return read_page(self.visit.read(held), held.url, held.media_type)

    # --- one page ---

    def _ask(self, token: str) -> tuple[Answer, Page]:
        url = self.request.url(token)
        for attempt in (1, 2):
            try:
                answer = self.visit.web.get(
                    url, expect="xml", into=self.visit.scratch, max_bytes=PAGE_BYTES, also_status=_EXPLAINED
                )
                page = read_page(content_of(answer), url, answer.media_type)
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
        key = self.pager.key(_CUT if page.damage else "")
        self.pager.shelved(answer.size)
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
        mark = [page.token.encode() + page.fingerprint] if page.records else []
        self.pager.turn(page.token, *mark, empty=not page.records)
        return page.token or None

    def counted(self) -> tuple[int, int]:
        """Records of the whole list, and how many of them changed before the date that was asked for."""
        for held in self._unread:
            self._count(self._read(held))
        self._unread.clear()
        return self.pager.seen, self._older

    def repeated(self) -> int:
        """How many records of the whole list came before: pages that were cut out of an order that moved."""
        self.counted()
        return self.pager.repeated()

    def _count(self, page: Page) -> None:
        self.pager.count(page.identifiers, None, page.records)
        self._broken += page.broken
        if self.request.since:
            self._older += older_than_asked(page.datestamps, self.request.since)

    def _note(self, page: Page) -> None:
        self.first = self.first or page
        self._count(page)
        if page.list_size is not None:
            self.pager.total = page.list_size

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
        if self.pager.total is not None and self.pager.seen < self.pager.total:
            self.counted()
            resumed = False
        short = self.pager.total is not None and self.pager.seen < self.pager.total
        self.complete = not short and not self._damaged
        proofs = [f"last page without token; {self.pager.seen} {'further ' if resumed else ''}records"]
        if self.pager.total is not None:
            proofs = [f"last page without token; {self.pager.seen} of {self.pager.total} records"]
        if short:
            proofs[0] += ": the server announced more than it sent"
        if self._broken:
            proofs.append(f"{self._broken} of them cannot be read")
        if self._damaged:
            proofs.append(f"{self._damaged} pages did not come whole")
        self.proof = "; ".join(proofs)

    def _missing(self, reason: str, detail: str) -> Missing:
        self.proof = f"{self.pager.proof()}: {reason}"
        return self.pager.missing(reason, detail)
