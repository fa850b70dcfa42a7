"""Reads TEI, P5 and P4: documents, or their texts, divisions, paragraphs, line groups and pages."""

from biglam_pipeline.normalize.formats.tei.kind import Tei

__all__ = ["Tei"]
