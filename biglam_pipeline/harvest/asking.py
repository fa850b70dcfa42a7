"""Asks a programming interface for one answer in JSON; where it refuses, it is quoted.

https://www.rfc-editor.org/rfc/rfc8259
"""

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.fetching import content_of, discard
from biglam_pipeline.harvest.paging import PAGE_BYTES
from biglam_pipeline.harvest.visit import Visit

_REFUSALS = {
    400: ("refused", "was not understood", "correct the address"),
    401: ("restricted", "is not open to everybody", "ask the custodian to open it"),
    403: ("restricted", "is not open to everybody", "wait where it is under embargo, or ask the custodian to open it"),
    404: ("not_found", "is not there", "correct the address"),
    410: ("gone", "was withdrawn", "ask the custodian where it is now; what was published of it is for you to look at"),
}
"""Status -> code of `records.Missing`, cause, remedy (RFC 9110, 15.5)."""
_MOST_DIGITS = 18
"""What fits into 64 bits, as everything does that these interfaces count."""
_LONGEST = 300
"""Letters of a server's own words that are quoted."""


class Said(NamedTuple):
    """An answer."""

    data: Any
    url: str
    """Where it came from, behind all redirects."""


def ask(visit: Visit, url: str) -> Said:
    """What an interface answers. ObjectFailed where it refuses in JSON, or what comes is no JSON.

    A refusal that is a web page is a wall, and ends the visit as any other 403. ServerBusy, SourceChanged.
    """
    answer = visit.web.get(url, expect="json", into=visit.scratch, max_bytes=PAGE_BYTES, also_status=_REFUSALS.keys())
    content = content_of(answer)
    discard(answer.path)
    try:
        data = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise ObjectFailed("damaged", f"{answer.url}: came cut, or is no JSON ({error}); run again") from error
    if answer.status in _REFUSALS:
        reason, cause, remedy = _REFUSALS[answer.status]
        words = f' and says "{quoted}"' if (quoted := _words(data)) else ""
        raise ObjectFailed(reason, f"{answer.url}: {cause} (HTTP {answer.status}){words}; {remedy}")
    return Said(data, answer.final_url)


def _words(data: Any) -> str:
    """A server's own: `message` (InvenioRDM, figshare, Dataverse), `error`, and why a record was removed; or what
    stands in `error`: `message` (Google), `info` (MediaWiki).
    """
    if not isinstance(data, Mapping):
        return ""
    if isinstance(inner := data.get("error"), Mapping):
        data = {"error": inner.get("message") or inner.get("info")}
    tombstone = data.get("tombstone")
    note = tombstone.get("note") if isinstance(tombstone, Mapping) else ""
    said = [one for one in (data.get("message") or data.get("error"), note) if isinstance(one, str) and one.strip()]
    text = " ".join(": ".join(said).split())
    return "".join(letter for letter in text if letter.isprintable())[:_LONGEST]


def texts_of(data: Mapping[str, Any], *names: str) -> tuple[str, ...]:
    """Several values of an object as texts; one that is not there, or is no text or number, is empty."""
    values = (data.get(name) for name in names)
    return tuple(str(one) if isinstance(one, str | int) and not isinstance(one, bool) else "" for one in values)


def number_of(value: Any) -> int | None:
    """A count, a size or a number of something, as a number or in digits; None where it is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= _MOST_DIGITS:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def objects_of(data: Any, url: str, *path: str) -> list[Mapping[str, Any]]:
    """The list of objects at a place of an answer; ObjectFailed where there is none, or something else stands in it."""
    found = data
    for name in path:
        found = found.get(name) if isinstance(found, Mapping) else None
    if not isinstance(found, list) or not all(isinstance(one, Mapping) for one in found):
        where = ".".join(path) or "the answer"
        raise ObjectFailed("damaged", f"{url}: {where} is not the list that its documentation has; report it")
    return found
