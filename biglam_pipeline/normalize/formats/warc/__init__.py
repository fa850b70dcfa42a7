"""Reads web archives (WARC): a page that was answered is a row."""

from biglam_pipeline.normalize.formats.warc.kind import Warc

__all__ = ["Warc"]
