"""Every statement found in a record goes to the column of what it speaks of, and none is dropped."""

import pytest
from lxml import etree

from biglam_pipeline.normalize.rows.rights_of import (
    add_statements,
    column_of_term,
    mets_rights,
    mods_conditions,
    said_by,
    with_statements,
)
from biglam_pipeline.rights.rights_words import says_rights
from biglam_pipeline_tests.normalize.bundles import read_one, reader, records

INC = "http://rightsstatements.org/vocab/InC/1.0/"


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("rights", "rights_raw"),
        ("license", "rights_raw"),
        ("licence", "rights_raw"),
        ("rightsStatement", "rights_raw"),
        ("accessRights", "access_raw"),
        ("copyrightStatus", "rights_raw"),
        ("rightsHolder", ""),
        ("dateCopyrighted", ""),
        ("title", ""),
        ("Copyright Holder", ""),
        ("metadata_usage_rights", "rights_raw"),
        ("Lizenz", ""),  # Dublin Core's terms are English; a table's columns are mapped
    ],
)
def test_terms_that_speak_of_rights(name: str, column: str) -> None:
    assert column_of_term(name) == column


def test_a_prefix_and_joints_do_not_hide_a_column() -> None:
    assert all(says_rights(name) for name in ("dc:rights", "edm:Rights", "rights_statement", "USE-AND-REPRODUCTION"))
    assert not any(says_rights(name) for name in ("title", "dc:rightsHolder", "heights", "brightness"[:3]))


MODS = """<mods xmlns="http://www.loc.gov/mods/v3" xmlns:xlink="http://www.w3.org/1999/xlink">
  <accessCondition type="restriction on access">Closed</accessCondition>
  <accessCondition type="restrictionOnAccess">Open</accessCondition>
  <accessCondition type="useAndReproduction" xlink:href="{INC}">In Copyright</accessCondition>
  <accessCondition type="use and reproduction restrictions">Ask</accessCondition>
  <accessCondition type="local">Some other type</accessCondition>
  <accessCondition>None</accessCondition>
  <accessCondition type="use and reproduction"><copyright xmlns="http://www.cdlib.org/inside/diglib/copyrightMD"
    copyright.status="copyrighted" publication.status="published"/></accessCondition>
  <relatedItem><accessCondition>of another work</accessCondition></relatedItem>
</mods>"""


def test_mods_by_the_type_of_the_condition() -> None:
    """https://www.loc.gov/standards/mods/userguide/accesscondition.html"""
    found = mods_conditions(etree.fromstring(MODS.replace("{INC}", INC)))
    assert found == {
        "access_raw": ["Closed", "Open"],
        "rights_raw": ["In Copyright", INC, "Ask", "Some other type", "None", "In copyright"],
    }


@pytest.mark.parametrize(
    ("inside", "wanted"),
    [
        ("<dv:rights><dv:owner>A Library</dv:owner><dv:ownerLogo>http://a.org/x.png</dv:ownerLogo></dv:rights>", []),
        ("<dv:rights><dv:owner>A Library</dv:owner><dv:license>cc-by-sa</dv:license></dv:rights>", ["cc-by-sa"]),
        ("<r:RightsDeclarationMD RIGHTSCATEGORY='COPYRIGHTED'/>", ["In copyright"]),
        ("<r:RightsDeclarationMD RIGHTSCATEGORY='OTHER'/>", ["OTHER"]),
        (f"<dc:rights xlink:href='{INC}'>InC</dc:rights>", ["InC", INC]),
        ("<p>Not to be copied</p>", ["Not to be copied"]),
    ],
)
def test_mets_has_a_place_for_any_schema(inside: str, wanted: list[str]) -> None:
    spaces = " ".join(
        f'xmlns:{prefix}="{uri}"'
        for prefix, uri in {
            "mets": "http://www.loc.gov/METS/",
            "dv": "http://dfg-viewer.de/",
            "r": "http://cosimo.stanford.edu/sdr/metsrights/",
            "dc": "http://purl.org/dc/elements/1.1/",
            "xlink": "http://www.w3.org/1999/xlink",
        }.items()
    )
    wrapped = f"<mets:rightsMD ID='R'><mets:mdWrap><mets:xmlData>{inside}</mets:xmlData></mets:mdWrap></mets:rightsMD>"
    assert (
        mets_rights(etree.fromstring(f"<mets:mets {spaces}><mets:amdSec>{wrapped}</mets:amdSec></mets:mets>")) == wanted
    )


OAI = """<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record>
<header><identifier>1</identifier><datestamp>2020-01-01</datestamp></header><metadata>
<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<dc:title>A</dc:title><dc:rights>In copyright</dc:rights></oai_dc:dc></metadata>
<about><rights xmlns="http://www.openarchives.org/OAI/2.0/rights/"><rightsReference ref="http://a.org/cc0"/></rights></about>
</record></ListRecords></OAI-PMH>"""


def test_oai_says_of_the_record_what_stands_in_about() -> None:
    """http://www.openarchives.org/OAI/2.0/guidelines-rights.htm: "the expression applies to the metadata"."""
    [record] = records(read_one(reader(type="oai_dc"), "page", OAI.encode()))
    said = said_by(record.values, 1)
    assert (said.of_object, said.of_record) == (("In copyright",), ("http://a.org/cc0",))


def test_what_a_record_says_cannot_be_mapped_away() -> None:
    mapped = reader(type="oai_dc", map={"rights_raw": {"const": "CC0"}})
    [record] = records(read_one(mapped, "page", OAI.encode()))
    assert record.values["rights_raw"] == ["In copyright", "CC0"]
    [emptied] = records(read_one(reader(type="oai_dc", map={"rights_raw": "dc:nothing"}), "page", OAI.encode()))
    assert emptied.values["rights_raw"] == ["In copyright"]


def test_statements_of_two_descriptions_stand_beside_each_other() -> None:
    assert add_statements(["a", "b"], ["b", "c"]) == ["a", "b", "c"]
    assert add_statements(None, None) is None
    found = with_statements({"title": "inner", "rights_raw": ["a"]}, {"title": "outer", "rights_raw": ["b"]})
    assert found == {"title": "inner", "rights_raw": ["a", "b"]}
