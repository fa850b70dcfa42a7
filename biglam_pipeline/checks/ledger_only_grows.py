"""Every line that the takedown ledger had about the source at the last release is still in it, unchanged."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding
from biglam_pipeline.takedown import NAME

STAGE = "shards"
NIGHTLY = True


def run(view: View) -> Finding:
    """Compares the ledger of the last release and that of the shards, by their lines' digests, with that of today."""
    today = set(view.ledger.lines)
    known = dict.fromkeys([*(view.released.takedowns if view.released else ()), *view.manifest().takedowns])
    gone = [line for line in known if line not in today]
    problems = []
    if gone:
        problems.append(
            f"{len(gone)} of {len(known)} lines about {view.source.name} are gone from {NAME}, or were changed (sha256 "
            f"{', '.join(line[:12] for line in gone[:3])}); put them back as they were from a backup, and take a "
            "decision back by a new line with action `restored`"
        )
    good = f"{len(known)} lines, all as they were"
    return view.finding("ledger_only_grows", STAGE, problems, good, {"lines": len(today), "gone": len(gone)})
