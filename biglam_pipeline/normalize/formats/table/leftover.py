"""What must be known of a table's file where its whole is not there to be judged: of a copy that a takedown left of it,
and of a stretch of one that is cut.

How a table is written is found out from the whole of it, so the line that goes may be the one that decided: the only
bad byte, the only quoted cell, the line that a loose quote broke on. A redacted copy is therefore not judged again.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from biglam_pipeline.parsing.encodings import Found
from biglam_pipeline.records import Item

_OF_A_STRETCH = ("begins", "names", "skip", "before")


@dataclass(frozen=True, slots=True)
class Known:
    """What was found out of the file as it came. Where the entry says it, the entry counts."""

    found: Found | None = None
    delimiter: str = ""
    """Empty where it was not asked for; with it `quote` and `problem` are known."""
    quote: str | None = None
    problem: str = ""
    """What had to be guessed about quotes."""
    gone: Mapping[int, str] = field(default_factory=dict)
    """Line that each row which is gone began at -> its digest where an equal row stays behind it, else empty.

    No record went over such a line, and what stays keeps its number among equals.
    """
    begins: int = 0
    """Of a stretch of a file that is cut, the number of its first line in the file; 0 where the file is whole."""
    names: tuple[str, ...] = ()
    """Of its columns."""
    skip: int = 0
    """How many lines stand before the header of the file."""
    before: tuple[bytes, bytes] = (b"", b"")
    """Digests (uint64) of rows that equal one in an earlier stretch, and of how many (uint32)."""

    @property
    def is_later(self) -> bool:
        """Whether it is a stretch, and not the first: what is said of the file was said with that."""
        return self.begins > 1

    @classmethod
    def of(cls, item: Item) -> "Known":
        """What was noted beside a redacted copy; nothing where the file is as it came."""
        reported = dict(item.known or {})
        found, gone = reported.pop("found", None), reported.pop("gone", {})
        reported["names"] = tuple(reported.get("names", ()))
        return cls(
            **reported, found=Found(**found) if found else None, gone={int(line): one for line, one in gone.items()}
        )

    def reported(self) -> dict[str, Any]:
        """What is noted beside a copy, as JSON."""
        noted = {name: value for name, value in asdict(self).items() if name not in _OF_A_STRETCH}
        return noted | {"gone": {str(line): digest for line, digest in sorted(self.gone.items())}}
