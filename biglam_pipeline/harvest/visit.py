"""What a protocol is handed when it sets out: the visit before, what this one has already, and the doors it may use."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from biglam_pipeline.records import StoredObject
from biglam_pipeline.store.parts import Manifest, ShardsShelf
from biglam_pipeline.web import Web


@dataclass(frozen=True, slots=True)
class Origin:
    """Another source of the same file."""

    shards: ShardsShelf
    """What it has laid."""
    clear: Callable[[Manifest], None]
    """Asks its gate whether this may be read; ObjectFailed with the reasons where it may not."""


Others = Callable[[str], Origin] | None
"""Another source, by the name of its entry; None where there is no sources file."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit to one source. A protocol has no other way to the world than what stands here."""

    number: int
    previous: Mapping[str, StoredObject]
    """The objects of the last closed harvest by key, for conditional requests; empty at the first visit, and where the
    source is asked in another manner since. Of addresses that the entry does not name any more there may be some."""
    cursor: dict[str, str]
    """The last closed harvest's `Evidence.cursor`; likewise."""
    shelved: Mapping[str, StoredObject]
    """Objects that this same open harvest had already shelved before it was cut off, in their order."""
    read: Callable[[StoredObject], bytes]
    """Reads back the bytes of a shelved object (an OAI page holds the token to go on with)."""
    scratch: Path
    """A folder for files under way; what is left in it afterwards is thrown away."""
    opened_at: datetime
    """When the visit set out, by the clock that the run was handed."""
    web: Web
    """The network, as a polite guest of the source's hosts."""
    base: Path
    """The folder of the sources file, which local addresses are relative to."""
    parts: Path | None = None
    """A folder that outlives the visit: what came of a large file waits there for the rest, until a visit is whole."""
    absent: Mapping[str, StoredObject] = field(default_factory=dict)
    """What stood at an earlier visit and did not come at the last, which was not whole. It counts as there only by what
    its server answers now."""
    gone: set[str] = field(default_factory=set)
    """host:port of those that did not answer at this visit: what lies elsewhere too is not asked of them again."""
    asked_at: datetime | None = None
    """When the source was last asked, and answered whole; None at the first visit."""
    origin: Others = None
    """What other sources have laid."""

    @property
    def known(self) -> Mapping[str, StoredObject]:
        """All that the shelf can give validators for, by key, to ask by: what stood at the last visit, else before."""
        return _Known(self.previous, self.absent) if self.absent else self.previous


class _Known(Mapping[str, StoredObject]):
    """The one laid over the other."""

    def __init__(self, previous: Mapping[str, StoredObject], absent: Mapping[str, StoredObject]) -> None:
        self._previous, self._absent = previous, absent

    def __getitem__(self, key: str) -> StoredObject:
        found = self._previous.get(key)
        return found if found is not None else self._absent[key]

    def __iter__(self) -> Iterator[str]:
        yield from self._previous
        yield from (key for key in self._absent if key not in self._previous)

    def __len__(self) -> int:
        return sum(1 for _ in self)
