"""The checks of one source, run again on the very data that is about to go up; only these grant a clearance.

A check that Dagster ran protects one run; what protects a publication is here, whoever starts it (decision 0005).
"""

from pathlib import Path

import pyarrow as pa

from biglam_pipeline.checks import CHECKS
from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Clearance, Finding, required
from biglam_pipeline.context import RunContext
from biglam_pipeline.errors import ConfigError, ObjectFailed, RightsWithheld, ShelfDamaged
from biglam_pipeline.harvest.visit import Origin
from biglam_pipeline.inputs import ledger_of, published_schemas
from biglam_pipeline.releasing.remembered import last_profile, last_release
from biglam_pipeline.source import Source
from biglam_pipeline.source.origins import all_behind
from biglam_pipeline.store.parts import Manifest
from biglam_pipeline.store.raw import RawShelf


def view_of(run: RunContext, source: Source, base: Path, digest: str) -> View:
    """One source as its checks see it."""
    return View(
        source=source,
        raw=run.raw(source),
        normalized=run.normalized(source),
        shards=run.shards(source),
        schemas=published_schemas(source),
        digest=digest,
        today=run.now().date(),
        ledger=ledger_of(run, base, source),
        released=last_release(run, source),
        profile=last_profile(run, source),
        origins=[(one, run.raw(one)) for one in all_behind(source)],
        hub=run.shelf.at(f"{source.name}/hub"),
    )


def run_checks(view: View, names: frozenset[str]) -> list[Finding]:
    """The findings of these checks; one that cannot look at its data is a finding that failed."""
    findings = []
    for stage, checks in CHECKS.items():
        for name in sorted(checks.keys() & names):
            try:
                findings.append(checks[name](view))
            except (ShelfDamaged, pa.ArrowException, OSError) as damage:
                findings.append(Finding(name, stage, view.digest, False, str(damage)))
    return findings


def cleared(view: View) -> Clearance:
    """The clearance for what the view is of; RightsWithheld where a required check does not pass."""
    return Clearance.grant(view.source.name, run_checks(view, required()), view.digest)


def origin_of(run: RunContext, source: Source, name: str) -> Origin:
    """Another source that this one is made of: what it has laid, and its gate. ConfigError where it is none."""
    known = source.made_of.get(name)
    if known is None:
        raise ConfigError(f"{source.name}: harvest: there is no source `{name}` beside it; correct the name")
    origin, base = known

    def clear(manifest: Manifest) -> None:
        released = last_release(run, origin)
        if released is not None and released.content == manifest.content:
            return  # it was cleared as it is
        try:
            cleared(view_of(run, origin, base, manifest.digest))
        except (RightsWithheld, ConfigError) as why:
            detail = f"what {name} has laid may not be read: {why}; mend that, and run `biglam run {name}` first"
            raise ObjectFailed("restricted", detail) from why

    return Origin(run.shards(origin), clear)


def incomplete(source: Source, raw: RawShelf) -> str:
    """Why the newest harvest is not whole, with what is missing first."""
    harvest = raw.latest()
    missing = harvest.missing if harvest else ()
    reported = "; ".join(f"{one['url']}: {one['detail']}" for one in missing[:5]) or (harvest.proof if harvest else "")
    number = harvest.number if harvest else 0
    return f"{source.name}: harvest {number} is not whole, so the shards stay as they are: {reported}"


def nothing_to_publish(run: RunContext, source: Source, base: Path) -> Exception:
    """Why there are no shards: a gap in the harvest, rights that let nothing be laid, or a stage that did not run."""
    harvest = run.raw(source).latest()
    if harvest is not None and not harvest.complete:
        return RightsWithheld(incomplete(source, run.raw(source)))
    if run.normalized(source).current() is not None:
        [finding] = run_checks(view_of(run, source, base, "normalized"), frozenset({"open_licence"}))
        if not finding.passed:
            said = f"{source.name} is not published:\n  - {finding.check}: {finding.summary}"
            return RightsWithheld(said, [finding.summary] if finding.closes else [])
    return ShelfDamaged(f"{source.name}: there are no shards yet; materialize raw, normalized and shards first")
