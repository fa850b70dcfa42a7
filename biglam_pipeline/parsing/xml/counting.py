"""How many elements stand in a file at certain places? Counted by expat, beside the parser that reads them.

Expat (https://libexpat.github.io/) shares no line with libxml2, nor with what cuts files at their tags here: a comment,
a CDATA section or an entity is to it what it is. It makes no tree and mends nothing: at the first fault it ends.
"""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO
from xml.parsers import expat

from biglam_pipeline.parsing.counted import AtLeast
from biglam_pipeline.parsing.xml.cutting import MAX_ENVELOPES, Descends

Attributes = Sequence[str]
"""Names and values in turns."""
Chooses = Callable[[Sequence[str], Attributes], bool]
"""Whether an element is meant, by the local names that lead to it, its own last."""
Meets = Callable[[tuple[str, ...], str, Attributes], int]
"""For how many an element counts, by what is open around it and its name."""

_BLOCK = 1 << 18
_HEAD = 1 << 12
_MOST_NAMES = 1_000


_MARKUP = re.compile("<|&(?!(?:lt|gt|amp|quot|apos);)")


def _passed_over(data: str) -> None:
    """Nothing is done with it."""


class _Nested(Exception):
    """An element that was passed over holds another of its name."""


class _Until(dict[str, None]):
    """Passes the ends of elements over, in C, up to one of a name: asked for any other it has it from then on."""

    def __init__(self, name: str, ended: Callable[[], None]) -> None:
        super().__init__()
        self._name, self._ended = name, ended

    def __missing__(self, name: str) -> None:
        if name == self._name:
            self._ended()
        elif len(self) < _MOST_NAMES:
            self[name] = None


class _Walk(ABC):
    """One file, from its first byte to its last, or to where it is broken.

    What is inside of a counted element is passed over. Mostly nothing is called there but when one of its name ends,
    which is twice as fast; where it holds another of its name, that is found out, and each element is looked at.
    """

    def __init__(self, *, nests: bool) -> None:
        self.count = 0
        self._parser = expat.ParserCreate()
        self._parser.ordered_attributes = True
        self._nests, self._inside = nests, 0
        self._untils: dict[str, _Until] = {}
        self._open: list[str] = []
        self._rooted = self._hides = False
        self._parser.EntityDeclHandler = self._declared
        self._begin_outside()

    def go(self, stream: BinaryIO) -> int:
        """The count; AtLeast where the file is broken."""
        try:
            while block := stream.read(_BLOCK):
                self._parser.Parse(block, False)
            self._parser.Parse(b"", True)
        except (expat.ExpatError, LookupError, ValueError) as broken:  # the last two: an encoding that it does not know
            if not self._nests:  # the end tags that would show that one holds another of its name do not come any more
                raise _Nested from broken
            self._break_off()
            return AtLeast(self.count)
        finally:
            # It holds its handlers, which hold it: 130 KB for each file, until Python looks for such cycles.
            self._untils.clear()
            del self._parser
        return AtLeast(self.count) if self._hides else self.count

    def _declared(self, name: str, is_parameter: bool, value: str | None, *_: object) -> None:
        """An entity that may hold records is not looked up: each use of it is a reject. A default handler keeps expat
        off one that stands in the file.
        """
        if not is_parameter and (value is None or _MARKUP.search(value)):
            self._hides, self._parser.DefaultHandler = True, _passed_over

    @abstractmethod
    def _break_off(self) -> None:
        """Nothing comes any more."""

    def _begin_outside(self) -> None:
        self._parser.StartElementHandler, self._parser.EndElementHandler = self._start, self._close

    def _begin_inside(self, name: str) -> None:
        """Up to the end of this element; behind a root nothing is."""
        start: Any = None
        end: Any = None
        if self._open and self._nests:
            self._inside, start, end = 1, self._deeper, self._higher
        elif self._open:
            if len(self._untils) > _MOST_NAMES:
                self._untils.clear()
            if name not in self._untils:
                self._untils[name] = _Until(name, self._begin_outside)
            end = self._untils[name].__getitem__
        self._parser.StartElementHandler, self._parser.EndElementHandler = start, end

    def _deeper(self, name: str, attributes: Attributes) -> None:
        self._inside += 1

    def _higher(self, name: str) -> None:
        self._inside -= 1
        if not self._inside:
            self._begin_outside()

    def _begin(self) -> None:
        """A start tag outside of what is passed over. There is one root: another is inside, and was taken for one."""
        if self._rooted and not self._open and self._nothing_waits:
            raise _Nested
        self._rooted = True

    @property
    def _nothing_waits(self) -> bool:
        return True

    def _close(self, name: str) -> None:
        if not self._open or self._open[-1] != name:
            raise _Nested
        self._open.pop()
        self._end()

    @abstractmethod
    def _start(self, name: str, attributes: Attributes) -> None:
        """A start tag outside of what is passed over."""

    @abstractmethod
    def _end(self) -> None:
        """The innermost of what is open was closed."""


def _counted(opened: Callable[[], BinaryIO], walk: Callable[[bool], _Walk]) -> int:
    try:
        with opened() as stream:
            return walk(False).go(stream)
    except _Nested:
        with opened() as stream:
            return walk(True).go(stream)


class _Chosen(_Walk):
    def __init__(self, chooses: Chooses, skips: frozenset[str], *, nests: bool) -> None:
        self._chooses, self._path = chooses, list[str]()
        self._skips, self._shown = skips, list[bool]()
        super().__init__(nests=nests)

    def _start(self, name: str, attributes: Attributes) -> None:
        self._begin()
        local = name.rpartition(":")[2]
        if self._open and local in self._skips:
            self._open.append(name)
            self._shown.append(False)
            return
        self._path.append(local)
        if self._chooses(self._path, attributes):
            self.count += 1
            self._path.pop()
            self._begin_inside(name)
        else:
            self._open.append(name)
            self._shown.append(True)

    def _break_off(self) -> None:
        """Each element was settled when it began."""

    def _end(self) -> None:
        if self._shown.pop():
            self._path.pop()


def count_outermost(opened: Callable[[], BinaryIO], chooses: Chooses, skips: frozenset[str] = frozenset()) -> int:
    """The elements that are meant, and stand in no other that is. AtLeast where the file is not well-formed.

    chooses: may be asked of an element twice; skips: local names that are none on the way to others.
    """
    return _counted(opened, lambda nests: _Chosen(chooses, skips, nests=nests))


class _Laid(_Walk):
    """Elements in envelopes. Whether one is an envelope may depend on what it begins with, so one waits for that."""

    def __init__(self, descends: Descends, meets: Meets, skips: frozenset[str], *, nests: bool) -> None:
        self._descends, self._meets, self._skips = descends, meets, skips
        self._paths: list[tuple[str, ...]] = [()]
        self._waiting: tuple[str, Attributes] | None = None
        self._never: set[tuple[tuple[str, ...], str]] = set()
        """What is no envelope there, whatever it begins with."""
        super().__init__(nests=nests)

    def _start(self, name: str, attributes: Attributes) -> None:
        self._begin()
        local = name.rpartition(":")[2]
        if self._waiting is not None and not self._settle(local):
            if self._nests:
                self._inside += 1
        elif self._open and local.lower() in self._skips:
            self._open.append(name)
            self._paths.append(self._paths[-1])
        elif (self._paths[-1], local) in self._never:
            self.count += self._meets(self._paths[-1], local, attributes)
            self._begin_inside(name)
        else:
            self._waiting = (name, attributes)
            self._parser.CharacterDataHandler = self._text

    def _text(self, text: str) -> None:
        if text.strip(" \t\r\n"):
            self._settle("")

    def _close(self, name: str) -> None:
        if self._waiting is not None and not self._settle(""):
            self._begin_outside()
        else:
            super()._close(name)

    @property
    def _nothing_waits(self) -> bool:
        return self._waiting is None

    def _break_off(self) -> None:
        if self._waiting is not None:
            self._settle("")

    def _end(self) -> None:
        self._paths.pop()

    def _settle(self, first: str) -> bool:
        """Whether what waits is an envelope, now that it is known what it begins with."""
        assert self._waiting is not None
        (name, attributes), self._waiting, self._parser.CharacterDataHandler = self._waiting, None, None
        path, local, asked = self._paths[-1], name.rpartition(":")[2], list[str]()

        def begins() -> str:
            asked.append(first)
            return first

        if len(path) < MAX_ENVELOPES and self._descends(path, local, begins):
            self._open.append(name)
            self._paths.append((*path, local))
            return True
        if not asked and len(self._never) < _MOST_NAMES:
            self._never.add((path, local))
        self.count += self._meets(path, local, attributes)
        self._begin_inside(name)
        return False


def count_laid(
    opened: Callable[[], BinaryIO], descends: Descends, meets: Meets, skips: frozenset[str] = frozenset()
) -> int:
    """What stands directly in envelopes, or is the root. AtLeast where the file is not well-formed.

    descends: which elements are envelopes, as a `Layout` says; skips: small-letter names that are none, nor anything in
    one, whatever they are of a format.
    """
    return _counted(opened, lambda nests: _Laid(descends, meets, skips, nests=nests))


class _Found(Exception):
    """The first element is known."""


def first_element(stream: BinaryIO) -> str:
    """The local name of a file's root; empty where something else comes first."""
    found, parser = list[str](), expat.ParserCreate()

    def start(name: str, _: object) -> None:
        found.append(name.rpartition(":")[2])
        raise _Found

    parser.StartElementHandler = start
    try:
        while block := stream.read(_HEAD):
            parser.Parse(block, False)
    except (expat.ExpatError, LookupError, ValueError, _Found):
        pass
    return found[0] if found else ""
