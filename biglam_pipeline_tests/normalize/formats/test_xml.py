"""XML of any vocabulary: the elements that `rows` leads to, one by one, whatever their namespace."""

import random
import re
import time
from typing import Any
from xml.parsers import expat

import pytest
from pydantic import ValidationError

from biglam_pipeline.normalize.mapping.paths import AnyXPath
from biglam_pipeline.parsing.counted import AtLeast
from biglam_pipeline.records import Bundle
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

DJVU = b"""<?xml version="1.0"?>
<!DOCTYPE DjVuXML>
<DjVuXML><HEAD>drawer</HEAD><BODY>
<OBJECT type="image/x.djvu" height="10"><PARAM name="PAGE" value="drawer_0001.djvu"/><HIDDENTEXT><LINE>
<WORD>Abbott</WORD> <WORD>&amp;</WORD></LINE></HIDDENTEXT></OBJECT>
<OBJECT><PARAM name="PAGE" value="drawer_0002.djvu"/><HIDDENTEXT/></OBJECT>
</BODY></DjVuXML>"""
SPECIMEN = Specimen(
    {
        "one.xml": b"<list><item n='1'><title>A</title></item><note/><item n='2'><title>B &amp; C</title></item>"
        b"</list>",
        "two.xml": b'<x:list xmlns:x="urn:x"><x:item n="3"><title>D</title></x:item><x:item><title>E</x:item></x:list>',
    },
    records=3,
    version=1,
    digest="4ae1b1b6fb7bfec7",
    block={"rows": "/list/item", "map": {"id": "@n", "title": "title"}},
)


def cut(data: bytes | str, **block: Any) -> list[Any]:
    raw = data.encode() if isinstance(data, str) else data
    return records(read_one(reader(type="xml", **block), "a/file.xml", raw))


def by_expat(data: bytes, name: str) -> int:
    """How many elements of this local name are not inside another one of it."""
    depth = found = 0

    def begin(tag: str, _: dict[str, str]) -> None:
        nonlocal depth, found
        if tag.rpartition(":")[2] == name:
            found += depth == 0
            depth += 1

    def end(tag: str) -> None:
        nonlocal depth
        depth -= tag.rpartition(":")[2] == name

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = begin, end
    parser.Parse(data, True)
    return found


def test_the_pages_of_the_internet_archive() -> None:
    """Entry 12 of the language: a card is a page of a `_djvu.xml`."""
    key = "PARAM[@name='PAGE']/@value >> replace(.djvu, '')"
    rows = cut(DJVU, rows="//OBJECT", modality="text", map={"id": key, "text": './/WORD >> list >> join(" ")'})
    assert [(row.source_record_id, row.values.get("text")) for row in rows] == [
        ("drawer_0001", "Abbott &"),
        ("drawer_0002", None),
    ]


@pytest.mark.parametrize("rows", ["/c/item", "/c/x:item", "c/item", "//item", "/*/item", "{*}c/{*}item"])
@pytest.mark.parametrize("space", ["", ' xmlns="urn:a"', ' xmlns:x="urn:b"'])
def test_rows_asks_for_no_namespace(rows: str, space: str) -> None:
    tag = "x:item" if "xmlns:x" in space else "item"
    data = f"<c{space}><{tag}>1</{tag}><other><b>2</b></other><{tag}>3</{tag}></c>"
    assert [row.values["title"] for row in cut(data, rows=rows, map={"title": "."})] == ["1", "3"]


def test_a_path_reads_a_name_in_any_namespace() -> None:
    data = '<c xmlns="urn:a"><item><title xml:id="t">A</title></item></c>'
    (row,) = cut(data, rows="/c/item", map={"title": "{*}title", "publisher": "{*}title/@xml:id", "extent": "title"})
    assert (row.values["title"], row.values["publisher"], row.values.get("extent")) == ("A", "t", None)


def test_without_rows_the_file_is_the_record() -> None:
    (row,) = cut("<book><title>A</title></book>", map={"title": "title"})
    assert row.values["raw_record"] == "<book><title>A</title></book>"
    assert re.fullmatch(r"a/file\.xml#[0-9a-f]{16}", row.source_record_id)


def test_texts_in_columns_have_no_root() -> None:
    """VRT: a token a line, its annotations behind tabs (Corpus Workbench encoding tutorial)."""
    data = "<text id='a'>\nThe\tAT\nR&D\tNN\n</text>\n<text id='b'>\nEnd\tNN\n</text>\n"
    words = r'. >> split(\n) >> regex("^([^\t]+)") >> list >> join(" ")'
    rows = cut(data, rows="/text", modality="text", map={"id": "@id", "text": words})
    assert [(row.source_record_id, row.values["text"]) for row in rows] == [("a", "The R&D"), ("b", "End")]


def test_of_what_is_inside_one_another_the_outermost_is_the_record() -> None:
    data = b"<a><div n='1'><div n='2'/></div><b><div n='3'/></b></a>"
    rows = cut(data, rows="//div", map={"id": "@n"})
    assert [row.source_record_id for row in rows] == ["1", "3"]
    assert len(rows) == by_expat(data, "div")


def test_records_stand_as_deep_as_they_like() -> None:
    depth = 40
    data = f"{'<d>' * depth}<r n='1'/><e><r n='2'/></e><r n='3'><r n='4'/></r>{'</d>' * depth}<r/>"
    data = f"<root>{data}</root>".replace("<r/>", "<r n='5'/>")
    assert [row.source_record_id for row in cut(data, rows="//r", map={"id": "@n"})] == ["1", "2", "3", "5"]


def test_as_many_as_expat_finds_in_trees_of_all_shapes() -> None:
    chance = random.Random(5)

    def tree(depth: int) -> str:
        name = chance.choice("abr")
        inside = "".join(tree(depth - 1) for _ in range(chance.randrange(4))) if depth else chance.choice(["", "x"])
        return f"<{name}>{inside}</{name}>"

    counted = 0
    for _ in range(300):
        data = f"<root>{tree(chance.randrange(1, 13))}{tree(3)}</root>".encode()
        due = by_expat(data, "r")
        counted += due
        assert len(cut(data, rows="//r", map={"title": "name()"})) == due
    assert counted > 300


def test_a_record_that_cannot_be_read_is_a_reject_and_its_neighbours_are_read() -> None:
    data = "<c><r n='1'/><r n='2'><x></r><r n='3'/></c>"
    found = read_one(reader(type="xml", rows="/c/r", map={"id": "@n"}), "a/file.xml", data.encode())
    assert [row.source_record_id for row in records(found)] == ["1", "3"]
    assert [(one.reason, one.position) for one in rejects(found)] == [("xml_cut", "record 2")]


@pytest.mark.parametrize(
    ("data", "rows", "reason"),
    [
        ("<c><r/><r>", "/c/r", "xml_cut"),
        ("<c><x/><y/></c>", "/c/r", "rows_missing"),
        ("<c><x/></c>", "//r", "rows_missing"),
        ("<!DOCTYPE html><html><body>Sign in</body></html>", "//r", "not_xml"),
        ("", "//r", "not_xml"),
        ("name,title\na,b\n", "//r", "not_xml"),
    ],
)
def test_what_holds_no_records_says_so(data: str, rows: str, reason: str) -> None:
    assert reason in reasons(read_one(reader(type="xml", rows=rows, map={"id": "@n"}), "a/file.xml", data.encode()))


@pytest.mark.parametrize("rows", ["//r[@n='1']", "/c/r/text()", "//", "c//r", "/c/@n", "ancestor::c", "3r"])
def test_rows_is_a_way_of_names(rows: str) -> None:
    with pytest.raises(ValidationError, match="is no way to records"):
        reader(type="xml", rows=rows)


def test_repairs_are_counted_once() -> None:
    (first, second) = cut("<c><r>a & b</r><r>c</r></c>", rows="/c/r", map={"title": "."})
    assert (first.values["title"], second.values["title"]) == ("a & b", "c")
    assert [*map(len, (first.problems, second.problems))] == [1, 0]


def test_equal_records_are_numbered() -> None:
    first, second = cut("<c><r>a</r><r>a</r></c>", rows="/c/r", map={"title": "."})
    assert second.source_record_id == f"{first.source_record_id}-2"


def test_what_is_not_read_is_reported() -> None:
    data = "<c><r n='1' id='x'><a>1</a><b><d>2</d></b></r></c>"
    found = read_one(reader(type="xml", rows="/c/r", map={"id": "@n", "title": "b/d"}), "a/file.xml", data.encode())
    assert unmapped(found)[0].filled == {"@id": 1, "a": 1}


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("dc:title", ["title"]),
        (".//{*}head[@type='main']/text()", ["head", "@type"]),
        ("@xml:id", ["@id"]),
        ("ancestor::div/@n", ["div", "@n"]),
        ('concat(a, "b c", d-e)', ["a", "d-e"]),
        ("a[position() = 1 and b]", ["a", "b"]),
    ],
)
def test_names_that_a_path_reads(path: str, read: list[str]) -> None:
    assert AnyXPath().fields(path) == read


@pytest.mark.representative(1)  # other vocabularies
@pytest.mark.parametrize(
    ("folder", "pattern", "rows"),
    [
        ("ead", "**/*.xml", "c"),
        ("lido", "**/*.xml", "lido"),
        ("mods", "**/*.xml", "mods"),
        ("tei", "**/*.xml", "p"),
        ("mets", "**/*.xml", "dmdSec"),
    ],
)
def test_real_files_give_as_many_as_expat_counts(folder: str, pattern: str, rows: str) -> None:
    counted = 0
    for name, one in real_folder(folder, pattern).items():
        data = one.open().read()
        try:
            due = by_expat(data, rows)
        except expat.ExpatError:  # of those the repairs are tested elsewhere
            continue
        found = read_one(reader(type="xml", rows=f"//{rows}", map={"title": "name()"}), name, data)
        assert len(records(found)) + len(rejects(found)) == due or (due == 0 and reasons(found) == ["rows_missing"]), (
            name
        )
        counted += due
    assert counted


@pytest.mark.parametrize(
    ("data", "rows", "due"),
    [
        ('<table><row n="1"/><row n="2"/></table>', "/table/row", ["1", "2"]),
        ('<list><a><b n="1"/></a><a><b n="2"/></a></list>', "//a/b", ["1", "2"]),
        ('<p n="1">\nx\tN\n</p>\n<p n="2">\ny\tN\n</p>', "p", ["1", "2"]),  # VRT has no root
        ('<html><body><p n="1"/></body></html>', "/html/body/p", ["1"]),
    ],
)
def test_names_that_html_has_too_are_records_where_the_entry_says_so(data: str, rows: str, due: list[str]) -> None:
    found = read_one(reader(type="xml", rows=rows, map={"id": "@n"}), "a/file.xml", data.encode())
    assert [one.source_record_id for one in records(found)] == due
    assert rejects(found) == []
    assert {problem for one in records(found) for problem in one.problems} == set()


def test_texts_around_records_at_any_depth_are_no_junk() -> None:
    (record,) = cut("<book><head>Of rivers</head><div><p>one</p></div></book>", rows="//p")
    assert record.problems == ()


def test_records_deep_in_a_wide_element_take_time_by_their_number() -> None:
    def seconds(number: int) -> float:
        data = "<g>" * 10 + "<x/>" * number + '<x><i n="1"/></x>' + "</g>" * 10
        begun = time.process_time()
        assert len(cut(data, rows="//i", map={"id": "@n"})) == 1
        return time.process_time() - begun

    assert seconds(80_000) < 40 * seconds(8_000)  # it was the square: a hundred times


def test_records_that_something_beside_them_swallowed_are_not_lost_in_silence() -> None:
    data = b'<l><item n="0"/><note>does not end<item n="1"/><item n="2"/></l>'
    found = read_one(reader(type="xml", rows="/l/item", map={"id": "@n"}), "a/file.xml", data)
    assert [one.source_record_id for one in records(found)] == ["0"]
    assert [(one.reason, one.position) for one in rejects(found)] == [("xml_cut", "<note>")]


@pytest.mark.parametrize("declared", ["'<c>words</c><c/>'", "SYSTEM 'other.xml'", "'&#60;c/>'", "'&f;'"])
@pytest.mark.parametrize("kind", ["xml", "mods"])
def test_an_entity_in_the_place_of_records_is_a_reject(kind: str, declared: str) -> None:
    """Corpora are put together so (`&part1;`). It is not looked up, as none in a record is, and may hold any number."""
    text = "<mods xmlns='http://www.loc.gov/mods/v3'><titleInfo><title>A</title></titleInfo></mods>"
    data = f"<!DOCTYPE all [<!ENTITY e {declared}><!ENTITY f '<c/>'>]><all>{text}&e;{text} &e;</all>".encode()
    made = reader(type="xml", rows="/all/mods") if kind == "xml" else reader(type="mods")
    found = read_one(made, "a.xml", data)
    assert len(records(found)) == 2
    assert reasons(found) == ["xml_refused", "xml_refused"]
    expected = made.expected(Bundle("a.xml", (item("a.xml", data),)))
    assert isinstance(expected, AtLeast)
    assert expected == 2


def test_an_entity_of_letters_between_records_is_none() -> None:
    data = b"<!DOCTYPE all [<!ENTITY e 'a &lt; b'>]><all><c/>&e;<c/></all>"
    found = read_one(reader(type="xml", rows="/all/c"), "a.xml", data)
    assert (len(records(found)), reasons(found)) == (2, [])
