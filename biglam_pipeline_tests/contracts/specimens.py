"""What a format is held against: a small source of it, how many rows it has, and a digest of them at this version."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Specimen:
    """`SPECIMEN` of `normalize/test_TYPE.py`. Whoever changes rows raises the reader's `version`, then pins both."""

    files: Mapping[str, bytes]
    """Name -> bytes, as they are harvested."""
    records: int
    """Counted by hand."""
    version: int
    """Of the reader that gave the digest."""
    digest: str
    """As `test_formats.digest_of` makes it."""
    block: Mapping[str, Any] = field(default_factory=dict)
    """The keys of `normalize`, without `type`."""
