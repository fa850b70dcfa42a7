"""Dagster's front door: the sources files in, one Definitions out."""

import os
from pathlib import Path

import dagster as dg

from biglam_pipeline.defs.assets import build_assets
from biglam_pipeline.defs.catalog import build_catalog
from biglam_pipeline.defs.checks import build_checks
from biglam_pipeline.defs.schedules import build_schedules
from biglam_pipeline.environment import read_environment
from biglam_pipeline.source import Catalog, load_sources


def build_definitions(catalog: Catalog, *, schedules: bool, strict: bool = False) -> dg.Definitions:
    """Everything Dagster knows of these sources.

    schedules: False leaves them out, as on a laptop. strict: ConfigError for a broken entry, which is otherwise a red
    check beside the healthy ones.
    """
    faults: dict[str, tuple[str, ...]] = {}
    parts: dict[str, dg.Definitions] = {}
    for source in catalog.sources.values():
        try:
            build_schedules([source])
            parts[source.name] = dg.Definitions(
                assets=build_assets(source, catalog.bases[source.name]),
                asset_checks=build_checks(source, catalog.bases[source.name]),
            )
        except dg.DagsterError as refusal:
            place = f"{Path(source.file).name}:{source.line}: {source.name}"
            faults[source.name] = (f"{place}: Dagster does not take it: {refusal}",)
    sound = {name: source for name, source in catalog.sources.items() if name not in faults}
    catalog = Catalog(sound, catalog.bases, {**catalog.faults, **faults})
    if strict:
        catalog.strict()
    timed = dg.Definitions(
        schedules=build_schedules(list(sound.values())) if schedules else [], executor=dg.in_process_executor
    )
    return dg.Definitions.merge(build_catalog(catalog), *(parts[name] for name in sound), timed)


@dg.definitions
def defs() -> dg.Definitions:
    """What `workspace.yaml` loads. `dagster definitions validate` is strict; a running UI keeps the healthy entries."""
    environment = read_environment(os.environ)
    strict = bool(os.environ.get("DAGSTER_IS_DEFS_VALIDATION_CLI"))
    catalog = load_sources(environment.sources, owner=environment.hub_owner)
    return build_definitions(catalog, schedules=environment.schedules, strict=strict)
