"""Texts: TEI, other XML, plain text, and the words of pages."""

import sqlite3
import tempfile
from contextlib import closing
from pathlib import Path

from biglam_pipeline_tests.source.shapes.made import Shape, zipped

OLD_BAILEY = """<?xml version="1.0" encoding="UTF-8"?>
<TEI.2><text><body><div0 type="sessionsPaper" id="17280717"><interp inst="17280717" type="collection" value="BAILEY"/>
<interp inst="17280717" type="year" value="1728"/><interp inst="17280717" type="date" value="17280717"/>
<div1 type="trialAccount" id="t17280717-1"><interp inst="t17280717-1" type="date" value="17280717"/>
<p><persName id="p1">Ann <hi rend="largeCaps">Other</hi></persName> was indicted for stealing an elm.</p></div1>
</div0></body></text></TEI.2>"""
ORDINARY = """<?xml version="1.0" encoding="ISO-8859-1"?>
<TEI.2><text><body><div0 type="ordinarysAccount" id="OA16760517"><interp inst="OA16760517" type="date"
 value="16760517"/><p>She behav'd her self.</p></div0></body></text></TEI.2>"""
SONNET = """<TEI xmlns="http://www.tei-c.org/ns/1.0"><teiHeader><fileDesc><titleStmt><title> Metrical Patterns Bank.
</title><principal>Ann Other</principal></titleStmt><publicationStmt><publisher>A university</publisher>
</publicationStmt>
<sourceDesc><bibl><title>Sonetos</title> de <author>Ana Otra</author>.</bibl></sourceDesc></fileDesc></teiHeader>
<text><body><head><title>- I - Al olmo </title></head><lg type="cuarteto"><l n="1" met="--+">Si de algún olmo</l>
<l n="2" met="+--">visteis la sombra,</l></lg></body></text></TEI>"""
LAMPETER = """<?xml version="1.0" encoding="UTF-8"?><teiCorpus xmlns="http://www.tei-c.org/ns/1.0">
<teiHeader><fileDesc><titleStmt><title>Lampeter Corpus</title></titleStmt></fileDesc></teiHeader>
<TEI xml:id="EcA1641"><teiHeader><fileDesc><titleStmt><title>EcA1641: On elms</title></titleStmt></fileDesc></teiHeader>
<text><body><head>On Elms</head><p>Elms are good for trade.</p></body></text></TEI>
<TEI xml:id="SciB1735"><teiHeader><fileDesc><titleStmt><title>SciB1735: Bark</title></titleStmt></fileDesc></teiHeader>
<text><body><p>Bark is rough.</p></body></text></TEI></teiCorpus>"""
NEWSBOOK = """<?xml version="1.0" encoding="ISO-8859-1"?>
<newsbookDoc id="ModInt158"><newsbookHeader><title>A Moderate Intelligencer</title></newsbookHeader>
<newsbookText><p>From <em>D\xfcsseldorf</em> we hear</p><p>of elms.</p></newsbookText></newsbookDoc>"""
CLMET = """<id>1</id>
<file>CLMET3_1_1_1</file>
<period>1710-1780</period>
<quartcent>1710-1735</quartcent>
<decade>1720s</decade>
<year>1726</year>
<genre>Narrative fiction</genre>
<subgenre>[Fiction]</subgenre>
<title>Elm &amp; oak</title>
<notes></notes>
<comments></comments>
<author>Other, Ann</author>
<text>
<p>An elm stood there.</p>
<p>It was old.</p>
</text>
"""
ROYAL = """<text id="rstl_1665_1" title="Of an Elm" year="1665" author="Ann Other">
<page id="1">
<s>
An\tDT\tan\tan
elm\tNN\telm\telm
.\tSENT\t.\t.
</s>
</page>
</text>
<text id="rstl_1666_1" title="Of Bark" year="1666" author="Ben Else">
<s>
Bark\tNN\tbark\tbark
</s>
</text>
"""
ARTICLE = """<?xml version="1.0" encoding="UTF-8"?><record xmlns="http://www.openarchives.org/OAI/2.0/">
<header><identifier>https://persist.lu/ark:/70795/abc/articles/DTL41</identifier>
<datestamp>2019-05-17T10:01:01Z</datestamp></header><metadata><oai_dc:dc
 xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:dcterms="http://purl.org/dc/terms/"><dc:title>Der Baum</dc:title>
<dc:description>Eine Ulme stand dort.</dc:description><dc:date>1850-01-04</dc:date><dc:type>ARTICLE</dc:type>
<dc:language>de</dc:language>
<dcterms:isPartOf>Luxemburger Wort</dcterms:isPartOf></oai_dc:dc></metadata></record>"""


def _sqlite() -> bytes:
    """As the library's own tools lay it: a row a page."""
    with tempfile.TemporaryDirectory() as folder:
        with closing(sqlite3.connect(Path(folder) / "made")) as base, base:
            base.execute("CREATE TABLE text (id INTEGER PRIMARY KEY, file_name TEXT, ppn TEXT, text TEXT)")
            base.execute("INSERT INTO text VALUES (1, '00000007.xml', 'PPN1', 'Die Ulme')")
        return (Path(folder) / "made").read_bytes()


SHAPES: dict[str, Shape] = {
    "old_bailey_proceedings": Shape(
        "oldbailey.zip",
        zipped(
            {
                "oldbailey/sessionsPapers/17280717.xml": OLD_BAILEY.encode(),
                "oldbailey/ordinarysAccounts/OA16760517.xml": ORDINARY.encode("latin-1"),
            }
        ),
        2,
        {
            "source_record_id": "17280717",
            "text": "Ann Other was indicted for stealing an elm.",
            "date_edtf": "1728-07-17",
        },
    ),
    "spanish_golden_age_sonnets": Shape(
        "corpus",
        {"AnaOtra/AnaOtra_1.xml": SONNET.encode()},
        1,
        {"title": "- I - Al olmo", "text": "- I - Al olmo\n\nSi de algún olmo\nvisteis la sombra,"},
    ),
    "lampeter_corpus": Shape(
        "3193.xml",
        LAMPETER.encode(),
        2,
        {"title": "EcA1641: On elms"},
    ),
    "lancaster_newsbooks": Shape(
        "1654_newsbooks.zip",
        zipped({"1654_newsbooks/ModInt158.xml": NEWSBOOK.encode("latin-1")}),
        1,
        {
            "source_record_id": "ModInt158",
            "title": "A Moderate Intelligencer",
            "text": "From Düsseldorf we hear of elms.",
        },
    ),
    "clmet_3_1": Shape(
        "clmet3_1.zip",
        zipped({f"clmet/corpus/txt/{form}/CLMET3_1_1_1.txt": CLMET.encode() for form in ("plain", "class", "pos")}),
        1,
        {"text": "An elm stood there. It was old."},
    ),
    "royal_society_corpus": Shape(
        "rsc.zip",
        zipped({"Royal_Society_Corpus_v2.0.2_final.vrt": ROYAL.encode()}),
        2,
        {"source_record_id": "rstl_1665_1", "title": "Of an Elm", "text": "An elm .", "year_start": 1665},
    ),
    "bnl_newspapers": Shape(
        "export01.zip",
        zipped({"export01/ark_70795_abc_DTL41.xml": ARTICLE.encode()}),
        1,
        {
            "text": "Eine Ulme stand dort.",
            "title": "Der Baum",
            "newspaper": "Luxemburger Wort",
            "date_edtf": "1850-01-04",
        },
    ),
    "india_papers": Shape(
        "nls-text-indiaPapers.zip",
        zipped(
            {
                "nls-text-indiaPapers/74457530.txt": b"Report on elms.\n",
                "nls-text-indiaPapers/indiaPapers-inventory.csv": b'74457530.txt,"Report on the elms of Bengal"\n',
            }
        ),
        1,
        {"title": "Report on the elms of Bengal", "text": "Report on elms.\n"},
    ),
    "berlin_state_library_ocr": Shape(
        "fulltext.sqlite3",
        _sqlite(),
        1,
        {"text": "Die Ulme", "parent_id": "PPN1"},
    ),
}
