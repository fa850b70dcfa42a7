"""Tables: what a CSV or JSON Lines file of any provenance becomes, and what is refused of it."""

import codecs
import csv
import gzip
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize.formats.table.lines import MAX_CELL_BYTES
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.normalize.bundles import (
    read,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
    rejects,
    unmapped,
)

SPECIMEN = Specimen(
    {
        "cards.csv": 'id,title,made\r\n1,"A plough, ""small""",c1873\r\n2,Étui,\r\n3,too,many,cells\r\n'.encode(),
        "more/cards.jsonl": b'{"id": 4, "title": "A hat", "made": "1920"}\n{"id": 5}\n',
    },
    records=4,
    version=4,
    digest="76a65028d45d0fd3",
    block={"map": {"id": "id", "title": "title", "date": "made", "extra": {"file": "$stem"}}},
)

KEPT = {"id": "id", "extra": {"name_": "name", "note_": "note"}}


def _extras(data: bytes, name: str = "t.csv", **more: object) -> list[dict[str, object]]:
    return [record.extra for record in records(read_one(reader(type="table", map=KEPT, **more), name, data))]


# --- what is read -------------------------------------------------------------------------------------------

_CELL = st.text(st.characters(codec="utf-8", exclude_characters="\0\x1e"))


@examples(150)
@given(st.data())
def test_what_csv_writes_is_read_back(data: st.DataObject) -> None:
    width = data.draw(st.integers(2, 5))
    names = [f"column {number}" for number in range(width)]
    rows = data.draw(st.lists(st.lists(_CELL, min_size=width, max_size=width), min_size=1, max_size=6))
    text = io.StringIO(newline="")
    csv.writer(text).writerows([names, *rows])
    made = reader(type="table", delimiter=",", map={"id": {"const": "x"}, "extra": names})
    found = read_one(made, "t.csv", text.getvalue().encode())
    assert not rejects(found)
    assert [[record.extra[name] or "" for name in names] for record in records(found)] == rows


@pytest.mark.parametrize("divider", [",", ";", "\t", "|"])
def test_h40_the_divider_is_found(divider: str) -> None:
    data = divider.join(("id", "name", "note")) + "\n" + divider.join(("1", '"a, b; c|d"', "n")) + "\n"
    assert _extras(data.encode()) == [{"name_": "a, b; c|d", "note_": "n"}]


@pytest.mark.parametrize(
    ("data", "more"),
    [
        ("\ufeffid,name,note\n1,é,ü\n".encode(), {}),
        ("id,name,note\n1,é,ü\n".encode("utf-16"), {}),
        ("id,name,note\n1,é,ü\n".encode("cp1252"), {"encoding": "cp1252"}),
        ("id,name,note\n1,é,ü\n".encode(), {"encoding": "utf-8"}),
        ("id,name,note\r\n1,é,ü\r\n".encode(), {}),
        ("id,name,note\n1,é,ü".encode(), {}),
        ("1,é,ü\n".encode(), {"header": ["id", "name", "note"]}),
        (codecs.BOM_UTF8 + "1;é;ü\n".encode(), {"header": ["id", "name", "note"]}),
        (gzip.compress("id,name,note\n1,é,ü\n".encode(), mtime=0), {}),
    ],
)
def test_h40_bom_encoding_and_header(data: bytes, more: dict[str, object]) -> None:
    assert _extras(data, **more) == [{"name_": "é", "note_": "ü"}]


def test_a_latin_1_file_is_recognised() -> None:
    line = "1,Übersicht über die Gemälde,Größe und Höhe für Köln\n"
    found = _extras(("id,name,note\n" + line * 20).encode("latin-1"))
    assert found[0] == {"name_": "Übersicht über die Gemälde", "note_": "Größe und Höhe für Köln"}


def test_h11_a_few_bytes_that_are_not_utf8_do_not_spoil_the_rest() -> None:
    data = "id,name,note\n1,é,ü\n".encode() * 1 + "2,ö,".encode() + b"caf\xe9\n"
    everything = read_one(reader(type="table", map=KEPT), "t.csv", data)
    found = records(everything)
    assert [record.extra for record in found] == [{"name_": "é", "note_": "ü"}, {"name_": "ö", "note_": "café"}]
    assert found[1].problems == ("encoding: bytes that are not in it, read as Windows-1252",)
    assert unmapped(everything)[0].problems == ("encoding: 1 bytes are not UTF-8, read as Windows-1252",)


def test_h41_newlines_in_cells_and_formulas_are_kept() -> None:
    data = b'id,name,note\n1,"a\nb\r\nc","=HYPERLINK(""http://x"")"\n'
    assert _extras(data) == [{"name_": "a\nb\r\nc", "note_": '=HYPERLINK("http://x")'}]  # H41


def test_header_names_are_made_unique() -> None:
    made = reader(type="table", map={"id": "id", "extra": ["id_2", "column_3"]})
    assert records(read_one(made, "t.csv", b"id,id,\n1,2,3\n"))[0].extra == {"id_2": "2", "column_3": "3"}


def test_without_an_id_a_row_is_called_by_what_it_holds() -> None:
    made = reader(type="table", map={"title": "a"})
    first = records(read_one(made, "t.csv", b"a,b\n1,2\n12,\n1,2\n"))
    moved = records(read_one(made, "t.csv", b"a,b\n9,9\n1,2\n"))
    ids = [record.source_record_id for record in first]
    assert ids[0] == moved[1].source_record_id
    assert ids[2] == f"{ids[0]}-2"  # the same content, counted
    assert ids[0] != ids[1]
    assert ids[0].startswith("t.csv#")
    assert len(ids[0]) == len("t.csv#") + 16


@pytest.mark.parametrize(
    ("mapped", "modality", "dcmi"),
    [({}, "metadata", "Dataset"), ({"text": "b"}, "text", "Text"), ({"image_url": "b"}, "image", "StillImage")],
)
def test_modality_follows_from_what_is_mapped(mapped: dict[str, str], modality: str, dcmi: str) -> None:
    made = reader(type="table", map={"id": "a", **mapped})
    assert made.chosen_modality == modality
    record = records(read_one(made, "t.csv", b"a,b\n1,2\n"))[0]
    assert record.values["type"] == dcmi
    assert record.values.get("text_unit") == ("row" if modality == "text" else None)
    assert record.values.get("text_origin") == ("born_digital" if modality == "text" else None)


def test_const_wins_over_the_readers_own() -> None:
    made = reader(type="table", map={"id": "a", "text": "b", "text_origin": {"const": "htr"}})
    assert records(read_one(made, "t.csv", b"a,b\n1,2\n"))[0].values["text_origin"] == "htr"


def test_json_lines() -> None:
    data = b'\xef\xbb\xbf{"id": 1, "name": ["a", "b"], "note": {"x": [1]}}\n\n{"id": "2", "name": null, "note": true}\n'
    made = reader(type="table", map={"id": "id", "extra": {"n": "name >> list", "note_": "note"}})
    found = records(read_one(made, "t.jsonl", data))
    assert [record.source_record_id for record in found] == ["1", "2"]
    assert [record.extra for record in found] == [{"n": ["a", "b"], "note_": None}, {"n": None, "note_": "true"}]
    assert found[0].problems == ("note_: an object where a text is due",)
    assert [record.position for record in found] == ["line 1", "line 3"]


def test_f36_unread_columns_are_reported_with_their_fill() -> None:
    found = unmapped(read_one(reader(type="table", map={"id": "a"}), "t.csv", b"a,b,c\n1,2,\n2,,\n3,4,\n"))
    assert [(one.rows, one.filled) for one in found] == [(3, {"b": 2})]


# --- what is refused ----------------------------------------------------------------------------------------


def test_a_row_of_another_width_is_a_reject_and_the_rest_goes_on() -> None:
    found = read_one(reader(type="table", map=KEPT), "t.csv", b'id,name,note\n1,a,b\n2,"x\ny"\n3,c,d\n4,e,f,g\n')
    assert [record.source_record_id for record in records(found)] == ["1", "3"]
    assert reasons(found) == ["row_width", "row_width"]
    first, second = rejects(found)
    assert (first.position, second.position) == ("line 3", "line 6")
    assert "3 cells are expected and 2 found, at line 3 to line 4" in first.detail
    assert "3 cells are expected and 4 found, at line 6;" in second.detail


def test_h39_nul_is_removed_and_reported() -> None:
    found = records(read_one(reader(type="table", map=KEPT), "t.csv", b"id,name,note\n1,a\0b,c\n2,d,e\n"))
    assert [record.extra["name_"] for record in found] == ["ab", "d"]
    assert [record.problems for record in found] == [("row: NUL removed",), ()]


def test_h39_a_quote_that_is_never_closed_costs_its_line_and_no_other() -> None:
    found = read_one(reader(type="table", map=KEPT), "t.csv", b'id,name,note\n1,a,b\n2,"c,d\n3,e,f\n4,g,h\n')
    assert [record.source_record_id for record in records(found)] == ["1", "3", "4"]
    assert [(one.reason, one.position) for one in rejects(found)] == [("quote_open", "line 3")]


def test_h39_a_field_of_a_megabyte_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _extras(b"id,name,note\n1," + b"a" * 1_000_000 + b",b\n")[0]["name_"] == "a" * 1_000_000
    before = csv.field_size_limit(1_000)
    try:
        found = read_one(reader(type="table", map=KEPT), "t.csv", b"id,name,note\n1," + b"a" * 5_000 + b",b\n2,c,d\n")
    finally:
        csv.field_size_limit(before)
    assert before == MAX_CELL_BYTES
    assert reasons(found) == ["cell_size"]
    assert [record.source_record_id for record in records(found)] == ["2"]


@pytest.mark.parametrize(
    "line",
    [
        b'{"a": 1, "a": 2}',
        b'{"x": {"a": 1, "a": 2}}',
        b'{"a": NaN}',
        b"[1]",
        b'{"a": ',
        b'{"a": "\\ud800"}',
        b"not json",
        b"[" * 200_000,
        b'{"a":' * 200_000,
    ],
    ids=[
        "H38 key twice",
        "H38 key twice below",
        "H38 nan",
        "list",
        "cut",
        "half surrogate",
        "words",
        "H37 deep",
        "H37 deep objects",
    ],
)
def test_json_that_is_read_differently_elsewhere_is_a_reject(line: bytes) -> None:
    found = read_one(reader(type="table", map={"id": "a"}), "t.jsonl", b'{"a": 1}\n' + line + b'\n{"a": 3}\n')
    assert reasons(found) == ["json_line"]
    assert [record.source_record_id for record in records(found)] == ["1", "3"]
    assert rejects(found)[0].position == "line 2"


def test_h38_a_number_of_5000_digits_stays_as_it_is() -> None:
    digits = "9" * 5_000
    made = reader(type="table", map={"id": "a", "extra": ["b"]})
    found = records(read_one(made, "t.jsonl", f'{{"a": {digits}, "b": 12345678901234567890}}\n'.encode()))
    assert found[0].source_record_id == digits
    assert found[0].extra == {"b": "12345678901234567890"}


@pytest.mark.parametrize(
    "number",
    ["1E2", "1.10", "1e400", "-1e400", "0.00001", "0.1000000000000000055511151231257827", "100000000000000000000.0"],
)
def test_a_number_stays_as_it_is_written(number: str) -> None:
    """RFC 8259, 6: a number is what is written; 1e400 is no infinity, and 1E2 no identifier called 100.0."""
    made = reader(type="table", map={"id": "a", "extra": ["b"]})
    found = records(read_one(made, "t.jsonl", f'{{"a": {number}, "b": {number}}}\n'.encode()))
    assert (found[0].source_record_id, found[0].extra) == (number, {"b": number})


@pytest.mark.parametrize("beside", ["1", "1e2"])
@pytest.mark.parametrize("depth", [100, 201, 300, 900, 100_000])
def test_what_is_nested_too_deep_to_be_written_again_is_a_reject(depth: int, beside: str) -> None:
    """A row without an identifier is known by all of it, also by what nobody maps."""
    nested = "[" * depth + "]" * depth
    made = reader(type="table", map={"title": "a"})
    found = read_one(made, "t.jsonl", f'{{"a": {beside}, "b": {nested}}}\n{{"a": "x"}}\n'.encode())
    assert len(records(found)) == (2 if depth == 100 else 1)
    assert reasons(found) == ([] if depth == 100 else ["json_line"])


@pytest.mark.parametrize("beside", ["1", "1e2", "12345678901234567890", '"x\\": 1"'])
def test_half_a_surrogate_is_refused_whatever_stands_beside_it(beside: str) -> None:
    """RFC 8259, 8.2: it is no character, and no file of rows could hold it."""
    made = reader(type="table", map={"id": "a", "title": "c"})
    found = read_one(made, "t.jsonl", f'{{"a": 1, "b": {beside}, "c": "\\ud83d"}}\n{{"a": 2, "c": "x"}}\n'.encode())
    assert [one.source_record_id for one in records(found)] == ["2"]
    assert reasons(found) == ["json_line"]


@pytest.mark.parametrize(("name", "data"), [("t.csv", b"a,b\n1,2\n"), ("t.jsonl", b'{"a": 1}\n{"b": 2}\n')])
def test_f36_a_column_that_is_not_there_stops_the_source(name: str, data: bytes) -> None:
    made = reader(type="table", map={"id": "a", "title": "titel"})
    with pytest.raises(SourceChanged, match="has no column 'titel'; it has a, b"):
        read_one(made, name, data)


def test_an_alternative_may_be_missing() -> None:
    made = reader(type="table", map={"id": "a", "title": ["titel", "b"]})
    assert records(read_one(made, "t.csv", b"a,b\n1,2\n"))[0].values["title"] == "2"


def test_a_git_lfs_pointer_stops_the_source() -> None:
    for name, one in real_folder("museum/moma/lfs-pointers", "*.csv").items():
        with pytest.raises(SourceChanged, match="Git LFS pointer"):
            read(reader(type="table"), {name: one})


# --- real files ---------------------------------------------------------------------------------------------


def test_the_british_librarys_genre_annotations() -> None:
    """33 columns, Python dicts as cells, several languages in a cell by newline."""
    mapped = {
        "id": "classification_id",
        "title": "title",
        "date": "date_pub",
        "languages": "main_language",
        "publisher": "publisher",
        "extra": {"genre": "genre", "shelfmark": "BL shelfmark", "subject": "subject_ids >> int", "retired": "retired"},
    }
    found = read(reader(type="table", map=mapped), real_folder("csv/bl-books-genre", "*.csv"))
    rows = records(found)
    assert len(rows) == 3973
    assert len({record.source_record_id for record in rows}) == 3973
    assert not rejects(found)
    assert sum(bool(record.values.get("title")) for record in rows) == 3973
    assert all(type(record.extra["subject"]) is int for record in rows)
    assert len(unmapped(found)[0].filled) == 33 - 9 - 2  # two columns are empty throughout


@pytest.mark.representative(1)  # further museums
@pytest.mark.parametrize(
    ("folder", "name", "rows", "mapped"),
    [
        ("museum/moma", "Artists.csv", 14839, "ConstituentID"),
        ("museum/tate", "artist_data.csv", 3532, "id"),
        ("museum/nga-opendata", "constituents.csv", 27438, "constituentid"),
        ("csv/htr-united-statistics", "statistics.csv", 432, "uri"),
    ],
)
def test_museum_tables(folder: str, name: str, rows: int, mapped: str) -> None:
    items = real_folder(folder, name)
    found = read(reader(type="table", map={"id": mapped}), items)
    assert (len(records(found)), rejects(found)) == (rows, [])
    with items[name].open() as stream, io.TextIOWrapper(stream, encoding="utf-8-sig", newline="") as text:
        independent = [row[mapped] for row in csv.DictReader(text)]
    assert [record.source_record_id for record in records(found)] == independent
