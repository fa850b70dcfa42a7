"""Which row of an identifier is current: the rule, its edges, and the sums that always hold."""

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from biglam_pipeline.dedup.current import Decided, decide, overtaken
from biglam_pipeline_tests.examples import examples

SCHEMA = {
    "id": pl.String,
    "deleted": pl.Boolean,
    "harvest": pl.Int32,
    "seq": pl.Int32,
    "datestamp": pl.String,
    "row_digest": pl.Binary,
    "config": pl.String,
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


def test_f20_the_newest_datestamp_of_one_visit_wins_whatever_the_order() -> None:
    decided = decide(index(("a", 1, "2020", "new"), ("a", 1, "2019", "old")), "replace")
    assert current(decided) == {"a": "new"}
    assert counts(decided) == (1, 1, 0, 0)


@pytest.mark.parametrize(
    ("mode", "harvest", "datestamp", "order", "told"),
    [
        ("extend", 3, "2019", 9, True),
        ("extend", 2, "2021", 9, True),
        ("extend", 2, "2020", 9, True),
        ("extend", 2, "2020", 1, False),
        ("extend", 2, "2019", 9, False),
        ("extend", 1, "2021", 9, False),
        ("replace", 1, "2021", 9, True),
        ("replace", 3, "2019", 9, False),
    ],
)
def test_what_could_not_be_read_overtakes_what_it_would_have_superseded(
    mode: str, harvest: int, datestamp: str, order: int, told: bool
) -> None:
    live = index(("a", 2, "2020", "x"), ("b", 2, "2020", "y")).with_columns(order=pl.lit(5, pl.Int64))
    rejects = pl.DataFrame(
        [("a", datestamp, harvest, 1, order), ("never read", "2030", 9, 1, 9)],
        schema={name: SCHEMA[name] for name in ("id", "datestamp", "harvest", "seq", "order")},
        orient="row",
    )
    assert overtaken(live, rejects, mode).to_list() == ["a"] * told


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


@pytest.mark.parametrize("datestamps", [("", "", ""), ("2020", "2020", "2020"), ("2020", "2021", "2019")])
def test_f20_the_same_identifier_content_and_visit_counts_once(datestamps: tuple[str, ...]) -> None:
    """Repeated, and not superseded: no later version is there. A datestamp is no content."""
    decided = decide(index(*(("a", 1, datestamp, "x") for datestamp in datestamps)), "extend")
    assert (current(decided), counts(decided), decided.repeated) == ({"a": "x"}, (1, 0, 0, 0), 2)
    assert decided.live["datestamp"].to_list() == [max(datestamps)]


def test_the_same_content_of_a_later_visit_is_a_later_version() -> None:
    decided = decide(index(("a", 1, "2020", "x"), ("a", 2, "2020", "x")), "extend")
    assert (counts(decided), decided.repeated) == ((1, 1, 0, 0), 0)
    decided = decide(index(("a", 1, "2020", "x"), ("a", 2, "2020", "x")), "replace")
    assert (counts(decided), decided.repeated) == ((1, 0, 0, 0), 1), "everything was offered at once"


def test_the_same_content_for_another_config_is_no_repeat() -> None:
    rows = index(("a", 1, "", "x"), ("a", 1, "", "x")).with_columns(config=pl.Series(["train", "test"]))
    decided = decide(rows, "replace")
    assert (decided.live["config"].to_list(), decided.repeated, decided.rejected.height) == (["train"], 0, 1)


def test_a_datestamp_beats_none() -> None:
    decided = decide(index(("a", 1, "2020", "x"), ("a", 1, "", "y"), ("a", 1, "", "z")), "replace")
    assert (current(decided), counts(decided)) == ({"a": "x"}, (1, 1, 0, 1))


def test_two_tombstones_are_one() -> None:
    decided = decide(index(("a", 1, "2020", "-"), ("a", 1, "2020", "-")), "extend")
    assert (counts(decided), decided.repeated) == ((0, 0, 1, 0), 1)


def test_f20_an_undated_repeat_with_other_content_is_a_reject_and_the_first_stays() -> None:
    decided = decide(index(("a", 1, "", "x"), ("b", 1, "", "b"), ("a", 1, "", "y"), ("a", 1, "", "x")), "replace")
    assert (current(decided), counts(decided), decided.repeated) == ({"a": "x", "b": "b"}, (2, 0, 0, 1), 1)
    assert decided.rejected["row_digest"].to_list() == [b"y"]


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


Key = tuple[str, int, str]


def expected(rows: list[tuple[str, int, str, str]], mode: str) -> tuple[dict[str, str], dict[str, int]]:
    """The rule once more, with sets and without a table: what is current, and how many rows became what."""
    said: dict[Key, list[tuple[str, int]]] = {}
    for order, (name, visit, datestamp, content) in enumerate(rows):
        said.setdefault((name, 0 if mode == "replace" else visit, content), []).append((datestamp, order))
    repeated = sum(len(places) - 1 for places in said.values())
    newest = {key: max(dated) for key, places in said.items() if (dated := _dated(key, places))}
    undated = {key: min(places)[1] for key, places in said.items() if key not in newest}
    rejected = {key for key, order in undated.items() if any(_claims(key, order, *one) for one in undated.items())}
    versions = newest | {key: ("", order) for key, order in undated.items() if key not in rejected}
    last = {
        name: max((visit, *versions[name, visit, content], content) for who, visit, content in versions if who == name)
        for name in {key[0] for key in versions}
    }
    live = {name: place[3] for name, place in last.items() if place[3] != "-"}
    became = {
        "repeated": repeated,
        "rejected": len(rejected),
        "deleted": len(last) - len(live),
        "superseded": len(versions) - len(last),
    }
    return live, became


def _dated(key: Key, places: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Of a tombstone the last counts, with or without a datestamp: it claims nothing."""
    return [place for place in places if place[0] or key[2] == "-"]


def _claims(key: Key, order: int, other: Key, earlier: int) -> bool:
    """Whether another undated row of the visit had the identifier before."""
    return other[:2] == key[:2] and earlier < order


@examples(400)
@example(rows=[("a", 1, "", "x"), ("a", 1, "", "-"), ("a", 1, "", "x")], mode="replace")
@given(rows=ROWS, mode=st.sampled_from(["replace", "extend"]))
def test_every_row_is_accounted_for(rows: list[tuple[str, int, str, str]], mode: str) -> None:
    """seen == current + superseded + repeated + deleted + rejected, by independent counts of each."""
    rows = sorted(rows, key=lambda row: row[1])  # visits are read in their order
    decided = decide(index(*rows), mode)
    live, became = expected(rows, mode)
    assert current(decided) == live
    assert {
        "repeated": decided.repeated,
        "rejected": decided.rejected.height,
        "deleted": decided.deleted,
        "superseded": decided.superseded,
    } == became
    assert decided.rows == len(rows) == len(live) + sum(became.values())
    assert decided.live["id"].is_unique().all()


@examples(100)
@given(rows=ROWS)
def test_the_order_of_the_frames_rows_does_not_count(rows: list[tuple[str, int, str, str]]) -> None:
    frame = index(*sorted(rows, key=lambda row: row[1]))
    one, other = decide(frame, "extend"), decide(frame.sample(fraction=1, shuffle=True, seed=len(rows)), "extend")
    assert one.live.equals(other.live)
    assert (one.superseded, one.repeated, one.deleted) == (other.superseded, other.repeated, other.deleted)
