"""Which row of an identifier is current: the rule, its edges, and the sums that always hold."""

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from biglam_pipeline.dedup.current import Decided, decide

SCHEMA = {
    "id": pl.String,
    "deleted": pl.Boolean,
    "harvest": pl.Int32,
    "seq": pl.Int32,
    "datestamp": pl.String,
    "row_digest": pl.Binary,
    "order": pl.Int64,
}


def index(*rows: tuple[str, int, str, str]) -> pl.DataFrame:
    """An index of (id, harvest, datestamp, content), in the order of reading; content `-` is a tombstone."""
    return pl.DataFrame(
        [
            {
                "id": name,
                "deleted": content == "-",
                "harvest": harvest,
                "seq": number,
                "datestamp": datestamp,
                "row_digest": None if content == "-" else content.encode(),
                "order": number,
            }
            for number, (name, harvest, datestamp, content) in enumerate(rows, 1)
        ],
        schema=SCHEMA,
    )


def current(decided: Decided) -> dict[str, str]:
    """Identifier -> content of the rows that are current."""
    return {name: digest.decode() for name, digest in decided.live.select("id", "row_digest").iter_rows()}


def counts(decided: Decided) -> tuple[int, int, int, int]:
    """Current, superseded, deleted, rejected; repeated is asked for apart."""
    return decided.live.height, decided.superseded, decided.deleted, decided.rejected.height


def test_the_newest_datestamp_of_one_visit_wins_whatever_the_order() -> None:
    decided = decide(index(("a", 1, "2020", "new"), ("a", 1, "2019", "old")), "replace")
    assert current(decided) == {"a": "new"}
    assert counts(decided) == (1, 1, 0, 0)


def test_a_later_visit_wins_over_a_newer_datestamp_where_visits_are_laid_over_each_other() -> None:
    rows = index(("a", 1, "2024", "first"), ("a", 2, "2020", "second"))
    assert current(decide(rows, "extend")) == {"a": "second"}
    assert current(decide(rows, "replace")) == {"a": "first"}


def test_equal_datestamps_are_decided_by_the_place_in_the_list() -> None:
    assert current(decide(index(("a", 1, "2020", "one"), ("a", 1, "2020", "two")), "replace")) == {"a": "two"}


def test_a_tombstone_competes_like_a_row() -> None:
    gone = decide(index(("a", 1, "2020", "x"), ("a", 2, "2021", "-")), "extend")
    assert (current(gone), counts(gone)) == ({}, (0, 1, 1, 0))
    back = decide(index(("a", 1, "2020", "-"), ("a", 2, "2021", "x")), "extend")
    assert (current(back), counts(back)) == ({"a": "x"}, (1, 1, 0, 0))


def test_an_identical_repeat_counts_once() -> None:
    decided = decide(index(("a", 1, "", "x"), ("a", 1, "", "x"), ("a", 1, "", "x")), "replace")
    assert (current(decided), counts(decided)) == ({"a": "x"}, (1, 2, 0, 0))


def test_an_undated_repeat_with_other_content_is_a_reject_and_the_first_stays() -> None:
    decided = decide(index(("a", 1, "", "x"), ("b", 1, "", "b"), ("a", 1, "", "y"), ("a", 1, "", "x")), "replace")
    assert (current(decided), counts(decided)) == ({"a": "x", "b": "b"}, (2, 1, 0, 1))
    assert decided.repeated["row_digest"].to_list() == [b"y"]


def test_undated_rows_of_different_visits_are_no_repeats() -> None:
    decided = decide(index(("a", 1, "", "x"), ("a", 2, "", "y")), "extend")
    assert (current(decided), counts(decided)) == ({"a": "y"}, (1, 1, 0, 0))


@pytest.mark.parametrize("mode", ["replace", "extend"])
def test_nothing_read_is_nothing_current(mode: str) -> None:
    assert counts(decide(index(), mode)) == (0, 0, 0, 0)


ROWS = st.lists(
    st.tuples(
        st.sampled_from("abc"), st.integers(1, 3), st.sampled_from(["", "2020", "2021"]), st.sampled_from("xyz-")
    ),
    max_size=12,
)


def expected(rows: list[tuple[str, int, str, str]], mode: str) -> tuple[dict[str, str], int]:
    """The rule once more, row by row: what is current, and how many rows are rejected."""
    best: dict[str, tuple[tuple[int, str, int], str]] = {}
    first: dict[tuple[str, int], str] = {}
    rejected = 0
    for order, (name, visit, datestamp, content) in sorted(enumerate(rows), key=lambda one: (one[1][1], one[0])):
        harvest = 0 if mode == "replace" else visit
        if not datestamp and content != "-":
            if (name, harvest) in first:  # the same again counts once, where it stood first
                rejected += first[(name, harvest)] != content
                continue
            first[(name, harvest)] = content
        place = (harvest, datestamp, order)
        if name not in best or best[name][0] < place:
            best[name] = (place, content)
    return {name: content for name, (_, content) in best.items() if content != "-"}, rejected


@settings(max_examples=300, deadline=None)
@example(rows=[("a", 1, "", "x"), ("a", 1, "", "-"), ("a", 1, "", "x")], mode="replace")
@given(rows=ROWS, mode=st.sampled_from(["replace", "extend"]))
def test_every_row_is_accounted_for(rows: list[tuple[str, int, str, str]], mode: str) -> None:
    """seen == current + superseded + deleted + rejected, one current row an identifier, and the rule as stated."""
    rows = sorted(rows, key=lambda row: row[1])  # visits are read in their order
    decided = decide(index(*rows), mode)
    assert sum(counts(decided)) == len(rows)
    assert decided.live["id"].is_unique().all()
    live, rejected = expected(rows, mode)
    assert decided.repeated.height == rejected
    assert current(decided) == live
