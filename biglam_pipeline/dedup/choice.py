"""What a source says about its doubles, in the `dedup` block of sources.yaml."""

from typing import Literal

from biglam_pipeline.settings import Bounds, Range, Settings


class Dedup(Settings):
    """What happens to rows that repeat each other."""

    exact: Literal["rows", "drop", "flag", "none"] = "rows"
    """rows: rows equal in everything but identifiers are dropped, equal texts or pictures are flagged. drop: equal
    ones are dropped too. flag: nothing is dropped, equal ones are flagged. none: doubles are left alone."""
    near: Literal["flag", "drop", "none"] = "flag"
    """Texts or pictures that are the same but for noise, equal ones among them. flag: each row names its cluster, the
    row it repeats, and how similar it is. drop: only the first of a cluster is published. none: not looked for."""
    recall: Literal["standard", "high"] = "standard"
    """high: finds more of very noisy copies, and takes longer."""
    unit: Literal["page", "book"] = "page"
    """What a text is like: to about 20 KB, or whole books."""
    largest_cluster: Range = Bounds((0.0, 0.05))
    """Share of the rows that the largest cluster may be; a larger one is a mistake, and stops publication."""
