"""No cluster of doubles is so large that it must be a mistake: a masthead, or a placeholder, taken for a page."""

import polars as pl

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "shards"
SMALL = 20
"""Rows of a cluster that is too small to be looked at."""


def run(view: View) -> Finding:
    """The largest cluster, dropped rows included, against the share that the entry allows."""
    manifest, allowed = view.manifest(), view.source.dedup.largest_cluster
    rows = manifest.tally.published + manifest.tally.duplicate
    sizes = _sizes(view)
    name, largest = sizes.row(0) if sizes.height else ("", 0)
    share = largest / rows if rows else 0.0
    problems = []
    if largest > SMALL and share not in allowed:
        problems.append(
            f"the largest cluster of doubles, that of {name}, has {largest} of {rows} rows ({share:.1%}), more than "
            f"{allowed}; look at some of them: where they do repeat each other, raise dedup.largest_cluster, else say "
            "`near: none`, or `exact: none` where they are equal and each counts"
        )
    good = f"{sizes.height} clusters of doubles, {largest} rows in the largest"
    numbers = {"clusters": sizes.height, "largest": largest, "share": round(share, 4)}
    return view.finding("clusters_are_plausible", STAGE, problems, good, numbers)


def _sizes(view: View) -> pl.DataFrame:
    """Keeper and rows of each cluster, the largest first; marked rows and dropped ones count alike."""
    manifest = view.manifest()
    empty = pl.DataFrame(schema={"id": pl.String, "dup_cluster_id": pl.String})
    parts = [view.shards.table(part, list(empty.columns)) for part in manifest.parts]
    marked = pl.concat([empty, *(pl.DataFrame(pl.from_arrow(part)) for part in parts)])
    gone = [row["keeper"] for row in view.shards.removed(manifest) if row["reason"] != "identifier_repeated"]
    dropped = pl.DataFrame({"id": gone}, {"id": pl.String}).join(marked, on="id", how="left")
    clusters = pl.concat(
        [
            marked["dup_cluster_id"].drop_nulls(),
            dropped.select(pl.coalesce("dup_cluster_id", "id")).to_series(),
            # A keeper of dropped rows that is marked with no cluster is a row of theirs too.
            dropped.filter(pl.col("dup_cluster_id").is_null())["id"].unique(),
        ]
    )
    sizes = clusters.alias("keeper").value_counts(sort=True)
    return sizes.sort(["count", "keeper"], descending=[True, False])
