"""LIDO: descriptions of museum objects."""

from biglam_pipeline.normalize.formats.lido.kind import Lido

__all__ = ["Lido"]
