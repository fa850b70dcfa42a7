"""PICA+: catalogue records of the German and Dutch library networks, in all forms in which they are handed out."""

from biglam_pipeline.normalize.formats.pica.kind import Pica

__all__ = ["Pica"]
