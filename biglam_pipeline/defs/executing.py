"""A run holds a lock of Dagster's home for as long as its process lives, so that a dead run is known, never guessed.

A process number would not do: numbers come again, in a container always, and say nothing of another machine. The lock
is the kernel's, which frees it however its holder dies; https://man7.org/linux/man-pages/man2/flock.2.html.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import dagster as dg
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.retries import RetryMode
from dagster._core.executor.in_process import InProcessExecutor

from biglam_pipeline.errors import RunBusy
from biglam_pipeline.store.locks import file_lock, is_held

_LOOK_SECONDS = 2
"""Who looks whether a lock is held has it for a moment."""
_MINE: dict[str, ExitStack] = {}
"""Runs that this process executes, with what frees them."""


def lock_of(home: Path, run_id: str) -> Path:
    """The file whose lock a run holds."""
    return home / "running" / f"{run_id}.lock"


@contextmanager
def held(home: Path, run_id: str) -> Iterator[None]:
    """This process executes this run, from before it is recorded until after its last event was."""
    _hold(home, run_id)
    try:
        yield
    finally:
        _MINE.pop(run_id).close()


def is_executed(home: Path, run_id: str) -> bool | None:
    """Whether a process that lives executes this run; None where none ever said so."""
    path = lock_of(home, run_id)
    return is_held(path) if path.exists() else None


def _hold(home: Path, run_id: str) -> None:
    if run_id not in _MINE:
        with ExitStack() as stack:
            busy = f"another process executes the run {run_id}"
            stack.enter_context(file_lock(lock_of(home, run_id), wait_seconds=_LOOK_SECONDS, busy=busy))
            _MINE[run_id] = stack.pop_all()


class _Held(dg.Executor):
    """The executor inside, under the run's lock."""

    def __init__(self, inner: dg.Executor) -> None:
        self._inner = inner

    @property
    def retries(self) -> RetryMode:
        """Dagster's."""
        return self._inner.retries

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[dg.DagsterEvent]:
        """See dagster.Executor. The lock of a worker of the daemon ends with its process, after the last event."""
        instance, run = plan_context.instance, plan_context.dagster_run
        try:
            _hold(Path(instance.root_directory), run.run_id)
        except RunBusy as twice:  # two daemons have dequeued it at the same time
            raise dg.Failure(str(twice), allow_retries=False) from twice
        yield from self._inner.execute(plan_context, execution_plan)


@dg.executor(name="in_process")
def executor(context: dg.InitExecutorContext) -> dg.Executor:
    """A source's chain in one process: Dagster's own in-process executor, without retries, under the run's lock."""
    return _Held(InProcessExecutor(RetryMode.DISABLED))
