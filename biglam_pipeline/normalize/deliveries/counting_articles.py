"""How many articles does a METS or a DIDL have? Counted by expat, beside the tree that they are read of.

Which divisions are articles is `mets.ARTICLES`' word, and that of DIDL's roles; that they stand there is counted apart.
"""

from abc import abstractmethod
from dataclasses import dataclass
from functools import partial

from biglam_pipeline.normalize.deliveries.mets import ARTICLES
from biglam_pipeline.parsing.counted import PartsOf
from biglam_pipeline.parsing.inflate import open_plain
from biglam_pipeline.parsing.xml.watching import Attributes, Watch, local_name
from biglam_pipeline.records import Item


def articles_in(issue: Item, container: str) -> PartsOf | None:
    """The least number of rows and rejects of one METS or DIDL; None where it is broken."""
    watch = _Mets() if container == "mets" else _Didl()
    return PartsOf(watch.articles) if watch.go(partial(open_plain, issue)) else None


class _Counting(Watch):
    @property
    @abstractmethod
    def articles(self) -> int:
        """How many."""


@dataclass(slots=True)
class _Division:
    is_article: bool
    points: bool = False
    """Whether it points to a place itself."""
    holds: bool = False
    """Whether an article is in it: one that has no place of its own only holds others."""


class _Mets(_Counting):
    def __init__(self) -> None:
        super().__init__()
        self._found: dict[str, int] = {}
        """Kind of a structure map -> how many articles are in such."""
        self._kind = ""
        self._open: list[_Division | None] = []
        """Of each element whether it is a division."""

    @property
    def articles(self) -> int:
        """Of the logical structure; of all but the physical where none is called so."""
        if "logical" in self._found:
            return self._found["logical"]
        return sum(count for kind, count in self._found.items() if kind != "physical")

    def start(self, name: str, attributes: Attributes) -> None:
        """A structure map, a division, or a pointer in one."""
        local, one = local_name(name), None
        if local == "structMap":
            self._kind = _said(attributes, "TYPE").lower()
            self._found.setdefault(self._kind, 0)
        elif local == "div":
            one = _Division(_said(attributes, "TYPE").lower().rpartition(":")[2] in ARTICLES)
        elif local == "fptr" and self._open and (around := self._open[-1]) is not None:
            around.points = True
        self._open.append(one)

    def end(self, name: str) -> None:
        """A division is an article, or holds some."""
        one = self._open.pop()
        if one is None:
            return
        if one.is_article and (one.points or not one.holds):
            self._found[self._kind] = self._found.get(self._kind, 0) + 1
        if self._open and (around := self._open[-1]) is not None:
            around.holds = around.holds or one.is_article or one.holds


class _Didl(_Counting):
    def __init__(self) -> None:
        super().__init__()
        self._path: list[str] = []
        self._count, self._is_over = 0, False
        self._roles: list[str | None] = []
        """Of each Item that is open what it says that it is; the first that it says."""

    @property
    def articles(self) -> int:
        """Items in the first one, which is the issue, whose role begins with the word."""
        return self._count

    def start(self, name: str, attributes: Attributes) -> None:
        """An Item, or a statement of its role."""
        self._path.append(local_name(name))
        if self._path[-1] == "Item":
            self._roles.append(None)
        elif (
            self._path[-3:] == ["Item", "Descriptor", "Statement"]
            and self._roles[-1] is None
            and _said(attributes, "type") == "role"
        ):
            self._roles[-1] = ""
            self.listen(on=True)

    def text(self, data: str) -> None:
        """Of a role."""
        self._roles[-1] = (self._roles[-1] or "") + data

    def end(self, name: str) -> None:
        """An Item is an article, as its role said."""
        ended = self._path.pop()
        if ended == "Statement":
            self.listen(on=False)
        elif ended == "Item":
            role = (self._roles.pop() or "").strip()
            inner = "Item" in self._path
            self._count += inner and not self._is_over and role.partition(" ")[0].lower() == "article"
            self._is_over = self._is_over or not inner


def _said(attributes: Attributes, name: str) -> str:
    """The value of an attribute, whatever its prefix."""
    values = (value for key, value in zip(attributes[::2], attributes[1::2], strict=True) if local_name(key) == name)
    return next(values, "").strip()
