"""A shelf in object storage: one listing a source, copies by ETag, and a lease so that one machine at a time writes."""

import functools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from biglam_pipeline.errors import ServerBusy, ShelfDamaged
from biglam_pipeline.store import disk, room
from biglam_pipeline.store.bucket import Bucket, OlderVersions, Stored
from biglam_pipeline.store.listing import Listing
from biglam_pipeline.store.shelf import RUN, Shelf

WRITE_WAIT_SECONDS = 30.0
"""So long a single write, which is no stage's, waits for a stage that is at work."""


class ObjectShelf(Shelf):
    """A shelf in object storage, through fsspec. What is put or fetched is kept in `<local>/copies`."""

    def __init__(self, url: str, local: Path, prefix: str = "") -> None:
        """url: `s3://bucket/folder` or any address that an installed fsspec driver knows."""
        super().__init__(prefix, local)
        self._url = url.rstrip("/")
        self._bucket = _bucket(self._url)

    def __reduce__(self) -> tuple[object, ...]:
        """So that texts of its slices can be read in another process."""
        return ObjectShelf, (self._url, self._local, self._prefix)

    @property
    def is_shared(self) -> bool:
        """See Shelf."""
        return not self._url.startswith("memory://")

    def at(self, prefix: str) -> "ObjectShelf":
        """See Shelf."""
        return ObjectShelf(self._url, self._local, f"{self._prefix}{prefix}/")

    def where(self, name: str) -> str:
        """See Shelf."""
        return f"{self._url}/{self.full(name)}"

    def _listing(self, name: str) -> Listing:
        return _listing(self._url, self.full(name).partition("/")[0], self._local)

    def _put(self, name: str, data: bytes | memoryview | Path) -> None:
        full, listing = self.full(name), self._listing(name)
        with self._at_work(name):
            listing.hold()
            stored = self._bucket.put(full, data)
            disk.put_whole(listing.copy(full, stored), data)
            listing.note(full, stored)

    def _read(self, name: str) -> bytes:
        return disk.read_file(self.local(name))

    def exists(self, name: str) -> bool:
        """See Shelf."""
        return self.full(name) in self._listing(name).names()

    def _list(self, prefix: str) -> Sequence[str]:
        within = self.full(prefix)
        names = self._listing(prefix).names() if "/" in within else self._bucket.list("")
        return [name.removeprefix(self._prefix) for name in names if name.startswith(within)]

    def folders(self) -> tuple[str, ...]:
        """See Shelf."""
        return tuple(sorted(self._bucket.folders(self._prefix)))

    def delete(self, name: str) -> None:
        """See Shelf."""
        with self._at_work(name):
            if self.exists(name):
                self._listing(name).hold()
                self._bucket.delete(self.full(name))
                self._listing(name).note(self.full(name), None)

    def local(self, name: str) -> Path:
        """A copy on this machine of the object as it was listed; made where it is not there yet."""
        full, listing = self.full(name), self._listing(name)
        stored = listing.names().get(full)
        if stored is None:
            raise self.gone(name)
        copy = listing.copy(full, stored)
        if disk.look(copy) is None:
            self._fetch(full, stored, copy, name)
        return copy

    def _fetch(self, full: str, stored: Stored, copy: Path, name: str) -> None:
        room.ask(copy.parent, stored.size, f"a copy of {full}")
        try:
            if self._bucket.fetch(full, stored, copy):
                return
        except FileNotFoundError:
            self._listing(name).forget()
            if not self.exists(name):
                raise self.gone(name) from None
        self._listing(name).forget()
        raise ServerBusy(
            f"{self.where(name)} was changed meanwhile by another machine; run again", retry_after_seconds=5
        )

    def swap(self, name: str, expected: bytes | None, new: bytes) -> None:
        """See Shelf; what is compared is what stands there when the stage, or this write, began."""
        with self._at_work(name):
            super().swap(name, expected, new)

    def _move(self, name: str, new: bytes) -> None:
        full, listing = self.full(name), self._listing(name)
        listing.hold()
        stored = self._bucket.move(full, listing.names().get(full), new)
        if stored is None:
            listing.forget()
            raise self.moved(name)
        disk.put_whole(listing.copy(full, stored), new)
        listing.note(full, stored)

    @contextmanager
    def lock(self, name: str, *, wait_seconds: float = 0, doing: str = "") -> Iterator[None]:
        """See Shelf; a source's own lock is one between machines too."""
        with super().lock(name, wait_seconds=wait_seconds, doing=doing):
            if name != RUN:
                yield
                return
            with self._listing(name).stage(wait_seconds):
                yield

    @contextmanager
    def _at_work(self, name: str) -> Iterator[None]:
        """Every write is one of a stage's, or is a stage by itself."""
        if self._listing(name).at_work:
            yield
            return
        source = self.full(name).partition("/")[0]
        with ObjectShelf(self._url, self._local, f"{source}/").lock(RUN, wait_seconds=WRITE_WAIT_SECONDS):
            yield

    def spoiled(self, name: str, why: str = "") -> ShelfDamaged:
        """See Shelf; the copy on this machine goes, so that the next reading is of the object itself."""
        stored = self._listing(name).names().get(self.full(name))
        if stored is not None:
            disk.remove(self._listing(name).copy(self.full(name), stored))
        return super().spoiled(name, why)

    def kept_versions(self) -> OlderVersions:
        """See Shelf."""
        return self._bucket.kept(self._prefix)


@functools.cache
def _bucket(url: str) -> Bucket:
    """One door to an address for all shelves of a process: its connections are kept."""
    if url.startswith(("s3://", "s3a://")):
        from biglam_pipeline.store.s3 import S3Bucket  # botocore is an extra, and slow to import

        return S3Bucket(url)
    return Bucket(url)


@functools.cache
def _listing(url: str, source: str, local: Path) -> Listing:
    """One listing of a source for all stages of a process."""
    return Listing(_bucket(url), source, local)
