"""Records of catalogues, and what is harvested with them."""

import gzip

from biglam_pipeline_tests.source.shapes.made import Shape, as_json, zipped


def _iso2709(**fields: str) -> bytes:
    """A record of MARC 21 of these variable fields, in ISO 2709."""
    directory, data = "", ""
    for name, value in fields.items():
        directory += f"{name[1:]}{len(value.encode()) + 1:04d}{len(data.encode()):05d}"
        data += value + "\x1e"
    base = 24 + len(directory) + 1
    size = base + len(data.encode()) + 1
    return (f"{size:05d}cam a22{base:05d}   4500{directory}\x1e{data}\x1d").encode()


BOOK = _iso2709(
    _001="   00000007 ",
    _008="850114s1850    enk           000 0 eng  ",
    _100="1 \x1faOther, Ann,\x1fd1801-1870.",
    _245="10\x1faElms of England /\x1fcby Ann Other.",
    _490="0 \x1faTrees ;\x1fv2",
)
OAI = """<?xml version="1.0" encoding="UTF-8"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/">
<responseDate>2026-11-20T00:00:00Z</responseDate><request verb="ListRecords">https://library.example/oai</request>
<ListRecords><record><header><identifier>oai:library.example:elm</identifier><datestamp>2020-01-01</datestamp></header>
<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>The elm</dc:title><dc:creator>Other, Ann</dc:creator><dc:date>1850</dc:date>
<dc:rights>http://rightsstatements.org/vocab/NoC-US/1.0/</dc:rights></oai_dc:dc>
</metadata></record></ListRecords></OAI-PMH>"""
RIJKS = """<?xml version="1.0" encoding="UTF-8"?><record xmlns="http://www.openarchives.org/OAI/2.0/">
<header><identifier>oai:rijksmuseum.nl:collection:SK-A-7</identifier>
<datestamp>2013-06-05T13:05:10Z</datestamp></header>
<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/"
 xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>Een iep</dc:title><dc:creator>schilder: Anna Ander</dc:creator><dc:date>1650</dc:date>
<dc:rights>http://creativecommons.org/publicdomain/mark/1.0/</dc:rights><dc:language>nl</dc:language>
</oai_dc:dc></metadata></record>"""
ALTO = (
    '<alto xmlns="http://www.loc.gov/standards/alto/ns-v2#"><Layout><Page ID="P1" WIDTH="8" HEIGHT="6"><PrintSpace>'
    '<TextBlock ID="B1"><TextLine><String CONTENT="Die" WC="0.9"/><SP/><String CONTENT="Ulme" WC="0.7"/></TextLine>'
    "</TextBlock></PrintSpace></Page></Layout></alto>"
)
EDM = """<?xml version="1.0" encoding="UTF-8"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
 xmlns:edm="http://www.europeana.eu/schemas/edm/" xmlns:ore="http://www.openarchives.org/ore/terms/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/">
<edm:ProvidedCHO rdf:about="http://data.theeuropeanlibrary.org/BibliographicResource/3000000000007"/>
<ore:Aggregation rdf:about="/aggregation/provider/9200300/BibliographicResource_3000000000007">
<edm:aggregatedCHO rdf:resource="http://data.theeuropeanlibrary.org/BibliographicResource/3000000000007"/>
<edm:rights rdf:resource="http://creativecommons.org/publicdomain/mark/1.0/"/></ore:Aggregation>
<ore:Proxy rdf:about="/proxy/provider/9200300/BibliographicResource_3000000000007">
<dc:title>Die Ulme - 1850-01-04</dc:title><dc:language>de</dc:language><dcterms:issued>1850-01-04</dcterms:issued>
<edm:type>TEXT</edm:type></ore:Proxy></rdf:RDF>"""
MANIFEST = {
    "@context": "http://iiif.io/api/presentation/2/context.json",
    "@id": "https://iiif.bodleian.ox.ac.uk/iiif/manifest/elm.json",
    "@type": "sc:Manifest",
    "label": "Elms on the Nile",
    "license": "https://creativecommons.org/licenses/by-nc/4.0/",
    "sequences": [
        {
            "@type": "sc:Sequence",
            "canvases": [
                {
                    "@id": f"https://iiif.bodleian.ox.ac.uk/iiif/canvas/{number}.json",
                    "@type": "sc:Canvas",
                    "label": f"fol. {number}r",
                    "width": 8,
                    "height": 6,
                    "images": [],
                }
                for number in (1, 2)
            ],
        }
    ],
}
SPEECH = (
    "id,speech,display_as,party,constituency,mnis_id,date,time,colnum,speech_class,major_heading,minor_heading,"
    "oral_heading,year,hansard_membership_id,speakerid,person_id,speakername,url\n"
    "uk.org.publicspeech/debate/1979-05-17a.7.0,I rise to speak of elms.,Ann Other,Labour,Elmbridge,7,1979-05-17,"
    "14:30:00,7,Speech,ELMS,,,1979,7,uk.org.publicspeech/member/7,uk.org.publicspeech/person/7,Ann Other,"
    "https://api.parliament.uk/historic-hansard/commons/1979/may/17/elms\n"
)
SHAPES: dict[str, Shape] = {
    "loc_books_marc": Shape(
        "BooksAll.2016.part01.utf8.gz",
        gzip.compress(BOOK),
        1,
        {"title": "Elms of England", "series": "Trees ;", "year_start": 1850, "source_record_id": "00000007"},
    ),
    "wayne_ramsey": Shape("oai", {"1.xml": OAI.encode()}, 1, {"title": "The elm", "rights_name": "noc-us-1.0"}),
    "rijksmuseum_challenge_2014": Shape(
        "5660617",
        {"rijksgt.zip": zipped({"xml/SK-A-7.xml": RIJKS.encode()})},
        1,
        {"title": "Een iep", "rights_name": "public-domain-mark-1.0", "year_start": 1650},
    ),
    "europeana_newspapers": Shape(
        "newspapers",
        {
            "fulltext/alto/9200300.zip": zipped({"BibliographicResource_3000000000007/1.xml": ALTO.encode()}),
            "metadata/9200300.zip": zipped({"BibliographicResource_3000000000007.xml": EDM.encode()}),
        },
        1,
        {
            "text": "Die Ulme",
            "title": "Die Ulme - 1850-01-04",
            "languages": ["de"],
            "rights_name": "public-domain-mark-1.0",
        },
    ),
    "bodleian_egypt": Shape(
        "egypt", {"elm.json": as_json(MANIFEST)}, 2, {"title": "Elms on the Nile", "rights_name": "cc-by-nc-4.0"}
    ),
    "londons-pulse-moh": Shape("digmoh", {"elm.json": as_json(MANIFEST)}, 2, {"title": "Elms on the Nile"}),
    "hansard_speeches": Shape(
        "hansard-speeches-v310.csv.zip",
        zipped({"hansard-speeches-v310.csv": SPEECH.encode()}),
        1,
        {"text": "I rise to speak of elms.", "date_edtf": "1979-05-17", "party": "Labour"},
    ),
}
