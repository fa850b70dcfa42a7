"""What does a ZIP say of its members? Its central directory, read whole or refused.

APPNOTE 6.3.10, 4.3 (https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT). Python's zipfile is not asked: it
takes a directory that ends too early for a small one, and falls over a name with the UTF-8 flag that is no UTF-8.
"""

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from biglam_pipeline.errors import ObjectFailed
from biglam_pipeline.parsing.archives.names import extra_fields

_END = b"PK\x05\x06"
_TAIL_BYTES = 22 + 0xFFFF + (1 << 20)
"""The end record, its comment, and a megabyte that somebody may have put behind it."""
_ENTRY = struct.Struct("<4s6H3L5H2L")
_ZIP64 = 0x0001
_FULL = 0xFFFFFFFF
_BEGINNINGS = (b"PK\x03\x04", b"PK\x07\x08", b"PK00")
"""A member, or one behind the mark of an archive that was to be split (8.5.4, 8.5.5)."""
_NEIGHBOURS = "get it again, and if it comes the same, ask for the archives one by one"


@dataclass(frozen=True, slots=True)
class Listed:
    """One member as the central directory has it."""

    raw_name: bytes
    extra: bytes
    flags: int
    method: int
    crc: int
    packed_bytes: int
    size: int
    offset: int
    """Of its local header, in the file."""
    attributes: int
    """The external ones: with a Unix mode in the upper half where it was made on Unix."""

    @property
    def is_encrypted(self) -> bool:
        """By ZipCrypto, AES (method 99) or PKWARE's strong encryption."""
        return bool(self.flags & 0x41) or self.method == 99

    @property
    def mode(self) -> int:
        """Its kind as Unix has it: 0o120000 is a link; 0 where nothing is said."""
        return (self.attributes >> 16) & 0o170000


def read_directory(file: BinaryIO) -> list[Listed]:
    """Every member, in the directory's order. ObjectFailed where it is not all there, or members share their bytes."""
    size = file.seek(0, io.SEEK_END)
    count, begin, prefix, length = _find(file, size)
    file.seek(begin)
    data = file.read(length)
    if len(data) < length:
        raise EOFError("its directory is cut")
    listed = list(_entries(data, prefix))
    # Writers without ZIP64 count on from 0 after 65,535: macOS's Archive Utility does.
    if len(listed) % 0x10000 != count % 0x10000:
        raise ObjectFailed("damaged", f"its directory lists {len(listed)} members, and its end record says {count}")
    _refuse_overlap(listed, begin)
    return listed


def has_directory(file: BinaryIO) -> bool:
    """Does it end like a ZIP?"""
    try:
        _find(file, file.seek(0, io.SEEK_END))
    except (EOFError, ObjectFailed):
        return False
    return True


def _find(file: BinaryIO, size: int) -> tuple[int, int, int, int]:
    """How many members the end record says; where the directory begins, what stands before the archive, and how long
    the directory is.
    """
    start = max(0, size - _TAIL_BYTES)
    file.seek(start)
    tail = file.read()
    at = tail.rfind(_END)
    while at >= 0:
        found = _end_record(file, start + at, tail[at : at + 22])
        if found is not None:
            _refuse_neighbours(file, found, tail[at:])
            return found
        at = tail.rfind(_END, 0, at)
    raise EOFError("it has no directory at its end, so it is not whole, or not a zip file")


def _end_record(file: BinaryIO, at: int, record: bytes) -> tuple[int, int, int, int] | None:
    if len(record) < 22:
        return None
    disk, first, _, count, length, offset = struct.unpack("<4x4H2L2x", record)
    stands, longer = _zip64_record(file, at)
    if longer is not None:
        disk, first, count, length, offset = longer
    begin = stands - length
    if begin < 0 or not _is_directory(file, begin, length):
        begin = offset  # something stands between the directory and its end, as a signature does (4.3.13)
        if not _is_directory(file, begin, length):
            return None
    if (disk, first) not in ((0, 0), (0xFFFF, 0xFFFF)) and not (longer is None and 0xFFFF in (disk, first)):
        raise ObjectFailed("damaged", "is one part of an archive in several; join the parts and harvest them as one")
    if begin < offset:
        raise EOFError("bytes are gone from its middle")
    return count, begin, begin - offset, length


def _refuse_neighbours(file: BinaryIO, found: tuple[int, int, int, int], end: bytes) -> None:
    """Only its last archive can be read of a file in which one ZIP stands behind another. Such a file was joined from
    several, or it is one that is cut, and the end is that of the last ZIP (or DOCX, EPUB) in it; an end record inside
    a comment looks the same. A program, a script or a picture may stand before a ZIP (4.1.9).
    """
    file.seek(0)
    if found[2] and file.read(4) in _BEGINNINGS:
        raise ObjectFailed("truncated", f"another ZIP begins before the one that ends it; {_NEIGHBOURS}")
    comment = int.from_bytes(end[20:22], "little")
    if b"PK\x03\x04" in end[22 + comment :]:
        raise ObjectFailed("truncated", f"another ZIP begins behind its end, and is cut; {_NEIGHBOURS}")


def _zip64_record(file: BinaryIO, at: int) -> tuple[int, tuple[int, int, int, int, int] | None]:
    """Where the ZIP64 end record stands, and what it says; else where the old one stands, and None."""
    if at < 20:
        return at, None
    file.seek(at - 20)
    mark, _, offset, _ = struct.unpack("<4sLQL", file.read(20))
    if mark != b"PK\x06\x07":
        return at, None
    for place in (offset, at - 20 - 56):  # the second where something stands before the archive
        if 0 <= place <= at - 76:
            file.seek(place)
            record = file.read(56)
            if record.startswith(b"PK\x06\x06"):
                disk, first, _, count, length, begin = struct.unpack("<16x2L4Q", record)
                return place, (disk, first, count, length, begin)
    raise ObjectFailed("damaged", "its ZIP64 record is not where it should be")


def _is_directory(file: BinaryIO, begin: int, length: int) -> bool:
    file.seek(begin)
    return length == 0 or file.read(4) == b"PK\x01\x02"


def _entries(data: bytes, prefix: int) -> Iterator[Listed]:
    at = 0
    while at < len(data):
        if data[at : at + 4] == b"PK\x05\x05":  # a signature of the directory, at its end
            return
        if len(data) - at < _ENTRY.size or data[at : at + 4] != b"PK\x01\x02":
            raise ObjectFailed("damaged", "its directory is damaged in the middle; get it again")
        fields = _ENTRY.unpack_from(data, at)
        flags, method, (crc, packed, size) = fields[3], fields[4], fields[7:10]
        (name_size, extra_size, comment_size), (attributes, offset) = fields[10:13], fields[15:]
        begin = at + _ENTRY.size
        raw, extra = data[begin : begin + name_size], data[begin + name_size : begin + name_size + extra_size]
        at = begin + name_size + extra_size + comment_size
        size, packed, offset = _long(extra, size, packed, offset)
        yield Listed(raw, extra, flags, method, crc, packed, size, offset + prefix, attributes)
    if at != len(data):
        raise ObjectFailed("damaged", "its directory is damaged at its end; get it again")


def _long(extra: bytes, *short: int) -> tuple[int, ...]:
    """Sizes and place, from the ZIP64 field where they do not fit: in it stand only those that do not (4.5.3)."""
    if _FULL not in short:
        return short
    data = next((data for kind, data in extra_fields(extra) if kind == _ZIP64), b"")
    values = iter(struct.unpack(f"<{len(data) // 8}Q", data[: len(data) // 8 * 8]))
    return tuple(next(values, value) if value == _FULL else value for value in short)


def _refuse_overlap(listed: list[Listed], end: int) -> None:
    """Members that share their bytes are how 10 MB become 281 TB: https://www.bamsoftware.com/hacks/zipbomb/"""
    before = 0
    for one in sorted(listed, key=lambda one: one.offset):
        if one.offset < before:
            raise ObjectFailed("too_large", "its members overlap; that is a bomb, not data")
        before = one.offset + 30 + one.packed_bytes  # its header is longer, by names that may differ from these
    if before > end:
        raise ObjectFailed("truncated", "its members would reach beyond its directory: bytes are gone; get it again")
