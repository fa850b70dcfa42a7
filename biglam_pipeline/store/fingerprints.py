"""The fingerprints shelf: what was computed of each text and of each pair of texts, by key, so that it is done once.

Everything on it can be computed again from the texts: a file that is not what was put there is told of and forgotten.
"""

import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import xxhash

from biglam_pipeline.errors import ShelfDamaged
from biglam_pipeline.store import disk
from biglam_pipeline.store.shelf import Shelf

log = logging.getLogger(__name__)

POINTER = "fingerprints.json"
_KEY = 16
_BUFFER = 1 << 20
"""Bytes of letters that are written at once: in the usual 8 KB, two processes hinder each other in the kernel."""
Columns = dict[str, npt.NDArray[Any]]
"""Name -> numbers: (n,) or (n, numbers a row) to be shelved, (numbers a row, n) on the shelf."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Columns of a file of n rows, one after the other: name, type, and numbers a row."""

    columns: tuple[tuple[str, str, int], ...]

    @property
    def width(self) -> int:
        """Bytes a row."""
        return sum(np.dtype(kind).itemsize * many for _, kind, many in self.columns)

    def packed(self, columns: Columns) -> memoryview:
        """The bytes of a file. A column of several numbers a row lies number by number, so that one is one stretch."""
        rows = len(next(iter(columns.values())))
        data, at = np.empty(rows * self.width, np.uint8), 0
        for name, kind, many in self.columns:
            size = rows * many * np.dtype(kind).itemsize
            data[at : at + size].view(kind).reshape(many, rows)[...] = columns[name].reshape(-1, many).T
            at += size
        return data.data

    def mapped(self, path: Path, rows: int) -> Columns:
        """Columns of a file as (numbers a row, rows), read when they are looked at."""
        found: Columns = {}
        # Once for all columns: each mapping holds a file descriptor, of which a process may have a thousand.
        data, at = _mapped(path), 0
        for name, kind, many in self.columns:
            size = rows * many * np.dtype(kind).itemsize
            found[name] = data[at : at + size].view(kind).reshape(many, rows)
            at += size
        return found


@dataclass(slots=True)
class Kept:
    """Files of one layout, in the order in which they came, with their columns."""

    folder: str
    layout: Layout
    names: list[tuple[str, int]] = field(default_factory=list)
    """Name and rows."""
    files: list[Columns] = field(default_factory=list)

    @property
    def rows(self) -> int:
        """Of all files."""
        return sum(rows for _, rows in self.names)

    def column(self, name: str, number: int = 0) -> npt.NDArray[Any]:
        """One number of a row, over all rows."""
        kind = next(kind for one, kind, _ in self.layout.columns if one == name)
        return np.concatenate([np.empty(0, kind), *(file[name][number] for file in self.files)])

    def table(self, name: str, rows: npt.NDArray[np.int64] | None = None) -> npt.NDArray[Any]:
        """All numbers of a column, (rows, numbers a row), of all rows or of those at `rows`."""
        many = next(many for one, _, many in self.layout.columns if one == name)
        columns = (self.column(name, number) for number in range(many))
        return np.column_stack([column if rows is None else column[rows] for column in columns])


class FingerprintShelf:
    """Fingerprints and judged pairs of one source, under one version of what they are."""

    def __init__(self, shelf: Shelf, version: str, slots: int, pieces: int) -> None:
        """shelf: at `<source>/fingerprints`; version: of profile and method; slots, pieces: numbers a document."""
        self.shelf = shelf
        self._version = version
        signatures = (("key", "u1", _KEY), ("length", "<u4", 1), ("cut", "<u4", 1))
        self.signatures = Kept("signatures", Layout((*signatures, ("piece", "<u4", pieces), ("slot", "<u2", slots))))
        self.pairs = Kept("pairs", Layout((("one", "u1", _KEY), ("other", "u1", _KEY), ("verdict", "<f4", 1))))
        self._pointer: bytes | None = None
        self._open()

    def add(self, kept: Kept, columns: Columns) -> None:
        """Shelves rows and names them in the pointer: after a kill, they are there. Later rows of a key count."""
        self._put(kept, columns)
        self._point()

    def replace(self, kept: Kept, parts: Iterator[Columns]) -> None:
        """Other rows in the place of all that were kept: `parts` may still read those."""
        new = Kept(kept.folder, kept.layout)
        for columns in parts:
            self._put(new, columns)
        old = {name for name, _ in kept.names} - {name for name, _ in new.names}
        kept.names, kept.files = new.names, new.files
        self._point()
        for name in old:
            self.shelf.delete(name)

    @contextmanager
    def scratch(self) -> Iterator["Letters"]:
        """Room for letters of texts while they are compared."""
        with self.shelf.scratch() as folder:
            yield Letters(folder)

    def _put(self, kept: Kept, columns: Columns) -> None:
        rows = len(next(iter(columns.values())))
        data = kept.layout.packed(columns)
        name = f"{kept.folder}/{xxhash.xxh3_128_hexdigest(data)}"
        self.shelf.put(name, data)
        kept.names.append((name, rows))
        kept.files.append(kept.layout.mapped(self.shelf.local(name), rows))

    def _point(self) -> None:
        named = {"version": self._version, "signatures": self.signatures.names, "pairs": self.pairs.names}
        new = json.dumps(named, indent=1).encode()
        self.shelf.swap(POINTER, self._pointer, new)
        self._pointer = new

    def _open(self) -> None:
        """Takes what the pointer names and what is whole; says what is not, and why it is computed again."""
        if self.shelf.exists(POINTER):
            try:
                self._pointer = self.shelf.read(POINTER)
            except ShelfDamaged as damage:
                log.warning("%s; all fingerprints of this source are computed again", damage)
                self.shelf.delete(POINTER)
        named = self._named()
        for kept in (self.signatures, self.pairs):
            for name, rows in named.get(kept.folder, []):
                if self._is_whole(name, rows, kept.layout):
                    kept.names.append((name, rows))
                    kept.files.append(kept.layout.mapped(self.shelf.local(name), rows))
        stay = {name for kept in (self.signatures, self.pairs) for name, _ in kept.names}
        for name in [*self.shelf.list("signatures/"), *self.shelf.list("pairs/")]:
            if name not in stay:
                self.shelf.delete(name)

    def _named(self) -> dict[str, list[tuple[str, int]]]:
        """What the pointer says, checked; nothing where it is damaged, or of another version."""
        if self._pointer is None:
            return {}
        full = self.shelf.full(POINTER)
        try:
            said = json.loads(self._pointer)
            version = said["version"]
            parts = {part: [(str(name), int(rows)) for name, rows in said[part]] for part in ("signatures", "pairs")}
        except (ValueError, KeyError, TypeError):
            log.warning("%s is damaged; all fingerprints of this source are computed again", full)
            return {}
        if version != self._version:
            log.warning(
                "%s is of version %s, this one is %s; all fingerprints are computed again", full, version, self._version
            )
            return {}
        return parts

    def _is_whole(self, name: str, rows: int, layout: Layout) -> bool:
        why = "is gone"
        if self.shelf.exists(name):
            whole = _mapped(self.shelf.local(name))
            if len(whole) == rows * layout.width and name.endswith(xxhash.xxh3_128_hexdigest(whole.data)):
                return True
            why = "is not the file that was put there"
        log.warning("%s %s; what it held of %d rows is computed again", self.shelf.full(name), why, rows)
        return False


@dataclass(frozen=True, slots=True)
class Letters:
    """Canonical letters of some documents in scratch files, written once and then read by any process."""

    folder: Path
    """Scratch, made and taken away by its owner."""

    def write(self, number: int, letters: Iterator[bytes]) -> npt.NDArray[np.int64]:
        """One file, as the letters come; where each document begins in it and the last ends, (documents + 1,)."""
        with self.path(number).open("wb", _BUFFER) as stream:
            return np.cumsum([0, *(stream.write(one) for one in letters)])

    def open(self, number: int) -> BinaryIO:
        """One file for reading. Not mapped: the pages of all files would count as memory of each process."""
        return disk.open_file(self.path(number))

    def path(self, number: int) -> Path:
        """Of one file."""
        return self.folder / f"{number:08}.letters"


def _mapped(path: Path) -> npt.NDArray[np.uint8]:
    """All bytes of a file, read when they are looked at; an empty file cannot be mapped."""
    found = disk.look(path)
    return np.asarray(np.memmap(path, np.uint8, "r")) if found and found.size else np.empty(0, np.uint8)
