"""No identifier stands in the parts twice."""

import polars as pl

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "shards"


def run(view: View) -> Finding:
    """Reads the ids of all parts."""
    manifest = view.manifest()
    ids = pl.concat(
        [pl.Series("id", [], pl.String)]
        + [pl.Series("id", view.shards.table(part, ["id"])["id"].to_pylist(), pl.String) for part in manifest.parts]
    )
    twice = ids.filter(ids.is_duplicated()).unique(maintain_order=True).to_list()
    problems = [f"{name} stands in the parts more than once; materialize shards again" for name in twice]
    return view.finding(
        "ids_are_unique", STAGE, problems, f"{len(ids)} identifiers, each once", {"repeated": len(twice)}
    )
