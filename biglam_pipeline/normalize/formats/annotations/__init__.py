"""Reads labelled text: tokens with labels, a line each (IOB, CoNLL, HIPE, CoNLL-U), and brat's stand-off files."""

from biglam_pipeline.normalize.formats.annotations.kind import Annotations

__all__ = ["Annotations"]
