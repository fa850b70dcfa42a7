"""Deletions that no page of records brought, as a server that keeps them would send them.

The readers know no other way to hear of one: https://www.openarchives.org/OAI/openarchivesprotocol.html#DeletedRecords
"""

import hashlib
from collections.abc import Iterator, Sequence
from html import escape

from biglam_pipeline.harvest.paging import Pager
from biglam_pipeline.harvest.protocols.oai_pmh.page import Head
from biglam_pipeline.harvest.protocols.oai_pmh.request import Request
from biglam_pipeline.records import RawObject

NOT_LISTED = "that two full listings by ListIdentifiers did not name any more"
LISTED = "that ListIdentifiers says are deleted"

_TOGETHER = 1_000
"""Deletions on one page."""


def deletions(heads: Sequence[Head], why: str, request: Request, pager: Pager) -> Iterator[RawObject]:
    """The pages that say so. heads: with the server's datestamp, or none where it is ours to say when."""
    for start in range(0, len(heads), _TOGETHER):
        yield _page(heads[start : start + _TOGETHER], why, request, pager)


def _page(heads: Sequence[Head], why: str, request: Request, pager: Pager) -> RawObject:
    visit = pager.visit
    url = visit.web.shown(Request(request.address).url(verb="ListIdentifiers"))
    when = visit.opened_at
    ours = request.written(when)
    records = "\n".join(
        f'<record><header status="deleted"><identifier>{escape(head.identifier)}</identifier>'
        f"<datestamp>{escape(head.datestamp) or ours}</datestamp></header></record>"
        for head in heads
    )
    content = (
        '<?xml version="1.0" encoding="UTF-8"?>\n<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">\n'
        f"<!-- Not an answer of the server: biglam_pipeline wrote it of records {why}. -->\n"
        f"<responseDate>{when:%Y-%m-%dT%H:%M:%SZ}</responseDate><request>{escape(url)}</request>\n"
        f"<ListRecords>\n{records}\n</ListRecords>\n</OAI-PMH>\n"
    ).encode()
    key = pager.key()
    pager.shelved(len(content))
    sha256 = hashlib.sha256(content).hexdigest()
    return RawObject(key, url, when, sha256, len(content), content, media_type="text/xml")
