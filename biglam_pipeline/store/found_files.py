"""The files of a folder in columns: some eighty bytes each, and a `Found` only where one is asked for."""

import os
from array import array
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from biglam_pipeline.store.disk import Found

_TOGETHER = 4096


class FoundFiles(Iterable[Found]):
    """What a walk has found."""

    def __init__(self) -> None:
        self._names: list[pa.Array] = []
        self._waiting: list[str] = []
        self._folders: dict[str, int] = {}
        self._folder = array("i")
        self._numbers = array("q")
        """Of each file its size, and when it was modified and changed."""
        self._called: dict[int, str] = {}
        """What the file system calls a file that is not called like the end of its name."""
        self._order: Iterable[int] | None = None

    def add(self, name: str, path: str, size: int, modified_ns: int, changed_ns: int) -> None:
        """One more file; path: where it really lies."""
        folder, called = os.path.split(path)
        if called != name.rpartition("/")[2]:
            self._called[len(self._folder)] = called
        self._waiting.append(name)
        if len(self._waiting) == _TOGETHER:
            self._lay()
        self._folder.append(self._folders.setdefault(folder, len(self._folders)))
        self._numbers.extend((size, modified_ns, changed_ns))

    def sort(self) -> None:
        """By name, from now on; files of one name in the order in which they came."""
        self._lay()
        names = pa.chunked_array(self._names, pa.string())
        order = pc.sort_indices(names)  # by bytes, which is by characters in UTF-8
        self._names = names.take(order).chunks
        self._order = order.to_numpy().astype(np.int32)

    def paths(self) -> Iterator[str]:
        """Where they really lie."""
        return (str(one.path) for one in self)

    def __len__(self) -> int:
        """How many files."""
        return len(self._folder)

    def names(self) -> Iterator[str]:
        """Their names alone, in the same order."""
        self._lay()
        for chunk in self._names:
            for start in range(0, len(chunk), _TOGETHER):
                yield from chunk.slice(start, _TOGETHER).to_pylist()

    def __iter__(self) -> Iterator[Found]:
        """One by one."""
        folders, order = list(self._folders), range(len(self)) if self._order is None else self._order
        for at, name in zip(order, self.names(), strict=True):
            called = self._called.get(at, "") or name.rpartition("/")[2]
            yield Found(name, Path(folders[self._folder[at]], called), *self._numbers[3 * at : 3 * at + 3])

    def _lay(self) -> None:
        if self._waiting:
            self._names.append(pa.array(self._waiting, pa.string()))
            self._waiting = []
