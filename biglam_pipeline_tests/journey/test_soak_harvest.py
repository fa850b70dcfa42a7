"""A harvest of 200 batches, killed at random; `make soak` kills it a hundred times."""

import random
from pathlib import Path

import pytest

from biglam_pipeline_tests.journey.killing import Driver
from biglam_pipeline_tests.journey.soak_harvest import open_harvests


@pytest.mark.slow
@pytest.mark.parametrize("source", ["pages", "files"])
def test_f32_a_harvest_of_200_batches_is_killed_five_times(tmp_path: Path, driver: Driver, source: str) -> None:
    """The shelf is that of an undisturbed one, and the server saw nothing asked for that was shelved already."""
    with open_harvests(tmp_path / "soak", driver, source) as harvests:
        harvests.goes_through("killed", random.Random(1), 5)
        assert harvests.killed == 5
