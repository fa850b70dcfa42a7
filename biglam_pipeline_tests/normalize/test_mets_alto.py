"""Digitised print: words broken once, articles cut out of pages, and issues that arrive in pieces."""

from typing import Any

import pytest
from pydantic import ValidationError

from biglam_pipeline.normalize.mets_alto.issues import group_issues, issue_name, resolve
from biglam_pipeline.records import Bundle, Item
from biglam_pipeline_tests.normalize.bundles import (
    item,
    read,
    read_one,
    reader,
    reasons,
    records,
    rejects,
    unmapped,
)

PAGE = reader(type="mets_alto")


def _alto(body: str, root: str = "<alto>", more: str = "") -> bytes:
    name = root[1:].split(" ")[0].rstrip(">")
    return f"{root}{more}<Layout><Page ID='P1'><PrintSpace>{body}</PrintSpace></Page></Layout></{name}>".encode()


def _block(name: str, *lines: str, more: str = "") -> str:
    return f'<TextBlock ID="{name}" {more}>{"".join(f"<TextLine>{line}</TextLine>" for line in lines)}</TextBlock>'


def _word(text: str, part: int = 0, whole: str = "", **more: str) -> str:
    halves = f' SUBS_TYPE="HypPart{part}" SUBS_CONTENT="{whole}"' if part else ""
    return f'<String CONTENT="{text}"{halves} {" ".join(f"{name}={value!r}" for name, value in more.items())}/>'


def _text(body: str) -> str:
    return str(records(read_one(PAGE, "p.xml", _alto(body)))[0].values["text"])


HYP = '<HYP CONTENT="-"/>'
A, B = _word("A"), _word("B")

BROKEN_WORDS = [
    ("plain", _block("b", A + B, _word("c")), "A B c"),
    ("blocks", _block("b", A) + _block("c", B), "A\n\nB"),
    ("no SP between Strings", _block("b", A + B), "A B"),
    ("pair with HYP", _block("b", _word("mea", 1, "measure.") + HYP, _word("sure.", 2, "measure.") + A), "measure. A"),
    ("pair without HYP", _block("b", _word("mea", 1, "measure"), _word("sure", 2, "measure")), "measure"),
    ("hyphen in the first half too", _block("b", _word("mea-", 1, "measure") + HYP, _word("sure", 2, "x")), "measure"),
    ("not sign", _block("b", _word("mea¬", 1, "measure"), _word("sure", 2, "")), "measure"),
    ("not sign read as Latin-1", _block("b", _word("vienÂ¬", 1, "vientos"), _word("tos", 2, "")), "vientos"),
    ("soft hyphen, not flagged", _block("b", _word("mea\u00ad"), _word("sure")), "measure"),
    ("not sign, not flagged", _block("b", A + _word("mea¬"), _word("sure") + B), "A measure B"),
    ("HYP, not flagged", _block("b", _word("mea") + HYP, _word("sure")), "measure"),
    (
        "a wrong SUBS_CONTENT is not believed",
        _block("b", _word("aver", 1, "averAge"), _word("age", 2, "averAge")),
        "average",
    ),
    ("three lines", _block("b", _word("ex") + HYP, _word("tra") + HYP, _word("ordinary")), "extraordinary"),
    (
        "over the end of a block",
        _block("b", _word("mea", 1, "measure")) + _block("c", _word("sure", 2, "measure") + A),
        "measure A",
    ),
    (
        "something between the halves",
        _block("b", _word("mea", 1, "measure") + HYP) + _block("c", A) + _block("d", _word("sure", 2, "measure") + B),
        "measure\n\nA\n\nB",
    ),
    ("first half alone", _block("b", _word("mea", 1, "measure") + HYP, A), "mea- A"),
    ("second half alone", _block("b", A, _word("sure", 2, "measure")), "A sure"),
    ("HYP at the end of a block", _block("b", _word("mea") + HYP) + _block("c", A), "mea-\n\nA"),
    ("a hyphen that nothing marks stays", _block("b", _word("Marie-"), _word("Anne")), "Marie- Anne"),
    ("empty Strings are no words", _block("b", _word("") + A + _word(" ")), "A"),
    ("ALTERNATIVE", _block("b", '<String CONTENT="A"><ALTERNATIVE>x</ALTERNATIVE></String>'), "A"),
    ("Variant", _block("b", '<String CONTENT="A"><Glyph CONTENT="x"><Variant CONTENT="y"/></Glyph></String>'), "A"),
]


@pytest.mark.parametrize(("body", "text"), [row[1:] for row in BROKEN_WORDS], ids=[row[0] for row in BROKEN_WORDS])
def test_words(body: str, text: str) -> None:
    assert _text(body) == text


@pytest.mark.parametrize(
    "root",
    [
        "<alto>",
        '<alto xmlns="http://schema.ccs-gmbh.com/ALTO">',
        '<alto xmlns="http://www.loc.gov/standards/alto/ns-v4#">',
        '<alto xmlns="https://www.loc.gov/standards/alto/ns-v3#">',
        '<a:alto xmlns="x" xmlns:a="y">',
        "<altox>",
    ],
)
def test_h52_any_namespace_and_no_coordinates(root: str) -> None:
    found = records(read_one(PAGE, "p.xml", _alto(_block("b", A), root)))
    assert found[0].values["text"] == "A"


def test_h52_attributes_in_the_namespace() -> None:
    """SBB delivered `default:CONTENT`; read as it is written, the page would be empty."""
    body = '<TextBlock><TextLine><String d:CONTENT="A"/></TextLine></TextBlock>'
    assert records(read_one(PAGE, "p.xml", _alto(body, '<alto xmlns="x" xmlns:d="x">')))[0].values["text"] == "A"


def test_h52_odd_coordinates_and_units_do_not_hurt() -> None:
    body = _block("b", _word("A", HPOS="-5.5", VPOS="6150.0", WIDTH="x"))
    more = "<Description><MeasurementUnit>mm10</MeasurementUnit></Description>"
    assert records(read_one(PAGE, "p.xml", _alto(body, more=more)))[0].values["text"] == "A"


def test_what_the_page_says_of_itself() -> None:
    software = (
        "<Description><OCRProcessing><ocrProcessingStep><processingSoftware><softwareName>NA</softwareName>"
        "</processingSoftware></ocrProcessingStep></OCRProcessing><OCRProcessing><ocrProcessingStep>"
        "<processingSoftware><softwareName>FineReader</softwareName><softwareVersion>8.1</softwareVersion>"
        "</processingSoftware></ocrProcessingStep></OCRProcessing></Description>"
    )
    body = _block("b", _word("A", WC="0.5") + _word("B", WC="1.0") + _word("C", WC="87") + A, more='LANG="fr"')
    body += _block("c", A, more='language="de"')
    record = records(read_one(PAGE, "x/p.xml", _alto(body, more=software)))[0]
    assert record.source_record_id == "x/p"
    assert record.values == {
        "text": "A B C A\n\nA",
        "text_unit": "page",
        "text_origin": "ocr",
        "ocr_engine": "FineReader 8.1",
        "ocr_confidence": 0.75,
        "languages": ["fr", "de"],
        "parent_id": "x",
        "type": "Text",
        "transforms": ["alto-text/1", "dehyphenated/1"],
    }


def test_the_engine_of_alto_4_is_the_step_that_recognised() -> None:
    step = "<Processing><processingSoftware><softwareName>{}</softwareName></processingSoftware></Processing>"
    more = f"<Description>{step.format('ocrd-binarize')}{step.format('tesserocr-recognize')}</Description>"
    assert records(read_one(PAGE, "p.xml", _alto("", more=more)))[0].values["ocr_engine"] == "tesserocr-recognize"


@pytest.mark.parametrize(
    ("more", "blocks", "text"),
    [
        (
            "<ReadingOrder><OrderedGroup><ElementRef REF='c'/><ElementRef REF='a'/></OrderedGroup></ReadingOrder>",
            "",
            "c a b",
        ),
        ("", "IDNEXT='c'", "a c b"),
        ("", "IDNEXT='a'", "b c a"),
        ("", "IDNEXT='nowhere'", "a b c"),
        ("", "", "a b c"),
    ],
)
def test_reading_order(more: str, blocks: str, text: str) -> None:
    body = _block("a", _word("a"), more=blocks) + _block("b", _word("b")) + _block("c", _word("c"))
    found = records(read_one(PAGE, "p.xml", _alto(body, more=more)))[0].values["text"]
    assert found.replace("\n\n", " ") == text


# --- METS ---------------------------------------------------------------------------------------------------

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


_ONE = _alto(_block("b1", A) + _block("b2", _word("mea", 1, "measure") + HYP) + _block("b3", _word("head")))
_TWO = _alto(_block("b1", _word("sure", 2, "measure") + B))
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
    page = _alto(_block("b", *(_word(f"w{n}", ID=f"w{n}") for n in range(1, 5))))
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
    assert resolve(href, "x/i_mets.xml", {"x/1.xml", "x/text/a b.xml", "y/1.xml"}) == wanted


def test_h50_an_address_outside_is_a_missing_page() -> None:
    found = _read("page", _issue(_mets({"F1": "http://10.0.0.1/1.xml", "F2": "2.xml"}, "")))
    assert reasons(found) == ["page_missing"]
    assert [record.source_record_id for record in records(found)] == ["x/i/2"]


def test_files_are_grouped_by_their_names_alone() -> None:
    names = [
        *("a/0002647_18240217_mets.xml", "a/0002647_18240217_0001.xml", "a/0002647_18240218_mets.xml"),
        *("a/0002647_18240218_0001.xml", "a/other.xml", "b/i-mets.xml", "b/text/1.xml", "b/text/2.xml"),
        *("c/mets.xml", "c/1.xml", "d/1.xml", "d/1_2.xml", "symmetry.xml"),
    ]
    assert group_issues(names[::-1]) == {
        "a/0002647_18240217_mets.xml": ["a/0002647_18240217_mets.xml", "a/0002647_18240217_0001.xml"],
        "a/0002647_18240218_mets.xml": ["a/0002647_18240218_mets.xml", "a/0002647_18240218_0001.xml"],
        "a/other.xml": ["a/other.xml"],
        "b/i-mets.xml": ["b/i-mets.xml", "b/text/1.xml", "b/text/2.xml"],
        "c/mets.xml": ["c/mets.xml", "c/1.xml"],
        "d/1.xml": ["d/1.xml"],
        "d/1_2.xml": ["d/1_2.xml"],
        "symmetry.xml": ["symmetry.xml"],
    }


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
        assert reasons(read_one(reader(type="mets_alto", rows=rows), "p.xml", _alto(""))) == ["mets_missing"]


def test_other_xml_beside_the_pages_is_told_and_not_rejected() -> None:
    found = read_one(PAGE, "didl.xml", b"<didl/>")
    assert [one.filled for one in unmapped(found)] == [{"XML files that are neither METS nor ALTO": 1}]
    assert len(found) == 1


def test_what_is_called_mets_and_is_none() -> None:
    assert reasons(read_one(PAGE, "mets.xml", b"<a/>")) == ["not_mets"]
    assert reasons(read_one(PAGE, "mets.xml", b"<mets>")) == ["xml_cut"]


def test_it_reads_text_only() -> None:
    with pytest.raises(ValidationError, match="reads text"):
        reader(type="mets_alto", modality="image")


def test_only_the_chosen_files_make_bundles() -> None:
    items = {name: item(name, _alto(_block("b", A))) for name in ("a_alto.xml", "a_text.xml")}
    found = read(reader(type="mets_alto", files="*_alto.xml"), items)
    assert [record.source_record_id for record in records(found)] == ["a_alto"]
