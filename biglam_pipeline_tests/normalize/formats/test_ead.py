"""EAD 2002 and EAD3: the collection and its components in columns, with what they inherit, and nothing internal."""

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from biglam_pipeline.normalize.formats.ead import Ead, kind
from biglam_pipeline.records import Bundle, Item, Record
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    deleted,
    item,
    read,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
    rejects,
    unmapped,
)
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, take_out

HEADER = """<eadheader><eadid url="https://a.org/aid/7">us-7</eadid><filedesc><titlestmt><titleproper>Guide
</titleproper></titlestmt></filedesc></eadheader>"""
TOP = """<did><repository><corpname>Aldermere Free Library</corpname><address><addressline>1 Quay</addressline>
</address></repository>
<origination label="Creator:"><persname authfilenumber="http://viaf.org/1">Marsh, Ada, 1850-1920</persname>
</origination><unittitle>Marsh papers, <unitdate type="inclusive" normal="1870/1920">1870-1920</unitdate></unittitle>
<unitdate type="bulk" normal="1880/1890">bulk 1880-1890</unitdate><unitid>MS 7</unitid>
<langmaterial>In <language langcode="eng">English</language> and <language langcode="wel">Welsh</language>.
</langmaterial><physdesc><extent>2 boxes</extent><extent>0.5 metres</extent></physdesc><physloc>Off site</physloc>
<abstract>Papers of a <emph>bot</emph>anist.</abstract></did>"""
BEHIND = """<scopecontent><head>Scope</head><p>Letters.<lb/>Lists.</p></scopecontent><controlaccess><head>Terms</head>
<controlaccess><subject source="lcsh">Botany</subject><geogname>Wales</geogname><genreform>Letters</genreform>
<persname authfilenumber="http://viaf.org/2">Owen, Bob</persname></controlaccess></controlaccess>
<bioghist><p>Born in Bala.</p></bioghist><accessrestrict><head>Access</head><p>Open.</p></accessrestrict>"""
SERIES = """<c01 level="series" id="s1"><did><unittitle>Letters</unittitle><unitid>MS 7/1</unitid></did>
<accessrestrict><p>Closed until 2080.</p></accessrestrict>
<c02 level="file"><did><container type="box">1</container><container type="folder">box 1, folder 2</container>
<unittitle>From Owen<unitdate normal="1881-05-02">2 May 1881</unitdate></unittitle>
<dao xmlns:x="http://www.w3.org/1999/xlink" x:href="https://a.org/iiif/1/manifest"/><dao href="https://a.org/1.jpg"/></did></c02>
<c level="item"><did><unittitle>Draft</unittitle><unitdate>circa 1890</unitdate>
<langmaterial><language>French</language></langmaterial></did></c></c01>"""


def aid(*parts: str, header: str = HEADER, more: str = "", root: str = "ead xmlns='urn:isbn:1-931666-22-9'") -> bytes:
    """A finding aid with these in its archdesc."""
    return f"<{root}>{header}<archdesc level='collection' {more}>{''.join(parts)}</archdesc></ead>".encode()


FULL = aid(TOP, f"<dsc>{SERIES}</dsc>", BEHIND)


def page(*aids: bytes) -> bytes:
    inner = "".join(
        f"<record><header><identifier>oai:a:{number}</identifier><datestamp>2020-01-02</datestamp></header>"
        f"<metadata>{one.decode()}</metadata></record>"
        for number, one in enumerate(aids, 1)
    )
    inner += "<record><header status='deleted'><identifier>oai:a:9</identifier></header></record>"
    head = '<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>'
    return f"{head}{inner}</ListRecords></OAI-PMH>".encode()


SPECIMEN = Specimen(
    {
        "one.ead": FULL,
        "page.xml": page(aid(TOP), aid("<did><unittitle>B</unittitle></did><dsc><c><did/></c><c><did/></c></dsc>")),
    },
    records=8,
    version=4,
    digest="d197fc66b0387816",
)


def made_of(**block: Any) -> Ead:
    made = reader(type="ead", **block)
    assert isinstance(made, Ead)
    return made


def rows_of(data: bytes, **block: Any) -> list[Record]:
    return records(read_one(made_of(**block), "a.xml", data))


def titled(data: bytes) -> dict[str | None, Record]:
    return {one.values.get("title"): one for one in rows_of(data)}


def components(*inside: str) -> list[Record]:
    """Those of a finding aid with these in its dsc."""
    return rows_of(aid("<did><unittitle>A</unittitle></did>", "<dsc>", *inside, "</dsc>"))[1:]


def own(record: Record) -> dict[str, Any]:
    return {name: value for name, value in record.extra.items() if value is not None}


# --- columns ---


def test_the_collection_is_a_row() -> None:
    top = rows_of(FULL)[0]
    raw = top.values.pop("raw_record")
    assert top.source_record_id == "us-7"
    assert {name: value for name, value in top.values.items() if value is not None} == {
        "type": "Collection",
        "title": "Marsh papers",
        "identifiers": [{"scheme": "shelfmark", "value": "MS 7"}, "us-7"],
        "languages": ["eng", "wel"],
        "creators": [{"name": "Marsh, Ada, 1850-1920", "role": "Creator", "uri": "http://viaf.org/1"}],
        "extent": "2 boxes; 0.5 metres",
        "date_raw": ["1870-1920"],
        "description": "Papers of a botanist.\nLetters. Lists.",
        "subjects": [
            {"label": "Botany", "uri": None, "scheme": "lcsh"},
            {"label": "Owen, Bob", "uri": "http://viaf.org/2", "scheme": None},
        ],
        "spatial": ["Wales"],
        "genres": ["Letters"],
        "source_url": "https://a.org/aid/7",
        "access_raw": ["Open."],
    }
    assert own(top) == {"level": "collection", "physical_location": "Off site", "repository": "Aldermere Free Library"}
    assert "Born in Bala" in raw
    assert "<eadheader>" in raw
    assert "c01" not in raw
    (rest,) = [one for one in unmapped(read_one(made_of(), "a.xml", FULL)) if one.rows]
    assert rest.filled == {"bioghist": 1, "unitdate of type bulk": 1}, "what gives no column is reported"


def test_a_component_has_what_stands_above_it() -> None:
    """Each of its own where it says something; marked as inherited where it does not."""
    _, series, letter, draft = rows_of(FULL)
    assert [one.source_record_id for one in (series, letter)] == ["us-7#s1", letter.source_record_id]
    assert letter.values["parent_id"] == "us-7#s1"
    assert letter.extra["titles_above"] == ["Marsh papers", "Letters"]
    assert letter.values["collection"] == "Marsh papers"
    assert letter.values["title"] == "From Owen"
    assert letter.values["date_raw"] == ["2 May 1881"]
    assert letter.values["access_raw"] == ["Open.", "Closed until 2080."]
    assert letter.values["identifiers"] == [{"scheme": "iiif", "value": "https://a.org/iiif/1/manifest"}]
    assert letter.extra["digital_objects"] == ["https://a.org/iiif/1/manifest", "https://a.org/1.jpg"]
    assert letter.extra["containers"] == ["box 1", "folder box 1, folder 2"]
    assert (letter.extra["seq"], draft.extra["seq"], draft.extra["level"]) == (1, 2, "item")
    assert letter.extra["inherited"] == ["languages", "creators", "source_url", "repository"]
    assert draft.values["languages"] == ["French"]
    assert draft.extra["inherited"] == ["creators", "source_url", "repository"]
    assert series.values["date_raw"] == ["1870-1920"]
    assert series.extra["inherited"] == ["date_raw", "languages", "creators", "source_url", "repository"]
    assert "Draft" not in series.values["raw_record"], "those in it are rows of their own"
    assert "Closed until 2080." in series.values["raw_record"]


@pytest.mark.parametrize("root", ["ead", "ead xmlns='http://ead3.archivists.org/schema/'", "e:ead xmlns:e='urn:x'"])
def test_any_namespace_and_none(root: str) -> None:
    data = FULL.decode().partition(">")[2]
    if root.startswith("e:"):
        data = data.replace("</", "<//").replace("<", "<e:").replace("<e://", "</e:")
    found = rows_of(f"<{root}>{data}".encode())
    assert [one.source_record_id for one in found] == [one.source_record_id for one in rows_of(FULL)]
    assert [one.values["title"] for one in found] == ["Marsh papers", "Letters", "From Owen", "Draft"]


def test_ead3_says_the_same_in_other_elements() -> None:
    header = """<control><recordid instanceurl="https://a.org/x">r-1</recordid><otherrecordid>x-2</otherrecordid>
    <filedesc><titlestmt><titleproper>Guide</titleproper></titlestmt></filedesc><rightsdeclaration>
    <citation href="https://creativecommons.org/publicdomain/zero/1.0/">CC0</citation></rightsdeclaration></control>"""
    did = """<did><unittitle>Papers</unittitle><unitdatestructured unitdatetype="inclusive"><dateset>
    <daterange><fromdate standarddate="1901-02">Feb 1901</fromdate><todate>1905</todate></daterange>
    <datesingle standarddate="1910">1910</datesingle></dateset></unitdatestructured>
    <unitdatestructured unitdatetype="bulk"><datesingle>1903</datesingle></unitdatestructured>
    <origination><persname identifier="https://viaf.org/3" relator="Collector"><part>Marsh, Ada</part>
    <part>1850-1920</part></persname></origination><langmaterial><languageset><language langcode="cym">Welsh</language>
    <script>Latin</script></languageset></langmaterial><physdescset><physdescstructured><quantity>2</quantity>
    <unittype>boxes</unittype><dimensions>9 cm</dimensions></physdescstructured></physdescset>
    <repository><corpname><part>Aldermere</part><part>Library</part></corpname></repository>
    <daoset><dao href="https://a.org/1"/><dao href="https://a.org/2" linkrole="https://iiif.io/api/"/></daoset></did>"""
    terms = """<controlaccess><subject source="lcsh"><part>Wales</part><part>History</part></subject></controlaccess>
    <legalstatus><p>Public record</p></legalstatus>"""
    (top,) = rows_of(aid(did, terms, header=header, root="ead xmlns='http://ead3.archivists.org/schema/'"))
    assert top.source_record_id == "r-1"
    wanted = {
        "title": "Papers",
        "date_raw": ["1901-02/1905", "1910"],
        "creators": [{"name": "Marsh, Ada, 1850-1920", "role": "Collector", "uri": "https://viaf.org/3"}],
        "languages": ["cym"],
        "extent": "2 boxes, 9 cm",
        "subjects": [{"label": "Wales -- History", "uri": None, "scheme": "lcsh"}],
        "identifiers": [{"scheme": "iiif", "value": "https://a.org/2"}, "r-1", "x-2"],
        "source_url": "https://a.org/x",
        "access_raw": ["Public record"],
        "record_rights_raw": ["CC0", "https://creativecommons.org/publicdomain/zero/1.0/"],
    }
    assert {name: top.values[name] for name in wanted} == wanted
    assert top.extra["repository"] == "Aldermere. Library"


_SPAN, _SINGLE = "<unitdatestructured><daterange>", "<unitdatestructured><datesingle"


@pytest.mark.parametrize(
    ("written", "read_as"),
    [
        ('<unitdate normal="1919/1955">1919-1955</unitdate>', "1919-1955"),
        ('<unitdate normal="19190101/19551231">the war and after</unitdate>', "19190101/19551231"),
        ('<unitdate normal="1870">circa 1870</unitdate>', "circa 1870"),
        ('<unitdate normal="1870/1875">circa 1870</unitdate>', "1870~/1875~"),
        ('<unitdate normal="1870" certainty="approximate">Easter 1870</unitdate>', "1870~"),
        ('<unitdate normal="0000/9999">n.d.</unitdate>', "n.d."),
        ("<unitdate>May 1881</unitdate>", "May 1881"),
        ('<unitdate type="bulk">1881</unitdate>', "1881"),
        (f"{_SPAN}<fromdate>1919</fromdate></daterange>", "1919/.."),
        (f"{_SPAN}<fromdate>1919</fromdate><todate>ca. 1925</todate></daterange>", "1919 - ca. 1925"),
        (f'{_SINGLE} notbefore="1900" notafter="1910">turn of the century</datesingle>', "1900/1910"),
    ],
)
def test_a_date_is_what_is_printed_or_what_the_encoder_makes_of_it(written: str, read_as: str) -> None:
    end = "</unitdatestructured>" if written.startswith("<unitdatestructured") else ""
    (one,) = components(f"<c><did><unittitle>A</unittitle>{written}{end}</did></c>")
    assert one.values["date_raw"] == [read_as]


def test_what_a_date_is_of() -> None:
    (one,) = components("<c><did><unitdate datechar='creation'>1881</unitdate></did></c>")
    assert one.values["date_type"] == "creation"


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Bio&#8212;graphy,<unitdate>2003</unitdate>", "Bio\u2014graphy"),
        ("Letter of <unitdate>5 May</unitdate> to Owen", "Letter of 5 May to Owen"),
        ("<title>Poems</title><emph>: </emph><persname>Owen</persname>", "Poems: Owen"),
        ("The <emph>S</emph>ign of<lb/>four", "The Sign of four"),
        ("Ledger<num>2</num>b", "Ledger2b"),
        ("Letters<geogname>Bala</geogname><geogname>Wales</geogname>", "Letters Bala Wales"),
        ("(<unitdate>1918</unitdate>) Diary", "(1918) Diary"),
        ("<unitdate>1918</unitdate>", "1918"),
        ("a<!-- not this --><![CDATA[ & b]]>", "a & b"),
    ],
)
def test_words_are_neither_glued_nor_torn(written: str, title: str) -> None:
    (one,) = components(f"<c><did><unittitle>\n  {written}\n </unittitle></did></c>")
    assert one.values["title"] == title


def test_lists_tables_and_chronologies_are_text() -> None:
    inside = """<head>Scope</head><p>One<list><head>Names</head><item>Ada</item><item>Bob</item></list>after</p>
    <table><tgroup><tbody><row><entry>a</entry><entry>b</entry></row><row><entry>c</entry></row></tbody></tgroup></table>
    <chronlist><chronitem><date>1901</date><event>Born</event></chronitem></chronlist>
    <scopecontent><head>More</head><p>Two</p></scopecontent>"""
    (one,) = components(f"<c><did/><scopecontent>{inside}</scopecontent></c>")
    said = one.values["description"].split("\n")
    assert said == ["One", "Names", "Ada", "Bob", "after", "a b", "c", "1901", "Born", "More", "Two"]


# --- what is not for the public ---

SECRET = "Known to nobody"


@pytest.mark.parametrize(
    "mark",
    ["audience='internal'", "audience=' Internal '", "x:audience='internal' xmlns:x='http://www.w3.org/1999/xlink'"],
)
@pytest.mark.parametrize(
    "where",
    [
        "<c {}><did><unitid>SECRET</unitid></did><c audience='external'><did><unitid>SECRET</unitid></did></c></c>",
        "<c><did><unittitle>B</unittitle><unitid {}>SECRET</unitid></did></c>",
        "<c><did><unittitle>B <emph {}>SECRET</emph></unittitle></did></c>",
        "<c><did {}><unittitle>SECRET</unittitle></did></c>",
        "<c><did><unittitle>B</unittitle><dao {} href='SECRET'/></did></c>",
        "<c><did/><scopecontent><p>B</p><p {}>SECRET</p></scopecontent></c>",
        "<c><did/><c><did/></c><scopecontent {}><p>SECRET</p></scopecontent></c>",
        "<c><did/><descgrp><controlaccess {}><subject>SECRET</subject></controlaccess></descgrp></c>",
        "<c><did/><accessrestrict {}><p>SECRET</p></accessrestrict></c>",
        "<c><did/><userestrict><p>B <ref {} href='SECRET'>SECRET</ref></p></userestrict></c>",
    ],
)
def test_what_is_internal_stands_nowhere(where: str, mark: str) -> None:
    """In no column, own column, identifier, raw_record, and not in what paths read."""
    data = aid("<did/>", "<dsc>", where.replace("SECRET", SECRET).format(mark), "</dsc>")
    made = made_of(map={"extra": {"all": "string(.)"}})
    found = read_one(made, "a.xml", data)
    assert SECRET not in str(records(found))
    hidden = [one for row in records(found) for one in row.problems if "internal" in one]
    counted = sum(one.filled.get("components for internal use", 0) for one in unmapped(found))
    assert hidden or counted == 2, "and it is counted"
    assert made.expected(Bundle("a.xml", (item("a.xml", data),))) == len(records(found))


@pytest.mark.parametrize(
    "data",
    [
        aid(TOP, f"<dsc>{SERIES}</dsc>", more="audience='internal'"),
        FULL.replace(b"<ead ", b"<ead audience='internal' "),
    ],
)
def test_of_an_internal_finding_aid_nothing_is_read(data: bytes) -> None:
    made = made_of()
    found = read_one(made, "a.xml", data)
    assert (records(found), rejects(found)) == ([], [])
    assert sum(one.filled.get("components for internal use", 0) for one in unmapped(found)) == 4
    assert made.expected(Bundle("a.xml", (item("a.xml", data),))) == 0


def test_an_internal_header_names_nothing() -> None:
    top, *rest = rows_of(FULL.replace(b"<eadheader>", b"<eadheader audience='internal'>"))
    assert (top.source_record_id, rest[0].source_record_id) == ("a.xml", "a.xml#s1")
    assert "us-7" not in str(top)
    assert "raw_record: what is marked as internal is left out" in top.problems


@pytest.mark.parametrize("large", [1 << 22, 0])
def test_an_internal_eadid_names_nothing(large: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kind, "LARGE_BYTES", large)
    for hidden in (
        FULL.replace(b"<eadid ", b"<eadid audience='internal' "),
        FULL.replace(b"us-7", b"<num audience='internal'>us-7</num>"),
    ):
        rows = rows_of(hidden)
        assert rows[0].source_record_id == "a.xml"
        assert "us-7" not in str(rows)
        assert "us-7" not in str(rows_of(b"<list>%b%b</list>" % (hidden, hidden)))


# --- rights ---


def test_conditions_of_all_units_above_are_heard() -> None:
    """Wherever they stand, also behind the components; what is internal closes without its words."""
    found = titled(
        aid(
            "<did><unittitle>A</unittitle></did><dsc><c><did><unittitle>B</unittitle></did><c><did>"
            "<unittitle>C</unittitle></did><userestrict><p>CC0</p></userestrict></c>"
            "<accessrestrict audience='internal'><p>The donor lives.</p></accessrestrict></c>"
            "<c><did><unittitle>D</unittitle></did></c></dsc>",
            "<descgrp><accessrestrict><head>Access</head><p>Open.</p><p>By appointment.</p></accessrestrict></descgrp>"
            "<userestrict><p>See <ref href='https://rightsstatements.org/vocab/InC/1.0/'>here</ref></p></userestrict>",
        )
    )
    address = "https://rightsstatements.org/vocab/InC/1.0/"
    assert found["A"].values["access_raw"] == ["Open.", "By appointment."]
    assert found["D"].values["access_raw"] == ["Open.", "By appointment."]
    hidden = "Restricted access: what is said of it in the finding aid is marked as internal"
    assert found["B"].values["access_raw"] == ["Open.", "By appointment.", hidden]
    assert found["C"].values["access_raw"] == ["Open.", "By appointment.", hidden]
    assert found["C"].values["rights_raw"] == ["See here", address, "CC0"]
    assert found["D"].values["rights_raw"] == ["See here", address]


@pytest.mark.parametrize(
    ("written", "column"),
    [
        ("<accessrestrict><p>X</p></accessrestrict>", "access_raw"),
        ("<accessrestrict><legalstatus>X</legalstatus></accessrestrict>", "access_raw"),
        ("<legalstatus><p>X</p></legalstatus>", "access_raw"),
        ("<accessrestrict localtype='X'/>", "access_raw"),
        ("<odd encodinganalog='506'><p>X</p></odd>", "access_raw"),
        ("<odd encodinganalog='isadg(2)341'><p>X</p></odd>", "access_raw"),
        ("<odd type='accessrestrict'><head>Y</head><p>X</p></odd>", "access_raw"),
        ("<note encodinganalog='ISAD(G) 3.4.1'><p>X</p></note>", "access_raw"),
        ("<userestrict><list><head>Y</head><item>X</item></list></userestrict>", "rights_raw"),
        ("<odd encodinganalog='540$a'><p>X</p></odd>", "rights_raw"),
        ("<note label='Copyright'><p>X</p></note>", "rights_raw"),
        ("<odd><head>Copyright</head><p>X</p></odd>", "rights_raw"),
        ("<userestrict><p>X <ref href='#n2'/></p></userestrict>", "rights_raw"),
        ("<admininfo><userestrict><p>X</p></userestrict></admininfo>", "rights_raw"),
    ],
)
def test_what_speaks_of_rights(written: str, column: str) -> None:
    (one,) = components(f"<c><did/>{written}</c>")
    assert one.values.get(column) == ["X"]


@pytest.mark.parametrize(
    "written",
    [
        "<filedesc><publicationstmt><p>All rights reserved.</p></publicationstmt></filedesc>",
        "<publicationstmt><p><ref href='http://creativecommons.org/licenses/by-nc/4.0/'>x</ref></p></publicationstmt>",
        "<filedesc><notestmt><note><p>Non-commercial use only.</p></note></notestmt></filedesc>",
    ],
)
def test_what_the_finding_aid_says_of_itself_is_the_record_s_own(written: str) -> None:
    rows = rows_of(aid("<did/><dsc><c><did/></c></dsc>", header=f"<eadheader><eadid>a</eadid>{written}</eadheader>"))
    assert all(len(one.values["record_rights_raw"]) == 1 for one in rows)
    assert all("rights_raw" not in one.values for one in rows)
    assert len(rows) == 2


def test_a_name_and_a_year_are_no_statement() -> None:
    header = "<eadheader><eadid>a</eadid><filedesc><publicationstmt><publisher>Library</publisher><date>2001</date>"
    (one,) = rows_of(aid("<did/>", header=f"{header}</publicationstmt></filedesc></eadheader>"))
    assert "record_rights_raw" not in one.values


def test_a_draft_of_atom_is_closed_and_what_is_published_is_not() -> None:
    status = "<odd type='publicationStatus'><p>{}</p></odd>"
    draft, inside, other = components(
        f"<c><did/>{status.format('draft')}<c><did/></c></c>", f"<c><did/>{status.format('published')}</c>"
    )
    assert draft.values["record_rights_raw"] == inside.values["record_rights_raw"] != []
    assert not {"record_rights_raw", "rights_raw", "access_raw"} & other.values.keys()


# --- identity ---


def test_a_neighbour_moves_no_name() -> None:
    """Components without id are called by their way: shelf marks, or digests of titles and dates."""
    part = "<c><did><unittitle>{}</unittitle></did><c><did><unitid>7</unitid></did></c></c>"
    first = components(part.format("A"), part.format("B"), part.format("B"))
    later = components(part.format("New"), part.format("A"), "<c><did/></c>", part.format("B"), part.format("B"))
    names = [one.source_record_id for one in first]
    assert len({*names}) == 6
    assert {*names} < {one.source_record_id for one in later}
    assert names[1] == f"{names[0]}/7"
    assert names[4] == f"{names[2]}-2"
    assert [one.extra["seq"] for one in first] == [1, 1, 2, 1, 3, 1]


def test_an_id_that_stands_twice_names_the_first_alone() -> None:
    first, second = components("<c id='x'><did/></c>", "<c id='x'><did/></c>")
    assert first.source_record_id == "a.xml#x" or first.source_record_id == "us-7#x"
    assert second.source_record_id.partition("#")[2].startswith("~")


def test_without_a_name_of_its_own_a_finding_aid_is_called_by_its_file() -> None:
    assert [one.source_record_id for one in rows_of(aid("<did/>", header=""))] == ["a.xml"]
    both = (
        b"<collection>"
        + aid("<did><unittitle>A</unittitle></did>", header="")
        + aid("<did/>", header="")
        + b"</collection>"
    )
    first, second = [one.source_record_id for one in rows_of(both)]
    assert first != second
    assert first.startswith("a.xml#")


# --- where finding aids stand ---


def test_in_an_answer_of_a_server() -> None:
    made = made_of()
    data = page(FULL, aid("<did><unittitle>B</unittitle></did>", header=""))
    found = read_one(made, "page.xml", data)
    assert [one.source_record_id.partition("#")[0] for one in records(found)] == [*["oai:a:1"] * 4, "oai:a:2"]
    assert records(found)[1].values["parent_id"] == "oai:a:1"
    assert records(found)[1].datestamp == "2020-01-02"
    assert [one.source_record_id for one in deleted(found)] == ["oai:a:9"]
    assert made.expected(Bundle("page.xml", (item("page.xml", data),))) == 6


def test_rights_that_a_server_says_of_a_record_are_heard_of_all_its_units() -> None:
    about = "<about><rights><rightsReference ref='http://creativecommons.org/licenses/by-nc/4.0/'/></rights></about>"
    found = rows_of(page(FULL).replace(b"</metadata>", f"</metadata>{about}".encode(), 1))
    assert len(found) == 4
    assert all("http://creativecommons.org/licenses/by-nc/4.0/" in one.values["record_rights_raw"] for one in found)


def test_rows_collection_is_the_archdesc_alone() -> None:
    (one,) = rows_of(FULL, rows="collection")
    assert one.values["access_raw"] == ["Open."], "also what stands behind the components"
    assert one == rows_of(FULL)[0]
    made = made_of(rows="collection")
    assert made.expected(Bundle("a.xml", (item("a.xml", FULL),))) == 1


def test_components_wherever_they_stand() -> None:
    """Numbered and not, mixed, in dsc of dsc, in elements that nobody knows; not in XML of other vocabularies."""
    found = components(
        "<dsc><c01><did/><c><did/><dsc><c03><did/></c03></dsc></c></c01></dsc><weird><odder><c12><did/></c12></odder></weird>"
        "<c><did/><relations><relation><objectxmlwrap><c/></objectxmlwrap></relation></relations></c>"
    )
    assert len(found) == 5


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<eac-cpf><control/></eac-cpf>", "not_ead"),
        (b"<eag><control/></eag>", "not_ead"),
        (b"<html><body>Sorry</body></html>", "not_xml"),
        (b"<ead><eadheader/></ead>", "archdesc_missing"),
        (aid(TOP, "<dsc><c><did/>"), "xml_cut"),
        (FULL[: len(FULL) // 2], "xml_cut"),
        (
            aid("<did/><dsc><include xmlns='http://www.w3.org/2001/XInclude' href='s1.xml'/></dsc>"),
            "xinclude",
        ),
        (b"<!DOCTYPE ead [<!ENTITY s SYSTEM 's1.xml'>]>" + aid("<did/><dsc>&s;</dsc>"), "xml_refused"),
        (aid("<did/><dsc>" + "<c><did/>" * 300 + "</c>" * 300 + "</dsc>"), "xml_refused"),
    ],
)
@pytest.mark.parametrize("large", [1 << 22, 0])
def test_what_is_none_or_not_whole_is_a_reject(
    data: bytes, reason: str, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As a whole: a component may inherit from any part of its finding aid."""
    monkeypatch.setattr(kind, "LARGE_BYTES", large)
    made = made_of()
    found = read_one(made, "a.xml", data)
    assert (records(found), reasons(found)) == ([], [reason])
    assert made.expected(Bundle("a.xml", (item("a.xml", data),))) in (1, None)


def test_others_of_a_list_are_read() -> None:
    found = read_one(made_of(), "a.xml", b"<list>%b<eac-cpf/>%b</list>" % (aid(TOP), aid(TOP, more="id='b'")))
    assert (len(records(found)), reasons(found)) == (2, ["not_ead"])


ATOM = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE ead PUBLIC "+// http://ead3.archivists.org/schema/ //DTD ead.dtd (Encoded Archival Description (EAD) Version
2002)//EN" "http://lcweb2.loc.gov/xmlcommon/dtds/ead2002/ead.dtd">
<ead><eadheader langencoding="iso639-2b"><eadid identifier="a-fonds" countrycode="CA" url="https://a.org/a-fonds"
encodinganalog="identifier">a-fonds</eadid><filedesc><titlestmt><titleproper>A fonds</titleproper></titlestmt>
<publicationstmt><publisher>Archives</publisher><date normal="2012-04-23">2012-04-23</date></publicationstmt></filedesc>
<profiledesc><creation>Generated by Access to Memory (AtoM) 2.4.0</creation></profiledesc></eadheader>
<archdesc level="fonds" relatedencoding="ISAD(G)v2"><did><unittitle encodinganalog="3.1.2">A fonds</unittitle>
<unitid encodinganalog="3.1.1" countrycode="CA">U257</unitid><unitdate datechar="creation" normal="1966/1998"
encodinganalog="3.1.3">1966-1998</unitdate><physdesc encodinganalog="3.1.5">24 cm of records</physdesc><langmaterial
encodinganalog="3.4.3"><language langcode="eng">English</language></langmaterial><origination encodinganalog="3.2.1">
<corpname id="atom_1">Faculty</corpname></origination></did><odd type="publicationStatus"><p>published</p></odd>
<accessrestrict encodinganalog="3.4.1"><p>Open</p></accessrestrict><controlaccess><subject>Education</subject>
</controlaccess><dsc type="combined"><c level="series"><did><unittitle>Minutes</unittitle><unitid>1</unitid></did>
<c level="file"><did><unittitle>1970</unittitle><unitid>1</unitid></did></c></c></dsc></archdesc></ead>"""
HUB = """<ead><eadheader><eadid countrycode="GB" mainagencycode="237">EUA-1</eadid></eadheader><archdesc level="fonds">
<did><unitid encodinganalog="isadg(2)311" label="Reference code">EUA-1</unitid><unittitle>Photographs</unittitle>
<unitdate encodinganalog="isadg(2)313" type="bulk">20th century</unitdate><physdesc encodinganalog="isadg(2)315">
<extent type="linear" unit="metre">2</extent></physdesc></did><descgrp><head>Administrative Information</head>
<accessrestrict encodinganalog="isadg(2)341"><head>Access</head><p>Open</p></accessrestrict><processinfo><processinfo
audience="internal"><p>By hand.</p></processinfo></processinfo></descgrp><dsc><c level="item"><did><unitid><extptr
href="http://a.org/1"/></unitid><unittitle>Gate</unittitle></did></c></dsc></archdesc></ead>"""


def test_a_twin_of_atom_s_export() -> None:
    top, series, file = rows_of(ATOM.encode())
    assert [top.source_record_id, series.source_record_id, file.source_record_id] == [
        *("a-fonds", "a-fonds#1", "a-fonds#1/1")
    ]
    assert (top.values["date_raw"], top.values["date_type"]) == (["1966-1998"], "creation")
    assert (file.values["date_raw"], file.values["date_type"]) == (["1966-1998"], "creation")
    assert (file.extra["titles_above"], file.extra["seq"]) == (["A fonds", "Minutes"], 1)
    assert file.values["creators"] == [{"name": "Faculty", "role": "creator"}]
    assert (file.values["access_raw"], file.values["source_url"]) == (["Open"], "https://a.org/a-fonds")


def test_a_twin_of_the_archives_hub() -> None:
    top, item = rows_of(HUB.encode())
    assert (top.values["extent"], top.values["date_raw"]) == ("2 metre", ["20th century"])
    assert (top.values["access_raw"], "By hand" in str(top)) == (["Open"], False)
    assert item.values["identifiers"] == ["http://a.org/1"]
    assert item.source_record_id.startswith("EUA-1#~")


@pytest.mark.representative(2)  # the same of other elements
@pytest.mark.parametrize(
    "inside",
    [
        "<scopecontent><p>" + "a<title>b</title>" * 30_000 + "</p></scopecontent>",
        "<accessrestrict>" + "".join(f"<p>x{n}</p>" for n in range(30_000)) + "</accessrestrict>",
        "<controlaccess>" + "".join(f"<subject>x{n}</subject>" for n in range(30_000)) + "</controlaccess>",
        "<odd><p>" + "some words<emph audience='internal'>x</emph>" * 30_000 + "</p></odd>",
        "<dsc>" + "<c id='a'/>" * 3_000 + "</dsc>",
    ],
    ids=["inline", "conditions", "subjects", "internal", "ids"],
)
def test_many_of_something_take_their_share_of_time_and_no_more(inside: str) -> None:
    """The square of their number would take minutes."""
    began = time.process_time()
    rows = rows_of(aid("<did/>", inside))
    assert time.process_time() - began < 20
    assert sum(len(one.values.get("access_raw", ())) for one in rows) <= 1, "of so many lines one statement is left"


# --- in a stream ---


@pytest.mark.parametrize(
    "data", [FULL, aid(TOP, "<dsc><weird>", SERIES, "</weird><c audience='internal'><did/></c></dsc>", BEHIND)]
)
def test_a_large_one_is_read_as_a_small_one(data: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    made = made_of()
    small = read_one(made, "a.xml", data)
    monkeypatch.setattr(kind, "LARGE_BYTES", 0)
    assert read_one(made, "a.xml", data) == small
    repaired = data.replace(b"Bala", b"B&aacute;la")
    assert "B\u00e1la" in str(read_one(made, "a.xml", repaired)), "what has to be mended is read as a whole"


MEMORY = """
import re, sys
from biglam_pipeline.normalize.formats.ead.units import opens
from biglam_pipeline.parsing.xml.branches import streamed_branches
with open(sys.argv[1], "rb") as stream:
    print(sum(step == "open" for step, _ in streamed_branches(stream, opens)))
print(re.search("VmHWM:[^0-9]*([0-9]+)", open("/proc/self/status").read())[1])
"""


@pytest.mark.slow  # a measurement of memory
def test_memory_does_not_grow_with_the_finding_aid(tmp_path: Path) -> None:
    """A tree of the larger one takes more than 40 MB."""
    if not Path("/proc/self/status").exists():
        pytest.skip("this system does not say what a process takes")
    used = []
    for size in (2_000, 60_000):
        path = tmp_path / f"{size}.xml"
        path.write_bytes(
            aid(TOP, "<dsc>", f"<c><did><unittitle>{'A letter ' * 20}</unittitle></did></c>" * size, "</dsc>")
        )
        ended = subprocess.run([sys.executable, "-c", MEMORY, path], capture_output=True, check=True, text=True)
        opened, kilobytes = ended.stdout.split()
        assert int(opened) == size + 3
        used.append(int(kilobytes))
    assert used[1] - used[0] < 20_000


# --- takedown ---


@pytest.mark.parametrize("data", [FULL, b"<list>%b%b</list>" % (aid(TOP, header=""), FULL)])
def test_of_a_component_that_is_taken_down_nothing_is_left(data: bytes) -> None:
    """And all others are as they were; also after the next."""
    made, items = made_of(), {"a.xml": item("a.xml", data)}
    before = by_id(made, items)
    letter, draft = [name for name, one in before.items() if one.values.get("title") in ("From Owen", "Draft")]
    left = take_out(made, items, letter)
    assert by_id(made, left) == {name: one for name, one in before.items() if name != letter}
    (text,) = [one.open().read().decode() for one in left.values()]
    assert not any(word in text for word in ("From Owen", "2 May 1881", "iiif/1", "box 1"))
    later = take_out(made, left, draft)
    assert by_id(made, later) == {name: one for name, one in before.items() if name not in (letter, draft)}
    assert made.expected(Bundle("a.xml", tuple(later.values()))) == len(before) - 2
    (series,) = [name for name, one in before.items() if one.values.get("title") == "Letters"]
    for last in (take_out(made, later, series), take_out(made, take_out(made, items, series), letter, draft)):
        (text,) = [one.open().read().decode() for one in last.values()]
        assert not any(word in text for word in ("Letters</unittitle>", "Closed until 2080.", "s1")), (
            "none inherits it now"
        )


def test_one_that_holds_others_leaves_what_they_say_in_their_own_rows() -> None:
    """Its condition among it: else they would be open. What they do not say is gone."""
    hidden = (
        "<scopecontent><p>Of her illness.</p></scopecontent><note audience='internal' type='restrict'>Ask me.</note>"
    )
    data = FULL.replace(b"</accessrestrict>\n<c02", f"</accessrestrict>{hidden}<c02".encode())
    made, items = made_of(), {"a.xml": item("a.xml", data)}
    before = by_id(made, items)
    for name in ("us-7#s1", "us-7"):
        left = take_out(made, items, name)
        assert by_id(made, left) == {other: one for other, one in before.items() if other != name}
        (text,) = [one.open().read().decode() for one in left.values()]
        gone = (
            ("Of her illness", "MS 7/1")
            if "#" in name
            else ("Papers of a", "Lists.", "Born in Bala", "2 boxes", "Owen, B")
        )
        assert not any(word in text for word in gone)


def test_a_finding_aid_of_which_nothing_is_left_goes() -> None:
    """Alone the file, in an answer of a server all but the header."""
    made = made_of()
    assert take_out(made, {"a.xml": item("a.xml", FULL)}, *by_id(made, {"a.xml": item("a.xml", FULL)})) == {}
    items = {"p.xml": item("p.xml", page(FULL, aid("<did/>", header="")))}
    before = by_id(made, items)
    left = take_out(made, items, *(name for name in before if name.startswith("oai:a:1")))
    found = read(made, left)
    assert [one.source_record_id for one in records(found)] == ["oai:a:2"]
    assert [one.source_record_id for one in deleted(found)] == ["oai:a:9"], "its own tombstone is not the server's"
    assert made.expected(Bundle("p.xml", tuple(left.values()))) == 2
    assert b"Letters" not in left["p.xml"].open().read()


# --- real ones ---


_UNITS = """//*[local-name() = 'archdesc' or local-name() = 'c' or (starts-with(local-name(), 'c')
and string-length(local-name()) = 3 and number(substring(local-name(), 2)) > 0)]
[not(ancestor-or-self::*[@audience = 'internal'])]"""


@pytest.fixture(scope="module")
def real() -> dict[str, Item]:
    return real_folder("ead", "**/*.xml")


@pytest.mark.slow  # test_real_formats.py holds the rows of these finding aids
def test_every_component_of_real_finding_aids_is_a_row(real: dict[str, Item], monkeypatch: pytest.MonkeyPatch) -> None:
    """By expat; and the same in a stream."""
    made, total = made_of(), 0
    for name, one in real.items():
        found = read(made, {name: one})
        expected = made.expected(Bundle(name, (one,)))
        if name.endswith("CPF.xml"):  # whose objectXMLWrap holds a finding aid
            assert (records(found), reasons(found), expected) == ([], ["not_ead"], None)
            continue
        assert len(records(found)) == expected
        assert len({each.source_record_id for each in records(found)}) == len(records(found))
        inside = etree.parse(one.open()).xpath(f"count({_UNITS})")
        assert len(records(found)) == inside
        total += len(records(found))
        with monkeypatch.context() as patched:
            patched.setattr(kind, "LARGE_BYTES", 0)
            assert read(made, {name: one}) == found
    assert total == 2263
