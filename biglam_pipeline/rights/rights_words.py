"""Is a field named like one that speaks of rights? By the words that Dublin Core, EDM, MODS and museums use for it."""

import re

_NAMED = re.compile(r"rights|licen[cs]e|copyright|usagerestriction|termsofuse|useandreproduction|accesscondition")
_NO_STATEMENT = frozenset({"rightsholder", "datecopyrighted", "copyrightdate", "copyrightholder", "copyrightowner"})
"""Whose they are, or since when: no statement of what may be done."""


def says_rights(name: str) -> bool:
    """name: of an element, a column or a key, in any case and with any joints."""
    word = re.sub(r"[^a-z]", "", name.rpartition(":")[2].lower())
    return word not in _NO_STATEMENT and bool(_NAMED.search(word))
