"""The process that reads PDF for another one: a document comes, lines of JSON go.

A line is asked, then come the bytes; an answer is a line a page, and `{"end": true}`. Whoever asked ends this process
where no line comes for too long.
"""

import contextlib
import json
import resource
import sys
from typing import Any, BinaryIO

from biglam_pipeline.parsing.pdf.describing import describe
from biglam_pipeline.parsing.pdf.extracting import Refused, open_document, read_page

MEMORY_BYTES = 2 * 2**30
"""What it may take: a document, and what its streams unpack to. A bomb ends this process, and no other."""


def main() -> None:
    """Until nothing more comes."""
    with contextlib.suppress(ValueError, OSError):  # macOS keeps no limit of this kind
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    asks, tells = sys.stdin.buffer, sys.stdout.buffer
    while line := asks.readline():
        asked = json.loads(line)
        data = asks.read(asked["size"])
        if len(data) < asked["size"]:
            return
        try:
            _answer(asked, data, tells)
        except Refused as why:
            _tell(tells, {"refused": why.reason, "detail": why.detail})
        except MemoryError:
            _tell(tells, {"refused": "pdf_large", "detail": f"it needs more than {MEMORY_BYTES} bytes of memory"})
        _tell(tells, {"end": True})


def _answer(asked: dict[str, Any], data: bytes, tells: BinaryIO) -> None:
    if asked["ask"] == "about":
        _tell(tells, describe(data))
        return
    document = open_document(data)
    _tell(tells, {"pages": len(document)})
    for number in range(asked["first"], len(document)):
        try:
            _tell(tells, {"page": number, **read_page(document, number)})
        except Refused as why:
            _tell(tells, {"page": number, "refused": why.reason, "detail": why.detail})
    document.close()


def _tell(tells: BinaryIO, what: dict[str, Any]) -> None:
    tells.write(json.dumps(what).encode() + b"\n")
    tells.flush()
