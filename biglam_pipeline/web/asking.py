"""One request of a visit, before it is rewritten, redirected or tried again."""

from dataclasses import dataclass
from pathlib import Path

from biglam_pipeline.web.answer import Expect


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
