"""The bytes of one member of a ZIP, by its method, with its size and checksum proved.

Methods: APPNOTE 6.3.10, 4.4.5. Windows packs files above 2 GB by method 9 (Deflate64), which zipfile does not read.
"""

import bz2
import lzma
import struct
import zlib
from collections.abc import Callable, Iterator
from typing import Any, BinaryIO

import pyarrow as pa
from inflate64 import Inflater

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.archives.directory import Listed
from biglam_pipeline.parsing.archives.entries import STEP, Blocks, failure
from biglam_pipeline.parsing.archives.squeezed import LZMA_BYTES

_LOCAL = struct.Struct("<4s5H3L2H")
_SMALL = 1024
"""Deflate64 makes at most 30 MB of so much; the library gives all at once."""
METHOD_NAMES = {
    1: "Shrink", 2: "Reduce", 3: "Reduce", 4: "Reduce", 5: "Reduce", 6: "Implode", 7: "Tokenize",
    10: "PKWARE Implode", 16: "IBM CMPSC", 18: "IBM TERSE", 19: "IBM LZ77", 94: "MP3", 96: "JPEG", 97: "WavPack",
    98: "PPMd",
}  # fmt: skip


def _stored(data: Iterator[bytes], listed: Listed) -> Iterator[bytes]:
    return data


def _deflated(data: Iterator[bytes], listed: Listed) -> Iterator[bytes]:
    machine = zlib.decompressobj(-15)
    for block in data:
        rest = block
        while rest and not machine.eof:
            yield machine.decompress(rest, STEP)
            rest = machine.unconsumed_tail
    yield machine.flush()
    if not machine.eof:
        raise EOFError("a member's packed bytes end in the middle")


def _deflated64(data: Iterator[bytes], listed: Listed) -> Iterator[bytes]:
    machine = Inflater()
    for block in data:
        for at in range(0, len(block), _SMALL):
            if machine.eof:
                return
            try:
                yield machine.inflate(block[at : at + _SMALL])
            except ValueError as error:
                raise zlib.error(str(error)) from error
    if not machine.eof:
        raise EOFError("a member's packed bytes end in the middle")


def _by_machine(make: Callable[[Listed], Any], data: Iterator[bytes], listed: Listed) -> Iterator[bytes]:
    machine = make(listed)
    while not machine.eof:
        block = next(data, b"") if machine.needs_input else b""
        if not block and machine.needs_input:
            raise EOFError("a member's packed bytes end in the middle")
        yield machine.decompress(block, STEP)


def _bzip2(data: Iterator[bytes], listed: Listed) -> Iterator[bytes]:
    return _by_machine(lambda _: bz2.BZ2Decompressor(), data, listed)


def _xz(data: Iterator[bytes], listed: Listed) -> Iterator[bytes]:
    return _by_machine(lambda _: lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=LZMA_BYTES), data, listed)


def _lzma(data: Iterator[bytes], listed: Listed) -> Iterator[bytes]:
    """Two bytes of version, two of the length of what follows, five of properties (5.8): as `.lzma` has it, almost."""
    head = next(data, b"")
    if len(head) < 9 or head[2:4] != b"\x05\x00":
        raise ObjectFailed("damaged", "a member's LZMA header is damaged")
    size = 0xFFFFFFFFFFFFFFFF if listed.flags & 0x2 else listed.size  # bit 1: it has a mark at its end
    alone = head[4:9] + struct.pack("<Q", size) + head[9:]

    def blocks() -> Iterator[bytes]:
        yield alone
        yield from data

    return _by_machine(lambda _: lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=LZMA_BYTES), blocks(), listed)


def _zstandard(data: Iterator[bytes], listed: Listed) -> Iterator[bytes]:
    with pa.CompressedInputStream(pa.PythonFile(Blocks(data), "r"), "zstd") as stream:
        while block := _read_arrow(stream):
            yield block


def _read_arrow(stream: pa.CompressedInputStream) -> bytes:
    try:
        block: bytes = stream.read(STEP)
    except pa.ArrowInvalid as error:  # a ValueError too
        raise zlib.error(str(error)) from error
    return block


_METHODS: dict[int, Callable[[Iterator[bytes], Listed], Iterator[bytes]]] = {
    0: _stored,
    8: _deflated,
    9: _deflated64,
    12: _bzip2,
    14: _lzma,
    20: _zstandard,
    93: _zstandard,
    95: _xz,
}


def cannot_unpack(listed: Listed) -> str:
    """Why a member cannot be unpacked by anybody here, with the remedy; nothing where it can."""
    if listed.method in _METHODS and not listed.flags & 0x20:
        return ""
    name = "patched data" if listed.flags & 0x20 else METHOD_NAMES.get(listed.method, "an unknown method")
    return f"is packed by {name} ({listed.method}), which is not unpacked here; ask for plain ZIP or TAR.GZ"


def open_packed(file: BinaryIO, listed: Listed) -> Blocks:
    """The member's bytes. ObjectFailed where they are not what the directory says, at the latest at their end."""
    return Blocks(_proved(file, listed))


def _proved(file: BinaryIO, listed: Listed) -> Iterator[bytes]:
    crc = size = 0
    try:
        begin = _begin(file, listed)
        for block in _METHODS[listed.method](_window(file, begin, listed.packed_bytes), listed):
            size += len(block)
            if size > listed.size:
                raise ObjectFailed("damaged", f"unpacks to more than the {listed.size} bytes that are announced")
            crc = zlib.crc32(block, crc)
            yield block
    except (EOFError, zlib.error, lzma.LZMAError, OSError) as error:
        raise ObjectFailed(*failure(error)) from error
    if size < listed.size:
        raise ObjectFailed("truncated", f"ends too early: {size} of {listed.size} bytes; get it again")
    if crc != listed.crc:
        raise ObjectFailed(
            "damaged", "is damaged: its checksum (CRC-32) is another; get it again, or tell the custodian"
        )


def _window(file: BinaryIO, begin: int, size: int) -> Iterator[bytes]:
    at, end = begin, begin + size
    while at < end:
        file.seek(at)  # another member may be read in between
        block = file.read(min(STEP, end - at))
        if not block:
            raise EOFError("the file ends before the member does")
        at += len(block)
        yield block


def _begin(file: BinaryIO, listed: Listed) -> int:
    """Where the packed bytes begin. ObjectFailed where the local header tells of another member: whoever reads the
    archive from its beginning, as streaming programs do, would see other data than we.
    """
    file.seek(listed.offset)
    header = file.read(_LOCAL.size)
    if len(header) < _LOCAL.size or not header.startswith(b"PK\x03\x04"):
        raise ObjectFailed("damaged", "has no header where the directory says; get it again")
    _, _, flags, method, _, _, crc, packed, size, name_size, extra_size = _LOCAL.unpack(header)
    name = file.read(name_size)
    there = (crc, packed, size)
    said = (listed.crc, listed.packed_bytes, listed.size)
    streamed = flags & 0x8 or not any(there)  # the sizes come behind the data
    other = [mine for mine, theirs in zip(there, said, strict=True) if mine not in (theirs, 0xFFFFFFFF)]
    if name.replace(b"\\", b"/") != listed.raw_name.replace(b"\\", b"/") or method != listed.method:
        raise ObjectFailed("damaged", f"its own header says {name!r}, method {method}, and the directory another thing")
    if other and not streamed:
        raise ObjectFailed("damaged", "its own header and the directory disagree about its size or checksum")
    begin: int = listed.offset + _LOCAL.size + name_size + extra_size
    return begin
