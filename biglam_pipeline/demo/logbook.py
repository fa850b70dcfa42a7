"""What was asked of the institution, and the faults it is told to make: one layer around the whole web site."""

from collections.abc import Callable, MutableSequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LogLine = tuple[str, str, int, int]
"""Method, path with its query, status, bytes of the body sent."""
Log = MutableSequence[LogLine]
Fault = Callable[[Request], Response | None]
"""Answers in the institution's place, or returns None to let it answer."""


class Recording:
    """ASGI middleware. The fault is looked up on the app's state each time, so that it may be set while it runs."""

    def __init__(self, app: ASGIApp, log: Log | None) -> None:
        self._app = app
        self._log = log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request and note it down."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        fault: Fault | None = scope["app"].state.fault
        spoiled = fault(request) if fault else None
        await (spoiled or self._app)(scope, receive, self._noting(request, send))

    def _noting(self, request: Request, send: Send) -> Send:
        query = request.url.query
        asked = f"{request.url.path}?{query}" if query else request.url.path
        status, sent = 0, 0

        async def noting(message: Message) -> None:
            nonlocal status, sent
            if message["type"] == "http.response.start":
                status = message["status"]
            elif message["type"] == "http.response.body":
                sent += len(message.get("body", b""))
                # before the last bytes leave: whoever has the whole answer finds it in the log
                if self._log is not None and not message.get("more_body", False):
                    self._log.append((request.method, asked, status, sent))
            await send(message)

        return noting
