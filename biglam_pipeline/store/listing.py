"""What one source has in object storage, as this process knows it: listed once, then kept true by its own writes.

Another machine's writes are seen by the lease, whose ETag every writer changes: it is looked at when a stage begins,
and now and then while something is only shown. Copies on this machine are named by ETag: one of an object that was
replaced or taken away, by a takedown on another machine too, is never read again, and goes with the next listing.
"""

import hashlib
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path

from biglam_pipeline.errors import ServerBusy
from biglam_pipeline.store import disk
from biglam_pipeline.store.bucket import Bucket, Stored
from biglam_pipeline.store.lease import NAME, Lease, wait_until
from biglam_pipeline.store.locks import file_lock

SHOWN_SECONDS = 30.0
"""A view may be so old before the lease is looked at again."""


class Listing:
    """Objects of one source by name, and this machine's copies of them."""

    def __init__(self, bucket: Bucket, source: str, local: Path) -> None:
        """local: a folder for copies, locks and scratch."""
        self.bucket, self._source = bucket, source
        self._local = local
        self._lease_name = f"{source}/{NAME}"
        self._names: dict[str, Stored] | None = None
        self._lease: Stored | None = None
        self._seen = 0.0
        self._worker: int | None = None

    @property
    def at_work(self) -> bool:
        """Whether this thread is within `stage`."""
        return self._worker == threading.get_ident()

    @cached_property
    def lease(self) -> Lease:
        """Taken by whoever writes."""
        return Lease(self.bucket, self._source, _machine(self._local))

    def names(self) -> dict[str, Stored]:
        """Name from the source on -> object; without the lease."""
        if self._names is None:
            self._list()
        elif self._worker is None and time.monotonic() - self._seen > SHOWN_SECONDS:
            self._look_again()
        assert self._names is not None
        return self._names

    def note(self, name: str, stored: Stored | None) -> None:
        """What this process just did."""
        names = self.names()
        if stored is None:
            names.pop(name, None)
        else:
            names[name] = stored
        for copy in disk.files_below(self._copies, f"*/{name.partition('/')[2]}"):
            if stored is None or copy != self.copy(name, stored):
                disk.remove(copy)

    def forget(self) -> None:
        """The next question lists again."""
        self._names = None

    @property
    def _copies(self) -> Path:
        return self._local / "copies" / self._source

    def copy(self, name: str, stored: Stored) -> Path:
        """Where this machine's copy of an object lies, or would."""
        mark = hashlib.sha256(f"{stored.etag} {stored.size}".encode()).hexdigest()[:16]
        return self._copies / mark / name.partition("/")[2]

    @contextmanager
    def stage(self, wait_seconds: float) -> Iterator[None]:
        """One stage's work; the caller holds this machine's lock. ServerBusy where another machine is at work."""
        if self._names is None:
            self._list()
        else:
            self._look_again()
        if self.bucket.conditional and not wait_until(self._is_free, wait_seconds, self._source):
            raise self.lease.busy(self.lease.holder(self._lease_body()))
        self._worker = threading.get_ident()
        try:
            yield
        finally:
            self._worker = None
            if self.bucket.conditional and self.lease.is_held:
                self._lease_is(self.lease.free())

    def hold(self) -> None:
        """Before each write: takes the lease, or proves that it is still held."""
        if not self.bucket.conditional:
            return
        if self.lease.is_held:
            self.lease.prove()
            return
        try:
            self._lease_is(self.lease.take(self._lease))
        except ServerBusy:
            self.forget()
            raise

    def _is_free(self) -> bool:
        if self._lease is None or not self.lease.holder(self._lease_body()):
            return True
        self._look_again()
        return self._lease is None or not self.lease.holder(self._lease_body())

    def _lease_body(self) -> bytes:
        if self._lease is None:
            return b'{"held": false, "machine": "", "by": ""}'
        copy = self.copy(self._lease_name, self._lease)
        if not copy.is_file() and not self._fetched(copy):
            return b""
        return disk.read_file(copy)

    def _fetched(self, copy: Path) -> bool:
        assert self._lease is not None
        try:
            return self.bucket.fetch(self._lease_name, self._lease, copy)
        except FileNotFoundError:
            return False

    def _lease_is(self, stored: Stored | None) -> None:
        if stored is None:
            self.forget()
        else:
            self._lease, self._seen = stored, time.monotonic()
            disk.put_whole(self.copy(self._lease_name, stored), self.lease.body)

    def _look_again(self) -> None:
        if not self.bucket.conditional or self.bucket.look(self._lease_name) != self._lease:
            self._list()
        self._seen = time.monotonic()

    def _list(self) -> None:
        began = time.time_ns()
        names = self.bucket.list(f"{self._source}/")
        self._lease = names.pop(self._lease_name, None)
        self._names, self._seen = names, time.monotonic()
        here = {self.copy(name, stored) for name, stored in names.items()}
        if self._lease is not None:
            here.add(self.copy(self._lease_name, self._lease))
        for copy in disk.files_below(self._copies, "**/*"):
            if copy not in here and disk.modified_ns(copy) < began:  # another process may have put it meanwhile
                disk.remove(copy)


def _machine(local: Path) -> str:
    """Names this machine and its state folder; a copied folder is another machine's by its host name."""
    path = local / "machine"
    with file_lock(local / "locks" / "machine.lock", wait_seconds=30, busy=f"{path} is being made"):
        if not path.is_file():
            disk.put_whole(path, os.urandom(16).hex().encode())
        return f"{socket.gethostname()} {disk.read_file(path).decode('ascii', 'replace')[:64]}"
