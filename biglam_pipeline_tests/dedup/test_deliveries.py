"""A whole that was delivered twice: all parts of one parent equal those of another, one after the other."""

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
    "unit": pl.String,
    "parent": pl.String,
    "parent_seq": pl.Int32,
    "part_key": pl.Binary,
    "double_key": pl.Binary,
    "content_key": pl.Binary,
    "config": pl.String,
    "order": pl.Int64,
    "first_seen": pl.Int32,
    "year": pl.Int16,
    "ocr_confidence": pl.Float32,
    "pixels": pl.Int64,
}


def whole(parent: str, pages: str, numbered: bool = True, unit: str = "page", **more: Any) -> list[dict[str, Any]]:
    """Pages of one letter each; a small letter is a page that says too little to be known by it."""
    return [
        {
            "id": f"{parent}/{at}",
            "unit": unit,
            "parent": parent,
            "parent_seq": at if numbered else None,
            "part_key": page.encode() if unit in {"page", "article", "line", "canvas"} else None,
            "double_key": f"{parent}{page}".encode() if page.isupper() else None,
            "content_key": page.encode() if page.isupper() else None,
            "first_seen": 1,
            **more,
        }
        for at, page in enumerate(pages)
    ]


def found(*wholes: list[dict[str, Any]], exact: Any = None, withheld: tuple[str, ...] = ()) -> Found:
    """withheld: identifiers of rows that may not be published."""
    rows = [{"order": at, **row} for at, row in enumerate(row for one in wholes for row in one)]
    allowed = ~pl.col("id").is_in(list(withheld))
    return find(pl.DataFrame(rows, schema=SCHEMA).with_columns(allowed=allowed), Dedup(exact=exact))


def dropped(duplicates: Found) -> dict[str, str]:
    """Identifier -> keeper; all for the one reason."""
    assert set(duplicates.dropped["reason"]) <= {"exact_parent"}
    return dict(duplicates.dropped.select("id", "keeper").iter_rows())


TWICE = {"b/0": "a/0", "b/1": "a/1", "b/2": "a/2"}


@pytest.mark.parametrize("exact", [None, "rows"])
@pytest.mark.parametrize("unit", ["page", "article", "line"])
def test_the_second_delivery_goes_as_a_whole(exact: Any, unit: str) -> None:
    """Each part names the one in its place, also those that say nothing by themselves."""
    assert dropped(found(whole("a", "XyZ", unit=unit), whole("b", "XyZ", unit=unit), exact=exact)) == TWICE


@pytest.mark.parametrize(
    "other",
    [
        whole("b", "XyZW"),
        whole("b", "Xy"),
        whole("b", "ZyX"),
        whole("b", "XyV"),
        whole("b", "XyZ", unit="row"),
        whole("b", "XyZ", unit="issue"),
        whole("b", "XyZ", config="test"),
        [*whole("b", "XyZ"), *whole("b", "R", unit="row", id="b/row")],
    ],
    ids=["a page more", "a page less", "another order", "another page", "rows", "wholes", "another config", "mixed"],
)
def test_what_is_no_second_delivery_stays(other: list[dict[str, Any]]) -> None:
    assert dropped(found(whole("a", "XyZ"), other)) == {}


def test_observations_of_two_things_are_never_a_delivery() -> None:
    """Two items to which one volunteer gave the same answer: the rows of a table have parents too."""
    assert dropped(found(whole("a", "Y", unit="row"), whole("b", "Y", unit="row"), exact="rows")) == {}


def test_a_form_that_repeats_inside_a_book_is_part_of_the_book() -> None:
    duplicates = found(whole("a", "FXFF"))
    assert dropped(duplicates) == {}
    reported = dict(duplicates.kept.filter(pl.col("dup_of").is_not_null()).select("id", "dup_of").iter_rows())
    assert reported == {"a/2": "a/0", "a/3": "a/0"}


def test_pages_that_all_say_too_little_are_no_delivery() -> None:
    """Two albums of "PLATE", "PLATE": never dropped on text alone."""
    assert dropped(found(whole("a", "xyz"), whole("b", "xyz"))) == {}


@pytest.mark.parametrize("exact", ["flag", "none"])
def test_nothing_is_dropped_where_the_entry_says_so(exact: Any) -> None:
    assert dropped(found(whole("a", "XyZ"), whole("b", "XyZ"), exact=exact)) == {}


def test_without_numbers_the_order_of_reading_counts() -> None:
    assert dropped(found(whole("a", "XyZ", numbered=False), whole("b", "XyZ", numbered=False))) == TWICE
    assert dropped(found(whole("a", "XyZ", numbered=False), whole("b", "ZyX", numbered=False))) == {}


def test_the_whole_that_was_complete_first_stays() -> None:
    """b was there with all its pages when a still lacked one: readers of the dataset know b."""
    late = whole("a", "XyZ")
    late[2]["first_seen"] = 2
    assert dropped(found(late, whole("b", "XyZ"))) == {"a/0": "b/0", "a/1": "b/1", "a/2": "b/2"}
    assert dropped(found(whole("a", "XyZ"), whole("b", "XyZ"), whole("c", "XyZ", first_seen=2))) == TWICE | {
        "c/0": "a/0",
        "c/1": "a/1",
        "c/2": "a/2",
    }


def test_a_page_that_may_not_be_published_is_a_page_all_the_same() -> None:
    """A whole of which a page is withheld is not equal to one that never had it; two such are."""
    assert dropped(found(whole("a", "Xy"), whole("b", "XyZ"), withheld=("b/2",))) == {}
    both = found(whole("a", "XyZ"), whole("b", "XyZ"), withheld=("a/2", "b/2"))
    assert dropped(both) == {"b/0": "a/0", "b/1": "a/1"}


def test_a_whole_goes_with_all_its_rows_or_not_at_all() -> None:
    """Of a, which would stay, a page is kept back, and the same page of b is not: then b is not in it."""
    assert dropped(found(whole("a", "XyZ"), whole("b", "XyZ"), withheld=("a/1",))) == {}


WHOLES = st.dictionaries(st.sampled_from("abcd"), st.text("XYz", min_size=1, max_size=3), max_size=4)


@examples(40)
@given(wholes=WHOLES, seen=st.lists(st.integers(1, 2), min_size=4, max_size=4))
def test_of_equal_wholes_one_stays_and_all_others_stay_too(wholes: dict[str, str], seen: list[int]) -> None:
    """By independent sets: of each text of a whole that says enough, one parent is left, with all its pages."""
    rows = [whole(name, text, first_seen=seen["abcd".index(name)]) for name, text in wholes.items()]
    kept = found(*rows).kept.group_by("parent").len() if rows else pl.DataFrame({"parent": [], "len": []})
    left = {name: wholes[name] for name, pages in kept.iter_rows() if pages == len(wholes[name])}
    assert len(left) == kept.height
    said = [text for text in wholes.values() if text != text.lower()]
    assert sorted(text for text in left.values() if text != text.lower()) == sorted(set(said))
    assert {name for name, text in wholes.items() if text == text.lower()} <= left.keys()
