"""Of several descriptions the original's counts: who printed it and when, not who scanned it."""

import pytest

from biglam_pipeline.records import Bundle
from biglam_pipeline_tests.normalize.bundles import item, read, reader, real_folder, records
from biglam_pipeline_tests.normalize.formats.mets_alto.made import Outcome, area, div, fptr, group, mets, mods, page

FIRM = "<m:publisher>CCS Content Conversion Specialists GmbH</m:publisher>"
PRINT = "<m:titleInfo><m:title>Vossische Zeitung</m:title></m:titleInfo>"
PRINTED = (
    f"{PRINT}<m:originInfo><m:dateIssued>1924-05-02</m:dateIssued><m:publisher>Ullstein</m:publisher></m:originInfo>"
)
SCANNED = f'{PRINT}<m:originInfo><m:dateCreated keyDate="yes">2008-10-02</m:dateCreated>{FIRM}</m:originInfo>'


def _values(described: str, root: str = "", *, logical: str = "", rows: str = "page") -> dict[str, object]:
    structure = div(div(fptr("A")), type_="Newspaper", **({"DMDID": root} if root else {}))
    maps = [("PHYSICAL", structure), *([("LOGICAL", logical)] if logical else [])]
    made = mets(group(("A", "a.xml")), *maps, described=described)
    values = Outcome({"m.xml": made, "a.xml": page("x")}, rows).records[0].values
    return {name: values.get(name) for name in ("date_raw", "publisher", "publication_place") if values.get(name)}


WANTED = {"date_raw": ["1924-05-02"], "publisher": "Ullstein"}


@pytest.mark.parametrize("order", ["P E", "E P"])
@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("MODSMD_PRINT", ""), ("MODSMD_ELEC", "")),  # docWorks
        (("P1", "Bibliographic meta-data of the printed version"), ("E1", "… of the electronic version")),
        (("P1", ""), ("E1", "")),  # only dateCreated beside dateIssued tells them apart
    ],
)
def test_of_two_mods_of_one_division_the_print_counts(order: str, one: tuple[str, str], other: tuple[str, str]) -> None:
    sections = {"P": mods(one[0], PRINTED, one[1]), "E": mods(other[0], SCANNED, other[1])}
    names = {"P": one[0], "E": other[0]}
    found = _values("".join(sections[key] for key in order.split()), " ".join(names[key] for key in order.split()))
    assert found == WANTED


def test_where_the_print_names_no_publisher_nobody_is_put_in_its_place() -> None:
    """As at SBB: the firm that scanned it is not the publisher, also where it is the only one that is named."""
    described = mods("MODSMD_PRINT", PRINT) + mods("MODSMD_ELEC", SCANNED)
    assert _values(described, "MODSMD_ELEC MODSMD_PRINT") == {}
    assert _values(mods("MODSMD_ELEC", SCANNED), "MODSMD_ELEC") == {}


def test_the_logical_structure_speaks_before_the_physical() -> None:
    other = PRINTED.replace("Ullstein", "Another")
    logical = div(type_="ISSUE", DMDID="L")
    assert _values(mods("X", other) + mods("L", PRINTED), "X", logical=logical) == WANTED


@pytest.mark.parametrize(
    "scan",
    [
        f'<m:originInfo eventType="digitization"><m:dateCaptured>2015</m:dateCaptured>{FIRM}</m:originInfo>',  # DFG
        f'<m:originInfo eventType="digitisation"><m:dateIssued>2015</m:dateIssued>{FIRM}</m:originInfo>',
        f'<m:originInfo eventType="reproduction"><m:dateIssued>2015</m:dateIssued>{FIRM}</m:originInfo>',
        f"<m:originInfo><m:edition>[Electronic ed.]</m:edition>{FIRM}</m:originInfo>",  # Goobi and Kitodo until 2.x
        f"<m:originInfo><m:dateCaptured>2015</m:dateCaptured>{FIRM}</m:originInfo>",  # MODS: dateCaptured
    ],
)
@pytest.mark.parametrize("first", [True, False])
def test_of_two_origins_in_one_mods_the_print_counts(scan: str, first: bool) -> None:
    body = f"{scan}{PRINTED}" if first else f"{PRINTED}{scan}"
    assert _values(mods("D", body), "D") == WANTED
    assert _values(mods("D", PRINT + scan), "D") == {}


def test_an_original_that_is_described_as_a_related_item() -> None:
    """MODS: `relatedItem type="original"`; where it only says where the original is kept, the record's own counts."""
    own = "<m:originInfo><m:dateIssued>2015</m:dateIssued><m:publisher>Gale</m:publisher></m:originInfo>"
    original = f'<m:relatedItem type="original">{PRINTED}</m:relatedItem>'
    assert _values(mods("D", PRINT + own + original), "D") == WANTED
    kept = '<m:relatedItem type="original"><m:location><m:url>https://example.org</m:url></m:location></m:relatedItem>'
    assert _values(mods("D", PRINTED + kept), "D") == WANTED
    series = own.replace("Gale", "Series").join(('<m:relatedItem type="series">', "</m:relatedItem>"))
    assert _values(mods("D", PRINTED + series), "D") == WANTED


def test_a_real_issue_of_the_berlin_state_library() -> None:
    """ZEFYS, 1924: its METS gives the firm a MODS of its own, first in the list; its pages are not here."""
    files = real_folder("mets/sbb-mods4pandas/zefys-examples", "*.xml")
    (name,) = files
    with files[name].open() as stream:
        data = stream.read()
    pages = {f"1924-05-02-_0208_1-ALTO{n:05d}.xml": page(f"p{n}") for n in range(1, 15)}
    found = Outcome({name: data, **pages})
    assert (len(found.records), found.rejects) == (14, [])
    assert {one.values.get("publisher") for one in found.records} <= {None}
    assert {tuple(one.values["date_raw"]) for one in found.records} <= {("ca. 02.05.1924",)}


DC = (
    '<dmdSec ID="{}"><mdWrap MDTYPE="DC"><xmlData><s:spar_dc xmlns:s="http://bibnum.bnf.fr/ns/spar_dc" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/">{}</s:spar_dc></xmlData></mdWrap></dmdSec>'
)
ISSUE_DC = (
    "<dc:title>1910-11-16 (Numéro 1)</dc:title><dc:type>periodical</dc:type><dc:date>1910-11-16</dc:date>"
    "<dc:publisher>Lafitte</dc:publisher><dc:language>fr</dc:language><dc:identifier>ark:/1/2</dc:identifier>"
    "<dc:description>Numéro 1</dc:description><dc:rights>In copyright</dc:rights>"
)


@pytest.mark.parametrize(("type_", "rows"), [("ISSUE", "page"), ("group", "page"), ("ISSUE", "article")])
def test_dublin_core_speaks_where_no_mods_does(type_: str, rows: str) -> None:
    """BnF: the table of contents has an ISSUE, the manifest a `group` (SPAR), and both are described by `spar_dc`."""
    article = div(area("A", "B1"), type_="ARTICLE", ID="a1", LABEL="Notre Programme")
    inner = div(div(fptr("A")) if rows == "page" else article, type_=type_, DMDID="D")
    maps = [("LOGICAL" if rows == "article" else "PHYSICAL", div(inner, type_="set"))]
    maps += [("PHYSICAL", div(div(fptr("A"))))] if rows == "article" else []
    made = mets(group(("A", "a.xml")), *maps, described=DC.format("D", ISSUE_DC))
    (one,) = Outcome({"m.xml": made, "a.xml": page("x")}, rows).records
    said = {name: one.values.get(name) for name in ("date_raw", "publisher", "rights_raw", "description", "genres")}
    assert said | {"genres": None} == {
        "date_raw": ["1910-11-16"],
        "publisher": "Lafitte",
        "rights_raw": ["In copyright"],
        "description": None,
        "genres": None,
    }
    assert one.values["languages"] == ["fr"]
    title, name = ("title", ["ark:/1/2"]) if rows == "page" else ("collection", None)
    assert (one.values[title], one.values.get("identifiers")) == ("1910-11-16 (Numéro 1)", name)


@pytest.mark.parametrize("order", ["D M", "M D"])
def test_dublin_core_beside_mods_fills_what_this_leaves_open(order: str) -> None:
    """DSpace writes both of a division; a MODS with signs of a scan is not held against Dublin Core, which has none."""
    other = "<dc:date>2008</dc:date><dc:publisher>Repository</dc:publisher><dc:creator>Somebody</dc:creator>"
    created = PRINT + "<m:originInfo><m:dateCreated>1924</m:dateCreated></m:originInfo>"
    made = mets(
        group(("A", "a.xml")),
        ("PHYSICAL", div(div(fptr("A")), type_="issue", DMDID=order)),
        described=DC.format("D", other) + mods("M", created),
    )
    (one,) = Outcome({"m.xml": made, "a.xml": page("x")}).records
    said = [one.values.get(name) for name in ("title", "date_raw", "publisher", "creators")]
    assert said == ["Vossische Zeitung", ["1924"], "Repository", ["Somebody"]]


SHUT = '<m:accessCondition type="restriction on access">Restricted</m:accessCondition>'


@pytest.mark.parametrize("rows", ["page", "block", "line", "issue"])
@pytest.mark.parametrize("where", ["SECTION", "page", "ILLUSTRATION", "nowhere"])
def test_what_a_division_says_of_rights_closes_what_holds_its_words(where: str, rows: str) -> None:
    """A section, a picture in an article and a page may have a description of their own, and rights in it."""
    closed = {"DMDID": "R"}
    article = div(
        div(area("A", "B1"), type_="ILLUSTRATION", **(closed if where == "ILLUSTRATION" else {})),
        type_="ARTICLE",
        ID="a",
    )
    section = div(article, type_="SECTION", **(closed if where == "SECTION" else {}))
    unplaced = div(type_="CHAPTER", **closed) if where == "nowhere" else ""
    made = mets(
        group(("A", "a.xml")),
        ("LOGICAL", div(section, unplaced, type_="ISSUE")),
        ("PHYSICAL", div(div(fptr("A"), type_="page", **(closed if where == "page" else {})))),
        described=mods("R", SHUT),
    )
    delivered = {"m.xml": made, "a.xml": page("x")}
    assert [one.values.get("access_raw") for one in Outcome(delivered, rows).records] == [["Restricted"]]
    assert [one.values.get("access_raw") for one in Outcome(delivered, "article").records] == [["Restricted"]]


@pytest.mark.parametrize("rows", ["page", "block", "article"])
@pytest.mark.parametrize("first", [True, False])
def test_of_two_mets_of_a_page_either_closes_it(rows: str, first: bool) -> None:
    """As at the BnF, a manifest and a table of contents; a page is made of one, and may be closed by the other."""
    files, physical = group(("A", "a.xml"), ("B", "b.xml")), div(div(fptr("A")), div(fptr("B")))
    article = div(area("A", "B1"), type_="ARTICLE", ID="a", DMDID="R")
    contents = mets(files, ("LOGICAL", div(article)), ("PHYSICAL", physical), described=mods("R", SHUT))
    manifest = mets(files, ("PHYSICAL", physical))
    names = ("1.xml", "2.xml") if first else ("2.xml", "1.xml")
    delivered = {names[0]: contents, names[1]: manifest, "a.xml": page("x"), "b.xml": page("y")}
    said = {one.values["text"]: one.values.get("access_raw") for one in Outcome(delivered, rows).records}
    assert said == {"x": ["Restricted"], **({} if rows == "article" else {"y": None})}


@pytest.mark.parametrize("first", [True, False])
def test_a_manifest_beside_a_table_of_contents_costs_no_reject_and_no_words(first: bool) -> None:
    """BnF: rows are articles, and both METS place the same pages; only one of them names articles."""
    files, physical = group(("A", "a.xml")), div(div(fptr("A")))
    article = div(area("A", "B1"), type_="ARTICLE", ID="a")
    contents = mets(files, ("LOGICAL", div(article)), ("PHYSICAL", physical))
    names = ("1.xml", "2.xml") if first else ("2.xml", "1.xml")
    delivered = {names[0]: contents, names[1]: mets(files, ("PHYSICAL", physical)), "a.xml": page("x", "y z")}
    found = Outcome(delivered, "article")
    assert (found.texts, found.reasons) == (["x"], [])
    assert found.counts == {"words in no article": 1, "pages that stand in another METS too": 1}


def test_a_takedown_takes_the_title_out_of_dublin_core() -> None:
    """And out of any other description of what goes."""
    article = div(area("A", "B1"), type_="ARTICLE", ID="a", DMDID="D")
    made = mets(
        group(("A", "a.xml")),
        ("LOGICAL", div(article)),
        ("PHYSICAL", div(div(fptr("A")))),
        described=DC.format("D", "<dc:title>Secret</dc:title>"),
    )
    files = {name: item(name, data) for name, data in {"m.xml": made, "a.xml": page("x")}.items()}
    reading = reader(type="mets_alto", rows="article")
    found = records(read(reading, files))
    assert [one.values["title"] for one in found] == ["Secret"]
    left = reading.blank(Bundle("b", tuple(files.values())), [(one, "reason") for one in found])
    assert b"Secret" not in b"".join(b"".join(data or ()) for data in left.values())


MARC = (
    '<dmdSec ID="{}"><mdWrap MDTYPE="MARC"><xmlData><record xmlns="http://www.loc.gov/MARC21/slim">'
    '<datafield tag="506" ind1=" " ind2=" "><subfield code="a">Restricted</subfield></datafield></record>'
    "</xmlData></mdWrap></dmdSec>"
)
EMBARGO = DC.format("{}", "<dc:date>info:eu-repo/date/embargoEnd/2999-01-01</dc:date>")


@pytest.mark.parametrize("linked", [True, False])
@pytest.mark.parametrize(
    ("section", "column", "value"),
    [(MARC, "access_raw", ["Restricted"]), (EMBARGO, "rights_until", "2999-01-01")],
)
def test_rights_are_heard_of_a_record_in_any_section(linked: bool, section: str, column: str, value: object) -> None:
    """METS wraps MARC too; of it only the rights are read, and an embargo ends a day, not a statement."""
    made = mets(
        group(("A", "a.xml")),
        ("PHYSICAL", div(div(fptr("A")), type_="issue", DMDID="D" if linked else "")),
        described=section.format("D"),
    )
    (one,) = Outcome({"m.xml": made, "a.xml": page("x")}).records
    assert one.values[column] == value
    if column == "access_raw":
        (one,) = records(read(reader(type="mets"), {"m.mets": item("m.mets", made)}))
        assert one.values[column] == value
