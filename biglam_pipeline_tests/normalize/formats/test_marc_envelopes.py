"""MARCXML and JSON as institutions send them, made up in their shape: SRU of BnF and DNB, OAI of Koha, lines."""

from typing import Any

from biglam_pipeline_tests.normalize.bundles import read_one, reader, reasons, records
from biglam_pipeline_tests.normalize.formats.marc_records import SLIM, Made, marc_json, marcxml, page

SMALL: Made = [("001", "b-2"), ("245", "00$aA list :$bof ships.")]


def cut(data: bytes) -> list[Any]:
    return read_one(reader(type="marc"), "a/file", data)


def test_a_collection_inside_a_record_of_sru() -> None:
    """The DNB packs the title and its holdings: the first is read, the others are counted."""
    inner = f"<collection>{marcxml(SMALL)}{marcxml([('001', 'h')])}</collection>"
    sru = f"<searchRetrieveResponse><records><record><recordData>{inner}</recordData></record></records>"
    (record,) = records(cut(f"{sru}</searchRetrieveResponse>".encode()))
    assert record.source_record_id == "b-2"
    assert record.problems == ("marc: of a collection inside one record only the first is read",)


def test_marcxml_stands_in_all_its_envelopes() -> None:
    one = marcxml([("001", "1"), ("245", "00$aT")])
    for data in (
        one,
        f"<collection>{one}</collection>",
        f"<records>{one}</records>",
        f"<x:list xmlns:x='u'>{one}</x:list>",
    ):
        assert len(records(cut(data.encode()))) == 1


def test_marcxchange_of_the_bnf() -> None:
    """Says in `format` what its tags mean; 003 is the ARK of the record."""
    fields: Made = [
        ("001", "FRBNF301234"),
        ("003", "http://catalogue.bnf.fr/ark:/12148/cb301234"),
        ("200", "1 $aLes Fleurs du mal$bTexte imprimé$fpar Charles Baudelaire"),
        ("700", " |$311890582$aBaudelaire$bCharles$f1821-1867$4070"),
    ]
    one = marcxml(fields, "     cam  22        450 ", "mxc", ' format="Unimarc" type="Bibliographic"')
    one = one.replace(SLIM, "info:lc/xmlns/marcxchange-v2")
    sru = "<s:searchRetrieveResponse xmlns:s='http://www.loc.gov/zing/srw/'><s:records><s:record><s:recordData>"
    end = "</s:recordData><s:extraRecordData/></s:record></s:records></s:searchRetrieveResponse>"
    (record,) = records(cut(f"{sru}{one}{end}".encode()))
    assert (record.source_record_id, record.values["title"]) == ("FRBNF301234", "Les Fleurs du mal")
    assert record.values["source_url"] == "http://catalogue.bnf.fr/ark:/12148/cb301234"
    assert record.values["creators"] == [{"name": "Baudelaire, Charles, 1821-1867", "role": "aut"}]


def test_lines_of_json() -> None:
    """As HathiTrust and Solr exports have it: a record a line."""
    lines = b"\n".join(marc_json([("001", f"{number:09}"), *SMALL[1:]]) for number in range(3))
    assert [row.source_record_id for row in records(cut(lines))] == ["000000000", "000000001", "000000002"]


def test_items_of_koha_in_oai() -> None:
    one = marcxml([*SMALL, ("952", "  $9 1$xdamaged$zpublic")], more=' xmlns:xsi="urn:x" xsi:schemaLocation="a b"')
    (record,) = records(cut(page(one)))
    assert record.source_record_id == "oai:a:1"
    assert "damaged" not in repr(record)
    assert "public" in record.values["raw_record"]


def test_a_collection_in_utf_16() -> None:
    one = marcxml([("001", "1"), ("245", "00$aÆ & B")], prefix="marc")
    data = f"<?xml version='1.0' encoding='UTF-16'?><marc:collection xmlns:marc='{SLIM}'>{one}</marc:collection>"
    (record,) = records(cut(data.encode("utf-16")))
    assert record.values["title"] == "Æ & B"


def test_a_record_of_solr_is_no_marc() -> None:
    assert reasons(cut(b"<response><result><doc><str>x</str></doc></result></response>")) == ["not_marc"]


def test_every_record_of_a_list_of_collections() -> None:
    """As harvesters join what they fetched, whatever the root is called; also with comments between."""
    one, two, three = (marcxml([("001", name), *SMALL[1:]]) for name in "123")
    for root in ("collections", "x", "export"):
        inner = f"<collection>{one}</collection><!-- c --><collection>{two}{three}</collection>"
        assert [row.source_record_id for row in records(cut(f"<{root}>{inner}</{root}>".encode()))] == ["1", "2", "3"]
