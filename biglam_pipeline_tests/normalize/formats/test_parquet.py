"""Parquet: types, nested columns, pictures and ClassLabels of the Hub, damage, and footers that lie."""

import datetime as dt
import decimal
import io
import json
import struct
import zipfile
from dataclasses import replace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from biglam_pipeline.errors import ConfigError, SourceChanged
from biglam_pipeline.normalize.mapping.values import read_value
from biglam_pipeline.normalize.rows.as_laid import LAID, as_laid
from biglam_pipeline.parsing.parquet import opening
from biglam_pipeline.records import Bundle, Item, Record
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    NOON,
    item,
    read,
    read_one,
    reader,
    reasons,
    records,
    rejects,
    unmapped,
)
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, bytes_of, take_out


def file_of(columns: Any, **more: Any) -> bytes:
    """A file of a table, or of columns by name."""
    out = io.BytesIO()
    table = columns if isinstance(columns, pa.Table) else pa.table(columns)
    pq.write_table(table, out, **{"write_page_checksum": True, **more})
    return out.getvalue()


BOOKS = pa.table(
    {
        "id": ["a", "b", "c", "d"],
        "title": pa.array(["One", None, "Three", "Four"]).dictionary_encode(),
        "meta": pa.array(
            [{"creator": {"name": "Ada"}, "year": 1850}, {"creator": None, "year": 1851}, None, {"year": None}]
        ),
        "authors": pa.array([[{"name": "A"}, {"name": "B"}], [], None, [{"name": None}]]),
        "subjects": pa.array([["x", None, "y"], None, [], ["z"]]),
    }
)
SPECIMEN = Specimen(
    {"books.parquet": file_of(BOOKS, row_group_size=3), "more.parquet": file_of(BOOKS.slice(3))},
    records=5,
    version=2,
    digest="3441974ec85dce50",
    block={
        "map": {
            "title": "title",
            "date": "meta.year",
            "creators": "authors.name",
            "subjects": "subjects",
            "extra": {"maker": "meta.creator.name"},
        }
    },
)  # fmt: skip


def cells(column: Any, path: str = "x", **more: Any) -> list[Any]:
    """What the entry reads of one column, row by row; the first of several."""
    made = reader(type="parquet", map={"extra": {"cell": path}}, **more)
    return [one.extra["cell"] for one in records(read_one(made, "a.parquet", file_of({"x": column})))]


# --- types ---


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pa.array(["é", "", None]), ["é", None, None]),
        (pa.array(["é", None], pa.large_string()), ["é", None]),
        (pa.array(["a", "b", "a"]).dictionary_encode(), ["a", "b", "a"]),
        (pa.array([1, None, -(2**63)], pa.int64()), ["1", None, str(-(2**63))]),
        (pa.array([2**64 - 1], pa.uint64()), [str(2**64 - 1)]),
        (pa.array([True, False, None]), ["true", "false", None]),
        (pa.array([0.7, float("nan"), None, 1e300]), ["0.7", None, None, "1e+300"]),
        (pa.array([0.7, float("nan"), None], pa.float32()), ["0.7", None, None]),
        (pa.array([decimal.Decimal("1.10"), None], pa.decimal128(10, 2)), ["1.10", None]),
        (pa.array([decimal.Decimal("1E+3")], pa.decimal128(10, 0)), ["1000"]),
        (pa.array([dt.date(1850, 1, 2), None]), ["1850-01-02", None]),
        (pa.array(["1850-01-02", "0001-01-01T03:04:05.000060"]).cast(pa.timestamp("us")),
         ["1850-01-02", "0001-01-01T03:04:05.000060"]),
        (pa.array([-(2**62), 0], pa.timestamp("ms")), [None, "1970-01-01"]),
        (pa.array([dt.datetime(1970, 1, 1, 1, 0, tzinfo=dt.UTC)], pa.timestamp("ns", "Europe/Paris")),
         ["1970-01-01T01:00:00Z"]),
        (pa.array([dt.time(3, 4, 5)], pa.time64("us")), ["03:04:05.000000"]),
        (pa.array([90, None], pa.duration("s")), ["90.0", None]),
        (pa.array([b"txt", b"\xff\x00", None]), ["txt", None, None]),
        (pa.array([b"ab", None], pa.binary(2)), ["ab", None]),
        (pa.nulls(2), [None, None]),
    ],
)  # fmt: skip
def test_a_value_of_each_type(column: pa.Array, expected: list[Any]) -> None:
    assert cells(column) == expected


@pytest.mark.parametrize(
    ("column", "path", "expected"),
    [
        (pa.array([{"a": {"b": 1}}, {"a": None}, None]), "x.a.b", ["1", None, None]),
        (pa.array([[{"a": 1}, {"a": 2}], [], None]), "x.a", ["1", None, None]),
        (pa.array([[1, 2], None], pa.list_(pa.int8(), 2)), "x", ["1", None]),
        (pa.array([["a"], None], pa.large_list(pa.string())), "x", ["a", None]),
        (pa.array([[("k", "v"), ("l", "w")], [], None], pa.map_(pa.string(), pa.string())), "x.l", ["w", None, None]),
        (pa.array([{"a.b": 1, "a": {"b": 2}}]), "x.a.b", ["1"]),
        (pa.array([{"a": {"b": 2}}]), "x.a.b", ["2"]),
        (pa.array([[[{"a": 1}]]]), "x.a", ["1"]),
    ],
)
def test_a_nested_value_by_a_path(column: pa.Array, path: str, expected: list[Any]) -> None:
    assert cells(column, path) == expected


def test_slices_and_nulls_inside_of_structs_and_lists_are_where_they_belong() -> None:
    """Row by row as pyarrow itself has them, in steps of any size."""
    rows = [
        {"s": {"l": [{"t": f"{at}-{one}"} for one in range(at % 4)] if at % 3 else None}} if at % 5 else None
        for at in range(97)
    ]
    data = file_of(pa.table({"x": pa.array(rows)}), row_group_size=10)
    made = reader(type="parquet", map={"extra": {"cell": {"all": ["x.s.l.t"], "join": " "}}})
    found = [one.extra["cell"] for one in records(read_one(made, "a.parquet", data))]
    expected = [" ".join(one["t"] for one in (row or {"s": {}})["s"].get("l") or ()) or None for row in rows]
    assert found == expected


def test_a_column_whose_own_name_has_a_dot_goes_before_a_field() -> None:
    data = file_of({"a.b": ["column"], "a": pa.array([{"b": "field", "c": "other"}])})
    made = reader(type="parquet", map={"extra": {"one": "a.b", "two": "a.c"}})
    [row] = records(read_one(made, "a.parquet", data))
    assert row.extra == {"one": "column", "two": "other"}


def test_text_that_is_not_utf_8_is_counted() -> None:
    broken = pa.Array.from_buffers(
        pa.string(), 2, [None, pa.py_buffer(struct.pack("<3i", 0, 2, 5)), pa.py_buffer(b"okK\xf6l")]
    )
    [good, bad] = records(read_one(reader(type="parquet", map={"title": "x"}), "a.parquet", file_of({"x": broken})))
    assert (good.values["title"], bad.values["title"]) == ("ok", "K\ufffdl")
    assert bad.problems == ("x: is not UTF-8",)


def test_a_class_label_is_its_name() -> None:
    """As `datasets` writes it into the footer; -1 is no label."""
    features = {"label": {"names": ["cat", "dog"], "_type": "ClassLabel"}}
    listed = {"labels": {"feature": {"names": ["x", "y"], "_type": "ClassLabel"}, "_type": "List"}}
    said = json.dumps({"info": {"features": {**features, **listed}}})
    table = pa.table({"label": [0, 1, -1, None, 7], "labels": [[0, 1], [1], [], None, [0]]})
    data = file_of(table.replace_schema_metadata({"huggingface": said}))
    made = reader(type="parquet", map={"extra": {"label": "label", "several": {"all": ["labels"], "join": "+"}}})
    found = [one.extra for one in records(read_one(made, "a.parquet", data))]
    assert [one["label"] for one in found] == ["cat", "dog", None, None, "7"]
    assert [one["several"] for one in found] == ["x+y", "y", None, None, "x"]


_PETS = {"names": ["cat", "dog"], "_type": "ClassLabel"}


@pytest.mark.parametrize(
    ("feature", "column", "path"),
    [
        ({"category": {"feature": _PETS, "_type": "List"}}, [{"category": [1, 0]}], "x.category"),
        ({"feature": {"category": _PETS}, "_type": "Sequence"}, [{"category": [1, 0]}], "x.category"),
        ([{"category": _PETS, "id": {"dtype": "int64", "_type": "Value"}}], [[{"category": 1, "id": 1}]], "x.category"),
        ({"feature": {"feature": _PETS, "_type": "List"}, "_type": "List"}, [[[1, 0]]], "x"),
    ],
)
def test_a_class_label_inside_of_a_struct_or_of_lists_is_its_name(feature: Any, column: list[Any], path: str) -> None:
    """Sets of boxes on the Hub have `objects.category`: 1 would be read as the text "1"."""
    said = json.dumps({"info": {"features": {"x": feature}}})
    data = file_of(pa.table({"x": column}).replace_schema_metadata({"huggingface": said}))
    (row,) = records(read_one(reader(type="parquet", map={"extra": {"cell": path}}), "a.parquet", data))
    assert row.extra["cell"] == "dog"


@pytest.mark.parametrize("year", [1, 1500, 1850, 2300])
def test_a_moment_in_int96_is_of_its_year(year: int) -> None:
    """As Spark and Hive wrote them: counted in nanoseconds, 1500 came out as 2084 in silence."""
    moments = pa.array([f"{year:04}-05-01 03:00:00"]).cast(pa.timestamp("us"))
    data = file_of({"x": moments}, use_deprecated_int96_timestamps=True)
    (row,) = records(read_one(reader(type="parquet", map={"extra": ["x"]}), "a.parquet", data))
    assert row.extra["x"] == f"{year:04}-05-01T03:00:00"
    struct = {"x": pa.StructArray.from_arrays([moments], names=["t"]), "id": ["a"]}
    twice = file_of(pa.concat_tables([pa.table(struct)] * 2), use_deprecated_int96_timestamps=True)
    made = reader(type="parquet", map={"extra": {"t": "x.t"}})
    first = records(read_one(made, "a.parquet", twice))
    blocks = made.blank(Bundle("a", (item("a.parquet", twice),)), [(first[0], "")])["a.parquet"]
    left = b"".join(blocks or ())
    assert [one.extra["t"] for one in records(read_one(made, "a.parquet", left))] == [f"{year:04}-05-01T03:00:00"]


def test_views_are_read_as_what_they_are_views_of() -> None:
    """Polars and new Arrows write such columns, and the footer says so."""
    assert cells(pa.array([b"text", b"\xff"], pa.binary_view())) == ["text", None]
    assert cells(pa.array([[dt.date(1900, 1, 2)], []], pa.list_view(pa.date32()))) == ["1900-01-02", None]


def test_fields_of_one_name_in_a_struct_are_refused() -> None:
    twice = pa.StructArray.from_arrays([pa.array([1]), pa.array([3])], names=["a", "a"])
    listed = pa.ListArray.from_arrays(pa.array([0, 1]), twice)
    for column in (twice, listed):
        made = reader(type="parquet", map={"extra": {"cell": "x.a"}})
        assert reasons(read_one(made, "a.parquet", file_of({"x": column}))) == ["columns_repeated"]


LABELS_OF_NUMBERS = b'{"info": {"features": {"x": {"_type": "ClassLabel", "names": [1]}}}}'


@pytest.mark.parametrize("said", [b"", b"{", b"[]", b'{"info": {"features": 3}}', LABELS_OF_NUMBERS])
def test_a_footer_that_says_nonsense_of_its_features_is_read_without(said: bytes) -> None:
    data = file_of(pa.table({"x": [1]}).replace_schema_metadata({b"huggingface": said}))
    made = reader(type="parquet", map={"extra": ["x"]})
    assert records(read_one(made, "a.parquet", data))[0].extra == {"x": "1"}


# --- pictures ---


def picture(color: int = 0) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (4, 3), (color, 0, 0)).save(out, "PNG")
    return out.getvalue()


def test_a_column_of_pictures_as_the_hub_has_it() -> None:
    feature = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    rows = [
        {"bytes": picture(), "path": "data/a.png"},
        {"bytes": None, "path": "b.png"},
        None,
        {"bytes": b"x", "path": ""},
    ]
    data = file_of({"id": ["a", "b", "c", "d"], "picture": pa.array(rows, feature)})
    made = reader(type="parquet", image="picture", map={"id": "id"})
    found = read_one(made, "a.parquet", data)
    one, two, three = records(found)
    assert one.values["image"] == {"bytes": picture(), "path": "a.png"}
    assert (one.values["width"], one.values["height"], one.values["media_type"]) == (4, 3, "image/png")
    assert two.problems == three.problems == ("image: its bytes are not in the file",)
    assert reasons(found) == ["not_a_picture"]
    assert (made.chosen_modality, made.publishes_pictures) == ("image", True)


def test_a_column_of_bytes_and_a_column_that_holds_no_pictures() -> None:
    data = file_of({"scan": [picture()], "title": ["t"]})
    [row] = records(read_one(reader(type="parquet", image="scan", map={"title": "title"}), "a.parquet", data))
    assert row.values["media_type"] == "image/png"
    with pytest.raises(ConfigError, match="`image: title` is no column of pictures; write scan"):
        read_one(reader(type="parquet", image="title"), "a.parquet", data)


# --- what is said of columns ---


def test_a_file_without_a_column_that_the_entry_reads_stops_the_source() -> None:
    """Also one of several; of a nested column the field counts."""
    made = reader(type="parquet", map={"title": "meta.title"})
    good, bad = file_of({"meta": pa.array([{"title": "x"}])}), file_of({"meta": pa.array([{"name": "x"}])})
    with pytest.raises(SourceChanged, match=r"b.parquet has no column 'meta.title'; it has meta, meta.name"):
        read(made, {"a.parquet": item("a.parquet", good), "b.parquet": item("b.parquet", bad)})


def test_columns_that_nobody_reads_are_counted_by_the_footer_and_not_read() -> None:
    data = file_of({"id": ["a", "b"], "other": [None, "x"], "huge": [b"x" * 10, b"y"]}, row_group_size=1)
    found = read_one(reader(type="parquet", map={"id": "id"}), "a.parquet", data)
    [counted] = unmapped(found)
    assert (counted.rows, counted.filled) == (2, {"other": 1, "huge": 2})


def test_without_a_map_the_columns_are_named() -> None:
    with pytest.raises(ConfigError, match=r"it has the columns a, a\.b"):
        read_one(reader(type="parquet"), "a.parquet", file_of({"a": pa.array([{"b": 1}])}))


def test_a_row_without_an_identifier_is_called_by_what_it_holds() -> None:
    """Whichever order columns and rows are in, and however the file is laid out."""
    table = pa.table({"a": ["x", "y", "x"], "b": [1, 2, 1]})
    made = reader(type="parquet", map={"title": "a"})
    first = [one.source_record_id for one in records(read_one(made, "a.parquet", file_of(table)))]
    assert first[2] == f"{first[0]}-2"
    again = file_of(table.select(["b", "a"]), row_group_size=1, compression="zstd", use_dictionary=False)
    assert [one.source_record_id for one in records(read_one(made, "a.parquet", again))] == first


# --- damage ---

MADE = reader(type="parquet", map={"id": "id", "title": "title"})
DATA = file_of({"id": [f"r{at}" for at in range(40)], "title": [f"Title {at}" for at in range(40)]}, row_group_size=10)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (DATA[:-1], "parquet_cut"),
        (DATA[: len(DATA) // 2], "parquet_cut"),
        (b"", "parquet_missing"),
        (b"PAR1PAR1", "parquet_cut"),
        (b"<!DOCTYPE html><html>", "parquet_missing"),
        (DATA[:-8] + struct.pack("<I", 2**31) + b"PAR1", "parquet_footer"),
        (DATA[:-4] + b"PARE", "parquet_encrypted"),
        (file_of({"id": ["a"], "title": ["b"]})[:4] + b"\0" * 60 + b"PAR1", "parquet_footer"),
    ],
)
def test_a_file_that_is_no_whole_parquet_is_a_reject(data: bytes, reason: str) -> None:
    found = read_one(MADE, "a.parquet", data)
    assert reasons(found) == [reason]
    assert records(found) == []
    assert "; " in rejects(found)[0].detail


def test_a_pointer_is_named() -> None:
    [one] = rejects(read_one(MADE, "a.parquet", b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"))
    assert "Git LFS pointer" in one.detail


def test_columns_of_one_name_are_refused() -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["id", "id"])
    assert reasons(read_one(MADE, "a.parquet", file_of(table))) == ["columns_repeated"]


def test_a_hundred_thousand_columns_are_refused_and_ten_thousand_read() -> None:
    wide = file_of({f"c{at}": [str(at)] for at in range(3_000)})
    [row] = records(read_one(reader(type="parquet", map={"title": "c2999"}), "a.parquet", wide))
    assert row.values["title"] == "2999"
    opening_most, opening.MOST_COLUMNS = opening.MOST_COLUMNS, 2_999
    try:
        assert reasons(read_one(reader(type="parquet", map={"title": "c1"}), "a.parquet", wide)) == ["too_many_columns"]
    finally:
        opening.MOST_COLUMNS = opening_most


def test_rows_of_a_damaged_row_group_are_rejects_each_and_the_others_are_rows() -> None:
    file = pq.ParquetFile(io.BytesIO(DATA))
    begin = (
        file.metadata.row_group(1).column(1).dictionary_page_offset
        or file.metadata.row_group(1).column(1).data_page_offset
    )
    spoiled = DATA[: begin + 40] + bytes(byte ^ 0xFF for byte in DATA[begin + 40 : begin + 44]) + DATA[begin + 44 :]
    found = read_one(MADE, "a.parquet", spoiled)
    assert reasons(found) == ["parquet_damaged"] * 10
    assert [one.position for one in rejects(found)] == [f"row {at}" for at in range(11, 21)]
    assert len(records(found)) == 30
    assert records(found)[-1].place.number == 40


def test_a_footer_that_lies_about_its_rows_is_a_reject() -> None:
    """Number by number of the footer that is 40, a varint of thrift, 80 there."""
    size = struct.unpack("<I", DATA[-8:-4])[0]
    begin = len(DATA) - 8 - size
    places = [at for at in range(begin, len(DATA) - 8) if DATA[at] == 80]
    assert places
    met = set()
    for at in places:
        lying = DATA[:at] + bytes([82]) + DATA[at + 1 :]
        found = read_one(MADE, "a.parquet", lying)
        met.update(reasons(found))
        assert len(records(found)) + len(rejects(found)) in (40, 1), "all rows, or none and why"
    assert "parquet_footer" in met


def test_a_kilobyte_that_says_a_thousand_million_rows_is_no_file(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opening, "MOST_ROWS_A_BYTE", 0.001)
    assert reasons(read_one(MADE, "a.parquet", DATA)) == ["parquet_bomb"]


def test_rights_that_cannot_be_read_stop_the_source() -> None:
    """They are read beside `map`: to go on without them would be to go on without their word."""
    file = pq.ParquetFile(io.BytesIO(DATA))
    begin = file.metadata.row_group(1).column(1).dictionary_page_offset
    spoiled = DATA[: begin + 40] + b"\xff\xff\xff\xff" + DATA[begin + 44 :]
    made = reader(type="parquet", map={"id": "id"})
    with pytest.raises(SourceChanged, match="a column cannot be read"):
        read(made, {"a.parquet": item("a.parquet", spoiled)}, {"rights_raw": made.compiled(read_value("title"))})


def test_a_file_that_cannot_be_sought_in_is_held() -> None:
    """A member of a large archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.parquet", DATA)

    class Forward(io.BytesIO):
        def seekable(self) -> bool:
            return False

    one = replace(item("a.parquet", DATA), open=lambda: Forward(DATA))
    assert len(records(read(MADE, {"a.parquet": one}))) == 40


@pytest.mark.slow  # a measurement of memory
def test_a_huge_row_group_is_read_in_steps() -> None:
    """One row group of 60 MB: memory does not grow with it."""
    rows = 60_000
    big = pa.table({"id": [str(at) for at in range(rows)], "title": [f"{at} " * 100 for at in range(rows)]})
    data = file_of(big, row_group_size=rows, compression="none", use_dictionary=False)
    del big
    pool, count = pa.default_memory_pool(), 0
    before, most = pool.bytes_allocated(), 0
    for one in MADE.read(Bundle("a.parquet", (item("a.parquet", data),)), {}):
        count += isinstance(one, Record)
        most = max(most, pool.bytes_allocated() - before)
    assert count == rows
    assert most < len(data) / 2


# --- takedown ---


def test_rows_that_were_taken_down_are_gone_from_the_bytes_and_the_others_stand_where_they_stood() -> None:
    items = {"a.parquet": item("a.parquet", DATA)}
    before = by_id(MADE, items)
    left = take_out(MADE, items, "r3", "r12", "r13")
    after = by_id(MADE, left)
    assert after == {name: one for name, one in before.items() if name not in ("r3", "r12", "r13")}
    assert "Title 12" not in str(pq.read_table(io.BytesIO(bytes_of(left["a.parquet"]))).to_pydict())
    again = by_id(MADE, take_out(MADE, left, "r0", "r39"))
    assert again == {name: one for name, one in after.items() if name not in ("r0", "r39")}


def test_of_a_file_of_which_all_rows_go_nothing_is_left() -> None:
    items = {"a.parquet": item("a.parquet", DATA)}
    assert take_out(MADE, items, *(f"r{at}" for at in range(40))) == {}


# --- parts of other sources ---


def laid(**more: Any) -> dict[str, Any]:
    row = {
        "id": "hmd:1",
        "source_id": "hmd",
        "title": "T",
        "parent_id": "issue",
        "rights_raw": ["All rights reserved"],
        "rights_name": "CC0-1.0",
        "rights_tier": "pd",
        "rights_basis": "overruled",
        "rights_uri": "https://creativecommons.org/publicdomain/zero/1.0/",
        "first_seen": 7,
        "languages": ["en"],
    }
    return {**row, **more}


def test_a_row_of_another_source_says_the_statement_that_was_recognised_there() -> None:
    columns, fixed = as_laid(laid(), ())
    assert columns["rights_raw"] == ["https://creativecommons.org/publicdomain/zero/1.0/"]
    assert columns["parent_id"] == "hmd:issue"
    assert fixed[LAID]["rights_raw"] == ["All rights reserved"]
    assert "first_seen" not in fixed[LAID]
    assert "rights_raw" not in as_laid(laid(rights_name=None, rights_uri=None), ())[0]
    assert "title" not in as_laid(laid(), ("title",))[1][LAID]


def test_only_what_a_protocol_brought_of_another_source_is_taken_as_it_is() -> None:
    """A file of the web that has our columns is a file of columns."""
    data = file_of(pa.Table.from_pylist([laid()]))
    made = reader(type="parquet", map={"extra": {"mine": "title"}})
    [row] = records(read_one(made, "a.parquet", data))
    assert row.source_record_id.startswith("a.parquet#")
    assert row.values.get("title") is None
    one = Item("a.parquet", "source:hmd/a.parquet", NOON, "0" * 64, len(data), 1, "", lambda: io.BytesIO(data))
    [row] = records(read(made, {"a.parquet": one}))
    assert (row.source_record_id, row.values["title"]) == ("hmd:1", "T")
