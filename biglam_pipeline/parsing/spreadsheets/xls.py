"""The sheets of XLS, record by record.

https://learn.microsoft.com/openspecs/office_file_formats/ms-xls/
"""

import struct
from collections.abc import Iterator

from biglam_pipeline.parsing.spreadsheets.compound import Compound, broken
from biglam_pipeline.parsing.spreadsheets.packages import encrypted
from biglam_pipeline.parsing.spreadsheets.surveying import Sheet

_ROW, _BOUND, _PASSWORD, _BEGIN, _END, _TEXTS, _MORE = 0x208, 0x85, 0x2F, 0x809, 0x0A, 0xFC, 0x3C
_ONE = {0x203: "number", 0x27E: "rk", 0xFD: "shared", 0x204: "label", 0xD6: "rich", 0x205: "error", 0x06: "formula"}
"""Records of one cell: 2.4.180, 2.4.220, 2.4.149, 2.4.148, 2.4.224, 2.4.24 and 2.4.127."""
_SIZE = 0x200
"""Dimensions, 2.4.90: the library makes room for so much before it reads a cell."""
_COLUMNS = 0x7D
"""How wide columns are, and whether they are seen: 2.4.53."""
_SEVERAL = 0xBD
"""MulRk, numbers beside one another: 2.4.175."""
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_HIDDEN_ROW = 0x20


def sheets_of(data: bytes) -> list[Sheet]:
    """The worksheets, in the workbook's order, surveyed. Unreadable where it asks for a password or is damaged."""
    compound = Compound(data)
    book = compound.stream("Workbook", "Book")
    if book is None:
        if compound.stream("EncryptedPackage") is not None:  # MS-OFFCRYPTO 2.3.1: what is inside is an XLSX
            raise encrypted()
        raise broken("it holds no workbook")
    found: list[tuple[Sheet, int]] = []
    biff8 = True
    for kind, body, _ in _records(book, 0):
        if kind == _BEGIN and len(body) >= 2:
            biff8 = struct.unpack_from("<H", body)[0] >= 0x600
        elif kind == _PASSWORD:
            raise encrypted()
        elif kind == _BOUND and len(body) >= 8:
            offset, hidden, sort, length = struct.unpack_from("<IBBB", body)
            if sort & 0x0F == 0:
                found.append((Sheet(_named(body[7:], length, biff8=biff8), not hidden & 3), offset))
    blank = _blank_texts(book)
    for sheet, offset in found:
        _survey(sheet, book, offset, blank)
    return [sheet for sheet, _ in found]


def _records(book: bytes, at: int) -> Iterator[tuple[int, bytes, int]]:
    """Kind, body and place of each record of a substream, to its end."""
    depth = 0
    while at + 4 <= len(book):
        kind, length = struct.unpack_from("<HH", book, at)
        yield kind, book[at + 4 : at + 4 + length], at
        at += 4 + length
        depth += (kind == _BEGIN) - (kind == _END)
        if kind == _END and depth <= 0:
            return


def _named(text: bytes, length: int, *, biff8: bool) -> str:
    if not biff8:
        return text[:length].decode("cp1252", "replace")
    wide = text[:1] == b"\1"
    return text[1 : 1 + length * (1 + wide)].decode("utf-16-le" if wide else "latin-1", "replace")


def _blank_texts(book: bytes) -> set[int]:
    """Numbers of shared texts that are empty, as far as they stand in the first record of these: 2.4.265."""
    for kind, body, _ in _records(book, 0):
        if kind == _TEXTS:
            return {number for number, length in _lengths(body) if not length}
    return set()


def _lengths(body: bytes) -> Iterator[tuple[int, int]]:
    at, number = 8, 0
    while at + 3 <= len(body):
        length, flags = struct.unpack_from("<HB", body, at)
        at += 3
        runs = phonetic = 0
        if flags & 8 and at + 2 <= len(body):
            runs, at = struct.unpack_from("<H", body, at)[0], at + 2
        if flags & 4 and at + 4 <= len(body):
            phonetic, at = struct.unpack_from("<I", body, at)[0], at + 4
        yield number, length
        at += length * (1 + (flags & 1)) + 4 * runs + phonetic
        number += 1


def _survey(sheet: Sheet, book: bytes, offset: int, blank: set[int]) -> None:
    """The columns of each row that hold anything: the records of a row need not stand together."""
    rows: dict[int, set[int]] = {}
    for kind, body, _ in _records(book, offset):
        if len(body) < 6:
            continue
        row, column = struct.unpack_from("<HH", body)
        if kind in (_COLUMNS, _SIZE, _ROW):
            _note(sheet, kind, body)
        elif kind == _SEVERAL:
            last = struct.unpack_from("<H", body, len(body) - 2)[0]
            sheet.reach(row + 1, max(column, last) + 1)
            rows.setdefault(row, set()).update(range(column, max(column, last) + 1))
        elif kind in _ONE:
            sheet.reach(row + 1, column + 1)
            if _holds(sheet, _ONE[kind], body, blank):
                rows.setdefault(row, set()).add(column)
    for row, columns in sorted(rows.items()):
        sheet.put(row + 1, len(columns), max(columns) + 1)
        sheet.columns.update(column + 1 for column in columns)


def _note(sheet: Sheet, kind: int, body: bytes) -> None:
    """How large it says that it is, and which of its rows and columns are not seen."""
    if kind == _SIZE:
        sheet.refuse_above(*_said_size(body))
    elif kind == _COLUMNS and len(body) >= 10:
        sheet.hidden_columns += struct.unpack_from("<H", body, 8)[0] & 1
    elif kind == _ROW and len(body) >= 14 and struct.unpack_from("<H", body, 12)[0] & _HIDDEN_ROW:
        row = struct.unpack_from("<H", body)[0] + 1
        sheet.hidden.append((row, row))


def _said_size(body: bytes) -> tuple[int, int]:
    """Rows and columns, of BIFF8 and of what came before."""
    layout = "<IIHH" if len(body) >= 12 else "<HHHH"
    if len(body) < struct.calcsize(layout):
        return 0, 0
    first, last, left, right = struct.unpack_from(layout, body)
    if last < first or right < left:
        raise broken("a sheet of it says that it ends before it begins")
    return last - first, right - left


def _holds(sheet: Sheet, kind: str, body: bytes, blank: set[int]) -> bool:
    """Whether a cell says anything; an error is noted."""
    row, column = struct.unpack_from("<HH", body)
    error: int | None = None
    if kind == "error" and len(body) >= 8 and body[7]:
        error = body[6]
    if kind == "formula" and len(body) >= 14 and body[12:14] == b"\xff\xff":  # 2.5.133: no number, but a word
        if body[6] == 3:
            sheet.unkept[row + 1] += 1
            return False
        error = body[8] if body[6] == 2 else None
    if error is not None:
        sheet.errors.setdefault(row + 1, []).append((column + 1, _ERRORS.get(error, f"error {error}")))
    if kind == "shared" and len(body) >= 10:
        return struct.unpack_from("<I", body, 6)[0] not in blank
    return kind not in ("label", "rich") or len(body) < 8 or struct.unpack_from("<H", body, 6)[0] > 0
