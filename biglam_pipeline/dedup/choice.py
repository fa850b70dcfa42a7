"""What a source says about its doubles, in the `dedup` block of sources.yaml."""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator

from biglam_pipeline.settings import Bounds, Settings, Share, check_most


class Dedup(Settings):
    """What happens to rows that repeat each other."""

    exact: Literal["rows", "drop", "flag", "none"] = "rows"
    """rows: rows equal in everything but identifiers are dropped, equal texts or pictures are flagged. drop: equal
    ones are dropped too. flag: equal ones are flagged. none: left alone. What is left goes on to `near`."""
    near: Literal["flag", "drop", "none"] = "flag"
    """Texts or pictures that are the same but for noise, and equal ones whatever `exact` says of them. flag: each row
    names its cluster, the row it repeats, and how similar it is. drop: only the first of a cluster is published.
    none: not looked for."""
    recall: Literal["standard", "high"] = "standard"
    """high: finds more of very noisy copies, and takes longer."""
    unit: Literal["page", "book"] = "page"
    """What a text is like: to about 20 KB, or whole books."""
    largest_cluster: Annotated[Share, AfterValidator(check_most)] = Bounds((-math.inf, 0.05))
    """Share of the rows that the largest cluster may be. A larger one of more than 20 rows is taken for a mistake, and
    stops publication."""
