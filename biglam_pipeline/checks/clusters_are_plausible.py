"""No cluster of doubles is so large that it must be a mistake: a masthead, or a placeholder, taken for a page."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "shards"
SMALL = 20
"""Rows of a cluster that is too small to be looked at."""


def run(view: View) -> Finding:
    """The largest cluster against the share that the entry allows."""
    manifest = view.manifest()
    found, allowed = manifest.doubles, view.source.dedup.largest_cluster
    rows = manifest.tally.published + manifest.tally.duplicate
    largest = found.get("largest", 0)
    share = largest / rows if rows else 0.0
    problems = []
    if largest > SMALL and share not in allowed:
        problems.append(
            f"the largest cluster of doubles has {largest} of {rows} rows ({share:.1%}), more than {allowed}; look at "
            "some of its rows: where they do repeat each other, raise dedup.largest_cluster, else say `near: none`"
        )
    good = f"{found.get('clusters', 0)} clusters of doubles, {largest} rows in the largest"
    numbers = {"clusters": found.get("clusters", 0), "largest": largest, "share": round(share, 4)}
    return view.finding("clusters_are_plausible", STAGE, problems, good, numbers)
