"""One list of records, from its first page to the one without a token, through all that servers do to it."""

import logging
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.fetching import object_of
from biglam_pipeline.harvest.paging import Pager
from biglam_pipeline.harvest.protocols.oai_pmh.asking import Restart, Stuck, ask_for_page, refusal
from biglam_pipeline.harvest.protocols.oai_pmh.fullness import older_than_asked
from biglam_pipeline.harvest.protocols.oai_pmh.known import Known
from biglam_pipeline.harvest.protocols.oai_pmh.one_by_one import FEW, OneByOne
from biglam_pipeline.harvest.protocols.oai_pmh.page import Page, read_date, read_page
from biglam_pipeline.harvest.protocols.oai_pmh.request import Dates, Request
from biglam_pipeline.harvest.protocols.oai_pmh.spans import Spans, is_alone
from biglam_pipeline.harvest.protocols.oai_pmh.tally import Tally
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Missing, RawObject, StoredObject
from biglam_pipeline.web import Answer

log = logging.getLogger(__name__)

CUT = ".cut.xml"
"""How the key of a page ends that did not come whole: it is shelved, and the list is incomplete, also when resumed."""


@dataclass(slots=True)
class Window:
    """The state of one list under way, and at its end what can be said about it."""

    request: Request
    pager: Pager
    one_by_one: OneByOne
    known: Known | None = None
    """Where it is wanted: the headers of all its records."""
    complete: bool = False
    unchanged: bool = False
    proof: str = ""
    first: Page | None = None
    """The list's first page."""
    started: datetime | None = None
    """When the server began to answer: the next visit starts from here."""
    tally: Tally = field(default_factory=Tally)
    _spans: Spans = field(init=False)
    _met: Dates = field(default_factory=Dates)
    """Of the present span."""
    _last: bytes = b""
    """Fingerprint of the page that came last."""
    _missed: list[Missing] = field(default_factory=list)
    """What an earlier attempt already knew to be missing."""
    _unread: list[StoredObject] = field(default_factory=list)
    """Pages of the present span that an earlier attempt shelved, not counted yet."""
    _alone: bool = False
    """Whether the records of the present span are asked for one by one."""
    _done: list[StoredObject] = field(default_factory=list)
    """The same of spans that are done."""

    def __post_init__(self) -> None:
        self._spans = Spans(self.request)

    @property
    def visit(self) -> Visit:
        """The visit that it belongs to."""
        return self.pager.visit

    @property
    def now(self) -> Request:
        """The span of the list that is asked for."""
        return self._spans.now.request

    def pages(self) -> Iterator[RawObject | Missing]:
        """Each page as it comes, shelved before it is judged; a Missing leaves the list incomplete."""
        token = self._take_up()
        yield from self._missed
        if self._alone:  # of a span that was asked for so, nobody knows how far it came
            token = yield from self._without_pages(None)
        yield from self._go_through(token)

    def list_all(self) -> Iterator[RawObject | Missing]:
        """Everything, whatever its date, behind what was asked for."""
        self.counted()
        self.tally.close(self.pager)
        self._spans.add(Request(self.request.address, granularity=self.request.granularity))
        self.complete = False
        yield from self._go_through(self._begin())

    def _go_through(self, token: str | None) -> Iterator[RawObject | Missing]:
        while True:
            try:
                if token is None:
                    if (token := self._end_span()) is None:
                        break
                    continue
                answer, page = self._ask(token)
                if page.damage or (page.listed == "ListRecords" and (page.records or page.token)):
                    yield from self._keep(answer, page)
                    token = self._advance(page)
                else:
                    token = self._explain(page, token)
            except (Restart, Stuck) as trouble:
                try:
                    token = yield from self._around(trouble)
                except ObjectFailed as failed:
                    yield self._missing(failed.reason, failed.detail)
                    return
            except ObjectFailed as failed:
                yield self._missing(failed.reason, failed.detail)
                return
        yield from self._conclude()

    def _around(self, trouble: Restart | Stuck) -> Generator[RawObject | Missing, None, str | None]:
        """Past a token that died, or a page that does not come: where to go on."""
        if isinstance(trouble, Stuck):
            return self._begin() if self._in_halves(trouble) else (yield from self._without_pages(trouble))
        self._count_unread()
        self.tally.note_whole(self.pager)
        try:
            self._spans.fail(str(trouble), self._met, self._highest)
        except ObjectFailed as failed:  # more records of one second, or one day, than its tokens reach
            return (yield from self._without_pages(Stuck(failed)))
        return self._begin()

    # --- where to go on ---

    @property
    def _highest(self) -> datetime:
        return max(self.started or self.visit.opened_at, self.visit.opened_at)  # errors may say any date

    def _begin(self) -> str:
        self.tally.begin()
        if not self._spans.split:
            self.first = None
        self._unread.clear()
        self._met = Dates()
        self.pager.begin()
        return ""

    def _take_up(self) -> str | None:
        """The token to go on with: empty at the start of a list, None where an earlier attempt reached its end."""
        mine = self.pager.taken_up()
        if not mine:
            return self._begin()
        self._missed = [self._cut(held.key, "it was cut when it came") for held in mine if held.key.endswith(CUT)]
        self.tally.damaged = len(self._missed)
        self._done, self._unread = self._spans.take_up(mine)
        self._alone = is_alone(mine[-1].url)
        first, last = self._read(mine[0]), self._read(mine[-1])
        self.first = self._read(self._unread[0])
        if self._spans.split and self.request.as_asked(mine[0].url) == self.request:
            self.tally.least = first.list_size or 0
        self.started = first.response_date or mine[0].retrieved_at
        said = [size for size in (self.first.list_size, last.list_size) if size is not None]
        self.pager.total = max(said, default=None)
        return last.token or None

    def _read(self, held: StoredObject) -> Page:
        return read_page(self.visit.read(held), held.url, held.media_type)

    def _in_halves(self, stuck: Stuck) -> bool:
        """Goes on with a smaller span; False where its records are better asked for one by one."""
        self._spans.now.failures += 1
        self._count_unread()
        self.tally.note_whole(self.pager)
        few = self.pager.total is not None and self.pager.total - self.pager.seen <= FEW
        log.warning("%s", stuck)
        return (self._spans.now.sought or not few) and self._spans.halve(self._met, self._highest)

    def _without_pages(self, stuck: Stuck | None) -> Generator[RawObject | Missing, None, str | None]:
        """What the span lists and did not come, one by one; where nothing lists it, what there is of the page.

        Where neither list comes, the first token of a smaller span.
        """
        self._count_unread()
        self._alone = True
        try:
            yield from self.one_by_one.bring_rest(self.now, self.pager)
            self.pager.total = None
        except (ObjectFailed, Stuck) as failed:
            log.warning("%s", failed)
            if stuck is not None and stuck.cut is not None:
                yield from self._keep(*stuck.cut)
                self._note(stuck.cut[1])
            elif isinstance(failed, Stuck) and (self.request.since or self.pager.pages):
                return (yield from self._seek(failed))
            else:
                ill = stuck or failed
                raise (ill.trouble if isinstance(ill, Stuck) else ill) from failed
        return None

    def _seek(self, neither: Stuck) -> Generator[Missing, None, str | None]:
        """Narrows down where the record is that kills both lists; what is as short as can be said is lacking."""
        self.pager.total, self._alone = None, False
        if self._spans.seek(self._met, self._highest):
            return self._begin()
        if (missing := self.one_by_one.lack(self.now, neither.trouble)) is not None:
            yield missing
        self._alone = True
        return None

    def _end_span(self) -> str | None:
        """The first page of what comes next, or None behind the end."""
        now = self._spans.now
        if self.pager.total is not None and self.pager.seen < self.pager.total:
            self._count_unread()
        if self.tally.gap(self.pager) and not now.repeated and not self.tally.damaged:
            now.repeated = True
            log.warning(
                "%s: %d of %d records came; asking once more", now.request.address, self.pager.seen, self.pager.total
            )
            return self._begin()
        self.tally.judge(self.pager)
        if not self._alone:
            self.one_by_one.listed()
        if not self._spans.go_on(well=not self._alone):
            return None
        self._alone = False
        self._count_unread()
        self.tally.close(self.pager)
        return self._begin()

    # --- one page ---

    def _ask(self, token: str) -> tuple[Answer, Page]:
        answer, page = ask_for_page(self.visit, self.now.url(token), self.now.identify_url(), further=bool(token))
        # The server's own clock counts, and ours only where it shows none.
        self.started = self.started or page.response_date or answer.retrieved_at
        return answer, page

    def _keep(self, answer: Answer, page: Page) -> Iterator[RawObject | Missing]:
        key = self.pager.key(CUT if page.damage else "")
        self.pager.shelved(answer.size)
        if self.first is None:
            log.info("%s: first page", self.request.address)
        yield object_of(key, answer)
        if page.damage:
            self.tally.damaged += 1
            yield self._cut(key, page.damage)

    def _cut(self, key: str, why: str) -> Missing:
        detail = f"page {key} is not one whole XML document ({why}); if it stays so, send the custodian this address"
        return Missing(key, self.request.address, "xml_cut", detail)

    def _advance(self, page: Page) -> str | None:
        self._note(page)
        self.pager.turn(page.token, *page.marks, empty=page.adds_nothing_to(self._last))
        self._last = page.fingerprint
        return page.token or None

    def counted(self) -> tuple[int, int]:
        """Records of the whole list, and how many of them changed before the date that was asked for."""
        for held in self._done:
            page = self._read(held)
            self.tally.seen += page.records
            self._judge(page)
        self._done.clear()
        self._count_unread()
        return self.tally.seen + self.pager.seen, self.tally.older

    def repeated(self) -> int:
        """How many records of the whole list came before: pages that were cut out of an order that moved."""
        self.counted()
        return self.tally.repeated + self.pager.repeated()

    def _count_unread(self) -> None:
        for held in self._unread:
            self._count(self._read(held))
        self._unread.clear()

    def _count(self, page: Page) -> None:
        self.pager.count(page.identifiers, None, page.records)
        self._judge(page)

    def _judge(self, page: Page) -> None:
        """What is to be known of its records, beside how many there are."""
        self.tally.broken += page.broken
        if self.request.since:
            self.tally.older += older_than_asked((head.datestamp for head in page.heads), self.request.since)
        for head in page.heads[:1] + page.heads[-1:]:  # parsing them all would cost as much as the rest of it
            if (when := read_date(head.datestamp)) is not None:
                self._met.add(when)
        if self.known is not None:
            self.known.add(page.heads)

    def _note(self, page: Page) -> None:
        self.first = self.first or page
        self._count(page)
        if page.list_size is not None:  # which falls where a server counts what is left: pkp-lib issue 7214
            self.pager.total = max(self.pager.total or 0, page.list_size)
            self.tally.note_total(page.list_size)

    def _explain(self, page: Page, token: str) -> str | None:
        """What an error of the protocol means here: the next token, or None where the list has ended."""
        self._note(page)
        if "noRecordsMatch" in page.codes or (page.listed == "ListRecords" and not page.errors):
            self.unchanged = not token and bool(self.request.since) and not self._spans.split
            return None
        if token and (forgotten := page.codes & {"badResumptionToken", "badArgument"}):  # it is the one argument
            raise Restart(", ".join(forgotten))
        if "badArgument" in page.codes and not token and self._coarsen():
            # Dataverse and DOAJ refuse seconds that they announced: https://github.com/IQSS/dataverse/issues/11020
            log.warning("%s: refuses a date with seconds; asking by day", self.request.address)
            return ""
        raise refusal(page, self.now.url(token))

    def _coarsen(self) -> bool:
        whole = self.request.coarsen()
        return (self.now is not self.request and self.now.coarsen()) or whole

    # --- the end ---

    def _conclude(self) -> Iterator[Missing]:
        """Says how whole it is."""
        tally, pager = self.tally, self.pager
        if self.unchanged:
            self.complete, self.proof = True, f"noRecordsMatch since {self.request.since}"
            return
        resumed = bool(self._unread)
        if self._spans.split:
            self.counted()
            self.tally.judge_all(pager, gaps=bool(self.one_by_one.windows))
            resumed = False
        self.complete = not tally.short and not tally.damaged and not self.one_by_one.missing
        words = self.tally.words(pager, further=resumed)
        self.proof = "; ".join([next(words), *self.one_by_one.words(), *words])
        if not (self.request.since or tally.seen or pager.seen or resumed or tally.damaged):
            # That nothing changed is an answer; that there is nothing at all is none: a set that was renamed says so.
            self.complete = False
            plus = " (most servers take a + for a blank: write %2B)" if "+" in self.request.address else ""
            yield self._missing(
                "nothing", f"{self.request.address}: lists no record; correct metadataPrefix or set{plus}"
            )

    @property
    def unproven(self) -> str:
        """Why it counts as whole only where a person says how many rows are due; empty where it shows it itself."""
        lacking = self.tally.lacking if self.complete else 0
        return f"{self.request.address}: {lacking} records fewer came than were announced, twice" if lacking else ""

    @property
    def announced(self) -> int | None:
        """How many records the server said the whole list has."""
        return self.tally.total(self.pager)

    def _missing(self, reason: str, detail: str) -> Missing:
        self.proof = f"{self.pager.proof()}: {reason}"
        return self.pager.missing(reason, detail)
