"""Dagster's view of the pipeline: translation only, no work."""
