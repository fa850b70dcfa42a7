"""Goes over one list of an API, page after page, and holds what came against what the server said of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from biglam_pipeline.errors import ConfigError, ObjectFailed, SourceChanged
from biglam_pipeline.harvest.paging import PAGE_BYTES, Pager, Sheet
from biglam_pipeline.harvest.protocols.json_api.page import (
    Names,
    Page,
    at_path,
    identify,
    name_of_identifier,
    number_in,
    read_page,
)
from biglam_pipeline.harvest.protocols.json_api.ways import (
    ByCursor,
    ByNumber,
    Turn,
    Way,
    Whole,
    find_way,
    followed,
    parameters,
    said_by_entry,
    size_asked,
    with_parameter,
)
from biglam_pipeline.harvest.protocols.json_api.words import FIRST, MORE, PAGES, TOTALS, plain
from biglam_pipeline.parsing.link_header import next_of
from biglam_pipeline.records import Missing, RawObject, Unchanged
from biglam_pipeline.secrecy import REMOVED
from biglam_pipeline.web import Answer

_WINDOW = 10_000
"""Elasticsearch and OpenSearch count and give no more unless they are asked to (index.max_result_window,
track_total_hits: https://www.elastic.co/guide/en/elasticsearch/reference/current/paginate-search-results.html).
"""
_USUAL = frozenset(
    (10, 12, 15, 16, 18, 20, 24, 25, 30, 32, 36, 40, 48, 50, 60, 64, 75, 80, 96, 100, 120, 128, 150, 200)
)
"""So many records have pages whose size nobody asked for; so have those of 250, 500, and further hundreds."""
_SAY = (
    "say how it goes on: `next: PATH` of a link in the page, `next: {PARAMETER: PATH}` of a cursor, "
    "`next: {page: +1}`, `next: {offset: +100}`, or `next: none` if this is all"
)


@dataclass(slots=True)
class Walk:
    """One list under way."""

    pager: Pager
    says_next: str | Mapping[str, str] | None = None
    says_total: str | None = None
    says_records: str = ""
    way: Way | None = None
    doubts: list[str] = field(default_factory=list)
    """Why it may be less than everything, each with what to do."""
    _in_header: int | None = None
    """How many records a header says there are."""
    _header: tuple[str, str] = ("", "")
    """The address of the page that came last in this visit, and its Link header."""
    _names: Names | None = None
    _identifier: str | None = None
    _total_at: Names | None = None
    _announced: int | None = None
    """The total that the first page said."""
    _next: str = ""
    _begun: bool = False
    largest: int = 0
    """The most records that a page had."""
    _last: Sequence[str] = ()
    _first: Sequence[str] = ()
    """What tells the records of the first page."""
    _held: tuple[Page | None, str] = (None, "")

    def walk(self) -> Iterator[RawObject | Unchanged | Missing]:
        """The pages; at last what is missing where the server said that there is more."""
        self.pager.check = self._note_link
        try:
            for found in self.pager.walk(self.pager.name, self._read, expect="json"):
                if isinstance(found, Missing) and self._is_end(found):
                    self.pager.ended = True
                else:
                    yield self._with_remedy(found) if isinstance(found, Missing) else found
        except (SourceChanged, ConfigError) as error:
            if not (more := self._window() or self._elsewhere()):
                raise
            raise SourceChanged(f"{error}{more}") from error
        if not self.pager.ended or not self.pager.seen:
            return
        self._judge_end()
        self._doubt_number()
        for detail in self.doubts:
            yield self.pager.missing("unproven", f"{self.pager.name}: {detail}")

    def _is_end(self, found: Missing) -> bool:
        """A number beyond the last page is refused by some, behind a page that was short already; others say that
        there is nothing (204: https://www.rfc-editor.org/rfc/rfc9110#section-15.3.5).
        """
        numbered = isinstance(self.way, ByNumber) and self.pager.total is None and not self._window()
        short = 0 < len(self._last) < self.largest
        return numbered and (found.reason == "nothing" or (found.reason in ("refused", "not_found") and short))

    @property
    def is_whole(self) -> bool:
        """Whether all that the server has came."""
        return self.pager.is_whole and not self.doubts

    def proof(self) -> str:
        """In words."""
        pages = f"{self.pager.pages} page{'s' * (self.pager.pages != 1)}"
        way = f" ({self.way.name}, {pages})" if self.way else ""
        return "; ".join([f"{self.pager.proof()}{way}", *self.doubts])

    # --- one page ---

    def _note_link(self, answer: Answer) -> None:
        self._header = answer.url, answer.link
        found = None if answer.total.startswith("bytes") else number_in(answer.total.rpartition("/")[2])
        self._in_header = self._in_header if found is None else found

    def _read(self, content: bytes, url: str) -> Sheet:
        page, self._names = read_page(content, url, self.says_records, self._names)
        if not self._begun and page.records and self._identifier is None:
            self._identifier = name_of_identifier(page.records)
        identifiers = identify(page.records, self._identifier)
        if identifiers and list(identifiers) == list(self._last):
            raise ObjectFailed("loop", f"{url}: has the same records as the page before it; {_SAY}")
        self._first = self._first or identifiers
        self._last, self.largest = identifiers, max(self.largest, len(identifiers))
        total = self._total(page)
        self._announced = total if self._announced is None else self._announced
        self._doubt_partial(page)
        turn = Turn(url, page, self.pager.seen + len(identifiers), total, self.largest, lambda: self._link(url))
        link = self._follow(turn)
        self._begun = self._begun or bool(page.records)
        self._next = followed(url, link)
        return Sheet(identifiers, self._next, total)

    def _follow(self, turn: Turn) -> str:
        if not turn.page.records and not self._begun and (first := next(turn.page.links(FIRST), "")):
            return first
        if self.way is None:
            self._refuse_nested(turn)
            self.way = said_by_entry(self.says_next) if self.says_next is not None else find_way(turn, turn.link)
            if self.way is None or (isinstance(self.way, ByNumber) and not self._goes_on(turn, self.way)):
                self.way = self._only_page(turn)
        if not turn.page.records and turn.total is not None and turn.seen >= turn.total:
            return ""  # some say a next page for ever
        return self.way.follow(turn)

    def _refuse_nested(self, turn: Turn) -> None:
        """One object that holds as many as were asked for is no record, but a part of the answer, as DDB has them; nor
        is a document without a list and without a name of its own, as long as the entry does not say that it is all.
        """
        if turn.page.is_nameless() and self.says_next is None:
            said = "has no list, and nothing that tells a record from others, such as an id; open it in a browser, and"
            said += " write `records: PATH` of its list, or `next: none` if the whole document is one record"
            raise ObjectFailed("no_records", f"{turn.url}: {said}")
        name, at = turn.page.nested(size_asked(turn.url)), ".".join(self._names or ())
        if name and not self.says_records:
            path = f"{at}[].{name}[]"
            said = f"`{at}` has one object, and that has the records that were asked for in `{name}`"
            raise ObjectFailed("no_records", f"{turn.url}: {said}; write `records: {path}`, and `rows: {path}`")

    def _goes_on(self, turn: Turn, way: ByNumber) -> bool:
        """A list whose page has a number, and nobody asked for its size, may have pages of any."""
        return self._may_go_on(turn) or (turn.total is None and (way.told or size_asked(turn.url) is None))

    def _only_page(self, turn: Turn) -> Way:
        """Of a page that shows no way on: is it all?"""
        if self._may_go_on(turn):
            came = len(turn.page.records)
            of = f" of {turn.total}" if turn.total is not None and turn.total > came else ""
            self.doubts.append(f"{came}{of} records came, which looks like one page of several; {_SAY}")
        return Whole()

    @staticmethod
    def _may_go_on(turn: Turn) -> bool:
        came, page, asked = len(turn.page.records), turn.page, size_asked(turn.url)
        if turn.total is not None:
            return turn.total > came
        more = any(value for _, value in page.find(MORE, kinds=(bool,)))
        pages = any(value > 1 for _, value in page.find(PAGES, kinds=(int,)))
        usual = came in _USUAL or (came >= 250 and came % 50 == 0)
        hints = any(number > came for number in page.hints())
        unclear = next(page.unclear(), "") or page.leads_on_inside()
        return bool(more or pages or hints or usual or unclear or (asked and came >= asked))

    def _link(self, url: str) -> str:
        """What the Link header calls `next`. A page that was kept, or came in an earlier attempt, shows none: then the
        one behind it says where it led; of the first, and where none is behind, it is asked for again.
        """
        visit, key = self.pager.visit, self.pager.key()
        if self._header[0] == visit.web.shown(url):
            return next_of(self._header[1])
        held = visit.shelved.get(key) or visit.known.get(key)
        if self.way is not None and held is not None and REMOVED not in held.url:
            return held.url
        self._note_link(visit.web.get(url, expect="json", into=visit.scratch, max_bytes=PAGE_BYTES))
        return next_of(self._header[1])

    # --- what the server says of the whole ---

    def _total(self, page: Page) -> int | None:
        if self.says_total == "none":
            return None
        if self.says_total is not None:
            found = number_in(at_path(page.body, "total", self.says_total, self.pager.name))
            if found is None:
                detail = (
                    f"{self.pager.name}: `total: {self.says_total}` gives no number; correct it, or write `total: none`"
                )
                raise ObjectFailed("no_total", detail)
            return found
        if self._total_at is None and page.records:
            self._total_at = self._find_total(page) or ()
        return number_in(page.around.get(self._total_at)) if self._total_at else self._of_header()

    def _of_header(self) -> int | None:
        """What a header says of the whole list; as many as a page has, or less, may be of that page."""
        if self.says_total is None and not self._total_at and (self._in_header or 0) > self.largest:
            return self._in_header
        return None

    def _find_total(self, page: Page) -> Names | None:
        """Where it stands. A number that is less than what came is of something else: of pages, of this page."""
        found = [(path, number) for path, value in page.around.items() if (number := number_in(value)) is not None]
        for name in TOTALS:
            for path, number in found:
                inside = path[-2] if len(path) > 1 and plain(path[-1]) in ("value", "total") else ""
                of_elastic = plain(path[-1]) == "value" and plain(inside) in ("total", "hits")
                if (plain(path[-1]) == name or (name == "total" and of_elastic)) and number >= len(page.records):
                    if name == "count" and number == len(page.records):
                        continue  # of this page: it proves nothing
                    self._doubt_bound(page, path, of_elastic=of_elastic)
                    return path
        return None

    def _doubt_bound(self, page: Page, path: Names, *, of_elastic: bool) -> None:
        if of_elastic and page.around.get((*path[:-1], "relation")) == "gte":
            self.doubts.append(
                "the server only says that it has at least so many (relation gte); add track_total_hits=true to the "
                "address, or ask for parts that have fewer"
            )
        if page.around.get((*path[:-1], "numFoundExact")) is False:
            self.doubts.append(
                "the server only says that it has at least so many (numFoundExact false); leave minExactCount out of "
                "the address, or ask for parts that have fewer"
            )

    def _doubt_partial(self, page: Page) -> None:
        doubt = f"the server gave up before it had everything (`{page.partial()}`)"
        if page.partial() and not any(one.startswith(doubt) for one in self.doubts):
            self.doubts.append(f"{doubt}; harvest again, or ask for smaller pages or for parts that have fewer")

    def _judge_end(self) -> None:
        pager = self.pager
        pager.total = self._of_header() if pager.total is None else pager.total
        came = pager.seen - pager.repeated()
        if pager.total is not None and came > pager.total:
            self.doubts.append(
                f"{came} records came where the server announced {pager.total}; write `total: PATH` of the right "
                "number, or `total: none` if it counts otherwise"
            )
        if pager.is_short and not self.doubts:
            self.doubts.append(f"{came} of {pager.total} records came{self._why_short(came)}")
        moved = abs((pager.total or 0) - (self._announced or 0))
        if pager.total is not None and self._announced and moved > 10 + pager.total // 50:
            self.doubts.append(
                f"the total went from {self._announced} to {pager.total} while pages came: a next page that forgets "
                "what the address asks for does that; say the way by `next: {page: +1}`, or harvest again"
            )
        fell = (self._announced or 0) - (pager.total or 0)
        if pager.total is not None and fell > pager.total // 1000 and not isinstance(self.way, ByCursor):
            self.doubts.append(
                f"the total fell from {self._announced} to {pager.total} while pages came, so that records may have "
                "moved to pages that were there already; harvest again"
            )
        if came and came % _WINDOW == 0 and not pager.is_short and self.says_total is None and self.says_next != "none":
            self.doubts.append(
                f"exactly {came} records came, as where a server's window ends; {_PARTS}, or write "
                "`total: PATH` if that is true"
            )

    def _doubt_number(self) -> None:
        """Some call `offset` what counts pages: asked for by the number of records, they pass most of them over, and
        end. Where nothing else tells, a page is asked for from the second record on.
        """
        way, name = self.way, self.pager.name
        if not isinstance(way, ByNumber) or way.by_page or way.told or self.pager.total is not None:
            return
        if len(self._first) < max(2, size_asked(name) or 0) or self._window():
            return
        written = parameters(name).get(way.parameter, "")
        second = int(written) + 1 if written.isascii() and written.isdigit() else way.starts + 1
        url = with_parameter(name, way.parameter, str(second))
        try:
            answer = self.pager.visit.web.get(url, expect="json", max_bytes=PAGE_BYTES)
            page, _ = read_page(answer.content or b"", url, self.says_records, self._names)
        except ObjectFailed:
            return  # some take only what begins a page
        if list(identify(page.records, self._identifier)[:1]) != list(self._first[1:2]):
            self.doubts.append(
                f"`{way.parameter}` seems to count pages: {self.pager.visit.web.shown(url)} does not begin with the "
                f"second record; write `next: {{{way.parameter}: +1}}`, or `next: {{{way.parameter}: "
                f"+{len(self._first)}}}` if it counts records"
            )

    def _why_short(self, came: int) -> str:
        if self.pager.repeated():
            return (
                f", {self.pager.repeated()} others twice: their order changes from page to page; ask for a fixed one "
                "(a parameter such as sort=id), or harvest again; `total: none` where records may be equal"
            )
        if isinstance(self.way, Whole) and self.says_next is None:
            return f", which looks like one page of several; {_SAY}"
        if came and came % 1000 == 0:
            return f", which is as far as this server counts (Elasticsearch's window has {_WINDOW}); {_PARTS}"
        return "; harvest again, and tell the custodian if it stays so; `total: none` if it counts otherwise"

    def _with_remedy(self, found: Missing) -> Missing:
        """Of a page behind a server's window, which is refused, what to do."""
        if found.reason == "wall":
            return replace(found, detail=f"{found.detail}. {_NO_PAGE}")
        if found.reason == "loop" and _SAY not in found.detail:
            return replace(found, detail=f"{found.detail}, or {_SAY}")
        return replace(found, detail=f"{found.detail}{self._window()}") if found.reason in _ENDS else found

    def _elsewhere(self) -> str:
        """Servers behind a proxy give their inner names away, which nobody else can reach."""
        inside = urlsplit(self._next).hostname in (None, urlsplit(self.pager.name).hostname)
        return "" if inside else "; a next link of the server led there: say the way by `next: {page: +1}` or its like"

    def _window(self) -> str:
        """Where a refusal, even a 403, may only mean that this is all that the server counts."""
        seen = self.pager.seen
        return f"; {seen} records came before it, as where a window ends: {_PARTS}" if seen and seen % 1000 == 0 else ""


_ENDS = ("refused", "not_found", "unavailable", "nothing")
_NO_PAGE = (
    "json+ is for the address at which a program is answered in JSON: look for the institution's API; some answer so "
    "with format=json, fo=json or .json in the address"
)
_PARTS = "ask for parts that have fewer, such as `…&department={a,b}` or by years, or by a cursor if it has one"
