"""Every word that METS lists is in one row, one reject or a count; where it is in two rows, that is counted."""

from itertools import count

import pytest

from biglam_pipeline.parsing.counted import is_sample
from biglam_pipeline.records import Bundle
from biglam_pipeline_tests.normalize.bundles import alto, block, reader, word
from biglam_pipeline_tests.normalize.formats.mets_alto.made import Outcome, area, div, fptr, group, items, mets, page

TWICE = "pages that stand in another METS too"
FILES = {"alto/1.xml": page("A1", "A2"), "alto/2.xml": page("B1", "B2")}
LISTED = group(("F1", "alto/1.xml"), ("F2", "alto/2.xml"))
PHYSICAL = ("PHYSICAL", div(div(fptr("F1"), ID="P1"), div(fptr("F2"), ID="P2")))


def _logical(*articles: str) -> tuple[str, str]:
    return "LOGICAL", div(*articles, type_="ISSUE")


def _article(name: str, *inner: str) -> str:
    return div(*inner, type_="ARTICLE", ID=name)


def _articles(*articles: str, files: dict[str, bytes] | None = None, more: str = "") -> Outcome:
    return Outcome({**(files or FILES), "m.xml": mets(LISTED, PHYSICAL, _logical(*articles), more=more)}, "article")


@pytest.mark.parametrize("rows", ["page", "issue"])
def test_pages_that_two_mets_name_are_in_one_row(rows: str) -> None:
    """A second version of a METS, or a reel beside its issues, made every issue a second row."""
    made = mets(LISTED, PHYSICAL)
    found = Outcome({**FILES, "mets.xml": made, "mets_v2.xml": made}, rows)
    assert found.texts == (["A1 A2", "B1 B2"] if rows == "page" else ["A1 A2 B1 B2"])
    assert found.counts == {TWICE: 2}


def test_a_reel_beside_its_issues_holds_no_issue_and_no_article() -> None:
    issues = {f"{n}/m.xml": mets(group(("F", "1.xml")), ("PHYSICAL", div(div(fptr("F"))))) for n in "ab"}
    reel = mets(group(("A", "a/1.xml"), ("B", "b/1.xml")), ("PHYSICAL", div(div(fptr("A")), div(fptr("B")))))
    files = {**issues, "reel.xml": reel, "a/1.xml": page("A"), "b/1.xml": page("B")}
    found = Outcome(files, "issue")
    assert sorted(found.texts) == ["A", "B"]
    assert found.counts == {TWICE: 2}
    articles = Outcome(files, "article")
    assert articles.reasons == ["articles_missing"] * 2, "of the issues, not of the reel"
    assert articles.counts == {"words in no article": 2, "pages that no article uses": 2, TWICE: 2}


def test_an_article_that_two_mets_name_is_one_row() -> None:
    made = mets(LISTED, PHYSICAL, _logical(_article("a", area("F1", "B1"))))
    found = Outcome({**FILES, "mets.xml": made, "mets_v2.xml": made}, "article")
    assert found.texts == ["A1"]
    assert found.counts == {
        "articles that stand in another METS too": 1,
        "words in no article": 3,
        "pages that no article uses": 1,
    }


def test_words_in_two_articles_are_counted() -> None:
    found = _articles(_article("a", fptr("F1")), _article("b", area("F1", "B1")))
    assert found.texts == ["A1 A2", "A1"]
    assert found.counts["words in more than one article"] == 1


def test_a_link_to_a_page_adds_nothing_to_an_article_with_areas_on_it() -> None:
    """Kitodo and the DFG Viewer link every division to its pages: each article held its whole page."""
    links = "".join(f'<smLink xlink:from="a" xlink:to="P{number}"/>' for number in (1, 2))
    found = _articles(_article("a", area("F1", "B1")), more=f"<structLink>{links}</structLink>")
    assert found.texts == ["A1 B1 B2"], "of the other page only the link is known"


@pytest.mark.parametrize("picture", ["Illustration", "GraphicalElement"])
def test_an_article_with_a_picture_keeps_its_text(picture: str) -> None:
    """docWorks: areas of an article also name the pictures on the page (ALTO, BlockType); each such was rejected."""
    body = f'<{picture} ID="I1"/>' + block("B1", word("A1")) + f'<{picture} ID="I2"/>' + block("B2", word("A2"))
    spot = area("F1", "I2").replace("/></fptr>", ' END="B2"/></fptr>')
    found = _articles(
        _article("a", area("F1", "B1"), div(area("F1", "I1"), type_="ILLUSTRATION")),
        _article("b", spot),
        files={**FILES, "alto/1.xml": alto(body)},
    )
    assert found.texts == ["A1", "A2"]
    assert found.reasons == []


def test_an_id_that_two_elements_have_names_neither() -> None:
    body = block("B1", word("A1")) + block("B1", word("A2"))
    found = _articles(_article("a", area("F1", "B1")), files={**FILES, "alto/1.xml": alto(body)})
    assert found.texts == []
    assert [(one.reason, one.detail) for one in found.rejects] == [
        ("block_missing", "F1 has several elements 'B1'; METS and ALTO disagree")
    ]


@pytest.mark.parametrize("reported", ['EXTENT="100" EXTTYPE="BYTE"', 'END="B1"', 'SHAPE="RECT" COORDS="0,0,1,1"'])
def test_a_piece_that_no_element_begins_is_not_the_whole_page(reported: str) -> None:
    found = _articles(_article("a", f'<fptr><area FILEID="F1" {reported}/></fptr>'))
    assert found.texts == []
    assert found.reasons == ["block_missing"]


def test_an_article_without_a_place_is_no_empty_row() -> None:
    found = _articles(_article("a"), _article("b", _article("c", area("F1", "B1"))))
    assert found.texts == ["A1"]
    assert found.reasons == ["place_missing"]
    assert found.counts["articles that only hold articles"] == 1


@pytest.mark.parametrize("first", [[fptr("F1")], [div(fptr("F1"))], [div(fptr("F1")), div(fptr("F2"))]])
@pytest.mark.parametrize("rows", ["page", "issue"])
def test_a_page_that_the_file_section_does_not_list_is_missing(first: list[str], rows: str) -> None:
    """An issue of which a division points to an unknown FILEID was published as whole."""
    made = mets(LISTED, ("PHYSICAL", div(*map(div, first), div(fptr("F9"), fptr("G9")))))
    found = Outcome({**FILES, "m.xml": made}, rows)
    assert "page_missing" in found.reasons
    assert found.rejects[0].detail.endswith("(F9, G9)")
    assert len(found.texts) == (len(first) if rows == "page" else 0)


@pytest.mark.parametrize(
    "name",
    [
        "alto.zip/{}.xml",
        "alto.zip/alto/{}.xml",
        "alto/{}.xml.gz/{}.xml",
        "ALTO.tar.gz/{}.xml",
        "alto/{}.xml.bz2/{}.xml",
    ],
)
def test_pages_in_an_archive_beside_the_mets(name: str) -> None:
    """A METS speaks of its pages as they stand once the archive is unpacked into a folder of its name."""
    files = {name.format(n, n): FILES[f"alto/{n}.xml"] for n in (1, 2)}
    found = Outcome({**files, "m.xml": mets(LISTED, PHYSICAL)})
    assert [identifier for identifier, _, _ in found.rows] == ["m/1", "m/2"]
    assert found.reasons == []


def test_a_page_is_never_taken_from_another_archive() -> None:
    files = {
        "1890.zip/m.xml": mets(LISTED, PHYSICAL),
        "1890.zip/alto/1.xml": page("A"),
        "1891.zip/alto/2.xml": page("B"),
    }
    assert Outcome(files).reasons == ["page_missing"]


def test_a_second_physical_structure_of_other_forms_makes_no_page_that_is_missed() -> None:
    """One for each engine, say: they are forms of the same pages, and by expat nobody can tell."""
    listed = group(("F1", "1.xml"), use="OCR") + group(("F2", "2.xml"), use="OTHER")
    files = {
        "m.xml": mets(listed, ("PHYSICAL", div(div(fptr("F1")))), ("PHYSICAL", div(div(fptr("F2"))))),
        "1.xml": page("A"),
        "2.xml": page("A"),
    }
    assert Outcome(files).texts == ["A"]
    name = next(one for number in count() if is_sample(one := str(number)))
    assert reader(type="mets_alto").expected(Bundle(name, tuple(items(files).values()))) is None
