"""What a step is: its word and arguments, what it gives, what it makes of values. The closed list: `steps.VERBS`."""

from collections.abc import Callable
from typing import Any, Literal, NamedTuple

Reasons = list[str]
Work = Callable[[list[Any], Reasons], list[Any]]
Kind = Literal["text", "texts", "int", "float", "bool", "class"]
MANY = 1_000
"""Arguments: as many as one likes."""


class Verb(NamedTuple):
    """A step as the language has it. What it makes is total: it never fails, and what it cannot read is a reason."""

    name: str
    written: str
    """With its arguments, as the documentation shows it."""
    says: str
    """What it does, for the documentation."""
    make: Callable[..., Work]
    """Of the arguments, what the step does; ValueError where they are none of its."""
    fewest: int = 0
    most: int = 0
    gives: Kind | None = None
    """The type of a column whose last step it is; None where it leaves that as it was."""


def each(read: Callable[[str], Any], reason: str) -> Work:
    """A step that reads one value at a time; where `read` gives None, the value is dropped for this reason."""

    def run(values: list[Any], reasons: Reasons) -> list[Any]:
        made = []
        for value in values:
            result = read(value if isinstance(value, str) else as_text(value))
            if result is None:
                reasons.append(reason)
            else:
                made.append(result)
        return made

    return run


def as_text(value: Any) -> str:
    """The value as the source would write it: `true`, `12`, `0.5`."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)
