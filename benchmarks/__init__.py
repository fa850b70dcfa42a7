"""Measurements of the whole, run by hand: what they print stands in docs/performance.md."""
