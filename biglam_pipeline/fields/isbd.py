"""Which punctuation on a catalogue card belongs to no value? That which leads to the next area.

ISBD, A.3: https://www.ifla.org/g/isbd-rg/ . MARC writes it at the end of a field, and what is made from MARC (MODS of
the Library of Congress, TEI headers of EEBO-TCP) often keeps it: `London :`. A blank stands before each of these signs
but the comma; cataloguers leave it out before others too, but before `+` and `=` it is what tells them from `C++`.
"""

import re

_TO_NEXT_AREA = re.compile(r"(?:[\s/:;,]|[=+]++(?=\s))*")
"""Of the text read backwards: a search for an end would take the square of a text's blanks."""


def before_next_area(text: str) -> str:
    """The same without it; a full stop or a bracket stays."""
    left = _TO_NEXT_AREA.match(text[::-1])
    return text[: len(text) - left.end()] if left else text
