"""The command `biglam`: check, preview, run, status, rights, compact, takedown, demo, dev, hub serve."""

from biglam_pipeline.cli.entry import main

__all__ = ["main"]
