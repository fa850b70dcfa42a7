"""The corpus as plain Python reads it: for environments that have nothing of this project."""

import array
import json
import re
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BANDS, ROWS, WORDS = 14, 8, 5
"""The usual recipe: FineWeb's and each of these tools' own examples."""
_WORD = re.compile(r"\w+")


def texts(folder: Path, documents: int = 0) -> Iterator[str]:
    """All texts in order, or so many of the first."""
    offsets = array.array("q")
    offsets.frombytes((folder / "offsets.bin").read_bytes())
    with (folder / "texts.bin").open("rb") as stream:
        for at in range(documents or len(offsets) - 1):
            yield stream.read(offsets[at + 1] - offsets[at]).decode()


def shingles(text: str) -> set[str]:
    """Runs of five words in lower case; a shorter text is one."""
    words = _WORD.findall(text.lower())
    return {" ".join(words[at : at + WORDS]) for at in range(max(1, len(words) - WORDS + 1))} if words else set()


class Groups:
    """Union by the smaller number."""

    def __init__(self) -> None:
        """Everybody alone."""
        self._of: dict[int, int] = {}

    def find(self, one: int) -> int:
        """The number of a document's group."""
        while (up := self._of.get(one, one)) != one:
            self._of[one] = self._of.get(up, up)
            one = up
        return one

    def join(self, one: int, other: int) -> None:
        """Puts two documents together."""
        a, b = sorted((self.find(one), self.find(other)))
        self._of[b] = a


class Clock:
    """Time from here on, of this process and its children."""

    def __init__(self) -> None:
        """Starts."""
        self._began, self._cpu = time.monotonic(), self._used()

    @staticmethod
    def _used() -> float:
        used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        return sum(one.ru_utime + one.ru_stime for one in used)

    def report(self, documents: int, keeper: list[int], out: Path, **more: Any) -> None:
        """Prints what it took as JSON and writes each document's group."""
        reported = {
            "documents": documents,
            "wall": time.monotonic() - self._began,
            "cpu": self._used() - self._cpu,
            "peak": 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
            **more,
        }
        out.write_bytes(array.array("q", keeper).tobytes())
        sys.stdout.write(json.dumps(reported) + "\n")
