"""The bytes of a gzip, bzip2 or xz file, stream after stream, and never a part of them for the whole.

A file is a series of streams: https://tukaani.org/xz/xz-file-format.txt (2: zeros may stand between them) and what
pbzip2, lbzip2 and `cat` write. The standard library takes what is no stream, zeros too, for the end of the file: the
streams behind it would be gone in silence. Of gzip see `parsing.gzip`, the one guard around it.
"""

import bz2
import lzma
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.archives.entries import MAX_RATIO, RATIO_FROM_BYTES, STEP, Blocks, Bytes
from biglam_pipeline.parsing.gzip import Gunzip, GzipTrouble, gunzip

LZMA_BYTES = 512 * 2**20
"""What one dictionary may take: `xz -9` needs 65 MiB (xz(1)), and more than this is asked for by nobody but to hurt."""
_PADDING = b"\0 \t\r\n"


class Streams:
    """All streams of one file as one."""

    def __init__(self, start: Callable[[], Any], source: Bytes) -> None:
        """start: makes the machine that unpacks one stream, as BZ2Decompressor and LZMADecompressor do."""
        self._start, self._source = start, source
        self._machine: Any = start()
        self._packed = b""

    def read(self, size: int = -1) -> bytes:
        """The next bytes; EOFError, OSError or LZMAError where the file is cut or damaged."""
        if size < 0:
            return b"".join(iter(lambda: self.read(STEP), b""))
        while size and (self._machine is not None or self._begins()):
            block = self._unpack(size)
            if block:
                return block
        return b""

    def _unpack(self, size: int) -> bytes:
        packed = b""
        if self._machine.needs_input:
            packed, self._packed = self._packed or self._source.read(STEP), b""
            if not packed:
                raise EOFError("its packed bytes end in the middle")
        block: bytes = self._machine.decompress(packed, size)
        if self._machine.eof:
            self._packed, self._machine = self._machine.unused_data, None
        return block

    def _begins(self) -> bool:
        """Does another stream begin? Tapes and some tools pad with zeros or blanks."""
        self._packed = self._packed.lstrip(_PADDING)
        while not self._packed:
            block = self._source.read(STEP)
            if not block:
                return False
            self._packed = block.lstrip(_PADDING)
        self._machine = self._start()
        return True

    def close(self) -> None:
        """Nothing of its own is open."""


open_bzip2 = partial(Streams, bz2.BZ2Decompressor)
open_xz = partial(Streams, partial(lzma.LZMADecompressor, lzma.FORMAT_XZ, memlimit=LZMA_BYTES))


def open_gzip(source: Bytes) -> Bytes:
    """All members of one file as one."""
    return Blocks(_gunzipped(source))


def _gunzipped(source: Bytes) -> Iterator[bytes]:
    try:
        yield from gunzip(iter(lambda: source.read(STEP), b""), Gunzip(MAX_RATIO, RATIO_FROM_BYTES))
    except GzipTrouble as trouble:
        if trouble.kind == "bomb":
            raise ObjectFailed("too_large", f"{trouble.detail}; that is a bomb, not data") from trouble
        raise (EOFError if trouble.kind == "cut" else OSError)(trouble.detail) from trouble
