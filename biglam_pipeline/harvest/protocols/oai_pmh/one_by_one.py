"""Records that come on no page, asked for one by one: a list that times out, or a record that kills its page.

https://www.openarchives.org/OAI/openarchivesprotocol.html#GetRecord ; https://github.com/datacite/datacite/issues/1442
"""

import json
import logging
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from biglam_pipeline.errors import ObjectFailed, ServerBusy
from biglam_pipeline.harvest.fetching import object_of
from biglam_pipeline.harvest.paging import Pager
from biglam_pipeline.harvest.protocols.oai_pmh.asking import Stuck, ask, is_alive, refusal
from biglam_pipeline.harvest.protocols.oai_pmh.deletions import LISTED, deletions
from biglam_pipeline.harvest.protocols.oai_pmh.heads import heads_of
from biglam_pipeline.harvest.protocols.oai_pmh.known import Known
from biglam_pipeline.harvest.protocols.oai_pmh.page import Head
from biglam_pipeline.harvest.protocols.oai_pmh.request import Request
from biglam_pipeline.patterns import is_ignored
from biglam_pipeline.records import Missing, RawObject

log = logging.getLogger(__name__)

FEW = 1_000
"""So many records are asked for at once where a page does not come; more are first sought in smaller spans."""
_MOST = 10_000
"""More are not asked for one by one: three hours, at a request a second."""
_IN_A_ROW = 3
"""So many failures say that it is not the records: the visit ends, and is taken up again."""
_GONE = {"idDoesNotExist", "cannotDisseminateFormat", "noRecordsMatch"}


@dataclass(slots=True)
class OneByOne:
    """What came of records that were asked for by themselves."""

    ignore: tuple[str, ...] = ()
    """Patterns of identifiers whose records may be lacking."""
    known: Known | None = None
    """Where it is wanted: the headers of those that came."""
    came: int = 0
    gone: int = 0
    """Listed, and not there (any more) when they were asked for."""
    ignored: int = 0
    missing: int = 0
    windows: list[str] = field(default_factory=list)
    """Spans that hold a record for which neither list comes, those that are ignored among them."""
    _failed: int = 0
    _windows_in_a_row: int = 0

    def words(self) -> Iterator[str]:
        """For the proof."""
        if self.came or self.missing or self.ignored:
            yield f"{self.came} records came one by one, since they were on no page"
        if lacking := self.missing + self.ignored - len(self.windows):
            yield f"{lacking} records cannot be had"
        if self.windows:
            yield f"what changed in {', '.join(self.windows)} cannot be had"

    def bring_rest(self, request: Request, pager: Pager) -> Iterator[RawObject | Missing]:
        """All that a span lists and the pager has not met. ObjectFailed where the list cannot be had."""
        met, wanted = pager.met(), dict[str, Head]()
        counting = Pager(pager.visit, pager.limits, pager.name)
        try:
            for heads in heads_of(pager.visit, request, counting):
                new = (head for head in heads if head.identifier and hash(head.identifier) not in met)
                wanted |= {head.identifier: head for head in new}
                if len(wanted) > _MOST:
                    raise ObjectFailed("too_large", f"{request.address}: more than {_MOST:,} records come on no page")
        except ServerBusy as busy:
            if not is_alive(pager.visit, request.identify_url(), busy):
                raise
            raise Stuck(busy) from busy
        log.warning("%s: %d records come on no page; asking for each", request.address, len(wanted))
        yield from self.bring(request, pager, wanted)

    def bring(self, request: Request, pager: Pager, wanted: Mapping[str, Head]) -> Iterator[RawObject | Missing]:
        """These records, by their identifiers; one that is listed as deleted has no more than its header.

        Servers that list a deletion and do not know the record (idDoesNotExist) are not rare.
        """
        gone = [head for head in wanted.values() if head.deleted]
        for identifier, head in wanted.items():
            found = None if head.deleted else self._bring(request, pager, identifier)
            if found is not None:
                yield found
        yield from deletions(gone, LISTED, request, pager)
        if self.known is not None:
            self.known.add(gone)
        pager.count([head.identifier for head in gone], None)

    def _bring(self, request: Request, pager: Pager, identifier: str) -> RawObject | Missing | None:
        url = request.record_url(identifier)
        try:
            answer, page = ask(pager.visit, url)
            if page.codes & _GONE:
                self.gone += 1
                return None
            if page.damage:
                raise ObjectFailed("xml_cut", f"{url}: is not one whole XML document ({page.damage})")
            if not page.records:
                raise refusal(page, url)
        except ServerBusy as busy:
            self._failed += 1
            if busy.crowded or self._failed >= _IN_A_ROW:
                raise
            return self._lacking(identifier, url, ObjectFailed("unavailable", str(busy)))
        except ObjectFailed as failed:
            return self._lacking(identifier, url, failed)
        self._failed = 0
        self.came += 1
        if self.known is not None:
            self.known.add(page.heads)
        key = pager.key()
        pager.shelved(answer.size)
        pager.count(page.identifiers, None, page.records)
        return object_of(key, answer)

    def lack(self, span: Request, trouble: ObjectFailed | ServerBusy) -> Missing | None:
        """That neither list comes for a span that cannot be cut, or nothing where it may be lacking. The trouble itself
        where span after span is so: then it is not a record.
        """
        self._windows_in_a_row += 1
        if self._windows_in_a_row >= _IN_A_ROW:
            raise trouble
        self.windows.append(span.dates)
        if any(span.lies_in(pattern) for pattern in self.ignore):
            self.ignored += 1
            return None
        self.missing += 1
        detail = (
            f"{trouble}; it lists neither records nor identifiers of {span.dates}, so one of them kills the list: tell "
            f'the custodian, or leave out what changed then with `ignore: "{span.widened().dates}"`'
        )
        return Missing(span.dates, span.url(), "unavailable", detail)

    def listed(self) -> None:
        """That a span came to its end."""
        self._windows_in_a_row = 0

    def _lacking(self, identifier: str, url: str, failed: ObjectFailed) -> Missing | None:
        if is_ignored(self.ignore, identifier):
            self.ignored += 1
            return None
        self.missing += 1
        detail = f"{failed.detail}; tell the custodian, or leave it out with `ignore: {_pattern(identifier)}`"
        return Missing(identifier, url, failed.reason, detail)


def _pattern(identifier: str) -> str:
    """What fits this one, as YAML takes it: braces choose in a pattern, and Esri's identifiers have them."""
    return json.dumps(re.sub(r"[{}]|^[!/]", "*", identifier), ensure_ascii=False)
