"""A bench whose parts hold a few rows, so that a night has parts which it must not touch."""

from dataclasses import replace

import pytest

from biglam_pipeline.store.parts import PartSize
from biglam_pipeline_tests.bench import Bench


@pytest.fixture
def small(bench: Bench) -> Bench:
    """Some ten rows a part; no part stays open, since its bloom filter alone is larger than that."""
    bench.run = replace(bench.run, part_size=PartSize(full=2_500, step=5))
    return bench
