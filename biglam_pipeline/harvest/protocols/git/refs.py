"""Which commit is meant? The branches and tags of a repository, as git's own HTTP lists them in one answer.

https://git-scm.com/docs/gitprotocol-http (smart clients)
https://git-scm.com/docs/gitprotocol-pack (reference discovery)
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.settings import nearest

COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
"""In full: SHA-1, or SHA-256 (https://git-scm.com/docs/hash-function-transition)."""
_SHORT = re.compile(r"[0-9a-f]{7,39}")
_LINE = re.compile(rb"([0-9a-f]{40}|[0-9a-f]{64}) ([^\0\n]+)")
_NAMED = 5


@dataclass(frozen=True, slots=True)
class Refs:
    """Name -> commit, of `HEAD`, `refs/heads/…` and `refs/tags/…`; a tag that is an object leads to its commit."""

    commits: dict[str, str]

    @property
    def names(self) -> list[str]:
        """Branches, then tags, as people call them."""
        begins = ("refs/heads/", "refs/tags/")
        return [name.removeprefix(begin) for begin in begins for name in self.commits if name.startswith(begin)]


def read_refs(content: bytes, where: str) -> Refs:
    """The advertisement of a server. ObjectFailed where it is none, is cut, or is of an empty repository.

    where: the repository's address, for messages.
    """
    lines = list(_packets(content, where))
    if lines[:1] != [b"# service=git-upload-pack"]:
        raise _no_list(where)
    commits: dict[str, str] = {}
    for line in lines[1:]:
        if line.startswith(b"ERR "):
            said = " ".join(line[4:].decode("utf-8", "replace").split())[:200]
            raise ObjectFailed("refused", f"{where}: its server says: {said}; correct the address")
        found = _LINE.fullmatch(line.partition(b"\0")[0])
        if found is None:
            if line in (b"version 1", b""):
                continue
            raise _no_list(where)
        name = found[2].decode("utf-8", "replace")
        commits[name.removesuffix("^{}")] = found[1].decode()  # what a tag leads to stands behind it
    kept = {name: commit for name, commit in commits.items() if re.match(r"HEAD$|refs/(heads|tags)/", name)}
    if not kept:
        raise ObjectFailed("nothing", f"{where}: is an empty repository; correct the address, or ask its owner")
    return Refs(kept)


def commit_of(refs: Refs, wanted: str, where: str) -> str:
    """The commit of a branch or tag, or of the default branch where nothing is wanted. ObjectFailed says what is there.

    git's own order is tags before branches (gitrevisions(7)); GitHub's pages take branches first: so both are asked.
    """
    if not wanted:
        if "HEAD" not in refs.commits:
            raise ObjectFailed(
                "not_found", f"{where}: its default branch has no commit; name a branch, {where}@BRANCH: {_some(refs)}"
            )
        return refs.commits["HEAD"]
    places = [wanted] if wanted.startswith("refs/") else [f"refs/heads/{wanted}", f"refs/tags/{wanted}"]
    found = {place: refs.commits[place] for place in places if place in refs.commits}
    if len(set(found.values())) > 1:
        raise ObjectFailed(
            "not_found", f"{where}: {wanted} is a branch and a tag; write {where}@{' or @'.join(sorted(found))}"
        )
    if found:
        return next(iter(found.values()))
    if _SHORT.fullmatch(wanted):
        detail = f"{where}: has no branch or tag {wanted}; a commit is written in full, with its 40 digits"
        raise ObjectFailed("not_found", detail)
    near = nearest(wanted, refs.names)
    meant = f"; did you mean {where}@{near}?" if near else ";"
    raise ObjectFailed("not_found", f"{where}: has no branch or tag {wanted}{meant} {_some(refs)}")


def _some(refs: Refs) -> str:
    names = refs.names
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"it has {', '.join(names[:_NAMED])}{more}" if names else "it has none"


def _packets(content: bytes, where: str) -> Iterable[bytes]:
    """The lines of a list, without their ends; flushes are none (https://git-scm.com/docs/gitprotocol-common)."""
    at, flushed = 0, False
    while at < len(content):
        head = content[at : at + 4]
        if not re.fullmatch(rb"[0-9a-f]{4}", head) or 0 < int(head, 16) < 4:
            raise _no_list(where)
        size = int(head, 16)
        flushed = not size
        line = content[at + 4 : at + size] if size else b""
        if len(line) != max(size - 4, 0):
            raise _cut(where)
        at += size or 4
        if size:
            yield line.removesuffix(b"\n")
    if not flushed:
        raise _cut(where) if content else _no_list(where)


def _cut(where: str) -> ObjectFailed:
    return ObjectFailed(
        "truncated", f"{where}: the list of its branches is cut; run again, and tell the host if it stays"
    )


def _no_list(where: str) -> ObjectFailed:
    return ObjectFailed(
        "wall",
        f"{where}: no list of branches came by git's own protocol; open the address in a browser: a log-in, a robot "
        "check, or no repository",
    )
