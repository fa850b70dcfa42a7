"""Bundles as numbers of files: a `BundleRef` is made when it is asked for, of a slice's bundles at most at a time."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Any, overload

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from biglam_pipeline.normalize.files import Files
from biglam_pipeline.normalize.reader import Alone, Reader
from biglam_pipeline.normalize.slicing import BundleRef, Packaged, Sketch, said_of, size_of, sketches_of
from biglam_pipeline.store.packed import Rows

_TOGETHER = 8192


class Bundles(Packaged):
    """Bundles of files, in the order of the bundles' names."""

    def __init__(self, files: Files, numbers: Rows, offsets: Rows | None = None, names: pa.Array | None = None) -> None:
        """numbers: of the files of all bundles, one bundle after the other; offsets: where in them each begins, and the
        last ends; names: of the bundles. Without the two each file is a bundle of its own name.
        """
        self.files, self.numbers = files, numbers
        self._offsets, self._names = offsets, names

    def __len__(self) -> int:
        """How many bundles."""
        return len(self.numbers) if self._offsets is None else len(self._offsets) - 1

    @overload
    def __getitem__(self, which: int) -> BundleRef: ...
    @overload
    def __getitem__(self, which: slice) -> "Bundles": ...
    def __getitem__(self, which: int | slice) -> "BundleRef | Bundles":
        """One bundle, or some that lie one behind the other."""
        if isinstance(which, slice):
            begin, end, _ = which.indices(len(self))
            if self._offsets is None or self._names is None:
                return Bundles(self.files, self.numbers[begin:end])
            return Bundles(self.files, self.numbers, self._offsets[begin : end + 1], self._names[begin:end])
        at = range(len(self))[which]
        if self._offsets is None or self._names is None:
            ref = self.files.at(int(self.numbers[at]))
            return BundleRef(ref.name, (ref,))
        numbers = self.numbers[self._offsets[at] : self._offsets[at + 1]]
        return BundleRef(self._names[at].as_py(), tuple(map(self.files.at, numbers.tolist())))

    def __iter__(self) -> Iterator[BundleRef]:
        """Bundle by bundle."""
        return (self[at] for at in range(len(self)))

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process is sent what the bundles are, and not all others with them."""
        return tuple, (list(self),)

    def select(self, mask: npt.NDArray[np.bool_]) -> Sequence[BundleRef]:
        """Some of them."""
        if self._offsets is None or self._names is None:
            return Bundles(self.files, self.numbers[mask])
        chosen = np.flatnonzero(mask)
        lengths = np.diff(self._offsets)[chosen]
        numbers = [self.numbers[self._offsets[at] : self._offsets[at + 1]] for at in chosen.tolist()]
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        flat = np.concatenate(numbers) if numbers else np.zeros(0, np.int64)
        return Bundles(self.files, flat, offsets, self._names.take(pa.array(chosen)))

    @property
    def all_numbers(self) -> Rows:
        """Of all their files."""
        return self.numbers if self._offsets is None else self.numbers[self._offsets[0] : self._offsets[-1]]

    @property
    def sizes(self) -> npt.NDArray[np.int64]:
        """Bytes of each."""
        return self._each(self.files.sizes, np.add)

    @property
    def harvests(self) -> npt.NDArray[Any]:
        """The visit that last brought a file of each."""
        return self._each(self.files.harvests, np.maximum)

    def counts(self) -> Rows:
        """How many files each has."""
        return np.ones(len(self), np.int64) if self._offsets is None else np.diff(self._offsets)

    def _each(self, of_files: npt.NDArray[Any], joined: np.ufunc) -> npt.NDArray[Any]:
        found = of_files[self.all_numbers]
        if self._offsets is None or not len(self):
            return found
        reduced: npt.NDArray[Any] = joined.reduceat(found, self._offsets[:-1] - self._offsets[0])
        return reduced

    @property
    def size(self) -> int:
        """Bytes of all of them."""
        return int(self.sizes.sum())

    def sketches(self) -> Iterator[Sketch]:
        """What decides where slices end."""
        for name, size, harvest in zip(self._all_names(), _each(self.sizes), _each(self.harvests), strict=True):
            yield Sketch(name, size, harvest)

    def said(self) -> Iterator[tuple[str, Iterable[tuple[str, ...]]]]:
        """What a slice's key says of each: its name, and name and digest of each of its files."""
        return self._by_bundle(self.files.said(self.all_numbers))

    def copies(self) -> Iterator[tuple[str, Iterable[tuple[str, ...]]]]:
        """Of each its name, and of each of its files the name and where it lies."""
        return self._by_bundle(self.files.copies(self.all_numbers))

    def holding(self, sha256s: frozenset[str]) -> Sequence[BundleRef]:
        """Those with a file that is, or is a member of, an object of one of these digests."""
        return self.select(self._each(self.files.of_objects(sha256s), np.logical_or).astype(np.bool_))

    def _by_bundle(self, files: Iterator[tuple[str, ...]]) -> Iterator[tuple[str, Iterable[tuple[str, ...]]]]:
        if self._offsets is None:
            yield from ((one[0], (one,)) for one in files)
            return
        for name, count in zip(self._all_names(), np.diff(self._offsets).tolist(), strict=True):
            yield name, tuple(islice(files, count))

    def _all_names(self) -> Iterator[str]:
        if self._names is None:
            return (name for name, _ in self.files.said(self.numbers))
        return (name.as_py() for name in self._names)


def _each(numbers: npt.NDArray[Any]) -> Iterator[int]:
    """As Python's, some thousands at a time."""
    for start in range(0, len(numbers), _TOGETHER):
        yield from numbers[start : start + _TOGETHER].tolist()


class Chain(Packaged):
    """Bundles of several kinds, one behind the other: runs of files, and between them the stretches of large ones."""

    def __init__(self, segments: Iterable[Sequence[BundleRef]]) -> None:
        self.segments = [one for one in segments if len(one)]

    def __len__(self) -> int:
        return sum(map(len, self.segments))

    def __iter__(self) -> Iterator[BundleRef]:
        return chain.from_iterable(self.segments)

    @overload
    def __getitem__(self, which: int) -> BundleRef: ...
    @overload
    def __getitem__(self, which: slice) -> Sequence[BundleRef]: ...
    def __getitem__(self, which: int | slice) -> BundleRef | Sequence[BundleRef]:
        if isinstance(which, int):
            return next(islice(self, range(len(self))[which], None))
        begin, end, _ = which.indices(len(self))
        parts = list(_within(self.segments, begin, end))
        return parts[0] if len(parts) == 1 else Chain(parts)  # a slice of a stretch is no more than this stretch

    def __reduce__(self) -> tuple[Any, ...]:
        return tuple, (list(self),)

    @property
    def size(self) -> int:
        return sum(map(size_of, self.segments))

    def sketches(self) -> Iterator[Sketch]:
        return chain.from_iterable(map(sketches_of, self.segments))

    def said(self) -> Iterator[tuple[str, Iterable[tuple[str, ...]]]]:
        return chain.from_iterable(map(said_of, self.segments))


def _within(segments: Iterable[Sequence[BundleRef]], begin: int, end: int) -> Iterator[Sequence[BundleRef]]:
    for one in segments:
        if begin < len(one) and end > 0:
            yield one[max(0, begin) : end]
        begin, end = begin - len(one), end - len(one)


def bundles_of(
    reader: Reader, files: Files, groups: Mapping[str, Sequence[str]] | None = None, left: Rows | None = None
) -> Bundles:
    """What the reader reads, bundle by bundle, in the order of the bundles' names.

    groups: the names of each bundle's files, where they do not follow from names alone; left: numbers of the files that
    the reader may take, where that is not all.
    """
    if groups is None:
        groups = reader.bundles(files.names if left is None else files.only(left))
    if isinstance(groups, Alone):
        chosen = np.asarray(groups.chosen, np.int64)  # an array('q') is not copied
        return Bundles(files, chosen if left is None else left[chosen])
    names = sorted(groups)
    offsets = np.cumsum([0, *(len(groups[name]) for name in names)], dtype=np.int64)
    numbers = np.fromiter((files.find(one) for name in names for one in groups[name]), np.int64, int(offsets[-1]))
    return Bundles(files, numbers, offsets, pa.array(names, pa.string()))


def numbers_read(files: Files, read: Iterable[Sequence[BundleRef]]) -> npt.NDArray[np.bool_]:
    """Of each file, by its number, whether it is in one of these bundles."""
    found = np.zeros(len(files), np.bool_)
    waiting = list(read)
    while waiting:
        one = waiting.pop()
        if isinstance(one, Chain):
            waiting += one.segments
        elif isinstance(one, Bundles) and one.files is files:
            found[one.all_numbers] = True
        else:
            found[[files.find(name) for name in {ref.name for bundle_ref in one for ref in bundle_ref.refs}]] = True
    return found
