"""Asks one address at a time, as a guest who says who they are, keeps to the host's rules, and trusts no answer."""

import contextlib
import copy
import logging
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from types import TracebackType
from typing import NoReturn, Self

import httpx

from biglam_pipeline.errors import BiglamError, ConfigError, ObjectFailed, SourceChanged
from biglam_pipeline.signals import Signal, in_headers
from biglam_pipeline.store.partial import Partial
from biglam_pipeline.web.answer import COUNTING, Answer, Body, Expect, check_kind, explains, header, suffix_of
from biglam_pipeline.web.asking import Asked
from biglam_pipeline.web.connections import Connections, resumed
from biglam_pipeline.web.gate import Gate
from biglam_pipeline.web.guard import Place, host_of, locate
from biglam_pipeline.web.keys import without_keys
from biglam_pipeline.web.limits import Limits
from biglam_pipeline.web.naming import name_of
from biglam_pipeline.web.ranges import asks
from biglam_pipeline.web.receiving import GZIP_FILES, goes_on, partial_of, receive
from biglam_pipeline.web.redirects import REDIRECTS, target_of
from biglam_pipeline.web.retry import Retries, Retry, retry_after
from biglam_pipeline.web.robots import AGENT, Robots
from biglam_pipeline.web.visiting import Budget, Visiting, origin, origins, values_of

log = logging.getLogger(__name__)

_ACCEPTS = {"json": "application/json, application/ld+json;q=0.9, */*;q=0.5"}
"""Of servers that answer in several formats: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1"""


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
        self._robots = Robots(self._fetch_robots)
        self._connections = Connections(self._limits)
        self.user_agent = f"{AGENT}/{_version()}" + (f" (+{self._contact})" if self._contact else "")

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
    ) -> "Web":
        """The same network for one visit to a source, which has an end.

        addresses: all that a person wrote for it. headers: name -> environment variable, sent to the hosts of these
        addresses only; ConfigError where one is not set. public: names of parameters that are no secrets. beside:
        addresses that a person wrote too, whose hosts are sent no headers. said: what the visit before heard of these
        data: it holds on where nobody asks there again.
        """
        guest = copy.copy(self)
        found, named = values_of(headers or {}, self._secrets), origins(addresses)
        budget, earlier = Budget(self._limits), [one for one in said if one.reach == "data"]
        guest._visiting = Visiting(found, named, frozenset(public), budget, origins(beside) - named, earlier)
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
    ) -> Answer:
        """One whole, checked answer; 304 where the validators still hold.

        into: a scratch folder for bodies above 32 MB; without it those are refused. also_status: errors whose body the
        caller can read, XML or, where that is expected, JSON (OAI servers explain themselves in a 422, APIs in a 403).
        linked: a server named this address, and no person.
        parts: a folder that outlives the run, where what came of a large file waits for the rest. accept: which format
        of several is asked for, where not simply what is expected.
        Raises ObjectFailed, ServerBusy, SourceChanged, ConfigError.
        """
        most = self._limits.total_bytes if max_bytes is None else max_bytes
        if into is None:
            most = min(most, self._limits.kept_bytes)
        validators = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        kept = {name: value for name, value in validators.items() if value}
        try:
            return self._answer(
                Asked(url, kept, expect, into, most, frozenset(also_status), linked=linked, parts=parts, accept=accept)
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
                retries.wait(trouble)

    def _follow(self, asked: Asked, partial: Partial | None) -> Answer:
        url, redirected = _linked(asked.url) if asked.linked else _parse(asked.url), asked.linked
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
            spared = place.loopback and self._spare_loopback
            if not spared:
                self._introduce(asked, place, actual)
            if self._visiting.budget is not None:
                self._visiting.budget.ask(str(actual))
            with self._gate.turn(place.name, spared=spared):
                outcome = self._exchange(asked, place, actual, secrets, partial)
            if isinstance(outcome, Answer):
                return outcome
            url, redirected = outcome, True
        raise ObjectFailed(
            "refused",
            f"{asked.url}: redirected more than {self._limits.hops} times; open it in a browser and "
            "write the address where it ends",
        )

    def _introduce(self, asked: Asked, place: Place, url: httpx.URL) -> None:
        if not self._contact:
            raise ConfigError(
                f"{place.host}: is not asked without a contact; set BIGLAM_CONTACT to an e-mail or web address "
                "where its keepers reach you"
            )
        if asked.robots:
            # A default port is left out, as browsers and robots.txt know the origin.
            host = str(url.copy_with(raw_path=b"/")).rstrip("/")
            self._gate.set_crawl_delay(place.name, self._robots.check(host, str(url)))
            self._visiting.hear(self._robots.signals(host, str(url)))

    def _fetch_robots(self, url: str) -> bytes:
        answer = self._answer(Asked(url, {}, "any", None, self._limits.kept_bytes, robots=False))
        return answer.content or b""

    def _rewritten(self, url: httpx.URL) -> httpx.URL:
        text = str(url)
        for old, new in self._rewrite:
            rest = text.removeprefix(old)
            if rest != text and (not rest or old.endswith("/") or rest[0] in "/?#"):
                return _parse(new + rest)
        return url

    def _exchange(
        self, asked: Asked, place: Place, url: httpx.URL, secrets: Mapping[str, str], partial: Partial | None
    ) -> Answer | httpx.URL:
        # Compression would only get in the way of files that are compressed already.
        coding = "identity" if suffix_of(str(url)) in GZIP_FILES or (partial and partial.size) else "gzip"
        accept = asked.accept or _ACCEPTS.get(asked.expect, "*/*")
        headers = {"User-Agent": self.user_agent, "Accept": accept, "Accept-Encoding": coding, **secrets}
        rest = asks(partial.validator, partial.size) if partial and partial.size else {}
        response = self._connections.send(place, url, headers | asked.validators | rest)
        where = self._visiting.shown(str(url))
        try:
            if response.status_code in REDIRECTS - asked.also_status:
                return target_of(url, response, self._visiting.shown)
            if response.status_code == 304 and asked.validators:
                return self._make(asked, url, response, Body(b"", "", 0, None, None))
            begin = partial.size if partial and goes_on(response, partial, where) else 0
            if not begin and response.status_code not in asked.also_status | {200, 203}:
                self._refuse(place, url, response)
            blocks = resumed(
                self._connections,
                place,
                url,
                headers,
                response,
                where=where,
                block_seconds=self._limits.read_seconds,
                begin=begin,
                validator=partial.validator if partial and begin else "",
            )
            with contextlib.closing(blocks):
                body = receive(
                    asked,
                    url,
                    response,
                    blocks,
                    where=where,
                    limits=self._limits,
                    budget=self._visiting.budget,
                    partial=partial,
                )
            if response.status_code in asked.also_status and not explains(body.head, asked.expect):
                self._refuse(place, url, response)
            check_kind(asked.url, body, asked.expect)
            if not body.size and asked.expect in ("xml", "json"):
                raise Retry(str(url), "answered with nothing at all", lasting="empty", at_most=2)
            return self._make(asked, url, response, body)
        finally:
            response.close()

    def _refuse(self, place: Place, url: httpx.URL, response: httpx.Response) -> NoReturn:
        status = response.status_code
        if status in (401, 403, 451):
            refusal = SourceChanged(
                f"{url}: refused with HTTP {status}; nothing more is asked. Write to the custodian, "
                f'and name the User-Agent "{self.user_agent}"'
            )
            refusal.status = status
            raise refusal
        if status in (404, 410):
            raise ObjectFailed("not_found", f"{url}: is not there (HTTP {status}); correct the address")
        if status in (408, 425, 429) or (status >= 500 and status not in (501, 505)):
            after = retry_after(response.headers.get("Retry-After", ""), self._clock())
            crowded = status in (429, 503)
            if crowded and not (place.loopback and self._spare_loopback):
                self._gate.slow_down(place.name, after)
            raise Retry(str(url), f"HTTP {status}", after_seconds=after, crowded=crowded)
        reason = "nothing" if status == 204 else "refused"
        raise ObjectFailed(reason, f"{url}: answered with HTTP {status}; open it in a browser to see why")

    def _make(self, asked: Asked, url: httpx.URL, response: httpx.Response, body: Body) -> Answer:
        headers, body = response.headers, without_keys(body, self._visiting.headers)
        if asked.robots:  # what the host says of itself is no part of the data
            self._visiting.answered(self._visiting.shown(asked.url))
            self._visiting.hear(in_headers(headers, asked.url))
        answer = Answer(
            url=self._visiting.shown(asked.url),
            final_url=self._visiting.shown(str(url)),
            status=200 if response.status_code == 206 else response.status_code,  # with what was here, it is whole
            media_type=header(headers, "Content-Type"),
            etag=header(headers, "ETag"),
            last_modified=header(headers, "Last-Modified"),
            retrieved_at=self._clock(),
            sha256=body.sha256,
            size=body.size,
            unpacked="gzip" in header(headers, "Content-Encoding").casefold() and suffix_of(str(url)) not in GZIP_FILES,
            content=body.content,
            path=body.path,
            name=name_of(asked.url, header(headers, "Content-Disposition")),
            link=header(headers, "Link", 8000),
            total=next((found for name in COUNTING if (found := header(headers, name))), ""),
        )
        if answer.status != 304:
            return answer
        return replace(
            answer,
            etag=answer.etag or asked.validators.get("If-None-Match", ""),
            last_modified=answer.last_modified or asked.validators.get("If-Modified-Since", ""),
        )


def _parse(text: str) -> httpx.URL:
    try:
        url = httpx.URL(text)
    except httpx.InvalidURL as error:
        raise ConfigError(f"{text[:200]}: is not an address ({error}); correct it") from error
    if url.userinfo:
        raise ConfigError(f"{host_of(url)}: a name or password in an address would end up in logs; leave it out")
    return url


def _linked(text: str) -> httpx.URL:
    try:
        return _parse(text)
    except ConfigError as error:
        raise ObjectFailed("refused", f"{error}; a list names it, so tell its custodian, or ignore it") from error


def _version() -> str:
    try:
        return version(AGENT)
    except PackageNotFoundError:
        return "0"
