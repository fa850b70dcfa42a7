"""In which spans a list is asked for: all at once, and in halves by date where its server gives up on the way.

Tokens that die, and what harvesters can do: https://github.com/mloesch/sickle/issues/19 ,
https://github.com/code4lib/ruby-oai/issues/107 . Large answers that never end well:
https://github.com/zenodo/zenodo/issues/2555 , https://github.com/miku/metha/issues/6
"""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import pairwise

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.protocols.oai_pmh.request import Dates, Request
from biglam_pipeline.records import StoredObject

log = logging.getLogger(__name__)

_MOST = 5
"""So often a span and its halves may fail, and no other come to its end meanwhile."""


@dataclass(slots=True)
class Span:
    """One part of a list, and what happened to it."""

    request: Request
    failures: int = 0
    """How often it had to be given up, together with those that it is a half of."""
    sought: bool = False
    """Whether a record is sought in it, or in what it is a half of, for which neither list of the server comes."""
    repeated: bool = False
    """Whether it was asked for again because fewer records came than were announced."""


def is_alone(url: str) -> bool:
    """Whether it was asked for beside the pages of a list, as what they do not bring is."""
    return any(f"verb={verb}" in url for verb in ("GetRecord", "ListIdentifiers"))


@dataclass(slots=True)
class Spans:
    """The span under way, and those that come after it."""

    request: Request
    """The whole list."""
    now: Span = field(init=False)
    split: bool = False
    """Whether the list is asked for in more than one."""
    _later: list[Span] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = Span(self.request)

    def go_on(self, *, well: bool) -> bool:
        """Turns to the next span; False behind the last. well: whether this one came to its end by its pages."""
        if not self._later:
            return False
        self.now = self._later.pop()
        if well:
            self.now.failures = min(self.now.failures, 1)
        return True

    def add(self, request: Request) -> None:
        """One more list to ask for, now."""
        self.split = True
        self.now = Span(request)

    def fail(self, why: str, met: Dates, highest: datetime) -> None:
        """The span did not come to its end: once more, then in halves, then no more (ObjectFailed).

        met, highest: of `Request.halves`.
        """
        now = self.now
        now.failures += 1
        if now.failures >= _MOST:
            detail = f"{now.request.address}: the server forgot its list {_MOST} times ({why}); run again later"
            raise ObjectFailed("token_refused", detail)
        if now.failures > 1 and self.halve(met, highest):
            return
        log.warning("%s: %s; asking again from the start of the list", now.request.address, why)

    def seek(self, met: Dates, highest: datetime) -> bool:
        """Goes on with the earlier half, as often as it can be cut; False where it is as short as dates can say."""
        self.now.sought = True
        return self.halve(met, highest)

    def halve(self, met: Dates, highest: datetime) -> bool:
        """Goes on with the earlier half of the span; False where it cannot be cut, or was cut often enough."""
        now = self.now
        halves = now.request.halves(met, highest)
        if halves is None or (now.failures >= _MOST and not now.sought):
            return False
        first, second = halves
        self.split = True
        self._later.append(replace(now, request=second))
        self.now = replace(now, request=first)
        log.warning("%s: asking in smaller spans, until %s first", now.request.address, first.until)
        return True

    def take_up(self, shelved: Sequence[StoredObject]) -> tuple[list[StoredObject], list[StoredObject]]:
        """Goes on where an earlier attempt was: its pages of spans that are done, and of the one under way.

        A span that ended one by one is asked for again: no page says which of its records did not come.
        """
        attempts: list[list[StoredObject]] = [[]]
        for held in shelved:
            if self.request.is_first(held.url) and attempts[-1]:
                attempts.append([])
            attempts[-1].append(held)
        starts = [one[0].url for one in attempts]
        asked = [self.request.as_asked(url) if self.request.is_first(url) else self.request for url in starts]
        if asked[-1].granularity != self.request.granularity:
            self.request.coarsen()
        ended = [
            (one, mine)
            for one, (mine, following) in zip(attempts, pairwise(asked), strict=False)
            if mine.since != following.since and not is_alone(one[-1].url)
        ]
        done = [held for one, _ in ended for held in one]
        last = asked[-1]
        before = [one for one in asked[:-1] if one.since == last.since]
        self.split = bool(done) or last.until != self.request.until or last.since != self.request.since
        self.now = Span(last, len(before), repeated=before.count(last) > 1)
        self._later = [Span(one) for one in reversed(self._between([*(mine for _, mine in ended), last]))]
        return done, attempts[-1]

    def _between(self, spans: Sequence[Request]) -> list[Request]:
        """What of the list lies in none of these: what comes next, and spans of which no page is on the shelf, since
        they were empty or did not come.
        """
        found, at = list[Request](), self.request.since
        for one in sorted(spans, key=lambda one: one.since):
            if at < one.since:
                found.append(replace(self.request, since=at, until=one.since))
            if not one.until or one.until == self.request.until:
                return found
            at = max(at, one.until)
        return [*found, replace(self.request, since=at)]
