"""How many parts do the texts of a file of TEI have? Counted by expat, beside the flow that they are read of.

What is no text of its own (running heads, notes, alternatives) is passed over, though a part may stand in it: so the
count is the least that is due.
"""

from abc import abstractmethod
from collections.abc import Container
from functools import lru_cache, partial
from typing import ClassVar

from biglam_pipeline.normalize.formats.tei.elements import (
    CHOICES,
    DIVISIONS,
    DROPPED,
    FRAGMENTS,
    HEADER,
    NOTES,
    PARAGRAPHS,
    TEXTS,
)
from biglam_pipeline.parsing.counted import PartsOf
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.parsing.xml.cutting import MAX_ENVELOPES
from biglam_pipeline.parsing.xml.watching import Attributes, Watch, local_name
from biglam_pipeline.parsing.xml.ways import Way
from biglam_pipeline.records import Item

_NAMES = {"div": DIVISIONS, "p": PARAGRAPHS, "lg": frozenset({"lg"})}
_MUTE = DROPPED | NOTES | CHOICES.keys()


def parts_in(item: Item, rows: str) -> PartsOf | None:
    """Rows and rejects, at least; None of a file that is broken, or takes its texts from others."""
    watch = _Elements(rows) if "/" in rows else _Breaks(rows) if rows in ("page", "text") else _Filled(rows)
    whole = watch.go(partial(open_plain, item))
    return PartsOf(watch.count) if whole and not watch.includes else None


@lru_cache(maxsize=4096)
def _names_of(name: str) -> tuple[str, str]:
    """Without its prefix: as it is written, and in small letters."""
    local = local_name(name)
    return local, local.lower()


class _Parts(Watch):
    """Walks the texts of a file; what stands in none of them is passed over."""

    _passed_over: ClassVar[Container[str]] = _MUTE

    def __init__(self, rows: str) -> None:
        super().__init__()
        self.count = 0
        self.includes = False
        """Whether another file is to stand somewhere in it."""
        self._rows = rows
        self._path: list[str] = []
        """From the element that holds a text and its header, or from a root that is a part of a text."""
        self._begun, self._around = False, 0
        self._mute = 0
        """How deep stands what is passed over."""

    def start(self, name: str, attributes: Attributes) -> None:
        """An element."""
        local, lower = _names_of(name)
        path = self._path
        if not path and not self._begins(lower):
            self._around += 1
            return
        path.append(local)
        if lower == "include":
            self.includes = True
        if not self._mute:
            if lower in self._passed_over:
                self._mute = len(path)
            else:
                self._meet(lower)

    def _begins(self, lower: str) -> bool:
        is_root, self._begun = not self._begun, True
        return (lower in TEXTS or (is_root and lower in FRAGMENTS)) and self._around <= MAX_ENVELOPES

    def end(self, name: str) -> None:
        """It ends."""
        path = self._path
        if not path:
            self._around -= 1
            return
        if not self._mute:
            self._leave()
        elif self._mute == len(path):
            self._mute = 0
        path.pop()

    @abstractmethod
    def _meet(self, lower: str) -> None:
        """An element of the path begins."""

    def _leave(self) -> None:
        """The innermost element of the path ends."""


class _Elements(_Parts):
    """Where names lead, from the text's own element; none in another of them, and none in a header."""

    _passed_over = frozenset({HEADER})

    def __init__(self, rows: str) -> None:
        super().__init__(rows)
        self._way, self._inside = Way(rows), 0

    def _meet(self, lower: str) -> None:
        if not self._inside and self._way.ends(self._path):
            self.count += 1
            self._inside = len(self._path)

    def _leave(self) -> None:
        if self._inside == len(self._path):
            self._inside = 0


class _InTexts(_Parts):
    """Counts in `text` alone: what else may be read for it where it has no words is not expected."""

    def __init__(self, rows: str) -> None:
        super().__init__(rows)
        self._text = 0
        """How deep the outermost text stands."""

    def _meet(self, lower: str) -> None:
        if not self._text and (lower == "text" or (len(self._path) == 1 and lower in FRAGMENTS)):
            self._text = len(self._path)
            self._begin_text()
        if self._text:
            self._meet_in_text(lower)

    def _leave(self) -> None:
        if self._text == len(self._path):
            self._text = 0
            self.listen(on=False)

    def _begin_text(self) -> None:
        """A text begins."""

    @abstractmethod
    def _meet_in_text(self, lower: str) -> None:
        """One of a text begins."""


class _Filled(_InTexts):
    """Divisions, paragraphs or line groups that hold a word; none in another of them."""

    def __init__(self, rows: str) -> None:
        super().__init__(rows)
        self._names, self._inside = _NAMES[rows], 0

    def _meet_in_text(self, lower: str) -> None:
        if not self._inside and lower in self._names:
            self._inside = len(self._path)
            self.listen(on=True)

    def text(self, data: str) -> None:
        """Of what may be a part."""
        if not self._mute and not data.isspace():
            self.count += 1
            self.listen(on=False)

    def _leave(self) -> None:
        if self._inside == len(self._path):
            self._inside = 0
            self.listen(on=False)
        super()._leave()


class _Breaks(_InTexts):
    """Page breaks, or single texts; of a text in which there is a word."""

    def __init__(self, rows: str) -> None:
        super().__init__(rows)
        self._waiting = 0
        """Counted so far of a text without a word."""
        self._has_words = False
        self._grouped: list[bool] = []
        """Of each text that is open whether it is a group of texts."""

    def _begin_text(self) -> None:
        self._waiting, self._has_words = 0, False
        self.listen(on=True)

    def text(self, data: str) -> None:
        """Of a text."""
        if not self._mute and not data.isspace():
            self._has_words = True
            self.listen(on=False)
            self._more(0)

    def _more(self, times: int) -> None:
        self._waiting += times
        if self._has_words:
            self.count, self._waiting = self.count + self._waiting, 0

    def _meet_in_text(self, lower: str) -> None:
        if self._rows == "page":
            self._more(int(lower == "pb"))
        elif lower == "text":
            self._more(int(all(self._grouped)))
            self._grouped.append(False)
        elif lower == "group" and self._path[-2:-1] and self._path[-2].lower() == "text" and not self._grouped[-1]:
            self._more(-int(all(self._grouped[:-1])))
            self._grouped[-1] = True

    def _leave(self) -> None:
        if self._grouped and self._path[-1].lower() == "text":
            self._grouped.pop()
        super()._leave()
