"""Reads the records of a DBF: a header that names the fields, and rows of fixed width.

https://www.loc.gov/preservation/digital/formats/fdd/fdd000325.shtml (dBASE) ;
https://learn.microsoft.com/previous-versions/visualstudio/foxpro/st4a0s68(v=vs.71) (FoxPro's types)
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO

from biglam_pipeline.parsing.inflate import Unreadable

_VERSIONS = frozenset(b"\x02\x03\x04\x05\x07\x30\x31\x32\x43\x63\x7b\x83\x8b\x8c\x8e\xb3\xcb\xe5\xeb\xf5\xfb")
_LEVEL_7 = (0x04, 0x8C)
"""http://dbase.com/KnowledgeBase/int/db7_file_fmt.htm"""
_FOX = (0x30, 0x31, 0x32)
_BLOCK_ROWS = 4096
_DELETED = b"*"
_JULIAN = 1721425
"""The day number of 0001-01-01, less its ordinal of 1."""
_AGAIN = "harvest it again, and if it comes the same, tell the institution"
MEMOS = "MGPW"
"""Types of fields that hold the number of a block in a file beside; of dBASE also B."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column."""

    name: bytes
    type: str
    begin: int
    length: int
    decimals: int
    flags: int = 0
    """Of FoxPro."""

    @property
    def is_binary(self) -> bool:
        """Whether its bytes are no text."""
        return bool(self.flags & 4)


@dataclass(frozen=True, slots=True)
class Header:
    """What a DBF says of itself."""

    version: int
    records: int
    begins: int
    width: int
    driver: int
    fields: tuple[Field, ...]

    def left_behind(self, size: int) -> Iterator[str]:
        """What lies behind the last record that is counted, of a file of this size: some programs leave the count."""
        behind = size - self.begins - self.records * self.width
        if behind >= self.width:
            yield f"dbf: {behind:,} bytes lie behind the last record that its header counts, and are not read"

    @property
    def is_fox(self) -> bool:
        """Visual FoxPro, whose numbers of blocks and doubles are binary."""
        return self.version in _FOX

    @property
    def is_seven(self) -> bool:
        """DBASE 7, whose numbers begin with their highest byte."""
        return self.version in _LEVEL_7

    def has_memo(self, field: Field) -> bool:
        """Whether a field's text lies in the file beside."""
        return field.type in MEMOS or (field.type == "B" and not self.is_fox)


def read_header(stream: BinaryIO, size: int | None) -> Header:
    """The header. size: of the plain file, where that is known. Unreadable where it is none, or the file is cut."""
    head = stream.read(32)
    if len(head) < 32 or head[0] not in _VERSIONS:
        what = "it is empty" if not head else "its first bytes are not those of dBASE or FoxPro"
        raise Unreadable("dbf_missing", f"{what}; leave it out by `files`")
    if head[15] == 1 and head[0] not in _FOX:  # the flag of dBASE IV; FoxPro keeps the byte for itself
        raise Unreadable("dbf_encrypted", "its header says that it is encrypted; ask for it as it is read")
    records, begins, width = struct.unpack_from("<IHH", head, 4)
    rest = stream.read(max(begins - 32, 0))
    if len(rest) < begins - 32 or begins < 33 or not width:
        raise Unreadable("dbf_cut", f"its header is cut; {_AGAIN}")
    fields = tuple(_fields(head[0], rest))
    if not fields or 1 + sum(one.length for one in fields) > width:
        raise Unreadable("dbf_damaged", f"its fields do not fit into records of {width} bytes; {_AGAIN}")
    if size is not None and begins + records * width > size + 1:  # the last record of some ends with the file
        there = max(size - begins, 0) // width
        raise Unreadable("dbf_cut", f"its header says {records:,} records, and there are {there:,}; {_AGAIN}")
    return Header(head[0], records, begins, width, head[29], fields)


def _fields(version: int, rest: bytes) -> Iterator[Field]:
    at, step, name, kind, begin = (36, 48, 32, 32, 1) if version in _LEVEL_7 else (0, 32, 11, 11, 1)
    while at + step <= len(rest) and rest[at] not in (0x0D, 0):
        one = rest[at : at + step]
        letter = chr(one[kind])
        length, decimals = (one[33], one[34]) if step == 48 else (one[16], one[17])
        if letter == "C" and step == 32:
            length, decimals = length + (decimals << 8), 0  # Clipper and FoxPro, for texts above 255 bytes
        yield Field(one[:name].partition(b"\0")[0], letter, begin, length, decimals, one[18] if step == 32 else 0)
        begin += length
        at += step


def read_records(stream: BinaryIO, header: Header) -> Iterator[tuple[int, bytes, bool]]:
    """Number from 1, bytes, and whether it is marked as deleted: until it is packed, such a record is only hidden.

    stream: as `read_header` left it. Unreadable where it ends before the last record.
    """
    number = 0
    while number < header.records:
        block = stream.read(min(_BLOCK_ROWS, header.records - number) * header.width)
        there = len(block) // header.width
        if len(block) % header.width == header.width - 1 and number + there + 1 == header.records:
            block, there = block + b" ", there + 1
        if not there:
            raise Unreadable("dbf_cut", f"it ends behind record {number:,} of {header.records:,}; {_AGAIN}")
        for at in range(0, there * header.width, header.width):
            number += 1
            record = block[at : at + header.width]
            yield number, record, record[:1] == _DELETED


def told_apart(header: Header, record: bytes) -> dict[int, bytes | None]:
    """What FoxPro's hidden field of flags says of a record: begin of a field -> its bytes, None where it is null.

    A bit for each varying field, that it is shorter than its column, which ends with its length; and one for each that
    may be null. https://learn.microsoft.com/previous-versions/visualstudio/foxpro/st4a0s68(v=vs.71)
    """
    where = next((one for one in header.fields if one.type == "0"), None)
    if where is None:
        return {}
    bits, bit = int.from_bytes(record[where.begin : where.begin + where.length], "little"), 0
    found: dict[int, bytes | None] = {}
    for one in header.fields:
        if one.type in "VQ":
            raw = record[one.begin : one.begin + one.length]
            found[one.begin] = raw[: raw[-1]] if bits >> bit & 1 else raw
            bit += 1
        if one.flags & 2:
            if bits >> bit & 1:
                found[one.begin] = None
            bit += 1
    return found


def written(field: Field, raw: bytes, header: Header) -> tuple[str | None, str]:
    """What a field that is no text says, and what is wrong with it."""
    if header.is_seven and field.type in "I+" and field.length == 4:
        return _long(raw)
    read = _BINARY.get((field.type, field.length))
    if read is not None and (field.type != "B" or header.is_fox):
        return read(raw)
    said = raw.decode("latin-1").strip(" \0")
    if not (said.isascii() and said.isprintable()):  # doubles and moments of dBASE 7, and types that nobody described
        return None, "holds bytes and no text"
    if field.type == "D":
        return _day(said)
    if field.type == "L":
        word = {"t": "true", "y": "true", "f": "false", "n": "false"}.get(said.casefold())
        return word, "" if word or said in ("", "?") else "is no truth value"
    if said.startswith("*"):
        return None, "is a number that was too long for its column"
    return said or None, ""


def _day(said: str) -> tuple[str | None, str]:
    if not said.strip("0"):
        return None, ""
    try:
        return datetime.strptime(said, "%Y%m%d").date().isoformat(), ""  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return said, "is no day of the calendar"


def _long(raw: bytes) -> tuple[str | None, str]:
    """The highest bit is 0 where it is below zero; of an empty field all are."""
    number = struct.unpack(">I", raw)[0] - 0x80000000
    return (str(number) if any(raw) else None), ""


def _moment(raw: bytes) -> tuple[str | None, str]:
    """Julian day and milliseconds."""
    day, milliseconds = struct.unpack("<Ii", raw)
    if not day:
        return None, ""
    try:
        moment = datetime(1, 1, 1) + timedelta(days=day - _JULIAN - 1, milliseconds=milliseconds)  # noqa: DTZ001
    except OverflowError:
        return None, "is beyond any calendar"
    moment = (moment + timedelta(milliseconds=500)).replace(microsecond=0)  # FoxPro keeps seconds, some ms short
    return moment.isoformat().removesuffix("T00:00:00"), ""


_BINARY: dict[tuple[str, int], Callable[[bytes], tuple[str | None, str]]] = {
    ("I", 4): lambda raw: (str(struct.unpack("<i", raw)[0]), ""),
    ("B", 8): lambda raw: (repr(struct.unpack("<d", raw)[0]), ""),
    ("Y", 8): lambda raw: (f"{struct.unpack('<q', raw)[0] / 10000:.4f}", ""),
    ("T", 8): _moment,
    ("+", 4): lambda raw: (str(struct.unpack(">I", raw)[0] & 0x7FFFFFFF), ""),
}
