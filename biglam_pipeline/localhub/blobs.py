"""Where are whole files kept? Under their sha256, once, whoever sent them."""

import hashlib
from pathlib import Path

from biglam_pipeline.localhub.state import StateFolder


def git_oid(data: bytes) -> str:
    """The name git gives to a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()


def lfs_pointer(sha256: str, size: int) -> bytes:
    """The text that git keeps in place of a large file."""
    return f"version https://git-lfs.github.com/spec/v1\noid sha256:{sha256}\nsize {size}\n".encode()


class Blobs:
    """Files by content: written once, never changed, removed when nothing names them."""

    def __init__(self, state: StateFolder) -> None:
        self._state = state
        self._root = state.root / "blobs" / "sha256"

    def path(self, sha256: str) -> Path:
        """Where the blob is or would be."""
        return self._root / sha256[:2] / sha256

    def size(self, sha256: str) -> int | None:
        """Bytes of a blob, or None where it is not here."""
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def put(self, data: bytes) -> str:
        """Keep these bytes; returns their sha256."""
        sha256 = hashlib.sha256(data).hexdigest()
        if self.size(sha256) is None:
            self._state.write(self.path(sha256), data)
        return sha256

    def put_file(self, scratch: Path, sha256: str) -> None:
        """Keep a scratch file, which is moved, if it has this sha256; ValueError otherwise."""
        with scratch.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != sha256:
            raise ValueError(f"the content has sha256 {found}, not {sha256}")
        if self.size(sha256) is None:
            self._state.move_in(scratch, self.path(sha256))

    def remove(self, sha256: str) -> None:
        """Forget a blob."""
        self._state.remove(self.path(sha256))

    def read(self, sha256: str) -> bytes:
        """The whole blob."""
        return self.path(sha256).read_bytes()
