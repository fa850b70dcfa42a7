"""MODS: what its elements say in columns, in pages of a server, in collections and alone."""

from typing import Any

import pytest
from lxml import etree

from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    deleted,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
    unmapped,
)

NAMESPACE = "http://www.loc.gov/mods/v3"
FULL = """<titleInfo><nonSort>The</nonSort><title>angler</title><subTitle>or, rivers</subTitle>
<partNumber>Vol. 2</partNumber></titleInfo><titleInfo type="uniform"><title>Compleat angler</title></titleInfo>
<name type="personal"><namePart type="family">Walton</namePart><namePart type="given">Izaak</namePart>
<namePart type="date">1593-1683</namePart><role><roleTerm type="text">Author</roleTerm>
<roleTerm type="code">aut</roleTerm></role></name><name><namePart>Royal Society</namePart></name>
<typeOfResource>text</typeOfResource><genre>essays</genre>
<originInfo><place><placeTerm type="code">enk</placeTerm><placeTerm type="text">London</placeTerm></place>
<publisher>Marriot</publisher><dateIssued>1653</dateIssued></originInfo>
<language><languageTerm type="code">eng</languageTerm></language>
<physicalDescription><extent>246
   pages</extent><form>print</form></physicalDescription>
<abstract>Of fishing.</abstract><tableOfContents>Rivers -- Trout</tableOfContents><note>Bound in calf.</note>
<subject><topic>Fishing</topic><geographic>England</geographic></subject><subject><geographic>Thames</geographic></subject>
<subject><hierarchicalGeographic><country>England</country><city>London</city></hierarchicalGeographic></subject>
<subject><name><namePart>Cotton, Charles</namePart></name><titleInfo><title>Works</title></titleInfo></subject>
<relatedItem type="host"><titleInfo><title>Fishing library</title></titleInfo><identifier>host-1</identifier>
<accessCondition>In copyright</accessCondition></relatedItem>
<identifier type="local">a-1</identifier><identifier invalid="yes">wrong</identifier>
<location><physicalLocation>Library</physicalLocation><shelfLocator>Ang. 1</shelfLocator><url>http://a.org/raw</url>
<url usage="primary display">http://a.org/1</url></location>
<accessCondition type="use and reproduction">Public domain</accessCondition>
<accessCondition type="restriction on access">Reading room only</accessCondition>
<recordInfo><recordIdentifier>rec-1</recordIdentifier><recordContentSource>DLC</recordContentSource></recordInfo>"""


def mods(inner: str = FULL, prefix: str = "") -> str:
    if prefix:
        inner = (
            inner.replace("</", f"</{prefix}:")
            .replace("<", f"<{prefix}:")
            .replace(f"<{prefix}:/{prefix}:", f"</{prefix}:")
        )
        return f'<{prefix}:mods xmlns:{prefix}="{NAMESPACE}">{inner}</{prefix}:mods>'
    return f'<mods xmlns="{NAMESPACE}">{inner}</mods>'


def page(*parts: str) -> bytes:
    inner = "".join(
        f"<record><header><identifier>oai:a:{number}</identifier><datestamp>2020-01-02</datestamp></header>"
        f"<metadata>{part}</metadata></record>"
        for number, part in enumerate(parts, 1)
    )
    gone = "<header status='deleted'><identifier>oai:a:9</identifier><datestamp>2020-01-02</datestamp></header>"
    inner += f"<record>{gone}</record>"
    return (
        f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords>{inner}</ListRecords></OAI-PMH>'.encode()
    )


SPECIMEN = Specimen(
    {
        "page.xml": page(mods(), mods("<titleInfo><title>B</title></titleInfo>", "m")),
        "one.mods": mods("<titleInfo><title>C &amp; D</title></titleInfo><identifier>c-1</identifier>").encode(),
    },
    records=3,
    version=7,
    digest="f00720be5c5325aa",
)
SRU = "<searchRetrieveResponse><records><record><recordData>{}</recordData></record></records></searchRetrieveResponse>"
COLUMNS: dict[str, Any] = {
    "type": "Text",
    "title": "The angler: or, rivers. Vol. 2",
    "title_alt": ["Compleat angler"],
    "creators": [{"name": "Walton, Izaak, 1593-1683", "role": "aut"}, {"name": "Royal Society"}],
    "genres": ["essays"],
    "date_raw": ["1653"],
    "year_evidence": "imprint",
    "publisher": "Marriot",
    "publication_place": ["London"],
    "languages": ["eng"],
    "extent": "246 pages",
    "description": "Of fishing.\n\nRivers -- Trout",
    "subjects": ["Fishing -- England", "Cotton, Charles -- Works"],
    "spatial": ["England", "Thames", "England -- London"],
    "collection": "Fishing library",
    "identifiers": ["a-1", {"scheme": "shelfmark", "value": "Ang. 1"}],
    "source_url": "http://a.org/1",
    "rights_raw": ["Public domain"],
    "access_raw": ["Reading room only"],
}


@pytest.mark.parametrize("prefix", ["", "mods", "m"])
def test_every_element_goes_to_its_column_whatever_its_prefix(prefix: str) -> None:
    (record,) = records(read_one(reader(type="mods"), "page.xml", page(mods(prefix=prefix))))
    assert {name: value for name, value in record.values.items() if name != "raw_record"} == COLUMNS
    assert record.source_record_id == "oai:a:1"
    assert record.values["raw_record"].startswith("<mods " if not prefix else f"<{prefix}:mods ")


@pytest.mark.parametrize(
    ("data", "names"),
    [
        (mods(), ["rec-1"]),
        (
            f'<modsCollection xmlns="{NAMESPACE}">{mods()}{mods("<identifier>b</identifier>")}</modsCollection>',
            ["rec-1", "b"],
        ),
        (SRU.format(mods()), ["rec-1"]),
    ],
)
def test_records_outside_oai_are_called_by_their_own_identifier(data: str, names: list[str]) -> None:
    assert [one.source_record_id for one in records(read_one(reader(type="mods"), "a.xml", data.encode()))] == names


def test_a_title_is_read_as_archivesspace_misspells_it() -> None:
    (row,) = records(
        read_one(reader(type="mods"), "a.xml", page(mods("<titleinfo><title>Elm papers</title></titleinfo>")))
    )[:1]
    assert row.values["title"] == "Elm papers"


def test_a_tombstone_is_one_and_something_else_is_a_reject() -> None:
    found = read_one(reader(type="mods"), "page.xml", page(mods(), '<dc xmlns="urn:dc"><title>x</title></dc>'))
    assert (len(records(found)), len(deleted(found)), reasons(found)) == (1, 1, ["not_mods"])


def test_what_is_not_read_is_reported() -> None:
    made = reader(type="mods", map={"extra": {"note": "mods:note"}})
    found = read_one(made, "a.mods", mods().encode())
    assert records(found)[0].extra == {"note": "Bound in calf."}
    assert unmapped(found)[0].filled == {
        "physicalDescription/form": 1,
        "location/physicalLocation": 1,
        "recordInfo/recordContentSource": 1,
        "relatedItem/identifier": 1,
    }


def test_a_statement_in_a_note_is_heard() -> None:
    address = "http://rightsstatements.org/vocab/InC/1.0/"
    (record,) = records(read_one(reader(type="mods"), "a.mods", mods(f"<note>{address}</note>").encode()))
    assert record.values["rights_raw"] == [address]


@pytest.mark.parametrize("folder", ["mods", "oai-pmh", "aggregator-records"])
def test_real_records_are_as_many_as_their_elements(folder: str) -> None:
    counted = 0
    for name, one in real_folder(folder, "**/*").items():
        data = one.open().read()
        try:
            root = etree.fromstring(data)
        except etree.XMLSyntaxError:
            continue
        due = sum(
            1 for each in root.iter("{*}mods") if not any(str(up.tag).endswith("}mets") for up in each.iterancestors())
        )
        found = read_one(reader(type="mods"), name, data)
        assert len(records(found)) == due, name
        counted += due
    assert counted > 0


OPEN, CLOSED = "http://creativecommons.org/publicdomain/zero/1.0/", "In copyright"
TITLE = "<titleInfo><title>A</title></titleInfo>"


def values_of(inner: str, **block: Any) -> dict[str, Any]:
    (record,) = records(read_one(reader(type="mods", **block), "a.mods", mods(inner).encode()))
    return record.values


@pytest.mark.parametrize(
    ("inner", "column"),
    [
        # the German national library's types, and the note of the profile of DFG and DDB
        (f'<accessCondition type="use and reproduction metadata">{OPEN}</accessCondition>', "record_rights_raw"),
        (f'<accessCondition type="use and reproduction abstract">{OPEN}</accessCondition>', "record_rights_raw"),
        (f'<recordInfo><recordInfoNote type="license">{OPEN}</recordInfoNote></recordInfo>', "record_rights_raw"),
        (f'<note type="rights">{CLOSED}</note>', "rights_raw"),
        (f'<note displayLabel="Copyright">{CLOSED}</note>', "rights_raw"),
        (f'<note type="restriction">{CLOSED}</note>', "access_raw"),
        (f'<extension><x:rights xmlns:x="urn:x">{CLOSED}</x:rights></extension>', "rights_raw"),
    ],
)
def test_statements_go_to_what_they_speak_of(inner: str, column: str) -> None:
    found = values_of(TITLE + inner)
    said = {name for name in found if name in ("rights_raw", "access_raw", "record_rights_raw")}
    assert said == {column}
    assert found[column] in ([OPEN], [CLOSED])
    assert unmapped(read_one(reader(type="mods"), "a.mods", mods(TITLE + inner).encode()))[0].filled == {}


def test_what_is_not_to_be_shared_reaches_no_column() -> None:
    inner = TITLE + '<abstract shareable="no">Secret</abstract><abstract>Said</abstract>'
    (record,) = records(
        read_one(reader(type="mods", map={"extra": {"a": "mods:abstract"}}), "a.xml", page(mods(inner)))
    )
    assert "Secret" not in repr(record)
    assert record.values["description"] == "Said"
    assert record.problems == ("raw_record: what the record marks as not to be shared is left out",)


@pytest.mark.parametrize(
    ("inner", "column", "due"),
    [
        (
            (
                '<name><namePart type="given">Johann</namePart><namePart type="given">Sebastian</namePart>'
                '<namePart type="family">Bach</namePart></name>'
            ),
            "creators",
            [{"name": "Bach, Johann Sebastian"}],
        ),
        (  # Visual Library
            (
                '<name><namePart>Stigel, Johann</namePart><namePart type="given">Johann</namePart>'
                '<namePart type="family">Stigel</namePart><namePart type="date">1515-1562</namePart></name>'
            ),
            "creators",
            [{"name": "Stigel, Johann, 1515-1562"}],
        ),
        (
            (
                "<name><namePart>Ames</namePart><role><roleTerm>author</roleTerm></role><role><roleTerm>editor</roleTerm></role>"
                "</name>"
            ),
            "creators",
            [{"name": "Ames", "role": "author"}, {"name": "Ames", "role": "editor"}],
        ),
        (
            (
                "<titleInfo><nonSort>L'</nonSort><title>art</title><partNumber>1</partNumber><partName>x</partName>"
                "<partNumber>2</partNumber><partName>y</partName></titleInfo>"
            ),
            "title",
            "L'art. 1, x. 2, y",
        ),
        (
            "<titleInfo><title>Tales : </title><subTitle>for boys /</subTitle><partName>C++</partName></titleInfo>",
            "title",
            "Tales: for boys. C++",
        ),
        (
            '<titleInfo><title>B</title></titleInfo><titleInfo usage="primary"><title>C</title></titleInfo>',
            "title",
            "C",
        ),
        ("<originInfo><publisher>P</publisher><publisher>Q</publisher></originInfo>", "publisher", "P; Q"),
        ("<originInfo><publisher>E.J. Brill,</publisher></originInfo>", "publisher", "E.J. Brill"),
        (
            '<originInfo><place><placeTerm type="text">Leiden :</placeTerm></place></originInfo>',
            "publication_place",
            ["Leiden"],
        ),
        (
            "<physicalDescription><extent>1 map</extent><extent>10 cm</extent></physicalDescription>",
            "extent",
            "1 map; 10 cm",
        ),
        (
            "<subject><geographicCode>n-us---</geographicCode></subject><subject><topic>Maps</topic></subject>",
            "subjects",
            ["Maps"],
        ),
        (
            (
                "<language><languageTerm>fre</languageTerm></language>"
                '<language objectPart="summary"><languageTerm>eng</languageTerm></language>'
            ),
            "languages",
            ["fre"],
        ),
        # the day of the scan beside that of the photograph
        (
            '<originInfo><dateCreated keyDate="yes">1900</dateCreated><dateCaptured>2010</dateCaptured></originInfo>',
            "date_raw",
            ["1900"],
        ),
    ],
)
def test_second_values_are_not_lost_nor_in_the_wrong_column(inner: str, column: str, due: Any) -> None:
    assert values_of(inner)[column] == due


def test_what_several_records_may_have_is_no_name_of_one() -> None:
    inner = (
        '<identifier type="local" invalid="yes">no</identifier><identifier type="issn">1234-5678</identifier>'
        '<identifier type="local">a-1</identifier>'
    )
    (record,) = records(read_one(reader(type="mods"), "a.mods", mods(inner).encode()))
    assert record.source_record_id == "a-1"


def test_what_is_passed_over_inside_of_what_is_read_is_reported() -> None:
    inner = (
        "<originInfo><edition>2nd</edition><dateOther>1851</dateOther></originInfo><part><detail>3</detail></part>"
        '<relatedItem type="constituent"><titleInfo><title>Part</title></titleInfo></relatedItem>'
        "<typeOfResource>Photograph</typeOfResource><subject><cartographics><scale>1</scale></cartographics></subject>"
    )
    (said,) = unmapped(read_one(reader(type="mods"), "a.mods", mods(inner).encode()))
    due = (
        "originInfo/edition originInfo/dateOther part/detail relatedItem/titleInfo typeOfResource subject/cartographics"
    )
    assert set(said.filled) == set(due.split())


@pytest.mark.parametrize(("number", "said"), [(1, ()), (2, ("metadata_repeated: only the first of several is read",))])
def test_a_collection_around_a_record_of_oai(number: int, said: tuple[str, ...]) -> None:
    inside = f'<modsCollection xmlns="{NAMESPACE}">{mods(TITLE) * number}</modsCollection>'
    (record,) = records(read_one(reader(type="mods", map={"title": "mods:titleInfo"}), "page.xml", page(inside)))
    assert (record.values["title"], record.source_record_id) == ("A", "oai:a:1")
    assert record.problems == said


def test_a_statement_s_address_is_heard_in_an_identifier_too() -> None:
    address = "http://creativecommons.org/licenses/by-nc/4.0/"
    assert values_of(f'{TITLE}<identifier type="license">{address}</identifier>')["rights_raw"] == [address]


def test_what_is_not_shared_is_heard_where_it_speaks_of_rights() -> None:
    assert values_of(f'{TITLE}<accessCondition shareable="no">{CLOSED}</accessCondition>')["rights_raw"] == [CLOSED]


@pytest.mark.parametrize(
    ("inner", "column", "due"),
    [
        (
            '<extension><h:accessFlag xmlns:h="urn:h">R</h:accessFlag></extension>',
            "access_raw",
            ["Restricted access"],
        ),
        (
            '<accessCondition><RightsDeclarationMD xmlns="urn:r" RIGHTSCATEGORY="COPYRIGHTED"/></accessCondition>',
            "rights_raw",
            ["In copyright"],
        ),
    ],
)
def test_what_other_schemas_say_inside_of_a_record_is_heard(inner: str, column: str, due: list[str]) -> None:
    assert values_of(TITLE + inner)[column] == due


def test_what_is_public_is_no_statement() -> None:
    assert "access_raw" not in values_of(f"{TITLE}<extension><accessFlag>P</accessFlag></extension>")
