"""Tables are read as they are: what a quote is, what a line costs, and that every line of a file is accounted for."""

import csv
import io
import re
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.errors import ConfigError, SourceChanged
from biglam_pipeline.normalize.formats.table import cells, dialect, jsonl, lines
from biglam_pipeline.normalize.formats.table.cells import Cells, Row
from biglam_pipeline.normalize.formats.table.dialect import Wanted
from biglam_pipeline.records import Bundle, Read
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.normalize.bundles import (
    REAL,
    item,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
    rejects,
    unmapped,
)


def table(data: bytes, name: str = "t.csv", **wanted: Any) -> Cells:
    """The rows of one file."""
    file = item(name, data)
    return Cells(file, file.open, Wanted(**wanted))


def reported(data: bytes, name: str = "t.csv", **wanted: Any) -> tuple[list[list[str]], list[tuple[str, int]]]:
    """Cells of the rows, and reason and line of the rejects; the lines of the file are counted on the way."""
    found = table(data, name, **wanted)
    read = list(found.rows())
    assert found.count.total == physical_lines(data), found.count
    rows = [list(row.cells.values()) for row in read if isinstance(row, Row)]
    return rows, [(one.reason, int(one.position.split()[1])) for one in read if not isinstance(one, Row)]


def physical_lines(data: bytes, encoding: str = "utf-8") -> int:
    """Lines of a file by its line ends alone, counted without the reader."""
    text = data.decode(encoding, "replace").removeprefix("\ufeff")
    return len(re.findall(r"\r\n|\r|\n|[^\r\n]\Z", text))


# --- RFC 4180, strict ----------------------------------------------------------------------------------------


def test_t01_a_quote_that_is_not_closed_costs_its_own_line() -> None:
    """cdli-gh/data #15: behind a closing quote only a delimiter or a line end may stand; what was eaten comes back."""
    data = b'id,title,note\n1,Jar,plain\n2,Jar,"10x16 lines\n3,Cup,plain\n4,Pot,"tall"\n5,Pan,flat\n'
    rows, refused = reported(data)
    assert rows == [["1", "Jar", "plain"], ["3", "Cup", "plain"], ["4", "Pot", "tall"], ["5", "Pan", "flat"]]
    assert refused == [("quote_loose", 3)]


def test_t02_a_quote_inside_an_open_cell_is_a_letter_and_inside_a_quoted_one_a_reject() -> None:
    data = b'id,title,note\n1,6" nail,iron\n2,"6" nail",iron\n3,5 1/2" x 3",oak\n4,"Map "A", north",x\n'
    rows, refused = reported(data)
    assert rows == [["1", '6" nail', "iron"], ["3", '5 1/2" x 3"', "oak"]]
    assert refused == [("quote_loose", 3), ("quote_loose", 5)]


@pytest.mark.parametrize(
    ("body", "rows", "refused"),
    [
        ('1,"a\n2,b\n3,c\n', ["2", "3"], [("quote_open", 2)]),  # to the end of the file
        ('1,"a\n2,"b\n3,"c\n', [], [("quote_loose", 2), ("quote_loose", 3), ("quote_open", 4)]),
        ('1,"a\n2,b"\n3,c\n', ["1", "3"], []),  # RFC 4180 as it stands: one cell of two lines
        ('1,"a",x\n2,b\n', ["2"], [("row_width", 2)]),
        ('1,"a",x\n2,"b\nc",y\n3,d\n', ["3"], [("row_width", 2), ("row_width", 3)]),
        ('1," a" \n2,b\n', ["2"], [("quote_loose", 2)]),  # a blank behind the quote
        ('1,""\n2,""""\n3,"a""b"\n', ["1", "2", "3"], []),
        ('1,"a"b"\n2,"c\nd"\n', ["2"], [("quote_loose", 2)]),
        ('1,a"\n2,"b"\n3,c\n', ["1", "2", "3"], []),
        ('1,"x\r2,y\r\n3,z\n', ["2", "3"], [("quote_open", 2)]),
    ],
)
def test_a_record_that_breaks_rfc_4180_is_a_reject_and_the_next_line_a_new_record(
    body: str, rows: list[str], refused: list[tuple[str, int]]
) -> None:
    found, told_ = reported(f"id,title\n{body}".encode())
    assert ([row[0] for row in found], told_) == (rows, refused)


def test_what_a_pair_of_loose_quotes_had_eaten_comes_back_where_it_is_as_wide_as_rows() -> None:
    data = b'id,a,b\n1,"x,y\n2,c,d\n3,e,f"\n4,g,h\n'
    rows, refused = reported(data)
    assert [row[0] for row in rows] == ["2", "3", "4"]
    assert refused == [("row_width", 2)]


def test_a_cell_that_holds_lines_as_wide_as_a_row_is_kept_and_counted() -> None:
    """RFC 4180 allows it; so does a pair of loose quotes that eats rows, and no rule of writing tells them apart."""
    found = [row for row in table(b'id,a\n1,"x\n2,c\n3,d\ny"\n4,e\n').rows() if isinstance(row, Row)]
    assert [row.cells["id"] for row in found] == ["1", "4"]
    assert found[0].problems == ("quote: a cell of several lines holds lines as wide as a row; is a quote loose?",)
    assert found[1].problems == ()


@pytest.mark.slow  # a measurement of time
def test_many_loose_quotes_take_no_more_than_their_time() -> None:
    """Each line opens a quote that the next closes and opens again, without an end: the square of 60,000 is hours."""
    count = 60_000
    rows, refused = reported(b"a,b,c\n" + b'a",b,"c\n' * count)
    assert (len(rows), len(refused)) == (0, count)
    rows, refused = reported(b"a,b,c\n" + b'x,"",y\n1,"2,3\n' * count, delimiter=",")
    assert (len(rows), len(refused)) == (count, count)


def test_a_header_that_cannot_be_read_stops_the_source() -> None:
    with pytest.raises(SourceChanged, match="line 1: the header cannot be read: behind a closing quote"):
        list(table(b'id,"ti"tle\n1,a\n').rows())


def test_names_of_columns_never_meet() -> None:
    assert cells.name_columns(["id", "id", "id_2", "", "column_4"]) == ["id", "id_3", "id_2", "column_4", "column_4_2"]


def test_the_names_of_a_row_that_is_no_header_are_made_in_their_time() -> None:
    """A table of pixels without a header is a first row of a hundred thousand zeros; the message names some."""
    row = b"0," * 100_000 + b"0\n"
    with pytest.raises(SourceChanged, match=r"it has 0, 0_10, .* and 99,941 more\. Change") as refused:
        read_one(reader(type="table", map={"title": "a"}), "t.csv", row * 2)
    assert len(str(refused.value)) < 2000


# --- tabs and blanks: quotes are letters unless it is safe -------------------------------------------------------


@pytest.mark.parametrize("token", ['"', '"Nay', '"a"b', '""x', '"""'])
def test_t05_quotes_of_a_table_of_tokens_are_letters(token: str) -> None:
    data = f'token\ttag\nHe\tO\n{token}\tO\nking\tO\n"of"\tO\n"\tO\nisle\tO\n'.encode()
    rows, refused = reported(data, "t.tsv")
    assert [row[0] for row in rows] == ["He", token, "king", '"of"', '"', "isle"]
    assert refused == []
    assert table(data, "t.tsv").noted == (
        "quote: cells that begin with \" keep it; say `quote: '\"'` if this file quotes its cells",
    )


def test_quotes_are_removed_where_no_quoted_cell_holds_a_tab_or_a_line_end() -> None:
    data = b'\xef\xbb\xbf"id"\t"title"\r\n1\t"a ""b"", c"\r\n2\td "e"\r\n3\t""\r\n'
    found = table(data, "t.tsv")
    assert [list(row.cells.values()) for row in found.rows() if isinstance(row, Row)] == [
        ["1", 'a "b", c'],
        ["2", 'd "e"'],
        ["3", ""],
    ]
    assert found.names == ["id", "title"]
    assert found.noted == (
        (
            "quote: removed from 4 cells, none of which holds a delimiter or a line end; "
            "say `quote: none` if they are letters"
        ),
    )


@pytest.mark.parametrize("cell", ["a\tb", "a\nb", "a\r\nb"])
def test_a_quoted_cell_with_a_tab_or_a_line_end_is_read_where_the_entry_says_quote(cell: str) -> None:
    data = f'id\ttitle\n1\t"{cell}"\n2\tc\n'.encode()
    assert reported(data, "t.tsv", quote='"') == ([["1", cell], ["2", "c"]], [])
    rows, refused = reported(data, "t.tsv")
    assert [row[0] for row in rows if row[0] == "2"] == ["2"]
    assert all(reason == "row_width" for reason, _ in refused)
    detail = next((one.detail for one in table(data, "t.tsv").rows() if not isinstance(one, Row)), "say `quote: '\"'`")
    assert "say `quote: '\"'`" in detail


@pytest.mark.slow  # a matter of size
def test_the_whole_file_is_asked_for_its_quotes_wherever_its_blocks_end() -> None:
    plain = b'"a"\tb\n' * 400_000
    assert len(plain) > 2 << 20
    assert table(b"x\ty\n" + plain, "t.tsv").dialect.quote == '"'
    for last in (b'"\tb\n', b'a\t"', b'"a\tb"\n'):
        assert table(b"x\ty\n" + plain + last, "t.tsv").dialect.quote is None
    for rest in range(6):  # a cell over the border of two blocks
        before = b"x\ty\n" + b"a" * ((1 << 20) - 10 - rest) + b"\tb\n"
        assert table(before + b'"c"\t"d"\n', "t.tsv").dialect.quote == '"'
        assert table(before + b'"c"\t"d\n', "t.tsv").dialect.quote is None


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
def test_quotes_are_found_in_wide_encodings_too(encoding: str) -> None:
    for cell, quote in (('"b"', '"'), ('"b', None)):
        data = f'id\ttitle\n"ä"\t{cell}\n'.encode(encoding)
        assert table(data, "t.tsv").dialect.quote == quote


def test_none_and_a_character_of_ones_own() -> None:
    assert reported(b'id,a\n1,"x\n2,y"\n', quote="none") == ([["1", '"x'], ["2", 'y"']], [])
    assert reported(b"id,a\n1,'x,''y'\n2,\"z\n", quote="'") == ([["1", "x,'y"], ["2", '"z']], [])


@pytest.mark.parametrize(
    ("data", "name", "line", "problem"),
    [
        (b'id,a\n1, "x"\n2,y\n', "t.csv", 2, "quote: a blank stands before it, so that it is a letter"),
        (
            b"a\tb\n# x\ty\n1\t2\n",
            "t.tsv",
            2,
            "comment: a line that begins with # is a row; if it is none, say `comment`",
        ),
        (b"id,a\n1,x\nid,a\n2,y\n", "t.csv", 3, "row: it repeats the header"),
        (b'\xef\xbb\xbfid,a\n1,x\n\xef\xbb\xbf"2",y\n', "t.csv", 3, "row: a mark of byte order before it removed"),
        (b"id,a\n1,x\n2,y\0\n", "t.csv", 3, "row: NUL removed"),
    ],
)
def test_what_was_perhaps_not_meant_so_is_kept_and_counted(data: bytes, name: str, line: int, problem: str) -> None:
    """Files joined to one, a style of quoting that no program reads, comments that nobody named."""
    doubted = [(one.line, one.problems) for one in table(data, name).rows() if isinstance(one, Row) and one.problems]
    assert doubted == [(line, (problem,))]


def test_a_quote_behind_a_backslash_names_the_key_that_reads_it() -> None:
    """Exports of MySQL and of Symbiota (ArctosDB/new-collections #192)."""
    data = b'id,a\n1,"the \\"old\\" mill"\n'
    refused = [one for one in table(data).rows() if not isinstance(one, Row)]
    assert "say `escape: \\`" in refused[0].detail
    assert reported(data, escape="\\") == ([["1", 'the "old" mill']], [])


@pytest.mark.parametrize(
    ("data", "kept", "refused"),
    [
        ('1\tlobby"s\n2\tb\n', ["1", "2"], []),  # clarin-eric/ParlaMint #899: a quote inside a word
        ("1\ta\t\n2\tb\n", ["2"], [("row_width", 2)]),  # clarin-eric/ParlaMint #898: a tab too many
        ('1\t"a\n2\tb"\n', ["1", "2"], []),  # dbamman/litbank #24, pytorch/text #349 and #612
        ("bn\n2\tb\n", ["2"], [("row_width", 2)]),  # klintan/swedish-ner-corpus #1: one column
        ("1 a\n2\tb", ["2"], [("row_width", 2)]),  # Orange-OpenSource/conllueditor #41: a blank for the tab
        ("1\ta\n2\tb", ["1", "2"], []),  # cfmrp/mtool #76: no line end at the end
        ("3\n\n \tSPACE\n2\tb\n", [" ", "2"], [("row_width", 2)]),  # pyconll/pyconll #129: a token with a line end
        ('1\t: "\n2\tb\n', ["1", "2"], []),  # explosion/spaCy #4385: a blank in a token
        ("# text\n1\ta\n# x\n2\tb\n", ["1", "2"], []),  # UniversalDependencies/UD_German-HDT #2: no blank line
        ("#\ta\n2\tb\n", ["#", "2"], []),  # mead-ml/mead-baseline #408: a token that is #
    ],
)
def test_files_of_tokens_as_people_reported_them(data: str, kept: list[str], refused: list[tuple[str, int]]) -> None:
    rows, told_ = reported(f"t\tg\n{data}".encode(), "t.tsv", comment=("# ",))
    assert ([row[0] for row in rows], told_) == (kept, refused)


@pytest.mark.parametrize(
    ("data", "kept", "refused"),
    [
        ('1,"a",x"\n2,b,y\n', ["1", "2"], []),  # datasets/un-locode #15: a quote too many
        ('1,"a; 10x16,,"no atf",x\n2,b,y\n', ["2"], [("quote_loose", 2)]),  # cdli-gh/data #15: two records in one line
        ('1,"a\nb",x\n2,b,y\n', ["1", "2"], []),  # metmuseum/openaccess #3, cmoa/collection #1
        ("1,a\nb,x\n2,b,y\n", ["2"], [("row_width", 2), ("row_width", 3)]),  # the same without quotes
        ('"1","test 32" 1","x"\n2,b,y\n', ["2"], [("quote_loose", 2)]),  # mafintosh/csv-parser #52
        ('1,"s """"12"""" t",x\n2,b,y\n', ["1", "2"], []),  # datagrok-ai/public #3286
        ('""M/,a,x\n2,b,y\n', ["2"], [("quote_loose", 2)]),  # browscap/browscap #348
        ("1,a,x,\n2,b,y\n", ["2"], [("row_width", 2)]),  # jkwakman/Open-Cookie-Database #168, wcmaart/collection #3
        ("1,a,x\r\r\n2,b,y\r\r\n", ["1", "2"], []),  # line ends converted twice
        ("1,a,x\n(2 rows affected)\n", ["1"], [("row_width", 3)]),
    ],
)
def test_tables_of_museums_as_people_reported_them(data: str, kept: list[str], refused: list[tuple[str, int]]) -> None:
    rows, told_ = reported(f"id,title,note\n{data}".encode(), delimiter=",")
    assert ([row[0] for row in rows], told_) == (kept, refused)


@pytest.mark.parametrize(
    ("first", "mark", "encoding"),
    [("sep=;", ";", "utf-8"), ("SEP=|", "|", "utf-8-sig"), ('"sep=,"', ",", "cp1252"), ("sep=\t", "\t", "utf-16")],
)
def test_the_first_line_that_excel_reads_says_the_delimiter_and_is_no_row(first: str, mark: str, encoding: str) -> None:
    """alexcaza/export-to-csv #119, ag-grid #655: written for spreadsheets of other countries, also behind a BOM."""
    data = f"{first}\r\n1{mark}a\r\n2{mark}é\r\n".encode(encoding)
    found = read_one(reader(type="table", header=["id", "b"], map={"id": "id", "title": "b"}), "t.csv", data)
    assert [(one.source_record_id, one.position, one.values["title"]) for one in records(found)] == [
        ("1", "line 2", "a"),
        ("2", "line 3", "é"),
    ]
    assert unmapped(found)[0].filled == {"(skipped lines)": 1}


def test_runs_of_blanks_are_reported_as_what_they_are() -> None:
    refused = [one for one in table(b"a b\n1  2\n", delimiter=" ").rows() if not isinstance(one, Row)]
    assert "every blank divides, also one behind another" in refused[0].detail


# --- the other keys ------------------------------------------------------------------------------------------


def test_t06_comment_lines_and_sentence_borders_are_counted_and_are_no_rows() -> None:
    data = b"TOKEN\tTAG\n# newspaper = Mercury\nHe\tO\n \nsaid\tO\n\n# newspaper = Herald\n#\tO\nking\tB-PER\n"
    made = reader(type="table", delimiter="tab", comment="# ", map={"title": "TOKEN"})
    found = read_one(made, "t.tsv", data)
    assert [record.values["title"] for record in records(found)] == ["He", "said", "#", "king"]
    assert rejects(found) == []
    assert unmapped(found)[0].filled == {"TAG": 4, "(comment lines)": 2, "(blank lines)": 2}


def test_without_the_key_a_comment_is_a_reject_that_names_it() -> None:
    found = read_one(reader(type="table", delimiter="tab", map={"title": "a"}), "t.tsv", b"a\tb\n# x\n1\t2\n")
    assert "lines that are comments are named by `comment`" in rejects(found)[0].detail


def test_lines_before_the_header_are_skipped_where_the_entry_says_how_many() -> None:
    data = b'Export of 12 May, "draft\n\nid,title\n1,a\n'
    assert reported(data, skip=2) == ([["1", "a"]], [])
    assert table(data, skip=2).dialect.delimiter == ","
    assert reported(b"junk\n1,a\n", skip=1, header=("id", "title")) == ([["1", "a"]], [])


def test_an_escape_takes_the_meaning_of_what_stands_behind_it() -> None:
    data = b'id,a,b\n1,"x \\" y",p\\,q\n2,a\\\\,b\\tc\n'
    found = [row for row in table(data, escape="\\").rows() if isinstance(row, Row)]
    assert [list(row.cells.values()) for row in found] == [["1", 'x " y', "p,q"], ["2", "a\\", "b\\tc"]]
    assert [row.problems for row in found] == [(), ("escape: \\ stands before a letter, and is kept",)]


def test_words_for_nothing_are_empty_cells_and_stay_part_of_what_a_row_is() -> None:
    data = b"a,b\n1,NULL\n2, n/a \n3,\\N\n4,NULLS\n"
    with_null = reader(type="table", escape="\\", null=["NULL", "n/a", "\\N"], map={"title": "a", "description": "b"})
    without = reader(type="table", escape="\\", map={"title": "a", "description": "b"})
    found, plain = records(read_one(with_null, "t.csv", data)), records(read_one(without, "t.csv", data))
    assert [record.values.get("description") for record in found] == [None, None, None, "NULLS"]
    assert [record.values.get("description") for record in plain] == ["NULL", " n/a ", "\\N", "NULLS"]
    assert [one.source_record_id for one in found] == [one.source_record_id for one in plain]


def test_words_for_nothing_in_json_lines() -> None:
    made = reader(type="table", null="NULL", map={"id": "a", "title": "b", "subjects": "c"})
    found = records(read_one(made, "t.jsonl", b'{"a": 1, "b": "NULL", "c": ["x", "NULL"]}\n'))
    assert found[0].values.get("title") is None
    assert found[0].values["subjects"] == ["x"]


@pytest.mark.parametrize(
    ("keys", "message"),
    [
        ({"quote": "''"}, "no mark; write one character, or none"),
        ({"quote": "a"}, "no mark"),
        ({"escape": "none"}, r"no mark; write one character \["),
        ({"comment": ""}, "an empty text"),
        ({"null": ["NULL", ""]}, "an empty text"),
        ({"skip": -1}, "greater than or equal to 0"),
        ({"delimiter": ";", "quote": ";"}, "are different characters"),
        ({"quote": '"', "escape": '"'}, "are different characters"),
    ],
)
def test_keys_that_cannot_be_meant(keys: dict[str, Any], message: str) -> None:
    with pytest.raises(ValueError, match=re.compile(message, re.MULTILINE)):
        reader(type="table", map={"title": "a"}, **keys)


# --- the delimiter -------------------------------------------------------------------------------------------


def test_two_delimiters_that_fit_as_well_stop_the_source_and_name_the_key() -> None:
    data = b"Breite, cm;Hoehe, cm\n1,5;2,5\n3,5;4,5\n"
    with pytest.raises(SourceChanged, match="as even divided by ',' as by ';'; say which with `delimiter`"):
        table(data)
    assert reported(data, delimiter=";") == ([["1,5", "2,5"], ["3,5", "4,5"]], [])


def test_a_tab_is_believed_of_a_file_that_is_called_so() -> None:
    assert reported(b"id\tlat,lon\n1\t52.1,4.3\n", "t.tsv") == ([["1", "52.1,4.3"]], [])
    with pytest.raises(SourceChanged, match="say which"):
        table(b"id\tlat,lon\n1\t52.1,4.3\n", "t.txt")


def test_decimal_commas_do_not_divide() -> None:
    assert table(b"id;breite;hoehe\n1;2,5;3,5\n2;1,0;9,9\n").dialect.delimiter == ";"


def test_the_header_of_the_entry_says_how_wide_a_row_is() -> None:
    assert table(b"1;2,5;3\n", header=("id", "b", "h")).dialect.delimiter == ";"
    with pytest.raises(SourceChanged, match="into the 2 cells of `header`; say `delimiter`"):
        table(b"Donnerstag O\n, O\n1 O\n", header=("TOKEN", "TAG"))


def test_one_column_needs_no_delimiter() -> None:
    assert reported(b'token\nthe\nking, "of\nthe\n', "t.tsv")[0] == [["the"], ['king, "of'], ["the"]]


# --- lines ---------------------------------------------------------------------------------------------------


def test_every_kind_of_line_end_and_all_of_them_mixed() -> None:
    rows, refused = reported(b'id,a\r\n1,x\n2,y\r3,z\r\n\r\n4,"p\rq\r\nr\ns"\r5,last')
    assert [row[0] for row in rows] == ["1", "2", "3", "4", "5"]
    assert rows[3][1] == "p\rq\r\nr\ns"
    assert refused == []


def test_other_separators_of_unicode_are_no_line_ends() -> None:
    data = "id,a\n1,x\u2028y\x0bz\x0c\x85\x1e\n".encode()
    assert reported(data)[0] == [["1", "x\u2028y\x0bz\x0c\x85\x1e"]]


def test_t15_a_line_that_is_too_long_is_refused_while_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (lines, cells, jsonl, dialect):
        monkeypatch.setattr(module, "MAX_CELL_BYTES", 1000)
    long = b"2," + b"x" * 3_000_000
    for data in (b"id,a\n1,x\n" + long + b"\n3,y\n", b"id,a\r\n1,x\r\n" + long + b"\r\n3,y\r\n"):
        rows, refused = reported(data)
        assert ([row[0] for row in rows], refused) == (["1", "3"], [("line_size", 3)])
    rows, refused = reported(b'id,a\n1,"x\n' + long + b'\n3,y"\n4,z\n')
    assert ([row[0] for row in rows], refused) == (["3", "4"], [("line_size", 2), ("line_size", 3)])
    opened = b'id,a\n1,"' + b"x\n" * 2_000 + b"2,y\n"
    rows, refused = reported(opened)
    assert [row[0] for row in rows] == ["2"]
    assert refused[0] == ("cell_size", 2)
    found = read_one(reader(type="table", map={"id": "a"}), "t.jsonl", b'{"a": 1}\n{"a": "' + long + b'"}\n{"a": 3}\n')
    assert [record.source_record_id for record in records(found)] == ["1", "3"]


def test_what_is_longer_than_the_cap_is_not_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """A line of 200 MB, of which the stream gives a megabyte at a time, and is never asked for more at once."""
    for module in (lines, cells, dialect):
        monkeypatch.setattr(module, "MAX_CELL_BYTES", 100_000)
    asked = []

    class Endless(io.RawIOBase):
        left = 40_000_000

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
            asked.append(len(buffer))
            size = min(len(buffer), self.left)
            buffer[:size] = b"x" * size
            self.left -= size
            return size

    found = Cells(item("t.csv", b""), lambda: io.BufferedReader(Endless()), Wanted(header=("a",)))
    assert [one.reason for one in found.rows() if not isinstance(one, Row)] == ["line_size"]
    assert max(asked) <= 1 << 20


def test_a_mark_of_byte_order_before_a_quoted_header_once_and_twice() -> None:
    for mark in (b"\xef\xbb\xbf", b"\xef\xbb\xbf" * 2):
        assert reported(mark + b'"id","a"\n"1","x"\n') == ([["1", "x"]], [])
        found = table(mark + b'"id","a"\n"1","x"\n')
        list(found.rows())
        assert found.names == ["id", "a"]


# --- against independent counts and another reader ---------------------------------------------------------------

_CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff"), max_size=12) | st.sampled_from(
    ['"', '""', "a,b", "a;b", "\n", "\r\n", 'x"y', "a\tb", "", " "]
)


@examples(300)
@given(st.data())
def test_valid_rfc_4180_is_read_as_the_strict_reader_of_python_reads_it(data: st.DataObject) -> None:
    delimiter = data.draw(st.sampled_from(",;"))
    width = data.draw(st.integers(2, 4))
    rows = data.draw(st.lists(st.lists(_CELL, min_size=width, max_size=width), max_size=6))
    text = io.StringIO(newline="")
    end = data.draw(st.sampled_from(["\n", "\r\n"]))
    # Where lines end with a line feed alone, Python 3.11 writes a carriage return in a cell without quotes.
    quoting = data.draw(st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])) if end == "\r\n" else csv.QUOTE_ALL
    names = [f"c{number}" for number in range(width)]
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows([names, *rows])
    expected = list(csv.reader(io.StringIO(text.getvalue(), newline=""), delimiter=delimiter, strict=True))[1:]
    encoding = data.draw(st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-32"]))
    found = list(table(text.getvalue().encode(encoding), delimiter=delimiter).rows())
    assert [list(one.cells.values()) for one in found if isinstance(one, Row)] == expected
    assert len(found) == len(expected)


@examples(400)
@given(
    st.lists(st.sampled_from(['"', '""', ",", "\t", "a", "é", " ", "\n", "\r\n", "\r", "# x", "\\", "1,2\n", '"q"\n'])),
    st.sampled_from([",", ";", "\t", " "]),
    st.sampled_from([None, "none", '"', "'"]),
    st.sampled_from([(), ("# ",)]),
    st.sampled_from([None, "\\"]),
    st.integers(0, 2),
)
def test_lines_are_those_of_rows_rejects_comments_blanks_header_and_what_is_skipped(
    pieces: list[str], delimiter: str, quote: str | None, comment: tuple[str, ...], escape: str | None, skip: int
) -> None:
    data = "".join(pieces).encode()
    found = table(data, delimiter=delimiter, quote=quote, comment=comment, escape=escape, skip=skip, header=("a", "b"))
    read = list(found.rows())
    count = found.count
    assert count.total == physical_lines(data)
    assert sum(one.lines for one in read if isinstance(one, Row)) == count.rows
    assert sum(not isinstance(one, Row) for one in read) <= count.rejected
    places = [one.line if isinstance(one, Row) else int(one.position.split()[1]) for one in read]
    assert places == sorted(set(places))


_REAL_TABLES = (
    ("csv/bl-books-genre", "annotations.csv", {}),
    ("csv/htr-united-statistics", "statistics.csv", {}),
    ("museum/moma", "Artists.csv", {}),
    ("museum/tate", "artist_data.csv", {}),
    ("museum/nga-opendata", "constituents.csv", {}),
    ("museum/nga-opendata", "locations.csv", {}),
    ("museum/nga-opendata", "media_relationships.csv", {}),
    ("museum/nga-opendata", "object_associations.csv", {}),
    ("museum/nga-opendata", "objects_historical_data.csv", {}),
    ("museum/nga-opendata", "preferred_locations.csv", {}),
    ("ner/europeana-newspapers/enp_DE.sbb.bio", "enp_DE.sbb.bio", {"delimiter": " ", "header": ("token", "tag")}),
    ("ner/europeana-newspapers/enp_DE.onb.bio", "enp_DE.onb.bio", {"delimiter": " ", "header": ("token", "tag")}),
)


@pytest.mark.representative(4)  # further museums
@pytest.mark.parametrize(("folder", "name", "wanted"), _REAL_TABLES, ids=lambda value: str(value)[-20:])
def test_real_tables_line_by_line_and_row_by_row(folder: str, name: str, wanted: dict[str, Any]) -> None:
    file = real_folder(folder, name)[name]
    with file.open() as stream:
        data = stream.read()
    found = Cells(file, file.open, Wanted(**wanted))
    read = list(found.rows())
    rows = [list(one.cells.values()) for one in read if isinstance(one, Row)]
    assert found.count.total == physical_lines(data)
    text = data.decode("utf-8-sig")
    if wanted:
        independent = [line.split(" ") for line in text.splitlines()]
        assert rows == [cells_ for cells_ in independent if len(cells_) == 2]
        assert len(read) - len(rows) == sum(len(cells_) != 2 for cells_ in independent)
    else:
        assert rows == list(csv.reader(io.StringIO(text, newline=""), strict=True))[1:]
        assert found.count.rejected == 0


def _real_pieces() -> Iterator[bytes]:
    for folder, name, _ in _REAL_TABLES:
        path = REAL / folder / name
        if path.is_file():
            with path.open("rb") as stream:
                yield stream.read(6_000)


@examples(300)
@given(st.data())
def test_real_tables_damaged_are_accounted_for_line_by_line(data: st.DataObject) -> None:
    seeds = list(_real_pieces())
    if not seeds:
        pytest.skip("no real data; set BIGLAM_REAL_DATA")
    damaged = bytearray(data.draw(st.sampled_from(seeds)))
    for _ in range(data.draw(st.integers(1, 6))):
        place, width = data.draw(st.integers(0, len(damaged))), data.draw(st.sampled_from([0, 0, 1, 40, 400]))
        damaged[place : place + width] = data.draw(
            st.sampled_from([b'"', b'""', b'",', b',"', b"\n", b"\r", b"\t", b"\xe9", b"\xff\xfe", b"\n\n", b'"\n"'])
        )
    recoded = data.draw(st.sampled_from(["", "cp1252", "utf-16", "utf-16-le"]))
    raw = bytes(damaged)
    if recoded:
        raw = raw.decode("utf-8", "replace").encode(recoded, "replace")
    delimiter = data.draw(st.sampled_from([",", "\t", " "]))
    found = table(raw, delimiter=delimiter, header=("a", "b"))
    read = list(found.rows())
    with io.TextIOWrapper(io.BytesIO(raw), found.dialect.found.encoding, "replace", newline="") as text:
        assert found.count.total == sum(1 for _ in text)
    assert sum(one.lines for one in read if isinstance(one, Row)) == found.count.rows


# --- facts, names, shapes --------------------------------------------------------------------------------------


def ids(found: list[Read]) -> list[str]:
    """Of the records."""
    return [record.source_record_id for record in records(found)]


@pytest.mark.parametrize(("name", "line"), [("t.csv", "{}\n"), ("t.jsonl", '{{"token": "{}"}}\n')])
def test_t08_equal_rows_of_a_file_have_names_of_their_own_and_an_insertion_renames_nothing_else(
    name: str, line: str
) -> None:
    made = reader(type="table", modality="text", map={"text": "token"})
    words = ["the", "king", "of", "the", "isle", "of", "the", "sea"]
    head = b"" if name.endswith("jsonl") else b"token\n"
    before = ids(read_one(made, name, head + "".join(map(line.format, words)).encode()))
    assert len(set(before)) == len(words)
    assert before[0].startswith(f"{name}#")
    assert (before[3], before[6]) == (f"{before[0]}-2", f"{before[0]}-3")
    for new in ("prologue", "the"):
        after = ids(read_one(made, name, head + "".join(map(line.format, [new, *words])).encode()))
        assert set(before) < set(after)
        assert len(set(after)) == len(words) + 1
    other = ids(read_one(made, f"other/{name}", head + "".join(map(line.format, words)).encode()))
    assert not set(before) & set(other)  # equal rows of two files stay two


def test_the_number_of_a_line_is_a_fact_for_what_has_an_order() -> None:
    made = reader(type="table", modality="text", map={"id": "$line", "seq": "$line", "text": "b"})
    found = records(read_one(made, "t.csv", b'a,b\n1,"x\ny"\n\n2,z\n'))
    assert [(one.source_record_id, one.values["seq"]) for one in found] == [("000000002", 2), ("000000005", 5)]
    lines_ = records(read_one(made, "t.jsonl", b'{"b": "x"}\n\n{"b": "y"}\n'))
    assert [one.source_record_id for one in lines_] == ["000000001", "000000003"]
    with pytest.raises(ValueError, match=r"\$line: no fact"):
        reader(type="oai_dc", map={"title": "$line"})


@pytest.mark.parametrize(
    ("name", "data"), [("t.csv", b"who,what\n1,2\n"), ("t.csv", b"who,what\n"), ("t.jsonl", b'{"who": 1, "what": 2}\n')]
)
@pytest.mark.parametrize("mapped", [{}, {"title": {"const": "x"}}, {"title": "$name"}])
def test_t10_a_table_of_which_nothing_is_mapped_is_a_fault_that_names_its_columns(
    name: str, data: bytes, mapped: dict[str, Any]
) -> None:
    with pytest.raises(ConfigError, match=r"nothing of the table is mapped.*columns (who, what|what, who)"):
        read_one(reader(type="table", map=mapped), name, data)


def test_a_column_that_is_not_there_is_reported_though_there_are_no_rows() -> None:
    with pytest.raises(SourceChanged, match="no column 'titel'; it has id, title"):
        read_one(reader(type="table", map={"title": "titel"}), "t.csv", b"id,title\n")


def test_t11_an_object_is_no_text_and_is_counted() -> None:
    data = b'{"id": "r1", "who": {"name": "Clerk"}, "dates": [{"written": "1812"}, "1813"], "pages": [[1], 2]}\n'
    made = reader(
        type="table",
        map={"id": "id", "text": "pages", "creators": "who", "date": "dates", "extra": {"w": "who >> list"}},
    )
    record = records(read_one(made, "t.jsonl", data))[0]
    assert (record.values["text"], record.values["date_raw"]) == ("2", ["1813"])
    assert record.extra == {"w": None}
    assert "creators" not in record.values
    assert sorted(record.problems) == [
        "creators: an object where a text is due",
        "date_raw: an object where a text is due",
        "text: a list in a list",
        "w: an object where a text is due",
    ]


# --- a file out of which rows are taken ---------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16", "utf-16-le", "utf-32", "shift_jis"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_row_is_taken_out_of_any_encoding_and_all_other_bytes_stay(encoding: str, end: str) -> None:
    second = "表" if encoding == "shift_jis" else "é"
    text = end.join(["id,a", f'1,"x{end}{second}"', "2,y", '3,"loose', "4,z", "5,last"])
    data = text.encode(encoding)
    file = item("t.csv", data)
    wanted = Wanted(encoding="shift_jis" if encoding == "shift_jis" else None)
    left = b"".join(cells.blank_rows(file, file.open, wanted, {2, 6}))
    expected = text.replace(f'1,"x{end}{second}"', end).replace("4,z", "")
    assert left == expected.encode(encoding)
    again = Cells(item("t.csv", left), partial(io.BytesIO, left), wanted)
    assert [row.line for row in again.rows() if isinstance(row, Row)] == [4, 7]


def test_a_row_is_taken_out_by_the_dialect_that_it_was_read_by() -> None:
    data = b'# c\ntoken tag\n" O\n\nking O\n'
    made = reader(type="table", delimiter="blank", comment="# ", map={"title": "token"})
    file = item("t.tsv", data)
    read = records(read_one(made, "t.tsv", data))
    assert [one.position for one in read] == ["line 3", "line 5"]
    left = made.redact(Bundle("t.tsv", (file,)), [(read[0], "x:1")])["t.tsv"]
    assert left is not None
    assert b"".join(left) == b"# c\ntoken tag\n\n\nking O\n"


def test_json_lines_of_another_encoding() -> None:
    made = reader(type="table", map={"id": "a", "title": "b"})
    for encoding in ("utf-16", "utf-16-le", "cp1252"):
        data = '{"a": "1", "b": "Köln"}\r\n{"a": "2", "b": "x"}\n'.encode(encoding)
        found = read_one(made, "t.jsonl", data)
        assert [record.values["title"] for record in records(found)] == ["Köln", "x"]
        assert bool(unmapped(found)[0].problems) is (encoding != "utf-16")
        left = made.redact(bundle_of("t.jsonl", data), [(records(found)[0], "x:1")])["t.jsonl"]
        assert left is not None
        after = read_one(made, "t.jsonl", b"".join(left))
        assert [(one.values["title"], one.position) for one in records(after)] == [("x", "line 2")]


def bundle_of(name: str, data: bytes) -> Any:
    """One file."""
    return Bundle(name, (item(name, data),))


def test_json_lines_count_their_lines() -> None:
    found = jsonl.JsonLines(item("t.jsonl", b""), partial(io.BytesIO, b'{"a":1}\n\nno\n{"b":2}'), None)
    assert len(list(found.rows())) == 3
    count = found.count
    assert (count.rows, count.blank, count.rejected, count.total) == (2, 1, 1, 4)


def test_a_bad_byte_does_not_cost_an_object() -> None:
    found = read_one(reader(type="table", map={"id": "a"}), "t.jsonl", '{"a": "éé"}\n'.encode() + b'{"a": "caf\xe9"}\n')
    assert ids(found) == ["éé", "café"]
    assert reasons(found) == []
