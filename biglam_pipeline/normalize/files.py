"""Every file of a harvest by name, archives opened: packed columns, and a `FileRef` only where it is asked for."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, lru_cache
from itertools import pairwise
from operator import itemgetter

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from biglam_pipeline.links import SHELF, folder_of
from biglam_pipeline.normalize.slicing import FileRef
from biglam_pipeline.patterns import is_ignored
from biglam_pipeline.records import StoredObject
from biglam_pipeline.store.packed import Packed, Packer, Rows
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.raw_listing import Listing
from biglam_pipeline.store.surveys import note_of

_FILES = pa.schema([("name", pa.string()), ("place", pa.int64()), ("sha256", pa.string()), ("size", pa.int64())])
"""`place`: of the object in the listing that it is, or that it is a member of."""
_TOGETHER = 8192
_NAME = itemgetter(0)


class Files(Mapping[str, FileRef]):
    """Files in the order of their names: each has a number, from 0."""

    def __init__(self, listing: Listing, packed: Packed) -> None:
        """packed: rows of _FILES, by name, each name once."""
        self.listing, self._packed = listing, packed
        self._held = lru_cache(maxsize=64)(listing.at)
        self._asked: tuple[frozenset[str], npt.NDArray[np.bool_]] = (frozenset(), np.zeros(len(packed), np.bool_))

    def __len__(self) -> int:
        """How many."""
        return len(self._packed)

    def __iter__(self) -> Iterator[str]:
        """Their names, in order."""
        for batch in self._packed.batches(["name"]):
            yield from batch["name"].to_pylist()

    def __getitem__(self, name: str) -> FileRef:
        """The file of this name."""
        number = self.find(name)
        if number < 0:
            raise KeyError(name)
        return self.at(number)

    def __contains__(self, name: object) -> bool:
        """Is there a file of this name?"""
        return isinstance(name, str) and self.find(name) >= 0

    @property
    def names(self) -> Sequence[str]:
        """Their names by number."""
        return Names(self)

    def only(self, numbers: Rows) -> Sequence[str]:
        """The names of some of them."""
        return Names(self, numbers)

    def name_at(self, number: int) -> str:
        """The name of one file."""
        return str(_NAME(self._packed.row(number)))

    def at(self, number: int) -> FileRef:
        """One file."""
        name, place, sha256, size = self._packed.row(number)
        held: StoredObject = self._held(place)
        member = name[len(held.key) + 1 :] if held.archive else ""
        return FileRef(held.key if not member else name, held, member, held.sha256 if not member else sha256, size)

    def find(self, name: str) -> int:
        """The number of a file; -1 where there is none of this name."""
        block = bisect_right(self._firsts, name) - 1
        if block < 0:
            return -1
        rows = self._packed.rows_of(block)
        at = bisect_right(rows, name, key=_NAME) - 1
        return self._packed.start_of(block) + at if _NAME(rows[at]) == name else -1

    def said(self, numbers: Rows) -> Iterator[tuple[str, str]]:
        """Name and sha256 of some files, in the order in which they are asked for."""
        for start in range(0, len(numbers), _TOGETHER):
            table = self._packed.take(numbers[start : start + _TOGETHER], ["name", "sha256"])
            yield from zip(table["name"].to_pylist(), table["sha256"].to_pylist(), strict=True)

    def copies(self, numbers: Rows) -> Iterator[tuple[str, str]]:
        """Name of some files, and of the copy that each lies in (`copy_name`)."""
        for start in range(0, len(numbers), _TOGETHER):
            some = numbers[start : start + _TOGETHER]
            names = self._packed.take(some, ["name"])["name"].to_pylist()
            held = self.listing.some(self.places[some], "file", "batch", "key").columns
            for name, file, batch, key in zip(names, *(column.to_pylist() for column in held), strict=True):
                yield name, file or f"{batch}#{key}"

    def of_objects(self, sha256s: frozenset[str]) -> npt.NDArray[np.bool_]:
        """A mask, by number, of those whose object has one of these digests."""
        if self._asked[0] != sha256s:
            self._asked = (sha256s, self.listing.where("sha256", sha256s)[self.places])
        return self._asked[1]

    @cached_property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Bytes of each, by number."""
        return self._packed.numbers("size")

    @cached_property
    def places(self) -> npt.NDArray[np.int64]:
        """Of each the place of its object in the listing, by number."""
        return self._packed.numbers("place")

    @cached_property
    def harvests(self) -> npt.NDArray[np.int32]:
        """The visit that brought each, by number."""
        found: npt.NDArray[np.int32] = self.listing.numbers("harvest")[self.places]
        return found

    def urls(self, numbers: Rows) -> dict[str, str]:
        """Where these were fetched from, of those that are no members."""
        found: dict[str, str] = {}
        for start in range(0, len(numbers), _TOGETHER):
            some = numbers[start : start + _TOGETHER]
            listed = self.listing.some(self.places[some], "url", "archive")
            names = self._packed.take(some, ["name"])["name"]
            plain = pc.invert(listed["archive"])
            found |= zip(names.filter(plain).to_pylist(), listed["url"].filter(plain).to_pylist(), strict=True)
        return found

    def by_home(self, numbers: Rows) -> Iterator[tuple[str, Rows]]:
        """The shelved files that these lie in, a batch or a file of its own, each with the numbers of those in it."""
        homes, home = self.listing.homes()
        mine = home[self.places[numbers]]
        order = np.argsort(mine, kind="stable")
        bounds = np.flatnonzero(np.diff(mine[order], prepend=-1, append=-1)).tolist()
        for begin, end in pairwise(bounds):
            yield homes[int(mine[order[begin]])], numbers[order[begin:end]]

    @cached_property
    def _firsts(self) -> list[str]:
        return [batch["name"][0].as_py() for batch in self._packed.batches(["name"])]


class Names(Sequence[str]):
    """The names of files, or of some of them, in order, each once."""

    def __init__(self, files: Files, numbers: Rows | None = None) -> None:
        self._files, self._numbers = files, numbers

    def __len__(self) -> int:
        return len(self._files) if self._numbers is None else len(self._numbers)

    def __iter__(self) -> Iterator[str]:
        return iter(self._files) if self._numbers is None else (name for name, _ in self._files.said(self._numbers))

    def __getitem__(self, place: int) -> str:  # type: ignore[override]  # nobody asks for a stretch of them
        return self._files.name_at(place if self._numbers is None else int(self._numbers[place]))


def files_of(raw: RawShelf, objects: Listing) -> Files:
    """Every file of a harvest by name; members of archives stand in a folder named like the archive.

    What came from links is none of them: it is found by its address alone, with `linked_files`.
    """
    tables = (table.filter(pc.invert(pc.starts_with(table["name"], SHELF))) for table in _listed(raw, objects))
    packed = Packer(_FILES).add_tables(tables).packed()
    return Files(objects, packed if _is_ordered(packed) else _by_name(packed))


def linked_files(objects: Listing, name: str) -> Files:
    """What came from the links of this name under `with`, without those that gave nothing."""
    start, tables = 0, []
    for batch in objects.columns("key", "sha256", "size", "status"):
        places = pa.array(np.arange(start, start + batch.num_rows))
        table = pa.table([batch["key"], places, batch["sha256"], batch["size"]], schema=_FILES)
        mine = pc.and_(pc.starts_with(batch["key"], folder_of(name)), pc.equal(batch["status"], 200))
        tables.append(table.filter(mine))
        start += batch.num_rows
    packed = Packer(_FILES).add_tables(tables).packed()
    return Files(objects, packed if _is_ordered(packed) else _by_name(packed))


def _listed(raw: RawShelf, objects: Listing) -> Iterator[pa.Table]:
    """Rows of _FILES as they come: of one name the last one counts."""
    start = 0
    for batch in objects.columns("key", "sha256", "size", "archive"):
        places = pa.array(np.arange(start, start + batch.num_rows))
        plain = pa.table([batch["key"], places, batch["sha256"], batch["size"]], schema=_FILES)
        archives = np.flatnonzero(batch["archive"].to_numpy(zero_copy_only=False)).tolist()
        for before, at in pairwise([-1, *archives, batch.num_rows]):
            yield plain.slice(before + 1, at - before - 1)
            if at < batch.num_rows:
                yield from _members(raw, objects.at(start + at), start + at)
        start += batch.num_rows


def _members(raw: RawShelf, held: StoredObject, place: int) -> Iterator[pa.Table]:
    ignore = note_of(held).ignore
    for table in raw.surveys.members(held.sha256):
        names = pc.binary_join_element_wise(held.key, table["name"], "/")
        places = pa.array(np.full(table.num_rows, place))
        found = pa.table([names, places, table["sha256"], table["size"]], schema=_FILES)
        if ignore:
            found = found.filter(pa.array([not is_ignored(ignore, name) for name in found["name"].to_pylist()]))
        yield found


def _is_ordered(packed: Packed) -> bool:
    names = (name for batch in packed.batches(["name"]) for name in batch["name"].to_pylist())
    return all(one < other for one, other in pairwise(names))


def _by_name(packed: Packed) -> Packed:
    names = pa.chunked_array([batch["name"] for batch in packed.batches(["name"])], pa.string())
    order = pc.sort_indices(names)  # stable, and by bytes, which is by characters in UTF-8
    names = names.take(order)
    last = pc.not_equal(names.slice(1), names.slice(0, max(0, len(names) - 1))).to_numpy(zero_copy_only=False)
    rows = order.to_numpy().astype(np.int64)[np.append(last, True)]
    del names, order
    pieces: Iterable[Rows] = (rows[start : start + _TOGETHER] for start in range(0, len(rows), _TOGETHER))
    return Packer(_FILES).add_tables(packed.take(piece, _FILES.names) for piece in pieces).packed()
