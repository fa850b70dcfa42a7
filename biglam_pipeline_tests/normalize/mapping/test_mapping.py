"""The mapping language: values, references, `where`, and what is refused when the entry is loaded."""

import json
import time
from typing import Any

import pyarrow as pa
import pytest
from lxml import etree
from pydantic import TypeAdapter, ValidationError

from biglam_pipeline.errors import SourceChanged
from biglam_pipeline.normalize import AnyReader
from biglam_pipeline.normalize.mapping import columns
from biglam_pipeline.normalize.mapping.columns import COLUMNS, read_value
from biglam_pipeline.normalize.mapping.paths import XPath
from biglam_pipeline_tests.normalize.bundles import item, read, read_one, reader, records, rejects, unmapped

TABLE = b"""id,title,alt,year,tags,empty,when
1,A title,Other,1800,a; b,,1800-01-01
2,,Second,x,,,
"""


def _columns(block: dict[str, Any], row: int = 0) -> dict[str, Any]:
    return records(read_one(reader(type="table", map={"id": "id", **block}), "folder/t.csv", TABLE))[row].values


@pytest.mark.parametrize(
    ("column", "value", "first", "second"),
    [
        ("title", "title", "A title", None),
        ("title", ["title", "alt"], "A title", "Second"),
        ("title", ["empty", ["title", "alt"]], "A title", "Second"),
        ("title", {"all": ["alt", "title"], "join": ": "}, "Other: A title", "Second"),
        ("subjects", {"all": ["tags >> split(;)", "alt"]}, ["a", "b", "Other"], ["Second"]),
        ("subjects", "tags >> split(;)", ["a", "b"], None),
        ("title", {"const": "Same"}, "Same", "Same"),
        ("title", "$stem", "t", "t"),
        ("title", "$name", "t.csv", "t.csv"),
        ("title", "$folder", "folder", "folder"),
        ("title", "$path", "folder/t.csv", "folder/t.csv"),
        ("source_url", "$url", "https://example.org/folder/t.csv", "https://example.org/folder/t.csv"),
        ("title", "$title >> lower", None, None),
        ("seq", "year", 1800, None),
    ],
)
def test_value(column: str, value: Any, first: Any, second: Any) -> None:
    modality = {"seq": "text"}.get(column)
    more = {"text": "title"} if modality else {}
    assert _columns({column: value, **more}).get(column) == first
    assert _columns({column: value, **more}, 1).get(column) == second


def test_a_column_that_is_mapped_already_can_be_named() -> None:
    assert _columns({"title": "title", "description": "$title >> lower"})["description"] == "a title"


def test_rights_means_the_readers_own_statement() -> None:
    made = reader(type="table", map={"id": "id", "rights_raw": "alt"})
    found = read(made, {"t.csv": item("t.csv", TABLE)}, {"rights_from_0": read_value("$rights >> lower")})
    assert records(found)[0].values["rights_from_0"] == ["other"]


def test_a_scalar_column_that_meets_several_values_says_so() -> None:
    made = reader(type="table", map={"id": "id", "title": "tags >> split(;)"})
    record = records(read_one(made, "t.csv", TABLE))[0]
    assert record.values["title"] == "a"
    assert record.problems == ("title: several values",)


def test_what_a_step_cannot_read_is_a_problem_of_its_column() -> None:
    made = reader(type="table", map={"id": "id", "extra": {"n": "year >> int"}})
    first, second = records(read_one(made, "t.csv", TABLE))
    assert (first.extra, first.problems) == ({"n": 1800}, ())
    assert (second.extra, second.problems) == ({"n": None}, ("n: not a whole number",))


def test_what_an_alternative_could_not_read_is_no_problem_where_another_could() -> None:
    made = reader(type="table", map={"id": "id", "extra": {"n": ["alt >> int", "year >> int"]}})
    assert records(read_one(made, "t.csv", TABLE))[0].problems == ()


def test_files_capture_into_paths() -> None:
    made = reader(type="table", files="{annotator}/*.csv", map={"id": "id", "extra": {"by": "$annotator"}})
    assert records(read_one(made, "x/lea/t.csv", TABLE))[0].extra == {"by": "lea"}


def test_extras_are_typed_by_their_last_step() -> None:
    extra = {"a": "x >> int", "b": "x >> float", "c": "x >> bool", "d": "x >> split(;)", "e": "x", "f": {"all": ["x"]}}
    extra |= {
        "g": {"all": ["x"], "join": " "},
        "h": "x >> class(p, q)",
        "i": ["x >> int", "y >> int"],
        "j": "x >> list",
    }
    strings = pa.list_(pa.string())
    assert reader(type="table", map={"extra": extra}).extras == {
        "a": pa.int64(),
        "b": pa.float64(),
        "c": pa.bool_(),
        "d": strings,
        "e": pa.string(),
        "f": strings,
        "g": pa.string(),
        "h": pa.int64(),
        "i": pa.int64(),
        "j": strings,
    }


def test_a_class_is_its_place_among_the_names() -> None:
    extra = {
        "one": "alt >> class(None, Other)",
        "either": ["x >> class(a, b)", "alt >> class(a, b)"],
        "mixed": ["alt >> class(p, Other)", "alt >> class(q, r)"],
        "else": ["x >> class(a, b)", {"const": "b"}],
        "wrong": ["x >> class(a, b)", {"const": "c"}],
    }
    made = reader(type="table", map={"id": "id", "extra": extra})
    assert made.classes == {"one": ("None", "Other"), "either": ("a", "b"), "else": ("a", "b"), "wrong": ("a", "b")}
    found = records(read_one(made, "t.csv", TABLE))[0]
    assert found.extra == {"one": 1, "either": None, "mixed": "Other", "else": 1, "wrong": None}
    assert found.problems == ("either: not among the classes", "wrong: not among the classes")


def test_a_constant_beside_a_number_is_a_number() -> None:
    extra = {
        "count": ["x >> int", {"const": 7}],
        "score": ["x >> float", {"const": 0}],
        "kept": ["x >> bool", {"const": "yes"}],
        "wrong": ["x >> float", {"const": "unknown"}],
    }
    made = reader(type="table", map={"id": "id", "extra": extra})
    assert made.extras == {"count": pa.int64(), "score": pa.float64(), "kept": pa.bool_(), "wrong": pa.float64()}
    found = records(read_one(made, "t.csv", b"id,x\n1,\n"))[0]
    assert found.extra == {"count": 7, "score": 0.0, "kept": True, "wrong": None}
    assert found.problems == ("wrong: not of type float",)


def test_extras_as_a_list_are_kept_as_they_are() -> None:
    made = reader(type="table", map={"id": "id", "extra": ["alt", "year"]})
    assert records(read_one(made, "t.csv", TABLE))[0].extra == {"alt": "Other", "year": "1800"}


@pytest.mark.parametrize(
    ("where", "ids"),
    [
        ({"year": "1800"}, ["1"]),
        ({"year": "1800.0"}, ["1"]),
        ({"year": "1700..1900"}, ["1"]),
        ({"year": "1801.."}, []),
        ({"year": ["x", "y"]}, ["2"]),
        ({"year": "1800", "alt": "Second"}, []),
        ([{"year": "1800"}, {"alt": "Second"}], ["1", "2"]),
        ({"$stem": "t"}, ["1", "2"]),
        ({"$title": "A title"}, ["1"]),
        ({"tags >> split(;)": "b"}, ["1"]),
    ],
)
def test_where_chooses(where: Any, ids: list[str]) -> None:
    found = read_one(reader(type="table", where=where, map={"id": "id", "title": "title"}), "t.csv", TABLE)
    assert [record.source_record_id for record in records(found)] == ids
    assert unmapped(found)[0].left_out == 2 - len(ids)
    assert unmapped(found)[0].rows == 2


def test_a_record_without_the_mapped_identifier_is_a_reject() -> None:
    found = read_one(reader(type="table", map={"id": "title"}), "t.csv", TABLE)
    assert [(one.reason, one.position) for one in rejects(found)] == [("identifier_missing", "line 3")]


@pytest.mark.parametrize(
    ("block", "place", "message"),
    [
        ({"map": {"titel": "x"}}, ("map",), "did you mean `title`"),
        ({"map": {"rights_tier": "x"}}, ("map",), "cannot be mapped"),
        ({"map": {"objects": "x"}}, ("map",), "cannot be mapped: a reader of boxes"),
        ({"map": {"date_edtf": "x"}}, ("map",), "map `date`"),
        ({"map": {"split": "x", "extra": ["split"]}}, ("map",), "write it once, outside `extra`"),
        ({"map": {"split": "x >> lowr"}}, ("map",), "did you mean `lower`"),
        ({"map": {"title": "x >> lookup(kinds)"}}, ("map", "title"), "there is no table of this name; write it under"),
        (
            {"map": {"title": "x >> lookup(k)"}, "lookups": {"kinds": {"a": "b"}}},
            ("map", "title"),
            "`lookups` has kinds",
        ),
        ({"map": {"title": "x"}, "lookups": {"kinds": {"a": ["b"]}}}, ("lookups", "kinds"), "has no text as its value"),
        ({"map": {"title": "x"}, "meanings": {"title": "y"}}, (), "no column of the source's own"),
        ({"map": {"image": "x"}}, ("map",), "pictures come by the reader `images`, or beside a table by `with"),
        ({"map": {"creators": {"each": "$makers", "name": "n"}}}, (), "nothing of the name makers is joined"),
        ({"map": {"creators": {"each": "makers", "name": "n"}}}, ("map",), "is not $NAME, where NAME is what `with`"),
        ({"map": {"creators": {"each": "$makers"}}}, ("map",), "write {each: $makers, name: PATH}"),
        ({"map": {"creators": {"each": "$makers", "name": "n", "born": "b"}}}, ("map",), "`born` is no field of"),
        ({"map": {"creators": {"each": "$makers", "name": "n >> lowr"}}}, ("map",), "did you mean `lower`"),
        ({"map": {"title": {"each": "$makers", "name": "n"}}}, ("map",), "write $NAME.COLUMN of what `with` joins"),
        ({"map": {"creators": [{"each": "$makers", "name": "n"}]}}, ("map", "creators"), "`each` stands alone"),
        ({"map": {"extra": {"by": {"each": "$makers", "name": "n"}}}}, ("map", "extra", "by"), "`each` stands alone"),
        ({"map": {"title": "$issue.date"}}, (), "nothing of the name issue is joined"),
        ({"map": {"title": "$root"}}, (), "no fact, no column"),
        ({"map": {"title": "$nothing"}}, (), "no fact, no column"),
        ({"map": {"title": "x >> lowr"}}, ("map", "title"), "did you mean `lower`"),
        ({"map": {"title": {"constant": "x"}}}, ("map", "title"), "const: TEXT"),
        ({"map": {"title": []}}, ("map", "title"), "empty list"),
        ({"map": {"title": ">> strip"}}, ("map", "title"), "names no path"),
        ({"map": {"extra": {"title": "x"}}}, ("map", "extra"), "a canonical column has this name"),
        ({"map": {"text": "x", "text_origin": {"const": "typed"}}}, ("map",), "one of ocr"),
        ({"map": {"text_origin": {"const": "ocr"}}}, (), "modality metadata has no such column"),
        ({"with": {"x": {}}}, (), "`by` is missing"),
        ({"where": {"x": "9..1"}}, ("where",), "is empty"),
        ({"where": []}, ("where",), "what it must give"),
        ({"files": "/x"}, ("files",), "is not a pattern"),
        ({"files": []}, ("files",), "is no pattern"),
        ({"delimiter": ";;"}, ("delimiter",), "one character"),
        ({"encoding": "utf-9"}, ("encoding",), "not an encoding"),
        ({"header": ["a", "a"]}, ("header",), "a name of its own"),
        ({"rows": "page"}, ("rows",), "'row'"),
        ({"heder": ["a"]}, ("heder",), "not permitted"),
    ],
)
def test_refused_at_load_with_its_place(block: dict[str, Any], place: tuple[str, ...], message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        reader(type="table", **block)
    error = caught.value.errors()[0]
    assert error["loc"] == ("table", *place)
    assert message in error["msg"]


def test_several_faults_are_reported_at_once() -> None:
    with pytest.raises(ValidationError) as caught:
        reader(type="table", map={"title": "x >> lowr", "date": "y >> nit"}, delimiter=";;")
    assert len(caught.value.errors()) == 3


@pytest.mark.parametrize("path", ["dc:title[", "nope:title", "//dc:title/unknown()", ""])
def test_a_bad_xpath_is_refused_at_load(path: str) -> None:
    with pytest.raises(ValidationError):
        reader(type="oai_dc", map={"title": path})


def test_h47_a_path_that_looks_everywhere_ends_with_its_record() -> None:
    """libxml2 merges what several `//` find twice; only a condition that looks everywhere is the square of it."""
    record = etree.fromstring("<r>" + "<a><b>x</b></a>" * 5_000 + "</r>")
    began = time.process_time()
    assert len(XPath().compile("//*//*//*//*/ancestor::*//*//b")(record)) == 0
    assert len(XPath().compile("//*//*/ancestor::*//b")(record)) == 5_000
    assert time.process_time() - began < 10


def test_the_block_can_be_written_back() -> None:
    block = {
        "type": "table",
        "map": {"id": "a", "title": ["b", {"const": "c"}], "extra": {"d": {"all": ["e"], "join": ""}}},
    }
    made = reader(**block, where={"a": "1.."})
    again = TypeAdapter(AnyReader).validate_json(made.model_dump_json(exclude_none=True))
    assert again.model_dump_json() == made.model_dump_json()
    assert json.loads(made.model_dump_json())["map"]["title"] == ["b", {"const": "c"}]


def test_the_json_schema_names_every_column_with_its_meaning() -> None:
    schema = TypeAdapter(AnyReader).json_schema()
    named = schema["$defs"]["Map"]["properties"]
    assert set(named) == {*COLUMNS, "extra"}
    assert all(named[name].get("description") for name in named)
    assert schema["$defs"]["Map"]["additionalProperties"] is False
    for kind in ("Table", "OaiDc", "MetsAlto", "Images", "With", "PictureOf"):
        assert all("description" in one for one in schema["$defs"][kind]["properties"].values())


# --- identifiers whose scheme the entry says ---


def _identifiers(value: Any, row: int = 0) -> Any:
    return _columns({"identifiers": value}, row).get("identifiers")


def test_identifiers_with_their_schemes() -> None:
    """Each VALUE of the block may be any: a path with steps, alternatives, several together, a constant."""
    block = {"local": "alt", "shelf": ["empty", "title"], "tag": "tags >> split(;)", "house": {"const": "H 1"}}
    assert [tuple(one.values()) for one in _identifiers(block)] == [
        ("local", "Other"),
        ("shelf", "A title"),
        *(("tag", "a"), ("tag", "b"), ("house", "H 1")),
    ]
    assert [tuple(one.values()) for one in _identifiers(block, 1)] == [("local", "Second"), ("house", "H 1")]
    assert _identifiers({"local": "empty"}) is None


def test_identifiers_in_their_plain_form_are_what_they_were() -> None:
    assert _identifiers({"all": ["alt", "title"]}) == ["Other", "A title"]
    assert _identifiers("alt") == ["Other"]
    assert _identifiers({"const": "H 1"}) == ["H 1"]


def test_a_scheme_is_no_part_of_what_another_column_takes_from_it() -> None:
    assert _columns({"identifiers": {"local": "alt"}, "description": "$identifiers >> lower"})["description"] == "other"


def test_an_entry_with_schemes_is_written_as_it_was_read() -> None:
    block = {"type": "table", "map": {"identifiers": {"wikidata": "qid", "ulan": {"all": ["a", "b"]}}}}
    written = reader(**block).model_dump(mode="json")["map"]["identifiers"]
    assert written == block["map"]["identifiers"]  # type: ignore[index]
    again = reader(type="table", map={"identifiers": written})
    assert again.model_dump(mode="json") == reader(**block).model_dump(mode="json")


def test_a_column_that_a_scheme_names_has_to_be_there() -> None:
    with pytest.raises(SourceChanged, match="no column 'qid'"):
        _identifiers({"local": "alt", "wikidata": "qid"})


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"Wiki QID": "alt"}, "'Wiki QID' names no scheme"),
        ({"wikidata": {"ulan": "alt"}}, "is not a value"),
        ({"wikidata": []}, "an empty list gives no value"),
        ({}, "is not a value"),
        ({"all": ["alt"], "wikidata": "title"}, "is not a value"),
    ],
)
def test_what_is_no_block_of_schemes(value: Any, words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        _identifiers(value)


def test_no_other_column_has_schemes() -> None:
    with pytest.raises(ValidationError, match="is not a value"):
        _columns({"subjects": {"local": "alt"}})


def test_an_own_column_is_not_called_as_what_the_shelf_keeps_beside_it() -> None:
    with pytest.raises(ValidationError, match="the shelf keeps something of this name; give yours another"):
        columns.Map.model_validate({"extra": {"trace_seq": "a"}})
