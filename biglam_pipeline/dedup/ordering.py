"""The order in which rows are laid: those of each part as they lie in it, then those that are new, config by config."""

from collections.abc import Iterable
from dataclasses import dataclass, field

import polars as pl
import pyarrow as pa

from biglam_pipeline.dedup.dealing import Ranked, Room, Schema, in_order
from biglam_pipeline.store.places import PlacesWriter

NEW = 2**31 - 1
"""In the place of a part's number: a row that lies in none yet."""
OPEN_SLICES = 4
"""Slices that are open together while rows are gathered."""
ORDERED: Schema = {
    "id": pl.String,
    "config": pl.String,
    "part": pl.Int32,
    "at": pl.Int64,
    "first_seen": pl.Int32,
    "slice": pl.Int64,
    "row": pl.Int64,
    "size": pl.Int64,
    "row_key": pl.Binary,
    "dup_cluster_id": pl.String,
    "dup_of": pl.String,
    "similarity": pl.Float32,
}
_ORDER = ("config", "part", "at", "first_seen", "id")
_LOOKED_AT = 1000
"""Rows that are laid at a time, about."""


@dataclass(slots=True)
class Stretch:
    """Rows that come one after the other."""

    start: int = 0
    end: int = 0
    content: str = ""
    """Digest of a part that would hold them and nothing else."""

    @property
    def rows(self) -> int:
        """How many."""
        return self.end - self.start


@dataclass(slots=True)
class Ordered:
    """All rows that are laid, on scratch, and where those of each part are among them."""

    rows: Ranked
    parts: dict[int, Stretch] = field(default_factory=dict)
    """By the part's number."""
    new: dict[str, Stretch] = field(default_factory=dict)
    """By config."""
    openings: int = 0
    """How often a slice would have to be opened, were rows taken from the slices in this order."""


def order_rows(room: Room, rows: Iterable[pl.DataFrame], schema: pa.Schema) -> Ordered:
    """rows: ORDERED columns; `part` counts the parts of today, or is NEW, and then `at` is 0. schema: of the parts."""
    ordered = Ordered(Ranked(room.path(), ORDERED))
    writer, number, near = PlacesWriter(schema), NEW, set[int]()
    for frame in in_order(room, rows, _ORDER, ORDERED):
        for (config, part), some in frame.group_by(["config", "part"], maintain_order=True):
            if part == NEW:
                _extend(ordered.new.setdefault(str(config), Stretch(ordered.rows.rows, ordered.rows.rows)), some)
            else:
                if part != number:
                    _close(ordered, number, writer)
                    writer, number = PlacesWriter(schema), int(str(part))
                _extend(ordered.parts.setdefault(number, Stretch(ordered.rows.rows, ordered.rows.rows)), some)
                writer.add(some)
            near, openings = _openings(some["slice"], near)
            ordered.openings += openings
            ordered.rows.append(some)
    _close(ordered, number, writer)
    ordered.rows.close()
    return ordered


def _extend(stretch: Stretch, some: pl.DataFrame) -> None:
    stretch.end += some.height


def _close(ordered: Ordered, number: int, writer: PlacesWriter) -> None:
    if number in ordered.parts:
        ordered.parts[number].content = writer.close()


def _openings(slices: pl.Series, near: set[int]) -> tuple[set[int], int]:
    """near: the slices that the rows before these were in."""
    openings = 0
    for start in range(0, len(slices), _LOOKED_AT):
        here = set(slices.slice(start, _LOOKED_AT).unique().to_list())
        openings += len(here - near) if len(here | near) <= OPEN_SLICES else len(here)
        near = here
    return near, openings
