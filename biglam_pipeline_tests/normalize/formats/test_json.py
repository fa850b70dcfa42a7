"""JSON: what others write becomes rows, or a reject that says why; held against Python's own reader and JMESPath."""

import gzip
import io
import json
import resource
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import jmespath
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from biglam_pipeline.errors import ConfigError
from biglam_pipeline.normalize.formats import json as kind
from biglam_pipeline.parsing.json.records import Document, read_steps
from biglam_pipeline.parsing.json.stream import Broken, Tokens
from biglam_pipeline.parsing.json.texts import without
from biglam_pipeline.records import Bundle, Item, Read, Record
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    item,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
    rejects,
    unmapped,
)
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, bytes_of, take_out

PAGE = b"""{
  "info": {"version": "1.0", "total": 4, "licence": "CC0"},
  "records": [
    {"id": 1, "title": "One", "makers": [{"name": "A"}, {"name": "B"}], "date": "1850", "weight": 1.10},
    {"id": 2, "title": "Two \\u00e9", "date": null, "open": true},
    null,
    {"id": 3, "title": "Twice", "title": "two titles"},
    {"id": 4, "title": "Four", "makers": [], "date": "c. 1850"}
  ]
}"""
SPECIMEN = Specimen(
    {
        "page.json": PAGE,
        "more.json": b'{"records": [{"id": 5, "title": "Five"}, {"id": 6, "title": "Six"}], "info": {}}',
    },
    records=5,
    version=2,
    digest="ae8bbeb236b7d59a",
    block={
        "rows": "records[]",
        "map": {
            "id": "id",
            "title": "title",
            "date": "date",
            "creators": "makers[].name",
            "extra": {"weight": "weight", "licence": "$root.info.licence"},
        },
    },
)


def rows_of(data: Any, rows: str = "", path: str = "title", **more: Any) -> list[Read]:
    written = data if isinstance(data, bytes) else json.dumps(data).encode()
    return read_one(reader(type="json", rows=rows, map={"title": path}, **more), "a.json", written)


def titles(found: list[Read]) -> list[Any]:
    return [one.values.get("title") for one in records(found)]


A, B, C = {"title": "a"}, {"title": "b"}, {"title": "c"}


def test_a_typical_reader_is_short() -> None:
    """The reader's own part; tokens, records and texts are of `parsing.json`."""
    lines = Path(kind.__file__).read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 260


@pytest.mark.parametrize(
    ("data", "rows", "expected"),
    [
        (A, "", ["a"]),
        ([A, B], "", ["a", "b"]),
        ([A, B], "[]", ["a", "b"]),
        ([A, B], "[*]", ["a", "b"]),
        ([A, B], "@", ["a", "b"]),
        ({"data": [A, B], "n": 1}, "data[]", ["a", "b"]),
        ({"data": [A, B]}, "data", ["a", "b"]),
        ({"data": A}, "data", ["a"]),
        ({"full articles": [A]}, '"full articles"[]', ["a"]),
        ({"response": {"docs": [A, B]}}, "response.docs[]", ["a", "b"]),
        ({"hits": {"hits": [{"_source": A}, {"_source": B}]}}, "hits.hits[]._source", ["a", "b"]),
        ({"v": [{"p": [A, B]}, {"p": []}, {"q": 1}, {"p": [C]}]}, "v[].p[]", ["a", "b", "c"]),
        ({"entities": {"Q1": A, "Q2": B}}, "entities.*", ["a", "b"]),
        ({"é": {"\n": [A]}}, '"é"."\\n"[]', ["a"]),
        ({"data": []}, "data[]", []),
        ([], "", []),
        ({"v": []}, "v[].p[]", []),
        ({"e": {}}, "e.*", []),
    ],
)
def test_where_the_records_are(data: Any, rows: str, expected: list[str]) -> None:
    found = rows_of(data, rows)
    assert titles(found) == expected
    assert rejects(found) == []


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(max_size=5),
    lambda inside: st.lists(inside, max_size=3) | st.dictionaries(st.sampled_from('abc"\\é[{'), inside, max_size=3),
    max_leaves=12,
)


@given(
    _JSON,
    st.sampled_from(["a[]", "a", "a.b[]", "a[].b[]", "a.*", "*.a[]", "[]", "[].a", "a[*].b", "a[].b.c[]", "*.*"]),
    st.integers(1, 9),
    st.sampled_from([None, 1]),
)
def test_the_records_are_those_of_jmespath(data: Any, path: str, size: int, indent: int | None) -> None:
    """Counted by another program on the whole document; however its bytes come."""
    written = json.dumps(data, ensure_ascii=False, indent=indent).encode()
    blocks = (written[at : at + size] for at in range(0, len(written), size))
    document = Document(Tokens(blocks, 10_000), read_steps(path))
    try:
        spans = [(json.loads(one.data), one) for one in document.spans()]
    except Broken:
        assert isinstance(data, str | int | bool)
        return
    for value, one in spans:
        assert written[one.begins : one.begins + len(one.data)] == one.data
        assert json.loads(one.data) == value
    due = jmespath.search(path, data)
    due = due if isinstance(due, list) else [due]
    mine = [value for value, one in spans if isinstance(value, dict) and not one.alone]
    assert mine == [one for one in due if isinstance(one, dict)]


@given(st.lists(st.integers(0, 40), unique=True, max_size=6).map(sorted), st.integers(1, 7))
def test_what_is_taken_out_leaves_all_other_bytes(places: list[int], size: int) -> None:
    data = bytes(range(65, 106))
    spans = [(begin, 1 if end <= begin + 3 else 3) for begin, end in pairwise([*places, 99])]
    spans = [(begin, length) for begin, length in spans if begin + length <= len(data)]
    due, place = b"", 0
    for begin, length in spans:
        due += data[place:begin] + b"null"
        place = begin + length
    blocks = [data[at : at + size] for at in range(0, len(data), size)]
    assert b"".join(without(blocks, spans)) == due + data[place:]


# --- what others write ---


@pytest.mark.parametrize(
    ("record", "words"),
    [
        (b'{"title": "b", "title": "c"}', "the key 'title' comes twice"),
        (b'{"title": {"x": 1, "x": 2}}', "the key 'x' comes twice"),
        (b'{"title": NaN}', "all programs read alike"),
        (b'{"title": -Infinity}', "all programs read alike"),
        (b'{"title": 1.0, "x": NaN}', "NaN is not JSON"),
        (b'{"title": "\\ud800"}', "surrogate"),
        (b'{"title": "\\ud800", "x": 1.10}', "surrogate"),
        (b'{"title": ' + b"[" * 200_000 + b"]" * 200_000 + b"}", "limit"),
        (b'{"title": ' + b'{"a":' * 5000 + b"1" + b"}" * 5000 + b"}", "limit"),
        (b'{"title": ' + b"[" * 300 + b"]" * 300 + b"}", "nested deeper than 200"),
        (b"{'title': 'b'}", ""),
        (b"{title: 1}", "all programs read alike"),
        (b'{"title": 01}', "all programs read alike"),
        (b'{"title": "a\tb"}', "all programs read alike"),
        (b"5", "a number and no object"),
        (b'"b"', "a text and no object"),
        (b'[{"title": "b"}]', "a list and no object"),
        (b"true", "true and no object"),
    ],
)
def test_a_record_that_programs_read_differently_is_a_reject_and_the_next_is_read(record: bytes, words: str) -> None:
    found = rows_of(b'{"data": [{"title": "a"}, ' + record + b', {"title": "c"}]}', "data[]")
    assert titles(found) == ["a", "c"]
    assert reasons(found) == ["json_record"]
    assert rejects(found)[0].position == "record 2"
    assert words in rejects(found)[0].detail


@pytest.mark.parametrize(
    ("number", "text"),
    [("1.10", "1.10"), ("1E400", "1E400"), ("9" * 5000, "9" * 5000), ("0.1", "0.1"), ("-0", "0"), ("1e2", "1e2")],
)
def test_numbers_are_as_they_are_written(number: str, text: str) -> None:
    assert titles(rows_of(b'[{"title": %s}]' % number.encode())) == [text]


def test_a_number_is_compared_as_one_however_it_is_written() -> None:
    data = b'[{"images": [{"width": 100, "url": "s"}, {"width": 1200.50, "url": "l"}]}]'
    assert titles(rows_of(data, path="images[?width > `1000`].url | [0]")) == ["l"]


@pytest.mark.parametrize(
    ("data", "words", "before"),
    [
        (b"", "it is empty", []),
        (b" \n", "it is empty", []),
        (b"<!doctype html><html><body>Sorry</body></html>", "a web page or XML", []),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n", "Git LFS pointer", []),
        (b")]}',\n[]", "guarded against scripts", []),
        (b'callback([{"title": "a"}])', "it begins with `c`", []),
        (b'"text"', 'it begins with `"`', []),
        (b'[{"title": "a"}, {"ti', "ends in the middle of a string", ["a"]),
        (b'[{"title": "a"}, {"title": [1', "ends in the middle of an object or a list", ["a"]),
        (b'[{"title": "a"}', "it ends where `,` was due", ["a"]),
        (b'[{"title": "a"},]', "byte 17 is `]` where a value was due", ["a"]),
        (b'[{"title": "a"} {"title": "b"}]', "where `,` was due", ["a"]),
        (b'[{"title": "a"}]]', "it begins with `]`", ["a"]),
        (b'[{"title": "a"}]<br />Warning: mysql', "a web page or XML", ["a"]),
        (b"[" * 200_000, "in the middle of an object or a list", []),
        (b'{"title" "a"}', "all programs read alike", []),
    ],
)
def test_a_document_that_is_none_or_breaks_off_is_a_reject_behind_its_rows(
    data: bytes, words: str, before: list[str]
) -> None:
    found = rows_of(data)
    assert titles(found) == before
    assert len(rejects(found)) == 1
    assert words in rejects(found)[0].detail


@pytest.mark.parametrize(
    "data",
    [{"error": "quota"}, {"data": None}, {"data": "none"}, {"data": 0}, {"Data": [A]}, [A], {"data": {"a": [A]}}],
)
def test_records_that_are_not_where_they_are_due_are_no_silence(data: Any) -> None:
    found = rows_of(data, "data[]" if data != {"data": {"a": [A]}} else "data.b[]")
    assert (titles(found), reasons(found)) == ([], ["rows_missing"])
    assert "correct `rows`" in rejects(found)[0].detail


def test_one_object_where_a_list_is_due_is_read_and_counted() -> None:
    """Converters of XML write a list of one so."""
    [record] = records(rows_of({"data": A}, "data[]"))
    assert record.problems == ("rows: one object where a list is due, read as a list of one",)


@pytest.mark.parametrize("data", [b'{"data":{}}', b'{"data": { \n}}'])
def test_an_empty_object_where_a_list_is_due_is_an_empty_list(data: bytes) -> None:
    """PHP writes an array without members so; a row without anything would be made of it."""
    found = rows_of(data, "data[]")
    assert (titles(found), reasons(found)) == ([], [])


@pytest.mark.parametrize("other", [b'{"error": "quota"}', b'{"data": null}'])
def test_of_several_documents_each_must_have_its_records(other: bytes) -> None:
    """A fault between pages that were put behind one another is no silence, on whichever side of them it stands."""
    page = b'{"data": [{"title": "a"}]}'
    for documents in ([page, other], [other, page], [page, other, page]):
        found = rows_of(b"\n".join(documents), "data[]")
        assert titles(found) == ["a"] * documents.count(page)
        assert reasons(found) == ["rows_missing"]
        assert f"in 1 of the {len(documents)} documents in it" in rejects(found)[0].detail


def test_a_list_that_is_named_twice_is_read_once_and_rejected() -> None:
    found = rows_of(b'{"data": [{"title": "a"}], "data": [{"title": "b"}]}', "data[]")
    assert (titles(found), reasons(found)) == (["a"], ["json_document"])


@pytest.mark.parametrize("rows", ["", "data[]"])
def test_several_documents_in_one_file_are_read_one_after_the_other(rows: str) -> None:
    """JSON Lines that are called .json, and answers that were put behind one another."""
    one, two = (A, B) if not rows else ({"data": [A]}, {"data": [B]})
    for between in (b"\n", b"", b"\r\n\r\n", b"\x20"):
        found = rows_of(json.dumps(one).encode() + between + json.dumps(two, indent=1).encode(), rows)
        assert (titles(found), rejects(found)) == (["a", "b"], [])


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1", "cp1252"])
def test_encodings_are_found_out_or_said(encoding: str) -> None:
    title = "Café crème à Genève" + (", où l’été" if encoding != "latin-1" else "")
    text = json.dumps([{"title": title}], ensure_ascii=False)
    assert titles(rows_of(text.encode(encoding))) == [title]
    assert titles(rows_of(text.encode(encoding), encoding=encoding)) == [title]
    with pytest.raises(ValidationError, match="not an encoding"):
        rows_of(b"[]", encoding="utf-99")


def test_bytes_that_are_not_in_the_encoding_are_counted() -> None:
    found = rows_of('[{"title": "é"}, {"title": "'.encode() + b'\x93"}, ' + '{"title": "éèüñ"}]'.encode())
    assert titles(found)[1] == "“"
    assert any(problem.startswith("encoding:") for one in unmapped(found) for problem in one.problems)


def test_packed_and_partial_files() -> None:
    data = json.dumps([A, B]).encode()
    assert titles(rows_of(gzip.compress(data))) == ["a", "b"]
    beginning = replace(item("a.json", data[:20]), whole=False)
    made = reader(type="json", map={"title": "title"})
    found = list(made.read(made_bundle(beginning), {}))
    assert (titles(found), rejects(found)) == (["a"], []), "what is cut off for a preview is no fault of the file"


def made_bundle(one: Item) -> Any:
    return Bundle(one.name, (one,))


# --- paths ---


@pytest.mark.parametrize(
    ("path", "given_", "expected"),
    [
        ("a", {"a": "x"}, "x"),
        ("a.b", {"a": {"b": "x"}}, "x"),
        ("a[0].b", {"a": [{"b": "x"}, {"b": "y"}]}, "x"),
        ("a || b", {"b": "x"}, "x"),
        ('"dc:title"', {"dc:title": "x"}, "x"),
        ('"@id"', {"@id": "x"}, "x"),
        ("a", {"a": True}, "true"),
        ("a", {"a": False}, "false"),
        ("a", {"a": 0}, "0"),
        ("a", {"a": ""}, None),
        ("a", {"a": []}, None),
        ("a", {}, None),
        ("a", {"a": {"b": 1}}, None),
        ("join(', ', a)", {"a": ["x", "y"]}, "x, y"),
        ("join(', ', a)", {"a": 1}, None),
        ('a >> list >> join("; ")', {"a": ["x", "y"]}, "x; y"),
    ],
)
def test_values(path: str, given_: dict[str, Any], expected: str | None) -> None:
    assert titles(rows_of([given_], path=path)) == [expected]


@pytest.mark.parametrize(
    ("block", "words"),
    [
        ({"map": {"title": "dc:title"}}, """'"dc:title"'"""),
        ({"map": {"title": "full title"}}, """'"full title"'"""),
        ({"map": {"title": "a["}}, "is not JMESPath"),
        ({"map": {"title": "$root.a["}}, "is not JMESPath"),
        ({"map": {"title": "title"}, "rows": "data[?open]"}, "choose among them by `where`"),
        ({"map": {"title": "title"}, "rows": "data[0]"}, "is no path to records"),
        ({"map": {"title": "title"}, "rows": "[a, b]"}, "is no path to records"),
        ({"map": {"title": "title"}, "rows": "full articles[]"}, "double quotes"),
        ({"map": {"title": "title"}, "rows": "$makers"}, "nothing of this name is joined"),
    ],
)
def test_what_is_no_path_says_what_to_write(block: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError) as error:
        reader(type="json", **block)
    assert words in str(error.value)


def test_nothing_mapped_is_refused_with_what_there_is() -> None:
    with pytest.raises(ConfigError, match="the first has id, title"):
        read_one(reader(type="json"), "a.json", b'[{"id": 1, "title": "x"}]')


def test_fields_that_nothing_reads_are_reported() -> None:
    found = rows_of([{"title": "a", "maker": {"name": "x"}, "none": None}, {"title": "b", "maker": []}])
    assert [one.filled for one in unmapped(found)] == [{"maker": 1}]


def test_places_that_hold_null_are_counted_and_no_rows() -> None:
    found = rows_of([None, A, None])
    assert (titles(found), unmapped(found)[-1].filled) == (["a"], {"places that hold null": 2})


# --- $root ---


@pytest.mark.parametrize(
    ("data", "rows", "path", "expected"),
    [
        ({"edition": {"date": "1850"}, "full articles": [A]}, '"full articles"[]', "$root.edition.date", ["1850"]),
        ({"a": [A], "after": "x"}, "a[]", "$root.after", ["x"]),
        ({"a": {"b": [A], "c": "x"}}, "a.b[]", "$root.a.c", ["x"]),
        ({"title": "t", "n": 1.5}, "", "$root.n", ["1.5"]),
        ([A], "", "$root[0].title", [None]),
        ({"a": A, "b": "x"}, "a", "$root.b", ["x"]),
        ({"a": {"p": A, "q": B}, "b": "x"}, "a.*", "$root.b", ["x", "x"]),
        ({"a": [A, None, B], "n": [1, {"k": "x"}]}, "a[]", "$root.n[1].k", ["x", "x"]),
    ],
)
def test_root_is_the_document_around_the_records(data: Any, rows: str, path: str, expected: list[Any]) -> None:
    assert titles(rows_of(data, rows, path)) == expected


@pytest.mark.parametrize(
    "data",
    [b'{"x": NaN, "a": [{"title": "a"}]}', b'{"a": [{"title": "a"}]}{"a": [{"title": "b"}]}', b'{"a": [{"t": 1}], "b'],
)
def test_a_document_that_cannot_be_read_gives_no_root(data: bytes) -> None:
    assert titles(rows_of(data, "a[]", "title || 'x'"))[:1] == ["a" if b"title" in data else "x"]
    found = rows_of(data, "a[]", "$root.x")
    assert titles(found) == []
    assert reasons(found) == ["json_document"]


def test_root_is_of_json_alone() -> None:
    with pytest.raises(ValidationError, match=r"\$root.title: no fact"):
        reader(type="table", map={"title": "$root.title"})


# --- takedown ---


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_record_is_taken_out_and_all_others_stay_byte_for_byte(encoding: str, packed: bool) -> None:
    text = '{"n": 3, "r": [ {"id": 1, "t": "é"},\n {"id": 2, "t": "the SECRET"} , {"id": 3, "t": "ü"}], "z": "ñ"}'
    data = text.encode(encoding)
    items = {"a.json": item("a.json", gzip.compress(data) if packed else data)}
    made = reader(type="json", rows="r[]", map={"id": "id", "title": "t", "extra": {"z": "$root.z"}})
    before = by_id(made, items)
    left = take_out(made, items, "2")
    raw = bytes_of(left["a.json"])
    plain = gzip.decompress(raw) if packed else raw
    assert plain.decode() == text.replace('{"id": 2, "t": "the SECRET"}', "null")
    assert by_id(made, left) == {name: one for name, one in before.items() if name != "2"}


def test_a_document_that_is_the_record_goes_as_a_whole_and_of_several_only_one() -> None:
    made = reader(type="json", map={"id": "id"})
    assert take_out(made, {"a.json": item("a.json", b'{"id": 1}')}, "1") == {}
    left = take_out(made, {"a.json": item("a.json", b'{"id": 1}\n{"id": 2}\n{"id": 3}\n')}, "2")
    assert bytes_of(left["a.json"]) == b'{"id": 1}\nnull\n{"id": 3}\n'
    assert [*by_id(made, left)] == ["1", "3"]


def test_equal_records_without_identifier_keep_their_numbers() -> None:
    made = reader(type="json", map={"title": "title"})
    items = {"a.json": item("a.json", json.dumps([A, B, A, A]).encode())}
    names = [*by_id(made, items)]
    for gone in names:
        left = take_out(made, items, gone)
        assert [*by_id(made, left)] == [name for name in names if name != gone]
        later = [name for name in names if name not in (gone, names[1])]
        assert [*by_id(made, take_out(made, left, names[1]))] == later


def test_a_record_laid_out_otherwise_is_the_same_record() -> None:
    one, two = (rows_of(data) for data in (b'[{"title": "a", "x": 1}]', b'[ {"x":1,\n"title":"\\u0061"} ]'))
    assert records(one)[0].source_record_id == records(two)[0].source_record_id


# --- size ---


@pytest.mark.slow  # a measurement of memory
def test_a_large_document_is_not_held(tmp_path: Path) -> None:
    """40 MB in one list, and some beside it."""
    path = tmp_path / "a.json"
    record = json.dumps({"id": 1, "title": "a", "text": "x" * 2000}).encode()
    with path.open("wb") as stream:
        stream.write(b'{"noise": [' + b",".join([b"1234567"] * 100_000) + b'], "data": [' + record)
        for _ in range(20_000):
            stream.write(b"," + record)
        stream.write(b'], "after": {"total": 7}}')
    size = path.stat().st_size
    one = Item("a.json", "", item("a", b"").retrieved_at, "", size, 1, "", lambda: path.open("rb"))
    made = reader(type="json", rows="data[]", map={"title": "title", "extra": {"total": "$root.after.total"}})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    count = sum(isinstance(each, Record) for each in made.read(made_bundle(one), {}))
    assert count == 20_001
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < size * 0.6


def test_a_value_that_is_too_large_to_hold_is_refused() -> None:
    blocks = iter([b'[{"a": "' + b"x" * 1000] + [b"x" * 1000] * 40 + [b'"}]'])
    with pytest.raises(Broken, match="larger than 10000 bytes"):
        list(Document(Tokens(blocks, 10_000), ()).spans())


@pytest.mark.parametrize("times", [1, 4])
def test_a_long_string_that_comes_in_small_blocks_costs_no_square(times: int) -> None:
    data = b'[{"a": "' + b"x" * (1 << 20) * times + b'"}]'
    stream = io.BytesIO(data)
    began = time.process_time()
    [span] = Document(Tokens(iter(lambda: stream.read(4096), b""), 1 << 30), ()).spans()
    assert span.data == data[1:-1]
    assert time.process_time() - began < 1.0 * times


def test_real_pages_of_apis_give_what_python_reads() -> None:
    """Every JSON file of real/ that parses: all of its objects at the path of the longest list in it."""
    counted = 0
    for name, one in real_folder("iiif", "**/*.json").items():
        data = bytes_of(one)
        try:
            body = json.loads(data)
        except ValueError:
            continue
        lists = [key for key, value in body.items() if isinstance(value, list)] if isinstance(body, dict) else []
        for key in lists:
            due = [each for each in body[key] if isinstance(each, dict)]
            made = reader(type="json", rows=f'"{key}"[]', map={"title": "label"})
            found = records(read_one(made, name, data))
            assert len(found) == len(due), (name, key)
            counted += len(found)
    assert counted > 50
