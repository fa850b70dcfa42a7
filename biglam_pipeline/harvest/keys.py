"""How are the objects of a listing called? Each by the shortest of its names that no other has."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from biglam_pipeline.records import StoredObject

Names = Callable[[], Iterable[str]]
"""Goes through the names once more."""


class UniqueKeys:
    """For each, the first of its names that no other has at that place; numbered where even the last is shared.

    Names are gone through several times, and none is kept but those that come again.
    """

    def __init__(self, *columns: Names) -> None:
        """columns: the first name of each, the second name of each, and so on."""
        self._columns = columns
        self._shared = [_shared(columns[0])]
        self._are_unique = not self._shared[0].any()
        if not self._are_unique:
            self._shared += map(_shared, columns[1:-1])
            self._numbered = _shared(self._chosen)

    def __iter__(self) -> Iterator[str]:
        """The keys."""
        return iter(self._columns[0]()) if self._are_unique else self._counted()

    def _chosen(self) -> Iterator[str]:
        """Before they are numbered."""
        for number, names in enumerate(zip(*(column() for column in self._columns), strict=True)):
            unshared = (name for name, shared in zip(names, self._shared, strict=False) if not shared[number])
            yield next(unshared, names[-1])

    def _counted(self) -> Iterator[str]:
        used: Counter[str] = Counter()
        for number, key in enumerate(self._chosen()):
            if self._numbered[number]:  # else every key would be kept
                used[key] += 1
            yield key if used[key] < 2 else f"{key}~{used[key]}"


def unique_keys(candidates: Iterable[Sequence[str]]) -> list[str]:
    """The same of few, which are in memory anyway. candidates: the names of each."""
    names = list(candidates)
    return [*UniqueKeys(*(partial(iter, column) for column in zip(*names, strict=True)))] if names else []


def steady_keys(candidates: Sequence[tuple[Sequence[str], str]], previous: Mapping[str, StoredObject]) -> list[str]:
    """The same for (names, address). What the shelf has keeps its key, whatever else is listed now, or is not: it is
    known again by its address, or by a name with more in it than the first, which no other file can have.
    """
    held = dict[str, int]()
    for number, (names, url) in enumerate(candidates):
        known = [name for name in names if name in previous]
        mine = [name for name in known if previous[name].url == url] or [name for name in known if name != names[0]]
        if mine:
            held.setdefault(mine[0], number)
    taken, kept = set(held), {number: key for key, number in held.items()}
    keys = unique_keys(names for names, _ in candidates)
    for number, key in enumerate(keys):
        while number not in kept and key in taken:
            key += "~2"
        keys[number] = kept.get(number, key)
        taken.add(keys[number])
    return keys


def _shared(column: Names) -> npt.NDArray[np.bool_]:
    """Of each whether another is the same. Equal names have equal hashes; of those that have, the names are counted."""
    hashes = np.fromiter(map(hash, column()), np.int64)
    order = np.argsort(hashes, kind="stable")
    alike = np.flatnonzero(hashes[order][1:] == hashes[order][:-1])
    found = np.zeros(len(hashes), np.bool_)
    found[order[alike]] = found[order[alike + 1]] = True
    if alike.size:
        counts = Counter(name for name, maybe in zip(column(), found.tolist(), strict=True) if maybe)
        found = np.fromiter((counts[name] > 1 for name in column()), np.bool_, len(found))
    return found
