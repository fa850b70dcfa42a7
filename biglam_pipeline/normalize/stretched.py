"""What does a reader know of a file of which it reads a stretch: where it begins, and what stands before it?"""

from collections.abc import Mapping
from typing import Any

from biglam_pipeline.normalize.equals import Times
from biglam_pipeline.records import Item


def of_stretch(item: Item) -> Mapping[str, Any]:
    """What is known of the file, where only a stretch of it is read; else nothing."""
    return item.known if item.known and "begins" in item.known else {}


def begins_at(item: Item) -> int:
    """The number of the first record, from 1."""
    begins: int = of_stretch(item).get("begins", 1)
    return begins


def passed_before(item: Item) -> int:
    """Bytes of the file before what is read; less where more is put before it than stood there."""
    passed: int = of_stretch(item).get("passed", 0)
    return passed


def times_in(item: Item) -> Times:
    """Numbers equal records through the file."""
    return Times({}, of_stretch(item).get("before", (b"", b"")))
