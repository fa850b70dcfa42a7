"""What does the root of a file say in its attributes? Told from the first bytes of it, however large it is."""

from collections.abc import Mapping
from contextlib import suppress
from xml.parsers import expat


def root_attributes(head: bytes) -> Mapping[str, str]:
    """Name, with its prefix, -> value; nothing where that cannot be read. head: the first bytes of a file."""
    said: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _, attributes: said.append(attributes)
    with suppress(expat.ExpatError):  # what is wrong with the file is found where it is read
        parser.Parse(head, False)
    return said[0] if said else {}
