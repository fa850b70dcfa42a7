"""What an archive itself lists, read to its end: where files were packed only to travel, what is in them is not opened.

Beside `surveying`, for which an archive is data, and an archive in it a folder.
"""

import contextlib
import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.archives.entries import BROKEN, STEP, Bounds, Entry, Tap, failure, faults
from biglam_pipeline.parsing.archives.opening import open_on_disk
from biglam_pipeline.store import disk


@dataclass(frozen=True, slots=True)
class Packed:
    """One entry: a file with its digest, a link with its target, or why it cannot be had."""

    name: str
    size: int = 0
    sha256: str = ""
    head: bytes = b""
    target: str | None = None
    """Of a link, as `entries.Entry.target`."""
    trouble: tuple[str, str] | None = None
    """Reason, and cause with remedy."""


def listing(path: Path, name: str, names: str, head_bytes: Callable[[str], int]) -> Iterator[Packed]:
    """Every entry, in the archive's order; folders are none. ObjectFailed, at its end or before, where the archive is
    not whole: nothing of it is good until the last came.

    name: what the archive is called; names: the encoding of names in it, or ""; head_bytes: so many first bytes are
    kept of an entry, by its name.
    """
    with faults(name), contextlib.ExitStack() as stack:
        opened = open_on_disk(path, name, names, stack)
        bounds = Bounds(disk.size_of(path))
        for entry in opened.entries:
            bounds.count()
            try:
                packed = _packed(entry, head_bytes(entry.name), bounds)
            except (*BROKEN, ObjectFailed) as error:
                reason, detail = failure(error)
                if opened.broken() or reason == "too_large":
                    raise
                packed = Packed(entry.name, trouble=(reason, detail))
            yield packed


def _packed(entry: Entry, head_bytes: int, bounds: Bounds) -> Packed:
    if entry.kind == "link":
        return Packed(entry.name, target=entry.target)
    if entry.read is None:
        return Packed(entry.name, trouble=(entry.reason, entry.detail))
    digest, size = hashlib.sha256(), 0
    with contextlib.closing(Tap(entry.read())) as tap:
        head = tap.peek(head_bytes)
        while block := tap.read(STEP):
            digest.update(block)
            size += len(block)
            bounds.spend(len(block))
    return Packed(entry.name, size, digest.hexdigest(), head)
