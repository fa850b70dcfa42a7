"""One file of ALTO that holds several pages, as FineReader and Kofax export a volume: each page is a row of its own."""

import pytest

from biglam_pipeline.normalize.reader import Reader
from biglam_pipeline.records import Bundle
from biglam_pipeline_tests.normalize.bundles import block, item, read, reader, records, unmapped, word
from biglam_pipeline_tests.normalize.formats.mets_alto.made import area, div, fptr, group, items, mets
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, bytes_of, take_out

PAGES = (
    f'<Page ID="P1" WIDTH="10" HEIGHT="20"><PrintSpace>{block("B1", word("one"))}</PrintSpace></Page>'
    f'<Page ID="P2" WIDTH="30" HEIGHT="40"><PrintSpace>{block("B2", word("two"), word("lines"))}</PrintSpace></Page>'
    '<Page WIDTH="50" HEIGHT="60"><PrintSpace>'
    f"{block('B3', word('three'))}{block('', word('four'))}</PrintSpace></Page>"
)
VOLUME = (
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>pixel</MeasurementUnit>'
    f"</Description><Layout>{PAGES}</Layout></alto>"
).encode()
NAMES = ["v/book#P1", "v/book#P2", "v/book#page-3"]


def _made(rows: str = "page", **settings: object) -> Reader:
    return reader(type="mets_alto", rows=rows, **settings)


def _issue() -> dict[str, bytes]:
    physical = div(div(fptr("A")), div(area("V", "P1")), div(area("V", "P2")), div(fptr("Z")))
    logical = div(
        div(area("V", "B2"), type_="ARTICLE", ID="a1"), div(area("V", "B3"), type_="ARTICLE", ID="a2"), type_="ISSUE"
    )
    listed = group(("A", "a.xml"), ("V", "book.xml"), ("Z", "z.xml"))
    lone = '<alto><Layout><Page ID="P"><PrintSpace>{}</PrintSpace></Page></Layout></alto>'
    return {
        "i/m.xml": mets(listed, ("LOGICAL", logical), ("PHYSICAL", physical)),
        "i/a.xml": lone.format(block("x", word("cover"))).encode(),
        "i/book.xml": VOLUME,
        "i/z.xml": lone.format(block("x", word("back"))).encode(),
    }


def test_each_page_of_a_file_is_a_row() -> None:
    made, one = _made(), item("v/book.xml", VOLUME)
    found = records(read(made, {one.name: one}))
    assert [(row.source_record_id, row.values["text"], row.values["seq"]) for row in found] == [
        (NAMES[0], "one", 1),
        (NAMES[1], "two lines", 2),
        (NAMES[2], "three\n\nfour", 3),
    ]
    assert {row.values["parent_id"] for row in found} == {"v/book"}
    assert [str(row.place) for row in found] == ["P1", "P2", "page-3"]
    assert made.expected(Bundle("b", (one,))) == 3


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_pages_are_counted_whatever_seems_to_begin_one(encoding: str) -> None:
    written = VOLUME.decode().replace("<Layout>", "<Layout><!-- <Page > -->").replace("<Page ", "<Page\n", 1)
    one = item("v/book.xml", f'<?xml version="1.0" encoding="{encoding}"?>{written}'.encode(encoding))
    assert _made().expected(Bundle("b", (one,))) == 3
    assert len(records(read(_made(), {one.name: one}))) == 3


def test_blocks_and_lines_say_on_which_page_they_stand() -> None:
    one = item("v/book.xml", VOLUME)
    blocks = records(read(_made("block", layout=True), {one.name: one}))
    assert [(row.source_record_id, row.values["parent_id"], row.values["seq"]) for row in blocks] == [
        ("v/book#P1#B1", NAMES[0], 1),
        ("v/book#P2#B2", NAMES[1], 1),
        ("v/book#page-3#B3", NAMES[2], 1),
        ("v/book#page-3#block-2", NAMES[2], 2),
    ]
    assert [row.extra["layout"]["width"] for row in blocks] == [10, 30, 50, 50]
    lines = records(read(_made("line"), {one.name: one}))
    assert [(row.values["parent_id"], row.values["text"], row.place.number) for row in lines] == [
        (NAMES[0], "one", 1),
        (NAMES[1], "two", 2),
        (NAMES[1], "lines", 3),
        (NAMES[2], "three", 4),
        (NAMES[2], "four", 5),
    ]


def test_a_path_is_read_of_the_page_and_not_of_the_first_one() -> None:
    one = item("v/book.xml", VOLUME)
    made = _made(layout=True, map={"extra": {"wide": "//*[local-name()='Page']/@WIDTH"}})
    found = records(read(made, {one.name: one}))
    assert [(row.extra["wide"], row.extra["layout"]["width"]) for row in found] == [("10", 10), ("30", 30), ("50", 50)]


def test_pages_of_a_file_that_mets_names_stand_in_its_order() -> None:
    found = records(read(_made(), items(_issue())))
    assert [(row.source_record_id, row.values["seq"], row.values["text"].split()[0]) for row in found] == [
        ("i/m/a", 1, "cover"),
        ("i/m/book#P1", 2, "one"),
        ("i/m/book#P2", 3, "two"),
        ("i/m/book#page-3", 4, "three"),
        ("i/m/z", 5, "back"),
    ]
    [whole] = records(read(_made("issue"), items(_issue())))
    assert whole.values["text"].split() == ["cover", "one", "two", "lines", "three", "four", "back"]
    articles = records(read(_made("article"), items(_issue())))
    assert [row.values["text"] for row in articles] == ["two lines", "three"]


@pytest.mark.parametrize(
    ("rows", "name"), [("page", NAMES[1]), ("block", "v/book#P2#B2"), ("line", "v/book#P2#line-2")]
)
def test_one_of_several_pages_is_taken_down_and_the_others_stay(rows: str, name: str) -> None:
    made, files = _made(rows), {"v/book.xml": item("v/book.xml", VOLUME)}
    before = by_id(made, files)
    left = take_out(made, files, name)
    assert b"lines" not in bytes_of(left["v/book.xml"])
    after = by_id(made, left)
    assert list(after) == [one for one in before if one != name]
    assert [row.values for row in after.values()] == [row.values for one, row in before.items() if one != name]


def test_pages_go_one_after_the_other_also_where_a_mets_names_the_file() -> None:
    made, files = _made(), items(_issue())
    left = take_out(made, files, "i/m/book#P2")
    assert [(name, row.values["seq"]) for name, row in by_id(made, left).items()] == [
        ("i/m/a", 1),
        ("i/m/book#P1", 2),
        ("i/m/book#page-3", 4),
        ("i/m/z", 5),
    ]
    articles = read(_made("article"), left)
    assert [row.values["text"] for row in records(articles)] == ["three"]
    counted = sum(
        one.filled.get("articles that were taken down, or of which a page was", 0) for one in unmapped(articles)
    )
    assert counted == 1
    left = take_out(made, left, "i/m/book#P1", "i/m/book#page-3")
    found = read(made, left)
    assert [one.source_record_id for one in records(found)] == ["i/m/a", "i/m/z"]
    assert sum(one.filled.get("pages that were taken down", 0) for one in unmapped(found)) == 3
