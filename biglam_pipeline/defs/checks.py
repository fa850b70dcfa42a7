"""The core's findings as Dagster's asset checks: one op a shelf, so that its data is read once.

https://docs.dagster.io/guides/test/asset-checks. A blocking check protects one run only; what protects the upload is
the clearance inside publish_source.
"""

import sys
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import dagster as dg

from biglam_pipeline import clearing
from biglam_pipeline.checks import CHECKS
from biglam_pipeline.clearance import Finding
from biglam_pipeline.defs.assets import NOTHING_IN, STAGES, Stage, asset_key
from biglam_pipeline.defs.opening import opened
from biglam_pipeline.defs.wording import sentence
from biglam_pipeline.source import Source

_PERHAPS = dg.Out(dg.Nothing, is_required=False)
"""One finding; a run may ask for some of a shelf's."""


def build_checks(source: Source, base: Path) -> list[dg.AssetChecksDefinition]:
    """The checks of the four shelves."""
    return [_build(source, base, stage) for stage in STAGES]


def _build(source: Source, base: Path, stage: Stage) -> dg.AssetChecksDefinition:
    key = asset_key(source, stage)
    specs = [dg.AssetCheckSpec(asset=key, **about) for about in _abouts(stage)]

    def compute(context: dg.AssetCheckExecutionContext, _inputs: Mapping[str, object]) -> Iterator[dg.AssetCheckResult]:
        chosen = frozenset(key.name for key in context.selected_asset_check_keys)
        with opened(context) as run:
            view = clearing.view_of(run, source, base, stage)
            for finding in clearing.run_checks(view, chosen):
                if not finding.passed:  # Dagster's own line for a failed check gives its name, not its reason
                    context.log.warning(f"{finding.check}: {finding.summary}")
                yield _result(finding, key)

    by_output = {spec.get_python_identifier(): spec for spec in specs}
    op = dg.OpDefinition(  # by the classes behind the decorator: see `_asset`
        compute_fn=compute,
        name=f"{source.key}_{stage}_checks",
        ins={stage: NOTHING_IN},
        outs=dict.fromkeys(by_output, _PERHAPS),
    )
    built: dg.AssetChecksDefinition = dg.AssetChecksDefinition.create(
        keys_by_input_name={stage: key}, node_def=op, check_specs_by_output_name=by_output, can_subset=True
    )
    return built


@cache
def _abouts(stage: Stage) -> list[dict[str, Any]]:
    """What Dagster shows of each check of a shelf, whichever source it is of."""
    return [
        {
            "name": name,
            "blocking": stage != "hub",  # a finding that is advice warns, and a warning stops nothing
            "description": (sys.modules[check.__module__].__doc__ or name).strip(),
        }
        for name, check in CHECKS[stage].items()
    ]


def _result(finding: Finding, key: dg.AssetKey) -> dg.AssetCheckResult:
    severity = dg.AssetCheckSeverity.WARN if finding.advice else dg.AssetCheckSeverity.ERROR
    return dg.AssetCheckResult(
        asset_key=key,
        check_name=finding.check,
        passed=finding.passed,
        severity=severity,
        description=sentence(finding.summary),
        metadata=dict(finding.numbers),
    )
