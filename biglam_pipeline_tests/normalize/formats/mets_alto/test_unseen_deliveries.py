"""Made-up twins of deliveries that no reader was built on: their structure is that of the public samples of impresso.

https://github.com/impresso/impresso-text-acquisition, text_preparation/data/sample_data.
"""

import pytest

from biglam_pipeline_tests.normalize.bundles import item, read, reader, records, rejects

XLINK = 'xmlns:xlink="http://www.w3.org/1999/xlink"'


def _alto(page: int, *blocks: tuple[str, str]) -> str:
    """A page of a scripted conversion: no blanks written, the same confidence for each word, names of CCS."""
    lines = "".join(
        f'<TextBlock ID="{name}" HPOS="126" VPOS="972" WIDTH="1146" HEIGHT="111"><TextLine ID="{name}L001">'
        + "".join(f'<String WC="0.5" HEIGHT="77" CONTENT="{word}"/>' for word in text.split())
        + "</TextLine></TextBlock>"
        for name, text in blocks
    )
    return (
        '<?xml version="1.0"?><alto xmlns="http://schema.ccs-gmbh.com/ALTO"><Description><MeasurementUnit>pixel'
        f"</MeasurementUnit><sourceImageInformation><fileName>../MASTER/0000{page}.jp2</fileName></sourceImageInformation>"
        f'</Description><Layout><Page ID="P{page}" PHYSICAL_IMG_NR="{page}" HEIGHT="3368" WIDTH="2502"><PrintSpace>'
        f"{lines}</PrintSpace></Page></Layout></alto>"
    )


PLACEHOLDERS = f"""<?xml version="1.0"?><mets xmlns="http://www.loc.gov/METS/" xmlns:MODS="http://www.loc.gov/mods/v3"
{XLINK} PROFILE="urn:library-of-congress:mets:profiles:ndnp:issue:v1.5" LABEL="DOCUMENT_TITLE_PLACEHOLDER">
<dmdSec ID="pageModsBib1"><mdWrap MDTYPE="MODS" LABEL="Page metadata"><xmlData><MODS:mods><MODS:part>
<MODS:extent unit="pages">
<MODS:start>1</MODS:start></MODS:extent></MODS:part></MODS:mods></xmlData></mdWrap></dmdSec><fileSec>
<fileGrp ID="IMGGRP" USE="Images"><file ID="IMG00001" MIMETYPE="image/tif" SEQ="1"><FLocat LOCTYPE="URL"
xlink:href="file://./MASTER/00001.jp2"/></file></fileGrp><fileGrp ID="ALTOGRP" USE="Text"><file ID="ALTO0001"
MIMETYPE="text/xml" SEQ="1"><FLocat LOCTYPE="URL" xlink:href="file://./ALTO/00001.xml"/></file><file ID="ALTO0002"
MIMETYPE="text/xml" SEQ="2"><FLocat LOCTYPE="URL" xlink:href="file://./ALTO/00002.xml"/></file></fileGrp></fileSec>
<structMap LABEL="Physical Structure" TYPE="PHYSICAL"><div ID="DIVP1" DMDID="MODSMD_ELEC MODSMD_PRINT" TYPE="Newspaper">
<div ID="DIVP2" ORDER="1" TYPE="PAGE"><fptr><par><area FILEID="IMG00001"/>
<area FILEID="ALTO0001" BETYPE="IDREF" BEGIN="P1"/>
</par></fptr></div><div ID="DIVP3" ORDER="2" TYPE="PAGE"><fptr><par>
<area FILEID="ALTO0002" BETYPE="IDREF" BEGIN="P2"/></par>
</fptr></div></div></structMap><structMap LABEL="Logical Structure" TYPE="LOGICAL"><div ID="DIVL1" TYPE="Newspaper"
LABEL="DOCUMENT_TITLE_PLACEHOLDER"><div ID="DIVL2" TYPE="VOLUME" DMDID="MODSMD_PRINT"><div ID="DIVL3" TYPE="ISSUE"
DMDID="MODSMD_ISSUE1" LABEL="DOCUMENT_TITLE_PLACEHOLDER"><div ID="DIVL4" TYPE="CONTENT"><div ID="DIVL5" TYPE="Article"
DMDID="MODSMD_ARTICLEAr00100" LABEL="Der Bote..."><div ID="DIVL6" TYPE="BODY"><div ID="DIVL7" TYPE="BODY_CONTENT">
<div ID="DIVL8" TYPE="PARAGRAPH" ORDER="1"><div ID="DIVL9" TYPE="TEXT"><fptr><area BETYPE="IDREF" FILEID="ALTO0001"
BEGIN="P1_Ar0"/></fptr></div></div><div ID="DIVL10" TYPE="PARAGRAPH" ORDER="2"><div ID="DIVL11" TYPE="TEXT"><fptr><area
BETYPE="IDREF" FILEID="ALTO0002" BEGIN="P2_Ar0"/></fptr></div></div></div></div></div></div></div></div></div>
</structMap></mets>"""

PROJECT = f"""<?xml version="1.0"?>
<METS:mets xmlns:METS="http://www.loc.gov/METS/" xmlns:mets="http://www.loc.gov/METS/"
xmlns:mods="http://www.loc.gov/mods/v3" {XLINK} TYPE="Newspaper" LABEL="Le Journal no.  01.08.1821" PROFILE="ENMAP">
<mets:dmdSec ID="MODSMD_PRINT"><mets:mdWrap MDTYPE="MODS"><mets:xmlData><mods><recordInfo><recordContentSource>BnF
</recordContentSource></recordInfo><genre>newspaper issue</genre><titleInfo><title>Le Journal</title></titleInfo>
<accessCondition>6 - Snippet view (image server)</accessCondition><language><languageTerm>French</languageTerm>
<fontTerm>Antiqua</fontTerm></language><originInfo><dateCreated point="start" keyDate="yes"/></originInfo></mods>
</mets:xmlData></mets:mdWrap></mets:dmdSec><mets:dmdSec ID="MODSMD_ISSUE1"><mets:mdWrap MDTYPE="MODS"><mets:xmlData>
<mods:mods>
<mods:titleInfo xml:lang="fr"><mods:title>Le Journal</mods:title></mods:titleInfo><mods:originInfo><mods:dateIssued
point="start" keyDate="yes" qualifier="approximate">01.08.1821</mods:dateIssued></mods:originInfo></mods:mods>
</mets:xmlData>
</mets:mdWrap></mets:dmdSec><mets:dmdSec ID="MODSMD_ARTICLE1"><mets:mdWrap MDTYPE="MODS"><mets:xmlData><mods:mods>
<mods:titleInfo>
<mods:title>ALLEMAGNE.</mods:title></mods:titleInfo><mods:language><mods:languageTerm type="code" authority="rfc3066">fr
</mods:languageTerm></mods:language></mods:mods></mets:xmlData></mets:mdWrap></mets:dmdSec><mets:fileSec>
<mets:fileGrp ID="ALTOGRP">
<mets:file ID="ALTO00001" MIMETYPE="text/xml" SEQ="1">
<mets:FLocat LOCTYPE="URL" xlink:href="file://./ALTO/00001.xml"/></mets:file>
</mets:fileGrp></mets:fileSec><mets:structMap LABEL="Physical Structure" TYPE="PHYSICAL"><mets:div TYPE="Newspaper">
<mets:div
ID="DIVP2" ORDER="1" TYPE="PAGE"><mets:fptr><mets:area FILEID="ALTO00001" BETYPE="IDREF" BEGIN="P1"/></mets:fptr>
</mets:div>
</mets:div></mets:structMap><mets:structMap LABEL="Logical Structure" TYPE="LOGICAL"><mets:div TYPE="Newspaper"
DMDID="MODSMD_PRINT"><mets:div TYPE="ISSUE" DMDID="MODSMD_ISSUE1">
<mets:div ID="DIVL10" TYPE="ARTICLE" DMDID="MODSMD_ARTICLE1">
<mets:div TYPE="BODY"><mets:fptr><mets:area FILEID="ALTO00001" BETYPE="IDREF" BEGIN="P1_Ar0"/></mets:fptr></mets:div>
</mets:div>
</mets:div></mets:div></mets:structMap></METS:mets>"""


@pytest.mark.parametrize(
    ("mets", "pages", "expected"),
    [
        (
            PLACEHOLDERS,
            (_alto(1, ("P1_Ar0", "Der Bote kommt .")), _alto(2, ("P2_Ar0", "Er bleibt ."))),
            {
                "title": "Der Bote...",
                "text": "Der Bote kommt .\n\nEr bleibt .",
                "ocr_confidence": 0.5,
                "date_raw": None,
                "collection": None,
            },
        ),
        (
            PROJECT,
            (_alto(1, ("P1_Ar0", "Vienne , 21 juillet .")),),
            {
                "title": "ALLEMAGNE.",
                "text": "Vienne , 21 juillet .",
                "collection": "Le Journal",
                "languages": ["fr"],
                "date_raw": ["ca. 01.08.1821"],
                "rights_raw": ["6 - Snippet view (image server)"],
            },
        ),
    ],
    ids=["RERO, Switzerland: names that were never filled in", "Europeana Newspapers: MODS without a namespace"],
)
def test_a_delivery_that_nobody_saw_is_read(mets: str, pages: tuple[str, ...], expected: dict[str, object]) -> None:
    names = {"a/mets.xml": mets} | {f"a/ALTO/0000{number}.xml": page for number, page in enumerate(pages, 1)}
    found = read(
        reader(type="mets_alto", rows="article"), {name: item(name, text.encode()) for name, text in names.items()}
    )
    assert not rejects(found)
    (row,) = records(found)
    assert {column: row.values.get(column) for column in expected} == expected
