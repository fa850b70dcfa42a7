"""No row in the parts has rights that the entry does not accept. Tolerance: none."""

import polars as pl

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "shards"


def run(view: View) -> Finding:
    """Reads tier and id of every row that is about to be published."""
    manifest, accepted = view.manifest(), view.source.accepted
    problems: list[str] = []
    rows = 0
    for part in manifest.parts:
        table = view.shards.table(part, ["id", "rights_tier", "rights_uri"])
        frame = pl.DataFrame(pl.from_arrow(table))
        rows += frame.height
        closed = frame.filter(~pl.col("rights_tier").is_in(list(accepted)))
        problems += [
            f"{name} has tier {tier} ({uri or 'no statement'}), which is not accepted; materialize shards again"
            for name, tier, uri in closed.iter_rows()
        ]
    closes = bool(problems)
    if not rows:
        problems.append(
            f"there is no row to publish: {manifest.tally.withheld} are withheld ({_why(manifest.withheld)})"
        )
    good = f"all {rows} rows have accepted rights"
    return view.finding(
        "every_row_is_licensed",
        STAGE,
        problems,
        good,
        {"rows": rows, "withheld": manifest.tally.withheld},
        closes=closes,
    )


def _why(withheld: dict[str, int]) -> str:
    return "; ".join(f"{reason}: {count}" for reason, count in list(withheld.items())[:3]) or "nothing was read"
