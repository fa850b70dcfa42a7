"""Reads XML of any vocabulary: each element that `rows` leads to is a record; files may be of any size.

XML: https://www.w3.org/TR/xml/ ; XPath 1.0: https://www.w3.org/TR/1999/REC-xpath-19991116/
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar, Literal

from lxml import etree
from pydantic import field_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.equals import Times
from biglam_pipeline.normalize.expecting import BETWEEN, begins_as_html
from biglam_pipeline.normalize.mapping.paths import AnyXPath, PathLanguage
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.stretched import begins_at, passed_before, times_in
from biglam_pipeline.normalize.stretching import NotCut
from biglam_pipeline.normalize.volatile import VolatilePaths, as_kept
from biglam_pipeline.normalize.xml_ends import XmlEnds
from biglam_pipeline.parsing.counted import AtLeast, added
from biglam_pipeline.parsing.inflate import open_plain, packed_as
from biglam_pipeline.parsing.xml.counting import Attributes, count_outermost
from biglam_pipeline.parsing.xml.reading import local
from biglam_pipeline.parsing.xml.streaming import Piece, Pieces, replace_pieces
from biglam_pipeline.parsing.xml.ways import Way, is_way
from biglam_pipeline.place import Place
from biglam_pipeline.records import Bundle, Item, Record, Reject, Unmapped
from biglam_pipeline.settings import Accounts

Element = etree._Element

_TAKEN = ("biglam", "taken-down")
"""The attribute of what is left of a record that was taken down."""


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
        "elements counted by expat, up to the first damage",
        "a record that cannot be repaired is a reject with its place, and the records around it are read",
    )
    extensions: ClassVar[tuple[str, ...]] = (".xml", ".vrt", ".sgml", ".sgm")
    blanks: ClassVar[bool] = True
    path_language: ClassVar[PathLanguage] = AnyXPath()
    fills: ClassVar[bool] = False
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
        if rows and not rows.startswith("$") and not is_way(rows):
            raise ValueError(
                f"{rows!r} is no way to records; write names, as in /catalogue/record or //record, and put what else "
                "must hold into `where`"
            )
        return rows

    def cut(self, item: Item) -> Iterator[Found]:
        """Record by record; what cannot be read is a Reject."""
        way, times = Way(self.rows), times_in(item)
        number, reported, beside = begins_at(item) - 1, 0, Counter[str]()
        with open_plain(item) as stream:
            pieces = Pieces(stream, way.layout, item.media_type, passed=passed_before(item))
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
                    yield self._cut(item, element, number, times, tuple(f"xml: {one}" for one in repairs))
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

    def _cut(self, item: Item, element: Element, number: int, times: Times, problems: tuple[str, ...]) -> Cut:
        raw = as_kept(element, self.volatile)
        fixed: dict[str, Any] = {"raw_record": raw} if self.chosen_modality == "metadata" else {}
        if self.chosen_modality == "text":
            fixed = {"text_unit": "row", "text_origin": "born_digital"}
        return Cut(
            element,
            lambda: _numbered(item, raw, times),
            fixed=fixed,
            place=Place("record", number),
            problems=problems,
            filled=_filled(element),
        )

    def expected(self, bundle: Bundle) -> int | None:
        """The outermost elements that `rows` leads to, by expat; where there are none, that is a reject."""
        return added(self._expected_of(item) for item in bundle.items)

    def _expected_of(self, item: Item) -> int | None:
        if begins_as_html(item):
            return None
        way, taken = Way(self.rows), 0

        def chooses(path: Sequence[str], attributes: Attributes) -> bool:
            nonlocal taken
            chosen = way.ends(path)
            taken = taken if len(path) > 1 else 0
            taken += (
                chosen
                and _TAKEN[1] in attributes
                and dict(zip(attributes[::2], attributes[1::2], strict=True)).get(_TAKEN[0]) == _TAKEN[1]
            )
            return chosen

        skips = BETWEEN - way.layout.own
        count = count_outermost(partial(open_plain, item), chooses, skips)
        return AtLeast(count - taken) if isinstance(count, AtLeast) else max(count, 1) - taken

    def how_cut(self, item: Item) -> str:
        """Where `rows` leads to elements of a list."""
        return f"xml {self.rows}" if self.rows and not self.rows.startswith("$") else ""

    def borders(self, item: Item) -> XmlEnds:
        """See `Reader.borders`."""
        way = Way(self.rows)
        return XmlEnds(way.layout, partial(_is_record, way), item.media_type)

    # --- takedown ---

    whole_behind_takedown: ClassVar[bool] = True

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


def _is_record(way: Way, path: tuple[str, ...], name: str) -> bool:
    if way.ends((*path, name)):
        return True
    if way.hides_in((*path, name)):
        raise NotCut(f"records may stand deeper in it, in <{name}>")
    return False


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


def _numbered(item: Item, raw: str, times: Times) -> str:
    """A record without an identifier is called by its file and what it holds; of several equal ones each is counted."""
    return f"{item.name}#{times.numbered(hashlib.sha256(raw.encode()).hexdigest()[:16])}"


def _filled(element: Element) -> Iterable[str]:
    """Local names of elements in it that have a text, and its own attributes as @name."""
    names: Mapping[str, None] = {f"@{str(name).rpartition('}')[2]}": None for name in element.attrib}
    texts = (one for one in element.iterdescendants(etree.Element) if (one.text or "").strip())
    return [*dict.fromkeys([*names, *map(local, texts)])]
