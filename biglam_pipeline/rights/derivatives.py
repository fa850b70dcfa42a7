"""Does something that is said of the rights forbid to change a text? Then not even a broken word is made whole."""

import re
from collections.abc import Iterable

from biglam_pipeline.rights.recognise import recognise

_NO_DERIVATIVES = re.compile(r"(?<![^\W_])nd(?![^\W_])|deriv|bearbeit|abgewandelt|modific", re.IGNORECASE)
"""The code of the element, and the stems of "derivative", "Bearbeitung", "abgewandelt" and "modification" in its
titles at Creative Commons (cc_names.csv) in English, German and the Romance languages: also in a statement that is not
understood as a whole, nothing is changed where it may forbid that. In other languages only a statement that is read as
nd forbids it."""


def forbids_derivatives(statements: Iterable[str]) -> bool:
    """True where one of these statements allows no derivatives, or may mean so."""
    return any(_NO_DERIVATIVES.search(text) or recognise(text).tier == "nd" for text in statements)
