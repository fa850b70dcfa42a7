"""Dagster's front door: the sources files in, one Definitions out."""

import os
from pathlib import Path

import dagster as dg

from biglam_pipeline.collecting import held_off, seldom
from biglam_pipeline.defs.assets import build_assets
from biglam_pipeline.defs.catalog import build_catalog
from biglam_pipeline.defs.checks import build_checks
from biglam_pipeline.defs.executing import executor
from biglam_pipeline.defs.schedules import Reread, build_schedules
from biglam_pipeline.environment import read_environment
from biglam_pipeline.source import Catalog, load_sources


def build_definitions(
    catalog: Catalog, *, schedules: bool, strict: bool = False, reread: Reread | None = None
) -> dg.Definitions:
    """Everything Dagster knows of these sources.

    schedules: False leaves them out, as on a laptop. strict: ConfigError for a broken entry, which is otherwise a red
    check beside the healthy ones. reread: the catalog at the time of a tick; by default, as it is now.
    """
    parts: dict[str, dg.Definitions] = {}
    catalog = _judged(catalog, parts)
    if strict:
        catalog.strict()
    everything = [build_catalog(catalog), *(parts[name] for name in catalog.sources)]
    if schedules:
        everything.append(build_schedules(list(catalog.sources.values()), reread or (lambda: catalog), catalog))
    return dg.Definitions.merge(*everything, dg.Definitions(executor=executor))


def _judged(catalog: Catalog, parts: dict[str, dg.Definitions]) -> Catalog:
    """The catalog without what Dagster refuses all the same: the language takes nothing that it is known to refuse.

    parts: filled with the definitions of each sound entry.
    """
    faults: dict[str, tuple[str, ...]] = {}
    crons: set[str | None] = set()
    for source in catalog.sources.values():
        try:
            if source.cron not in crons:  # a thousand sources have a dozen crons
                build_schedules([source], lambda: catalog, catalog)
                crons.add(source.cron)
            parts[source.name] = dg.Definitions(
                assets=build_assets(source, catalog.bases[source.name]),
                asset_checks=build_checks(source, catalog.bases[source.name]),
            )
        except dg.DagsterError as refusal:
            place = f"{Path(source.file).name}:{source.line}: {source.name}"
            faults[source.name] = (f"{place}: Dagster does not take it: {refusal}",)
    sound = {name: source for name, source in catalog.sources.items() if name not in faults}
    return Catalog(sound, catalog.bases, {**catalog.faults, **faults})


@dg.definitions
def defs() -> dg.Definitions:
    """What `workspace.yaml` loads. `dagster definitions validate` is strict; a running UI keeps the healthy entries."""
    environment = read_environment(os.environ)

    def reread() -> Catalog:
        return load_sources(environment.sources, owner=environment.hub_owner)

    strict = bool(os.environ.get("DAGSTER_IS_DEFS_VALIDATION_CLI"))
    with held_off():
        built = build_definitions(reread(), schedules=environment.schedules, strict=strict, reread=reread)
    seldom()  # Dagster makes of them, next, what the page is sent: as much again
    return built
