"""A served institution, and a client that asks it."""

from collections.abc import Iterator

import httpx
import pytest

from biglam_pipeline.demo.server import Running


@pytest.fixture
def running(institution: Running) -> Running:
    """The server, with an institution as it was on the first day."""
    return institution


@pytest.fixture
def client(running: Running) -> Iterator[httpx.Client]:
    """Asks that institution; addresses are paths."""
    with httpx.Client(base_url=running.address, trust_env=False) as asking:
        yield asking
