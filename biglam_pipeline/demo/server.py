"""The institution on a port of this machine, for as long as a `with` lasts."""

import socket
import threading
import time
from types import TracebackType
from typing import Self

import uvicorn

from .institution import Institution, create_app
from .logbook import Fault, LogLine


class Running:
    """Serves an institution on loopback in a thread of its own. Port 0 takes a free one."""

    def __init__(self, institution: Institution | None = None, port: int = 0, fault: Fault | None = None) -> None:
        self.institution = institution or Institution()
        self.log: list[LogLine] = []
        """Every request answered so far: method, path and query, status, bytes."""
        self._app = create_app(self.institution, self.log, fault)
        self._port = port
        self._socket: socket.socket | None = None
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._app,
                lifespan="off",
                log_level="warning",
                access_log=False,
                ws="none",
                timeout_graceful_shutdown=2,
            )
        )
        self._thread = threading.Thread(target=self._serve, name="demo institution", daemon=True)

    @property
    def fault(self) -> Fault | None:
        """What answers in the institution's place; may be set while it runs."""
        fault: Fault | None = self._app.state.fault
        return fault

    @fault.setter
    def fault(self, fault: Fault | None) -> None:
        self._app.state.fault = fault

    @property
    def address(self) -> str:
        """Where it listens: http://127.0.0.1:PORT."""
        if self._socket is None:
            raise RuntimeError("the institution is not being served")
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}"

    @property
    def rewrite(self) -> str:
        """The value of BIGLAM_REWRITE that leads its own addresses here."""
        return f"https://institution.example={self.address}"

    def __enter__(self) -> Self:
        """Listen, and return once requests are answered."""
        self._socket = socket.create_server(("127.0.0.1", self._port))
        self._thread.start()
        while not self._server.started:
            if not self._thread.is_alive():
                raise RuntimeError("the institution did not start")
            time.sleep(0.005)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop listening, and return once the thread has ended."""
        self._server.should_exit = True
        self._thread.join(timeout=10)
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    def _serve(self) -> None:
        # off the main thread uvicorn leaves the signals alone
        if self._socket is not None:
            self._server.run(sockets=[self._socket])
