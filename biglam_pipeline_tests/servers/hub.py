"""The local Hub in a thread, with a hook for faults on the wire and a log of its requests."""

import asyncio
import socket
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType

import uvicorn
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from biglam_pipeline.localhub.app import Fault, Stage, create_app


class LostAnswer(Response):
    """Begins an answer and closes the connection: the client cannot know whether its request took effect."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"1")]})


class _Prompt(uvicorn.Server):
    """Ends when it is reported to: uvicorn looks ten times a second and then waits a tenth, after each of 200 tests."""

    _reported: Callable[[], object] = staticmethod(bool)

    async def main_loop(self) -> None:
        loop, ended = asyncio.get_running_loop(), asyncio.Event()
        self._reported = lambda: loop.call_soon_threadsafe(ended.set)
        while not self.should_exit:
            await self.on_tick(0)  # the date of its answers, once a second
            with suppress(TimeoutError):
                await asyncio.wait_for(ended.wait(), 1)

    def end(self) -> None:
        """From another thread."""
        self.should_exit = True
        with suppress(RuntimeError):  # it has ended by itself
            self._reported()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for one in (*self.servers, *(sockets or [])):
            one.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        deadline = time.monotonic() + 2
        while (self.server_state.connections or self.server_state.tasks) and time.monotonic() < deadline:
            await asyncio.sleep(0.005)
        await self.lifespan.shutdown()


class HubServer:
    """A Hub on a free loopback port, from `with` to its end or until `close()`.

    `fault(request, stage)` may be set at any time; stage is "before" or "after" the request is handled, and a
    response returned is sent instead. `log` holds (method, path, bytes of the request's body, status).
    """

    def __init__(self, state: Path, *, auth: str | None = None, port: int = 0) -> None:
        self.fault: Fault | None = None
        self.log: list[tuple[str, str, int, int]] = []
        self.app = create_app(state, fault=self._ask_fault, log=self.log, auth=auth)
        self._socket = socket.create_server(("127.0.0.1", port))
        self.port: int = self._socket.getsockname()[1]
        self.endpoint = f"http://127.0.0.1:{self.port}"
        # Errors of a lost answer are meant; they must not fill the test's output.
        self._server = _Prompt(
            uvicorn.Config(
                self.app,
                log_level="critical",
                ws="none",
                lifespan="on",
                timeout_keep_alive=600,
            )
        )
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), name="hub", daemon=True)
        self._thread.start()
        self._wait(lambda: self._server.started)

    def _ask_fault(self, request: Request, stage: Stage) -> Response | None:
        return None if self.fault is None else self.fault(request, stage)

    def _wait(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 20
        while not ready():
            if not self._thread.is_alive() or time.monotonic() > deadline:
                raise RuntimeError("the Hub did not come up")
            time.sleep(0.002)

    def count(self, method: str, part: str) -> int:
        """How many requests of this method had `part` in their path."""
        return sum(row[0] == method and part in row[1] for row in self.log)

    def close(self) -> None:
        """End the server and give its state folder back. Closing twice is harmless."""
        self._server.end()
        self._thread.join(timeout=20)
        self._socket.close()

    def __enter__(self) -> "HubServer":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
