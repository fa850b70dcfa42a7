"""PREMIS in METS: the status is a statement, the kind of law and the land are none, and a restriction closes."""

import pytest
from lxml import etree

from biglam_pipeline.normalize.rows.rights_of import mets_rights

PUBLIC = (
    "<copyrightInformation><copyrightStatus>publicdomain</copyrightStatus><copyrightJurisdiction>us</copyrightJurisdiction>"
    "<copyrightStatusDeterminationDate>2024-01-02</copyrightStatusDeterminationDate>{}</copyrightInformation>"
)
NOTE = "<copyrightNote>Its author died in 1901.</copyrightNote>"


def granted(act: str, restriction: str) -> str:
    return f"<rightsGranted><act>{act}</act><restriction>{restriction}</restriction></rightsGranted>"


@pytest.mark.parametrize(
    ("basis", "inside", "due"),
    [
        ("Copyright", PUBLIC.format(""), ["Public domain"]),
        ("copyright", PUBLIC.format(NOTE), ["Public domain", "Its author died in 1901."]),
        (
            "copyright",
            "<copyrightInformation><copyrightStatus>copyrighted</copyrightStatus></copyrightInformation>",
            ["In copyright"],
        ),
        ("copyright", "<copyrightInformation/>", ["copyright"]),
        ("license", "<licenseInformation><licenseTerms>CC BY 4.0</licenseTerms></licenseInformation>", ["CC BY 4.0"]),
        ("license", "", ["license"]),
        ("copyright", PUBLIC.format("") + granted("disseminate", "Allow"), ["Public domain"]),
        (
            "copyright",
            PUBLIC.format("") + granted("disseminate", "Disallow"),
            ["Public domain", "Restricted access: disseminate, Disallow"],
        ),
        ("copyright", PUBLIC.format("") + granted("delete", "Disallow"), ["Public domain"]),
        (
            "copyright",
            PUBLIC.format("") + "<rightsGranted><restriction>Conditional</restriction></rightsGranted>",
            ["Public domain", "Restricted access: Conditional"],
        ),
    ],
)
def test_what_is_said_of_the_rights_is_heard(basis: str, inside: str, due: list[str]) -> None:
    statement = f"<rightsStatement xmlns='http://www.loc.gov/premis/v3'><rightsBasis>{basis}</rightsBasis>{inside}"
    section = f"<rightsMD><mdWrap><xmlData>{statement}</rightsStatement></xmlData></mdWrap></rightsMD>"
    assert mets_rights(etree.fromstring(f"<mets><amdSec>{section}</amdSec></mets>")) == due
