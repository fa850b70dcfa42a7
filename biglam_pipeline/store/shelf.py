"""The five verbs of a shelf: put whole, read, list, delete, swap; equal on disk and in object storage.

Shelved files are immutable and no directory is ever renamed. Only pointers change, by `swap`. JSON is sealed where it
is put and proved where it is read (`store.seal`); names that are none of ours (`store.names`) are not listed.
"""

import hashlib
import stat
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from biglam_pipeline.errors import ServerBusy, ShelfDamaged
from biglam_pipeline.store import disk
from biglam_pipeline.store.bucket import OlderVersions
from biglam_pipeline.store.locks import file_lock
from biglam_pipeline.store.names import is_of_a_file, is_ours
from biglam_pipeline.store.seal import seal, unseal

RUN = "run"
"""Names the lock of a source's stages."""


class Shelf(ABC):
    """A space of immutable files and pointers, named by `/`-separated paths.

    Locks and scratch space are always on this machine, whatever the shelf stands on.
    """

    def __init__(self, prefix: str, local: Path) -> None:
        """prefix: what every name of this shelf starts with; local: a folder for locks, scratch and copies."""
        self._prefix = prefix
        self._local = local

    @property
    def is_shared(self) -> bool:
        """Whether another process of this machine sees it too."""
        return True

    def full(self, name: str) -> str:
        """A file's name from the source on, for messages."""
        return f"{self._prefix}{name}"

    @abstractmethod
    def at(self, prefix: str) -> "Shelf":
        """The part of this shelf whose names start with `prefix`."""

    @abstractmethod
    def where(self, name: str) -> str:
        """Where a person finds a file: its path or address."""

    def put(self, name: str, data: bytes | memoryview | Path) -> None:
        """Shelves a file whole, or not at all. A Path is moved in. The same name twice must be the same bytes."""
        self._put(name, seal(bytes(data)) if name.endswith(".json") and not isinstance(data, Path) else data)

    @abstractmethod
    def _put(self, name: str, data: bytes | memoryview | Path) -> None:
        """The same, of bytes as they are to lie there."""

    def read(self, name: str) -> bytes:
        """All bytes of a file; ShelfDamaged where it is not there, or is JSON that is not what was put there."""
        data = self._read(name)
        if not name.endswith(".json"):
            return data
        try:
            return unseal(data)
        except ValueError as why:
            raise self.spoiled(name, str(why)) from why

    @abstractmethod
    def _read(self, name: str) -> bytes:
        """All bytes as they lie there."""

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Whether a file of this name is shelved."""

    def list(self, prefix: str = "") -> list[str]:
        """Names that start with `prefix`, sorted; what a person or a program laid beside ours is not among them."""
        return sorted(name for name in self._list(prefix) if is_ours(self.full(name)))

    def foreign(self) -> Sequence[str]:
        """Names of files that are none of ours: copies that a sync tool made, notes of a file manager."""
        return sorted(name for name in self._list("") if not is_ours(self.full(name)))

    @abstractmethod
    def _list(self, prefix: str) -> Sequence[str]:
        """All names that start with `prefix`."""

    @abstractmethod
    def folders(self) -> tuple[str, ...]:
        """The first words of the names that have several, sorted; cheap, however many files there are."""

    @abstractmethod
    def delete(self, name: str) -> None:
        """Takes a file away; it may already be gone."""

    @abstractmethod
    def local(self, name: str) -> Path:
        """A local path with the file's bytes, for readers that need to seek; not to be written to."""

    def swap(self, name: str, expected: bytes | None, new: bytes) -> None:
        """Moves a pointer from `expected` (None: not there yet) to `new`; ServerBusy where another run moved it."""
        with self.lock(f"swap-{name}", wait_seconds=30):
            now = self.read(name) if self.exists(name) else None
            if now == new:
                return
            if now != expected:
                raise self.moved(name)
            self._move(name, seal(new) if name.endswith(".json") else new)

    @abstractmethod
    def _move(self, name: str, new: bytes) -> None:
        """Replaces a pointer's bytes; only `swap` calls it, under the pointer's lock."""

    def moved(self, name: str) -> ServerBusy:
        """The error for a pointer that is not what was read."""
        return ServerBusy(f"{self.full(name)} was moved by another run; run this stage again", retry_after_seconds=5)

    def gone(self, name: str) -> ShelfDamaged:
        """The error for a file that is not there."""
        return ShelfDamaged(
            f"{self.full(name)} is not on the shelf, though something names it; materialize {self._stage(name)} again"
        )

    def spoiled(self, name: str, why: str = "") -> ShelfDamaged:
        """The error for a file whose bytes are not those that were shelved; why: what was seen of it."""
        return ShelfDamaged(
            f"{self.full(name)} is not the file that was put there{f' ({why})' if why else ''}; delete it (or put a "
            f"good copy in its place), then materialize {self._stage(name)} again. It is {self.where(name)}"
        )

    def _stage(self, name: str) -> str:
        full = self.full(name)
        return full.split("/")[1] if full.count("/") > 1 else "the stage that made it"

    def kept_versions(self) -> OlderVersions:
        """Older versions of its files that the storage keeps, whatever is deleted here."""
        return OlderVersions()

    def scratch(self) -> AbstractContextManager[Path]:
        """A local folder for work under way, gone afterwards."""
        return disk.scratch_folder(self._local / "scratch" / self._prefix)

    @property
    def under_way(self) -> Path:
        """A local folder for large files under way, which outlives the run; it need not be there."""
        return self._local / "partial" / self._prefix

    def clear(self) -> None:
        """Takes away all that is on this part of the shelf, and what this machine keeps of it beside."""
        for name in self.list():
            self.delete(name)
        disk.clear_folder(self.under_way)
        disk.clear_folder(self._local / "copies" / self._prefix)
        disk.clear_folder(self._local / "scratch" / self._prefix)

    def tidy(self) -> None:
        """Takes away what a killed run left half done. Only where no other run is at work on this shelf."""
        disk.clear_folder(self._local / "scratch" / self._prefix)

    @contextmanager
    def lock(self, name: str, *, wait_seconds: float = 0, doing: str = "") -> Iterator[None]:
        """Holds a lock of this machine; RunBusy where another process has it. doing: for those who wait."""
        full = f"{self._prefix}{name}"
        path = self._local / "locks" / (hashlib.sha256(full.encode()).hexdigest()[:24] + ".lock")
        busy = f"another run is at work on {full}"
        with file_lock(path, wait_seconds=wait_seconds, busy=busy, doing=doing):
            yield


class DiskShelf(Shelf):
    """A shelf in a folder of this machine."""

    def __init__(self, root: Path, local: Path, prefix: str = "") -> None:
        """root: the home folder; local: for locks and scratch."""
        super().__init__(prefix, local)
        self._root = root
        self._below = f"{root}/{prefix}"

    def at(self, prefix: str) -> "DiskShelf":
        """See Shelf."""
        return DiskShelf(self._root, self._local, f"{self._prefix}{prefix}/")

    def _path(self, name: str) -> Path:
        return self._root / f"{self._prefix}{name}"

    def where(self, name: str) -> str:
        """See Shelf."""
        return str(self._path(name))

    def _put(self, name: str, data: bytes | memoryview | Path) -> None:
        self._file_type(name)
        disk.put_whole(self._path(name), data)

    def _read(self, name: str) -> bytes:
        return disk.read_file(self.local(name))

    def exists(self, name: str) -> bool:
        """See Shelf. ShelfDamaged where a folder lies in a file's place."""
        return self._file_type(name) == stat.S_IFREG

    def _list(self, prefix: str) -> Sequence[str]:
        folder = self._path(prefix) if prefix.endswith("/") or not prefix else self._path(prefix).parent
        base = self._path("")
        names = [path.relative_to(base).as_posix() for path in disk.names_below(folder)]
        return [name for name in names if self._file_type(name) == stat.S_IFREG and name.startswith(prefix)]

    def _file_type(self, name: str) -> int:
        """What lies there, as `disk.file_type` has it, asked for once; ShelfDamaged where it is a folder for a file."""
        found = disk.file_type(f"{self._below}{name}")
        if found == stat.S_IFDIR and is_of_a_file(self.full(name)):
            raise self.spoiled(name, "it is a folder")
        return found

    def folders(self) -> tuple[str, ...]:
        """See Shelf."""
        return tuple(disk.folders(self._path("")))

    def delete(self, name: str) -> None:
        """See Shelf."""
        disk.remove(self._path(name))

    def local(self, name: str) -> Path:
        """See Shelf."""
        if self._file_type(name) != stat.S_IFREG:
            raise self.gone(name)
        return self._path(name)

    def _move(self, name: str, new: bytes) -> None:
        disk.put_whole(self._path(name), new)

    def clear(self) -> None:
        """See Shelf; also its folders, with what lies unfinished in them."""
        super().clear()
        disk.clear_folder(self._path(""))

    def tidy(self) -> None:
        """See Shelf; also what was put half."""
        super().tidy()
        disk.remove_unfinished(self._path(""))
