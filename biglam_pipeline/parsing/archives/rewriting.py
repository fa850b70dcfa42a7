"""Writes a ZIP once more, with other bytes for some members, from the directory that the survey read.

APPNOTE 6.3.10, 4.3. Not by zipfile: it refuses, or reads otherwise, archives that are read here (a name that is no
UTF-8, a signature behind the directory, a Unicode Path, a later version), and what is to go would then stay.
"""

import struct
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import BinaryIO

from biglam_pipeline.parsing.archives.directory import Listed, read_directory
from biglam_pipeline.parsing.archives.entries import STEP
from biglam_pipeline.parsing.archives.names import extra_fields
from biglam_pipeline.parsing.archives.zips import name_of

_FULL, _MANY = 0xFFFFFFFF, 0xFFFF
_LOCAL = struct.Struct("<4s5H3L2H")
_STREAMED, _UTF8 = 0x8, 0x800
_STORED, _DEFLATED = 0, 8
_ZIP64 = 0x0001
_VERSION = 45
"""The one that knows ZIP64 (4.4.3.2)."""
_DATE = 33
"""1 January 1980, the first day that a ZIP knows."""

Blocks = Callable[[], Iterable[bytes]]


def rewrite_zip(file: BinaryIO, target: BinaryIO, left: Mapping[str, Blocks], names: str) -> None:
    """Every member of `file` with its packed bytes as they are, but those in `left`, by name: their bytes are these,
    and of several of one name one is written. Only members: whatever else stands in the file (a program before it,
    bytes of members that were deleted, a comment) may hold what is to go, and nobody reads it.

    names: the encoding of names that do not say theirs, or "". ObjectFailed where the directory is not whole.
    """
    written: list[Listed] = []
    done: set[str] = set()
    for listed in read_directory(file):
        name = name_of(listed, names).text
        if name not in left:
            written.append(_copy(file, target, listed))
        elif name not in done:
            written.append(_write(target, listed, left[name]()))
            done.add(name)
    _write_directory(target, written)


def _copy(file: BinaryIO, target: BinaryIO, listed: Listed) -> Listed:
    """The member as it lies there, with its own header: a damaged one stays as damaged as it was."""
    offset = target.tell()
    file.seek(listed.offset)
    header = file.read(_LOCAL.size)
    flags = 0
    if len(header) == _LOCAL.size and header.startswith(b"PK\x03\x04"):
        fields = _LOCAL.unpack(header)
        flags, more = fields[2], sum(fields[-2:])
        header += file.read(more)
    target.write(header)
    for block in _through(file, listed.packed_bytes):
        target.write(block)
    if flags & _STREAMED:
        wide = max(listed.packed_bytes, listed.size) >= _FULL
        sizes = struct.pack("<2Q" if wide else "<2L", listed.packed_bytes, listed.size)
        target.write(b"PK\x07\x08" + struct.pack("<L", listed.crc) + sizes)
    return replace(listed, offset=offset)


def _through(file: BinaryIO, size: int) -> Iterator[bytes]:
    while size > 0 and (block := file.read(min(STEP, size))):
        size -= len(block)
        yield block


def _write(target: BinaryIO, listed: Listed, blocks: Iterable[bytes]) -> Listed:
    """The member with other bytes, stored where it was stored, and else by deflate."""
    method = _STORED if listed.method == _STORED else _DEFLATED
    offset, crc, size = target.tell(), 0, 0
    new = replace(listed, flags=listed.flags & _UTF8, method=method, extra=_without_zip64(listed.extra), offset=offset)
    target.write(_local(new))
    begin = target.tell()
    packer = zlib.compressobj(wbits=-15)
    for block in blocks:
        crc, size = zlib.crc32(block, crc), size + len(block)
        target.write(block if method == _STORED else packer.compress(block))
    if method == _DEFLATED:
        target.write(packer.flush())
    end = target.tell()
    new = replace(new, crc=crc, size=size, packed_bytes=end - begin)
    target.seek(offset)
    target.write(_local(new))
    target.seek(end)
    return new


def _local(one: Listed) -> bytes:
    sizes = (one.crc, min(one.packed_bytes, _FULL), min(one.size, _FULL))
    # Always with room for long sizes, for how long it becomes is only known at its end.
    long = struct.pack("<HHQQ", _ZIP64, 16, one.size, one.packed_bytes)
    head = (b"PK\x03\x04", _VERSION, one.flags, one.method, 0, _DATE, *sizes, len(one.raw_name), len(long))
    return _LOCAL.pack(*head) + one.raw_name + long


def _without_zip64(extra: bytes) -> bytes:
    return b"".join(struct.pack("<HH", kind, len(data)) + data for kind, data in extra_fields(extra) if kind != _ZIP64)


def _central(one: Listed) -> bytes:
    values = (one.size, one.packed_bytes, one.offset)
    long = b"".join(struct.pack("<Q", value) for value in values if value >= _FULL)
    extra = _without_zip64(one.extra)
    if long:
        extra = struct.pack("<HH", _ZIP64, len(long)) + long + extra
    size, packed, offset = (min(value, _FULL) for value in values)
    made_on_unix = 3 << 8
    head = struct.pack(
        "<4s6H3L5H2L", b"PK\x01\x02", made_on_unix | _VERSION, _VERSION, one.flags, one.method, 0, _DATE, one.crc,
        packed, size, len(one.raw_name), len(extra), 0, 0, 0, one.attributes, offset,
    )  # fmt: skip
    return head + one.raw_name + extra


def _write_directory(target: BinaryIO, written: list[Listed]) -> None:
    begin, count = target.tell(), len(written)
    for one in written:
        target.write(_central(one))
    end = target.tell()
    if count >= _MANY or end >= _FULL:
        target.write(
            struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, _VERSION, _VERSION, 0, 0, count, count, end - begin, begin)
            + struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
        )
    short = min(count, _MANY)
    sizes = min(end - begin, _FULL), min(begin, _FULL)
    target.write(struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, short, short, *sizes, 0))
