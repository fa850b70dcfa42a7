"""The words of mixed content: nothing glued together, nothing torn apart, lines where the element says so."""

from lxml import etree

from biglam_pipeline.normalize.formats.ead.elements import BLOCKS, FORMATTING, Element
from biglam_pipeline.parsing.xml.reading import local

_BEHIND = ",;:.)!?]\u201d\u2019"
"""What ends a stretch so that a word behind it is another one."""


class _Lines:
    """Text as it is put together."""

    def __init__(self) -> None:
        self.lines: list[str] = [""]
        self._apart = False

    def put(self, text: str | None) -> None:
        if not text:
            return
        line = self.lines[-1]
        if self._apart and line and (line[-1].isalnum() or line[-1] in _BEHIND) and text[0].isalnum():
            line += " "
        self._apart = False
        self.lines[-1] = line + text

    def apart(self, name: str) -> None:
        """An element of this name begins or ends here."""
        if name in BLOCKS:
            self.lines.append("")
        elif name in ("lb", "entry"):
            self.lines[-1] += " "
        elif name not in FORMATTING:
            self._apart = True


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
    return [line for one in found.lines if (line := " ".join(one.split()))]


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
