"""What the language of sources.yaml has and nobody has built yet: each name, and what to write today instead of it.

Everything that refuses by name asks here. What is built says all else of itself, in its own file, and goes before what
stands here: the line of a kind that was built is never read again, and goes with the next edit.
"""

from typing import NamedTuple


class Owed(NamedTuple):
    """A reader that is not built."""

    instead: str
    """What to do today."""
    called: tuple[str, ...] = ()
    """What people call it else: the formats' own names and extensions."""
    guessed_from: tuple[str, ...] = ()
    """As `Reader.guessed_from`."""
    metadata_prefixes: tuple[str, ...] = ()
    """As `Reader.metadata_prefixes`."""
    addresses: tuple[str, ...] = ()
    """How addresses begin whose answers it would read by itself."""


ADDRESSES: dict[str, str] = {}
"""How an address begins -> what to write today."""

HARVEST_KEYS: dict[str, str] = {}
"""Key of a `harvest` block -> what to do today."""

READERS: dict[str, Owed] = {}
"""Name of a reader -> what to do today, and how else it would be asked for."""

COLUMNS: dict[str, str] = {}
"""Word of `map` -> what to do today."""

KEYS = {
    ("", "partitions"): "leave it out; a source that is too large for one entry is split into several",
    ("publish", "gated"): "leave it out, and set the gate in the repository's settings on the Hub",
}
"""(block, key) of an entry -> what to do today."""


def not_built(what: str, instead: str) -> str:
    """The sentence with which everything in here is refused."""
    return f"{what} is in the language but not built yet; {instead}"
