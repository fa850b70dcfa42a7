"""Opens the house for one step, as the environment of its process says."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from biglam_pipeline.environment import read_environment
from biglam_pipeline.house import House, open_house


@contextmanager
def opened(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Iterator[House]:
    """The shelves and doors of this run; where the shelves stand is said in its log."""
    environment = read_environment(os.environ)
    context.log.debug(f"shelves at {environment.home}, publishing to {environment.hub_endpoint}")
    with open_house(environment) as house:
        yield house
