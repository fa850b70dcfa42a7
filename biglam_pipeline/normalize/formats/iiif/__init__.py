"""Reads manifests of IIIF: a canvas is a row, or a manifest is."""

from biglam_pipeline.normalize.formats.iiif.kind import Iiif

__all__ = ["Iiif"]
