"""Runs one source through Dagster in this process, so that the UI shows the run like any other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg

from biglam_pipeline.defs.assets import STAGES, Stage, asset_key, build_assets
from biglam_pipeline.defs.checks import build_checks
from biglam_pipeline.defs.wording import as_said
from biglam_pipeline.source import Source

_SEVERITIES = (dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN)
_QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a run."""

    success: bool
    done: tuple[str, ...]
    """Stages that were materialized."""
    failures: tuple[str, ...] = field(default=())
    """Failed checks and errors, each a sentence for a person."""
    advice: tuple[str, ...] = field(default=())
    """Checks that warn, likewise; what the entry alone lacks is left to `biglam check`, which says it at its line."""


def run_source(source: Source, base: Path, home: Path, *, to: Stage = "hub", stages: Sequence[Stage] = ()) -> Outcome:
    """Materializes a source's stages up to `to`, or just `stages`, with their checks, in one run.

    home: DAGSTER_HOME, prepared. A failed blocking check ends the run; what was shelved before it stays.
    """
    chosen = tuple(stages) or STAGES[: STAGES.index(to) + 1]
    definitions = dg.Definitions(assets=build_assets(source, base), asset_checks=build_checks(source, base))
    selection = dg.AssetSelection.assets(*(asset_key(source, stage) for stage in chosen))
    job = dg.define_asset_job("run", selection, executor_def=dg.in_process_executor)
    whole = dg.Definitions.merge(definitions, dg.Definitions(jobs=[job]))
    with dg.DagsterInstance.from_config(str(home)) as instance:
        result = whole.resolve_job_def("run").execute_in_process(
            instance=instance, raise_on_error=False, run_config=_QUIET, tags={"biglam/source": source.key}
        )
        done = [event.asset_key for event in result.get_asset_materialization_events()]
        missed = [one for one in result.get_asset_check_evaluations() if not one.passed]
        told = {severity: [_sentence(one) for one in missed if one.severity == severity] for severity in _SEVERITIES}
        failures, advice = told[dg.AssetCheckSeverity.ERROR], told[dg.AssetCheckSeverity.WARN]
        failures += [said for event in result.get_step_failure_events() if (said := _told(event))]
    advice = [one for one in advice if ".documentation_is_complete:" not in one]
    return Outcome(result.success, tuple(key.path[-1] for key in done if key), tuple(failures), tuple(advice))


def _sentence(evaluation: dg.AssetCheckEvaluation) -> str:
    return f"{evaluation.asset_key.path[-1]}.{evaluation.check_name}: {as_said(evaluation.description or '')}"


def _told(event: dg.DagsterEvent) -> str:
    """The sentence of a step's failure; nothing for a failed check, which has told its own."""
    error = event.step_failure_data
    said = error.user_failure_data.description if error.user_failure_data else None
    if said:
        return said
    cause = error.error
    while cause is not None and cause.cause is not None:
        cause = cause.cause
    if cause is None or "DagsterAssetCheckFailedError" in (cause.cls_name or ""):
        return ""
    return cause.message.strip()
