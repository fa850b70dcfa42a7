"""Made-up twins of records of collections that no reader was built on: the structure is theirs, the content is not.

Real files of three were read beside them, without a reject: DraCor (dracor-org/gerdracor, `tei/`, 25 of 775), Perseus
(PerseusDL/canonical-latinLit, `data/`, 25; it has been P5 for long, the twin is of its P4) and the Bodleian
(bodleian/medieval-mss, `collections/`, 150 of 11,350).
"""

from typing import Any

import pytest

from biglam_pipeline_tests.normalize.bundles import read_one, reader, records, rejects
from biglam_pipeline_tests.normalize.formats.marc_records import Made, marcxml

P5 = "http://www.tei-c.org/ns/1.0"
MODS = "http://www.loc.gov/mods/v3"

DRAMA = f"""<TEI xmlns="{P5}" xml:id="ger1" xml:lang="de"><teiHeader><fileDesc><titleStmt><title>Ulme!</title>
<title type="sub">Ein Schauspiel</title><author><persName><forename>Anna</forename><surname>Ander</surname></persName>
<idno type="wikidata">Q1</idno><idno type="pnd">1</idno></author></titleStmt><publicationStmt>
<publisher xml:id="dracor">DraCor</publisher><idno type="URL">https://dracor.org</idno><availability>
<licence target="https://creativecommons.org/publicdomain/zero/1.0/">CC0 1.0</licence></availability>
</publicationStmt>
<sourceDesc><bibl type="digitalSource"><name>A Repository</name><idno type="URL">http://www.textgridrep.org/t:1</idno>
<availability><licence target="http://creativecommons.org/licenses/by/3.0/de/legalcode">CC-BY-3.0</licence>
</availability><bibl type="originalSource"><title>Anna Ander: Ulme! Leipzig 1888.</title></bibl></bibl></sourceDesc>
</fileDesc><profileDesc><particDesc><listPerson><person xml:id="a" sex="FEMALE"><persName>A</persName></person>
</listPerson></particDesc></profileDesc></teiHeader><standOff><listEvent><event type="print" when="1888"><desc/>
</event>
</listEvent></standOff><text><front><castList><head>Personen.</head><castItem>Luise.</castItem><castItem>Ein Knappe.
</castItem></castList></front><body><div type="act"><head>I. Akt.</head><stage>Ein Hof.</stage><div type="scene">
<sp who="#a"><speaker>LUISE</speaker><stage>leise.</stage><p>Neun!</p><pb n="3"/></sp></div></div></body></text>
</TEI>"""
CLASSIC = """<?xml version="1.0"?>
<!DOCTYPE TEI.2 PUBLIC "-//TEI P4//DTD Main DTD Driver File//EN" "http://www.tei-c.org/Guidelines/DTD/tei2.dtd" [
<!ENTITY % TEI.XML "INCLUDE">
<!ENTITY % PersProse PUBLIC "-//Perseus P4//DTD Perseus Prose//EN" "http://www.perseus.tufts.edu/DTD/1.0/Pers.dtd" >
%PersProse;
]>
<TEI.2><teiHeader xml:lang="eng" type="text" status="new"><fileDesc><titleStmt><title>De Ulmis</title>
<author>M. Alienus</author><editor>A. Other</editor><respStmt><resp>Prepared by</resp><name>B. Clerk</name></respStmt>
<funder n="org:X">A Fund</funder></titleStmt><publicationStmt><publisher>A University</publisher>
<date type="release" when="2009-10-07">4.0</date></publicationStmt><sourceDesc><biblStruct><monogr>
<author>Alienus</author>
<title>With An English Translation</title><imprint><pubPlace>Cambridge</pubPlace><date>1923</date></imprint></monogr>
</biblStruct></sourceDesc></fileDesc><profileDesc><langUsage><language id="la">Latin</language></langUsage>
</profileDesc>
</teiHeader><text n="urn:cts:latinLit:phi1"><body><div1 type="book" n="1"><head>Liber</head><pb id="p.222"/>
<div2 type="section" n="1"><p><milestone unit="chapter" n="1"/><reg>vetus</reg> opinio Ital&iacute;am intue-

<pb id="p.224"/>

rentur.</p></div2></div1></body></text></TEI.2>"""
BOUND = f"""<TEI xmlns="{P5}" xml:id="m1"><teiHeader><fileDesc><titleStmt><title>MS. 7</title>
<title type="collection">
MSS. Add.</title></titleStmt><publicationStmt><publisher>A Library</publisher><idno type="msID">MS_7</idno>
<idno type="collection">Add_A</idno><idno type="catalogue">Western</idno></publicationStmt><sourceDesc><msDesc>
<msIdentifier>
<idno type="shelfmark">MS. 7</idno></msIdentifier><msContents><msItem><author key="p1">Juvenal</author>
<title>Satires</title>
<textLang mainLang="la" otherLangs="it">Latin</textLang></msItem></msContents><physDesc><objectDesc><supportDesc>
<extent>
<measure type="leaf" quantity="96">96</measure> fols. <dimensions type="leaf" unit="mm"><height>197</height>
<width>140</width></dimensions></extent></supportDesc></objectDesc></physDesc><history><origin>
<origDate notBefore="1550" notAfter="1575">s. xvi</origDate> <origDate when="1475">1475</origDate></origin></history>
</msDesc>
</sourceDesc></fileDesc></teiHeader><text><body><p/></body></text></TEI>"""
PARTS = f"""<mods xmlns="{MODS}"><titleInfo authority="A College"><title>A College, MS 7</title></titleInfo>
<titleInfo authority="A Catalogue" type="alternative"><title>Chronica.</title></titleInfo>
<typeOfResource manuscript="yes">mixed material</typeOfResource>
<originInfo><dateCreated encoding="w3cdtf" keyDate="yes" point="start" qualifier="approximate">1400</dateCreated>
<dateCreated encoding="w3cdtf" keyDate="yes" point="end" qualifier="approximate">1499</dateCreated></originInfo>
<originInfo><dateCreated encoding="w3cdtf" keyDate="yes" point="start" qualifier="approximate">1000</dateCreated>
<dateCreated encoding="w3cdtf" keyDate="yes" point="end" qualifier="approximate">1099</dateCreated></originInfo>
<language><languageTerm authority="iso639-2b" type="code">ang</languageTerm></language>
<location><physicalLocation>A Library</physicalLocation><shelfLocator>MS 7</shelfLocator></location>
<accessCondition type="license">CC by-nc: Attribution Non-Commercial 3.0 Unported</accessCondition></mods>"""
PLANS = f"""<mods:modsCollection xmlns:mods="{MODS}" xmlns:xlink="http://www.w3.org/1999/xlink"
xmlns:flvc="info:flvc/v1"><mods:mods>
<mods:identifier type="IID">FSU_1</mods:identifier><mods:extension><flvc:flvc><flvc:owningInstitution>FSU
</flvc:owningInstitution></flvc:flvc></mods:extension><mods:titleInfo><mods:title>Fire line</mods:title>
</mods:titleInfo>
<mods:name type="corporate" authority="lcnaf" valueURI="http://id.loc.gov/authorities/names/no1">
<mods:namePart>Elm (Firm)
</mods:namePart><mods:role><mods:roleTerm type="text">Creator</mods:roleTerm>
<mods:roleTerm type="code">cre</mods:roleTerm>
</mods:role></mods:name><mods:originInfo><mods:dateCreated encoding="w3cdtf">1966-12-08</mods:dateCreated>
</mods:originInfo>
<mods:accessCondition xlink:href="http://rightsstatements.org/vocab/InC/1.0/" type="use and reproduction">
Use of this item is provided for research use only.</mods:accessCondition><mods:relatedItem type="host"><mods:titleInfo>
<mods:title>Elm papers
</mods:title></mods:titleInfo><mods:location><mods:url displayLabel="Finding Aid">http://purl.fcla.edu/1</mods:url>
</mods:location></mods:relatedItem></mods:mods></mods:modsCollection>"""
SHELF: Made = [
    *(("001", "000000012"), ("003", "MiAaHDL"), ("006", "m     o  d        "), ("007", "cr bn ---auaua")),
    ("008", "880715s1871    nyua          000 0 eng d"),
    *(("035", "  $asdr-miu000000012"), ("035", "  $a(OCoLC)1234567"), ("100", "1 $aElm, Anna,$d1820-1899.")),
    *(("245", "10$aThe elm :$bits history /$cby Anna Elm."), ("260", "  $aNew York :$bElm & Sons,$c1871.")),
    *(("538", "  $aMode of access: Internet."), ("650", " 0$aElm$zUnited States$xHistory."), ("CID", "  $a000000012")),
    *(("DAT", "0 $a19880715000000.0"), ("974", "  $bMIU$sgoogle$umdp.39015000000012$y1871$rpd$qbib")),
]
UNION: Made = [
    *(("001", "012345678"), ("003", "http://www.sudoc.fr/012345678"), ("035", "  $a(OCoLC)490000000")),
    *(("100", "  $a19880715d1871    k  y0frey50      ba"), ("101", "0 $afre"), ("102", "  $aFR")),
    ("200", "1 $aOrmes de France$eleur histoire$fpar Anne Orme$g[traduit par Jean Lebois]"),
    *(("210", "  $aParis$cOrme et fils$d1871"), ("215", "  $a1 vol. (200 p.)$cill.$d20 cm")),
    *(("606", "  $3027234567$aOrme$xHistoire$2rameau"), ("700", " 1$3026800000$aOrme$bAnne$f1820-1899$4070")),
    *(("702", " 1$aLebois$bJean$4730"), ("801", " 3$aFR$bAbes$c20200101$gAFNOR"), ("930", "  $b751052105$aY2 1")),
]
MUSEUM = """{"@context": "http://iiif.io/api/presentation/2/context.json", "@id": "https://m.example/object/7",
"@type": "sc:Manifest", "attribution": "A Museum", "description": "", "label": "Self-Portrait", "logo": {"@id":
"https://m.example/logo/full/!800,800/0/native.jpg", "service": {"@context": "http://iiif.io/api/image/2/context.json",
"@id": "https://m.example/logo"}}, "metadata": [{"label": "Date", "value": "1888"},
{"label": "People", "value": ["Artist: A. Elm, Dutch"]}],
"rendering": {"@id": "https://m.example/objects/7", "format": "text/html", "label": "Full record view"}, "sequences": [
{"@type": "sc:Sequence", "canvases": [{"@id": "https://m.example/canvas/1", "@type": "sc:Canvas", "height": 2550,
"images":
[{"@type": "oa:Annotation", "motivation": "sc:painting", "on": "https://m.example/canvas/1", "resource": {"@id":
"https://m.example/ids/1/full/full/0/native.jpg", "@type": "dctypes:Image", "format": "image/jpeg", "height": 2550,
"width": 2087, "service": {"@id": "https://m.example/ids/1", "profile": "http://iiif.io/api/image/2/level2.json"}}}],
"label": "1", "otherContent": [{"@id": "https://m.example/list/1", "@type": "sc:AnnotationList"}], "width": 2087}]}],
"within": "https://m.example/collections"}"""
ISSUE = """{"@type": "sc:Manifest", "@id": "https://e.example/9/manifest", "@context":
"http://iiif.io/api/presentation/2/context.json", "within": "http://e.example/Collection/a", "label": [{"@value":
"Uusi Jalava, nr: 2 - 1909-11-26"}], "metadata": [{"label": "language", "value": [{"@value": "fin"}]},
{"label": "source",
"value": [{"@value": "http://d.example/803"}]}], "thumbnail": {"@type": "dctypes:Image", "@id": "https://e.example/t"},
"navDate": "1909-11-26T00:00:00Z", "attribution": "Uusi Jalava. A National Library. Public Domain Mark", "license":
"http://creativecommons.org/publicdomain/mark/1.0/", "seeAlso": [{"@id": "https://e.example/9.jsonld", "format":
"application/ld+json"}], "sequences": [{"@type": "sc:Sequence", "label": "Current Page Order", "canvases": [{"@type":
"sc:Canvas", "@id": "https://e.example/9/canvas/p1", "label": "p. 1", "height": 2594, "width": 1890,
"images": [{"@type":
"oa:Annotation", "motivation": "sc:painting", "resource": {"@type": "dctypes:Image",
"@id": "https://e.example/i/full/full/0/default.jpg",
"format": "image/jpeg", "service": {"@id": "https://e.example/i", "profile": "http://iiif.io/api/image/2/level1.json"}},
"on": "https://e.example/9/canvas/p1"}]}]}]}"""
LETTER = """{"@context": ["http://www.w3.org/ns/anno.jsonld", "http://iiif.io/api/presentation/3/context.json"], "id":
"https://l.example/manifest.json", "type": "Manifest", "label": {"true": ["Letter (1780)"]},
"requiredStatement": {"label":
{"true": [true]}, "value": {"true": ["<p><a href=\\"https://l.example\\">A Division</a>, A Library.</p>"]}},
"homepage": {"id":
"https://l.example/resource/1", "type": "Text", "label": {"true": ["A letter"]}},
"items": [{"id": "https://l.example/c1",
"type": "Canvas", "label": {"true": ["Recto"]}, "height": 4648, "width": 3912, "items": [{"type": "AnnotationPage",
"items":
[{"type": "Annotation", "motivation": "painting", "target": "https://l.example/c1", "body": {"type": "Choice",
"items": [
{"id": "https://l.example/full/full/,800/0/default.jpg", "type": "Image", "label": {"true": ["Full spectrum"]},
"format":
"image/jpeg", "height": 4648, "width": 3912, "service": [{"@id": "https://l.example/full", "@type": "ImageService2"}]},
{"id": "https://l.example/msi/full/,800/0/default.jpg", "type": "Image", "format": "image/jpeg"}]}}]}]}]}"""

TWINS: dict[str, tuple[dict[str, str], str, dict[str, Any]]] = {
    "DraCor's German plays (TEI P5, drama)": (
        {"type": "tei"},
        DRAMA,
        {
            "title": "Ulme!: Ein Schauspiel",
            "creators": [{"name": "Ander, Anna", "role": "author"}],
            "languages": ["de"],
            "text": "Personen.\n\nLuise.\nEin Knappe.\n\nI. Akt.\n\nEin Hof.\n\nLUISE\n\nleise.\n\nNeun!",
            "identifiers": None,
            "source_url": None,
            "rights_raw": [
                "https://creativecommons.org/publicdomain/zero/1.0/",
                "CC0 1.0",
                "http://creativecommons.org/licenses/by/3.0/de/legalcode",
                "CC-BY-3.0",
            ],
        },
    ),
    "the Perseus library of Latin (TEI P4)": (
        {"type": "tei"},
        CLASSIC,
        {"title": "De Ulmis", "date_raw": ["1923"], "text": "Liber\n\nvetus opinio Italíam intue- rentur."},
    ),
    "the Bodleian's catalogue of manuscripts (TEI, msDesc)": (
        {"type": "tei", "modality": "metadata"},
        BOUND,
        {
            "identifiers": ["MS_7", {"scheme": "shelfmark", "value": "MS. 7"}],
            "extent": "96 fols., 197 × 140 mm",
            "date_raw": ["1550/1575", "1475"],
            "languages": ["la", "it"],
        },
    ),
    "the Parker Library at Stanford (MODS)": (
        {"type": "mods"},
        PARTS,
        {
            "date_raw": ["ca. 1400/ca. 1499", "ca. 1000/ca. 1099"],
            "identifiers": [{"scheme": "shelfmark", "value": "MS 7"}],
            "rights_raw": ["CC by-nc: Attribution Non-Commercial 3.0 Unported"],
        },
    ),
    "HathiTrust (MARC 21)": (
        {"type": "marc"},
        marcxml(SHELF),
        {
            "title": "The elm : its history",
            "creators": [{"name": "Elm, Anna, 1820-1899"}],
            "date_raw": ["1871"],
            "subjects": [{"label": "Elm -- United States -- History", "uri": None, "scheme": "lcsh"}],
            "identifiers": ["sdr-miu000000012", "(OCoLC)1234567"],
            "rights_raw": None,
        },
    ),
    "Sudoc, France (UNIMARC)": (
        {"type": "marc"},
        marcxml(UNION, "00000cam0 2200000   450 "),
        {
            "title": "Ormes de France : leur histoire",
            "creators": [{"name": "Orme, Anne, 1820-1899", "role": "aut"}, {"name": "Lebois, Jean", "role": "trl"}],
            "languages": ["fre"],
            "extent": "1 vol. (200 p.) ; ill. ; 20 cm",
            "subjects": [{"label": "Orme -- Histoire", "uri": None, "scheme": "rameau"}],
            "source_url": "http://www.sudoc.fr/012345678",
        },
    ),
    "Harvard Art Museums (IIIF 2)": (
        {"type": "iiif"},
        MUSEUM,
        {
            "title": "Self-Portrait",
            "attribution": "A Museum",
            "iiif_service": "https://m.example/ids/1",
            "parent_id": "https://m.example/object/7",
            "height": 2550,
            "description": None,
        },
    ),
    "newspapers of Europeana (IIIF 2)": (
        {"type": "iiif"},
        ISSUE,
        {
            "title": "Uusi Jalava, nr: 2 - 1909-11-26",
            "date_raw": ["1909-11-26"],
            "rights_raw": ["http://creativecommons.org/publicdomain/mark/1.0/"],
            "caption_raw": "p. 1",
            "width": None,
        },
    ),
    "a letter at the Library of Congress (IIIF 3, several pictures of a page)": (
        {"type": "iiif"},
        LETTER,
        {
            "title": "Letter (1780)",
            "attribution": "A Division, A Library.",
            "source_url": "https://l.example/resource/1",
            "image_url": "https://l.example/full/full/,800/0/default.jpg",
            "caption_raw": "Recto",
        },
    ),
    "Florida State University (MODS of Islandora)": (
        {"type": "mods"},
        PLANS,
        {
            "source_record_id": "FSU_1",
            "creators": [{"name": "Elm (Firm)", "role": "cre", "uri": "http://id.loc.gov/authorities/names/no1"}],
            "collection": "Elm papers",
            "source_url": None,
            "rights_raw": [
                "Use of this item is provided for research use only.",
                "http://rightsstatements.org/vocab/InC/1.0/",
            ],
        },
    ),
}
"""Collection -> `normalize`, a record in its structure, and what a row of it says."""


@pytest.mark.parametrize("name", TWINS)
def test_a_twin_is_read(name: str) -> None:
    settings, content, expected = TWINS[name]
    found = read_one(reader(**settings), f"a.{'json' if content[0] == '{' else 'xml'}", content.encode())
    assert not rejects(found)
    (row,) = records(found)
    said = {**row.values, "source_record_id": row.source_record_id}
    assert {column: said.get(column) for column in expected} == expected
