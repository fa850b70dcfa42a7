"""What the Hub's dataset viewer can show: its limits as data, each with where it is said.

Looked up in November 2026 in the viewer's own code, github.com/huggingface/dataset-viewer (f62009e), and in the Hub's
documentation. They are the Hub's to change: what is above one is advice, unless nothing would be shown.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of the viewer."""

    value: int
    source: str


GROUP_BYTES = Limit(300_000_000, "libcommon/config.py: ROWS_INDEX_MAX_ARROW_DATA_IN_MEMORY")
"""Of what is read for a page of rows, so of a row group, uncompressed: 286.10 MiB in its words. Its newer reader goes
by pages where a file has a page index, as ours have (libcommon/parquet_utils.py, query_libviewer_index).
"""
INDEXED_BYTES = Limit(5_000_000_000, "chart/env/prod.yaml: maxSplitSizeBytes; huggingface.co/docs/hub/data-studio")
"""Of a config's files: search, filter, sorting and statistics see no more of it."""
ROW_BYTES = Limit(2_000_000, "what the Hub's people advise; no constant: first-rows cuts cells above 1 MB a page")
"""Of one row, uncompressed, on average over a row group."""
COLUMNS = Limit(1_000, "services/worker/config.py: FIRST_ROWS_COLUMNS_MAX_NUMBER, then TooManyColumnsError")
CONFIGS = Limit(4_000, "services/worker/config.py: CONFIG_NAMES_MAX_NUMBER, then DatasetWithTooManyConfigsError")
REFUSED_IN_NAMES = frozenset("<>:/\\|?*")
"""Characters of a config's name that `datasets` refuses (naming.py, INVALID_WINDOWS_CHARACTERS_IN_PATH)."""
