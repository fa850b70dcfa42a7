"""Reads digitised print: METS says what an issue is made of, ALTO holds the words of its pages."""

from biglam_pipeline.normalize.formats.mets_alto.kind import MetsAlto

__all__ = ["MetsAlto"]
