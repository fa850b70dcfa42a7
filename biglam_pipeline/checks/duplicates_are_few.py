"""Not so many rows were dropped as duplicates that it must be a mistake: of what a row is, or of what was mapped."""

import math

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "shards"
FEWEST = 20
"""Dropped rows from which their share says something."""
MOST = 0.9
"""Share from which a wider limit would hold nothing any more."""
_WHY = {
    "exact_row": "equal in everything but identifiers",
    "exact_parent": "parts of wholes that came twice",
    "exact_text": "of equal text or picture",
    "near": "the same but for noise",
}


def run(view: View) -> Finding:
    """Rows dropped, of all that could have been published, against the share that the entry allows.

    What was taken down could have been too: a takedown is no reason to doubt what was dropped before.
    """
    manifest, allowed = view.manifest(), view.source.dedup.largest_share
    dropped, rows = manifest.tally.duplicate, manifest.tally.published + manifest.tally.duplicate
    share = dropped / rows if rows else 0.0
    reasons = {reason: count for reason in _WHY if (count := manifest.doubles.get(reason, 0))}
    problems = []
    if dropped >= FEWEST and not allowed.meets(share, dropped / (rows + manifest.tally.taken_down)):
        why = ", ".join(f"{count} {_WHY[reason]}" for reason, count in reasons.items())
        problems.append(
            f"{dropped} of {rows} rows were dropped as duplicates ({share:.1%}; {why}), more than {allowed[1]:g}; look "
            f"at some of them and their keepers in removed.parquet on the shelf. {_remedy(reasons, share)}"
        )
    good = f"{dropped} of {rows} rows were dropped as duplicates"
    numbers = {"dropped": dropped, "share": round(share, 4)}
    return view.finding("duplicates_are_few", STAGE, problems, good, numbers)


def _remedy(reasons: dict[str, int], share: float) -> str:
    """What to say in the entry, by what dropped most of them. A limit that would hold nothing is no remedy."""
    near = reasons.get("near", 0) > sum(count for reason, count in reasons.items() if reason != "near")
    marked = "near: flag" if near else "exact: flag" if not reasons.get("near") else "exact: flag, near: flag"
    said = (
        f"Where each of them counts, publish them marked: `dedup: {{{marked}}}`; where columns that tell them apart are"
    )
    said += " not mapped, map them; where a whole delivery came twice, harvest one of them"
    if share < MOST:
        least = min(MOST, math.ceil(share * 20 + 0.5) / 20)
        said += f"; where they do repeat each other and shall go, say `dedup: {{largest_share: ..{least:g}}}`"
    return said
