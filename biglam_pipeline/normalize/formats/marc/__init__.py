"""MARC: catalogue records, in ISO 2709, in MARCXML, or in JSON."""

from biglam_pipeline.normalize.formats.marc.kind import Marc

__all__ = ["Marc"]
