"""Exact duplicates: what is dropped, what is flagged, and who stays."""

from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.dedup.choice import Dedup
from biglam_pipeline_tests.dedup.shares import Found, find
from biglam_pipeline_tests.examples import examples

SCHEMA = {
    "id": pl.String,
    "first_seen": pl.Int32,
    "year": pl.Int16,
    "ocr_confidence": pl.Float32,
    "pixels": pl.Int64,
    "config": pl.String,
    "unit": pl.String,
    "parent": pl.String,
    "double_key": pl.Binary,
    "content_key": pl.Binary,
    "statement": pl.String,
}


def rows(*given: tuple[str, str | None, str | None], **more: dict[str, Any]) -> pl.DataFrame:
    """Documents of (id, key of the whole row, key of the text); more: id -> other columns."""
    made = [
        {"id": name, "first_seen": 1, "double_key": double and double.encode(), "content_key": text and text.encode()}
        | {"unit": "document"}
        | more.get(name, {})
        for name, double, text in given
    ]
    return pl.DataFrame(made, schema=SCHEMA)


def dropped(duplicates: Found) -> dict[str, tuple[str, str]]:
    """Identifier -> keeper and reason."""
    return {
        name: (keeper, why) for name, keeper, why in duplicates.dropped.select("id", "keeper", "reason").iter_rows()
    }


def flagged(duplicates: Found) -> dict[str, str]:
    """Identifier -> the row that it repeats."""
    return dict(duplicates.kept.filter(pl.col("dup_of").is_not_null()).select("id", "dup_of").iter_rows())


# b is a in every column; c has a's text under another date.
THREE = (("a", "same", "text"), ("b", "same", "text"), ("c", "other", "text"), ("d", "own", "own"), ("e", None, None))


@pytest.mark.parametrize(
    ("exact", "gone", "marked"),
    [
        (None, {"b": ("a", "exact_row")}, {"c": "a"}),
        ("rows", {"b": ("a", "exact_row")}, {"c": "a"}),
        ("drop", {"b": ("a", "exact_row"), "c": ("a", "exact_text")}, {}),
        ("flag", {}, {"b": "a", "c": "a"}),
        ("none", {}, {}),
    ],
)
def test_what_the_entry_says_of_duplicates(exact: Any, gone: dict[str, Any], marked: dict[str, str]) -> None:
    duplicates = find(rows(*THREE), Dedup(exact=exact))
    assert dropped(duplicates) == gone
    assert flagged(duplicates) == marked
    clusters = dict(duplicates.kept.select("id", "dup_cluster_id").iter_rows())
    assert {name for name, cluster in clusters.items() if cluster} == ({"a", *marked} if marked else set())


@pytest.mark.parametrize(
    "unit", ["issue", "book", "document", "page", "article", "line", "canvas", "row", "leaf", None]
)
def test_by_default_wholes_are_dropped_and_all_else_is_marked(unit: str | None) -> None:
    """A unit that is not known is none."""
    table = rows(("a", "same", "text"), ("b", "same", "text"), a={"unit": unit}, b={"unit": unit})
    duplicates = find(table, Dedup())
    whole = unit in {"issue", "book", "document"}
    assert dropped(duplicates) == ({"b": ("a", "exact_row")} if whole else {})
    assert flagged(duplicates) == ({} if whole else {"b": "a"})


def test_what_another_config_holds_is_no_duplicate() -> None:
    """Who loads one config has not the other."""
    table = rows(("a", "k", "t"), ("b", "k", "t"), a={"config": "train"}, b={"config": "test"})
    for exact in (None, "rows", "drop"):
        duplicates = find(table, Dedup(exact=exact))
        assert (dropped(duplicates), flagged(duplicates)) == ({}, {"b": "a"})


def test_rows_without_a_text_are_marked_by_all_they_hold() -> None:
    table = rows(("a", "k", None), ("b", "k", None), ("c", "other", None), a={"unit": None}, b={"unit": None})
    duplicates = find(table, Dedup())
    assert (dropped(duplicates), flagged(duplicates)) == ({}, {"b": "a"})


def test_texts_too_short_for_a_key_are_never_duplicates() -> None:
    duplicates = find(rows(("a", None, None), ("b", None, None)), Dedup(exact="drop"))
    assert (dropped(duplicates), flagged(duplicates)) == ({}, {})


@pytest.mark.parametrize(
    ("better", "worse"),
    [
        ({"first_seen": 1}, {"first_seen": 2, "year": 1800}),
        ({"year": 1850}, {"year": 1851, "ocr_confidence": 0.9}),
        ({"year": 1850}, {"year": None}),
        ({"ocr_confidence": 0.9}, {"ocr_confidence": 0.8}),
        ({"ocr_confidence": 0.1}, {"ocr_confidence": None}),
        ({"pixels": 640 * 480}, {"pixels": 320 * 240}),
        ({"year": 1850, "pixels": 100}, {"pixels": 400}),
    ],
    ids=["seen first", "earlier date", "a date", "better OCR", "an OCR score", "more pixels", "a date before pixels"],
)
def test_who_stays(better: dict[str, Any], worse: dict[str, Any]) -> None:
    """first_seen, then date, then OCR score, then pixels; the identifier only where all else is equal."""
    table = rows(("a", "k", "t"), ("z", "k", "t"), a=worse, z=better)
    assert dropped(find(table, Dedup())) == {"a": ("z", "exact_row")}
    alike = rows(("z", "k", "t"), ("a", "k", "t"))
    assert dropped(find(alike, Dedup())) == {"z": ("a", "exact_row")}


def test_a_dropped_keeper_hands_on_to_its_own_keeper() -> None:
    """c is dropped for its equal b, and b for the equal text of a: then a, which is published, keeps both."""
    table = rows(("a", "one", "t"), ("b", "two", "t"), ("c", "two", "t"))
    assert dropped(find(table, Dedup(exact="drop"))) == {"b": ("a", "exact_text"), "c": ("a", "exact_row")}


TABLES = st.lists(
    st.tuples(st.sampled_from("xyz"), st.integers(1, 2), st.none() | st.integers(1800, 1802), st.booleans()), max_size=9
)


@examples(25)
@given(
    made=TABLES, exact=st.sampled_from([None, "rows", "drop", "flag", "none"]), turn=st.randoms(use_true_random=False)
)
def test_every_row_is_kept_or_has_a_keeper_that_is(made: list[Any], exact: Any, turn: Any) -> None:
    """Whatever the order of the rows that come in."""
    table = rows(
        *(
            (f"r{at}", f"{text}{year}" if keyed else None, text if keyed else None)
            for at, (text, _, year, keyed) in enumerate(made)
        ),
        **{f"r{at}": {"first_seen": seen, "year": year} for at, (_, seen, year, _) in enumerate(made)},
    )
    duplicates = find(table, Dedup(exact=exact))
    kept = set(duplicates.kept["id"])
    assert kept | set(duplicates.dropped["id"]) == set(table["id"])
    assert duplicates.kept.height + duplicates.dropped.height == table.height
    assert {keeper for keeper, _ in dropped(duplicates).values()} <= kept
    assert set(flagged(duplicates).values()) <= kept
    order = list(range(table.height))
    turn.shuffle(order)
    again = find(table[order], Dedup(exact=exact))
    assert again.kept.equals(duplicates.kept)
    assert again.dropped.equals(duplicates.dropped)
