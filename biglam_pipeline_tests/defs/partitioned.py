"""Definitions for one test: demo_closed with partitioned shards, whose check fails, above the real upload.

Dagster stops a run at a failed blocking check, but a backfill goes on with the next asset in a run of its own.
"""

import os
from pathlib import Path

import dagster as dg

from biglam_pipeline.defs.assets import build_assets
from biglam_pipeline.source import load_sources

_parts = dg.StaticPartitionsDefinition(["before_1950", "after_1950"])


@dg.asset(key_prefix="demo_closed", partitions_def=_parts)
def shards() -> dg.MaterializeResult[None]:
    """Stands for shards made a part at a time; the real ones are on the shelf already."""
    return dg.MaterializeResult()


@dg.asset_check(asset=shards, blocking=True)
def open_licence() -> dg.AssetCheckResult:
    """Fails for every partition."""
    return dg.AssetCheckResult(passed=False)


@dg.definitions
def defs() -> dg.Definitions:
    """The stand-in, its check, and the upload that the package builds."""
    catalog = load_sources([Path(os.environ["BIGLAM_SOURCES"])])
    source = catalog.get("demo_closed")
    upload = build_assets(source, catalog.bases["demo_closed"])[-1]
    return dg.Definitions(assets=[shards, upload], asset_checks=[open_licence])
