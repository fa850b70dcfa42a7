"""What the addresses of an entry name on this machine: gone through again and again, never kept as objects."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from biglam_pipeline.harvest.keys import UniqueKeys
from biglam_pipeline.records import Missing
from biglam_pipeline.store import disk
from biglam_pipeline.store.walking import Blocked, Walked


@dataclass(frozen=True, slots=True)
class NamedFile:
    """One file, or what is there in the place of one."""

    url: str
    """As sources.yaml would write it: no path of this machine unless a person wrote one."""
    file: disk.Found | Blocked


@dataclass(slots=True)
class _Group:
    """What one address names."""

    url: str
    """The address, of a folder with what stands before each name."""
    found: Walked | disk.Found | Blocked
    root: Path
    """Where it really lies."""
    linked: frozenset[int] = frozenset()
    """Numbers of files that another address names too."""

    def names(self) -> Iterator[tuple[str, str]]:
        """Name and address of each."""
        folder = isinstance(self.found, Walked)
        names = self.found.names() if isinstance(self.found, Walked) else [self.found.name]
        for number, name in enumerate(names):
            if number not in self.linked:
                yield name, self.url + name if folder else self.url

    def files(self) -> Iterator[disk.Found | Blocked]:
        """All of them, also those that are linked."""
        return iter(self.found) if isinstance(self.found, Walked) else iter([self.found])

    def link(self, others: list["_Group"]) -> None:
        """Leaves out what others name: all of it may be, where one lies in the other; else what leads out of it."""
        beside = [one for one in others if self.root in (one.root, *one.root.parents) or one.root in self.root.parents]
        outside = [] if beside else [one for one in self.files() if isinstance(one, Blocked)]
        ends = [one.path.resolve() for one in outside]
        beside += [one for one in others if any(one.root in (end, *end.parents) for end in ends)]
        met = {one.path.resolve() for group in beside for one in group.files()}
        if met:
            checked = enumerate(self.files())
            self.linked = frozenset(number for number, one in checked if one.path.resolve() in met)

    def __len__(self) -> int:
        return (len(self.found) if isinstance(self.found, Walked) else 1) - len(self.linked)

    def __iter__(self) -> Iterator[NamedFile]:
        inside = self.url if isinstance(self.found, Walked) else ""
        for number, one in enumerate(self.files()):
            if number not in self.linked:
                yield NamedFile(inside + one.name if inside else self.url, one)


@dataclass(slots=True)
class Seen:
    """What all addresses together name, in their order."""

    groups: list[_Group] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)

    def add(self, url: str, found: Walked | disk.Found | Blocked, path: Path) -> None:
        """What one address names, without what was named already.

        url: the address, of a folder with what stands before each name; path: where that is.
        """
        group = _Group(url, found, path.resolve())
        group.link(self.groups)
        self.left_out["linked"] += len(group.linked)
        self.groups.append(group)

    def keys(self) -> UniqueKeys:
        """What each is called: by its name, or where another has that too, by its path as it is written."""
        return UniqueKeys(
            lambda: (name for group in self.groups for name, _ in group.names()),
            lambda: (url.removeprefix("file:").lstrip("/") for group in self.groups for _, url in group.names()),
        )

    def __len__(self) -> int:
        """How many."""
        return sum(map(len, self.groups))

    def __iter__(self) -> Iterator[NamedFile]:
        """One by one."""
        for group in self.groups:
            yield from group
