"""What stands in a record of LIDO? Its elements by the names of the schema, each with its language, and what was read.

http://www.lido-schema.org/schema/v1.1/lido-v1.1.xsd
"""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from lxml import etree

from biglam_pipeline.fields.languages import read_languages
from biglam_pipeline.normalize.formats.lido.names import name_of
from biglam_pipeline.parsing.html import text_of_elements
from biglam_pipeline.parsing.xml.reading import local

Element = etree._Element

_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_LIDO = "{http://www.lido-schema.org}"
_FIELDS_IN = """lido descriptiveMetadata administrativeMetadata event titleSet repositorySet objectMeasurementsSet
    objectDescriptionSet objectMaterialsTechSet inscriptions displayStateEditionWrap subject subjectSet relatedWorkSet
    rightsWorkSet recordWrap recordInfoSet recordRights resourceSet rightsResource eventSet"""
_CARRIERS = frozenset(_FIELDS_IN.split())
"""Elements that hold fields: an unread field is named by the nearest of these and what stands in it."""


_MAX_ATTRIBUTE = 200
"""Letters of a type or a label that are looked at: no word of a list is longer."""
_TEXTS = {"descriptiveNoteValue", "inscriptionTranscription", "appellationValue", "creditLine", "term", "objectNote"}


class Node:
    """One element."""

    __slots__ = ("element", "kids", "known", "lang", "name", "text", "up", "used")

    def __init__(self, element: Element, name: str, known: bool, up: "Node | None", lang: str) -> None:
        self.element = element
        self.name = name
        """By the schema; its own local name where no schema knows it."""
        self.known = known
        self.up = up
        self.lang = lang
        """Its own, or that of what it stands in; the first part of a BCP 47 tag, or empty."""
        self.text = ""
        """Its own, without outer blanks, also what stands between and behind those in it, where none is due."""
        self.kids: list[Node] = []
        self.used = False
        """Whether its text went into a column, or is known to say nothing more."""

    def attr(self, name: str) -> str:
        """An attribute, with LIDO's prefix or without."""
        return (self.element.get(_LIDO + name) or self.element.get(name) or "")[:_MAX_ATTRIBUTE].strip()

    def all(self, *names: str) -> list["Node"]:
        """The children of these names."""
        return [one for one in self.kids if one.name in names]

    def below(self, *path: str) -> Iterator["Node"]:
        """The descendants by this path of names."""
        if not path:
            yield self
            return
        for one in self.kids:
            if one.name == path[0]:
                yield from one.below(*path[1:])

    def inside(self) -> Iterator["Node"]:
        """Itself and all in it, in the order of the document."""
        yield self
        for one in self.kids:
            yield from one.inside()

    def spend(self) -> None:
        """Notes that all in it was used."""
        for one in self.inside():
            one.used = True


class Index:
    """The elements of some blocks of one language by name, however deep: wraps are left out and put elsewhere."""

    def __init__(self, lang: str) -> None:
        self.lang = lang
        self.codes: list[str] = []
        """The same as the blocks write it."""
        self.made: list[tuple[str, Node]] | None = None
        """The events of the making, by kind, once they were looked for."""
        self._nodes: dict[str, list[Node]] = {}

    def put(self, node: Node) -> None:
        """One more, behind those before it."""
        self._nodes.setdefault(node.name, []).append(node)

    def all(self, *names: str) -> list[Node]:
        """Those of these names; of one, in the order of the document."""
        return [one for name in names for one in self._nodes.get(name, ())]


class Tree:
    """A record."""

    def __init__(self, container: Element) -> None:
        self.slips: dict[str, str] = {}
        """Name as it is written -> name of the schema."""
        self.described: dict[str, Index] = {}
        """Language of `descriptiveMetadata` -> what stands there; one that says none is in that of the first."""
        self.administered = Index("")
        """What stands in `administrativeMetadata`, in whatever language."""
        self.nodes: list[Node] = []
        """All, in the order of the document."""
        self.root = self._grown(container, None, "", Index(""))

    def unread(self) -> set[str]:
        """What is filled and was not used, by its field; where something of the field was, with its own name."""
        found: dict[tuple[str, ...], set[str]] = {}
        read_in_part: dict[int, bool] = {}
        for one in self.nodes:
            if one.text and not one.used:
                place, field = _field_of(one)
                if id(field) not in read_in_part:
                    read_in_part[id(field)] = any(inner.used for inner in field.inside())
                more = read_in_part[id(field)] and field is not one
                found.setdefault(place, set()).add(one.name if more else "")
        return {"/".join(filter(None, (*place, name))) for place, names in found.items() for name in names}

    def _grown(self, element: Element, up: Node | None, lang: str, index: Index) -> Node:
        known, slip = name_of(str(element.tag))
        if slip:
            self.slips[slip] = known
        own = element.get(_LANG)
        node = Node(element, known or local(element), bool(known), up, _language(own) if own else lang)
        if node.name == "descriptiveMetadata":
            lang = node.lang or next(iter(self.described), "")
            index = self.described.setdefault(lang, Index(lang))
            index.codes += [own.strip()[:_MAX_ATTRIBUTE]] if own else []
        elif node.name == "administrativeMetadata":
            index = self.administered
        self.nodes.append(node)
        index.put(node)
        if not len(element):
            node.text = (element.text or "").strip()
            return node
        kids = [*element.iterchildren(etree.Element)]
        if _is_text(node.name) or not (known or any(name_of(str(one.tag)).known or len(one) for one in kids)):
            node.text = text_of_elements(element)
        else:
            node.text = " ".join(filter(None, map(str.strip, (element.text or "", *(one.tail or "" for one in kids)))))
            node.kids = [self._grown(one, node, node.lang, index) for one in kids]
        return node


def sort(found: Iterable[Node]) -> list[Node]:
    """In the order that `sortorder` gives, else as they stand."""
    return sorted(found, key=_order)


def _order(node: Node) -> int:
    order = node.attr("sortorder")
    return int(order) if order.isdecimal() and len(order) < 10 else 1_000_000_000


def _is_text(name: str) -> bool:
    """Whether it holds words for people, and so may hold HTML."""
    if name.startswith("display"):
        return not name.endswith("Wrap")
    return name in _TEXTS


def _field_of(node: Node) -> tuple[tuple[str, ...], Node]:
    """The field that it is part of: `event/eventActor`, and the node of that."""
    field = node
    while field.up is not None and field.up.name not in _CARRIERS:
        field = field.up
    return (*([field.up.name] if field.up is not None and field.up.up is not None else []), field.name), field


@lru_cache(maxsize=1024)
def _language(code: str) -> str:
    tags, _ = read_languages([code[:_MAX_ATTRIBUTE]])
    return tags[0].partition("-")[0] if tags else ""
