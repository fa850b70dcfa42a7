"""Which records of a slice that was read are kept out? Found in its narrow index, after the reading, before the shelf.

Where there are any, the slice is read again without them, so that no count, no example and no statistic of a file can
hold anything of what they hold; and the index gets narrow rows in their place, so that they go on counting.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import polars as pl

from biglam_pipeline.store.normalized import TAKEN_DOWN
from biglam_pipeline.store.redaction import WENT_WITH, Redactions
from biglam_pipeline.takedown.ledger import Ledger
from biglam_pipeline.takedown.narrow import decode_note, without_content
from biglam_pipeline.takedown.suppression import Suppression

Row = dict[str, Any]


@dataclass(slots=True)
class Read:
    """One bundle of a slice that was read."""

    digest: str
    """As it came."""
    harvest: int
    last: int
    """The `seq` of the last that was read from it."""
    waits: bool
    """Whether something of it was restored, and did not come again yet."""
    lines: range | None = None
    """Of a stretch of a large file its lines; None where it is all of it."""
    noted: dict[str, Row] = field(default_factory=dict)
    """Index rows of what earlier takedowns took out of it, by id; `sift` uses them up."""
    along: set[str] = field(default_factory=set)
    """The ids of those that were not asked for: they went because they were made of what was."""


@dataclass(slots=True)
class KeptOut:
    """What of a slice is kept out."""

    passed_over: set[int] = field(default_factory=set)
    """`seq` of records and tombstones that must not be read."""
    rows: list[Row] = field(default_factory=list)
    """What stands in the index instead."""

    def __bool__(self) -> bool:
        """Whether there is anything."""
        return bool(self.passed_over or self.rows)


def sift(out: Suppression, notes: Redactions, bundles: Sequence[Read], index: pl.DataFrame) -> KeptOut:
    """What of a slice is kept out; the suppression learns the content of what the ledger names.

    notes: of the raw shelf; bundles: of the slice, in order; index: all that was read, also what was no row for another
    reason.
    """
    found = KeptOut()
    for one in bundles:
        reported = notes.bundles.get(one.digest, [])
        mine = [note for note in reported if one.lines is None or note.get("line", 1) in one.lines]
        one.noted = {note["id"]: decode_note(note) for note in mine}
        one.along = {note["id"] for note in mine if any(map(out.ledger.keeps_out, note.get(WENT_WITH, ())))}
    noted = _among(out.ledger, [name for one in bundles for name in one.noted], index)
    last = [one.last for one in bundles]
    for row in index.filter(out.among(index) | pl.col("id").is_in(noted)).sort("seq").iter_rows(named=True):
        bundle = bundles[bisect_left(last, row["seq"])]
        if row["deleted"]:
            _take_deleted(out, bundle, row, found)
        else:
            _take_record(out, bundle, row, found)
    _take_noted(out, bundles, found)
    return found


def _take_record(out: Suppression, bundle: Read, row: Row, found: KeptOut) -> None:
    name, key = row["id"], row["copy_key"]
    if out.holds(name, key):
        shown = out.ledger.shown(name)
        noted = bundle.noted.pop(shown, None)  # what is read may be what a takedown left of it
        if noted is None:
            out.learn(name, key)
        found.passed_over.add(row["seq"])
        found.rows.append(_narrow(noted or without_content(row, shown), bundle, row["seq"]))
        return
    shown = name if name in bundle.noted else out.ledger.hidden(name)
    noted = bundle.noted.pop(shown, None)
    if noted is None:
        return
    if bundle.waits:
        found.passed_over.add(row["seq"])  # restored, but this is what the takedown left of it
    if shown in bundle.along and not _is_whole(row, noted):
        found.passed_over.add(row["seq"])
        found.rows.append(_gone_along(noted, bundle, row["seq"]))


def _among(ledger: Ledger, noted: list[str], index: pl.DataFrame) -> list[str]:
    """The ids in an index under which these notes stand, also where they stand for hidden ones."""
    if not any(map(ledger.is_hidden, noted)):
        return noted
    hidden = set(noted)
    return [*noted, *(name for name in index["id"].to_list() if ledger.hidden(name) in hidden)]


def _is_whole(row: Row, noted: Row) -> bool:
    """Whether a row holds again what it held before something was taken of it: then that was given back."""
    if row["row_digest"] == noted["row_digest"]:
        return True
    return row["content_key"] is not None and row["content_key"] == noted["content_key"]


def _take_deleted(out: Suppression, bundle: Read, row: Row, found: KeptOut) -> None:
    """A tombstone stays under the id that may be shown, unless a takedown put it there in the record's place."""
    shown = out.ledger.shown(row["id"])
    noted = bundle.noted.get(shown)
    if noted is not None and noted["datestamp"] == row["datestamp"]:
        found.passed_over.add(row["seq"])
    elif shown != row["id"]:
        found.passed_over.add(row["seq"])
        found.rows.append(row | {"id": shown})


def _take_noted(out: Suppression, bundles: Iterable[Read], found: KeptOut) -> None:
    """What was taken out of a bundle before counts as taken down, though it cannot be read any more."""
    for bundle in bundles:
        for name, one in bundle.noted.items():
            if out.holds(name, one["copy_key"]):
                found.rows.append(_narrow(one, bundle, bundle.last))
            elif name in bundle.along:
                found.rows.append(_gone_along(one, bundle, bundle.last))


def _gone_along(row: Row, bundle: Read, seq: int) -> Row:
    """What equals it is no copy of what was asked for, and stays."""
    return _narrow(row | {"copy_key": None}, bundle, seq)


def _narrow(row: Row, bundle: Read, seq: int) -> Row:
    return row | {"deleted": False, "row": TAKEN_DOWN, "harvest": bundle.harvest, "seq": seq}
