"""Pages by structure: what a division points to makes it a page, whatever a library calls it.

The twins are made after METS of libraries whose files are not among the real ones of the tests; each says whose.
"""

import pytest

from biglam_pipeline_tests.normalize.bundles import alto, block, word
from biglam_pipeline_tests.normalize.formats.mets_alto.made import Outcome, area, div, fptr, group, mets, page

ONE, TWO = page("one", "first"), page("two", "second")
FORMS = "ALTO files that are another form of a page"
PAGES = {"i/alto/1.xml": ONE, "i/alto/2.xml": TWO}
TEXT = group(("A1", "alto/1.xml"), ("A2", "alto/2.xml"), use="Text")
IMAGES = group(("I1", "1.jp2"), ("I2", "2.jp2"), use="Images", media="image/jp2")
WANTED = [("i/m/1", 1, "one\n\nfirst"), ("i/m/2", 2, "two\n\nsecond")]


def _read(files: str, *maps: tuple[str, str], rows: str = "page", **more: bytes) -> Outcome:
    added = {f"i/{name.replace('__', '.').replace('_', '/')}": data for name, data in more.items()}
    return Outcome({"i/m.xml": mets(files, *maps), **PAGES, **added}, rows)


def _two(*types: str) -> str:
    first, second = types or ("page", "page")
    return div(div(fptr("I1"), fptr("A1"), type_=first), div(fptr("A2"), type_=second), type_="book")


@pytest.mark.parametrize("kind", ["PHYSICAL", "physical", "Physical", " physical "])
@pytest.mark.parametrize(
    "types",
    [("TITLE_PAGE", "PAGE"), ("np:page", "np:page"), ("cover", "Seite"), ("colour_checker", "leaf"), ("x" * 99, "")],
)
def test_the_type_of_a_division_says_nothing(kind: str, types: tuple[str, str]) -> None:
    """13 of 237 pages of a book vanished because their division was not called `page`."""
    found = _read(IMAGES + TEXT, (kind, _two(*types)))
    assert found.rows == WANTED
    assert not found.rejects
    assert not found.counts


def test_chronicling_america_groups_files_by_page_and_types_no_map() -> None:
    """The National Digital Newspaper Program: a file group for each page, no media type, `np:section` in between."""
    one_file = '<file ID="{}" USE="{}"><FLocat LOCTYPE="OTHER" OTHERLOCTYPE="file" xlink:href="./{}"/></file>'
    files = "".join(
        f'<fileGrp ID="pageFileGrp{n}">{one_file.format(f"masterFile{n}", "master", f"000{n}.tif")}'
        f"{one_file.format(f'ocrFile{n}', 'ocr', f'000{n}.xml')}</fileGrp>"
        for n in (1, 2, 3)
    )
    pages = [div(fptr(f"masterFile{n}"), fptr(f"ocrFile{n}"), type_="np:page") for n in (1, 2, 3)]
    structure = div(div(*pages[:2], type_="np:section"), pages[2], type_="np:issue", DMDID="issueModsBib")
    made = mets(files, ("", structure))
    folder = "sn84026749/00280658345/1905010101"
    found = Outcome({f"{folder}/1905010101.xml": made} | {f"{folder}/000{n}.xml": page(f"p{n}") for n in (1, 2, 3)})
    assert found.rows == [(f"{folder}/000{n}", n, f"p{n}") for n in (1, 2, 3)]
    assert not found.rejects
    assert not found.counts


def test_a_reel_and_its_issues_make_each_page_once() -> None:
    """NDNP again: the METS of a reel lies above those of its issues; some deliveries list all pages in it."""
    reel = mets(
        group(("R1", "9/1.xml"), ("R2", "9/2.xml"), ("R3", "target.xml")),
        ("", div(*(div(fptr(name)) for name in ("R3", "R1", "R2")))),
    )
    issue = mets(group(("A1", "1.xml"), ("A2", "2.xml")), ("", _two()))
    found = Outcome(
        {"r/reel.xml": reel, "r/9/9.xml": issue, "r/9/1.xml": ONE, "r/9/2.xml": TWO, "r/target.xml": page("chart")}
    )
    assert found.rows == [
        ("r/9/1", 1, "one\n\nfirst"),
        ("r/9/2", 2, "two\n\nsecond"),
        ("r/reel/target", 1, "chart"),
    ]
    assert found.counts == {"pages that stand in another METS too": 2}


def test_wellcome_has_many_mets_and_one_folder_of_pages() -> None:
    """Goobi at Wellcome: a METS a volume (`b123_0001.xml`), all pages in `alto/`; some divisions have no TYPE."""
    files: dict[str, bytes] = {}
    for volume in ("0001", "0002"):
        objects = group(("O", f"objects/b1_{volume}_0001.jp2"), use="OBJECTS", media="image/jp2")
        texts = group(("T1", f"alto/b1_{volume}_0001.xml"), use="ALTO", media="application/xml")
        structure = div(div(fptr("O"), fptr("T1"), ID="PHYS_0001"), type_="physSequence")
        files[f"b1/b1_{volume}.xml"] = mets(objects + texts, ("PHYSICAL", structure))
        files[f"b1/alto/b1_{volume}_0001.xml"] = page(volume)
    files["b1/b1.xml"] = mets(
        group(("M1", "b1_0001.xml"), ("M2", "b1_0002.xml")), ("LOGICAL", div(fptr("M1"), type_="MultipleManifestation"))
    )
    found = Outcome(files)
    assert found.rows == [("b1/b1_0001/b1_0001_0001", 1, "0001"), ("b1/b1_0002/b1_0002_0001", 1, "0002")]
    assert not found.rejects
    assert found.counts == {"METS that name no page in ALTO": 1, "files that METS names and that are no ALTO: mets": 2}


def test_transkribus_nests_groups_and_calls_its_map_a_manuscript() -> None:
    """Transkribus: MASTER holds IMG, PAGEXML and ALTO; `structMap TYPE="MANUSCRIPT"`, `SINGLE_PAGE`, areas in fptr."""
    files = (
        f'<fileGrp ID="MASTER">{group(("IMG_1", "1.jpg"), media="image/jpeg", name="IMG")}'
        f"{group(('PAGEXML_1', 'page/1.xml'), name='PAGEXML', media='application/xml')}"
        f"{group(('ALTO_1', 'alto/1.xml'), name='ALTO', media='application/xml')}</fileGrp>"
    )
    structure = div(div(area("IMG_1"), area("PAGEXML_1"), area("ALTO_1"), type_="SINGLE_PAGE"), type_="MANUSCRIPT")
    found = _read(files, ("MANUSCRIPT", structure), page_1__xml=b'<PcGts xmlns="http://schema.primaresearch.org/x"/>')
    assert found.rows == [("i/alto/2", None, "two\n\nsecond"), ("i/m/1", 1, "one\n\nfirst")]
    assert found.counts == {"files that METS names and that are no ALTO: pcgts": 1}


def test_dfg_viewer_addresses_are_those_the_files_were_fetched_from() -> None:
    """Kitodo, SLUB, SBB, Göttingen: hrefs are web addresses, FULLTEXT beside DEFAULT and THUMBS."""
    fulltext = group(
        *((f"F{n}", f"https://example.org/i/alto/{n}.xml") for n in (1, 2)),
        use="FULLTEXT",
        media="application/alto+xml",
    )
    default = group(*((f"D{n}", f"https://example.org/i/{n}.jpg") for n in (1, 2)), use="DEFAULT", media="image/jpeg")
    structure = div(*(div(fptr(f"D{n}"), fptr(f"F{n}"), type_="page") for n in (1, 2)), type_="physSequence")
    found = _read(default + fulltext, ("LOGICAL", div(type_="monograph")), ("PHYSICAL", structure))
    assert found.rows == WANTED


def test_the_national_library_of_finland_keeps_mets_and_pages_in_sibling_folders() -> None:
    made = mets(
        group(("ALTO00001", "file://./alto/1.xml"), ("ALTO00002", "file://./alto/2.xml"), name="ALTOGRP"),
        ("PHYSICAL", div(div(area("ALTO00001", "P1"), type_="PAGE"), div(area("ALTO00002", "P1"), type_="PAGE"))),
    )
    found = Outcome({"i/mets/1457-4683_mets.xml": made, **PAGES})
    assert found.rows == [("i/mets/1457-4683/1", 1, "one\n\nfirst"), ("i/mets/1457-4683/2", 2, "two\n\nsecond")]
    assert not found.rejects


@pytest.mark.parametrize(
    "name", ["PPN4711.xml", "PPN4711.XML", "PPN4711", "PPN4711.mets", "b22012692.METS", "export.0001", "alto.xml"]
)
def test_a_mets_is_known_by_its_root(name: str) -> None:
    found = Outcome({f"i/{name}": mets(TEXT, ("PHYSICAL", _two())), **PAGES})
    assert [(number, text) for _, number, text in found.rows] == [(1, "one\n\nfirst"), (2, "two\n\nsecond")]
    assert not found.rejects


def test_pages_are_known_by_their_content_and_not_by_name_or_media_type() -> None:
    """`image/jpeg` for a page, no type at all, and files without an extension."""
    odd = group(("A1", "p/1"), use="x", media="image/jpeg") + group(("A2", "p/2.alto"), use="y", media="")
    found = Outcome(
        {"i/m.xml": mets(odd, ("PHYSICAL", _two())), "i/p/1": ONE, "i/p/2.alto": TWO, "i/p/notes": b"no XML"}
    )
    assert [(number, text) for _, number, text in found.rows] == [(1, "one\n\nfirst"), (2, "two\n\nsecond")]


def test_the_outermost_division_that_points_to_one_file_is_the_page() -> None:
    """Page areas and columns inside make no pages of their own; nor does a second division of the same file."""
    inner = div(
        div(area("A1", "B1"), type_="pagearea"), div(div(area("A1", "B2"), type_="column"), type_="page"), type_="leaf"
    )
    parted = '<fptr><par><area FILEID="I2"/><seq><area FILEID="A2" BEGIN="B2"/><area FILEID="A2"/></seq></par></fptr>'
    structure = div(inner, div(parted, type_="double page"), div(fptr("A1"), type_="supplement"), type_="volume")
    assert _read(IMAGES + TEXT, ("physical", structure)).rows == WANTED


def test_a_page_that_holds_another_page() -> None:
    """A leaf that was pasted in: the outer division is the page of the file that it points to itself."""
    structure = div(div(fptr("A1"), div(fptr("A2"), type_="insert"), type_="page"), type_="book")
    assert _read(TEXT, ("PHYSICAL", structure)).rows == WANTED


def test_one_page_is_all_of_the_issue() -> None:
    found = _read(group(("A1", "alto/1.xml")), ("PHYSICAL", div(div(fptr("A1"), type_="page"))))
    assert found.rows == [("i/alto/2", None, "two\n\nsecond"), WANTED[0]], "the other is named by no METS"


def test_logical_divisions_make_no_pages() -> None:
    """An article that stands on one page is no page, also where no map is physical: pages are then as listed."""
    logical = div(div(area("A2", "B1"), type_="ARTICLE"), div(fptr("A1"), type_="CHAPTER"), type_="ISSUE")
    assert _read(TEXT, ("LOGICAL", logical)).rows == WANTED
    assert _read(TEXT, ("logical", logical), ("Physical", _two())).rows == WANTED


def test_of_maps_that_are_not_called_physical_the_one_that_names_whole_files() -> None:
    other = div(div(area("A2", "B1")), div(area("A1", "B1")), type_="x")
    for maps in ([("", other), ("", _two())], [("MIXED", _two()), ("layout", other)]):
        assert _read(TEXT, *maps).rows == WANTED


def test_a_physical_map_that_names_pictures_only_leaves_the_pages_to_another() -> None:
    pictures = div(div(fptr("I1")), div(fptr("I2")))
    assert _read(IMAGES + TEXT, ("PHYSICAL", pictures), ("RelatedObjects", _two())).rows == WANTED


def test_a_physical_map_in_two_parts() -> None:
    found = _read(TEXT, ("PHYSICAL", div(div(fptr("A1")))), ("PHYSICAL", div(div(fptr("A2")))))
    assert found.rows == WANTED


def test_a_physical_map_for_each_file_group() -> None:
    second = group(("Z1", "v3/1.xml"), ("Z2", "v3/2.xml"), use="v3")
    maps = [("PHYSICAL", div(div(fptr("A1")), div(fptr("A2")))), ("PHYSICAL", div(div(fptr("Z1")), div(fptr("Z2"))))]
    found = Outcome({"i/m.xml": mets(TEXT + second, *maps), **PAGES, **SECOND})
    assert (found.rows, found.counts) == (WANTED, {FORMS: 2})


@pytest.mark.parametrize("rows", ["page", "issue", "article"])
def test_a_page_that_no_division_places(rows: str) -> None:
    """Rejected where pages or issues are read; counted with its words where articles are: blank pages are honest."""
    logical = div(div(area("A1", "B1"), type_="ARTICLE", ID="a"), type_="ISSUE")
    found = _read(TEXT, ("PHYSICAL", div(div(fptr("A1"), type_="page"))), ("LOGICAL", logical), rows=rows)
    if rows == "article":
        assert not found.rejects
        assert found.counts == {"words in no article": 3, "pages that no article uses": 1}
    else:
        assert found.reasons == ["page_unused"]
        assert found.rejects[0].item == "i/alto/2.xml"
        assert found.texts == ["one first"]


SECOND = {"i/v3/1.xml": ONE, "i/v3/2.xml": page("two", "otherwise")}
BOTH = div(*(div(fptr(f"A{n}"), fptr(f"Z{n}"), type_="page") for n in (1, 2)))


@pytest.mark.parametrize("rows", ["page", "issue"])
@pytest.mark.parametrize("use", ["Text", "FULLTEXT", ""])
@pytest.mark.parametrize("first", [True, False])
def test_a_second_file_group_of_the_same_pages_is_counted(rows: str, use: str, first: bool) -> None:
    second = group(("Z1", "v3/1.xml"), ("Z2", "v3/2.xml"), use=use, name="V3")
    files = TEXT + second if first else second + TEXT
    found = Outcome({"i/m.xml": mets(files, ("PHYSICAL", BOTH)), **PAGES, **SECOND}, rows)
    assert not found.rejects
    assert found.counts == {FORMS: 2}
    last = "second" if first else "otherwise"
    assert " ".join(found.texts) == f"one first two {last}"
    assert [name for name, _, _ in found.rows] == (["i/m/1", "i/m/2"] if rows == "page" else ["i/m"])


def test_a_second_group_of_which_one_file_fills_a_gap() -> None:
    """Of the forms of a page one that can be read is enough."""
    second = group(("Z1", "v3/1.xml"), ("Z2", "v3/2.xml"), use="v3")
    files = {"i/m.xml": mets(TEXT + second, ("PHYSICAL", BOTH)), "i/alto/1.xml": ONE, **SECOND}
    found = Outcome(files)
    assert found.texts == ["one first", "two otherwise"]
    assert not found.rejects
    assert found.counts == {FORMS: 1, "XML files that METS names and that are not here": 1}


def test_a_second_group_that_is_not_here_is_counted() -> None:
    second = group(("Z1", "v3/1.xml"), ("Z2", "v3/2.xml"), use="v3")
    found = _read(TEXT + second, ("PHYSICAL", BOTH))
    assert found.rows == WANTED
    assert not found.rejects
    assert found.counts == {"XML files that METS names and that are not here": 2}


def test_a_second_group_that_no_division_names_is_known_by_groupid_or_by_its_words() -> None:
    kin = TEXT.replace('ID="A1"', 'ID="A1" GROUPID="1"').replace('ID="A2"', 'ID="A2" GROUPID="2"')
    second = group(("Z1", "v3/1.xml"), ("Z2", "v3/2.xml"), use="v3")
    named = second.replace('ID="Z2"', 'ID="Z2" GROUPID="2"')
    found = Outcome({"i/m.xml": mets(kin + named, ("PHYSICAL", _two())), **PAGES, **SECOND})
    assert found.counts == {FORMS: 2}
    assert not found.rejects
    found = Outcome({"i/m.xml": mets(TEXT + second, ("PHYSICAL", _two())), **PAGES, **SECOND})
    assert (found.counts, found.reasons) == ({FORMS: 1}, ["page_unused"])


def test_a_division_that_lists_all_files_of_one_group_is_no_page() -> None:
    """Nobody knows where a page ends: each is rejected, none is taken for another form of the first."""
    structure = div(fptr("A1"), fptr("A2"), type_="book")
    assert _read(TEXT, ("PHYSICAL", structure)).rows == WANTED, "no page is placed, so that the list is all there is"
    third = group(("A1", "alto/1.xml"), ("A2", "alto/2.xml"), ("A3", "3.xml"), use="Text")
    placed = div(div(fptr("A3")), div(fptr("A1"), fptr("A2"), type_="chapter"), type_="book")
    found = _read(third, ("PHYSICAL", placed), **{"3__xml": page("three")})
    assert found.texts == ["three"]
    assert found.reasons == ["page_unused", "page_unused"]


def test_two_names_of_one_file_are_one_page() -> None:
    twice = group(("A1", "alto/1.xml"), ("B1", "./alto/1.xml"), ("A2", "alto/2.xml"))
    structure = div(div(fptr("A1")), div(fptr("B1")), div(fptr("A2")))
    found = _read(twice, ("PHYSICAL", structure))
    assert found.rows == WANTED


def test_pages_of_one_name_in_folders_of_their_own() -> None:
    """Each page is `page.xml`, in a folder that is numbered."""
    files = group(("A1", "1/page.xml"), ("A2", "2/page.xml"))
    found = Outcome({"i/m.xml": mets(files, ("PHYSICAL", _two())), "i/1/page.xml": ONE, "i/2/page.xml": TWO})
    assert [name for name, _, _ in found.rows] == ["i/m/1/page", "i/m/2/page"]
    files = group(("A1", "1.xml"), ("A2", "1.alto"))
    found = Outcome({"i/m.xml": mets(files, ("PHYSICAL", _two())), "i/1.xml": ONE, "i/1.alto": TWO})
    assert [name for name, _, _ in found.rows] == ["i/m/1.xml", "i/m/1.alto"]
    files = group(("A1", "1/page.xml"), ("A2", "2/page.xml"))
    found = Outcome({"i/m.xml": mets(files, ("PHYSICAL", _two())), "i/2/page.xml": TWO})
    assert [name for name, _, _ in found.rows] == ["i/m/2/page"], "a name does not depend on what came"


@pytest.mark.parametrize("rows", ["page", "issue", "article"])
def test_a_page_that_is_not_here(rows: str) -> None:
    logical = div(div(area("A1", "B1"), type_="ARTICLE", ID="a"), div(area("A1", "B2"), area("A2"), type_="AD", ID="b"))
    made = mets(TEXT, ("PHYSICAL", _two()), ("LOGICAL", logical))
    found = Outcome({"i/m.xml": made, "i/alto/1.xml": ONE}, rows)
    assert set(found.reasons) == {"page_missing"}
    assert found.texts == {"page": ["one first"], "issue": [], "article": ["one"]}[rows]


@pytest.mark.parametrize(
    ("pointer", "reason"),
    [
        (area("A1", "B2") + area("NOWHERE"), "page_missing"),
        (area("A1") + fptr("NOWHERE"), "page_missing"),
        (area("A1") + fptr(""), "page_missing"),
        (area("A1") + "<fptr/>", "page_missing"),
        (area("A1") + '<fptr><area BEGIN="B1"/></fptr>', "page_missing"),
        (f"<div TYPE='TEXT'>{area('A1')}<div TYPE='PARAGRAPH'>{area('A2', 'B9')}</div></div>", "block_missing"),
        (area("A1", "B1", "B9"), "block_missing"),
        (area("A1", "B2", "B1"), "block_missing"),
        ('<fptr><area FILEID="A1" SHAPE="RECT" COORDS="0,0,9,9"/></fptr>', "block_missing"),
        ('<fptr><area FILEID="A1" BETYPE="BYTE" BEGIN="12" END="99"/></fptr>', "block_missing"),
    ],
)
def test_no_article_is_read_in_part(pointer: str, reason: str) -> None:
    """An area whose FILEID, file or place is not there rejects the article, by whatever way it was named."""
    logical = div(div(pointer, type_="ARTICLE", ID="a"), div(area("A2", "B1"), type_="ARTICLE", ID="b"))
    found = _read(TEXT, ("PHYSICAL", _two()), ("LOGICAL", logical), rows="article")
    assert found.reasons == [reason]
    assert found.rejects[0].position == "a"
    assert found.texts == ["two"]


def test_pictures_of_an_article_are_no_part_of_its_text() -> None:
    both = '<fptr><par><area FILEID="I1" SHAPE="RECT" COORDS="0,0,9,9"/><area FILEID="A1" BEGIN="B1"/></par></fptr>'
    logical = div(div(both, area("I2"), type_="article", ID="a"))
    assert _read(IMAGES + TEXT, ("PHYSICAL", _two()), ("LOGICAL", logical), rows="article").texts == ["one"]


def test_an_article_on_both_forms_of_a_page_has_its_words_once() -> None:
    second = group(("Z1", "v3/1.xml"), ("Z2", "v3/2.xml"), use="v3")
    logical = div(div(area("A1", "B1"), area("Z1", "B1"), area("A1", "B1", "B1"), type_="article", ID="a"))
    made = mets(TEXT + second, ("PHYSICAL", BOTH), ("LOGICAL", logical))
    found = Outcome({"i/m.xml": made, **PAGES, **SECOND}, "article")
    assert found.texts == ["one"]
    assert found.counts == {FORMS: 2, "words in no article": 3, "pages that no article uses": 1}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (ONE[:-20], "xml_cut"),
        (b"<!DOCTYPE html><html/>", "not_xml"),
        (b"nothing", "not_xml"),
        (b"<error/>", "not_alto"),
    ],
)
def test_what_stands_in_the_place_of_a_page(data: bytes, reason: str) -> None:
    """A page that is no page by its content is rejected with the reason, and an issue without it too."""
    assert _read(TEXT, ("PHYSICAL", _two()), alto_1__xml=data).reasons == [reason]
    assert _read(TEXT, ("PHYSICAL", _two()), alto_1__xml=data, rows="issue").reasons == [reason, "page_missing"]


def test_files_of_another_kind_are_counted() -> None:
    tei = group(("T1", "tei.xml"), use="TEI")
    found = _read(TEXT + tei, ("PHYSICAL", div(fptr("T1"), div(fptr("A1")), div(fptr("A2")))), tei__xml=b"<TEI/>")
    assert found.rows == WANTED
    assert found.counts == {"files that METS names and that are no ALTO: tei": 1}


def test_a_page_that_stands_in_the_mets_itself() -> None:
    content = f"<FContent><xmlData>{ONE.decode()}</xmlData></FContent>"
    inside = f'<fileGrp USE="Text"><file ID="A3" MIMETYPE="text/xml">{content}</file></fileGrp>'
    found = _read(TEXT + inside, ("PHYSICAL", div(div(fptr("A1")), div(fptr("A2")), div(fptr("A3")))))
    assert found.reasons == ["page_embedded"]
    assert found.rows == WANTED


def test_a_mets_of_pictures_alone() -> None:
    structure = div(div(fptr("I1")), div(fptr("I2")))
    found = Outcome({"m.xml": mets(IMAGES, ("PHYSICAL", structure))})
    assert (found.counts, found.found[:-1]) == ({"METS that name no page in ALTO": 1}, [])
    assert Outcome({"m.xml": mets(IMAGES, ("PHYSICAL", structure))}, "issue").reasons == ["page_missing"]


def test_mets_2() -> None:
    """METS 2: LOCREF, MDID, structSec."""
    described = "<m:mods><m:titleInfo><m:title>T</m:title></m:titleInfo></m:mods>"
    files = "".join(f'<file ID="A{n}"><FLocat LOCREF="alto/{n}.xml"/></file>' for n in (1, 2))
    made = (
        '<mets xmlns="http://www.loc.gov/METS/v2" xmlns:m="http://www.loc.gov/mods/v3"><mdSec><mdGrp>'
        f'<md ID="D"><mdWrap><xmlData>{described}</xmlData></mdWrap></md></mdGrp></mdSec>'
        f'<fileSec><fileGrp>{files}</fileGrp></fileSec><structSec><structMap TYPE="physical">'
        f'<div MDID="D">{div(fptr("A1"))}{div(fptr("A2"))}</div></structMap></structSec></mets>'
    )
    found = Outcome({"i/m.xml": made.encode(), **PAGES})
    assert found.rows == WANTED
    assert found.records[0].values["title"] == "T"


def test_a_page_in_two_columns_is_read_in_its_own_order() -> None:
    """An issue is its pages in the order of the structure, not of the file section."""
    structure = div(div(fptr("A2")), div(fptr("A1")))
    found = _read(TEXT, ("PHYSICAL", structure), rows="issue", alto_2__xml=alto(block("B", word("cover"))))
    assert found.texts == ["cover one first"]


def test_pages_and_articles_in_one_map() -> None:
    """A map without TYPE that holds both: a piece of a page makes no page where the page is named whole."""
    article = div(area("A2", "B1"), type_="Article", ID="a")
    structure = div(article, div(fptr("A1"), type_="page"), div(fptr("A2"), type_="page"))
    assert _read(TEXT, ("", structure)).rows == WANTED
    assert _read(TEXT, ("", structure), rows="article").texts == ["two"]


def test_the_order_of_pages_is_the_one_that_mets_numbers() -> None:
    """`div/@ORDER`, where each division beside it has one; else as they stand."""
    numbered = div(div(fptr("A2"), ORDER="10"), div(fptr("A1"), ORDER="9"))
    assert _read(TEXT, ("PHYSICAL", numbered)).rows == WANTED
    for orders in (("1", "1"), ("2", ""), ("2", "i"), ("2", "-1")):
        unclear = div(div(fptr("A1"), ORDER=orders[0]), div(fptr("A2"), ORDER=orders[1]))
        assert _read(TEXT, ("PHYSICAL", unclear)).rows == WANTED


def test_one_group_that_holds_alto_and_another_format() -> None:
    """PAGE and ALTO of a page in one group without a USE: told apart by content, or counted where they are not here."""
    files = group(("X1", "page/1.xml"), ("A1", "alto/1.xml"), ("X2", "page/2.xml"), ("A2", "alto/2.xml"))
    both = div(*(div(fptr(f"X{n}"), fptr(f"A{n}")) for n in (1, 2)))
    found = _read(files, ("PHYSICAL", both), page_1__xml=b"<PcGts/>", page_2__xml=b"<PcGts/>")
    assert (found.rows, found.counts) == (WANTED, {"files that METS names and that are no ALTO: pcgts": 2})
    found = _read(files, ("PHYSICAL", both))
    assert (found.rows, found.counts) == (WANTED, {"XML files that METS names and that are not here": 2})
    alone = div(div(fptr("X1")), div(fptr("A2")))
    found = _read(files, ("PHYSICAL", alone), page_1__xml=b"<PcGts/>")
    assert sorted(found.reasons) == ["not_alto", "page_missing", "page_unused"]
    assert found.texts == ["two second"]


def test_a_file_with_two_addresses() -> None:
    twice = group(("A1", "https://example.org/gone.xml"), ("A2", "alto/2.xml"))
    twice = twice.replace('gone.xml"/>', 'gone.xml"/><FLocat LOCTYPE="OTHER" xlink:href="alto/1.xml"/>')
    assert _read(twice, ("PHYSICAL", _two())).rows == WANTED


def test_a_chronicling_america_article_has_a_prefix_too() -> None:
    logical = div(div(area("A1", "B1"), type_="np:article", ID="a"), type_="np:issue")
    assert _read(TEXT, ("PHYSICAL", _two()), ("LOGICAL", logical), rows="article").texts == ["one"]
