"""Which punctuation on a catalogue card belongs to no value? That which leads to the next area.

ISBD, A.3: https://www.ifla.org/g/isbd-rg/ . MARC writes it at the end of a field, and what is made from MARC (MODS of
the Library of Congress, TEI headers of EEBO-TCP) often keeps it: `London :`.
"""

import re

_TO_NEXT_AREA = re.compile(r"[\s/:;=,+]+$")


def before_next_area(text: str) -> str:
    """The same without it; a full stop or a bracket stays."""
    return _TO_NEXT_AREA.sub("", text)
