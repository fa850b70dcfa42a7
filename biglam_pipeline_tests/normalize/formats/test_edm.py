"""EDM: what a provider says of an object, never what Europeana made of it; rights of all its parts."""

import io
import zipfile
from typing import Any

import pytest
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
    version=5,
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
    assert unmapped(found)[0].filled == {"format": 1, "isShownBy": 1, "spatial": 1}  # it points to what is not there


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


CHO = '<edm:ProvidedCHO rdf:about="http://a.org/o1"><dc:title>One</dc:title>{}</edm:ProvidedCHO>'
AGGREGATION = '<ore:Aggregation><edm:aggregatedCHO rdf:resource="http://a.org/o1"/>{}</ore:Aggregation>'
CLOSED = "http://rightsstatements.org/vocab/InC/1.0/"


def values_of(inner: str) -> dict[str, Any]:
    (record,) = records(read_one(reader(type="edm"), "a.xml", whole(inner).encode()))
    return record.values


def test_several_objects_in_one_rdf_are_never_one_row() -> None:
    other = (CHO + AGGREGATION).replace("o1", "o2").format("", f'<edm:rights rdf:resource="{CLOSED}"/>')
    found = read_one(reader(type="edm"), "a.xml", whole(CHO.format("") + AGGREGATION.format("") + other).encode())
    assert (records(found), reasons(found)) == ([], ["several_objects"])


def test_the_object_is_the_one_that_is_aggregated() -> None:
    parent = '<edm:ProvidedCHO rdf:about="http://a.org/book"><dc:title>Book</dc:title></edm:ProvidedCHO>'
    found = values_of(parent + CHO.format("") + AGGREGATION.format(""))
    assert found["title"] == "One"
    assert "title_alt" not in found


@pytest.mark.parametrize(
    ("inner", "column", "due"),
    [
        # a label may say less than what it stands on
        (
            CHO.format(f'<dc:rights rdf:resource="{CLOSED}"/>')
            + f'<skos:Concept rdf:about="{CLOSED}"><skos:prefLabel>A label</skos:prefLabel></skos:Concept>',
            "rights_raw",
            [CLOSED, "A label"],
        ),
        (
            CHO.format(f'<dc:rights rdf:resource="{CLOSED}">Public domain</dc:rights>'),
            "rights_raw",
            ["Public domain", CLOSED],
        ),
        (
            CHO.format("") + AGGREGATION.format("<dcterms:accessRights>closed access</dcterms:accessRights>"),
            "access_raw",
            ["closed access"],
        ),
        (
            CHO.format("") + f'<edm:WebResource><dcterms:license rdf:resource="{CLOSED}"/></edm:WebResource>',
            "rights_raw",
            [CLOSED],
        ),
        (
            CHO.format("")
            + AGGREGATION.format('<edm:rights rdf:resource="#licence"/>')
            + '<cc:License xmlns:cc="http://creativecommons.org/ns#" rdf:about="#licence"><odrl:inheritFrom '
            f'xmlns:odrl="http://www.w3.org/ns/odrl/2/" rdf:resource="{CLOSED}"/></cc:License>',
            "rights_raw",
            [CLOSED],
        ),
    ],
)
def test_every_statement_is_heard_however_it_is_written(inner: str, column: str, due: list[str]) -> None:
    assert values_of(inner)[column] == due


def test_what_has_no_preferred_label_is_called_by_the_next() -> None:
    found = values_of(
        CHO.format(
            '<dc:date rdf:resource="#time"/><dc:creator rdf:resource="#ames"/><dc:contributor><edm:Agent>'
            "<skos:prefLabel>Poe</skos:prefLabel><skos:altLabel>E. A. Poe</skos:altLabel></edm:Agent></dc:contributor>"
        )
        + '<edm:TimeSpan rdf:about="#time"><edm:begin>1851</edm:begin><edm:end>1860</edm:end></edm:TimeSpan>'
        '<edm:Agent rdf:about="#ames"><skos:altLabel>Ames</skos:altLabel></edm:Agent>'
    )
    assert found["date_raw"] == ["1851/1860"]
    assert found["creators"] == ["Ames", {"name": "Poe", "role": "contributor"}]


def test_an_object_inside_of_its_aggregation_is_read() -> None:
    inside = f"<ore:Aggregation><edm:aggregatedCHO>{CHO.format('')}</edm:aggregatedCHO></ore:Aggregation>"
    assert values_of(inside)["title"] == "One"


def test_marked_up_text_is_text() -> None:
    text = '<dc:description rdf:parseType="Literal">a <b xmlns="urn:b">bold</b> word</dc:description>'
    assert values_of(CHO.format(text))["description"] == "a bold word"


def test_what_the_file_itself_names_is_found_there() -> None:
    agent = '<edm:Agent rdf:ID="ames"><skos:prefLabel>Ames</skos:prefLabel></edm:Agent>'
    assert values_of(CHO.format('<dc:creator rdf:resource="#ames"/>') + agent)["creators"] == ["Ames"]


@pytest.mark.parametrize(
    ("said", "description", "problem"),
    [
        ([("en", "A harbour."), ("de", "Ein Hafen.")], "Ein Hafen.", True),
        ([("en", "A harbour."), ("fr", "Un port.")], "A harbour.", True),
        ([("fr-FR", "Un port."), ("fre", "Avec des bateaux."), ("en", "x")], "Un port.\n\nAvec des bateaux.", True),
        ([("", "No. 7."), ("en", "A harbour."), ("ger", "Ein Hafen.")], "No. 7.\n\nEin Hafen.", True),
        (
            [("en", "A harbour."), ("en-GB", "With ships."), ("", "No. 7.")],
            "A harbour.\n\nWith ships.\n\nNo. 7.",
            False,
        ),
        ([("", "A harbour."), ("zz-none", "With ships.")], "A harbour.\n\nWith ships.", False),
    ],
)
def test_a_description_is_in_one_language(said: list[tuple[str, str]], description: str, problem: bool) -> None:
    """That of the object (here German) where one is, else that of the first; the record keeps all of them."""
    terms = "".join(
        f"<dc:description{f' xml:lang={code!r}' if code else ''}>{text}</dc:description>" for code, text in said
    )
    (row,) = records(
        read_one(
            reader(type="edm"),
            "a.xml",
            DELIVERED.replace("<dc:language>", f"{terms}<dc:language>").encode(),
        )
    )
    assert row.values["description"] == description
    assert ("description: another language is left out" in row.problems) == problem
    assert all(text in row.values["raw_record"] for _, text in said)
