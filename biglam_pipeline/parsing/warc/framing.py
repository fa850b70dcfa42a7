"""Cuts a web archive into its records, and goes on behind one that is spoiled.

ISO 28500 (WARC 1.0 and 1.1: https://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/ ); 0.17 and
0.18, which Heritrix wrote before, have the same frame. The libraries at hand end a file, or go on somewhere in it, at
the first record of a wrong length: warcio 1.8 prints a warning and takes what follows for blank lines.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from io import BytesIO
from typing import BinaryIO

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.warc.inflating import Damage, Inflated

MAX_BLOCK_BYTES = 64 * 1024 * 1024
"""The largest block that is held in memory. What is larger is passed over: it is film, a dump or an attack."""
_MAX_HEAD_BYTES = 256 * 1024
_STEP = 1 << 18
_MAX_AGAIN_BYTES = 2 << 30
"""So much of a file is looked through again for records inside of spoiled ones: each may claim all that follows."""
_VERSION = re.compile(rb"WARC/(\d{1,3}\.\d{1,3})[ \t]*\r?\n")
_NEXT = re.compile(rb"WARC/\d{1,3}\.\d{1,3}[ \t]*\r?\n[A-Za-z-]{2,60}:")
_LONGEST_NEXT = 100
"""So many bytes `_NEXT` needs at most to know that it fits."""
_HEAD_END = re.compile(rb"\r?\n\r?\n")
_FOLD = re.compile(rb"\r?\n[ \t]+")
_GAP = b"\r\n"
_BLANK = re.compile(rb"[\r\n]+")
_KNOWN = frozenset({"0.17", "0.18", "0.9", "1.0", "1.1"})
_ARC = b"filedesc:"


@dataclass(frozen=True, slots=True)
class Lies:
    """Where something stands among the bytes as they are read, with the blank lines behind it."""

    begin: int
    end: int
    packed: tuple[int, int] | None = None
    """Where in the file as it lies, of gzip members of its own."""


@dataclass(slots=True)
class WarcRecord:
    """One record."""

    number: int
    """From 1; a spoiled one counts too."""
    fields: Mapping[str, str]
    """Name in small letters -> value; of a name that is repeated the first."""
    head: str
    """The same as it is written."""
    block: bytes | None
    """None where it is larger than `MAX_BLOCK_BYTES`."""
    lies: Lies
    problems: tuple[str, ...] = ()
    begins: bytes = b""
    """Of a block that is None, its beginning: what it is stands there."""


@dataclass(slots=True)
class Spoiled:
    """What should be a record."""

    number: int
    reason: str
    detail: str
    fields: Mapping[str, str] = field(default_factory=dict)


def read_records(stream: BinaryIO, *, may_end: bool = False) -> Iterator[WarcRecord | Spoiled]:
    """Record after record, in memory one at a time. may_end: whether it is only the beginning of a file.

    Unreadable where it is no web archive.
    """
    data = Inflated(stream)
    _check_is_warc(data)
    framer = _Framer(data)
    while (found := framer.next()) is not None:
        if may_end and isinstance(found, Spoiled) and found.reason in ("warc_cut", "gzip_cut"):
            return
        yield found


def _check_is_warc(data: Inflated) -> None:
    try:
        if not data.fill(_MAX_HEAD_BYTES // 4):
            data.check()
    except Damage as damage:
        raise Unreadable(damage.reason, str(damage)) from damage
    head = bytes(data.buffer[:1024]).lstrip(_GAP)
    if head.startswith(_ARC):
        raise Unreadable(
            "arc", "it is ARC, the format before WARC; make WARC of it: `warcio recompress old.arc new.warc`"
        )
    if not head:
        raise Unreadable("warc_empty", "there is nothing in it; harvest it again, or leave it out with `files`")
    if not _NEXT.search(bytes(data.buffer)):
        raise Unreadable("not_warc", "there is no record of WARC at its beginning; leave it out with `files`")


class _Framer:
    """Goes from record to record."""

    def __init__(self, data: Inflated) -> None:
        self._data = data
        self._number = 0
        self._fields: Mapping[str, str] = {}
        self._again = 0
        self._ends_blank = self._is_cut = False
        """Whether blank lines stand behind a record before; whether none do at the file's end, and so it is cut."""
        self._by_member = False
        """Whether each record is a gzip member of its own, as the second and later ones show."""

    def next(self) -> WarcRecord | Spoiled | None:
        """The next record; None at the end."""
        self._fields, self._number = {}, self._number + 1
        try:
            self._skip_gap()
            if not self._data.fill(1):
                self._data.check()
                return self._end()
            return self._record()
        except Damage as damage:
            if not self._data.is_packed or not self._data.next_member():
                self._data = Inflated(BytesIO())
            return Spoiled(self._number, damage.reason, str(damage), self._fields)

    def _end(self) -> Spoiled | None:
        """Two line ends belong to a record (ISO 28500, 4): where others have them, a file that ends before is cut, and
        nobody knows what stood behind. A gzip stream says itself where it ends.
        """
        if not self._is_cut:
            return None
        self._is_cut = False
        detail = "the file ends before the blank lines that stand behind each record; harvest the file again"
        return Spoiled(self._number, "warc_cut", detail)

    def _skip_gap(self) -> bytes:
        """The blank lines that were passed."""
        passed = b""
        while self._data.fill(1) and (blank := _BLANK.match(self._data.buffer)) is not None:
            more = self._data.take(blank.end())
            passed += more if len(passed) < _MAX_HEAD_BYTES else b""
        return passed

    def _record(self) -> WarcRecord | Spoiled:
        begin = self._data.at
        self._data.forget()
        self._by_member = self._by_member or (self._number > 1 and begin in self._data.starts)
        version = _VERSION.match(self._begins())
        if version is None:
            return self._spoiled("not_warc_record", "no record of WARC begins here; harvest the file again")
        head = self._head()
        if head is None:
            return self._spoiled("warc_head", "its named fields have no end; harvest the file again")
        if (inside := self._record_inside(begin + 1, rest := head[1:])) is not None:
            return self._spoiled("warc_head", "it ends inside of its head; harvest the file again", back=rest[inside:])
        problems = [] if version[1].decode() in _KNOWN else [f"warc: version {version[1].decode()}, read as 1.1"]
        self._fields = fields_of(head)
        size = self._fields.get("content-length", "")
        if not size.isascii() or not size.isdigit() or len(size) > 18:
            return self._spoiled("warc_head", f"its Content-Length is {size[:40]!r}, no number; harvest the file again")
        return self._with_block(begin, head, int(size), problems)

    def _begins(self) -> bytes:
        self._data.fill(_LONGEST_NEXT)
        return bytes(self._data.buffer[:_LONGEST_NEXT])

    def _head(self) -> bytes | None:
        size = _LONGEST_NEXT
        while True:
            there = self._data.fill(size)
            if (end := _HEAD_END.search(bytes(self._data.buffer[:size]))) is not None:
                return self._data.take(end.end())
            if there < size or size > _MAX_HEAD_BYTES:
                self._data.check()
                return None
            size *= 4

    def _with_block(self, begin: int, head: bytes, size: int, problems: list[str]) -> WarcRecord | Spoiled:
        behind = self._data.at
        block, begins = self._block(size)
        if isinstance(block, Spoiled):
            return block
        if (inside := self._record_inside(behind, block or b"")) is not None:
            said = f"a record begins {inside} bytes behind its head, and its Content-Length is {size}"
            return self._spoiled("warc_length", f"{said}, so it is shorter; harvest the file again", back=block or b"")
        gap = self._skip_gap()
        if not self._data.fill(1) and self._data.at not in self._data.starts:
            self._data.check()  # the member that it ends in is cut, or is not what its checksum says
        if not gap.startswith(b"\r\n\r\n") and self._data.fill(1) and not _VERSION.match(self._begins()):
            at = f"behind the {size} bytes of its Content-Length stands no record"
            said = f"{at}, so it is longer or shorter than it says; harvest the file again"
            return self._spoiled("warc_length", said, back=(block or b"") + gap)
        is_last, ends = not self._data.fill(1), gap.count(b"\n") > 1
        self._is_cut = is_last and not ends and self._ends_blank and not self._data.is_packed
        self._ends_blank = self._ends_blank or ends
        if (not gap and not is_last) or (is_last and not ends and not self._is_cut):
            problems.append("warc: no blank line behind a record")
        starts, end = self._data.starts, self._data.at
        own = (starts[begin], starts[end]) if begin in starts and end in starts else None
        lies = Lies(begin, end, own)
        return WarcRecord(self._number, self._fields, _text(head), block, lies, tuple(problems), begins)

    def _record_inside(self, behind: int, block: bytes) -> int | None:
        """Where in a head or a block a gzip member begins that is a record: where each is packed, none is in another.

        behind: where that begins.
        """
        places = (start - behind for start in sorted(self._data.starts) if 0 <= start - behind < len(block))
        return next((place for place in places if _NEXT.match(block, place)), None)

    def _block(self, size: int) -> tuple[bytes | Spoiled | None, bytes]:
        """The block, or None where it is too large to be held, and then how it begins."""
        if size <= MAX_BLOCK_BYTES:
            block = self._data.take(size)
            return (block if len(block) == size else self._cut(len(block), size, block)), b""
        begins = self._data.take(min(size, _STEP))
        left = size - len(begins)
        while left and (step := len(self._data.take(min(left, _STEP)))):
            left -= step
        return (None if not left else self._cut(size - left, size, b"")), begins

    def _cut(self, there: int, size: int, back: bytes) -> Spoiled:
        detail = f"the file ends {there} bytes behind its head, and it has {size}; harvest the file again"
        return self._spoiled("warc_cut", detail, back=back)

    def _spoiled(self, reason: str, detail: str, back: bytes = b"") -> Spoiled:
        """Goes to where the next record begins, which may be inside of what was taken for this one: `back`.

        In a file of one member a record, only where a member begins: pages about WARC have its words in them.
        """
        spoiled = Spoiled(self._number, reason, detail, self._fields)
        self._again += len(back)
        if self._again > _MAX_AGAIN_BYTES:
            raise Unreadable(
                "warc_damaged", "so many records have a wrong length that the rest is not read; harvest it again"
            )
        self._data.give_back(back)
        begin = 0 if back else 1
        while (there := min(self._data.fill(most := max(_STEP, len(back))), most)) > begin:
            for found in _NEXT.finditer(bytes(memoryview(self._data.buffer)[:there]), begin):
                if self._is_start(found.start(), is_first=bool(back)):
                    self._data.take(found.start())
                    return spoiled
            kept = 0 if there < _STEP else _LONGEST_NEXT
            self._data.take(there - kept)
            begin, back = 1 if kept else 0, b""
        self._data.take(self._data.fill(_STEP))
        return spoiled

    def _is_start(self, place: int, *, is_first: bool) -> bool:
        """place: in the buffer; is_first: whether the buffer begins where a record may."""
        if self._data.at + place in self._data.starts:
            return True
        return not self._by_member and (self._data.buffer[place - 1] in _GAP if place else is_first)


def fields_of(head: bytes) -> dict[str, str]:
    """Named fields, name in small letters -> value: UTF-8 by the standard (4, named-field), Latin-1 where it is not."""
    found: dict[str, str] = {}
    for line in _text(_FOLD.sub(b" ", head)).split("\n"):  # `splitlines` knows ends that no head has, as U+0085
        name, colon, value = line.partition(":")
        if colon and name.strip():
            found.setdefault(name.strip().casefold(), value.strip())
    return found


def _text(data: bytes) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        return data.decode("latin-1")
