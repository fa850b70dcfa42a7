"""Where a record of Dublin Core stands: at the root, in an envelope, in a list; and what is none."""

import gzip
from dataclasses import replace

import pytest

from biglam_pipeline.records import Bundle
from biglam_pipeline_tests.normalize.bundles import item, read_one, reader, reasons, records, rejects
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, bytes_of, take_out

NAMES = 'xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'


SRU = "<searchRetrieveResponse><version>1.1</version><numberOfRecords>2</numberOfRecords><records>"
END = "</records><extraResponseData/></searchRetrieveResponse>"


def dc(name: str, more: str = "") -> str:
    return f"<oai_dc:dc {NAMES}><dc:identifier>{name}</dc:identifier>{more}</oai_dc:dc>"


def oai(name: str, more: str = "") -> str:
    return f"<record><header><identifier>{name}</identifier></header><metadata>{dc('own', more)}</metadata></record>"


def ids(data: str | bytes, name: str = "a.xml") -> list[str]:
    found = read_one(reader(type="oai_dc"), name, data if isinstance(data, bytes) else data.encode())
    return [one.source_record_id for one in records(found)] + reasons(found)


@pytest.mark.parametrize(
    "data",
    [
        f"<OAI-PMH><responseDate/><ListRecords>{oai('1')}{oai('2')}</ListRecords></OAI-PMH>",
        f"<o:OAI-PMH xmlns:o='u'><o:ListRecords>{oai('1')}{oai('2')}</o:ListRecords></o:OAI-PMH>",
        f"<OAI-PMH><GetRecord>{oai('1')}</GetRecord></OAI-PMH><OAI-PMH><GetRecord>{oai('2')}</GetRecord></OAI-PMH>",
        f"<ListRecords>{oai('1')}{oai('2')}</ListRecords>",
        f"{oai('1')}\n{oai('2')}",
        f"<Repository><Identify/><ListMetadataFormats/><ListRecords>{oai('1')}{oai('2')}</ListRecords></Repository>",
        f"<Records>{oai('1')}{oai('2')}</Records>",  # metha-cat
        f"<collection>{oai('1')}{oai('2')}</collection>",  # VuFind's harvester
        f"<all>{dc('1')}{dc('2')}</all>",
        f"{dc('1')}{dc('2')}",
        f"<?xml version='1.0'?>{dc('1')}<?xml version='1.0'?>{dc('2')}",
        f"<export><records>{dc('1')}</records><records>{dc('2')}</records></export>",
        f"<records><record>{dc('1')}</record><record><metadata>{dc('2')}</metadata></record></records>",
        "<a><record><dc:identifier>1</dc:identifier></record><record><dc:identifier>2</dc:identifier></record></a>",
        f"{SRU}<record><recordData>{dc('1')}</recordData></record><record><recordData>{dc('2')}</recordData></record>{END}",
    ],
)  # fmt: skip
def test_two_records(data: str) -> None:
    assert ids(data) == ["1", "2"]


@pytest.mark.parametrize(
    "data",
    [
        f"<ead><eadheader/><archdesc><dao>{dc('1')}</dao></archdesc></ead>",
        f"<mets><dmdSec><mdWrap><xmlData>{dc('1')}</xmlData></mdWrap></dmdSec></mets>",
        f"<TEI><teiHeader><xenoData>{dc('1')}</xenoData></teiHeader></TEI>",
        f"<svg><metadata>{dc('1')}</metadata></svg>",
        f"<foxml><datastream><xmlContent>{dc('1')}</xmlContent></datastream></foxml>",
    ],
)
def test_a_piece_inside_another_format_is_no_record(data: str) -> None:
    """A finding aid with one Dublin Core block in it is not a list of one record."""
    assert ids(data) == ["not_dublin_core"]


def test_what_stands_in_a_list_and_is_no_record_is_a_reject() -> None:
    assert ids(f"<records>{dc('1')}<other/>{dc('2')}</records>") == ["1", "2", "not_dublin_core"]
    assert ids(f"<OAI-PMH><ListRecords>{oai('1')}<entry/></ListRecords></OAI-PMH>") == ["1", "header_missing"]
    assert ids(f"<OAI-PMH>{oai('1')}<Listrecords/></OAI-PMH>") == ["1", "header_missing"]


def test_an_oai_record_that_holds_records_of_its_own_is_one() -> None:
    marc = "<record xmlns='http://www.loc.gov/MARC21/slim'><leader/><record><leader/></record></record>"
    first = f"<record><header><identifier>1</identifier></header><metadata>{marc}</metadata></record>"
    found = read_one(
        reader(type="oai_dc"), "a", f"<OAI-PMH><ListRecords>{first}{oai('2')}</ListRecords></OAI-PMH>".encode()
    )
    assert [(one.reason, one.position) for one in rejects(found)] == [("not_dublin_core", "record 1")]
    assert [one.position for one in records(found)] == ["record 2"]


@pytest.mark.parametrize("first", [True, False])
def test_also_where_one_of_them_does_not_end(first: bool) -> None:
    marc = "<record><leader/></record>"
    open_one = f"<record><header><identifier>1</identifier></header><metadata>{marc}"
    whole = f"<record><header><identifier>2</identifier></header><metadata>{marc}</metadata></record>"
    both = open_one + whole if first else whole + open_one
    assert ids(f"<OAI-PMH><ListRecords>{both}{oai('3')}</ListRecords></OAI-PMH>") == [
        "3", *(("xml_cut", "not_dublin_core") if first else ("not_dublin_core", "xml_cut")),
    ]  # fmt: skip


def _list(*parts: str) -> str:
    return f"<OAI-PMH><ListRecords>{''.join(parts)}<resumptionToken>t</resumptionToken></ListRecords></OAI-PMH>"


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        (_list(oai("1"), oai("2")).replace("</ListRecords>", ""), ["1", "2"]),
        (_list(oai("1"), oai("2")).replace("</record>", ""), ["xml_cut", "xml_cut"]),
        (_list(oai("1"), oai("2"), oai("3")).replace("</record>", "", 1), ["2", "3", "xml_cut"]),
        (_list(oai("1"), oai("2").replace("own", "own</record>"), oai("3")), ["1", "3", "xml_cut"]),
        (_list(oai("1"), oai("2"), "</record></x>", oai("3")), ["1", "2", "3"]),
        (_list(oai("1"), "Notice: x in <b>a.php</b><br />", oai("2")), ["1", "2"]),
        (
            "<!DOCTYPE x [<!ENTITY e 'z'>]>" + _list(oai("1"), oai("2", "<dc:title>&e;</dc:title>")),
            ["1", "xml_refused"],
        ),
        (_list(oai("1"), "<!--" + oai("2") + "-->", oai("3")), ["1", "3"]),
        (_list(oai("1", "<dc:title><![CDATA[</record><record>]]></dc:title>"), oai("2")), ["1", "2"]),
        (_list(oai("1", "<dc:title a='>' b='/>'/>"), oai("2")), ["1", "2"]),
        (f"<all>{dc('1')}{dc('2').replace('</oai_dc:dc>', '')}{dc('3')}{dc('4')}</all>", ["1", "3", "4", "xml_cut"]),
        ("<all>" + dc("1").replace("</oai_dc:dc>", "") * 3, ["xml_cut"] * 3),
        (f"<oai:OAI-PMH><oai:ListRecords>{oai('1')}</oai:ListRecords></oai:OAI-PMH>", ["1"]),
    ],
)
def test_tags_that_are_missing_or_too_many(data: str, wanted: list[str]) -> None:
    """Each costs the record in which it is wrong, and no other."""
    assert ids(data) == wanted


def test_repairs_are_counted_with_the_record_that_needed_them() -> None:
    data = f"<OAI-PMH><ListRecords>{oai('1')}{oai('2', '<dc:title>R & D</dc:title>')}{oai('3')}</ListRecords></OAI-PMH>"
    found = records(read_one(reader(type="oai_dc"), "a", data.encode() + b"\nNotice: x"))
    assert [one.problems for one in found] == [(), ("xml: bare ampersand",), ("xml: text after the document",)]


def test_the_charset_of_the_server_is_used() -> None:
    data = dc("1", "<dc:title>Łódź</dc:title>").encode("iso8859-2")
    one = replace(item("a.xml", data), media_type="text/xml; charset=iso-8859-2")
    found = list(reader(type="oai_dc").read(Bundle("a.xml", (one,)), {}))
    assert records(found)[0].values["title"] == "Łódź"


# --- taking one out ---

PAGE = f"<OAI-PMH><ListRecords>{oai('1')}{oai('2', '<dc:title>secret é</dc:title>')}{oai('3')}</ListRecords></OAI-PMH>"


@pytest.mark.parametrize(
    "data",
    [
        PAGE.encode(),
        gzip.compress(PAGE.encode(), mtime=0),
        PAGE.encode("utf-16"),
        ("<?xml version='1.0' encoding='UTF-16'?>" + PAGE).encode("utf-16"),
        ("<?xml version='1.0' encoding='ISO-8859-1'?>" + PAGE).encode("latin-1"),
        PAGE.replace("<identifier>1", "<broken <identifier>1").encode(),
        PAGE.replace("</OAI-PMH>", "").encode(),
        b"Notice: x\n" + PAGE.replace("secret", "secret & <shelf:a/>").encode(),
        PAGE.replace("<record>", "<o:record xmlns:o='u'>").replace("</record>", "</o:record>").encode(),
        PAGE.replace("<OAI-PMH><ListRecords>", "<records>").replace("</ListRecords></OAI-PMH>", "</records>").encode(),
    ],
)
def test_a_record_goes_and_every_other_byte_stays(data: bytes) -> None:
    """Also from a page that no strict parser reads: a takedown must not wait for a better server."""
    made = reader(type="oai_dc")
    before = by_id(made, {"a": item("a", data)})
    left = take_out(made, {"a": item("a", data)}, "2")
    after = bytes_of(left["a"])
    after = gzip.decompress(after) if after.startswith(b"\x1f\x8b") else after
    assert b"secret" not in after
    assert "secret".encode("utf-16-le") not in after
    kept = by_id(made, left)
    assert kept.keys() == before.keys() - {"2"}
    assert [one.values for one in kept.values()] == [one.values for name, one in before.items() if name != "2"]


def test_every_other_byte_of_a_dirty_page_stays_as_it_came() -> None:
    data = b"Notice: x\n" + PAGE.replace("<identifier>1", "<broken <identifier>1").encode() + b"\n\x03 & z"
    after = bytes_of(take_out(reader(type="oai_dc"), {"a": item("a", data)}, "2")["a"])
    start = data.index(b"<record><header><identifier>2<")
    assert after.startswith(data[:start])
    assert after.endswith(data[data.index(b"</record>", start) + 9 :])


def test_of_a_file_that_is_one_record_nothing_is_left() -> None:
    assert take_out(reader(type="oai_dc"), {"a": item("a", dc("1").encode())}, "1") == {}
    left = take_out(reader(type="oai_dc"), {"a": item("a", (dc("1") + dc("2")).encode())}, "1")
    assert ids(bytes_of(left["a"])) == ["2"]
