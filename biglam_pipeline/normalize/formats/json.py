"""Reads JSON: a document, an array, or the pages of an API, record by record.

JSON: https://www.rfc-editor.org/rfc/rfc8259 ; JMESPath: https://jmespath.org/specification.html
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, partial
from typing import Any, ClassVar, Literal

import orjson
from pydantic import field_validator

from biglam_pipeline.columns import Modality
from biglam_pipeline.errors import ConfigError
from biglam_pipeline.normalize.block import Encoding
from biglam_pipeline.normalize.cut import Cut, Found
from biglam_pipeline.normalize.equals import Times, gone_with
from biglam_pipeline.normalize.mapping.jmes import JmesPath, OfRoot
from biglam_pipeline.normalize.mapping.paths import PathLanguage
from biglam_pipeline.normalize.mapping.references import joined_references, mapped_paths
from biglam_pipeline.normalize.mapping.values import Value
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.normalize.walking import listed
from biglam_pipeline.parsing.counted import AtLeast, added
from biglam_pipeline.parsing.inflate import MAX_DOCUMENT_BYTES, Unreadable, open_plain, packed_as
from biglam_pipeline.parsing.json.counting import count_where, loaded
from biglam_pipeline.parsing.json.records import VALUES, Document, Span, named, read_steps
from biglam_pipeline.parsing.json.stream import Broken, Tokens
from biglam_pipeline.parsing.json.strict import read_strictly
from biglam_pipeline.parsing.json.texts import Text, without
from biglam_pipeline.place import Place
from biglam_pipeline.records import Bundle, Item, Record, Reject, Unmapped
from biglam_pipeline.settings import Accounts


class Json(Reader):
    """One object of a document is one row; a PATH is JMESPath, `$root.PATH` reads the document around it."""

    version: ClassVar[int] = 2
    type: Literal["json"] = "json"
    """JSON: a document, an array, pages of an API."""
    rows: str = ""
    """Where the records are: JMESPath of keys, `[]` (each of a list) and `*` (each value of an object), such as data[],
    response.docs[] or '"full articles"[]'; by default the document, or each of it if it is an array. Or $NAME."""

    encoding: Encoding = None
    """Of the text; by default a byte order mark, UTF-8, what the server says, then a guess, counted."""

    accounts: ClassVar[Accounts] = Accounts(
        "objects where `rows` leads: rows, rejects, and places that hold null",
        "the whole document as `orjson` reads it, up to 128 MB; Python's `json` and a JMESPath of it (tests)",
        "a record that programs would read differently is a reject, and the next is read; a document that breaks off "
        "or has no such place is a reject of its own",
    )
    extensions: ClassVar[tuple[str, ...]] = (".json", ".geojson", ".jsonld")
    own_facts: ClassVar[tuple[str, ...]] = ("root",)
    blanks: ClassVar[bool] = True
    reads_beginnings: ClassVar[bool] = True
    path_language: ClassVar[PathLanguage] = JmesPath()
    fills: ClassVar[bool] = False
    default_modality: ClassVar[Modality] = "metadata"
    record_format: ClassVar[str] = "json"
    guessed_from: ClassVar[tuple[str, ...]] = ("json", "geojson", "jsonld")
    addresses: ClassVar[tuple[str, ...]] = ("json+",)
    called: ClassVar[tuple[str, ...]] = ("geojson", "jsonld", "json_ld", "json_api", "api")
    names_records: ClassVar[bool] = False
    hears_rights: ClassVar[bool] = False

    @field_validator("rows")
    @classmethod
    def _leads_to_records(cls, rows: str) -> str:
        if not rows.startswith("$"):
            read_steps(rows)
        return rows

    def cut(self, item: Item) -> Iterator[Found]:
        """Record by record; what is none is a Reject."""
        text = self._text(item)
        document, times = self._document(text), Times(_gone(item))
        root, nothing, met = self._root(text), 0, False
        try:
            for number, span in enumerate(document.spans(), 1):
                if span.data == b"null":
                    nothing += 1
                    continue
                record = _read(item, number, span)
                if isinstance(record, dict) and not met:
                    self._refuse_empty_map(item, record)
                met = met or isinstance(record, dict)
                times.come_to(number)
                of_all: Callable[[], Any] = partial(_itself, record) if span.whole else root
                yield record if isinstance(record, Reject) else self._cut(item, number, span, record, times, of_all)
        except Broken as broken:
            if item.whole or not broken.cut:
                yield Reject("json_document", f"it is no whole JSON document: {broken}", item.name, "")
        if document.lost:
            keys = f"the document has {listed(document.keys)}" if document.keys else "the document has no keys"
            of = f" in {document.lost} of the {document.documents} documents in it" if document.documents > 1 else ""
            detail = f"`rows: {self.rows}` leads to no records{of}; {keys}; correct `rows`"
            yield Reject("rows_missing", detail, item.name, "")
        noted = (text.found.problem,) if text.found.problem else ()
        yield Unmapped(0, {"places that hold null": nothing} if nothing else {}, 0, noted)

    def expected(self, bundle: Bundle) -> int | None:
        """Where `rows` leads in the whole documents, as `orjson` reads them, or more: of values whose key comes twice
        it keeps the last. None where they are too large to be held, or are none to it.
        """
        return added(map(self._expected_of, bundle.items))

    def _expected_of(self, item: Item) -> int | None:
        documents = loaded(self._text(item))
        if documents is None:
            return None
        steps = read_steps("" if self.rows.startswith("$") else self.rows)
        count, lost = count_where(documents, steps)
        return AtLeast(count + bool(lost)) if VALUES in steps else count + bool(lost)

    def _cut(
        self, item: Item, number: int, span: Span, record: Mapping[str, Any], times: Times, root: Callable[[], Any]
    ) -> Cut:
        return Cut(
            record,
            lambda: f"{item.name}#{times.numbered(_digest(record))}",
            fixed={"text_unit": "row", "text_origin": "born_digital"} if self.chosen_modality == "text" else {},
            place=Place("record", number),
            problems=("rows: one object where a list is due, read as a list of one",) if span.alone else (),
            filled=(name for name, value in record.items() if value not in (None, "", [], {})),
            root=root,
        )

    def _text(self, item: Item) -> Text:
        return Text.of(partial(open_plain, item), item.media_type, self.encoding)

    def _document(self, text: Text) -> Document:
        rows = "" if self.rows.startswith("$") else self.rows
        return Document(Tokens(text.blocks(), MAX_DOCUMENT_BYTES), read_steps(rows))

    def _root(self, text: Text) -> Callable[[], Any]:
        """The document without its records, read once, and only where an entry asks for it."""

        @cache
        def read() -> Any:
            try:
                return read_strictly(self._document(text).rest())
            except (ValueError, RecursionError) as error:
                detail = f"what stands around its records, which `$root` asks for, cannot be read: {error}"
                raise Unreadable("json_document", detail) from error

        return read

    def _refuse_empty_map(self, item: Item, record: Mapping[str, Any]) -> None:
        mapped = [*self.map.values.values(), *self.map.extra.values()]
        if not (self._is_joined or self.picture is not None or _read_something(mapped)):
            raise ConfigError(
                f"{item.name}: nothing of the records is mapped, so rows would be empty; the first has "
                f"{listed(record)}. Say where they are and what goes where: rows: KEY[], map: {{id: KEY, title: KEY}}"
            )

    # --- takedown ---

    def blank(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> Mapping[str, Iterable[bytes] | None]:
        """In the place of each stands null; of a document that is the record, nothing is left."""
        left: dict[str, Iterable[bytes] | None] = {}
        for item in bundle.items:
            if places := _places(item, records):
                text = self._text(item)
                document = self._document(text)
                gone = [one for at, one in enumerate(document.spans(), 1) if at in places]
                all_of_it = document.documents == 1 and gone[0].whole
                kept = without(text.blocks(), [(one.begins, len(one.data)) for one in gone])
                left[item.name] = None if all_of_it else packed_as(item, kept)
        return left

    def remember(self, bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, dict[str, Any]]:
        """Where a record is gone that an equal one stays of."""
        noted: dict[str, dict[str, Any]] = {}
        for item in bundle.items:
            if places := _places(item, records):
                read = (
                    (at, _read(item, at, one)) for at, one in enumerate(self._document(self._text(item)).spans(), 1)
                )
                there = ((at, _digest(one)) for at, one in read if isinstance(one, dict))
                gone = gone_with(_gone(item), there, places)
                noted[item.name] = {"gone": {str(at): digest for at, digest in sorted(gone.items())}}
        return noted


def _text(item: Item) -> Text:
    return Text.of(partial(open_plain, item), item.media_type)


def _read(item: Item, number: int, span: Span) -> dict[str, Any] | Reject:
    """The record. What programs would read differently is none."""
    try:
        record = read_strictly(span.data)
    except (ValueError, RecursionError) as error:
        return Reject(
            "json_record", f"it is no JSON that all programs read alike: {error}", item.name, f"record {number}"
        )
    if isinstance(record, dict):
        return record
    detail = f"it is {named(span.data)} and no object; correct `rows`"
    return Reject("json_record", detail, item.name, f"record {number}")


def _itself(record: Any) -> Any:
    return record


def _digest(record: Mapping[str, Any]) -> str:
    """16 hexadecimal digits that say what a record holds, in whatever order and however it is laid out."""
    return hashlib.sha256(orjson.dumps(record, default=repr, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]


def _gone(item: Item) -> dict[int, str]:
    """Places of records that a takedown left null of -> the digest where an equal one stays behind it, or nothing."""
    return {int(at): digest for at, digest in ((item.known or {}).get("gone") or {}).items()}


def _places(item: Item, records: Sequence[tuple[Record, str]]) -> set[int]:
    return {record.place.number for record, _ in records if record.item == item.name}


def _read_something(mapped: Sequence[Value]) -> bool:
    return any(mapped_paths(mapped)) or any(joined_references(mapped)) or any(_of_root(mapped))


def _of_root(mapped: Sequence[Value]) -> Iterator[bool]:
    for value in mapped:
        yield from (isinstance(path.reference, OfRoot) for path in value.paths())
