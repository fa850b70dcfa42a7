"""What a check is given: the shelves of one source, and the digest of what is being judged."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, TypeVar

import pyarrow as pa

from biglam_pipeline.clearance import Finding
from biglam_pipeline.columns import Section
from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.publish.draft import Release
from biglam_pipeline.publish.profile import Profile
from biglam_pipeline.records import Part
from biglam_pipeline.source import Source
from biglam_pipeline.store.normalized import Normalized, NormalizedShelf, Slice
from biglam_pipeline.store.parts import Manifest, ShardsShelf
from biglam_pipeline.store.raw import Harvest, RawShelf
from biglam_pipeline.store.shelf import Shelf
from biglam_pipeline.takedown import Ledger

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class View:
    """One source as its checks see it. Nothing here knows Dagster, and nothing is written."""

    source: Source
    raw: RawShelf
    normalized: NormalizedShelf
    shards: ShardsShelf
    schemas: Mapping[str, pa.Schema]
    """Section -> what the published schema must be."""
    digest: str
    """Of the data that the finding is made for."""
    today: date
    """By the clock that the run was handed."""
    ledger: Ledger = field(default_factory=Ledger)
    """The takedown ledger as it is now."""
    released: Release | None = None
    """The last publication, for comparison."""
    profile: Profile | None = None
    """Its identifiers and what was filled in it; None where nothing was remembered of it."""
    origins: Sequence[tuple[Source, RawShelf]] = ()
    """The entries whose rows it has, by others too, each with what was harvested there."""
    hub: Shelf | None = None
    """What is kept of the publication; None where nobody asks of it."""
    _known: dict[str, Any] = field(default_factory=dict, init=False, repr=False, compare=False)
    """Pointers that were read: thirty checks ask for the same, and are all made of what the first of them saw."""

    def harvest(self) -> Harvest:
        """The last closed harvest."""
        found = self._once("harvest", self.raw.latest)
        if found is None:
            raise ShelfDamaged(f"{self.source.name}: nothing was harvested yet; materialize raw")
        return found

    def current(self) -> Normalized:
        """The normalized slices of today."""
        found = self._once("current", self.normalized.current)
        if found is None:
            raise ShelfDamaged(f"{self.source.name}: nothing was normalized yet; materialize normalized")
        return found

    def slices(self) -> Sequence[Slice]:
        """Their numbers."""
        return self._once("slices", lambda: tuple(self.normalized.slices(self.current())))

    def manifest(self) -> Manifest:
        """What is about to be published."""
        found = self._once("manifest", self.shards.current)
        if found is None:
            raise ShelfDamaged(f"{self.source.name}: there are no shards yet; materialize shards")
        return found

    def _once(self, name: str, read: Callable[[], T]) -> T:
        if name not in self._known:
            self._known[name] = read()
        found: T = self._known[name]
        return found

    def section(self, part: Part) -> Section:
        """That of a part's rows, as the entry says."""
        return self.source.section(self.manifest().section(part))

    def kept_out(self) -> int:
        """Records that are missing because of takedowns: those that were met in the slices, or that the ledger names
        and the source may have deleted since. What the entry expects is judged with them counted in.
        """
        return max(sum(one.taken_down for one in self.slices()), self.ledger.records)

    def finding(
        self,
        check: str,
        stage: str,
        problems: Sequence[str],
        good: str,
        numbers: Mapping[str, int | float | str],
        *,
        advice: bool = False,
        closes: bool = False,
    ) -> Finding:
        """A finding that passes where there is no problem; its sentence is the first few problems, or `good`."""
        more = f"; and {len(problems) - 5} more" if len(problems) > 5 else ""
        summary = "; ".join(problems[:5]) + more if problems else good
        return Finding(
            check, stage, self.digest, not problems, summary, dict(numbers), advice, closes=bool(problems) and closes
        )
