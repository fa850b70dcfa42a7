"""The command `biglam`: check, preview, run, status, rights, compact, takedown, demo, dev, serve, hub serve."""

from biglam_pipeline.cli.entry import main

__all__ = ["main"]
