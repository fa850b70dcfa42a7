"""What is a table's file: lines of text, JSON Lines, a workbook, a database, a DBF? Its first bytes decide.

Office Open XML and OpenDocument are ZIP files (APPNOTE 4.3), the second with its type as the first member, stored
(OpenDocument 1.3, part 2, 3.3); XLS is a Compound File (MS-CFB 2.2). A DBF has no magic number, so its name says it.
"""

from typing import Literal, cast

from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.parsing.spreadsheets.workbooks import Form as Workbook
from biglam_pipeline.parsing.sqlite import MAGIC
from biglam_pipeline.records import Item

Form = Literal["text", "json", "xlsx", "xls", "ods", "sqlite", "dbf"]
LINES: tuple[Form, ...] = ("text", "json")
"""What is read line by line."""
JSON = (".jsonl", ".ndjson")
WORKBOOKS = (".xlsx", ".xlsm", ".xls", ".ods")
DATABASES = (".sqlite", ".sqlite3")
DBF = (".dbf",)
_ODS = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet"
_COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_HEAD_BYTES = 128
_MARKUP = (b"<", b"\xef\xbb\xbf<")


def form_of(item: Item) -> Form:
    """By the first bytes, then by the name. `.xls` is often a text that calls itself one, and read as such."""
    name = item.name.lower().removesuffix(".gz")
    if name.endswith(JSON):
        return "json"
    with open_plain(item) as stream:
        head = stream.read(_HEAD_BYTES)
    if head.startswith(MAGIC):
        return "sqlite"
    if head.startswith(b"PK\x03\x04"):
        return "ods" if _ODS in head else "xlsx"
    if head.startswith(_COMPOUND):
        return "xls"
    if name.endswith(".xls") and head.strip() and not head.lstrip().startswith(_MARKUP) and b"\0" not in head:
        return "text"
    return _by_name(name)


def _by_name(name: str) -> Form:
    if name.endswith(DBF):
        return "dbf"
    if name.endswith(DATABASES):
        return "sqlite"
    if name.endswith(WORKBOOKS):
        return cast(Workbook, {"xlsm": "xlsx"}.get(name.rpartition(".")[2], name.rpartition(".")[2]))
    return "text"
