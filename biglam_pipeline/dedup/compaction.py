"""What it would cost, and bring, to cut all parts again: the one thing that sticky parts never do by themselves."""

from collections import Counter
from dataclasses import dataclass

from biglam_pipeline.store.parts import Manifest, PartSize


@dataclass(frozen=True, slots=True)
class Compaction:
    """What is foreseen; nothing was done yet."""

    rows: int
    parts_before: int
    parts_after: int
    """About: parts are closed near a size, not at it."""
    size: int
    """Bytes of all parts: what has to be sent at most, and what every reader has to download again."""

    @property
    def gains(self) -> bool:
        """Whether there would be fewer parts."""
        return self.parts_after < self.parts_before


def foresee(manifest: Manifest, size: PartSize) -> Compaction:
    """How the parts of today would be cut."""
    bytes_of: Counter[str] = Counter()
    for part in manifest.parts:
        bytes_of[part.config] += part.size
    return Compaction(
        rows=sum(part.rows for part in manifest.parts),
        parts_before=len(manifest.parts),
        parts_after=sum(max(1, -(-total // size.full)) for total in bytes_of.values()),
        size=bytes_of.total(),
    )
