"""Where are the records of a file of ISO 2709, and where the fields in one? Found by its lengths, held to its marks.

ISO 2709 as MARC has it: https://www.loc.gov/marc/specifications/specrecstruc.html . Programs that came to Unicode late
count characters where octets are due, in each record with a letter beyond ASCII: such a record is read by characters
where all its lengths fit so, and that is counted. Any other length that lies (more than five digits can say, a mark
that was lost) spoils one record: reading goes on behind the next record terminator, 0x1D, which no character set of
MARC holds.
"""

import re
from collections.abc import Iterator
from typing import AnyStr, BinaryIO

from biglam_pipeline.parsing.chunks import Chunk
from biglam_pipeline.parsing.inflate import Unreadable

RECORD_END, FIELD_END, SUBFIELD = b"\x1d", b"\x1e", b"\x1f"
LEADER = 24
LONGEST = 99_999
"""Bytes that five digits can say."""
_BLOCK = 1 << 18
_BETWEEN = re.compile(rb"[\r\n \x00\x1a]*")
"""What programs write between records: line ends, and what filled a block of a tape or ended a file of CP/M."""
_MARK = b"\xef\xbb\xbf"
_NEXT = re.compile(rb"[\r\n]{0,2}[0-9]{5}[ -~]{7}[0-9]{5}[ -~]{3}45[0-9 ]")
"""A leader, as sure as one can be of it."""
_ENTRY = re.compile(rb"([0-9A-Za-z]{3})([0-9]{4})([0-9]{5})")
_WIDEST = 4
"""Bytes of a character in UTF-8."""


class Chunks:
    """One file, walked once; as much of it is held as one record may have, and no more."""

    def __init__(self, stream: BinaryIO, *, whole: bool = True) -> None:
        """stream: plain bytes; whole: False where it is only the beginning of a file."""
        self._stream, self._whole = stream, whole
        self._data, self._at, self._base, self._ended = b"", 0, 0, False
        self.between = False
        """Whether something stands between records, where nothing should."""

    def __iter__(self) -> Iterator[Chunk]:
        """Record after record."""
        self._hold(len(_MARK))
        self._at = len(_MARK) if self._data.startswith(_MARK) else 0
        while self._pass_blanks():
            if (found := self._next()) is not None:
                yield found

    def _next(self) -> Chunk | None:
        self._hold(LEADER)
        length = self._length()
        self._hold(length + 2 * LEADER)
        end = self._data.find(RECORD_END, self._at, self._at + length)
        if length and end == self._at + length - 1:
            return self._take(length)
        if end >= 0:
            size = end + 1 - self._at
            return self._take(
                size, "marc_length", f"its leader says {length:,} bytes, and its terminator ends {size:,}"
            )
        for size in (length, length - 1) if length else ():
            if self._ends_at(size):
                return self._take(size, "marc_terminator", "its record terminator (0x1D) is missing")
        if length and (size := self._size_of(length)):
            return self._take(size)
        return self._resynchronise(length)

    def _size_of(self, characters: int) -> int:
        """How many bytes so many characters of UTF-8 take, where a record ends behind them; else 0."""
        self._hold(_WIDEST * characters)
        end = self._data.find(RECORD_END, self._at, self._at + _WIDEST * characters) + 1
        data = self._data[self._at : end] if end else b""
        return len(data) if len(data) <= LONGEST and _characters(data) == characters else 0

    def _length(self) -> int:
        """What the leader says; 0 where it is none."""
        head = self._data[self._at : self._at + LEADER]
        length, base = head[:5], head[12:17]
        if not (len(head) == LEADER and length.isdigit() and base.isdigit()):
            return 0
        return int(length) if int(length) > LEADER else 0

    def _ends_at(self, size: int) -> bool:
        end = self._at + size
        return _NEXT.match(self._data, end) is not None or (self._ended and end == len(self._data) and self._whole)

    def _resynchronise(self, length: int) -> Chunk | None:
        """Passes all up to the next terminator, of whatever length that is, and holds none of it."""
        start, head = self._base + self._at, self._data[self._at : self._at + LEADER]
        while (end := self._data.find(RECORD_END, self._at)) < 0:
            self._at = len(self._data)
            if not self._more():
                if not self._whole:
                    return None
                if not head[:5].isdigit():
                    return Chunk(start, self._base + self._at - start, b"", _no_leader(head))
                detail = "the file ends in the middle of it; harvest it again"
                return Chunk(start, self._base + self._at - start, b"", Unreadable("marc_cut", detail))
        self._at = end + 1
        size = self._base + self._at - start
        if size > LONGEST:
            said = f"it has {size:,} bytes, and its leader can say {LONGEST:,}"
            return Chunk(start, size, b"", _trouble("marc_too_long", said))
        if head[:5].isdigit():
            begin = head[12:17]
            if not begin.isdigit():
                said = f"its leader says that its fields begin at {_shown(begin)}, which is no number"
                return Chunk(start, size, b"", _trouble("marc_leader", said))
            said = f"its leader says {int(head[:5]):,} bytes, and its terminator ends {size:,}"
            return Chunk(start, size, b"", _trouble("marc_length", said))
        return Chunk(start, size, b"", _no_leader(head))

    def _take(self, size: int, reason: str = "", said: str = "") -> Chunk:
        data = self._data[self._at : self._at + size]
        start, self._at = self._base + self._at, self._at + size
        return Chunk(start, size, b"", _trouble(reason, said)) if reason else Chunk(start, size, data)

    def _pass_blanks(self) -> bool:
        """Whether anything follows."""
        while True:
            passed = _BETWEEN.match(self._data, self._at)
            assert passed is not None
            self.between = self.between or passed.end() > self._at
            self._at = passed.end()
            if self._at < len(self._data):
                return True
            if not self._more():
                return False

    def _hold(self, size: int) -> None:
        """Has so many bytes at hand, if there are so many."""
        while len(self._data) - self._at < size and self._more():
            pass

    def _more(self) -> bool:
        if self._ended:
            return False
        block = self._stream.read(_BLOCK)
        self._ended = not block
        self._base, self._data, self._at = self._base + self._at, self._data[self._at :] + block, 0
        return bool(block)


def _shown(data: bytes) -> str:
    return f"`{data.decode('ascii', 'backslashreplace')}`"


def _no_leader(head: bytes) -> Unreadable:
    return Unreadable("marc_leader", f"it begins with {_shown(head)}, which is no leader of MARC; look at what it is")


def _trouble(reason: str, said: str) -> Unreadable:
    return Unreadable(reason, f"{said}; tell the institution, whose program wrote it")


def _characters(data: bytes) -> int:
    """How many there are, where it is UTF-8."""
    try:
        return len(data.decode())
    except UnicodeDecodeError:
        return 0


def fields_in(data: bytes) -> tuple[bytes, list[tuple[str, bytes]], bool]:
    """The leader of a record, tag and bytes of each field without its terminator, and whether the directory counts
    characters for bytes.

    Unreadable where directory and terminators do not agree one by one: what a field has is then a guess.
    """
    leader = data[:LEADER]
    if leader[10:11].strip(b"2 "):
        said = f"it has {leader[10:11].decode('latin-1')} indicators, and MARC has 2: it is other data in ISO 2709"
        raise _trouble("marc_leader", said)
    base = int(leader[12:17])
    if base <= LEADER or data[base - 1 : base] != FIELD_END or (base - 1 - LEADER) % 12:
        raise _trouble("marc_directory", "its directory does not end where the leader says")
    entries = list(_entries(data[LEADER : base - 1]))
    body = data[base:-1]
    try:
        return leader, _cut(entries, body, FIELD_END), False
    except Unreadable:
        if body.isascii() or not _characters(body):
            raise
        return leader, [(tag, field.encode()) for tag, field in _cut(entries, body.decode(), FIELD_END.decode())], True


def _entries(directory: bytes) -> Iterator[tuple[str, int, int]]:
    """Tag, start and length of each field."""
    for at in range(0, len(directory), 12):
        entry = _ENTRY.fullmatch(directory, at, at + 12)
        if entry is None:
            raise _trouble("marc_directory", f"{_shown(directory[at : at + 12])} is no entry of a directory")
        yield entry[1].decode(), int(entry[3]), int(entry[2])


def _cut(entries: list[tuple[str, int, int]], body: AnyStr, mark: AnyStr) -> list[tuple[str, AnyStr]]:
    """Tag and field without its mark, as the directory counts."""
    found, told, ends = list[tuple[str, AnyStr]](), 0, set[int]()
    for tag, start, size in entries:
        field = body[start : start + size]
        if len(field) != size or field.find(mark) != size - 1:
            raise _trouble("marc_directory", f"field {tag} does not end where the directory says")
        told += size
        ends.add(start + size)
        found.append((tag, field[:-1]))
    if told != len(body):
        raise _trouble("marc_directory", f"its directory names {told} bytes of fields, and there are {len(body)}")
    if len(ends) < len(found):
        raise _trouble("marc_directory", "its directory names a field twice, and another not at all")
    return found
