"""A row of a region or a line leads back to its place on the page: by IIIF, in pixels and in shares."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biglam_pipeline.normalize.printed.boxes import box_facts, of_points, of_title
from biglam_pipeline.records import Record
from biglam_pipeline_tests.normalize.bundles import read_one, reader, records

CANVAS = "https://iiif.example/book/canvas/7"
SERVICE = "https://iiif.example/image/7"
LINKS = {
    "map": {
        "source_url": {"all": [{"const": CANVAS}, "$box"], "join": "#xywh="},
        "image_url": {
            "all": [
                {"const": SERVICE},
                ["$box_share >> template(pct:{})", {"const": "full"}],
                {"const": "full/0/default.jpg"},
            ],
            "join": "/",
        },
        "extra": {"box": "$box"},
    }
}
PAGE = """<PcGts xmlns="http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15">
<Page imageFilename="7.jpg" imageWidth="1000" imageHeight="2000">
<TextRegion id="r"><Coords points="100,200 600,200 600,400 90,410"/>
<TextLine id="l"><Coords {coords}</Coords><TextEquiv><Unicode>A line</Unicode></TextEquiv></TextLine>
</TextRegion></Page></PcGts>"""
HOCR = """<html><body><div class="ocr_page" id="p" title="image 7.jpg; bbox 0 0 1000 2000">
<span class="ocr_line" id="l" title="{title}">
<span class="ocrx_word" title="bbox 1 1 2 2">A</span> line</span></div></body></html>"""


def line_of(type_: str, data: str, rows: str = "line") -> Record:
    """The one row, with links."""
    (row,) = records(
        read_one(reader(type=type_, rows=rows, **LINKS), "7.xml" if type_ == "page_xml" else "7.hocr", data.encode())
    )
    return row


@pytest.mark.parametrize(
    ("type_", "data"),
    [
        ("page_xml", PAGE.format(coords='points="100,200 600,210 600,250 100,250">')),
        ("page_xml", PAGE.format(coords='><Point x="100" y="200"/><Point x="600" y="250"/>')),  # of 2010
        ("hocr", HOCR.format(title="bbox 100 200 600 250; baseline 0 0; x_size 30")),
    ],
)
def test_a_line_leads_back_to_its_place(type_: str, data: str) -> None:
    row = line_of(type_, data)
    assert row.values["text"] == "A line"
    assert row.values["source_url"] == f"{CANVAS}#xywh=100,200,500,50"
    assert row.values["image_url"] == f"{SERVICE}/pct:10,10,50,2.5/full/0/default.jpg"


def test_a_region_leads_back_and_a_page_has_no_region() -> None:
    data = PAGE.format(coords='points="1,2 3,4">')
    assert line_of("page_xml", data, "region").extra["box"] == "90,200,510,210"
    page = line_of("page_xml", data, "page")
    assert (page.values["source_url"], page.extra["box"]) == (CANVAS, None)
    assert page.values["image_url"] == f"{SERVICE}/full/full/0/default.jpg"


@pytest.mark.parametrize("title", ["", "bbox 5 5 5 9", "bbox 9 9 1 1", "bbox a b c d", "bbox 1200 10 1300 20"])
def test_a_box_that_holds_nothing_of_the_page_is_none(title: str) -> None:
    assert line_of("hocr", HOCR.format(title=title)).extra["box"] is None


def test_what_leads_out_of_the_page_is_cut_off() -> None:
    assert box_facts((-20, -3, 2000, 90), 1000, 2000) == {"box": "0,0,1000,90", "box_share": "0,0,100,4.5"}
    assert box_facts((10.4, 20.6, 30.2, 40.1)) == {"box": "10,20,21,21", "box_share": ""}
    assert of_points("1,2") is None
    assert of_points("1,2 3,4 nonsense 5.5,6") == (1, 2, 5.5, 6)
    assert of_title("x_bboxes 1 2 3 4") is None


NUMBERS = st.floats() | st.integers(-(10**6), 10**6)


@given(st.tuples(NUMBERS, NUMBERS, NUMBERS, NUMBERS), st.integers(0, 10**5), st.integers(0, 10**5))
def test_a_box_lies_on_the_page_or_is_none(corners: tuple[float, float, float, float], width: int, height: int) -> None:
    facts = box_facts(corners, width, height)
    if not facts["box"]:
        assert facts["box_share"] == ""
        return
    x, y, w, h = map(int, facts["box"].split(","))
    assert min(x, y) >= 0
    assert min(w, h) > 0
    assert not width or x + w <= width
    assert not height or y + h <= height
    assert re.fullmatch(r"(?:[0-9]{1,3}(?:\.[0-9]{1,4})?,?){4}|", facts["box_share"])
