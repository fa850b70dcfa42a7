"""Source, one entry of sources.yaml; load_sources tells every fault at once, with its line."""

from biglam_pipeline.source.entry import Source
from biglam_pipeline.source.load import Catalog, load_sources

__all__ = ["Catalog", "Source", "load_sources"]
