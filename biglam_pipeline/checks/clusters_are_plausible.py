"""No cluster of duplicates is so large that it must be a mistake: a masthead, or a placeholder, taken for a page."""

import math

import polars as pl

from biglam_pipeline.checks.view import View
from biglam_pipeline.clearance import Finding

STAGE = "shards"
SMALL = 20
"""Rows of a cluster that is too small to be looked at."""
MOST = 0.5
"""Share from which a wider limit would hold nothing that is worth holding, so that none is advised."""


def _above(share: float) -> float:
    """A share that allows it, with a little room."""
    return min(1.0, math.ceil(share * 20 + 0.5) / 20)


def _judged(view: View) -> pl.DataFrame:
    """id and cluster of the rows whose cluster may be a mistake.

    Records and rows of tables that are equal in everything, and all still there, are no guess: half of the answers to
    a question are yes.
    """
    manifest = view.manifest()
    clusters = view.shards.clusters(manifest)
    modalities = view.source.modalities
    if "metadata" not in modalities:
        return clusters
    others = clusters.clear()
    if len(modalities) > 1:  # a cluster is called by its keeper, which is published
        records = [part for part in manifest.parts if view.section(part).modality == "metadata"]
        keepers = [pl.DataFrame(pl.from_arrow(view.shards.table(part, ["id"])))["id"] for part in records]
        of_records = pl.col("cluster").is_in(pl.concat([clusters["id"].clear(), *keepers]).implode())
        clusters, others = clusters.filter(of_records), clusters.filter(~of_records)
    gone = clusters.join(view.shards.removed(manifest).select("id"), on="id", how="semi")
    return pl.concat([others, clusters.join(gone.select("cluster").unique(), on="cluster", how="semi")])


def run(view: View) -> Finding:
    """The largest cluster, dropped rows included, against the share that the entry allows."""
    manifest, allowed = view.manifest(), view.source.dedup.largest_cluster
    rows = manifest.tally.published + manifest.tally.duplicate
    judged = _judged(view)
    counted = judged.group_by("cluster").len()
    sizes = counted.sort(["len", "cluster"], descending=[True, False])
    name, largest = sizes.row(0) if sizes.height else ("", 0)
    share = largest / rows if rows else 0.0
    others = judged.filter((pl.col("cluster") == name) & (pl.col("id") != name))["id"]
    such = f", such as {sorted(others.to_list())[0]}" if len(others) else ""
    problems = []
    wider = f"Where they do repeat each other, say `dedup: {{largest_cluster: ..{_above(share):g}}}`. " * (share < MOST)
    taken_down = manifest.tally.taken_down  # could have been published, and counts as if it were
    if largest > SMALL and not allowed.meets(share, largest / (rows + taken_down)):
        problems.append(
            f"the largest cluster of duplicates, that of {name}, has {largest} of {rows} rows ({share:.1%}){such}, "
            f"more than {allowed[1]:g}; look at some of them: `dup_of` is {name} in the parts on the shelf, `keeper` "
            f"in its removed.parquet. {wider}Where they only look so, `near: none`; where they are equal and each "
            "counts, `exact: none, near: none`"
        )
    good = f"{sizes.height} clusters of duplicates, {largest} rows in the largest"
    numbers = {"clusters": sizes.height, "largest": largest, "share": round(share, 4)}
    return view.finding("clusters_are_plausible", STAGE, problems, good, numbers)
