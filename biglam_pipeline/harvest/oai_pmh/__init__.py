"""Repositories that speak OAI-PMH: all records at the first visit, then what changed since.

https://www.openarchives.org/OAI/openarchivesprotocol.html
"""

from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar, Literal

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.harvester import Harvester, require_web_address, split_pattern
from biglam_pipeline.harvest.oai_pmh.page import Identity, read_identity
from biglam_pipeline.harvest.oai_pmh.request import Request, check_arguments
from biglam_pipeline.harvest.oai_pmh.window import Limits, Window
from biglam_pipeline.records import Evidence, Harvested, Visit
from biglam_pipeline.web import Web


class OaiPmh(Harvester):
    """`oai+https://host/oai?metadataPrefix=mods&set=maps`; each page is shelved as it came."""

    prefix: ClassVar[str] = "oai+"

    type: Literal["oai_pmh"] = "oai_pmh"
    """A repository that speaks OAI-PMH 2.0."""
    lag_seconds: int = 3600
    """How far a visit reaches back behind the last one, for records that were filed late."""
    max_pages: int = 100_000
    """More pages than this are taken for a server that makes up tokens."""
    max_records: int = 1_000_000
    """So are more records than this, where the server announces no more."""
    max_gigabytes: int = 100
    """So are more bytes than this."""
    max_hours: int = 72
    """So is a list that takes longer than this in one visit."""

    @classmethod
    def check_address(cls, address: str) -> str:
        """http(s), without a pattern, and without the arguments that the pipeline finds itself."""
        if split_pattern(require_web_address(address))[1]:
            raise ValueError(f"{address}: nothing is listed here to choose from; choose with set=")
        check_arguments(address)
        return address.partition("#")[0]

    def visit(self, web: Web, visit: Visit, base: Path) -> Iterator[Harvested]:
        """One list an address. Nothing changed since the last visit: one request a list, and no harvest."""
        windows, identities = [], []
        for number, address in enumerate(self.url):
            place = f"{number:03d}/" if len(self.url) > 1 else ""
            cursor = _own_cursor(visit.cursor, place)
            identity = _identity(web, address, cursor, visit)
            request = Request(address, cursor.get("from", ""), identity.granularity)
            limits = Limits(self.max_pages, self.max_records, self.max_gigabytes, self.max_hours)
            window = Window(request, visit, f"{visit.number:05d}/{place}", limits)
            yield from window.pages(web)
            windows.append(window)
            identities.append((place, identity))
        yield self._evidence(visit, windows, identities)

    def _evidence(self, visit: Visit, windows: list[Window], identities: list[tuple[str, Identity]]) -> Evidence:
        complete = all(window.complete for window in windows)
        cursor: dict[str, str] = {}
        proofs = []
        for window, (place, identity) in zip(windows, identities, strict=True):
            request, own = window.request, {}
            if window.started is not None:
                own["from"] = request.next_since(window.started, self.lag_seconds)
                own["first_response"] = window.started.isoformat()
            else:
                own["from"] = request.since
            own |= {"granularity": request.granularity, "deleted_record": identity.deleted_record}
            cursor |= {f"{place}{name}": value for name, value in own.items()}
            proofs.append(f"{request.address}: {window.proof}" if len(windows) > 1 else window.proof)
        extends = any(window.request.since for window in windows)
        kept = {identity.deleted_record for _, identity in identities} - {"persistent"}
        if extends and kept:
            proofs.append(
                f"the server does not keep track of deletions (deletedRecord={min(kept) or 'not stated'}): "
                "records it removed stay until a full listing"
            )
        return Evidence(
            mode="extend" if extends else "replace",
            complete=complete,
            proof="; ".join(proofs),
            # A window that was not finished has to be asked for again, from where it began.
            cursor=cursor if complete else dict(visit.cursor),
            unchanged=all(window.unchanged for window in windows),
        )


def _own_cursor(cursor: dict[str, str], place: str) -> dict[str, str]:
    return {name.removeprefix(place): value for name, value in cursor.items() if name.startswith(place)}


def _identity(web: Web, address: str, cursor: dict[str, str], visit: Visit) -> Identity:
    """As the cursor remembers it; asked for at the first visit only."""
    if "granularity" in cursor:
        return Identity(cursor["granularity"], cursor.get("deleted_record", ""))
    url = Request(address).identify_url()
    try:
        answer = web.get(url, expect="xml")
        return read_identity(answer.content or b"", url, answer.media_type)
    except ObjectFailed:
        return Identity("day", "")
