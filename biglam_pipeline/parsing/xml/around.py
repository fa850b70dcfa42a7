"""What is open around a piece while a file is cut?"""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Open:
    """An envelope that is not closed yet."""

    name: bytes
    local: str
    declared: frozenset[bytes]
    head: bytes
    start: int


@dataclass(slots=True)
class Around:
    """What is open, as each piece inside of it has it."""

    path: tuple[str, ...]
    head: bytes
    tail: bytes
    within: tuple[int, ...] = ()
    pieces: set[str] = field(default_factory=set)
    """Names that are no envelope here, whatever is inside of them."""
