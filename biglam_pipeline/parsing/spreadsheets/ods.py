"""The sheets of OpenDocument, element by element: what is repeated is said once, with how often.

https://docs.oasis-open.org/office/OpenDocument/v1.3/OpenDocument-v1.3-part3-schema.html , 9 (tables)
"""

from biglam_pipeline.parsing.spreadsheets.packages import Package, damaged, encrypted, local
from biglam_pipeline.parsing.spreadsheets.surveying import Sheet

_ERRORS = frozenset(("#NULL!", "#DIV/0!", "#VALUE!", "#REF!", "#NAME?", "#NUM!", "#N/A"))
"""OpenFormula (part 4), 5.12; those of LibreOffice alone begin with `Err:`."""
_LETTERS = {"s": " ", "tab": "\t", "line-break": "\n"}
_MOST_BLANKS = 1000
_PARAGRAPHS = ("p", "h")
_ASIDE = ("annotation", "ruby-text")
_DRAWN = ("draw", "dr3d")
"""What stands beside a cell's text and is none of it: comments, readings above a line, and drawings with theirs."""
_VALUES = ("value", "date-value", "time-value", "boolean-value", "string-value")


def sheets_of(package: Package) -> list[Sheet]:
    """The tables of the spreadsheet, surveyed. The library reads all of them at once, so all are looked at."""
    refuse_encrypted(package)
    reading = _Content()
    package.read_xml("content.xml", *reading.handlers)
    return reading.sheets


def refuse_encrypted(package: Package) -> None:
    """A member that is encrypted is named in the manifest (part 2, 3.4)."""

    def start(name: str, _: dict[str, str]) -> None:
        if local(name) == "encryption-data":
            raise encrypted()

    package.read_xml("META-INF/manifest.xml", start)


class _Content:
    def __init__(self) -> None:
        self.sheets: list[Sheet] = []
        self._hidden_styles: set[str] = set()
        self._style, self._depth = "", 0
        self._row, self._times, self._column, self._repeats = 1, 1, 0, 1
        self._filled = self._last = 0
        self._has_value, self._paragraph, self._note = False, 0, 0
        self._errors: list[tuple[int, str]] = []
        self._said, self._is_formula, self._type = list[str](), False, ""
        self._is_begun = self._is_glued = False
        self._texts: list[tuple[int, str]] = []
        self.handlers = (self._start, self._end, self._data)

    def _start(self, name: str, said: dict[str, str]) -> None:
        prefix, _, own = name.rpartition(":")
        if own in ("table-cell", "covered-table-cell"):
            self._begin_cell(said)
        elif own in _PARAGRAPHS and prefix == "text":
            self._begin_paragraph()
        elif prefix == "text" and own in _LETTERS:
            self._put(own, said)
        elif own in _ASIDE or prefix in _DRAWN:
            self._note += 1
            self._is_glued = self._is_glued or own != "annotation"
        elif own == "table-row":
            self._begin_row(said)
        else:
            self._begin_around(prefix, own, said)

    def _begin_around(self, prefix: str, own: str, said: dict[str, str]) -> None:
        """Tables, and what says of them or of columns that they are not seen."""
        if own == "table" and prefix == "table":
            if self._depth:
                raise damaged(ValueError("a table of it stands in a cell of another"))
            self._depth += 1
            visible = said.get("table:style-name", "") not in self._hidden_styles
            self.sheets.append(Sheet(said.get("table:name", ""), visible))
            self._row = 1
        elif own == "style":
            self._style = said.get("style:name", "")
        elif own == "table-properties" and said.get("table:display") == "false":
            self._hidden_styles.add(self._style)
        elif own == "table-column" and said.get("table:visibility") in ("collapse", "filter") and self.sheets:
            self.sheets[-1].hidden_columns += 1

    def _begin_row(self, said: dict[str, str]) -> None:
        self._times, self._column = _number(said, "rows"), 0
        self._filled = self._last = 0
        self._errors, self._texts = [], []
        if said.get("table:visibility") in ("collapse", "filter") and self.sheets:
            self.sheets[-1].hidden.append((self._row, self._row + self._times - 1))

    def _begin_cell(self, said: dict[str, str]) -> None:
        self._repeats = _number(said, "columns")
        self._type = said.get("office:value-type", "")
        self._has_value = any(said.get(f"office:{word}") not in (None, "") for word in _VALUES)
        self._said, self._is_formula = [], "table:formula" in said
        self._is_begun = self._is_glued = False
        if self.sheets and (spanned := _number(said, "rows", "spanned")) > 1:
            self.sheets[-1].merged.append((self._row + 1, self._row + spanned - 1))

    def _begin_paragraph(self) -> None:
        if not self._paragraph and not self._note:
            self._said += ["\n"] * self._is_begun
            self._is_begun = True
        self._paragraph += 1

    def _put(self, what: str, said: dict[str, str]) -> None:
        """A letter that is written as an element (part 3, 6.1); of these the library knows blanks alone."""
        times = said.get("text:c", "1")
        self._data(_LETTERS[what] * min(int(times) if times.isdecimal() and len(times) < 9 else 1, _MOST_BLANKS))
        self._is_glued = self._is_glued or what != "s"

    def _data(self, data: str) -> None:
        if self._paragraph and not self._note:
            self._said.append(data)

    def _end(self, name: str) -> None:
        prefix, _, own = name.rpartition(":")
        if own in ("table-cell", "covered-table-cell"):
            self._end_cell()
        elif own in _PARAGRAPHS and prefix == "text":
            self._paragraph -= 1
        elif own in _ASIDE or prefix in _DRAWN:
            self._note -= 1
        elif own == "table-row":
            self._end_row()
        elif own == "table" and prefix == "table":
            self._depth -= 1

    def _end_cell(self) -> None:
        text, last = "".join(self._said), self._column + self._repeats
        if self.sheets and (self._has_value or text or self._is_glued):
            self.sheets[-1].reach(self._row, last)
        if self._is_glued and not self._has_value:
            self._texts += [(column, text) for column in range(self._column + 1, last + 1)]
        if self._has_value or text:
            self._last = last
            if self.sheets:
                self.sheets[-1].columns.update(range(self._column + 1, self._last + 1))
            self._filled += self._repeats
            if text and not self._has_value and not self._type:
                self._errors.append((self._column + 1, "a text without a type"))
            elif self._is_formula and (text in _ERRORS or text.startswith("Err:")):
                self._errors.append((self._column + 1, text))
        elif self._is_formula and self.sheets:
            self.sheets[-1].unkept[self._row] += self._repeats
        self._column += self._repeats

    def _end_row(self) -> None:
        if self.sheets and self._filled:
            self.sheets[-1].put(self._row, self._filled, self._last, self._times)
            if self._errors:
                self.sheets[-1].errors |= dict.fromkeys(range(self._row, self._row + self._times), self._errors)
        if self.sheets and self._texts:
            self.sheets[-1].reach(self._row + self._times - 1, self._texts[-1][0])
            self.sheets[-1].texts |= dict.fromkeys(range(self._row, self._row + self._times), self._texts)
        self._row += self._times


def _number(said: dict[str, str], what: str, how: str = "repeated") -> int:
    """How often; where that is no number, once, and where it is longer than any, more than can be laid out."""
    times = said.get(f"table:number-{what}-{how}", "1").strip().removeprefix("+").lstrip("0")
    return (int(times) if len(times) < 10 else 10**9) if times.isdecimal() else 1
