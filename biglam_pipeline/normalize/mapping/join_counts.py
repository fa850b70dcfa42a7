"""How many records of joined files were read, and how many could not be? Kept on the shelf, for checks and status.

A joined table makes no rows by itself, so nobody would miss a line of it that is broken: rows just find nothing there.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from biglam_pipeline.records import Read, Reject, Unmapped
from biglam_pipeline.store.reading import read_json
from biglam_pipeline.store.shelf import Shelf

_NOTES = "joined/"
_SHOWN = 3
_BESIDE = (" ", "by ")
"""How the names of values begin that are read beside columns; the row that takes them counts what is wrong there."""


@dataclass(slots=True)
class Joined:
    """What came of one joined table while it was indexed."""

    counts: Counter[str] = field(default_factory=Counter)
    """rows, rows without a key, rejects."""
    examples: list[str] = field(default_factory=list)
    """The first few rejects, in words."""
    problems: Counter[str] = field(default_factory=Counter)
    """What could not be read of records that were: `column: reason`."""

    def hear(self, one: Read) -> None:
        """Counts a record that could not be read, or what could not be read of others."""
        if isinstance(one, Unmapped):
            self.problems.update(problem for problem in one.problems if not problem.startswith(_BESIDE))
        if not isinstance(one, Reject):
            return
        self.counts["rejects"] += 1
        if len(self.examples) < _SHOWN:
            self.examples.append(f"{one.item} {one.position}: {one.detail}")

    def as_dict(self) -> dict[str, Any]:
        """For the shelf."""
        return {"counts": dict(self.counts), "examples": self.examples, "problems": dict(self.problems)}

    def __str__(self) -> str:
        """The counts, for a log."""
        return ", ".join(f"{count:,} {what}" for what, count in self.counts.items()) or "no rows"


def note_joined(shelf: Shelf, today: Mapping[str, Mapping[str, Joined]]) -> None:
    """Keeps the counts of tables that were made now; those of tables that nothing is joined with any more go.

    today: digest of what a READ is joined with -> its tables by name, none where they were not made this time.
    """
    for digest, tables in today.items():
        if tables:
            noted = {name: one.as_dict() for name, one in tables.items()}
            shelf.put(f"{_NOTES}{digest}.json", json.dumps(noted, ensure_ascii=False).encode())
    for name in shelf.list(_NOTES):
        if name.removeprefix(_NOTES).removesuffix(".json") not in today:
            shelf.delete(name)


def joined_tables(shelf: Shelf) -> Iterable[tuple[str, Joined]]:
    """The name in `with` of each table that rows of today are joined with, and what came of it."""
    for name in shelf.list(_NOTES):
        noted: dict[str, Any] = read_json(shelf, name)
        for table, one in noted.items():
            yield table, Joined(Counter(one["counts"]), one["examples"], Counter(one.get("problems", {})))
