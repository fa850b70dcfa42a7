"""Reads XML of any vocabulary: each element that `rows` leads to is a record; files may be of any size.

XML: https://www.w3.org/TR/xml/ ; XPath 1.0: https://www.w3.org/TR/1999/REC-xpath-19991116/
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from lxml import etree
from pydantic import field_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.mapping.paths import PathLanguage, XPath
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.volatile import VolatilePaths, as_kept
from biglam_pipeline.parsing.inflate import open_plain, packed_as
from biglam_pipeline.parsing.xml.cutting import Layout
from biglam_pipeline.parsing.xml.reading import local
from biglam_pipeline.parsing.xml.streaming import Piece, Pieces, replace_pieces
from biglam_pipeline.place import Place
from biglam_pipeline.records import Bundle, Item, Record, Reject, Unmapped
from biglam_pipeline.settings import Accounts

Element = etree._Element

_NAME = r"(?:[A-Za-z_][\w.-]*:|\{\*\})?(?:\*|[^\W\d][\w.-]*)"
_ROWS = re.compile(rf"(//?)?{_NAME}(?:/{_NAME})*")
_WORD = re.compile(r"\"[^\"]*\"|'[^']*'|(@)?(?:[^\W\d][\w.-]*:(?!:)|\{\*\})?([^\W\d][\w.-]*)(::|\s*\()?")
"""A name in a path, what stands before it, and what makes an axis or a function of it; texts in quotes hold none."""
_SPOKEN = {"and", "or"}
_TAKEN = ("biglam", "taken-down")
"""The attribute of what is left of a record that was taken down."""


class AnyXPath(XPath):
    """XPath 1.0 over elements of any vocabulary: those that it reads are known by their names without a prefix too."""

    def fields(self, path: str) -> list[str]:
        """Local names of elements, and of attributes as @name."""
        found = _WORD.findall(path)
        return [f"{at}{name}" for at, name, more in found if name and not more and name not in _SPOKEN]


class Xml(Reader):
    """Each element that `rows` leads to is a row; a PATH is XPath 1.0 from it, `{*}name` is a name in any namespace."""

    type: Literal["xml"] = "xml"
    """XML of any vocabulary."""
    rows: str = ""
    """Where the records are: names of elements, such as /catalogue/record or //OBJECT, whatever their namespace and
    prefix; by default the whole file, or each of its roots. Of what is inside one another, the outermost. Or $NAME."""
    volatile: VolatilePaths = ()
    """What of a record says nothing of it and changes by itself: left out of raw_record and of the row's digest."""

    accounts: ClassVar[Accounts] = Accounts(
        "elements that `rows` leads to: rows or rejects",
        "elements counted by expat (tests)",
        "a record that cannot be repaired is a reject with its place, and the records around it are read",
    )
    extensions: ClassVar[tuple[str, ...]] = (".xml", ".vrt", ".sgml", ".sgm")
    blanks: ClassVar[bool] = True
    path_language: ClassVar[PathLanguage] = AnyXPath()
    default_modality: ClassVar[Modality] = "metadata"
    record_format: ClassVar[str] = "xml"
    called: ClassVar[tuple[str, ...]] = ("any_xml", "vrt", "sgml", "djvu_xml")
    names_records: ClassVar[bool] = False
    hears_rights: ClassVar[bool] = False
    notes: ClassVar[tuple[str, str]] = (
        "",
        (
            "A name in a PATH without a prefix is one in no namespace, as XPath has it: where the file declares one, "
            "write `{*}title`, or a prefix that every format knows (`tei:title`). `rows` does not ask for namespaces. "
            "Conditions do not belong into `rows`: write `where: {'@type': page}`."
        ),
    )

    @field_validator("rows")
    @classmethod
    def _leads_to_records(cls, rows: str) -> str:
        if rows and not rows.startswith("$") and not _ROWS.fullmatch(rows):
            raise ValueError(
                f"{rows!r} is no way to records; write names, as in /catalogue/record or //record, and put what else "
                "must hold into `where`"
            )
        return rows

    def cut(self, item: Item) -> Iterator[Found]:
        """Record by record; what cannot be read is a Reject."""
        way = Way(self.rows)
        met: Counter[str] = Counter()
        number, reported, beside = 0, 0, Counter[str]()
        with open_plain(item) as stream:
            pieces = Pieces(stream, way.layout, item.media_type)
            for piece in pieces:
                if piece.element is None:  # what does not end beside the records may have swallowed some
                    number += way.may_hold(piece)
                    yield _reject(item, piece, f"record {number}" if way.may_hold(piece) else f"<{piece.name}>")
                    continue
                inside = list(way.records(piece))
                if not inside:
                    beside[piece.name] += 1
                repairs = (*pieces.repairs[reported:], *piece.repairs)
                reported = len(pieces.repairs)
                for element in inside:
                    number += 1
                    if element.get(_TAKEN[0]) == _TAKEN[1]:
                        continue
                    yield self._cut(item, element, number, met, tuple(f"xml: {one}" for one in repairs))
                    repairs = ()
            left = tuple(f"xml: {one}" for one in pieces.repairs[reported:])
        if not pieces.whole:
            detail = "it ends before its root is closed, so something is missing; harvest it again"
            yield Reject("xml_cut", detail, item.name, f"after record {number}")
        if not number:
            there = ", ".join(sorted(beside)[:20]) or "nothing"
            detail = f"`rows: {self.rows}` leads to no records; beside the way stand {there}; correct `rows`"
            yield Reject("rows_missing", detail, item.name, "")
        yield Unmapped(0, {}, 0, left)

    def _cut(self, item: Item, element: Element, number: int, met: Counter[str], problems: tuple[str, ...]) -> Cut:
        raw = as_kept(element, self.volatile)
        fixed: dict[str, Any] = {"raw_record": raw} if self.chosen_modality == "metadata" else {}
        if self.chosen_modality == "text":
            fixed = {"text_unit": "row", "text_origin": "born_digital"}
        return Cut(
            element,
            lambda: _numbered(item, raw, met),
            fixed=fixed,
            place=Place("record", number),
            problems=problems,
            filled=_filled(element),
        )

    # --- takedown ---

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """Of each its name is left; of a file that is the record, nothing."""
        left: dict[str, Iterable[bytes] | None] = {}
        for item in bundle.items:
            if numbers := {record.place.number for record, _ in records if record.item == item.name}:
                changes = self._without(item, numbers)
                left[item.name] = None if changes is None else packed_as(item, _rewritten(item, changes))
        return left

    def _without(self, item: Item, numbers: set[int]) -> list[tuple[int, int, bytes]] | None:
        """What takes the place of pieces that hold these records: place, length, bytes. None where nothing is left."""
        way, changes, number, outside = Way(self.rows), list[tuple[int, int, bytes]](), 0, False
        with open_plain(item) as stream:
            for piece in Pieces(stream, way.layout, item.media_type):
                if piece.element is None:
                    number += way.may_hold(piece)
                    continue
                found = list(enumerate(way.records(piece), number + 1))
                number += len(found)
                outside = outside or (bool(found) and not piece.path)
                if gone := [element for at, element in found if at in numbers]:
                    changes.append((piece.start, piece.size, _emptied(piece.element, gone)))
        return None if outside and number == len(numbers) else changes


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
        here = (*piece.path, piece.name)
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

    def _inside(self, element: Element, here: tuple[str, ...]) -> Iterator[Element]:
        open_ones = [(element.iterchildren(etree.Element), here)]
        while open_ones:
            children, around = open_ones[-1]
            if (one := next(children, None)) is None:
                open_ones.pop()
            elif self._ends(path := (*around, local(one))):
                yield one
            else:
                open_ones.append((one.iterchildren(etree.Element), path))

    def _ends(self, here: tuple[str, ...]) -> bool:
        return len(here) >= len(self._steps) and self._fits(here[-len(self._steps) :], self._steps)

    @staticmethod
    def _fits(here: Sequence[str], steps: Sequence[str]) -> bool:
        return len(here) == len(steps) and all(step in ("*", name) for name, step in zip(here, steps, strict=True))


def _emptied(piece: Element, gone: Sequence[Element]) -> bytes:
    """The piece with nothing left of these but their names, so that the others keep their places."""
    for one in gone:
        tail = one.tail
        one.clear()
        one.tail = tail
        one.set(*_TAKEN)
    return etree.tostring(piece, encoding="ASCII", with_tail=False)


def _rewritten(item: Item, changes: list[tuple[int, int, bytes]]) -> Iterator[bytes]:
    with open_plain(item) as stream:
        yield from replace_pieces(stream, changes, item.media_type)


def _reject(item: Item, piece: Piece, position: str) -> Reject:
    assert piece.trouble is not None
    where = f" ({piece.trouble.position})" if piece.trouble.position else ""
    return Reject(piece.trouble.reason, f"{piece.trouble.detail}{where}", item.name, position)


def _numbered(item: Item, raw: str, met: Counter[str]) -> str:
    """A record without an identifier is called by its file and what it holds; of several equal ones each is counted."""
    digest = hashlib.sha256(raw.encode()).hexdigest()[:16]
    met[digest] += 1
    return f"{item.name}#{digest}" + (f"-{met[digest]}" if met[digest] > 1 else "")


def _filled(element: Element) -> Iterable[str]:
    """Local names of elements in it that have a text, and its own attributes as @name."""
    names: Mapping[str, None] = {f"@{str(name).rpartition('}')[2]}": None for name in element.attrib}
    texts = (one for one in element.iterdescendants(etree.Element) if (one.text or "").strip())
    return [*dict.fromkeys([*names, *map(local, texts)])]
