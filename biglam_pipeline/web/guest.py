"""Asks one address at a time, as a guest who says who they are, keeps to the host's rules, and trusts no answer."""

import copy
import logging
import re
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from biglam_pipeline.costs import Costs, host_named, merged
from biglam_pipeline.errors import BiglamError, ConfigError, ObjectFailed
from biglam_pipeline.signals import Signal
from biglam_pipeline.store.partial import Partial
from biglam_pipeline.web.answer import (
    Answer,
    Expect,
)
from biglam_pipeline.web.asking import ROBOTS, Asked
from biglam_pipeline.web.connections import Connections
from biglam_pipeline.web.echoes import says, spellings, without
from biglam_pipeline.web.exchange import Exchange
from biglam_pipeline.web.failing import judge_data, judge_nothing, judge_robots
from biglam_pipeline.web.gate import Gate
from biglam_pipeline.web.guard import Place, host_of, locate
from biglam_pipeline.web.keepers import kept_out
from biglam_pipeline.web.limits import Limits
from biglam_pipeline.web.receiving import partial_of
from biglam_pipeline.web.redirects import linked_url, url_of
from biglam_pipeline.web.retry import Retries, Retry
from biglam_pipeline.web.robots import AGENT, Robots
from biglam_pipeline.web.visiting import Budget, Visiting, origin, origins, values_of

_MAIL = re.compile(r"[\w.%+-]{1,64}@[\w.-]{1,190}")
log = logging.getLogger(__name__)


class Web:
    """The network. One instance serves one run; hosts are shared with all other runs through `locks`."""

    def __init__(
        self,
        *,
        contact: str,
        rewrite: Mapping[str, str],
        allow_private: bool | frozenset[str],
        locks: Path,
        secrets: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        spare_loopback: bool = True,
    ) -> None:
        """contact: an address that a server's keeper can write to. rewrite: URL prefix -> URL prefix.

        allow_private: all hosts that are not public, or these `host:port`. locks: a folder on local disk. secrets: the
        environment variables that headers may name.
        spare_loopback: no robots.txt, pause or contact for this very machine.
        """
        self._contact, self._allow_private = contact.strip(), allow_private
        self._rewrite = sorted(rewrite.items(), key=lambda pair: len(pair[0]), reverse=True)
        self._mirrors = origins(rewrite.values())
        self._limits, self._sleep, self._clock = limits or Limits(), sleep, clock
        self._spare_loopback, self._secrets, self._visiting = spare_loopback, secrets or {}, Visiting()
        self._gate = Gate(locks, self._limits, sleep, clock)
        self._robots = Robots()
        self._connections = Connections(self._limits)
        self.user_agent = f"{AGENT}/{_version()}" + (f" (+{self._contact})" if self._contact else "")
        self._exchange = Exchange(
            self._connections, self._gate, self._limits, self._visiting, clock, self.user_agent, spare_loopback
        )

    def __enter__(self) -> Self:
        """Keeps connections open until `close`."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """Closes them."""
        self.close()

    def visiting(
        self,
        addresses: Iterable[str],
        *,
        headers: Mapping[str, str] | None = None,
        public: Iterable[str] = (),
        beside: Iterable[str] = (),
        said: Iterable[Signal] = (),
        overruled: bool = False,
    ) -> "Web":
        """The same network for one visit to a source, which has an end.

        addresses: all that a person wrote for it. headers: name -> environment variable, sent to the hosts of these
        addresses only; ConfigError where one is not set. public: names of parameters that are no secrets. beside:
        addresses that a person wrote too, whose hosts are sent no headers. said: what the visit before heard of these
        data: it holds on where nobody asks there again. overruled: whether a person answers for asking the hosts of
        `addresses`, and no others, against their robots.txt.
        """
        guest = copy.copy(self)
        found, named = values_of(headers or {}, self._secrets), origins(addresses)
        budget, earlier = Budget(self._limits), [one for one in said if one.reach == "data"]
        guest._visiting = Visiting(
            found,
            named,
            frozenset(public),
            budget,
            origins(beside) - named,
            earlier,
            keys=spellings(found),
            overruled=named if overruled else frozenset(),
        )
        guest._exchange = replace(self._exchange, visiting=guest._visiting)
        return guest

    def carry(self, answers: int, size: int) -> None:
        """Counts what an earlier attempt at this visit has brought, in answers and bytes."""
        if self._visiting.budget is not None:
            self._visiting.budget.carry(answers, size)

    def shown(self, text: str) -> str:
        """A text as it may be kept: what is read from an answer may say again what was sent for it."""
        return self._visiting.shown(text)

    def signals(self) -> list[Signal]:
        """What hosts and answers say of use by machines, as far as this visit knows."""
        return self._visiting.heard()

    @property
    def keys(self) -> tuple[bytes, ...]:
        """What this visit sends its hosts as a secret, in every spelling."""
        return self._visiting.keys

    def without_keys(self, content: bytes) -> bytes:
        """The same, with `***` in the place of what was sent as a secret."""
        return without(content, self.keys)

    def says_key(self, blocks: Iterable[bytes]) -> bool:
        """Does a file say what was sent as a secret?"""
        return says(blocks, self.keys)

    def costs(self) -> Costs:
        """What this visit has cost the hosts that it asked so far."""
        return merged(*({host_named(name): cost} for name, cost in self._visiting.costs.items()))

    def keeper(self, url: str, contact: str) -> None:
        """Notes the mail address that the host of an address gives as that of its keeper; anything else is none."""
        if _MAIL.fullmatch(contact):
            self._visiting.keepers[host_of(url_of(url)).casefold()] = contact

    def unrewritten(self, url: str) -> str:
        """The address that is asked elsewhere, of one where it is asked: what it names is relative to the former."""
        for old, new in self._rewrite:
            if (rest := url.removeprefix(new)) != url:
                return old + rest
        return url

    def now(self) -> datetime:
        """The time (UTC) by the clock that was handed in."""
        return self._clock()

    def close(self) -> None:
        """Ends all connections."""
        self._connections.close()

    def get(
        self,
        url: str,
        *,
        etag: str = "",
        last_modified: str = "",
        expect: Expect = "any",
        into: Path | None = None,
        max_bytes: int | None = None,
        also_status: Collection[int] = (),
        linked: bool = False,
        parts: Path | None = None,
        accept: str = "",
        was: str = "",
    ) -> Answer:
        """One whole, checked answer; 304 where the validators still hold.

        into: a scratch folder for bodies above 32 MB; without it those are refused. also_status: errors whose body the
        caller can read, XML or, where that is expected, JSON (OAI servers explain themselves in a 422, APIs in a 403).
        linked: a server named this address, and no person.
        parts: a folder that outlives the run, where what came of a large file waits for the rest. accept: which format
        of several is asked for, where not simply what is expected.
        was: the media type of what came from there before.
        Raises ObjectFailed, ServerBusy, SourceChanged, ConfigError.
        """
        most = self._limits.total_bytes if max_bytes is None else max_bytes
        if into is None:
            most = min(most, self._limits.kept_bytes)
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        kept = {name: value for name, value in validators.items() if value}
        try:
            return self._answer(
                Asked(
                    url,
                    kept,
                    expect,
                    into,
                    most,
                    frozenset(also_status),
                    linked=linked,
                    parts=parts,
                    accept=accept,
                    was=was,
                )
            )
        except BiglamError as error:
            self._visiting.bare(error)
            raise

    def _answer(self, asked: Asked) -> Answer:
        retries = Retries(self._limits, self._sleep, self._visiting.shown)
        partial = partial_of(asked.url, asked.parts, self._limits)
        while True:
            try:
                return self._follow(asked, partial)
            except Retry as trouble:
                self._visiting.cost(trouble.host or trouble.url).seconds_waited += retries.wait(trouble)

    def _follow(self, asked: Asked, partial: Partial | None) -> Answer:
        url, redirected = linked_url(asked.url) if asked.linked else url_of(asked.url), asked.linked
        first, secrets = origin(url), self._visiting.sends_to(url)
        named = self._visiting.named | self._visiting.beside | self._mirrors | (set() if asked.linked else {first})
        for _ in range(self._limits.hops + 1):
            actual = self._rewritten(url)
            place = locate(actual, allow_private=self._allow_private, redirected=redirected, named=named)
            if origin(actual) != first:
                secrets = {}  # a redirect or a rewrite leads to somebody else; and the way back is of their choice
            if secrets and place.scheme != "https" and not place.loopback:
                raise ConfigError(
                    f"{place.host}: headers with a secret are not sent over {place.scheme}; write https://"
                )
            if not (place.loopback and self._spare_loopback):
                self._introduce(asked, place, actual)
            if self._visiting.budget is not None:
                self._visiting.budget.ask(str(actual))
            outcome = self._in_turn(asked, place, actual, secrets, partial)
            if isinstance(outcome, Answer):
                return outcome
            url, redirected = outcome, True
        raise ObjectFailed(
            "refused",
            f"{asked.url}: redirected more than {self._limits.hops} times; open it in a browser and "
            "write the address where it ends",
        )

    def _in_turn(
        self, asked: Asked, place: Place, url: httpx.URL, secrets: Mapping[str, str], partial: Partial | None
    ) -> Answer | httpx.URL:
        cost, spared = self._visiting.cost(place.name), place.loopback and self._spare_loopback
        of_host = judge_robots if asked.url.endswith(ROBOTS) else judge_nothing
        judge = judge_data if asked.robots else of_host
        try:
            with self._gate.turn(
                place.name, spared=spared, judge=judge, address=asked.url, linked=asked.linked
            ) as waited:
                cost.seconds_waited += waited
                return self._exchange.send(asked, place, url, secrets, partial)
        except Retry as trouble:
            cost.failed, trouble.host = cost.failed + 1, place.name
            raise

    def _introduce(self, asked: Asked, place: Place, url: httpx.URL) -> None:
        if not self._contact:
            raise ConfigError(
                f"{place.host}: is not asked without a contact; set BIGLAM_CONTACT to an e-mail or web address "
                "where its keepers reach you"
            )
        if not asked.robots:
            return
        # A default port is left out, as browsers and robots.txt know the origin.
        host, fetch = str(url.copy_with(raw_path=b"/")).rstrip("/"), self._fetch_robots
        if self._robots.keeps_out(host, str(url), fetch):
            by_name = self._robots.names_us(host)
            if by_name or origin(url) not in self._visiting.overruled:
                raise kept_out(url, host, self._visiting.keepers, by_name=by_name)
            self._visiting.cost(place.name).overruled += 1
        self._gate.set_crawl_delay(place.name, self._robots.crawl_delay(host, fetch))
        self._visiting.hear(self._robots.signals(host, str(url), fetch))

    def _fetch_robots(self, url: str) -> bytes:
        answer = self._answer(Asked(url, {}, "any", None, self._limits.kept_bytes, robots=False))
        return answer.content or b""

    def _rewritten(self, url: httpx.URL) -> httpx.URL:
        text = str(url)
        for old, new in self._rewrite:
            rest = text.removeprefix(old)
            if rest != text and (not rest or old.endswith("/") or rest[0] in "/?#"):
                return url_of(new + rest)
        return url


def _version() -> str:
    try:
        return version(AGENT)
    except PackageNotFoundError:
        return "0"
