"""What do brat's files say of a text? Spans, attributes, relations, links and notes, held against the text itself.

The format: https://brat.nlplab.org/standoff.html
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa

from biglam_pipeline.normalize.cut import Cut, Fields, Found
from biglam_pipeline.normalize.formats.annotations.offsets import Passage, placed
from biglam_pipeline.parsing.charsets import charset_of
from biglam_pipeline.parsing.encodings import BYTES, find_encoding, mend
from biglam_pipeline.parsing.inflate import Unreadable, read_whole
from biglam_pipeline.place import Place
from biglam_pipeline.records import Item, Reject

_FRAGMENT = pa.struct([("start", pa.int32()), ("end", pa.int32())])


def _several(**fields: pa.DataType) -> pa.DataType:
    return pa.list_(pa.struct([*fields.items()]))


_TEXT = pa.string()
STANDOFF: dict[str, pa.DataType] = {
    "spans": _several(
        id=_TEXT, label=_TEXT, start=pa.int32(), end=pa.int32(), text=_TEXT, fragments=pa.list_(_FRAGMENT)
    ),
    "attributes": _several(id=_TEXT, name=_TEXT, target=_TEXT, value=_TEXT),
    "relations": _several(id=_TEXT, label=_TEXT, arguments=_several(role=_TEXT, target=_TEXT)),
    "links": _several(id=_TEXT, label=_TEXT, target=_TEXT, reference=_TEXT, text=_TEXT),
    "notes": _several(id=_TEXT, label=_TEXT, target=_TEXT, text=_TEXT),
}
"""The source's own columns. A span has the places of its characters in `text`, and each fragment has; events are
relations, whose first argument is their trigger."""

_SPAN = re.compile(r"(T\S+)\t(\S+) (\d+ \d+(?:;\d+ \d+)*)\t(.*)")
_ATTRIBUTE = re.compile(r"([AM]\S+)\t(\S+) (\S+)(?: (.*?))?\s*")
_RELATION = re.compile(r"(R\S+)\t(\S+)((?: [^\s:]+:\S+)+)\s*")
_EVENT = re.compile(r"(E\S+)\t()([^\s:]+:\S+(?: [^\s:]+:\S+)*)\s*")
_EQUAL = re.compile(r"(\*)\t(\S+)((?: \S+)+)\s*")
_LINK = re.compile(r"(N\S+)\t(\S+) (\S+) (\S+)(?:\t(.*))?")
_NOTE = re.compile(r"(#\S*)\t(\S+) (\S+)(?:\t(.*))?")


@dataclass(slots=True)
class _Said:
    """What stands in a file of annotations."""

    passages: list[Passage] = field(default_factory=list)
    attributes: list[dict[str, Any]] = field(default_factory=list)
    relations: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)

    def read(self, line: str, number: int) -> bool:
        """Whether the line is one of brat's; then it is kept."""
        if found := _SPAN.fullmatch(line):
            fragments = [
                (int(start), int(end)) for start, _, end in (one.partition(" ") for one in found[3].split(";"))
            ]
            self.passages.append(Passage(number, found[1], found[2], fragments, found[4]))
        elif found := _ATTRIBUTE.fullmatch(line):
            self.attributes.append(dict(zip(("id", "name", "target", "value"), found.groups(), strict=True)))
        elif found := _RELATION.fullmatch(line) or _EVENT.fullmatch(line) or _EQUAL.fullmatch(line):
            given = [one.partition(":") if found[1] != "*" else ("", "", one) for one in found[3].split()]
            arguments = [{"role": role, "target": target} for role, _, target in given]
            self.relations.append({"id": found[1], "label": found[2] or given[0][0], "arguments": arguments})
        elif found := _LINK.fullmatch(line):
            names = ("id", "label", "target", "reference", "text")
            self.links.append(dict(zip(names, found.groups(), strict=True)))
        elif found := _NOTE.fullmatch(line):
            self.notes.append(dict(zip(("id", "label", "target", "text"), found.groups(), strict=True)))
        else:
            return False
        return True

    def oddities(self) -> Iterator[str]:
        """What is odd about them; they stay as they are."""
        ids = [one.id for one in self.passages] + [one["id"] for one in (*self.relations, *self.attributes)]
        if len({*ids} - {"*"}) < len([one for one in ids if one != "*"]):
            yield "annotations: an id that two have"
        aims = [one["target"] for one in (*self.attributes, *self.links)]
        aims += [one["target"] for each in self.relations for one in each["arguments"]]
        if not {*aims} <= {*ids}:
            yield "annotations: of something that is not there"


def read_standoff(ann: Item, text: Item | None, encoding: str | None) -> Iterator[Found]:
    """The document; a Reject where a line of it cannot be read, or its places do not fit its text."""
    yield Fields([])
    if text is None:
        name = f"{ann.name[: -len('.ann')]}.txt"
        yield Reject("text_missing", f"there is no {name} that it speaks of; harvest it too", ann.name, "")
        return
    lines, noted = _decoded(ann, encoding)
    said = _Said()
    ends = "\n" if "\n" in lines else "\r"  # old Macs
    for number, line in enumerate(lines.split(ends), 1):
        if (line := line.rstrip("\r")).strip() and not said.read(line, number):
            yield Reject("annotation", f"line {number} is none of brat's: {line[:80]!r}", ann.name, f"line {number}")
            return
    raw, of_text = _decoded(text, encoding)
    if not raw.strip():
        yield Reject("text_empty", f"{text.name}: there is nothing to read in it", ann.name, "")
        return
    with_mark = read_whole(text)[:3] == b"\xef\xbb\xbf"
    plain, spans, problems = placed(raw, said.passages, marked=with_mark)
    if isinstance(spans, Reject):
        yield Reject(spans.reason, spans.detail, ann.name, spans.position)
        return
    own = {name: getattr(said, name) for name in ("attributes", "relations", "links", "notes")}
    yield Cut(
        {},
        ann.name,
        {"text": plain, "text_unit": "document"},
        {"text_origin": "born_digital"},
        Place("line", 1),
        problems=(*(one for one in (noted, of_text) if one), *problems, *said.oddities()),
        own={"spans": spans, **own},
    )


def _decoded(item: Item, encoding: str | None) -> tuple[str, str]:
    """The text with its line ends as they are, and what was guessed of its encoding."""
    data = read_whole(item)
    found = find_encoding(data, declared=encoding, server_charset=charset_of(item.media_type))
    text = data.decode(found.encoding, BYTES)
    if "\0" in text:
        raise Unreadable("not_text", f"{item.name} holds NUL bytes, so it is no text; leave it out with `files`")
    return text if found.is_clean else mend(text), found.problem
