"""Reads EAD 2002 and EAD3: finding aids alone, in lists or from a server; a row is the collection or a component.

EAD 2002: https://www.loc.gov/ead/tglib/ ; EAD3: https://www.loc.gov/ead/EAD3taglib/
"""

import copy
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Annotated, Any, ClassVar, Literal

import pyarrow as pa
from lxml import etree
from pydantic import AfterValidator, model_validator

from biglam_pipeline.normalize.block import is_each
from biglam_pipeline.normalize.cut import Cut, Described, Found
from biglam_pipeline.normalize.enveloped import Enveloped
from biglam_pipeline.normalize.formats.ead.blanking import take_out
from biglam_pipeline.normalize.formats.ead.counting import count_units
from biglam_pipeline.normalize.formats.ead.described import name_of, unread
from biglam_pipeline.normalize.formats.ead.elements import HEADERS, Element, internal_in, is_internal, take_away
from biglam_pipeline.normalize.formats.ead.units import Steps, Unit, Units, opens
from biglam_pipeline.normalize.gone import gone_from
from biglam_pipeline.normalize.mapping.columns import taken_name
from biglam_pipeline.normalize.mapping.paths import AnyXPath, PathLanguage
from biglam_pipeline.normalize.oai_records import child_of, mark_deleted
from biglam_pipeline.normalize.rows.rights_of import with_statements
from biglam_pipeline.normalize.volatile import as_kept
from biglam_pipeline.parsing.inflate import Unreadable, open_plain, packed_as
from biglam_pipeline.parsing.xml.branches import Branch, NotStreamed, branches, check_stream, streamed_branches
from biglam_pipeline.parsing.xml.defaults import defaulted
from biglam_pipeline.parsing.xml.encoding import HEAD_BYTES
from biglam_pipeline.parsing.xml.reading import local, root_name
from biglam_pipeline.parsing.xml.streaming import Pieces, replace_pieces
from biglam_pipeline.place import Place
from biglam_pipeline.records import TAKEN, Bundle, Item, Record, Reject, Unmapped
from biglam_pipeline.settings import Accounts, Misplaced

LARGE_BYTES = 4 * 2**20
"""A larger finding aid is read as a stream, where nothing in it has to be mended."""
_INTERNAL = "components for internal use"
_LEFT_OUT = "raw_record: what is marked as internal is left out"


def _known(rows: str) -> str:
    if rows in ("component", "collection") or is_each(rows):
        return rows
    raise ValueError(
        f"{rows!r} is no row of a finding aid; write component (the collection and all in it) or collection, and put "
        "what else must hold into `where`, such as where: {'@level': file}"
    )


class Ead(Enveloped):
    """The collection and each component is a row; a PATH is XPath 1.0 from archdesc or from the component."""

    type: Literal["ead"] = "ead"
    """EAD 2002 or EAD3, from an OAI server or in files."""
    rows: Annotated[str, AfterValidator(_known)] = "component"
    """What one row is: component (the collection itself, and each c, c01 to c12 at any depth), collection (that alone),
    or $NAME."""

    accounts: ClassVar[Accounts] = Accounts(
        "collections and components that are not for internal use, and records that became tombstones or rejects",
        "elements counted by expat",
        "a finding aid that cannot be repaired is a reject as a whole: a component may inherit from any part of it",
    )
    extensions: ClassVar[tuple[str, ...]] = (".ead",)
    guessed_from: ClassVar[tuple[str, ...]] = ("ead",)
    path_language: ClassVar[PathLanguage] = AnyXPath()
    version: ClassVar[int] = 4
    record_format: ClassVar[str] = "ead"
    metadata_prefixes: ClassVar[tuple[str, ...]] = ("ead", "oai_ead", "ead3", "oai_ead3", "ead2002", "oai_ead2002")
    called: ClassVar[tuple[str, ...]] = (*metadata_prefixes[1:], "ead_2002", "ead_xml", "finding_aid", "findingaid")
    containers: ClassVar[frozenset[str]] = frozenset({"ead", "archdesc"})
    foreign: ClassVar[tuple[str, str]] = (
        "not_ead",
        "EAD (a finding aid with an archdesc); choose its files with `files`",
    )
    notes: ClassVar[tuple[str, str]] = (
        (
            "A row has columns of its own: `level`, `titles_above`, `seq`, `containers`, `physical_location`, "
            "`digital_objects`, `repository`, and `inherited`, the columns that a component has from above since it "
            "says nothing itself (date, languages, creators, repository, page). Conditions of access and use are heard "
            "of all units above: the strictest counts."
        ),
        (
            'What has audience="internal", and whatever stands in it, is in no column and not in `raw_record`, and is '
            "counted. A component is called by its `id`, else by its way: shelf marks, or digests of titles and dates; "
            "before that stands the name of the finding aid (its identifier at the server, `eadid` or `recordid`, or "
            "the file). `raw_record` is the component without those in it."
        ),
    )

    @model_validator(mode="after")
    def _fits_together(self) -> "Ead":
        said = "the reader fills a column of this name; give yours another"
        if twice := [name for name in self.map.extra if name in self.own_types]:
            raise Misplaced(*((("map", "extra", name), f"`{name}`: {said}") for name in twice))
        return self

    @property
    def own_types(self) -> dict[str, pa.DataType]:
        """The columns that the reader adds; `seq` where the rows have none."""
        texts = pa.list_(pa.string())
        found: dict[str, pa.DataType] = {"level": pa.string(), "titles_above": texts, "seq": pa.int32()}
        found |= {"containers": texts, "physical_location": pa.string(), "digital_objects": texts}
        found |= {"repository": pa.string(), "inherited": texts}
        return {
            name: kind for name, kind in found.items() if not taken_name(name) or self.chosen_modality == "metadata"
        }

    @property
    def extras(self) -> dict[str, pa.DataType]:
        """These, and what the entry adds."""
        return {**self.own_types, **super().extras}

    # --- reading ---

    def cut(self, item: Item) -> Iterator[Found]:
        """The units of each finding aid of a file."""
        if hidden := defaulted(item, "audience", ("internal",)):  # EAD's own DTD has no default
            detail = (
                f"its document type makes internal what says nothing ({', '.join(hidden[:5])}); ask for a "
                "file that writes out each audience, or leave this one out with `files`"
            )
            yield Reject("audience_defaulted", detail, item.name, "")
            return
        try:
            steps = _streamed(item)
            base = Cut(None, item.name, place=Place("record", 1), facts={"identifier": "", "datestamp": "", "set": []})
            yield from self._units(base, steps, item)
        except NotStreamed:  # known before the first row
            yield from super().cut(item)

    def columns_of(self, container: Element, raw: str) -> tuple[dict[str, Any], set[str]]:
        """Nothing: its units say it."""
        return {}, set()

    def described(self, container: Element, alone: Callable[[], Any], size: int) -> Described:
        """A digest stands for a finding aid in a list that has no name: nothing else asks for all of it."""
        named = self.own_name(container, {}) or container.getparent() is None
        return Described(lambda: container, "" if named else as_kept(container, self.volatile, size), {}, ())

    def own_name(self, container: Element, columns: Mapping[str, Any]) -> str:
        """As the finding aid is called by itself."""
        header = next((one for one in container.iterchildren() if local(one) in HEADERS), None)
        if header is None or is_internal(header):
            return ""
        shown = copy.deepcopy(header)
        take_away(shown, internal_in(shown))
        return name_of(shown)

    def divided(self, cut: Cut, item: Item, around: Sequence[Any]) -> Iterable[Found]:
        """The units of a finding aid."""
        container: Element = cut.record()
        alone = container.getparent() is None and not self.own_name(container, {})
        base = replace(cut, identifier=item.name) if alone else cut
        return self._units(base, lambda: branches(container, opens), item)

    def _units(self, base: Cut, steps: Steps, item: Item) -> Iterator[Found]:
        units = Units(steps, components=self.rows != "collection")
        name, first = "", True
        try:
            for unit in units:
                if first:
                    name = self._called(base, units.header)
                yield self._row(base, unit, name, first=first)
                first = False
        except Unreadable as trouble:
            yield Reject(trouble.reason, trouble.detail, item.name, str(base.place))
        besides = {**units.beside, **({_INTERNAL: units.internal} if units.internal else {})}
        if besides:
            yield Unmapped(0, besides, 0, base.problems if first else ())

    def _called(self, base: Cut, header: Element | None) -> str:
        """As the server calls it, else it itself, else its file."""
        if given := str(base.facts.get("identifier") or ""):
            return given
        return name_of(header) or (base.identifier if isinstance(base.identifier, str) else base.identifier())

    def _row(self, base: Cut, unit: Unit, name: str, *, first: bool) -> Cut:
        whole = unit.element.getparent() if not unit.name else None
        fixed: dict[str, Any] = {}
        if self.chosen_modality == "metadata":
            fixed = {"raw_record": as_kept(unit.element if whole is None else whole, self.volatile)}
        elif self.chosen_modality == "text":
            fixed = {"text_unit": "row", "text_origin": "born_digital"}
        own = {**unit.own, "titles_above": [*unit.titles] or None, "inherited": unit.inherited or None}
        said = {column: list(texts) for column, texts in unit.said.items()}
        columns = with_statements(with_statements({**unit.columns, "parent_id": None}, said), base.columns)
        if unit.name:
            columns["parent_id"] = f"{name}#{unit.parent}" if unit.parent else name
        (own if "seq" in self.own_types else columns)["seq"] = unit.seq
        place = _place(base.place.number, unit.number) if unit.name else base.place
        problems = (*(base.problems if first else ()), *((_LEFT_OUT,) if unit.hidden else ()))
        return replace(
            base,
            record=unit.element,
            identifier=f"{name}#{unit.name}" if unit.name else name,
            columns=columns,
            fixed=fixed,
            place=place,
            problems=problems,
            filled=unread(unit.element),
            own=own,
        )

    def expected(self, bundle: Bundle) -> int | None:
        """Units by expat, and records that hold none; None where expat cannot read a file as it is."""
        return count_units(bundle.items, components=self.rows != "collection")

    # --- takedown ---

    def remember(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, dict[str, Any]]:
        """Which finding aids of a page keep a header alone; see `blank`."""
        found = {item.name: _without(item, records)[1] for item in bundle.items}
        return {
            item.name: {TAKEN: sorted(found[item.name] | gone_from(item))} for item in bundle.items if found[item.name]
        }

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """Units are emptied where they stand; a finding aid of which none is left goes, as a record of a page does."""
        left: dict[str, Iterable[bytes] | None] = {}
        for item in bundle.items:
            if any(record.item == item.name for record, _ in records):
                changes, _ = _without(item, records)
                left[item.name] = None if changes is None else packed_as(item, _rewritten(item, changes))
        return left


Changes = list[tuple[int, int, bytes]]


def _without(item: Item, records: Sequence[tuple[Record, str]]) -> tuple[Changes | None, set[int]]:
    """What takes the place of finding aids of which units go: place, length, bytes; None where nothing would be left,
    or one is too large to be taken apart. And the numbers of those that go as a whole.
    """
    going = {record.place: shown for record, shown in records if record.item == item.name}
    changes, whole, count, outside = Changes(), set[int](), 0, False
    with open_plain(item) as stream:
        due = (piece for piece in Pieces(stream, Ead.layout(), item.media_type) if Ead.is_due(piece))
        for count, piece in enumerate(due, 1):
            outside = outside or not piece.path
            chosen = {number: shown for place, shown in going.items() if (number := _number(place, count)) is not None}
            if not chosen:
                continue
            aid = None if piece.element is None else next(piece.element.iter("{*}ead", "{*}archdesc"), None)
            if piece.element is None or aid is None:
                return None, set()
            instead = None
            if take_out(aid, chosen):
                whole.add(count)
                instead = b"<!-- taken down -->"
                if child_of(piece.element, "header") is not None:
                    mark_deleted(piece.element, next(iter(chosen.values())).partition(":")[2].partition("#")[0])
                    instead = None
            instead = instead or etree.tostring(piece.element, encoding="ASCII", with_tail=False)
            changes.append((piece.start, piece.size, instead))
    return (None if outside and count == 1 and whole else changes), whole


def _number(place: Place, record: int) -> int | None:
    """That of the unit in the finding aid of this number, where it stands in that."""
    if place == _place(record, place.number):
        return place.number
    return 0 if place == Place("record", record) else None


def _place(record: int, unit: int) -> Place:
    return Place("component", unit, f"record {record}, component {unit}")


def _rewritten(item: Item, changes: Changes) -> Iterator[bytes]:
    with open_plain(item) as stream:
        yield from replace_pieces(stream, changes, item.media_type)


def _streamed(item: Item) -> Steps:
    """NotStreamed for what is small, or no finding aid by itself, or has to be mended."""
    with open_plain(item) as stream:
        begin = stream.read(LARGE_BYTES + 1)
    if len(begin) <= LARGE_BYTES or not item.whole:
        raise NotStreamed("it is small")
    if root_name(begin[:HEAD_BYTES], item.media_type) != "ead":
        raise NotStreamed("its root is another")
    with open_plain(item) as stream:
        check_stream(stream, item.media_type)

    def steps() -> Iterator[Branch]:
        with open_plain(item) as stream:
            yield from streamed_branches(stream, opens)

    return steps
