"""EDM: what a provider says of an object, never what Europeana made of it; rights of all its parts."""

import io
import zipfile

from lxml import etree

from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import read_one, reader, real_folder, reasons, records, unmapped

SPACES = (
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:dcterms="http://purl.org/dc/terms/" xmlns:edm="http://www.europeana.eu/schemas/edm/" '
    'xmlns:ore="http://www.openarchives.org/ore/terms/" xmlns:skos="http://www.w3.org/2004/02/skos/core#"'
)
TERMS = """<dc:title xml:lang="de">Hafen</dc:title><dc:creator rdf:resource="#ames"/><dc:date>1851</dc:date>
<dc:subject rdf:resource="http://a.org/ships"/><dc:language>de</dc:language><dcterms:spatial rdf:resource="#gone"/>
<edm:hasType>engraving</edm:hasType><edm:type>IMAGE</edm:type><dc:rights>(c) A Museum</dc:rights>
<dc:format>jpg</dc:format>"""
AROUND = """<edm:Agent rdf:about="#ames"><skos:prefLabel xml:lang="fr">Ames, F. (fr)</skos:prefLabel>
<skos:prefLabel xml:lang="en">Ames, F.</skos:prefLabel></edm:Agent>
<edm:WebResource rdf:about="http://a.org/1.jpg"><edm:rights rdf:resource="http://creativecommons.org/licenses/by-nc/4.0/"/>
</edm:WebResource><ore:Aggregation rdf:about="#agg"><edm:aggregatedCHO rdf:resource="#cho"/>
<edm:isShownAt rdf:resource="http://a.org/1"/><edm:isShownBy rdf:resource="http://a.org/1.jpg"/>
<edm:rights rdf:resource="http://creativecommons.org/publicdomain/mark/1.0/"/></ore:Aggregation>"""


def whole(inner: str) -> str:
    return f"<rdf:RDF {SPACES}>{inner}</rdf:RDF>"


DELIVERED = whole(f'<edm:ProvidedCHO rdf:about="#cho">{TERMS}</edm:ProvidedCHO>{AROUND}')
PUBLISHED = whole(
    f'<edm:ProvidedCHO rdf:about="#cho"/>{AROUND}<ore:Proxy rdf:about="#p"><ore:proxyFor rdf:resource="#cho"/>{TERMS}'
    "<edm:europeanaProxy>false</edm:europeanaProxy></ore:Proxy><ore:Proxy><dc:title>Translated</dc:title>"
    "<dcterms:created>1851/1851</dcterms:created><edm:europeanaProxy>true</edm:europeanaProxy></ore:Proxy>"
    '<edm:EuropeanaAggregation><edm:rights rdf:resource="http://creativecommons.org/publicdomain/zero/1.0/"/>'
    "</edm:EuropeanaAggregation>"
)
SPECIMEN = Specimen(
    {"delivered.xml": DELIVERED.encode(), "published.xml": PUBLISHED.encode(), "other.xml": whole("<x/>").encode()},
    records=2,
    version=1,
    digest="bb2b832b2fe82219",
)
COLUMNS = {
    "type": "StillImage",
    "title": "Hafen",
    "creators": ["Ames, F."],
    "date_raw": ["1851"],
    "subjects": ["http://a.org/ships"],
    "languages": ["de"],
    "genres": ["engraving"],
    "source_url": "http://a.org/1",
}


def test_what_a_provider_delivers() -> None:
    found = read_one(reader(type="edm"), "a.xml", DELIVERED.encode())
    (record,) = records(found)
    values = {name: value for name, value in record.values.items() if name in COLUMNS}
    assert values == COLUMNS
    assert record.source_record_id == "#cho"
    assert record.values["rights_raw"] == [
        "(c) A Museum",
        "http://creativecommons.org/publicdomain/mark/1.0/",
        "http://creativecommons.org/licenses/by-nc/4.0/",
    ]
    assert unmapped(found)[0].filled == {"format": 1, "isShownBy": 1}


def test_what_europeana_made_of_it_is_not_read_and_its_own_licence_is_of_the_record() -> None:
    (record,) = records(read_one(reader(type="edm"), "a.xml", PUBLISHED.encode()))
    assert {name: value for name, value in record.values.items() if name in COLUMNS} == COLUMNS
    assert "title_alt" not in record.values
    assert record.values["record_rights_raw"] == ["http://creativecommons.org/publicdomain/zero/1.0/"]
    assert "http://creativecommons.org/publicdomain/zero/1.0/" not in record.values["rights_raw"]


def test_other_rdf_is_a_reject() -> None:
    assert reasons(read_one(reader(type="edm"), "a.xml", whole("<skos:Concept/>").encode())) == ["not_edm"]


def test_real_records() -> None:
    """Every RDF of Europeana's own test data is one object; all of them state rights, but one in three forms."""
    counted = with_rights = 0
    for name, one in real_folder("edm", "**/*.xml").items():
        data = one.open().read()
        root = etree.fromstring(data)
        if root.find("{*}ProvidedCHO") is None:
            continue
        (record,) = records(read_one(reader(type="edm"), name, data))
        counted += 1
        stated = root.iterfind("{*}Aggregation/{*}rights")
        said = {each.get("{http://www.w3.org/1999/02/22-rdf-syntax-ns#}resource") for each in stated}
        with_rights += bool(said)
        assert said - {None} <= set(record.values.get("rights_raw", [])), name
    assert counted >= 15
    assert with_rights >= 15


def test_records_of_a_real_archive_are_all_read() -> None:
    counted = 0
    for one in real_folder("edm", "**/*.zip").values():
        with zipfile.ZipFile(io.BytesIO(one.open().read())) as archive:
            for name in archive.namelist():
                if name.endswith(".xml"):
                    found = read_one(reader(type="edm"), name, archive.read(name))
                    assert len(records(found)) + len(reasons(found)) == 1, name
                    counted += len(records(found))
    assert counted > 0
