"""Rows of blocks and lines, what a block is, where it stands on its page, and how sure its words are."""

import io
import time
from collections import Counter

import pytest
from PIL import Image
from pydantic import ValidationError

from biglam_pipeline.records import Bundle, Record
from biglam_pipeline_tests.normalize.bundles import (
    alto,
    block,
    item,
    read,
    read_one,
    reader,
    real_folder,
    records,
    rejects,
    unmapped,
    word,
)
from biglam_pipeline_tests.normalize.formats.mets_alto.counting import words_of
from biglam_pipeline_tests.normalize.formats.mets_alto.made import area, div, fptr, group, items, mets
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, bytes_of, take_out

PAGE = """<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#"><Description><MeasurementUnit>{unit}</MeasurementUnit>
</Description><Tags><LayoutTag ID="t" LABEL="TableZone"/></Tags>{order}<Layout>
<Page WIDTH="1000" HEIGHT="2000"><PrintSpace>
<TextBlock ID="B1" HPOS="10" VPOS="20.5" WIDTH="300" HEIGHT="40"><TextLine ID="L1" HPOS="10" VPOS="-2" WIDTH="300"
 HEIGHT="20"><String CONTENT="One" WC="0.2"/><SP/><String CONTENT="two-" WC="0.8"/></TextLine><TextLine>
<String CONTENT="three"/></TextLine></TextBlock>
<ComposedBlock TYPE="Advertisement"><TextBlock ID="B2"><TextLine ID="L3"><String CONTENT="Buy"/></TextLine></TextBlock>
<Illustration ID="I" HPOS="1" VPOS="1" WIDTH="NaN" HEIGHT="1"/></ComposedBlock>
<TextBlock ID="B3" TAGREFS="t"><TextLine ID="L1"><String CONTENT="4"/></TextLine></TextBlock><TextBlock ID="B4"/>
<GraphicalElement ID="G" HPOS="0" VPOS="9" WIDTH="9" HEIGHT="1"/>
</PrintSpace></Page></Layout></alto>"""


def page(unit: str = "pixel", order: str = "") -> bytes:
    return PAGE.format(unit=unit, order=order).encode()


def rows_of(data: bytes, rows: str, **more: object) -> list[Record]:
    return records(read_one(reader(type="mets_alto", rows=rows, **more), "a/p.xml", data))


def test_a_block_is_a_row_and_says_what_it_is() -> None:
    found = read_one(reader(type="mets_alto", rows="block"), "a/p.xml", page())
    assert [(one.source_record_id, one.values["text"], one.extra["block_type"]) for one in records(found)] == [
        ("a/p#B1", "One two- three", "text"),
        ("a/p#B2", "Buy", "advertisement"),
        ("a/p#B3", "4", "table"),
    ]
    assert {one.values["text_unit"] for one in records(found)} == {"region"}
    assert [one.values["seq"] for one in records(found)] == [1, 2, 3]
    assert {one.values["parent_id"] for one in records(found)} == {"a/p"}
    assert unmapped(found)[0].filled == {"blocks without a text: text": 1, "blocks without a text: illustration": 1}


def test_a_line_is_a_row_and_an_id_that_two_have_names_neither() -> None:
    found = rows_of(page(), "line")
    assert [(one.source_record_id, one.values["text"]) for one in found] == [
        ("a/p#line-1", "One two-"),
        ("a/p#line-2", "three"),
        ("a/p#L3", "Buy"),
        ("a/p#line-4", "4"),
    ]
    assert {one.values["text_unit"] for one in found} == {"line"}


def test_blocks_stand_as_reading_order_has_them_and_keep_their_numbers() -> None:
    order = '<ReadingOrder><OrderedGroup><ElementRef REF="B3"/><ElementRef REF="B1"/></OrderedGroup></ReadingOrder>'
    found = rows_of(page(order=order), "block")
    assert [(one.source_record_id, one.values["seq"], one.place.number) for one in found] == [
        ("a/p#B3", 1, 3),
        ("a/p#B1", 2, 1),
        ("a/p#B2", 3, 2),
    ]


def test_facts_and_paths_of_a_piece() -> None:
    mapped = {"title": "@ID", "description": "$block_type", "genres": "$page", "extent": "$line"}
    [first, *_] = rows_of(page(), "line", map=mapped)
    assert [first.values[name] for name in ("title", "description", "genres", "extent")] == [
        *("L1", "text", ["a/p"], "line-1")
    ]


def test_where_a_piece_stands() -> None:
    """In pixels where these are known, in shares of the page whatever the unit; a piece without a box says neither."""
    mapped = {"extra": {"box": "$box", "share": "$box_share"}}
    lines = [one.extra for one in rows_of(page(), "line", map=mapped)]
    assert [(one["box"], one["share"]) for one in lines] == [("10,0,300,18", "1,0,30,0.9"), *[(None, None)] * 3]
    blocks = [one.extra for one in rows_of(page("mm10"), "block", map=mapped)]
    assert [(one["box"], one["share"]) for one in blocks] == [(None, "1,1.025,30,2"), *[(None, None)] * 2]
    scanned = records(read(reader(type="mets_alto", rows="block", map=mapped), items(delivery(500, 1000))))
    assert (scanned[0].extra["box"], scanned[0].extra["share"]) == ("5,10,150,21", "1,1.025,30,2")


def test_how_sure_the_words_are() -> None:
    """Mean, standard deviation and the share below a half, of the words that say it; on request."""
    [first, *others] = rows_of(page(), "block", word_confidence=True)
    assert first.values["ocr_confidence"] == pytest.approx(0.5)
    assert first.extra["ocr_confidence_sd"] == pytest.approx(0.3)
    assert first.extra["ocr_confidence_low"] == pytest.approx(0.5)
    assert {(one.extra["ocr_confidence_sd"], one.extra["ocr_confidence_low"]) for one in others} == {(None, None)}
    [whole] = rows_of(page(), "page", word_confidence=True)
    assert whole.extra == {"ocr_confidence_sd": pytest.approx(0.3), "ocr_confidence_low": pytest.approx(0.5)}
    [plain] = rows_of(page(), "page")
    assert plain.extra == {}


def test_the_layout_of_a_page() -> None:
    [row] = rows_of(page(), "page", layout=True)
    layout = row.extra["layout"]
    assert (layout["unit"], layout["width"], layout["height"]) == ("pixel", 1000, 2000)
    assert list(zip(layout["id"], layout["category"], layout["block"], strict=True)) == [
        *(("B1", "text", None), ("L1", "line", 0), ("", "line", 0), ("B2", "advertisement", None), ("L3", "line", 3)),
        *(("I", "illustration", None), ("B3", "table", None), ("L1", "line", 6), ("B4", "text", None)),
        ("G", "separator", None),
    ]
    assert layout["bbox"][:3] == [[10, 20.5, 300, 40], [10, -2, 300, 20], None]
    assert layout["bbox"][5] is None, "a width that is no number is none"
    assert row.problems.count("layout: a block or line without a box") == 7


def test_a_unit_that_cannot_be_converted_is_said() -> None:
    [row] = rows_of(page("mm10"), "page", layout=True)
    assert row.extra["layout"]["unit"] == "mm10"
    [row] = rows_of(page("").replace(b"<MeasurementUnit></MeasurementUnit>", b""), "page", layout=True)
    assert row.extra["layout"]["unit"] is None


MIX = (
    "<amdSec ID='A'><techMD ID='T'><mdWrap><xmlData><mix><ImageWidth>{}</ImageWidth><ImageLength>{}</ImageLength></mix>"
)
MIX += "</xmlData></mdWrap></techMD></amdSec>"


def delivery(width: int, height: int) -> dict[str, bytes]:
    scan = '<fileGrp USE="IMAGE"><file ID="I" ADMID="A"><FLocat xlink:href="p.tif"/></file></fileGrp>'
    pages = div(div(fptr("I"), fptr("P"), type_="page"), type_="issue")
    logical = div(div(area("P", "B1"), type_="TABLE"), type_="issue")
    made = mets(
        group(("P", "p.xml")) + scan, ("PHYSICAL", pages), ("LOGICAL", logical), described=MIX.format(width, height)
    )
    return {"i/mets.xml": made, "i/p.xml": page("mm10")}


def test_pixels_by_the_size_of_the_scan_that_mets_knows() -> None:
    [row] = records(read(reader(type="mets_alto", layout=True), items(delivery(500, 1000))))
    assert row.extra["layout"]["unit"] == "pixel"
    assert row.extra["layout"]["bbox"][0] == [5, 10.25, 150, 20]
    assert row.extra["layout"]["category"][0] == "table", "as METS says"
    [row] = records(read(reader(type="mets_alto", layout=True), items(delivery(500, 500))))
    assert row.extra["layout"]["unit"] == "mm10", "a scan of another shape is not the page"


def test_boxes_fit_the_picture_of_the_row() -> None:
    """Whatever the unit; where the picture has another shape, they keep theirs, and that is said."""
    joined = {"image": {"files": "*.png", "by": {"$stem": "$stem"}}}
    for size, unit, first in (((500, 1000), "pixel", [5, 10.25, 150, 20]), ((500, 500), "mm10", [10, 20.5, 300, 40])):
        sink = io.BytesIO()
        Image.new("L", size).save(sink, "PNG")
        files = items({"p.xml": page("mm10"), "p.png": sink.getvalue()})
        (row,) = records(read(reader(type="mets_alto", layout=True, **{"with": joined}), files))
        assert (row.values["width"], row.values["height"]) == size
        assert row.extra["layout"]["unit"] == unit
        assert row.extra["layout"]["bbox"][0] == first
        said = "layout: the picture has another shape than the page, so that boxes keep their unit"
        assert (said in row.problems) == (unit == "mm10")


def test_the_entry_is_told_what_cannot_be() -> None:
    with pytest.raises(ValidationError, match="may stand on several"):
        reader(type="mets_alto", rows="article", layout=True)
    with pytest.raises(ValidationError, match="the reader fills `block_type` itself"):
        reader(type="mets_alto", rows="block", map={"extra": {"block_type": "@ID"}})
    reader(type="mets_alto", map={"extra": {"block_type": "@ID"}})


@pytest.mark.parametrize("rows", ["block", "line"])
def test_taking_a_piece_down_takes_its_words_alone(rows: str) -> None:
    order = '<ReadingOrder><OrderedGroup><ElementRef REF="B3"/><ElementRef REF="B1"/></OrderedGroup></ReadingOrder>'
    made, files = reader(type="mets_alto", rows=rows), {"a/p.xml": item("a/p.xml", page(order=order))}
    before = by_id(made, files)
    gone = next(name for name, one in before.items() if "Buy" in one.values["text"])
    left = take_out(made, files, gone)
    assert b"Buy" not in bytes_of(left["a/p.xml"])
    after = by_id(made, left)
    assert after == {name: one for name, one in before.items() if name != gone}


def test_a_block_in_a_block_stays_when_the_outer_one_goes() -> None:
    """No schema has one; programs that edit pages make some."""
    data = alto(block("B", word("Outer")).replace("</TextBlock>", f"{block('C', word('Inner'))}</TextBlock>"))
    made, files = reader(type="mets_alto", rows="block"), {"p.xml": item("p.xml", data)}
    assert [one.values["text"] for one in by_id(made, files).values()] == ["Outer", "Inner"]
    left = take_out(made, files, "p#B")
    assert [one.values["text"] for one in by_id(made, left).values()] == ["Inner"]


@pytest.mark.parametrize(
    ("inner", "block_text", "counted"),
    [
        (f'<TextBlock ID="B">{word("x")}</TextBlock>', ["x"], {}),
        (f"<TextLine>{word('out')}</TextLine>", [], {"words in no block": 1}),
        (word("lost"), [], {"words in no block": 1}),
    ],
)
def test_a_word_that_is_in_no_block_is_counted(inner: str, block_text: list[str], counted: dict[str, int]) -> None:
    found = read_one(reader(type="mets_alto", rows="block"), "p.xml", alto(inner))
    assert [one.values["text"] for one in records(found)] == block_text
    assert [one.filled for one in unmapped(found) if one.filled] == ([counted] if counted else [])


def test_another_form_of_the_page_goes_with_a_block() -> None:
    """Two texts of one page hold the same words; where a block stands in the other, nobody knows."""
    both = group(("P", "p.xml"), use="OCR") + group(("Q", "q.xml"), use="CORRECTED")
    delivered = mets(both, ("PHYSICAL", div(div(fptr("P"), fptr("Q"), type_="page"), type_="issue")))
    made = alto(block("B1", word("Secret")) + block("B2", word("Open")))
    files = items({"i/mets.xml": delivered, "i/p.xml": made, "i/q.xml": made})
    by_block = reader(type="mets_alto", rows="block")
    assert sorted(by_id(by_block, files)) == ["i/p#B1", "i/p#B2"]
    left = take_out(by_block, files, "i/p#B1")
    assert not any(b"Secret" in bytes_of(one) for one in left.values())
    assert sorted(by_id(by_block, left)) == ["i/p#B2"]
    assert not rejects(read(by_block, left))


@pytest.mark.slow  # test_mets_alto_real.py counts the words of real pages
@pytest.mark.parametrize(
    ("folder", "blocks", "lines", "kinds"),
    [
        ("bl-newspapers-0002647-18240217", 182, 2473, {"text": 175, "illustration": 5, "advertisement": 2}),
        ("bnl-luxzeit1858-18581207", 63, 1159, {"text": 55, "advertisement": 5, "table": 3}),
        ("rero-BLB-18451228", 41, 629, {"text": 41}),
        ("onb-anno-esj1772", 74, 125, {"text": 74}),
    ],
)
def test_pieces_of_real_pages_hold_all_their_words(folder: str, blocks: int, lines: int, kinds: dict[str, int]) -> None:
    """Every word of a page is in one block and in one line, in the page's order, and as expat counts them."""
    files = real_folder(f"mets-alto/{folder}", "**/*.xml")
    plain = sum(
        len(words_of(bytes_of(one))) for name, one in files.items() if "mets" not in name.lower().split("/")[-1]
    )
    pages = {
        one.source_record_id: one.values["text"].split()
        for one in records(read(reader(type="mets_alto", dehyphenate="no"), files))
    }
    for rows, count in (("block", blocks), ("line", lines)):
        found = read(reader(type="mets_alto", rows=rows, dehyphenate="no"), files)
        assert not rejects(found)
        assert len(records(found)) == count
        words: dict[str, list[str]] = {}
        for one in records(found):
            words.setdefault(one.values["parent_id"], []).extend(one.values["text"].split())
        assert words == {name: text for name, text in pages.items() if text}
        assert sum(map(len, words.values())) == plain
        if rows == "block":
            assert Counter(one.extra["block_type"] for one in records(found)) == kinds


def test_boxes_of_a_file_of_two_pages_are_of_the_page_they_stand_on() -> None:
    """ALTO: `Layout` holds any number of `Page`; pdfalto writes a book so."""
    second = b'<Page WIDTH="50" HEIGHT="60"><PrintSpace><TextBlock ID="Z"><TextLine><String CONTENT="z"/></TextLine>'
    data = page().replace(b"</Layout>", second + b"</TextBlock></PrintSpace></Page></Layout>")
    [*_, last] = rows_of(data, "block", layout=True)
    assert [last.values["text"], *(last.extra["layout"][name] for name in ("width", "height"))] == ["z", 50, 60]
    pages = rows_of(data, "page", layout=True)
    assert [one.extra["layout"]["width"] for one in pages] == [1000, 50]


@pytest.mark.slow  # a measurement of time
def test_many_pieces_cost_each_the_same() -> None:
    """lxml looks for the next match before it gives the first: asked of the page for each line, that is the square."""
    text = '<TextBlock><TextLine HPOS="1" VPOS="1" WIDTH="1" HEIGHT="1"><String CONTENT="x"/></TextLine></TextBlock>'
    data = page().replace(b"</PrintSpace>", text.encode() * 20_000 + b"</PrintSpace>")
    began = time.process_time()
    assert len(rows_of(data, "line", layout=True)) == 20_004
    assert time.process_time() - began < 20


def test_an_issue_goes_line_by_line_and_its_mets_is_read_once() -> None:
    text = "".join(block(f"B{number}", word(f"w{number}")) for number in range(600))
    made = mets(group(("A", "a.xml")), ("PHYSICAL", div(*(div(fptr("A")) for _ in range(600)))))
    files = items({"m.xml": made, "a.xml": alto(text)})
    reading = reader(type="mets_alto", rows="block")
    found = records(read(reading, files))
    began = time.process_time()
    left = reading.blank(Bundle("b", tuple(files.values())), [(one, "reason") for one in found])
    assert b'CONTENT="w' not in b"".join(left["a.xml"] or ())
    assert time.process_time() - began < 10
