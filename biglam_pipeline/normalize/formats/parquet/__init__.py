"""Parquet, by its columns."""

from biglam_pipeline.normalize.formats.parquet.kind import Parquet

__all__ = ["Parquet"]
