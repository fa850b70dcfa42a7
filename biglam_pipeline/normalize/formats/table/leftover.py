"""What must be known of a table's file when lines of it were taken down, so that what is left is read as before?

How a table is written is found out from the whole of it, so the line that goes may be the one that decided: the only
bad byte, the only quoted cell, the line that a loose quote broke on. A redacted copy is therefore not judged again.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from biglam_pipeline.parsing.encodings import Found
from biglam_pipeline.records import Item


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

    @classmethod
    def of(cls, item: Item) -> "Known":
        """What was noted beside a redacted copy; nothing where the file is as it came."""
        reported = dict(item.known or {})
        found, gone = reported.pop("found", None), reported.pop("gone", {})
        return cls(
            **reported, found=Found(**found) if found else None, gone={int(line): one for line, one in gone.items()}
        )

    def reported(self) -> dict[str, Any]:
        """The same as JSON."""
        return asdict(self) | {"gone": {str(line): digest for line, digest in sorted(self.gone.items())}}


def gone_with(before: Known, rows: Iterable[tuple[int, str]], lines: Collection[int]) -> dict[int, str]:
    """`Known.gone` when the rows of these lines go too; rows: line and digest of all that the file holds."""
    gone, waiting = dict(before.gone), dict[str, list[int]]()
    for line, digest in rows:
        if line in lines:
            gone[line] = ""
            waiting.setdefault(digest, []).append(line)
        else:
            gone.update(dict.fromkeys(waiting.pop(digest, ()), digest))
    return gone
