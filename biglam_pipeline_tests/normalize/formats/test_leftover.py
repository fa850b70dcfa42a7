"""A table is judged by the whole of it; where a takedown took the line that decided, what is left is read as before."""

import io
import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.errors import ConfigError, SourceChanged
from biglam_pipeline.normalize.formats.table import emptying, lines
from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.parsing.encodings import Found
from biglam_pipeline.records import Bundle, Item, Read, Record
from biglam_pipeline_tests.examples import examples
from biglam_pipeline_tests.normalize.bundles import item, reader, records, rejects, unmapped


def read(made: Reader, file: Item) -> list[Read]:
    return list(made.read(Bundle(file.name, (file,)), {}))


def without(made: Reader, file: Item, *gone: Record) -> Item:
    """The redacted copy, with what is noted beside it as the shelf keeps it."""
    bundle, hits = Bundle(file.name, (file,)), [(one, one.source_record_id) for one in gone]
    left = made.redact(bundle, hits)[file.name]
    assert left is not None
    known = json.loads(json.dumps(made.remember(bundle, hits)[file.name]))
    return replace(item(file.name, b"".join(left)), known=known)


def reported(found: list[Read], *gone: str) -> tuple[list[Any], list[str], tuple[str, ...]]:
    rows = [replace(one, problems=()) for one in records(found) if one.position not in gone]
    return rows, [one.position for one in rejects(found)], unmapped(found)[0].problems


DECIDED = {
    "the bad byte": ("t.csv", b"a,b\n1,caf\xe9\n2,\xc3\xa9\n", {}, "line 2"),
    "the good letters": ("t.csv", b"a,b\n1,\xc3\xa9\xc3\xa9\n2,\xe9\n", {}, "line 2"),
    "a bad byte of JSON": ("t.jsonl", b'{"a":"1","b":"\xe9"}\n{"a":"2","b":"\xc3\xa9"}\n', {}, "line 1"),
    "the quote that was a letter": ("t.tsv", b'a\tb\n1\t"Nay\n2\t"of"\n', {}, "line 2"),
    "the delimiter": ("t.csv", b"1,x\n2,x\n3,x;y\n4,x;y\n5,x;y\n", {"header": ["a", "b"]}, "line 1"),
    "the line that a loose quote broke on": ("t.csv", b'a,b\n1,"x\n2,6" x\n3,5"\n', {}, "line 3"),
    "what a loose quote had eaten": ("t.csv", b'a,b,c\n1,"x,y\n2,c,d\n3,e,f"\n4,g,h\n', {}, "line 3"),
    "the first of equals": (
        "t.csv",
        b"a,b\nx,y\nx,y\nx,y\n",
        {"map": {"title": "a", "extra": {"n": "$line"}}},
        "line 2",
    ),
    "one of equals": ("t.csv", b"a,b\nx,y\nx,y\nx,y\n", {"map": {"title": "a", "extra": {"n": "$line"}}}, "line 3"),
    "the only key of its name": ("t.jsonl", b'{"a":"1","b":"x"}\n{"a":"2"}\n', {}, "line 1"),
    "the mark of byte order": ("t.csv", "1,é\n2,è\n".encode("utf-16"), {"header": ["a", "b"]}, "line 1"),
    "the other mark": ("t.csv", b"\xfe\xff" + "1,é\n2,è\n".encode("utf-16-be"), {"header": ["a", "b"]}, "line 1"),
    "no mark": ("t.csv", "1,abc\n中中,文文\n".encode("utf-16-le"), {"header": ["a", "b"]}, "line 1"),
    "a line feed behind a carriage return": ("t.csv", b"a,b\r1,x\r2,y\n3,z\r", {}, "line 3"),
}


@pytest.mark.parametrize("name", DECIDED)
def test_the_line_that_decided_may_go(name: str) -> None:
    """What was judged stays judged: no other row changes its identifier, its text, or is lost."""
    file, data, keys, line = DECIDED[name]
    made = reader(type="table", **{"map": {"title": "a", "description": "b"}, **keys})
    before = read(made, item(file, data))
    gone = [one for one in records(before) if one.position == line]
    assert gone, before
    left = without(made, item(file, data), *gone)
    assert reported(read(made, left)) == reported(before, line)


def test_what_the_entry_says_later_counts() -> None:
    made = reader(type="table", map={"title": "a", "extra": ["b"]})
    file = item("t.tsv", b'a\tb\n1\t"Nay\n2\t"\xc3\xa9"\n')
    left = without(made, file, records(read(made, file))[0])
    says = reader(type="table", map={"title": "a", "extra": ["b"]}, quote='"', encoding="cp1252")
    assert [one.extra["b"] for one in records(read(says, left))] == ["Ã©"]


def test_a_copy_that_was_not_written_any_more_is_read_as_it_came() -> None:
    """What may stand there is noted before it is put there: a killed run left the file as it was."""
    made = reader(type="table", map={"title": "a", "extra": {"b": "b", "n": "$line"}})
    file = item("t.csv", b'a,b\n1,"x\n\ny"\n1,"x\n\ny"\n2,\xe9\n')
    before = read(made, file)
    left = without(made, file, records(before)[0])
    assert reported(read(made, replace(file, known=left.known))) == reported(before)


_PIECES = {
    "t.csv": ['"', '"', '""', ",", ",", "\n", "\n", "\r", "a", "b", " ", ";", "é", b"\xe9"],
    "t.tsv": ['"', '"', '""', "\t", "\t", "\n", "\n", "a", "b", ",", "é", b"\xe9"],
    "t.jsonl": ['{"a":"1","b":"x"}\n', b'{"a":"2","b":"\xe9"}\n', '{"a":"2","b":"é"}\n', '{"a":"2"}\n', "\n", "x\n"],
}
_HEADERS = {"t.csv": "a,b\n", "t.tsv": "a\tb\n", "t.jsonl": ""}


@examples(400)
@given(st.data())
def test_whatever_goes_all_else_is_read_as_before(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(_PIECES)))
    pieces = data.draw(st.lists(st.sampled_from(_PIECES[name]), min_size=4, max_size=50))
    body = b"".join(one if isinstance(one, bytes) else one.encode() for one in [_HEADERS[name], *pieces])
    if data.draw(st.integers(0, 5)) == 0:
        body = body.decode("latin-1").encode("utf-16")
    made, file = reader(type="table", map={"title": "a", "extra": {"b": "b", "n": "$line"}}), item(name, body)
    try:
        found = read(made, file)
    except (SourceChanged, ConfigError):
        return
    for _ in range(2):  # a second takedown finds what the first left
        there = records(found)
        if not there:
            return
        gone = data.draw(st.lists(st.sampled_from(there), min_size=1, max_size=3, unique_by=lambda one: one.position))
        file = without(made, file, *gone)
        again = read(made, file)
        assert reported(again)[:2] == reported(found, *(one.position for one in gone))[:2]
        found = again


@examples(300)
@given(st.text("ab\r\n", min_size=1, max_size=12), st.sampled_from(["utf-8", "utf-16", "utf-16-be"]), st.integers(1, 5))
def test_lines_have_the_numbers_that_the_reader_gives_them_wherever_a_block_ends(
    text: str, encoding: str, size: int
) -> None:
    """`\\r` at the end of a block and `\\n` at the beginning of the next are one line end."""
    opened, found = item("t.csv", text.encode(encoding)).open, Found(encoding, "", "declared")
    there = split(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(emptying, "_PIECE", size)
        for place in range(len(there)):
            left = b"".join(emptying.empty_lines(opened, found, {place + 1})).decode(encoding)
            lost = place + 1 == len(there) and text[-1] not in "\r\n"  # its end was all that would have been left
            assert split(left) == [*there[:place], *([] if lost else [""]), *there[place + 1 :]]


def split(text: str) -> list[str]:
    """Lines, without their ends."""
    return [line.rstrip("\r\n") for line in io.StringIO(text, newline="")]


@pytest.mark.parametrize("end", ["\r", "\r\n", "\n"])
def test_a_long_line_takes_nothing_of_the_next_wherever_it_is_cut(end: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MAX_CELL_BYTES", 16)
    monkeypatch.setattr(lines, "_SKIPPED_AT_ONCE", 4)
    for size in range(10, 32):
        body = end.join(["a,b", f"1,{'x' * size}", "", "2,yyyyyyyyyyyy", "3,z", ""])
        found = read(reader(type="table", map={"id": "a"}), item("t.csv", body.encode()))
        kept = [(one.source_record_id, one.position) for one in records(found)]
        assert kept[-2:] == [("2", "line 4"), ("3", "line 5")]
        assert len(kept) + len(rejects(found)) == 3
