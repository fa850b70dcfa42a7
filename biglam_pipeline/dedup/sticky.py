"""Sticky parts: a row stays for ever in the part in which it first landed.

New rows go to the open tail part; corrections and deletions happen in place; nothing is sorted or cut again. A part
whose ordered content is what it was is not written. Why: a nightly one per cent of new records then costs about one
per cent of the bytes, where the usual layouts send three quarters of the dataset or more.
"""

import hashlib
import logging
from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl
import pyarrow as pa

from biglam_pipeline.columns import DOUBLES, FIRST_SEEN, IMAGE_FEATURE
from biglam_pipeline.records import Shard
from biglam_pipeline.store.normalized import NormalizedShelf
from biglam_pipeline.store.part_writer import write_part
from biglam_pipeline.store.parts import PART_SIZE, PartSize, ShardsShelf, content_digest
from biglam_pipeline.store.slice_rows import SliceRows

log = logging.getLogger(__name__)

CONFIG = "default"
"""The config of a source that names none."""
_TEXT_PACKS = 3
"""Compressed text takes about a third of its bytes in memory; pictures are compressed already."""
_OPEN_SLICES = 4
_ADDED = {column.name: column.type for column in (FIRST_SEEN, *DOUBLES)}
"""What a row gets here, beside what its slice holds."""


@dataclass(frozen=True, slots=True)
class Laid:
    """Parts in order, and how many of them had to be written."""

    parts: tuple[Shard, ...]
    written: int


def row_key(rows: pl.DataFrame) -> pl.DataFrame:
    """Adds `row_key`, the digest of all that is published of a row but its place and its first_seen."""
    keys = [
        hashlib.blake2b(digest + f"\x00{cluster}\x00{of}\x00{alike}".encode(), digest_size=16).digest()
        for digest, cluster, of, alike in rows.select("row_digest", *(column.name for column in DOUBLES)).iter_rows()
    ]
    return rows.with_columns(row_key=pl.Series(keys, dtype=pl.Binary))


class Layer:
    """Lays rows into parts, taking them from the slices in windows, so that no part is in memory twice."""

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
        self._open: OrderedDict[int, SliceRows] = OrderedDict()

    def lay(self, rows: pl.DataFrame, before: tuple[Shard, ...]) -> Laid:
        """rows: id, first_seen, slice, row, size, row_key, config, dup_cluster_id, dup_of, one an id; before: today's
        parts. A row whose config is another one now leaves its part and joins the other's tail.
        """
        rows = rows.with_columns(config=pl.col("config").fill_null(CONFIG))
        parts: list[Shard] = []
        written = 0
        for config in sorted({*rows["config"].unique(), *(part.config for part in before)}):
            old = tuple(part for part in before if part.config == config)
            laid = self._lay_config(config, rows.filter(pl.col("config") == config), old)
            parts += laid.parts
            written += laid.written
        return Laid(tuple(parts), written)

    def _lay_config(self, config: str, rows: pl.DataFrame, before: tuple[Shard, ...]) -> Laid:
        parts: list[Shard] = []
        written = 0
        new = rows.sort("first_seen", "id")
        for old in before:
            was = self._shards.places(old).select("id")
            here = was.join(rows, on="id", how="inner", maintain_order="left")
            new = new.join(was, on="id", how="anti", maintain_order="left")
            if not here.height:
                continue
            if old is before[-1] and old.size < self._size.full:
                part, new = self._fill(config, old.path, here, new, old)
            else:
                part, _ = self._fill(config, old.path, here, rows.clear(), old)
            parts.append(part)
            written += part is not old
        number = _number(before)
        while new.height:
            number += 1
            part, new = self._fill(config, _path(config, number), rows.clear(), new, None)
            parts.append(part)
            written += 1
        return Laid(tuple(parts), written)

    def _fill(
        self, config: str, path: str, here: pl.DataFrame, new: pl.DataFrame, old: Shard | None
    ) -> tuple[Shard, pl.DataFrame]:
        """One part: the rows that live in it, then new ones until it is full; the part, and the new rows left over."""
        if old is not None and not new.height and content_digest(self._schema, here) == old.content:
            if self._shards.stands(old):
                return old, new
            log.warning("%s is not on the shelf any more; it is written again", old.file)
        rows = pl.concat([here, new])
        with self._shards.shelf.scratch() as scratch:
            target = scratch / "part.parquet"
            taken = write_part(target, self._schema, self._until_full(rows, here.height))
            part = self._shards.keep_part(config, path, target, self._schema, rows.head(taken))
        return part, rows.slice(taken)

    def _until_full(self, rows: pl.DataFrame, here: int) -> Iterator[pa.Table]:
        """Steps of rows: those that live here and a step of new ones, then more until the part is about full."""
        size, grown = 0, False
        for start, end in steps_of(rows["size"].to_numpy(), self._size):
            if grown and size >= self._full_in_memory:
                return
            step = self._gather(rows.slice(start, end - start))
            yield step
            size += step.nbytes
            grown = start >= here

    def _gather(self, rows: pl.DataFrame) -> pa.Table:
        """These rows, whole and in this order, from the slices that hold them."""
        tables, order = [], []
        slices = rows["slice"].to_numpy()
        for number in dict.fromkeys(slices.tolist()):
            (mine,) = np.nonzero(slices == number)
            tables.append(self._slice(number).take(rows["row"].to_numpy()[mine].astype(np.int64)))
            order.append(mine)
        found = pa.concat_tables(tables).combine_chunks()
        if len(tables) > 1:
            found = found.take(pa.array(np.argsort(np.concatenate(order), kind="stable")))
        for name, kind in _ADDED.items():
            found = found.append_column(name, pa.array(rows[name].to_list(), kind))
        return found.cast(self._schema)

    def _slice(self, number: int) -> SliceRows:
        if number in self._open:
            self._open.move_to_end(number)
            return self._open[number]
        self._open[number] = self._normalized.rows(self._slices[number], self._content)
        if len(self._open) > _OPEN_SLICES:
            self._open.popitem(last=False)
        return self._open[number]


def steps_of(sizes: npt.NDArray[np.int64], size: PartSize) -> Iterator[tuple[int, int]]:
    """Start and end of each step: so many rows, or as many as hold so many bytes, but one at least.

    sizes: bytes of each row. The borders follow from the rows alone.
    """
    ends = np.cumsum(sizes)
    start = 0
    while start < len(sizes):
        before = int(ends[start - 1]) if start else 0
        by_bytes = int(np.searchsorted(ends, before + size.step_bytes, side="right"))
        end = min(max(start + 1, by_bytes), start + size.step, len(sizes))
        yield start, end
        start = end


def _path(config: str, number: int) -> str:
    return f"data/{config}/part-{number:05d}.parquet"


def _number(parts: tuple[Shard, ...]) -> int:
    return max((int(part.path[-13:-8]) for part in parts), default=-1)
