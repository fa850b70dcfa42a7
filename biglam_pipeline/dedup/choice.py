"""What a source says about its duplicates, in the `dedup` block of sources.yaml."""

import math
from typing import Annotated, Literal

from pydantic import AfterValidator

from biglam_pipeline.settings import Bounds, Settings, Share, check_most


class Dedup(Settings):
    """What happens to rows that repeat each other."""

    exact: Literal["rows", "drop", "flag", "none"] | None = None
    """By default what a row is decides. A whole (issue, book, document) that equals another in everything but
    identifiers is dropped, and so are all parts of one that equal those of another in order: it was delivered twice.
    Parts (page, article, line), pictures, rows of tables and records are flagged. rows: equal rows are dropped,
    whatever they are. drop: those of equal texts or pictures too. flag: nothing is dropped. none: nor flagged. What is
    left goes on to `near`."""
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
    largest_share: Annotated[Share, AfterValidator(check_most)] = Bounds((-math.inf, 0.2))
    """Share of the rows that may be dropped as duplicates. Where more are, and 20 at least, nothing is published before
    a person has looked."""
