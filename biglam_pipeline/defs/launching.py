"""Dagster's local launcher, which can also say that the process of a run has ended.

https://docs.dagster.io/deployment/execution/run-monitoring. Dagster's own cannot, so a run whose process was killed
says STARTED for ever and keeps its place in the queue.
"""

from pathlib import Path

import dagster as dg
from dagster._core.launcher.base import CheckRunHealthResult, WorkerStatus

from biglam_pipeline.defs.instance import ENDED, is_dead


class Launcher(dg.DefaultRunLauncher):
    """The daemon asks it about every run that is going, a few times a minute (`run_monitoring` in dagster.yaml)."""

    @property
    def supports_check_run_worker_health(self) -> bool:
        """It does."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Also of a run that the command executes beside the daemon."""
        instance = self._instance
        record = instance.get_run_record_by_id(run.run_id)
        if record is not None and is_dead(Path(instance.root_directory), record):
            return CheckRunHealthResult(WorkerStatus.NOT_FOUND, ENDED)
        return CheckRunHealthResult(WorkerStatus.RUNNING)
