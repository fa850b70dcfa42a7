"""Faults of the wire, by the request that they befall."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from biglam_pipeline_tests.servers.hub import HubServer

COMMIT = "POST .*/commit/main"


def status(code: int, **headers: str) -> Callable[[], Response]:
    """An answer of this status. A `_` in a header's name is a `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda: JSONResponse({"error": "not now"}, code, named)


def says(code: int, text: str) -> Callable[[], Response]:
    """An answer with this message."""
    return lambda: JSONResponse({"error": text}, code, {"X-Error-Message": text})


@dataclass(frozen=True)
class Fault:
    """What goes wrong, and what must come of it."""

    name: str
    at: str
    """Regular expression of method and path."""
    answer: Callable[[], Response]
    stage: str = "before"
    times: int = 1
    pauses: int | tuple[float, ...] = 1
    """How many, or which."""
    sent: bool = True
    """False where the commit is found there instead."""


def arrange(server: HubServer, fault: Fault) -> None:
    """From now on the wire does this."""
    left = fault.times

    def play(request: Request, stage: str) -> Response | None:
        nonlocal left
        if not left or stage != fault.stage or not re.match(fault.at, f"{request.method} {request.url.path}"):
            return None
        left -= 1
        return fault.answer()

    server.fault = play


def refusing(server: HubServer, at: str, answer: Callable[[], Response]) -> None:
    """From now on, for ever."""
    arrange(server, Fault("", at, answer, times=10**6))
