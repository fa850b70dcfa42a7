"""Runs one source through Dagster in this process, so that the UI shows the run like any other."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import dagster as dg
from dagster._utils.interrupts import capture_interrupts
from dagster_shared.error import SerializableErrorInfo

from biglam_pipeline.defs.assets import STAGES, Stage, asset_key, build_assets, run_tags
from biglam_pipeline.defs.checks import build_checks
from biglam_pipeline.defs.database import instance_at
from biglam_pipeline.defs.executing import held
from biglam_pipeline.defs.instance import sweep
from biglam_pipeline.defs.opening import STOPPED
from biglam_pipeline.defs.queueing import NIGHT, PLACE
from biglam_pipeline.defs.wording import as_said
from biglam_pipeline.errors import BiglamError, Exit
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
    status: Exit = Exit.GOOD
    """What a command that runs nothing else ends with."""


def run_source(source: Source, base: Path, home: Path, *, to: Stage = "hub", stages: Sequence[Stage] = ()) -> Outcome:
    """`run_in`, for who takes one source through. home: DAGSTER_HOME, prepared."""
    with instance_at(home) as instance:
        return run_in(instance, source, base, to=to, stages=stages)


def run_in(
    instance: dg.DagsterInstance,
    source: Source,
    base: Path,
    *,
    to: Stage = "hub",
    stages: Sequence[Stage] = (),
    night: str = "",
) -> Outcome:
    """Materializes a source's stages up to `to`, or just `stages`, with their checks, in one run.

    instance: of a home, opened by `instance_at`; many runs may follow each other in it. A failed blocking check ends
    the run; what was shelved before it stays. night: the run of `nights` that this is done within.
    """
    chosen = tuple(stages) or STAGES[: STAGES.index(to) + 1]
    definitions = dg.Definitions(assets=build_assets(source, base), asset_checks=build_checks(source, base))
    keys = [asset_key(source, stage) for stage in chosen]
    job = dg.define_asset_job("run", dg.AssetSelection.assets(*keys), executor_def=dg.in_process_executor)
    whole = dg.Definitions.merge(definitions, dg.Definitions(jobs=[job]))
    run_id = str(uuid.uuid4())
    sweep(instance)
    # Steps are interrupted by Dagster's own handlers; what comes behind the last, as a second signal of one wish does,
    # must not keep the run from being noted as canceled.
    with held(Path(instance.root_directory), run_id), capture_interrupts():
        result = whole.resolve_job_def("run").execute_in_process(
            instance=instance,
            raise_on_error=False,
            run_config=_QUIET,
            tags=run_tags(source) | ({NIGHT: night} if night else {PLACE: "taken"}),
            run_id=run_id,
            asset_selection=keys,  # so that a tick sees what is going
        )
        stopped = any(_is_stop(event) for event in result.get_step_failure_events())
        run = instance.get_run_by_id(run_id)
        if stopped and run is not None and run.status != dg.DagsterRunStatus.CANCELED:
            instance.report_run_canceled(run, STOPPED)  # between two steps, where no work of ours noticed
    return _outcome(result, stopped=stopped)


def _outcome(result: dg.ExecuteInProcessResult, *, stopped: bool) -> Outcome:
    done = tuple(event.asset_key.path[-1] for event in result.get_asset_materialization_events() if event.asset_key)
    if stopped:
        return Outcome(False, done, status=Exit.STOPPED)
    missed = [one for one in result.get_asset_check_evaluations() if not one.passed]
    reported = {severity: [_sentence(one) for one in missed if one.severity == severity] for severity in _SEVERITIES}
    failures, advice = reported[dg.AssetCheckSeverity.ERROR], reported[dg.AssetCheckSeverity.WARN]
    failed = result.get_step_failure_events()
    failures += [said for event in failed if (said := _reported(event))]
    advice = [one for one in advice if ".documentation_is_complete:" not in one]
    return Outcome(result.success, done, tuple(failures), tuple(advice), _status(result.success, failed))


def _status(success: bool, failed: Sequence[dg.DagsterEvent]) -> Exit:
    """A wait has a status of its own; what a person must mend in one of several sources is a failed source."""
    if success:
        return Exit.GOOD
    data = [event.step_failure_data.user_failure_data for event in failed]
    named = [one.metadata.get("exit_status") if one else None for one in data]
    found = {Exit(one.value) if isinstance(one, dg.IntMetadataValue) and one.value else Exit.FAILED for one in named}
    status = found.pop() if len(found) == 1 else Exit.FAILED
    return Exit.FAILED if status == Exit.MEND else status


def _is_stop(event: dg.DagsterEvent) -> bool:
    """Whether a step was ended by a signal, and not by a fault."""
    error = event.step_failure_data.error
    while error is not None:
        if error.cls_name in {"DagsterExecutionInterruptedError", "KeyboardInterrupt"}:
            return True
        error = error.cause
    return False


def _sentence(evaluation: dg.AssetCheckEvaluation) -> str:
    return f"{evaluation.asset_key.path[-1]}.{evaluation.check_name}: {as_said(evaluation.description or '')}"


def _reported(event: dg.DagsterEvent) -> str:
    """The sentence of a step's failure; nothing for a failed check, which has said its own."""
    error = event.step_failure_data
    said = error.user_failure_data.description if error.user_failure_data else None
    if said:
        return said
    return _sentence_of(error.error)


_OURS = {"BiglamError", *(kind.__name__ for kind in BiglamError.__subclasses__())}


def _sentence_of(error: SerializableErrorInfo | None) -> str:
    """What the outermost of our own errors says: it explains what is below it. Without one, the innermost cause."""
    innermost = error
    while error is not None:
        if error.cls_name in _OURS:
            return error.message.partition(": ")[2].strip() or error.message.strip()
        innermost, error = error, error.cause
    if innermost is None or "DagsterAssetCheckFailedError" in (innermost.cls_name or ""):
        return ""
    return innermost.message.strip()
