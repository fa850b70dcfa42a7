"""METS: articles cut out of pages, and issues that arrive in pieces."""

from typing import Any

import pytest
from pydantic import ValidationError

from biglam_pipeline.normalize.deliveries.addresses import Addresses
from biglam_pipeline.normalize.deliveries.issues import issue_name
from biglam_pipeline.records import Bundle, Item
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    alto,
    block,
    item,
    read,
    read_one,
    reader,
    reasons,
    records,
    rejects,
    unmapped,
    word,
)

PAGE = "<alto><Layout><Page><PrintSpace>{}</PrintSpace></Page></Layout></alto>"
SPECIMEN = Specimen(
    {
        "m.xml": (
            b'<mets xmlns:xlink="http://www.w3.org/1999/xlink"><dmdSec ID="d"><mdWrap><xmlData><mods><titleInfo>'
            b"<title>The Herald</title></titleInfo></mods></xmlData></mdWrap></dmdSec><fileSec><fileGrp>"
            b'<file ID="f1"><FLocat xlink:href="p1.xml"/></file><file ID="f2"><FLocat xlink:href="p2.xml"/></file>'
            b'</fileGrp></fileSec><structMap TYPE="PHYSICAL"><div DMDID="d"><div TYPE="PAGE" ORDER="1">'
            b'<fptr FILEID="f1"/></div><div TYPE="PAGE" ORDER="2"><fptr FILEID="f2"/></div></div></structMap></mets>'
        ),
        "p1.xml": PAGE.format(
            '<TextBlock ID="b"><TextLine><String CONTENT="The" WC="0.9"/><SP/>'
            '<String CONTENT="har" SUBS_TYPE="HypPart1" SUBS_CONTENT="harbour"/><HYP CONTENT="-"/></TextLine>'
            '<TextLine><String CONTENT="bour" SUBS_TYPE="HypPart2" SUBS_CONTENT="harbour"/></TextLine></TextBlock>'
        ).encode(),
        "p2.xml": PAGE.format('<TextBlock ID="c"><TextLine><String CONTENT="froze."/></TextLine></TextBlock>').encode(),
    },
    records=2,
    version=9,
    digest="40bedc16b2119e9b",
    block={"rows": "page"},
)

PAGE = reader(type="mets_alto")
HYP = '<HYP CONTENT="-"/>'
A, B = word("A"), word("B")

_FILE = '<file ID="{0}" MIMETYPE="text/xml"><FLocat xlink:href="{1}"/></file>'
_AREA = '<fptr><area FILEID="{}" BETYPE="IDREF" BEGIN="{}"/></fptr>'


def _mets(files: dict[str, str], logical: str, *, physical: str = "", mods: str = "", links: str = "") -> bytes:
    pages = physical or "".join(f'<div TYPE="page"><fptr FILEID="{name}"/></div>' for name in files)
    return (
        '<mets xmlns="http://www.loc.gov/METS/" xmlns:xlink="http://www.w3.org/1999/xlink" '
        'xmlns:m="http://www.loc.gov/mods/v3" OBJID="https://persist.lu/ark:/1/2">'
        f'<dmdSec ID="d0"><m:mods><m:titleInfo><m:nonSort>The</m:nonSort><m:title>Statesman.</m:title></m:titleInfo>'
        "<m:originInfo><m:dateIssued>1824-02-17</m:dateIssued><m:publisher>P</m:publisher></m:originInfo></m:mods></dmdSec>"
        f"{mods}<fileSec><fileGrp>{''.join(_FILE.format(*one) for one in files.items())}</fileGrp></fileSec>"
        f'<structMap TYPE="LOGICAL"><div TYPE="ISSUE" DMDID="d0">{logical}</div></structMap>'
        f'<structMap TYPE="PHYSICAL"><div TYPE="physSequence">{pages}</div></structMap>{links}</mets>'
    ).encode()


def _article(name: str, *areas: tuple[str, str], dmd: str = "", label: str = "", type_: str = "ARTICLE") -> str:
    inner = "".join(f"<div TYPE='TEXT'>{_AREA.format(*area)}</div>" for area in areas)
    return f'<div TYPE="{type_}" ID="{name}" DMDID="{dmd}" LABEL="{label}">{inner}</div>'


_ONE = alto(block("b1", A) + block("b2", word("mea", 1, "measure") + HYP) + block("b3", word("head")))
_TWO = alto(block("b1", word("sure", 2, "measure") + B))
_FILES = {"F1": "file://./1.xml", "F2": "./2.xml"}
_LOGICAL = _article("a1", ("F1", "b1"), dmd="d1", label="Label") + _article(
    "a2", ("F1", "b2"), ("F2", "b1"), label="Two"
)
_MODS = (
    '<dmdSec ID="d1"><m:mods xmlns:m="http://www.loc.gov/mods/v3"><m:titleInfo><m:title>One</m:title></m:titleInfo>'
    '<m:name><m:namePart type="given">A</m:namePart><m:namePart type="family">B</m:namePart></m:name>'
    "<m:language><m:languageTerm>fr</m:languageTerm></m:language></m:mods></dmdSec>"
)


def _issue(mets: bytes | None = None, **pages: bytes) -> dict[str, Item]:
    files = {"x/i_mets.xml": mets or _mets(_FILES, _LOGICAL, mods=_MODS)}
    files |= {f"x/{name.lstrip('p')}.xml": data for name, data in (pages or {"p1": _ONE, "p2": _TWO}).items()}
    return {name: item(name, data) for name, data in files.items()}


def _read(rows: str, items: dict[str, Item], **settings: Any) -> list[Any]:
    made = reader(type="mets_alto", rows=rows, **settings)
    return list(made.read(Bundle("x/i_mets.xml", tuple(items.values())), {}))


def test_articles() -> None:
    found = _read("article", _issue())
    one, two = records(found)
    assert (one.source_record_id, two.source_record_id) == ("x/i/a1", "x/i/a2")
    assert (one.values["text"], two.values["text"]) == ("A", "measure B")
    assert one.values["title"] == "One"
    assert one.values["creators"] == ["B, A"]
    assert one.values["languages"] == ["fr"]
    assert two.values["title"] == "Two"
    for number, record in enumerate((one, two), 1):
        assert record.values["collection"] == "The Statesman."
        assert record.values["date_raw"] == ["1824-02-17"]
        assert record.values["parent_id"] == "x/i"
        assert record.values["seq"] == number
        assert record.values["genres"] == ["ARTICLE"]
        assert record.values["text_unit"] == "article"
    assert unmapped(found)[-1].filled == {"words in no article": 1}


def test_pages_and_issues() -> None:
    pages = records(_read("page", _issue()))
    assert [(page.source_record_id, page.values["seq"]) for page in pages] == [("x/i/1", 1), ("x/i/2", 2)]
    assert [page.values["text"] for page in pages] == ["A\n\nmea-\n\nhead", "sure B"]
    assert pages[0].values["title"] == "The Statesman."
    assert pages[0].values["source_url"] == "https://persist.lu/ark:/1/2"
    issue = records(_read("issue", _issue()))[0]
    assert issue.source_record_id == "x/i"
    assert issue.values["text"] == "A\n\nmeasure\n\nhead\n\nB"


def test_structlink_and_word_areas_as_the_british_library_uses_them() -> None:
    physical = (
        '<div TYPE="page"><fptr FILEID="F1"/><div ID="pa1"><fptr><area FILEID="F1" BEGIN="w2" END="w3"/></fptr></div>'
        '<div ID="pa2"><fptr><area FILEID="F1" BEGIN="w1" END="w1"/></fptr></div></div>'
    )
    locators = "".join(f'<smLocatorLink xlink:href="#{name}"/>' for name in ("a1", "pa1", "pa2"))
    links = f"<structLink><smLinkGrp>{locators}</smLinkGrp></structLink>"
    mets = _mets({"F1": "1.xml"}, _article("a1"), physical=physical, links=links)
    page = alto(block("b", *(word(f"w{n}", ID=f"w{n}") for n in range(1, 5))))
    assert records(_read("article", _issue(mets, p1=page)))[0].values["text"] == "w2 w3 w1"
    links = '<structLink><smLink xlink:from="#a1" xlink:to="#pa2"/></structLink>'
    mets = _mets({"F1": "1.xml"}, _article("a1"), physical=physical, links=links)
    assert records(_read("article", _issue(mets, p1=page)))[0].values["text"] == "w1"


def test_article_in_a_section_and_article_in_an_article() -> None:
    inner = _article("a2", ("F2", "b1"), type_="ADVERTISEMENT")
    logical = f'<div TYPE="SECTION"><div TYPE="ARTICLE" ID="a1">{inner}{_AREA.format("F1", "b1")}</div></div>'
    found = records(_read("article", _issue(_mets(_FILES, logical))))
    assert [(one.values["text"], one.values["genres"]) for one in found] == [
        ("A", ["ARTICLE"]),
        ("sure B", ["ADVERTISEMENT"]),
    ]


def test_a_path_is_xpath_from_the_division() -> None:
    mapped = {"extra": {"type": "@TYPE", "issue": "string(//mods:title)"}}
    with pytest.raises(ValidationError):
        reader(type="mets_alto", map=mapped)  # `type` is a canonical column
    mapped = {"extra": {"kind": "@TYPE", "issue": "string(//mods:title)"}}
    found = records(_read("article", _issue(), map=mapped))
    assert found[0].extra == {"kind": "ARTICLE", "issue": "Statesman."}


def test_h15_a_page_that_was_cut_off_costs_that_page_and_what_stands_on_it() -> None:
    items = _issue(p1=_ONE, p2=_TWO[:-30])
    found = _read("article", items)
    assert [record.source_record_id for record in records(found)] == ["x/i/a1"]
    assert [(one.reason, one.item, one.position[:4]) for one in rejects(found)] == [
        ("xml_cut", "x/2.xml", "line"),
        ("page_missing", "x/i_mets.xml", "a2"),
    ]
    assert [record.source_record_id for record in records(_read("page", items))] == ["x/i/1"]
    assert reasons(_read("issue", items)) == ["xml_cut", "page_missing"]


def test_a_page_that_is_not_there() -> None:
    found = _read("article", _issue(p1=_ONE))
    assert [record.source_record_id for record in records(found)] == ["x/i/a1"]
    assert reasons(found) == ["page_missing", "page_missing"]
    assert "'./2.xml' (F2), which is not among the files" in rejects(found)[0].detail


def test_an_area_that_is_not_on_its_page() -> None:
    found = _read("article", _issue(_mets(_FILES, _article("a1", ("F1", "nowhere")))))
    assert reasons(found) == ["block_missing"]


@pytest.mark.parametrize(
    ("href", "wanted"),
    [
        ("1.xml", "x/1.xml"),
        ("./1.xml", "x/1.xml"),
        ("file://./1.xml", "x/1.xml"),
        ("text/a%20b.xml", "x/text/a b.xml"),
        (r"text\a b.xml", "x/text/a b.xml"),
        ("../y/1.xml", "y/1.xml"),
        ("../../../etc/passwd", None),
        ("/etc/passwd", None),
        ("file:///etc/passwd", None),
        ("http://example.org/x/1.xml", None),
        ("https://example.org/1.xml", None),
        ("//example.org/1.xml", None),
        ("ftp://x/1.xml", None),
    ],
)
def test_h50_only_files_of_the_bundle_are_ever_opened(href: str, wanted: str | None) -> None:
    assert Addresses({"x/1.xml", "x/text/a b.xml", "y/1.xml"}).find(href, "x/i_mets.xml") == wanted


def test_h50_an_address_outside_is_a_missing_page() -> None:
    found = _read("page", _issue(_mets({"F1": "http://10.0.0.1/1.xml", "F2": "2.xml"}, "")))
    assert reasons(found) == ["page_missing"]
    assert [record.source_record_id for record in records(found)] == ["x/i/2", "x/1"], "the file here is a page alone"


@pytest.mark.parametrize(
    ("mets", "name"),
    [
        ("a/0002647_18240217_mets.xml", "a/0002647_18240217"),
        ("a/18451228_01/18451228_01-METS.xml", "a/18451228_01"),
        ("a/mets.xml", "a"),
        ("mets.xml", "issue"),
        ("mets_x.xml", "x"),
    ],
)
def test_the_name_of_an_issue(mets: str, name: str) -> None:
    assert issue_name(mets) == name


def test_articles_and_issues_need_a_mets() -> None:
    for rows in ("article", "issue"):
        assert reasons(read_one(reader(type="mets_alto", rows=rows), "p.xml", alto(""))) == ["mets_missing"]


def test_other_xml_beside_the_pages_is_reported_and_not_rejected() -> None:
    found = read_one(PAGE, "didl.xml", b"<didl/>")
    assert [one.filled for one in unmapped(found)] == [{"XML files that are neither METS nor ALTO": 1}]
    assert len(found) == 1


def test_what_is_called_mets_and_is_none() -> None:
    """The root decides: another XML file is counted, and a METS that is cut off is rejected."""
    assert [one.filled for one in unmapped(read_one(PAGE, "mets.xml", b"<a/>"))] == [
        {"XML files that are neither METS nor ALTO": 1}
    ]
    assert reasons(read_one(PAGE, "a.xml", b"<mets>")) == ["xml_cut"]


def test_it_reads_text_only() -> None:
    with pytest.raises(ValidationError, match="reads text"):
        reader(type="mets_alto", modality="image")


def test_only_the_chosen_files_make_bundles() -> None:
    items = {name: item(name, alto(block("b", A))) for name in ("a_alto.xml", "a_text.xml")}
    found = read(reader(type="mets_alto", files="*_alto.xml"), items)
    assert [record.source_record_id for record in records(found)] == ["a_alto"]
