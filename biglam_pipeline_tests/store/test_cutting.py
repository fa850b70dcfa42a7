"""A part without some of its rows is proved to hold nothing new, whatever was done to it."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from biglam_pipeline.store.cutting import cut_part, find_added, ids_of
from biglam_pipeline.store.part_writer import write_part

SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("title", pa.string()),
        ("ocr_confidence", pa.float32()),
        ("subjects", pa.list_(pa.string())),
        ("dup_cluster_id", pa.string()),
        ("dup_of", pa.string()),
        ("similarity", pa.float32()),
    ],
    metadata={b"huggingface": b"{}"},
)
ROWS = pa.table(
    {
        "id": [f"s:{one}" for one in range(6)],
        "title": ["A", "A", None, "D", "E", "F"],
        "ocr_confidence": [0.5, float("nan"), None, 0.1, 0.2, 0.3],
        "subjects": [["x"], [], None, ["y", "z"], ["x"], ["x"]],
        "dup_cluster_id": ["s:0", "s:0", None, None, "s:4", "s:4"],
        "dup_of": [None, "s:0", None, None, None, "s:4"],
        "similarity": [None, 1.0, None, None, None, 0.9],
    },
    SCHEMA,
)


def part(folder: Path, name: str, table: pa.Table) -> Path:
    write_part(folder / name, table.schema, [table.slice(at, 2) for at in range(0, table.num_rows, 2)])
    return folder / name


@pytest.mark.parametrize("gone", [set(), {"s:3"}, {"s:0"}, {"s:0", "s:5"}, {f"s:{one}" for one in range(6)}])
def test_what_is_cut_holds_the_others_as_they_were(tmp_path: Path, gone: set[str]) -> None:
    old, new = part(tmp_path, "old", ROWS), tmp_path / "new"
    forgotten = cut_part(old, new, gone)
    assert find_added(old, new) == (gone, [])
    assert set(ids_of(new)["id"]) == set(ROWS["id"].to_pylist()) - gone
    assert forgotten is bool({"s:0"} & gone and len(gone) < 6)
    for name in ids_of(new).columns:
        assert not gone & set(ids_of(new)[name])


def with_column(name: str, values: list[object]) -> pa.Table:
    place = SCHEMA.get_field_index(name)
    return ROWS.set_column(place, SCHEMA.field(name), pa.array(values, SCHEMA.field(name).type))


NEW: dict[str, pa.Table] = {
    "a row more": pa.concat_tables([ROWS, ROWS.slice(5).set_column(0, "id", pa.array(["s:9"]))]).cast(SCHEMA),
    "a row twice": pa.concat_tables([ROWS, ROWS.slice(5)]),
    "a row twice in another's place": pa.concat_tables([ROWS.slice(0, 5), ROWS.slice(0, 1)]),
    "another order": ROWS.take([1, 0, 2, 3, 4, 5]),
    "another text": with_column("title", ["A", "A", None, "D", "E", "changed"]),
    "a text where none was": with_column("title", ["A", "A", "new", "D", "E", "F"]),
    "no text where one was": with_column("title", [None, "A", None, "D", "E", "F"]),
    "another number": with_column("ocr_confidence", [0.5, float("nan"), None, 0.1, 0.2, 0.4]),
    "a number where none was": with_column("ocr_confidence", [0.5, 0.5, None, 0.1, 0.2, 0.3]),
    "another item in a list": with_column("subjects", [["x"], [], None, ["y", "new"], ["x"], ["x"]]),
    "another duplicate": with_column("dup_of", [None, "s:0", None, "s:1", None, "s:4"]),
    "another schema": ROWS.drop_columns(["title"]),
    "another footer": ROWS.replace_schema_metadata({b"huggingface": b"{1}"}),
}


@pytest.mark.parametrize("kind", NEW)
def test_whatever_is_new_is_found(tmp_path: Path, kind: str) -> None:
    assert find_added(part(tmp_path, "old", ROWS), part(tmp_path, "new", NEW[kind]))[1]


_IN_WHAT_WENT = {"another item in a list", "another duplicate"}


@pytest.mark.parametrize("kind", sorted(set(NEW) - {"another schema", "another footer"} - _IN_WHAT_WENT))
def test_also_beside_a_row_that_went(tmp_path: Path, kind: str) -> None:
    left = NEW[kind].filter(pc.not_equal(NEW[kind]["id"], "s:3"))
    assert find_added(part(tmp_path, "old", ROWS), part(tmp_path, "new", left))[1]


def test_a_file_without_ids_is_none_of_ours(tmp_path: Path) -> None:
    pq.write_table(pa.table({"name": ["x"]}), tmp_path / "x.parquet")
    with pytest.raises(pa.ArrowException):
        ids_of(tmp_path / "x.parquet")
