"""What stands beside the words of a finding aid: marks that close it, words of the list of components, odd wraps."""

from typing import Any

import pytest

from biglam_pipeline.records import Bundle
from biglam_pipeline_tests.normalize.bundles import item, read_one, reader, records, rejects, unmapped
from biglam_pipeline_tests.normalize.formats.test_blanking import take_out
from biglam_pipeline_tests.normalize.formats.test_ead import aid, components


@pytest.mark.parametrize(
    ("written", "column", "heard"),
    [
        (
            "<accessrestrict rights-restriction='Restricted' id='closed'><p>In the vault.</p>",
            "access_raw",
            "Restricted",
        ),
        ("<accessrestrict localtype='RestrictedFragile'><p>In the vault.</p>", "access_raw", "Restricted Fragile"),
        ("<accessrestrict><head>Closed until 2080</head><p>In the vault.</p>", "access_raw", "Closed until 2080"),
        ("<accessrestrict><head>Restricted</head>", "access_raw", "Restricted"),
        (
            "<accessrestrict rights-restriction='Open'><head>Restrictions on Access</head><p>Ask.</p>",
            "access_raw",
            "Ask.",
        ),
        ("<accessrestrict><head>Copyright</head><p>Ask.</p>", "access_raw", "Ask."),
        ("<userestrict><head>All rights reserved</head>", "rights_raw", "All rights reserved"),
        ("<userestrict><head>Copyright</head><p>CC0</p>", "rights_raw", "CC0"),
    ],
)
def test_a_heading_or_an_attribute_that_closes_is_heard(written: str, column: str, heard: str) -> None:
    """Whatever the words under it say; a heading that only names what follows is none."""
    (one,) = components(f"<c><did/>{written}</{written[1:].partition('>')[0].partition(' ')[0]}></c>")
    assert one.values[column] == list(dict.fromkeys([*(["In the vault."] if "vault" in written else []), heard]))


LISTED = "<dsc><head>Box list</head><p>Of her illness.</p><drow><dentry>x</dentry></drow><c><did/></c></dsc>"


def test_what_stands_beside_components_is_reported_and_goes_with_the_collection() -> None:
    data = aid("<did><unittitle>A</unittitle></did><did><unittitle>B</unittitle></did>", LISTED)
    (rest,) = unmapped(read_one(reader(type="ead"), "a.xml", data))
    assert rest.filled == {"dsc/head": 1, "dsc/p": 1, "dsc/drow": 1, "did after the first": 1}
    (left,) = take_out(reader(type="ead"), {"a.xml": item("a.xml", data)}, "us-7").values()
    assert b"Of her illness" not in left.open().read()


@pytest.mark.parametrize(
    ("written", "makers", "reported"),
    [
        ("Smith, John and <persname>Doe</persname>", ["Doe"], True),
        ("<persname>Doe</persname>; <corpname>Elm</corpname>.", ["Doe", "Elm"], False),
        ("Smith, John", ["Smith, John"], False),
    ],
)
def test_makers_that_are_no_element_beside_some_that_are(written: str, makers: list[str], reported: bool) -> None:
    data = aid(f"<did><unittitle>A</unittitle><origination>{written}</origination></did>")
    found = read_one(reader(type="ead"), "a.xml", data)
    assert [one["name"] for one in records(found)[0].values["creators"]] == makers
    said = {name for one in [*unmapped(found), *records(found)] for name in getattr(one, "filled", None) or {}}
    assert ("did/origination: words beside its names" in said) == reported


ONE = "<ead><archdesc level='fonds'><did><unittitle>A</unittitle></did><dsc><c><did/></c></dsc></archdesc></ead>"


@pytest.mark.parametrize(
    ("data", "rows", "refused", "due"),
    [
        (f"<eadgrp>{ONE}{ONE}</eadgrp>", 4, 0, 4),
        (f"<eadgrp><archdescgrp>{ONE}{ONE}</archdescgrp></eadgrp>", 4, 0, 4),
        ("<OAI-PMH><error code='badArgument'/></OAI-PMH>", 0, 1, 1),
        ("<OAI-PMH><error code='noRecordsMatch'/></OAI-PMH>", 0, 0, 0),
        (f"<list>{ONE}<end/>{ONE}</list>", 4, 1, None),
        (f"<soap><body><records>{ONE}</records></body></soap>", 0, 1, None),
        (f"<results><result>{ONE}</result></results>", 0, 1, None),
        (f"<items><item>{ONE}</item></items>", 2, 0, 2),
        (f"<records><record>{ONE}{ONE}</record></records>", 2, 0, 4),
    ],
)
def test_what_is_counted_is_what_is_due(data: str, rows: int, refused: int, due: int | None) -> None:
    """A difference says that something is lost, as the second of two in one record; of what is refused with an unknown
    wrap only the reader knows how much it was.
    """
    made: Any = reader(type="ead")
    found = read_one(made, "a.xml", data.encode())
    assert (len(records(found)), len(rejects(found))) == (rows, refused)
    assert made.expected(Bundle("a.xml", (item("a.xml", data.encode()),))) == due


def test_what_is_written_of_a_digital_object_is_reported() -> None:
    caption = "<dao href='https://a.org/1'><daodesc><p>Seen from the quay</p></daodesc></dao>"
    data = aid("<did/>", f"<dsc><c><did>{caption}</did></c><c><did/>{caption}</c></dsc>")
    (rest,) = unmapped(read_one(reader(type="ead"), "a.xml", data))
    assert rest.filled == {"dao/daodesc": 2}


@pytest.mark.parametrize(
    "declared",
    [
        "<!ATTLIST c audience (internal|external) 'internal'>",
        "<!ATTLIST c level CDATA #IMPLIED audience CDATA #FIXED ' Internal '>",
        "<!ATTLIST dsc xlink:audience CDATA 'internal'>",
        "<!ENTITY % x \"<!ATTLIST c audience CDATA 'internal'>\"> %x;",
        "<!ENTITY % x \"audience CDATA 'internal'\"> <!ATTLIST c %x;>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_a_document_type_makes_internal_is_not_published(declared: str, encoding: str) -> None:
    """https://www.w3.org/TR/xml/#sec-attr-defaults: it holds for each element that says nothing itself."""
    if encoding == "utf-16" and "<!ATTLIST c %x" in declared:
        pytest.skip("a fault in UTF-16 is one that the reader refuses itself")
    body = aid("<did><unittitle>A</unittitle></did>", "<dsc><c><did/></c></dsc>").decode()
    body = body.partition("?>")[2] if body.startswith("<?xml") else body
    data = f"<?xml version='1.0' encoding='{encoding}'?><!DOCTYPE ead SYSTEM 'ead.dtd' [{declared}]>{body}".encode(
        encoding
    )
    found = read_one(reader(type="ead"), "a.xml", data)
    assert not records(found)
    [why] = rejects(found)
    assert why.reason == "audience_defaulted"
    assert "writes out each audience" in why.detail


@pytest.mark.parametrize(
    "declared",
    ["<!ATTLIST c audience (internal|external) 'external'>", "<!-- audience 'internal' --><!ATTLIST c x CDATA '1'>"],
)
def test_other_defaults_close_nothing(declared: str) -> None:
    body = aid("<did><unittitle>A</unittitle></did>", "<dsc><c><did/></c></dsc>").decode().rpartition("?>")[2]
    assert len(records(read_one(reader(type="ead"), "a.xml", f"<!DOCTYPE ead [{declared}]>{body}".encode()))) == 2


@pytest.mark.parametrize(
    ("level", "holder", "leaf"),
    [
        ("", "Collection", "Dataset"),
        ("level='otherlevel' otherlevel='Konvolut'", "Collection", "Dataset"),
        ("level='item'", "Dataset", "Dataset"),
        ("level='file'", "Collection", "Collection"),
    ],
)
def test_what_has_components_and_says_no_level_is_a_collection(level: str, holder: str, leaf: str) -> None:
    """DCMI: "an aggregation of resources". Of a thing that says nothing nobody knows what it is."""
    inner = f"<c {level}><did><unittitle>leaf</unittitle></did></c>"
    rows = components(f"<c {level}><did><unittitle>holder</unittitle></did>{inner}</c>")
    assert [(row.values["title"], row.values["type"]) for row in rows] == [("holder", holder), ("leaf", leaf)]
