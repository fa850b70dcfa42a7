"""A sample of identifiers says how many were replaced, exactly for small releases and closely for large ones."""

import pyarrow as pa
import pytest

from biglam_pipeline.publish.profile import (
    SKETCH,
    Profile,
    add_ids,
    decode_profile,
    encode_profile,
    filled_in,
    no_ids,
    profile_of,
    replaced,
)


def of(start: int, end: int) -> Profile:
    """Of a release with these identifiers."""
    return Profile(add_ids(no_ids(), [f"source:{number}" for number in range(start, end)]), end - start, {})


@pytest.mark.parametrize(
    ("before", "now", "share"),
    [
        ((0, 20), (20, 40), 1.0),
        ((0, 20), (0, 20), 0.0),
        ((0, 20), (0, 2000), 0.0),  # it grew
        ((0, 2000), (0, 20), 0.0),  # it shrank: the number of rows says so
        ((0, 100), (30, 130), 0.3),
        ((0, 100), (31, 131), 0.31),
        ((0, 100), (50, 60), 0.0),
        ((0, 100), (90, 110), 0.1),
        ((0, 0), (0, 5), 0.0),
        ((0, 5), (0, 0), 0.0),
    ],
)
def test_replaced_is_the_lesser_of_gone_and_new(before: tuple[int, int], now: tuple[int, int], share: float) -> None:
    assert replaced(of(*before), of(*now)) == pytest.approx(share)


@pytest.mark.representative(2)  # other shares
@pytest.mark.parametrize("share", [0.0, 0.05, 0.29, 0.31, 0.8])
def test_a_large_release_is_judged_by_a_sample(share: float) -> None:
    """Three times as many ids as are kept: within one per cent of the exact share."""
    rows = 3 * SKETCH
    moved = int(rows * share)
    assert replaced(of(0, rows), of(moved, rows + moved)) == pytest.approx(share, abs=0.01)


def test_a_sample_is_the_same_in_any_order() -> None:
    names = [f"source:{number}" for number in range(5000)]
    one = add_ids(add_ids(no_ids(), names[:100]), names[100:])
    other = add_ids(add_ids(no_ids(), names[::-1]), names[:7])
    assert one.tolist() == other.tolist()


def test_what_is_empty_is_not_filled() -> None:
    table = pa.table(
        {
            "id": ["a", "b", "c"],
            "title": ["A map", "", None],
            "languages": [["en"], [], None],
            "year": pa.array([0, None, 1], pa.int16()),
        }
    )
    assert filled_in(table) == {"id": 3, "title": 1, "languages": 1, "year": 2}


def test_a_profile_reads_back() -> None:
    profile = profile_of([pa.table({"id": ["a", "b"]}), pa.table({"id": ["c"]})])
    again = decode_profile(encode_profile(profile))
    assert again.ids.tolist() == profile.ids.tolist()
    assert (again.rows, again.filled) == (3, {"id": 3})
