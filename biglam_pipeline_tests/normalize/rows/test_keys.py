"""What is equal to what: keys of duplicates, of parts of a whole, and of copies that a takedown takes along."""

from typing import Any

import pyarrow as pa
import pytest

from biglam_pipeline.columns import Column, Modality, content_columns
from biglam_pipeline.normalize.rows import keys
from biglam_pipeline.normalize.rows.keys import copy_key, double_key, part_key, row_digest, unnamed_key

ROW = {"id": "s:1", "source_record_id": "1", "source_id": "s", "title": "é", "parent_id": "volume 1", "seq": 1}
COPIES = {
    "text": "164396a12355c47bdf45c9620313d0ac",
    "image": "493da53902f6dfc6f1e72678dbad72e0",
    "metadata": "c036e93d4fb781863888f5a5651a1c63",
}


def row(modality: Modality, **more: Any) -> dict[str, Any]:
    """All columns, most of them empty."""
    return {column.name: None for column in content_columns(modality, {"own": pa.string()})} | ROW | more


def columns(modality: Modality) -> list[Column]:
    return content_columns(modality, {"own": pa.string()})


@pytest.mark.parametrize("modality", ["text", "image", "metadata"])
def test_the_parent_is_content_for_duplicates_and_none_for_copies(modality: Modality) -> None:
    """The same answer about another item is another answer; the same letter in another volume is a copy of it."""
    one, other, names = row(modality), row(modality, parent_id="volume 2"), columns(modality)
    assert double_key(one, names) != double_key(other, names)
    assert part_key(one, names) == part_key(other, names)
    assert copy_key(one, names) == copy_key(other, names)
    for key in (double_key, part_key, copy_key):
        assert key(one, names) == key(one | {"id": "s:2", "source_record_id": "2"}, names)
        assert key(one, names) != key(one | {"title": "e"}, names)
        assert key(one, names) != key(one | {"own": "x"}, names), "the source's own columns are content"


@pytest.mark.parametrize("modality", ["text", "image", "metadata"])
def test_version_1_of_the_copy_key_is_what_it_was(modality: Modality) -> None:
    """What was taken down is known by it for good, and cannot be read again to make another."""
    assert copy_key(row(modality), columns(modality)).hex() == COPIES[modality]


def test_a_column_that_is_added_to_the_schema_changes_no_copy_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keys, "_CANONICAL", keys._CANONICAL | {"later"})
    names = columns("text")
    wider = [*names, Column("later", pa.string(), "a canonical column of the next schema")]
    assert copy_key(row("text", later="x"), wider) == copy_key(row("text"), names)
    assert double_key(row("text", later="x"), wider) != double_key(row("text"), names)


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("a.csv#0123456789abcdef", True),
        ("a.csv#0123456789abcdef-2", True),
        ("a.csv#0123456789abcdef-12", True),
        ("b.csv#0123456789abcdef", False),
        ("a.csv#0123456789abcde0", False),
    ],
)
def test_equal_rows_without_an_identifier_are_copies_of_each_other(name: str, same: bool) -> None:
    assert (unnamed_key(name) == unnamed_key("a.csv#0123456789abcdef-3")) == same


@pytest.mark.parametrize("name", ["1", "", "a#b", "a#0123456789abcde", "oai:x:1-2", "#0123456789abcdef-x"])
def test_an_identifier_of_its_own_says_nothing_of_copies(name: str) -> None:
    assert unnamed_key(name) is None


def test_the_row_digest_sees_the_parent() -> None:
    assert row_digest(row("text"), columns("text")) != row_digest(row("text", parent_id=None), columns("text"))


@pytest.mark.parametrize("modality", ["text", "image", "metadata"])
def test_all_four_at_once_are_what_each_is_by_itself(modality: Modality) -> None:
    """They lie on shelves and in notes: making them faster changes none."""
    names = [*columns(modality), Column('Ä "z"', pa.string(), ""), Column("zeta", pa.list_(pa.string()), "")]
    together = keys.Keys(names)
    values: list[Any] = [None, "", 'ü\n"', ["x", None], [{"name": "b", "a": 1}], 3, 1.5, float("nan"), True, [], {}]
    for shift in range(len(values)):
        one = {name.name: values[(at * 7 + shift) % len(values)] for at, name in enumerate(names)}
        one |= {"parent_id": [None, 'v "1"'][shift % 2]}
        if modality == "image":
            one |= {"image": [None, {"bytes": b"\xff", "path": "p.jpg"}][shift % 2], "image_sha256": "ab"}
        each = (row_digest(one, names), double_key(one, names), part_key(one, names), copy_key(one, names))
        assert tuple(together.of(one)) == each
