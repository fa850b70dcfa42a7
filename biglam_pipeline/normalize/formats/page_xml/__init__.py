"""Reads PAGE XML: pages, regions or lines of transcribed or recognised text."""

from biglam_pipeline.normalize.formats.page_xml.kind import PageXml

__all__ = ["PageXml"]
