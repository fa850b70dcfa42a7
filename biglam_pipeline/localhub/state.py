"""Where does the Hub keep what must survive, and how is it written so that a kill at any moment loses nothing?"""

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

LAYOUT = 1


class StateBusy(RuntimeError):
    """Another process serves this state folder; two writers would lose each other's commits."""


def holder_of(root: Path) -> str:
    """Who has the folder, or had it last."""
    try:
        return f"process {(root / 'lock').read_text('ascii', 'replace').strip() or 'unknown'}"
    except OSError:
        return "nobody"


class StateFolder:
    """A folder under an exclusive lock, for as long as this object is open.

    blobs/         files by their sha256
    xet/           the chunk store: xorbs, file records, sha256 to Xet hash
    pruning.json   what is being removed for good, while it is
    repositories/  one JSON a repository, its trees beside it
    tmp/           half-written files; emptied at every start
    """

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.root.mkdir(parents=True, exist_ok=True)
        self._lock = self._take_lock()
        self.tmp = self.root / "tmp"
        shutil.rmtree(self.tmp, ignore_errors=True)
        self.tmp.mkdir()
        self.id, self.secret = self._identity()

    def _take_lock(self) -> int:
        descriptor = os.open(self.root / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            raise StateBusy(f"{self.root} is already served by {holder_of(self.root)}") from error
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        return descriptor

    def _identity(self) -> tuple[str, str]:
        path = self.root / "hub.json"
        if not path.exists():
            document = {"layout": LAYOUT, "id": secrets.token_hex(8), "secret": secrets.token_hex(32)}
            self.write(path, json.dumps(document).encode())
            path.chmod(0o600)
        document = json.loads(path.read_bytes())
        if document.get("layout") != LAYOUT:
            raise RuntimeError(f"{path} has layout {document.get('layout')}, this program writes {LAYOUT}")
        return str(document["id"]), str(document["secret"])

    def close(self) -> None:
        """Give the folder back. Closing twice is harmless."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def scratch(self) -> Path:
        """A fresh name for a file being written, on the same file system as its final place."""
        return self.tmp / uuid.uuid4().hex

    def write(self, path: Path, data: bytes) -> None:
        """Write a whole file: after a kill either the old or the new content is there."""
        scratch = self.scratch()
        with scratch.open("wb") as file:
            file.write(data)
        self.move_in(scratch, path)

    def move_in(self, scratch: Path, path: Path) -> None:
        """Put a finished scratch file in its place, durably."""
        sync(scratch)
        path.parent.mkdir(parents=True, exist_ok=True)
        scratch.replace(path)
        sync(path.parent)

    def remove(self, path: Path) -> None:
        """Remove a file, durably; it may already be gone."""
        if path.exists():
            discard(path)
            sync(path.parent)


def free_bytes(path: Path) -> int:
    """What the disk below a folder has room for."""
    return shutil.disk_usage(path).free


def sync(path: Path) -> None:
    """Flush a file or a folder's entries to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_file(path: Path, start: int, end: int, step: int = 1 << 20) -> Iterator[bytes]:
    """The bytes [start, end) of a file, in pieces."""
    with path.open("rb") as file:
        file.seek(start)
        while start < end and (piece := file.read(min(step, end - start))):
            start += len(piece)
            yield piece


def discard(path: Path) -> None:
    """Remove a file that may already be gone."""
    with contextlib.suppress(FileNotFoundError):
        path.unlink()
