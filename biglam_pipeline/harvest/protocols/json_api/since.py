"""How is an API asked for what has changed? By a parameter of its own that holds a moment.

Some take a time (`modified_after=2026-11-25T00:00:00Z`), some a day, some seconds, and some a condition in the query
itself, as Europeana's `qf=timestamp_update:[2026-11-25T00:00:00Z TO *]` (Solr's date ranges,
https://solr.apache.org/guide/solr/latest/indexing-guide/date-formatting-math.html).
"""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.harvest.protocols.json_api.walking import Walk
from biglam_pipeline.harvest.protocols.json_api.ways import with_parameter
from biglam_pipeline.records import Missing, RawObject, Unchanged

_HOLES = re.compile(r"\{(time|day|seconds)?\}")


def check_since(said: str | Mapping[str, str]) -> None:
    """ValueError where it names no parameter, or where no moment is put into it."""
    if isinstance(said, str):
        if not re.fullmatch(r"[^\s=&?{}]+", said):
            raise ValueError(f"{said!r} is no name of a parameter; write since: modified_after")
        return
    if len(said) != 1 or not _HOLES.search(next(iter(said.values()))):
        raise ValueError(
            "`since` is the name of a parameter, or {NAME: TEXT}, where TEXT holds {time}, {day} or {seconds}: "
            "since: {updated_after: '{day}'}"
        )


def with_since(url: str, said: str | Mapping[str, str], moment: datetime) -> str:
    """The address of what has changed since then."""
    name, text = (said, "{time}") if isinstance(said, str) else next(iter(said.items()))
    moment = moment.astimezone(UTC)
    words = {"day": f"{moment:%Y-%m-%d}", "seconds": f"{int(moment.timestamp())}"}
    time = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return with_parameter(url, name, _HOLES.sub(lambda hole: words.get(hole[1] or "", time), text))


def begins_at(opened_at: datetime, lag_seconds: int) -> str:
    """From when the next visit asks, ISO 8601: some time before this one, for what a server takes in late."""
    return (opened_at - timedelta(seconds=lag_seconds)).isoformat()


def is_empty(walk: Walk) -> bool:
    """Whether the list was there to its end, and has no record."""
    return walk.pager.ended and not walk.pager.seen


def changes(walk: Walk) -> Iterator[RawObject | Unchanged | Missing]:
    """The pages of a list that may be empty, of which then nothing is shelved."""
    waiting = list[RawObject | Unchanged]()  # whether a page has records is known behind it
    try:
        for found in walk.walk():
            if isinstance(found, Missing):
                if not is_empty(walk):
                    yield from (*waiting, found)
                    waiting.clear()
                continue
            waiting.append(found)
            if walk.pager.seen:
                yield from waiting
                waiting.clear()
    except ServerBusy:
        yield from waiting if walk.pager.seen else ()  # what came before a server fell ill is not asked for again
        raise
    yield from waiting if walk.pager.seen else ()
