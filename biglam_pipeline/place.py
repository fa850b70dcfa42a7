"""Where in its file does a record stand? A value by which a takedown finds it again, and as it is printed."""

from collections.abc import Iterable
from dataclasses import dataclass


def printed(kind: str, numbers: Iterable[int]) -> list[str]:
    """Places of a kind, each as it is printed."""
    return [f"{kind} {number}" for number in numbers]


@dataclass(frozen=True, slots=True)
class Place:
    """Where in its file a record stands, as a value. What is printed of it is for people, and is never read again."""

    kind: str = ""
    """What is counted: line, record, article; empty where the record is all of the file."""
    number: int = 0
    """From 1."""
    name: str | None = None
    """What is printed instead, such as an XML ID."""

    def __str__(self) -> str:
        """`line 12`, `record 3`, an XML ID, or nothing."""
        printed = f"{self.kind} {self.number}" if self.kind else ""
        return printed if self.name is None else self.name


NOWHERE = Place()
