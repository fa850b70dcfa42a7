"""Where does a link lead? Along the names of one archive or folder, as the system would go, and never out of it.

https://pubs.opengroup.org/onlinepubs/9799919799/basedefs/V1_chap04.html#tag_04_16 (pathname resolution)
"""

import re
from collections.abc import Mapping

MOST_STEPS = 40
"""Linux gives up after as many (ELOOP)."""


class LeadsOut(Exception):
    """The link leads out of the archive."""


class Circle(Exception):
    """The link leads back to itself."""


def resolve(name: str, target: str, links: Mapping[str, str]) -> str:
    """The name at which a link ends, whether or not something stands there.

    target: as the link has it, relative to its folder, or to the root where it begins with `=` (hard links of a TAR);
    links: all links of the archive, by name. LeadsOut or Circle where it ends nowhere inside.
    """
    stack: list[str] = [] if target.startswith("=") else name.split("/")[:-1]
    todo = _parts(target)
    steps = 0
    while todo:
        part = todo.pop(0)
        if part == "..":
            if not stack:
                raise LeadsOut
            stack.pop()
            continue
        stack.append(part)
        further = links.get("/".join(stack))
        if further is not None:
            steps += 1
            if steps > MOST_STEPS:
                raise Circle
            stack = [] if further.startswith("=") else stack[:-1]
            todo = _parts(further) + todo
    return "/".join(stack)


def _parts(target: str) -> list[str]:
    bare = target.removeprefix("=")
    if bare.startswith(("/", "\\")) or re.match(r"[A-Za-z]:", bare):
        raise LeadsOut
    return [part for part in bare.split("/") if part not in ("", ".")]
