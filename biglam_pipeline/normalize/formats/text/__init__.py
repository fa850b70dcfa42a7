"""Reads plain text: a file is a row, or its pages, or its chapters."""

from biglam_pipeline.normalize.formats.text.kind import Text

__all__ = ["Text"]
