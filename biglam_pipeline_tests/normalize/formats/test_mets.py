"""METS as descriptions: what it is of, in columns, whoever wrote it and however it comes."""

from typing import Any

import pytest

from biglam_pipeline.records import Bundle, Item
from biglam_pipeline.rights.recognise import recognise
from biglam_pipeline_tests.contracts.specimens import Specimen
from biglam_pipeline_tests.normalize.bundles import (
    deleted,
    item,
    read,
    read_one,
    reader,
    real_folder,
    reasons,
    records,
    rejects,
    unmapped,
)
from biglam_pipeline_tests.normalize.formats.test_blanking import by_id, bytes_of, take_out
from biglam_pipeline_tests.normalize.formats.test_mods import page

OPEN = (
    '<mets:mets xmlns:mets="http://www.loc.gov/METS/" xmlns:mods="http://www.loc.gov/mods/v3" '
    'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dv="http://dfg-viewer.de/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"{}>'
)


def section(name: str, inner: str, kind: str = "MODS", label: str = "") -> str:
    body = f"<mods:mods>{inner}</mods:mods>" if kind == "MODS" else inner
    return (
        f'<mets:dmdSec ID="{name}"><mets:mdWrap MDTYPE="{kind}" LABEL="{label}"><mets:xmlData>{body}</mets:xmlData>'
        "</mets:mdWrap></mets:dmdSec>"
    )


def title(text: str, more: str = "") -> str:
    return f"<mods:titleInfo><mods:title>{text}</mods:title></mods:titleInfo>{more}"


def rights(inner: str) -> str:
    wrapped = f"<mets:mdWrap><mets:xmlData><dv:rights>{inner}</dv:rights></mets:xmlData></mets:mdWrap>"
    return f"<mets:amdSec><mets:rightsMD>{wrapped}</mets:rightsMD></mets:amdSec>"


def div(type_: str, *inner: str, dmd: str = "", label: str = "") -> str:
    described = f' DMDID="{dmd}"' if dmd else ""
    return f'<mets:div TYPE="{type_}" LABEL="{label}"{described}>{"".join(inner)}</mets:div>'


def mets(sections: str, *divisions: str, more: str = "", root: str = "", kind: str = "LOGICAL") -> str:
    maps = f'<mets:structMap TYPE="{kind}">{"".join(divisions)}</mets:structMap>' if divisions else ""
    return f"{OPEN.format(root)}{sections}{more}{maps}</mets:mets>"


RECORD = "<mods:recordInfo><mods:recordIdentifier>PPN{}</mods:recordIdentifier></mods:recordInfo>"
VOLUME = mets(
    section("W", title("The work", RECORD.format(1) + "<mods:genre>atlas</mods:genre>"))
    + section("V", title("Volume two", RECORD.format(2))),
    div("multivolume_work", div("volume", div("chapter", dmd="C"), dmd="V"), dmd="W"),
    more=rights("<dv:owner>SLUB</dv:owner><dv:license>cc-by-sa</dv:license>"),
)
SPECIMEN = Specimen(
    {
        "page.xml": page(VOLUME, "<dc/>"),
        "one.xml": mets(section("D", title("Alone")), root=' OBJID="o-1"').encode(),
        "cut.xml": mets(section("D", title("Cut"))).encode()[:-30],
    },
    records=2,
    version=5,
    digest="af49def613900ac8",
)


def expected(made: Any, files: dict[str, Item]) -> int | None:
    found = made.expected(Bundle("b", tuple(files.values())))
    assert found is None or isinstance(found, int)
    return found


def test_how_many_there_should_be() -> None:
    """Rows, tombstones and rejects together, counted by expat."""
    files = {name: item(name, data) for name, data in SPECIMEN.files.items() if name != "cut.xml"}
    files["b.xml"] = item("b.xml", b"<alto/>")
    made = reader(type="mets")
    found = read(made, files)
    assert len(records(found)) + len(deleted(found)) + len(rejects(found)) == expected(made, files) == 5


def values_of(data: str) -> dict[str, Any]:
    (record,) = records(read_one(reader(type="mets"), "a.xml", data.encode()))
    return {name: value for name, value in record.values.items() if name not in ("raw_record", "type")}


def test_a_volume_is_described_by_itself_and_then_by_its_work() -> None:
    found = read_one(reader(type="mets"), "page.xml", page(VOLUME))
    (record,) = records(found)
    assert record.source_record_id == "oai:a:1"
    assert record.values["title"] == "Volume two"
    assert record.values["genres"] == ["atlas"]
    assert record.values["rights_raw"] == ["cc-by-sa"]
    assert len(deleted(found)) == 1


def test_a_work_of_many_volumes_is_of_none_of_them() -> None:
    """And needs no physical structure, and no file."""
    volumes = [div("volume", '<mets:mptr xlink:href="v"/>', dmd=f"V{n}", label=f"V {n}") for n in (1, 2)]
    made = mets(
        section("W", title("The work")) + section("V1", title("One")) + section("V2", title("Two")),
        div("multivolume_work", *volumes, dmd="W"),
    )
    assert values_of(made)["title"] == "The work"


def test_of_two_sections_of_a_division_the_print_s_counts() -> None:
    made = mets(
        section(
            "E",
            "<mods:originInfo><mods:dateIssued>2014</mods:dateIssued></mods:originInfo>",
            label="electronic version",
        )
        + section("P", title("T", "<mods:originInfo><mods:dateIssued>1554</mods:dateIssued></mods:originInfo>")),
        div("monograph", dmd="E P"),
    )
    assert (values_of(made)["title"], values_of(made)["date_raw"]) == ("T", ["1554"])


def test_a_description_that_no_division_names_is_of_the_whole() -> None:
    assert values_of(mets(section("D", title("Unlinked"))))["title"] == "Unlinked"


def test_mets_2_is_read_alike() -> None:
    """https://www.loc.gov/standards/mets/mets2.html has `md` for dmdSec, and sections around the structure maps."""
    record = f"<mdWrap><xmlData><mods:mods>{title('Two')}</mods:mods></xmlData></mdWrap>"
    made = (
        '<mets xmlns="http://www.loc.gov/METS/v2" xmlns:mods="http://www.loc.gov/mods/v3"><mdSec><mdGrp>'
        f'<md ID="D" USE="DESCRIPTIVE">{record}</md><md USE="RIGHTS"><mdWrap><xmlData><rights>CC0</rights></xmlData>'
        '</mdWrap></md></mdGrp></mdSec><structSec><structMap TYPE="LOGICAL">'
        '<div TYPE="monograph" MDID="D"/></structMap></structSec></mets>'
    )
    assert values_of(made) == {"title": "Two", "genres": ["monograph"], "rights_raw": ["CC0"]}


def test_dublin_core_is_read_too_and_what_else_there_is_reported() -> None:
    made = mets(
        section("D", "<dc:title>In DC</dc:title><dc:creator>Ames</dc:creator><dc:rights>CC0</dc:rights>", "DC")
        + section("M", "<record/>", "MARC"),
        div("monograph", dmd="D M"),
    )
    found = read_one(reader(type="mets"), "a.xml", made.encode())
    (record,) = records(found)
    assert (record.values["title"], record.values["creators"]) == ("In DC", ["Ames"])
    assert record.values["rights_raw"] == ["CC0"]
    assert unmapped(found)[0].filled == {"dmdSec/MARC": 1}


def test_a_label_and_a_link_are_taken_where_nothing_else_says_it() -> None:
    links = "<mets:digiprovMD><mets:mdWrap><mets:xmlData><dv:links><dv:presentation>https://a.org/1</dv:presentation>"
    links = f"<mets:amdSec>{links}</dv:links></mets:xmlData></mets:mdWrap></mets:digiprovMD></mets:amdSec>"
    found = values_of(mets("", div("map", label="Labelled"), more=links, root=' OBJID="o-1"'))
    assert found == {"title": "Labelled", "genres": ["map"], "identifiers": ["o-1"], "source_url": "https://a.org/1"}


@pytest.mark.parametrize(
    ("code", "tier"),
    [
        *(("pdm", "pd"), ("cc0", "pd"), ("cc-by", "by"), ("cc-by-sa", "sa"), ("cc-by-nd", "nd"), ("cc-by-nc", "nc")),
        *(("cc-by-nc-sa", "nc"), ("cc-by-nc-nd", "nd"), ("reserved", "closed")),
    ],
)
def test_every_code_of_the_dfg_s_licences(code: str, tier: str) -> None:
    """METS-Anwendungsprofil für digitalisierte Medien 2.3.1, dv:license; the table has each as `dfg:CODE`."""
    found = values_of(mets("", div("map"), more=rights(f"<dv:license>{code}</dv:license>")))["rights_raw"]
    assert found[0] == code
    assert recognise(found[-1]).tier == recognise(f"dfg:{code}").tier == tier


def test_a_condition_of_a_part_is_heard_and_what_is_not_shared_is_kept_back() -> None:
    secret = '<mods:note shareable="no">Secret</mods:note><mods:accessCondition>In copyright</mods:accessCondition>'
    made = mets(section("D", title("T")) + section("C", title("Part", secret)), div("monograph", dmd="D"))
    (record,) = records(read_one(reader(type="mets"), "a.xml", made.encode()))
    assert record.values["rights_raw"] == ["In copyright"]
    assert "Secret" not in repr(record)


def test_what_a_mets_is_called() -> None:
    """By the catalogue, else by itself, else by its file; never by what all issues of a newspaper share."""
    shared = title("T", '<mods:identifier type="newspaper">0002647</mods:identifier>')
    named = {
        "a/1.xml": mets(section("D", shared)).encode(),
        "a/2.xml": mets(section("D", shared), root=' OBJID="o-2"').encode(),
        "a/3.xml": mets(section("D", title("T", RECORD.format(3)))).encode(),
    }
    found = read(reader(type="mets"), {name: item(name, data) for name, data in named.items()})
    assert [one.source_record_id for one in records(found)] == ["a/1.xml", "o-2", "PPN3"]


def test_taking_one_down_leaves_its_neighbours() -> None:
    files: dict[str, Item] = {"page.xml": item("page.xml", page(VOLUME, mets(section("D", title("Two")))))}
    made = reader(type="mets")
    left = take_out(made, files, "oai:a:1")
    assert b"Volume two" not in bytes_of(left["page.xml"])
    assert list(by_id(made, left)) == ["oai:a:2"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "not_xml"),
        (b"<mets", "not_xml"),
        (mets(section("D", title("T"))).encode()[:-20], "xml_cut"),
        (b"<alto/>", "not_mets"),
        (b'<!DOCTYPE mets [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;">]><mets>&b;</mets>', "xml_refused"),
        (b"%PDF-1.4", "not_xml"),
    ],
)
def test_what_is_spoiled_is_a_reject(data: bytes, reason: str) -> None:
    found = read_one(reader(type="mets"), "a.xml", data)
    assert not records(found)
    assert reasons(found) == [reason]


def test_an_empty_mets_is_a_row_of_a_file() -> None:
    (record,) = records(read_one(reader(type="mets"), "a.xml", b"<mets/>"))
    assert record.source_record_id == "a.xml"


@pytest.mark.parametrize(("folder", "number"), [("mets", 11), ("oai-pmh/ocrd-oai-mets", 2), ("mets-alto", 3)])
def test_real_mets(folder: str, number: int) -> None:
    files = {
        name: one
        for name, one in real_folder(folder, "**/*.xml").items()
        if b":mets" in bytes_of(one)[:2000] or b"<mets" in bytes_of(one)[:2000]
    }
    made = reader(type="mets")
    found = read(made, files)
    assert len(records(found)) == expected(made, files) == number
    assert not rejects(found)
    titled = [one for one in records(found) if one.values.get("title")]
    assert len(titled) == number - (folder == "oai-pmh/ocrd-oai-mets"), "the Kant of OCR-D has an identifier alone"


def test_real_rights_and_dates() -> None:
    found = {
        one.source_record_id: one.values
        for one in records(read(reader(type="mets"), real_folder("mets", "**/PPN*.xml")))
    }
    assert found["PPN717884805"]["rights_raw"] == ["UNKNOWN"]
    assert found["PPN1737752050"]["rights_raw"] == ["Public Domain Mark 1.0"]
    assert {name: one.get("date_raw") for name, one in found.items()} == {
        "PPN1727545451": ["1853/1918"],
        "PPN1737752050": ["1885"],
        "PPN3348760607": None,
        "PPN717884805": ["1916/"],
        "PPN81844746X": ["1850/1852"],
        "PPN845990063": ["16XX/17XX"],
    }
