"""The shape in which each institution of sources/ documents what it hands out, with made-up content."""

from biglam_pipeline_tests.source.shapes import catalogues, labels, pictures, tables, texts
from biglam_pipeline_tests.source.shapes.made import Shape

__all__ = ["SHAPES", "Shape"]

SHAPES: dict[str, Shape] = {
    **tables.SHAPES,
    **texts.SHAPES,
    **pictures.SHAPES,
    **labels.SHAPES,
    **catalogues.SHAPES,
}
"""By the name of the entry."""
