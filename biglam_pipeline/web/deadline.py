"""One end for all the reads of an answer's head, or of a block of its body: a limit for each read is none for all.

A server that sends `100 Continue` for ever, or a byte of a header every few seconds, is never silent for long; neither
httpx nor h11 counts the reads. So the sockets themselves know by when they have to be done.
"""

import ssl
import time
from collections.abc import Callable, Iterable
from typing import Any

import httpcore


class Deadline:
    """By when the step that is under way has to be over."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        """monotonic: seconds by a clock that never jumps."""
        self._monotonic, self._end = monotonic, float("inf")
        self.heard = False
        """Whether anything came since the step began."""

    def begin(self, seconds: float) -> None:
        """A new step, and how long it may take."""
        self._end, self.heard = self._monotonic() + seconds, False

    def within(self, timeout: float | None) -> float:
        """The timeout of one read or write; ReadTimeout where there is no time left."""
        left = self._end - self._monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout("the step took longer than it may")
        return left if timeout is None else min(timeout, left)


class PunctualBackend(httpcore.NetworkBackend):
    """Opens sockets that keep to a deadline."""

    def __init__(self, deadline: Deadline) -> None:
        """deadline: of what is under way; one conversation at a time."""
        self._backend, self._deadline = httpcore.SyncBackend(), deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """As httpcore does."""
        timeout = self._deadline.within(timeout)
        stream = self._backend.connect_tcp(host, port, timeout, local_address, socket_options)
        return _Punctual(stream, self._deadline)


class _Punctual(httpcore.NetworkStream):
    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream, self._deadline = stream, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        data = self._stream.read(max_bytes, self._deadline.within(timeout))
        self._deadline.heard = True
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, self._deadline.within(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        stream = self._stream.start_tls(ssl_context, server_hostname, self._deadline.within(timeout))
        return _Punctual(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
