"""Every record that was seen is accounted for: published, or left out for a reason that is counted."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "shards"


def run(view: View) -> Finding:
    """The two sums, and the rows of the parts against the tally."""
    manifest = view.manifest()
    tally, rows = manifest.tally, sum(part.rows for part in manifest.parts)
    problems = [] if tally.adds_up else [f"the sums do not close: {tally.as_dict()}; materialize shards again"]
    if rows != tally.published:
        problems.append(f"the parts hold {rows} rows, the tally says {tally.published}; materialize shards again")
    good = f"{tally.seen} seen, {tally.current} current, {tally.published} published"
    return view.finding("tally_adds_up", STAGE, problems, good, tally.as_dict())
