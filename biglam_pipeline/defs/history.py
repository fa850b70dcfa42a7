"""How did the last run of each source end? As Dagster has noted it, whoever started the run."""

from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from biglam_pipeline.defs.database import instance_at
from biglam_pipeline.defs.instance import sweep
from biglam_pipeline.defs.queueing import SOURCE, TAG

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def failed_last(home: Path, keys: Iterable[str]) -> set[str]:
    """Those of these sources whose last run that ended did not succeed; one whose process was killed has ended, too.

    home: DAGSTER_HOME, prepared; keys: of sources, as their runs are tagged.
    """
    with instance_at(home) as instance:
        sweep(instance)
        return {key for key in keys if _failed(instance, key)}


def last_run(instance: dg.DagsterInstance, key: str) -> dg.RunRecord | None:
    """The last run of a source that ended, however it did; None where there was none."""
    chosen = dg.RunsFilter(tags={SOURCE: key[:TAG]}, statuses=_ENDED)
    return next(iter(instance.get_run_records(filters=chosen, limit=1)), None)


def _failed(instance: dg.DagsterInstance, key: str) -> bool:
    last = last_run(instance, key)
    return last is not None and last.dagster_run.status is not dg.DagsterRunStatus.SUCCESS
