"""Reads records of a library's catalogue: in XML, in whatever envelope, or in a form of the libraries' own, or JSON.

A kind says what a file is and where its records are; naming, numbering, tombstones, JSON and takedown are the same.
"""

import hashlib
import re
from abc import abstractmethod
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from lxml import etree

from biglam_pipeline.normalize.cut import Cut, Described, Found
from biglam_pipeline.normalize.enveloped import Enveloped
from biglam_pipeline.normalize.gone import gone_by_itself, gone_from
from biglam_pipeline.normalize.stretched import begins_at, times_in
from biglam_pipeline.parsing.chunks import Chunk
from biglam_pipeline.parsing.inflate import Unreadable, open_plain, packed_as
from biglam_pipeline.parsing.json.records import Span
from biglam_pipeline.parsing.json.stream import Broken
from biglam_pipeline.parsing.json.texts import Text, without
from biglam_pipeline.parsing.xml.cutting import Layout
from biglam_pipeline.parsing.xml.envelopes import records_of
from biglam_pipeline.place import Place
from biglam_pipeline.records import Bundle, Item, Record, Reject, Unmapped

Element = etree._Element
Read = tuple[Any, tuple[str, ...]]
"""A record, and what was guessed or mended of it."""
Names = Mapping[int, str]
"""Number of a record -> what it is called in its tombstone."""

_OTHER_FILES = re.compile(r"\.(csv|tsv|jsonl|txt|md|html?|pdf|jpe?g|png|tiff?|jp2|zip|xsd|dtd)$", re.IGNORECASE)


class Catalogued(Enveloped):
    """Records of a catalogue. A format says which form a file has, and what a record is in columns."""

    @classmethod
    @abstractmethod
    def is_xml(cls, item: Item) -> bool:
        """Whether the file is XML. Unreadable for what is known as something else."""

    @abstractmethod
    def read_xml(self, container: Element) -> Read:
        """The record of an element."""

    @abstractmethod
    def described_record(self, record: Any, problems: tuple[str, ...] = ()) -> Described:
        """What is made of a record, in whichever form it was. Unreadable where nothing can be."""

    @abstractmethod
    def cut_other(self, item: Item) -> Iterator[Found]:
        """The records of a file that is no XML."""

    @abstractmethod
    def expected_in_other(self, item: Item) -> int | None:
        """How many records such a file should give, counted by another way."""

    @abstractmethod
    def blanked(self, item: Item, names: Names) -> Iterable[bytes] | None:
        """Such a file without these records, not packed; None where nothing is left of it."""

    @classmethod
    def layout(cls) -> Layout:
        """Also a root that holds collections, whatever its name: each is a list of records."""
        plain = records_of(cls.containers)

        def descends(path: tuple[str, ...], name: str, peek: Callable[[], str]) -> bool:
            of_collections = not path and name.lower() not in cls.containers and peek().lower() == "collection"
            return of_collections or plain.descends(path, name, peek)

        return replace(plain, descends=descends)

    def reads(self, name: str) -> bool:
        """Everything but what is plainly something else: files of records have all sorts of names."""
        return not _OTHER_FILES.search(name)

    def cut(self, item: Item) -> Iterator[Found]:
        """Record after record, in the form in which the file is."""
        yield from super().cut(item) if self.is_xml(item) else self.cut_other(item)

    def expected_of(self, item: Item) -> int | None:
        """XML by expat, other forms by their own second way."""
        return super().expected_of(item) if self.is_xml(item) else self.expected_in_other(item)

    def how_cut(self, item: Item) -> str:
        """XML by its records; a kind says it of its other forms."""
        try:
            return super().how_cut(item) if self.is_xml(item) else ""
        except Unreadable:
            return ""

    def columns_of(self, container: Element, raw: str) -> tuple[dict[str, Any], set[str]]:
        """What a record in XML says."""
        found = self.described_record(*self.read_xml(container))
        return found.columns, set(found.unread)

    def described(self, container: Element, alone: Callable[[], Any], size: int) -> Described:
        """What is made of a record in XML."""
        return self.described_record(*self.read_xml(container))

    # --- takedown ---

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """A file keeps the name of the record, and that it is deleted, or null in JSON."""
        xml = tuple(item for item in bundle.items if self.is_xml(item))
        left = super().blank(Bundle(bundle.name, xml), records)
        for item in bundle.items:
            names = {one.place.number: shown.partition(":")[2] for one, shown in records if one.item == item.name}
            if names and item not in xml:
                kept = self.blanked(item, names)
                left[item.name] = None if kept is None else packed_as(item, kept)
        return left


class RecordsOfFile:
    """One file that is no XML, on its way through the reader."""

    def __init__(
        self,
        item: Item,
        describe: Callable[[Any, tuple[str, ...]], Described],
        name_of: Callable[[Any], str],
        *,
        text: bool,
    ) -> None:
        """describe: as `Catalogued.described_record`; name_of: what a record is called by itself, or nothing;
        text: whether rows have a text of their own.
        """
        self.item = item
        self._describe, self._name_of, self._text = describe, name_of, text
        self._times, self._gone = times_in(item), gone_from(item)
        self.begins = begins_at(item)
        """The number of the first record."""

    def found(self, number: int, read: Callable[[], Read]) -> Iterator[Found]:
        """What became of one record. number: from 1; read: Unreadable where it is none."""
        place = Place("record", number)
        try:
            found = self._describe(*read())
        except Unreadable as trouble:
            yield Reject(trouble.reason, trouble.detail, self.item.name, str(place))
            return
        name = self._name_of(found.record)
        if found.deleted:
            if number not in self._gone:
                yield gone_by_itself(name, "", self.item.name, place)
        else:
            yield self._cut(found, name, place)

    def of_chunks(self, chunks: Iterable[Chunk], read: Callable[[bytes], Read], reason: str) -> Iterator[Found]:
        """Of a file that is walked once. reason: of the reject that a file without any record is."""
        number = 0
        for number, chunk in enumerate(chunks, self.begins):
            yield from self.found(number, partial(_read_chunk, chunk, read))
        if not number:
            yield Reject(reason, "there is no record in it", self.item.name, "")

    def of_json(self, text: Text, spans: Iterable[Span], read: Callable[[bytes], Read]) -> Iterator[Found]:
        """Of a file of JSON; null stands where a record was taken down."""
        nothing = 0
        try:
            for number, span in enumerate(spans, 1):
                if span.data == b"null":
                    nothing += number not in self._gone
                    continue
                yield from self.found(number, partial(read, span.data))
        except Broken as broken:
            if self.item.whole or not broken.cut:
                yield Reject("json_document", f"it is no whole JSON document: {broken}", self.item.name, "")
        noted = (text.found.problem,) if text.found.problem else ()
        yield Unmapped(0, {"places that hold null": nothing} if nothing else {}, 0, noted)

    def _cut(self, found: Described, name: str, place: Place) -> Cut:
        digest = partial(self._digest, found.raw)
        fixed = {"text_unit": "document", "text_origin": "born_digital"} if self._text else {"raw_record": found.raw}
        return Cut(
            found.record,
            name or digest,
            found.columns,
            fixed,
            place,
            facts={"identifier": name},
            problems=found.problems,
            filled=found.unread,
        )

    def _digest(self, raw: str) -> str:
        """A record without a name of its own is called by its file and what it holds."""
        return f"{self.item.name}#{self._times.numbered(hashlib.sha256(raw.encode()).hexdigest()[:16])}"


def _read_chunk(chunk: Chunk, read: Callable[[bytes], Read]) -> Read:
    if chunk.trouble is not None:
        raise chunk.trouble
    return read(chunk.data)


def text_of(item: Item) -> Text:
    """A file of JSON."""
    return Text.of(partial(open_plain, item), item.media_type)


def without_spans(text: Text, spans: Iterable[Span], numbers: Collection[int]) -> Iterator[bytes] | None:
    """The file with null in the place of these; None where it is one record, and that goes."""
    gone, count = list[Span](), 0
    for count, one in enumerate(spans, 1):
        if count in numbers:
            gone.append(one)
    if count == 1 and gone and gone[0].whole:
        return None
    return without(text.blocks(), [(one.begins, len(one.data)) for one in gone])


def without_chunks(
    item: Item, chunks: Callable[[Any], Iterable[Chunk]], tombstones: Mapping[int, bytes]
) -> Iterator[bytes]:
    """The file with these in the place of the records of these numbers; each other one as it came, also one that cannot
    be read. chunks: of a stream of the file.
    """
    with open_plain(item) as found, open_plain(item) as plain:
        at = 0
        for number, chunk in enumerate(chunks(found), 1):
            yield plain.read(chunk.start - at)
            kept = plain.read(chunk.size)
            yield tombstones.get(number, kept)
            at = chunk.start + chunk.size
        yield plain.read()


def left_out(fields: Iterable[Any], specs: Sequence[Any]) -> Iterator[Any]:
    """The fields without those that are meant, or without the subfields that are.

    fields: tuples with `subfields`, pairs of code and text; specs: paths that were read, with `codes` and `fits`.
    """
    for field in fields:
        codes = "".join(one.codes for one in specs if one.codes and one.fits(field))
        left = tuple(one for one in field.subfields if not one[0] or one[0] not in codes)
        if any(not one.codes and one.fits(field) for one in specs) or (field.subfields and not left):
            continue
        yield field._replace(subfields=left)
