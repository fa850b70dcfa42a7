"""How many regions or lines of a file of PAGE have a text? Counted by expat, beside the tree that they are read of.

As PAGE says it: of several readings of an element the one with the lowest index counts (2013 and later), and a region
has the text of its lines, or one of its own.
"""

from dataclasses import dataclass
from functools import partial

from biglam_pipeline.parsing.counted import PartsOf
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.parsing.xml.watching import Attributes, Watch, local_name
from biglam_pipeline.records import Item

_ROOT, _PAGE, _LINE, _READING = "PcGts", "Page", "TextLine", "TextEquiv"
_TEXTS = ("Unicode", "PlainText")
_INNER = ("Word", "Glyph")
_LAST = 10**9
"""Behind all that have an index."""


@dataclass(slots=True)
class _Open:
    """An element that is not closed."""

    name: str
    index: int = _LAST + 1
    """Of the reading that counts so far."""
    has_text: bool = False
    """Of that reading."""
    inside: bool = False
    """Whether an element of its own kind inside of it has a text: of a line its words, of a region its regions."""
    lines: int = 0
    """Of a region: its lines with a text."""


def parts_with_text(item: Item, rows: str) -> PartsOf | None:
    """The least number of them; None of a file that is broken."""
    watch = _Texts()
    if not watch.go(partial(open_plain, item)):
        return None
    return PartsOf(watch.lines if rows == "line" else watch.regions)


class _Texts(Watch):
    def __init__(self) -> None:
        super().__init__()
        self.regions = self.lines = 0
        self._open: list[_Open] = []

    def start(self, name: str, attributes: Attributes) -> None:
        """Anything; what stands in no page is not counted."""
        local = local_name(name)
        one = _Open(local)
        if local == _READING:
            said = dict(zip(attributes[::2], attributes[1::2], strict=True)).get("index", "").strip()
            one.index = int(said) if said.isascii() and said.isdigit() and len(said) < 10 else _LAST
        elif local in _TEXTS:
            self.listen(on=True)
        self._open.append(one)

    def text(self, data: str) -> None:
        """Of Unicode or PlainText, whose TextEquiv is around it."""
        if not data.isspace() and len(self._open) > 1:
            self._open[-2].has_text = True

    def end(self, name: str) -> None:
        """What is said of an element is known when it ends."""
        one = self._open.pop()
        if [above.name for above in self._open[:2]] != [_ROOT, _PAGE]:
            return
        around = self._open[-1]
        if one.name in _TEXTS:
            self.listen(on=False)
        elif one.name == _READING:
            if one.index < around.index:
                around.index, around.has_text = one.index, one.has_text
        elif one.name in _INNER:
            around.inside = around.inside or one.has_text or one.inside
        elif one.name == _LINE:
            self._end_line(one)
        elif one.name.endswith("Region") or one.name == "TableCell":
            self._end_region(one)

    def _end_line(self, one: _Open) -> None:
        if one.has_text or one.inside:
            self.lines += 1
            if region := self._region():
                region.lines += 1

    def _end_region(self, one: _Open) -> None:
        around = self._region()
        is_own = one.has_text and not one.lines and not one.inside
        self.lines += is_own
        self.regions += bool(one.lines) or is_own
        if around is not None:
            around.inside = around.inside or one.inside or bool(one.lines) or is_own

    def _region(self) -> _Open | None:
        return next(
            (one for one in reversed(self._open) if one.name.endswith("Region") or one.name == "TableCell"), None
        )
