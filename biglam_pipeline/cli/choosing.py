"""Which sources does `biglam run` take? Names that are typed, all, or those that did not come through."""

from collections.abc import Sequence

from biglam_pipeline.context import RunContext, open_context
from biglam_pipeline.defs.history import failed_last
from biglam_pipeline.environment import Environment
from biglam_pipeline.errors import ConfigError, ShelfDamaged
from biglam_pipeline.source import Catalog, Source
from biglam_pipeline.source.origins import in_order
from biglam_pipeline.states import state_of


def choose_sources(
    catalog: Catalog, environment: Environment, names: Sequence[str], *, every: bool, failed: bool
) -> list[str]:
    """Names of entries, those with faults too, each once and in their order; ConfigError where nothing is named.

    every: all of the sources files that are active; failed: those whose last run failed, or whose shelves hold
    something else than what is published, nothing published among it. One that nobody ever asked is left to its name.
    """
    if (every or failed) + bool(names) != 1 or (every and failed):
        raise ConfigError("say which sources: their names, --all, or --failed")
    if names:
        known = in_order([catalog.sources[name] for name in dict.fromkeys(names) if name in catalog.sources])
        return [*(one.name for one in known), *dict.fromkeys(name for name in names if name not in catalog.sources)]
    active = [source for source in catalog.sources.values() if source.status == "active"]
    if failed:
        active = _behind(environment, active)
    return [*(source.name for source in in_order(active)), *catalog.faults]


def _behind(environment: Environment, sources: Sequence[Source]) -> list[Source]:
    failed = failed_last(environment.dagster_home, [source.key for source in sources])
    with open_context(environment) as run:
        return [one for one in sources if one.key in failed or _is_behind(run, one)]


def _is_behind(run: RunContext, source: Source) -> bool:
    try:
        state = state_of(run, source)
    except ShelfDamaged:  # its own run says so; the others are none the worse
        return True
    return state["harvest"] is not None and not state["up_to_date"]


def refuse_unknown(catalog: Catalog, names: Sequence[str]) -> None:
    """ConfigError with every name that there is no entry for; an entry with faults is reported in its turn."""
    reported: list[str] = []
    for name in names:
        try:
            catalog.get(name)
        except ConfigError as error:
            reported += error.faults if name not in catalog.faults else ()
    if reported:
        raise ConfigError(*reported)
