"""The whole journey: nights, kills, bad input and real files."""
