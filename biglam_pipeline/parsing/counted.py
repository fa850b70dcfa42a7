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


class PartsOf(AtLeast):
    """A count of parts (lines of pages, articles of issues): a whole that is a reject stands for all that it has."""


def added(counts: Iterable[int | None]) -> int | None:
    """The sum: no more is certain of it than of each, and nothing where one of them is not known."""
    sum_, kinds = 0, set[type[int]]()
    for one in counts:
        if one is None:
            return None
        sum_ += one
        kinds.add(type(one))
    return next((kind(sum_) for kind in (PartsOf, AtLeast) if kind in kinds), sum_)


def is_sample(name: str, most: int = EVERY) -> bool:
    """Whether a bundle of this name is one of those that are counted where that is dear: always the same ones.

    most: of so many one, where it is less dear.
    """
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]) % min(EVERY, most) == 0
