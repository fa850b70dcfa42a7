"""How many records did a second way count: so many, or so many before something that it could not read?"""

import hashlib
from collections.abc import Iterable

EVERY = 10
"""Of what is dear to count one in so many is."""


class AtLeast(int):
    """A count that ended at damage: what stands behind it is not known, what stands before it is due."""

    def __repr__(self) -> str:
        """For messages."""
        return f"{int(self):,} or more"


def added(counts: Iterable[int | None]) -> int | None:
    """The sum: no more is certain of it than of each, and nothing where one of them is not known."""
    sum_, damaged = 0, False
    for one in counts:
        if one is None:
            return None
        sum_, damaged = sum_ + one, damaged or isinstance(one, AtLeast)
    return AtLeast(sum_) if damaged else sum_


def is_sample(name: str) -> bool:
    """Whether a bundle of this name is one of those that are counted where that is dear: always the same ones."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % EVERY == 0
