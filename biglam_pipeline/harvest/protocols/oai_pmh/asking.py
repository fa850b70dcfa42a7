"""Asks an OAI-PMH server for one page."""

from biglam_pipeline.errors import ObjectFailed, ServerBusy
from biglam_pipeline.harvest.fetching import content_of
from biglam_pipeline.harvest.paging import PAGE_BYTES
from biglam_pipeline.harvest.protocols.oai_pmh.page import Page, read_page
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.web import Answer

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
