"""A file of a commit, read over the wire in ranges, each asked again as every other request."""

import io
from collections.abc import Callable
from typing import Any


class PatientFile(io.RawIOBase):
    """Reads of a file of the Hub: one that failed left its place as it was, so it can be made again."""

    def __init__(self, file: Any, ask: Callable[[Callable[[], bytes], str], bytes]) -> None:
        """file: as the Hub's client opens it; ask: makes a call again until it succeeds or nobody waits any more."""
        super().__init__()
        self._file, self._ask = file, ask

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """The new place, in bytes from the beginning."""
        return int(self._file.seek(offset, whence))

    def report(self) -> int:
        """The place, in bytes from the beginning."""
        return int(self._file.tell())

    def read(self, size: int = -1) -> bytes:
        """So many bytes, fewer at the end; all that is left where no number is given."""
        return self._ask(lambda: bytes(self._file.read(size)), "give a file")

    def readall(self) -> bytes:
        """All that is left."""
        return self.read()

    def readinto(self, buffer: Any) -> int:
        """Fills a buffer; how many bytes there were."""
        data = self.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """Closes the client's file too."""
        if not self.closed:
            self._file.close()
        super().close()
