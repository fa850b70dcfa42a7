"""Opens a workbook of somebody else, and gives its sheets row by row.

By calamine (https://docs.rs/calamine), which reads XLSX, XLS and ODS; what it may not be handed is refused before.
"""

import io
from collections.abc import Iterator, Sequence
from typing import Literal

import python_calamine as calamine

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.spreadsheets import ods, xls, xlsx
from biglam_pipeline.parsing.spreadsheets.cells import Value
from biglam_pipeline.parsing.spreadsheets.packages import SAVE, Package, damaged, encrypted
from biglam_pipeline.parsing.spreadsheets.surveying import Sheet

Form = Literal["xlsx", "xls", "ods"]
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def survey(data: bytes, form: Form, wanted: Sequence[str] = ()) -> list[Sheet]:
    """The worksheets and what they hold. wanted: names, where nobody asks for the others.

    Unreadable where the file is no workbook, asks for a password, or is too large to be laid out.
    """
    if data.startswith(_COMPOUND):  # an XLSX with a password is packed so too
        return xls.sheets_of(data)
    if form == "xls":
        raise Unreadable("workbook_missing", f"it is no XLS ({_seen(data)}); {SAVE}")
    if not data.startswith(b"PK"):
        raise Unreadable("workbook_missing", f"it is no {form.upper()} ({_seen(data)}); {SAVE}")
    package = Package(io.BytesIO(data), len(data))
    package.prove()
    return ods.sheets_of(package) if form == "ods" else xlsx.sheets_of(package, wanted)


class Laid:
    """A sheet that was surveyed, laid out in memory."""

    def __init__(self, data: bytes, name: str) -> None:
        """Unreadable where the library cannot read what the survey could."""
        try:
            with calamine.CalamineWorkbook.from_filelike(io.BytesIO(data)) as workbook:
                self._sheet = workbook.get_sheet_by_name(name)
        except calamine.PasswordError as why:
            raise encrypted() from why
        except calamine.CalamineError as why:
            raise damaged(why) from why
        except BaseException as why:  # what the library did not think of is a panic, which pyo3 makes no Exception of
            if type(why).__name__ == "PanicException":
                raise damaged(why) from why
            raise

    def rows(self) -> Iterator[tuple[int, int, list[Value]]]:
        """Number of each row, that of its first column, and its cells; "" for an empty one."""
        first = (self._sheet.start or (0, 0))[1] + 1
        for number, cells in enumerate(self._sheet.iter_rows(), 1):
            yield number, first, cells

    def merged_rows(self) -> list[tuple[int, int]]:
        """Rows, first and last, over which a cell is merged: all but the first show its value, and have none."""
        ranges = self._sheet.merged_cell_ranges or []
        return [(top + 1, bottom + 1) for (top, _), (bottom, _) in ranges if bottom > top]


def _seen(data: bytes) -> str:
    head = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<html", b"<!doctype html", b"<table", b"<meta", b"<head")):
        return "a web page that calls itself one"
    if head.startswith(b"<"):
        return "XML that calls itself one"
    return "it begins with other bytes" if data else "it is empty"
