"""How much of what an institution says it has was harvested: a noun, for evidence, shelf, card and Dagster."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Coverage:
    """Of one list, set or collection, as its server counts it."""

    part: str
    """The list's address as it may be shown."""
    offered: int
    """Records or files that the server says there are: completeListSize, total, what it lists."""
    harvested: int
    """As many came; more where the server's count is older."""

    @property
    def share(self) -> float:
        """From 0 to 1."""
        return min(1.0, self.harvested / self.offered) if self.offered else 1.0


def read_coverage(rows: Iterable[Mapping[str, Any]]) -> tuple[Coverage, ...]:
    """From a shelf's JSON."""
    return tuple(Coverage(str(one["part"]), int(one["offered"]), int(one["harvested"])) for one in rows)
