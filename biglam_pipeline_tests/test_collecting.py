"""Python looks for garbage seldom where rows are made, and as before afterwards."""

import gc

import pytest

from biglam_pipeline.collecting import YOUNG, rarely


@pytest.mark.parametrize("threshold", [(700, 10, 10), (YOUNG * 2, 5, 5), (0, 10, 10)])
def test_garbage_is_looked_for_rarely_inside(threshold: tuple[int, int, int]) -> None:
    was = gc.get_threshold()
    gc.set_threshold(*threshold)
    try:
        with rarely():
            assert gc.get_threshold()[0] == (max(YOUNG, threshold[0]) if threshold[0] else 0)  # 0: never at all
        assert gc.get_threshold() == threshold
    finally:
        gc.set_threshold(*was)
