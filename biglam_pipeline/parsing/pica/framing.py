"""Where are the records of a file of PICA+ that is neither XML nor JSON? Found by their marks, one after another.

Normalized: a line is a record, 0x1E ends a field. Binary: 0x1D ends a record; some dumps of the GBV end each level with
it, so that what begins at another level than the title belongs to the title before. Import: a line is a field that
begins with 0x1E, 0x1D alone in a line stands before a record. Plain: a line is a field, a blank line stands between
records, and what WinIBW says of its download (`SET:`).
"""

import re
from collections.abc import Iterator
from typing import BinaryIO

from biglam_pipeline.parsing.chunks import Chunk
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.pica.forms import Form

LONGEST = 1 << 25
"""Bytes of a record: those with the copies of every library have some hundred thousand."""
_BLOCK = 1 << 18
_MARK = b"\xef\xbb\xbf"
_NOTHING = b" \t\r\n\x00\x1a\xef\xbb\xbf"
"""What stands for nothing: 0x1A ends a file of DOS, and a byte order mark stands where files were put together."""
_LOWER = re.compile(rb"(?:[0-9X ]*\x1e)?[12][0-9]{2}[A-Z@](?:/[0-9]{2,3})?(?: |\x1d?\Z)")
_BLANK = re.compile(rb"[%b]*(?:(?:SET|Eingabe|Warnung):.*)?" % _NOTHING, re.DOTALL)
_CUT = "the file ends in the middle of it; harvest it again"


class Chunks:
    """One file, walked once; as much of it is held as one record has."""

    def __init__(self, stream: BinaryIO, form: Form, *, whole: bool = True) -> None:
        """stream: plain bytes; whole: False where it is only the beginning of a file, whose last record may be cut."""
        self._stream, self._form, self._whole = stream, form, whole
        self.unended = False
        """Whether the last line of normalized PICA ends with a field and no line end: more may have followed."""

    def __iter__(self) -> Iterator[Chunk]:
        """Record after record."""
        if self._form == "normalized":
            yield from self._lines()
        elif self._form == "binary":
            yield from self._levels()
        else:
            yield from self._groups()

    def _lines(self) -> Iterator[Chunk]:
        for start, size, data in self._pieces(b"\n"):
            ended = data.endswith(b"\n")
            if data and not data.strip(_NOTHING):
                continue
            if ended or self._whole:
                self.unended = not ended and data.endswith(b"\x1e")
                yield _checked(start, size, data.rstrip(b"\r\n"), cut=not (ended or self.unended))

    def _levels(self) -> Iterator[Chunk]:
        start = size = kept = 0
        held, ended = list[bytes](), True
        for at, length, data in self._pieces(b"\x1d"):
            found = data.lstrip(_NOTHING)
            if data and found in (b"", b"\x1d"):
                continue
            if held and not _LOWER.match(found):
                yield _checked(start, size, b"".join(held), kept=kept)
                held, kept = [], 0
            if not data:
                yield _checked(at, length, b"")
                continue
            if not held:
                start = at + len(data) - len(found)
            size, ended = at + length - start, data.endswith(b"\x1d")
            kept += len(found)
            held.append(found.removesuffix(b"\x1d") if kept <= LONGEST else b"")
        if held and self._whole:
            yield _checked(start, size, b"".join(held), cut=not ended, kept=kept)

    def _groups(self) -> Iterator[Chunk]:
        start, held, size, kept, begun = 0, list[bytes](), 0, 0, False
        is_import = self._form == "import"
        for at, length, data in self._pieces(b"\n"):
            divides = data.strip(_NOTHING) == b"\x1d" if is_import else _BLANK.fullmatch(data) is not None
            if divides and data:
                if held:
                    yield _checked(start, size, b"".join(held), marked=False, kept=kept)
                held, kept, begun = [], 0, True
                continue
            if is_import and data and (_stands_between(data, begun=begun) if not held else not data.strip(_NOTHING)):
                continue
            start = start if held else at
            size = at + length - start
            kept += length
            held.append(data if kept <= LONGEST else b"")
        if held and self._whole:
            cut = is_import and not held[-1].endswith(b"\n")
            yield _checked(start, size, b"".join(held), marked=False, cut=cut, kept=kept)

    def _pieces(self, end: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Start, size and bytes of each, its end with it; no bytes where it is too long to be held."""
        rest, start, lost = b"", 0, 0
        first = True
        while block := self._stream.read(max(_BLOCK, len(rest))):
            if first and block.startswith(_MARK):
                block, start = block[len(_MARK) :], len(_MARK)
            first = False
            *whole, rest = (rest + block).split(end)
            for one in whole:
                size = lost + len(one) + 1
                yield start, size, b"" if lost else one + end
                start, lost = start + size, 0
            if len(rest) > LONGEST or lost:
                rest, lost = b"", lost + len(rest)
        if rest or lost:
            yield start, lost + len(rest), b"" if lost else rest


def _stands_between(line: bytes, *, begun: bool) -> bool:
    """Comments and blank lines, and whatever stands before the first record of an import. begun: whether 0x1D came."""
    first = line.strip(_NOTHING)[:1]
    return first in (b"", b"#") if begun else first != b"\x1e"


def _checked(start: int, size: int, data: bytes, *, cut: bool = False, marked: bool = True, kept: int = 0) -> Chunk:
    """marked: whether 0x1E is due behind each field; cut: whether the record ends with nothing that is due; kept: bytes
    of its parts, of which no more are held than `LONGEST`.
    """
    if not data or max(len(data), kept) > LONGEST:
        detail = f"it has {size:,} bytes, and {LONGEST:,} are read of one record; look at what it is"
        return Chunk(start, size, b"", Unreadable("pica_too_long", detail))
    if cut:
        return Chunk(start, size, b"", Unreadable("pica_cut", _CUT))
    if marked and not data.endswith(b"\x1e"):
        detail = "its last field does not end with 0x1E, so it may be cut; tell the institution"
        return Chunk(start, size, b"", Unreadable("pica_field_end", detail))
    return Chunk(start, size, data)
