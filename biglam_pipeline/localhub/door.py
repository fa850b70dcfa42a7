"""Who may ask a server that knows no passwords? Its own pages, and programs; no page of another origin.

A browser reaches loopback for any page that it shows, under any name that leads there (DNS rebinding), so reaching is
no leave. What tells such a page apart is written by the browser, and no script can change it: `Host`, `Origin`
(https://fetch.spec.whatwg.org/#origin-header: on all but GET and HEAD; on every WebSocket, RFC 6455, 10.2) and
`Sec-Fetch-Site` (https://www.w3.org/TR/fetch-metadata/). 421 and 403 are those of RFC 9110.
"""

import re
import urllib.parse
from collections.abc import Collection
from typing import Any

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "::1")

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[^][:@/\\?#\s]+)(?::(\d{1,5}))?")
_OURS = {"same-origin", "none"}
"""`none`: nobody's page asked for it; somebody typed the address, or opened a bookmark."""
_FOLLOWED = {"sec-fetch-mode": ["navigate"], "sec-fetch-dest": ["document"]}
_PORTS = {"http": "80", "https": "443"}
_HEADERS = (
    (b"content-security-policy", b"frame-ancestors 'self'"),  # a click into a frame is a click of our own origin
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Door:
    """An ASGI program that stands before another one. Pages of other origins may link to it, and nothing else.

    A request without `Origin` and without `Sec-Fetch-Site` is a program's: every browser of today writes one of them.
    A program on this machine could do the same without a server, so it is let in; not so by WebSocket, which only
    pages open, and always with an `Origin`.
    """

    def __init__(self, app: ASGIApp, names: Collection[str] | None = LOOPBACK, remedy: str = "") -> None:
        """names: a Host without a port (then any port) or with one; None: any. remedy: what to do about another Host.

        Any port, because a tunnel (`ssh -L`) has another one: what rebinding needs is a name, and pages of another
        port have another Origin.
        """
        self._app, self._remedy = app, remedy
        self._names = None if names is None else frozenset(name.lower() for name in names)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or pass on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
        elif fault := self._fault(scope):
            await _refuse(*fault, scope, receive, send)
        else:
            await self._app(scope, receive, _guarded(send))

    def _fault(self, scope: Scope) -> tuple[int, str] | None:
        headers = _headers(scope)
        hosts, origins = headers.get("host", []), headers.get("origin", [])
        if len(hosts) != 1 or not self._answers_as(hosts[0]):
            said = " and ".join(hosts) or "no name"
            return 421, " ".join(filter(None, [f"This server does not answer as {said}.", self._remedy]))
        if any(not _is_of(origin, hosts[0]) for origin in origins):
            return 403, "Requests from pages of another origin are refused."
        if scope["type"] == "websocket" and not origins:
            return 403, "A WebSocket is opened by this server's own pages only; this request has no Origin."
        if not _OURS.issuperset(headers.get("sec-fetch-site", [])) and not _is_followed(scope, headers):
            return 403, "Requests from pages of another site are refused; a link to this server may be followed."
        return None

    def _answers_as(self, host: str) -> bool:
        if self._names is None:
            return True
        found = _HOST.fullmatch(host)
        return found is not None and not {found[1].strip("[]"), host}.isdisjoint(self._names)


def _headers(scope: Scope) -> dict[str, list[str]]:
    """Each header's values, in lower case: a second Host or Origin must not hide behind the first."""
    found: dict[str, list[str]] = {}
    for name, value in scope["headers"]:
        found.setdefault(name.decode("latin-1").lower(), []).append(value.decode("latin-1").strip().lower())
    return found


def _is_of(origin: str, host: str) -> bool:
    """Whether an Origin is of this Host; its scheme is not compared, for a proxy may have taken TLS off."""
    try:
        parts = urllib.parse.urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in _PORTS:  # an app's page has an origin too: tauri://localhost, capacitor://localhost
        return False
    default = f":{_PORTS[parts.scheme]}"
    return parts.netloc.removesuffix(default) == host.removesuffix(default) != ""


def _is_followed(scope: Scope, headers: dict[str, list[str]]) -> bool:
    """Whether somebody followed a link to a page of ours, which shows it in a window of its own."""
    return scope.get("method") in ("GET", "HEAD") and all(
        headers.get(name, []) == values for name, values in _FOLLOWED.items()
    )


async def _refuse(status: int, message: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})  # before it is accepted: the server answers 403
    else:
        await PlainTextResponse(f"{message}\n", status)(scope, receive, send)


def _guarded(send: Send) -> Send:
    """Adds what the browser must know of an answer."""

    async def guarded(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers: list[Any] = [*message.get("headers", []), *_HEADERS]
            message = {**message, "headers": headers}
        await send(message)

    return guarded
