"""Puts what a takedown leaves of raw objects in their place: noted first, so that a kill in between is no damage."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from biglam_pipeline.records import StoredObject
from biglam_pipeline.store import disk
from biglam_pipeline.store.raw import RawShelf
from biglam_pipeline.store.redaction import NOTHING, replace_file, rewrite_batch
from biglam_pipeline.takedown.repacking import repack

_BLOCK = 1 << 20


@dataclass(slots=True)
class Erased:
    """What was done to raw objects."""

    copies: int = 0
    lost: set[str] = field(default_factory=set)
    """Files of which nothing is left."""
    left: dict[str, object] = field(default_factory=dict)
    """What still holds it, or may, in sentences, each once."""


@dataclass(slots=True)
class Change:
    """What is to be left of one object where it lies: member, or "" for itself -> a scratch file, or nothing."""

    held: StoredObject
    ids: set[str] = field(default_factory=set)
    left: dict[str, Path | None] = field(default_factory=dict)
    known: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What the reader must know of it as it came."""
    stretches: dict[int, tuple[int, Path]] = field(default_factory=dict)
    """Of a file that is cut: offset of a stretch -> its size, and the scratch file that takes its place."""


def replace_copies(raw: RawShelf, changes: Mapping[str, Change], scratch: Path, done: Erased) -> None:
    """Notes what may stand there from now on, then puts it there."""
    if not changes:
        return
    notes = raw.redactions
    batches: dict[str, dict[str, bytes | None]] = {}
    for name, change in changes.items():
        if change.stretches:
            change.left[""] = _whole(raw, change, scratch / f"whole-{hashlib.sha256(name.encode()).hexdigest()}")
        left = {member: disk.digest_file(path)[0] if path else NOTHING for member, path in change.left.items()}
        notes.note(change.held, left, change.ids, change.known)
    notes.save()
    for change in changes.values():
        held = change.held
        if not held.file:
            path = change.left[""]
            batches.setdefault(held.batch, {})[held.key] = disk.read_file(path) if path else None
        elif held.archive:
            _repack(raw, held.file, change.left, scratch, held.key)
        else:
            replace_file(raw.shelf, held.file, change.left[""])
        done.lost |= {f"{held.key}/{member}".rstrip("/") for member, path in change.left.items() if path is None}
    for batch, contents in batches.items():
        rewrite_batch(raw.shelf, batch, contents)
    notes.pending.clear()
    notes.save()
    done.copies += len(changes)


def _whole(raw: RawShelf, change: Change, path: Path) -> Path:
    """The file with its stretches replaced, in one scratch file."""
    with raw.open_file(change.held) as stream:
        disk.write_stream(path, _blocks(stream, change.stretches))
    return path


def _blocks(stream: BinaryIO, stretches: Mapping[int, tuple[int, Path]]) -> Iterator[bytes]:
    for offset, (size, path) in sorted(stretches.items()):
        while left := offset - stream.tell():
            yield stream.read(min(left, _BLOCK))
        yield disk.read_file(path)
        stream.seek(offset + size)
    yield from iter(lambda: stream.read(_BLOCK), b"")


def _repack(raw: RawShelf, file: str, left: Mapping[str, Path | None], scratch: Path, name: str) -> None:
    target, names = scratch / "repacked", raw.surveys.names(file.removeprefix("files/"))
    repack(raw.shelf.local(file), target, left, name, names)
    replace_file(raw.shelf, file, target)


def finish_replacing(raw: RawShelf) -> None:
    """What a killed run had noted as gone is made so: it is not read any more, so that no search would find it."""
    notes = raw.redactions
    for name in sorted(notes.pending):
        copy = notes.copies[name]
        batch, _, key = name.partition("#")
        gone: dict[str, Path | None] = {member: None for member, left in copy.members.items() if left[-1] == NOTHING}
        if key and copy.left[-1] == NOTHING:
            rewrite_batch(raw.shelf, batch, {key: None})
        elif not key and copy.left[-1:] == [NOTHING]:
            replace_file(raw.shelf, name, None)
        elif gone:
            with raw.shelf.scratch() as scratch:
                _repack(raw, name, gone, scratch, name)
    if notes.pending:
        notes.unsure |= notes.pending
        notes.searched = ""  # what was to be blanked may stand there as it came: everything is searched again
        notes.pending.clear()
        notes.save()
