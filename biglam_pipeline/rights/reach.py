"""The vocabularies of access: the addresses by which a repository says how a thing is reached.

An address that is none of these is read like any other: unknown, and so closing.
"""

from collections.abc import Iterator

# info:eu-repo (https://guidelines.openaire.eu) and COAR's Access Rights (http://purl.org/coar/access_right).
OPEN_ACCESS = ("info:eu-repo/semantics/openaccess", "purl.org/coar/access_right/c_abf2")
EMBARGOED = ("info:eu-repo/semantics/embargoedaccess", "purl.org/coar/access_right/c_f1cf")
BARRED = (
    *(f"info:eu-repo/semantics/{kind}access" for kind in ("closed", "restricted")),
    *(f"purl.org/coar/access_right/c_{concept}" for concept in ("16ec", "14cb")),  # restricted; metadata only
)


def name_of(concept: str) -> str:
    """The last part of a concept's address, by which some records name it."""
    return concept.rpartition("/")[2]


def without(text: str, concept: str) -> tuple[str, int]:
    """A text without a concept's address, and how often it stood there."""
    lower = text.casefold()
    if concept not in lower or len(lower) != len(text):
        return text, 0
    parts: list[str] = []
    start = 0
    for place in _places(lower, concept):
        before = text[start:place].removesuffix("http://").removesuffix("https://")
        parts.append(before)
        start = place + len(concept)
    if not parts:
        return text, 0
    return " ".join((*parts, text[start:])), len(parts)


def _places(text: str, concept: str) -> Iterator[int]:
    place = text.find(concept)
    while place >= 0:
        behind = text[place + len(concept) : place + len(concept) + 1]
        if not behind or not (behind.isalnum() or behind in "-_"):
            yield place
        place = text.find(concept, place + 1)
