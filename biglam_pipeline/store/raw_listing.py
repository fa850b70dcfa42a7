"""What is listed of raw objects: a mapping by key of which nothing is a Python object until it is asked for."""

import sys
from collections.abc import ItemsView, Iterable, Iterator, Mapping, ValuesView
from collections.abc import Set as AbstractSet
from datetime import UTC, datetime, timedelta
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from biglam_pipeline.records import StoredObject
from biglam_pipeline.store.held_rows import HELD
from biglam_pipeline.store.packed import BLOCK_ROWS, Packed, Packer, Rows

_TIME = HELD.get_field_index("retrieved_at")
PACKED = HELD.set(_TIME, pa.field("retrieved_at", pa.int64()))
"""Microseconds since 1970: Arrow takes as long for a moment as for all the rest of a row."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class Listing(Mapping[str, StoredObject]):
    """Raw objects by key, in their order: about sixty bytes each, however many there are."""

    def __init__(self, packed: Packed, rows: Rows | None = None) -> None:
        """rows: which of the packed ones, in the order of the places; all, where it is None."""
        self.packed = packed
        self._rows = np.arange(len(packed)) if rows is None else rows

    @classmethod
    def of(cls, objects: Iterable[StoredObject]) -> "Listing":
        """These objects; of a key that comes several times, at its first place what came last."""
        packer = Packer(PACKED)
        for held in objects:
            packer.add(packed_row(held))
        return cls(packer.packed()).last_of_each()

    @classmethod
    def read(cls, tables: Iterable[pa.Table]) -> "Listing":
        """The same of tables with the columns of HELD."""
        return cls(Packer(PACKED).add_tables(map(_timed, tables)).packed()).last_of_each()

    # --- as a mapping ---

    def __len__(self) -> int:
        """How many objects."""
        return len(self._rows)

    def __iter__(self) -> Iterator[str]:
        """Their keys."""
        for batch in self.columns("key"):
            yield from batch["key"].to_pylist()

    def __getitem__(self, key: str) -> StoredObject:
        """The object of this key."""
        place = self.find(key)
        if place < 0:
            raise KeyError(key)
        return self.at(place)

    def __contains__(self, key: object) -> bool:
        """Is there an object of this key?"""
        return self.find(key) >= 0

    def values(self) -> ValuesView[StoredObject]:
        """The objects, each made as it is passed."""
        return _Values(self)

    def items(self) -> ItemsView[str, StoredObject]:
        """Each with its key."""
        return _Items(self)

    # --- by place ---

    def at(self, place: int) -> StoredObject:
        """The object at a place, from 0."""
        return _object(self.packed.row(int(self._rows[place])))

    def find(self, key: object) -> int:
        """The place of a key; -1 where it is not there."""
        if not self._rows.size:
            return -1
        order, hashes = self._by_hash
        number = np.int64(hash(key))
        at = int(np.searchsorted(hashes, number))
        while at < len(hashes) and hashes[at] == number:
            place = int(order[at])
            if self.packed.row(int(self._rows[place]))[0] == key:
                return place
            at += 1
        return -1

    def select(self, which: npt.NDArray[Any]) -> "Listing":
        """Those at some places, or where a mask says so."""
        return Listing(self.packed, self._rows[which])

    def columns(self, *names: str) -> Iterator[pa.RecordBatch]:
        """Some columns, some thousands of rows at a time, in order."""
        for table in self.tables(16 * BLOCK_ROWS, names):
            yield table.combine_chunks().to_batches()[0]

    def tables(self, rows: int, names: Iterable[str]) -> Iterator[pa.Table]:
        """The same, so many rows at a time."""
        for start in range(0, len(self), rows):
            yield self.packed.take(self._rows[start : start + rows], list(names))

    def whole_tables(self, rows: int) -> Iterator[pa.Table]:
        """All columns, as HELD has them."""
        for table in self.tables(rows, PACKED.names):
            yield table.set_column(_TIME, HELD.field(_TIME), table["retrieved_at"].cast(HELD.field(_TIME).type))

    def by_key(self, *names: str) -> Iterator[tuple[Any, ...]]:
        """Key and some columns of each, in the order of the keys."""
        for batch in self.select(self.order).columns("key", *names):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

    @property
    def order(self) -> Rows:
        """Their places in the order of the keys."""
        places = np.arange(len(self))
        if self._is_ordered():
            return places
        keys = pa.chunked_array([batch["key"] for batch in self.columns("key")], pa.string())
        found: Rows = pc.sort_indices(keys).to_numpy().astype(np.int64)  # by bytes, which is by characters in UTF-8
        return found

    def _is_ordered(self) -> bool:
        return all(one < other for one, other in pairwise(self))

    def numbers(self, name: str) -> npt.NDArray[Any]:
        """A whole column of numbers, in order."""
        return self.packed.numbers(name)[self._rows]

    def some(self, places: Rows, *names: str) -> pa.Table:
        """Some columns of some objects, in the order in which they are asked for."""
        return self.packed.take(self._rows[places], names)

    def homes(self) -> tuple[list[str], Rows]:
        """The files of the shelf that hold them, and of each which of these it is."""
        known: dict[str, int] = {}
        found = [np.zeros(0, np.int64)]
        for batch in self.columns("file", "batch"):
            home = pc.if_else(pc.equal(batch["file"], ""), batch["batch"], batch["file"]).dictionary_encode()
            numbers = [known.setdefault(name, len(known)) for name in home.dictionary.to_pylist()]
            found.append(np.array(numbers, np.int64)[home.indices.to_numpy()])
        return list(known), np.concatenate(found)

    def said(self, name: str) -> set[str]:
        """The values of a column that says few: batches, files."""
        found = set[str]()
        for batch in self.columns(name):
            found.update(pc.unique(batch[name]).to_pylist())
        return found

    def where(self, name: str, values: AbstractSet[str]) -> npt.NDArray[np.bool_]:
        """A mask of those of which a column says one of these."""
        if not values:
            return np.zeros(len(self), np.bool_)
        wanted = pa.array(sorted(values), pa.string())
        masks = [pc.is_in(batch[name], wanted).to_numpy(zero_copy_only=False) for batch in self.columns(name)]
        return np.concatenate(masks) if masks else np.zeros(0, np.bool_)

    def starting(self, name: str, beginning: str) -> npt.NDArray[np.bool_]:
        """A mask of those of which a column begins so."""
        masks = [pc.starts_with(batch[name], beginning).to_numpy(zero_copy_only=False) for batch in self.columns(name)]
        return np.concatenate(masks) if masks else np.zeros(0, np.bool_)

    def before(self, others: "Listing") -> "Listing":
        """These, and others behind them; a key may come again."""
        rows = np.concatenate([self._rows, others._rows + len(self.packed)])
        return Listing(self.packed + others.packed, rows)

    def under(self, others: "Listing") -> "Listing":
        """These, and others laid over them: what has a key of these stands in its place, the rest behind."""
        return self.before(others).last_of_each() if len(others) else self

    def last_of_each(self) -> "Listing":
        """Of a key that comes several times, at its first place what came last, as in a dict."""
        order, hashes = self._hashed()
        alike = np.flatnonzero(hashes[1:] == hashes[:-1])
        if not alike.size:
            return self
        first: dict[str, int] = {}
        rows, kept = self._rows.copy(), np.ones(len(self), np.bool_)
        for place in np.unique(order[np.concatenate([alike, alike + 1])]).tolist():
            key = self.packed.row(int(self._rows[place]))[0]
            before = first.setdefault(key, place)
            if before != place:
                rows[before], kept[place] = self._rows[place], False
        return Listing(self.packed, rows[kept])

    @cached_property
    def _by_hash(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """Kept once a key is looked for: most listings are only gone through."""
        return self._hashed()

    def _hashed(self) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int64]]:
        """Places by the hash of their keys, and these hashes, both in the order of the hashes."""
        hashes = np.fromiter(map(hash, self), np.int64, len(self))
        order = np.argsort(hashes, kind="stable")
        return order.astype(np.int32), hashes[order]


class _Values(ValuesView[StoredObject]):
    _mapping: Listing

    def __iter__(self) -> Iterator[StoredObject]:
        listing = self._mapping
        return (listing.at(place) for place in range(len(listing)))


class _Items(ItemsView[str, StoredObject]):
    _mapping: Listing

    def __iter__(self) -> Iterator[tuple[str, StoredObject]]:
        return ((held.key, held) for held in self._mapping.values())


def packed_row(held: StoredObject) -> tuple[Any, ...]:
    """An object as a row of PACKED."""
    row = [getattr(held, name) for name in PACKED.names]
    row[_TIME] = (held.retrieved_at - _EPOCH) // _MICROSECOND
    return tuple(row)


def _object(row: tuple[Any, ...]) -> StoredObject:
    """Thousands of objects of a batch share its name, and most came from where they were asked for."""
    key, url, final_url, time, status, media_type, etag, last_modified, sha256, size, harvest, batch, *lone = row
    return StoredObject(
        key,
        url,
        url if final_url == url else final_url,
        _EPOCH + time * _MICROSECOND,
        status,
        sys.intern(media_type),
        etag,
        last_modified,
        sha256,
        size,
        harvest,
        sys.intern(batch),
        *lone,
    )


def _timed(table: pa.Table) -> pa.Table:
    return table.set_column(_TIME, PACKED.field(_TIME), table["retrieved_at"].cast(pa.int64()))
