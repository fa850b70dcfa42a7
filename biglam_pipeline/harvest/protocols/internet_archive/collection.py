"""Which items a collection has, page by page.

The scraping API: https://archive.org/help/aboutsearch.htm
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.asking import ask, number_of, objects_of, texts_of
from biglam_pipeline.harvest.protocols.internet_archive.item import HOME, is_identifier
from biglam_pipeline.harvest.visit import Visit

_PAGE_SIZE = 10_000
"""As many as it gives at once."""
_MOST_ITEMS = 1_000_000
"""Each of them costs a request."""


@dataclass(slots=True)
class Members:
    """The items of a collection, collections in it left out: archive.org files their items under it too."""

    visit: Visit
    collection: str
    seen: int = 0
    total: int | None = None
    """As the first page has it; others may be there by the last one."""

    def walk(self) -> Iterator[tuple[str, str]]:
        """Each identifier, and what the index says of the item's state. ObjectFailed where a page cannot be had, or
        leads back.
        """
        met, cursors, cursor = set[str](), set[str](), ""
        while len(met) <= _MOST_ITEMS:
            url = self._address(cursor)
            said = ask(self.visit, url).data
            items = objects_of(said, url, "items")
            if self.total is None:
                self.total = number_of(said.get("total"))
            for item in items:
                (name,) = texts_of(item, "identifier")
                if not is_identifier(name):
                    raise ObjectFailed("damaged", f"{url}: lists {name!r}, which is no identifier; report it")
                if name not in met:
                    met.add(name)
                    yield name, _stamp(item)
            self.seen = len(met)
            (cursor,) = texts_of(said, "cursor")
            if not cursor:
                return
            if cursor in cursors or not items:
                raise ObjectFailed("loop", f"{url}: its cursor leads back, or past the end; run again")
            cursors.add(cursor)
        raise ObjectFailed(
            "too_large", f"ia:{self.collection}: more than {_MOST_ITEMS:,} items; write collections in it instead"
        )

    def check(self) -> None:
        """ObjectFailed where there are fewer than the archive said."""
        if self.total is not None and self.seen < self.total:
            said = f"ia:{self.collection}: lists {self.seen} of {self.total} items"
            raise ObjectFailed("truncated", f"{said}; run again: its index may be behind")

    def _address(self, cursor: str) -> str:
        asked: dict[str, Any] = {
            "q": f"collection:{self.collection} AND NOT mediatype:collection",
            "fields": "identifier,item_size,oai_updatedate",
            "count": _PAGE_SIZE,
        }
        return f"{HOME}/services/search/v1/scrape?{urlencode(asked | ({'cursor': cursor} if cursor else {}))}"


def _stamp(item: Any) -> str:
    """Its size and the days on which it was changed; empty where the index does not say both."""
    size, dates = number_of(item.get("item_size")), item.get("oai_updatedate")
    days = dates if isinstance(dates, list) else [dates] if dates else []
    last = max((str(one) for one in days), default="")
    return f"{size} {len(days)} {last}" if size is not None and last else ""
