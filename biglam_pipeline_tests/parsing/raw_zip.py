"""A ZIP made byte by byte, so that every field can be wrong in its own way."""

import struct
import zlib
from dataclasses import dataclass

UTF8, ENCRYPTED, STREAMED = 0x800, 0x1, 0x8


@dataclass
class Part:
    """One member: its name's bytes, its data, and whatever its headers are to say instead of the truth."""

    name: bytes
    data: bytes = b"x"
    method: int = 8
    flags: int = 0
    extra: bytes = b""
    mode: int = 0o100644
    packed: bytes | None = None
    """Bytes that stand there, where they are not what `method` makes of `data`."""
    size: int | None = None
    crc: int | None = None
    local_name: bytes | None = None
    local_method: int | None = None
    local_size: int | None = None
    listed: bool = True

    def bytes_packed(self) -> bytes:
        if self.packed is not None:
            return self.packed
        if self.method != 8:
            return self.data
        packer = zlib.compressobj(wbits=-15)
        return packer.compress(self.data) + packer.flush()


def raw_zip(*parts: Part, count: int | None = None, front: bytes = b"", behind: bytes = b"") -> bytes:
    """The archive; count: what the end record says instead of the number of members."""
    body, directory, listed = b"", b"", 0
    for part in parts:
        packed = part.bytes_packed()
        crc = zlib.crc32(part.data) if part.crc is None else part.crc
        size = len(part.data) if part.size is None else part.size
        name = part.name if part.local_name is None else part.local_name
        sizes = (
            (0, 0, 0)
            if part.flags & STREAMED
            else (crc, len(packed), size if part.local_size is None else part.local_size)
        )
        method = part.method if part.local_method is None else part.local_method
        local = struct.pack("<4s5H3L2H", b"PK\x03\x04", 20, part.flags, method, 0, 33, *sizes, len(name), 0)
        if part.listed:
            listed += 1
            directory += struct.pack(
                "<4s6H3L5H2L", b"PK\x01\x02", 0x31E, 20, part.flags, part.method, 0, 33, crc, len(packed), size,
                len(part.name), len(part.extra), 0, 0, 0, part.mode << 16, len(body),
            ) + part.name + part.extra  # fmt: skip
        body += local + name + packed
        if part.flags & STREAMED:
            body += struct.pack("<4s3L", b"PK\x07\x08", crc, len(packed), size)
    number = listed if count is None else count
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, number, number, len(directory), len(body), 0)
    return front + body + directory + end + behind


def unicode_path(raw: bytes, name: str, crc: int | None = None) -> bytes:
    """Info-ZIP's extra field 0x7075."""
    data = b"\x01" + struct.pack("<L", zlib.crc32(raw) if crc is None else crc) + name.encode()
    return struct.pack("<HH", 0x7075, len(data)) + data
