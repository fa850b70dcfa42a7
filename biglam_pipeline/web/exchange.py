"""One request and its answer: what is sent, what is refused, and what of the answer is kept."""

import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NoReturn

import httpx

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.html import metas_of
from biglam_pipeline.signals import in_headers, in_metas
from biglam_pipeline.store.partial import Partial
from biglam_pipeline.web.answer import (
    COUNTING,
    Answer,
    Body,
    check_kind,
    check_no_wall,
    explains,
    header,
    is_page,
    suffix_of,
)
from biglam_pipeline.web.asking import Asked
from biglam_pipeline.web.connections import Connections, resumed
from biglam_pipeline.web.gate import Gate
from biglam_pipeline.web.guard import Place
from biglam_pipeline.web.keepers import REFUSALS, refuse
from biglam_pipeline.web.keys import without_keys
from biglam_pipeline.web.limits import Limits
from biglam_pipeline.web.naming import name_of
from biglam_pipeline.web.ranges import asks
from biglam_pipeline.web.receiving import GZIP_FILES, goes_on, receive
from biglam_pipeline.web.redirects import REDIRECTS, target_of
from biglam_pipeline.web.retry import Retry, retry_after
from biglam_pipeline.web.visiting import Visiting

_ACCEPTS = {"json": "application/json, application/ld+json;q=0.9, */*;q=0.5"}
"""Of servers that answer in several formats: https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1"""
_UNPACKS = "https://storage.googleapis.com/"
"""For who does not accept it packed, it unpacks what is kept so, also a `.csv.gz`, which then is none:
https://cloud.google.com/storage/docs/transcoding"""


@dataclass(frozen=True, slots=True)
class Exchange:
    """How one visit talks to a host whose turn it has."""

    connections: Connections
    gate: Gate
    limits: Limits
    visiting: Visiting
    clock: Callable[[], datetime]
    user_agent: str
    spare_loopback: bool

    def send(
        self,
        asked: Asked,
        place: Place,
        url: httpx.URL,
        secrets: Mapping[str, str],
        partial: Partial | None,
    ) -> Answer | httpx.URL:
        """The answer, checked, or where it sends us instead. Retry, ObjectFailed, SourceChanged."""
        cost, where = self.visiting.cost(place.name), self.visiting.shown(str(url))
        # Compression would only get in the way of files that are compressed already.
        plain = suffix_of(str(url)) in GZIP_FILES or (partial and partial.size)
        coding = "identity" if plain and not asked.url.startswith(_UNPACKS) else "gzip"
        accept = asked.accept or _ACCEPTS.get(asked.expect, "*/*")
        headers = {"User-Agent": self.user_agent, "Accept": accept, "Accept-Encoding": coding, **secrets}
        rest = asks(partial.validator, partial.size) if partial and partial.size else {}
        cost.requests += 1
        response = self.connections.send(place, url, headers | asked.validators | rest)
        try:
            if response.status_code in REDIRECTS - asked.also_status:
                return target_of(url, response, self.visiting.shown)
            if response.status_code == 304 and asked.validators:
                cost.not_modified += 1
                return self._make(asked, url, response, Body(b"", "", 0, None, None))
            begin = partial.size if partial and goes_on(response, partial, where) else 0
            if not begin and response.status_code not in asked.also_status | {200, 203}:
                self._refuse(place, url, response)
            blocks = resumed(
                self.connections,
                place,
                url,
                headers,
                response,
                where=where,
                block_seconds=self.limits.read_seconds,
                begin=begin,
                validator=partial.validator if partial and begin else "",
                cost=cost,
            )
            limits, budget = self.limits, self.visiting.budget
            with contextlib.closing(blocks):
                body = receive(asked, url, response, blocks, where=where, limits=limits, budget=budget, partial=partial)
            self._check(asked, place, url, response, body)
            return self._make(asked, url, response, body)
        finally:
            response.close()

    def _check(self, asked: Asked, place: Place, url: httpx.URL, response: httpx.Response, body: Body) -> None:
        """Can that be what was asked for?"""
        stormy = self.visiting.is_storm(place.name, response.status_code)
        if response.status_code in asked.also_status and (stormy or not explains(body.head, asked.expect)):
            self._refuse(place, url, response)
        check_kind(asked.url, body, asked.expect)
        check_no_wall(asked.url, header(response.headers, "Content-Type"), body, asked.was)
        if not body.size and (asked.expect in ("xml", "json") or asked.was):
            raise Retry(str(url), "answered with nothing at all", lasting="empty", at_most=2)

    def _refuse(self, place: Place, url: httpx.URL, response: httpx.Response) -> NoReturn:
        status = response.status_code
        if status in REFUSALS:
            with_key = bool(self.visiting.sends_to(url))
            refuse(url, status, self.user_agent, self.visiting.keepers, with_key=with_key)
        if status in (404, 410):
            raise ObjectFailed("not_found", f"{url}: is not there (HTTP {status}); correct the address")
        if status in (408, 425, 429) or (status >= 500 and status not in (501, 505)):
            after = retry_after(response.headers.get("Retry-After", ""), self.clock())
            if status in (429, 503) and not (place.loopback and self.spare_loopback):
                self.gate.slow_down(place.name, after)
            raise Retry(str(url), f"HTTP {status}", after_seconds=after, status=status)
        reason = "nothing" if status == 204 else "refused"
        raise ObjectFailed(reason, f"{url}: answered with HTTP {status}; open it in a browser to see why")

    def _make(self, asked: Asked, url: httpx.URL, response: httpx.Response, body: Body) -> Answer:
        headers, body = response.headers, without_keys(body, self.visiting.headers)
        etag = header(headers, "ETag")
        if asked.robots:  # what the host says of itself is no part of the data
            self.visiting.answered(self.visiting.shown(asked.url))
            self.visiting.hear(in_headers(headers, asked.url))
            if body.content and is_page(body.head):
                self.visiting.hear(in_metas(metas_of(body.content), asked.url))
        answer = Answer(
            url=self.visiting.shown(asked.url),
            final_url=self.visiting.shown(str(url)),
            status=200 if response.status_code == 206 else response.status_code,  # with what was here, it is whole
            media_type=header(headers, "Content-Type"),
            etag=etag if self.visiting.shown(etag) == etag else "",  # a key stands in it
            last_modified=header(headers, "Last-Modified"),
            retrieved_at=self.clock(),
            sha256=body.sha256,
            size=body.size,
            unpacked="gzip" in header(headers, "Content-Encoding").casefold() and suffix_of(str(url)) not in GZIP_FILES,
            content=body.content,
            path=body.path,
            name=self.visiting.shown(name_of(asked.url, header(headers, "Content-Disposition"))),
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
