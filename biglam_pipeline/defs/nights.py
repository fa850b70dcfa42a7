"""Takes many sources through one process where little will be new: which of a tick's, in which groups, and the asset.

A run of its own has a process of its own, which loads Dagster and all entries: ten CPU seconds with a thousand of them,
where a source in which nothing is new costs a third of one (`make bench-startup`). So what went well and quickly the
last time goes together. Each source still has its run, its checks and its failure (docs/decisions/0038).
"""

import hashlib
import math
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import dagster as dg
from pydantic import Field

from biglam_pipeline.defs.assets import run_tags
from biglam_pipeline.defs.database import instance_at
from biglam_pipeline.defs.history import last_run
from biglam_pipeline.defs.instance import going
from biglam_pipeline.defs.opening import stoppable
from biglam_pipeline.defs.queueing import HOST, NIGHT
from biglam_pipeline.defs.running import run_in
from biglam_pipeline.defs.wording import table
from biglam_pipeline.errors import BiglamError, Exit
from biglam_pipeline.source import Catalog, Source
from biglam_pipeline.source.origins import in_order

NIGHTS = dg.AssetKey(["nights"])
_QUICK_SECONDS = 300.0
"""What took longer the last time has a process to itself: it would hold up others, and its start weighs little."""
_PROCESS_SECONDS = 600.0
"""One more process for each so many seconds of work."""
_PROCESSES = 4
"""As many as the queue that is shipped lets go at a time; more would only wait."""
Came = Literal["came through", "failed", "left alone"]


class Night(dg.Config):
    """Which sources, by their keys, in their order."""

    sources: list[str] = Field(default_factory=list)


def deal(instance: dg.DagsterInstance, due: Sequence[Source]) -> tuple[list[list[Source]], list[Source]]:
    """Groups that go through one process each, the quick ones first, and what has a process to itself.

    Alone goes what was never run, what did not succeed the last time, or took long: a source that crashes its process
    takes others with it once. All of one host are in one group, since one at a time asks it.
    """
    took = {source.key: _seconds(instance, source) for source in due}

    def work(mates: Sequence[Source]) -> float:
        return sum(took[source.key] for source in mates)

    quick = [source for source in due if took[source.key] <= _QUICK_SECONDS]
    bundles: dict[str, list[Source]] = {}
    for source in quick:
        bundles.setdefault(run_tags(source).get(HOST, source.key), []).append(source)
    processes = min(_PROCESSES, math.ceil(work(quick) / _PROCESS_SECONDS) or 1)
    groups: list[list[Source]] = [[] for _ in range(processes)]
    for mates in sorted(bundles.values(), key=work, reverse=True):
        min(groups, key=work).extend(mates)
    together = [in_order(sorted(group, key=lambda one: took[one.key])) for group in groups if len(group) > 1]
    dealt = {source.key for group in together for source in group}
    return together, [source for source in due if source.key not in dealt]


def _seconds(instance: dg.DagsterInstance, source: Source) -> float:
    """How long the last run of a source took; infinity where it did not succeed, or there was none."""
    last = last_run(instance, source.key)
    if last is None or last.dagster_run.status is not dg.DagsterRunStatus.SUCCESS:
        return math.inf
    return (last.end_time or 0.0) - (last.start_time or 0.0)


def request(group: Sequence[Source], tick: str) -> dg.RunRequest:
    """The run that takes a group through. Its key is that of its members: a tick that is repeated deals again."""
    keys = [source.key for source in group]
    hosts = {run_tags(source).get(HOST, "") for source in group}
    return dg.RunRequest(
        run_key=f"nights@{tick}@{hashlib.sha256(' '.join(sorted(keys)).encode()).hexdigest()[:16]}",
        asset_selection=[NIGHTS],
        run_config=dg.RunConfig(ops={"nights": Night(sources=keys)}),
        tags={HOST: hosts.pop()} if len(hosts) == 1 and "" not in hosts else {},
    )


def busy(instance: dg.DagsterInstance) -> set[str]:
    """Sources that are being run, however that was started, or that wait for it, in the queue or within a group."""
    runs = going(instance)
    return _made_by(runs).union(*(_ahead(instance, run) for run in runs if NIGHTS in (run.asset_selection or ())))


def _made_by(runs: Sequence[dg.DagsterRun]) -> set[str]:
    """The sources of which these runs make something."""
    return {key.path[0] for run in runs for key in run.asset_selection or () if len(key.path) > 1}


def _ahead(instance: dg.DagsterInstance, night: dg.DagsterRun) -> set[str]:
    """What a group that is going, or waits, has not come to yet."""
    config: Any = night.run_config
    keys = config.get("ops", {}).get("nights", {}).get("config", {}).get("sources", ())
    return {*keys} - _made_by(instance.get_runs(filters=dg.RunsFilter(tags={NIGHT: night.run_id})))


@dataclass(frozen=True, slots=True)
class _Taken:
    """What became of one source."""

    key: str
    came: Came
    why: str
    seconds: float


def build_nights(catalog: Catalog) -> dg.AssetsDefinition:
    """The asset `nights`. catalog: as it stands when the process of a run begins."""

    @dg.asset(name=NIGHTS.path[-1], group_name="catalog", description=_ABOUT)
    def nights(context: dg.AssetExecutionContext, config: Night) -> dg.MaterializeResult[None]:
        context.log.end_python_log_capture()  # what the core says of a source stands in that source's run, once
        with _reported(), stoppable(context), instance_at(Path(context.instance.root_directory)) as instance:
            taken = []
            for number, key in enumerate(config.sources, 1):
                taken.append(_take(instance, catalog, key, context.run.run_id))
                context.log.info(f"{number} of {len(config.sources)}: {_sentence(taken[-1])}")
                _go_on(context)
        return dg.MaterializeResult(metadata=_metadata(taken, context.run.run_id))

    return nights


def _take(instance: dg.DagsterInstance, catalog: Catalog, key: str, night: str) -> _Taken:
    """One source to the Hub, in a run of its own that is tagged with the night's."""
    began = time.monotonic()
    source = next((one for one in catalog.sources.values() if one.key == key), None)
    if source is None:
        return _Taken(key, "left alone", "its entry is broken or gone, see the checks of `catalog`", 0.0)
    if key in _made_by(going(instance)):
        return _Taken(key, "left alone", "another run of it is going", 0.0)
    outcome = run_in(instance, source, catalog.bases[source.name], night=night)
    if outcome.status == Exit.STOPPED:
        raise dg.DagsterExecutionInterruptedError
    came: Came = "came through" if outcome.success else "failed"
    return _Taken(key, came, "" if outcome.success else "see its own run", time.monotonic() - began)


def _go_on(context: dg.AssetExecutionContext) -> None:
    """Stops where the page asked for it while no step of a source noticed."""
    run = context.instance.get_run_by_id(context.run.run_id)
    if run is not None and run.status is dg.DagsterRunStatus.CANCELING:
        raise dg.DagsterExecutionInterruptedError


@contextmanager
def _reported() -> Iterator[None]:
    """What ends all of it: Dagster's databases. Who was not taken is due at the next tick."""
    try:
        yield
    except BiglamError as error:
        raise dg.Failure(str(error), allow_retries=False) from error


def _sentence(taken: _Taken) -> str:
    return f"{taken.key}: {taken.came}" + (f": {taken.why}" if taken.why else f" ({taken.seconds:.1f} s)")


def _metadata(taken: Sequence[_Taken], night: str) -> dict[str, int | dg.MarkdownMetadataValue]:
    """Numbers that Dagster plots over the nights, and a line a source.

    Why one failed stands in its own run alone, which a takedown clears.
    """
    rows = [(one.key, one.came, one.why, f"{one.seconds:.1f}") for one in taken]
    counted: dict[Came, int] = {"came through": 0, "failed": 0, "left alone": 0}
    for one in taken:
        counted[one.came] += 1
    return {
        "sources": len(taken),
        **{came.replace(" ", "_"): number for came, number in counted.items()},
        "runs": dg.MetadataValue.md(f"[the runs of these sources](/runs?q%5B0%5D=tag%3A{NIGHT}%3D{night})"),
        "what_came": dg.MetadataValue.md(table(("Source", "What came of it", "Why", "Seconds"), rows)),
    }


_ABOUT = (
    "Takes sources where little is expected to be new through one process, one after the other, each in a run of its "
    "own. Schedules start it with the names; materialized by hand without any, it takes none. It fails only where it "
    "could not go on: a source that failed is a failed run of its own."
)
