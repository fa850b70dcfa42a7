"""One schedule a distinct cron line, one run a source, so that one failure stays one failure.

https://docs.dagster.io/guides/automate/schedules. A job a source would make loading quadratic in their number.
"""

from collections.abc import Iterator

import dagster as dg

from biglam_pipeline.defs.assets import STAGES, asset_key, slug
from biglam_pipeline.source import Source


def build_schedules(sources: list[Source]) -> list[dg.ScheduleDefinition]:
    """The schedules of all sources that have one."""
    crons: dict[str, list[Source]] = {}
    for source in sources:
        if source.cron:
            crons.setdefault(source.cron, []).append(source)
    return [_build(cron, due) for cron, due in sorted(crons.items())]


_SAID = str.maketrans({"*": "x", ",": "and", "-": "to", "/": "by"})
"""Signs of a cron line in letters, so that `1,15` and `1-15` make schedules of different names."""


def _build(cron: str, sources: list[Source]) -> dg.ScheduleDefinition:
    name = "harvest_" + slug(cron.translate(_SAID))
    job = dg.define_asset_job(
        name,
        dg.AssetSelection.assets(*(asset_key(source, stage) for source in sources for stage in STAGES)),
        executor_def=dg.in_process_executor,
    )

    @dg.schedule(name=name, cron_schedule=cron, job=job, default_status=dg.DefaultScheduleStatus.RUNNING)
    def harvest(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest]:
        """Asks each source for what is new, and brings it to the Hub."""
        for source in sources:
            yield dg.RunRequest(
                run_key=f"{source.name}@{context.scheduled_execution_time:%Y-%m-%dT%H:%M}",
                asset_selection=[asset_key(source, stage) for stage in STAGES],
                tags={"biglam/source": source.key},
            )

    return harvest
