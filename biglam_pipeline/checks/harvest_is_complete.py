"""The harvest can prove that it is whole: a part of a collection is never published as the collection.

One that cannot, and of which nothing is missing that anybody knows, is unproven: then a person says how many rows are
due at least, and `expectations_hold` counts them.
"""

import math
from collections.abc import Mapping

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "raw"
NIGHTLY = True


def run(view: View) -> Finding:
    """Fails for each object that should have come and did not, with its address, cause and remedy."""
    harvest = view.harvest()
    problems = [_said(one) for one in harvest.missing]
    if not harvest.complete and not problems:
        problems = [f"harvest {harvest.number} cannot show that it is whole: {harvest.proof}; materialize raw again"]
    rows = view.source.expect.rows
    if harvest.unproven and not problems and (rows is None or math.isinf(rows[0])):
        due = "look at the source; if it is all there, write how many rows are due at least: `expect: {rows: NUMBER..}`"
        problems = [f"harvest {harvest.number} is unproven: {harvest.unproven}; {due}"]
    standing = f"unproven ({harvest.unproven}), and held against expect.rows {rows}" if harvest.unproven else "whole"
    return view.finding(
        "harvest_is_complete",
        STAGE,
        problems,
        f"harvest {harvest.number} is {standing}: {harvest.proof}",
        {
            "objects": harvest.objects,
            "missing": len(harvest.missing),
            "bytes": harvest.size,
            **harvest.left_out,
        },
    )


def _said(missing: Mapping[str, str]) -> str:
    """A member of an archive is named by its own place: the archive did come."""
    if missing["detail"].startswith(f"{missing['key']} "):
        return f"{missing['detail']}, or leave it out with `harvest: {{ignore: PATTERN}}`"
    return f"{missing['url']} did not come ({missing['reason']}): {missing['detail']}"
