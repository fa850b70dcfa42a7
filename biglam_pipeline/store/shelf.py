"""The five verbs of a shelf: put whole, read, list, delete, swap; equal on disk and in object storage.

Shelved files are immutable and no directory is ever renamed. Only pointers change, by `swap`.
"""

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from biglam_pipeline.errors import ConfigError, ServerBusy, ShelfDamaged
from biglam_pipeline.store import disk
from biglam_pipeline.store.locks import file_lock


class Shelf(ABC):
    """A space of immutable files and pointers, named by `/`-separated paths.

    Locks and scratch space are always on this machine, whatever the shelf stands on.
    """

    def __init__(self, prefix: str, local: Path) -> None:
        """prefix: what every name of this shelf starts with; local: a folder for locks, scratch and copies."""
        self._prefix = prefix
        self._local = local

    def full(self, name: str) -> str:
        """A file's name from the source on, for messages."""
        return f"{self._prefix}{name}"

    @abstractmethod
    def at(self, prefix: str) -> "Shelf":
        """The part of this shelf whose names start with `prefix`."""

    @abstractmethod
    def put(self, name: str, data: bytes | memoryview | Path) -> None:
        """Shelves a file whole, or not at all. A Path is moved in. The same name twice must be the same bytes."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """All bytes of a file; ShelfDamaged where it is not there."""

    @abstractmethod
    def exists(self, name: str) -> bool:
        """Whether a file of this name is shelved."""

    @abstractmethod
    def list(self, prefix: str = "") -> list[str]:
        """Names that start with `prefix`, sorted."""

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
                raise ServerBusy(
                    f"{self._prefix}{name} was moved by another run; run this stage again", retry_after_seconds=5
                )
            self._move(name, new)

    @abstractmethod
    def _move(self, name: str, new: bytes) -> None:
        """Replaces a pointer's bytes; only `swap` calls it, under the pointer's lock."""

    def scratch(self) -> AbstractContextManager[Path]:
        """A local folder for work under way, gone afterwards."""
        return disk.scratch_folder(self._local / "scratch" / self._prefix)

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

    def at(self, prefix: str) -> "DiskShelf":
        """See Shelf."""
        return DiskShelf(self._root, self._local, f"{self._prefix}{prefix}/")

    def _path(self, name: str) -> Path:
        return self._root / f"{self._prefix}{name}"

    def put(self, name: str, data: bytes | memoryview | Path) -> None:
        """See Shelf."""
        disk.put_whole(self._path(name), data)

    def read(self, name: str) -> bytes:
        """See Shelf."""
        return disk.read_file(self.local(name))

    def exists(self, name: str) -> bool:
        """See Shelf."""
        return self._path(name).is_file()

    def list(self, prefix: str = "") -> list[str]:
        """See Shelf."""
        folder = self._path(prefix) if prefix.endswith("/") or not prefix else self._path(prefix).parent
        base = self._path("")
        names = (found.path.relative_to(base).as_posix() for found in disk.walk(folder)) if folder.is_dir() else ()
        return sorted(name for name in names if name.startswith(prefix))

    def folders(self) -> tuple[str, ...]:
        """See Shelf."""
        return tuple(disk.folders(self._path("")))

    def delete(self, name: str) -> None:
        """See Shelf."""
        disk.remove(self._path(name))

    def local(self, name: str) -> Path:
        """See Shelf."""
        path = self._path(name)
        if not path.is_file():
            raise ShelfDamaged(_gone(f"{self._prefix}{name}"))
        return path

    def _move(self, name: str, new: bytes) -> None:
        disk.put_whole(self._path(name), new)

    def tidy(self) -> None:
        """See Shelf; also what was put half."""
        super().tidy()
        disk.remove_unfinished(self._path(""))


class ObjectShelf(Shelf):
    """A shelf in object storage, through fsspec. One machine at a time may move pointers: the lock is local."""

    def __init__(self, url: str, local: Path, prefix: str = "") -> None:
        """url: `s3://bucket/folder` or any address that an installed fsspec driver knows."""
        super().__init__(prefix, local)
        import fsspec  # a fifth of what a process that reads texts imports, and few shelves are not on a disk

        self._url = url.rstrip("/")
        try:
            self._files, self._root = fsspec.core.url_to_fs(self._url)
        except (ImportError, ValueError) as cause:
            raise ConfigError(f"BIGLAM_HOME={url}: {cause}; install the fsspec driver for it") from cause

    def at(self, prefix: str) -> "ObjectShelf":
        """See Shelf."""
        return ObjectShelf(self._url, self._local, f"{self._prefix}{prefix}/")

    def _path(self, name: str) -> str:
        return f"{self._root}/{self._prefix}{name}"

    def put(self, name: str, data: bytes | memoryview | Path) -> None:
        """See Shelf."""
        disk.remove(self._copy(name))
        if isinstance(data, Path):
            self._files.put_file(str(data), self._path(name))
            disk.remove(data)
        else:
            self._files.pipe_file(self._path(name), bytes(data))

    def read(self, name: str) -> bytes:
        """See Shelf."""
        try:
            return bytes(self._files.cat_file(self._path(name)))
        except FileNotFoundError as cause:
            raise ShelfDamaged(_gone(f"{self._prefix}{name}")) from cause

    def exists(self, name: str) -> bool:
        """See Shelf."""
        return bool(self._files.isfile(self._path(name)))

    def list(self, prefix: str = "") -> list[str]:
        """See Shelf."""
        self._files.invalidate_cache()
        folder = self._path(prefix.rpartition("/")[0])
        base = self._path("")
        found = (path.removeprefix(base) for path in self._files.find(folder))
        return sorted(name for name in found if name.startswith(prefix))

    def folders(self) -> tuple[str, ...]:
        """See Shelf."""
        self._files.invalidate_cache()
        try:
            found = self._files.ls(self._path("").rstrip("/"), detail=True)
        except FileNotFoundError:
            return ()
        names = (one["name"].rstrip("/").rpartition("/")[2] for one in found if one["type"] == "directory")
        return tuple(sorted(names))

    def delete(self, name: str) -> None:
        """See Shelf."""
        disk.remove(self._copy(name))
        if self.exists(name):
            self._files.rm_file(self._path(name))

    def _copy(self, name: str) -> Path:
        return self._local / "copies" / f"{self._prefix}{name}"

    def local(self, name: str) -> Path:
        """A copy on this machine; made once, since shelved files never change."""
        copy = self._copy(name)
        if not copy.is_file():
            disk.put_whole(copy, self.read(name))
        return copy

    def _move(self, name: str, new: bytes) -> None:
        self._files.pipe_file(self._path(name), new)


def open_shelf(home: str, local: Path) -> Shelf:
    """The shelf at `home`, a folder or an address like `s3://bucket/folder`."""
    return ObjectShelf(home, local) if "://" in home else DiskShelf(Path(home), local)


def _gone(name: str) -> str:
    stage = name.split("/")[1] if name.count("/") > 1 else "the stage that made it"
    return f"{name} is not on the shelf, though something names it; materialize {stage} again"


def spoiled(name: str) -> ShelfDamaged:
    """The error for a file whose bytes are not those that were shelved; name: from the source on."""
    return ShelfDamaged(
        f"{name} is not the file that was put there; delete it (or put a good copy in its place), "
        f"then materialize {name.split('/')[1]} again"
    )
