"""Dagster's front door: the sources files in, one Definitions out."""

import os

import dagster as dg

from biglam_pipeline.defs.assets import build_assets
from biglam_pipeline.defs.catalog import build_catalog
from biglam_pipeline.defs.checks import build_checks
from biglam_pipeline.defs.schedules import build_schedules
from biglam_pipeline.environment import read_environment
from biglam_pipeline.source import Catalog, load_sources


def build_definitions(catalog: Catalog, *, schedules: bool) -> dg.Definitions:
    """Everything Dagster knows of these sources. schedules: False leaves them out, as on a laptop."""
    sources = list(catalog.sources.values())
    parts = [
        dg.Definitions(
            assets=build_assets(source, catalog.bases[source.name]),
            asset_checks=build_checks(source, catalog.bases[source.name]),
        )
        for source in sources
    ]
    timed = dg.Definitions(schedules=build_schedules(sources) if schedules else [], executor=dg.in_process_executor)
    return dg.Definitions.merge(build_catalog(catalog), *parts, timed)


@dg.definitions
def defs() -> dg.Definitions:
    """What `workspace.yaml` loads. `dagster definitions validate` is strict; a running UI keeps the healthy entries."""
    environment = read_environment(os.environ)
    catalog = load_sources(environment.sources)
    if os.environ.get("DAGSTER_IS_DEFS_VALIDATION_CLI"):
        catalog = catalog.strict()
    return build_definitions(catalog, schedules=environment.schedules)
