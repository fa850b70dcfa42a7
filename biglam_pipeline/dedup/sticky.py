"""Sticky parts: a row stays for ever in the part in which it first landed.

New rows go to the open tail part; corrections and deletions happen in place; nothing is sorted or cut again. A part
whose ordered content is what it was is not written. Why: a nightly one per cent of new records then costs about one
per cent of the bytes, where the usual layouts send three quarters of the dataset or more.
"""

import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl
import pyarrow as pa

from biglam_pipeline.columns import DUPLICATES, FIRST_SEEN, IMAGE_FEATURE
from biglam_pipeline.dedup.gathering import gathering_for, steps_of
from biglam_pipeline.dedup.ordering import Ordered, Stretch
from biglam_pipeline.records import Part
from biglam_pipeline.store.normalized import NormalizedShelf
from biglam_pipeline.store.part_writer import write_part
from biglam_pipeline.store.parts import PART_SIZE, PartSize, ShardsShelf
from biglam_pipeline.store.places import PlacesWriter

log = logging.getLogger(__name__)

_TEXT_PACKS = 3
"""Compressed text takes about a third of its bytes in memory; pictures are compressed already."""
_ADDED = {column.name: column.type for column in (FIRST_SEEN, *DUPLICATES)}
"""What a row gets here, beside what its slice holds."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Parts in order, and how many of them had to be written."""

    parts: tuple[Part, ...]
    written: int

    def __add__(self, other: "Laid") -> "Laid":
        """Together, config by config."""
        parts = sorted((*self.parts, *other.parts), key=lambda part: part.config)
        return Laid(tuple(parts), self.written + other.written)


class Layer:
    """Lays rows into parts, some at a time: neither the rows of a source nor those of a part are in memory together."""

    def __init__(
        self,
        normalized: NormalizedShelf,
        shards: ShardsShelf,
        slices: list[str],
        schema: pa.Schema,
        size: PartSize = PART_SIZE,
    ) -> None:
        """slices: keys in the order that the rows' `slice` numbers count; schema: of what is published."""
        self._normalized, self._shards, self._slices = normalized, shards, slices
        self._schema, self._size = schema, size
        self._full_in_memory = size.full * (1 if IMAGE_FEATURE in schema.names else _TEXT_PACKS)
        self._content = [name for name in schema.names if name not in _ADDED]

    def lay(self, ordered: Ordered, before: tuple[Part, ...]) -> Laid:
        """ordered: the rows, each once; before: today's parts, as `part` counts them. A row whose config is another
        one now is new there.
        """
        parts: list[Part] = []
        written = 0
        with self._shards.shelf.scratch() as scratch:
            wanted = [one for _, _, one in self._changed(ordered, before)]
            wanted = sorted([*wanted, *ordered.new.values()], key=lambda one: one.start)
            where = (self._normalized, self._slices, self._content, ordered, wanted, scratch, self._size)
            self._ordered, self._gathering = ordered, gathering_for(*where)
            for config in sorted({*ordered.new, *(part.config for part in before)}):
                laid = self._lay_config(config, before)
                parts += laid.parts
                written += laid.written
        return Laid(tuple(parts), written)

    def _changed(self, ordered: Ordered, before: tuple[Part, ...]) -> Iterator[tuple[int, Part, Stretch]]:
        """Parts that are written again, with the rows that stay in them."""
        last = {part.config: number for number, part in enumerate(before)}
        for number, part in enumerate(before):
            here = ordered.parts.get(number, Stretch())
            grows = number == last[part.config] and part.size < self._size.full and part.config in ordered.new
            if here.rows and (grows or here.content != part.content or not self._shards.stands(part)):
                yield number, part, here

    def _lay_config(self, config: str, before: tuple[Part, ...]) -> Laid:
        parts: list[Part] = []
        written = 0
        mine = [(number, part) for number, part in enumerate(before) if part.config == config]
        new = self._ordered.new.get(config, Stretch())
        for number, old in mine:
            here = self._ordered.parts.get(number, Stretch())
            if not here.rows:
                continue
            if old is mine[-1][1] and old.size < self._size.full:
                part, new = self._fill(config, old.path, here, new, old)
            else:
                part, _ = self._fill(config, old.path, here, Stretch(), old)
            parts.append(part)
            written += part is not old
        last = _number([part for _, part in mine])
        while new.rows:
            last += 1
            part, new = self._fill(config, _path(config, last), Stretch(), new, None)
            parts.append(part)
            written += 1
        return Laid(tuple(parts), written)

    def _fill(self, config: str, path: str, here: Stretch, new: Stretch, old: Part | None) -> tuple[Part, Stretch]:
        """One part: the rows that live in it, then new ones until it is full; the part, and the new rows left over."""
        if old is not None and not new.rows and here.content == old.content:
            if self._shards.stands(old):
                return old, new
            log.warning("%s is not on the shelf any more; it is written again", old.file)
        with self._shards.shelf.scratch() as scratch:
            target, beside = scratch / "part.parquet", scratch / "places.parquet"
            places = PlacesWriter(self._schema, beside)
            taken = write_part(target, self._schema, self._until_full(here, new, places))
            content = places.close()
            part = self._shards.keep_part(config, path, target, beside, taken, content)
        return part, Stretch(new.start + taken - here.rows, new.end)

    def _until_full(self, here: Stretch, new: Stretch, places: PlacesWriter) -> Iterator[pa.Table]:
        """Steps of rows: those that live here and a step of new ones, then more until the part is about full."""
        size, start, grown = 0, 0, False
        for rows in self._steps(here, new):
            if grown and size >= self._full_in_memory:
                return
            step = self._gather(rows)
            places.add(rows)
            yield step
            size += step.nbytes
            grown = start >= here.rows
            start += rows.height

    def _steps(self, here: Stretch, new: Stretch) -> Iterator[pl.DataFrame]:
        """The rows of both, step by step: the last of what was read so far may go on in what comes."""
        waiting: pl.DataFrame | None = None
        for stretch in (here, new):
            at = stretch.start
            for some in self._ordered.rows.read(stretch.start, stretch.end):
                placed = some.with_columns(position=pl.int_range(at, at + some.height, dtype=pl.Int64, eager=True))
                at += some.height
                waiting = placed if waiting is None else pl.concat([waiting, placed])
                steps = list(steps_of(waiting["size"].to_numpy(), self._size))
                for start, end in steps[:-1]:
                    yield waiting[start:end]
                waiting = waiting[steps[-1][0] :]
        if waiting is not None:
            yield waiting

    def _gather(self, rows: pl.DataFrame) -> pa.Table:
        """These rows, whole, as they are published."""
        found = self._gathering.take(rows)
        for name, kind in _ADDED.items():
            found = found.append_column(name, pa.array(rows[name].to_list(), kind))
        return found.cast(self._schema)


def _path(config: str, number: int) -> str:
    return f"data/{config}/part-{number:05d}.parquet"


def _number(parts: Sequence[Part]) -> int:
    return max((int(part.path[-13:-8]) for part in parts), default=-1)
