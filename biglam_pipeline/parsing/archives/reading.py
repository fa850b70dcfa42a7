"""The bytes of members, by the names that the survey gave them."""

import contextlib
from collections.abc import Callable, Collection, Generator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from biglam_pipeline.errors import ObjectFailed, ShelfDamaged
from biglam_pipeline.parsing.archives.entries import BROKEN, STEP, Bounds, Bytes, Entry, Opened, Tap, failure, faults
from biglam_pipeline.parsing.archives.opening import open_inside, open_on_disk, stream_of
from biglam_pipeline.store import disk

_GONE = "harvest the source again"


def read_members(
    path: Path,
    members: Collection[str],
    name: str = "",
    names: str = "",
    good: Callable[[str, bytes], bool] = lambda member, content: True,
) -> Generator[tuple[str, bytes], None, None]:
    """The chosen members with their bytes, in the archive's order and in one pass.

    good: of several members of one name, is this the one that the survey took? ShelfDamaged where one is not there.
    """
    wanted = set(members)
    with faults(name or path.name), contextlib.ExitStack() as stack:
        for found, read in _files(path, name, names, wanted, stack) if wanted else ():
            content = _try(read)
            if content is not None and good(found, content):
                wanted.discard(found)
                yield found, content
            if not wanted:
                break
    if wanted:
        raise ShelfDamaged(f"{name or path.name}: has no member {min(wanted)!r}; {_GONE}")


def open_member(path: Path, member: str, name: str = "", names: str = "", *, last: bool = False) -> BinaryIO:
    """A stream of one member, for those too big to hold. Closing it closes the archive.

    last: of several of one name the last one, as in a TAR that was appended to; the archive is then passed twice.
    """
    place = 1
    if last:
        with faults(name or path.name), contextlib.ExitStack() as stack:
            place = max(1, sum(1 for _ in _files(path, name, names, {member}, stack)))
    with contextlib.ExitStack() as stack:
        with faults(name or path.name):
            files = stack.enter_context(contextlib.closing(_files(path, name, names, {member}, stack)))
            for number, (_, read) in enumerate(files, 1):
                if number == place:
                    source = stack.enter_context(contextlib.closing(read()))
                    return stream_of(source, stack.pop_all())
        raise ShelfDamaged(f"{name or path.name}: has no member {member!r}; {_GONE}")


def inside_of(path: Path, members: Collection[str], name: str = "", names: str = "") -> dict[str, list[str]]:
    """Those of the members that stand in an archive in this one: its name -> their names in it."""
    found: dict[str, list[str]] = {}
    with faults(name or path.name), contextlib.ExitStack() as stack:
        opened = _called(open_on_disk(path, name or path.name, names, stack), members)
        there = {entry.name for entry in opened.entries if entry.read is not None}
    for member in members:
        parts = member.split("/")
        fronts = ["/".join(parts[:at]) for at in range(1, len(parts))]
        front = "" if member in there else next((one for one in fronts if one in there), "")
        if front:
            found.setdefault(front, []).append(member[len(front) + 1 :])
    return found


def _called(opened: Opened, members: Collection[str]) -> Opened:
    """On the shelf a compressed file has a digest for a name: what its one member is called, who asks knows."""
    if not opened.alone or not members:
        return opened
    called = next(iter(members)).partition("/")[0]
    return replace(opened, entries=(replace(entry, name=called) for entry in opened.entries))


class ZipMembers(contextlib.ExitStack):
    """Chosen members of one ZIP, in any order, while it is open; none of those in archives inside it."""

    def __init__(self, path: Path, members: Collection[str], names: str = "") -> None:
        """ObjectFailed where the archive is not whole."""
        super().__init__()
        self._name = path.name
        with faults(self._name), contextlib.ExitStack() as stack:
            opened = open_on_disk(path, self._name, names, stack)
            chosen = set(members)
            self._read: dict[str, list[Callable[[], Bytes]]] = {}
            for entry in opened.entries:
                if entry.read is not None and entry.name in chosen:
                    self._read.setdefault(entry.name, []).append(entry.read)
            self.enter_context(stack.pop_all())

    def __contains__(self, name: object) -> bool:
        """Is it a member of the ZIP itself?"""
        return name in self._read

    def read(self, name: str) -> bytes:
        """The bytes of a member; ShelfDamaged where it is not there, ObjectFailed where it is not whole."""
        if name not in self._read:
            raise ShelfDamaged(f"{self._name}: has no member {name!r}; {_GONE}")
        first, *others = self._read[name]
        for read in others:  # of two of a name, the first that can be read, as the survey has it
            if (content := _try(first)) is not None:
                return content
            first = read
        with faults(self._name):
            return _whole(first)


def _try(read: Callable[[], Bytes]) -> bytes | None:
    """The bytes of a member; None where it is damaged, for another of its name may be what was surveyed."""
    try:
        return _whole(read)
    except (*BROKEN, ObjectFailed) as error:
        failure(error)  # raises what is this machine's own trouble
        return None


def _whole(read: Callable[[], Bytes]) -> bytes:
    with contextlib.closing(read()) as stream:
        return b"".join(iter(lambda: stream.read(STEP), b""))


def _files(
    path: Path, name: str, names: str, wanted: Collection[str], stack: contextlib.ExitStack
) -> Generator[tuple[str, Callable[[], Bytes]], None, None]:
    """The wanted files of an archive and of those in it, each to be read before the next is asked for."""
    opened = _called(open_on_disk(path, name or path.name, names, stack), wanted)
    yield from _Walk(path.parent, names, wanted, Bounds(disk.size_of(path))).files(opened, "")


class _Walk:
    """The way through an archive and those in it, to some names."""

    def __init__(self, folder: Path, names: str, wanted: Collection[str], bounds: Bounds) -> None:
        self._folder, self._names, self._wanted, self._bounds = folder, names, wanted, bounds
        self._above = {
            "/".join(parts[:at]) for one in wanted if (parts := one.split("/")) for at in range(1, len(parts))
        }

    def files(self, opened: Opened, prefix: str) -> Iterator[tuple[str, Callable[[], Bytes]]]:
        for entry in opened.entries:
            name = prefix + entry.name
            if entry.read is None:
                continue
            if name in self._wanted:
                yield name, entry.read
            elif name in self._above:
                yield from self._inside(entry, opened, name)

    def _inside(self, entry: Entry, opened: Opened, name: str) -> Iterator[tuple[str, Callable[[], Bytes]]]:
        assert entry.read is not None
        with contextlib.ExitStack() as stack:
            tap = stack.enter_context(contextlib.closing(Tap(entry.read())))
            try:
                inner = open_inside(tap, name, self._names, stack, self._folder, self._bounds)
                yield from self.files(inner, f"{name}/")
            except (*BROKEN, ObjectFailed) as error:
                if opened.broken() or failure(error)[0] == "too_large":
                    raise
                # Its end is damaged, as the survey has said; what was wanted came, or is said to be gone.
