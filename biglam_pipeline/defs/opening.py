"""Opens what a run is handed, for one step, as the environment of its process says."""

import os
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

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
        _hush()
        run = context.instance.get_run_by_id(context.run.run_id)
        if run is not None and run.status == dg.DagsterRunStatus.STARTED:
            context.instance.report_run_canceling(run, STOPPED)
        raise


def _hush() -> None:
    """From here on no signal interrupts: Dagster's own handler would raise for each, also while the stop is noted, and
    one wish is often two signals (`timeout` signals its child, then the group that it is in). What is under way ends.
    """
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, _pass_over)


def _pass_over(_number: int, _frame: FrameType | None) -> None:
    """A handler of Python's, so that the command's own watch hears of the signal, and of a second wish."""
