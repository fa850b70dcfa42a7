"""Tests of biglam_pipeline; the folders mirror the package."""
