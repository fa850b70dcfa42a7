"""Is a picture file whole? By the frame around its data, from the first byte to the one that ends it; nothing decoded.

JPEG: https://www.w3.org/Graphics/JPEG/itu-t81.pdf (B.1) ; JPEG 2000: https://www.itu.int/rec/T-REC-T.800 (A.4, I.4) ;
TIFF: https://www.itu.int/itudoc/itu-t/com16/tiff-fx/docs/tiff6.pdf ; BigTIFF: https://libtiff.gitlab.io/libtiff/ ;
GIF: https://www.w3.org/Graphics/GIF/spec-gif89a.txt ; PNG: https://www.w3.org/TR/png-3/#5 ;
WebP: https://developers.google.com/speed/webp/docs/riff_container

Each walk goes from part to part by the lengths that stand there, and looks for no byte that could stand inside one. It
runs past the end of a file that is cut, wherever it is cut. What follows (padding, a phone's film) is not looked at.
"""

import re
import struct
import zlib
from collections.abc import Callable

CUT = "it is cut short"


def fault(kind: str, data: bytes) -> str | None:
    """What is missing of a file of this kind; empty where it is whole, None where its frame cannot tell."""
    try:
        return _WALKS[kind](data)
    except (IndexError, struct.error):
        return f"{CUT}: what is there ends at byte {len(data)}, in the middle of its data"


def _jpeg(data: bytes) -> str | None:
    at, scans = 2, 0
    while True:
        if data[at] != 0xFF:
            return None  # rubbish between two segments, which decoders skip
        filled = _CODE.search(data, at)
        if filled is None:
            return f"{CUT}: its end marker is missing"
        at, marker = filled.start() - 1, data[filled.start()]
        if marker == 0xD9:
            return "" if scans else None
        if marker in _ALONE or (length := _number(">H", data, at + 2)) < 2:
            return None
        at += 2 + length
        if marker == 0xDA:
            scans += 1
            found = _MARKER.search(data, at)
            if found is None:
                return f"{CUT}: its end marker is missing"
            at = found.start()


_CODE = re.compile(rb"[^\xff]")
"""The second byte of a marker; before it may stand any number of FF."""
_ALONE = {0x00, 0x01, *range(0xD0, 0xD9)}
"""No marker, TEM, restart markers and SOI: they carry no length, and have no place between segments."""
_MARKER = re.compile(rb"\xff[\x01-\xcf\xd8-\xfe]")
"""What may follow a scan: inside coded data FF is followed by 00, by a restart, or by another FF."""


def _png(data: bytes) -> str | None:
    at, pictures = 8, 0
    while True:
        length, kind = struct.unpack_from(">I4s", data, at)
        if _number(">I", data, at + 8 + length) != zlib.crc32(data[at + 4 : at + 8 + length]):
            return f"it is damaged: the checksum of the part at byte {at} is not that of its bytes"
        if kind == b"IEND":
            return "" if pictures else None
        pictures += kind == b"IDAT"
        at += 12 + length


def _gif(data: bytes) -> str | None:
    at, pictures = 13 + _palette(data[10]), 0
    while found := _PART.search(data, at):  # whatever stands between two parts is skipped, as decoders do
        at = found.start()
        if data[at] == 0x3B:
            return "" if pictures else None
        if data[at] == 0x2C:
            pictures += 1
            at = _after_blocks(data, at + 11 + _palette(data[at + 9]))
        else:
            at = _after_blocks(data, at + 2)
    return f"{CUT}: its trailer is missing"


_PART = re.compile(rb"[\x21\x2c\x3b]")
"""Extension, picture, trailer."""


def _palette(flags: int) -> int:
    """Bytes of the palette that these flags announce."""
    return 3 << ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: bytes, at: int) -> int:
    while data[at]:
        at += data[at] + 1
    return at + 1


def _webp(data: bytes) -> str | None:
    end = 8 + _number("<I", data, 4)
    if end > len(data):
        return f"{CUT}: {end} bytes are due, {len(data)} are there"
    at, pictures = 12, 0
    while at + 8 <= end:
        kind, length = struct.unpack_from("<4sI", data, at)
        pictures += kind in (b"VP8 ", b"VP8L", b"ANMF")
        at += 8 + length + length % 2
    # An odd last part may lack its padding. A length that a stream's writer never filled in says nothing.
    return "" if pictures and at - end in (0, 1) else None


def _jpeg2000(data: bytes) -> str | None:
    if data.startswith(b"\xff\x4f"):
        return _codestream(data, 0, len(data))
    at, streams = 0, []
    while any(data[at : at + 8]):  # zeros are no box, but padding
        length, kind = struct.unpack_from(">I4s", data, at)
        head = 16 if length == 1 else 8
        length = _number(">Q", data, at + 8) if length == 1 else length or len(data) - at
        if length < head:
            return None
        if at + length > len(data):
            return f"{CUT}: its box at byte {at} should reach to byte {at + length} of {len(data)}"
        if kind == b"jp2c":
            streams.append((at + head, at + length))
        at += length
    return next(filter(None, (_codestream(data, *stream) for stream in streams)), "") if streams else None


def _codestream(data: bytes, start: int, end: int) -> str | None:
    """The main header's segments, then tile by tile, each with its length, to the end marker."""
    at = start + 2
    while at < end:
        marker = _number(">H", data, at)
        if marker == 0xFFD9:
            return ""
        if marker == 0xFF90:  # the length of a last tile may be 0, for "up to the end marker"
            at += _number(">I", data, at + 6) or max(end - 2 - at, 12)
        elif 0xFF50 <= marker <= 0xFF6F:
            at += 2 + _number(">H", data, at + 2)
        else:
            return None
    return f"{CUT}: its end marker is missing"


def _tiff(data: bytes) -> str | None:
    """Every directory, every value of its fields, and all strips and tiles lie within the file."""
    tiff, pictures = _Tiff(data), 0
    waiting = [tiff.first]
    while waiting:
        if tiff.spent > len(data):
            return None  # directories or values share their bytes, which may be a trap
        at = waiting.pop()
        if not at:
            continue
        fields, following = tiff.directory(at)
        waiting += [following, *fields.get(330, ())]  # further pages, and smaller pictures of a page
        for starts, sizes in _DATA:
            places = (fields.get(starts, ()), fields.get(sizes, ()))
            if len(places[0]) != len(places[1]):
                return None
            pictures += len(places[0])
            due = max(map(int.__add__, *places), default=0)
            if due > len(data):
                return f"{CUT}: its data should reach to byte {due} of {len(data)}"
    return "" if pictures else None


class _Tiff:
    """A TIFF or BigTIFF file, and how many bytes of it were read: more than it has means that some were read again."""

    def __init__(self, data: bytes) -> None:
        self._data, self.spent = data, 0
        self._order = "<" if data[:2] == b"II" else ">"
        self._big = self._number("H", 2) == 43
        self._room, self._word = (8, "Q") if self._big else (4, "I")
        self.first = self._number(self._word, 8 if self._big else 4)

    def directory(self, at: int) -> tuple[dict[int, tuple[int, ...]], int]:
        """Where data lies, by tag; and where the next directory is. IndexError where the file ends before a value."""
        each, head, number = (20, 8, "Q") if self._big else (12, 2, "H")
        count = self._number(number, at)
        end = at + head + each * count
        following = self._number(self._word, end)  # asked first: a directory that is cut off is not read
        fields: dict[int, tuple[int, ...]] = {}
        for entry in range(at + head, end, each):
            tag, kind = self._number("H", entry), self._number("H", entry + 2)
            many, place = self._number(self._word, entry + 4), entry + each - self._room
            size = _SIZES.get(kind, 0) * many
            if size > self._room:
                place = self._number(self._word, place)
            if place + size > len(self._data):
                raise IndexError(place + size)
            if tag in _POINTERS and tag not in fields and kind in _WHOLE_NUMBERS:
                self.spent += size
                fields[tag] = struct.unpack_from(f"{self._order}{many}{_WHOLE_NUMBERS[kind]}", self._data, place)
        self.spent += end - at
        return fields, following

    def _number(self, form: str, at: int) -> int:
        return _number(self._order + form, self._data, at)


_DATA = ((273, 279), (324, 325), (513, 514))
"""Tags of where strips, tiles and old-style JPEG data begin, and of how long they are."""
_POINTERS = {330, *(tag for pair in _DATA for tag in pair)}
_SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_WHOLE_NUMBERS = {3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}


def _number(form: str, data: bytes, at: int) -> int:
    found: int = struct.unpack_from(form, data, at)[0]
    return found


_WALKS: dict[str, Callable[[bytes], str | None]] = {
    "JPEG": _jpeg,
    "PNG": _png,
    "TIFF": _tiff,
    "JPEG2000": _jpeg2000,
    "GIF": _gif,
    "WEBP": _webp,
}
