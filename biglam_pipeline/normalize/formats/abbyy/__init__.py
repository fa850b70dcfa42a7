"""Reads ABBYY FineReader's XML."""

from biglam_pipeline.normalize.formats.abbyy.kind import Abbyy

__all__ = ["Abbyy"]
