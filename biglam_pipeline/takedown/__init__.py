"""What must not be published: the ledger, what it keeps out of slices, and what it leaves of raw objects."""

from biglam_pipeline.takedown.fitting import section_in, unfit_lines
from biglam_pipeline.takedown.ledger import (
    GROUNDS,
    KEY_SETTING,
    NAME,
    Ground,
    Ledger,
    Line,
    Published,
    digest_of,
    encode_line,
    read_ledger,
    read_lines,
)

__all__ = [
    "GROUNDS",
    "KEY_SETTING",
    "NAME",
    "Ground",
    "Ledger",
    "Line",
    "Published",
    "digest_of",
    "encode_line",
    "read_ledger",
    "read_lines",
    "section_in",
    "unfit_lines",
]
