"""Is what a server lists everything it has? Asked of full listings, and of answers to `from` that hold too much.

A repository that does not look at `from`, or was indexed again so that every datestamp is new, answers with
everything: then what is not listed is gone. One that keeps no deletions (deletedRecord `no` or `transient`,
https://www.openarchives.org/OAI/openarchivesprotocol.html#DeletedRecords) says so of nothing, and is listed in full
from time to time.
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.protocols.oai_pmh.page import Page, read_page
from biglam_pipeline.harvest.protocols.oai_pmh.places import place_of
from biglam_pipeline.harvest.protocols.oai_pmh.request import Request
from biglam_pipeline.records import StoredObject
from biglam_pipeline.web import Web

_ALL = 0.9
"""An answer with this share of what the last full listing had may be everything."""
_FEW = 10
"""Of so few records most may change in a night."""


def older_than_asked(datestamps: Iterable[str], since: str) -> int:
    """How many records changed more than a day before `from`: a day, since servers keep local time and call it UTC.

    datestamps: as records have them; one that is no date is not older.
    """
    border = date.fromisoformat(since[:10]) - timedelta(days=1)
    return sum(day is not None and day < border for day in map(_day, datestamps))


def may_be_everything(older: int, seen: int, known: int) -> bool:
    """Whether an answer to `from` should be held against what the server has: most of it is old, or it is too much.

    known: records of the last full listing; 0 where that is not known.
    """
    return older * 2 > seen or (known >= _FEW and seen >= known * _ALL)


def is_everything(web: Web, request: Request, first: Page, seen: int) -> bool:
    """Asks without `from`: everything is exactly as many records, announced on the first page or counted to the last.

    That both begin alike shows nothing: what changed last stands first where a server lists the newest first. Nor does
    a completeListSize that says how long the page is (some do), while a token says that the list goes on.
    """
    token, counted, met = "", 0, set[str]()
    while counted <= seen:
        url = Request(request.address).url(token)
        try:
            answer = web.get(url, expect="xml")
            page = read_page(answer.content or b"", url, answer.media_type)
        except ObjectFailed:
            return False
        if page.damage or page.errors:
            return False
        if not token and page.list_size is not None and not (page.token and page.list_size <= page.records):
            return page.list_size == seen
        if not token and page.fingerprint != first.fingerprint:
            return False
        counted += page.records
        token = page.token
        if not token or token in met:
            return not token and counted == seen
        met.add(token)
    return False


def outdated(previous: Mapping[str, StoredObject], place: str, before: int) -> frozenset[str]:
    """Keys of this list's pages from visits before this one, which a full listing then has left behind."""
    return frozenset(
        key for key, held in previous.items() if held.harvest < before and place_of(key.partition("/")[2]) == place
    )


def _day(stamp: str) -> date | None:
    try:
        return date.fromisoformat(stamp.strip()[:10])
    except ValueError:
        return None
