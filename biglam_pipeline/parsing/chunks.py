"""One record of a file, before anybody reads it: where its bytes stand."""

from typing import NamedTuple

from biglam_pipeline.parsing.inflate import Unreadable


class Chunk(NamedTuple):
    """The bytes of one record, or of what stands where one was due."""

    start: int
    size: int
    data: bytes
    """Empty where there is a trouble."""
    trouble: Unreadable | None = None
