"""Where are the records of a file of MARC that is no XML: ISO 2709, or JSON?"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, Literal

from biglam_pipeline.normalize.catalogued import (
    Names,
    RecordsOfFile,
    text_of,
    without_chunks,
    without_spans,
)
from biglam_pipeline.normalize.cut import Described, Found
from biglam_pipeline.normalize.stretched import of_stretch
from biglam_pipeline.parsing.inflate import MAX_DOCUMENT_BYTES, Unreadable, open_plain
from biglam_pipeline.parsing.json.counting import count_where, loaded
from biglam_pipeline.parsing.json.records import Document, Span, read_steps
from biglam_pipeline.parsing.json.stream import Tokens
from biglam_pipeline.parsing.json.texts import Text
from biglam_pipeline.parsing.marc.counting import count_leaders
from biglam_pipeline.parsing.marc.iso2709 import FIELD_END, RECORD_END, Chunks
from biglam_pipeline.parsing.marc.letters import read_record
from biglam_pipeline.parsing.marc.record import MarcRecord
from biglam_pipeline.parsing.marc.shapes import read_marc_json
from biglam_pipeline.parsing.pica.forms import begins_as_pica
from biglam_pipeline.records import Item, Unmapped

Form = Literal["xml", "json", "iso2709"]
Describe = Callable[[Any, tuple[str, ...]], Described]

_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x00]*")
_XML, _WIDE = (b"<",), (b"\xff\xfe", b"\xfe\xff")
_ALEPH = re.compile(rb"[0-9]{9} [0-9A-Z]{3}.{2} L ")
_LINES = re.compile(rb"=(?:LDR|[0-9]{3})  ")
_HEAD = 4096
_TO_XML = "convert it to MARCXML, as yaz-marcdump and Catmandu do"


def read_form(item: Item) -> Form:
    """By the first bytes. Unreadable for what is known as something else that catalogues export."""
    with open_plain(item) as stream:
        head = stream.read(_HEAD)
    if head.startswith(_WIDE):
        return "xml"  # whose reader knows what it is written in
    begin = _BEGIN.match(head)
    head = head[begin.end() if begin else 0 :]
    if head.startswith(_XML):
        return "xml"
    if head.startswith((b"[", b"{")):
        return "json"
    if begins_as_pica(head):
        raise Unreadable("not_marc", "it is PICA+; write `type: pica`")
    for pattern, name in ((_ALEPH, "Aleph sequential"), (_LINES, "MARC in lines (MarcEdit)")):
        if pattern.match(head):
            raise Unreadable("not_marc", f"it is {name}, which is not read; {_TO_XML}")
    return "iso2709"


def cut_file(item: Item, encoding: str | None, describe: Describe, *, text: bool) -> Iterator[Found]:
    """Record after record; what is none is a Reject."""
    records = RecordsOfFile(item, describe, _control_number, text=text)
    if read_form(item) == "json":
        json = text_of(item)
        yield from records.of_json(json, _spans(json), read_marc_json)
        return
    with open_plain(item) as stream:
        chunks = Chunks(stream, whole=item.whole)
        yield from records.of_chunks(chunks, partial(read_record, declared=encoding), "not_marc")
        between = known["between"] and records.begins == 1 if (known := of_stretch(item)) else chunks.between
        noted = ("iso2709: something stands between records",) if between else ()
    yield Unmapped(0, {}, 0, noted)


def expected_in(item: Item) -> int | None:
    """How many records the file should give: by leaders, or as `orjson` reads it."""
    if read_form(item) == "json":
        documents = loaded(text_of(item))
        return None if documents is None else count_where(documents, ())[0]
    with open_plain(item) as stream:
        return count_leaders(stream)


def without(item: Item, names: Names) -> Iterable[bytes] | None:
    """The file without these records: in ISO 2709 a leader that says so and the name stay, in JSON null."""
    if read_form(item) == "json":
        text = text_of(item)
        return without_spans(text, _spans(text), names)
    return without_chunks(item, Chunks, {number: _tombstone(name) for number, name in names.items()})


def _control_number(record: MarcRecord) -> str:
    return record.control("001").strip()


def _spans(text: Text) -> Iterator[Span]:
    return Document(Tokens(text.blocks(), MAX_DOCUMENT_BYTES), read_steps("")).spans()


def _tombstone(name: str) -> bytes:
    """A record of its control number alone, whose leader says that it is deleted (leader/05)."""
    field = name.encode() + FIELD_END
    base = 24 + 12 + 1
    size = base + len(field) + 1
    return b"%05ddam a22%05d   4500001%04d00000" % (size, base, len(field)) + FIELD_END + field + RECORD_END
