"""Dublin Core: pages of an OAI server as they really come, bare records, and files of many."""

import itertools
import time
from collections import Counter

import pytest

from biglam_pipeline.normalize.mapping.columns import read_value
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

SPECIMEN = Specimen(
    {
        "page-1.xml": (
            b'<?xml version="1.0"?><OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><ListRecords><record>'
            b"<header><identifier>oai:a:1</identifier><datestamp>2020-01-02</datestamp><setSpec>maps</setSpec></header>"
            b'<metadata><oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" '
            b'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title>Harbour</dc:title><dc:creator>Ames, F.</dc:creator>'
            b"<dc:date>1851</dc:date><dc:rights>CC0</dc:rights></oai_dc:dc></metadata></record><record>"
            b'<header status="deleted"><identifier>oai:a:2</identifier><datestamp>2020-01-03</datestamp></header>'
            b"</record><record><header><identifier>oai:a:3</identifier></header></record></ListRecords></OAI-PMH>"
        ),
        "bare.xml": (
            b'<dc xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:identifier>b1</dc:identifier><dc:title>Bare &amp; one'
            b"</dc:title></dc>"
        ),
    },
    records=2,
    version=7,
    digest="9b6ca5c724ba9809",
)

_DC = (
    '<oai_dc:dc xmlns:oai_dc="http://www.openarchives.org/OAI/2.0/oai_dc/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:dcterms="http://purl.org/dc/terms/">{}</oai_dc:dc>'
)
FULL = """<dc:title> A title </dc:title><dc:title>Its other title</dc:title><dc:creator>Doe, John</dc:creator>
<dc:contributor>Roe, Jane</dc:contributor><dc:subject>Maps</dc:subject><dc:subject>Maps</dc:subject>
<dc:description>One.</dc:description><dc:description>Two.</dc:description><dc:publisher>P</dc:publisher>
<dc:date>1848</dc:date><dc:type>still image</dc:type><dc:type>map</dc:type><dc:identifier>ark:/1/2</dc:identifier>
<dc:identifier>https://example.org/1</dc:identifier><dc:language>eng</dc:language><dc:coverage>Paris</dc:coverage>
<dc:rights>Public domain</dc:rights><dcterms:license>http://creativecommons.org/publicdomain/mark/1.0/</dcterms:license>
<dc:source>S</dc:source><dc:format>paper</dc:format>"""


def _record(identifier: str = "oai:x:1", inner: str = FULL, header: str = "") -> str:
    return (
        f"<record><header{header}><identifier>{identifier}</identifier><datestamp>2020-01-02</datestamp>"
        f"<setSpec>a</setSpec></header><metadata>{_DC.format(inner)}</metadata></record>"
    )


def _page(*records_: str, namespace: str = ' xmlns="http://www.openarchives.org/OAI/2.0/"') -> bytes:
    return f"<OAI-PMH{namespace}><ListRecords>{''.join(records_)}</ListRecords></OAI-PMH>".encode()


@pytest.mark.parametrize(
    ("said", "due"),
    [
        ("Image;", "StillImage"),
        ("Sound ; Text", "Sound"),
        ("photographs; Moving Image", "MovingImage"),
        ("map;", "Dataset"),
    ],
)
def test_a_type_among_others_in_one_element(said: str, due: str) -> None:
    """As CONTENTdm writes a field of several values."""
    found = records(read_one(reader(type="oai_dc"), "page", _page(_record(inner=f"<dc:type>{said}</dc:type>"))))
    assert [row.values.get("type") for row in found] == [due]
    assert found[0].values["genres"] == [said]


def test_line_ends_of_a_file_laid_out_for_the_eye_are_none_of_the_text() -> None:
    """Of a title they are blanks, of a description lines; a statement of rights stays as it is."""
    laid = "\n        "
    inner = (
        f"<dc:title>A{laid}title</dc:title><dc:contributor>Elm,{laid}Ann</dc:contributor><dc:rights>In{laid}copyright"
    )
    inner += (
        f"</dc:rights><dc:description>One{laid}two.\n{laid}Three.\nFour.</dc:description><dc:subject>A\nB</dc:subject>"
    )
    (record,) = records(read_one(reader(type="oai_dc"), "page", _page(_record(inner=inner))))
    assert record.values["title"] == "A title"
    assert record.values["creators"] == [{"name": "Elm, Ann", "role": "contributor"}]
    assert record.values["description"] == "One\ntwo.\n\nThree.\nFour."
    assert record.values["subjects"] == ["A\nB"]
    assert record.values["rights_raw"] == [f"In{laid}copyright"]


def test_every_term_goes_to_its_column() -> None:
    record = records(read_one(reader(type="oai_dc"), "page", _page(_record())))[0]
    values = {name: value for name, value in record.values.items() if name != "raw_record"}
    assert values == {
        "title": "A title",
        "title_alt": ["Its other title"],
        "creators": ["Doe, John", {"name": "Roe, Jane", "role": "contributor"}],
        "subjects": ["Maps"],
        "description": "One.\n\nTwo.",
        "publisher": "P",
        "date_raw": ["1848"],
        "genres": ["still image", "map"],
        "type": "StillImage",
        "identifiers": ["ark:/1/2", "https://example.org/1"],
        "source_url": "https://example.org/1",
        "languages": ["eng"],
        "spatial": ["Paris"],
        "rights_raw": ["Public domain", "http://creativecommons.org/publicdomain/mark/1.0/"],
    }
    assert (record.source_record_id, record.datestamp, record.position) == ("oai:x:1", "2020-01-02", "record 1")


@pytest.mark.parametrize("order", list(itertools.permutations(["title:One", "title:Two", "alternative:Other"])))
def test_every_further_title_is_kept_in_whatever_order_they_stand(order: tuple[str, ...]) -> None:
    spaces = {"title": "dc", "alternative": "dcterms"}
    terms = [one.split(":") for one in order]
    inner = "".join(f"<{spaces[name]}:{name}>{text}</{spaces[name]}:{name}>" for name, text in terms)
    values = records(read_one(reader(type="oai_dc"), "page", _page(_record(inner=inner))))[0].values
    first, second = [text for name, text in terms if name == "title"]
    assert (values["title"], values["title_alt"]) == (first, ["Other", second])


def test_the_raw_record_is_the_container_alone_and_the_same_whatever_wraps_it() -> None:
    made = reader(type="oai_dc")
    wrapped = records(read_one(made, "page", _page(_record())))[0].values["raw_record"]
    bare = records(read_one(made, "one.xml", _DC.format(FULL).encode()))[0].values["raw_record"]
    assert wrapped == bare
    assert wrapped.startswith("<oai_dc:dc")
    assert wrapped.endswith("</oai_dc:dc>")


def test_what_is_not_read_is_reported() -> None:
    found = read_one(reader(type="oai_dc", map={"extent": "dc:format"}), "page", _page(_record(), _record("b")))
    assert unmapped(found)[0].filled == {"source": 2}
    assert records(found)[0].values["extent"] == "paper"


def test_facts_of_the_header() -> None:
    made = reader(type="oai_dc", map={"collection": "$set", "extra": {"d": "$datestamp", "i": "$identifier"}})
    record = records(read_one(made, "page", _page(_record())))[0]
    assert (record.values["collection"], record.extra) == ("a", {"d": "2020-01-02", "i": "oai:x:1"})


@pytest.mark.parametrize("value", ["$rights", "dcterms:license", ["edm:rights/@rdf:resource", "dcterms:license"]])
def test_rights_of_each_record(value: str | list[str]) -> None:
    made = reader(type="oai_dc")
    found = read(made, {"page": item("page", _page(_record()))}, {"rights_from_0": read_value(value)})
    wanted = ["http://creativecommons.org/publicdomain/mark/1.0/"]
    values = records(found)[0].values
    assert values["rights_from_0"] == (["Public domain", *wanted] if value == "$rights" else wanted)
    assert values["rights_raw"] == ["Public domain", *wanted]  # what is not asked for is there all the same


def test_a_text_makes_it_a_text() -> None:
    made = reader(type="oai_dc", map={"text": "dc:description", "text_origin": {"const": "ocr"}})
    assert made.chosen_modality == "text"
    values = records(read_one(made, "page", _page(_record())))[0].values
    assert (values["text"], values["text_origin"], values["text_unit"]) == ("One.", "ocr", "document")
    assert "raw_record" not in values


def test_records_without_a_namespace_are_read() -> None:
    page = _page(_record(), namespace="").replace(b"oai_dc:dc", b"dc").replace(b"dc:title", b"title")
    assert records(read_one(reader(type="oai_dc"), "page", page))[0].values["title"] == "A title"


def test_a_namespace_that_is_no_uri_does_not_hurt() -> None:
    found = records(read_one(reader(type="oai_dc"), "a.xml", b'<dc xmlns="dc"><title>A</title></dc>'))
    assert found[0].values["title"] == "A"
    assert found[0].values["raw_record"] == '<dc xmlns="dc"><title>A</title></dc>'


def test_many_bare_records_in_one_file() -> None:
    data = f"<all>{_DC.format(FULL)}{_DC.format('<dc:title>B</dc:title>')}</all>".encode()
    found = records(read_one(reader(type="oai_dc"), "many.xml", data))
    assert found[0].source_record_id == "ark:/1/2"
    assert found[1].source_record_id.startswith("many.xml#")
    assert [record.position for record in found] == ["record 1", "record 2"]


def test_equal_records_without_an_identifier_are_numbered() -> None:
    """Two records that say the same are two records; one that is put before them renames neither."""
    title, other = _DC.format("<dc:title>B</dc:title>"), _DC.format("<dc:title>A</dc:title>")
    found = records(read_one(reader(type="oai_dc"), "many.xml", f"<all>{title}{title}{other}{title}</all>".encode()))
    names = [record.source_record_id for record in found]
    assert names == [names[0], f"{names[0]}-2", names[2], f"{names[0]}-3"]
    again = records(read_one(reader(type="oai_dc"), "many.xml", f"<all>{other}{title}{title}{title}</all>".encode()))
    assert {record.source_record_id for record in again} == set(names)


def test_f40_what_cannot_be_read_is_a_reject_and_the_rest_goes_on() -> None:
    broken = [
        "<record><header><datestamp>2020</datestamp></header></record>",
        "<record><header><identifier>c</identifier></header></record>",
        '<record><header><identifier>d</identifier></header><metadata><mods xmlns="x"><a/></mods></metadata></record>',
        _record("e", header=' status="deleted"'),
    ]
    found = read_one(reader(type="oai_dc"), "page", _page(_record("a"), *broken, _record("b")))
    assert reasons(found) == ["identifier_missing", "not_dublin_core"]
    assert [one.position for one in rejects(found)] == ["record 2", "record 4"]
    assert [one.source_record_id for one in rejects(found)] == ["", "d"]
    assert [one.source_record_id for one in records(found)] == ["a", "b"]
    gone = [(one.source_record_id, one.datestamp, one.reason) for one in deleted(found)]
    assert gone == [("c", "", "metadata_missing"), ("e", "2020-01-02", "")]


def test_h15_of_a_page_that_was_cut_off_the_last_record_is_a_reject_with_its_place() -> None:
    found = read_one(reader(type="oai_dc"), "page", _page(_record(), _record("b"))[:-40])
    assert reasons(found) == ["xml_cut"]
    assert rejects(found)[0].position == "record 2"
    assert "byte 1" in rejects(found)[0].detail
    assert len(records(found)) == 1


def test_h15_a_page_that_was_cut_between_two_records_says_so() -> None:
    whole = _page(_record(), _record("b"))
    found = read_one(reader(type="oai_dc"), "page", whole[: whole.rindex(b"<record>")])
    assert [(one.reason, one.position) for one in rejects(found)] == [("xml_cut", "after record 1")]
    assert len(records(found)) == 1


def test_repairs_are_reported_once() -> None:
    page = b"PHP Notice: x\n" + b'<?xml version="1.0"?>' + _page(_record(), _record("b"))
    problems = [record.problems for record in records(read_one(reader(type="oai_dc"), "page", page))]
    assert problems == [("xml: text before the document",), ()]


@pytest.mark.parametrize(
    ("code", "wanted"), [("noRecordsMatch", []), ("badResumptionToken", ["oai_error"]), ("foo", ["oai_error"])]
)
def test_errors_of_the_server(code: str, wanted: list[str]) -> None:
    data = f'<OAI-PMH xmlns="http://www.openarchives.org/OAI/2.0/"><error code="{code}">x</error></OAI-PMH>'.encode()
    assert reasons(read_one(reader(type="oai_dc"), "page", data)) == wanted


def test_h43_markup_and_scripts_in_a_title_are_data() -> None:
    page = _page(_record(inner="<dc:title>&lt;script&gt;x&lt;/script&gt;</dc:title>"))
    assert records(read_one(reader(type="oai_dc"), "page", page))[0].values["title"] == "<script>x</script>"


# --- real pages ---------------------------------------------------------------------------------------------


def test_a_chain_of_four_pages_with_deletions() -> None:
    """Eight entries: four live, three deleted, and one that is deleted but does not say which it is."""
    items = real_folder("oai-pmh/sickle", "ListRecords*.xml")
    found = read(reader(type="oai_dc"), {name: one for name, one in items.items() if "Broken" not in name})
    assert Counter(type(one).__name__ for one in found) == {"Record": 4, "Deleted": 3, "Reject": 1, "Unmapped": 4}
    assert reasons(found) == ["identifier_missing"]
    assert {record.datestamp for record in records(found)} == {"2011-01-10T10:19:23Z"}
    assert [record.values["creators"] for record in records(found)] == [["John Doe"]] * 4


@pytest.mark.parametrize(
    ("folder", "name", "wanted"),
    [
        ("oai-pmh/sickle", "ListRecordsBroken.xml", {"not_xml": 1}),
        ("oai-pmh/sickle", "badArgument.xml", {"oai_error": 1}),
        ("oai-pmh/sickle", "noRecordsMatch.xml", {}),
        ("oai-pmh/sickle", "Identify.xml", {}),
        ("oai-pmh/vufindharvest", "list_records_response.xml", {"not_dublin_core": 1}),
        ("oai-pmh/dpla-oai", "oai-page.xml", {"not_dublin_core": 10}),
    ],
)
def test_real_pages_that_are_not_dublin_core(folder: str, name: str, wanted: dict[str, int]) -> None:
    found = read(reader(type="oai_dc"), real_folder(folder, name))
    assert Counter(reasons(found)) == wanted
    assert not records(found)


@pytest.mark.parametrize("status", ["deleted", " Deleted ", "DELETED"])
def test_a_tombstone_is_one_in_any_case_and_on_the_record(status: str) -> None:
    """Version 1.1 of the protocol marked the record and not its header; what is removed must not stay."""
    on_record = _record().replace("<record>", f'<record status="{status}">')
    for one in (on_record, _record(header=f' status="{status}"')):
        found = read_one(reader(type="oai_dc"), "page", _page(one))
        assert [gone.source_record_id for gone in deleted(found)] == ["oai:x:1"]
        assert not records(found)


@pytest.mark.parametrize(
    "more", ["<metadata>{}</metadata></record>", "</record>"], ids=["two metadata", "two records in one"]
)
def test_a_second_description_is_not_passed_over_in_silence(more: str) -> None:
    second = _DC.format("<dc:title>Another</dc:title>")
    twice = _record().replace("</record>", more.format(second))
    if more == "</record>":
        twice = _record().replace("</metadata>", second + "</metadata>")
    [record] = records(read_one(reader(type="oai_dc"), "page", _page(twice)))
    assert "metadata_repeated: only the first of several is read" in record.problems


@pytest.mark.parametrize(
    "inner",
    [
        "<dc:subject>Maps</dc:subject>" * 200_000,
        "<dc:title " + " ".join(f"a{n}='1'" for n in range(60_000)) + ">x</dc:title>",
    ],
    ids=["many subjects", "many attributes"],
)
def test_a_record_is_read_in_time_that_grows_with_it(inner: str) -> None:
    """Either took the square of its number: a million subjects stopped a source for hours."""
    start = time.process_time()
    assert len(records(read_one(reader(type="oai_dc"), "page", _page(_record(inner=inner))))) == 1
    assert time.process_time() - start < 10
