"""Reads hOCR: the output of OCR engines, as HTML."""

from biglam_pipeline.normalize.formats.hocr.kind import Hocr

__all__ = ["Hocr"]
