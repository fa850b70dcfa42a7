"""One request of a visit, before it is rewritten, redirected or tried again."""

from dataclasses import dataclass
from pathlib import Path

from biglam_pipeline.web.answer import Expect

ROBOTS, TDMREP = "/robots.txt", "/.well-known/tdmrep.json"
"""Where a host speaks of itself: RFC 9309, 2.3, and the TDM Reservation Protocol."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The arguments of one `Web.get`."""

    url: str
    validators: dict[str, str]
    expect: Expect
    into: Path | None
    max_bytes: int
    also_status: frozenset[int] = frozenset()
    robots: bool = True
    linked: bool = False
    parts: Path | None = None
    accept: str = ""
    was: str = ""
    """The media type of what came before from there, where something did."""
