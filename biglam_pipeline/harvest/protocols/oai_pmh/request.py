"""The addresses that an OAI-PMH harvest asks: built from what sources.yaml says, and from dates and tokens."""

import re
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Self
from urllib.parse import quote, unquote_plus, urlsplit, urlunsplit

_OURS = ("from", "until", "resumptionToken")
_OPEN = ".."
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d:\d\dZ)?")
_EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
"""Where a list may begin of which nothing is known: OAI-PMH is of 2001. It only says where the first cut is."""


@dataclass(slots=True)
class Dates:
    """The datestamps of the records that came of a list."""

    lowest: datetime | None = None
    latest: datetime | None = None
    """Of the record that came last."""
    in_order: bool = True
    """Whether none was earlier than one before it."""

    @property
    def begins(self) -> datetime:
        """Where the list does: of one that is in order, with what came; others may have earlier records behind it."""
        lowest = self.lowest or _EARLIEST
        return lowest if self.in_order else min(lowest, _EARLIEST)

    def add(self, when: datetime) -> None:
        """That of the next record."""
        self.in_order = self.in_order and (self.latest is None or when >= self.latest)
        self.lowest = when if self.lowest is None else min(self.lowest, when)
        self.latest = when


@dataclass(slots=True)
class Request:
    """One list of one server. `since` is the date it starts from, as the server wants it written; or nothing."""

    address: str
    since: str = ""
    granularity: str = "day"
    """`day` or `second`."""
    until: str = ""
    """The last date that is asked for, itself included; only where a list is asked for in spans."""

    def url(self, token: str = "", verb: str = "ListRecords") -> str:
        """The first page of the list, or the one that a token stands for. verb: or ListIdentifiers."""
        base, asked, own = split_address(self.address)
        if token:
            return _build(base, own | {"verb": verb, "resumptionToken": _escaped(token)})
        dates = {"from": self.since, "until": self.until}
        return _build(base, own | {"verb": verb, **asked, **{at: _escaped(date) for at, date in dates.items() if date}})

    def record_url(self, identifier: str) -> str:
        """One record of the list."""
        base, asked, own = split_address(self.address)
        named = {"identifier": _escaped(identifier), "metadataPrefix": asked["metadataPrefix"]}
        return _build(base, own | {"verb": "GetRecord", **named})

    def identify_url(self) -> str:
        """Where the server tells about itself."""
        base, _, own = split_address(self.address)
        return _build(base, own | {"verb": "Identify"})

    def is_first(self, url: str) -> bool:
        """Was this the address of a list's first page?"""
        asked = dict(_pairs(url))
        return asked.get("verb") == "ListRecords" and "resumptionToken" not in asked

    def as_asked(self, url: str) -> Self:
        """The span of the list that a first page's address asked for."""
        asked = dict(_pairs(url))
        since, until = (unquote_plus(asked.get(name, "")) for name in ("from", "until"))
        granularity = "second" if "T" in since + until else "day" if since + until else self.granularity
        return replace(self, since=since, until=until, granularity=granularity)

    def coarsen(self) -> bool:
        """Turns to whole days; False where that changes nothing."""
        if self.granularity == "day" or not (self.since or self.until):
            return False
        self.granularity = "day"
        self.since, self.until = self.since[:10], self.until[:10]
        return True

    def halves(self, met: Dates, highest: datetime) -> tuple[Self, Self] | None:
        """The same list in two spans, the earlier first; None where a span is too short for that.

        met: what came of it; of a list in the order of its dates, about so much is the first span. highest: where it
        ends if that side is open. An open side stays open: whatever lies beyond still comes. Both spans have the date
        of the cut, since some servers take `until` for the beginning of a day: code4lib/ruby-oai issue 52.
        """
        step = timedelta(days=1) if self.granularity == "day" else timedelta(seconds=1)
        low, high = _date(self.since) or min(met.begins, highest), _date(self.until) or highest
        middle = met.latest - step if met.in_order and met.latest is not None else low
        if not low < middle < high:
            middle = low + (high - low) // 2
        cut = self.written(middle)
        if high - low < step * 2 or cut in (self.since, self.until):
            return None
        return replace(self, until=cut), replace(self, since=cut)

    @property
    def dates(self) -> str:
        """Both ends, as ISO 8601-2 writes an interval: `2026-02-11/2026-02-12`; an open end is `..`."""
        return f"{self.since or _OPEN}/{self.until or _OPEN}"

    def lies_in(self, dates: str) -> bool:
        """Whether the span is all within an interval that is written so; what is none holds nothing."""
        since, mark, until = dates.partition("/")
        if not mark or not all(one == _OPEN or _DATE.fullmatch(one) for one in (since, until)):
            return False
        begins = since == _OPEN or (bool(self.since) and since <= self.since)
        return begins and (until == _OPEN or (bool(self.until) and self.until <= until))

    def widened(self) -> Self:
        """With the step before and the one behind: in which of two spans a record lies follows from where they are cut,
        and that moves from night to night."""
        step = timedelta(days=1) if self.granularity == "day" else timedelta(seconds=1)
        since, until = _date(self.since), _date(self.until)
        return replace(
            self, since=self.written(since - step) if since else "", until=self.written(until + step) if until else ""
        )

    def rest(self, until: str) -> Self | None:
        """What comes behind a span of the list; None where that span had no end."""
        return replace(self, since=until) if until and until != self.until else None

    def written(self, when: datetime) -> str:
        """A date as this server wants it."""
        return f"{when:%Y-%m-%d}" if self.granularity == "day" else f"{when:%Y-%m-%dT%H:%M:%SZ}"

    def next_since(self, started: datetime, lag_seconds: int) -> str:
        """Where the next visit starts: a little before this one did, so that no record falls between them."""
        back = timedelta(seconds=lag_seconds) + timedelta(days=self.granularity == "day")
        return self.written(started - back)


def split_address(address: str) -> tuple[str, dict[str, str], dict[str, str]]:
    """Base URL, the list's arguments (metadataPrefix, set), and what else the server wants with every request.

    Values stay as they are written: `set=journal:ART+A` is a setSpec with a plus to OJS, which compares it as it comes
    (https://github.com/pkp/pkp-lib/issues/10006); decoded and encoded again it would ask for a blank.
    """
    parts = urlsplit(address)
    pairs = dict(_pairs(address))
    pairs.pop("verb", None)
    asked = {"metadataPrefix": pairs.pop("metadataPrefix", "") or "oai_dc"}
    if chosen := pairs.pop("set", ""):
        asked["set"] = chosen
    return urlunsplit((parts.scheme, parts.netloc, parts.path, "", "")), asked, pairs


def _date(text: str) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None


def check_arguments(address: str) -> None:
    """ValueError for arguments that are the pipeline's to find."""
    taken = [name for name, _ in _pairs(address) if name in _OURS]
    if taken:
        raise ValueError(f"{address}: {', '.join(taken)} is found by the pipeline itself; leave it out")


def _pairs(address: str) -> list[tuple[str, str]]:
    """The arguments of an address: names in plain text, values as they are written."""
    parts = [part.partition("=") for part in urlsplit(address).query.split("&") if part]
    return [(unquote_plus(name), quote(value, safe=_WRITTEN)) for name, _, value in parts]


_WRITTEN = "%+!$'()*,-./:;=?@_~"
"""What may stand in a query (RFC 3986, 3.4), and the percent signs of what is escaped already."""


def _escaped(value: str) -> str:
    # Tokens hold &, #, % and worse: all of it is escaped.
    return quote(value, safe="")


def _build(base: str, arguments: dict[str, str]) -> str:
    return base + "?" + "&".join(f"{_escaped(name)}={value}" for name, value in arguments.items())
