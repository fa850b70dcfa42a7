"""Requests as bytes on a socket: what no client library would write, and what a browser writes by itself."""

import base64
import socket
from collections.abc import Mapping
from urllib.parse import urlsplit


def status(
    address: str, path: str = "/", *, method: str = "GET", body: bytes = b"", headers: Mapping[str, str | None] = {}
) -> int:
    """The status of the answer. headers: beside the address's own Host; None takes one away, a line break adds one."""
    return int(answer(address, path, method=method, body=body, headers=headers).split(b" ", 2)[1])


def answer(
    address: str, path: str = "/", *, method: str = "GET", body: bytes = b"", headers: Mapping[str, str | None] = {}
) -> bytes:
    """The whole answer, head and body."""
    place = urlsplit(address)
    written = {"Host": place.netloc, "Connection": "close", "Content-Length": str(len(body)), **headers}
    lines = [f"{name}: {value}" for name, value in written.items() if value is not None]
    head = "\r\n".join([f"{method} {path} HTTP/1.1", *lines, "", ""]).encode()
    with socket.create_connection((place.hostname or "", place.port or 80), timeout=30) as connection:
        connection.sendall(head + body)
        found = b""
        while block := connection.recv(65536):
            found += block
            if b"HTTP/1.1 101" in found:
                break
    return found


def websocket(address: str, path: str, **headers: str) -> int:
    """The status with which a WebSocket's handshake is answered (RFC 6455, 4.1); 101 where it is opened."""
    asked = {
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Content-Length": None,
        "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": base64.b64encode(bytes(16)).decode(),
        "Sec-WebSocket-Protocol": "graphql-ws",
    }
    return status(address, path, headers=asked | headers)
