"""A first look at a source: the rows that its entry would make of what is harvested, without shelving anything."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from biglam_pipeline.columns import IMAGE_FEATURE
from biglam_pipeline.normalize.measuring import Reading
from biglam_pipeline.normalize.opening import open_slice
from biglam_pipeline.normalize.slicing import pieces_of, piles_of
from biglam_pipeline.normalize.unread import tell_unread, unread_by_extension
from biglam_pipeline.records import Record, Reject, Unmapped
from biglam_pipeline.store.raw import Harvest, RawShelf


@dataclass(slots=True)
class Sample:
    """Some rows, and what went wrong while they were read."""

    rows: list[dict[str, Any]] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    problems: Counter[str] = field(default_factory=Counter)
    unmapped: Counter[str] = field(default_factory=Counter)
    unread: str = ""
    """What came and is not read, in words."""


def sample_harvest(reading: Reading, raw: RawShelf, harvest: Harvest, rows: int) -> Sample:
    """Reads bundle by bundle until there are enough rows."""
    found = Sample()
    pieces = pieces_of(raw, raw.objects(harvest.number))
    piles = piles_of(reading.reader, pieces)
    if unread := unread_by_extension(pieces, piles):
        found.unread = tell_unread(reading.reader, len(pieces), unread)
    for pile in piles:
        for bundle in open_slice(raw, [pile]):
            for one in reading.reader.read(bundle, reading.also, reading.rows.languages):
                _take(reading, one, found)
                if len(found.rows) >= rows:
                    return found
    return found


def _take(reading: Reading, one: object, found: Sample) -> None:
    if isinstance(one, Record):
        row, problems = reading.rows.row(one)
        found.rows.append(_without_bytes(row))
        found.problems.update([*one.problems, *problems])
    elif isinstance(one, Reject):
        found.rejects.append(one)
    elif isinstance(one, Unmapped):
        found.unmapped.update(one.filled)


def _without_bytes(row: dict[str, Any]) -> dict[str, Any]:
    """A row to look at: of a picture its name and how many bytes it has."""
    picture = row.get(IMAGE_FEATURE)
    if picture is None:
        return row
    return {**row, IMAGE_FEATURE: {"path": picture["path"], "bytes": len(picture["bytes"])}}
