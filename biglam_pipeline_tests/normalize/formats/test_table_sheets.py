"""Sheets: what a workbook of any provenance becomes, what of it is counted, and what may not be laid out."""

import io
import struct
import zipfile
from typing import Any

import pytest

from biglam_pipeline.errors import ConfigError, SourceChanged
from biglam_pipeline.parsing.spreadsheets import packages, surveying
from biglam_pipeline.parsing.spreadsheets.cells import text_of
from biglam_pipeline.records import Bundle, Item, Read, Reject, Unmapped
from biglam_pipeline_tests.normalize.bundles import (
    item,
    read,
    read_one,
    reader,
    reasons,
    records,
    rejects,
    unmapped,
)
from biglam_pipeline_tests.normalize.formats.grids import (
    DAY,
    HOURS,
    PERCENT,
    XLS,
    database,
    ods,
    ods_row,
    texts,
    xlsx,
    zipped,
)

TWO = ("id", "title")
PLAIN = texts(TWO, ("1", "One"), ("2", "Two"))
MAP = {"id": "id", "title": "title"}


def rows_of(data: bytes, name: str = "t.xlsx", **block: Any) -> list[dict[str, Any]]:
    """Of each row the source's own columns, called as the sheet calls them."""
    wanted = block.pop("columns")
    made = reader(type="table", map={"extra": {f"x{at}": one for at, one in enumerate(wanted)}}, **block)
    found = records(read_one(made, name, data))
    return [{one: record.extra.get(f"x{at}") for at, one in enumerate(wanted)} for record in found]


def problems(data: bytes, name: str = "t.xlsx", **block: Any) -> list[tuple[str, ...]]:
    return [one.problems for one in records(read_one(reader(type="table", map=MAP, **block), name, data))]


def counts(found: list[Read]) -> dict[str, int]:
    """What was counted beside the rows."""
    return {name: number for one in found if isinstance(one, Unmapped) for name, number in one.filled.items()}


def expected(data: bytes, name: str = "t.xlsx", **block: Any) -> int | None:
    block.setdefault("map", {"title": {"const": "x"}, "extra": {"it": "id"}})
    return reader(type="table", **block).expected(Bundle(name, (item(name, data),)))


def cell(inside: str, address: str = "A2", **said: str) -> str:
    attributes = "".join(f" {name}='{value}'" for name, value in said.items())
    return f"<row r='{address[1:]}'><c r='{address}'{attributes}>{inside}</c></row>"


# --- what a cell says ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (cell("<v>12</v>"), "12"),
        (cell("<v>12.0</v>"), "12"),
        (cell("<v>1.23E+15</v>"), "1230000000000000"),
        (cell("<v>123456789012345</v>"), "123456789012345"),
        (cell("<v>1234567890123456</v>"), "1234567890123456"),
        (cell("<v>0.30000000000000004</v>"), "0.3"),
        (cell("<v>-0.5</v>"), "-0.5"),
        (cell("<v>0.00001</v>"), "0.00001"),
        (cell("<v>0.5</v>", s=str(PERCENT)), "0.5"),
        (cell("<v>18295</v>", s=str(DAY)), "1950-02-01"),
        (cell("<v>18295.25</v>", s=str(DAY)), "1950-02-01T06:00:00"),
        (cell("<v>1</v>", s=str(DAY)), "1900-01-01"),
        (cell("<v>61</v>", s=str(DAY)), "1900-03-01"),
        (cell("<v>1.25</v>", s=str(HOURS)), "30:00:00"),
        (cell("<v>18295.1234567</v>", s=str(DAY)), "1950-02-01T02:57:46.659"),
        (cell("<v>1950-02-01T06:00:00</v>", t="d"), "1950-02-01T06:00:00"),
        (cell("<v>1</v>", t="b"), "true"),
        (cell("<is><t>00123</t></is>", t="inlineStr"), "00123"),
        (cell("<is><t xml:space='preserve'> x </t></is>", t="inlineStr"), " x "),
        (cell("<is><t>a_x000D_&#10;b</t></is>", t="inlineStr"), "a\r\nb"),
        (cell("<is><r><t>a</t></r><r><rPr><b/></rPr><t>bold</t></r></is>", t="inlineStr"), "abold"),
        (cell("<is><t>東京</t><rPh sb='0' eb='2'><t>トウキョウ</t></rPh></is>", t="inlineStr"), "東京"),
        (cell("<v>1</v>", t="s"), "shared"),
        (cell("<f>1+1</f><v>2</v>"), "2"),
        (cell("<f>A1</f><v>word</v>", t="str"), "word"),
    ],
)  # fmt: skip
def test_a_cell_is_a_text(written: str, said: str) -> None:
    data = xlsx({"S": texts(("id",)) + written}, shared=["<t>other</t>", "<t>shared</t>"])
    assert rows_of(data, columns=["id"]) == [{"id": said}]
    assert expected(data) == 1


def test_days_of_the_calendar_of_1904() -> None:
    """ECMA-376, part 1, 18.17.4.1: the first Macintosh began there, and its workbooks still do."""
    data = xlsx({"S": texts(("id",)) + cell("<v>16833</v>", s=str(DAY))}, is_1904=True)
    assert rows_of(data, columns=["id"]) == [{"id": "1950-02-01"}]


@pytest.mark.parametrize("value", [1e300, 1e-9, 123456.789, 2.0**60, -3])
def test_a_number_is_the_number_that_was_there(value: float) -> None:
    assert float(text_of(value) or "") == pytest.approx(value, rel=1e-14)


def test_a_day_that_is_none_is_counted() -> None:
    """Excel shows 0 as 1900-01-00 and less as #####; the library gives midnight for both."""
    data = xlsx({"S": texts(TWO) + "<row r='2'><c r='A2'><v>1</v></c><c r='B2' s='1'><v>-5</v></c></row>"})
    assert problems(data) == [("title: midnight, or a day that is none: a date of 0 or less",)]


def test_an_identifier_of_more_digits_than_a_number_keeps_is_counted() -> None:
    assert problems(xlsx({"S": texts(TWO, (12345678901234567890, "One"))})) == [
        ("id: a number of more than 15 digits, the last of which are rounded; as an identifier it should be a text",)
    ]


# --- where the table is -------------------------------------------------------------------------------------


def test_titles_above_the_header_are_no_rows_and_counted() -> None:
    above = texts(("Inventory of the museum",)) + texts(("Stand:", "2020"), first=2)
    data = xlsx({"S": above + texts(("id", "title", "made", "Inv.&#10;Nr."), ("1", "One", "1900", "x"), first=5)})
    found = read_one(reader(type="table", map=MAP), "t.xlsx", data)
    assert [one.source_record_id for one in records(found)] == ["1"]
    assert counts(found)["(rows above the header)"] == 2
    assert counts(found)["(blank rows)"] == 2
    assert rows_of(data, columns=["Inv. Nr."]) == [{"Inv. Nr.": "x"}]
    assert str(records(found)[0].place) == "sheet S, row 6"
    assert expected(data) == 1


def test_a_title_over_two_columns_is_no_header() -> None:
    data = xlsx({"S": texts(("Inventory",)) + texts(TWO, ("1", "One"), first=2)})
    assert rows_of(data, columns=["id", "title"]) == [{"id": "1", "title": "One"}]


def test_what_the_entry_says_of_the_header_counts() -> None:
    data = xlsx({"S": texts(("a", "b"), TWO, ("1", "One"))})
    assert rows_of(data, columns=["id", "title"], skip=1) == [{"id": "1", "title": "One"}]
    assert rows_of(data, columns=["k", "v"], header=["k", "v"], skip=2) == [{"k": "1", "v": "One"}]
    assert len(rows_of(data, columns=["k", "v"], header=["k", "v"])) == 3
    for block in ({"skip": 1}, {"header": ["id", "v"], "skip": 2}):
        assert expected(data, **block) == 1
    with pytest.raises(SourceChanged, match="has 2 columns with anything in them, and `header` names 1"):
        rows_of(data, columns=["k"], header=["k"])


def test_columns_without_a_name_or_with_that_of_another_are_there() -> None:
    data = xlsx({"S": texts(("id", None, "id", "id"), ("1", "x", "y", "z"))})
    assert rows_of(data, columns=["id", "column_2", "id_2", "id_3"]) == [
        {"id": "1", "column_2": "x", "id_2": "y", "id_3": "z"}
    ]


def test_rows_that_are_only_coloured_are_none() -> None:
    """Somebody formats whole columns: a million rows with a style and no value."""
    styled = "".join(f"<row r='{n}' s='1'><c r='A{n}' s='1'/><c r='B{n}' s='1'/></row>" for n in range(4, 3000))
    data = xlsx({"S": PLAIN + styled + "<row r='1048576' s='1'><c r='A1048576' s='1'/></row>"})
    found = read_one(reader(type="table", map=MAP), "t.xlsx", data)
    assert ([one.source_record_id for one in records(found)], expected(data)) == (["1", "2"], 2)


@pytest.mark.parametrize("first", ["<row><c t='inlineStr'><is><t>id</t></is></c></row><row><c><v>5</v></c></row>"])
def test_places_may_be_left_out(first: str) -> None:
    """ECMA-376 makes `r` optional: some writers leave it out."""
    data = xlsx({"S": first})
    assert (rows_of(data, columns=["id"]), expected(data)) == ([{"id": "5"}], 1)


# --- which sheet --------------------------------------------------------------------------------------------


_CELL = "<c r='{}' t='inlineStr'><is><t>{}</t></is></c>"


@pytest.mark.parametrize(
    "rows",
    [
        f"<row r='2'>{_CELL.format('A2', 'a')}{_CELL.format('A2', 'b')}</row>",
        f"<row r='2'>{_CELL.format('A2', 'a')}{_CELL.format('B5', 'b')}</row>",
        f"<row>{_CELL.format('A2', 'a')}{_CELL.format('B5', 'b')}</row>",
        f"<row r='2'>{_CELL.format('A2', 'a')}</row><row r='2'>{_CELL.format('A2', 'b')}</row>",
    ],
)
def test_a_place_that_is_taken_twice_is_damage(rows: str) -> None:
    """Of two cells the library takes the last, and the first was lost in silence; Excel asks whether to repair it."""
    data = xlsx({"S": f"<row r='1'>{_CELL.format('A1', 'id')}{_CELL.format('B1', 'b')}</row>{rows}"})
    assert reasons(read_one(reader(type="table", map={"title": "id"}), "t.xlsx", data)) == ["workbook_damaged"]


def test_rows_without_a_number_stand_where_their_cells_do() -> None:
    data = xlsx({"S": f"<row>{_CELL.format('A1', 'id')}</row><row>{_CELL.format('A4', 'a')}</row>"})
    assert (rows_of(data, columns=["id"]), expected(data)) == ([{"id": "a"}], 1)


def test_of_several_sheets_the_entry_names_one() -> None:
    data = xlsx({"A": PLAIN, "B": texts(TWO, ("9", "Nine"))})
    with pytest.raises(
        ConfigError, match=r"t.xlsx holds 2 sheets: A, B. Say which is read: \{type: table, table: 'A'\}"
    ):
        rows_of(data, columns=["id"])
    assert rows_of(data, columns=["id"], table="B") == [{"id": "9"}]
    with pytest.raises(SourceChanged, match=r"t\.xlsx has no sheet 'C'; it has A, B"):
        rows_of(data, columns=["id"], table="C")


def test_several_sheets_are_read_one_behind_the_other_and_a_row_says_which() -> None:
    data = xlsx({"1901": PLAIN, "1902": texts(TWO, ("9", "Nine"))})
    made = reader(type="table", table=["1901", "1902"], map={**MAP, "extra": {"year": "$table"}})
    found = records(read_one(made, "t.xlsx", data))
    assert [(one.source_record_id, one.extra["year"]) for one in found] == [("1", "1901"), ("2", "1901"), ("9", "1902")]
    assert len({one.place for one in found}) == 3
    assert expected(data, table=["1901", "1902"]) == 3


def test_empty_and_hidden_sheets_are_not_meant_and_hidden_ones_are_said() -> None:
    data = xlsx({"A": PLAIN, "Sheet2": "", "old": texts(("x",), ("y",))}, hidden=["old"])
    found = read_one(reader(type="table", map=MAP), "t.xlsx", data)
    assert len(records(found)) == 2
    assert "workbook: a hidden sheet is not read: 'old'" in [
        one for each in found if hasattr(each, "problems") for one in each.problems
    ]
    assert rows_of(data, columns=["x"], table="old") == [{"x": "y"}]
    assert reasons(read_one(reader(type="table", map=MAP), "t.xlsx", xlsx({"A": ""}))) == ["table_empty"]


# --- what is odd is counted ---------------------------------------------------------------------------------


def test_errors_are_no_values_and_formulas_without_a_value_are_counted() -> None:
    odd = "<row r='2'><c r='A2'><v>1</v></c><c r='B2' t='e'><f>1/0</f><v>#DIV/0!</v></c></row>"
    odd += "<row r='3'><c r='A3'><v>2</v></c><c r='B3'><f>A1</f></c></row>"
    data = xlsx({"S": texts(TWO) + odd})
    found = read_one(reader(type="table", map=MAP), "t.xlsx", data)
    assert [one.values.get("title") for one in records(found)] == [None, None]
    assert records(found)[0].problems == ("title: #DIV/0!, an error and no value",)
    assert counts(found)["(formulas without a value)"] == 1


def test_hidden_and_merged_rows_are_read_and_counted() -> None:
    hidden = "<row r='3' hidden='1'><c r='A3'><v>2</v></c></row><row r='4'><c r='B4'><v>7</v></c></row>"
    data = xlsx(
        {"S": f"|{texts(TWO, ('1', 'One'))}{hidden}|<mergeCells count='1'><mergeCell ref='A3:A4'/></mergeCells>"}
    )
    found = records(read_one(reader(type="table", map={"title": "title", "extra": {"it": "id"}}), "t.xlsx", data))
    assert [one.problems for one in found] == [
        (),
        ("row: hidden in the workbook",),
        ("row: a cell is merged over it from above, and its value stands in the first row only",),
    ]


# --- XLS and ODS --------------------------------------------------------------------------------------------


def test_xls() -> None:
    found = read_one(
        reader(type="table", map={"id": "Nr", "title": "Titel", "date": "Datum", "extra": ["Zahl"]}), "a.xls", XLS
    )
    assert [
        (one.source_record_id, one.values["title"], one.values.get("date_raw"), one.extra.get("Zahl"))
        for one in records(found)
    ] == [
        ("00123", "Étui", ["1950-01-02"], "1.5"),
        ("124", "Weg", ["1900-02-03"], "true"),
        ("m", "a", None, None),
    ]
    assert [one.reason for one in rejects(found)] == ["identifier_missing"]
    told = [one.problems for one in records(found)]
    assert told[1][0] == "row: hidden in the workbook"
    assert "Zahl: #REF!, an error and no value" in told[2]
    assert counts(found)["(rows above the header)"] == 1
    assert expected(XLS, "a.xls", map={"title": "Nr"}) == 4


def test_hidden_columns_of_xls_are_counted() -> None:
    """ColInfo (2.4.53): its flags stand behind first and last column, width and style. Here in place of what is set up
    for a printer, a record of 34 bytes.
    """
    at = XLS.index(b"\xa1\0\x22\0")
    hidden = struct.pack("<HHHHHHH", 0x7D, 34, 1, 1, 2048, 15, 1)
    found = read_one(reader(type="table", map={"title": "Titel"}), "a.xls", XLS[:at] + hidden + XLS[at + 14 :])
    assert [one.problems[0] for one in unmapped(found)] == ["sheet: 1 columns or spans of them are hidden"]


NUMBER = "<table:table-cell office:value-type='float' office:value='{}'/>"


def test_ods_repeats_rows_and_cells() -> None:
    cell = "<table:table-cell office:value-type='string' table:number-columns-repeated='2'>"
    cell += "<text:p>q</text:p></table:table-cell>"
    rows = ods_row("Inventory") + ods_row("id", "a", "b") + ods_row(NUMBER.format("1.50"), "x", "y", times=3)
    rows += ods_row("<table:table-cell/>", times=5) + ods_row("9", cell)
    data = ods({"T": rows + ods_row("<table:table-cell table:number-columns-repeated='1024'/>", times=1048000)})
    assert rows_of(data, "t.ods", columns=["id", "a", "b"]) == [
        *[{"id": "1.5", "a": "x", "b": "y"}] * 3,
        {"id": "9", "a": "q", "b": "q"},
    ]
    assert expected(data, "t.ods") == 4


def test_merged_rows_of_ods_are_counted() -> None:
    said = "office:value-type='string' table:number-rows-spanned='2'"
    cell = f"<table:table-cell {said}><text:p>m</text:p></table:table-cell>"
    rows = ods_row("id", "a") + ods_row("1", cell) + ods_row("2", "<table:covered-table-cell/>") + ods_row("3", "z")
    found = records(read_one(reader(type="table", map={"title": "id"}), "t.ods", ods({"T": rows})))
    assert [["merged" in problem for problem in one.problems] for one in found] == [[], [True], []]


def test_a_formula_that_gives_a_word_with_a_hash_gives_no_error() -> None:
    said = "<table:table-cell table:formula='of:=x' office:value-type='string'><text:p>{}</text:p></table:table-cell>"
    data = ods({"T": ods_row("id") + ods_row(said.format("#12")) + ods_row(said.format("#REF!"))})
    assert rows_of(data, "t.ods", columns=["id"]) == [{"id": "#12"}, {"id": None}]


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("<table:table-cell office:value-type='date' office:date-value='0950-01-02'/>", "0950-01-02"),
        ("<table:table-cell office:value-type='date' office:date-value='1950-01-02T03:04:05'/>", "1950-01-02T03:04:05"),
        ("<table:table-cell office:value-type='boolean' office:boolean-value='true'/>", "true"),
        ("<table:table-cell office:value-type='percentage' office:value='0.5'/>", "0.5"),
        ("<table:table-cell office:value-type='string'><text:p>a</text:p><text:p>b</text:p></table:table-cell>",
            "a\nb",
        ),
    ],
)  # fmt: skip
def test_cells_of_ods(written: str, said: str) -> None:
    data = ods({"T": ods_row("id") + ods_row(written)})
    assert (rows_of(data, "t.ods", columns=["id"]), expected(data, "t.ods")) == ([{"id": said}], 1)


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ("<text:p>b<text:line-break/>c<text:s text:c='2'/>d<text:tab/>e</text:p>", "b\nc  d\te"),
        ("<text:p>b<text:line-break/>c</text:p><text:p/><text:p>d</text:p>", "b\nc\n\nd"),
        ("<text:p>a<text:ruby><text:ruby-text>b</text:ruby-text></text:ruby></text:p>", "a"),
        ("<draw:frame><draw:text-box><text:p>drawn</text:p></draw:text-box></draw:frame><text:p>a</text:p>", "a"),
        ("<text:h>a<text:tab/>b</text:h>", "a\tb"),
    ],
)  # fmt: skip
def test_what_divides_words_in_ods_is_kept_and_what_stands_beside_them_is_not(inside: str, said: str) -> None:
    """Line breaks and tabs are elements (part 3, 6.1), which the library leaves out: "b" and "c" were "bc"."""
    cell = f"<table:table-cell office:value-type='string'>{inside}</table:table-cell>"
    rows = ods_row(
        "<table:table-cell office:value-type='string'><text:p>i<text:line-break/>d</text:p></table:table-cell>"
    )
    data = ods({"T": rows + ods_row(cell, times=2)})
    assert rows_of(data, "t.ods", columns=["i d"]) == [{"i d": said}] * 2
    assert expected(data, "t.ods") == 2


def test_a_drawing_alone_is_no_row() -> None:
    drawn = "<draw:frame><draw:text-box><text:p>drawn</text:p></draw:text-box></draw:frame>"
    drawn = f"<table:table-cell>{drawn}</table:table-cell>"
    data = ods({"T": ods_row("id") + ods_row("a") + ods_row(drawn) + ods_row("b") + ods_row(drawn)})
    assert (rows_of(data, "t.ods", columns=["id"]), expected(data, "t.ods")) == ([{"id": "a"}, {"id": "b"}], 2)


def test_a_table_within_a_cell_is_refused() -> None:
    """The library takes its rows for those of the outer one (part 3, 9.1.2: `is-sub-table`)."""
    inner = f"<table:table-cell><table:table table:is-sub-table='true'>{ods_row('x')}</table:table></table:table-cell>"
    found = read_one(reader(type="table", map=MAP), "t.ods", ods({"T": ods_row("id") + ods_row(inner)}))
    assert reasons(found) == ["workbook_damaged"]


# --- its bytes decide, then its name ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("t.csv", xlsx({"S": PLAIN})),
        ("t.xlsm", xlsx({"S": PLAIN})),
        ("t.xls", xlsx({"S": PLAIN})),
        ("t.xlsx", ods({"T": ods_row(*TWO) + ods_row("1", "One") + ods_row("2", "Two")})),
        ("t.xls", b"id\ttitle\n1\tOne\n2\tTwo\n"),
        ("t.dbf", database("CREATE TABLE t(id, title)", "INSERT INTO t VALUES (1, 'One'), (2, 'Two')")),
    ],
)
def test_a_file_is_what_its_bytes_say(name: str, data: bytes) -> None:
    assert rows_of(data, name, columns=["id", "title"]) == [{"id": "1", "title": "One"}, {"id": "2", "title": "Two"}]


@pytest.mark.parametrize(
    ("block", "said"),
    [({"table": "x"}, "`table`"), ({"table": ["x", "y"]}, "`table`")],
)
def test_a_key_that_says_nothing_of_lines_is_refused(block: dict[str, Any], said: str) -> None:
    with pytest.raises(ConfigError, match=f"t.csv is a table of lines, of which {said} says nothing; leave it out"):
        rows_of(b"id,title\n1,One\n", "t.csv", columns=["id"], **block)


@pytest.mark.parametrize("block", [{"delimiter": ";"}, {"quote": "none"}, {"comment": "#"}, {"encoding": "cp1252"}])
def test_a_key_that_says_nothing_of_sheets_is_refused(block: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=f"of which `{next(iter(block))}` says nothing"):
        rows_of(xlsx({"S": PLAIN}), columns=["id"], **block)


# --- what is refused ----------------------------------------------------------------------------------------

FAR = PLAIN + cell("<v>1</v>", "XFD1048576").replace("<row r='FD1048576'>", "<row r='1048576'>")
ENCRYPTED = "<manifest:file-entry manifest:full-path='content.xml'><manifest:encryption-data/></manifest:file-entry>"
DTD = "<!DOCTYPE x [<!ENTITY a 'aaaa'>]>"


DIMENSIONS = b"\0\2\x0e\0\0\0\0\0\x07\0\0\0"


LINKS = "xl/_rels/workbook.xml.rels"
LINKED = "<Relationships><Relationship Id='s1' Type='x/worksheet' Target='xl/worksheets/sheet1.xml'/></Relationships>"
ELSEWHERE = "<Relationships><Relationship Id='r' Type='x/officeDocument' Target='b/book.xml'/></Relationships>"


def renamed(stream: str) -> bytes:
    """The compound file, of which the one stream is called otherwise: MS-CFB 2.6.1."""
    at, name = XLS.index("Workbook".encode("utf-16-le")), stream.encode("utf-16-le")
    return XLS[:at] + name.ljust(64, b"\0") + (len(name) + 2).to_bytes(2, "little") + XLS[at + 66 :]


def lying(data: bytes) -> bytes:
    """A package whose directory says that a sheet is small."""
    found = bytearray(data)
    at = found.rfind(b"xl/worksheets/sheet1.xml") - 46
    found[at + 24 : at + 28] = (9).to_bytes(4, "little")
    return bytes(found)


@pytest.mark.parametrize(
    ("name", "data", "reason"),
    [
        ("t.xlsx", b"", "workbook_missing"),
        ("t.xlsx", zipped({"xl/workbook.bin": b"\x83\x01\0"}), "workbook_missing"),
        ("t.xlsx", zipped({"word/document.xml": "<w/>"}), "workbook_missing"),
        ("t.xlsx", b"<html><table><tr><td>1</td></tr></table></html>", "workbook_missing"),
        ("t.xls", b"<html><table><tr><td>1</td></tr></table></html>", "workbook_missing"),
        ("t.xls", b'<?xml version="1.0"?><?mso-application progid="Excel.Sheet"?><Workbook/>', "workbook_missing"),
        ("t.xlsx", b"PK\x03\x04" + b"\0" * 40, "workbook_damaged"),
        ("t.xlsx", xlsx({"S": PLAIN})[:-40], "workbook_damaged"),
        ("t.xlsx", xlsx({"S": FAR}), "workbook_too_large"),
        *(
            ("t.xlsx", xlsx({"S": FAR.replace("<v>1</v>", inside)}), "workbook_too_large")
            for inside in ("<is/>", "<v/>", "<f/>", "<is><r/></is>", "<other/>")
        ),
        ("t.xlsx", xlsx({"S": PLAIN + "<row>"}), "workbook_damaged"),
        ("t.xlsx", xlsx({"S": PLAIN}, more={"xl/workbook.xml": DTD + "<x/>"}), "workbook_damaged"),
        ("t.xlsx", lying(xlsx({"S": PLAIN})), "workbook_damaged"),
        ("t.xlsx", xlsx({"S": PLAIN}, more={"xl/Worksheets/sheet1.xml": "<worksheet/>"}), "workbook_damaged"),
        ("t.xlsx", xlsx({"S": PLAIN}, more={"xl/x/../worksheets/sheet1.xml": "<x/>"}), "workbook_damaged"),
        ("t.xlsx", xlsx({"S": PLAIN}, more={LINKS: LINKED}), "workbook_damaged"),
        ("t.xlsx", xlsx({"S": PLAIN}, more={"_rels/.rels": ELSEWHERE, "b/book.xml": "<x/>"}), "workbook_damaged"),
        ("t.ods", ods({"T": ods_row("a")}, manifest=ENCRYPTED), "workbook_encrypted"),
        ("t.xlsx", renamed("EncryptedPackage"), "workbook_encrypted"),
        ("t.xls", XLS.replace(b"\x42\0\2\0", b"\x2f\0\2\0", 1), "workbook_encrypted"),
        ("t.xls", renamed("WordDocument"), "workbook_damaged"),
        ("t.ods", ods({"T": ods_row("id") + ods_row("x", times=900_000_000)}), "workbook_too_large"),
        ("t.ods", ods({"T": ods_row("id") + ods_row("x", times=900_000_000_000)}), "workbook_too_large"),
        ("t.xlsx", xlsx({"S": PLAIN + cell("<v>1</v>", "ABCDEFGHIJ9")}), "workbook_damaged"),
        ("t.xls", XLS[:600], "workbook_damaged"),
        ("t.xls", XLS[:8] + b"\0" * 600, "workbook_damaged"),
        ("t.xls", XLS.replace(DIMENSIONS, DIMENSIONS[:4] + b"\0\0\0\0\xff\xff\xff\0"), "workbook_too_large"),
    ],
)
def test_what_is_no_workbook_is_one_reject_and_no_row(name: str, data: bytes, reason: str) -> None:
    found = read_one(reader(type="table", map=MAP), name, data)
    assert (reasons(found), records(found)) == ([reason], [])
    assert all(isinstance(one, Reject) and len(one.detail) > 20 for one in rejects(found))


def test_a_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    """The directory says it; where it lies, nothing behind its size is read."""
    monkeypatch.setattr(packages, "FREE_BYTES", 1000)
    data = xlsx({"S": PLAIN}, more={"xl/media/zeros.xml": b" " * 3_000_000})
    assert reasons(read_one(reader(type="table", map=MAP), "t.xlsx", data)) == ["workbook_bomb"]


def test_two_cells_far_apart_ask_for_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """tafia/calamine #693: they would end the process. The edge of what is laid out is exact."""
    monkeypatch.setattr(surveying, "MOST_CELLS", 6)
    assert len(rows_of(xlsx({"S": PLAIN}), columns=["id"])) == 2
    assert reasons(
        read_one(reader(type="table", map=MAP), "t.xlsx", xlsx({"S": PLAIN + texts(("3", "x"), first=4)}))
    ) == ["workbook_too_large"]


@pytest.mark.parametrize(
    "data", [xlsx({"S": PLAIN}), ods({"T": ods_row(*TWO) + ods_row("1", "x")}), XLS], ids=["xlsx", "ods", "xls"]
)
def test_damage_at_any_place_is_a_reject_or_says_what_changed(data: bytes) -> None:
    """Also a panic of the library, which is no Exception."""
    made = reader(type="table", map={"title": {"const": "x"}, "extra": {"a": "id"}})
    for at in range(0, len(data), max(len(data) // 120, 1)):
        for spoiled in (data[:at], data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]):
            try:
                found = read_one(made, "t.xlsx", spoiled)
            except (SourceChanged, ConfigError):
                continue
            assert found


# --- packed, joined, and in an archive ----------------------------------------------------------------------


def test_a_workbook_is_joined_like_any_table() -> None:
    block = {"type": "table", "files": "*.csv", "map": {"id": "id", "title": "$names.title"}}
    made = reader(
        **block,
        **{"with": {"names": {"type": "table", "files": "*.xlsx", "by": "id", "map": {"id": "id", "title": "title"}}}},
    )
    assert made.joins["names"].read.type == "table"


def test_rows_with_equal_cells_are_numbered_and_names_follow_the_content() -> None:
    data = xlsx({"S": texts(TWO, ("1", "One"), ("1", "One"), ("2", "Two"))})
    found = records(read_one(reader(type="table", map={"title": "title"}), "t.xlsx", data))
    names = [one.source_record_id for one in found]
    assert names[1] == f"{names[0]}-2"
    moved = xlsx({"S": texts(TWO, ("2", "Two"), ("1", "One"), ("1", "One"))})
    assert {*names} == {
        one.source_record_id for one in records(read_one(reader(type="table", map={"title": "title"}), "t.xlsx", moved))
    }


def test_every_row_of_a_sheet_that_others_wrote_is_counted_by_its_xml() -> None:
    """The survey, and the library that reads: they share nothing but the bytes."""
    body = texts(TWO, *((str(n) if n % 3 else None, f"T{n}" if n % 5 else None) for n in range(400)))
    data = xlsx({"S": body})
    found = read_one(reader(type="table", map={"title": "title", "extra": {"it": "id"}}), "t.xlsx", data)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        by_hand = package.read("xl/worksheets/sheet1.xml").count(b"</c></row>") - 1
    assert len(records(found)) == by_hand == expected(data) == 400 - 27


def test_items_are_what_is_read() -> None:
    items: dict[str, Item] = {
        "a.xlsx": item("a.xlsx", xlsx({"S": PLAIN})),
        "b.csv": item("b.csv", b"id,title\n3,Three\n"),
    }
    assert [one.source_record_id for one in records(read(reader(type="table", map=MAP), items))] == ["1", "2", "3"]
