"""What a source says about its doubles, in the `dedup` block of sources.yaml."""

from typing import Literal

from biglam_pipeline.settings import Settings


class Dedup(Settings):
    """What happens to rows that repeat each other."""

    exact: Literal["rows", "drop", "flag", "none"] = "rows"
    """rows: rows equal in everything but identifiers are dropped, equal texts are flagged. drop: equal texts are
    dropped too. flag: nothing is dropped, equal texts are flagged. none: doubles are left alone."""
