"""MARC: one model of a record, and what reads it of ISO 2709, MARCXML and JSON, whatever its characters are."""
