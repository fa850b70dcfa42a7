"""Reads Dublin Core: in pages of an OAI server, as bare records, or many in one file.

OAI-PMH: https://www.openarchives.org/OAI/openarchivesprotocol.html ; terms: https://www.dublincore.org/specifications/dublin-core/dcmi-terms/
"""

import hashlib
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar, Literal, NamedTuple

from lxml import etree

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.block import OneOrEach
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.formats.oai_dc.gone import gone_from, note_gone
from biglam_pipeline.normalize.formats.oai_dc.terms import columns_of
from biglam_pipeline.normalize.mapping.paths import PathLanguage, XPath
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.rows.rights_of import (
    OF_RECORD,
    oai_rights,
    with_statements,
)
from biglam_pipeline.normalize.volatile import VolatilePaths, as_kept
from biglam_pipeline.parsing.inflate import Unreadable, open_plain, packed_as
from biglam_pipeline.parsing.xml.envelopes import in_oai, is_record_place, records_of
from biglam_pipeline.parsing.xml.reading import local, text_of
from biglam_pipeline.parsing.xml.streaming import Piece, Pieces, replace_pieces
from biglam_pipeline.place import Place
from biglam_pipeline.records import Bundle, Deleted, Item, Record, Reject
from biglam_pipeline.settings import Accounts

Element = etree._Element

_NAMESPACES = ("{http://purl.org/dc/elements/", "{http://purl.org/dc/terms/")
_WRAPPERS = {"record", "metadata", "document", "doc", "item"}
"""What exports of OAI, DPLA and Omeka put around one; elsewhere Dublin Core is a piece of another format."""
_CONTAINERS = {"dc", "qualifieddc", "simpledc", "dublin_core"}
"""Roots, in small letters: of oai_dc (OAI-PMH), of DCMI's qualifieddc.xsd and simpledc.xsd, of DSpace's items."""
_LAYOUT = records_of(frozenset(_CONTAINERS))
_OTHER_FILES = re.compile(r"\.(csv|tsv|json|jsonl|txt|md|html?|pdf|jpe?g|png|tiff?|jp2|zip|gz|xsd|dtd)$", re.IGNORECASE)


class OaiDc(Reader):
    """A record is a row; a PATH is XPath 1.0 from the Dublin Core container (`dc:title`, `dcterms:issued`)."""

    type: Literal["oai_dc"] = "oai_dc"
    """Dublin Core, from an OAI server or in files."""
    rows: Annotated[str, OneOrEach("record")] = "record"
    """What one row is: a record, or $NAME for each that `with` finds under this name."""
    volatile: VolatilePaths = ()
    """What of a record says nothing of it and changes by itself: left out of raw_record and of the row's digest."""

    accounts: ClassVar[Accounts] = Accounts(
        "records that became rows, tombstones or rejects",
        "elements counted by expat, also of spoiled pages (tests); the harvester's count of the same pages",
        "a record that cannot be repaired is a reject with its place, and the records around it are read",
    )
    version: ClassVar[int] = 5
    path_language: ClassVar[PathLanguage] = XPath()
    default_modality: ClassVar[Modality] = "metadata"
    record_format: ClassVar[str] = "dc"
    blanks: ClassVar[bool] = True
    metadata_prefixes: ClassVar[tuple[str, ...]] = ("oai_dc", "dc")
    called: ClassVar[tuple[str, ...]] = ("dc", "dublin_core", "dublincore", "oai", "oai_pmh", "simple_dc")

    def reads(self, name: str) -> bool:
        """Everything but what is plainly something else: the pages of a server have no extension."""
        return not _OTHER_FILES.search(name)

    def cut(self, item: Item) -> Iterator[Found]:
        """The records of a page; what stands between them goes to the next."""
        yield from _Page(self, item).cut()

    def remember(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, dict[str, Any]]:
        """Which records of a page keep a header alone: those tombstones are not the server's."""
        return note_gone(bundle, records)

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """A page keeps a header of the record, marked as deleted; where a file is one record, nothing of it is left."""
        left: dict[str, Iterable[bytes] | None] = {}
        for item in bundle.items:
            names = {record.place.number: _inside(shown) for record, shown in records if record.item == item.name}
            if names:
                changes = _blanked(item, names)
                left[item.name] = None if changes is None else packed_as(item, _rewritten(item, changes))
        return left


def _inside(shown: str) -> str:
    return shown.partition(":")[2]


def _records(pieces: Iterable[Piece]) -> Iterator[tuple[int, Piece]]:
    """The pieces that are due to be records, numbered from 1."""
    return enumerate((piece for piece in pieces if is_record_place(piece.path, piece.name)), 1)


def _blanked(item: Item, names: Mapping[int, str]) -> list[tuple[int, int, bytes]] | None:
    """What takes the place of the records of these numbers: place, length, bytes. None where the file is the record."""
    changes, count, outside = [], 0, False
    with open_plain(item) as stream:
        for count, piece in _records(Pieces(stream, _LAYOUT, item.media_type)):
            if (name := names.get(count)) is None or piece.element is None:
                continue
            outside = outside or not piece.path
            instead = b"<!-- taken down -->"
            if _child(piece.element, "header") is not None:
                _mark_deleted(piece.element, name)
                instead = etree.tostring(piece.element, encoding="ASCII", with_tail=False)
            changes.append((piece.start, piece.size, instead))
    return None if outside and count == 1 else changes


def _rewritten(item: Item, changes: list[tuple[int, int, bytes]]) -> Iterator[bytes]:
    with open_plain(item) as stream:
        yield from replace_pieces(stream, changes, item.media_type)


def _mark_deleted(record: Element, name: str) -> None:
    """As the protocol says of a record that is gone: https://www.openarchives.org/OAI/openarchivesprotocol.html#DeletedRecords"""
    for child in list(record):
        if local(child) != "header":
            record.remove(child)
    header = _child(record, "header")
    assert header is not None
    header.set("status", "deleted")
    identifier = _child(header, "identifier")
    assert identifier is not None  # it was read by it
    identifier.text = name


class _Page:
    """One file on its way through the reader."""

    def __init__(self, reader: OaiDc, item: Item) -> None:
        self._item = item
        self._volatile = reader.volatile
        self._modality = reader.chosen_modality
        self._repairs: tuple[str, ...] = ()
        """To be counted with the next record."""
        self._reported: set[str] = set()
        self._found: list[Reject] = []
        self._waiting: tuple[Piece, Place] | None = None
        self._broken = False
        """Whether the last piece could not be read."""
        self._gone = gone_from(item)
        self._met: Counter[str] = Counter()
        """Digests of records without identifier, with how many had it."""

    def cut(self) -> Iterator[Found]:
        with open_plain(self._item) as stream:
            pieces = Pieces(stream, _LAYOUT, self._item.media_type, together=True)
            number = 0
            for number, piece in _records(self._errors(pieces)):
                if self._waiting is not None:
                    yield from self._read_waiting(pieces.repairs)
                self._waiting = (piece, Place("record", number))
                yield from self._found
                self._found.clear()
            # What stands behind the last record is counted with it.
            yield from self._read_waiting(pieces.repairs)
            yield from self._found
        if not pieces.whole and not self._broken:
            detail = "it ends before its root is closed, so something is missing; harvest it again"
            yield Reject("xml_cut", detail, self._item.name, f"after record {number}")

    def _errors(self, pieces: Iterable[Piece]) -> Iterator[Piece]:
        """The same pieces; the server's errors are put aside, and what cannot be read beside the records."""
        for piece in pieces:
            if piece.trouble is not None and not is_record_place(piece.path, piece.name):
                self._broken = True
                self._found.append(self._reject(piece.trouble, f"<{piece.name}>"))
            elif in_oai(piece.path) and piece.name == "error" and piece.element is not None:
                code = piece.element.get("code")
                if code != "noRecordsMatch":  # the only one that is an answer: there is nothing
                    detail = f"the server answered {code}: {text_of(piece.element)}; harvest it again"
                    self._found.append(Reject("oai_error", detail, self._item.name, ""))
            yield piece

    def _reject(self, trouble: Unreadable, position: str) -> Reject:
        where = f" ({trouble.position})" if trouble.position else ""
        return Reject(trouble.reason, f"{trouble.detail}{where}", self._item.name, position)

    def _read_waiting(self, around: tuple[str, ...]) -> Iterator[Found]:
        """The record that was held back. around: repairs of what stands around the records, so far."""
        if self._waiting is None:
            return
        (piece, place), self._waiting = self._waiting, None
        new = [repair for repair in around if repair not in self._reported]
        self._reported.update(new)
        self._repairs += tuple(f"xml: {repair}" for repair in (*new, *piece.repairs))
        self._broken = piece.element is None
        if piece.element is None:
            assert piece.trouble is not None
            yield self._reject(piece.trouble, str(place))
        elif (header := _child(piece.element, "header")) is not None:
            yield from self._read_record(piece, piece.element, header, place)
        elif in_oai(piece.path):
            detail = f"<{piece.name}> stands in {'/'.join(piece.path)}, where a record with a header was due"
            yield Reject("header_missing", f"{detail}; tell the institution", self._item.name, str(place))
        else:
            container = _container_of(piece.element)
            yield self._read_container(piece, container, lambda: _container_of(piece.alone()), place, _Header())

    def _read_record(self, piece: Piece, record: Element, header: Element, place: Place) -> Iterator[Found]:
        identifier, datestamp, sets = _read_header(header)
        if not identifier:
            detail = "its header has no identifier, so nothing can be told apart or deleted; tell the institution"
            yield Reject("identifier_missing", detail, self._item.name, str(place))
            return
        # Version 1.1 of the protocol wrote it on the record; and some write it with a capital.
        if "deleted" in {one.get("status", "").strip().casefold() for one in (header, record)}:
            if place.number not in self._gone:
                yield Deleted(identifier, datestamp, self._item.name, str(place))
            return
        metadata, container = _described(record)
        if metadata is None or container is None:
            detail = f"{identifier} has no metadata and is not marked as deleted"
            yield Reject("metadata_missing", detail, self._item.name, str(place))
            return
        more = len(record) > 2  # than a header and its metadata
        if (more or len(metadata) > 1) and len([*record.iterfind("{*}metadata/*")]) > 1:
            self._repairs += ("metadata_repeated: only the first of several is read",)
        said = _Header(identifier, datestamp, sets, oai_rights(record) if more else ())
        yield self._read_container(piece, container, lambda: _described(piece.alone())[1], place, said)

    def _read_container(
        self,
        piece: Piece,
        container: Element,
        alone: Callable[[], Element | None],
        place: Place,
        header: "_Header",
    ) -> Found:
        """alone: gives the container as paths read it."""
        if not _is_dublin_core(container):
            detail = f"the record is <{local(container)}>, not Dublin Core; ask the server for oai_dc"
            return Reject("not_dublin_core", detail, self._item.name, str(place))
        raw = as_kept(container, self._volatile, piece.size)
        columns, unread = columns_of(container, "" if self._volatile else raw)
        columns = with_statements(columns, {OF_RECORD: list(header.rights)}) if header.rights else columns
        problems, self._repairs = self._repairs, ()
        if self._modality == "text":
            fixed: dict[str, Any] = {"text_unit": "document", "text_origin": "born_digital"}
        else:
            fixed = {"raw_record": raw} if self._modality == "metadata" else {}
        return Cut(
            alone,
            header.identifier or partial(self._bare_identifier, columns.get("identifiers"), raw),
            columns,
            fixed,
            place,
            header.datestamp,
            {"identifier": header.identifier, "datestamp": header.datestamp, "set": [*header.sets]},
            problems,
            unread,
        )

    def _bare_identifier(self, named: Sequence[Any] | None, raw: str) -> str:
        """A record outside OAI is called by its first dc:identifier, else by its file and what it holds; of several
        equal ones each is counted.
        """
        if named:
            return str(named[0])
        digest = hashlib.sha256(raw.encode()).hexdigest()[:16]
        self._met[digest] += 1
        number = self._met[digest]
        return f"{self._item.name}#{digest}" + (f"-{number}" if number > 1 else "")


class _Header(NamedTuple):
    """What stands around a record of OAI; empty around any other."""

    identifier: str = ""
    datestamp: str = ""
    sets: Sequence[str] = ()
    rights: Sequence[str] = ()


def _read_header(header: Element) -> tuple[str, str, list[str]]:
    """Identifier, datestamp and sets; empty where it has none."""
    identifier: str | None = None
    datestamp: str | None = None
    sets: list[str] = []
    for one in header.iterchildren(etree.Element):
        name = local(one)
        if name == "setSpec":
            sets.append(text_of(one))
        elif name == "identifier" and identifier is None:
            identifier = text_of(one)
        elif name == "datestamp" and datestamp is None:
            datestamp = text_of(one)
    return identifier or "", datestamp or "", sets


def _described(record: Element) -> tuple[Element | None, Element | None]:
    """What a record of OAI has as its metadata, and the first element inside."""
    metadata = _child(record, "metadata")
    return metadata, next(metadata.iterchildren(etree.Element), None) if metadata is not None else None


def _child(element: Element, name: str) -> Element | None:
    return next(element.iterchildren(f"{{*}}{name}"), None)


def _is_dublin_core(container: Element) -> bool:
    if local(container).lower() in _CONTAINERS:
        return True
    return any(str(child.tag).startswith(_NAMESPACES) for child in container.iterchildren(etree.Element))


def _container_of(element: Element) -> Element:
    """The Dublin Core in a record outside OAI: itself, or what stands where SRU and exports of OAI have it."""
    if not _is_dublin_core(element) and local(element).lower() in _WRAPPERS:
        for path in ("{*}metadata/*", "{*}recordData/*", "*"):
            for one in element.iterfind(path):
                if _is_dublin_core(one):
                    return one
    return element
