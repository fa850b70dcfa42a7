"""Where are the records of a file of MARC that is no XML: ISO 2709, or JSON?"""

import hashlib
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, Literal

from biglam_pipeline.normalize.cut import Cut, Described, Found
from biglam_pipeline.normalize.equals import Times
from biglam_pipeline.normalize.gone import gone_by_itself, gone_from, note_gone
from biglam_pipeline.parsing.inflate import MAX_DOCUMENT_BYTES, Unreadable, open_plain, packed_as
from biglam_pipeline.parsing.json.counting import count_where, loaded
from biglam_pipeline.parsing.json.records import Document, read_steps
from biglam_pipeline.parsing.json.stream import Broken, Tokens
from biglam_pipeline.parsing.json.texts import Text, without
from biglam_pipeline.parsing.marc.counting import count_leaders
from biglam_pipeline.parsing.marc.iso2709 import FIELD_END, RECORD_END, Chunk, Chunks
from biglam_pipeline.parsing.marc.letters import read_record
from biglam_pipeline.parsing.marc.record import MarcRecord
from biglam_pipeline.parsing.marc.shapes import read_marc_json
from biglam_pipeline.place import Place
from biglam_pipeline.records import Bundle, Item, Record, Reject, Unmapped

Form = Literal["xml", "json", "iso2709"]
Read = tuple[MarcRecord, tuple[str, ...]]
Describe = Callable[[MarcRecord, tuple[str, ...]], Described]

_BEGIN = re.compile(rb"(?:\xef\xbb\xbf)?[\s\x00]*")
_XML, _WIDE = (b"<",), (b"\xff\xfe", b"\xfe\xff")
_ALEPH = re.compile(rb"[0-9]{9} [0-9A-Z]{3}.{2} L ")
_PICA = re.compile(rb"\x1e?[0-2][0-9]{2}[A-Z@](?:/[0-9]{2,3})? [\x1f\xc6\xc7$]|\x1d?\n?\x1e")
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
    for pattern, name in ((_ALEPH, "Aleph sequential"), (_PICA, "PICA+"), (_LINES, "MARC in lines (MarcEdit)")):
        if pattern.match(head):
            raise Unreadable("not_marc", f"it is {name}, which is not read; {_TO_XML}")
    return "iso2709"


def cut_file(item: Item, encoding: str | None, describe: Describe, *, text: bool) -> Iterator[Found]:
    """Record after record; what is none is a Reject."""
    if read_form(item) == "json":
        yield from _File(item, describe, text=text).cut_json()
    else:
        yield from _File(item, describe, text=text).cut_iso2709(encoding)


def expected_in(item: Item) -> int | None:
    """How many records the file should give: by leaders, or as `orjson` reads it."""
    if read_form(item) == "json":
        documents = loaded(_text(item))
        return None if documents is None else count_where(documents, ())[0]
    with open_plain(item) as stream:
        return count_leaders(stream)


class _File:
    """One file on its way through the reader."""

    def __init__(self, item: Item, describe: Describe, *, text: bool) -> None:
        self._item, self._describe, self._text = item, describe, text
        self._times, self._gone = Times({}), gone_from(item)

    def cut_iso2709(self, encoding: str | None) -> Iterator[Found]:
        with open_plain(self._item) as stream:
            chunks = Chunks(stream, whole=self._item.whole)
            number = 0
            for number, chunk in enumerate(chunks, 1):
                yield from self._found(number, partial(_read_chunk, chunk, encoding))
            if not number:
                yield Reject("not_marc", "there is no record in it", self._item.name, "")
            noted = ("iso2709: something stands between records",) if chunks.between else ()
        yield Unmapped(0, {}, 0, noted)

    def cut_json(self) -> Iterator[Found]:
        text, nothing = _text(self._item), 0
        document = _document(text)
        try:
            for number, span in enumerate(document.spans(), 1):
                if span.data == b"null":
                    nothing += number not in self._gone
                    continue
                yield from self._found(number, partial(read_marc_json, span.data))
        except Broken as broken:
            if self._item.whole or not broken.cut:
                yield Reject("json_document", f"it is no whole JSON document: {broken}", self._item.name, "")
        noted = (text.found.problem,) if text.found.problem else ()
        yield Unmapped(0, {"places that hold null": nothing} if nothing else {}, 0, noted)

    def _found(self, number: int, read: Callable[[], Read]) -> Iterator[Found]:
        place = Place("record", number)
        try:
            found = self._describe(*read())
        except Unreadable as trouble:
            yield Reject(trouble.reason, trouble.detail, self._item.name, str(place))
            return
        name = found.record.control("001").strip()
        if found.deleted:
            if number not in self._gone:
                yield gone_by_itself(name, "", self._item.name, place)
        else:
            yield self._cut(found, name, place)

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
        """A record without a control number is called by its file and what it holds."""
        return f"{self._item.name}#{self._times.numbered(hashlib.sha256(raw.encode()).hexdigest()[:16])}"


def _read_chunk(chunk: Chunk, encoding: str | None) -> Read:
    if chunk.trouble is not None:
        raise chunk.trouble
    return read_record(chunk.data, encoding)


def _text(item: Item) -> Text:
    return Text.of(partial(open_plain, item), item.media_type)


def _document(text: Text) -> Document:
    return Document(Tokens(text.blocks(), MAX_DOCUMENT_BYTES), read_steps(""))


# --- takedown ---


def noted(bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, dict[str, Any]]:
    """What is noted of the records that are gone: they keep their numbers."""
    return note_gone(bundle, records)


def blanked(bundle: Bundle, records: Sequence[tuple[Record, str]]) -> dict[str, Iterable[bytes] | None]:
    """The files without these records: in ISO 2709 a leader that says so and the name stay, in JSON null."""
    left: dict[str, Iterable[bytes] | None] = {}
    for item in bundle.items:
        names = {one.place.number: shown.partition(":")[2] for one, shown in records if one.item == item.name}
        if not names:
            continue
        if read_form(item) == "json":
            text = _text(item)
            document = _document(text)
            spans = [one for at, one in enumerate(document.spans(), 1) if at in names]
            kept = without(text.blocks(), [(one.begins, len(one.data)) for one in spans])
            all_of_it = document.documents == 1 and spans[0].whole
            left[item.name] = None if all_of_it else packed_as(item, kept)
        else:
            left[item.name] = packed_as(item, _without(item, names))
    return left


def _without(item: Item, names: dict[int, str]) -> Iterator[bytes]:
    """Each record that stays as it came, also one that cannot be read."""
    with open_plain(item) as found, open_plain(item) as plain:
        at = 0
        for number, chunk in enumerate(Chunks(found), 1):
            yield plain.read(chunk.start - at)
            kept = plain.read(chunk.size)
            yield _tombstone(names[number]) if number in names else kept
            at = chunk.start + chunk.size
        yield plain.read()


def _tombstone(name: str) -> bytes:
    """A record of its control number alone, whose leader says that it is deleted (leader/05)."""
    field = name.encode() + FIELD_END
    base = 24 + 12 + 1
    size = base + len(field) + 1
    return b"%05ddam a22%05d   4500001%04d00000" % (size, base, len(field)) + FIELD_END + field + RECORD_END
