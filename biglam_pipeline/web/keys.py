"""Keys that a service takes in the query of its addresses: there on the wire, and nowhere else.

A header is the better place (addresses stand in logs: RFC 9110, 17.9), but some services know no other. They travel
with the secret headers of a visit, under names that no header has.
"""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import quote, quote_from_bytes, unquote_plus

import httpx

from biglam_pipeline.secrecy import REMOVED
from biglam_pipeline.web.answer import Body

IN_QUERY = "?"
"""How the name of one begins among the headers of a visit; in no name of a header it can stand (RFC 9110, 5.6.2)."""


def with_keys(url: httpx.URL, headers: Mapping[str, str]) -> httpx.URL:
    """The address as it is sent: each key once, also where a link of the server says it again; all else as it was."""
    keys = {name.removeprefix(IN_QUERY): value for name, value in headers.items() if name.startswith(IN_QUERY)}
    if not keys:
        return url
    pairs = [pair for pair in url.query.split(b"&") if pair and unquote_plus(_name(pair)) not in keys]
    pairs += [f"{quote(name, safe='')}={quote(value, safe='')}".encode() for name, value in keys.items()]
    return url.copy_with(query=b"&".join(pairs))


def without_keys(body: Body, headers: Mapping[str, str]) -> Body:
    """A body that says the key again behind its name, as Europeana's `"apikey": "..."` and links to the next page do:
    with `***` in its place, so that no shelf holds it. The same letters anywhere else are data.
    """
    content = body.content
    for name, value in headers.items():
        if name.startswith(IN_QUERY) and content is not None:
            content = _said(name.removeprefix(IN_QUERY), value).sub(rb"\1" + REMOVED.encode(), content)
    if content is None or content == body.content:
        return body
    return replace(body, content=content, size=len(content), sha256=hashlib.sha256(content).hexdigest())


def _name(pair: bytes) -> str:
    return quote_from_bytes(pair.partition(b"=")[0], safe="%+")


def _said(name: str, value: str) -> re.Pattern[bytes]:
    between = rb"(?:[\"'\s:=>\\]|%3[Dd]|&quot;|&#0*3[49];|\\u003[dD]){1,12}"
    spelled = {value, quote(value, safe=""), quote(value), value.replace("/", "\\/")}
    each = b"|".join(re.escape(one.encode()) for one in sorted(spelled, key=len, reverse=True))
    return re.compile(rb"((?i:" + re.escape(name.encode()) + rb")" + between + rb")(?:" + each + rb")")
