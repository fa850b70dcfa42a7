"""Reads Dublin Core: in pages of an OAI server, as bare records, or many in one file.

OAI-PMH: https://www.openarchives.org/OAI/openarchivesprotocol.html ; terms: https://www.dublincore.org/specifications/dublin-core/dcmi-terms/
"""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, ClassVar, Literal

from lxml import etree

from biglam_pipeline.columns import Modality
from biglam_pipeline.normalize.mapping import mapped_paths
from biglam_pipeline.normalize.paths import PathLanguage, Scene, XPath
from biglam_pipeline.normalize.reader import Reader, RowMaker
from biglam_pipeline.parsing.inflate import packed_as, read_whole
from biglam_pipeline.parsing.wellformed import local, read_xml, text_of, to_bytes
from biglam_pipeline.records import Bundle, Deleted, Item, Read, Record, Reject, Unmapped

Element = etree._Element

_COLUMN = {
    "title": "title",
    "alternative": "title_alt",
    "creator": "creators",
    "contributor": "creators",
    "subject": "subjects",
    "description": "description",
    "abstract": "description",
    "publisher": "publisher",
    "date": "date_raw",
    "issued": "date_raw",
    "created": "date_raw",
    "type": "genres",
    "identifier": "identifiers",
    "language": "languages",
    "rights": "rights_raw",
    "license": "rights_raw",
    "accessRights": "rights_raw",
    "coverage": "spatial",
    "spatial": "spatial",
    "extent": "extent",
    "isPartOf": "collection",
}
"""Local name of a term -> the column it fills by itself."""

_SINGLE = {"title", "description", "publisher", "extent", "collection"}
_NAMESPACES = ("{http://purl.org/dc/elements/", "{http://purl.org/dc/terms/")
_CONTAINERS = {"dc", "qualifieddc", "simpledc", "dublin_core"}
_DCMI = (
    *("Collection", "Dataset", "Event", "Image", "InteractiveResource", "MovingImage", "PhysicalObject", "Service"),
    *("Software", "Sound", "StillImage", "Text"),
)
_DCMI_TYPES = {word.lower(): word for word in _DCMI} | {"image": "StillImage"}
_NAMED = re.compile(r"\b[a-z]+:([A-Za-z]+)")
_OTHER_FILES = re.compile(r"\.(csv|tsv|json|jsonl|txt|md|html?|pdf|jpe?g|png|tiff?|jp2|zip|gz|xsd|dtd)$", re.IGNORECASE)


class OaiDc(Reader):
    """A record is a row; a PATH is XPath 1.0 from the Dublin Core container (`dc:title`, `dcterms:issued`)."""

    type: Literal["oai_dc"] = "oai_dc"
    """Dublin Core, from an OAI server or in files."""
    rows: Literal["record"] = "record"
    """What one row is."""

    version: ClassVar[int] = 2
    path_language: ClassVar[PathLanguage] = XPath()
    default_modality: ClassVar[Modality] = "metadata"
    record_format: ClassVar[str] = "dc"

    def reads(self, name: str) -> bool:
        """Everything but what is plainly something else: the pages of a server have no extension."""
        return not _OTHER_FILES.search(name)

    def _read(self, bundle: Bundle, rows: RowMaker) -> Iterator[Read]:
        paths = mapped_paths(rows.values)
        mapped = {name for path in paths for name in _NAMED.findall(path.path)}
        for item in bundle.items:
            yield from _Page(self, item, rows, mapped).read()

    def redact(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
        """A page keeps a header of the record, marked as deleted; where a file is one record, nothing of it is left."""
        left: dict[str, Iterable[bytes] | None] = {}
        for item in bundle.items:
            names = {
                int(record.position.split()[1]): _inside(shown) for record, shown in records if record.item == item.name
            }
            if names:
                root = read_xml(read_whole(item)).root
                blanked = _blank(root, names)
                left[item.name] = packed_as(item, [to_bytes(root)]) if blanked else None
        return left


def _inside(shown: str) -> str:
    return shown.partition(":")[2]


def _blank(root: Element, names: Mapping[int, str]) -> bool:
    """Takes the records of these numbers out of a page, or of a file of many; False where the file is the record."""
    records = [one for one in root.iter("{*}record") if _child(one, "header") is not None]
    for number, name in names.items():
        if records:
            _mark_deleted(records[number - 1], name)
    containers = [] if records else list(_containers(root))
    for number in names if containers else ():
        parent = containers[number - 1].getparent()
        if parent is None:
            return False
        parent.replace(containers[number - 1], etree.Comment(" taken down "))
    return True


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

    def __init__(self, reader: OaiDc, item: Item, rows: RowMaker, mapped: set[str]) -> None:
        self._item = item
        self._rows = rows
        self._facts = reader.facts(item)
        self._known = mapped | _COLUMN.keys()
        self._modality = reader.chosen_modality
        self._unread: Counter[str] = Counter()
        self._repairs: tuple[str, ...] = ()
        self._count = 0
        self._met: Counter[str] = Counter()
        """Digests of records without identifier, with how many had it."""

    def read(self) -> Iterator[Read]:
        document = read_xml(read_whole(self._item))
        self._repairs = tuple(f"xml: {repair}" for repair in document.repairs)
        left_out = self._rows.left_out
        records = [one for one in document.root.iter("{*}record") if _child(one, "header") is not None]
        if records or local(document.root) == "OAI-PMH":
            yield from self._read_error(document.root)
            for number, record in enumerate(records, 1):
                yield from self._read_record(record, f"record {number}")
        else:
            for number, container in enumerate(_containers(document.root), 1):
                yield from self._read_container(container, f"record {number}", "", "", [])
        yield Unmapped(self._count, dict(self._unread), self._rows.left_out - left_out)

    def _read_error(self, root: Element) -> Iterator[Read]:
        for error in root.iterchildren("{*}error"):
            if error.get("code") != "noRecordsMatch":  # the only one that is an answer: there is nothing
                detail = f"the server answered {error.get('code')}: {text_of(error)}; harvest it again"
                yield Reject("oai_error", detail, self._item.name, "")

    def _read_record(self, record: Element, position: str) -> Iterator[Read]:
        header = _child(record, "header")
        assert header is not None
        identifier, datestamp = _text(header, "identifier"), _text(header, "datestamp")
        if not identifier:
            detail = "its header has no identifier, so nothing can be told apart or deleted; tell the institution"
            yield Reject("identifier_missing", detail, self._item.name, position)
            return
        if header.get("status") == "deleted":
            yield Deleted(identifier, datestamp, self._item.name, position)
            return
        metadata = _child(record, "metadata")
        container = next(metadata.iterchildren(etree.Element), None) if metadata is not None else None
        if container is None:
            detail = f"{identifier} has no metadata and is not marked as deleted"
            yield Reject("metadata_missing", detail, self._item.name, position)
            return
        sets = [text_of(one) for one in header.iterchildren("{*}setSpec")]
        yield from self._read_container(container, position, identifier, datestamp, sets)

    def _read_container(
        self, container: Element, position: str, identifier: str, datestamp: str, sets: list[str]
    ) -> Iterator[Read]:
        if not _is_dublin_core(container):
            detail = f"the record is <{local(container)}>, not Dublin Core; ask the server for oai_dc"
            yield Reject("not_dublin_core", detail, self._item.name, position)
            return
        own = self._defaults(container)
        self._count += 1
        raw = _canonical(container)
        facts = {**self._facts, "identifier": identifier, "datestamp": datestamp, "set": sets}
        problems, self._repairs = self._repairs, ()
        if self._modality == "text":
            fixed: dict[str, Any] = {"text_unit": "document", "text_origin": "born_digital"}
        else:
            fixed = {"raw_record": raw} if self._modality == "metadata" else {}
        yield from self._rows.make(
            Scene(container, facts, own),
            identifier or (lambda: self._bare_identifier(own, raw)),
            item=self._item.name,
            position=position,
            datestamp=datestamp,
            problems=problems,
            **fixed,
        )

    def _bare_identifier(self, own: dict[str, Any], raw: str) -> str:
        """A record outside OAI is called by its first dc:identifier, else by its file and what it holds; of several
        equal ones each is counted.
        """
        named = own.get("identifiers")
        if named:
            return str(named[0])
        digest = hashlib.sha256(raw.encode()).hexdigest()[:16]
        self._met[digest] += 1
        number = self._met[digest]
        return f"{self._item.name}#{digest}" + (f"-{number}" if number > 1 else "")

    def _defaults(self, container: Element) -> dict[str, Any]:
        """What the terms give by themselves."""
        found: dict[str, list[Any]] = {}
        unread: set[str] = set()
        for child in container.iterchildren(etree.Element):
            name, text = local(child), text_of(child)
            if not text:
                continue
            column = _COLUMN.get(name)
            if column is None:
                if name not in self._known:
                    unread.add(name)
            elif name == "contributor":
                found.setdefault(column, []).append({"name": text, "role": "contributor"})
            else:
                found.setdefault(column, []).append(text)
        self._unread.update(unread)
        return _fit(found)


def _fit(found: dict[str, list[Any]]) -> dict[str, Any]:
    columns: dict[str, Any] = {}
    for column, values in found.items():
        values = [value for place, value in enumerate(values) if value not in values[:place]]
        columns[column] = values[0] if column in _SINGLE else values
        if column == "title" and values[1:]:
            columns["title_alt"] = [*found.get("title_alt", []), *values[1:]]
        elif column == "description" and values[1:]:
            columns[column] = "\n\n".join(values)
        elif column == "publisher" and values[1:]:
            columns[column] = "; ".join(values)
    addresses = [value for value in columns.get("identifiers", []) if value.startswith(("http://", "https://"))]
    if addresses:
        columns["source_url"] = addresses[0]
    words = (_DCMI_TYPES.get(value.replace(" ", "").lower()) for value in columns.get("genres", []))
    columns["type"] = next((word for word in words if word), None)
    return {name: value for name, value in columns.items() if value is not None}


def _child(element: Element, name: str) -> Element | None:
    return next(element.iterchildren(f"{{*}}{name}"), None)


def _text(element: Element, name: str) -> str:
    child = _child(element, name)
    return text_of(child) if child is not None else ""


def _is_dublin_core(container: Element) -> bool:
    if local(container).lower() in _CONTAINERS:
        return True
    return any(str(child.tag).startswith(_NAMESPACES) for child in container.iterchildren(etree.Element))


def _containers(root: Element) -> Iterator[Element]:
    """The records of a file that is not an OAI page: the root itself, or all that lie below it."""
    below = [one for one in root.iter(etree.Element) if local(one).lower() in _CONTAINERS]
    yield from below or [root]


def _canonical(container: Element) -> str:
    """The record without its wrapper, in the one form that equal records share (exclusive C14N)."""
    try:
        return etree.tostring(container, method="c14n", exclusive=True, with_comments=False).decode()
    except etree.C14NError:  # it refuses namespaces such as `xmlns="dc"`, which a parser takes
        return etree.tostring(container, encoding="unicode", with_tail=False)
