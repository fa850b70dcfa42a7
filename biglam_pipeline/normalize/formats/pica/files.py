"""Where are the records of a file of PICA+ that is no XML: in one of its forms of marks, or JSON?"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, BinaryIO

from biglam_pipeline.normalize.catalogued import Names, RecordsOfFile, text_of, without_chunks, without_spans
from biglam_pipeline.normalize.cut import Described, Found
from biglam_pipeline.parsing.inflate import MAX_DOCUMENT_BYTES, open_plain
from biglam_pipeline.parsing.json.counting import loaded
from biglam_pipeline.parsing.json.records import Document, Span, read_steps
from biglam_pipeline.parsing.json.stream import Broken, Tokens
from biglam_pipeline.parsing.json.texts import Text
from biglam_pipeline.parsing.pica.counting import count_json, count_records
from biglam_pipeline.parsing.pica.fields import read_fields
from biglam_pipeline.parsing.pica.forms import Form, form_of
from biglam_pipeline.parsing.pica.framing import Chunks
from biglam_pipeline.parsing.pica.record import PicaRecord
from biglam_pipeline.parsing.pica.shapes import read_pica_json
from biglam_pipeline.records import Item, Unmapped

Describe = Callable[[Any, tuple[str, ...]], Described]

_LISTED = re.compile(rb"(?:\s*null\b)*\s*\[\s*(?:\[\s*\[|null\b|\])")
"""A list of records; else each document is a record, one a line."""
_UNENDED = "pica: no line end stands behind the last record, of which fields may be missing"
_NOT_A_NAME = re.compile(r"[\x00-\x1f]")


def read_form(item: Item) -> Form:
    """By its first bytes. Unreadable for what is known as something else."""
    with open_plain(item) as stream:
        return form_of(stream)


def cut_file(item: Item, encoding: str | None, describe: Describe, *, text: bool) -> Iterator[Found]:
    """Record after record; what is none is a Reject."""
    form = read_form(item)
    records = RecordsOfFile(item, describe, _number, text=text)
    if form == "json":
        json = text_of(item)
        yield from records.of_json(json, _spans(json), read_pica_json)
        return
    read = partial(read_fields, form=form, encoding=encoding)
    with open_plain(item) as stream:
        chunks = Chunks(stream, form, whole=item.whole)
        yield from records.of_chunks(chunks, read, "not_pica")
    yield Unmapped(0, {}, 0, (_UNENDED,) if chunks.unended else ())


def expected_in(item: Item) -> int | None:
    """How many records the file should give: by its marks, or as `orjson` reads it."""
    form = read_form(item)
    if form == "json":
        text = text_of(item)
        documents = loaded(text)
        return None if documents is None else count_json(documents, listed=_is_listed(text))
    with open_plain(item) as stream:
        return count_records(stream, form)


def without(item: Item, names: Names) -> Iterable[bytes] | None:
    """The file without these records: their names stay, and that they are deleted, in JSON null."""
    form = read_form(item)
    if form == "json":
        text = text_of(item)
        return without_spans(text, _spans(text), names)

    def chunks(stream: BinaryIO) -> Chunks:
        return Chunks(stream, form)

    return without_chunks(item, chunks, {number: _tombstone(name, form) for number, name in names.items()})


def _number(record: PicaRecord) -> str:
    return record.name


def _is_listed(text: Text) -> bool:
    return _LISTED.match(next(text.blocks(), b"")) is not None


def _spans(text: Text) -> Iterator[Span]:
    tokens = Tokens(text.blocks(), MAX_DOCUMENT_BYTES)
    if _is_listed(text):
        yield from Document(tokens, read_steps("")).spans()
        return
    while first := tokens.peek():
        if first not in b"[n":
            raise Broken(f"a record begins with `{first.decode('latin-1')}`, and `[` is due")
        begins = tokens.place
        yield Span(tokens.value(), begins, whole=True)


def _tombstone(name: str, form: Form) -> bytes:
    """A record of its number alone, with the field that says that it was deleted (001E)."""
    fields = (("001E", "a takedown"), ("003@", _NOT_A_NAME.sub("", name)))
    if form == "plain":
        return "".join(f"{tag} $0{text.replace('$', '$$')}\n" for tag, text in fields).encode()
    if form == "import":
        return "".join(f"\x1e{tag} \x1f0{text}\n" for tag, text in fields).encode()
    end = "\n" if form == "normalized" else "\x1d"
    return ("".join(f"{tag} \x1f0{text}\x1e" for tag, text in fields) + end).encode()
