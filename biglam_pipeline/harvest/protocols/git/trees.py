"""The files of a repository at a commit, as `git archive` packed them: which there are, and what is none.

https://git-scm.com/docs/git-archive: all stands in one folder, links are links, another repository inside (a submodule)
is an empty folder, and what .gitattributes marks with `export-ignore` is not there at all.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.harvest.protocols.git.pointers import LONGEST
from biglam_pipeline.parsing.archives.flat import Packed, listing
from biglam_pipeline.parsing.archives.links import Circle, LeadsOut, resolve
from biglam_pipeline.web.answer import POINTER

_MODULES, _ATTRIBUTES = ".gitmodules", ".gitattributes"
_READ_WHOLE = {_MODULES, _ATTRIBUTES}
_CONFIG_BYTES = 1_000_000
_SUBMODULE = re.compile(r"^[ \t]*path[ \t]*=[ \t]*\"?([^\"\n]+?)\"?[ \t]*$", re.MULTILINE)
"""https://git-scm.com/docs/gitmodules"""


@dataclass(slots=True)
class Tree:
    """What an archive holds, by path in the repository; its own top folder, which names the commit, is taken off."""

    top: str
    files: dict[str, Packed] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    """Path -> target."""
    troubles: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Path -> reason and detail of what cannot be had."""
    submodules: list[str] = field(default_factory=list)
    unexported: list[str] = field(default_factory=list)
    """Patterns of files that the archive leaves out."""
    has_attributes: bool = False
    """Whether the .gitattributes of its root, if there is one, is among the files."""

    def member(self, path: str) -> str:
        """Its name in the archive."""
        return f"{self.top}/{path}"


def read_tree(path: Path, name: str, commit: str, names: str) -> Tree:
    """path: the archive on disk; name: what it is called in messages. ObjectFailed where it is not whole, or of another
    commit.
    """
    entries = listing(path, name, names, lambda one: _CONFIG_BYTES if _last(one) in _READ_WHOLE else LONGEST)
    tree = Tree("")
    for one in entries:
        top, below, path_in = one.name.partition("/")
        if one.trouble is None:
            tree.top = tree.top or top
        if one.trouble is None and (not below or top != tree.top or not top.endswith(commit)):
            detail = f"{name}: holds {one.name!r}, and not commit {commit} alone; tell the host if it stays so"
            raise ObjectFailed("damaged", detail)
        _take(tree, path_in if top.endswith(commit) else one.name, one)
    if not tree.top:
        raise ObjectFailed("nothing", f"{name}: holds no file")
    return tree


def _take(tree: Tree, path: str, one: Packed) -> None:
    """Heads are kept of what may be a pointer alone: of a million files they would take a gigabyte."""
    if one.trouble is not None:
        tree.troubles[path] = one.trouble
    elif path in tree.files or path in tree.links:
        detail = "is in the archive twice, so which is meant nobody knows; ask its owner"
        tree.troubles[f"{path}~2"] = ("named_twice", detail)
    elif one.target is not None:
        tree.links[path] = one.target
    else:
        tree.files[path] = one if one.head.startswith(POINTER) else replace(one, head=b"")
        if path == _MODULES:
            tree.submodules += _SUBMODULE.findall(one.head.decode("utf-8", "replace"))
        if _last(path) == _ATTRIBUTES:
            tree.has_attributes |= path == _ATTRIBUTES
            tree.unexported += unexported(one.head, path)


def unexported(attributes: bytes, path: str = "") -> Iterator[str]:
    """The patterns that a .gitattributes marks with export-ignore, from the root on (gitattributes(5)).

    path: the file's own.
    """
    folder = path.rpartition("/")[0]
    for line in attributes.decode("utf-8", "replace").splitlines():
        words = line.split()
        if "export-ignore" in words[1:] and not words[0].startswith("#"):
            yield "/".join(part for part in (folder, words[0].strip('"/')) if part)


def where_to(path: str, tree: Tree) -> tuple[str, str]:
    """Where a link ends, as a path of the repository, or an empty text and why it ends nowhere in it."""
    target = tree.links[path]
    try:
        end = resolve(path, target, tree.links)
    except LeadsOut:
        return "", f"is a link to {target!r}, which is outside of the repository"
    except Circle:
        return "", f"is a link to {target!r}, which leads in a circle"
    if end in tree.files or any(one.startswith(f"{end}/") for one in tree.files) or not end:
        return end, ""
    return "", f"is a link to {target!r}, where nothing is"


def _last(path: str) -> str:
    return path.rpartition("/")[2]
