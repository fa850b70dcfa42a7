"""The sheets of Office Open XML, element by element.

ECMA-376, part 1, 18.2 (workbook) and 18.3 (worksheets): https://ecma-international.org/publications-and-standards/standards/ecma-376/
"""

import posixpath
from collections.abc import Sequence

from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.spreadsheets.packages import SAVE, Package, damaged, local
from biglam_pipeline.parsing.spreadsheets.surveying import Sheet, place_of

_WORKBOOK = "xl/workbook.xml"


def sheets_of(package: Package, wanted: Sequence[str]) -> list[Sheet]:
    """The worksheets, in the workbook's order, surveyed: all, or of several names those. Charts and macros are none."""
    if _WORKBOOK not in package.names:
        kind = "an XLSB" if "xl/workbook.bin" in package.names else "another ZIP"
        raise Unreadable("workbook_missing", f"it is no XLSX ({kind} that calls itself one); {SAVE}")
    book = _start_of(package)
    parts = _targets(package, book)
    found: list[tuple[Sheet, str]] = []

    def start(name: str, said: dict[str, str]) -> None:
        if local(name) == "sheet":
            given = {local(key): value for key, value in said.items()}
            part, kind = parts.get(given.get("id", ""), ("", ""))
            if kind == "worksheet":
                found.append((Sheet(given.get("name", ""), given.get("state", "visible") == "visible"), part))

    package.read_xml(book, start)
    blank = _blank_texts(package, book) if found else set[int]()
    for sheet, part in found:
        if part not in package.names:
            raise damaged(ValueError(f"its sheet {sheet.name!r} is not in it"))
        if not wanted or sheet.name in wanted:
            package.read_xml(part, *_Cells(sheet, blank).handlers)
    return [sheet for sheet, _ in found]


def _start_of(package: Package) -> str:
    """Where the library looks for it; another place is refused, where that one is taken too."""
    found = {target for target, kind in _targets(package, "").values() if kind == "officeDocument"}
    if found - {_WORKBOOK}:
        raise damaged(ValueError(f"its workbook is {min(found)}, where {_WORKBOOK} is due"))
    return _WORKBOOK


def _targets(package: Package, part: str) -> dict[str, tuple[str, str]]:
    """Id -> the member that it leads to, and the last word of its type (transitional and strict differ before it)."""
    folder, name = posixpath.split(part)
    found: dict[str, tuple[str, str]] = {}

    def start(element: str, said: dict[str, str]) -> None:
        if local(element) == "Relationship" and said.get("TargetMode") != "External":
            target = posixpath.normpath(posixpath.join("/", folder, said.get("Target", ""))).lstrip("/")
            found[said.get("Id", "")] = (target, said.get("Type", "").rpartition("/")[2])

    package.read_xml(posixpath.join(folder, "_rels", f"{name}.rels"), start)
    return found


def _blank_texts(package: Package, book: str) -> set[int]:
    """The numbers of shared texts that are empty."""
    shared = [target for target, kind in _targets(package, book).values() if kind == "sharedStrings"]
    blank, state = set[int](), {"number": -1, "phonetic": 0, "inside": 0, "kept": 0}

    def start(name: str, said: dict[str, str]) -> None:
        name = local(name)
        if name == "si":
            state["number"] += 1
            blank.add(state["number"])
        state["phonetic"] += name == "rPh"
        if name == "t":
            state["inside"], state["kept"] = 1, _keeps(said)

    def ended(name: str) -> None:
        name = local(name)
        state["phonetic"] -= name == "rPh"
        if name == "t":
            state["inside"] = 0

    def text(data: str) -> None:
        if state["inside"] and not state["phonetic"] and (state["kept"] or not data.isspace()):
            blank.discard(state["number"])

    for part in shared[:1]:
        package.read_xml(part, start, ended, text)
    return blank


class _Cells:
    """What the XML of a sheet says of its cells."""

    def __init__(self, sheet: Sheet, blank: set[int]) -> None:
        self._sheet, self._blank = sheet, blank
        self._row = self._column = self._filled = self._last = 0
        self._type, self._said, self._is_text, self._has_value, self._formula = "n", list[str](), False, False, False
        self._phonetic = self._kept = self._is_numbered = False
        self._columns, self._rows = set[int](), bytearray()
        self.handlers = (self._start, self._end, self._data)

    def _start(self, name: str, said: dict[str, str]) -> None:
        name = local(name)
        self._has_value = True  # whatever stands in a cell, the library may lay it out for it
        if name == "c":
            self._begin_cell(said)
        elif name in ("v", "t"):
            self._is_text, self._kept = not self._phonetic, _keeps(said)
        elif name == "row":
            number = said.get("r", "")
            self._is_numbered = number.isdecimal() and len(number) < 10
            self._row = int(number) if self._is_numbered else self._row + 1
            self._column = self._filled = self._last = 0
            self._columns = set()
            if said.get("hidden") in ("1", "true"):
                _join(self._sheet.hidden, self._row)
        elif name == "f":
            self._formula = True
        elif name == "rPh":
            self._phonetic = True
        elif name == "col" and said.get("hidden") in ("1", "true"):
            self._sheet.hidden_columns += 1

    def _begin_cell(self, said: dict[str, str]) -> None:
        self._column += 1
        if address := said.get("r"):
            row, self._column = place_of(address)
            if row != self._row and (self._is_numbered or self._columns):
                raise damaged(ValueError(f"its cell {address} stands in row {self._row}"))
            self._row = row
        if self._column in self._columns:  # the library takes the last, and of the first nobody would know
            raise damaged(ValueError(f"row {self._row} has two cells in column {self._column}"))
        self._columns.add(self._column)
        self._type, self._said, self._formula, self._has_value = said.get("t", "n"), [], False, False

    def _data(self, data: str) -> None:
        if self._is_text and (self._kept or not data.isspace()):
            self._said.append(data)

    def _end(self, name: str) -> None:
        name = local(name)
        if name in ("v", "t"):
            self._is_text = False
        elif name == "c":
            self._end_cell()
        elif name == "row" and self._filled:
            self._end_row()
        elif name == "rPh":
            self._phonetic = False

    def _end_row(self) -> None:
        """Of a row that is written in two pieces, the library makes one."""
        if len(self._rows) <= self._row:
            self._rows += bytes(max(self._row + 1 - len(self._rows), len(self._rows)))
        if self._rows[self._row]:
            raise damaged(ValueError(f"row {self._row} stands in it twice"))
        self._rows[self._row] = 1
        self._sheet.put(self._row, self._filled, self._last)

    def _end_cell(self) -> None:
        text = "".join(self._said)
        if self._formula and not text and self._type not in ("str", "s", "inlineStr"):
            self._sheet.unkept[self._row] += 1
        if self._type == "s":
            text = "" if text.strip().isdecimal() and int(text) in self._blank else text
        if self._has_value or self._formula:
            self._sheet.reach(self._row, self._column)
        if text:
            self._filled, self._last = self._filled + 1, max(self._last, self._column)
            self._sheet.columns.add(self._column)
            if self._type == "e":
                self._sheet.errors.setdefault(self._row, []).append((self._column, text))


def _keeps(said: dict[str, str]) -> bool:
    """Whether blanks around a text are meant: https://www.w3.org/TR/xml/#sec-white-space"""
    return said.get("xml:space") == "preserve"


def _join(spans: list[tuple[int, int]], row: int) -> None:
    """Hidden rows come by the hundred thousand, one behind the other: a filter hides what it does not show."""
    if spans and spans[-1][1] == row - 1:
        spans[-1] = (spans[-1][0], row)
    else:
        spans.append((row, row))
