"""What do ZIP, TAR and compressed files have in common? Entries, bounds, and one way to say what is wrong."""

import contextlib
import io
import lzma
import struct
import tarfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal, Protocol

from biglam_pipeline.errors import ObjectFailed

MAX_BYTES = 10**12
"""Unpacked: what the network takes from one address at most (`web.limits`), so that packing it helps nobody."""
MAX_MEMBERS = 1_000_000
"""All are held in memory in a survey. A daily paper of twelve pages, a file a page, fills them in 270 years."""
MAX_RATIO = 1000
"""Bytes out for a byte in, of a member above RATIO_FROM_BYTES. Scans as bitonal TIFF reach 200."""
RATIO_FROM_BYTES = 10_000_000
"""What is smaller may be of any ratio: it does no harm, and a table of zeros is one."""
MAX_DEPTH = 3
"""Archives that stand in one another, the outermost counted: a delivery, its volumes, their issues. 42.zip has five:
https://www.unforgettable.dk/
"""
STEP = 1 << 20

BROKEN = (
    EOFError,
    tarfile.TarError,
    zlib.error,
    lzma.LZMAError,
    struct.error,
    OSError,
)
"""Every way in which the libraries say `broken`; ValueError is one of them in two places, and turned into one there."""


class Bytes(Protocol):
    """All that is asked of a stream."""

    def read(self, size: int = -1, /) -> bytes:
        """At most so many bytes, all without a size; nothing at the end."""

    def close(self) -> None:
        """Frees it."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One member as its archive lists it; folders are none."""

    name: str
    kind: Literal["file", "link", "left_out"]
    read: Callable[[], Bytes] | None = None
    """Of a file."""
    packed_bytes: int = 0
    """What it takes in the archive; 0 where that cannot be said."""
    target: str = ""
    """Of a link: where it leads to, from its own folder; with a leading `=` from the archive's root."""
    reason: str = ""
    detail: str = ""
    guessed: bool = False
    """True where its name was decoded by a guess."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An archive that is open: its members in their order."""

    entries: Iterator[Entry]
    later_holds: bool = False
    """Of two equal names the later one counts, as in a TAR that was appended to."""
    alone: bool = False
    """A compressed file: its one member is called after it."""
    broken: Callable[[], bool] = lambda: False
    """True once the archive's own bytes cannot be read on, so that no later member can be had."""


class Blocks(io.RawIOBase):
    """Blocks as a stream."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        super().__init__()
        self._blocks, self._rest = blocks, b""

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        if size is None or size < 0:
            whole = self._rest + b"".join(self._blocks)
            self._rest = b""
            return whole
        while not self._rest:
            block = next(self._blocks, None)
            if block is None:
                return b""
            self._rest = block
        block, self._rest = self._rest[:size], self._rest[size:]
        return block


class Bounds:
    """How much one file may become, with all that is packed in it."""

    def __init__(self, size: int) -> None:
        """size: of the file, in bytes."""
        self._most = min(MAX_BYTES, max(RATIO_FROM_BYTES, size * MAX_RATIO))
        self._bytes = self._members = 0

    def spend(self, size: int) -> None:
        """So many bytes came out; ObjectFailed `too_large` above the bound."""
        self._bytes += size
        if self._bytes > self._most:
            raise ObjectFailed("too_large", f"unpacks to more than {self._most} bytes; that is a bomb, or split it")

    def count(self) -> None:
        """One more member."""
        self._members += 1
        if self._members > MAX_MEMBERS:
            raise ObjectFailed("too_large", f"holds more than {MAX_BYTES} bytes or {MAX_MEMBERS} members; split it")


class Tap:
    """A stream that can show its beginning, knows how far it was read, and remembers that it broke."""

    def __init__(self, source: Bytes) -> None:
        self._source, self._head, self._count, self.broken = source, b"", 0, False

    def tell(self) -> int:
        """Bytes that were given."""
        return self._count

    def peek(self, size: int) -> bytes:
        """The first bytes, which stay to be read."""
        while len(self._head) < size and (block := self._take(size - len(self._head))):
            self._head += block
        return self._head[:size]

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        if size < 0:
            return b"".join(iter(lambda: self.read(STEP), b""))
        if self._head:
            block, self._head = self._head[:size], self._head[size:]
        else:
            block = self._take(size)
        self._count += len(block)
        return block

    def _take(self, size: int) -> bytes:
        try:
            return self._source.read(size)
        except (*BROKEN, ObjectFailed):
            self.broken = True
            raise

    def close(self) -> None:
        """Closes what it reads."""
        self._source.close()


def failure(error: BaseException) -> tuple[str, str]:
    """What a library calls broken, as reason and detail of an ObjectFailed; this machine's own trouble is raised again.

    Not as an exception: one that is kept in the frame that caught it keeps all that is open there.
    """
    if isinstance(error, ObjectFailed):
        return error.reason, error.detail
    if isinstance(error, OSError) and error.errno is not None:
        raise error
    cut = isinstance(error, EOFError) or "unexpected end" in str(error) or "runcated" in str(error)
    said = "ends too early" if cut else "is damaged"
    detail = f"{said} ({error}); get it again, and if it comes the same, tell the custodian"
    return "truncated" if cut else "damaged", detail


@contextlib.contextmanager
def faults(name: str) -> Iterator[None]:
    """Puts the archive's name before what is wrong with it."""
    try:
        yield
    except (*BROKEN, ObjectFailed) as error:
        reason, detail = failure(error)
        raise ObjectFailed(reason, f"{name}: {detail}") from error
