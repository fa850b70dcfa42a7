"""Opens what a run is handed, for one step, as the environment of its process says."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import dagster as dg

from biglam_pipeline.context import RunContext, open_context
from biglam_pipeline.environment import read_environment

STOPPED = "Stopped from outside. What came is kept; start it again, and it goes on from there."


@contextmanager
def opened(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Iterator[RunContext]:
    """The shelves and doors of this run; where the shelves stand is said in its log."""
    environment = read_environment(os.environ)
    context.log.debug(f"shelves at {environment.home}, publishing to {environment.hub_endpoint}")
    with open_context(environment) as run, stoppable(context):
        yield run


@contextmanager
def stoppable(context: dg.AssetExecutionContext | dg.AssetCheckExecutionContext) -> Iterator[None]:
    """A run that is stopped from outside is canceled; Dagster takes what its own page did not ask for as a failure."""
    try:
        yield
    except (KeyboardInterrupt, dg.DagsterExecutionInterruptedError):
        run = context.instance.get_run_by_id(context.run.run_id)
        if run is not None and run.status == dg.DagsterRunStatus.STARTED:
            context.instance.report_run_canceling(run, STOPPED)
        raise
