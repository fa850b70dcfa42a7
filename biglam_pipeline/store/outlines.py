"""What files were found to name, kept beside the raw shelf's batches and archives, so that nobody opens them again."""

import gzip
import hashlib
import json

from biglam_pipeline.store.reading import sound
from biglam_pipeline.store.shelf import Shelf

Outline = tuple[str, ...] | None
"""The addresses that a file names; None where it is none of the format's files."""


class Outlines:
    """Outlines by the digest of the file they are of, in one file for each batch or archive and each look at it."""

    def __init__(self, shelf: Shelf) -> None:
        """shelf: the raw shelf."""
        self._shelf = shelf
        self._names: dict[str, list[str]] = {}
        for name in shelf.list("outlines/"):
            self._names.setdefault(name.rpartition("-")[0], []).append(name)
        self._prefix = ""

    def read(self, key: str) -> dict[str, Outline]:
        """All that is known under this key: sha256 -> outline. `add` goes on with the same key."""
        self._prefix = f"outlines/{hashlib.sha256(key.encode()).hexdigest()[:32]}"
        found: dict[str, Outline] = {}
        for name in self._names.get(self._prefix, []):
            with sound(self._shelf, name):
                reported = json.loads(gzip.decompress(self._shelf.read(name)))
                found |= {sha256: None if one is None else tuple(one) for sha256, one in reported.items()}
        return found

    def add(self, found: dict[str, Outline]) -> None:
        """Keeps what was found of further files."""
        data = json.dumps(found, ensure_ascii=False, sort_keys=True).encode()
        name = f"{self._prefix}-{hashlib.sha256(data).hexdigest()[:16]}.json.gz"
        self._shelf.put(name, gzip.compress(data, mtime=0))
