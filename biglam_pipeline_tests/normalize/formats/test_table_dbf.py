"""DBF as tables: its code pages, its memos beside it, its marks of deletion, and files that are cut."""

import gzip
import struct
from collections.abc import Callable
from typing import Any

import pytest

from biglam_pipeline.errors import ConfigError, SourceChanged
from biglam_pipeline.records import Bundle, Read, Record, Unmapped
from biglam_pipeline_tests.normalize.bundles import item, laid_out, read, reader, reasons, records
from biglam_pipeline_tests.normalize.formats.grids import dbf

MAP = {"title": "NAME"}
NAMES = [("NAME", "C", 12)]
GOOD = dbf(NAMES, [(b"a",), (b"b",), (b"c",)])


def found_in(files: dict[str, bytes], **block: Any) -> list[Read]:
    made = reader(type="table", **{"map": MAP, **block})
    return read(made, {name: item(name, data) for name, data in files.items()})


def rows_of(data: bytes, **block: Any) -> list[Record]:
    return records(found_in({"t.dbf": data}, **block))


def expected(files: dict[str, bytes], **block: Any) -> int | None:
    items = tuple(item(name, data) for name, data in files.items())
    return reader(type="table", **{"map": MAP, **block}).expected(Bundle("t.dbf", items))


# --- what a field says --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "width", "raw", "said", "problem"),
    [
        ("C", 8, b"Word", "Word", ""),
        ("C", 8, b"  00123", "  00123", ""),
        ("C", 8, b"", None, ""),
        ("N", 8, b"   12.50", "12.50", ""),
        ("N", 8, b"", None, ""),
        ("N", 8, b"********", None, "X: is a number that was too long for its column"),
        ("F", 8, b"1.5E+02", "1.5E+02", ""),
        ("D", 8, b"19500102", "1950-01-02", ""),
        ("D", 8, b"", None, ""),
        ("D", 8, b"00000000", None, ""),
        ("D", 8, b"19501402", "19501402", "X: is no day of the calendar"),
        ("L", 1, b"T", "true", ""),
        ("L", 1, b"n", "false", ""),
        ("L", 1, b"?", None, ""),
        ("I", 4, struct.pack("<i", -7), "-7", ""),
        ("Y", 8, struct.pack("<q", 32500), "3.2500", ""),
        ("T", 8, struct.pack("<Ii", 2433284, 11045000), "1950-01-02T03:04:05", ""),
        ("T", 8, b"\0" * 8, None, ""),
    ],
)  # fmt: skip
def test_a_field_is_a_text(kind: str, width: int, raw: bytes, said: str | None, problem: str) -> None:
    data = dbf([("NAME", "C", 4), ("X", kind, width)], [(b"a", raw)], version=0x30)
    [row] = rows_of(data, map={"title": "NAME", "extra": {"x": "X"}})
    assert row.extra.get("x") == said
    assert row.problems == ((problem,) if problem else ())
    assert str(row.place) == "record 1"


def test_doubles_of_foxpro() -> None:
    data = dbf([("NAME", "B", 8)], [(struct.pack("<d", 1.5),)], version=0x30)
    assert rows_of(data)[0].values["title"] == "1.5"


def test_flags_of_foxpro_say_what_is_null_and_how_long_a_text_is() -> None:
    fields = [("NAME", "V", 6), ("N", "I", 4), ("_NullFlags", "0", 1)]
    rows = [
        (b"ab\0\0\0\2", bytes(4), b"\x05"),
        (b"abcdef", struct.pack("<i", 7), b"\x00"),
        (b"x\0\0\0\0\1", bytes(4), b"\x03"),
    ]
    data = bytearray(dbf(fields, rows, version=0x32))
    data[32 + 18] = data[64 + 18] = 2  # both may be null
    found = rows_of(bytes(data), map={"title": "NAME", "extra": {"n": "N"}})
    assert [(one.values.get("title"), one.extra.get("n")) for one in found] == [
        ("ab", None),
        ("abcdef", "7"),
        (None, "0"),
    ]


def test_what_lies_behind_the_count_of_the_header_is_said() -> None:
    found = found_in({"t.dbf": GOOD[:4] + b"\1\0\0\0" + GOOD[8:]})
    [told] = [one.problems for one in found if isinstance(one, Unmapped)]
    assert told == ("dbf: 27 bytes lie behind the last record that its header counts, and are not read",)


# --- code pages ---------------------------------------------------------------------------------------------

TEXT = "Étui äöü"


@pytest.mark.parametrize(
    ("encoding", "driver", "page", "block"),
    [
        ("cp1252", 0x57, b"", {}),
        ("cp850", 0x02, b"", {}),
        ("cp437", 0x01, b"", {}),
        ("mac_roman", 0x04, b"", {}),
        ("utf-8", 0x57, b"UTF-8", {}),
        ("utf-8", 0, b"UTF-8\r\n", {}),
        ("cp1252", 0, b"1252", {}),
        ("cp1252", 0, b"ANSI 1252", {}),
        ("cp850", 0, b"OEM 850", {}),
        ("iso8859-1", 0, b"88591", {}),
        ("iso8859-15", 0, b"ISO 8859-15", {}),
        ("cp850", 0x57, b"UTF-8", {"encoding": "cp850"}),
        ("utf-8", 0, b"", {}),
        ("utf-8", 0, b"no such page", {}),
    ],
)
def test_the_code_page_is_said_somewhere(encoding: str, driver: int, page: bytes, block: dict[str, str]) -> None:
    """By the entry, the .cpg, the language driver, and else by the texts themselves."""
    files = {"t.dbf": dbf(NAMES, [(TEXT.encode(encoding),)], driver=driver), **({"T.CPG": page} if page else {})}
    assert [one.values["title"] for one in records(found_in(files, **block))] == [TEXT]


def test_a_character_that_the_width_cuts_is_counted_and_the_rest_is_kept() -> None:
    [row] = rows_of(dbf([("NAME", "C", 4)], [("aaaé".encode(),)]), encoding="utf-8")
    assert row.values["title"] == "aaa"
    assert row.problems == ("NAME: is cut in the middle of a character",)


def test_bytes_that_are_not_of_the_page_are_counted() -> None:
    [row] = rows_of(dbf(NAMES, [(b"a\xe9b",)]), encoding="utf-8")
    assert row.values["title"] == "aéb"
    assert row.problems == ("NAME: holds bytes that are not utf-8, read as Windows-1252",)


# --- memos --------------------------------------------------------------------------------------------------


def dbt_3(*texts: bytes) -> bytes:
    """Of dBASE III: each ends with 0x1A, in blocks of 512."""
    return bytes(512) + b"".join((text + b"\x1a\x1a").ljust(-(-(len(text) + 2) // 512) * 512, b"\0") for text in texts)


def dbt_4(*texts: bytes) -> bytes:
    head = struct.pack("<I4x12xH490x", len(texts) + 1, 512)
    return head + b"".join(
        (b"\xff\xff\x08\0" + struct.pack("<I", len(one) + 8) + one).ljust(512, b"\0") for one in texts
    )


def fpt(*texts: bytes) -> bytes:
    head = struct.pack(">I2xH504x", 8, 64)
    return head + b"".join((struct.pack(">II", 1, len(one)) + one).ljust(64, b"\0") for one in texts)


MEMO = [("NAME", "C", 4), ("NOTE", "M", 10)]
NOTED = {"title": "NAME", "description": "NOTE"}


@pytest.mark.parametrize(
    ("name", "memo", "version", "first"),
    [
        ("t.dbt", dbt_3("Mémo 1".encode("cp1252"), b"two"), 0x83, 1),
        ("T.DBT", dbt_4("Mémo 1".encode("cp1252"), b"two"), 0x8B, 1),
        ("t.fpt", fpt("Mémo 1".encode("cp1252"), b"two"), 0xF5, 8),
    ],
)
def test_memos_lie_beside(name: str, memo: bytes, version: int, first: int) -> None:
    rows = [(b"a", b"%10d" % first), (b"b", b"%10d" % (first + 1)), (b"c", b"")]
    files = {"t.dbf": dbf(MEMO, rows, version=version), name: memo, "other.dbt": b""}
    made = reader(type="table", map=NOTED)
    assert laid_out(made, {one: item(one, data) for one, data in files.items()}) == {"t.dbf": ["t.dbf", name]}
    found = records(found_in(files, map=NOTED))
    assert [one.values.get("description") for one in found] == ["Mémo 1", "two", None]


def test_a_memo_that_is_missing_costs_its_row_where_it_is_read() -> None:
    files = {"t.dbf": dbf(MEMO, [(b"a", b"         1"), (b"c", b"")], version=0x83)}
    found = found_in(files, map=NOTED)
    assert reasons(found) == ["memo_missing"]
    assert [one.values["title"] for one in records(found)] == ["c"]
    assert expected(files, map=NOTED) == 2
    assert [one.problems[0][:20] for one in records(found_in(files)) if one.problems] == ["NOTE: the file which"]


def test_a_block_that_is_not_there_costs_its_row() -> None:
    files = {"t.dbf": dbf(MEMO, [(b"a", b"      9999"), (b"b", b"         1")], version=0x83), "t.dbt": dbt_3(b"one")}
    found = found_in(files, map=NOTED)
    assert (reasons(found), [one.values["description"] for one in records(found)]) == (["memo_missing"], ["one"])


# --- what is deleted, and what is cut -----------------------------------------------------------------------


def test_records_marked_as_deleted_are_left_out_and_counted() -> None:
    files = {"t.dbf": dbf(NAMES, [(b"a",), (b"b",), (b"c",)], deleted=[1])}
    found = found_in(files)
    assert [(one.values["title"], one.place.number) for one in records(found)] == [("a", 1), ("c", 3)]
    assert [one.filled for one in found if isinstance(one, Unmapped)] == [{"(records marked as deleted)": 1}]
    assert expected(files) == 2


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "dbf_missing"),
        (b"<html>", "dbf_missing"),
        (b"\x99" + GOOD[1:], "dbf_missing"),
        (GOOD[:20], "dbf_missing"),
        (GOOD[:40], "dbf_cut"),
        (GOOD[:-10], "dbf_cut"),
        (GOOD[:4] + b"\xff\xff\xff\x7f" + GOOD[8:], "dbf_cut"),
        (GOOD[:10] + b"\x02\0" + GOOD[12:], "dbf_damaged"),
    ],
)
def test_what_is_no_dbf_is_one_reject_and_no_row(data: bytes, reason: str) -> None:
    found = found_in({"t.dbf": data})
    assert (reasons(found), records(found)) == ([reason], [])


def test_damage_at_any_place_is_answered() -> None:
    memo = dbf(MEMO, [(b"a", b"         1"), (b"b", b"         2")], version=0x83)
    files = {"t.dbf": memo, "t.dbt": dbt_3(b"one", b"two")}
    for name, data in files.items():
        for at in range(0, len(data), 3):
            for spoiled in (data[:at], data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :]):
                try:
                    assert found_in({**files, name: spoiled}, map={"title": {"const": "x"}, "extra": {"n": "NAME"}})
                except (SourceChanged, ConfigError):
                    continue


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("end", [b"\x1a", b""])
def test_one_record_behind_the_count_is_said(pack: Callable[[bytes], bytes], end: bytes) -> None:
    """Also where the file does not end with a mark, and where it is packed, so that its length is not at hand."""
    data = dbf(NAMES, [(b"a",), (b"b",)])[:-1]
    found = found_in({"t.dbf": pack(data[:4] + b"\x01\0\0\0" + data[8:] + end)})
    [said] = [one.problems for one in found if isinstance(one, Unmapped)]
    assert (len(records(found)), [one.split(" lie ")[1] for one in said]) == (
        1,
        ["behind the last record that its header counts, and are not read"],
    )


def test_a_file_that_says_it_is_encrypted_gives_no_row() -> None:
    assert reasons(found_in({"t.dbf": GOOD[:15] + b"\1" + GOOD[16:]})) == ["dbf_encrypted"]


def test_a_memo_whose_number_is_none_costs_its_row() -> None:
    files = {"t.dbf": dbf(MEMO, [(b"a", b"abc"), (b"b", b"        -1"), (b"c", b"0000000000")], version=0x83)}
    assert reasons(found_in({**files, "t.dbt": dbt_3(b"one")}, map=NOTED)) == ["memo_missing", "memo_missing"]


@pytest.mark.parametrize(
    ("kind", "raw", "said", "problem"),
    [
        ("I", struct.pack(">I", 0x80000001), "1", ""),
        ("I", struct.pack(">I", 0x7FFFFFFB), "-5", ""),
        ("+", struct.pack(">I", 0x80000007), "7", ""),
        ("I", b"\0\0\0\0", None, ""),
        ("O", b"\xbf\xf8\0\0\0\0\0\0", None, "X: holds bytes and no text"),
        ("@", b"\x42\xcc\xe1\1\2\3\4\5", None, "X: holds bytes and no text"),
    ],
)
def test_numbers_of_dbase_7(kind: str, raw: bytes, said: str | None, problem: str) -> None:
    """http://dbase.com/KnowledgeBase/int/db7_file_fmt.htm: the highest byte first, its highest bit 0 below zero."""
    fields = b"".join(
        struct.pack("<32scBB13x", name, type_, size, 0)
        for name, type_, size in ((b"NAME", b"C", 4), (b"X", kind.encode(), len(raw)))
    )
    head = struct.pack("<BBBBIHH16xBB2x36x", 4, 126, 11, 1, 1, 69 + len(fields), 5 + len(raw), 0, 3)
    [row] = rows_of(head + fields + b"\r a   " + raw + b"\x1a", map={"title": "NAME", "extra": {"x": "X"}})
    assert (row.values["title"], row.extra.get("x"), row.problems) == ("a", said, (problem,) if problem else ())


def test_the_last_record_may_end_with_the_file() -> None:
    assert len(rows_of(GOOD[:-1])) == 3


def test_keys_that_say_nothing_of_it_are_refused() -> None:
    with pytest.raises(ConfigError, match="of which `header` says nothing"):
        rows_of(GOOD, header=["x"])
    with pytest.raises(SourceChanged, match="is the table 't' alone"):
        rows_of(GOOD, table="x")
    assert len(rows_of(GOOD, table="t")) == 3
