"""Reads the text layer of PDF: a page is a row, or a document."""

from biglam_pipeline.normalize.formats.pdf.kind import Pdf

__all__ = ["Pdf"]
