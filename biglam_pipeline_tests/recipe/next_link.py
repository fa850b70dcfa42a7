"""Lists in JSON that name their next page: a protocol for the tests, with what one needs and no more.

https://datatracker.ietf.org/doc/html/rfc8288#section-1 ; APIs put the link into the body, as `next`.
"""

import json
from collections.abc import Iterator, Mapping
from typing import ClassVar, Literal

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.harvester import require_web_address
from biglam_pipeline.harvest.paging import InPages, Sheet, evidence_of
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Harvested
from biglam_pipeline.settings import Accounts


class NextLink(InPages):
    """Pages of records; each page is shelved as it came."""

    prefix: ClassVar[str] = "next+"
    addresses: ClassVar[Mapping[str, str]] = {"next+https://…": "the records of a list, page by page"}
    accounts: ClassVar[Accounts] = Accounts(
        "records of all pages, each identifier once",
        "`total`, where the server states one; a last page without `next`",
        "fewer than announced, or a list that leads back: the harvest is not whole",
    )

    type: Literal["next_link"] = "next_link"
    """Lists in JSON that name their next page."""

    @classmethod
    def check_address(cls, address: str) -> str:
        """http(s) only."""
        return require_web_address(address)

    def asked_format(self, address: str) -> str:
        """By which a reader knows that these pages are its."""
        return "listed"

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """Page after page, from each address on."""
        lists = self.lists(visit)
        for pager in lists:
            yield from pager.walk(pager.name, _read, expect="json")
        yield evidence_of(lists)


def _read(content: bytes, url: str) -> Sheet:
    try:
        page = json.loads(content)
        identifiers, total = [str(record["id"]) for record in page["records"]], page.get("total")
        return Sheet(identifiers, str(page.get("next") or ""), None if total is None else int(total))
    except (ValueError, LookupError, TypeError, AttributeError) as wrong:
        raise ObjectFailed("not_json", f"{url}: is no page of records ({wrong!r}); correct the address") from wrong
