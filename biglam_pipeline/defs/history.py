"""How did the last run of each source end? As Dagster has noted it, whoever started the run."""

from collections.abc import Iterable
from pathlib import Path

import dagster as dg

from biglam_pipeline.defs.database import instance_at
from biglam_pipeline.defs.instance import sweep

_ENDED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def failed_last(home: Path, keys: Iterable[str]) -> set[str]:
    """Those of these sources whose last run that ended did not succeed; one whose process was killed has ended, too.

    home: DAGSTER_HOME, prepared; keys: of sources, as their runs are tagged.
    """
    with instance_at(home) as instance:
        sweep(instance)
        return {key for key in keys if _failed(instance, key)}


def _failed(instance: dg.DagsterInstance, key: str) -> bool:
    runs = instance.get_runs(filters=dg.RunsFilter(tags={"biglam/source": key}, statuses=_ENDED), limit=1)
    return bool(runs) and runs[0].status is not dg.DagsterRunStatus.SUCCESS
