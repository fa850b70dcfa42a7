"""Nothing that the takedown ledger keeps out stands in the parts, nor beside them."""

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "shards"


def run(view: View) -> Finding:
    """Reads the ids of all parts, and whose duplicates were removed. Tolerance: none."""
    manifest, ledger = view.manifest(), view.ledger
    problems = []
    for part in manifest.parts:
        out = ledger.among(view.shards.table(part, ["id"])["id"].to_pylist())
        problems += [f"{name} was taken down and stands in {part.path}" for name in sorted(out)]
    for row in view.shards.removed(manifest).iter_rows(named=True):
        named = ledger.among([row["id"], row["keeper"]])
        if named and row["reason"] != "identifier_repeated":
            problems.append(f"{min(named)} was taken down and stands in removed.parquet as a duplicate")
    reported = [f"{one}; materialize normalized and shards again" for one in problems]
    good = f"{manifest.tally.taken_down} records are taken down, none of them is in the parts"
    return view.finding("takedown_is_applied", STAGE, reported, good, {"taken_down": manifest.tally.taken_down})
