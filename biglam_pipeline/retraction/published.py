"""What a repository holds at one commit, whatever the shelves say: its manifest, its parts, and which rows must go."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import BinaryIO

import pyarrow as pa

from biglam_pipeline.columns import DUPLICATES, FIRST_SEEN, Column
from biglam_pipeline.context import Named, RunContext
from biglam_pipeline.errors import BiglamError, ConfigError, ServerBusy, SourceChanged
from biglam_pipeline.normalize.rows.keys import copy_key
from biglam_pipeline.publish.draft import MANIFEST, Release
from biglam_pipeline.releasing.remembered import last_release
from biglam_pipeline.source import Source
from biglam_pipeline.store import disk
from biglam_pipeline.store.cutting import ids_of, rows_titled
from biglam_pipeline.store.parts import Manifest, decode
from biglam_pipeline.takedown import Ledger

log = logging.getLogger(__name__)

DAMAGE = (BiglamError, pa.ArrowException, OSError, ValueError, KeyError, TypeError)
"""How a file shows that it is not what was shelved: by its name, or by what a reader of it says."""
_ADDED = {column.name for column in (FIRST_SEEN, *DUPLICATES)}


@dataclass(slots=True)
class Published:
    """What the repository holds at one commit."""

    repository: str
    commit: str
    manifest: Manifest
    files: dict[str, tuple[int, str]]
    """Path -> size and sha256 of everything in it."""
    bytes_of: Callable[[str], Path]
    """A local file with the bytes of a part; path in the repository."""
    light: Callable[[str], Path | BinaryIO]
    """The same, or a stream of which only what is read comes over the wire."""
    copies: set[str] = field(default_factory=set)
    """Ids of rows that are equal to one that is named in the ledger."""
    with_it: set[str] = field(default_factory=set)
    """Ids of rows that are made of what is named, or hold something of it."""
    parts: list[str] = field(default_factory=list)
    """Paths of the data files with ids."""
    left: list[str] = field(default_factory=list)
    """What could not be looked into, in sentences."""

    @property
    def data(self) -> list[str]:
        """The paths of all that readers take for data."""
        return sorted(path for path, (_, sha256) in self.files.items() if path.startswith("data/") and sha256)


def last_published(run: RunContext, source: Named) -> Release | None:
    """What was published last, as the shelf notes it; where that was lost or is damaged, as the repository itself says:
    that of the entry, or without one the owner's of this name.
    """
    try:
        released = last_release(run, source)
    except DAMAGE as damage:
        log.warning(
            "%s: what was published last cannot be read, and is asked of the repository: %s", source.name, damage
        )
        run.shelf.at(f"{source.name}/hub").delete("release.json")
        released = None
    if released is not None:
        return released
    hub = run.hub
    repository = run.repository(source) if isinstance(source, Source) else f"{run.owner}/{source.name}"
    try:
        commit = hub.head(repository)
        if commit is None or MANIFEST not in hub.listing(repository, commit):
            return None
        manifest = _manifest(run, repository, commit)
        if manifest.source != source.name:
            return None
        shown = hub.visibility(repository)
    except (ConfigError, ServerBusy) as why:
        log.info("%s: whether it was published before was not asked: %s", source.name, why)
        return None
    url = hub.url(repository, commit)
    return Release(
        repository,
        content="",
        commit=commit,
        tag="",
        rows=manifest.tally.published,
        url=url,
        visibility=shown,
        taken_down=manifest.tally.taken_down,
        takedowns=manifest.takedowns,
    )


def _manifest(run: RunContext, repository: str, *commits: str) -> Manifest:
    """As the first of these commits has it that has one: somebody may have edited or deleted it by hand since."""
    why = "it is not there"
    for commit in filter(None, commits):
        if MANIFEST not in run.hub.ids(repository, commit):
            continue
        with run.hub.open(repository, commit, MANIFEST) as stream:
            data = stream.read()
        try:
            return decode(data)
        except (ValueError, KeyError, TypeError, AttributeError) as cause:
            why = f"it cannot be read: {cause!r}"
    raise SourceChanged(
        f"{repository}: {MANIFEST}, which says what of its files is ours: {why}; restore it there from the last "
        "release, or take the record out by hand"
    )


def look_at(run: RunContext, source: Named, repository: str, scratch: Path, before: str = "") -> Published:
    """before: commit of the last release, whose manifest counts where somebody damaged it since."""
    hub, shards = run.hub, run.shards(source)
    commit = hub.head(repository)
    files = hub.listing(repository, commit) if commit else {}
    if commit is None:
        raise SourceChanged(f"{repository} is not there, or this token may not see it; look whether it was moved")
    manifest = _manifest(run, repository, commit, before)
    if manifest.source != source.name:
        raise SourceChanged(f"{repository} holds the source `{manifest.source}`, not `{source.name}`")
    known = {part.path: part for part in manifest.parts}

    @cache
    def local(path: str) -> Path | None:
        part, sha256 = known.get(path), files[path][1]
        if part is None or not shards.shelf.exists(part.file):
            return None
        return shards.path(part) if shards.digest(part)[0] == sha256 else None

    def bytes_of(path: str) -> Path:
        there, copy = local(path), scratch / files[path][1]
        if there is None and disk.look(copy) is None:
            with hub.open(repository, commit, path) as stream:
                disk.write_stream(copy, iter(lambda: stream.read(1 << 20), b""))
        return there or copy

    def light(path: str) -> Path | BinaryIO:
        return local(path) or hub.open(repository, commit, path)

    return Published(repository, commit, manifest, files, bytes_of, light)


def parts_with(run: RunContext, source: Named, repository: str, names: set[str]) -> dict[str, tuple[int, int]]:
    """Path, rows and size of the published parts that hold one of these ids; of them, only the ids are read."""
    with run.shelf.at(f"{source.name}/shards").scratch() as scratch:
        found = look_at(run, source, repository, scratch)
        rows = {part.path: part.rows for part in found.manifest.parts}
        rows_to_go(found, Ledger(), search=False)
        return {
            path: (rows.get(path, 0), found.files[path][0])
            for path in found.parts
            if names & set(ids_of(found.light(path))["id"].drop_nulls())
        }


def rows_to_go(found: Published, ledger: Ledger, *, search: bool) -> set[str]:
    """The ids of the rows that go."""
    named: dict[str, set[str]] = {}
    along = set[str]()
    plain = sorted(path for path, (_, sha256) in found.files.items() if path.startswith("data/") and not sha256)
    found.left += [
        f"{path} of {found.repository} is no part of ours and was not searched (it is no large file); take the "
        "record out of it there"
        for path in plain
    ]
    for path in found.data:
        try:
            ids = ids_of(found.light(path))
        except (pa.ArrowException, OSError) as why:
            found.left.append(f"{path} of {found.repository} is no part of ours and was not searched ({why})")
            continue
        found.parts.append(path)
        there = ids["id"].drop_nulls().to_list()
        named[path] = ledger.among(there)
        along |= found.with_it.intersection(there)
    gone = {one for some in named.values() for one in some}
    if search and gone:
        found.copies = _copies(found, named, gone)
    return gone | found.copies | along


def _copies(found: Published, named: dict[str, set[str]], gone: set[str]) -> set[str]:
    """Rows equal to one of these in everything but identifiers and parent, by the rule of `normalize.keys`."""
    mine = [
        (row, path)
        for path, some in named.items()
        if some
        for row in rows_titled(found.bytes_of(path), None)
        if row["id"] in some
    ]
    keys, titles = {_key(row) for row, _ in mine} - {None}, {row["title"] for row, _ in mine}
    return {
        str(row["id"])
        for path in named
        for row in rows_titled(found.light(path), titles)
        if row["id"] not in gone and _key(row) in keys
    }


def _key(row: dict[str, object]) -> bytes | None:
    columns = [Column(name, pa.null(), "") for name in row if name not in _ADDED]
    try:
        return copy_key(row, columns)
    except StopIteration:  # of none of our kinds
        return None
