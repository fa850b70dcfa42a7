"""Bytes put aside for a while: the first of them in memory, the rest in one scratch file."""

from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

MEMORY_BYTES = 32 * 2**20


class Spool:
    """What is read once in the order in which it lies, and asked for in another: the pages of a TAR, a batch."""

    def __init__(self, path: Path, memory_bytes: int = MEMORY_BYTES) -> None:
        """path: a scratch file that is not there yet; memory_bytes: how much is held without it."""
        self._path = path
        self._room = memory_bytes
        self._held: dict[str, bytes] = {}
        self._places: dict[str, tuple[int, int]] = {}
        self._file: BinaryIO | None = None

    def __enter__(self) -> Self:
        """Open; the scratch file is made when it is needed."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Forgets everything; the scratch folder takes the file away."""
        self._held.clear()
        if self._file is not None:
            self._file.close()

    def __contains__(self, name: str) -> bool:
        """Whether bytes of this name were put aside."""
        return name in self._held or name in self._places

    def add(self, name: str, data: bytes) -> None:
        """Puts bytes aside."""
        if len(data) <= self._room:
            self._room -= len(data)
            self._held[name] = data
            return
        if self._file is None:
            self._file = self._path.open("w+b")
        self._places[name] = (self._file.seek(0, 2), len(data))
        self._file.write(data)

    def get(self, name: str) -> bytes:
        """The bytes of this name; KeyError where there are none."""
        if name in self._held:
            return self._held[name]
        start, size = self._places[name]
        assert self._file is not None
        self._file.seek(start)
        return self._file.read(size)
