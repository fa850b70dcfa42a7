"""Reads Dublin Core: in pages of an OAI server, as bare records, or many in one file."""

from biglam_pipeline.normalize.formats.oai_dc.kind import OaiDc

__all__ = ["OaiDc"]
