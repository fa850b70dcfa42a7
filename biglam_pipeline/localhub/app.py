"""The Hub as an ASGI program: every request is read, placed, checked, answered and written down here."""

import errno
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Literal, Protocol

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from biglam_pipeline.localhub import (
    administration,
    community,
    content_store,
    downloads,
    large_files,
    listing,
    pages,
    preview,
    uploads,
)
from biglam_pipeline.localhub.door import LOOPBACK, Door
from biglam_pipeline.localhub.exchange import Call, Endpoint, Refusal, no_repository, split_path
from biglam_pipeline.localhub.hub import PART_BYTES, Hub
from biglam_pipeline.localhub.state import discard

PROGRAM = "biglam_pipeline.localhub"
MAX_BODY_BYTES = 2 << 30
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT}

Stage = Literal["before", "after"]
Fault = Callable[[Request, Stage], Response | None]


class Log(Protocol):
    """Anything that rows can be appended to."""

    def append(self, row: tuple[str, str, int, int], /) -> None:
        """Take method, path, bytes of the request's body, status."""


def health(hub: Hub, call: Call) -> Response:
    """Which program this is, and whose state it serves."""
    return JSONResponse(
        {
            "program": PROGRAM,
            "state": str(hub.state.root),
            "pid": os.getpid(),
            "keeps_for": hub.activity.keepers(),
        }
    )


def keep(hub: Hub, call: Call) -> Response:
    """Live at least as long as the named process."""
    pid = call.json().get("pid")
    if not isinstance(pid, int) or not hub.activity.keep_for(pid):
        raise Refusal(400, f"No such process: {pid}")
    return health(hub, call)


ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("GET", "/health", health),
    Endpoint("POST", "/health/keep", keep),
    *listing.ENDPOINTS,
    *administration.ENDPOINTS,
    *uploads.ENDPOINTS,
    *large_files.ENDPOINTS,
    *community.ENDPOINTS,
    *downloads.ENDPOINTS,
    *content_store.ENDPOINTS,
    *preview.ENDPOINTS,
    *pages.ENDPOINTS,
)


class Gate:
    """The one ASGI endpoint: from request to response."""

    def __init__(self, hub: Hub, fault: Fault | None, log: Log | None) -> None:
        self._hub, self._fault, self._log = hub, fault, log

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        call = Call(
            method=request.method,
            path=request.url.path,
            base=f"{request.url.scheme}://{request.headers.get('host', '')}",
            headers=request.headers,
            query_string=request.url.query,
        )
        self._hub.activity.begin()
        try:
            response = await self._respond(request, call)
            await response(scope, receive, send)
        except ClientDisconnect:
            return  # nobody is left to be answered
        finally:
            self._hub.activity.end()

    async def _respond(self, request: Request, call: Call) -> Response:
        endpoint = self._place(call, split_path(request.scope.get("raw_path") or call.path.encode()))
        count = 0
        try:
            # The body is read even of a request that will be refused: the client writes before it reads.
            count = await self._take_body(request, call, endpoint)
            response = await run_in_threadpool(self._answer, request, call, endpoint)
        except Refusal as refusal:
            response = refusal.response()
        except OSError as error:
            if error.errno not in _NO_ROOM:
                raise
            response = Refusal(507, f"There is no room left under {self._hub.state.root}").response()
        finally:
            if call.spooled is not None:
                discard(call.spooled)
        if self._log is not None:
            self._log.append((call.method, call.path, count, response.status_code))
        return response

    async def _take_body(self, request: Request, call: Call, endpoint: Endpoint | None) -> int:
        if endpoint is not None and endpoint.spools:
            return await self._spool(request, call)
        call.body = await self._read(request)
        return len(call.body)

    @staticmethod
    def _place(call: Call, parts: list[str]) -> Endpoint | None:
        for endpoint in ENDPOINTS:
            at = endpoint.match(call.method, parts)
            if at is not None:
                call.at = at
                return endpoint
        return None

    @staticmethod
    async def _read(request: Request) -> bytes:
        pieces, count = [], 0
        async for piece in request.stream():
            count += len(piece)
            if count > MAX_BODY_BYTES:
                raise Refusal(413, f"A body may hold {MAX_BODY_BYTES} bytes")
            pieces.append(piece)
        return b"".join(pieces)

    async def _spool(self, request: Request, call: Call) -> int:
        count, stream = 0, request.stream()
        call.spooled = self._hub.state.scratch()
        try:
            with call.spooled.open("wb") as file:
                async for piece in stream:
                    count += len(piece)
                    await run_in_threadpool(file.write, piece)
        except OSError:
            async for _ in stream:
                pass  # the client writes before it reads what we say
            raise
        return count

    def _answer(self, request: Request, call: Call, endpoint: Endpoint | None) -> Response:
        if self._fault is not None and (instead := self._fault(request, "before")) is not None:
            return instead
        response = self._handle(call, endpoint)
        if self._fault is not None and (instead := self._fault(request, "after")) is not None:
            return instead
        return response

    def _handle(self, call: Call, endpoint: Endpoint | None) -> Response:
        try:
            if endpoint is None:
                raise _unknown(call)
            if endpoint.writes and not self._hub.authorized(call):
                raise Refusal(401, "Invalid credentials in Authorization header")
            return endpoint.answer(self._hub, call)
        except Refusal as refusal:
            return refusal.response()


def _unknown(call: Call) -> Refusal:
    """What to say of a path that is none of ours."""
    first, *rest = call.path.removeprefix("/api/").strip("/").split("/")
    if first in ("models", "spaces", "kernels"):
        refusal = no_repository("/".join(rest[:2]))
        refusal.message = f"This Hub holds datasets only, no {first}"
        return refusal
    if first == "datasets" and call.path.startswith("/api/") and len(rest) <= 1:
        return no_repository("/".join(rest))
    return Refusal(404, f"This Hub has no {call.method} {call.path}")


def create_app(
    state: Path,
    *,
    fault: Fault | None = None,
    log: Log | None = None,
    auth: str | None = None,
    allow_remote: bool = False,
    part_bytes: int = PART_BYTES,
) -> Starlette:
    """The program over one state folder, which it locks until the application shuts down.

    `fault` is asked before and after each request is handled, and may return another response to send.
    `log` receives (method, path, bytes of the request's body, status). Large files of more than `part_bytes` come
    in parts of that size from a client without Xet. Raises StateBusy.
    """
    hub = Hub(state, auth, part_bytes)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        try:
            yield
        finally:
            hub.close()

    door = Middleware(Door, names=None if allow_remote else LOOPBACK)
    app = Starlette(routes=[Route("/{rest:path}", Gate(hub, fault, log))], middleware=[door], lifespan=lifespan)
    app.state.hub = hub
    return app
