"""Every line of the takedown ledger still names rows of today, or somebody has said that there are none any more."""

import json
import shlex

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.takedown import NAME, Line, unfit_lines

STAGE = "shards"
NIGHTLY = True
_SHOWN = 3


def run(view: View) -> Finding:
    """A READ whose constant `config` was changed makes rows of other identifiers: what was taken down would come in."""
    names, lines = view.source.section_names, len(view.ledger.kept)
    before = {*(view.profile.sections if view.profile else ()), *view.manifest().sections.values()}
    unfit = unfit_lines(view.ledger, names, before)
    problems = [_said(view.source.name, unfit, names)] if unfit else []
    good = f"{lines} lines are in force, and name rows of today"
    return view.finding("ledger_fits", STAGE, problems, good, {"in_force": lines, "fit_nothing": len(unfit)})


def _said(source: str, unfit: list[Line], names: list[str]) -> str:
    shown = [line.record_id or f"hmac-{line.record_hmac}" for line in unfit[:_SHOWN]]
    more = f" and {len(unfit) - _SHOWN} more" if len(unfit) > _SHOWN else ""
    first, named = unfit[0], next(filter(None, names), "")
    record = (first.record_id or "").rpartition(":")[2] or "RECORD"
    again = shlex.quote(f"{named}:{record}" if named else record)
    retired = {"source_id": source, "action": "retired"}
    retired |= {"record_id": first.record_id} if first.record_id else {"record_hmac": first.record_hmac or ""}
    there = ", ".join(f"`{name}`" if name else "rows without a section" for name in names)
    return (
        f"{', '.join(shown)}{more} of {NAME} keep nothing out: no READ makes such rows any more (there are {there}). "
        f"Where they are called otherwise now, take them down by that name, as in `biglam takedown {source} {again} "
        f"--ground {first.ground} --unseen`. Then, and where there are none any more, append the line "
        f"{json.dumps(retired)}"
    )
