"""One schedule a distinct cron line; one run a source, or a group of quiet ones, so that one failure stays one failure.

https://docs.dagster.io/guides/automate/schedules. A job a source would make loading quadratic in their number.
"""

from collections.abc import Callable, Iterator, Sequence

import dagster as dg
from dagster._core.definitions.assets.job.asset_job import IMPLICIT_ASSET_JOB_NAME

from biglam_pipeline.defs.assets import STAGES, asset_key, run_tags, slug
from biglam_pipeline.defs.catalog import CATALOG
from biglam_pipeline.defs.nights import build_nights, busy, deal, request
from biglam_pipeline.source import Catalog, Source

Reread = Callable[[], Catalog]
"""The sources files as they are at this moment: a tick may come long after they were loaded."""

JOB = IMPLICIT_ASSET_JOB_NAME
"""All runs of all schedules are of Dagster's own job of all assets, as those of the page's button are. A job for each
cron line would go with the line's last source, and a run that waits in the queue would find none; one more of all
assets took a third of what a thousand of them load in.
"""
CATALOG_CRON = "45 1 * * *"


def build_schedules(sources: Sequence[Source], reread: Reread, catalog: Catalog) -> dg.Definitions:
    """The schedules of all sources that have one; and of the catalog, which asks nobody and is always there."""
    crons: dict[str, list[Source]] = {CATALOG_CRON: []}
    for source in sources:
        if source.cron:
            crons.setdefault(source.cron, []).append(source)
    schedules = [_build(cron, due, reread) for cron, due in sorted(crons.items())]
    return dg.Definitions(assets=[build_nights(catalog)], schedules=schedules)


def _about(sources: Sequence[Source]) -> str:
    """What it takes: the page shows no target, since all schedules have the same."""
    names = [source.name for source in sources[:_SHOWN]]
    more = [f"{len(sources) - _SHOWN} more"] if len(sources) > _SHOWN else []
    return "Asks for what is new, and brings it to the Hub: " + ", ".join([*names, *more]) if names else _OF_CATALOG


_SHOWN = 30
_OF_CATALOG = "Looks whether every entry of the sources files can be read, and every shelf has one."
_SAID = str.maketrans({"*": "x", ",": "and", "-": "to", "/": "by"})
"""Signs of a cron line in letters, so that `1,15` and `1-15` make schedules of different names."""


def _build(cron: str, sources: list[Source], reread: Reread) -> dg.ScheduleDefinition:
    name = "harvest_" + slug(cron.translate(_SAID))

    @dg.schedule(
        name=name,
        cron_schedule=cron,
        job_name=JOB,
        default_status=dg.DefaultScheduleStatus.RUNNING,
        description=_about(sources),
    )
    def harvest(context: dg.ScheduleEvaluationContext) -> Iterator[dg.RunRequest | dg.SkipReason]:
        """Asks each source for what is new, and brings it to the Hub; a source whose last run is going is left alone.

        An entry that broke, or is gone, since this page was loaded is asked about, in the checks of `catalog`.
        """
        tick = f"{context.scheduled_execution_time:%Y-%m-%dT%H:%M}"
        catalog, taken = reread(), busy(context.instance)
        lost = [source.name for source in sources if source.name not in catalog.sources]
        skipped = [f"{name}: its entry is broken or gone, see the checks of `catalog`" for name in lost]
        due = [source for source in sources if source.name in catalog.sources]
        skipped += [f"{source.name}: its last run is going, or waits" for source in due if source.key in taken]
        for reason in skipped:
            context.log.warning(f"skipped {reason}")
        together, alone = deal(context.instance, [source for source in due if source.key not in taken])
        requests = [request(group, tick) for group in together]
        requests += [
            dg.RunRequest(
                run_key=f"{source.name}@{tick}",
                asset_selection=[asset_key(source, stage) for stage in STAGES],
                tags=run_tags(source),
            )
            for source in alone
        ]
        if lost or cron == CATALOG_CRON:
            requests.append(dg.RunRequest(run_key=f"catalog@{tick}@{name}", asset_selection=[CATALOG]))
        yield from requests
        if not requests:
            yield dg.SkipReason("; ".join(skipped))

    return harvest
