"""PICA+: one model of a record, and what reads it of the forms in which libraries hand it out."""
