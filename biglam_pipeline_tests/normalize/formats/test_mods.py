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
    version=1,
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
