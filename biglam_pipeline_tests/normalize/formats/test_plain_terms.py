"""Terms are the same from a record's canonical form as from its elements, or that form says nothing."""

import random
import re
from pathlib import Path

import pytest
from lxml import etree

from biglam_pipeline.normalize.vocabularies.terms import columns_of, plain_columns
from biglam_pipeline.normalize.volatile import as_kept
from biglam_pipeline.parsing.inflate import Unreadable
from biglam_pipeline.parsing.xml.reading import read_xml

RECORD = """<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:xlink="http://www.w3.org/1999/xlink"><dc:title xml:lang="de"> &#x201e;A&lt;b&gt; &amp;amp; c&#13; </dc:title>
<dc:creator/>
<dc:contributor>Doe, J.</dc:contributor>between<dc:rights>In copyright</dc:rights><other xmlns="">x</other>
<dc:relation>http://rightsstatements.org/vocab/InC/1.0/</dc:relation><rightsHolder>nobody may</rightsHolder>
<dc:identifier>a</dc:identifier><dc:identifier>a</dc:identifier><dc:accessRights>closed</dc:accessRights></oai_dc:dc>"""
PIECES = [
    *(
        '<dc:title><b xmlns="x">in</b> it</dc:title>',
        '<dc:rights xlink:href="http://creativecommons.org/licenses/by/4.0/"/>',
    ),
    *('<dc:type xlink:href="x">y</dc:type>', "<!-- <dc:title>no</dc:title> -->", "<![CDATA[<dc:title>no</dc:title>]]>"),
    *(
        "<copyright copyright.status='pd'>c</copyright>",
        "&quot;",
        "&apos;",
        "&#9;",
        "&#10;",
        "\u00a0",
        "<?p x?>",
        "<dc:dc/>",
    ),
    *(
        '<dc:date xmlns:dc="dc">1900</dc:date>',
        "<dc:date>info:eu-repo/date/embargoEnd/2031-01-01</dc:date>",
        "]",
        ">",
        '"',
    ),
]


def check(record: etree._Element) -> bool:
    """Whether the canonical form says the terms; what it says is what the elements say."""
    raw = as_kept(record, ())
    assert columns_of(record, raw) == columns_of(record, "")
    return plain_columns(raw) is not None


def test_terms_are_read_of_the_canonical_form() -> None:
    assert check(read_xml(RECORD.encode()).root)
    assert plain_columns("<a><title>x&amp;lt;</title></a>") == ({"title": ["x&lt;"]}, set(), False)


def test_a_text_of_several_lines_is_laid_out_alike() -> None:
    record = read_xml(b"<dc><title>A long\n      title</title><description>One\n  two</description></dc>").root
    assert check(record)
    assert columns_of(record, as_kept(record, ()))[0] == {"title": "A long title", "description": "One\ntwo"}


@pytest.mark.parametrize("piece", PIECES[:6])
def test_what_is_more_than_a_text_is_read_of_the_elements(piece: str) -> None:
    record = read_xml(RECORD.replace("between", piece).encode()).root
    assert check(record) == ("<!--" in piece or "CDATA" in piece)  # of these a parser leaves nothing but text


def test_mutated_records_are_read_alike() -> None:
    chance, known = random.Random(3), 0
    places = [found.start() for found in re.finditer(r"<|(?<=>)|(?<=[\w ])", RECORD) if found.start() > 230]
    for _ in range(4000):
        text = RECORD
        for at in sorted(chance.sample(places, 2), reverse=True):
            text = text[:at] + chance.choice(PIECES) + text[at:]
        try:
            known += check(read_xml(text.encode()).root)
        except Unreadable:
            continue
    assert known > 100


def test_real_records_are_read_alike(real_data: Path) -> None:
    records = [
        record
        for path in sorted(real_data.rglob("*.xml"))
        if b"oai_dc/" in (data := path.read_bytes())
        for record in read_xml(data).root.iter("{http://www.openarchives.org/OAI/2.0/oai_dc/}dc")
    ]
    assert sum(map(check, records)) > 0.5 * len(records) > 0
