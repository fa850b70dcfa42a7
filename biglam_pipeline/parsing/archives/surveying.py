"""Reads an archive once, to its end: its members with digests, what cannot be had and why, and what is no data."""

import contextlib
import hashlib
from collections import Counter
from pathlib import Path

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.archives.entries import (
    BROKEN,
    MAX_DEPTH,
    MAX_RATIO,
    RATIO_FROM_BYTES,
    STEP,
    Bounds,
    Entry,
    Opened,
    Tap,
    failure,
    faults,
)
from biglam_pipeline.parsing.archives.kinds import HEAD_BYTES, opens_inside
from biglam_pipeline.parsing.archives.links import Circle, LeadsOut, resolve
from biglam_pipeline.parsing.archives.opening import open_inside, open_on_disk
from biglam_pipeline.parsing.litter import is_litter
from biglam_pipeline.records import LeftOut, Member, Survey
from biglam_pipeline.store import disk

VERSION = 2
"""Raised when the same archive would be surveyed otherwise: archives on the shelf are then looked at again."""


def survey(path: Path, name: str = "", names: str = "") -> Survey:
    """name: the archive's own name where the file on disk is called otherwise; names: the encoding of members' names
    that do not say theirs, or "".

    ObjectFailed where the archive as a whole cannot be read (`truncated`, `damaged`: its directory, or a stream that
    breaks off), or unpacks beyond all bounds (`too_large`). Every member is in exactly one place of the answer:
    `members`, `left_out`, or a count of `litter`, `linked` or `repeated`.
    """
    with faults(name or path.name), contextlib.ExitStack() as stack:
        opened = open_on_disk(path, name or path.name, names, stack)
        found = _Found(path.parent, names, Bounds(disk.size_of(path)))
        found.take(opened, "", 1)
        return Survey(tuple(found.members.values()), tuple(found.left_out), dict(found.counts))


class _Found:
    """What was found so far, in the archive and in those that stand in it."""

    def __init__(self, folder: Path, names: str, bounds: Bounds) -> None:
        self._folder, self._names, self._bounds = folder, names, bounds
        self.members: dict[str, Member] = {}
        self.left_out: list[LeftOut] = []
        self.counts: Counter[str] = Counter()
        self._times: Counter[str] = Counter()
        self._inside: set[str] = set()
        """Archives in the archive, by name."""

    def take(self, opened: Opened, prefix: str, depth: int) -> None:
        """All entries of one archive; prefix: the folder that it is, inside the outermost one."""
        links: dict[str, str] = {}
        for entry in opened.entries:
            self._bounds.count()
            name = prefix + entry.name
            self.counts["names_guessed"] += entry.guessed
            if is_litter(name):
                self.counts["litter"] += 1
            elif entry.kind == "left_out":
                self.left_out.append(LeftOut(name, entry.reason, entry.detail))
            else:
                if opened.later_holds:
                    self._give_way(name, entry.name, links)
                if entry.kind == "file":
                    self._take(entry, opened, prefix, depth, links)
                elif entry.name in links or name in self.members:
                    self._twice(name)
                else:
                    links[entry.name] = entry.target
        self.counts = +self.counts
        self._follow(links, prefix)

    def _take(self, entry: Entry, opened: Opened, prefix: str, depth: int, links: dict[str, str]) -> None:
        assert entry.read is not None
        name = prefix + entry.name
        try:
            with contextlib.closing(Tap(entry.read())) as tap:
                if opens_inside(entry.name, tap.peek(HEAD_BYTES)):
                    self._enter(tap, name, depth)
                elif entry.name in links:
                    self._twice(name)
                else:
                    self._keep(name, *self._digest(tap, entry))
        except (*BROKEN, ObjectFailed) as error:
            reason, detail = failure(error)
            if reason == "too_large":
                raise ObjectFailed("too_large", f"{name!r}: {detail}") from error
            if opened.broken():
                raise
            self.left_out.append(LeftOut(name, reason, detail))

    def _enter(self, tap: Tap, name: str, depth: int) -> None:
        """An archive in the archive is a folder."""
        if depth >= MAX_DEPTH:
            detail = (
                f"is an archive in {depth} others, and {MAX_DEPTH} in one another are read; unpack it, or ignore it"
            )
            raise ObjectFailed("too_deep", detail)
        with contextlib.ExitStack() as stack:
            self._inside.add(name)
            self.counts["archives_inside"] += 1
            self.take(open_inside(tap, name, self._names, stack, self._folder, self._bounds), f"{name}/", depth + 1)

    def _digest(self, tap: Tap, entry: Entry) -> tuple[int, str]:
        digest, size = hashlib.sha256(), 0
        while block := tap.read(STEP):
            digest.update(block)
            size += len(block)
            self._bounds.spend(len(block))
            if entry.packed_bytes and size > max(RATIO_FROM_BYTES, entry.packed_bytes * MAX_RATIO):
                raise ObjectFailed("too_large", f"unpacks to more than {size} bytes; that is a bomb, not data")
        return size, digest.hexdigest()

    def _keep(self, name: str, size: int, sha256: str) -> None:
        before = self.members.get(name)
        if before is None:
            self.members[name] = Member(name, size, sha256)
        elif before.sha256 == sha256:
            self.counts["repeated"] += 1
        else:
            self._twice(name)

    def _twice(self, name: str) -> None:
        detail = "is named twice with other content, so which is meant nobody knows; ask the custodian"
        self._times[name] += 1
        self.left_out.append(LeftOut(f"{name}~{self._times[name] + 1}", "named_twice", detail))

    def _give_way(self, name: str, own: str, links: dict[str, str]) -> None:
        """What stood in a TAR under the name of a later member is not there any more: so tar unpacks it."""
        gone = [name] if name in self.members else []
        if name in self._inside:
            gone += [one for one in self.members if one.startswith(f"{name}/")]
            self._inside.discard(name)
        for one in gone:
            del self.members[one]
        self.counts["repeated"] += len(gone) + (links.pop(own, None) is not None)

    def _follow(self, links: dict[str, str], prefix: str) -> None:
        """A link to something inside is a second name of it; one that leads out, or nowhere, is missing."""
        if not links:
            return
        there = {*self.members, *(one.name for one in self.left_out), *self._inside}
        there |= {folder for name in list(there) for folder in _folders(name)}
        for name, target in links.items():
            detail = f"is a link to {target.removeprefix('=')!r}, "
            try:
                end = prefix + resolve(name, target, links)
            except LeadsOut:
                detail += "which is outside of the archive"
            except Circle:
                detail += "which leads in a circle"
            else:
                if end in there or end == prefix:
                    self.counts["linked"] += 1
                    continue
                detail += "where nothing is that was read"
            self.left_out.append(LeftOut(prefix + name, "link", f"{detail}; ask the custodian for the file itself"))


def _folders(name: str) -> list[str]:
    parts = name.split("/")
    return ["/".join(parts[:length]) for length in range(1, len(parts))]
