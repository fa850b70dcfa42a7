"""Reads tables: CSV, TSV and JSON Lines."""

from biglam_pipeline.normalize.formats.table.kind import Table

__all__ = ["Table"]
