"""What stands in a file of XML, tag by tag, as expat tells it: for counts that ask for more than where elements are.

Beside `counting`, which passes over in C what is inside of a counted element, and so knows nothing of it.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import BinaryIO
from xml.parsers import expat

Attributes = Sequence[str]
"""Names and values in turns."""

_BLOCK = 1 << 18
_MARKUP = re.compile("<|&(?!(?:lt|gt|amp|quot|apos);)")


class Watch(ABC):
    """One file from its first tag to its last; whoever inherits counts."""

    def __init__(self) -> None:
        self._parser = expat.ParserCreate()
        self._parser.ordered_attributes = True
        self._parser.StartElementHandler, self._parser.EndElementHandler = self.start, self.end
        self._parser.EntityDeclHandler = self._declared
        self._hides = False

    def go(self, opened: Callable[[], BinaryIO]) -> bool:
        """Whether that was all of the file: it is well-formed, and no entity in it may hold elements."""
        try:
            with opened() as stream:
                while block := stream.read(_BLOCK):
                    self._parser.Parse(block, False)
            self._parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError):  # the last two: an encoding that it does not know
            return False
        return not self._hides

    def listen(self, *, on: bool) -> None:
        """Whether `text` is to be called."""
        self._parser.CharacterDataHandler = self.text if on else None

    @abstractmethod
    def start(self, name: str, attributes: Attributes) -> None:
        """An element begins. name: with its prefix, as it is written."""

    @abstractmethod
    def end(self, name: str) -> None:
        """It ends."""

    def text(self, data: str) -> None:
        """Characters between tags, as `listen` says; a text may come in several pieces."""
        raise NotImplementedError

    def _declared(self, name: str, is_parameter: bool, value: str | None, *_: object) -> None:
        self._hides = self._hides or (not is_parameter and (value is None or _MARKUP.search(value) is not None))


def local_name(name: str) -> str:
    """Without its prefix."""
    return name.rpartition(":")[2]
