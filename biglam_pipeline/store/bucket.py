"""Objects at an address, through fsspec: listed, fetched, put, moved, deleted; with conditions see `store.s3`.

https://filesystem-spec.readthedocs.io/en/latest/api.html#fsspec.spec.AbstractFileSystem
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from biglam_pipeline.errors import ConfigError, ServerBusy
from biglam_pipeline.store import disk

BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class Stored:
    """An object as it was listed: what tells a changed one, and bytes."""

    etag: str
    size: int


@dataclass(frozen=True, slots=True)
class OlderVersions:
    """Older versions of objects that the storage keeps, and how a person removes each for good."""

    versions: tuple[tuple[str, str], ...] = ()
    """Key and version."""
    commands: tuple[str, ...] = ()
    """One a version."""
    doubt: str = ""
    """Why nobody can say whether there are any; with the command that would."""


class Bucket:
    """Objects whose names start with an address. Names are `/`-separated and relative to it."""

    conditional = False
    """Whether `move` is a condition of the storage itself, which holds between machines."""

    def __init__(self, url: str) -> None:
        """url: any address that an installed fsspec driver knows. ConfigError where none does."""
        import fsspec  # a fifth of what a process that reads texts imports, and few shelves are not on a disk

        self.url = url
        try:
            self._files, root = fsspec.core.url_to_fs(url, use_listings_cache=False)
        except (ImportError, ValueError) as cause:
            raise ConfigError(f"BIGLAM_HOME={url}: {cause}; install the fsspec driver for it") from cause
        self._root = root.rstrip("/")

    def list(self, prefix: str) -> dict[str, Stored]:
        """Name -> object of all below a folder."""
        with self._answering(prefix):
            self._files.invalidate_cache()
            found = self._files.find(self._path(prefix).rstrip("/"), detail=True)
        base = f"{self._root}/"
        return {path.removeprefix(base): _stored(info) for path, info in found.items()}

    def folders(self, prefix: str) -> set[str]:
        """Names of the folders in a folder."""
        try:
            with self._answering(prefix):
                self._files.invalidate_cache()
                found = self._files.ls(self._path(prefix).rstrip("/"), detail=True)
        except FileNotFoundError:
            return set()
        return {one["name"].rstrip("/").rpartition("/")[2] for one in found if one["type"] == "directory"}

    def look(self, name: str) -> Stored | None:
        """One object as it is now; None where there is none."""
        try:
            with self._answering(name):
                return _stored(self._files.info(self._path(name)))
        except FileNotFoundError:
            return None

    def fetch(self, name: str, stored: Stored, target: Path) -> bool:
        """Copies an object to a file; False where it is not what was listed. FileNotFoundError where it is gone."""
        with self._answering(name):
            data = self._files.cat_file(self._path(name))
        if len(data) != stored.size:
            return False
        disk.put_whole(target, data)
        return True

    def put(self, name: str, data: bytes | memoryview | Path) -> Stored:
        """Puts an object whole."""
        with self._answering(name):
            if isinstance(data, Path):
                self._files.put_file(str(data), self._path(name))
            else:
                self._files.pipe_file(self._path(name), bytes(data))
        found = self.look(name)
        if found is None:
            raise self._busy(name, "it was put, and is not there")
        return found

    def move(self, name: str, expected: Stored | None, data: bytes) -> Stored | None:
        """Puts an object in the place of the expected one (None: of none); None where another stands there."""
        return self.put(name, data) if self.look(name) == expected else None

    def delete(self, name: str) -> None:
        """Takes an object away."""
        try:
            with self._answering(name):
                self._files.rm_file(self._path(name))
        except FileNotFoundError:
            return

    def age_seconds(self, name: str) -> float:
        """How long ago an object was put, by the storage's own clock; only of storage with conditions."""
        raise NotImplementedError(name)

    def kept(self, prefix: str) -> OlderVersions:
        """Older versions that are kept below a folder."""
        doubt = f"whether {self.url} keeps older versions of its files cannot be asked through this driver; look there"
        return OlderVersions(doubt=doubt)

    def _path(self, name: str) -> str:
        return f"{self._root}/{name}"

    @contextmanager
    def _answering(self, name: str) -> Iterator[None]:
        """What any driver says when it cannot: where, and what a person does about it."""
        try:
            yield
        except (FileNotFoundError, ConfigError, ServerBusy):
            raise
        except PermissionError as cause:
            raise ConfigError(
                f"{self.url}: access to {name} is denied ({cause}); mend the driver's credentials"
            ) from cause
        except OSError as cause:
            raise self._busy(name, str(cause)) from cause

    def _busy(self, name: str, why: str) -> ServerBusy:
        return ServerBusy(f"{self.url}: {name} cannot be had now: {why}; run again later", retry_after_seconds=60)


def _stored(info: dict[str, Any]) -> Stored:
    # Drivers name it differently: ETag (s3fs), etag (gcsfs, adlfs), created (memory), mtime (local).
    reported = next((info[key] for key in ("ETag", "etag", "created", "mtime") if info.get(key)), "")
    # The memory driver lists seconds and, asked for one object, says a moment.
    return Stored(str(reported.timestamp() if isinstance(reported, datetime) else reported), int(info.get("size") or 0))


def blocks_of(read: Any) -> Iterable[bytes]:
    """Blocks of a stream, as `read(bytes)` gives them."""
    while block := read(BLOCK):
        yield block
