"""Parquet files of others: opened with their footer held against itself, read in steps, and rewritten without rows."""
