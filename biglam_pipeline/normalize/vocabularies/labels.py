"""By what is a file of labelled words known: the columns of HIPE, and the labels of names."""

import re

HIPE = (
    *("TOKEN", "NE-COARSE-LIT", "NE-COARSE-METO", "NE-FINE-LIT", "NE-FINE-METO", "NE-FINE-COMP", "NE-NESTED"),
    *("NEL-LIT", "NEL-METO", "MISC"),
)
"""https://github.com/hipe-eval/HIPE-2022-data#hipe-format-and-tagging-scheme"""
TAG = re.compile(r"O|[BIESLUM]-\S*")
"""A label of IOB1, IOB2, IO, BIOES and BILOU (https://en.wikipedia.org/wiki/Inside-outside-beginning_(tagging))."""
