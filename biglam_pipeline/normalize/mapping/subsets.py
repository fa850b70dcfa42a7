"""Which part of the dataset does a row go to? The value of `map: {config: ...}`; `dedup` finds its name."""

import unicodedata

MARK = "="
"""Stands before a value in the index of a slice; until 2026-11 a slug stood there instead, of which two values could
have the same.
"""
VERSION = "2: values, not slugs"
"""Enters the digest of an entry that maps a config, so that its slices are read again."""


def config_value(text: str) -> str:
    """The value by which one subset differs from another: trimmed, blanks together, composed.

    It is marked, so that an empty one is one.
    """
    return MARK + unicodedata.normalize("NFC", " ".join(text.split()))
