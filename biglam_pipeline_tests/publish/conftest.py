"""A bench whose Hub does not really wait."""

from dataclasses import replace

import pytest

from biglam_pipeline.publish.hub import Hub
from biglam_pipeline.store.parts import PartSize
from biglam_pipeline_tests.bench import Bench


@pytest.fixture
def pauses(bench: Bench) -> list[float]:
    """The seconds that the bench's Hub would have waited."""
    waited: list[float] = []
    bench.house = replace(bench.house, hub=Hub(bench.hub.endpoint, sleep=waited.append))
    return waited


@pytest.fixture
def small(bench: Bench) -> Bench:
    """Some rows a part, so that a dataset has several."""
    bench.house = replace(bench.house, part_size=PartSize(full=5_000, step=5))
    return bench
