"""Asks an OAI-PMH server for one page."""

import logging

from biglam_pipeline.errors import ObjectFailed, ServerBusy
from biglam_pipeline.harvest.fetching import content_of
from biglam_pipeline.harvest.paging import PAGE_BYTES
from biglam_pipeline.harvest.protocols.oai_pmh.page import Page, read_page
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.web import Answer

log = logging.getLogger(__name__)

# Some servers explain themselves in XML under an HTTP error: https://github.com/miku/metha/issues/39
_EXPLAINED = (400, 404, 422)


class Restart(Exception):
    """The token is worth nothing any more; the list has to be asked for from its start."""


class Stuck(Exception):
    """A page does not come, while the server answers else: a record in it may be the cause."""

    def __init__(self, trouble: ObjectFailed | ServerBusy, cut: tuple[Answer, Page] | None = None) -> None:
        """cut: as much of the page as came."""
        super().__init__(str(trouble))
        self.trouble, self.cut = trouble, cut


def ask(visit: Visit, url: str) -> tuple[Answer, Page]:
    """What came, and what it says. ObjectFailed, ServerBusy, SourceChanged."""
    answer = visit.web.get(url, expect="xml", into=visit.scratch, max_bytes=PAGE_BYTES, also_status=_EXPLAINED)
    return answer, read_page(content_of(answer), url, answer.media_type)


def ask_for_page(visit: Visit, url: str, identify_url: str, *, further: bool) -> tuple[Answer, Page]:
    """A page of a list; one that does not come whole is asked for twice. further: whether a token stands for it.

    Stuck, Restart, ObjectFailed, ServerBusy, SourceChanged.
    """
    for attempt in (1, 2):
        try:
            answer, page = ask(visit, url)
        except ServerBusy as busy:
            if not is_alive(visit, identify_url, busy):
                raise
            raise Stuck(busy) from busy
        except ObjectFailed as failed:
            # A server under load sends nothing, or has lost its list; tokens serve once: it is asked for again.
            if failed.reason in ("empty", "not_found") and further:
                raise Restart(f"no answer to its token ({failed.reason})") from failed
            raise
        if page.damage and attempt == 1:
            log.warning("%s: %s; trying once more", url, page.damage)
            continue
        if page.repairs:
            log.warning("%s: mended: %s", url, ", ".join(page.repairs))
        if page.damage and not page.token and page.records > page.broken:
            raise Stuck(ObjectFailed("xml_cut", f"{url}: {page.damage}"), (answer, page))
        return answer, page
    raise AssertionError


def is_alive(visit: Visit, url: str, busy: ServerBusy) -> bool:
    """Whether a server that does not send one page answers else. Not asked of one that wants to be left alone.

    url: of its Identify.
    """
    if busy.crowded:
        return False
    try:
        visit.web.get(url, expect="xml")
    except (ServerBusy, ObjectFailed):
        return False
    return True


def refusal(page: Page, url: str) -> ObjectFailed:
    """The server's own words."""
    words = "; ".join(f"{code or 'no code'}: {text or 'no words'}" for code, text in page.errors)
    words = words or "neither records nor an error"
    return ObjectFailed("refused", f"{url}: the server says {words}; correct the address")
