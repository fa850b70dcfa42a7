"""The words of mixed content: nothing glued together, nothing torn apart, lines where the element says so."""

from lxml import etree

from biglam_pipeline.normalize.formats.ead.elements import BLOCKS, FORMATTING, Element
from biglam_pipeline.parsing.xml.reading import local

_BEHIND = (*",;:.)!?]\u201d\u2019",)
"""What ends a stretch so that a word behind it is another one."""


class _Lines:
    """Text as it is put together."""

    def __init__(self) -> None:
        self._done: list[str] = []
        self._pieces: list[str] = []
        self._last = ""
        self._apart = False

    def put(self, text: str | None) -> None:
        """Text of an element, or behind one."""
        if not text:
            return
        if self._apart and text[0].isalnum() and (self._last.isalnum() or self._last in _BEHIND):
            self._pieces.append(" ")
        self._pieces.append(text)
        self._last, self._apart = text[-1], False

    def apart(self, name: str) -> None:
        """An element of this name begins or ends here."""
        if name in BLOCKS:
            self._done.append("".join(self._pieces))
            self._pieces.clear()
        elif name in ("lb", "entry"):
            self.put(" ")
        elif name not in FORMATTING:
            self._apart = True

    def lines(self) -> list[str]:
        """Those that hold something, each with single blanks."""
        return [line for one in (*self._done, "".join(self._pieces)) if (line := " ".join(one.split()))]


def lines_of(element: Element, without: frozenset[str] = frozenset(), *, deep: bool = False) -> list[str]:
    """Its lines, each with single blanks. without: children of these names are left out;
    deep: and whatever is in them.
    """
    if not len(element):
        return [line] if (line := " ".join((element.text or "").split())) else []
    found = _Lines()
    found.put(element.text)
    walk = etree.iterwalk(element, events=("start", "end"))
    for event, one in walk:
        if one is element:
            continue
        name = local(one)
        found.apart(name)
        if event == "start" and name in without and (deep or one.getparent() is element):
            walk.skip_subtree()
        elif event == "start":
            found.put(one.text)
        else:
            found.put(one.tail)
    return found.lines()


def prose(element: Element, without: frozenset[str] = frozenset()) -> str:
    """The same in one line."""
    return " ".join(lines_of(element, without))


def heading(element: Element) -> str:
    """A name or a subject; of EAD3 its parts as they are printed: a person's by commas, a body's by full stops, a
    subject's by dashes.
    """
    parts = [text for one in element.iterchildren("{*}part") if (text := prose(one))]
    if not parts:
        return prose(element, frozenset({"head"}))
    between = {"persname": ", ", "famname": ", ", "name": ", ", "title": ". ", "corpname": ". "}
    divider, found = between.get(local(element), " -- "), ""
    for part in parts:
        closed = found.endswith(tuple(",.;:-")) or part.startswith("(")
        found += part if not found else f" {part}" if closed and divider != " -- " else f"{divider}{part}"
    return found
