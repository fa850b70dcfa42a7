"""Git LFS: is a file only a pointer to one that lies elsewhere?

https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
"""

import re
from typing import NamedTuple

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.web.answer import POINTER

LONGEST = 1024
"""Bytes of a pointer; git-lfs takes no larger file for one."""


class Pointer(NamedTuple):
    """The file that is meant."""

    sha256: str
    size: int


def read_pointer(path: str, head: bytes, size: int) -> Pointer | None:
    """What a file points to; None where it is a file itself. ObjectFailed where that cannot be read: never data.

    head: its first LONGEST bytes, or all of them; size: of the file.
    """
    if not head.startswith(POINTER) or size > LONGEST:
        return None
    lines = [line.partition(" ") for line in head.decode("utf-8", "replace").splitlines()]
    said = {key: value for key, _, value in lines}
    if any(key.startswith("ext-") for key in said):
        raise _refusal(path, f"whose file an extension of Git LFS has changed ({', '.join(said)})")
    oid = re.fullmatch(r"sha256:([0-9a-f]{64})", said.get("oid", ""))
    if oid is None or not re.fullmatch(r"[0-9]{1,18}", said.get("size", "")):
        raise _refusal(path, "that says no sha256 and size")
    return Pointer(oid[1], int(said["size"]))


def _refusal(path: str, why: str) -> ObjectFailed:
    return ObjectFailed(
        "lfs_pointer", f"{path}: is a Git LFS pointer {why}; ask its owner for the file itself, or ignore it"
    )
