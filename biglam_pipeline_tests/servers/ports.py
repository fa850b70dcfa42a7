"""A port for a server that takes a number and no socket, which no other test can be given meanwhile."""

import itertools
import os
import socket

_FIRST, _MANY = 20_000, 12_000
"""Below what systems hand out by themselves (Linux from 32768, others from 49152): a port that was asked for with 0 and
closed again may be another test's a moment later, as server or as client."""
_NUMBERS = itertools.count(os.getpid() * 37)


def free_port() -> int:
    """A port of this machine that nothing listens on, another one at each call."""
    while True:
        port = _FIRST + next(_NUMBERS) % _MANY
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue
