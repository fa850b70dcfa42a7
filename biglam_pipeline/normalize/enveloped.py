"""Reads records of one vocabulary of XML: in pages of an OAI server or of SRU, in a list, or one a file.

OAI-PMH: https://www.openarchives.org/OAI/openarchivesprotocol.html ; SRU: https://www.loc.gov/standards/sru/
"""

import hashlib
import re
from abc import abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, ClassVar

from lxml import etree

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.cut import Cut, Described, Found
from biglam_pipeline.normalize.emptied import emptied, rewritten
from biglam_pipeline.normalize.expecting import due_at, expected_in
from biglam_pipeline.normalize.gone import gone_by_itself, gone_from, note_gone
from biglam_pipeline.normalize.mapping.paths import PathLanguage, XPath
from biglam_pipeline.normalize.oai_records import Header, child_of, container_in, is_deleted, metadata_of, read_header
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.rights_of import OF_RECORD, oai_rights, with_statements
from biglam_pipeline.normalize.stretched import begins_at, passed_before, times_in
from biglam_pipeline.normalize.stretching import Borders
from biglam_pipeline.normalize.volatile import VolatilePaths, as_kept
from biglam_pipeline.normalize.xml_ends import XmlEnds, all_named, is_named
from biglam_pipeline.parsing.counted import added
from biglam_pipeline.parsing.inflate import Unreadable, open_plain, packed_as
from biglam_pipeline.parsing.xml.cutting import Layout
from biglam_pipeline.parsing.xml.envelopes import in_oai, is_record_place, records_of
from biglam_pipeline.parsing.xml.reading import local, text_of
from biglam_pipeline.parsing.xml.streaming import Piece, Pieces
from biglam_pipeline.place import Place
from biglam_pipeline.records import Bundle, Deleted, Item, Record, Reject, Unmapped

Element = etree._Element

_BARE = Header()
_REPEATED = "metadata_repeated: only the first of several is read"
_OTHER_FILES = re.compile(r"\.(csv|tsv|json|jsonl|txt|md|html?|pdf|jpe?g|png|tiff?|jp2|zip|gz|xsd|dtd)$", re.IGNORECASE)


class Enveloped(Reader):
    """A vocabulary of XML. Its format says what its records are called, and what a record is in columns."""

    volatile: VolatilePaths = ()
    """What of a record says nothing of it and changes by itself: left out of raw_record and of the row's digest."""

    containers: ClassVar[frozenset[str]]
    """What its records are called, in small letters, whatever their namespace."""
    foreign: ClassVar[tuple[str, str]]
    """Of a record that is something else: the reason, and what is due instead."""
    named_in_file: ClassVar[bool] = False
    """Whether a record's own name is one inside its file only: then the file's name stands before it."""
    named_by_file: ClassVar[bool] = False
    """Whether a record that is all of a file is called after it where it has no name of its own."""
    begins_named: ClassVar[re.Pattern[bytes] | None] = None
    """Matches how a record begins that certainly has a name of its own; equal ones of all others are numbered."""
    whole_behind_takedown: ClassVar[bool] = True
    blanks: ClassVar[bool] = True
    path_language: ClassVar[PathLanguage] = XPath()
    default_modality: ClassVar[Modality] = "metadata"

    @abstractmethod
    def columns_of(self, container: Element, raw: str) -> tuple[dict[str, Any], set[str]]:
        """What a record gives by itself, and the names of what is filled in it and gives nothing.

        raw: the record in canonical XML; empty where it is not known.
        """

    def described(self, container: Element, alone: Callable[[], Any], size: int) -> Described:
        """What is made of a record. Unreadable where nothing can be.

        alone: gives the container as paths read it; size: bytes that it was read of.
        """
        raw = as_kept(container, self.volatile, size)
        return Described(alone, raw, *self.columns_of(container, "" if self.volatile else raw))

    def is_container(self, element: Element) -> bool:
        """Is this a record of the vocabulary?"""
        return local(element).lower() in self.containers

    def own_name(self, container: Element, columns: Mapping[str, Any]) -> str:
        """What a record outside OAI is called by itself: its first identifier; empty where it has none."""
        return str(next(iter(columns.get("identifiers") or ()), ""))

    @classmethod
    def layout(cls) -> Layout:
        """Where its records stand in a file."""
        return records_of(cls.containers)

    @classmethod
    def is_due(cls, piece: Piece) -> bool:
        """Whether a piece is due to be a record; what says something of all records of a list is none."""
        return is_record_place(piece.path, piece.name)

    def divided(self, cut: Cut, item: Item, around: Sequence[Piece]) -> Iterable[Found]:
        """What a record makes: one row, or its parts. around: what stood beside the records before it, outermost
        first.
        """
        return [cut]

    def reads(self, name: str) -> bool:
        """Everything but what is plainly something else: the pages of a server have no extension."""
        return not _OTHER_FILES.search(name)

    def cut(self, item: Item) -> Iterator[Found]:
        """The records of a page; what stands between them goes to the next."""
        return _Page(self, item).cut()

    def expected(self, bundle: Bundle) -> int | None:
        """The elements that stand where records are due, and the errors of a server, by expat."""
        return added(self.expected_of(item) for item in bundle.items)

    def expected_of(self, item: Item) -> int | None:
        """The same of one file."""
        return expected_in(item, _layout(type(self)), self.is_due)

    def how_cut(self, item: Item) -> str:
        """A list of records is cut, as long as each stands by itself: a record that is divided may say what holds for
        others, and names inside a file are told apart by all of it.
        """
        alone = type(self).divided is Enveloped.divided and not self.named_in_file
        return "xml" if alone else ""

    def borders(self, item: Item) -> Borders:
        """See `Reader.borders`."""
        return XmlEnds(_layout(type(self)), due_at(self.is_due), item.media_type, partial(is_named, self.begins_named))

    def names_all(self, bundle: Bundle) -> bool:
        """See `Reader.names_all`."""
        layout, is_due = _layout(type(self)), due_at(self.is_due)
        return all(all_named(item, layout, is_due, self.is_container, self.names) for item in bundle.items)

    def names(self, container: Element) -> bool:
        """Whether a record certainly has a name of its own, by itself and without its columns."""
        return bool(self.own_name(container, {}))

    def remember(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, dict[str, Any]]:
        """Which records of a page keep a header alone: those tombstones are not the server's."""
        return note_gone(bundle, records)

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """A page keeps a header of the record, marked as deleted; where a file is one record, nothing of it is left."""
        left: dict[str, Iterable[bytes] | None] = {}
        for item in bundle.items:
            names = {one.place.number: shown.partition(":")[2] for one, shown in records if one.item == item.name}
            if names:
                changes = emptied(item, names, _layout(type(self)), self.is_due)
                left[item.name] = None if changes is None else packed_as(item, rewritten(item, changes))
        return left


@cache
def _layout(kind: type[Enveloped]) -> Layout:
    return kind.layout()


class _Page:
    """One file on its way through the reader."""

    def __init__(self, reader: Enveloped, item: Item) -> None:
        self._reader = reader
        self._item = item
        self._modality = reader.chosen_modality
        self._repairs: tuple[str, ...] = ()
        """To be counted with the record, or by themselves where it makes no row."""
        self._reported: set[str] = set()
        self._found: list[Reject] = []
        self._waiting: tuple[Piece, Place, tuple[Piece, ...]] | None = None
        self._around: dict[tuple[str, ...], Piece] = {}
        """What stands beside the records and is none: the last of each name."""
        self._broken = False
        """Whether the last piece could not be read."""
        self._gone = gone_from(item)
        self._met: Counter[str] = Counter()
        """Names inside the file, with how many had it."""
        self._times = times_in(item)
        """Of records without identifier."""

    def cut(self) -> Iterator[Found]:
        with open_plain(self._item) as stream:
            layout, passed = _layout(type(self._reader)), passed_before(self._item)
            pieces = Pieces(stream, layout, self._item.media_type, together=True, passed=passed)
            number = 0
            for number, piece in enumerate(self._due(pieces), begins_at(self._item)):
                if self._waiting is not None:
                    yield from self._read_waiting(pieces.repairs)
                self._waiting = (piece, Place("record", number), self._beside(piece) if self._around else ())
                yield from self._found
                self._found.clear()
            # What stands behind the last record is counted with it.
            yield from self._read_waiting(pieces.repairs)
            yield from self._found
        if not pieces.whole and not self._broken:
            detail = "it ends before its root is closed, so something is missing; harvest it again"
            yield Reject("xml_cut", detail, self._item.name, f"after record {number}")

    def _beside(self, piece: Piece) -> tuple[Piece, ...]:
        return tuple(one for one in self._around.values() if one.within == piece.within[: len(one.within)])

    def _due(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The records; the server's errors are put aside, and what stands beside them or cannot be read there."""
        for piece in pieces:
            if self._reader.is_due(piece):
                yield piece
                continue
            if not in_oai(piece.path):
                self._around[*piece.path, piece.name] = piece
            if piece.trouble is not None:
                self._broken = True
                self._found.append(self._reject(piece.trouble, f"<{piece.name}>"))
            elif in_oai(piece.path) and piece.name == "error" and piece.element is not None:
                code = piece.element.get("code")
                if code != "noRecordsMatch":  # the only one that is an answer: there is nothing
                    detail = f"the server answered {code}: {text_of(piece.element)}; harvest it again"
                    self._found.append(Reject("oai_error", detail, self._item.name, ""))

    def _reject(self, trouble: Unreadable, position: str, header: Header = _BARE) -> Reject:
        detail = f"{trouble.detail} ({trouble.position})" if trouble.position else trouble.detail
        return Reject(trouble.reason, detail, self._item.name, position, header.identifier, header.datestamp)

    def _read_waiting(self, around: tuple[str, ...]) -> Iterator[Found]:
        """The record that was held back. around: repairs of what stands around the records, so far."""
        if self._waiting is None:
            return
        (piece, place, beside), self._waiting = self._waiting, None
        if around or piece.repairs:
            new = [repair for repair in around if repair not in self._reported]
            self._reported.update(new)
            self._repairs += tuple(f"xml: {repair}" for repair in (*new, *piece.repairs))
        self._broken = piece.element is None
        if piece.element is None:
            assert piece.trouble is not None
            yield self._reject(piece.trouble, str(place))
        elif (header := child_of(piece.element, "header")) is not None:
            found = self._read_record(piece, piece.element, header, place)
            yield from self._divided(found, beside) if found is not None else ()
        elif in_oai(piece.path):
            detail = f"<{piece.name}> stands in {'/'.join(piece.path)}, where a record with a header was due"
            yield Reject("header_missing", f"{detail}; tell the institution", self._item.name, str(place))
        else:
            container = self._container(piece.element)
            if container is not piece.element and any(map(self._reader.is_container, container.itersiblings())):
                self._repairs += (_REPEATED,)
            found = self._read_container(piece, container, lambda: self._container(piece.alone()), place)
            yield from self._divided(found, beside)
        if self._repairs:  # of what is no row
            yield Unmapped(0, {}, 0, self._repairs)
            self._repairs = ()

    def _divided(self, found: Found, around: Sequence[Piece]) -> Iterable[Found]:
        return self._reader.divided(found, self._item, around) if isinstance(found, Cut) else [found]

    def _read_record(self, piece: Piece, record: Element, header: Element, place: Place) -> Found | None:
        identifier, datestamp, sets = read_header(header)
        if not identifier:
            detail = "its header has no identifier, so nothing can be told apart or deleted; tell the institution"
            return Reject("identifier_missing", detail, self._item.name, str(place))
        # Version 1.1 of the protocol wrote it on the record; and some write it with a capital.
        if is_deleted(header) or is_deleted(record):
            emptied_here = place.number in self._gone
            return None if emptied_here else Deleted(identifier, datestamp, self._item.name, str(place))
        metadata, container = metadata_of(record)
        if metadata is None or container is None:
            # What an institution empties it has taken back, whether or not its software says so by `status`.
            return Deleted(identifier, datestamp, self._item.name, str(place), "metadata_missing")
        is_known = self._reader.is_container(container)
        inside = container if is_known else self._inside(record, container)
        if inside is not container and len([*filter(self._reader.is_container, container)]) > 1:
            self._repairs += (_REPEATED,)
        more = len(record) > 2  # than a header and its metadata
        if inside is not record and (more or len(metadata) > 1) and len([*record.iterfind("{*}metadata/*")]) > 1:
            self._repairs += (_REPEATED,)
        said = Header(identifier, datestamp, sets, oai_rights(record) if more else ())
        return self._read_container(piece, inside, lambda: self._alone(piece), place, said, is_known=is_known)

    def _read_container(
        self,
        piece: Piece,
        container: Element,
        alone: Callable[[], Element | None],
        place: Place,
        header: Header = _BARE,
        *,
        is_known: bool = False,
    ) -> Found:
        """alone: gives the container as paths read it; is_known: whether it is known to be a record."""
        try:
            if not (is_known or self._reader.is_container(container)):
                reason, due = self._reader.foreign
                raise Unreadable(reason, f"the record is <{local(container)}>, not {due}")
            found = self._reader.described(container, alone, piece.size)
        except Unreadable as trouble:
            return self._reject(trouble, str(place), header)
        columns, raw = found.columns, found.raw
        named = header.identifier or self._reader.own_name(container, columns)
        if found.deleted:
            return gone_by_itself(named, header.datestamp, self._item.name, place)
        columns = with_statements(columns, {OF_RECORD: list(header.rights)}) if header.rights else columns
        problems, self._repairs = (*self._repairs, *found.problems), ()
        if self._modality == "text":
            fixed: dict[str, Any] = {"text_unit": "document", "text_origin": "born_digital"}
        else:
            fixed = {"raw_record": raw} if self._modality == "metadata" else {}
        return Cut(
            found.record,
            header.identifier or partial(self._bare_identifier, named, raw, bool(piece.path)),
            columns,
            fixed,
            place,
            header.datestamp,
            facts={"identifier": header.identifier, "datestamp": header.datestamp, "set": [*header.sets]},
            problems=problems,
            filled=found.unread,
            whole=header.identifier,
        )

    def _alone(self, piece: Piece) -> Element | None:
        return None if (found := metadata_of(record := piece.alone())[1]) is None else self._inside(record, found)

    def _inside(self, record: Element, first: Element) -> Element:
        """The container in the metadata of a record; the record itself where its metadata are the parts of one."""
        if self._reader.is_container(first):
            return first
        inside = self._container(first)
        return record if not self._reader.is_container(inside) and self._reader.is_container(record) else inside

    def _container(self, element: Element) -> Element:
        return container_in(element, self._reader.is_container)

    def _bare_identifier(self, named: str, raw: str, in_list: bool) -> str:
        """A record outside OAI is called by its own name, else by its file and what it holds; of several equal ones
        each is counted.
        """
        if self._reader.named_in_file:
            if not in_list:
                return self._item.name
            named = f"{self._item.name}#{named}" if named else ""
            self._met[named] += 1
            if self._met[named] > 1:  # an xml:id that stands twice names nothing
                named = ""
        if named:
            return named
        if self._reader.named_by_file and not in_list:
            return self._item.name
        return f"{self._item.name}#{self._times.numbered(hashlib.sha256(raw.encode()).hexdigest()[:16])}"
