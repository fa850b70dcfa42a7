"""The headers of many records, in seventeen bytes each: what is held, and what a server lists."""

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

    def add(self, heads: Iterable[Head]) -> None:
        """More of them."""
        for head in heads:
            if head.identifier:
                self._marks.append(mark_of(head.identifier))
                self._stamps.append(stamp_of(head.datestamp))
                self._live.append(not head.deleted)

    def settled(self) -> "Settled":
        """Each once: of several the last says whether the record is there, the latest when it changed."""
        marks = np.frombuffer(self._marks, np.int64) if self._marks else np.empty(0, np.int64)
        stamps = np.frombuffer(self._stamps, np.int64) if self._stamps else np.empty(0, np.int64)
        order = np.argsort(marks, kind="stable")
        each, starts = np.unique(marks[order], return_index=True)
        if not len(each):
            return Settled(each, each, np.empty(0, bool))
        ends = np.append(starts[1:], len(order)) - 1
        live = np.frombuffer(bytes(self._live), np.uint8).astype(bool)
        return Settled(each, np.maximum.reduceat(stamps[order], starts), live[order][ends])


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


def chosen(heads: Sequence[Head], marks: Ids) -> list[str]:
    """The identifiers that these marks stand for."""
    if not len(marks):
        return []
    found = np.array([mark_of(head.identifier) for head in heads], np.int64)
    return [heads[int(place)].identifier for place in np.flatnonzero(np.isin(found, marks))]
