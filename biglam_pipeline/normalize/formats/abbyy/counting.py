"""How many pages, blocks or lines with a text does a file of FineReader's XML have? Counted by expat."""

from collections.abc import Sequence
from functools import partial

from biglam_pipeline.parsing.counted import AtLeast, PartsOf
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.parsing.xml.counting import count_outermost
from biglam_pipeline.parsing.xml.watching import Attributes, Watch, local_name
from biglam_pipeline.records import Item

PAGE, DOCUMENT = "page", "document"
_VARIANTS = ("wordRecVariants", "charRecVariants")
_READ = (["line", "formatting"], ["line", "formatting", "charParams"], ["line", "charParams"])


def pages_in(item: Item) -> int:
    """AtLeast where a page has no attribute: it is only counted if it holds nothing either."""
    bare = False

    def is_page(path: Sequence[str], attributes: Attributes) -> bool:
        nonlocal bare
        found = path in ([PAGE], [DOCUMENT, PAGE])
        bare = bare or (found and not attributes)
        return found and bool(attributes)

    found = count_outermost(partial(open_plain, item), is_page)
    return AtLeast(found) if bare else found


def parts_with_text(item: Item, rows: str) -> PartsOf | None:
    """The least number of blocks or lines; None of a file that is broken."""
    watch = _Texts(rows)
    return PartsOf(watch.count) if watch.go(partial(open_plain, item)) else None


class _Texts(Watch):
    """Lines in blocks of pages. Where a page has no block, its sections may have one for each element: no more than
    that is due.
    """

    def __init__(self, rows: str) -> None:
        super().__init__()
        self.count = 0
        self._unit = rows
        self._path: list[str] = []
        self._mute = self._block = 0
        self._waits = False

    def start(self, name: str, attributes: Attributes) -> None:
        """An element."""
        self._path.append(local_name(name))
        local, depth = self._path[-1], len(self._path)
        if self._mute:
            return
        if local in _VARIANTS:
            self._mute = depth
        elif local == "block" and not self._block and self._is_on_page():
            self._block, self._waits = depth, self._unit == "block"
        elif local == "line" and self._block and self._unit == "line":
            self._waits = True
        self.listen(on=self._waits and self._is_read())

    def _is_on_page(self) -> bool:
        return self._path[0] == PAGE or self._path[:2] == [DOCUMENT, PAGE]

    def _is_read(self) -> bool:
        """Whether a text that stands here is one of a line."""
        return not self._mute and any(self._path[-len(one) :] == one for one in _READ)

    def text(self, data: str) -> None:
        """Of a line."""
        if not data.isspace():
            self.count += 1
            self._waits = False
            self.listen(on=False)

    def end(self, name: str) -> None:
        """What is counted is over."""
        local, depth = self._path.pop(), len(self._path) + 1
        if self._mute == depth:
            self._mute = 0
        if self._block == depth:
            self._block, self._waits = 0, False
        elif local == "line" and self._unit == "line":
            self._waits = False
        self.listen(on=False)
