"""Words and numbers of the card, and of what a person is shown."""

import pytest

from biglam_pipeline.publish.marks import count, percent


@pytest.mark.parametrize(
    ("part", "whole", "said"),
    [
        (0, 0, "0%"),
        (0, 9, "0%"),
        (1, 804, "under 1%"),
        (29, 100, "29%"),
        (803, 804, "99%"),
        (804, 804, "100%"),
        (9_999_999_999_999_999, 10_000_000_000_000_000, "99%"),
    ],
)
def test_nearly_all_is_not_all(part: int, whole: int, said: str) -> None:
    assert percent(part, whole) == said


def test_one_and_many() -> None:
    assert (count(1, "row"), count(1234, "row")) == ("1 row", "1,234 rows")
