"""Brings library, archive and museum collections to machine learning: YAML in, Hub repositories out."""
