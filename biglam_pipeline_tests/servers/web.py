"""A web server on loopback that misbehaves by script, and remembers what it was asked."""

import contextlib
import ssl
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """One request as it came in."""

    method: str
    path: str
    headers: Mapping[str, str]

    @property
    def query(self) -> dict[str, str]:
        """The arguments, each once."""
        return {name: values[0] for name, values in parse_qs(urlsplit(self.path).query, keep_blank_values=True).items()}


@dataclass(frozen=True)
class Reply:
    """One scripted answer."""

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    cut: int | None = None
    """Sends so many bytes of the body, and closes the connection."""
    hold_seconds: float = 0.0
    """How long it stays connected after `cut`, without another word."""
    silent: bool = False
    """Closes the connection without a word."""
    delay_seconds: float = 0.0
    """Before the first byte."""
    drip_seconds: float = 0.0
    """Between two bytes of the body."""
    raw: bytes | None = None
    """Sent instead of everything else."""
    endless: bytes = b""
    """Sent after `raw` again and again, `drip_seconds` apart, for as long as somebody listens."""


Script = Reply | Callable[[Asked], Reply]


class ScriptedServer:
    """`on(path, replies)`: each request takes the next reply; the last one stays."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.url = f"http://127.0.0.1:{port}"
        self.asked: list[Asked] = []
        self._routes: dict[str, list[Script]] = {}
        self._lock = threading.Lock()
        self.under_way = self.most_under_way = 0
        self.spoil: Callable[[Reply], Reply] = lambda reply: reply
        """Applied to every reply before it is sent."""

    def on(self, path: str, *replies: Script) -> str:
        """Scripts a path, with or without its query; returns its address."""
        self._routes[path] = list(replies)
        return self.url + path

    def paths(self) -> list[str]:
        """What was asked, in order."""
        return [asked.path for asked in self.asked]

    def take(self, asked: Asked) -> Reply:
        """The next reply for a request."""
        with self._lock:
            self.asked.append(asked)
            script = self._routes.get(asked.path) or self._routes.get(asked.path.partition("?")[0])
            if not script:
                return Reply(b"no such page", 404)
            reply = script.pop(0) if len(script) > 1 else script[0]
        return self.spoil(reply if isinstance(reply, Reply) else reply(asked))


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    script: ScriptedServer

    def do_GET(self) -> None:
        with self.script._lock:
            self.script.under_way += 1
            self.script.most_under_way = max(self.script.most_under_way, self.script.under_way)
        try:
            with contextlib.suppress(ConnectionError):
                self._play(self.script.take(Asked(self.command, self.path, dict(self.headers.items()))))
        finally:
            with self.script._lock:
                self.script.under_way -= 1

    def _play(self, reply: Reply) -> None:
        time.sleep(reply.delay_seconds)
        if reply.silent or reply.raw is not None:
            self.wfile.write(reply.raw or b"")
            self.close_connection = True
            while reply.endless:
                self.wfile.write(reply.endless)
                time.sleep(reply.drip_seconds)
            return
        self.send_response(reply.status)
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(len(reply.body)), **reply.headers}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        body = reply.body if reply.cut is None else reply.body[: reply.cut]
        if reply.status in (204, 304):
            return
        for block in _blocks(body, reply.drip_seconds):
            self.wfile.write(block)
            self.wfile.flush()
        if reply.cut is not None:
            time.sleep(reply.hold_seconds)
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Keeps the test's output quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Says nothing of clients that hang up, which is what many tests are about."""
        if not isinstance(sys.exception(), OSError):
            super().handle_error(request, client_address)


def _blocks(body: bytes, drip_seconds: float) -> Iterable[bytes]:
    if not drip_seconds:
        yield body
        return
    for number in range(len(body)):
        time.sleep(drip_seconds)
        yield body[number : number + 1]


@contextlib.contextmanager
def scripted_server(tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    """Serves until the block ends."""
    handler = type("Handler", (_Handler,), {})
    server = _Server(("127.0.0.1", 0), handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    script = ScriptedServer(server.server_address[1])
    handler.script = script  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield script
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
