"""Lists that an API gives in JSON, page by page; how it pages is found out from its first answer, or said.

https://www.rfc-editor.org/rfc/rfc8259 ; the words that are looked for, and whose they are: `words.py`
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Annotated, ClassVar, Literal
from urllib.parse import parse_qsl, urlsplit

import jmespath
from jmespath.exceptions import JMESPathError
from pydantic import Field, ValidationInfo, field_validator

from biglam_pipeline.harvest.harvester import UNASKED, check_secrets, require_web_address, split_pattern
from biglam_pipeline.harvest.paging import InPages, Pager, coverage_of
from biglam_pipeline.harvest.protocols.json_api.since import begins_at, changes, check_since, is_empty, with_since
from biglam_pipeline.harvest.protocols.json_api.walking import Walk
from biglam_pipeline.harvest.protocols.json_api.ways import check_next
from biglam_pipeline.harvest.protocols.json_api.words import APIS
from biglam_pipeline.harvest.relisting import Relist, is_due
from biglam_pipeline.harvest.visit import Visit
from biglam_pipeline.records import Evidence, Harvested
from biglam_pipeline.settings import Accounts

_PARAMETER = re.compile(r"[A-Za-z0-9_.~\[\]-]+")
"""The unreserved signs of RFC 3986, and brackets, which services use."""


class JsonApi(InPages):
    """`json+https://host/api/objects?limit=100`; each page is shelved as it came."""

    prefix: ClassVar[str] = "json+"
    addresses: ClassVar[Mapping[str, str]] = {
        "json+https://…?limit=100": "the records that an API lists in JSON, page by page: by next links, cursors, page "
        "numbers, offsets, or a Link header"
    }
    accounts: ClassVar[Accounts] = Accounts(
        "records of all pages, those that came twice counted once",
        "the total, where the server states one; a last page that leads no further",
        "fewer or more than announced, a page that looks like one of several, a list that leads back: not whole",
    )
    notes: ClassVar[str] = (
        "A key goes into a header: `headers: {X-Api-Key: env:NAME}`; where a service takes it in the address alone, "
        "`query: {apikey: env:NAME}`: where it says the key again, `***` is kept. How the list goes on is found out "
        "from its first page; where that cannot be, the harvest is not whole and says what to write. Pages are kept as "
        "they came: one that differs only in a time or a duration is shelved again and read again, and nothing of it "
        "is published. With `since` a later night asks for what has changed alone, and lays it over what is there; a "
        "server that answers such a question with everything is seen, and asked so no more."
    )

    type: Literal["json_api"] = "json_api"
    """An API that lists its records in JSON."""
    query: dict[str, str] = Field(default_factory=dict)
    """{NAME: env:NAME}: a key that the service takes in the query of its addresses alone, and in no header; the value
    stands in the environment, and nowhere else. It goes to the source's own hosts, and never over http."""
    next: Annotated[str | dict[str, str] | None, Field(union_mode="left_to_right")] = None
    """How the list goes on, where its first page does not show it: PATH of a link in the page, {PARAMETER: PATH} of a
    cursor, {page: +1}, {offset: +100}, or none for one page alone."""
    total: Annotated[str | None, UNASKED] = None
    """Where the page says how many records there are: a PATH; none where it says it nowhere."""
    since: Annotated[str | dict[str, str] | None, UNASKED, Field(union_mode="left_to_right")] = None
    """The parameter by which the API gives only what has changed: modified_after, or {NAME: TEXT} with {time}, {day} or
    {seconds} in it. Without it each page is asked for each night."""
    lag_seconds: Annotated[int, UNASKED, Field(ge=0)] = 3600
    """With `since`: so far before the last visit the next one begins."""
    relist: Annotated[Relist, UNASKED] = "monthly"
    """With `since`: how often all is listed, for what is gone, which no list of changes says."""
    records: Annotated[str, UNASKED] = ""
    """Where the list of records is, as `rows` of the reader says it, where another one would be taken for it."""

    @classmethod
    def check_address(cls, address: str) -> str:
        """http(s), without a pattern."""
        if split_pattern(require_web_address(address))[1]:
            raise ValueError(f"{address}: nothing is listed here to choose from; choose by the API's own parameters")
        parts = urlsplit(address)
        host = (parts.hostname or "").removeprefix("www.")
        if found := APIS.get(host):
            raise ValueError(f"{address}: is a page for people; the API of {host} is json+{found}")
        if host == "loc.gov" and "fo=json" not in parts.query:
            raise ValueError(f"{address}: answers with a page for people; add fo=json: …?fo=json&c=100")
        return address.partition("#")[0]

    @field_validator("query")
    @classmethod
    def _by_name_only(cls, query: dict[str, str], info: ValidationInfo) -> dict[str, str]:
        asked = {name for url in info.data.get("url", ()) for name, _ in parse_qsl(urlsplit(url).query)}
        for name in query:
            if not _PARAMETER.fullmatch(name):
                raise ValueError(
                    f"`{re.split('[=:&?]', name)[0]}…` is no name of a parameter; write {{apikey: env:NAME}}"
                )
            if name in asked:
                raise ValueError(f"{name} stands in the address too; leave it out there")
        return check_secrets("keys in query", query, info)

    @property
    def lays_over(self) -> bool:
        """With `since`."""
        return self.since is not None

    @property
    def secret_headers(self) -> Mapping[str, str]:
        """Those of the entry, and beside them the keys that go into the query."""
        keys = {f"?{name}": value.removeprefix("env:") for name, value in self.query.items()}
        return {**super().secret_headers, **keys}

    @field_validator("next")
    @classmethod
    def _a_way(cls, said: str | dict[str, str] | None) -> str | dict[str, str] | None:
        if said is not None:
            check_next(said)
        return said

    @field_validator("total", "records")
    @classmethod
    def _a_path(cls, path: str | None) -> str | None:
        try:
            jmespath.compile(path or "@")
        except (JMESPathError, ValueError) as error:
            said = str(error).partition("\n")[0]
            raise ValueError(
                f"{path!r} is no JMESPath ({said}); write a path in the page such as info.total"
            ) from error
        return path

    @field_validator("since")
    @classmethod
    def _a_moment(cls, said: str | dict[str, str] | None) -> str | dict[str, str] | None:
        if said is not None:
            check_since(said)
        return said

    def visit(self, visit: Visit) -> Iterator[Harvested]:
        """Page after page, from each address on, or what has changed; a page that is what it was is kept."""
        since, due = visit.cursor.get("from", ""), True
        if self.since is not None and since and "ignores_since" not in visit.cursor:
            due = is_due(self.relist, visit.cursor["listed_at"], visit.opened_at, visit.asked_at)
        if due or self.since is None:
            yield from self._all(visit)
        else:
            yield from self._changed(visit, self.since, datetime.fromisoformat(since))

    def _all(self, visit: Visit) -> Iterator[Harvested]:
        walks = [self._walk(pager) for pager in self.lists(visit)]
        for walk in walks:
            yield from walk.walk()
        coverage = coverage_of([one.pager for one in walks])
        cursor = self._cursor(visit, sum(one.pager.seen for one in walks)) if self.since is not None else {}
        cursor |= {"ignores_since": "1"} if cursor and "ignores_since" in visit.cursor else {}
        yield Evidence("replace", all(one.is_whole for one in walks), _proof(walks), cursor=cursor, coverage=coverage)

    def _changed(self, visit: Visit, said: str | dict[str, str], since: datetime) -> Iterator[Harvested]:
        """What has changed, laid over what is there. A server that does not look at the parameter gives everything."""
        walks = []
        for number, address in enumerate(self.url):
            begins = f"since-{visit.number:05d}/{number:03d}/"
            walks.append(self._walk(Pager(visit, self.limits, with_since(address, said, since), begins, ".json")))
            yield from changes(walks[-1])
        whole = all(one.is_whole or is_empty(one) for one in walks)
        seen, largest = sum(one.pager.seen for one in walks), max(one.largest for one in walks)
        if whole and largest < seen and seen >= int(visit.cursor["records"]):
            proof = f"{_proof(walks)}; `since` is not looked at, or all has changed: this is everything"
            yield Evidence("replace", True, proof, cursor={**self._cursor(visit, seen), "ignores_since": "1"})
            return
        cursor = {**visit.cursor, "from": begins_at(visit.opened_at, self.lag_seconds)}
        nothing = all(is_empty(one) for one in walks)
        yield Evidence("extend", whole, f"changes since {since:%Y-%m-%d %H:%M}: {_proof(walks)}", cursor, nothing)

    def _walk(self, pager: Pager) -> Walk:
        return Walk(pager, self.next, self.total, self.records)

    def _cursor(self, visit: Visit, records: int) -> dict[str, str]:
        """Of a visit that listed everything."""
        opened = visit.opened_at
        begins = begins_at(opened, self.lag_seconds)
        return {"from": begins, "listed_at": opened.isoformat(), "records": str(records)}


def _proof(walks: Sequence[Walk]) -> str:
    return "; ".join(f"{one.pager.name}: " * (len(walks) > 1) + one.proof() for one in walks)
