"""TEI: the words of a text in their order, what the header says of the source, and rows of all kinds."""

import time
from collections.abc import Mapping
from typing import Any

import pytest
from pydantic import ValidationError

from biglam_pipeline.records import Bundle, Record
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    deleted,
    item,
    read_one,
    reader,
    reasons,
    records,
    rejects,
    unmapped,
)

P5 = "http://www.tei-c.org/ns/1.0"
HEADER = """<teiHeader><fileDesc><titleStmt><title type="main">The angler</title><title type="sub">or, rivers</title>
<author><persName ref="http://viaf.org/viaf/1"><surname>Walton</surname><forename>Izaak</forename></persName></author>
<editor role="translator">Cotton, Charles, 1630-1687</editor>
<respStmt><resp>Keyed</resp><name>A. Clerk</name></respStmt>
</titleStmt><extent>500 KB</extent><publicationStmt><publisher>A Text Archive</publisher><pubPlace>Oxford</pubPlace>
<date when="2004">2004</date><idno type="DLPS">A1</idno><idno type="DOI">10.1000/182</idno>
<idno type="URL">https://a.org/1</idno>
<availability status="free"><licence target="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</licence>
</availability></publicationStmt><seriesStmt><title>Early books</title></seriesStmt><sourceDesc><biblFull><titleStmt>
<title>The compleat angler</title><author>Walton</author></titleStmt><extent>246 p.</extent><publicationStmt>
<publisher>Marriot,</publisher><pubPlace>London :</pubPlace><date>1653</date></publicationStmt></biblFull></sourceDesc>
</fileDesc><profileDesc><langUsage><language ident="en">English</language></langUsage>
<abstract><p>Of fish.</p></abstract>
<textClass><keywords><term>Fishing</term><list><item>Rivers</item></list></keywords><classCode>prose</classCode>
</textClass></profileDesc></teiHeader>"""


def tei(body: str, header: str = HEADER, root: str = "TEI", more: str = f' xmlns="{P5}"') -> bytes:
    return f"<{root}{more}>{header}<text><body>{body}</body></text></{root}>".encode()


def corpus(*texts: bytes, header: str = "", root: str = "teiCorpus") -> bytes:
    return f"<{root}>{header}{''.join(one.decode() for one in texts)}</{root}>".encode()


SPECIMEN = Specimen(
    {
        "one.xml": tei("<p>To<note>A note.</note> fish</p><lg><l>One,</l><l>two.</l></lg>"),
        "two.xml": corpus(tei("<p>B &amp; C</p>", more=" xml:id='b'"), header=HEADER),
        "page.xml": b"<ListRecords><record><header><identifier>oai:a:1</identifier></header><metadata>"
        + tei("<p>D</p>")
        + b"</metadata></record></ListRecords>",
    },
    records=3,
    version=5,
    digest="3104202d02745b7a",
)


def rows_of(data: bytes | str, **block: Any) -> list[Record]:
    raw = data.encode() if isinstance(data, str) else data
    return records(read_one(reader(type="tei", **block), "a/text.xml", raw))


def texts_of(data: bytes | str, **block: Any) -> list[str]:
    return [row.values["text"] for row in rows_of(data, **block)]


def text_of(body: str, **block: Any) -> str:
    (text,) = texts_of(tei(body), **block)
    return text


def columns_of(header: str, **block: Any) -> Mapping[str, Any]:
    (row,) = rows_of(tei("<p>a</p>", f"<teiHeader>{header}</teiHeader>"), **block)
    return row.values


# --- running text -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<p>One\n  <hi>tw</hi>o</p>\n<p>three</p>", "One two\n\nthree"),
        ("<head>I</head><lg><l>a</l>\n<l>b</l></lg><lg><l>c</l></lg>", "I\n\na\nb\n\nc"),
        ("<p>He said: <quote>so</quote> and <q>no</q>.</p>", "He said: so and no."),
        ("<p>He sang<quote><l>a</l><l>b</l></quote>and went.</p>", "He sang\n\na\nb\n\nand went."),
        ("<sp><speaker>HAMLET</speaker><l>To be</l></sp><stage>Exit</stage>", "HAMLET\nTo be\n\nExit"),
        ("<list><item>a</item><item>b</item></list>", "a\nb"),
        ("<table><row><cell>a</cell><cell>b</cell></row><row><cell>c</cell></row></table>", "a b\nc"),
        ("<p>a<lb/>b<pb/>c<cb/>d</p>", "a b c d"),
        ("<p>a<anchor/>b<milestone unit='x'/>c</p>", "abc"),
        ("<p>a\u00a0b</p>", "a\u00a0b"),
        ("<closer><salute>Yours</salute> <signed>J.</signed></closer>", "Yours\nJ."),
        ("<p>a<fw type='header'>PAGE 1</fw>b</p>", "ab"),
        ("<figure><head>Fish</head><figDesc>A trout</figDesc></figure>", "Fish"),
        ("<p><del>no</del><add>yes</add> <subst><del>a</del>\n<add>b</add></subst>c</p>", "yes bc"),
        ("<p>a <app><lem>x</lem><rdg>y</rdg></app> <app><rdg>u</rdg><rdg>v</rdg></app></p>", "a x u"),
        ("<p>W<supplied>or</supplied><unclear>d</unclear><index><term>words</term></index></p>", "Word"),
    ],
)
def test_elements_say_where_lines_and_paragraphs_end(body: str, text: str) -> None:
    assert text_of(body) == text
    prefixed = body.replace("</", "</t:").replace("<", "<t:").replace("<t:/t:", "</t:")
    data = f"<t:TEI xmlns:t='{P5}'><t:text><t:body>{prefixed}</t:body></t:text></t:TEI>"
    assert texts_of(data) == [text], "whatever the prefix"
    shouted = tei(body, "").decode().replace(f' xmlns="{P5}"', "").replace("TEI>", "TEI.2>")
    assert texts_of(shouted) == [text], "P4 has no namespace"


@pytest.mark.parametrize(
    ("readings", "text"),
    [("source", "teh ye Mr. as"), ("edited", "the the Mister as")],
)
def test_of_alternatives_one_is_read(readings: str, text: str) -> None:
    body = """<p><choice>
    <sic>teh</sic>
    <corr>the</corr></choice> <choice><reg>the</reg><orig>ye</orig></choice>
    <choice><abbr>Mr.</abbr><expan>Mister</expan></choice> <choice><unclear>as</unclear><unclear>at</unclear></choice>
    </p>"""
    (row,) = rows_of(tei(body), readings=readings)
    assert row.values["text"] == text
    assert ("tei-edited/1" in row.values["transforms"]) == (readings == "edited")


@pytest.mark.parametrize(
    ("notes", "text"),
    [
        ("behind", "One two.\n\nA note.\n\nThree"),
        ("keep", "One A note. two.\n\nThree"),
        ("drop", "One two.\n\nThree"),
    ],
)
def test_notes_go_behind_stay_or_go(notes: str, text: str) -> None:
    found = read_one(
        reader(type="tei", notes=notes), "a.xml", tei("<p>One <note><p>A note.</p></note>two.</p><p>Three</p>")
    )
    (row,) = records(found)
    assert " ".join(row.values["text"].split()) == " ".join(text.split())
    if notes != "keep":
        assert row.values["text"] == text
    assert ("note" in unmapped(found)[-1].filled) == (notes == "drop"), "what is dropped is reported"


def test_a_note_waits_for_the_whole_that_it_is_anchored_in() -> None:
    body = "<lg><l>a<note n='1'>N</note></l><l>b</l></lg><note>between</note><p>c <note place='inline'>(in)</note></p>"
    assert text_of(body) == "a\nb\n\nN\n\nbetween\n\nc (in)"


def test_broken_words_are_made_whole_as_in_alto() -> None:
    """A not sign and `break="no"` say that the word goes on; a hyphen may be the word's own (ALTO's rule)."""
    assert text_of("<p>Haupt\u00ac<lb/>stadt</p>") == "Hauptstadt"
    assert text_of("<p>Haupt-\n<lb break='no'/>stadt</p>") == "Hauptstadt"
    assert text_of("<p>Haupt\n<lb break='no'/>stadt</p>") == "Hauptstadt"
    assert text_of("<p>Haupt-<pb break='no'/><fw>9</fw><lb/>stadt</p>") == "Hauptstadt"
    assert text_of("<p>Berg-<lb break='no'/>Ingenieur 17-<lb break='no'/>18</p>") == "Berg-Ingenieur 17-18"
    assert text_of("<p>Haupt-<lb/>stadt</p>") == "Haupt- stadt", "nothing says what it is"
    assert text_of("<p>Haupt-<lb/>stadt, die Hauptstadt</p>") == "Hauptstadt, die Hauptstadt"
    assert text_of("<p>Kirchen\u00ac<lb/>und Schulsachen</p>") == "Kirchen\u00ac und Schulsachen"
    assert text_of("<p>語<lb/>言</p>") == "語言"


def test_where_no_derivatives_are_allowed_lines_stay_as_printed() -> None:
    data = tei("<p>Haupt\u00ac<lb/>stadt <choice><sic>teh</sic><corr>the</corr></choice></p>")
    made = reader(type="tei", readings="edited")
    (row,) = records(list(made.read(Bundle("a.xml", (item("a.xml", data),)), {}, as_printed=True)))
    assert row.values["text"] == "Haupt\u00ac\nstadt teh"
    assert row.values["transforms"] == ["tei-text/1"]
    nd = data.replace(b"licenses/by/4.0", b"licenses/by-nd/4.0").replace(b"CC BY 4.0", b"CC BY-ND 4.0")
    assert texts_of(nd, readings="edited") == ["Haupt\u00ac\nstadt teh"], "the record's own statement is heard"


def test_a_gap_keeps_the_mark_that_its_encoder_shows_and_is_counted() -> None:
    (row,) = rows_of(tei("<p>Pros<gap><desc>•</desc></gap> <gap><desc>1 line</desc></gap>a<gap extent='2'/></p>"))
    assert row.values["text"] == "Pros• a"
    assert row.problems == ("text: gaps in it are marked",)


def test_glyphs_are_what_the_header_says() -> None:
    header = """<teiHeader><encodingDesc><charDecl>
    <char xml:id="z"><mapping type="standard">ꝫ</mapping></char></charDecl>
    </encodingDesc></teiHeader>"""
    body = "<p>a<g ref='#z'/> <g ref='char:punc'>▪</g> end<g ref='char:EOLhyphen'/>less</p>"
    assert texts_of(tei(body, header)) == ["aꝫ ▪ endless"]
    (row,) = rows_of(tei("<p>a<g ref='#unknown'/></p>"))
    assert row.problems == ("text: a glyph has no character",)


def test_words_that_are_marked_stand_apart() -> None:
    """ParlaMint writes a line a word and `join`; others write no blank at all."""
    lines = "<p><s><w>He</w>\n<w>said</w>\n<pc join='right'>(</pc>\n<w join='right'>no</w>\n<pc>)</pc></s></p>"
    assert text_of(lines) == "He said (no)"
    assert text_of("<p><s><w>He</w><w>said</w><pc>.</pc></s></p>") == "He said."
    assert text_of("<p><w>do</w><w>n't</w> <w>go</w></p>") == "don't go"


# --- the header -------------------------------------------------------------------------------------------


def test_the_header_speaks_of_the_source() -> None:
    (row,) = rows_of(tei("<p>a</p>"))
    wanted = {
        "title": "The angler: or, rivers",
        "title_alt": ["The compleat angler"],
        "creators": [
            {"name": "Walton, Izaak http://viaf.org/viaf/1", "role": "author"},
            {"name": "Cotton, Charles, 1630-1687", "role": "translator"},
        ],
        "date_raw": ["1653"],
        "year_evidence": "imprint",
        "publisher": "Marriot",
        "publication_place": ["London"],
        "extent": "246 p.",
        "languages": ["en"],
        "identifiers": ["A1", {"scheme": "doi", "value": "10.1000/182"}, "https://a.org/1"],
        "source_url": "https://a.org/1",
        "subjects": ["Fishing", "Rivers"],
        "genres": ["prose"],
        "description": "Of fish.",
        "collection": "Early books",
        "rights_raw": ["https://creativecommons.org/licenses/by/4.0/", "CC BY 4.0"],
        "text_unit": "document",
        "text_origin": "keyed",
    }
    assert {name: row.values.get(name) for name in wanted} == wanted
    assert row.source_record_id == "a/text.xml"


SOURCE = "<fileDesc><publicationStmt><date>2004</date></publicationStmt><sourceDesc>{}</sourceDesc></fileDesc>"


@pytest.mark.parametrize(
    ("source", "date", "evidence"),
    [
        ("<p>born digital</p>", None, None),
        ("<bibl>A book, <date>1701</date></bibl>", ["1701"], "imprint"),
        (
            "<biblStruct><monogr><imprint><date when='1702'>MDCCII</date></imprint></monogr></biblStruct>",
            ["1702"],
            "imprint",
        ),
        ("<bibl type='digitalSource'><date>1999</date></bibl>", None, None),
        ("<bibl type='digitalSource'><date>1999</date></bibl><bibl><date>1703</date></bibl>", ["1703"], "imprint"),
        ("<bibl><relatedItem><bibl><date>1600</date></bibl></relatedItem></bibl>", None, None),
        (
            "<msDesc><history><origDate notBefore='1500' notAfter='1550'>s. xvi</origDate></history></msDesc>",
            ["1500/1550"],
            "record",
        ),
        (
            (
                "<bibl type='digitalSource'><date>1999</date><bibl type='originalSource'><date type='written'/>"
                "<date type='premiere' when='1650'/><date type='print' when='1651'/></bibl></bibl>"
            ),
            ["1651"],
            "imprint",
        ),
        ("<bibl><date type='written'>1649</date><date type='accessed'>2010</date></bibl>", ["1649"], "record"),
        ("<bibl><series><date>1600</date></series><date>1704</date></bibl>", ["1704"], "imprint"),
    ],
)
def test_a_date_is_of_the_source_and_never_of_the_file(source: str, date: Any, evidence: str | None) -> None:
    found = columns_of(SOURCE.format(source))
    assert (found.get("date_raw"), found.get("year_evidence")) == (date, evidence)


def test_the_printing_whose_words_these_are_comes_before_the_first_edition() -> None:
    """ELTeC: https://distantreading.github.io/Schema/eltec-1.html#TEI.bibl"""
    first = "<bibl type='firstEdition'><date>1864</date></bibl>"
    found = columns_of(SOURCE.format(f"{first}<bibl type='printSource'><date>1901</date></bibl>"))
    assert (found["date_raw"], found["original_date_raw"]) == (["1901"], ["1864"])
    assert columns_of(SOURCE.format(first))["date_raw"] == ["1864"]


def test_the_time_of_writing_counts_where_nothing_was_printed() -> None:
    found = columns_of("<profileDesc><creation><date>1650</date></creation></profileDesc>")
    assert (found["date_raw"], found["year_evidence"]) == (["1650"], "record")


def test_the_title_of_the_file_stands_behind_that_of_the_source() -> None:
    said = "<fileDesc><titleStmt><title>{}</title></titleStmt><sourceDesc><bibl><title>Aeneid</title></bibl>"
    said += "</sourceDesc></fileDesc>"
    own = "Aeneid: a machine readable transcription"
    found = columns_of(said.format(own))
    assert (found["title"], found["title_alt"]) == ("Aeneid", [own])
    assert columns_of(said.format("Aeneis"))["title"] == "Aeneis"


@pytest.mark.parametrize(
    ("author", "name"),
    [
        (
            "<persName><forename>A.</forename><forename>B.</forename><surname>C</surname></persName><idno>Q1</idno>",
            "C, A. B.",
        ),
        ("<persName><forename>Otto</forename> <nameLink>von</nameLink> <surname>C</surname></persName>", "Otto von C"),
        ("John Smith, <orgName>Press</orgName>", "John Smith, Press"),
        ("<name type='full'>A. B.</name><name type='short'>AB</name>", "A. B."),
    ],
)
def test_names_as_they_are_marked(author: str, name: str) -> None:
    found = columns_of(f"<fileDesc><titleStmt><author>{author}</author></titleStmt></fileDesc>")
    assert found["creators"] == [{"name": name, "role": "author"}]


RIGHTS = "<fileDesc><publicationStmt><availability {}>{}</availability></publicationStmt></fileDesc>"
CC = "<licence target='https://creativecommons.org/licenses/by-nc/4.0/'/>"


@pytest.mark.parametrize(
    ("more", "inside", "column", "value"),
    [
        ("", CC, "rights_raw", ["https://creativecommons.org/licenses/by-nc/4.0/"]),
        ("status='restricted'", "", "rights_raw", ["Restricted access: the header's availability says `restricted`"]),
        ("status='free'", "", "rights_raw", None),
        ("xml:id='metadataRights'", CC, "record_rights_raw", ["https://creativecommons.org/licenses/by-nc/4.0/"]),
        ("", "<licence><p>This metadata is CC0</p></licence>", "record_rights_raw", ["This metadata is CC0"]),
        ("", "<licence><p>Metadata and text: CC0</p></licence>", "rights_raw", ["Metadata and text: CC0"]),
        ("xml:id='downloadImageRights'", "<p>No images</p>", "rights_raw", ["No images"]),
        (
            "",
            "<p>See <ref target='http://creativecommons.org/publicdomain/zero/1.0/'>CC0</ref></p>",
            "rights_raw",
            ["http://creativecommons.org/publicdomain/zero/1.0/", "See CC0"],
        ),
    ],
)
def test_licences_of_the_text_and_of_the_header(more: str, inside: str, column: str, value: Any) -> None:
    assert columns_of(RIGHTS.format(more, inside)).get(column) == value


def test_a_corpus_speaks_for_its_texts() -> None:
    """Its rights stand beside those of each; its languages and categories where a text says none."""
    own = f"<teiHeader>{RIGHTS.format('', '<p>All rights reserved</p>')}</teiHeader>"
    around = f"""<teiHeader><fileDesc><titleStmt><title>Tracts</title></titleStmt>{RIGHTS.format("", CC)[10:]}
    <encodingDesc><classDecl><taxonomy><category id='rel'><catDesc>Religion</catDesc></category></taxonomy></classDecl>
    </encodingDesc><profileDesc><langUsage><language id='eng'>English</language></langUsage></profileDesc>
    </teiHeader>"""
    told = "<teiHeader><profileDesc><textClass><catRef target='#rel'/></textClass></profileDesc></teiHeader>"
    one, two = rows_of(
        corpus(
            tei("<p>a</p>", own, "TEI.2", " id='t1'"),
            tei("<p>b</p>", told, "TEI.2", " id='t1'"),
            header=around,
            root="teiCorpus.2",
        )
    )
    assert one.values["rights_raw"] == ["https://creativecommons.org/licenses/by-nc/4.0/", "All rights reserved"]
    assert two.values["rights_raw"] == ["https://creativecommons.org/licenses/by-nc/4.0/"]
    assert (two.values["languages"], two.values["subjects"], two.values["collection"]) == (
        ["eng"],
        ["Religion"],
        "Tracts",
    )
    assert one.source_record_id == "a/text.xml#t1"
    assert two.source_record_id.startswith("a/text.xml#")
    assert two.source_record_id != one.source_record_id, "an ID that stands twice names nothing"


def test_a_header_of_a_corpus_that_nobody_can_read_closes() -> None:
    found = read_one(
        reader(type="tei"), "a.xml", b"<teiCorpus><teiHeader><a b=></teiHeader>" + tei("<p>a</p>") + b"</teiCorpus>"
    )
    (row,) = records(found)
    assert reasons(found) == ["xml_cut"]
    assert any("nobody heard" in one for one in row.values["rights_raw"])


def test_a_catalogue_has_no_text_and_says_so() -> None:
    described = """<fileDesc><titleStmt><title>MS 1</title><title type="collection">Batak</title></titleStmt>
    <sourceDesc>
    <msDesc><msIdentifier><idno type="shelfmark">MS 1</idno></msIdentifier><msContents><summary>Magic.</summary>
    <textLang mainLang="bbc" otherLangs="ar"/><msItem><title>Pustaha</title><author>Anon</author></msItem><msItem/>
    </msContents>
    </msDesc></sourceDesc></fileDesc>"""
    data = tei("<p/>", f"<teiHeader>{described}</teiHeader>")
    (row,) = rows_of(data)
    assert (row.values["text"], row.problems) == ("", ("text: there is none",))
    (row,) = rows_of(data, modality="metadata")
    wanted = {
        "title": "MS 1",
        "title_alt": ["Pustaha"],
        "collection": "Batak",
        "description": "Magic.",
        "languages": ["bbc", "ar"],
        "identifiers": [{"scheme": "shelfmark", "value": "MS 1"}],
        "creators": [{"name": "Anon", "role": "author"}],
    }
    assert {name: row.values.get(name) for name in wanted} == wanted
    assert row.values["raw_record"].startswith(f'<TEI xmlns="{P5}">')
    items = rows_of(data, modality="metadata", rows="//msItem", map={"title": "{*}title"})
    assert [(one.values.get("title"), one.values["parent_id"]) for one in items] == [
        ("Pustaha", "a/text.xml"),
        (None, "a/text.xml"),
    ]
    assert items[1].values["raw_record"] == f'<msItem xmlns="{P5}"></msItem>'


# --- rows -------------------------------------------------------------------------------------------------

PARTS = """<head>Title</head><div n="I"><p>a</p><div><p>b</p></div></div><div><lg><l>c</l><l>d</l><lg><l>e</l></lg></lg>
<ab>f</ab></div>"""


@pytest.mark.parametrize(
    ("rows", "texts", "unit"),
    [
        ("document", ["Title\n\na\n\nb\n\nc\nd\n\ne\n\nf"], "document"),
        ("text", ["Title\n\na\n\nb\n\nc\nd\n\ne\n\nf"], "document"),
        ("div", ["a\n\nb", "c\nd\n\ne\n\nf"], "division"),
        ("p", ["a", "b", "f"], "paragraph"),
        ("lg", ["c\nd\n\ne"], "stanza"),
        ("//div/div", ["b"], "row"),
        ("/TEI/text/body/div/{*}ab", ["f"], "row"),
    ],
)
def test_a_row_is_what_rows_says(rows: str, texts: list[str], unit: str) -> None:
    found = rows_of(tei(PARTS), rows=rows)
    assert [row.values["text"] for row in found] == texts
    assert {row.values["text_unit"] for row in found} == {unit}
    if rows != "document":
        assert [row.values["seq"] for row in found] == [*range(1, len(texts) + 1)]
        assert {row.values["parent_id"] for row in found} == {"a/text.xml"}
        outside = "text: words stand outside of what `rows` says"
        assert (outside in found[-1].problems) == (rows != "text")
    assert len({row.source_record_id for row in found}) == len(texts)
    assert all(row.values["title"] == "The angler: or, rivers" for row in found)


def test_each_text_of_a_group_is_a_row() -> None:
    data = "<TEI><text><group><text><body><p>a</p></body></text><text><body><p>b</p></body></text></group></text></TEI>"
    assert texts_of(data, rows="text") == ["a", "b"]


def test_a_path_begins_at_the_part() -> None:
    found = rows_of(
        tei(PARTS),
        rows="div",
        map={"extent": "@n", "collection": "$number", "title": "ancestor::tei:body/tei:head"},
        where={"@n": "I"},
    )
    assert [(row.values["extent"], row.values["collection"], row.values["title"]) for row in found] == [
        ("I", "1", "Title")
    ]


@pytest.mark.parametrize("rows", ["verse", "div1", "", "//p[1]", "$"])
def test_what_is_no_row_is_refused(rows: str) -> None:
    with pytest.raises(ValidationError, match="row"):
        reader(type="tei", rows=rows)


def test_pages_stand_between_breaks_wherever_those_are() -> None:
    body = """<p>before</p><pb n="1" facs="https://a.org/1.jpg"/><p>a <note>N</note>b<pb n="2"/>c</p><pb/><pb n="4"/>
    <lg><l>d<pb/>e</l></lg>"""
    found = rows_of(tei(body), rows="page", map={"extent": "@n"})
    wanted = ["before", "a b\n\nN", "c", "", "d", "e"]
    assert [row.values["text"] for row in found] == wanted
    assert [row.values["seq"] for row in found] == [0, 1, 2, 3, 4, 5]
    assert [row.values.get("extent") for row in found] == [None, "1", "2", None, "4", None]
    assert found[1].values["image_url"] == "https://a.org/1.jpg"
    assert found[1].source_record_id == "a/text.xml#page-1"
    assert found[3].problems == ("text: there is none",)
    bare = rows_of(tei("<p>a</p>"), rows="page")
    assert [(row.values["text"], row.values["seq"]) for row in bare] == [("a", 0)], "no break: the whole is page 0"


# --- envelopes and bad input ------------------------------------------------------------------------------


def test_texts_of_a_server() -> None:
    head = "<header>{}<identifier>oai:a:{}</identifier><datestamp>2020-01-02</datestamp></header>"
    gone = f"<record>{head.format('', 2)}</record>".replace("<header>", "<header status='deleted'>")
    one = f"<record>{head.format('', 1)}<metadata>{tei(PARTS).decode()}</metadata></record>"
    page = f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{one}{gone}</ListRecords></OAI-PMH>'
    found = read_one(reader(type="tei", rows="div"), "page.xml", page.encode())
    assert [row.source_record_id for row in records(found)] == ["oai:a:1#div-1", "oai:a:1#div-2"]
    assert [one.source_record_id for one in deleted(found)] == ["oai:a:2"]
    sru = (
        "<searchRetrieveResponse><version>1.1</version><records><record><recordData>{}</recordData></record></records>"
    )
    (row,) = rows_of(f"{sru.format(tei('<p>a</p>').decode())}</searchRetrieveResponse>")
    assert (row.values["text"], row.problems) == ("a", ())
    empty = b"<OAI-PMH><error code='noRecordsMatch'/></OAI-PMH>"
    assert not rejects(read_one(reader(type="tei"), "page.xml", empty))


@pytest.mark.parametrize(
    "data",
    [
        corpus(tei("<p>a</p>"), corpus(tei("<p>b</p>"), header=HEADER), header=HEADER),
        b"<anything><meta>x</meta>" + tei("<p>a</p>") + b"<shelf>" + b"</shelf>" + tei("<p>b</p>") + b"</anything>",
        corpus(tei("<p>a</p>"), tei("<p>b</p>"), root="TEI_CORPUS"),
        b"<GetPassage><reply><passage>" + tei("<p>a</p>") + b"</passage></reply>" + tei("<p>b</p>") + b"</GetPassage>",
        b"<TEI.2><TEIHEADER/><TEXT><BODY><P>a</P><P>b</P></BODY></TEXT></TEI.2>",
        b"<TEI><teiHeader/>" + tei("<p>a</p>") + tei("<p>b</p>") + b"</TEI>",
    ],
)
def test_a_root_may_be_any(data: bytes) -> None:
    assert "\n\n".join(texts_of(data)) == "a\n\nb"


def test_a_part_of_a_text_is_a_file_too() -> None:
    assert texts_of("<text><body><p>a</p></body></text>") == ["a"]
    assert texts_of("<div1><p>a</p></div1>", rows="p") == ["a"]
    assert texts_of("<TEI><teiHeader/><body><p>a</p></body></TEI>") == ["a"]
    assert texts_of(
        f"<TEI xmlns='{P5}'><sourceDoc><surface><line>a</line><line>b</line></surface></sourceDoc></TEI>"
    ) == ["a\nb"]


@pytest.mark.parametrize(
    "data", [b"<mods><titleInfo/></mods>", b"<a/>", b"<list><b>x</b></list>", b"<xi:schema xmlns:xi='u'/>"]
)
def test_a_file_without_tei_is_no_empty_success(data: bytes) -> None:
    found = read_one(reader(type="tei"), "a.xml", data)
    assert (records(found), set(reasons(found))) == ([], {"not_tei"})


def test_h49_xinclude_is_refused_where_words_would_lack() -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="chapter1.xml"/>'
    (reject,) = rejects(read_one(reader(type="tei"), "a.xml", tei(f"<p>a</p>{include}")))
    assert (reject.reason, "chapter1.xml" in reject.detail) == ("xinclude", True)
    in_header = tei("<p>a</p>", HEADER.replace("<profileDesc>", f"<profileDesc>{include}"))
    driver = corpus(include.encode(), tei("<p>a</p>"), header=HEADER)
    for data in (in_header, driver):  # the file that it names is read by itself
        (row,) = rows_of(data)
        assert (row.values["text"], row.problems) == ("a", ("xml: XInclude is not followed",))
    assert reasons(read_one(reader(type="tei"), "a.xml", corpus(include.encode(), header=HEADER))) == ["not_tei"]


def test_h49_an_id_that_stands_twice_loses_no_text() -> None:
    (row,) = rows_of(tei("<p xml:id='x'>a</p><p xml:id='x'>b</p>"))
    assert (row.values["text"], row.problems) == ("a\n\nb", ("xml: xml:id stands twice",))


def test_h49_a_dtd_on_a_dead_site_is_not_asked_for() -> None:
    subset = '[<!ENTITY % TEI.prose "INCLUDE">]'
    doctype = f'<!DOCTYPE TEI.2 PUBLIC "-//TEI P4//DTD Main//EN" "http://127.0.0.1:9/tei2.dtd" {subset}>'
    data = doctype.encode() + tei("<p>caf&eacute; &mdash; &hyphen;</p>", "", "TEI.2", "")
    (row,) = rows_of(data)
    assert row.values["text"] == "café — ‐"


def test_an_entity_bomb_is_a_reject() -> None:
    bomb = '<!DOCTYPE TEI [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;">]>'
    assert reasons(read_one(reader(type="tei"), "a.xml", bomb.encode() + tei("<p>&b;</p>"))) == ["xml_refused"]


@pytest.mark.parametrize(("depth", "reads"), [(300, True), (2000, True), (2049, False), (100_000, False)])
def test_h06_phrases_stand_in_one_another_without_end(depth: int, reads: bool) -> None:
    found = read_one(reader(type="tei"), "a.xml", tei(f"<p>{'<hi>' * depth}a{'</hi>' * depth}</p>"))
    assert ([row.values["text"] for row in records(found)], reasons(found)) == (
        (["a"], []) if reads else ([], ["xml_refused"])
    )


def test_a_spoiled_text_costs_no_other() -> None:
    data = corpus(tei("<p>a</p>"), b"<TEI><text><p>b</q></text></TEI>", tei("<p>c</p>"))
    found = read_one(reader(type="tei"), "a.xml", data)
    assert [row.values["text"] for row in records(found)] == ["a", "c"]
    assert [(one.reason, one.position) for one in rejects(found)] == [("xml_cut", "record 2")]
    cut_off = read_one(reader(type="tei"), "a.xml", data[:-40])
    assert [row.values["text"] for row in records(cut_off)] == ["a"]
    assert "xml_cut" in reasons(cut_off)


@pytest.mark.slow  # a measurement of time
@pytest.mark.parametrize("name", ["phr", "note", "g", "q", "choice", "seg"])
def test_what_stands_deep_in_one_another_is_read_in_linear_time(name: str) -> None:
    """Each of 1,500 levels looks at what is beside it, and not at all below: else this took minutes."""
    inner = f"<{name}><w>a</w><w>b</w>" * 1500 + "<w>c</w>" * 50_000 + f"</{name}>" * 1500
    start = time.process_time()
    rows_of(tei(f"<p>{inner}</p>"))
    assert time.process_time() - start < 20


@pytest.mark.slow  # a measurement of time
def test_ten_thousand_paragraphs_are_found_in_linear_time() -> None:
    data = tei("".join(f"<div><p>w{number}</p></div>" for number in range(10_000)))
    assert len(rows_of(data, rows="//p")) == 10_000


# --- takedown ---------------------------------------------------------------------------------------------


def test_a_text_is_taken_out_of_its_corpus_and_a_part_of_none() -> None:
    data = corpus(tei("<p>a</p>", more=" xml:id='a'"), tei("<p>b</p>", more=" xml:id='b'"), header=HEADER)
    made, one = reader(type="tei"), item("a.xml", data)
    first = records(list(made.read(Bundle("a.xml", (one,)), {})))[0]
    left = made.redact(Bundle("a.xml", (one,)), [(first, "x")])["a.xml"]
    assert left is not None
    assert texts_of(b"".join(left)) == ["b"]
    both = [(row, "x") for row in records(list(made.read(Bundle("a.xml", (one,)), {})))]
    assert made.redact(Bundle("a.xml", (one,)), both) == {"a.xml": None}, "nothing is left of the corpus"
    made = reader(type="tei", rows="p")
    first = records(list(made.read(Bundle("a.xml", (one,)), {})))[0]
    assert made.redact(Bundle("a.xml", (one,)), [(first, "x")]) == {"a.xml": None}
    assert made.shared(Bundle("a.xml", (one,)), [(first, "x")]) == {"a.xml"}
