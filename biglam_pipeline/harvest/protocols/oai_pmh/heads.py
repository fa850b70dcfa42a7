"""Which records a server has, by their headers alone: a list that costs a tenth of the records, or less.

https://www.openarchives.org/OAI/openarchivesprotocol.html#ListIdentifiers
"""

from collections.abc import Iterator

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.paging import Pager
from biglam_pipeline.harvest.protocols.oai_pmh.asking import ask, refusal
from biglam_pipeline.harvest.protocols.oai_pmh.page import Head, Page
from biglam_pipeline.harvest.protocols.oai_pmh.request import Request
from biglam_pipeline.harvest.visit import Visit


def heads_of(visit: Visit, request: Request, pager: Pager) -> Iterator[tuple[Head, ...]]:
    """The headers, page by page; after the last the list is known to be whole.

    pager: counts them, and ends a list that has no end. ObjectFailed where the list is not whole, or is none.
    ServerBusy, SourceChanged.
    """
    token, last = "", b""
    while True:
        url = request.url(token, "ListIdentifiers")
        page = _ask(visit, url)
        if page.errors and "noRecordsMatch" not in page.codes:
            raise refusal(page, url)
        if page.listed != "ListIdentifiers" and not page.errors:
            raise ObjectFailed("refused", f"{url}: answered with something else than a list of identifiers")
        said = [size for size in (pager.total, page.list_size) if size is not None]
        pager.count(page.identifiers, max(said, default=None), page.records)
        pager.shelved(0)
        yield page.heads
        pager.turn(page.token, *page.marks, empty=page.adds_nothing_to(last))
        last = page.fingerprint
        if not (token := page.token):
            break
    if pager.total is not None and pager.seen < pager.total:
        raise ObjectFailed("refused", f"{request.address}: listed {pager.seen} of {pager.total} identifiers")


def _ask(visit: Visit, url: str) -> Page:
    page = ask(visit, url)[1]
    page = ask(visit, url)[1] if page.damage else page
    if page.damage or page.broken:
        raise ObjectFailed("xml_cut", f"{url}: is not whole ({page.damage or 'a header cannot be read'})")
    return page
