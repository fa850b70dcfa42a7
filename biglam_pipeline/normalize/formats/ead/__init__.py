"""Reads EAD 2002 and EAD3: finding aids, a row for the collection and each component, with what stands above it."""

from biglam_pipeline.normalize.formats.ead.kind import Ead

__all__ = ["Ead"]
