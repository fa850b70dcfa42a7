"""Where in a tree are its records? A way of names, such as /catalogue/record or //OBJECT, whatever their namespaces."""

import re
from collections.abc import Callable, Iterator, Sequence

from lxml import etree

from biglam_pipeline.parsing.xml.cutting import Layout
from biglam_pipeline.parsing.xml.reading import local
from biglam_pipeline.parsing.xml.streaming import Piece

Element = etree._Element

_NAME = r"(?:[A-Za-z_][\w.-]*:|\{\*\})?(?:\*|[^\W\d][\w.-]*)"
_ROWS = re.compile(rf"(//?)?{_NAME}(?:/{_NAME})*")


def is_way(rows: str) -> bool:
    """Whether it is names alone, without conditions."""
    return _ROWS.fullmatch(rows) is not None


class Way:
    """Where `rows` leads, by local names."""

    def __init__(self, rows: str) -> None:
        names = [] if rows.startswith("$") else [step for step in rows.split("/") if step]
        self._steps = [step.rpartition(":")[2].rpartition("}")[2] for step in names]
        self._anywhere = rows.startswith("//")
        # What stands on the way is no notice of a script, be it called `table` or `b`.
        self.layout = Layout(self.goes_on, own=frozenset(self._steps), mixed=self._anywhere)

    def goes_on(self, path: tuple[str, ...], name: str, peek: Callable[[], str]) -> bool:
        """Whether records may stand inside of this element, and it is none."""
        here = (*path, name)
        if self._anywhere:
            return not self._ends(here)
        return len(here) < len(self._steps) and self._fits(here, self._steps[: len(here)])

    def may_hold(self, piece: Piece) -> bool:
        """Whether a piece is a record, or hides some."""
        return self.hides_in((*piece.path, piece.name))

    def hides_in(self, here: Sequence[str]) -> bool:
        """The same, by the names that lead to it."""
        return self._anywhere or not self._steps or self._fits(here, self._steps)

    def records(self, piece: Piece) -> Iterator[Element]:
        """The records in a piece: itself, or what stands deeper in it than pieces are looked for."""
        if piece.element is None or not self.may_hold(piece):
            return
        here = (*piece.path, piece.name)
        if not self._anywhere or self._ends(here):
            yield piece.element
        else:
            yield from self._inside(piece.element, here)

    def inside(self, root: Element) -> Iterator[Element]:
        """The records in a tree, of which the root may be one."""
        here = (local(root),)
        if not self._steps or self._ends(here):
            yield root
        else:
            yield from self._inside(root, here)

    def _inside(self, element: Element, here: tuple[str, ...]) -> Iterator[Element]:
        open_ = [(element.iterchildren(etree.Element), here)]
        while open_:
            children, path = open_[-1]
            one = next(children, None)
            if one is None:
                open_.pop()
            elif self._ends(inner := (*path, local(one))):
                yield one
            elif self._anywhere or len(inner) < len(self._steps):
                open_.append((one.iterchildren(etree.Element), inner))

    def ends(self, here: Sequence[str]) -> bool:
        """Whether the names that lead to an element, its own last, are those of a record; of none, of a root."""
        return self._ends(here) if self._steps else len(here) == 1

    def _ends(self, here: Sequence[str]) -> bool:
        if not self._anywhere:
            return self._fits(here, self._steps)
        return len(here) >= len(self._steps) and self._fits(here[-len(self._steps) :], self._steps)

    @staticmethod
    def _fits(here: Sequence[str], steps: Sequence[str]) -> bool:
        return len(here) == len(steps) and all(step in ("*", name) for name, step in zip(here, steps, strict=True))
