"""The cases m01 to m04 and x01 of deliveries that went wrong, with what is right."""

import pytest

from biglam_pipeline_tests.normalize.bundles import alto, block, word
from biglam_pipeline_tests.normalize.formats.mets_alto.made import Outcome, area, div, fptr, group, mets, mods

HERALD = "<m:titleInfo><m:title>The Ashby Herald</m:title></m:titleInfo>"
HERALD += "<m:originInfo><m:dateIssued>1850-01-05</m:dateIssued></m:originInfo>"


def _block(name: str, *lines: str) -> str:
    return block(name, *("".join(word(text) for text in line.split()) for line in lines))


ONE = alto(_block("P1_TB1", "Ships arrived", "on Monday") + _block("P1_TB2", "Corn prices rose"))
TWO = alto(_block("P2_TB1", "and sailed again") + _block("P2_TB2", "A house to let"))
PAGES = ["Ships arrived on Monday\n\nCorn prices rose", "and sailed again\n\nA house to let"]
ARTICLES = ["Ships arrived on Monday\n\nand sailed again", "Corn prices rose"]


def _mets(
    folder: str = "alto/000",
    first: str = "PAGE",
    second: str = "P2_TB1",
    last: tuple[str, str, str] = ("A2", "ALTO1", "P1_TB2"),
) -> bytes:
    files = group(*((f"ALTO{n}", f"file://./{folder}{n}.xml") for n in (1, 2)), use="Text", name="ALTOGRP")
    physical = div(div(fptr("ALTO1"), type_=first), div(fptr("ALTO2"), type_="PAGE"), type_="Newspaper")
    ships = div(
        div(area("ALTO1", "P1_TB1"), type_="TEXTBLOCK"),
        div(area("ALTO2", second), type_="TEXTBLOCK"),
        type_="ARTICLE",
        ID="A1",
    )
    other = div(div(area(*last[1:]), type_="TEXTBLOCK"), type_="ARTICLE", ID=last[0])
    logical = div(div(ships, other, type_="ISSUE", DMDID="D1"), type_="Newspaper")
    return mets(files, ("PHYSICAL", physical), ("LOGICAL", logical), described=mods("D1", HERALD))


def _delivery(made: bytes, name: str = "mets.xml", pages: str = "alto/000") -> dict[str, bytes]:
    return {name: made, f"{pages}1.xml": ONE, f"{pages}2.xml": TWO}


def test_m01_the_same_reason_by_whatever_way_a_part_of_an_article_cannot_be_had() -> None:
    """alto2txt #31, BlueMountain #288: half an article was published as a whole one."""
    whole = Outcome(_delivery(_mets()), "article")
    assert ([text for _, _, text in whole.rows], whole.rejects) == (ARTICLES, [])
    assert whole.counts == {"words in no article": 4}
    no_block = Outcome(_delivery(_mets(second="P2_TB0000")), "article")
    assert ([text for _, _, text in no_block.rows], no_block.reasons) == (ARTICLES[1:], ["block_missing"])
    files = _delivery(_mets(last=("A3", "ALTO2", "P2_TB2")))
    del files["alto/0002.xml"]
    no_page = Outcome(files, "article")
    assert (no_page.rows, no_page.reasons) == ([], ["page_missing"] * 3)
    assert [one.position for one in no_page.rejects] == ["ALTO2", "A1", "A3"]


def test_m02_a_division_that_is_called_title_page_is_a_page() -> None:
    files = _delivery(_mets(first="TITLE_PAGE"))
    assert [text for _, _, text in Outcome(files).rows] == PAGES
    assert [text for _, _, text in Outcome(files, "issue").rows] == ["\n\n".join(PAGES)]


@pytest.mark.parametrize(("rows", "texts"), [("page", PAGES), ("article", ARTICLES)])
def test_m03_a_mets_that_is_named_after_its_book(rows: str, texts: list[str]) -> None:
    found = Outcome(_delivery(_mets(), "PPN4711.xml"), rows)
    assert [text for _, _, text in found.rows] == texts
    title = "title" if rows == "page" else "collection"
    assert {one.values[title] for one in found.records} == {"The Ashby Herald"}
    assert {tuple(one.values["date_raw"]) for one in found.records} == {("1850-01-05",)}
    assert not found.rejects


def test_m03_a_mets_alone() -> None:
    found = Outcome({"b22012692.xml": _mets()}, "issue")
    assert (found.rows, found.reasons) == ([], ["page_missing"] * 3)


def test_m04_pages_that_share_no_prefix_with_their_mets() -> None:
    found = Outcome(_delivery(_mets(folder="p"), "book-mets.xml", "p"))
    assert [(name, text) for name, _, text in found.rows] == [("book/p1", PAGES[0]), ("book/p2", PAGES[1])]
    assert not found.rejects


CROSS = block("A", word("Fon-", 1, "Fontanes") + '<HYP CONTENT="-"/>') + block(
    "B", word("Hugo", 2, "Victor-Hugo") + word("wrote")
)
HYP = block(
    "TB1",
    word("A") + word("Durch", 1, "Durchmesser),") + '<HYP CONTENT=""/>',
    word("messer),", 2, "Durchmesser),") + word("end"),
)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("", ""),
        (HYP, "A Durchmesser), end"),
        (CROSS, "Fon-\n\nHugo wrote"),
        (_block("TB1", "un quin-", "tal de fer"), "un quin- tal de fer"),
        (block("TB1", '<String STYLE="superscript" WC="1." CONTENT="6"/><SP/>' + word("x")), "6 x"),
        (block("TB1", word("one") + word("two")), "one two"),
    ],
)
@pytest.mark.parametrize(
    "root",
    [
        '<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#">',
        '<alto xmlns="http://bibnum.bnf.fr/ns/alto_prod">',
        '<alto xmlns="http://www.loc.gov/standards/alto/v3/alto.xsd">',
        "<alto >",
    ],
)
def test_x01_pages_of_many_hands(body: str, text: str, root: str) -> None:
    """altoxml/schema #41, alto-tools #9 to #30, tesseract #3101: any second half was the end of any first half."""
    assert Outcome({"p.xml": alto(body, root)}).records[0].values["text"] == text
