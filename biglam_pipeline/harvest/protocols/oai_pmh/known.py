"""The headers of many records, in twenty-one bytes each: what is held, and what a server lists."""

import hashlib
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from biglam_pipeline.harvest.protocols.oai_pmh.page import Head

Ids = npt.NDArray[np.int64]


def mark_of(identifier: str) -> int:
    """Eight bytes that stand for an identifier, the same on every machine and day."""
    digest = hashlib.blake2b(identifier.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little", signed=True)


def stamp_of(datestamp: str) -> int:
    """A datestamp to compare: of two days apart, and of seconds where both have them; 0 where it is none."""
    digits = "".join(filter(str.isdigit, datestamp.strip()[:19]))
    return int(digits[:14].ljust(14, "0")) if digits.isascii() and digits else 0


@dataclass(slots=True)
class Known:
    """Of each header that was met, in order."""

    _marks: "array[int]" = field(default_factory=lambda: array("q"))
    _stamps: "array[int]" = field(default_factory=lambda: array("q"))
    _live: bytearray = field(default_factory=bytearray)
    _visits: "array[int]" = field(default_factory=lambda: array("i"))

    def add(self, heads: Iterable[Head], visit: int = 0) -> None:
        """More of them. visit: that brought them."""
        for head in heads:
            if head.identifier:
                self._marks.append(mark_of(head.identifier))
                self._stamps.append(stamp_of(head.datestamp))
                self._live.append(not head.deleted)
                self._visits.append(visit)

    def settled(self) -> "Settled":
        """Each once: of several the one that makes its row, of the last visit that which changed last."""
        if not self._marks:
            return Settled(np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool))
        marks, stamps = np.frombuffer(self._marks, np.int64), np.frombuffer(self._stamps, np.int64)
        order = np.lexsort((stamps, np.frombuffer(self._visits, np.int32), marks))
        each, starts = np.unique(marks[order], return_index=True)
        chosen = order[np.append(starts[1:], len(order)) - 1]
        return Settled(each, stamps[chosen], np.frombuffer(self._live, np.uint8).astype(bool)[chosen])


@dataclass(frozen=True, slots=True)
class Settled:
    """Records by their marks, in order."""

    marks: Ids
    stamps: Ids
    live: npt.NDArray[np.bool_]

    @property
    def there(self) -> Ids:
        """Those that are not deleted."""
        found: Ids = self.marks[self.live]
        return found

    @property
    def deleted(self) -> Ids:
        """The others."""
        found: Ids = self.marks[~self.live]
        return found

    def changed_since(self, other: "Settled") -> Ids:
        """Those of which the other does not know what is known here: new, changed, deleted, or returned.

        What a takedown left of a record is its header, marked as deleted, with the date that the server still has: that
        one has not returned.
        """
        if not len(other.marks):
            return self.there
        places = np.minimum(np.searchsorted(other.marks, self.marks), len(other.marks) - 1)
        met, live, stamps = other.marks[places] == self.marks, other.live[places], other.stamps[places]
        same = np.where(live, self.live & (stamps >= self.stamps), ~self.live | (stamps == self.stamps))
        found: Ids = self.marks[np.where(met, ~same, self.live)]
        return found

    def went_back(self, other: "Settled") -> Ids:
        """Those that are known here under a date more than a day before the other's, as after a backup was restored.

        A day, since servers keep local time and call it UTC; and some list identifiers by day alone.
        """
        both, mine, theirs = np.intersect1d(self.marks, other.marks, assume_unique=True, return_indices=True)
        stamps, before = self.stamps[mine], other.stamps[theirs]
        earlier = (_days(stamps) < _days(before) - 1) & (stamps > 0)
        found: Ids = both[earlier & self.live[mine] & other.live[theirs]]
        return found


def _days(stamps: Ids) -> Ids:
    """On which day each is, counted from 1970."""
    days: Ids = stamps // 10**6
    months = (days // 10_000 - 1970) * 12 + days // 100 % 100 - 1
    first: Ids = months.astype("datetime64[M]").astype("datetime64[D]").astype(np.int64)
    return first + days % 100


def without(some: Ids, *others: Ids) -> Ids:
    """Those of the first that are in none of the others."""
    for one in others:
        some = np.setdiff1d(some, one, assume_unique=True)
    return some


def packed(marks: Ids) -> str:
    """For a cursor."""
    return marks.astype("<i8").tobytes().hex()


def unpacked(text: str) -> Ids:
    """The reverse; nothing where it is none."""
    try:
        return np.frombuffer(bytes.fromhex(text), "<i8").astype(np.int64)
    except ValueError:
        return np.empty(0, np.int64)


def chosen(heads: Sequence[Head], marks: Ids) -> list[Head]:
    """Those that these marks stand for."""
    if not len(marks):
        return []
    found = np.array([mark_of(head.identifier) for head in heads], np.int64)
    return [heads[int(place)] for place in np.flatnonzero(np.isin(found, marks))]
