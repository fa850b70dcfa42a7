"""Everything in a folder that somebody else filled: its files, and what is there and cannot be read."""

import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from heapq import merge
from operator import attrgetter
from pathlib import Path, PurePosixPath
from typing import Literal

from biglam_pipeline.store.disk import Found
from biglam_pipeline.store.found_files import FoundFiles

Trouble = Literal["refused", "leaves", "dangles", "circle", "device"]
_MOST_LINKS = 40
"""Folders that are entered through links in one another, as Linux has it for one path (ELOOP)."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """Something in the folder that cannot be read."""

    name: str
    path: Path
    trouble: Trouble
    folder: bool = False
    """Whether it may hold several files."""


@dataclass(slots=True)
class Walked:
    """Where every name in a folder has gone: a file, blocked, or a count of `litter` or `linked`."""

    files: FoundFiles = field(default_factory=FoundFiles)
    blocked: list[Blocked] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        """Files, and what cannot be read."""
        return len(self.files) + len(self.blocked)

    def __iter__(self) -> Iterator[Found | Blocked]:
        """All of them, by name."""
        return merge(self.files, self.blocked, key=attrgetter("name")) if self.blocked else iter(self.files)

    def names(self) -> Iterator[str]:
        """Their names, in the same order."""
        return merge(self.files.names(), (one.name for one in self.blocked)) if self.blocked else self.files.names()


class Walk:
    """One walk through a folder. A file counts once, under its own path; links to inside are other names of it."""

    def __init__(
        self,
        *,
        litter: Callable[[str], bool],
        chosen: Callable[[str], bool],
        decode: Callable[[bytes], tuple[str, bool]],
    ) -> None:
        """litter: is a file of this name no data; chosen: is it asked for; decode: a name's bytes as text, and whether
        that was a guess.
        """
        self._litter, self._chosen, self._decode = litter, chosen, decode
        self._found = Walked()
        self._seen: set[str] = set()
        """Real paths of folders and litter that were looked at, and once links are followed of files too: without
        links nothing has two names."""
        self._follows = False
        self._again: set[str] = set()
        """Folders that were entered through a link as well."""
        self._unchosen = False
        self._links: list[tuple[str, str]] = []

    def through(self, folder: Path) -> Walked:
        """All files below a folder, by name."""
        root = os.path.realpath(folder)
        self._enter(root, "")
        if self._links:
            self._follows = True
            self._seen.update(self._found.files.paths())
        for _ in range(_MOST_LINKS):
            links, self._links = sorted(self._links), []
            for name, path in links:
                self._follow(root, name, path)
            if not self._links:
                break
        self._found.files.sort()
        self._found.blocked.sort(key=lambda one: one.name)
        return self._found

    def _enter(self, folder: str, prefix: str) -> None:
        waiting = [(folder, prefix)]
        while waiting:
            path, before = waiting.pop()
            self._seen.add(path)
            for entry in self._entries(path, before):
                name = self._name(before, entry)
                if entry.is_dir(follow_symlinks=False):
                    if not self._litter(f"{name}/x"):
                        waiting.append((entry.path, f"{name}/"))
                    elif self._is_new(entry.path):
                        self._found.counts["litter"] += _count(entry.path)
                elif self._litter(name):
                    self._found.counts["litter"] += self._is_new(entry.path)
                else:
                    self._look(entry, name)

    def _entries(self, path: str, before: str) -> Iterator[os.DirEntry[str]]:
        """What is in a folder, one by one: it may be a million in one."""
        try:
            with os.scandir(path) as entries:
                yield from entries
        except FileNotFoundError:  # it went away meanwhile
            pass
        except OSError:
            self._block(before.rstrip("/"), path, "refused", folder=True)

    def _is_new(self, path: str) -> bool:
        new = path not in self._seen
        self._seen.add(path)
        return new

    def _name(self, before: str, entry: os.DirEntry[str]) -> str:
        own, guessed = self._decode(os.fsencode(entry.name))
        self._found.counts.update({"names_guessed": 1} if guessed else {})
        return before + own

    def _look(self, entry: os.DirEntry[str], name: str) -> None:
        if entry.is_symlink():
            self._links.append((name, entry.path))
        elif not entry.is_file(follow_symlinks=False):
            self._block(name, entry.path, "device")
        else:
            self._take(name, entry.path)

    def _take(self, name: str, path: str) -> None:
        if not self._chosen(name):
            self._unchosen = True
            return
        if self._follows and path in self._seen:
            return
        try:
            state = os.stat(path)  # noqa: PTH116  # a Path each would cost more than the call
        except FileNotFoundError:  # it went away while the folder was walked: so it is not there
            return
        except OSError:
            self._block(name, path, "refused")
            return
        if self._follows:
            self._seen.add(path)
        self._found.files.add(name, path, state.st_size, state.st_mtime_ns, state.st_ctime_ns)

    def _block(self, name: str, path: str, trouble: Trouble, *, folder: bool = False) -> None:
        if (folder or self._chosen(name)) and self._is_new(f"{path}\0"):
            self._found.blocked.append(Blocked(name, Path(path), trouble, folder))

    def _follow(self, root: str, name: str, path: str) -> None:
        """A link that stays inside adds what is not there under a path of its own; one that does not is blocked."""
        end, trouble = where_it_leads(path)
        if trouble is None and end != root and not end.startswith(root.rstrip(os.sep) + os.sep):
            trouble = "leaves"
        if trouble is not None:
            # What a dangling link without an extension was, a file or a folder, nobody can say any more.
            may_hold = Path(end).is_dir() if trouble == "leaves" else not PurePosixPath(name).suffix
            self._block(name, path, trouble, folder=may_hold)
        elif Path(end).is_dir():
            self._found.counts["linked"] += 1
            # Under its own path all of it was chosen already, or else it may be so under this one.
            if (end not in self._seen or self._unchosen) and end not in self._again:
                self._again.add(end)
                self._enter(end, f"{name}/")
        elif end in self._seen:
            self._found.counts["linked"] += 1
        elif Path(end).is_file():
            self._take(name, end)
        else:
            self._block(name, path, "device")


def where_it_leads(path: str | Path) -> tuple[str, Trouble | None]:
    """The real path at which a name ends, and what is wrong with it."""
    try:
        return os.path.realpath(path, strict=True), None
    except FileNotFoundError:
        return os.path.realpath(path), "dangles"
    except PermissionError:
        return os.path.realpath(path), "refused"
    except OSError:  # ELOOP; or a file where a folder should be
        return os.path.realpath(path), "circle"


def alone(path: Path) -> Found | Blocked | None:
    """One file or folder that is named by itself, by the same rule: a link may lead to its neighbour, and not away.

    None where nothing of the name is there. A folder is Found with size 0.
    """
    if not os.path.lexists(path):
        return None
    if path.is_symlink():
        end, trouble = where_it_leads(path)
        if trouble is None and Path(end).parent != path.parent.resolve():
            trouble = "leaves"
        if trouble is not None:
            return Blocked(path.name, path, trouble)
    try:
        state = path.stat()
    except PermissionError:
        return Blocked(path.name, path, "refused")
    if path.is_dir():
        return Found(path.name, path, 0, state.st_mtime_ns, state.st_ctime_ns)
    found = Found(path.name, path, state.st_size, state.st_mtime_ns, state.st_ctime_ns)
    return found if path.is_file() else None


def _count(folder: str) -> int:
    """Files and links below a folder; `os.walk` has links to folders among the folders."""
    return sum(
        len(files) + sum(Path(path, name).is_symlink() for name in folders) for path, folders, files in os.walk(folder)
    )
