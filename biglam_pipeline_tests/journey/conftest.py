"""A bench whose parts hold a few rows, so that a night has parts which it must not touch; what runs to be killed."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from biglam_pipeline.store.parts import PartSize
from biglam_pipeline_tests.bench import Bench
from biglam_pipeline_tests.journey.killing import Driver, open_driver


@pytest.fixture
def small(bench: Bench) -> Bench:
    """Some ten rows a part; no part stays open, since its bloom filter alone is larger than that."""
    bench.run = replace(bench.run, part_size=PartSize(full=2_500, step=5))
    return bench


@pytest.fixture(scope="session")
def driver() -> Iterator[Driver]:
    """One for all stages of a process: it knows nothing but its orders, and to start one costs a second of imports."""
    with open_driver() as driver:
        yield driver
