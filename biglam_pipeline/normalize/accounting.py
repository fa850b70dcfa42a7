"""Did every record of a bundle come out? What the format gave of it, against a count by another way.

Counted is what the format cut, before anything is mapped or chosen: a record, a tombstone, a reject. Held against it is
`Reader.expected`, which goes over the same bytes with another parser.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from biglam_pipeline.collecting import held_off
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.parsing.counted import AtLeast, PartsOf
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.records import Block, Bundle, Deleted, Reject

SHOWN = 5
"""So many bundles that differ are named in the note of a slice."""
_COUNTED = (Cut, Deleted, Reject)


@dataclass(slots=True)
class Account:
    """What came out of one bundle."""

    found: int = 0
    ended: bool = False
    """Whether a file of it is a reject as a whole, from where it is or from its beginning: that accounts for the rest.
    Such a reject stands at no place in its file."""
    rejects: int = 0

    def of(self, found: Iterable[Found]) -> Iterator[Found]:
        """The same, counted."""
        for one in found:
            if isinstance(one, _COUNTED):
                self.found += 1
                if isinstance(one, Reject):
                    self.rejects += 1
                    self.ended = self.ended or not one.position
            elif isinstance(one, Block):
                self.found += len(one.lines)
            yield one

    def end(self) -> None:
        """The reject that stands for what is left of the bundle."""
        self.found, self.rejects, self.ended = self.found + 1, self.rejects + 1, True


@dataclass(slots=True)
class Accounts:
    """The bundles of a slice."""

    reader: Reader
    found: int = 0
    """In all bundles, also those that nobody else counted."""
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("bundles", "found", "expected", "differing", "ended", "behind"), 0)
    )
    differing: list[dict[str, Any]] = field(default_factory=list)

    def settle(self, bundle: Bundle, account: Account) -> None:
        """Holds what came out of a bundle that was read against what it should have given."""
        self.found += account.found
        if (expected := self._expected(bundle)) is None:
            return
        fits = account.found >= expected if isinstance(expected, AtLeast) else account.found == expected
        if not fits and (account.ended or (account.rejects and isinstance(expected, PartsOf))):
            self.counts["ended"] += 1
            self.counts["behind"] += max(expected - account.found + 1, 0)
            return
        self.counts["bundles"] += 1
        self.counts["found"] += account.found
        self.counts["expected"] += expected
        if not fits:
            self._differ(bundle.name, account.found, expected)

    def settle_slice(self, written: int) -> None:
        """Holds what was written of the slice, kept out or left out, against what its bundles gave."""
        if written != self.found and not self.reader.row_for_each:
            self._differ("", written, self.found)

    def _differ(self, name: str, found: int, expected: int) -> None:
        self.counts["differing"] += 1
        if len(self.differing) < SHOWN:
            least = isinstance(expected, AtLeast)
            self.differing.append({"bundle": name, "found": found, "expected": int(expected), "at_least": least})

    def _expected(self, bundle: Bundle) -> int | None:
        """None also where something was taken out of a file: what is left is not what its numbers say."""
        if not bundle.items or any(is_altered(item.known) for item in bundle.items):
            return None
        try:
            with held_off():  # what is read whole for it is many objects, of which none is in a cycle
                return self.reader.due(bundle)
        except Unreadable:  # the second way has no better words for it than the first
            return None


def is_altered(known: Any) -> bool:
    """Whether a takedown left less of a file, by its `Item.known`."""
    return bool(known) and ("begins" not in known or bool(known.get("gone")))
