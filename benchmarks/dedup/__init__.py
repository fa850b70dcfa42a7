"""Near-duplicates measured: recall, precision, speed and memory, beside the usual tools on the same pages."""
