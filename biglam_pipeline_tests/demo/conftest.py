"""A served institution, and a client that asks it."""

from collections.abc import Iterator

import httpx
import pytest

from biglam_pipeline.demo.institution import Institution
from biglam_pipeline.demo.server import Running


@pytest.fixture(scope="session")
def served() -> Iterator[Running]:
    """One server for all tests: starting and stopping it takes longer than most of them."""
    with Running(Institution()) as running:
        yield running


@pytest.fixture
def running(served: Running) -> Running:
    """The server, with an institution as it was on the first day, an empty log and no fault."""
    vars(served.institution).update(vars(Institution()))
    served.log.clear()
    served.fault = None
    return served


@pytest.fixture
def client(running: Running) -> Iterator[httpx.Client]:
    """Asks that institution; addresses are paths."""
    with httpx.Client(base_url=running.address, trust_env=False) as asking:
        yield asking
