"""What the Hub's dataset viewer can show: its limits as data, each with where it is said.

https://huggingface.co/docs/dataset-viewer and the configuration of its services, github.com/huggingface/dataset-viewer;
looked up in November 2026. They are the Hub's to change: what is above one is advice, unless nothing would be shown.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of the viewer."""

    value: int
    source: str


GROUP_BYTES = Limit(300_000_000, "services/rows: `Rows from parquet row groups are too big to be read` above it")
"""Of a row group, uncompressed: above it a page of rows answers an error (286.10 MiB in its words)."""
INDEXED_BYTES = Limit(5_000_000_000, "docs/dataset-viewer/parquet and search: the first 5 GB of a split")
"""Of a config's files: search, filter, sorting and statistics see no more of it."""
ROW_BYTES = Limit(2_000_000, "docs/hub/datasets-adding: about 2 MB a row at most")
"""Of one row, uncompressed, on average over a row group."""
COLUMNS = Limit(1_000, "services/worker: `TooManyColumnsError` above it")
CONFIGS = Limit(4_000, "services/worker: `TooManyConfigs` above it")
REFUSED_IN_NAMES = frozenset("<>:/\\|?*")
"""Characters of a config's name that `datasets` refuses (naming.py, INVALID_WINDOWS_CHARACTERS_IN_PATH)."""
